"""What corrections of the beats share: beats put in the place of others, locked ones kept, the dance taken along."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields, replace
from functools import cache
from typing import Any

import numpy as np

from editor.document.document import Document, Pins
from editor.document.edits import EditRefused
from editor.document.following import TimeMap, followed, time_map
from engine.music.analysis import CURVES, MusicAnalysis

SLOWEST_BPM, FASTEST_BPM = 30.0, 400.0
# Between beats further apart than this many beats the music pauses, and no beat is put there.
PAUSE_BEATS = 1.75
NO_BEATS = TimeMap(np.zeros(0), np.zeros(0))
_NEAREST_BEATS = 0.4  # to a locked beat


def counted(document: Document) -> MusicAnalysis:
    """The music as it is counted now; EditRefused where there is nothing to count."""
    music = listened(document)
    if music.n_beats == 0:
        raise EditRefused("No beat was found in this music: tap along while it plays.")
    return music


def listened(document: Document) -> MusicAnalysis:
    """The music as it is known now; EditRefused where there is none."""
    if document.music is None:
        raise EditRefused("There is no music yet: drop a song into the piece first.")
    return document.music


def nearest_beat(music: MusicAnalysis, time_s: float) -> int:
    """The index of the beat nearest to a time."""
    return int(np.argmin(np.abs(music.beat_times_s - time_s)))


def periods_s(music: MusicAnalysis) -> np.ndarray:
    """How long each beat lasts, [B]: until the next, or as the tempo has it where the music pauses or ends."""
    usual_s = 60.0 / np.maximum(music.tempo_curve_bpm, 1.0)
    gaps_s = np.diff(music.beat_times_s, append=np.inf)
    return np.where(gaps_s < PAUSE_BEATS * usual_s, gaps_s, usual_s)


def beat_numbers(music: MusicAnalysis) -> np.ndarray:
    """The beats counted through, those that a pause left out too, from 0, int [B]."""
    gaps = np.diff(music.beat_times_s) / periods_s(music)[:-1]
    return np.concatenate([[0], np.cumsum(np.maximum(np.round(gaps), 1.0))]).astype(int)[: music.n_beats]


def bars_set(music: MusicAnalysis, eight_s: float | None, bar_one_s: float | None) -> MusicAnalysis:
    """The music with the bar that begins nearest to a time as bar one, and an eight beginning nearest to another.

    None leaves the first bar as bar one, and the eights beginning with it.
    """
    begins_s = music.downbeat_times_s
    if not len(begins_s):
        return replace(music, bar_one=0, phrase_start_bar=0)
    one = 0 if bar_one_s is None else int(np.argmin(np.abs(begins_s - bar_one_s)))
    eight = one if eight_s is None else int(np.argmin(np.abs(begins_s - eight_s)))
    return replace(music, bar_one=one, phrase_start_bar=(eight - one) % 2)


def bar_one_s(music: MusicAnalysis) -> float | None:
    """When bar one begins; None where it is the first that begins."""
    begins_s = music.downbeat_times_s
    return float(begins_s[music.bar_one]) if 0 < music.bar_one < len(begins_s) else None


def eight_s(music: MusicAnalysis, moved: TimeMap | None = None) -> float | None:
    """When an eight begins, or where that goes: the first that is in the song there. None where none is."""
    starts_s = music.beat_times_s[music.counts_of_eight() == 1]
    goes_s = starts_s if moved is None else moved.at(starts_s)
    inside = goes_s[(goes_s >= 0.0) & (goes_s <= music.duration_s)]
    return float(inside[0]) if len(inside) else None


def with_beats(music: MusicAnalysis, times_s: np.ndarray, in_bar: np.ndarray, beats_per_bar: int = 0) -> MusicAnalysis:
    """The music with other beats; what else is known of each beat comes from those that were there. Bars are counted
    from the first again.

    Args:
        times_s: Ascending, [N].
        in_bar: Their places in the bar, int [N].
        beats_per_bar: As many as now where 0.
    """
    index = np.arange(music.n_beats)
    rows = np.interp(times_s, music.beat_times_s, index) if music.n_beats else np.zeros(len(times_s))
    nearest = np.round(rows).astype(int)
    values: dict[str, Any] = {name: getattr(music, name)[nearest] for name in _per_beat() if music.n_beats}
    curve_bpm = _tempo_curve(times_s)
    values |= {"beat_times_s": np.array(times_s, float), "tempo_curve_bpm": curve_bpm}
    values["beat_in_bar"] = np.asarray(in_bar).astype(np.int64)
    tempo_bpm = float(np.median(curve_bpm)) if len(times_s) > 1 else music.tempo_bpm
    most = int(np.max(in_bar, initial=0)) + 1
    return replace(
        music, **values, tempo_bpm=tempo_bpm, beats_per_bar=max(beats_per_bar or music.beats_per_bar, most), bar_one=0
    )


def corrected(document: Document, music: MusicAnalysis, moved: TimeMap, follows: bool) -> Document:
    """The document with its beats corrected.

    Args:
        document: Before.
        music: The music as it shall be counted; beats of locked spans are put back into it.
        moved: Where moments of the song go; locked ones stay all the same.
        follows: Whether the dance goes along.
    """
    before = listened(document)
    pins = document.pins
    if pins.locked_s:
        music, moved = _with_locks(before, music, pins.locked_s), _held(before, moved, pins.locked_s)
    anchors = tuple(float(t) for t in moved.at(np.array(pins.anchors_s))) if not moved.is_still else pins.anchors_s
    if follows and not moved.is_still:
        total = TimeMap(np.array(pins.heard_s), np.array(pins.danced_s)).then(moved)
        pins = replace(pins, heard_s=tuple(total.old.tolist()), danced_s=tuple(total.new.tolist()))
    document = replace(document, corrected=music, pins=replace(pins, anchors_s=anchors))
    return followed(document, moved) if follows else document


def is_locked_at(pins: Pins, times_s: np.ndarray) -> np.ndarray:
    """Which moments lie in a locked span, bool like `times_s`."""
    out = np.zeros(np.shape(times_s), dtype=bool)
    for start_s, end_s in pins.locked_s:
        out |= (np.asarray(times_s) >= start_s - 1e-6) & (np.asarray(times_s) <= end_s + 1e-6)
    return out


def paired(old_s: np.ndarray, new_s: np.ndarray) -> TimeMap:
    """Which of some new beats each old one has become, where the new ones were found without regard to the old.

    Where the tempi are as one to two or the like, some of them are paired. As many beats as can be go in order, from
    the two that are nearest to each other on.
    """
    if len(old_s) < 2 or len(new_s) < 2:
        return NO_BEATS
    times = float(np.median(np.diff(old_s)) / np.median(np.diff(new_s)))
    ratios = (0.25, 1.0 / 3.0, 0.5, 1.0, 2.0, 3.0, 4.0)
    ratio = min(ratios, key=lambda r: abs(np.log(times / r)))
    nearest = np.abs(old_s[:, np.newaxis] - new_s[np.newaxis, :])
    i, j = np.unravel_index(int(np.argmin(nearest)), nearest.shape)
    at = int(j) + (np.arange(len(old_s)) - int(i)) * ratio
    is_one = (np.abs(at - np.round(at)) < 1e-9) & (at > -0.5) & (at < len(new_s) - 0.5)
    return time_map(old_s[is_one], new_s[np.round(at[is_one]).astype(int)])


def locked_spans(spans: Iterable[tuple[float, float]]) -> tuple[tuple[float, float], ...]:
    """Spans that overlap or touch as one, ascending."""
    out: list[tuple[float, float]] = []
    for start_s, end_s in sorted(spans):
        if out and start_s <= out[-1][1] + 1e-6:
            out[-1] = (out[-1][0], max(out[-1][1], end_s))
        else:
            out.append((start_s, end_s))
    return tuple(out)


@cache
def _per_beat() -> tuple[str, ...]:
    """What an analysis knows of each beat, beside where it is."""
    named = ("beat_times_s", "beat_in_bar", "tempo_curve_bpm", *CURVES)
    return tuple(f.name for f in fields(MusicAnalysis) if f.type == "np.ndarray" and f.name not in named)


def _tempo_curve(times_s: np.ndarray) -> np.ndarray:
    """Tempo at each beat from those around it; a pause counts for none."""
    if len(times_s) < 2:
        return np.full(len(times_s), 60.0)
    gaps_s = np.diff(times_s)
    usual_s = _medians_around(gaps_s, 4)
    gaps_s = np.where(gaps_s < PAUSE_BEATS * usual_s, gaps_s, usual_s)
    around_s = np.concatenate([gaps_s[:1], 0.5 * (gaps_s[1:] + gaps_s[:-1]), gaps_s[-1:]])
    return np.asarray(60.0 / around_s)


def _medians_around(values: np.ndarray, reach: int) -> np.ndarray:
    """The median of each value and up to `reach` on either side, as many as there are; all at once, for beats are
    dragged in songs that have thousands."""
    n = len(values)
    ends = [i for i in range(n) if not reach <= i < n - reach]
    medians = np.empty(n)
    medians[ends] = [np.median(values[max(i - reach, 0) : i + reach + 1]) for i in ends]
    if n > 2 * reach:
        windows = np.lib.stride_tricks.sliding_window_view(values, 2 * reach + 1)
        medians[reach : n - reach] = np.median(windows, axis=1)
    return medians


def _with_locks(
    before: MusicAnalysis, after: MusicAnalysis, locked_s: tuple[tuple[float, float], ...]
) -> MusicAnalysis:
    """The music after a correction with the beats of locked spans as they were."""
    pins = Pins(locked_s=locked_s)
    held = is_locked_at(pins, before.beat_times_s)
    free = ~is_locked_at(pins, after.beat_times_s)
    kept_s = before.beat_times_s[held]
    if len(kept_s):
        away_s = np.abs(after.beat_times_s[:, np.newaxis] - kept_s[np.newaxis, :]).min(axis=1)
        free &= away_s > _NEAREST_BEATS * periods_s(after)
    times_s = np.concatenate([kept_s, after.beat_times_s[free]])
    in_bar = np.concatenate([before.beat_in_bar[held], after.beat_in_bar[free]])
    order = np.argsort(times_s, kind="stable")
    mixed = with_beats(after, times_s[order], in_bar[order])
    return bars_set(mixed, eight_s(after), bar_one_s(after))


def _held(before: MusicAnalysis, moved: TimeMap, locked_s: tuple[tuple[float, float], ...]) -> TimeMap:
    """The map with everything in locked spans, and what would go into or over them, staying."""
    if moved.is_still:
        return moved
    pins = Pins(locked_s=locked_s)
    stays = before.beat_times_s[is_locked_at(pins, before.beat_times_s)]
    stays = np.unique(np.concatenate([stays, np.array(locked_s).ravel()]))
    free = ~is_locked_at(pins, moved.old) & ~is_locked_at(pins, moved.new)
    # Nothing passes a locked span.
    free &= np.searchsorted(stays, moved.old) == np.searchsorted(stays, moved.new)
    old, new = np.concatenate([stays, moved.old[free]]), np.concatenate([stays, moved.new[free]])
    order = np.argsort(old, kind="stable")
    return time_map(old[order], new[order])
