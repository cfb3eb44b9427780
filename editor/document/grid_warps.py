"""Beats moved one by one: anchors hold, and between two anchors all beats follow smoothly. Spans that are locked."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from editor.document.document import Document
from editor.document.edits import EditRefused
from editor.document.following import TimeMap, time_map
from editor.document.grid import (
    bar_one_s,
    bars_set,
    corrected,
    counted,
    eight_s,
    is_locked_at,
    locked_spans,
    nearest_beat,
    periods_s,
    with_beats,
)
from engine.music.analysis import MusicAnalysis

# Beats between two anchors may come this much closer together or further apart in one go.
_MOST_WARP = 4.0
_AT_S = 1e-6


def move_beat(document: Document, beat_s: float, to_s: float, follows: bool = True) -> Document:
    """Move the beat nearest to a time, and pin it there.

    The beats up to the next anchor, or locked span, on either side follow smoothly; on a side without any they all go
    along as they are.
    """
    music, beat = _free_beat(document, beat_s)
    before_s, after_s = _neighbours(document, music, beat)
    return _warped(document, music, _bent(music, beat, to_s, before_s, after_s), (to_s,), follows)


def warp_from_here(document: Document, beat_s: float, to_s: float, follows: bool = True) -> Document:
    """Move the beat nearest to a time and all behind it, up to the next locked span; those before stay."""
    music, beat = _free_beat(document, beat_s)
    old_s = float(music.beat_times_s[beat])
    before_s = float(music.beat_times_s[beat - 1]) if beat else None
    held = [start_s for start_s, _ in document.pins.locked_s if start_s > old_s]
    after_s = min(held, default=None)
    if before_s is not None and not to_s > before_s:
        raise EditRefused("A beat cannot come before the one that it follows: move it less.")
    points = [(old_s, to_s)] if before_s is None else [(before_s, before_s), (old_s, to_s)]
    points += [(after_s, after_s)] if after_s is not None else []
    old, new = np.array(points).T
    if np.any(np.diff(new) <= 0.0):
        raise EditRefused("Another beat is locked there: unlock it, or move this one less.")
    anchors = (to_s,) if before_s is None else (before_s, to_s)
    moved = TimeMap(old, new) if before_s is None else _still_before(TimeMap(old, new))
    return _warped(document, music, moved, anchors, follows)


def toggle_anchor(document: Document, time_s: float) -> Document:
    """Pin the beat nearest to a time, so that warping ends at it; or let it go."""
    music = counted(document)
    at_s = float(music.beat_times_s[nearest_beat(music, time_s)])
    anchors = document.pins.anchors_s
    rest = tuple(t for t in anchors if abs(t - at_s) > 0.5 * float(periods_s(music).min()))
    if len(rest) == len(anchors):
        rest = tuple(sorted((*anchors, at_s)))
    return replace(document, pins=replace(document.pins, anchors_s=rest))


def lock_beats(document: Document, start_s: float, end_s: float) -> Document:
    """Lock the beats of a span: later corrections leave them where they are."""
    music = counted(document)
    inside = music.beat_times_s[(music.beat_times_s >= start_s - _AT_S) & (music.beat_times_s <= end_s + _AT_S)]
    if not len(inside):
        raise EditRefused("No beat lies there: select a span with beats to lock.")
    spans = locked_spans((*document.pins.locked_s, (float(inside[0]), float(inside[-1]))))
    return replace(document, pins=replace(document.pins, locked_s=spans))


def unlock_beats(document: Document, start_s: float, end_s: float) -> Document:
    """Free every locked span that shares a moment with [start_s, end_s]."""
    rest = tuple(span for span in document.pins.locked_s if span[1] < start_s - _AT_S or span[0] > end_s + _AT_S)
    return replace(document, pins=replace(document.pins, locked_s=rest))


def _free_beat(document: Document, beat_s: float) -> tuple[MusicAnalysis, int]:
    music = counted(document)
    beat = nearest_beat(music, beat_s)
    if is_locked_at(document.pins, music.beat_times_s[beat : beat + 1])[0]:
        raise EditRefused("This beat is locked: unlock the span first.")
    return music, beat


def _neighbours(document: Document, music: MusicAnalysis, beat: int) -> tuple[float | None, float | None]:
    """The anchors, or edges of locked spans, before and after a beat."""
    at_s = float(music.beat_times_s[beat])
    least_s = 0.5 * float(periods_s(music)[beat])
    held = [*document.pins.anchors_s, *(edge for span in document.pins.locked_s for edge in span)]
    before, after = [t for t in held if t < at_s - least_s], [t for t in held if t > at_s + least_s]
    return max(before, default=None), min(after, default=None)


def _bent(music: MusicAnalysis, beat: int, to_s: float, before_s: float | None, after_s: float | None) -> TimeMap:
    """The map that takes a beat elsewhere between two anchors: the tempo goes on from that beside them, without a bend.

    Where there is no anchor, the beats on that side go along as they are.
    """
    old_s = music.beat_times_s
    first = beat if before_s is None else nearest_beat(music, before_s)
    last = beat if after_s is None else nearest_beat(music, after_s)
    held = sorted(
        {first, beat, last} | ({max(first - 1, 0)} if first < beat else set()) | _next(last, beat, len(old_s))
    )
    x = np.array(held)
    y = np.where(x == beat, to_s, old_s[x])
    if np.any(np.diff(y) <= 0.0):
        raise EditRefused("A beat cannot go beyond the next pin or locked beat: move it less.")
    change = np.diff(y) / np.diff(old_s[x])
    if np.any(change < 1.0 / _MOST_WARP) or np.any(change > _MOST_WARP):
        raise EditRefused("The beats between would be too close together or too far apart: pin a nearer beat first.")
    new_s = old_s + np.where(np.arange(len(old_s)) < first, 0.0 if first < beat else to_s - old_s[beat], 0.0)
    new_s[last + 1 :] += 0.0 if last > beat else to_s - old_s[beat]
    inside = np.arange(first, last + 1)
    even_s = _smooth(x, y, inside) if len(x) > 1 else np.array([to_s])
    own_s = old_s[inside] - (_smooth(x, old_s[x], inside) if len(x) > 1 else old_s[beat])
    new_s[inside] = even_s + own_s if np.all(np.diff(even_s + own_s) > 0.0) else even_s
    return TimeMap(old_s, new_s)


def _next(last: int, beat: int, n_beats: int) -> set[int]:
    """The beat behind an anchor, which says how fast it goes on there."""
    return {min(last + 1, n_beats - 1)} if last > beat else set()


def _still_before(moved: TimeMap) -> TimeMap:
    """The map with everything before its first moment staying."""
    return TimeMap(np.concatenate([moved.old[:1] - 1.0, moved.old]), np.concatenate([moved.new[:1] - 1.0, moved.new]))


def _warped(
    document: Document, music: MusicAnalysis, moved: TimeMap, anchors_s: tuple[float, ...], follows: bool
) -> Document:
    every_s = np.union1d(music.beat_times_s, moved.old)
    moved = time_map(every_s, moved.at(every_s))
    times_s = moved.at(music.beat_times_s)
    stays = (times_s >= 0.0) & (times_s <= music.duration_s)
    if not stays.any():
        raise EditRefused("All beats would leave the song: move them less.")
    changed = with_beats(music, times_s[stays], music.beat_in_bar[stays])
    one_s = bar_one_s(music)
    one_s = None if one_s is None else float(moved.at(np.array(one_s)))
    changed = replace(bars_set(changed, eight_s(music, moved), one_s), is_steady=False)
    document = corrected(document, changed, moved, follows)
    known = (*document.pins.anchors_s, *anchors_s)
    pinned = tuple(sorted({round(t, 9) for t in known}))
    apart = tuple(t for i, t in enumerate(pinned) if i == 0 or t - pinned[i - 1] > 1e-4)
    return replace(document, pins=replace(document.pins, anchors_s=apart))


def _smooth(x: np.ndarray, y: np.ndarray, at: np.ndarray) -> np.ndarray:
    """A rising curve through points, without a bend in it: Fritsch and Butland 1984, as cubic Hermite pieces.

    Its ends go on as a parabola does.
    """
    h = np.diff(x)
    slope = np.diff(y) / h
    w1, w2 = 2.0 * h[1:] + h[:-1], h[1:] + 2.0 * h[:-1]
    inner = (w1 + w2) / (w1 / slope[:-1] + w2 / slope[1:])
    m = np.concatenate([slope[:1], inner, slope[-1:]])
    for end, near in ((0, 1), (-1, -2)):
        m[end] = float(np.clip(1.5 * slope[end] - 0.5 * m[near], 0.0, 3.0 * slope[end]))
    i = np.clip(np.searchsorted(x, at, side="right") - 1, 0, len(h) - 1)
    t = np.clip((at - x[i]) / h[i], 0.0, 1.0)
    own = y[i] * (1 + 2 * t) * (1 - t) ** 2 + y[i + 1] * t**2 * (3 - 2 * t)
    return np.asarray(own + h[i] * (m[i] * t * (1 - t) ** 2 - m[i + 1] * t**2 * (1 - t)))
