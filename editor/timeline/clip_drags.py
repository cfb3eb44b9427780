"""Where a clip goes while a hand drags it: kept off its neighbours, on whole frames. No Qt."""

from __future__ import annotations

from collections.abc import Callable

from editor.document.clip_edits import move_clip, stretch_clip, trim_clip
from editor.document.document import Clip, Document, Track

Edit = Callable[[Document], Document]


def free_start(track: Track, clip: Clip, wanted_frame: int) -> int:
    """The start nearest to the wanted one at which a clip fits between the track's other clips."""
    others = sorted((c for c in track.clips if c.id != clip.id), key=lambda c: c.start_frame)
    gap_starts = [0, *(c.end_frame for c in others)]
    gap_ends = [*(c.start_frame for c in others), None]
    fitting = [
        max(start, wanted_frame) if end is None else min(max(start, wanted_frame), end - clip.n_frames)
        for start, end in zip(gap_starts, gap_ends, strict=True)
        if end is None or end - start >= clip.n_frames
    ]
    return min(fitting, key=lambda frame: abs(frame - wanted_frame))


def bounds_of(track: Track, clip: Clip) -> tuple[int, int | None]:
    """Between which frames a clip's edges may be dragged; None where nothing comes behind."""
    before = max((c.end_frame for c in track.clips if c.end_frame <= clip.start_frame), default=0)
    behind = min((c.start_frame for c in track.clips if c.start_frame >= clip.end_frame), default=None)
    return before, behind


def move(document: Document, clip_id: str, wanted_frame: int, track_id: str, ripples: bool) -> Edit:
    """The edit that moves a clip, to another dancer too, as near to the wanted frame as it fits."""
    _, clip = document.clip(clip_id)
    start = max(wanted_frame, 0) if ripples else free_start(document.track(track_id), clip, wanted_frame)
    return lambda d: move_clip(d, clip_id, start, track_id, ripples)


def is_blocked(document: Document, clip_id: str, wanted_frame: int, track_id: str, ripples: bool) -> bool:
    """Whether a clip that is moved stays where it is, since other clips are in its way on every side."""
    track, clip = document.clip(clip_id)
    if ripples or track.id != track_id or wanted_frame == clip.start_frame:
        return False
    return free_start(track, clip, wanted_frame) == clip.start_frame


def trim(document: Document, clip_id: str, edge: str, wanted_frame: int, ripples: bool) -> Edit:
    """The edit that moves one edge ("start" or "end") of a clip."""
    track, clip = document.clip(clip_id)
    start, end = _dragged(track, clip, edge, wanted_frame, ripples)
    return lambda d: trim_clip(d, clip_id, start, end, ripples)


def stretch(document: Document, clip_id: str, edge: str, wanted_frame: int) -> Edit:
    """The edit that moves one edge of a clip and dances all of it, slower or faster, in the time that leaves."""
    track, clip = document.clip(clip_id)
    start, end = _dragged(track, clip, edge, wanted_frame, False)
    n_frames = end - start
    if start == clip.start_frame:
        return lambda d: stretch_clip(d, clip_id, n_frames)
    if n_frames > clip.n_frames:
        return lambda d: stretch_clip(move_clip(d, clip_id, start), clip_id, n_frames)
    return lambda d: move_clip(stretch_clip(d, clip_id, n_frames), clip_id, start)


def _dragged(track: Track, clip: Clip, edge: str, wanted_frame: int, ripples: bool) -> tuple[int, int]:
    before, behind = bounds_of(track, clip)
    if edge == "start":
        return min(max(wanted_frame, 0 if ripples else before), clip.end_frame - 1), clip.end_frame
    end = max(wanted_frame, clip.start_frame + 1)
    return clip.start_frame, end if ripples or behind is None else min(end, behind)
