"""Whether a body goes through itself: capsules around the bones, and how deep those meet that must not.

Penetration of capsules stands in for that of meshes (Kim et al. 2025, "Skeleton2Stage", judge meshes); it is cheap and
needs the skeleton alone.
"""

from __future__ import annotations

import numpy as np

from engine.motion.house import JOINT
from engine.motion.motion import Motion
from engine.motion.resample import resampled

RATE_HZ = 30.0
# Nearer than this counts: flesh gives way, and captures of slim people on one house body touch lightly.
TOLERANCE_M = 0.02
#            from            to              radius in metres of the house body (1.70 m), flesh left out
_CAPSULES: dict[str, tuple[str, str, float]] = {
    "belly": ("Hips", "Spine1", 0.085),
    "chest": ("Spine1", "Neck", 0.095),
    "head": ("Neck", "Head", 0.08),
    **{f"{s} upper arm": (f"{s}Arm", f"{s}ForeArm", 0.04) for s in ("Left", "Right")},
    **{f"{s} forearm": (f"{s}ForeArm", f"{s}Hand", 0.035) for s in ("Left", "Right")},
    **{f"{s} hand": (f"{s}Hand", f"{s}FingerBase", 0.03) for s in ("Left", "Right")},
    **{f"{s} thigh": (f"{s}UpLeg", f"{s}Leg", 0.06) for s in ("Left", "Right")},
    **{f"{s} shin": (f"{s}Leg", f"{s}Foot", 0.045) for s in ("Left", "Right")},
}
_TRUNK = ("belly", "chest", "head")


def _pairs() -> list[tuple[str, str]]:
    """What must not meet: forearms and hands with the trunk, the thighs and each other, shins with each other."""
    out = [(f"{s} {part}", trunk) for s in ("Left", "Right") for part in ("forearm", "hand") for trunk in _TRUNK]
    out += [
        (f"{s} {part}", f"{t} thigh") for s in ("Left", "Right") for part in ("forearm", "hand") for t in
        ("Left", "Right")
    ]  # fmt: skip
    out += [(f"Left {a}", f"Right {b}") for a in ("forearm", "hand") for b in ("forearm", "hand", "upper arm")]
    out += [(f"Left {a}", f"Right {b}") for a, b in (("shin", "shin"), ("shin", "thigh"), ("thigh", "shin"))]
    return [*out, ("Left upper arm", "Right forearm"), ("Left upper arm", "Right hand")]


PAIRS = _pairs()
# Both radii together, [P], and the joint at which each part of a pair begins, [P] pairs of joint numbers.
PAIR_REACHES_M = np.array([_CAPSULES[a][2] + _CAPSULES[b][2] for a, b in PAIRS])
PAIR_JOINTS = tuple((JOINT[_CAPSULES[a][0]], JOINT[_CAPSULES[b][0]]) for a, b in PAIRS)


def self_collision(motion: Motion) -> float:
    """Share of frames at 30 fps, 0 to 1, in which two parts of the body are more than 2 cm inside each other."""
    return float((penetration_depths_m(motion) > TOLERANCE_M).any(axis=1).mean()) if motion.n_frames else 0.0


def penetration_depths_m(motion: Motion) -> np.ndarray:
    """How deep each of PAIRS is inside each other, metres, 0 where they are apart, [T, P], at 30 fps."""
    return depths_of_joints_m(resampled(motion, RATE_HZ).positions_m())


def depths_of_joints_m(positions: np.ndarray) -> np.ndarray:
    """The same of joints at positions [T, J, 3], frame by frame, [T, P]."""
    ends = {
        name: (positions[:, JOINT[a]], positions[:, JOINT[b]], radius) for name, (a, b, radius) in _CAPSULES.items()
    }
    first, second = ([ends[pair[i]] for pair in PAIRS] for i in (0, 1))
    starts, stops = (np.stack([e[i] for e in first], axis=1) for i in (0, 1))
    other_starts, other_stops = (np.stack([e[i] for e in second], axis=1) for i in (0, 1))
    return np.maximum(PAIR_REACHES_M - segment_distance_m(starts, stops, other_starts, other_stops), 0.0)


def segment_distance_m(a: np.ndarray, b: np.ndarray, c: np.ndarray, d: np.ndarray) -> np.ndarray:
    """Least distance between the segments from a to b and from c to d, all [..., 3].

    Ericson 2005, "Real-time collision detection", section 5.1.9.
    """
    u, v, w = b - a, d - c, a - c
    uu, vv, uv, uw, vw = ((x * y).sum(-1) for x, y in ((u, u), (v, v), (u, v), (u, w), (v, w)))
    tiny = 1e-12
    across = uu * vv - uv * uv
    s = np.clip(np.where(across > tiny, (uv * vw - uw * vv) / np.maximum(across, tiny), 0.0), 0.0, 1.0)
    t = np.where(vv > tiny, (uv * s + vw) / np.maximum(vv, tiny), 0.0)
    clipped = np.clip(t, 0.0, 1.0)
    again = np.where(uu > tiny, (uv * clipped - uw) / np.maximum(uu, tiny), 0.0)
    s = np.where((clipped == t) & (vv > tiny), s, np.clip(again, 0.0, 1.0))
    apart = w + s[..., np.newaxis] * u - clipped[..., np.newaxis] * v
    distance: np.ndarray = np.linalg.norm(apart, axis=-1)
    return distance
