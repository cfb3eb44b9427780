"""A sound driver in memory: it asks for blocks when they are due, and keeps what was heard when."""

from __future__ import annotations

import bisect
import threading
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np

from editor.playback.device import Fill, Output
from editor.playback.transport import Transport
from engine.audio.audio import Audio
from tests.patience import PATIENCE_S

RATE_HZ = 8000


class Stream:
    """In the way of sounddevice.OutputStream; its times are those of the driver's clock."""

    def __init__(self, driver: Driver, rate_hz: int, fill: Fill, finished: Callable[[], None]) -> None:
        self.driver, self.rate_hz, self.fill, self.finished = driver, rate_hz, fill, finished
        self.latency: Any = (driver.latency_s, driver.latency_s)  # as a stream of input and output says it
        self.is_running = self.is_closed = self.is_gone = False
        self.handed_until_s = 0.0
        self.blocks: list[tuple[float, np.ndarray]] = []

    @property
    def time(self) -> float:
        if self.is_gone:
            raise OSError("Error getting stream time")
        return self.driver.now_s + self.driver.set_by_s

    def start(self) -> None:
        self.handed_until_s = self.driver.now_s + self.driver.latency_s
        self.serve()
        self.is_running = True

    def abort(self) -> None:
        self.is_running = False

    def close(self) -> None:
        self.is_closed = True

    def serve(self) -> None:
        """Ask for the block that is due by now, if one is."""
        n = self.driver.block
        block = np.full((n, 2), np.nan, np.float32)
        said_s = self.driver.says(self.driver.now_s, self.handed_until_s)
        said_s += self.driver.set_by_s
        times = SimpleNamespace(outputBufferDacTime=said_s, currentTime=self.time)
        self.fill(block, n, times, SimpleNamespace(output_underflow=self.driver.is_starved))
        assert np.isfinite(block).all()
        self.blocks.append((self.handed_until_s, block))
        self.handed_until_s += n / self.rate_hz

    def vanish(self, is_said: bool = True) -> None:
        """Be pulled out, with or without the driver's telling."""
        self.is_running, self.is_gone = False, True
        if is_said:
            self.finished()


class Driver:
    """Time, and the streams that were opened in it. `pass_time` lets both go on.

    Attributes:
        says: The time that a block's sound is said to be heard, from now and the true one.
        set_by_s: How far the clock that the streams go by was set since.
        devices: Names of those that can be opened, the system's choice first.
    """

    def __init__(self, block: int = 64, latency_s: float = 0.04, rates_hz: tuple[int, ...] = ()) -> None:
        self.block, self.latency_s, self.rates_hz = block, latency_s, rates_hz
        self.now_s, self.set_by_s, self.is_starved = 100.0, 0.0, False
        self.devices = ["Speakers", "Headphones"]
        self.streams: list[Stream] = []
        self.asked: list[tuple[int, str | None]] = []
        self.may_open = threading.Event()
        self.may_open.set()
        self.says: Callable[[float, float], float] = lambda now_s, true_s: true_s

    def clock(self) -> float:
        return self.now_s

    def open(self, rate_hz: int, fill: Fill, finished: Callable[[], None], device: str | None) -> Output | None:
        """An opener for a transport."""
        assert self.may_open.wait(PATIENCE_S)
        self.asked.append((rate_hz, device))
        if not self.devices or (device or self.devices[0]) not in self.devices:
            return None
        if self.rates_hz and rate_hz not in self.rates_hz:
            return None
        self.streams.append(Stream(self, rate_hz, fill, finished))
        return Output(self.streams[-1], device or self.devices[0])

    def pass_time(self, seconds: float) -> None:
        """Let time go on, every block asked for when it is due."""
        until_s = self.now_s + seconds
        while True:
            running = [s for s in self.streams if s.is_running]
            due_s = min((s.handed_until_s - self.latency_s for s in running), default=np.inf)
            if due_s > until_s:
                break
            self.now_s = max(self.now_s, due_s)
            for stream in running:
                if stream.handed_until_s - self.latency_s <= self.now_s:
                    stream.serve()
        self.now_s = until_s

    def heard(self, start_s: float, end_s: float) -> np.ndarray:
        """The left channel of the last stream between two times of the clock."""
        stream = self.streams[-1]
        near = stream.blocks
        if end_s - start_s < 0.1:
            first = bisect.bisect(near, start_s - 0.1, key=lambda block: block[0])
            near = near[first : bisect.bisect(near, end_s + 0.1, key=lambda block: block[0])]
        sound = np.zeros(round((end_s - start_s) * stream.rate_hz))
        for at_s, block in near:
            at = round((at_s - start_s) * stream.rate_hz)
            low, high = max(at, 0), min(at + len(block), len(sound))
            if low < high:
                sound[low:high] = block[low - at : high - at, 0]
        return sound

    def heard_now(self) -> float:
        """The sample that is heard now."""
        return float(self.heard(self.now_s - 0.5 / RATE_HZ, self.now_s + 1.5 / RATE_HZ)[0])


def ready(transport: Transport) -> Transport:
    """Wait until the thread that opens devices has come to an end with it."""
    pause = threading.Event()
    for _ in range(int(PATIENCE_S / 0.002)):
        if not transport.is_opening:
            return transport
        pause.wait(0.002)
    raise AssertionError("the device was never made ready")


def ramp(duration_s: float = 4.0) -> Audio:
    """A sound whose samples say where they stand: at t seconds it is 0.1 t."""
    return Audio((0.1 * np.arange(round(duration_s * RATE_HZ), dtype=np.float32) / RATE_HZ)[None], RATE_HZ)


def sine(pitch_hz: float, duration_s: float = 4.0, level: float = 0.5) -> Audio:
    t = np.arange(round(duration_s * RATE_HZ)) / RATE_HZ
    return Audio((level * np.sin(2 * np.pi * pitch_hz * t)).astype(np.float32)[None], RATE_HZ)


def clicks(every_s: float, duration_s: float = 4.0) -> Audio:
    """Short bursts that begin at the multiples of a period."""
    samples = np.zeros(round(duration_s * RATE_HZ), np.float32)
    burst = np.hanning(24).astype(np.float32) * np.where(np.arange(24) % 4 < 2, 0.9, -0.9)
    for k in range(int(duration_s / every_s)):
        at = round(k * every_s * RATE_HZ)
        samples[at : at + 24] += burst
    return Audio(samples[None], RATE_HZ)
