"""Lines as pixels: curves over time drawn column by column, smooth-edged and dashed, in a tenth of a painter's time.

A painter's dashed, smooth-edged path of two thousand points costs 4 ms, and the emotion lane has seven. No Qt.
"""

from __future__ import annotations

import numpy as np

_STEEP_ROWS = 12


def coverage_of(ys: np.ndarray, height: int, width_px: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """How much of each pixel a line covers.

    Args:
        ys: Where the line is at the edges of n columns, in pixels from the top, [n + 1].
        height: Of the picture.
        width_px: Of the line.

    Returns:
        Rows and columns of the pixels that are covered at all, and by how much, 0..1; each [m].
    """
    ys = ys.astype(np.float32)
    middle, slope, half = 0.5 * (ys[1:] + ys[:-1]), np.diff(ys), np.float32(0.5 * width_px)
    steepness = np.sqrt(1.0 + slope * slope)
    # A steep stretch must not shoot over its ends: it stays within what the line does nearby.
    low, high = _within(ys, max(round(0.5 * width_px), 1))
    low, high = low - half - 1.0, high + half + 1.0
    first = np.floor(np.maximum(middle - (half + 1.0) * steepness, low - 1.0)).astype(np.int64)
    last = np.ceil(np.minimum(middle + (half + 1.0) * steepness, high + 1.0)).astype(np.int64)
    first, last = np.maximum(first, 0), np.minimum(last, height)
    parts = []
    for is_steep in (False, True):  # apart, so that one jump does not make all columns costly
        chosen = np.flatnonzero((last - first > _STEEP_ROWS) == is_steep)
        if not len(chosen):
            continue
        rows = first[chosen] + np.arange(max(int((last - first)[chosen].max()), 0))[:, np.newaxis]
        at = rows.astype(np.float32) + np.float32(0.5)
        covered = np.clip(half + 0.5 - np.abs(at - middle[chosen]) / steepness[chosen], 0.0, 1.0)
        covered *= np.clip(at - low[chosen] + 0.5, 0.0, 1.0) * np.clip(high[chosen] - at + 0.5, 0.0, 1.0)
        shown = (covered > 0.004) & (rows < height)
        parts.append((rows[shown], np.broadcast_to(chosen, rows.shape)[shown], covered[shown]))
    rows, columns, covered = (np.concatenate(values) for values in zip(*parts, strict=True))
    return rows, columns, covered


def _within(ys: np.ndarray, reach: int) -> tuple[np.ndarray, np.ndarray]:
    """The lowest and highest that a line is within some columns of each column, [n] each."""
    padded, n = np.pad(ys, reach, mode="edge"), len(ys) - 1
    low, high = padded[:n].copy(), padded[:n].copy()
    for shift in range(1, 2 * reach + 2):
        np.minimum(low, padded[shift : shift + n], out=low)
        np.maximum(high, padded[shift : shift + n], out=high)
    return low, high


def dashes(first_column: int, n_columns: int, pattern_px: tuple[float, ...]) -> np.ndarray:
    """Of each column, whether a dashed line shows there, 0..1, [n]; dashes stay where they are when the picture moves.

    Args:
        first_column: Number of the first column, counted from the piece's start.
        pattern_px: Lengths of dash, gap, dash, gap ...; empty for an unbroken line.
    """
    if not pattern_px:
        return np.ones(n_columns)
    edges = np.cumsum((0.0, *pattern_px))
    place = (first_column + np.arange(n_columns) + 0.5) % edges[-1]
    shown = np.zeros(n_columns)
    for begin, end in zip(edges[:-1:2], edges[1::2], strict=True):
        for turn in (-edges[-1], 0.0, edges[-1]):  # a dash's soft edge may reach over the pattern's seam
            shown += np.clip(0.5 * (end - begin) + 0.5 - np.abs(place - turn - 0.5 * (begin + end)), 0.0, 1.0)
    return np.clip(shown, 0.0, 1.0)
