"""What a program makes of a file that we wrote, and how far that is from what was to be written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from engine.formats.comparison import matched
from engine.formats.scene import ReadBack

EVERY = 10  # frames that a judge looks at: each tenth
MOST_MM = 0.1
_MOST_RATE = 1e-4  # of the rate: programs keep it in single precision, or in whole frames and a base
_MOST_FACING_DEG = 0.1


@dataclass(frozen=True, eq=False)
class Account:
    """What a judge found.

    Attributes:
        joints: Names of what it takes for joints.
        roots: Names of those that hang on no other joint.
        positions_m: Of the joints in the world, y up, in every tenth frame, [K, J, 3].
        rest_m: Of the joints in the rest pose, [J, 3]; None where it knows none.
        frame_rate_hz: None where it knows none.
        n_frames: From the first key to the last.
        top_m: How high the body reaches in the rest pose above the lowest point of it; None where it knows none.
        faults: What it objects to by itself.
    """

    joints: tuple[str, ...]
    roots: tuple[str, ...]
    positions_m: np.ndarray
    rest_m: np.ndarray | None
    frame_rate_hz: float | None
    n_frames: int
    top_m: float | None = None
    faults: tuple[str, ...] = ()


@dataclass(frozen=True)
class Verdict:
    """How an account differs from what was to be written.

    Attributes:
        position_mm: The largest error of a joint's place; None where the judge does not look at places.
        faults: What else is wrong, by name.
    """

    position_mm: float | None
    faults: tuple[str, ...] = ()

    @property
    def agrees(self) -> bool:
        """Whether nothing is wrong."""
        return not self.faults and (self.position_mm is None or self.position_mm <= MOST_MM)


def looked_at(n_frames: int) -> np.ndarray:
    """The frames that a judge looks at, from 0."""
    return np.arange(0, n_frames, EVERY)


def verdict_on(account: Account, wanted: ReadBack, top_m: float | None = None) -> Verdict:
    """An account of one dancer held against what was to be written; `top_m` is the height of her body."""
    dancer = wanted.performers[0]
    order = matched(account.joints, dancer.joints)
    if order is None:
        missing = [name for name in dancer.joints if matched(account.joints, [name]) is None]
        return Verdict(None, (*account.faults, f"joints missing: {', '.join(missing)}"))
    faults = list(account.faults)
    if len(account.roots) != 1:
        faults.append(f"roots: {', '.join(account.roots) or 'none'}")
    if account.n_frames != wanted.n_frames:
        faults.append(f"frames: {account.n_frames}, not {wanted.n_frames}")
        return Verdict(None, tuple(faults))
    rate = account.frame_rate_hz
    if rate is not None and abs(rate / wanted.frame_rate_hz - 1.0) > _MOST_RATE:
        faults.append(f"rate: {rate:.4f}, not {wanted.frame_rate_hz:.4f}")
    found, right = account.positions_m[:, order], dancer.positions_m[looked_at(wanted.n_frames)]
    turned_deg = _facing_apart_deg(found, right, dancer.rest_positions_m)
    if not turned_deg <= _MOST_FACING_DEG:
        faults.append(f"facing: {turned_deg:.1f} degrees off")
    if account.rest_m is not None and dancer.rest_positions_m is not None:
        rest, right_rest = (p - p[0] for p in (account.rest_m[order], dancer.rest_positions_m))
        rest_mm = 1000.0 * _farthest(rest - right_rest)
        if not rest_mm <= MOST_MM:
            faults.append(f"rest pose: {rest_mm:.3f} mm off")
    if account.top_m is not None and top_m is not None and not abs(account.top_m - top_m) * 1000.0 <= MOST_MM:
        faults.append(f"height: {account.top_m:.4f} m, not {top_m:.4f} m")
    return Verdict(1000.0 * _farthest(found - right), tuple(faults))


def of_read_back(found: ReadBack) -> Account:
    """The account of one of our own independent readers."""
    dancer = found.performers[0]
    top = tuple(d.joints[0] for d in found.performers)
    return Account(
        dancer.joints, top, dancer.positions_m[looked_at(found.n_frames)], dancer.rest_positions_m,
        found.frame_rate_hz, found.n_frames,
    )  # fmt: skip


def height_m(points_m: np.ndarray) -> float:
    """From the lowest of points [N, 3] to the highest."""
    return float(np.ptp(points_m[:, 1]))


def roots_of(names: Sequence[str], parents: Sequence[int]) -> tuple[str, ...]:
    """The names of those without a parent."""
    return tuple(name for name, parent in zip(names, parents, strict=True) if parent < 0)


def _farthest(apart: np.ndarray) -> float:
    """The largest distance; what is not a number is as far as can be."""
    distance = np.linalg.norm(apart, axis=-1)
    return float(np.where(np.isfinite(distance), distance, np.inf).max())


def _facing_apart_deg(found: np.ndarray, right: np.ndarray, rest: np.ndarray | None) -> float:
    """How far a body is turned about the vertical: by the line between the joints farthest to the sides."""
    assert rest is not None
    left, other = int(np.argmax(rest[:, 0])), int(np.argmin(rest[:, 0]))
    across = [p[:, left, ::2] - p[:, other, ::2] for p in (found, right)]
    angle = [np.arctan2(a[:, 1], a[:, 0]) for a in across]
    is_clear = np.linalg.norm(across[1], axis=-1) > 0.2  # hands one over the other face nowhere
    turned = np.angle(np.exp(1j * (angle[0] - angle[1])))[is_clear]
    return float(np.degrees(np.abs(turned)).max()) if turned.size else 0.0
