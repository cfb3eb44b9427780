"""The same motion at another frame rate, or with its time stretched."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from engine import timebase
from engine.motion import quaternion
from engine.motion.motion import Motion

# A wanted time this near to a frame is that frame, bit for bit.
SAME_FRAME = 1e-6


def resampled(motion: Motion, frame_rate_hz: float) -> Motion:
    """The motion at another frame rate, as many whole frames as its duration holds.

    Frames that fall on frames of the source are copied exactly; those between lie on a smooth curve
    through them (see `time_warped`). Between the last frame and the end the last pose is held.
    """
    if frame_rate_hz == motion.frame_rate_hz:
        return motion
    n_frames = timebase.n_frames_for(motion.duration_s, frame_rate_hz)
    times_s = np.arange(n_frames) / frame_rate_hz
    return time_warped(motion, times_s, frame_rate_hz)


def time_warped(motion: Motion, source_times_s: np.ndarray, frame_rate_hz: float) -> Motion:
    """A motion whose frame i shows the pose that the source has at `source_times_s[i]`.

    Root positions follow a Catmull-Rom curve; rotations its counterpart on unit quaternions, a
    cubic Bezier curve in cumulative form (Kim, Kim & Shin 1995, "A general construction scheme for
    unit quaternion curves with simple high order derivatives", section 4): both pass through every
    frame with continuous velocity. Times outside the source show its first or last pose.

    Args:
        motion: The source, at least one frame.
        source_times_s: Time in the source of each frame wanted, seconds, never falling, [N].
        frame_rate_hz: Rate of the result.
    """
    times = np.asarray(source_times_s, dtype=float)
    if np.any(np.diff(times) < 0.0):
        raise ValueError("source_times_s must not run backwards")
    if motion.n_frames == 0 and len(times):
        raise ValueError("a motion without frames has no pose to show")
    exact = np.clip(times * motion.frame_rate_hz, 0.0, max(motion.n_frames - 1.0, 0.0))
    nearest = np.round(exact).astype(int)
    on_frame = np.abs(exact - nearest) < SAME_FRAME
    root = motion.root_positions_m[nearest]
    local = motion.local_rotations[nearest]
    between = np.flatnonzero(~on_frame)
    if len(between):
        first = np.floor(exact[between]).astype(int)
        fraction = exact[between] - first
        root[between] = _positions_between(motion.root_positions_m, first, fraction)
        local[between] = _rotations_between(motion.local_rotations, first, fraction)
    return replace(motion, frame_rate_hz=frame_rate_hz, root_positions_m=root, local_rotations=local)


def _positions_between(x: np.ndarray, first: np.ndarray, fraction: np.ndarray) -> np.ndarray:
    x = np.asarray(x, dtype=float)
    before, after = np.maximum(first - 1, 0), np.minimum(first + 2, len(x) - 1)
    a, b, f = x[first], x[first + 1], fraction[:, np.newaxis]
    slope_a = (b - x[before]) / (first + 1 - before)[:, np.newaxis]
    slope_b = (x[after] - a) / (after - first)[:, np.newaxis]
    one, two, three = _bezier_weights(f)
    middle = (b - a) - (slope_a + slope_b) / 3.0
    return a + one * slope_a / 3.0 + two * middle + three * slope_b / 3.0


def _rotations_between(q: np.ndarray, first: np.ndarray, fraction: np.ndarray) -> np.ndarray:
    """Kim, Kim & Shin's cumulative cubic Bezier curve between frames `first` and `first + 1`."""
    # Steps are taken once a frame, not once a wanted time: up-sampling asks for each many times.
    q = np.asarray(q, dtype=float)
    turns = quaternion.multiply(quaternion.conjugate(q[:-1]), q[1:])
    steps = quaternion.to_rotation_vector(turns)
    slopes = np.concatenate([steps[:1], 0.5 * (steps[:-1] + steps[1:]), steps[-1:]]) / 3.0
    ease = quaternion.from_rotation_vector(-slopes)
    inner = quaternion.multiply(quaternion.multiply(ease[:-1], turns), ease[1:])
    middle = quaternion.to_rotation_vector(inner)
    one, two, three = _bezier_weights(fraction[:, np.newaxis, np.newaxis])
    out = q[first]
    for step in (one * slopes[first], two * middle[first], three * slopes[first + 1]):
        out = quaternion.multiply(out, quaternion.from_rotation_vector(step))
    return quaternion.normalize(out)


def _bezier_weights(f: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Cumulative cubic Bernstein weights of a fraction: how far each of three steps has been gone."""
    return 1.0 - (1.0 - f) ** 3, f * f * (3.0 - 2.0 * f), f**3
