"""What the bank holds of a way like this one: stretches of learned dance that lead from a body's state to another.

A short gap has been danced before, or nearly. Of all stretches of the bank that are as long as the gap, those are found
that begin as the motion before it ends, end as the motion after it begins, and go as far and turn as much. What their
codes have in common says better than either end what lies between, where the dance around them is like the dance here.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.generation.bank import ENTRY_STRIDE, CodeBank
from engine.generation.costs import distances
from engine.generation.model_constants import CODE_STRIDE
from engine.motion.blend import yaw_rad
from engine.motion.motion import Motion

N_RECALLED = 8
_APART_ENTRIES = 4  # two stretches that begin nearer to each other than this are one
# Of the way: so much of it counts as one, as in body_state.
_PLACE_M, _TURN_RAD = 0.15, 0.4
_TEMPERATURE = 0.1
_DRAWN = 0.1  # how much seeds differ, at full novelty, in costs
# Of costs and of strangeness: up to the first a recalled way is as good as any guess, at the second the guess is better
# by itself. Found by leaving takes out of the bank, and on motion that the bank knows nothing like.
_COSTS, _STRANGE, _MOST_SHARE = (1.1, 1.6), (1.0, 1.25), 0.5
# Where contexts are compared: the middles of codes that lie wholly within, frames from the gap.
_COMPARED_FRAMES = (8, 24, 40)


@dataclass(frozen=True, eq=False)
class Recalled:
    """Stretches of the bank, the best first.

    Attributes:
        entries: Where each begins, in the frame before the gap, int [K].
        costs: How far each is from what is wanted; 1 is a fair fault, [K].
        strangeness: How far the codes around them are from the codes around the gap, over the bank's own spread;
            infinite where too little is known around the gap.
    """

    entries: np.ndarray
    costs: np.ndarray
    strangeness: float

    @property
    def share(self) -> float:
        """How much it is to be trusted, 0 to 0.5."""
        if len(self.costs) == 0:
            return 0.0
        return _MOST_SHARE * _trust(float(self.costs[0]), *_COSTS) * _trust(self.strangeness, *_STRANGE)

    def codes(self, bank: CodeBank, since_frames: np.ndarray, seed: int, novelty: float) -> np.ndarray:
        """What they have in common at so many frames after their first, [N, code_size]; a seed weighs them anew."""
        drawn = np.random.default_rng([seed, 41]).gumbel(size=len(self.costs))
        weights = _weights(self.costs - _DRAWN * novelty * drawn)
        out = np.zeros((len(since_frames), bank.codes.shape[1]))
        steps = np.round(since_frames / ENTRY_STRIDE).astype(int)
        for entry, weight in zip(self.entries.tolist(), weights, strict=True):
            clip = bank.clip[entry]
            source = np.clip(entry + steps, bank.clip_start[clip], bank.clip_start[clip + 1] - 1)
            out += weight * bank.codes[source]
        return out


def _trust(value: float, full: float, none: float) -> float:
    return float(np.clip((none - value) / (none - full), 0.0, 1.0))


def _weights(costs: np.ndarray) -> np.ndarray:
    weights: np.ndarray = np.exp(-(costs - costs.min()) / _TEMPERATURE)
    return weights / weights.sum()


@dataclass(frozen=True, eq=False)
class Hole:
    """A gap and what is known around it.

    Attributes:
        n_frames: Its length.
        before, after: House motion on either side.
        state, end_state: Of the body in the frames before and after, [S].
        codes_before, codes_after: Codes of either side, nearest first, whose middles lie 8, 24 and 40 frames from the
            gap; as many as lie wholly within what is known, [<= 3, code_size].
    """

    n_frames: int
    before: Motion
    after: Motion
    state: np.ndarray
    end_state: np.ndarray
    codes_before: np.ndarray
    codes_after: np.ndarray


def compared_frames(n_known: int) -> np.ndarray:
    """How far from the gap the middles lie of the codes that are compared where so many frames are known."""
    return np.array([frames for frames in _COMPARED_FRAMES if frames + CODE_STRIDE // 2 <= n_known], dtype=int)


def recalled(bank: CodeBank, hole: Hole) -> Recalled:
    """The stretches of the bank that lead across a gap best, at most N_RECALLED, whatever their style."""
    first = np.arange(bank.n_entries)
    behind = first + round((hole.n_frames + 1) / ENTRY_STRIDE)
    last = np.minimum(behind, bank.n_entries - 1)
    states = np.asarray(bank.state)
    cost = distances(states, hole.state) + distances(states, hole.end_state)[last]
    x, z, turn = _ways(bank.travel[first], bank.travel[last])
    wanted = _ways(_stands(hole.before, -1), _stands(hole.after, 0))
    turned = (turn - wanted[2] + np.pi) % (2.0 * np.pi) - np.pi
    away = ((x - wanted[0]) ** 2 + (z - wanted[1]) ** 2) / _PLACE_M**2 + (turned / _TURN_RAD) ** 2
    cost += np.sqrt(away) / 3.0
    cost[(behind > last) | (bank.clip[first] != bank.clip[last]) | ~bank.usable] = np.inf
    entries = _apart(np.argsort(cost)[: 2 * _APART_ENTRIES * N_RECALLED], cost)
    costs = cost[entries].astype(float)
    return Recalled(entries, costs, _strangeness(bank, hole, entries, last[entries], costs))


def _apart(ranked: np.ndarray, cost: np.ndarray) -> np.ndarray:
    """The first entries of a ranking that cost less than infinity and begin apart from each other, int [K]."""
    chosen: list[int] = []
    for entry in ranked[np.isfinite(cost[ranked])].tolist():
        if all(abs(entry - other) > _APART_ENTRIES for other in chosen):
            chosen.append(entry)
        if len(chosen) == N_RECALLED:
            break
    return np.array(chosen, dtype=int)


def _strangeness(bank: CodeBank, hole: Hole, first: np.ndarray, last: np.ndarray, costs: np.ndarray) -> float:
    """The root mean square difference of codes around the gap and around stretches [K], over the bank's spread."""
    if len(first) == 0 or len(hole.codes_before) == 0 or len(hole.codes_after) == 0:
        return np.inf
    start, stop = bank.clip_start[bank.clip[first]], bank.clip_start[bank.clip[first] + 1] - 1
    squares, total = np.zeros(len(first)), 0.0
    for codes, entries, way in ((hole.codes_before, first, -1), (hole.codes_after, last, 1)):
        for code, frames in zip(codes, _COMPARED_FRAMES, strict=False):
            # `first` dances the frame before the gap, `last` the one behind it.
            there = np.clip(entries + way * round((frames - (way < 0)) / ENTRY_STRIDE), start, stop)
            weight = 1.0 if frames == _COMPARED_FRAMES[0] else 0.5
            squares += weight * np.square(bank.codes[there] - code).sum(axis=1)
            total += weight
    spread = float(np.square(bank.codes.std(axis=0, dtype=float)).sum())
    return float(_weights(costs) @ np.sqrt(squares / (total * spread)))


def _stands(motion: Motion, frame: int) -> np.ndarray:
    """Where (x, z, heading) a dancer stands."""
    root = motion.root_positions_m[frame]
    return np.array([root[0], root[2], float(yaw_rad(motion.local_rotations[frame, 0]))])


def _ways(start: np.ndarray, end: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """How far to the side and ahead, metres, and how far turned one goes from place to place, both [..., 3]."""
    step, cos, sin = end - start, np.cos(start[..., 2]), np.sin(start[..., 2])
    return cos * step[..., 0] - sin * step[..., 1], sin * step[..., 0] + cos * step[..., 1], step[..., 2]
