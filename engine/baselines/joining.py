"""Seams and feet of what baselines make: the product's own tools, so that no baseline loses by lack of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from engine.motion.blend import join, moved, seal, spread_error, yaw_rad
from engine.motion.contacts import detect_contacts
from engine.motion.foot_lock import lock_feet
from engine.motion.house import FRAME_RATE_HZ, HOUSE
from engine.motion.motion import Motion, concatenate

SEAM_S = 0.3


def plain(motion: Motion) -> Motion:
    """The same house motion on the one house skeleton, so that motions can be put end to end."""
    return replace(motion, skeleton=HOUSE, frame_rate_hz=FRAME_RATE_HZ)


def fitted(before: Motion, middle: Motion, after: Motion) -> Motion:
    """`middle` so that it goes on from `before` and leads over to `after`: placed, landed, seams and feet held."""
    before, middle, after = plain(before), plain(middle), plain(after)
    last, step = before.root_positions_m[-1], np.zeros(3)
    if before.n_frames > 1:
        step = last - before.root_positions_m[-2]
    turn = float(yaw_rad(before.local_rotations[-1, 0]) - yaw_rad(middle.local_rotations[0, 0]))
    middle = moved(middle, 0, last + step, turn)
    start, end = before.n_frames, before.n_frames + middle.n_frames
    whole = concatenate([before, middle, after])
    root, local = whole.root_positions_m, whole.local_rotations
    late = min(end + 1, whole.n_frames - 1)
    landing = root[end] - (root[late] - root[end])
    landing[1] = root[end - 1, 1]  # height belongs to the pose, which the seam takes care of
    bent = spread_error(whole.slice(start - 1, end), landing, float(yaw_rad(local[end, 0])))
    whole = concatenate([whole.slice(0, start - 1), bent, whole.slice(end, whole.n_frames)])
    return held(seal(whole, start, end, SEAM_S), start, end)


def held(whole: Motion, start_frame: int, end_frame: int) -> Motion:
    """Frames [start_frame, end_frame) with feet held on the floor; the rest is what they are held towards."""
    keep = np.ones(whole.n_frames, dtype=bool)
    keep[start_frame:end_frame] = False
    return lock_feet(whole, detect_contacts(whole), keep).slice(start_frame, end_frame)


def chained(parts: Sequence[Motion], n_frames: int) -> Motion:
    """The first `n_frames` of motions one after the other, each moved to go on from the one before; feet held."""
    whole = plain(parts[0])
    for part in parts[1:]:
        whole = join(whole, plain(part), SEAM_S, move=True)
    whole = whole.slice(0, n_frames)
    return lock_feet(whole, detect_contacts(whole))
