"""A song as the audio thread reads it: frames of two channels, silence around them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from editor.playback.attacks import attacks_of
from engine.audio.audio import Audio

COARSE_HZ = 8000  # about; the rate of the mono copy in which like places are looked for


@dataclass(frozen=True, eq=False)
class Sound:
    """A song at the rate of an output.

    Attributes:
        samples: float32 [N, 2]; a view of the song's own array where it can be one.
        rate_hz: Samples per second and channel.
        coarse: The mean of the channels, every value that of `coarse_step` samples, float32 [N // coarse_step].
        coarse_step: How many samples a value of `coarse` stands for.
        attacks: The samples at which something begins hard, ascending, int64 [A].
    """

    samples: np.ndarray
    rate_hz: int
    coarse: np.ndarray
    coarse_step: int
    attacks: np.ndarray

    @property
    def n_samples(self) -> int:
        """How many samples each channel has."""
        return len(self.samples)

    def read(self, start: int, n_samples: int) -> np.ndarray:
        """The samples [start, start + n_samples), silence where there are none, float32 [n_samples, 2]."""
        return _padded(self.samples, start, n_samples)

    def read_held(self, start: int, n_samples: int) -> np.ndarray:
        """The same, but the first sample stands before the song, so that it does not begin with a step."""
        samples = self.read(start, n_samples)
        if start >= 0 or not self.n_samples:
            return samples
        samples[:-start] = self.samples[0]  # what reaches beyond the song is a copy
        return samples

    def read_coarse(self, start: int, n_values: int) -> np.ndarray:
        """The same of `coarse`, [n_values]."""
        return _padded(self.coarse, start, n_values)


def sound_of(audio: Audio, rate_hz: int) -> Sound:
    """A song made ready for an output of `rate_hz`; more than two channels are mixed. Takes a while."""
    audio = audio.resampled(rate_hz)
    channels = audio.samples if audio.n_channels == 2 else audio.mono().samples
    step = max(round(rate_hz / COARSE_HZ), 1)
    n_values = channels.shape[1] // step
    coarse = np.zeros(n_values, np.float32)
    for channel in channels:
        coarse += channel[: n_values * step].reshape(n_values, step).mean(axis=1) / len(channels)
    return Sound(
        np.broadcast_to(channels, (2, channels.shape[1])).T, rate_hz, coarse, step, attacks_of(channels, rate_hz)
    )


def _padded(values: np.ndarray, start: int, n: int) -> np.ndarray:
    first, last = min(max(start, 0), len(values)), min(max(start + n, 0), len(values))
    if last - first == n:
        return values[first:last]
    padded = np.zeros((n, *values.shape[1:]), np.float32)
    if last > first:
        padded[first - start : last - start] = values[first:last]
    return padded
