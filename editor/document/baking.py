"""Clips turned into plain frames, wherever an edit could not keep what they show by other means."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

import numpy as np

from editor.document.assemble import Piece, body, pieces, stretch
from editor.document.clip_motion import is_whole
from editor.document.document import Clip, Place, Take, Track
from editor.document.edits import new_id, with_clip
from editor.document.warp import Warp
from engine.motion.motion import Motion


def baked(clip: Clip, motion: Motion) -> Clip:
    """The clip with a plain take that is `motion`, and its other takes as plain as that: as it showed them.

    What a take was made from stays with it, and a clip that is stale stays so: its beats are no nearer.
    """
    takes = list(clip.takes)
    for i, take in enumerate(takes):
        if i == clip.active:
            takes[i] = plain_take(take, motion)
        elif not is_whole(clip, i):
            takes[i] = plain_take(take, body(replace(clip, active=i)))
    plain = as_it_is(replace(clip, takes=tuple(takes)))
    return plain if clip.warp is None or not clip.warp.is_stale else replace(plain, warp=_still_stale(clip, clip.warp))


def _still_stale(clip: Clip, warp: Warp) -> Warp:
    """The warp of plain frames whose last beat has gone where that of the stale clip went."""
    ends = (0.0, float(clip.n_frames))
    own = (0.0, max(warp.own_ends[1] - warp.first_frame, 1.0))
    return Warp(ends, ends, ends, own, 0, warp.fills, True)


def as_it_is(clip: Clip) -> Clip:
    """The clip showing its take frame by frame from the first on, where it was danced, joined on exactly."""
    return replace(
        clip, offset_frame=0.0, speed=1.0, is_looped=False, is_mirrored=False, place=Place(), blend_frames=0, warp=None
    )


def plain_take(take: Take, motion: Motion) -> Take:
    """Another take of the same name and recipe with other frames; the take itself where they are its own."""
    if motion is take.motion:
        return take
    return Take(new_id(), take.name, motion, take.recipe, "baked")


def with_motion_of(track: Track, before: Track, beside: Collection[str] = ()) -> Track:
    """The track with every clip baked that does not show, bit for bit, what its frames showed in `before`.

    Args:
        track: After an edit that should not be seen.
        before: The same dancer before the edit.
        beside: Ids of clips that may show something else.
    """
    old = {piece.clip.id: piece for piece in pieces(before)}
    # Baking one clip gives those behind it back their seam: the next look judges them anew.
    while True:
        changed = next((p for p in pieces(track) if p.clip.id not in beside and not _is_kept(p, old, before)), None)
        if changed is None:
            return track
        clip = changed.clip
        track = with_clip(track, baked(clip, stretch(before, clip.start_frame, clip.end_frame)))


def _is_kept(piece: Piece, old: dict[str, Piece], before: Track) -> bool:
    """Whether a piece shows what `before` shows in its frames."""
    clip = piece.clip
    same = old.get(clip.id)
    span = (clip.start_frame, clip.n_frames)
    if same is not None and (same.clip.start_frame, same.clip.n_frames) == span and _is_shared(same, piece):
        return True
    wanted, at = stretch(before, clip.start_frame, clip.end_frame), 0
    for part in piece.parts:
        here = slice(at, at + part.n_frames)
        if not np.array_equal(wanted.root_positions_m[here], part.root_positions_m):
            return False
        if not np.array_equal(wanted.local_rotations[here], part.local_rotations):
            return False
        at += part.n_frames
    return True


def _is_shared(one: Piece, other: Piece) -> bool:
    """Whether two pieces are the same memory; a slice is another object each time."""
    return len(one.parts) == len(other.parts) and all(map(_shares_frames, one.parts, other.parts))


def _shares_frames(one: Motion, other: Motion) -> bool:
    pairs = ((one.local_rotations, other.local_rotations), (one.root_positions_m, other.root_positions_m))
    return one is other or all(a.shape == b.shape and a.ctypes.data == b.ctypes.data for a, b in pairs)
