from __future__ import annotations

import tracemalloc

import numpy as np
import pytest

from editor.playback.deck import Deck, Wishes
from editor.playback.transport import MOST_OFFSET_S, QUIETEST_DB, Transport
from editor.playback.volume import VOLUMES_DB
from engine.audio.audio import Audio
from tests.editor.playback.driver import RATE_HZ, Driver, ramp, ready, sine

LATENCY_S = 0.04
BLOCK_S = 64 / RATE_HZ


def test_the_position_is_what_is_heard_not_what_was_handed_over(playing):
    transport, driver = playing()
    transport.play()

    driver.pass_time(1.0)

    assert transport.position_s() == pytest.approx(1.0 - LATENCY_S, abs=BLOCK_S)
    assert driver.heard_now() == pytest.approx(0.1 * transport.position_s(), abs=0.1 / RATE_HZ)


def test_the_position_stands_until_the_first_sound_is_heard(playing):
    transport, driver = playing()
    transport.seek(1.0)
    transport.play()

    for _ in range(3):
        driver.pass_time(0.01)
        assert transport.position_s() == 1.0


def test_both_channels_carry_the_song_unchanged(playing):
    transport, driver = playing(sine(440))
    transport.play()
    driver.pass_time(0.5)

    blocks = np.concatenate([block for _, block in driver.streams[0].blocks])
    start = int(np.argmax(np.abs(blocks[:, 0]) > 0)) - 1  # the sine's first sample is 0

    assert np.array_equal(blocks[:, 0], blocks[:, 1])
    np.testing.assert_allclose(
        blocks[start + 40 : start + 2000, 0], sine(440).samples[0, 40:2000], atol=1e-6
    )  # after the fade of 4 ms


def test_seeking_while_playing_shows_at_once_and_is_heard_after_the_latency(playing):
    transport, driver = playing()
    transport.play()
    driver.pass_time(0.5)
    transport.seek(2.5)
    assert transport.position_s() == 2.5

    driver.pass_time(0.2)

    assert 2.5 < transport.position_s() <= 2.7
    assert driver.heard_now() == pytest.approx(0.1 * transport.position_s(), abs=0.1 / RATE_HZ)


def test_pausing_keeps_the_place_that_was_heard(playing):
    transport, driver = playing()
    transport.play()
    driver.pass_time(0.7)
    heard = driver.heard_now()
    transport.pause()
    driver.pass_time(5.0)

    assert transport.position_s() == pytest.approx(10 * heard, abs=1e-3)
    assert not transport.is_playing
    transport.play()
    assert transport.position_s() == pytest.approx(10 * heard, abs=1e-3)


def test_a_pause_is_heard_as_a_short_fade_and_then_silence(playing):
    transport, driver = playing(sine(100))
    transport.play()
    driver.pass_time(0.5)
    driver_s = driver.now_s
    transport.pause()
    driver.pass_time(0.3)

    sound = driver.heard(driver_s, driver.now_s)

    assert np.abs(np.diff(sound)).max() < 0.06  # the sine alone has steps up to 0.039
    assert np.all(sound[round((LATENCY_S + BLOCK_S + 0.004) * RATE_HZ) :] == 0.0)


def test_it_stops_at_the_end_and_plays_from_the_beginning_then(playing):
    transport, driver = playing()
    transport.seek(3.9)
    transport.play()
    driver.pass_time(0.1 + LATENCY_S - 0.01)
    assert transport.is_playing

    driver.pass_time(0.03)

    assert not transport.is_playing
    assert transport.position_s() == 4.0
    transport.play()
    assert transport.position_s() == 0.0


@pytest.mark.parametrize("duration_s", [2.0, 6.0])
def test_the_piece_may_be_shorter_or_longer_than_its_song(playing, duration_s):
    transport, driver = playing(ramp(4.0), duration_s)
    transport.seek(duration_s - 0.5)
    transport.play()
    driver.pass_time(0.4)
    assert transport.position_s() == pytest.approx(duration_s - 0.1 - LATENCY_S, abs=BLOCK_S)

    driver.pass_time(0.5)

    assert transport.position_s() == duration_s
    assert not transport.is_playing


def test_a_piece_without_a_song_plays_in_silence(playing):
    driver = Driver()
    transport = Transport(driver.open, driver.clock)
    transport.set_song(None, 3.0)
    ready(transport).play()
    driver.pass_time(1.0)

    assert transport.position_s() == pytest.approx(1.0 - LATENCY_S, abs=BLOCK_S)
    assert transport.trouble == ""
    transport.close()


@pytest.mark.parametrize(("asked", "reached"), [(-3.0, 0.0), (99.0, 4.0)])
def test_seeking_stays_within_the_piece(playing, asked, reached):
    transport, _ = playing()
    transport.seek(asked)

    assert transport.position_s() == reached


@pytest.mark.parametrize("says", [lambda now, true: 0.0, lambda now, true: now + 50.0, lambda now, true: now - 0.3])
def test_a_driver_that_tells_nonsense_is_not_believed(playing, says):
    transport, driver = playing()
    driver.says = says
    transport.play()

    driver.pass_time(1.0)

    assert 10 * driver.heard_now() == pytest.approx(transport.position_s(), abs=0.01)


def test_the_position_never_goes_back_under_a_jittering_driver(playing):
    transport, driver = playing()
    rng = np.random.default_rng(0)
    driver.says = lambda now, true: true + rng.normal(scale=0.003)
    transport.play()
    errors, positions = [], []
    for _ in range(400):
        driver.pass_time(0.003)
        positions.append(transport.position_s())
        if positions[-1] > 0.1:
            errors.append(positions[-1] - 10 * driver.heard_now())

    assert np.all(np.diff(positions) >= 0.0)
    assert np.abs(errors).max() < 0.006
    assert np.std(errors) < 0.002  # most of the jitter is taken out


def test_a_device_that_runs_slow_slows_the_piece_with_the_sound(playing):
    transport, driver = playing(duration_s=400.0)
    transport.play()
    stream = driver.streams[0]
    stream.rate_hz = RATE_HZ * 0.999  # what it really plays
    driver.pass_time(300.0)

    assert transport.position_s() == pytest.approx(0.999 * (300.0 - LATENCY_S), abs=2 * BLOCK_S)


@pytest.mark.parametrize("set_by_s", [-50.0, 3600.0])
def test_a_driver_whose_clock_is_set_keeps_the_piece_going(playing, set_by_s):
    transport, driver = playing()
    transport.play()
    driver.pass_time(1.0)
    driver.set_by_s = set_by_s
    driver.pass_time(LATENCY_S + 0.05)

    assert 10 * driver.heard_now() == pytest.approx(transport.position_s(), abs=1e-3)
    driver.pass_time(1.0)
    assert 10 * driver.heard_now() == pytest.approx(transport.position_s(), abs=1e-3)
    assert len(transport._deck.pieces) < 400


def test_after_dropping_out_the_position_is_right_again_at_once(playing):
    transport, driver = playing()
    transport.play()
    driver.pass_time(0.5)
    driver.streams[0].handed_until_s += 0.3  # the device was starved, and plays the next block that much later
    driver.is_starved = True
    driver.now_s += 0.3
    driver.pass_time(BLOCK_S)
    driver.is_starved = False
    driver.pass_time(0.2)

    assert transport.dropouts == 1
    assert transport.position_s() == pytest.approx(0.7 - LATENCY_S, abs=2 * BLOCK_S)


def test_the_latency_offset_moves_the_picture_not_the_sound(playing):
    transport, driver = playing()
    transport.play()
    driver.pass_time(1.0)
    without_s = transport.position_s()

    transport.latency_offset_s = 0.15
    assert transport.position_s() == pytest.approx(without_s - 0.15, abs=1e-6)
    transport.latency_offset_s = 99.0
    assert transport.latency_offset_s == MOST_OFFSET_S


def test_volume_mute_and_level(playing):
    transport, driver = playing(sine(200, level=1.0))
    assert transport.level_db == QUIETEST_DB
    transport.play()
    levels = []
    for name, value in (("volume_db", 0.0), ("volume_db", -20.0), ("is_muted", True), ("is_muted", False)):
        setattr(transport, name, value)
        driver.pass_time(0.2)
        levels.append(transport.level_db)

    assert levels == pytest.approx([0.0, -20.0, QUIETEST_DB, -20.0], abs=0.1)


def test_the_volume_ends_at_silence_and_as_recorded(playing):
    transport, driver = playing(sine(200, level=0.5))
    transport.play()
    levels = []
    for volume_db in (-99.0, VOLUMES_DB[0] + 1.0, 12.0):
        transport.volume_db = volume_db
        driver.pass_time(0.2)
        levels.append(transport.level_db)

    assert levels == pytest.approx([QUIETEST_DB, -53.0, -6.0], abs=0.1)
    assert transport.volume_db == VOLUMES_DB[1]


def test_a_volume_that_changes_while_it_plays_makes_no_click(playing):
    transport, driver = playing(sine(50, level=1.0), driver=Driver(block=256))
    transport.play()
    driver.pass_time(0.5)
    began_s = driver.now_s
    for volume_db in (-3.0, -20.0, VOLUMES_DB[0], 0.0):
        transport.volume_db = volume_db
        driver.pass_time(0.1)
    for is_muted in (True, False):
        transport.is_muted = is_muted
        driver.pass_time(0.1)

    sound = driver.heard(began_s, driver.now_s)
    steepest = 2.0 * np.pi * 50.0 / RATE_HZ + 1.0 / 256.0  # the tone's own, and from all to nothing in one block
    assert np.abs(np.diff(sound)).max() < 1.01 * steepest
    assert np.ptp(sound) > 1.9


def test_click_and_count_in_are_as_loud_as_the_volume_lets_them(playing):
    peaks = []
    for volume_db in (0.0, -12.0):
        transport, driver = playing(Audio(np.zeros((1, 4 * RATE_HZ), np.float32), RATE_HZ))
        transport.set_beats(np.arange(0.0, 4.0, 0.5), np.arange(8) % 8 + 1, np.arange(8) % 4 == 0)
        transport.is_click_on, transport.volume_db = True, volume_db
        driver.pass_time(0.1)  # the block in which it fades
        transport.play(count_in=True)
        began_s = driver.now_s
        driver.pass_time(4.0)
        counted, clicked = driver.heard(began_s, began_s + 1.9), driver.heard(began_s + 2.5, began_s + 4.0)
        peaks.append([np.abs(counted).max(), np.abs(clicked).max()])

    assert min(peaks[0]) > 0.1
    assert peaks[1] == pytest.approx([peak * 10 ** (-12 / 20) for peak in peaks[0]], rel=0.01)


def test_the_volume_is_brought_to_a_block_without_making_arrays():
    deck = Deck(RATE_HZ, Wishes(), None)
    block = np.full((512, 2), 0.5, np.float32)
    wishes = [Wishes(gain=gain) for gain in (0.5, 0.5, 0.9)]
    deck._level(Wishes(), block)
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        tracemalloc.reset_peak()
        for wish in wishes:
            deck._level(wish, block)
        made_bytes = tracemalloc.get_traced_memory()[1] - before
    finally:
        tracemalloc.stop()

    assert made_bytes < block.nbytes // 2


def test_a_song_at_another_rate_is_resampled(playing):
    transport, driver = playing(driver=Driver(rates_hz=(48_000,), block=512))
    transport.play()
    driver.pass_time(1.0)

    assert [rate_hz for rate_hz, _ in driver.asked] == [RATE_HZ, 48_000]
    assert 10 * driver.heard_now() == pytest.approx(transport.position_s(), abs=0.001)


def test_another_song_is_taken_up_on_the_same_device(playing):
    transport, driver = playing(sine(200))
    transport.play()
    driver.pass_time(0.5)
    transport.set_song(ramp(2.0), 2.0)
    assert transport.position_s() == 0.0
    ready(transport).play()
    driver.pass_time(1.0)

    assert len(driver.streams) == 1
    assert 10 * driver.heard_now() == pytest.approx(transport.position_s(), abs=0.001)


def test_songs_taken_up_in_haste_keep_the_device(playing):
    transport, driver = playing(sine(200))
    for duration_s in (1.0, 2.0, 3.0):
        transport.set_song(ramp(duration_s), duration_s)
    ready(transport).play()
    driver.pass_time(1.0)

    assert len(driver.streams) == 1
    assert not driver.streams[0].is_closed
    assert transport.duration_s == 3.0
    assert 10 * driver.heard_now() == pytest.approx(transport.position_s(), abs=0.001)


def test_closing_gives_the_device_back(playing):
    transport, driver = playing()
    transport.play()
    transport.close()

    assert driver.streams[0].is_closed
    transport.close()


def test_toggling_plays_and_pauses(playing):
    transport, driver = playing()
    transport.toggle()
    driver.pass_time(0.5)
    assert transport.is_playing

    transport.toggle()

    assert not transport.is_playing
