"""Counts, bars and phrases as dancers and musicians number them."""

from __future__ import annotations

from editor.timeline.beat_grid import BeatGrid, Moment
from tests.editor.timeline.pieces import music


def test_the_grid_counts_as_the_analysis_does():
    analysis = music(beats_per_bar=3)
    grid = BeatGrid(analysis)

    for i in range(analysis.n_beats):
        assert grid.count[i] == analysis.count_of_eight(i)
        assert grid.bar[i] == analysis.bar_of_beat(i) + 1


def test_a_moment_is_told_by_the_beat_that_sounds():
    grid = BeatGrid(music())

    assert grid.at(0.0) == Moment(phrase=1, count=1, bar=1, beat=1)
    assert grid.at(2.49) == Moment(phrase=1, count=5, bar=2, beat=1)
    assert grid.at(4.0) == Moment(phrase=2, count=1, bar=3, beat=1)


def test_there_is_no_count_before_the_first_beat_and_long_after_the_last():
    grid = BeatGrid(music())

    assert grid.at(-0.1) is None
    assert grid.at(60.0) is None


def test_bars_and_eights_begin_where_their_first_beats_are():
    grid = BeatGrid(music())

    assert grid.downbeats_s.tolist() == [0.0, 2.0, 4.0, 6.0, 8.0, 10.0, 12.0, 14.0]
    assert grid.phrases_s.tolist() == [0.0, 4.0, 8.0, 12.0]
