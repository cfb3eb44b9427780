"""The frames that one clip shows, before they are joined on to those of the clip before."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np

from editor.document.document import Clip
from editor.document.places import placed
from engine.motion.blend import inertialise, moved, yaw_rad
from engine.motion.house import HOUSE
from engine.motion.mirror import mirrored
from engine.motion.motion import Motion, concatenate
from engine.motion.resample import time_warped

# Over how long the jump from one round of a loop to the next dies away.
LOOP_BLEND_S = 0.3
# What a slice must hold beside the frames between which it is read: the neighbours of their neighbours.
_MARGIN = 3


def body_of(clip: Clip) -> Motion:
    """The clip's n_frames frames in the dancer's own place, without regard to what comes before it.

    Where the take is shown frame by frame, its own arrays are shared.
    """
    source = clip.take.motion
    if source.skeleton is not HOUSE and source.skeleton.names == HOUSE.names:
        source = replace(source, skeleton=HOUSE)
    at = clip.offset_frame + clip.speed * np.arange(clip.n_frames)
    if clip.is_looped and source.n_frames > 1:
        motion = _looped(source, at)
    else:
        motion = _shown(source, at)
    if clip.is_mirrored:
        motion = mirrored(motion)
    return placed(motion, clip.place)


def is_whole(clip: Clip, index: int) -> bool:
    """Whether the clip shows one of its takes from its first to its last frame, just as it is."""
    as_made = not (clip.offset_frame or clip.is_looped or clip.is_mirrored) and clip.speed == 1.0
    return as_made and clip.place == type(clip.place)() and clip.takes[index].motion.n_frames == clip.n_frames


def _shown(source: Motion, at: np.ndarray) -> Motion:
    """What the source shows at frames, whole or not, ascending, [N]; held beyond its ends."""
    first, last = at[0], at[-1]
    if float(first).is_integer() and last - first == len(at) - 1:
        if first >= 0 and last < source.n_frames:
            return source.slice(int(first), int(last) + 1)
        rows = np.clip(at.astype(int), 0, source.n_frames - 1)
        return _rows(source, rows)
    # Only what is read is prepared for reading: a short clip of a long take costs what it shows.
    low = int(np.clip(np.floor(first) - _MARGIN, 0, source.n_frames - 1))
    high = int(np.clip(np.ceil(last) + _MARGIN + 1, low + 1, source.n_frames))
    rate = source.frame_rate_hz
    return time_warped(source.slice(low, high), (at - low) / rate, rate)


def _rows(source: Motion, rows: np.ndarray) -> Motion:
    return replace(source, root_positions_m=source.root_positions_m[rows], local_rotations=source.local_rotations[rows])


def _looped(source: Motion, at: np.ndarray) -> Motion:
    """The source over and over: each round goes on from where, and as, the round before has ended."""
    rounds = np.floor(at / source.n_frames)
    edges = [0, *(np.flatnonzero(np.diff(rounds)) + 1), len(at)]
    parts: list[Motion] = []
    for start, end in pairwise(edges):
        part = _shown(source, at[start:end] - rounds[start] * source.n_frames)
        parts.append(_going_on(parts[-1], part) if parts else part)
    return concatenate(parts) if len(parts) > 1 else parts[0]


def _going_on(before: Motion, after: Motion) -> Motion:
    """`after` moved to where `before` ends, and without the jump between them."""
    past = before.slice(max(before.n_frames - 2, 0), before.n_frames)
    step = past.root_positions_m[-1] - past.root_positions_m[0]
    turn = yaw_rad(past.local_rotations[-1, 0]) - yaw_rad(after.local_rotations[0, 0])
    after = moved(after, 0, past.root_positions_m[-1] + step, float(turn))
    joined = inertialise(concatenate([past, after]), past.n_frames, LOOP_BLEND_S)
    return joined.slice(past.n_frames, joined.n_frames)
