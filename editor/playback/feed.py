"""Where blocks go and whose clock counts: a sound device's stream, or a clock that needs none."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import numpy as np

from editor.playback.deck import Deck
from editor.playback.device import LATENCY_S, Stream

_MOST_LATENCY_S = 2.0  # a stated output time further off than this is a driver's mistake
# An output time that far from where the last block ended is believed once it is repeated, or at once: sound broke off.
_JUMP_S, _JUMP_BLOCKS, _SURE_JUMP_S = 0.01, 3, 0.1
_SET_BACK_S = 1.0  # some drivers go by the clock on the wall, which somebody may set back by more than that
_TRUST = 0.1  # how much of a smaller difference is taken from one block to the next; the rest is jitter
_SILENT_STEP_S = 0.5


class Feed:
    """A running stream, and the deck that fills it. `fill` is called by the audio thread.

    Args:
        clock: A monotonic clock in seconds.

    Attributes:
        deck: Who fills the blocks; None for silence. May be replaced at any time.
        n_dropouts: How often the device ran out of sound while playing.
        called_at_s: On `clock`, when the last block was asked for.
        was_called: Set once the first was; a sound system that wakes up may take seconds until then.
        is_finished: Whether the driver says that the stream has ended.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._stream: Stream | None = None
        self._next_heard_s: float | None = None
        self._latest_s, self._ahead_s = 0.0, 0.0  # the stream's clock, and what it is ahead of ours
        self._n_off = 0  # how many blocks in a row did not follow
        self.deck: Deck | None = None
        self.n_dropouts = 0
        self.called_at_s = clock()
        self.was_called = threading.Event()
        self.is_finished = False

    def connect(self, stream: Stream) -> None:
        """Tell which stream it is whose blocks are filled."""
        self._stream = stream
        self._latest_s = 0.0

    def now_s(self) -> float:
        """The time on the stream's clock, by our own once the stream is gone; goes back only if it is set back."""
        assert self._stream is not None
        try:
            time_s = float(self._stream.time)
            self._ahead_s = time_s - self._clock()
        except Exception:  # noqa: BLE001 - PortAudio's error, which this module does not load
            self.is_finished = True
            time_s = self._clock() + self._ahead_s
        is_set_back = time_s < self._latest_s - _SET_BACK_S
        self._latest_s = time_s if is_set_back else max(self._latest_s, time_s)
        return self._latest_s

    def finished(self) -> None:
        """Called by the driver when the stream has ended."""
        self.is_finished = True

    def fill(self, block: np.ndarray, n_samples: int, times: Any, status: Any) -> None:
        """Called in the audio thread: hand over the next samples."""
        self.called_at_s = self._clock()
        deck = self.deck
        has_dropped = bool(status and status.output_underflow)
        if deck is None:
            self.was_called.set()
            block[:] = 0.0
            self._next_heard_s = None
            return
        if has_dropped and deck.wishes.is_playing:
            self.n_dropouts += 1
        deck.fill(block, n_samples, self._heard_at_s(n_samples / deck.rate_hz, times, has_dropped))

    def _heard_at_s(self, length_s: float, times: Any, has_dropped: bool) -> float:
        heard_at_s, now_s = float(times.outputBufferDacTime), float(times.currentTime)
        # DirectSound and WDM-KS tell nonsense or zero here; the stream's own latency is the next best.
        if not 0.0 < heard_at_s - now_s <= _MOST_LATENCY_S or heard_at_s == 0.0:
            heard_at_s = (self.now_s() if self._stream is not None else now_s) + _output_latency_s(self._stream)
        expected_s = self._next_heard_s
        if expected_s is not None:
            off_s = abs(heard_at_s - expected_s)
            self._n_off = self._n_off + 1 if off_s > _JUMP_S else 0
            if not has_dropped and off_s < _SURE_JUMP_S and self._n_off < _JUMP_BLOCKS:
                heard_at_s = expected_s + _TRUST * (heard_at_s - expected_s)
            if heard_at_s > expected_s - _SET_BACK_S:
                heard_at_s = max(heard_at_s, expected_s - length_s)
        self._next_heard_s = heard_at_s + length_s
        return heard_at_s


class SilentFeed:
    """Takes blocks by a clock and lets nobody hear them. They are made when somebody asks for the time."""

    def __init__(self, clock: Callable[[], float], deck: Deck) -> None:
        self._clock = clock
        self._made_until_s = clock()
        self.deck = deck
        self.n_dropouts = 0

    def now_s(self) -> float:
        """The time on the clock; everything up to then is filled."""
        now_s = self._clock()
        while (n := int((now_s - self._made_until_s) * self.deck.rate_hz)) > 0:
            n = min(n, int(_SILENT_STEP_S * self.deck.rate_hz))
            self.deck.fill(None, n, self._made_until_s)
            self._made_until_s += n / self.deck.rate_hz
        return self._made_until_s


def _output_latency_s(stream: Stream | None) -> float:
    """What the stream says; of an input and an output the output's."""
    if stream is None:
        return LATENCY_S
    latency = stream.latency
    return float(latency[-1] if isinstance(latency, (tuple, list)) else latency)
