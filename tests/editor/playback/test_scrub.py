from __future__ import annotations

import numpy as np
import pytest

from editor.playback.deck import GRAIN_EVERY_S, GRAIN_S
from tests.editor.playback.driver import RATE_HZ, sine

LATENCY_S = 0.04
BLOCK_S = 64 / RATE_HZ


def test_one_grain_is_heard_at_the_place_and_then_silence(playing):
    transport, driver = playing()
    began_s = driver.now_s
    transport.scrub(2.0)
    driver.pass_time(0.5)

    sound = driver.heard(began_s, driver.now_s)
    sounding = np.flatnonzero(sound)
    assert len(sounding) == pytest.approx(GRAIN_S * RATE_HZ, abs=3)
    assert sounding[0] <= (LATENCY_S + BLOCK_S) * RATE_HZ + 1
    middle = sound[sounding[0] + len(sounding) // 2]
    assert 10 * middle == pytest.approx(2.0 - 0.005 + GRAIN_S / 2, abs=0.002)


def test_a_newer_grain_replaces_the_one_that_waits(playing):
    transport, driver = playing()
    transport.scrub(0.5)
    driver.pass_time(BLOCK_S)  # the first grain is on its way
    for k in range(50):
        transport.scrub(1.0 + k / 50)
    began_s = driver.now_s
    driver.pass_time(1.0)

    sound = driver.heard(began_s, driver.now_s)
    assert np.count_nonzero(sound) <= (GRAIN_EVERY_S + GRAIN_S) * RATE_HZ
    last = np.flatnonzero(sound)[-1]
    assert 10 * sound[last - round(0.025 * RATE_HZ)] == pytest.approx(1.98 + 0.03, abs=0.01)  # where it is alone
    assert np.all(sound[round(0.2 * RATE_HZ) :] == 0.0)


def test_while_it_is_held_the_position_is_the_hands(playing):
    transport, driver = playing()
    transport.play()
    driver.pass_time(0.5)
    for time_s in (0.3, 3.0, 99.0, -1.0):
        transport.scrub(time_s)
        driver.pass_time(0.1)
        assert transport.position_s() == min(max(time_s, 0.0), 4.0)
        assert transport.is_scrubbing


@pytest.mark.parametrize("was_playing", [True, False])
def test_letting_go_plays_on_from_there_if_it_was_playing(playing, was_playing):
    transport, driver = playing()
    if was_playing:
        transport.play()
        driver.pass_time(0.2)
    transport.scrub(2.0)
    transport.scrub_end()
    driver.pass_time(0.5)

    assert transport.is_playing == was_playing
    assert transport.position_s() == pytest.approx(2.5 - LATENCY_S if was_playing else 2.0, abs=BLOCK_S)


def test_grains_one_after_the_other_make_no_clicks(playing):
    transport, driver = playing(sine(100.0))
    began_s = driver.now_s
    for k in range(100):
        transport.scrub(1.0 + 0.005 * k)
        driver.pass_time(0.016)

    assert np.abs(np.diff(driver.heard(began_s, driver.now_s))).max() < 0.08  # the sine has steps up to 0.039
