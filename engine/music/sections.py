"""The parts of a song: where the sound changes for long, which parts are alike, and what role they could play."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from engine.music.analysis import Section
from engine.music.harmony import Harmony
from engine.music.onsets import Onsets
from engine.music.spectral import HOP_RATE_HZ, TONE_RATE_HZ, Spectra

BLOCK_S = 2.0  # instead of bars, where there are none
MIN_BARS, FULL_BARS = 4, 8
# A boundary must explain this many times the squared distance between neighbouring bars, which is held in a range
# so that neither a loop is cut to pieces nor a collage left whole.
BOUNDARY_PRICE, MIN_SCATTER, MAX_SCATTER = 4.0, 0.15, 0.8
SHORT_PRICE = 0.75  # more, as a share of the price, for a part of less than FULL_BARS
ODD_PRICE = 0.5  # and for one that is no multiple of four bars: phrases come in fours
#            what is compared: how large a difference is one unit of distance
SCALES = {"bands": 0.35, "level_db": 6.0, "chroma": 0.12, "onset": 0.03}
SAME, ALIKE = 0.5, 0.75  # mean distance below which parts share a letter, with a prime above the first


def find_sections(
    duration_s: float, downbeats_s: np.ndarray, spectra: Spectra, rise: Onsets, harmony: Harmony
) -> tuple[Section, ...]:
    """The parts of a song in order, without gaps; none for no sound.

    The bars are cut so that the squared distance of bars to the mean of their part, plus a price per part, is least
    (optimal partitioning, Jackson et al. 2005).
    """
    if duration_s <= 0.0:
        return ()
    edges_s = block_edges_s(duration_s, downbeats_s)
    rows = describe_blocks(edges_s, spectra, rise, harmony)
    cuts = partition(rows)
    starts = [0.0, *(float(edges_s[cut]) for cut in cuts[1:-1]), duration_s]
    parts = [rows[a:b] for a, b in pairwise(cuts)]
    labels = letters(parts)
    roles = propose_roles(np.diff(starts))
    return tuple(
        Section(start, end, label, role)
        for (start, end), label, role in zip(pairwise(starts), labels, roles, strict=True)
    )


def block_edges_s(duration_s: float, downbeats_s: np.ndarray) -> np.ndarray:
    """Where bars begin and the last ends, [N + 1]; blocks of BLOCK_S where there are no bars, also before the first
    and after the last one."""
    if len(downbeats_s) < 2 * MIN_BARS:
        n_blocks = max(1, round(duration_s / BLOCK_S))
        return np.linspace(0.0, duration_s, n_blocks + 1)
    bar_s = float(np.median(np.diff(downbeats_s)))
    before = downbeats_s[0] - bar_s * np.arange(int(downbeats_s[0] / bar_s), 0, -1)
    n_after = int((duration_s - downbeats_s[-1]) / bar_s)
    return np.concatenate([before, downbeats_s, downbeats_s[-1] + bar_s * np.arange(1, n_after + 1)])


def describe_blocks(edges_s: np.ndarray, spectra: Spectra, rise: Onsets, harmony: Harmony) -> np.ndarray:
    """How blocks sound, [N, D], scaled so that Euclidean distance 1 is a plain difference."""
    bands = _block_means(edges_s, spectra.bands, HOP_RATE_HZ)
    power = _block_means(edges_s, spectra.power[:, np.newaxis], HOP_RATE_HZ)
    onset = _block_means(edges_s, np.stack([rise.flux, rise.low], axis=1), HOP_RATE_HZ)
    chroma = _block_means(edges_s, harmony.chroma, TONE_RATE_HZ)
    level_db = np.maximum(10.0 * np.log10(np.maximum(power, 1e-7)), -60.0)
    # Chords change from bar to bar inside a part; over four bars they are the part's harmony.
    chroma = _averaged_over_four(chroma)
    parts = {"bands": bands, "level_db": level_db, "chroma": chroma, "onset": onset}
    return np.concatenate([values / SCALES[name] / np.sqrt(values.shape[1]) for name, values in parts.items()], axis=1)


def partition(rows: np.ndarray) -> list[int]:
    """Cuts 0 .. N of rows [N, D] into parts of at least MIN_BARS, by dynamic programming."""
    n = len(rows)
    if n < 2 * MIN_BARS:
        return [0, n]
    unit = BOUNDARY_PRICE * float(np.clip(_scatter(rows), MIN_SCATTER, MAX_SCATTER))
    total = np.concatenate([np.zeros((1, rows.shape[1])), np.cumsum(rows, axis=0)])
    squares = np.concatenate([[0.0], np.cumsum((rows**2).sum(axis=1))])
    best, last = np.full(n + 1, np.inf), np.zeros(n + 1, dtype=int)
    best[0] = 0.0
    for end in range(MIN_BARS, n + 1):
        start = np.arange(0, end - MIN_BARS + 1)
        length = end - start
        within = squares[end] - squares[start] - ((total[end] - total[start]) ** 2).sum(axis=1) / length
        is_odd = (length % 4 != 0) & (start > 0) & (end < n)
        price = best[start] + within + unit * (1.0 + SHORT_PRICE * (length < FULL_BARS) + ODD_PRICE * is_odd)
        last[end] = int(price.argmin())
        best[end] = price[last[end]]
    cuts = [n]
    while cuts[-1] > 0:
        cuts.append(int(last[cuts[-1]]))
    return cuts[::-1]


def _scatter(rows: np.ndarray) -> float:
    """Half the mean squared distance of bars to the next, or to the next but one or three, whichever is least.

    Many songs alternate bars; then the second next tells how much bars vary inside a part.
    """
    return min(0.5 * float(((rows[lag:] - rows[:-lag]) ** 2).sum(axis=1).mean()) for lag in (1, 2, 4))


def letters(parts: list[np.ndarray]) -> list[str]:
    """A letter for each part [n, D]: the nearest earlier part's if it is alike, with primes for a varied repeat."""
    means: list[np.ndarray] = []
    labels: list[str] = []
    families: dict[str, list[tuple[np.ndarray, str]]] = {}
    for part in parts:
        mean = part.mean(axis=0)
        near = [(float(np.linalg.norm(mean - other)), label) for other, label in zip(means, labels, strict=True)]
        distance, label = min(near, default=(np.inf, ""))
        if distance > ALIKE:
            label = _next_letter(len(families))
            families[label] = []
        elif distance > SAME:
            letter = label.rstrip("'")
            label = letter + "'" * (1 + len(families[letter]))
            families[letter].append((mean, label))
        means.append(mean)
        labels.append(label)
    return labels


def _next_letter(index: int) -> str:
    """A, B, ... Z, AA, AB, ..."""
    return _next_letter(index // 26 - 1) + chr(65 + index % 26) if index >= 26 else chr(65 + index)


def propose_roles(lengths_s: np.ndarray) -> list[str]:
    """Introduction, development and conclusion for parts of these lengths: the first, the middle and the last.

    Of two parts the shorter one frames the other; a single part is all development.
    """
    n = len(lengths_s)
    if n == 1:
        return ["development"]
    if n == 2:
        return ["introduction", "development"] if lengths_s[0] <= lengths_s[1] else ["development", "conclusion"]
    return ["introduction", *["development"] * (n - 2), "conclusion"]


def _block_means(edges_s: np.ndarray, rows: np.ndarray, rate_hz: float) -> np.ndarray:
    """Mean of rows [M, D] within each block, [N, D]; at least one row each."""
    edges = np.round(edges_s * rate_hz).astype(int)
    first = np.clip(edges[:-1], 0, len(rows) - 1)
    end = np.clip(np.maximum(edges[1:], first + 1), 1, len(rows))
    total = np.concatenate([np.zeros((1, rows.shape[1])), np.cumsum(rows, axis=0, dtype=np.float64)])
    return (total[end] - total[first]) / (end - first)[:, np.newaxis]


def _averaged_over_four(rows: np.ndarray) -> np.ndarray:
    """Each row's mean with the rest of its four: rows 0-3, 4-7, ... share one value, [N, D]."""
    groups = np.arange(len(rows)) // 4
    sums = np.zeros((groups[-1] + 1, rows.shape[1]))
    np.add.at(sums, groups, rows)
    return (sums / np.bincount(groups)[:, np.newaxis])[groups]
