from __future__ import annotations

import time

import pytest

from editor.playback.opening import NO_DEVICE, NOT_THAT_DEVICE
from editor.playback.transport import LOST_DEVICE, Transport
from tests.editor.playback.driver import Driver, ramp, ready

LATENCY_S = 0.04
BLOCK_S = 0.008


def heard_s(driver: Driver) -> float:
    """The moment of the ramp that is heard now."""
    return 10 * driver.heard_now()


def test_without_a_device_the_piece_goes_on_in_silence_and_says_so(playing):
    driver = Driver()
    driver.devices = []
    transport, _ = playing(driver=driver)
    assert transport.trouble == NO_DEVICE
    assert transport.device_name == ""

    transport.play()
    driver.pass_time(1.0)
    assert transport.position_s() == pytest.approx(1.0, abs=1e-3)
    driver.pass_time(4.0)
    assert not transport.is_playing
    assert transport.position_s() == 4.0


def test_the_silent_clock_keeps_time_when_nobody_looks_for_minutes(playing):
    driver = Driver()
    driver.devices = []
    transport, _ = playing(driver=driver, duration_s=1000.0)
    transport.set_loop((0.0, 7.0))
    transport.play()
    driver.pass_time(333.3)

    assert transport.position_s() == pytest.approx(333.3 % 7.0, abs=1e-3)


def test_the_silent_clock_is_a_real_one():
    transport = Transport(lambda *_: None)
    transport.set_song(ramp(0.2), 0.2)
    ready(transport)
    asked_s = time.monotonic()
    transport.play()
    began_s = time.monotonic()
    seen = []  # asked at, the position, answered at
    while transport.is_playing:
        seen.append((time.monotonic() - began_s, transport.position_s(), time.monotonic() - began_s))
        time.sleep(0.005)

    assert transport.position_s() == pytest.approx(0.2)
    # The song began a little before `began_s`, at most as long as the call of play took.
    called_s = began_s - asked_s
    assert all(asked - 1e-6 <= position <= answered + called_s for asked, position, answered in seen if asked < 0.2)
    transport.close()


def test_playing_before_the_device_is_ready_begins_at_once_and_the_sound_joins_without_a_jump(playing):
    driver = Driver()
    driver.may_open.clear()
    transport, _ = playing(driver=driver, is_ready=False)
    transport.play()
    driver.pass_time(0.5)
    assert transport.position_s() == pytest.approx(0.5, abs=1e-3)

    driver.may_open.set()
    ready(transport)
    for k in range(100):
        assert transport.position_s() == pytest.approx(0.5 + 0.002 * k, abs=BLOCK_S + 1e-3)
        driver.pass_time(0.002)

    assert heard_s(driver) == pytest.approx(transport.position_s(), abs=1e-3)
    assert transport.device_name == "Speakers"


@pytest.mark.parametrize("is_said", [True, False])
def test_a_device_that_vanishes_leaves_the_piece_playing(playing, is_said):
    transport, driver = playing(duration_s=20.0)
    told = []
    transport.trouble_changed.connect(lambda: told.append(transport.trouble))
    transport.play()
    driver.pass_time(1.0)
    before_s = transport.position_s()

    driver.streams[0].vanish(is_said)
    for _ in range(100):
        driver.pass_time(0.02)
        transport.position_s()

    assert told[0] == LOST_DEVICE
    assert transport.is_playing
    lost_s = 0.0 if is_said else 1.6  # until a silence is taken for the device's end
    assert before_s + 1.97 - lost_s <= transport.position_s() <= before_s + 2.0 + 0.06


def test_the_position_does_not_jump_when_a_device_vanishes(playing):
    transport, driver = playing()
    transport.play()
    driver.pass_time(1.0)
    before_s = transport.position_s()
    driver.streams[0].vanish()

    assert transport.position_s() == pytest.approx(before_s, abs=LATENCY_S + BLOCK_S)
    driver.pass_time(0.1)
    assert transport.position_s() == pytest.approx(before_s + 0.1, abs=LATENCY_S + BLOCK_S)


def test_the_next_play_finds_the_device_again(playing):
    transport, driver = playing()
    transport.play()
    driver.pass_time(1.0)
    driver.streams[0].vanish()
    transport.pause()
    stands_s = transport.position_s()

    transport.play()
    ready(transport)
    driver.pass_time(0.5)

    assert transport.trouble == ""
    assert len(driver.streams) == 2
    assert driver.streams[0].is_closed
    assert transport.position_s() == pytest.approx(stands_s + 0.5, abs=2 * BLOCK_S)
    assert heard_s(driver) == pytest.approx(transport.position_s(), abs=1e-3)


def test_a_device_that_vanishes_is_looked_for_once_unasked(playing):
    transport, driver = playing(duration_s=60.0)
    transport.play()
    driver.pass_time(1.0)
    driver.streams[0].vanish()
    transport.poll()
    ready(transport)
    driver.pass_time(0.5)

    assert (transport.trouble, len(driver.streams)) == ("", 2)
    assert heard_s(driver) == pytest.approx(transport.position_s(), abs=1e-3)

    driver.streams[1].vanish()
    transport.poll()

    assert transport.trouble == LOST_DEVICE
    assert not transport.is_opening


def test_another_device_takes_over_while_playing(playing):
    transport, driver = playing()
    transport.play()
    driver.pass_time(1.0)
    before_s = transport.position_s()

    transport.reopen("Headphones")
    ready(transport)
    driver.pass_time(0.5)

    assert transport.device_name == "Headphones"
    assert transport.position_s() == pytest.approx(before_s + 0.5, abs=2 * BLOCK_S)
    assert heard_s(driver) == pytest.approx(transport.position_s(), abs=1e-3)


def test_a_device_that_is_not_there_is_replaced_by_the_systems_own(playing):
    transport, _ = playing()
    transport.reopen("Attic")
    ready(transport)

    assert transport.device_name == "Speakers"
    assert transport.trouble == NOT_THAT_DEVICE.format("Attic")


def test_a_device_that_was_closed_meanwhile_is_given_back(playing):
    driver = Driver()
    driver.may_open.clear()
    transport, _ = playing(driver=driver, is_ready=False)
    transport.set_song(ramp(), 4.0)
    driver.may_open.set()
    ready(transport)
    transport.close()

    assert len(driver.streams) >= 1
    assert all(stream.is_closed for stream in driver.streams)


def test_a_count_in_survives_the_loss_of_the_device(playing):
    transport, driver = playing()
    transport.play(count_in=True)  # without beats: 4 counts of 0.5 s
    driver.pass_time(LATENCY_S + 1.2)
    assert transport.count_in_left == 2

    driver.streams[0].vanish()
    assert transport.count_in_left == 2
    driver.pass_time(0.5)

    assert transport.count_in_left == 1
    driver.pass_time(0.5)
    assert transport.count_in_left == 0
    assert transport.position_s() == pytest.approx(0.2, abs=LATENCY_S + BLOCK_S)
