"""Whether a dance has the style that was asked for, judged by a frozen recogniser, relative to real takes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from engine.evaluation.sliders import spearman
from engine.motion.motion import Motion


class Judge(Protocol):
    """Names styles and places movement in a learned space; trained on training takes, and frozen."""

    @property
    def styles(self) -> tuple[str, ...]:
        """The styles that it knows."""
        ...

    def windows(self, motion: Motion, valid: np.ndarray | None = None) -> np.ndarray:
        """A motion as windows that the judge can see, [W, ...]; those with a frame that is not valid left out."""
        ...

    def embeddings(self, windows: np.ndarray) -> np.ndarray:
        """Where windows lie, [W, D]."""
        ...

    def style_shares(self, windows: np.ndarray) -> np.ndarray:
        """How likely each window is of each style, rows that add up to one, [W, S]."""
        ...


@dataclass(frozen=True)
class StyleAccuracy:
    """How often windows are given the style that they should have.

    Attributes:
        style: Which.
        n_windows: On how many it rests.
        accuracy: Share of windows for which the judge names it first, 0 to 1.
        real: The same of real held-out takes of the style; NaN where there are none.
    """

    style: str
    n_windows: int
    accuracy: float
    real: float

    @property
    def relative(self) -> float:
        """Accuracy over the real takes'; NaN where these have none."""
        return self.accuracy / self.real if self.real > 0.0 else float("nan")


def named_right(judge: Judge, shares: np.ndarray, style: str) -> np.ndarray:
    """Whether each window [W, S] is named by its style, bool [W]; none is for a style that the judge does not know."""
    if style not in judge.styles:
        return np.zeros(len(shares), dtype=bool)
    right: np.ndarray = shares.argmax(axis=1) == judge.styles.index(style)
    return right


def accuracies(
    judge: Judge, made: Sequence[tuple[str, np.ndarray]], real: Sequence[tuple[str, np.ndarray]]
) -> list[StyleAccuracy]:
    """A row a style of `made`: pairs of the style that was asked for and windows' shares [W, S]; `real` likewise."""

    def right(rows: Sequence[tuple[str, np.ndarray]], style: str) -> np.ndarray:
        found = [named_right(judge, shares, style) for name, shares in rows if name == style]
        return np.concatenate(found) if found else np.zeros(0, dtype=bool)

    out = []
    for style in sorted({name for name, _ in made}):
        own, true = right(made, style), right(real, style)
        share = float(own.mean()) if len(own) else 0.0
        out.append(StyleAccuracy(style, len(own), share, float(true.mean()) if len(true) else float("nan")))
    return out


@dataclass(frozen=True)
class MixFigures:
    """How the judge follows a mix of two styles.

    Attributes:
        first, second: The styles.
        shares: What the judge gives the second of the two, over both, at equal steps of its weight from 0 to 1.
        spearman: Rank correlation of weight and share; 1 where it rises at every step.
    """

    first: str
    second: str
    shares: tuple[float, ...]
    spearman: float

    @property
    def largest_step(self) -> float:
        """The most that the share changes from one step to the next; a switch would have all of the way in one."""
        return float(np.abs(np.diff(self.shares)).max()) if len(self.shares) > 1 else 0.0


def mix_figures(first: str, second: str, shares: Sequence[float]) -> MixFigures:
    """Of shares at equal steps of the second style's weight."""
    return MixFigures(first, second, tuple(float(x) for x in shares), mix_smoothness(shares))


def mix_smoothness(shares: Sequence[float]) -> float:
    """Spearman's correlation of a style's weight in a mix, rising in equal steps, and the share the judge gives it."""
    return spearman(np.arange(len(shares)), np.asarray(shares))
