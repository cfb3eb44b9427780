from __future__ import annotations

import numpy as np
import pytest

from app.counting import Counting, clock
from engine.music.analysis import CURVES, MusicAnalysis


def song(n_beats: int = 64, beat_s: float = 0.5, start_s: float = 1.0, pick_up: int = 0, beats_per_bar: int = 4):
    """An analysis with an even beat, the first `pick_up` beats before the first downbeat."""
    beats = start_s + beat_s * np.arange(n_beats)
    duration_s = start_s + beat_s * n_beats + 1.0
    return MusicAnalysis(
        duration_s=duration_s, beat_times_s=beats, beat_in_bar=(np.arange(n_beats) - pick_up) % beats_per_bar,
        beats_per_bar=beats_per_bar, tempo_bpm=60.0 / beat_s, beat_confidence=1.0,
        tempo_curve_bpm=np.full(n_beats, 60.0 / beat_s), sections=(), curve_rate_hz=10.0,
        emotion_confidence=0.0, **{name: np.full(round(10 * duration_s), 0.5) for name in CURVES},
    )  # fmt: skip


def test_counts_go_from_one_to_eight_over_two_bars():
    counting = Counting(song())

    numbers = [counting.at(1.0 + 0.5 * i + 0.1).number for i in range(10)]

    assert numbers == [1, 2, 3, 4, 5, 6, 7, 8, 1, 2]


def test_waltzes_count_to_six():
    counting = Counting(song(beats_per_bar=3))

    assert counting.n_counts == 6
    assert [counting.at(1.0 + 0.5 * i).number for i in range(7)] == [1, 2, 3, 4, 5, 6, 1]


def test_a_beat_counts_from_the_moment_it_sounds():
    counting = Counting(song())

    assert counting.at(1.4999).number == 1
    assert counting.at(1.5).number == 2


def test_the_frame_nearest_to_a_beat_counts_it():
    counting = Counting(song(beat_s=0.53))
    beats_s = 1.0 + 0.53 * np.arange(8)
    frames_s = np.round(30.0 * beats_s) / 30.0

    assert [counting.at_frame(s).number for s in frames_s] == list(range(1, 9))
    assert counting.at(frames_s[frames_s < beats_s - 1e-6][0]).number < 8


def test_there_is_no_count_before_the_first_and_after_the_last_beat():
    counting = Counting(song(n_beats=4))

    assert counting.at(0.99) is None
    assert counting.at(2.9).number == 4
    assert counting.at(3.1) is None


def test_bars_are_numbered_from_one_and_a_pick_up_is_called_so():
    counting = Counting(song(pick_up=2))

    assert counting.at(1.0).bar_name == "pick-up"
    assert [counting.at(t).bar_name for t in (2.0, 3.9, 4.0)] == ["bar 1", "bar 1", "bar 2"]


def test_a_song_without_beats_has_no_counts():
    counting = Counting(song(n_beats=0))

    assert counting.at(1.0) is None
    assert counting.moments(8, 0.0, 10.0) == []


def test_moments_are_whole_counts_of_eight_spread_over_the_song():
    moments = Counting(song(n_beats=160)).moments(24, 0.0, 100.0)

    assert [m.number for m in moments] == [1, 2, 3, 4, 5, 6, 7, 8] * 3
    assert [moments[i].bar for i in (0, 8, 16)] == [1, 21, 39]


def test_all_beats_are_moments_when_there_are_few():
    moments = Counting(song(n_beats=10)).moments(32, 2.0, 100.0)

    assert [m.time_s for m in moments] == [2.0, 2.5, 3.0, 3.5, 4.0, 4.5, 5.0, 5.5]


@pytest.mark.parametrize("n", [1, 3, 8, 9, 30])
def test_there_are_never_more_moments_than_asked_for(n):
    moments = Counting(song(n_beats=70, pick_up=3)).moments(n, 0.0, 30.0)

    assert 0 < len(moments) <= n
    assert np.all(np.diff([moment.time_s for moment in moments]) > 0)


@pytest.mark.parametrize(
    ("time_s", "text"), [(0.0, "0:00.00"), (59.999, "1:00.00"), (62.5, "1:02.50"), (3599.99, "59:59.99")]
)
def test_clock(time_s, text):
    assert clock(time_s) == text
