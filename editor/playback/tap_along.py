"""Tapping along with the song while it plays: when each tap was, by the clock of the sound, and what the taps tell."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from editor.document.tapping import FEWEST_TAPS, TapFit, fit_taps
from editor.observable import Signal

PAUSE_S = 3.0  # after such a pause, or a jump back, taps begin anew


class TapAlong:
    """Taps of one go.

    Signals:
        changed(): `n_taps`, `fit` or `bpm`.

    Args:
        heard_s: The moment of the piece that is heard, seconds, the device's latency taken off.
    """

    def __init__(self, heard_s: Callable[[], float]) -> None:
        self.changed = Signal()
        self._heard_s = heard_s
        self._taps_s: list[float] = []
        self.fit: TapFit | None = None

    def tap(self) -> None:
        """She taps now."""
        time_s = self._heard_s()
        if self._taps_s and not 0.0 < time_s - self._taps_s[-1] <= PAUSE_S:
            self._taps_s.clear()
        self._taps_s.append(time_s)
        self.fit = fit_taps(np.array(self._taps_s))
        self.changed.emit()

    def clear(self) -> None:
        """Forget the taps."""
        self._taps_s.clear()
        self.fit = None
        self.changed.emit()

    @property
    def n_taps(self) -> int:
        """How many taps there are."""
        return len(self._taps_s)

    @property
    def n_missing(self) -> int:
        """How many more are needed before they can tell anything."""
        return max(FEWEST_TAPS - len(self._taps_s), 0)

    @property
    def bpm(self) -> float:
        """The tempo of the taps so far; 0.0 before there are two."""
        if self.fit is not None:
            return self.fit.bpm
        gaps_s = np.diff(self._taps_s)
        return 60.0 / float(np.median(gaps_s)) if len(gaps_s) else 0.0
