"""The beat grid corrected: what a dancer counts changes, what was heard stays."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as effort
from hypothesis import strategies as st

from editor.document.document import Document
from editor.document.edits import EditRefused
from editor.document.grid import _medians_around
from editor.document.grid_edits import (
    double_tempo,
    halve_tempo,
    nudge_grid,
    reset_grid,
    set_one_here,
    shift_downbeat,
)
from engine.music.analysis import MusicAnalysis
from tests.documents import an_analysis

EDITS = {
    "halve": halve_tempo,
    "double": double_tempo,
    "shift": lambda d: shift_downbeat(d, 1),
    "one": lambda d: set_one_here(d, 3.1),
    "nudge": lambda d: nudge_grid(d, 0.03),
}


def piece(**attributes: object) -> Document:
    return Document(analysis=an_analysis(**attributes))


def counts(music: MusicAnalysis | None) -> list[int]:
    assert music is not None
    return [music.count_of_eight(i) for i in range(music.n_beats)]


def ones_s(music: MusicAnalysis | None) -> list[float]:
    """When the eights begin."""
    return [t for t, count in zip(music.beat_times_s.tolist(), counts(music), strict=True) if count == 1]


def with_second_bar_first(document: Document) -> Document:
    return replace(document, analysis=replace(document.analysis, phrase_start_bar=1))


@pytest.mark.parametrize("edit", EDITS)
def test_what_was_heard_stays_beside_the_correction(edit):
    before = piece()

    after = EDITS[edit](before)

    assert after.analysis is before.analysis
    assert after.music is after.corrected
    assert after.corrected.loudness is before.analysis.loudness
    assert reset_grid(after) == before


def test_half_the_tempo_counts_every_second_beat():
    music = halve_tempo(piece(duration_s=16.0)).music

    assert music.beat_times_s.tolist() == [float(s) for s in range(16)]
    assert counts(music)[:9] == [1, 2, 3, 4, 5, 6, 7, 8, 1]
    assert (music.tempo_bpm, music.tempo_curve_bpm[0]) == (60.0, 60.0)


def test_double_tempo_counts_between_the_beats():
    music = double_tempo(piece()).music

    assert np.allclose(np.diff(music.beat_times_s), 0.25)
    assert counts(music)[:9] == [1, 2, 3, 4, 5, 6, 7, 8, 1]
    assert (music.tempo_bpm, music.tempo_curve_bpm[0]) == (240.0, 240.0)


@pytest.mark.parametrize("beats_per_bar", [3, 4])
@pytest.mark.parametrize("first", [0, 1, 2])
@pytest.mark.parametrize("edit", [halve_tempo, double_tempo])
def test_eights_still_begin_where_an_eight_began(edit, first, beats_per_bar):
    before = with_second_bar_first(piece(first=first, beats_per_bar=beats_per_bar, duration_s=30.0))

    after = edit(before)

    old, new = set(ones_s(before.music)), set(ones_s(after.music))
    assert (new <= old) if edit is halve_tempo else (old <= new)


@given(st.integers(0, 3), st.sampled_from([3, 4]), st.integers(0, 1), st.integers(8, 40))
@effort(max_examples=50)
def test_doubling_and_halving_counts_the_same_beats_again(first, beats_per_bar, phrase_start_bar, n_beats):
    heard = an_analysis(n_beats / 2.0, beats_per_bar=beats_per_bar, first=first % beats_per_bar)
    document = Document(analysis=replace(heard, phrase_start_bar=phrase_start_bar))

    music = halve_tempo(double_tempo(document)).music

    assert np.array_equal(music.beat_times_s, heard.beat_times_s)
    assert np.array_equal(music.beat_in_bar, heard.beat_in_bar)
    assert (music.tempo_bpm, music.beats_per_bar) == (heard.tempo_bpm, beats_per_bar)


def test_no_beat_is_counted_into_a_pause():
    heard = an_analysis()
    keep = np.r_[0:6, 12:16]
    paused = replace(
        heard, beat_times_s=heard.beat_times_s[keep], beat_in_bar=heard.beat_in_bar[keep],
        tempo_curve_bpm=heard.tempo_curve_bpm[keep],
    )  # fmt: skip

    music = double_tempo(Document(analysis=paused)).music

    assert not np.any((music.beat_times_s > 2.5) & (music.beat_times_s < 6.0))


def test_bars_begin_some_beats_later_or_earlier():
    document = piece()

    assert shift_downbeat(document, 1).music.downbeat_times_s[0] == 0.5
    assert shift_downbeat(document, -1).music.downbeat_times_s[0] == 1.5
    assert shift_downbeat(shift_downbeat(document, 3), -3).music.beat_in_bar.tolist() == counts_in_bar(document)


def counts_in_bar(document: Document) -> list[int]:
    return document.analysis.beat_in_bar.tolist()


@given(st.floats(-1.0, 9.0), st.integers(0, 3), st.integers(0, 1), st.sampled_from([3, 4]))
@effort(max_examples=60)
def test_the_beat_nearest_to_here_is_counted_one(time_s, first, phrase_start_bar, beats_per_bar):
    heard = replace(
        an_analysis(beats_per_bar=beats_per_bar, first=first % beats_per_bar), phrase_start_bar=phrase_start_bar
    )

    music = set_one_here(Document(analysis=heard), time_s).music

    beat = int(np.argmin(np.abs(music.beat_times_s - time_s)))
    assert music.count_of_eight(beat) == 1


def test_the_grid_is_nudged():
    music = nudge_grid(piece(), 0.02).music

    assert np.allclose(music.beat_times_s, an_analysis().beat_times_s + 0.02)
    assert counts(music) == counts(an_analysis())


@pytest.mark.parametrize("seconds", [-3.2, -0.1, 2.7])
def test_beats_that_leave_the_song_are_dropped_and_the_others_keep_their_counts(seconds):
    before = with_second_bar_first(piece())

    music = nudge_grid(before, seconds).music

    assert music.beat_times_s[0] >= 0.0
    assert music.beat_times_s[-1] <= music.duration_s
    old = dict(zip(np.round(before.music.beat_times_s + seconds, 6).tolist(), counts(before.music), strict=True))
    assert counts(music) == [old[t] for t in np.round(music.beat_times_s, 6).tolist()]


def test_what_is_reset_without_a_correction_is_the_same_document():
    document = piece()

    assert reset_grid(document) is document


@pytest.mark.parametrize("edit", EDITS)
def test_without_beats_there_is_nothing_to_correct(edit):
    heard = an_analysis()
    silent = replace(
        heard, beat_times_s=np.zeros(0), beat_in_bar=np.zeros(0, dtype=int), tempo_curve_bpm=np.zeros(0), tempo_bpm=0.0
    )

    with pytest.raises(EditRefused, match="No beat was found"):
        EDITS[edit](Document(analysis=silent))
    with pytest.raises(EditRefused, match="no music yet"):
        EDITS[edit](Document())


def test_a_tempo_that_nobody_counts_is_refused():
    with pytest.raises(EditRefused, match="slow already"):
        halve_tempo(piece(bpm=50.0))
    with pytest.raises(EditRefused, match="fast already"):
        double_tempo(piece(bpm=220.0))
    with pytest.raises(EditRefused, match="leave the song"):
        nudge_grid(piece(), 100.0)


@pytest.mark.parametrize("n", [1, 3, 8, 9, 40])
def test_the_medians_around_are_those_of_each_place(n):
    values = np.random.default_rng(n).normal(size=n)

    assert _medians_around(values, 4).tolist() == [np.median(values[max(i - 4, 0) : i + 5]) for i in range(n)]
