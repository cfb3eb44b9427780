"""Playing a song, and knowing to the millisecond which moment of it is heard."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

import numpy as np

from engine.audio.audio import Audio

NO_DEVICE = "No sound device was found: the dance plays without sound."
_MOST_LATENCY_S = 2.0  # a stated output time further off than this is a driver's mistake


@dataclass(frozen=True)
class _Anchor:
    """A moment of the song, and when on the stream's clock it is heard."""

    position_s: float
    heard_at_s: float


class Player:
    """A song that can be started, stopped and moved about in. Use it from one thread.

    The position is read from the audio stream: where its last block began, and how long ago the driver
    said that block would be heard. Nothing is counted by a timer, so sound and picture cannot drift apart.
    Without a sound device a monotonic clock stands in, and `trouble` says so in a sentence.

    Args:
        audio: The song.
    """

    def __init__(self, audio: Audio) -> None:
        self._audio = audio
        self._samples = _interleaved(audio)
        self._rate_hz = audio.sample_rate_hz
        self._next = 0  # the sample that is handed over next
        self._floor_s = 0.0  # the position never goes back behind this while playing
        self._anchor: _Anchor | None = None
        self._is_playing = False
        self.trouble = ""
        self._stream = self._opened()

    @property
    def duration_s(self) -> float:
        """Length of the song in seconds."""
        return self._audio.duration_s

    @property
    def is_playing(self) -> bool:
        """Whether the song is moving on; False once its end was heard."""
        if self._is_playing and self.position_s() >= self.duration_s:
            self.pause()
        return self._is_playing

    def position_s(self) -> float:
        """The moment of the song that is heard now, 0 to its duration, seconds."""
        anchor = self._anchor
        if self._is_playing and anchor is not None:
            heard = anchor.position_s + self._now_s() - anchor.heard_at_s
            self._floor_s = min(max(self._floor_s, heard), self.duration_s)
        return self._floor_s

    def play(self) -> None:
        """Go on from where it stands; from the beginning if that is the end."""
        if self._is_playing:
            return
        if self._floor_s >= self.duration_s - 1e-3:
            self.seek(0.0)
        self._start_at(self._floor_s)
        self._is_playing = True
        if self._stream is not None:
            self._stream.start()

    def pause(self) -> None:
        """Stop, and stay at the moment that was heard last."""
        if not self._is_playing:
            return
        stands_s = self.position_s()
        if self._stream is not None:
            self._stream.abort()
        self._is_playing = False
        self._start_at(stands_s)

    def seek(self, time_s: float) -> None:
        """Go to a moment of the song, playing on if it was playing."""
        time_s = min(max(time_s, 0.0), self.duration_s)
        was_playing = self._is_playing
        if was_playing and self._stream is not None:
            self._stream.abort()  # drops what was already handed over, else the old place is heard a little longer
        self._start_at(time_s)
        if was_playing and self._stream is not None:
            self._stream.start()

    def close(self) -> None:
        """Give the sound device back. May be called twice."""
        self.pause()
        if self._stream is not None:
            self._stream.close()
            self._stream = None

    def _start_at(self, time_s: float) -> None:
        self._next = round(time_s * self._rate_hz)
        self._floor_s = time_s
        # The silent clock starts at once; the stream sets its own anchor with its first block.
        self._anchor = _Anchor(time_s, time.monotonic()) if self._stream is None else None

    def _now_s(self) -> float:
        return time.monotonic() if self._stream is None else float(self._stream.time)

    def _opened(self) -> Any:
        """A stream on the default device, or None with `trouble` set."""
        self.trouble = NO_DEVICE
        try:
            import sounddevice  # Its library PortAudio may be missing; the program must start without it.
        except (ImportError, OSError):
            return None
        try:
            sounddevice.query_devices(kind="output")
        except (sounddevice.PortAudioError, ValueError):
            return None
        for rate_hz in (self._audio.sample_rate_hz, 48_000, 44_100):
            try:
                stream = sounddevice.OutputStream(
                    samplerate=rate_hz, channels=2, dtype="float32", latency="low", callback=self._fill
                )
            except sounddevice.PortAudioError:
                continue  # not every device takes every rate
            self._samples, self._rate_hz = _interleaved(self._audio.resampled(rate_hz)), rate_hz
            self.trouble = ""
            return stream
        return None

    def _fill(self, block: np.ndarray, n_samples: int, times: Any, _status: Any) -> None:
        """Called by PortAudio in a thread of its own: hand over the next samples, and note when they are heard."""
        first = self._next
        part = self._samples[first : first + n_samples]
        block[: len(part)] = part
        block[len(part) :] = 0.0
        self._next = first + n_samples
        heard_at_s, now_s = times.outputBufferDacTime, times.currentTime
        # DirectSound and WDM-KS tell nonsense or zero here; the stream's own latency is the next best.
        if not 0.0 <= heard_at_s - now_s <= _MOST_LATENCY_S:
            heard_at_s = (now_s or self._stream.time) + self._stream.latency
        self._anchor = _Anchor(first / self._rate_hz, heard_at_s)


def _interleaved(audio: Audio) -> np.ndarray:
    """Two channels side by side, float32 [N, 2]; more than two are mixed."""
    samples = audio.samples if audio.n_channels == 2 else audio.mono().samples
    return np.ascontiguousarray(np.broadcast_to(samples, (2, samples.shape[1])).T)
