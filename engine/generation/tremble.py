"""The tremble of a made dance's upper body, taken out: what is faster than dancers move it.

Bones are decoded each for itself, and what each is off by adds up along spine and arm as a tremble: above 8 Hz heads
and forearms of decoded dances turn with 5 to 50 times the power of captured ones. Below 4 Hz, where accents are, all
but a few hundredths are kept, at 5 Hz three quarters; hands go a centimetre another way in one frame of a hundred.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from engine.motion import quaternion
from engine.motion.house import ARMS, FRAME_RATE_HZ, JOINT
from engine.motion.motion import Motion

FASTEST_HZ = 6.5  # where half is left
_REACH_FRAMES = 5
UPPER_JOINTS = (
    *(JOINT[name] for name in ("Spine", "Spine1", "Spine2", "Neck", "Head")),
    *(joint for arm in ARMS for joint in arm[:4]),
)


def _kernel() -> np.ndarray:
    """A low-pass of 11 frames: an ideal one's impulse response under a Hamming window."""
    x = np.arange(-_REACH_FRAMES, _REACH_FRAMES + 1)
    weights = np.sinc(2.0 * FASTEST_HZ / FRAME_RATE_HZ * x) * np.hamming(len(x))
    return weights / weights.sum()


_WEIGHTS = _kernel()


def without_tremble(motion: Motion, kept: Iterable[int] = ()) -> Motion:
    """The house motion whose spine, neck, head and arms turn no faster to and fro than dancers', but for joints `kept`.

    A motion of fewer than 11 frames is left as it is.
    """
    joints = [joint for joint in UPPER_JOINTS if joint not in set(kept)]
    n = motion.n_frames
    if n < len(_WEIGHTS) or not joints:
        return motion
    rows = quaternion.unroll(motion.local_rotations[:, joints].astype(float))
    # The ends are mirrored about their last value, as `signals.smoothed` does.
    head = 2.0 * rows[:1] - rows[_REACH_FRAMES:0:-1]
    tail = 2.0 * rows[-1:] - rows[-2 : -_REACH_FRAMES - 2 : -1]
    padded = np.concatenate([head, rows, tail])
    even = np.zeros_like(rows)
    for i, weight in enumerate(_WEIGHTS):
        even += weight * padded[i : i + n]
    local = np.array(motion.local_rotations)
    local[:, joints] = quaternion.normalize(even)
    return replace(motion, local_rotations=local)
