"""Seams that do not show: motions joined, inertialised, and landed where they must end.

Inertialisation is Bollo 2016, "High performance animation in Gears of War 4" (SIGGRAPH Talks), and his
2018 GDC talk "Inertialization: high-performance animation transitions": rather than cross-fading two
motions, the difference in pose and velocity at the seam is measured once and decays along a quintic.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from engine.motion import quaternion
from engine.motion.motion import Motion, concatenate
from engine.motion.signals import smoothstep

_UP = np.array([0.0, 1.0, 0.0])


def inertialise(motion: Motion, seam_frame: int, blend_s: float) -> Motion:
    """The motion without a jump between frames `seam_frame - 1` and `seam_frame`.

    Frames before the seam keep every bit. From the seam on, pose and velocity start out as the frames
    before would have gone on, and reach the motion's own after `blend_s` seconds; the frames after that
    keep every bit too. A seam at the motion's first frame or beyond its last changes nothing.
    """
    n_after = motion.n_frames - seam_frame
    if seam_frame < 1 or n_after < 1:
        return motion
    blend = max(round(blend_s * motion.frame_rate_hz), 1)
    return _offset(motion, motion, seam_frame, 1, _decay(blend, min(blend, n_after)))


def seal(motion: Motion, start_frame: int, end_frame: int, blend_s: float) -> Motion:
    """The motion without jumps at either end of the segment [start_frame, end_frame).

    Only frames of the segment change: its beginning goes on from the frames before, its end goes over
    into the frames after, each offset dying away within `blend_s` seconds or, where frames lie on both
    sides, the segment's length.
    """
    n_frames = end_frame - start_frame
    if n_frames < 1:
        return motion
    blend = max(round(blend_s * motion.frame_rate_hz), 1)
    if start_frame > 0 and end_frame < motion.n_frames:
        # Each offset has died where the other begins, so neither spoils the other's seam.
        blend = min(blend, max(n_frames - 1, 1))
    decay = _decay(blend, min(blend, n_frames))
    if n_frames == 1 and start_frame > 0 and end_frame < motion.n_frames:
        decay = (0.5 * decay[0], decay[1])  # a single frame belongs to both seams
    sealed = motion
    if end_frame < motion.n_frames:
        sealed = _offset(sealed, motion, end_frame - 1, -1, decay)
    if start_frame > 0:
        sealed = _offset(sealed, motion, start_frame, 1, decay)
    return sealed


def join(before: Motion, after: Motion, blend_s: float, *, move: bool = False) -> Motion:
    """`before` and then `after`, inertialised at the seam. Only frames of `after` change.

    With `move`, `after` is first turned about the vertical and shifted over the floor so that it goes
    on from where `before` ends; otherwise it stays where it is. Both must share skeleton and rate.
    """
    if move and before.n_frames and after.n_frames:
        end = before.n_frames - 1
        turn = yaw_rad(before.local_rotations[end, 0]) - yaw_rad(after.local_rotations[0, 0])
        step = before.root_positions_m[end] - before.root_positions_m[max(end - 1, 0)]
        after = moved(after, 0, before.root_positions_m[end] + step, float(turn))
    return inertialise(concatenate([before, after]), before.n_frames, blend_s)


def moved(motion: Motion, pivot_frame: int, place_m: np.ndarray, turn_rad: float) -> Motion:
    """The whole motion turned about the vertical by `turn_rad` and shifted over the floor, heights kept,
    so that its root at `pivot_frame` stands over `place_m`, [3]."""
    rotation = quaternion.from_axis_angle(_UP, turn_rad)
    pivot = motion.root_positions_m[pivot_frame] * [1.0, 0.0, 1.0]
    place = np.asarray(place_m) * [1.0, 0.0, 1.0]
    local = np.array(motion.local_rotations, dtype=float)
    local[:, 0] = quaternion.multiply(rotation, local[:, 0])
    root = quaternion.rotate(rotation, motion.root_positions_m - pivot) + place
    return _like(motion, root, local)


def spread_error(motion: Motion, landing_m: np.ndarray, landing_yaw_rad: float) -> Motion:
    """The motion bent so that its last frame lands at a place and heading; the first frame stays.

    What the heading lacks is turned in over the motion along a smoothstep, and the path with it; what
    the place then lacks is added along a smoothstep. Level ends: velocity at both stays as it was but
    for the turn.

    Args:
        motion: From the last kept frame to the landing, both included.
        landing_m: Where the root must be at the last frame, metres, [3].
        landing_yaw_rad: Its heading there, as `yaw_rad` measures it; the shorter way is taken.
    """
    n = motion.n_frames
    if n < 2:
        return motion
    weight = smoothstep(np.linspace(0.0, 1.0, n))
    lacking = landing_yaw_rad - float(yaw_rad(motion.local_rotations[-1, 0]))
    lacking = (lacking + np.pi) % (2 * np.pi) - np.pi
    turn = quaternion.from_axis_angle(_UP, weight * lacking)
    steps = np.diff(np.asarray(motion.root_positions_m, dtype=float), axis=0)
    middle = quaternion.from_axis_angle(_UP, 0.5 * (weight[1:] + weight[:-1]) * lacking)
    path = np.concatenate([np.zeros((1, 3)), np.cumsum(quaternion.rotate(middle, steps), axis=0)])
    path += motion.root_positions_m[0]
    root = path + weight[:, np.newaxis] * (np.asarray(landing_m) - path[-1])
    local = np.array(motion.local_rotations, dtype=float)
    local[:, 0] = quaternion.multiply(turn, local[:, 0])
    return _like(motion, root, local)


def yaw_rad(rotation: np.ndarray) -> np.ndarray:
    """How far rotations [..., 4] turn about the vertical, radians, [...], within +-pi: the heading of a root.

    The twist of the swing-twist decomposition (Dobrowolski 2015): defined but for a dancer exactly upside down.
    """
    angle = 2.0 * np.arctan2(rotation[..., 2], rotation[..., 0])
    return (angle + np.pi) % (2 * np.pi) - np.pi


# --- offsets ---------------------------------------------------------------------------------


def _decay(blend: int, n: int) -> tuple[np.ndarray, np.ndarray]:
    """Weights [n, 1] of an offset and of its change per frame, over the first `n` frames of a blend.

    The quintic with given value and slope, no curvature at its start, and rest at its end
    (Bollo 2018, with starting acceleration zero).
    """
    f = np.arange(n)[:, np.newaxis] / blend
    value = 1.0 - f**3 * (10.0 - 15.0 * f + 6.0 * f**2)
    slope = f - f**3 * (6.0 - 8.0 * f + 3.0 * f**2)
    return value, blend * slope


def _offset(
    motion: Motion, source: Motion, first: int, way: int, decay: tuple[np.ndarray, np.ndarray]
) -> Motion:
    """Frames from `first` on in direction `way` (1 or -1) offset to go on from those on the other side.

    The offset, measured on `source`, makes `first` what frame `first - way` becomes by its own velocity.
    """
    value, slope = decay
    rows = first + way * np.arange(len(value))
    known, earlier = first - way, first - 2 * way
    here, later = first, first + way
    has_past = 0 <= earlier < source.n_frames
    has_future = 0 <= later < source.n_frames

    p = np.asarray(source.root_positions_m, dtype=float)
    before_step = p[known] - p[earlier] if has_past else np.zeros(3)
    after_step = p[later] - p[here] if has_future else before_step
    jump = p[known] + before_step - p[here]
    root = np.array(motion.root_positions_m, dtype=float)
    root[rows] += value * jump + slope * (before_step - after_step)

    q = np.asarray(source.local_rotations, dtype=float)
    turn = _step(q[earlier], q[known]) if has_past else np.zeros((q.shape[1], 3))
    after_turn = _step(q[here], q[later]) if has_future else turn
    expected = quaternion.multiply(quaternion.from_rotation_vector(turn), q[known])
    twist = _step(q[here], expected)
    rate = _twist_rate(twist, turn - quaternion.rotate(quaternion.from_rotation_vector(twist), after_turn))
    offsets = value[..., np.newaxis] * twist + slope[..., np.newaxis] * rate
    local = np.array(motion.local_rotations, dtype=float)
    local[rows] = quaternion.multiply(quaternion.from_rotation_vector(offsets), local[rows])
    return _like(motion, root, local)


def _step(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Rotation vector, in the parent's frame, of the turn from `a` to `b`."""
    return quaternion.to_rotation_vector(quaternion.multiply(b, quaternion.conjugate(a)))


def _twist_rate(twist: np.ndarray, velocity: np.ndarray) -> np.ndarray:
    """Rate of change of a rotation vector that turns with this angular velocity, [..., 3] both.

    The inverse left Jacobian of the rotation group (Sola et al. 2018, "A micro Lie theory", Eq. 146). For
    large twists rotation vectors do not simply add.
    """
    angle = quaternion.length(twist)[..., np.newaxis]
    small = angle < 1e-4
    safe = np.where(small, 1.0, angle)
    scale = np.where(small, 1.0 / 12.0, 1.0 / safe**2 - 1.0 / (2.0 * safe * np.tan(0.5 * safe)))
    across = quaternion.cross(twist, velocity)
    return velocity - 0.5 * across + scale * quaternion.cross(twist, across)


def _like(motion: Motion, root_positions_m: np.ndarray, local_rotations: np.ndarray) -> Motion:
    """A motion of these arrays, in the number type of `motion`."""
    return replace(
        motion,
        root_positions_m=root_positions_m.astype(motion.root_positions_m.dtype),
        local_rotations=local_rotations.astype(motion.local_rotations.dtype),
    )
