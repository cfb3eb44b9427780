"""The traditional way: real phrases from the library, the best-fitting next one each time, joined and feet held.

Motion graphs (Kovar et al. 2002) with beats: a phrase is taken where its poses go on from the last, where its
accents fall on the music's beats at up to a tenth faster or slower, and where it has not been a moment ago. Natural
by construction, and never new: it is what novelty is measured against.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from engine.baselines.joining import chained, fitted
from engine.evaluation.dancer import Take
from engine.generation.body_state import body_states
from engine.generation.features import to_features
from engine.generation.plan import phrase_bounds
from engine.motion.blend import yaw_rad
from engine.motion.contacts import detect_contacts
from engine.motion.house import FRAME_RATE_HZ
from engine.motion.mirror import mirrored
from engine.motion.motion import Motion
from engine.motion.movements import kinematic_beats
from engine.motion.resample import time_warped
from engine.music.analysis import MusicAnalysis

RATES = (0.9, 1.0, 1.1)
# What each costs: a transition as bad as the mean one, beats all missed, a phrase danced just now, a metre of way.
_TRANSITION, _BEATS, _RECENT, _WAY = 1.0, 1.0, 2.0, 4.0
_FORGOTTEN_S = 20.0
_CHANCE = 0.08  # how much luck there is in the choice
_ACCENT_FRAMES = 2.0


@dataclass(frozen=True, eq=False)
class _Library:
    """All frames of all takes and their mirror images, end to end.

    Attributes:
        motions: One a take.
        first: First frame of each take, [M]. take: of each frame, [N].
        left: Frames from here to the take's end, [N].
        states: What the body is like, [N, S]. places: x, z and heading, [N, 3]. accents: 0 to 1, [N].
        styles: One a take. sound: Frames from here on that are sound, [N].
    """

    motions: tuple[Motion, ...]
    first: np.ndarray
    take: np.ndarray
    left: np.ndarray
    states: np.ndarray
    places: np.ndarray
    accents: np.ndarray
    styles: np.ndarray


class PatchMatching:
    """Dances made of real phrases."""

    name = "patch matching"

    def __init__(self, takes: Sequence[Take]) -> None:
        """`takes` are what it may use: training takes."""
        self._library = _library(takes)
        self._spread = float(np.mean(self._library.states.var(axis=0)))

    def dance(self, music: MusicAnalysis, n_frames: int, seed: int, style: str) -> Motion:
        """Phrases of about 3.6 s cut at the music's beats."""
        beats = np.asarray(music.beat_times_s, dtype=float) * FRAME_RATE_HZ
        rng = np.random.default_rng([seed, 72])
        library, parts = self._library, []
        used = np.full(len(library.take), -np.inf)
        state: np.ndarray | None = None
        for start, end in pairwise(phrase_bounds(n_frames, beats, ())):
            inside = beats[(beats >= start) & (beats < end)] - start
            cost, rate = self._phrase_costs(end - start, inside, state, style)
            cost += _RECENT * np.exp(-(start - used) / (_FORGOTTEN_S * FRAME_RATE_HZ))
            cost += _CHANCE * rng.gumbel(size=len(cost))
            at = int(np.argmin(cost))
            span = (end - start) * RATES[rate[at]]
            parts.append(self._stretch(at, end - start, RATES[rate[at]]))
            last = min(at + round(span), at + int(library.left[at]))
            used[max(at - 15, 0) : last + 15] = end
            state = library.states[last]
        return chained(parts, n_frames)

    def fill(self, before: Motion, n_frames: int, after: Motion, style: str, seed: int) -> Motion:
        """The real stretch whose ends are most like those of the gap and which leads the same way."""
        library = self._library
        start, end = _state(before, -1), _state(after, 0)
        way = np.append((after.root_positions_m[0] - before.root_positions_m[-1])[[0, 2]], 0.0)
        yaw = [float(yaw_rad(m.local_rotations[i, 0])) for m, i in ((before, -1), (after, 0))]
        way = _seen_from(np.array([[0.0, 0.0, yaw[0]]]), np.array([[way[0], way[1], yaw[1]]]))[0]
        begin = self._apart(start)
        arrive = self._apart(end)
        allowed = self._allowed(style)
        best = (np.inf, 0, 1.0)
        for rate in RATES:
            span = round((n_frames + 1) * rate)
            index = np.flatnonzero((library.left > span + 1) & allowed)
            if len(index) == 0:
                continue
            led = _seen_from(library.places[index], library.places[index + span])
            lacking = led - way
            lacking[:, 2] = 0.5 * ((lacking[:, 2] + np.pi) % (2 * np.pi) - np.pi)
            cost = begin[index] + arrive[index + span] + _WAY * np.linalg.norm(lacking, axis=1)
            at = int(np.argmin(cost))
            best = min(best, (float(cost[at]), int(index[at]), rate))
        if not np.isfinite(best[0]):
            raise ValueError(f"no take is {n_frames} frames long")
        return fitted(before, self._stretch(best[1], n_frames, best[2], lead=best[2]), after)

    def _phrase_costs(
        self, n_frames: int, beats: np.ndarray, state: np.ndarray | None, style: str
    ) -> tuple[np.ndarray, np.ndarray]:
        """The cost of beginning a phrase at each frame, [N], infinite where it cannot, and the best rate's index."""
        library, table = self._library, []
        for rate in RATES:
            cost = np.zeros(len(library.take))
            for beat in beats:
                cost -= _BEATS / len(beats) * np.roll(library.accents, -round(float(beat) * rate))
            cost[library.left <= round(n_frames * rate)] = np.inf
            table.append(cost)
        costs = np.stack(table)
        rate_index = costs.argmin(axis=0)
        cost = costs.min(axis=0)
        if state is not None:
            cost = cost + _TRANSITION * self._apart(state)
        allowed = self._allowed(style)
        if np.isfinite(cost[allowed]).any():
            cost = np.where(allowed, cost, np.inf)
        if not np.isfinite(cost).any():  # no take is long enough: the longest, whose end is then held
            cost = np.where(library.left == library.left.max(), 0.0, np.inf)
        return cost, rate_index

    def _allowed(self, style: str) -> np.ndarray:
        own = self._library.styles == style
        return (own if own.any() else np.ones_like(own))[self._library.take]

    def _apart(self, state: np.ndarray) -> np.ndarray:
        """How unlike a state each frame's is, [N]; 1 is as unlike as two frames drawn at random."""
        difference = self._library.states - state
        mean: np.ndarray = np.einsum("ij,ij->i", difference, difference) / difference.shape[1]
        return mean / (2.0 * self._spread)

    def _stretch(self, at: int, n_frames: int, rate: float, lead: float = 0.0) -> Motion:
        library = self._library
        take = int(library.take[at])
        motion = library.motions[take]
        source = at - int(library.first[take]) + lead + np.arange(n_frames) * rate
        return time_warped(motion, np.minimum(source, motion.n_frames - 1) / FRAME_RATE_HZ, FRAME_RATE_HZ)


def _library(takes: Sequence[Take]) -> _Library:
    motions, styles, states, places, accents, left = [], [], [], [], [], []
    for take in takes:
        for motion in (take.motion, mirrored(take.motion)):
            if motion.n_frames < 3:
                continue
            motions.append(motion)
            styles.append(take.style)
            states.append(body_states(to_features(motion, detect_contacts(motion))))
            heading = np.unwrap(yaw_rad(motion.local_rotations[:, 0]))
            places.append(np.column_stack([motion.root_positions_m[:, [0, 2]], heading]))
            accents.append(_accents(motion))
            left.append(_sound_left(take.valid))
    if not motions:
        raise ValueError("patch matching needs at least one take")
    lengths = [m.n_frames for m in motions]
    return _Library(
        tuple(motions), np.concatenate([[0], np.cumsum(lengths)[:-1]]), np.repeat(np.arange(len(motions)), lengths),
        np.concatenate(left), np.concatenate(states), np.concatenate(places), np.concatenate(accents),
        np.array(styles),
    )  # fmt: skip


def _sound_left(valid: np.ndarray) -> np.ndarray:
    """How many frames lie between each frame and the next that is not sound or beyond the end, [T]."""
    bad = np.append(np.flatnonzero(~valid), len(valid))
    frames = np.arange(len(valid))
    return np.maximum(bad[np.searchsorted(bad, frames)] - frames - 1, 0)


def _accents(motion: Motion) -> np.ndarray:
    out = np.zeros(motion.n_frames)
    frames = np.arange(motion.n_frames)
    for beat in kinematic_beats(motion):
        out = np.maximum(out, np.exp(-0.5 * ((frames - beat) / _ACCENT_FRAMES) ** 2))
    return out


def _state(motion: Motion, frame: int) -> np.ndarray:
    near = motion.slice(max(motion.n_frames - 8, 0), motion.n_frames) if frame < 0 else motion.slice(0, 8)
    return body_states(to_features(near, detect_contacts(near)))[frame]


def _seen_from(start: np.ndarray, end: np.ndarray) -> np.ndarray:
    """Where `end` (x, z, heading) [N, 3] lies as seen from `start`."""
    step = end - start
    cos, sin = np.cos(-start[:, 2]), np.sin(-start[:, 2])
    return np.stack([cos * step[:, 0] + sin * step[:, 1], cos * step[:, 1] - sin * step[:, 0], step[:, 2]], axis=-1)
