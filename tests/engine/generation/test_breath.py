"""A pose is held where the music lets a dancer breathe, and nothing beyond moves."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.generation.breath import APART_S, HELD_S, REACH_S, breath_frames, breathing_times_s
from engine.generation.request import LOUDNESS, GenerationRequest, SectionSpan

N = 1800
TIMES_S = np.arange(N) / 30.0


def request(heard=None, sections=(), n=N):
    beats = np.arange(0.0, n, 15.0)
    strengths = np.where(np.arange(len(beats)) % 4 == 0, 1.0, 0.75)
    return GenerationRequest(n, beats, strengths, np.full(n, 0.5), np.zeros(n), sections=sections, heard=heard)


def parts(*cuts):
    return tuple(SectionSpan(a, b, "A", "development") for a, b in pairwise(cuts))


def test_a_dancer_breathes_where_parts_of_the_music_begin():
    found = breath_frames(request(np.zeros((N, 4)), parts(0, 600, 1200, N)))

    np.testing.assert_array_equal(found, [600.0, 1200.0])


def test_a_dancer_breathes_in_quiet_bars_but_not_in_all_of_them():
    heard = np.zeros((N, 4))
    heard[600:1200, LOUDNESS] = -1.5

    found = breath_frames(request(heard))

    assert len(found) > 0
    assert ((found >= 600) & (found < 1200)).all()
    assert (np.diff(found) >= APART_S * 30.0).all()


def test_nobody_breathes_to_steady_music_or_where_the_music_is_not_heard():
    assert len(breath_frames(request(np.zeros((N, 4))))) == 0
    assert len(breath_frames(request(None, parts(0, 600, N)))) == 0


def test_a_pose_is_held_at_the_rest_and_what_is_lost_is_made_up_for():
    source = breathing_times_s(TIMES_S, np.array([20.0, 29.8, 40.0]), np.ones(3, dtype=bool), np.array([30.0]))

    speed = np.diff(source) * 30.0
    held = np.abs(TIMES_S[:-1] - 29.8) < 0.3 * HELD_S
    beyond = np.abs(TIMES_S - 29.8) > REACH_S + 0.1
    assert speed[held].max() < 0.3
    assert speed.min() > 0.1  # no statue
    assert speed.max() < 1.3
    np.testing.assert_array_equal(source[beyond], TIMES_S[beyond])
    assert np.interp(29.8, TIMES_S, source) == pytest.approx(29.8, abs=0.02)  # half a frame


def test_who_stands_on_one_foot_does_not_stop():
    source = breathing_times_s(TIMES_S, np.array([29.8]), np.zeros(1, dtype=bool), np.array([30.0]))

    np.testing.assert_array_equal(source, TIMES_S)


@given(st.lists(st.floats(0.0, 60.0), max_size=40).map(sorted).map(np.array))
def test_time_never_runs_backwards_and_both_ends_stay(rests):
    wanted = np.array([10.0, 27.0, 50.0])

    source = breathing_times_s(TIMES_S, rests, np.ones(len(rests), dtype=bool), wanted)

    assert (np.diff(source) > 0.0).all()
    assert (source[0], source[-1]) == (TIMES_S[0], TIMES_S[-1])
