"""Her corrections of the beats that were heard: how fast they go, where the bars and the counts of eight begin.

The motion stays where it is.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np

from editor.document.document import Document
from editor.document.edits import EditRefused
from engine.music.analysis import MusicAnalysis

SLOWEST_BPM, FASTEST_BPM = 30.0, 400.0
# Between beats further apart than this many beats the music pauses, and no beat is put there.
_PAUSE_BEATS = 1.75


def halve_tempo(document: Document) -> Document:
    """Count every second beat: bars and eights last twice as long."""
    music = _counted(document)
    if music.tempo_bpm / 2.0 < SLOWEST_BPM or music.n_beats < 4:
        raise EditRefused("The beats are slow already: at half the tempo nobody could count them.")
    kept, in_bar = [], []
    for start, end in _even_runs(music):
        one = _first_of_eight(music, start)
        beats = np.arange(start + (one - start) % 2, end, 2)
        kept.append(beats)
        in_bar.append(((beats - one) // 2) % music.beats_per_bar)
    rows = np.concatenate(kept)
    return _corrected(document, music, rows.astype(float), np.concatenate(in_bar), 0.5, 0.0)


def double_tempo(document: Document) -> Document:
    """Count between the beats too: bars and eights last half as long."""
    music = _counted(document)
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
    is_beat = (rows % 1.0 == 0.0) | (gaps_s[np.minimum(rows.astype(int), beats[-1])] < _PAUSE_BEATS)
    return _corrected(document, music, rows[is_beat], places[is_beat], 2.0, _first_of_eight(music, 0))


def shift_downbeat(document: Document, beats: int) -> Document:
    """Let every bar begin some beats later, or earlier where negative."""
    music = _counted(document)
    return replace(document, corrected=replace(music, beat_in_bar=(music.beat_in_bar - beats) % music.beats_per_bar))


def set_one_here(document: Document, time_s: float) -> Document:
    """Let the beat nearest to a time be a count of one: the first of its bar and of its eight."""
    music = _counted(document)
    beat = int(np.argmin(np.abs(music.beat_times_s - time_s)))
    shift = music.beat_in_bar[beat]
    music = replace(music, beat_in_bar=(music.beat_in_bar - shift) % music.beats_per_bar)
    return replace(document, corrected=replace(music, phrase_start_bar=music.bar_of_beat(beat) % 2))


def nudge_grid(document: Document, seconds: float) -> Document:
    """Move all beats later, or earlier where negative; those that leave the song are dropped."""
    music = _counted(document)
    times_s = music.beat_times_s + seconds
    stays = (times_s >= 0.0) & (times_s <= music.duration_s)
    if not stays.any():
        raise EditRefused("All beats would leave the song: move them less.")
    lost = np.flatnonzero(stays)[0]
    bars_lost = int(np.count_nonzero(music.beat_in_bar[:lost] == 0))
    changed = replace(
        music, beat_times_s=times_s[stays], beat_in_bar=music.beat_in_bar[stays],
        tempo_curve_bpm=music.tempo_curve_bpm[stays], phrase_start_bar=(music.phrase_start_bar - bars_lost) % 2,
    )  # fmt: skip
    return replace(document, corrected=changed)


def reset_grid(document: Document) -> Document:
    """Go back to the beats as they were heard."""
    return document if document.corrected is None else replace(document, corrected=None)


def _counted(document: Document) -> MusicAnalysis:
    """The music as it is counted now; EditRefused where there is nothing to count."""
    if document.music is None:
        raise EditRefused("There is no music yet: drop a song into the piece first.")
    if document.music.n_beats == 0:
        raise EditRefused("No beat was found in this music: there is nothing to correct.")
    return document.music


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


def _corrected(
    document: Document, music: MusicAnalysis, rows: np.ndarray, in_bar: np.ndarray, faster: float, one: float
) -> Document:
    """The document with beats at fractional indices of the beats before, one of which begins an eight."""
    beats = np.arange(music.n_beats)
    changed = replace(
        music,
        beat_times_s=np.interp(rows, beats, music.beat_times_s),
        beat_in_bar=in_bar.astype(music.beat_in_bar.dtype),
        tempo_bpm=music.tempo_bpm * faster,
        tempo_curve_bpm=np.interp(rows, beats, music.tempo_curve_bpm) * faster,
        phrase_start_bar=int(np.count_nonzero((in_bar == 0) & (rows < one))) % 2,
    )
    return replace(document, corrected=changed)
