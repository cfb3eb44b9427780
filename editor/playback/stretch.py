"""Sound at another speed with its pitch kept: grains that overlap, each laid where it goes on smoothly (WSOLA).

Verhelst and Roelands, "An overlap-add technique based on waveform similarity (WSOLA) for high quality time-scale
modification of speech", ICASSP 1993. Attacks go by at the song's own speed, so that they are heard once, and what
lies between them is stretched the more; they stay on their beat. The same grains, laid further apart or one before
the other, are what is heard at four times the speed and backwards.
"""

from __future__ import annotations

import numpy as np

from editor.playback.sound import Sound

HOP_S = 0.025  # from grain to grain in the output; a grain is twice as long
SEARCH_S = 0.0125  # how far a grain may lie from its place: half a period of 40 Hz to either side
VERBATIM_S = 0.0225  # to either side of an attack
_FASTEST_VERBATIM = 2.0
_MOST_VERBATIM = 0.35  # of the way to the next attack
_FAR_S = 10.0
_STRAYING = 0.05  # what lying furthest away costs, of a correlation of 1; decides between equals


class Stretcher:
    """Lays one grain of a song after the other, at any distance, cheaply enough for the audio thread.

    What is heard at the end of a hop is the middle of the grain that was laid for it: it is taken from near the place
    that was asked for, each one anew, so that errors do not add up, however long it plays.

    Attributes:
        hop: Samples from grain to grain.
        left: How much of the last hop was not taken yet.
        offset: How far the last grain lies from where it was asked for, samples.
    """

    def __init__(self, sound: Sound) -> None:
        self._sound = sound
        step = sound.coarse_step
        self.hop = max(round(HOP_S * sound.rate_hz / step), 1) * step
        self.left, self.offset = 0, 0.0
        self._reach = max(round(SEARCH_S * sound.rate_hz / step), 1)  # in coarse values
        rising = 0.5 - 0.5 * np.cos(np.pi * (np.arange(self.hop, dtype=np.float32) + 0.5) / self.hop)
        self._rising = np.ascontiguousarray(rising[:, None], np.float32)
        self._straying = _STRAYING * np.abs(np.linspace(-1.0, 1.0, 2 * self._reach + 1, dtype=np.float32))
        far = round(_FAR_S * sound.rate_hz)
        self._attacks = np.concatenate(([-far], sound.attacks, [sound.n_samples + far]))
        self._verbatim = VERBATIM_S * sound.rate_hz
        self._attack = -1  # the one that the last grain holds
        self._goes_on_at = 0  # where the last grain's second half begins in the song
        self._ready = np.zeros((self.hop, 2), np.float32)

    def start(self, position: float) -> None:
        """Begin at a song position in samples, as if the song had been playing there so far."""
        self._goes_on_at = round(position)
        self.left, self.offset, self._attack = 0, 0.0, -1

    def lay(self, middle: float, rate: float) -> None:
        """Make the next hop ready, at the end of which the song stands about at `middle`, samples, at a rate."""
        wanted, low, high, attack = self._spread(middle, rate)
        if attack >= 0 and attack == self._attack:
            start = self._goes_on_at
        else:
            start = self._smoothest(round(wanted) - self.hop, low - self.hop, high - self.hop)
        old, new = self._sound.read_held(self._goes_on_at, self.hop), self._sound.read_held(start, self.hop)
        self._ready = old + (new - old) * self._rising
        self._goes_on_at, self._attack = start + self.hop, attack
        self.left, self.offset = self.hop, self._goes_on_at - middle

    def _spread(self, middle: float, rate: float) -> tuple[float, float, float, int]:
        """Where to take from what is due at `middle`: about where, between what bounds, and of which attack (or -1)."""
        if not 0.0 < rate <= _FASTEST_VERBATIM or middle >= self._attacks[-1]:
            return middle, -np.inf, np.inf, -1
        k = min(max(int(np.searchsorted(self._attacks, middle, "right")), 1), len(self._attacks) - 1)
        before, after = float(self._attacks[k - 1]), float(self._attacks[k])
        kept = min(self._verbatim, _MOST_VERBATIM * (after - before) / max(rate, 1.0))
        kept_before, kept_after = kept * (k > 1), kept * (k < len(self._attacks) - 1)  # the outermost are none
        if middle - before < kept_before * rate:
            return before + (middle - before) / rate, before - kept, before + kept, k - 1
        if after - middle < kept_after * rate:
            return after + (middle - after) / rate, after - kept, after + kept, k
        low, high = before + kept_before, after - kept_after
        share = (middle - before - kept_before * rate) / (after - before - (kept_before + kept_after) * rate)
        return low + share * (high - low), low, high, -1

    def take(self, n_samples: int) -> np.ndarray:
        """The next samples of the hop, no more than are left, float32 [n_samples, 2]."""
        first = self.hop - self.left
        self.left -= n_samples
        return self._ready[first : first + n_samples]

    def ending(self, n_samples: int) -> np.ndarray:
        """What would follow if the song played on at its own speed, float32 [n_samples, 2]."""
        rest = self._ready[self.hop - self.left :]
        return np.concatenate((rest, self._sound.read(self._goes_on_at, n_samples)))[:n_samples]

    def _smoothest(self, start: int, low: float, high: float) -> int:
        """The place near `start`, within bounds, that is most like how the last grain goes on."""
        if start == self._goes_on_at:
            return start
        step, reach = self._sound.coarse_step, self._reach
        n = self.hop // step
        wanted = self._sound.read_coarse(self._goes_on_at // step, n)
        around = self._sound.read_coarse(start // step - reach, n + 2 * reach)
        shift = self._goes_on_at % step - start % step  # both are rounded down to whole steps
        places = start + shift + step * np.arange(-reach, reach + 1)
        is_allowed = (low <= places) & (places <= high)
        if not is_allowed.any():
            return start
        near = int(places[np.where(is_allowed, _likeness(around, wanted) - self._straying, -np.inf).argmax()])
        wanted = self._sound.read(self._goes_on_at, self.hop).sum(axis=1)
        around = self._sound.read(near - step, self.hop + 2 * step).sum(axis=1)
        return near - step + int(_likeness(around, wanted).argmax()) if wanted.any() else near


def _likeness(around: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """Normalised correlation of `wanted` [n] with every stretch of `around` [n + k]: [k + 1]; 0 in silence."""
    n = len(wanted)
    energy = np.concatenate(([0.0], np.cumsum(around.astype(np.float64) ** 2)))
    norm = np.sqrt(np.maximum(energy[n:] - energy[:-n], 0.0) * float(wanted @ wanted))
    return np.correlate(around, wanted, "valid") / (norm + 1e-9)
