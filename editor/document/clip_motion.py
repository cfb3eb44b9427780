"""The frames that one clip shows, before they are joined on to those of the clip before."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from weakref import WeakKeyDictionary

import numpy as np

from editor.document.document import Clip
from editor.document.places import placed
from engine.motion.blend import inertialise, moved, yaw_rad
from engine.motion.contacts import detect_contacts
from engine.motion.house import HOUSE
from engine.motion.mirror import mirrored
from engine.motion.motion import Motion, concatenate
from engine.motion.planted import planted_at
from engine.motion.resample import time_warped

# Over how long the jump from one round of a loop to the next dies away.
LOOP_BLEND_S = 0.3
# What a slice must hold beside the frames between which it is read: the neighbours of their neighbours.
_MARGIN = 3
_CONTACTS: WeakKeyDictionary[Motion, np.ndarray] = WeakKeyDictionary()


def body_of(clip: Clip) -> Motion:
    """The clip's n_frames frames in the dancer's own place, without regard to what comes before it.

    Where the take is shown frame by frame, its own arrays are shared.
    """
    source = clip.take.motion
    if source.skeleton is not HOUSE and source.skeleton.names == HOUSE.names:
        source = replace(source, skeleton=HOUSE)
    frames = np.arange(clip.n_frames)
    at = clip.offset_frame + clip.speed * (frames if clip.warp is None else clip.warp.home_at(frames))
    if clip.is_looped and source.n_frames > 1:
        motion = _looped(source, at)
    else:
        motion = _shown(source, at, stands=clip.warp is not None)
    if clip.is_mirrored:
        motion = mirrored(motion)
    return placed(motion, clip.place)


def is_whole(clip: Clip, index: int) -> bool:
    """Whether the clip shows one of its takes from its first to its last frame, just as it is."""
    as_made = not (clip.offset_frame or clip.is_looped or clip.is_mirrored) and clip.speed == 1.0
    is_there = clip.warp is None and clip.place == type(clip.place)()
    return as_made and is_there and clip.takes[index].motion.n_frames == clip.n_frames


def _shown(source: Motion, at: np.ndarray, stands: bool = False) -> Motion:
    """What the source shows at frames, whole or not, ascending, [N]; held beyond its ends.

    With `stands`, feet that stand in the source stand between its frames too.
    """
    first, last = at[0], at[-1]
    if float(first).is_integer() and np.array_equal(at, first + np.arange(len(at))):
        if first >= 0 and last < source.n_frames:
            return source.slice(int(first), int(last) + 1)
        rows = np.clip(at.astype(int), 0, source.n_frames - 1)
        return _rows(source, rows)
    # Only what is read is prepared for reading: a short clip of a long take costs what it shows.
    low = int(np.clip(np.floor(first) - _MARGIN, 0, source.n_frames - 1))
    high = int(np.clip(np.ceil(last) + _MARGIN + 1, low + 1, source.n_frames))
    part, rate = source.slice(low, high), source.frame_rate_hz
    if not stands:
        return time_warped(part, (at - low) / rate, rate)
    # By the contacts of the whole take, and in frames, a part of a clip shows what the clip showed, bit for bit.
    return planted_at(replace(part, frame_rate_hz=1.0), at - low, rate, _contacts(source)[low:high])


def _contacts(source: Motion) -> np.ndarray:
    """Which feet of a take are in contact, found once."""
    kept = _CONTACTS.get(source)
    if kept is None:
        kept = _CONTACTS[source] = detect_contacts(source)
    return kept


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
