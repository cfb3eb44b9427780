"""How far two accounts of one dance are apart: joint by joint, frame by frame, and between the frames."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from engine.formats.scene import FilmScene, PathAbove, Performer, ReadBack, ReadCurves, ReadPerformer
from engine.motion import quaternion, rotations
from engine.motion.kinematics import rest_transforms
from engine.motion.motion import Motion

BETWEEN_STEPS = 4  # moments looked at in each gap between two keys
SMOOTH_DEG = 1.0  # beyond, one sees it in slow motion
_BLOCK_FRAMES = 1024


@dataclass(frozen=True)
class Difference:
    """The largest differences that were found.

    Attributes:
        position_mm: Of a joint's place in the world.
        rotation_deg: Of a joint's turn in the world; None where one of the two has none.
        rest_mm: Of a joint's place in the rest pose; None where one of the two has none.
        between_deg: Of a curve that is drawn between its keys as the file holds it, and the shortest turn from
            one key to the next; None where the curves are not known.
        least_between_deg: What of that is due to the format: the same for the smoothest curves through these keys.
        curves: "quaternion" or the order of the angles of the curves that this is of; "" where they are not known.
        where: Joint and frame (from 0) of the largest difference of place.
        between_where: The same of the largest difference between keys.
        take: Name of the take that the largest difference of place is in; "" where there is one alone.
        trouble: Why nothing could be compared, a sentence each; empty where it could.
    """

    position_mm: float = 0.0
    rotation_deg: float | None = None
    rest_mm: float | None = None
    between_deg: float | None = None
    least_between_deg: float = 0.0
    curves: str = ""
    where: tuple[str, int] = ("", 0)
    between_where: tuple[str, int] = ("", 0)
    take: str = ""
    trouble: tuple[str, ...] = ()


def expected(
    scene: FilmScene, held: Callable[[Motion], Motion] = lambda motion: motion,
    named: Callable[[tuple[str, ...]], Sequence[str]] = list, has_root: bool = True, n_takes: int | None = None,
) -> ReadBack:  # fmt: skip
    """What a perfect reader would find in a file of the scene.

    Args:
        scene: What was to be written.
        held: How the format holds a motion; the identity, or a change of the axes of its joints.
        named: How the format writes the names of joints.
        has_root: Whether it holds the bone that a rig has on the floor, above the hips.
        n_takes: How many of the takes, from the first on, the file is to hold; all where None.
    """
    takes = scene.takes[:n_takes]
    names = tuple(take.name for take in takes)
    accounts = []
    for take in takes:
        found = []
        for i, (performer, motion) in enumerate(zip(scene.performers, take.motions, strict=True)):
            account = _as_found(performer, held(motion), named)
            path = take.above[i] if take.above else None
            is_rooted = has_root and performer.above is not None and performer.above.is_joint
            found.append(_with_root(account, performer, path) if is_rooted else account)
        accounts.append(
            ReadBack("the scene", scene.rate.hz, scene.start_frame, take.n_frames, tuple(found), takes=names)
        )
    return replace(accounts[0], others=tuple(accounts[1:]))


def _with_root(account: ReadPerformer, performer: Performer, path: PathAbove | None) -> ReadPerformer:
    """The account with the bone above its top joint before all others."""
    n_frames = len(account.positions_m)
    place_m = np.zeros((1, 3)) if path is None else path.positions_m
    turned = quaternion.IDENTITY[np.newaxis] if path is None else path.rotations
    assert performer.above is not None
    assert account.rotations is not None
    assert account.rest_positions_m is not None
    return replace(
        account, joints=(performer.above.name, *account.joints), parents=np.concatenate([[-1], account.parents + 1]),
        positions_m=np.concatenate(
            [np.broadcast_to(place_m, (n_frames, 3))[:, np.newaxis], account.positions_m], axis=1
        ),
        rotations=np.concatenate([np.broadcast_to(turned, (n_frames, 4))[:, np.newaxis], account.rotations], axis=1),
        rest_positions_m=np.concatenate([np.zeros((1, 3)), account.rest_positions_m]),
    )  # fmt: skip


def as_account(reader: str, motions: Sequence[Motion], names: Sequence[str]) -> ReadBack:
    """Motions of one rate, as a reader that found them in a file would give them; the longest one's frames count."""
    n_frames = max(motion.n_frames for motion in motions)
    found = tuple(
        _as_found(Performer(name, motion.skeleton), _held_to(motion, n_frames), list)
        for name, motion in zip(names, motions, strict=True)
    )
    return ReadBack(reader, motions[0].frame_rate_hz, None, n_frames, found)


def _held_to(motion: Motion, n_frames: int) -> Motion:
    """The motion with its last frame held up to a length."""
    frames = np.minimum(np.arange(n_frames), motion.n_frames - 1)
    return replace(
        motion, root_positions_m=motion.root_positions_m[frames], local_rotations=motion.local_rotations[frames]
    )


def _as_found(performer: Performer, motion: Motion, named: Callable[[tuple[str, ...]], Sequence[str]]) -> ReadPerformer:
    positions, turned = motion.global_transforms()
    rest, _ = rest_transforms(motion.skeleton)
    return ReadPerformer(
        performer.name, tuple(named(motion.skeleton.names)), motion.skeleton.parents, positions, turned, rest,
        0 if performer.mesh is None else len(performer.mesh.positions_m),
    )  # fmt: skip


def compared(found: ReadBack, wanted: ReadBack, *, has_own_axes: bool = False) -> Difference:
    """The largest differences of two accounts with as many takes, performers and frames.

    Args:
        found: From the file in question.
        wanted: What it is held against.
        has_own_axes: The two may give each joint other axes, as formats with and without rest rotations do:
            turns are then compared from the first frame on.
    """
    if len(found.others) != len(wanted.others):
        says = f"The one has {_takes(1 + len(found.others))}, the other {_takes(1 + len(wanted.others))}."
        return Difference(trouble=(says,))
    pairs = list(zip((found, *found.others), (wanted, *wanted.others), strict=True))
    worst = Difference()
    for number, (one, other) in enumerate(pairs):
        name = _take_name(wanted, number) if len(pairs) > 1 else ""
        worst = _worse(worst, _compared_take(one, other, has_own_axes, name))
    return worst


def _compared_take(found: ReadBack, wanted: ReadBack, has_own_axes: bool, name: str) -> Difference:
    """The same of one take; `name` is said where there are several."""
    where, trouble = f"{name}: the" if name else "The", []
    if len(found.performers) != len(wanted.performers):
        ones, others = dancers(len(found.performers)), dancers(len(wanted.performers))
        trouble.append(f"{where} one has {ones}, the other {others}.")
    if found.n_frames != wanted.n_frames:
        trouble.append(f"{where} one has {found.n_frames} frames, the other {wanted.n_frames}.")
    if trouble:
        return Difference(trouble=tuple(trouble))
    worst = Difference(take=name)
    for one, other in zip(found.performers, wanted.performers, strict=True):
        worst = _worse(worst, replace(_compared_performer(one, other, has_own_axes), take=name))
    return worst


def _take_name(account: ReadBack, number: int) -> str:
    """What a take is called; its number where it has no name."""
    name = account.takes[number] if number < len(account.takes) else ""
    return name or f"take {number + 1}"


def matched(found: Sequence[str], wanted: Sequence[str]) -> list[int] | None:
    """Where each wanted joint is among those found, as names or as names behind a prefix; None where one is missing."""
    at = {name: i for i, name in enumerate(found)}
    bare = {_bare(name): i for i, name in enumerate(found)}
    places = [at.get(name, bare.get(_bare(name))) for name in wanted]
    known = [place for place in places if place is not None]
    return known if len(known) == len(wanted) else None


def _bare(name: str) -> str:
    """A name without its prefix, in the letters that every format keeps."""
    return re.sub(r"[^A-Za-z0-9_]", "_", name.rpartition(":")[2])


def between_keys_deg(curves: ReadCurves) -> tuple[float, int, int]:
    """The largest angle between the curves as they are drawn from key to key and the shortest turn; joint, frame.

    Euler angles are drawn in straight lines from key to key, each apart; so are the four numbers of a quaternion, with
    the signs that the file has, by the programs that do it least well: others take the great circle.
    """
    if curves.kind == "quaternion":
        against = quaternion.dot(curves.values[:-1], curves.values[1:])
        frame, joint = np.unravel_index(np.argmin(against), against.shape) if against.size else (0, 0)
        if curves.drawn is None and against.size and against[frame, joint] < 0.0:
            return 180.0, int(joint), int(frame)
    worst = (0.0, 0, 0)
    for begin in range(0, len(curves.values) - 1, _BLOCK_FRAMES):
        values = curves.values[begin : begin + _BLOCK_FRAMES + 1]
        keys = _turns(values, curves.kind)
        for step in range(1, BETWEEN_STEPS):
            fraction = step / BETWEEN_STEPS
            drawn = (1.0 - fraction) * values[:-1] + fraction * values[1:]
            if curves.drawn is not None:
                drawn = curves.drawn[begin : begin + _BLOCK_FRAMES, step - 1]
            turned = _turns(drawn, curves.kind)
            angle = quaternion.angle_between(turned, quaternion.slerp(keys[:-1], keys[1:], fraction))
            frame, joint = np.unravel_index(np.argmax(angle), angle.shape)
            degrees = float(np.degrees(angle[frame, joint]))
            if degrees > worst[0]:
                worst = (degrees, int(joint), begin + int(frame))
    return worst


def least_between_deg(curves: ReadCurves) -> float:
    """The same for the smoothest spelling of the curves' own keys: near gimbal lock no spelling is straight."""
    if curves.kind == "quaternion":
        return between_keys_deg(ReadCurves(curves.kind, quaternion.unroll(curves.values)))[0]
    smooth = np.degrees(rotations.unrolled_euler(_turns(curves.values, curves.kind), curves.kind))
    return between_keys_deg(ReadCurves(curves.kind, smooth))[0]


def _turns(degrees: np.ndarray, order: str) -> np.ndarray:
    if order == "quaternion":
        return quaternion.normalize(degrees)
    return rotations.quaternion_from_euler(np.radians(degrees), order)


def _compared_performer(found: ReadPerformer, wanted: ReadPerformer, has_own_axes: bool) -> Difference:
    order = matched(found.joints, wanted.joints)
    if order is None:
        missing = [name for name in wanted.joints if matched(found.joints, [name]) is None]
        return Difference(trouble=(f"{wanted.name} lacks {_listed(missing)}.",))
    apart_m = _or_infinite(quaternion.length(found.positions_m[:, order] - wanted.positions_m))
    frame, joint = np.unravel_index(np.argmax(apart_m), apart_m.shape)
    worst = Difference(1000.0 * float(apart_m[frame, joint]), where=(wanted.joints[joint], int(frame)))
    if found.rotations is not None and wanted.rotations is not None:
        one, other = found.rotations[:, order], wanted.rotations
        if has_own_axes:
            one, other = (quaternion.multiply(q, quaternion.conjugate(q[0])) for q in (one, other))
        worst = replace(worst, rotation_deg=float(np.degrees(_or_infinite(quaternion.angle_between(one, other)).max())))
    if found.rest_positions_m is not None and wanted.rest_positions_m is not None:
        # Where the rest pose stands is not part of it.
        rest, right = (p - p[0] for p in (found.rest_positions_m[order], wanted.rest_positions_m))
        worst = replace(worst, rest_mm=1000.0 * float(_or_infinite(quaternion.length(rest - right)).max()))
    if found.curves is not None:
        degrees, at, key = between_keys_deg(found.curves)
        worst = replace(worst, between_deg=degrees, curves=found.curves.kind, between_where=(found.joints[at], key))
        if degrees > SMOOTH_DEG:
            worst = replace(worst, least_between_deg=least_between_deg(found.curves))
    return worst


def _or_infinite(differences: np.ndarray) -> np.ndarray:
    """What is not a number is as far off as can be; compared as it stands it would be far off from nothing."""
    return np.where(np.isfinite(differences), differences, np.inf)


def _worse(a: Difference, b: Difference) -> Difference:
    """The larger of each difference."""
    far, between = max(a, b, key=lambda d: d.position_mm), max(a, b, key=lambda d: d.between_deg or 0.0)
    return Difference(
        far.position_mm, _larger(a.rotation_deg, b.rotation_deg), _larger(a.rest_mm, b.rest_mm),
        _larger(a.between_deg, b.between_deg), max(a.least_between_deg, b.least_between_deg),
        between.curves, far.where, between.between_where, far.take, a.trouble + b.trouble,
    )  # fmt: skip


def _larger(a: float | None, b: float | None) -> float | None:
    return max((x for x in (a, b) if x is not None), default=None)


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names[:3]) + (f" and {len(names) - 3} more joints" if len(names) > 3 else "")


def _takes(n: int) -> str:
    return "1 take" if n == 1 else f"{n} takes"


def dancers(n: int) -> str:
    """ "1 dancer", "2 dancers"."""
    return "1 dancer" if n == 1 else f"{n} dancers"
