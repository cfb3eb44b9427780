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
    ys, half = ys.astype(np.float32), np.float32(0.5 * width_px)
    middle, slope = np.float32(0.5) * (ys[1:] + ys[:-1]), np.diff(ys)
    steepness = np.sqrt(np.float32(1.0) + slope * slope)
    # A steep stretch must not shoot over its ends: it stays within what the line does nearby.
    low, high = _within(ys, max(round(0.5 * width_px), 1))
    low, high = low - half - np.float32(1.0), high + half + np.float32(1.0)
    reach = (half + np.float32(1.0)) * steepness
    first = np.maximum(np.floor(np.maximum(middle - reach, low - 1.0)), 0.0).astype(np.int32)
    last = np.minimum(np.ceil(np.minimum(middle + reach, high + 1.0)), height).astype(np.int32)
    is_held = (half + np.float32(0.5)) * steepness > np.minimum(middle - low, high - middle) - np.float32(0.5)
    is_steep = last - first > _STEEP_ROWS
    line = (first, middle, steepness, low, high)
    parts = []
    # Apart, so that one jump does not make all columns costly, and what nothing holds back costs no bounds.
    for chosen in (np.flatnonzero(kind) for kind in (~is_held & ~is_steep, is_held & ~is_steep, is_steep)):
        if len(chosen):
            n_rows, is_bounded = int((last - first)[chosen].max()), bool(is_held[chosen].any())
            parts.append(_covered(chosen, [values[chosen] for values in line], half, min(n_rows, height), is_bounded))
    rows, columns, covered = (np.concatenate(values) for values in zip(*parts, strict=True))
    inside = rows < height
    return (rows, columns, covered) if inside.all() else (rows[inside], columns[inside], covered[inside])


def _covered(
    columns: np.ndarray, line: list[np.ndarray], half: np.float32, n_rows: int, is_bounded: bool
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Rows, columns and coverage of the pixels in the first rows from where the line begins in each column."""
    first, middle, steepness, low, high = line
    rows = first + np.arange(max(n_rows, 0), dtype=np.int32)[:, np.newaxis]
    at = rows.astype(np.float32) + np.float32(0.5)
    covered = np.abs(at - middle)
    covered /= -steepness
    covered += half + np.float32(0.5)
    np.clip(covered, 0.0, 1.0, out=covered)
    if is_bounded:
        covered *= np.clip(at - low + np.float32(0.5), 0.0, 1.0) * np.clip(high - at + np.float32(0.5), 0.0, 1.0)
    shown = np.flatnonzero(covered > 0.004)
    return rows.ravel()[shown], columns[shown % max(len(columns), 1)], covered.ravel()[shown]


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
    place = first_column + np.arange(n_columns) + 0.5
    place -= edges[-1] * np.floor(place / edges[-1])
    shown = np.zeros(n_columns)
    for begin, end in zip(edges[:-1:2], edges[1::2], strict=True):
        # A dash's soft edge may reach over the pattern's seam.
        turns = (0.0, *((-edges[-1],) if end > edges[-1] - 0.5 else ()), *((edges[-1],) if begin < 0.5 else ()))
        for turn in turns:
            shown += np.clip(0.5 * (end - begin) + 0.5 - np.abs(place - turn - 0.5 * (begin + end)), 0.0, 1.0)
    return np.clip(shown, 0.0, 1.0)
