"""The dance follows the beats: clips keep their place in the music, and their time goes as that of the beats goes.

Up to MOST_STRETCH a stretch between two beats is danced faster or slower. What would have to change more keeps its own
time from its first beat on, and is stale: a clip of its own, to be made anew. What a clip showed before is kept in
its take, so beats that come back bring back the motion bit for bit.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from editor.document.document import Clip, Document, Track
from editor.document.edits import EditRefused, with_clip, with_clips
from editor.document.seams import smoothed
from editor.document.segments import cut
from editor.document.warp import SAME_FRAMES, Warp
from engine.timebase import time_of

MOST_STRETCH = 0.12
_SAME_S = 1e-9
# Beats closer together than this are not judged one by one: hundredths of a second would be great stretches there.
_LEAST_JUDGED_FRAMES = 6.0
# Good stretches between bad ones that are shorter than this many beats are not worth a clip of their own.
_LEAST_GOOD_BEATS = 4
# As many beats are made anew at least: a new take of less is no movement.
_LEAST_BAD_BEATS = 4
# A part that is cut off has at least as many frames.
_LEAST_PART_FRAMES = 8
_AT_EDGE = 1e-3  # frames: ends that meet
# A beat as near to an end is that end. What lies between must be kept: on the way back it is as much again.
_ON_END = 1e-7  # frames


@dataclass(frozen=True, eq=False)
class TimeMap:
    """Where the moments of the piece go: from beats as they were to where they are now.

    Attributes:
        old: Ascending, [N], in any unit.
        new: Ascending, [N], in the same unit. Beyond the ends everything goes along with the first, or the last.
    """

    old: np.ndarray
    new: np.ndarray

    def at(self, moments: np.ndarray) -> np.ndarray:
        """Where moments go."""
        moments = np.asarray(moments, dtype=float)
        if not len(self.old):
            return moments
        inside = np.interp(moments, self.old, self.new)
        return inside + np.minimum(moments - self.old[0], 0.0) + np.maximum(moments - self.old[-1], 0.0)

    @property
    def is_still(self) -> bool:
        """Whether nothing moves."""
        return bool(np.all(np.abs(self.new - self.old) < _SAME_S))

    @property
    def inverse(self) -> TimeMap:
        """The way back."""
        return TimeMap(self.new, self.old)

    def then(self, other: TimeMap) -> TimeMap:
        """This, and then another."""
        if not len(self.old) or not len(other.old):
            return other if not len(self.old) else self
        old = np.union1d(self.old, self.inverse.at(other.old))
        return time_map(old, other.at(self.at(old)))

    def times(self, factor: float) -> TimeMap:
        """The same in another unit."""
        return TimeMap(self.old * factor, self.new * factor)


def time_map(old_s: np.ndarray, new_s: np.ndarray) -> TimeMap:
    """The map that takes beats to beats; of beats that would meet or change their order the first counts."""
    keep: list[int] = []
    for i in range(len(old_s)):
        if not keep or (old_s[i] - old_s[keep[-1]] > _SAME_S and new_s[i] - new_s[keep[-1]] > _SAME_S):
            keep.append(i)
    return TimeMap(np.array(old_s, dtype=float)[keep], np.array(new_s, dtype=float)[keep])


def followed(document: Document, moved_s: TimeMap) -> Document:
    """The document with its dancers gone along with the beats. Locked clips and references stay as they are.

    Args:
        document: The piece, its music changed already.
        moved_s: Where its moments go, seconds.

    Raises:
        EditRefused: A clip would have no room left.
    """
    if moved_s.is_still:
        return document
    moved = moved_s.times(document.frame_rate_hz)
    n_frames = document.n_frames
    for track in document.dancers:
        document = document.with_track(_followed(track, moved, n_frames))
    return document


def stale_clips(document: Document) -> Iterator[tuple[Track, Clip]]:
    """The clips that should be made anew since their beats were moved."""
    return ((track, clip) for track in document.dancers for clip in track.clips if clip.is_stale)


def slot_of(document: Document, clip: Clip) -> tuple[int, int]:
    """The frames that a stale clip should fill: from its start to where its last beat has gone, or the next clip."""
    track, _ = document.clip(clip.id)
    assert clip.warp is not None
    end = round(clip.start_frame + clip.warp.own_ends[1] - clip.warp.first_frame)
    if clip.warp.fills[1] and clip.end_frame >= document.n_frames:
        end = document.n_frames
    others = [c.start_frame for c in track.clips if c.start_frame >= clip.end_frame]
    return clip.start_frame, max(min([end, *others]), clip.start_frame + 1)


@dataclass(frozen=True, eq=False)
class _Way:
    """How a clip goes: exact places on the piece, frames, and which of its own frames it shows there."""

    places: np.ndarray
    home: np.ndarray

    def home_of(self, places: np.ndarray) -> np.ndarray:
        return TimeMap(self.places, self.home).at(places)

    @property
    def is_rigid(self) -> bool:
        return bool(np.all(np.abs(np.diff(self.home) - np.diff(self.places)) < SAME_FRAMES))

    def simple(self) -> _Way:
        """The same by as few places as it takes."""
        keep = [0]
        for i in range(1, len(self.places) - 1):
            a, b = keep[-1], i + 1
            share = (self.places[i] - self.places[a]) / (self.places[b] - self.places[a])
            if abs(self.home[a] + share * (self.home[b] - self.home[a]) - self.home[i]) > 0.01 * SAME_FRAMES:
                keep.append(i)
        keep.append(len(self.places) - 1)
        return _Way(self.places[keep], self.home[keep])


def _way_of(clip: Clip) -> _Way:
    warp = clip.warp
    if warp is None:
        return _Way(np.array([clip.start_frame, clip.end_frame], float), np.array([0.0, clip.n_frames]))
    exact, ends = np.array(warp.frames), np.array(warp.own_ends)
    whole = TimeMap(exact, np.array(warp.home))
    inside = exact[(exact > ends[0] + _ON_END) & (exact < ends[1] - _ON_END)]
    places = np.concatenate([ends[:1], inside, ends[1:]])
    home = whole.at(places)
    return _Way(places - warp.first_frame + clip.start_frame, home)


def _carried(way: _Way, moved: TimeMap) -> _Way:
    """The way once beats have moved."""
    inside = moved.old[(moved.old > way.places[0] + _ON_END) & (moved.old < way.places[-1] - _ON_END)]
    places = np.union1d(way.places, inside)
    new, home = moved.at(places), way.home_of(places)
    rises = np.concatenate([[True], (np.diff(new) > _SAME_S) & (np.diff(home) > _SAME_S)])
    return _Way(new[rises], home[rises]).simple()


def _bad_runs(way: _Way, moved: TimeMap) -> tuple[np.ndarray, list[tuple[int, int]]]:
    """The beats of a clip, both its ends among them, and the runs [i, j) of intervals that stretch too far."""
    old = np.concatenate([way.places[:1], moved.old, way.places[-1:]])
    old = old[(old >= way.places[0]) & (old <= way.places[-1])]
    new = moved.at(old)
    kept = [0]
    for i in range(1, len(old)):
        if min(new[i] - new[kept[-1]], old[i] - old[kept[-1]]) >= _LEAST_JUDGED_FRAMES:
            kept.append(i)
    kept[-1] = len(old) - 1 if len(kept) > 1 else kept[-1]
    if len(kept) < 2:
        kept = [0, len(old) - 1]
    old, new = old[kept], new[kept]
    stretch = np.diff(new) / np.maximum(np.diff(way.home_of(old)), _SAME_S)
    is_bad = np.abs(stretch - 1.0) > MOST_STRETCH + 1e-3
    runs: list[tuple[int, int]] = []
    for i in np.flatnonzero(is_bad).tolist():
        end = min(i + _LEAST_BAD_BEATS, len(is_bad)) if not runs or i >= runs[-1][1] else max(runs[-1][1], i + 1)
        if runs and i - runs[-1][1] < _LEAST_GOOD_BEATS:
            runs[-1] = (runs[-1][0], end)
        else:
            runs.append((i, end))
    return old, runs


def _followed(track: Track, moved: TimeMap, n_frames: int) -> Track:
    parted, stale = with_clips(track, map(_with_own_blend, track.clips)), set()
    for clip in parted.clips:
        if clip.is_locked:
            continue
        beats, runs = _bad_runs(_way_of(clip), moved)
        if runs:
            parted, found = _parted(parted, clip, beats, runs, moved.inverse.at(np.array([0.0, n_frames])))
            stale |= found
    laid = _laid_out(parted, moved, stale, n_frames)
    return track if laid.clips == track.clips else _joined_on(laid)


def _with_own_blend(clip: Clip) -> Clip:
    """The clip with the blend that it has beside clips that are not stale."""
    if clip.is_locked or clip.warp is None or clip.warp.blend_frames is None:
        return clip
    return replace(clip, blend_frames=clip.warp.blend_frames, warp=replace(clip.warp, blend_frames=None))


def _parted(
    track: Track, clip: Clip, beats: np.ndarray, runs: list[tuple[int, int]], inside: np.ndarray
) -> tuple[Track, set[str]]:
    """The track with a clip cut where good and bad runs of beats meet, and the ids of the parts that are stale.

    No part lies outside of the frames [2] `inside`, which go to both ends of the piece.
    """
    edges = {beats[i] for run in runs for i in run}
    own = _way_of(clip).places
    lowest = max(clip.start_frame, float(inside[0]), float(own[0])) + _LEAST_PART_FRAMES
    highest = min(clip.end_frame, float(inside[1]), float(own[-1])) - _LEAST_PART_FRAMES
    frames = sorted({round(edge) for edge in edges if lowest <= edge <= highest})
    if clip.is_looped:  # each round goes on from the one before: a part would have to be copied out
        frames = []
    for frame in frames:
        track = cut(track, frame)
    stale = set()
    for part in track.clips_in(clip.start_frame, clip.end_frame):
        middle = 0.5 * (part.start_frame + part.end_frame)
        if not frames or any(beats[i] <= middle < beats[j] for i, j in runs):
            stale.add(part.id)
    return track, stale


def _laid_out(track: Track, moved: TimeMap, stale: set[str], n_frames: int) -> Track:
    """The track with every clip on the frames to which its ends go."""
    ways = [_way_of(c) if c.is_locked else _carried(_way_of(c), moved) for c in track.clips]
    fills = [_fills(clip, n_frames) for clip in track.clips]
    starts = [round(w.places[0]) if not c.is_locked else c.start_frame for c, w in zip(track.clips, ways, strict=True)]
    ends = []
    for i, (clip, way) in enumerate(zip(track.clips, ways, strict=True)):
        end = clip.end_frame if clip.is_locked else round(way.places[-1])
        if clip.id in stale and not clip.is_locked:
            end = starts[i] + round(way.home[-1] - way.home[0])
        elif i + 1 < len(ways) and abs(ways[i + 1].places[0] - way.places[-1]) < _AT_EDGE:
            end = starts[i + 1]
        ends.append(end)
    clips = []
    for i, clip in enumerate(track.clips):
        if clip.is_locked:
            clips.append(clip)
            continue
        low = clips[-1].end_frame if clips else 0
        high = n_frames if starts[i] < n_frames else starts[i] + clip.n_frames  # behind the song the piece goes on
        high = starts[i + 1] if i + 1 < len(starts) else high
        start = 0 if fills[i][0] else max(starts[i], low)
        end = high if fills[i][1] and starts[i] < n_frames else min(ends[i], high)
        is_same = (start, end, clip.id in stale) == (clip.start_frame, clip.end_frame, clip.is_stale)
        if is_same and _stays(clip, ways[i]):
            clips.append(clip)
            continue
        if end - start < 1:
            at_s = time_of(clip.start_frame, track.clips[0].take.motion.frame_rate_hz)
            raise EditRefused(f"The clip at {at_s:.1f} s would have no room left: move the beats less.")
        clips.append(_placed(clip, ways[i], start, end, fills[i], clip.id in stale))
    return with_clips(track, clips)


def _stays(clip: Clip, way: _Way) -> bool:
    """Whether a clip goes its way already."""
    own = _way_of(clip)
    places = np.union1d(own.places, way.places)
    is_there = bool(np.all(np.abs(own.places[[0, -1]] - way.places[[0, -1]]) < SAME_FRAMES))
    return is_there and bool(np.all(np.abs(own.home_of(places) - way.home_of(places)) < SAME_FRAMES))


def _fills(clip: Clip, n_frames: int) -> tuple[bool, bool]:
    """Whether a clip stays at the beginning and at the end of the piece."""
    at_edges = (clip.start_frame == 0, clip.end_frame == n_frames)
    own = (True, True) if clip.warp is None else clip.warp.fills
    return at_edges[0] and own[0], at_edges[1] and own[1]


def _placed(clip: Clip, way: _Way, start: int, end: int, fills: tuple[bool, bool], is_stale: bool) -> Clip:
    """The clip on frames [start, end), going its way."""
    clip = replace(clip, start_frame=start, n_frames=end - start)
    ends = (float(way.places[0]) - start, float(way.places[-1]) - start)
    is_exact = abs(ends[0]) < 1e-4 and abs(ends[1] - clip.n_frames) < 1e-4
    first = round(way.home[0])
    if is_exact and way.is_rigid and abs(way.home[0] - first) < 1e-4 and not is_stale:
        return replace(clip, warp=None, offset_frame=clip.offset_frame + clip.speed * first)
    shown = [*ends]
    if way.is_rigid:  # whole frames stay whole: only where they are changes
        shift = round(way.home[0] - ends[0])
        shown = [float(way.home[0]) - shift, float(way.home[-1]) - shift]
    else:
        shown[0] = 0.0 if abs(ends[0]) < 1.0 else ends[0]
        shown[1] = float(clip.n_frames) if abs(ends[1] - clip.n_frames) < 1.0 else ends[1]
    frames, home = tuple((way.places - start).tolist()), tuple(way.home.tolist())
    warp = Warp(frames, home, (shown[0], shown[1]), ends, 0, fills, is_stale)
    return replace(clip, warp=warp)


def _joined_on(track: Track) -> Track:
    """The track with the seams at both ends of stale clips smoothed; the clips' own blends are remembered."""
    for i, (before, clip) in enumerate(pairwise(track.clips), 1):
        if clip.is_locked or not (before.is_stale or clip.is_stale):
            continue
        changed = smoothed(track, i, False)
        if changed.blend_frames != clip.blend_frames:
            ends = (0.0, float(clip.n_frames))
            warp = clip.warp or Warp(ends, ends, ends, ends)
            changed = replace(changed, warp=replace(warp, blend_frames=clip.blend_frames))
            track = with_clip(track, changed)
    return track
