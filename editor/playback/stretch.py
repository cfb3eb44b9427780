"""Sound at another speed with its pitch kept: grains that overlap, each laid where it goes on smoothly (WSOLA).

Verhelst and Roelands, "An overlap-add technique based on waveform similarity (WSOLA) for high quality time-scale
modification of speech", ICASSP 1993. The same grains, laid further apart or one before the other, are what is heard
at four times the speed and backwards.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from editor.playback.sound import Sound

HOP_S = 0.025  # from grain to grain in the output; a grain is twice as long
SEARCH_S = 0.0125  # how far a grain may lie from its place: half a period of 40 Hz to either side
_STRAYING = 0.05  # what lying furthest away costs, of a correlation of 1; decides between equals


class Stretcher:
    """Reads a song at any speed, block by block, cheaply enough for the audio thread.

    The grain in the middle of which the output stands at song position p is taken from within SEARCH_S of p, each one
    anew: errors do not add up, so that the position is that of the clock however long it plays.
    """

    def __init__(self, sound: Sound) -> None:
        self._sound = sound
        step = sound.coarse_step
        self.hop = max(round(HOP_S * sound.rate_hz / step), 1) * step
        self._reach = max(round(SEARCH_S * sound.rate_hz / step), 1)  # in coarse values
        rising = 0.5 - 0.5 * np.cos(np.pi * (np.arange(self.hop, dtype=np.float32) + 0.5) / self.hop)
        self._rising = np.ascontiguousarray(rising[:, None], np.float32)
        self._straying = _STRAYING * np.abs(np.linspace(-1.0, 1.0, 2 * self._reach + 1, dtype=np.float32))
        self._goes_on_at = 0  # where the last grain's second half begins in the song
        self._ready = np.zeros((self.hop, 2), np.float32)
        self._used = self.hop  # how much of `_ready` was handed out

    def start(self, position: float) -> None:
        """Begin at a song position in samples, as if the song had been playing there so far."""
        self._goes_on_at = round(position)
        self._used = self.hop

    def read(self, n_samples: int, position: float, rate: float, wrap: Callable[[float], float]) -> np.ndarray:
        """The next output.

        Args:
            n_samples: How much.
            position: Where in the song it begins, samples; it should follow from what was read before.
            rate: Samples of the song per sample of output; below 0 backwards.
            wrap: Leads a position beyond a loop's edge back into the loop.

        Returns:
            float32 [n_samples, 2].
        """
        out = np.empty((n_samples, 2), np.float32)
        done = 0
        while done < n_samples:
            if self._used == self.hop:
                self._lay_grain(round(wrap(position + rate * (done + self.hop))) - self.hop)
            n = min(n_samples - done, self.hop - self._used)
            out[done : done + n] = self._ready[self._used : self._used + n]
            self._used += n
            done += n
        return out

    def _lay_grain(self, start: int) -> None:
        start = self._smoothest(start)
        falling = 1.0 - self._rising
        old, new = self._sound.read(self._goes_on_at, self.hop), self._sound.read(start, self.hop)
        self._ready = old * falling + new * self._rising
        self._goes_on_at = start + self.hop
        self._used = 0

    def _smoothest(self, start: int) -> int:
        """The place near `start` that is most like how the last grain goes on."""
        if start == self._goes_on_at:
            return start
        step, reach = self._sound.coarse_step, self._reach
        n = self.hop // step
        wanted = self._sound.read_coarse(self._goes_on_at // step, n)
        around = self._sound.read_coarse(start // step - reach, n + 2 * reach)
        likeness = _likeness(around, wanted) - self._straying
        near = start + (int(likeness.argmax()) - reach) * step
        near += self._goes_on_at % step - start % step  # both were rounded down to whole steps
        wanted = self._sound.read(self._goes_on_at, self.hop).sum(axis=1)
        around = self._sound.read(near - step, self.hop + 2 * step).sum(axis=1)
        return near - step + int(_likeness(around, wanted).argmax()) if wanted.any() else near


def _likeness(around: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """Normalised correlation of `wanted` [n] with every stretch of `around` [n + k]: [k + 1]; 0 in silence."""
    n = len(wanted)
    energy = np.concatenate(([0.0], np.cumsum(around.astype(np.float64) ** 2)))
    norm = np.sqrt(np.maximum(energy[n:] - energy[:-n], 0.0) * float(wanted @ wanted))
    return np.correlate(around, wanted, "valid") / (norm + 1e-9)
