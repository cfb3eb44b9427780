"""Sound in memory."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, eq=False)
class Audio:
    """Sampled sound. Takes over its array and makes it read-only.

    Attributes:
        samples: Between -1 and 1 at full scale, float32 [C, N], C >= 1.
        sample_rate_hz: Samples per second and channel.
    """

    samples: np.ndarray
    sample_rate_hz: int

    def __post_init__(self) -> None:
        if self.samples.ndim != 2 or self.samples.shape[0] < 1 or self.samples.dtype != np.float32:
            raise ValueError(f"expected float32 samples [C, N], got {self.samples.dtype} {self.samples.shape}")
        if not self.sample_rate_hz > 0:
            raise ValueError(f"sample_rate_hz must be positive, got {self.sample_rate_hz}")
        self.samples.flags.writeable = False

    @property
    def n_channels(self) -> int:
        """How many channels there are."""
        return self.samples.shape[0]

    @property
    def n_samples(self) -> int:
        """How many samples each channel has."""
        return self.samples.shape[1]

    @property
    def duration_s(self) -> float:
        """Seconds from the first sample to the end of the last."""
        return self.n_samples / self.sample_rate_hz

    def mono(self) -> Audio:
        """The mean of all channels, as one channel."""
        if self.n_channels == 1:
            return self
        mixed = self.samples[:1].copy()
        for channel in self.samples[1:]:
            mixed += channel
        mixed /= self.n_channels
        return Audio(mixed, self.sample_rate_hz)

    def resampled(self, rate_hz: int) -> Audio:
        """The same sound at another sample rate, band-limited, without shift in time."""
        if rate_hz == self.sample_rate_hz:
            return self
        import soxr  # only needed here, and not by those who only want the type

        samples = soxr.resample(self.samples.T, self.sample_rate_hz, rate_hz)
        return Audio(np.ascontiguousarray(samples.T, np.float32), rate_hz)

    def slice(self, start_sample: int, end_sample: int) -> Audio:
        """The samples [start_sample, end_sample) of every channel."""
        return Audio(self.samples[:, start_sample:end_sample], self.sample_rate_hz)
