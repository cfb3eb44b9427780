"""Her corrections of the beats that were heard: how fast they go, where the bars and the counts of eight begin.

Where beats move, or bars begin elsewhere, the dance goes along (`following`), in the same step, unless `follows` is
False. Beats of locked spans stay.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np

from editor.document.document import Document, Pins
from editor.document.edits import EditRefused
from editor.document.following import TimeMap, followed, time_map
from editor.document.grid import (
    FASTEST_BPM,
    NO_BEATS,
    PAUSE_BEATS,
    SLOWEST_BPM,
    bar_one_s,
    bars_set,
    beat_numbers,
    corrected,
    counted,
    eight_s,
    listened,
    nearest_beat,
    paired,
    periods_s,
    with_beats,
)
from engine.music.analysis import MusicAnalysis

# What a bar may be set to have, and its name.
METERS = {2: "2/4", 3: "3/4", 4: "4/4", 6: "6/8"}


def halve_tempo(document: Document) -> Document:
    """Count every second beat: bars and eights last twice as long."""
    music = counted(document)
    if music.tempo_bpm / 2.0 < SLOWEST_BPM or music.n_beats < 4:
        raise EditRefused("The beats are slow already: at half the tempo nobody could count them.")
    kept, in_bar = [], []
    for start, end in _even_runs(music):
        one = _first_of_eight(music, start)
        beats = np.arange(start + (one - start) % 2, end, 2)
        kept.append(beats)
        in_bar.append(((beats - one) // 2) % music.beats_per_bar)
    rows = np.concatenate(kept).astype(float)
    return corrected(document, _counted_at(music, rows, np.concatenate(in_bar), 0.5), NO_BEATS, False)


def double_tempo(document: Document) -> Document:
    """Count between the beats too: bars and eights last half as long."""
    music = counted(document)
    if music.tempo_bpm * 2.0 > FASTEST_BPM:
        raise EditRefused("The beats are fast already: at double tempo nobody could count them.")
    at, in_bar = [], []
    for start, end in _even_runs(music):
        one = _first_of_eight(music, start)
        halves = np.arange(2 * start, 2 * end - 1)
        at.append(halves / 2.0)
        in_bar.append((halves - 2 * one) % music.beats_per_bar)
    rows, places = np.concatenate(at), np.concatenate(in_bar)
    beats = np.arange(music.n_beats)
    gaps_s = np.diff(music.beat_times_s, append=np.inf) * music.tempo_curve_bpm / 60.0
    is_beat = (rows % 1.0 == 0.0) | (gaps_s[np.minimum(rows.astype(int), beats[-1])] < PAUSE_BEATS)
    return corrected(document, _counted_at(music, rows[is_beat], places[is_beat], 2.0), NO_BEATS, False)


def shift_downbeat(document: Document, beats: int, follows: bool = True) -> Document:
    """Let every bar begin some beats later, or earlier where negative; the dance's ones go to the new ones."""
    music = counted(document)
    moved = TimeMap(music.beat_times_s, _beyond(music, np.arange(music.n_beats) + beats))
    eight, one = eight_s(music, moved), _moved(bar_one_s(music), moved)
    changed = replace(music, beat_in_bar=(music.beat_in_bar - beats) % music.beats_per_bar, bar_one=0)
    changed = bars_set(changed, eight, one)
    return corrected(document, changed, moved, follows)


def set_one_here(document: Document, time_s: float, follows: bool = True) -> Document:
    """Let the beat nearest to a time be a count of one: the first of its bar and of its eight.

    The dance's ones go to the new ones, the shorter way.
    """
    music = counted(document)
    beat = nearest_beat(music, time_s)
    shift = int(music.beat_in_bar[beat])
    shift -= music.beats_per_bar if shift > music.beats_per_bar / 2 else 0
    document = shift_downbeat(document, shift, follows) if shift else document
    music = counted(document)
    changed = bars_set(music, float(music.beat_times_s[nearest_beat(music, time_s)]), bar_one_s(music))
    return corrected(document, changed, NO_BEATS, False)


def set_bar_one(document: Document, time_s: float, follows: bool = True) -> Document:
    """Let bar one begin with the beat nearest to a time; what comes before leads up to it."""
    document = set_one_here(document, time_s, follows)
    music = counted(document)
    begins_s = float(music.beat_times_s[nearest_beat(music, time_s)])
    return corrected(document, bars_set(music, begins_s, begins_s), NO_BEATS, False)


def shift_eights(document: Document) -> Document:
    """Let the counts of eight begin a bar later."""
    music = counted(document)
    return corrected(document, replace(music, phrase_start_bar=1 - music.phrase_start_bar), NO_BEATS, False)


def set_meter(document: Document, beats_per_bar: int, from_s: float | None = None) -> Document:
    """Let bars have another number of beats, one of METERS, from the beat nearest to a time on, or everywhere.

    A bar begins there; everywhere, the bars begin with the first that begins now, after a pause anew.
    """
    music = counted(document)
    if beats_per_bar not in METERS:
        raise EditRefused("A bar has two, three, four or six beats here: choose one of these.")
    in_bar, numbers = music.beat_in_bar.copy(), beat_numbers(music)
    starts = [nearest_beat(music, from_s)] if from_s is not None else [_first_one(music, *r) for r in _even_runs(music)]
    ends = [music.n_beats] if from_s is not None else [end for _, end in _even_runs(music)]
    begins = starts if from_s is not None else [start for start, _ in _even_runs(music)]
    for one, begin, end in zip(starts, begins, ends, strict=True):
        in_bar[begin:end] = (numbers[begin:end] - numbers[one]) % beats_per_bar
    eight, first = (eight_s(music), bar_one_s(music)) if from_s is None else (None, bar_one_s(music))
    changed = replace(music, beat_in_bar=in_bar, beats_per_bar=max(int(in_bar.max()) + 1, beats_per_bar), bar_one=0)
    if from_s is None:
        changed = replace(changed, beats_per_bar=beats_per_bar)
    return corrected(document, bars_set(changed, eight, first), NO_BEATS, False)


def set_tempo(document: Document, bpm: float, at_s: float, follows: bool = True) -> Document:
    """Put all beats on an even grid of a tempo, through the beat nearest to a time."""
    music = counted(document)
    if not SLOWEST_BPM <= bpm <= FASTEST_BPM:
        raise EditRefused(f"Beats can be counted from {SLOWEST_BPM:.0f} to {FASTEST_BPM:.0f} a minute: type another.")
    anchor = nearest_beat(music, at_s)
    times_s, labels = even_grid(music, anchor, 60.0 / bpm)
    old_s, ratio = music.beat_times_s, _ratio(60.0 / float(np.median(periods_s(music))), bpm)
    new = old_s[anchor] + (beat_numbers(music) - beat_numbers(music)[anchor]) * ratio * 60.0 / bpm
    changed = with_beats(music, times_s, labels)
    changed = bars_set(replace(changed, tempo_bpm=bpm, is_steady=True), eight_s(music), bar_one_s(music))
    return corrected(document, changed, time_map(old_s, new), follows)


def even_grid(music: MusicAnalysis, anchor: int, period_s: float) -> tuple[np.ndarray, np.ndarray]:
    """Times and places in the bar of an even grid over the whole song that keeps one beat as it is."""
    at_s, place = float(music.beat_times_s[anchor]), int(music.beat_in_bar[anchor])
    first, last = -int(at_s / period_s + 1e-9), int((music.duration_s - at_s) / period_s + 1e-9)
    steps = np.arange(first, last + 1)
    return at_s + steps * period_s, (place + steps) % music.beats_per_bar


def nudge_grid(document: Document, seconds: float, follows: bool = True) -> Document:
    """Move all beats later, or earlier where negative; those that leave the song are dropped."""
    music = counted(document)
    return _moved_to(document, music, music.beat_times_s + seconds, follows)


def shift_half_beat(document: Document, direction: int, follows: bool = True) -> Document:
    """Move all beats half a beat later (1) or earlier (-1): to where the off-beats were."""
    music = counted(document)
    half_s = 0.5 * periods_s(music)
    step_s = half_s if direction > 0 else -np.concatenate([half_s[:1], half_s[:-1]])
    return _moved_to(document, music, music.beat_times_s + step_s, follows)


def set_beats(document: Document, times_s: np.ndarray, in_bar: np.ndarray, follows: bool = True) -> Document:
    """Put beats from elsewhere, such as a file, in the place of those that were heard.

    Args:
        times_s: Ascending, [B].
        in_bar: Their places in the bar, 0 = downbeat, int [B].
    """
    music = listened(document)
    inside = (times_s >= 0.0) & (times_s <= music.duration_s)
    times_s, in_bar = times_s[inside], in_bar[inside]
    if len(times_s) < 2 or np.any(np.diff(times_s) < 60.0 / FASTEST_BPM / 2.0):
        raise EditRefused("There are too few beats within the song, or two that are hardly apart: choose another file.")
    changed = with_beats(music, times_s, in_bar, int(in_bar.max()) + 1)
    moved = paired(music.beat_times_s, times_s)
    return corrected(document, bars_set(changed, None, None), moved, follows)


def reset_grid(document: Document, follows: bool = True) -> Document:
    """Go back to the beats as they were heard, locked ones too; the dance comes back with them."""
    if document.corrected is None and document.pins == Pins():
        return document
    pins = document.pins
    back = TimeMap(np.array(pins.danced_s), np.array(pins.heard_s))
    document = replace(document, corrected=None, pins=Pins())
    return followed(document, back) if follows and not back.is_still else document


def _moved_to(document: Document, music: MusicAnalysis, times_s: np.ndarray, follows: bool) -> Document:
    """The document with every beat at another time; those outside the song are dropped."""
    stays = (times_s >= 0.0) & (times_s <= music.duration_s)
    if not stays.any():
        raise EditRefused("All beats would leave the song: move them less.")
    moved = TimeMap(music.beat_times_s, times_s)
    eight, one = eight_s(music, moved), _moved(bar_one_s(music), moved)
    curve_bpm, tempo_bpm = music.tempo_curve_bpm[stays], music.tempo_bpm
    changed = with_beats(music, times_s[stays], music.beat_in_bar[stays])
    changed = replace(changed, tempo_curve_bpm=curve_bpm, tempo_bpm=tempo_bpm)
    return corrected(document, bars_set(changed, eight, one), moved, follows)


def _moved(time_s: float | None, moved: TimeMap) -> float | None:
    return None if time_s is None else float(moved.at(np.array(time_s)))


def _beyond(music: MusicAnalysis, rows: np.ndarray) -> np.ndarray:
    """When beats of any number are, those before the first and after the last too."""
    lasts_s, times_s, last = periods_s(music), music.beat_times_s, music.n_beats - 1
    inside = times_s[np.clip(rows, 0, last)]
    return np.asarray(inside + np.minimum(rows, 0) * lasts_s[0] + np.maximum(rows - last, 0) * lasts_s[-1])


def _ratio(old_bpm: float, new_bpm: float) -> float:
    """How many new beats an old one has become: the factor of two or three that is nearest."""
    return float(min((0.25, 1 / 3, 0.5, 1.0, 2.0, 3.0, 4.0), key=lambda r: abs(np.log(new_bpm / old_bpm / r))))


def _first_one(music: MusicAnalysis, start: int, end: int) -> int:
    """The first beat of a run that begins a bar, were bars to go on evenly before and after the run."""
    return start + int(-music.beat_in_bar[start] % music.beats_per_bar) if end > start else start


def _even_runs(music: MusicAnalysis) -> list[tuple[int, int]]:
    """Half-open spans of beats in which bars follow one another without a break."""
    broken = np.diff(music.beat_in_bar) % music.beats_per_bar != 1
    edges = [0, *(int(i) + 1 for i in np.flatnonzero(broken)), music.n_beats]
    return list(pairwise(edges))


def _first_of_eight(music: MusicAnalysis, beat: int) -> int:
    """The first beat from this one on, were bars to go on evenly, that begins an eight; it may lie behind the last."""
    one = beat + int(-music.beat_in_bar[beat] % music.beats_per_bar)
    bar = music.bar_of_beat(beat) + (one > beat)
    return one if bar % 2 == music.phrase_start_bar else one + music.beats_per_bar


def _counted_at(music: MusicAnalysis, rows: np.ndarray, in_bar: np.ndarray, faster: float) -> MusicAnalysis:
    """The music with beats at fractional indices of the beats before, `faster` times as many a minute."""
    beats = np.arange(music.n_beats)
    eight = eight_s(music)
    changed = with_beats(music, np.interp(rows, beats, music.beat_times_s), in_bar)
    curve_bpm = np.interp(rows, beats, music.tempo_curve_bpm) * faster
    changed = replace(changed, tempo_bpm=music.tempo_bpm * faster, tempo_curve_bpm=curve_bpm)
    return bars_set(changed, eight, bar_one_s(music))
