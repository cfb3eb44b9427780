from __future__ import annotations

import time
from types import SimpleNamespace

import numpy as np
import pytest

from app.playback import NO_DEVICE, Player
from engine.audio.audio import Audio

RATE_HZ = 8000


def ramp(duration_s: float = 4.0, n_channels: int = 1) -> Audio:
    """A sound whose samples say where they stand: sample k is k / 100000."""
    samples = np.arange(round(duration_s * RATE_HZ), dtype=np.float32) / 1e5
    return Audio(np.tile(samples, (n_channels, 1)), RATE_HZ)


def no_device(rate_hz, fill):
    return None


class HandCranked:
    """An output whose clock and blocks the test turns, in the way of sounddevice.OutputStream."""

    def __init__(self, rate_hz: int, fill, latency: float = 0.05) -> None:
        self.rate_hz, self.fill, self.latency = rate_hz, fill, latency
        self.time, self.is_running, self.is_closed = 100.0, False, False

    def start(self) -> None:
        self.is_running = True

    def abort(self) -> None:
        self.is_running = False

    def close(self) -> None:
        self.is_closed = True

    def take(self, n_samples: int = 400, heard_in_s: float | None = None) -> np.ndarray:
        """Ask for a block that will be heard after the latency, or as a strange driver says."""
        block = np.full((n_samples, 2), np.nan, np.float32)
        heard_at_s = self.time + self.latency if heard_in_s is None else self.time + heard_in_s
        self.fill(block, n_samples, SimpleNamespace(outputBufferDacTime=heard_at_s, currentTime=self.time), None)
        return block


@pytest.fixture
def cranked():
    streams = []

    def opener(rate_hz, fill):
        streams.append(HandCranked(rate_hz, fill))
        return streams[-1]

    player = Player(ramp(), opener)
    yield player, streams[0]
    player.close()


def test_the_position_is_what_is_heard_not_what_was_handed_over(cranked):
    player, stream = cranked
    player.play()
    stream.take(400)  # 0.05 s of sound, heard from 100.05 s on

    stream.time = 100.06
    assert player.position_s() == pytest.approx(0.01)
    stream.time = 100.10
    assert player.position_s() == pytest.approx(0.05)


def test_the_position_stands_until_the_first_sound_is_heard(cranked):
    player, stream = cranked
    player.play()
    assert player.position_s() == 0.0
    stream.take()

    stream.time = 100.02
    assert player.position_s() == 0.0


def test_blocks_carry_the_song_on_both_channels(cranked):
    player, stream = cranked
    player.play()

    blocks = np.concatenate([stream.take(300), stream.take(500)])

    np.testing.assert_allclose(blocks, np.tile(np.arange(800)[:, None] / 1e5, 2), atol=1e-7)


def test_a_clock_that_runs_slow_slows_the_dance_with_the_sound(cranked):
    player, stream = cranked
    player.play()
    for _ in range(60):
        stream.take(400)
        stream.time += 0.05 * 1.01

    assert stream.time - 100.0 == pytest.approx(3.03)
    assert player.position_s() == pytest.approx(59 * 0.05 + 0.0005)  # of what was heard; by the wall it were 2.98


def test_the_position_never_goes_back_while_playing(cranked):
    player, stream = cranked
    player.play()
    rng = np.random.default_rng(0)
    positions = []
    for _ in range(50):
        stream.take(400, heard_in_s=0.05 + rng.normal(scale=0.01))
        stream.time += 0.05
        positions.append(player.position_s())

    assert np.all(np.diff(positions) >= 0.0)


@pytest.mark.parametrize("heard_in_s", [-100.0, 50.0, -0.3])
def test_a_driver_that_tells_nonsense_is_not_believed(cranked, heard_in_s):
    player, stream = cranked
    player.play()
    stream.take(400, heard_in_s=heard_in_s)

    stream.time = 100.08
    assert player.position_s() == pytest.approx(0.03)


def test_seeking_while_playing_is_heard_and_shown_at_once(cranked):
    player, stream = cranked
    player.play()
    stream.take()
    stream.time = 100.08
    player.seek(2.5)

    assert player.position_s() == 2.5
    block = stream.take()
    assert block[0, 0] == pytest.approx(2.5 * RATE_HZ / 1e5)
    stream.time += 0.05 + 0.02
    assert player.position_s() == pytest.approx(2.52)


def test_a_block_on_its_way_while_seeking_does_not_pull_the_position_back(cranked):
    player, stream = cranked
    player.play()

    class SeeksMeanwhile:
        currentTime = 100.0

        @property
        def outputBufferDacTime(self) -> float:
            player.seek(2.0)
            return 100.05

    stream.fill(np.zeros((400, 2), np.float32), 400, SeeksMeanwhile(), None)
    stream.time = 101.0

    assert player.position_s() == 2.0
    assert stream.take()[0, 0] == pytest.approx(2.0 * RATE_HZ / 1e5)


def test_seeking_back_is_possible(cranked):
    player, stream = cranked
    player.seek(3.0)
    player.play()
    stream.take()
    player.seek(1.0)

    assert player.position_s() == 1.0


def test_stopping_keeps_the_place_that_was_heard(cranked):
    player, stream = cranked
    player.play()
    stream.take()
    stream.time = 100.09
    player.pause()

    assert not stream.is_running
    stream.time = 200.0
    assert player.position_s() == pytest.approx(0.04)
    player.play()
    assert stream.take()[0, 0] == pytest.approx(0.04 * RATE_HZ / 1e5, abs=1e-5)


def test_after_the_end_there_is_silence_and_then_it_stands(cranked):
    player, stream = cranked
    player.seek(3.99)
    player.play()
    block = stream.take(400)

    assert np.all(block[80:] == 0.0)
    stream.time = 101.0
    assert player.position_s() == 4.0
    assert not player.is_playing
    assert not stream.is_running


def test_playing_at_the_end_begins_anew(cranked):
    player, stream = cranked
    player.seek(4.0)
    player.play()

    assert player.position_s() == 0.0
    assert stream.take()[0, 0] == 0.0


@pytest.mark.parametrize(("asked", "reached"), [(-3.0, 0.0), (99.0, 4.0)])
def test_seeking_stays_within_the_song(cranked, asked, reached):
    player, _ = cranked
    player.seek(asked)

    assert player.position_s() == reached


def test_closing_gives_the_device_back(cranked):
    player, stream = cranked
    player.play()
    player.close()

    assert stream.is_closed
    player.close()


def test_a_device_that_refuses_the_rate_gets_another():
    asked = []

    def choosy(rate_hz, fill):
        asked.append(rate_hz)
        return HandCranked(rate_hz, fill) if rate_hz == 44_100 else None

    player = Player(ramp(), choosy)
    player.play()

    assert asked == [RATE_HZ, 48_000, 44_100]
    assert player.trouble == ""
    assert player._stream.take(4410)[-200, 0] == pytest.approx(0.0952 * RATE_HZ / 1e5, rel=0.02)
    player.close()


def test_without_a_device_the_dance_goes_on_in_silence():
    player = Player(ramp(0.2), no_device)
    assert player.trouble == NO_DEVICE

    player.play()
    began_s = time.monotonic()
    seen = []
    while player.is_playing and time.monotonic() - began_s < 5.0:
        seen.append(player.position_s() - (time.monotonic() - began_s))
        time.sleep(0.005)

    assert player.position_s() == pytest.approx(0.2)
    assert max(np.abs(seen)) < 0.05
    player.close()


def test_sound_of_many_channels_is_mixed_to_two():
    player = Player(ramp(0.1, n_channels=5), HandCranked)

    player.play()

    np.testing.assert_allclose(player._stream.take(10)[:, 0], np.arange(10) / 1e5, atol=1e-7)
    player.close()
