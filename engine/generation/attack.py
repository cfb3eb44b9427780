"""Laban's time, sudden to sustained: how a dance runs from one kinematic beat to the next.

Between two moments at which the body comes to rest time is bent so that it lingers there and is quick between, or, the
other way round, so that speed is evened out. Where and when the body rests stays as it was, and so does the music.
"""

from __future__ import annotations

import numpy as np

MOST_ATTACK = 0.45


def attacked_times_s(times_s: np.ndarray, rests_s: np.ndarray, attack: np.ndarray) -> np.ndarray:
    """For each of some moments the time [T] that is danced then, where every moment danced itself before.

    Between two rests time runs at 1 - a cos(2 pi phase): slower by `a` at the rests and faster by as much half-way.
    Before the first rest and after the last it comes back to its own speed at the end.

    Args:
        times_s: Ascending, [T].
        rests_s: When the body is slowest, ascending, within the times, [B].
        attack: `a` at each moment, below zero to even speeds out, [T]; held within +-MOST_ATTACK. One value from rest
            to rest counts, that half-way.
    """
    rests = rests_s[(rests_s > times_s[0]) & (rests_s < times_s[-1])] if len(times_s) else rests_s
    if len(rests) == 0 or not np.any(attack):
        return times_s
    edges = np.concatenate([times_s[:1], rests, times_s[-1:]])
    at = np.clip(np.searchsorted(edges, times_s, side="right") - 1, 0, len(edges) - 2)
    start, span = edges[at], np.diff(edges)[at]
    phase = (times_s - start) / span
    middle = np.interp(0.5 * (edges[1:] + edges[:-1]), times_s, np.clip(attack, -MOST_ATTACK, MOST_ATTACK))
    between = np.sin(2.0 * np.pi * phase) / (2.0 * np.pi)
    first, last = -phase**2 * (1.0 - phase), phase * (1.0 - phase) ** 2
    bend = np.where(at == 0, first, np.where(at == len(edges) - 2, last, between))
    out: np.ndarray = times_s - middle[at] * span * bend
    return out
