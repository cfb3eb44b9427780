from __future__ import annotations

import numpy as np
import pytest

from editor.playback.click import KINDS, beats_of, click_sound, count_in_s
from engine.audio.audio import Audio
from tests.editor.playback.driver import RATE_HZ, Driver

LATENCY_S = 0.04
PERIOD_S = 0.4


def beats(n: int = 10, first_s: float = 0.0, per_bar: int = 4) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    k = np.arange(n)
    return first_s + PERIOD_S * k, k % 8 + 1, k % per_bar == 0


def silence(duration_s: float = 4.0) -> Audio:
    return Audio(np.zeros((1, round(duration_s * RATE_HZ)), np.float32), RATE_HZ)


def onsets_s(driver: Driver) -> np.ndarray:
    """When clicks began, on the driver's clock."""
    blocks = driver.streams[-1].blocks
    sound = np.abs(np.concatenate([block[:, 0] for _, block in blocks]))
    loud = np.flatnonzero(sound > 0.02)
    first = loud[np.diff(loud, prepend=-RATE_HZ) > 0.05 * RATE_HZ]
    return blocks[0][0] + first / RATE_HZ


def pitch_after_hz(driver: Driver, time_s: float) -> float:
    sound = driver.heard(time_s, time_s + 0.03)
    return float(np.abs(np.fft.rfft(sound, 8 * RATE_HZ)).argmax() / 8)


@pytest.mark.parametrize("speed", [1.0, 0.5])
def test_beats_click_where_they_are(playing, speed):
    transport, driver = playing(silence())
    transport.set_beats(*beats(first_s=0.2))
    transport.is_click_on = True
    transport.set_speed(speed)
    transport.play()
    driver.pass_time(0.1)
    began_s = driver.now_s - transport.position_s() / speed
    driver.pass_time(2.0)

    expected_s = began_s + (0.2 + PERIOD_S * np.arange(len(onsets_s(driver)))) / speed
    np.testing.assert_allclose(onsets_s(driver), expected_s, atol=0.001)
    assert len(expected_s) >= 3


def test_the_one_the_downbeat_and_the_beat_sound_different(playing):
    transport, driver = playing(silence())
    transport.set_beats(*beats())
    transport.is_click_on = True
    transport.play()
    driver.pass_time(2.2)

    pitches_hz = [pitch_after_hz(driver, t) for t in onsets_s(driver)[:5]]

    expected = [KINDS[kind][0] for kind in ("one", "beat", "beat", "beat", "downbeat")]
    np.testing.assert_allclose(pitches_hz, expected, rtol=0.02)


def test_without_the_click_there_is_none(playing):
    transport, driver = playing(silence())
    transport.set_beats(*beats())
    transport.play()
    driver.pass_time(1.0)

    assert len(onsets_s(driver)) == 0


def test_a_count_in_is_four_rising_clicks_in_the_tempo_and_then_the_one(playing):
    transport, driver = playing(silence())
    transport.set_beats(*beats())
    transport.is_click_on = True
    transport.play(count_in=True)
    left, positions_s, times_s = [], [], []
    for _ in range(200):
        driver.pass_time(0.01)
        left.append(transport.count_in_left)
        positions_s.append(transport.position_s())
        times_s.append(driver.now_s)

    clicks_s = onsets_s(driver)
    np.testing.assert_allclose(np.diff(clicks_s[:5]), PERIOD_S, atol=0.001)
    pitches_hz = [pitch_after_hz(driver, t) for t in clicks_s[:5]]
    np.testing.assert_allclose(pitches_hz, [KINDS[kind][0] for kind in ("5", "6", "7", "8", "one")], rtol=0.03)
    assert [n for n, before in zip(left, [5, *left], strict=False) if n != before] == [4, 3, 2, 1, 0]
    assert max(p for p, n in zip(positions_s, left, strict=True) if n > 0) == 0.0
    shown_s = np.array(times_s)[np.searchsorted(positions_s, 0.05)] - 0.05  # when the piece began, as shown
    assert shown_s == pytest.approx(clicks_s[4], abs=0.011)


def test_in_a_bar_of_three_three_are_counted():
    assert len(count_in_s(beats_of(*beats(per_bar=3)), 0.0)) == 3


@pytest.mark.parametrize("start_s", [0.8, 0.9, 1.1, 0.795, 0.805])
def test_the_count_leads_up_to_the_next_beat_wherever_it_starts(start_s):
    counts_s = np.array(count_in_s(beats_of(*beats()), start_s))

    to_beat_s = (start_s - counts_s) / PERIOD_S
    np.testing.assert_allclose(to_beat_s, np.round(to_beat_s), atol=1e-9)
    np.testing.assert_allclose(np.diff(counts_s), -PERIOD_S)
    assert 0.0 < counts_s[-1] <= PERIOD_S + 0.021


def test_practice_is_counted_in_slowly():
    assert count_in_s(beats_of(*beats()), 0.8, rate=0.5) == pytest.approx((3.2, 2.4, 1.6, 0.8))


def test_pausing_ends_the_count_in(playing):
    transport, driver = playing()
    transport.play(count_in=True)
    driver.pass_time(1.0)
    transport.pause()
    assert transport.count_in_left == 0

    transport.play()
    driver.pass_time(0.5)

    assert transport.count_in_left == 0
    assert transport.position_s() > 0.4


def test_beats_and_counts_must_be_as_many():
    with pytest.raises(ValueError, match="3 beats, 2 counts"):
        beats_of(np.zeros(3), np.ones(2), np.ones(3))


@pytest.mark.parametrize("kind", KINDS)
def test_clicks_begin_and_end_softly(kind):
    sound = click_sound(kind, 48_000)

    assert np.abs(sound[[0, -1]]).max() < 1e-3
    assert 0.2 < np.abs(sound).max() <= 1.0
