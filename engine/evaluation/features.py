"""Hand-made feature vectors of a dance, and distances between sets of dances in their space.

For comparison with papers. They disagree with human judges (Tseng et al. 2023, "EDGE"), so they decide nothing.
"""

from __future__ import annotations

import numpy as np

from engine.motion import house
from engine.motion.motion import Motion
from engine.motion.resample import resampled

RATE_HZ = 60.0
# The order of joints in SMPL, on which the published features are laid out.
_BOTH = ("Left", "Right")
_SMPL_24 = [
    "Hips", *(s + "UpLeg" for s in _BOTH), "Spine", *(s + "Leg" for s in _BOTH), "Spine1",
    *(s + "Foot" for s in _BOTH), "Spine2", *(s + "ToeBase" for s in _BOTH), "Neck",
    *(s + "Shoulder" for s in _BOTH), "Head", *(s + "Arm" for s in _BOTH), *(s + "ForeArm" for s in _BOTH),
    *(s + "Hand" for s in _BOTH), *(s + "FingerBase" for s in _BOTH),
]  # fmt: skip
_ORDER = [house.JOINT[name] for name in _SMPL_24]
_WINDOW = 2
# The lengths by which the geometric features scale, on the house skeleton where the public code has SMPL's:
# upper arm 0.275 m (0.256), shoulder width 0.350 m (0.391), hip width 0.180 m (0.119).
_UPPER_ARM_M, _SHOULDERS_M, _HIPS_M = 0.275, 0.350, 0.180
# The public code takes a frame for 1/120 s although it is given 60 fps: its speed thresholds act halved.
_GEOMETRIC_FRAME_S = 1 / 120


def kinetic_features(motion: Motion, *, legacy: bool = False) -> np.ndarray:
    """Kinetic features at 60 fps, [72]: for each joint horizontal energy, vertical energy, expenditure.

    Onuma, Faloutsos & Hodgins 2008, "FMDistance", as fairmotion and AIST++ compute them: means over frames
    of squared horizontal and vertical velocity, (m/s)^2, and of the length of acceleration, m/s^2, each
    smoothed over five frames.

    With `legacy`, the published code's slip is repeated, which divides only the previous position by the
    time step, so that the third value mostly measures the distance from where the root began: needed to
    compare with published numbers, useless for anything else.
    """
    positions = resampled(motion, RATE_HZ).positions_m()[:, _ORDER]
    if len(positions) < 3:
        return np.zeros(3 * len(_ORDER))
    positions = positions - positions[:1, :1]
    steps = np.diff(positions, axis=0)
    velocity = _window_means(steps, len(steps), 0) * RATE_HZ
    previous = positions[1:-1] - positions[:-2] * RATE_HZ if legacy else steps[:-1] * RATE_HZ
    acceleration = _window_means((steps[1:] * RATE_HZ - previous) * RATE_HZ, len(steps), 0)
    horizontal = np.square(velocity[..., [0, 2]]).sum(axis=-1).mean(axis=0)
    vertical = np.square(velocity[..., 1]).mean(axis=0)
    expenditure = np.linalg.norm(acceleration, axis=-1).mean(axis=0)
    return np.stack([horizontal, vertical, expenditure], axis=-1).ravel()


def _window_means(x: np.ndarray, n: int, offset: int) -> np.ndarray:
    """Means of `x` [m, ...] over windows of five centred on rows offset .. offset + n - 1, cut at the ends."""
    sums = np.concatenate([np.zeros((1, *x.shape[1:])), np.cumsum(x, axis=0)])
    rows = np.arange(n) + offset
    low, high = np.clip(rows - _WINDOW, 0, len(x)), np.clip(rows + _WINDOW + 1, 0, len(x))
    counts = np.maximum(high - low, 1).reshape(-1, *[1] * (x.ndim - 1))
    return (sums[high] - sums[low]) / counts


def geometric_features(motion: Motion, *, legacy: bool = False) -> np.ndarray:
    """Geometric features at 60 fps, [32]: the share of frames in which each of 32 relations holds.

    Mueller, Roeder & Clausen 2005, "Efficient content-based retrieval of motion capture data", in the
    selection of fairmotion and AIST++. Lengths are those of the house skeleton. With `legacy`, the four
    kinds of relative speed are measured as the published code does, which ignores the joint it is given
    as the moving one.
    """
    p = resampled(motion, RATE_HZ).positions_m()
    if len(p) < 2:
        return np.zeros(32)
    return np.stack(_relations(p, legacy), axis=-1).astype(float).mean(axis=0)


def _relations(p: np.ndarray, legacy: bool) -> list[np.ndarray]:
    """The 32 relations, each bool [T - 1], in the published order."""
    arm, now, before = _UPPER_ARM_M, p[1:], p[:-1]
    lowest = now[..., 1].min(axis=-1)

    def at(name: str, frames: np.ndarray = now) -> np.ndarray:
        return frames[:, house.JOINT[name]]

    def moves(a: str, b: str, c: str, d: str, limit: float) -> np.ndarray:
        # Speed of d seen from c along the direction from a to b; the published code takes c seen from a.
        seen_from, mover = (a, c) if legacy else (c, d)
        change = (at(mover) - at(seen_from)) - (at(mover, before) - at(seen_from, before))
        return _along(at(b) - at(a), change) / _GEOMETRIC_FRAME_S > limit

    def moves_out(a: str, b: str, c: str, mover: str, limit: float) -> np.ndarray:
        normal = np.cross(at(c) - at(a), at(b) - at(a))
        change = (at(mover) - at(a)) - (at(mover, before) - at(a, before))
        return _along(normal, change) / _GEOMETRIC_FRAME_S > limit

    def above_plane(a: str, b: str, c: str, point: str, limit: float) -> np.ndarray:
        return _along(np.cross(at(c) - at(a), at(b) - at(a)), at(point) - at(a)) > limit

    def beyond(a: str, b: str, start: str, point: str, limit: float) -> np.ndarray:
        return _along(at(b) - at(a), at(point) - at(start)) > limit

    def bent(a: str, b: str, c: str, d: str, least: float, most: float) -> np.ndarray:
        return _angle_within(at(b) - at(a), at(d) - at(c), least, most)

    def fast(name: str, limit: float) -> np.ndarray:
        return np.linalg.norm(at(name) - at(name, before), axis=-1) / _GEOMETRIC_FRAME_S > limit

    def each(name: str) -> list[str]:
        return ["Right" + name, "Left" + name]

    (r_hip, l_hip), (r_hand, l_hand), (r_foot, l_foot) = each("UpLeg"), each("Hand"), each("Foot")
    up = np.broadcast_to([0.0, 1.0, 0.0], (len(now), 3))
    return [
        moves_out("Neck", r_hip, l_hip, r_hand, 1.8 * arm),
        moves_out("Neck", l_hip, r_hip, l_hand, 1.8 * arm),
        *(beyond("Spine2", "Neck", "Neck", hand, 0.2 * arm) for hand in each("Hand")),
        *(moves("Spine", "Spine2", "Spine2", hand, 1.8 * arm) for hand in each("Hand")),
        *(bent(s + "ForeArm", s + "Arm", s + "ForeArm", s + "Hand", 0, 110) for s in ("Right", "Left")),
        beyond("LeftArm", "RightArm", l_hand, r_hand, 2.5 * _SHOULDERS_M),
        moves(l_hand, r_hand, r_hand, l_hand, 1.4 * arm),
        moves(r_hand, "Hips", l_hand, "Hips", 1.4 * arm),
        moves(l_hand, "Hips", r_hand, "Hips", 1.4 * arm),
        *(fast(hand, 2.5 * arm) for hand in each("Hand")),
        above_plane("Hips", l_hip, "LeftToeBase", r_foot, 0.38 * arm),
        above_plane("Hips", r_hip, "RightToeBase", l_foot, 0.38 * arm),
        *(at(foot)[:, 1] - lowest > 1.2 * arm for foot in each("Foot")),
        beyond(l_hip, r_hip, l_foot, r_foot, 2.1 * _HIPS_M),
        *(bent(s + "Leg", s + "UpLeg", s + "Leg", s + "Foot", 0, 110) for s in ("Right", "Left")),
        *(fast(foot, 2.5 * arm) for foot in each("Foot")),
        *(bent("Neck", "Hips", s + "Arm", s + "ForeArm", 25, 180) for s in ("Right", "Left")),
        *(bent("Neck", "Hips", s + "UpLeg", s + "Leg", 50, 180) for s in ("Right", "Left")),
        above_plane(r_foot, "Neck", l_foot, "Hips", 0.5 * arm),
        _angle_within(at("Hips") - at("Neck"), up, 70, 110),
        *(at(hand)[:, 1] - lowest < 1.2 * arm for hand in each("Hand")),
        fast("Hips", 2.3 * arm),
    ]


def _along(direction: np.ndarray, vector: np.ndarray) -> np.ndarray:
    length = np.linalg.norm(direction, axis=-1)
    return np.sum(direction * vector, axis=-1) / np.where(length > 1e-12, length, 1.0)


def _angle_within(a: np.ndarray, b: np.ndarray, least_degrees: float, most_degrees: float) -> np.ndarray:
    sizes = np.linalg.norm(a, axis=-1) * np.linalg.norm(b, axis=-1)
    cosine = np.sum(a * b, axis=-1) / np.where(sizes > 1e-12, sizes, 1.0)
    angle = np.degrees(np.arccos(np.clip(cosine, -1.0, 1.0)))
    return (angle > least_degrees) & (angle < most_degrees)


# --- sets of dances --------------------------------------------------------------------------


def frechet_distance(features: np.ndarray, reference: np.ndarray) -> float:
    """FID between two sets of feature vectors, [N, D] and [M, D], z-scored by the reference.

    |m1 - m2|^2 + tr(S1 + S2 - 2 (S1 S2)^(1/2)) (Heusel et al. 2017). Features that are constant in
    the reference are left out, where public code divides by 1e-10. The trace of the root is that of the
    symmetric (S1^(1/2) S2 S1^(1/2))^(1/2), which exists for singular covariances too.

    With fewer vectors than dimensions the covariances are singular and the distance is biased upwards: of
    40 clips against a pool that contains them it is 10 to 17, not 0. Show the reference's distance from
    its own pool beside it, and take 200 clips or more.
    """
    a, b = _z_scored(features, reference)
    if a.shape[1] == 0:
        return 0.0
    cov_a, cov_b = np.atleast_2d(np.cov(a, rowvar=False)), np.atleast_2d(np.cov(b, rowvar=False))
    values, vectors = np.linalg.eigh(cov_a)
    root = (vectors * np.sqrt(np.maximum(values, 0.0))) @ vectors.T
    cross = np.sqrt(np.maximum(np.linalg.eigvalsh(root @ cov_b @ root), 0.0)).sum()
    means = np.square(a.mean(axis=0) - b.mean(axis=0)).sum()
    return float(max(means + np.trace(cov_a) + np.trace(cov_b) - 2.0 * cross, 0.0))


def diversity(features: np.ndarray, reference: np.ndarray) -> float:
    """Mean distance between pairs of `features` [N, D], z-scored by the reference [M, D].

    Report it over `diversity(reference, reference)`: nearer to 1 is better, more is not.
    """
    a, _ = _z_scored(features, reference)
    if len(a) < 2:
        return 0.0
    squares = np.square(a).sum(axis=-1)
    distances = np.sqrt(np.maximum(squares[:, np.newaxis] + squares - 2.0 * a @ a.T, 0.0))
    return float(distances.sum() / (len(a) * (len(a) - 1)))


def _z_scored(features: np.ndarray, reference: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    features, reference = np.asarray(features, dtype=float), np.asarray(reference, dtype=float)
    mean, spread = reference.mean(axis=0), reference.std(axis=0)
    varies = spread > 1e-9 * (1.0 + np.abs(mean))
    scale = spread[varies] + 1e-10
    return (features - mean)[:, varies] / scale, (reference - mean)[:, varies] / scale
