"""How sure a mean is: bootstrap confidence intervals."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

N_RESAMPLES, LEVEL = 1000, 0.95


@dataclass(frozen=True)
class Estimate:
    """A figure with its 95 % interval. `low` and `high` are the figure itself where one value is all there is."""

    value: float
    low: float
    high: float


def estimate(values: Sequence[float] | np.ndarray, weights: Sequence[float] | np.ndarray | None = None) -> Estimate:
    """The (weighted) mean of values, one an independent unit such as a dance, with its percentile interval.

    Efron & Tibshirani 1993, "An introduction to the bootstrap", section 13.3: units are drawn again with
    replacement a thousand times. The same values give the same interval. NaN three times for no values.
    """
    x = np.asarray(values, dtype=float)
    w = np.ones(len(x)) if weights is None else np.asarray(weights, dtype=float)
    if len(x) == 0 or w.sum() <= 0.0:
        return Estimate(float("nan"), float("nan"), float("nan"))

    def mean(index: np.ndarray) -> float:
        total = w[index].sum()
        return float((x[index] * w[index]).sum() / total) if total > 0.0 else float((x * w).sum() / w.sum())

    return resampled_estimate(len(x), mean)


def resampled_estimate(n: int, statistic: Callable[[np.ndarray], float], n_resamples: int = N_RESAMPLES) -> Estimate:
    """A statistic of `n` units, a function of their indices [n], with its percentile interval.

    A distance between sets grows with repeated units: its interval is moved so that its middle lies on the value
    (the bias that the resampling itself brings is taken away).
    """
    value = statistic(np.arange(n))
    if n < 2:
        return Estimate(value, value, value)
    rng = np.random.default_rng(20250505)
    drawn = np.array([statistic(rng.integers(0, n, n)) for _ in range(n_resamples)])
    low, middle, high = np.quantile(drawn, [(1.0 - LEVEL) / 2.0, 0.5, (1.0 + LEVEL) / 2.0])
    return Estimate(value, float(value + low - middle), float(value + high - middle))
