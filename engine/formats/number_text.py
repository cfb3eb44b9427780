"""Numbers out of plain text: the same values as `float`, several times faster than NumPy's own reader.

A motion file is megabytes of short decimals. Their digits are summed up for a whole block of words at
once: up to 15 of them make an integer that a double holds exactly, and one division by a power of ten
rounds it as `float` would (Clinger 1990, "How to read floating point numbers accurately", section 3).
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator

import numpy as np

_BLOCK_BYTES = 1 << 19  # what is worked on at once stays in the processor's cache
_MOST_DIGITS = 15
_POWERS = 10.0 ** np.arange(_MOST_DIGITS + 1)
_GAP = re.compile(rb"\s")
_PADDING = b" " * (_MOST_DIGITS + 1)  # so that looking for a sixteenth digit does not leave the block


class NotANumber(ValueError):
    """A word is no finite decimal number.

    Attributes:
        word: The word.
        at: Where it begins, counted in bytes.
        n_before: How many numbers come before it.
    """

    def __init__(self, word: str, at: int, n_before: int) -> None:
        super().__init__(f"{word!r} is not a finite number")
        self.word, self.at, self.n_before = word, at, n_before


def read_number(word: bytes) -> float | None:
    """The finite number that `word` spells, or None. Exponents are read; digit groups (1_000) are not."""
    try:
        value = float(word)
    except ValueError:
        return None
    return value if math.isfinite(value) and b"_" not in word else None


def read_numbers(text: bytes) -> tuple[np.ndarray, np.ndarray]:
    """All numbers in `text`, and where its lines end among them.

    Args:
        text: Numbers parted by spaces, tabs and line feeds (other control characters count as spaces).

    Returns:
        The numbers, float64 [N], and for each line that holds any the count of numbers up to its end, int [L].

    Raises:
        NotANumber: for the first word that is none.
    """
    values, line_ends, n = [np.zeros(0)], [np.zeros(0, dtype=int)], 0
    for at, block in _blocks(text):
        padded = np.frombuffer(_PADDING + block + _PADDING, np.uint8)
        starts, ends = _words(padded)
        try:
            values.append(_numbers(padded, starts, ends))
        except NotANumber as error:
            raise NotANumber(error.word, error.at - len(_PADDING) + at, error.n_before + n) from None
        line_ends.append(n + _distinct(np.searchsorted(starts, np.flatnonzero(padded == ord("\n")))))
        n += len(starts)
    line_ends.append(np.array([n]))
    ends = _distinct(np.concatenate(line_ends))
    return np.concatenate(values), ends[ends > 0]


def _distinct(ascending: np.ndarray) -> np.ndarray:
    # np.unique would put them into a hash table first.
    return ascending[np.diff(ascending, prepend=-1) > 0]


def _blocks(text: bytes) -> Iterator[tuple[int, bytes]]:
    """Pieces of the text with where they begin; no word lies in two of them."""
    start = 0
    while start < len(text):
        gap = _GAP.search(text, start + _BLOCK_BYTES)
        end = gap.start() if gap else len(text)
        yield start, text[start:end]
        start = end


def _words(padded: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    solid = padded > ord(" ")
    edges = np.flatnonzero(solid[1:] != solid[:-1]) + 1
    return edges[::2].copy(), edges[1::2].copy()


def _numbers(padded: np.ndarray, starts: np.ndarray, ends: np.ndarray) -> np.ndarray:
    first = padded[starts]
    negative = first == ord("-")
    points = _points(padded, starts, ends)
    n_whole = points - starts - (negative | (first == ord("+")))
    n_fraction = np.maximum(ends - points - 1, 0)
    n_digits = n_whole + n_fraction
    odd = (n_digits < 1) | (n_digits > _MOST_DIGITS)
    digits = np.zeros(len(starts), dtype=np.int64)
    for i in range(1, min(n_whole.max(initial=0), _MOST_DIGITS) + 1):
        digit = np.where(n_whole >= i, padded[points - i], ord("0")) - np.uint8(ord("0"))
        odd |= digit > 9
        digits += np.multiply(digit, 10 ** (i - 1), dtype=np.int64)
    for i in range(1, min(n_fraction.max(initial=0), _MOST_DIGITS) + 1):
        there = n_fraction >= i
        digit = np.where(there, padded[np.minimum(points + i, ends)], ord("0")) - np.uint8(ord("0"))
        odd |= digit > 9
        digits = np.where(there, 10 * digits + digit, digits)
    values = digits / _POWERS[np.minimum(n_fraction, _MOST_DIGITS)]
    np.negative(values, out=values, where=negative)
    if odd.any():
        _read_one_by_one(padded, starts, ends, np.flatnonzero(odd), values)
    return values


def _points(padded: np.ndarray, starts: np.ndarray, ends: np.ndarray) -> np.ndarray:
    """Where the decimal point of each word is; its end where it has none."""
    points = np.flatnonzero(padded == ord("."))
    if len(points) == len(starts) and np.all((points >= starts) & (points < ends)):
        return points
    out = ends.copy()
    out[np.searchsorted(starts, points, side="right") - 1] = points
    return out


def _read_one_by_one(
    padded: np.ndarray, starts: np.ndarray, ends: np.ndarray, which: np.ndarray, values: np.ndarray
) -> None:
    """Fill in what the digits alone do not give: exponents, more than 15 digits, and what is no number."""
    text = padded.tobytes()
    places = list(zip(starts[which].tolist(), ends[which].tolist(), strict=True))
    words = [text[start:end] for start, end in places]
    try:
        values[which] = list(map(float, words))
        fine = bool(np.all(np.isfinite(values[which]))) and b"_" not in text
    except ValueError:
        fine = False
    if not fine:
        bad = next(i for i, word in enumerate(words) if read_number(word) is None)
        raise NotANumber(words[bad].decode(errors="replace"), places[bad][0], int(which[bad]))
