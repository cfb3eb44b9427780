"""How late the sound of this device is heard: the user taps along with a click, and the taps tell."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from editor.playback.transport import Transport

FEWEST_TAPS = 8
PERIOD_S = 0.6
_BY_HEART = 2  # clicks that are listened to before one can tap along
_LENGTH_S = 120.0
_OUTLIER = 3.5  # times the usual spread; Iglewicz and Hoaglin 1993, for spreads by the median
_LEAST_SPREAD_S = 0.005  # even taps that are all but equal allow that much


@dataclass(frozen=True)
class TapResult:
    """What the taps tell.

    Attributes:
        offset_s: How much later than the driver says the click is heard; for `Transport.latency_offset_s`.
        spread_s: Half of the taps lie within that of the offset.
        n_taps: How many taps counted.
        n_left_out: How many lay too far off.
    """

    offset_s: float
    spread_s: float
    n_taps: int
    n_left_out: int

    @property
    def is_trustworthy(self) -> bool:
        """Whether the taps agree well enough to go by them."""
        return self.spread_s <= 0.03


def offset_of_taps(taps_s: np.ndarray, period_s: float = PERIOD_S) -> TapResult | None:
    """The offset of taps, in the time of a piece that clicks at every multiple of a period.

    Taps that lie further off than the others are left out. People tap some 20 ms before a click that they expect
    (Repp 2005, "Sensorimotor synchronization"), which is part of the result: it is what feels right to them.

    Args:
        taps_s: When the taps came, as the playhead showed it, [N].
        period_s: From click to click. Offsets of half of it and more cannot be told from others.

    Returns:
        None while fewer than FEWEST_TAPS taps agree.
    """
    taps_s = np.asarray(taps_s, float)
    if len(taps_s) < FEWEST_TAPS:
        return None
    around = np.angle(np.mean(np.exp(2j * np.pi * taps_s / period_s))) * period_s / (2 * np.pi)
    off_s = around + (taps_s - around + period_s / 2) % period_s - period_s / 2  # no tap falls apart at the seam
    middle_s = np.median(off_s)
    spread_s = max(float(np.median(np.abs(off_s - middle_s))), _LEAST_SPREAD_S)
    kept_s = off_s[np.abs(off_s - middle_s) <= _OUTLIER * 1.4826 * spread_s]
    if len(kept_s) < FEWEST_TAPS:
        return None
    offset_s = float(np.median(kept_s))
    return TapResult(offset_s, float(np.median(np.abs(kept_s - offset_s))), len(kept_s), len(taps_s) - len(kept_s))


class TapTest:
    """The test with sound: a click to tap along with.

    Args:
        transport: One of its own, on the device that is to be tested. It is given a silent piece that clicks.
    """

    def __init__(self, transport: Transport) -> None:
        self._transport = transport
        self._taps_s: list[float] = []
        times_s = np.arange(0.0, _LENGTH_S, PERIOD_S)
        transport.set_song(None, _LENGTH_S)
        transport.set_beats(times_s, np.full(len(times_s), 2), np.zeros(len(times_s), bool))
        transport.set_loop((0.0, PERIOD_S * int(_LENGTH_S / PERIOD_S)))
        transport.is_click_on = True
        transport.latency_offset_s = 0.0

    def start(self) -> None:
        """Begin to click; earlier taps are forgotten."""
        self._taps_s.clear()
        self._transport.seek(0.0)
        self._transport.play()

    def tap(self) -> None:
        """The user taps now. The first clicks are for listening."""
        if self._transport.is_playing:
            time_s = self._transport.position_s()
            if time_s >= PERIOD_S * (_BY_HEART - 0.5):
                self._taps_s.append(time_s)

    def stop(self) -> None:
        """Be quiet; the result stays."""
        self._transport.pause()

    @property
    def n_taps(self) -> int:
        """How many taps there were."""
        return len(self._taps_s)

    @property
    def result(self) -> TapResult | None:
        """What the taps tell so far; None while they are too few, or too far apart."""
        return offset_of_taps(np.array(self._taps_s))
