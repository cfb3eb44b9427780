"""How new a dance is: the distance from each second of it to the nearest second of training dance."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from engine.motion import quaternion
from engine.motion.blend import yaw_rad
from engine.motion.house import FRAME_RATE_HZ, JOINT
from engine.motion.mirror import mirrored
from engine.motion.motion import Motion
from engine.motion.resample import resampled

WINDOW_FRAMES, STRIDE_FRAMES, LIBRARY_STRIDE_FRAMES = 32, 16, 2
_MOMENTS = np.arange(0, WINDOW_FRAMES, 4)
_JOINTS = [
    JOINT[name]
    for name in ("Head", "LeftForeArm", "LeftHand", "RightForeArm", "RightHand", "LeftLeg", "LeftFoot", "RightLeg",
                 "RightFoot")
]  # fmt: skip
_UP = np.array([0.0, 1.0, 0.0])


def movement_vectors(motion: Motion, stride_frames: int = STRIDE_FRAMES) -> np.ndarray:
    """Seconds of a motion as places of nine joints at eight moments, metres, float32 [W, 216].

    Seen from the hips' place and heading of the first moment (height kept), so that where on the stage something is
    danced does not count.
    """
    motion = resampled(motion, FRAME_RATE_HZ)
    if motion.n_frames < WINDOW_FRAMES:
        return np.zeros((0, 3 * len(_JOINTS) * len(_MOMENTS)), dtype=np.float32)
    starts = np.arange(0, motion.n_frames - WINDOW_FRAMES + 1, stride_frames)
    return _seen_from_the_hips(motion, starts[:, np.newaxis] + _MOMENTS)


def movement_between(motion: Motion, edges_s: np.ndarray) -> np.ndarray:
    """The same of stretches of any length, such as bars, whose edges in seconds ascend, [N + 1]: float32 [N, 216].

    What lies beyond the motion's end is its last frame.
    """
    starts, lengths = np.asarray(edges_s[:-1], dtype=float), np.diff(edges_s)
    times_s = starts[:, np.newaxis] + lengths[:, np.newaxis] * np.arange(len(_MOMENTS)) / len(_MOMENTS)
    rows = np.clip(np.round(times_s * motion.frame_rate_hz).astype(int), 0, motion.n_frames - 1)
    return _seen_from_the_hips(motion, rows)


def _seen_from_the_hips(motion: Motion, rows: np.ndarray) -> np.ndarray:
    """Nine joints in frames `rows` [W, 8], seen from the hips' place and heading in the first of each."""
    positions, rotations = motion.global_transforms()
    starts = rows[:, 0]
    root = positions[starts, 0] * [1.0, 0.0, 1.0]
    back = quaternion.from_axis_angle(_UP, -yaw_rad(rotations[starts, 0]))
    seen = positions[rows][:, :, _JOINTS] - root[:, np.newaxis, np.newaxis]
    turned = quaternion.rotate(np.broadcast_to(back[:, np.newaxis, np.newaxis], (*seen.shape[:-1], 4)), seen)
    return turned.reshape(len(starts), -1).astype(np.float32)


class Library:
    """Training movement, mirrored too, to ask for the nearest."""

    def __init__(self, motions: Sequence[Motion]) -> None:
        both = [m for motion in motions for m in (motion, mirrored(motion))]
        found = [movement_vectors(m, LIBRARY_STRIDE_FRAMES) for m in both]
        self._vectors = np.concatenate(found) if found else np.zeros((0, 216), dtype=np.float32)
        self._squares = np.square(self._vectors).sum(axis=1)

    def distances_m(self, vectors: np.ndarray) -> np.ndarray:
        """Distance of each of [W, 216] from the nearest in the library: root mean square over joints, metres, [W].

        Infinite for an empty library. Real held-out dance is about as far as a new dance by the same dancers is.
        """
        if len(self._vectors) == 0 or len(vectors) == 0:
            return np.full(len(vectors), np.inf)
        n_places = len(_JOINTS) * len(_MOMENTS)
        out = []
        for part in np.array_split(vectors, -(-len(vectors) // 64)):
            squares = np.square(part).sum(axis=1)[:, np.newaxis] + self._squares - 2.0 * part @ self._vectors.T
            out.append(np.sqrt(np.maximum(squares.min(axis=1), 0.0) / n_places))
        return np.concatenate(out).astype(float)
