from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from editor.playback.tap_test import FEWEST_TAPS, PERIOD_S, TapTest, offset_of_taps
from editor.playback.transport import Transport
from tests.editor.playback.driver import Driver, ready


def taps(offset_s: float, n: int = 16, spread_s: float = 0.0, seed: int = 0) -> np.ndarray:
    return PERIOD_S * np.arange(2, n + 2) + offset_s + np.random.default_rng(seed).normal(scale=spread_s, size=n)


@given(st.floats(-0.29, 0.29), st.integers(FEWEST_TAPS, 40))
def test_even_taps_give_their_offset(offset_s, n):
    result = offset_of_taps(taps(offset_s, n))

    assert result is not None
    assert result.offset_s == pytest.approx(offset_s, abs=1e-9)
    assert result.spread_s == pytest.approx(0.0, abs=1e-9)


@given(st.floats(-0.2, 0.2), st.integers(0, 1000))
def test_uneven_taps_give_it_nearly_and_say_how_uneven_they_are(offset_s, seed):
    result = offset_of_taps(taps(offset_s, 24, 0.02, seed))

    assert result is not None
    assert result.offset_s == pytest.approx(offset_s, abs=0.02)
    assert 0.004 < result.spread_s < 0.03
    assert result.is_trustworthy


def test_a_few_taps_that_went_wrong_are_left_out():
    wrong = taps(0.1, 14, 0.01)
    wrong[[3, 9]] += (0.2, -0.25)
    result = offset_of_taps(wrong)

    assert result is not None
    assert (result.n_taps, result.n_left_out) == (12, 2)
    assert result.offset_s == pytest.approx(0.1, abs=0.01)


def test_too_few_taps_tell_nothing():
    assert offset_of_taps(taps(0.1, FEWEST_TAPS - 1)) is None
    assert offset_of_taps(np.zeros(0)) is None


def test_taps_anywhere_are_not_trusted():
    result = offset_of_taps(np.sort(np.random.default_rng(0).uniform(0, 30, 40)))

    assert result is None or not result.is_trustworthy


def test_one_who_taps_when_the_click_is_heard_finds_how_late_the_device_is():
    driver = Driver()
    driver.says = lambda now, true: true - 0.03  # the driver does not know of 30 ms
    transport = Transport(driver.open, driver.clock)
    test = TapTest(transport)
    ready(transport)
    test.start()
    for _ in range(13):
        began_s = driver.now_s
        while driver.now_s == began_s or abs(driver.heard_now()) < 0.05:
            driver.pass_time(0.001)
        test.tap()
        driver.pass_time(0.2)
    test.stop()

    assert not transport.is_playing
    assert test.n_taps == 11  # two clicks are for listening
    assert test.result is not None
    assert test.result.offset_s == pytest.approx(0.03, abs=0.003)
    transport.close()
