"""Playing a song, and knowing to the millisecond which moment of it is heard."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from engine.audio.audio import Audio

NO_DEVICE = "No sound device was found: the dance plays without sound."
_OTHER_RATES_HZ = (48_000, 44_100)  # for devices that do not take the song's own
# Of the output. The clock takes it into account, so it need not be short; shorter ones stutter on a busy machine.
_LATENCY_S = 0.1
_MOST_LATENCY_S = 2.0  # a stated output time further off than this is a driver's mistake

# Called with a block to fill, float32 [N, 2], its length, the driver's times and its status.
Fill = Callable[[np.ndarray, int, Any, Any], None]
# Takes sample rate and fill; gives a sounddevice.OutputStream, or None where there is no device for it.
Opener = Callable[[int, Fill], Any]


@dataclass(frozen=True)
class _Anchor:
    """A moment of the song, when on the stream's clock it is heard, and after which move that was."""

    move: int
    position_s: float
    heard_at_s: float


class Player:
    """A song that can be started, stopped and moved about in. Use it from one thread.

    The position is read from the audio stream: where its last block began, and how long ago the driver
    said that block would be heard. Nothing is counted by a timer, so sound and picture cannot drift apart.
    Without a sound device a monotonic clock stands in, and `trouble` says so in a sentence.

    Args:
        audio: The song.
        opener: Opens the output; the default device's if left out.
    """

    def __init__(self, audio: Audio, opener: Opener | None = None) -> None:
        self._duration_s = audio.duration_s
        self._is_playing = False
        self._floor_s = 0.0  # the position never goes back behind this while playing
        self._wanted = (0, 0)  # number of the last move, and the sample it went to
        self._served, self._next = 0, 0  # the audio thread's: the last move it made, the next sample
        self._anchor: _Anchor | None = None
        self._stream, self._rate_hz = self._opened(audio, opener or open_default_device)
        self._samples = _interleaved(audio.resampled(self._rate_hz))
        self.trouble = NO_DEVICE if self._stream is None else ""

    @property
    def duration_s(self) -> float:
        """Length of the song in seconds."""
        return self._duration_s

    @property
    def is_playing(self) -> bool:
        """Whether the song is moving on; False once its end was heard."""
        if self._is_playing and self.position_s() >= self._duration_s:
            self.pause()
        return self._is_playing

    def position_s(self) -> float:
        """The moment of the song that is heard now, 0 to its duration, seconds."""
        anchor = self._anchor
        if self._is_playing and anchor is not None and anchor.move == self._wanted[0]:
            heard_s = anchor.position_s + self._now_s() - anchor.heard_at_s
            self._floor_s = min(max(self._floor_s, heard_s), self._duration_s)
        return self._floor_s

    def play(self) -> None:
        """Go on from where it stands; from the beginning if that is the end."""
        if self._is_playing:
            return
        self._move_to(0.0 if self._floor_s >= self._duration_s - 1e-3 else self._floor_s)
        self._is_playing = True
        if self._stream is not None:
            self._stream.start()

    def pause(self) -> None:
        """Stop, and stay at the moment that was heard last."""
        if not self._is_playing:
            return
        stands_s = self.position_s()
        if self._stream is not None:
            self._stream.abort()  # what was handed over is not played out
        self._is_playing = False
        self._move_to(stands_s)

    def seek(self, time_s: float) -> None:
        """Go to a moment of the song, playing on if it was playing."""
        self._move_to(min(max(time_s, 0.0), self._duration_s))

    def close(self) -> None:
        """Give the sound device back. May be called twice."""
        self.pause()
        if self._stream is not None:
            self._stream.close()
            self._stream = None

    def _move_to(self, time_s: float) -> None:
        # One assignment, so that the audio thread sees the whole move or none of it.
        self._wanted = (self._wanted[0] + 1, round(time_s * self._rate_hz))
        self._floor_s = time_s
        if self._stream is None:  # else the next block sets the anchor
            self._anchor = _Anchor(self._wanted[0], time_s, time.monotonic())

    def _now_s(self) -> float:
        return time.monotonic() if self._stream is None else float(self._stream.time)

    def _opened(self, audio: Audio, opener: Opener) -> tuple[Any, int]:
        for rate_hz in (audio.sample_rate_hz, *_OTHER_RATES_HZ):
            stream = opener(rate_hz, self._fill)
            if stream is not None:
                return stream, rate_hz
        return None, audio.sample_rate_hz

    def _fill(self, block: np.ndarray, n_samples: int, times: Any, _status: Any) -> None:
        """Called in the audio thread: hand over the next samples, and note when they are heard."""
        move, sample = self._wanted
        if move != self._served:
            self._served, self._next = move, sample
        first = self._next
        part = self._samples[first : first + n_samples]
        block[: len(part)] = part
        block[len(part) :] = 0.0
        self._next = first + n_samples
        heard_at_s, now_s = times.outputBufferDacTime, times.currentTime
        # DirectSound and WDM-KS tell nonsense or zero here; the stream's own latency is the next best.
        if not 0.0 <= heard_at_s - now_s <= _MOST_LATENCY_S or heard_at_s == 0.0:
            heard_at_s = float(self._stream.time + self._stream.latency)
        self._anchor = _Anchor(move, first / self._rate_hz, heard_at_s)


def open_default_device(rate_hz: int, fill: Fill) -> Any:
    """A stopped stereo stream on the default output; None where there is none, or it refuses the rate."""
    try:
        import sounddevice  # Its library PortAudio may be missing; the program must start without it.
    except (ImportError, OSError):
        return None
    try:
        return sounddevice.OutputStream(
            samplerate=rate_hz, channels=2, dtype="float32", latency=_LATENCY_S, callback=fill
        )
    except (sounddevice.PortAudioError, ValueError):
        return None


def _interleaved(audio: Audio) -> np.ndarray:
    """Two channels side by side, float32 [N, 2]; more than two are mixed."""
    samples = audio.samples if audio.n_channels == 2 else audio.mono().samples
    return np.ascontiguousarray(np.broadcast_to(samples, (2, samples.shape[1])).T)
