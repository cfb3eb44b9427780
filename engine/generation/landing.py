"""The paper's synchronisation adjustment: a bounded time-warp that lands movements on beats."""

from __future__ import annotations

import numpy as np

from engine.motion.motion import Motion
from engine.motion.movements import kinematic_beats
from engine.motion.resample import time_warped

MOST_WARP = 0.12  # of the speed learned; beyond, a movement looks wrong
_SEARCH_S = 0.17


def land_on_beats(motion: Motion, beats_s: np.ndarray, most_warp: float = MOST_WARP) -> Motion:
    """The motion, same length and ends, with kinematic beats moved towards the beats of the music.

    Every beat of the music with a kinematic beat within 0.17 s asks for that one to arrive on it. Wishes are
    cut down so that time never runs more than `most_warp` faster or slower than it did.

    Args:
        motion: Any motion.
        beats_s: The music's beats on the motion's own clock, seconds, ascending.
    """
    source_s = landing_times_s(motion, beats_s, most_warp)
    return motion if source_s is None else time_warped(motion, source_s, motion.frame_rate_hz)


def landing_times_s(motion: Motion, beats_s: np.ndarray, most_warp: float = MOST_WARP) -> np.ndarray | None:
    """For every frame of the landed motion the time [T] in the motion as it was; None where nothing is warped."""
    return warp_times_s(kinematic_beats(motion) / motion.frame_rate_hz, beats_s, motion, most_warp)


def warp_times_s(
    arrivals_s: np.ndarray, beats_s: np.ndarray, motion: Motion, most_warp: float
) -> np.ndarray | None:
    """For every frame the time [T] in the motion as it was; None when there is nothing to warp."""
    end = (motion.n_frames - 1) / motion.frame_rate_hz
    beats = beats_s[(beats_s > 0.0) & (beats_s < end)]
    if len(arrivals_s) == 0 or len(beats) == 0:
        return None
    nearest = np.abs(beats[:, None] - arrivals_s[None]).argmin(axis=1)
    wish = arrivals_s[nearest] - beats
    near = np.abs(wish) <= _SEARCH_S
    # One arrival serves one beat: the nearer of two.
    for index in np.unique(nearest):
        rivals = np.flatnonzero(nearest == index)
        near[rivals] &= rivals == rivals[np.argmin(np.abs(wish[rivals]))]
    if not near.any():
        return None
    at = np.concatenate([[0.0], beats[near], [end]])
    shift = limited(at, np.concatenate([[0.0], wish[near], [0.0]]), most_warp)
    frames_s = np.arange(motion.n_frames) / motion.frame_rate_hz
    return frames_s + np.interp(frames_s, at, shift)


def limited(at: np.ndarray, shift: np.ndarray, slope: float) -> np.ndarray:
    """Shifts [N] cut down so that neighbours at `at` differ by no more than `slope` a second; the ends stay zero.

    The mean of the largest such curve below and the smallest above the wishes, each made by one pass either
    way; both have the bounded slope, so their mean has it too.
    """
    low, high = shift.copy(), shift.copy()
    low[[0, -1]] = high[[0, -1]] = 0.0
    room = slope * np.diff(at)
    for i in range(1, len(at)):
        low[i], high[i] = min(low[i], low[i - 1] + room[i - 1]), max(high[i], high[i - 1] - room[i - 1])
    for i in range(len(at) - 2, -1, -1):
        low[i], high[i] = min(low[i], low[i + 1] + room[i]), max(high[i], high[i + 1] - room[i])
    bound = slope * np.minimum(at - at[0], at[-1] - at)
    return np.clip(0.5 * (low + high), -bound, bound)
