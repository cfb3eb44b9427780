from __future__ import annotations

import numpy as np
import pytest

from editor.playback.deck import FADE_S
from editor.playback.stretch import SEARCH_S
from tests.editor.playback.driver import RATE_HZ, clicks, sine

LATENCY_S = 0.04
BLOCK_S = 64 / RATE_HZ


def pitch_hz(sound: np.ndarray) -> float:
    """The strongest pitch of a sound, by its spectrum."""
    spectrum = np.abs(np.fft.rfft(sound * np.hanning(len(sound)), 16 * len(sound)))
    return float(spectrum.argmax() * RATE_HZ / 16 / len(sound))


def test_the_same_key_again_is_faster_and_the_other_one_turns_round(playing):
    transport, _ = playing()
    transport.seek(2.0)
    rates = []
    for direction in (1, 1, 1, 1, -1, -1, -1, -1, 1, 0):
        transport.jog(direction)
        rates.append(transport.rate)

    assert rates == [1, 2, 4, 4, -1, -2, -4, -4, 1, 0]


def test_with_the_stop_key_held_it_is_slow(playing):
    transport, _ = playing()
    transport.seek(2.0)

    transport.jog(1, is_slow=True)
    assert transport.rate == 0.5
    transport.jog(-1, is_slow=True)
    assert transport.rate == -0.5
    transport.jog(1)
    assert transport.rate == 1.0


@pytest.mark.parametrize("rate", [0.5, 1.0, 2.0, 4.0, -0.5, -1.0, -2.0, -4.0])
def test_the_position_goes_at_the_rate(playing, rate):
    transport, driver = playing(duration_s=100.0)
    transport.seek(50.0)
    direction = 1 if rate > 0 else -1
    transport.jog(direction, is_slow=abs(rate) < 1)
    while abs(transport.rate) < abs(rate):
        transport.jog(direction)
    driver.pass_time(5.0)
    first_s = transport.position_s()
    driver.pass_time(5.0)

    assert transport.position_s() - first_s == pytest.approx(5.0 * rate, abs=1e-6 if rate == 1.0 else SEARCH_S)


@pytest.mark.parametrize("speed", [0.25, 0.5, 0.8, 0.97])
def test_slow_sound_keeps_its_pitch_and_its_loudness(playing, speed):
    transport, driver = playing(sine(330.0))
    transport.set_speed(speed)
    transport.play()
    driver.pass_time(2.0)

    sound = driver.heard(driver.now_s - 1.5, driver.now_s)

    assert pitch_hz(sound) == pytest.approx(330.0, rel=0.003)
    assert np.abs(sound).max() == pytest.approx(0.5, abs=0.03)
    assert np.sqrt(2 * np.mean(sound**2)) == pytest.approx(0.5, rel=0.05)


@pytest.mark.parametrize("direction", [1, -1])
def test_shuttling_is_heard_at_the_pitch_of_the_song(playing, direction):
    transport, driver = playing(sine(330.0, 20.0), 20.0)
    transport.seek(10.0)
    for _ in range(2):
        transport.jog(direction)
    driver.pass_time(1.5)
    sound = driver.heard(driver.now_s - 1.0, driver.now_s)

    assert pitch_hz(sound) == pytest.approx(330.0, rel=0.01)
    assert np.sqrt(2 * np.mean(sound**2)) == pytest.approx(0.5, rel=0.15)


@pytest.mark.parametrize("speed", [0.5, 0.75])
def test_slow_clicks_are_heard_where_the_playhead_is(playing, speed):
    transport, driver = playing(clicks(0.4, 8.0), 8.0)
    transport.set_speed(speed)
    transport.play()
    times_s, positions_s = [], []
    for _ in range(3000):
        driver.pass_time(0.002)
        times_s.append(driver.now_s)
        positions_s.append(transport.position_s())
    sound = np.abs(driver.heard(times_s[0], times_s[-1]))
    loud = np.flatnonzero(sound > 0.3)
    shown_s = np.interp(times_s[0] + loud / RATE_HZ, times_s, positions_s) - 0.0015  # a burst's middle

    off_s = shown_s - 0.4 * np.round(shown_s / 0.4)
    assert len(loud) > 50
    assert np.median(np.abs(off_s)) < 0.003
    assert np.abs(off_s).max() < 0.015


def test_changing_the_speed_while_playing_makes_no_click(playing):
    transport, driver = playing(sine(100.0))
    transport.play()
    began_s = driver.now_s + 0.2
    for speed in (1.0, 0.6, 0.3, 1.0, 0.9):
        transport.set_speed(speed)
        driver.pass_time(0.3)

    assert np.abs(np.diff(driver.heard(began_s, driver.now_s))).max() < 0.06  # the sine has steps up to 0.039


def test_practice_speed_counts_for_the_first_step_of_the_shuttle_only(playing):
    transport, _ = playing()
    transport.set_speed(0.5)
    transport.jog(1)
    assert transport.rate == 0.5
    transport.jog(1)
    assert transport.rate == 2.0
    transport.play()
    assert transport.rate == 0.5


def test_backwards_it_stops_at_the_beginning(playing):
    transport, driver = playing()
    transport.seek(0.5)
    transport.jog(-1)
    driver.pass_time(1.0)

    assert transport.position_s() == 0.0
    assert not transport.is_playing
    transport.jog(-1)
    assert not transport.is_playing


def test_a_loop_comes_round_to_the_sample(playing):
    start, end = 8003, 12007
    transport, driver = playing()
    transport.set_loop((start / RATE_HZ, end / RATE_HZ))
    transport.seek(1.1)
    transport.play()
    driver.pass_time(3.0)
    samples = np.round(driver.heard(driver.streams[0].blocks[0][0], driver.now_s) * 10 * RATE_HZ).astype(int)
    samples = samples[np.argmax(samples > 0) + 100 :]

    expected = start + (np.arange(len(samples)) + samples[0] - start) % (end - start)
    is_fading = expected >= end - round(FADE_S * RATE_HZ)

    assert np.array_equal(samples[~is_fading], expected[~is_fading])
    assert np.sum(np.diff(expected) < 0) >= 5
    assert np.abs(np.diff(samples)).max() < (end - start) / 10  # no click at the seam


def test_the_position_after_a_loop_comes_round_is_the_one_heard(playing):
    transport, driver = playing()
    transport.set_loop((1.0, 1.3))
    transport.seek(1.0)
    transport.play()
    driver.pass_time(0.2)
    for _ in range(700):
        driver.pass_time(0.001)
        heard = 10 * driver.heard_now()
        if transport.position_s() < 1.3 - FADE_S - 0.001:
            assert heard == pytest.approx(transport.position_s(), abs=1e-3)


def test_a_loop_runs_backwards_too(playing):
    transport, driver = playing()
    transport.set_loop((1.0, 1.5))
    transport.seek(1.2)
    transport.jog(-1)
    positions = []
    for _ in range(100):
        driver.pass_time(0.02)
        positions.append(transport.position_s())

    assert min(positions) == pytest.approx(1.0, abs=0.03)
    assert max(positions[20:]) == pytest.approx(1.5, abs=0.03)


@pytest.mark.parametrize("speed", [0.5, 1.0])
def test_a_loop_keeps_its_time_for_ever(playing, speed):
    transport, driver = playing()
    transport.set_speed(speed)
    transport.set_loop((1.0, 1.7))
    transport.seek(1.2)
    transport.play()
    driver.pass_time(LATENCY_S + BLOCK_S)  # the first block is heard from now at the latest
    at_s = transport.position_s()
    driver.pass_time(70.0 / speed)

    assert transport.position_s() == pytest.approx(at_s, abs=1e-6 if speed == 1.0 else SEARCH_S)


def test_beyond_the_loop_it_plays_on(playing):
    transport, driver = playing()
    transport.set_loop((1.0, 1.5))
    transport.seek(2.0)
    transport.play()
    driver.pass_time(1.0)

    assert transport.position_s() == pytest.approx(3.0 - LATENCY_S, abs=BLOCK_S)
