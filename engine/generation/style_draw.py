"""In which style each phrase of a mix is danced.

A phrase is learned from one dancer's dance in one style; a mix is danced by turns, so that over the phrases each style
has the share of time that was asked for. The first style is drawn; from then on the one that most time is owed to comes
next (error diffusion, Floyd & Steinberg 1976), so that even a few phrases are near the mix.
"""

from __future__ import annotations

import numpy as np


class StyleDraw:
    """Draws a style a phrase from weights that add up to one, [S]; the same seed draws the same."""

    def __init__(self, weights: np.ndarray, seed: int) -> None:
        self._weights = np.asarray(weights, dtype=float)
        self._first = int(np.random.default_rng([seed, 61]).choice(len(self._weights), p=self._weights))
        self._owed = np.zeros(len(self._weights))
        self._begun = False

    def next_for(self, n_frames: int) -> int:
        """The style of a phrase of so many frames; the caller says with `danced` which one it became."""
        if not self._begun:
            return self._first
        return int(np.argmax(np.where(self._weights > 0.0, self._owed + self._weights * n_frames, -np.inf)))

    def danced(self, style: int, n_frames: int) -> None:
        """Take down that a phrase was danced in a style."""
        self._begun = True
        self._owed += self._weights * n_frames
        self._owed[style] -= n_frames
