"""How a dance runs from one rest to the next: suddenly or evenly, and always on time."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.evaluation.emotions import measured
from engine.generation.attack import MOST_ATTACK, attacked_times_s
from engine.motion.movements import kinematic_beats
from engine.motion.resample import time_warped
from tests.dances import bobbing

TIMES_S = np.arange(241) / 30.0
RESTS_S = np.array([0.7, 1.5, 2.1, 3.9, 5.0, 6.4, 7.3])


def attacked(size, rests_s=RESTS_S):
    return attacked_times_s(TIMES_S, np.asarray(rests_s, dtype=float), np.full(len(TIMES_S), float(size)))


@given(st.lists(st.floats(-1.0, 9.0), max_size=12, unique=True).map(sorted), st.floats(-2.0, 2.0))
def test_time_never_runs_backwards_and_both_ends_stay(rests_s, size):
    bent = attacked(size, rests_s)

    assert (np.diff(bent) > -1e-12).all()
    assert bent[0] == pytest.approx(TIMES_S[0])
    assert bent[-1] == pytest.approx(TIMES_S[-1])


@pytest.mark.parametrize("size", [-0.4, 0.2, 0.4])
def test_rests_stay_when_they_are(size):
    np.testing.assert_allclose(np.interp(RESTS_S, TIMES_S, attacked(size)), RESTS_S, atol=0.01)


def test_time_lingers_at_rests_and_hurries_between_them():
    bent = attacked(0.4)
    speed = np.gradient(bent, TIMES_S)
    rest, middle = round(3.9 * 30), round(4.45 * 30)

    assert speed[rest] < 0.75
    assert speed[middle] == pytest.approx(1.4, abs=0.02)


def test_no_attack_and_no_rest_change_nothing():
    assert attacked(0.0) is TIMES_S
    assert attacked(0.4, []) is TIMES_S
    assert attacked(0.4, [-1.0, 20.0]) is TIMES_S


def test_more_than_the_most_is_held_there():
    np.testing.assert_array_equal(attacked(5.0), attacked(MOST_ATTACK))


def test_a_dance_grows_more_sudden_with_its_attack():
    dance = bobbing(np.arange(0.5, 8.0, 0.6), 8.0, rate_hz=30.0)
    times_s, rests_s = np.arange(dance.n_frames) / 30.0, kinematic_beats(dance) / 30.0
    made = [
        time_warped(dance, attacked_times_s(times_s, rests_s, np.full(dance.n_frames, size)), 30.0)
        for size in (-0.2, 0.0, 0.2, 0.4)
    ]

    assert (np.diff([measured(motion)["suddenness"] for motion in made]) > 0.0).all()
