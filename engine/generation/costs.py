"""What each stretch of learned dance costs as the next phrase: all that planning weighs and no seed decides.

The takes of one segment differ in their seed alone, so they share these tables; the bank's own are made once a
model. Costs are single precision: their noise is a hundred-thousandth of what a draw adds.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from weakref import WeakKeyDictionary

import numpy as np

from engine.errors import RequestRefused
from engine.generation.bank import ENTRY_STRIDE, CodeBank
from engine.generation.conditioning import emotion_effort
from engine.generation.marks import Marks
from engine.generation.request import GenerationRequest
from engine.motion.house import FRAME_RATE_HZ

# How much faster or slower than learned a phrase may be danced (the paper's synchronisation step; +-12 %).
RATES = np.array([0.88, 0.94, 1.0, 1.06, 1.12])
STAGE_RADIUS_M = 2.0
_IDLE_ENERGY = -0.7  # deviations below the usual energy at which a dancer begins to look idle
# Of each of EFFORTS. Height most: the effort layer can raise nobody beyond what straight legs reach.
_IMPORTANCE = np.array([1.0, 0.6, 0.6, 1.2, 0.5, 0.5], dtype=np.float32)
# What the sliders ask for is half a place to be near and half a slope without end: a slope, whatever else a phrase
# costs, never prefers one with less of it for being asked for more (monotone comparative statics, Topkis 1978). Of
# each of EFFORTS, by deviation asked for and deviation danced.
_NEAR = 0.5
_SLOPE = np.array([0.6, 0.6, 0.2, 0.2, 0.2, 0.2], dtype=np.float32)
# That the slope counts, of each of EFFORTS: of energy beyond it there are a few leaps, which are no gestures any more.
_MOST_DEVIATION = np.array([1.5, 2.5, 2.5, 2.5, 2.5, 2.5], dtype=np.float32)[:, np.newaxis]
# What a gesture a second more counts where energy is asked for, by deviation: a lively dance is not only a large one.
_LIVELY = np.float32(0.5)
_GESTURE_ACCENT = 0.15
_QUIETER = 0.4  # share of the calm asked for by which a dancer may be quieter before looking idle
_KEPT_LENGTHS, _KEPT_CHOICES = 24, 3
_MOMENTS = 4  # of a phrase at which its movement is compared with others
_FAIR_ENTRIES = np.float32(4.0)


@dataclass(frozen=True)
class Weights:
    """What each cost of a candidate counts. Costs are scaled to be about 1 for a fair fault."""

    beat: float = 2.2
    transition: float = 1.3
    effort: float = 0.7
    form: float = 0.3  # of energy that is not what loudness and the arc of the piece ask for, by deviation
    style: float = 4.5  # of another style than is this phrase's turn in a mix
    recent: float = 1.5
    stage: float = 2.0
    facing: float = 2.0
    rate: float = 0.2
    motif: float = 1.5
    kin: float = 4.0  # of moving unlike what was danced to music that sounds alike (BankTables.kinship)
    idle: float = 1.2
    rules: float = 1.0
    unwanted: float = 8.0


WEIGHTS = Weights()


@dataclass(frozen=True, eq=False)
class Travel:
    """Where every candidate leads, seen from where it begins: so that only the place danced from is left to add.

    Attributes:
        x_m, z_m: Over the floor, in the frame of the heading that it begins with, [C].
        square_m2: Their distance squared, [C].
        facing: Cosine and sine of the turn to its middle and of the turn to its end added up, each [C].
    """

    x_m: np.ndarray
    z_m: np.ndarray
    square_m2: np.ndarray
    facing: tuple[np.ndarray, np.ndarray]


@dataclass(frozen=True, eq=False)
class PhraseCosts:
    """What one phrase's span makes of every candidate, before it is known what is danced ahead of it.

    Attributes:
        base: Effort and rules, [C].
        by_rate: For each of RATES beats, rate and what comes after; infinite where the clip ends too soon, [R, C].
        n_entries: Bank entries from first to last at each of RATES.
    """

    base: np.ndarray
    by_rate: np.ndarray
    n_entries: tuple[int, ...]


class BankTables:
    """What planning needs of a bank again and again."""

    def __init__(self, bank: CodeBank) -> None:
        n = bank.n_entries
        self.n_entries = n
        self._codes = bank.codes
        self.effort_sum = np.concatenate([np.zeros((1, bank.effort.shape[1])), np.cumsum(bank.effort, axis=0)]).T.copy()
        # By the frame within an entry: what lies `k` frames after every entry's first is then one span.
        self.accent = bank.accent.astype(np.float32).reshape(n, ENTRY_STRIDE).T.copy()
        self.state_squares = _squares(np.asarray(bank.state))
        self.mean_effort = lru_cache(_KEPT_LENGTHS)(self._mean_effort)
        self.gestures_hz = lru_cache(_KEPT_LENGTHS)(self._gestures_hz)
        self._gestures_before = _accents_before(bank.accent)
        self.candidates: OrderedDict[bytes, Candidates] = OrderedDict()

    def accent_after(self, n_frames: int) -> np.ndarray:
        """The accent `n_frames` after (before, where negative) each entry, [N]; beyond the ends that at the end."""
        row, shift = self.accent[n_frames % ENTRY_STRIDE], n_frames // ENTRY_STRIDE
        if shift == 0:
            return row
        beyond = np.full(min(abs(shift), len(row)), self.accent[-1, -1] if shift > 0 else self.accent[0, 0])
        return np.concatenate([row[shift:], beyond] if shift > 0 else [beyond, row[:shift]])

    def _mean_effort(self, n_entries: int) -> np.ndarray:
        """Mean effort of the `n_entries` from each entry on, [6, N]."""
        n = self.n_entries
        last = np.minimum(np.arange(n) + n_entries, n)
        mean = (self.effort_sum[:, last] - self.effort_sum[:, :-1]) / (last - np.arange(n))
        return mean.astype(np.float32)

    @cached_property
    def directions(self) -> np.ndarray:
        """What the codes say of how one moves, without how much: of length 1 about their middle, [N, code_size]."""
        codes = (self._codes - self._codes.mean(axis=0)) / np.maximum(self._codes.std(axis=0), 1e-6)
        out: np.ndarray = (codes / np.maximum(np.linalg.norm(codes, axis=1, keepdims=True), 1e-6)).astype(np.float32)
        return out

    def kinship(self, entries: Sequence[int], weights: np.ndarray, n_entries: int) -> np.ndarray:
        """How each entry's `n_entries` move like those of some others, [N]: -1 to 1, summed with a weight of [E] each.

        Compared are the directions of the codes at _MOMENTS moments: how large one moves does not count.
        """
        offsets = (n_entries * (np.arange(_MOMENTS) + 0.5) / _MOMENTS).astype(int)
        last, here = self.n_entries - 1, np.arange(self.n_entries)
        out = np.zeros(self.n_entries, dtype=np.float32)
        for offset in offsets.tolist():
            wanted = (weights @ self.directions[np.minimum(np.asarray(entries) + offset, last)]).astype(np.float32)
            out += (self.directions @ wanted)[np.minimum(here + offset, last)]
        out /= np.float32(_MOMENTS)
        return out

    def moves(self, entries: np.ndarray, n_entries: int) -> np.ndarray:
        """How the `n_entries` from some entries on move, [E, M * code_size]: the product of two is their kinship."""
        offsets = (n_entries * (np.arange(_MOMENTS) + 0.5) / _MOMENTS).astype(int)
        at = np.minimum(entries[:, np.newaxis] + offsets, self.n_entries - 1)
        out: np.ndarray = self.directions[at].reshape(len(entries), -1) / np.float32(np.sqrt(_MOMENTS))
        return out

    def _gestures_hz(self, n_entries: int) -> np.ndarray:
        """Gestures a second in the `n_entries` from each entry on, [N]: peaks of the accent."""
        last = np.minimum(np.arange(self.n_entries) + n_entries, self.n_entries)
        span_s = (last - np.arange(self.n_entries)) * ENTRY_STRIDE / FRAME_RATE_HZ
        count = self._gestures_before[last] - self._gestures_before[:-1]
        rate: np.ndarray = (count / span_s).astype(np.float32)
        return rate


def _accents_before(accent: np.ndarray) -> np.ndarray:
    """How many marked peaks of an accent curve [N * 4] lie before each entry and before the end, [N + 1]."""
    higher, lower = np.diff(accent, prepend=0.0) > 0.0, np.diff(accent, append=0.0) <= 0.0
    peaks = np.cumsum(higher & lower & (accent > _GESTURE_ACCENT))
    return np.concatenate([[0], peaks[ENTRY_STRIDE - 1 :: ENTRY_STRIDE]])


class Candidates:
    """The bank entries that some styles let be danced, and what of them no request changes.

    Attributes:
        entries: Ascending, int [C]. place: Where in them each entry of the bank is found; -1 for none, int [N].
        states: Of the body, float32 [C, S]. frames_left: To the end of the clip, [C].
    """

    def __init__(self, bank: CodeBank, has_style: np.ndarray) -> None:
        """`has_style` says of each of the model's styles whether it may be danced, bool."""
        self.entries = np.flatnonzero(bank.usable & has_style[bank.clip_style][bank.clip])
        self.place = np.full(bank.n_entries, -1)
        self.place[self.entries] = np.arange(len(self.entries))
        self.states = np.ascontiguousarray(bank.state[self.entries], dtype=np.float32)
        self.state_squares = _squares(self.states)
        self.frames_left = (bank.clip_start[bank.clip[self.entries] + 1] - self.entries) * ENTRY_STRIDE
        self._travelled = np.array(bank.travel, dtype=float)
        self.travel = lru_cache(_KEPT_LENGTHS)(self._travel)

    def _travel(self, n_entries: int) -> Travel:
        """Where `n_entries` lead from each candidate; beyond the bank's end to its last."""
        first, last = self.entries, np.minimum(self.entries + n_entries, len(self._travelled) - 1)
        here, end = self._travelled[first], self._travelled[last]
        step, cos, sin = end - here, np.cos(here[:, 2]), np.sin(here[:, 2])
        x, z = cos * step[:, 0] - sin * step[:, 1], sin * step[:, 0] + cos * step[:, 1]
        half = self._travelled[(first + last) // 2, 2] - here[:, 2]
        facing = np.cos(half) + np.cos(step[:, 2]), np.sin(half) + np.sin(step[:, 2])
        x, z, square, cosines, sines = (a.astype(np.float32) for a in (x, z, x * x + z * z, *facing))
        return Travel(x, z, square, (cosines, sines))


_TABLES: WeakKeyDictionary[CodeBank, BankTables] = WeakKeyDictionary()


def bank_tables(bank: CodeBank) -> BankTables:
    """The bank's tables, made when they are first asked for and kept as long as the bank."""
    if bank not in _TABLES:
        _TABLES[bank] = BankTables(bank)
    return _TABLES[bank]


def _candidates(tables: BankTables, bank: CodeBank, has_style: np.ndarray) -> Candidates:
    """The candidates of some styles; those of the last few choices are kept."""
    kept, key = tables.candidates, has_style.tobytes()
    if key not in kept:
        kept[key] = Candidates(bank, has_style)
        if len(kept) > _KEPT_CHOICES:
            kept.popitem(last=False)
    return kept[key]


class Costs:
    """The candidates for a request's phrases and what they cost, the same for every seed.

    Attributes:
        among: The C candidates. among_styles: The style of each, [C].
        danced_weights: The wanted mix of the styles that candidates have, adding up to one, [S].
    """

    def __init__(
        self, bank: CodeBank, style_weights: np.ndarray, request: GenerationRequest, effort: np.ndarray,
        marks: Marks | None = None,
    ) -> None:  # fmt: skip
        """`style_weights` add up to one over the bank's styles; `effort` [T, 6] is wanted, in deviations.

        `marks` are the bank's; without them rules are not minded, and a request that avoids anything is refused.
        """
        if marks is None and request.unwanted:
            raise RequestRefused("This model's phrases are not marked: it cannot avoid movements or rules.")
        self.bank, self.request, self.effort = bank, request, effort
        self._asked = emotion_effort(request.emotion, request.n_frames) if request.emotion else np.zeros_like(effort)
        self.tables = bank_tables(bank)
        self.among = _candidates(self.tables, bank, style_weights > 0)
        self.among_styles = bank.clip_style[bank.clip[self.among.entries]]
        known = style_weights * (np.bincount(self.among_styles, minlength=len(style_weights)) > 0)
        self.danced_weights = known / max(float(known.sum()), 1e-9)
        self._faults = None if marks is None else _faults_before(marks, request.mind_rules)
        self._unwanted = None if marks is None or not request.unwanted else _summed(marks.any_of(request.unwanted))
        self._phrases: dict[tuple[int, int, bool], PhraseCosts] = {}
        self._first: dict[tuple[int, int, bool], tuple[np.ndarray, np.ndarray]] = {}

    def phrase(self, start: int, end: int, after: np.ndarray | None) -> PhraseCosts:
        """The costs of dancing [start, end); `after` [S] is the body's state behind the last phrase, if known."""
        key = (start, end, after is not None)
        if key not in self._phrases:
            self._phrases[key] = self._phrase(start, end, after)
        return self._phrases[key]

    def first(
        self, start: int, end: int, state: np.ndarray | None, after: np.ndarray | None
    ) -> tuple[np.ndarray, np.ndarray]:
        """Costs [C] at each candidate's best rate, and that rate's index, where nothing is planned before."""
        key = (start, end, after is not None)
        if key not in self._first:
            costs = self.phrase(start, end, after)
            base = costs.base if state is None else costs.base + self.transition(state)
            self._first[key] = self.at_best_rate(base, costs, np.zeros(3))
        return self._first[key]

    def transition(self, state: np.ndarray) -> np.ndarray:
        """What it costs to go over into each candidate from `state` [S], [C]."""
        if "coherence" not in self.request.mind_rules:
            return np.zeros(len(self.among.entries), dtype=np.float32)
        return np.float32(WEIGHTS.transition) * distances(self.among.states, state, self.among.state_squares)

    def at_best_rate(self, base: np.ndarray, costs: PhraseCosts, place: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Costs [C] at the best of RATES and its index [C], danced from a place on the stage (x, z, heading)."""
        best, rate = np.full(len(base), np.inf, dtype=np.float32), np.zeros(len(base), dtype=np.int8)
        for i, n_entries in enumerate(costs.n_entries):
            total = self._stage(place, n_entries)
            total += costs.by_rate[i]
            np.copyto(rate, i, where=total < best)
            np.minimum(best, total, out=best)
        best += base
        return best, rate

    def _phrase(self, start: int, end: int, after: np.ndarray | None) -> PhraseCosts:
        n = end - start
        behind = None
        if after is not None:
            away = distances(np.asarray(self.bank.state), after, self.tables.state_squares)
            behind = np.float32(WEIGHTS.transition) * away
        rows, steps = np.empty((len(RATES), len(self.among.entries)), dtype=np.float32), []
        for row, rate in zip(rows, RATES.tolist(), strict=True):
            n_entries = round(n * rate / ENTRY_STRIDE)
            row[:] = WEIGHTS.beat * (1.0 - self._beat_score(start, end, rate))[self.among.entries]
            row += WEIGHTS.rate * abs(np.log(rate)) / 0.12
            if behind is not None:
                row += behind[np.minimum(self.among.entries + n_entries, len(behind) - 1)]
            row[n * rate + 4 > self.among.frames_left] = np.inf
            steps.append(n_entries)
        base = WEIGHTS.effort * self._effort_cost(start, end) + self._rules_cost(max(steps))
        return PhraseCosts(base, rows, tuple(steps))

    def _rules_cost(self, n_entries: int) -> np.ndarray | float:
        """What the rules that `n_entries` from each candidate on break cost, and what they hold that is not wanted.

        Half a second of a broken rule is a fair fault; of what is not wanted a glimpse is half of what it ever costs.
        """
        first = self.among.entries
        last = np.minimum(first + n_entries, self.bank.n_entries)
        cost: np.ndarray | float = 0.0
        if self._faults is not None:
            broken = (self._faults[last] - self._faults[first]) / _FAIR_ENTRIES
            cost = np.float32(WEIGHTS.rules) * np.minimum(broken, np.float32(2.0))
        if self._unwanted is not None:
            glimpses = (self._unwanted[last] - self._unwanted[first]) / _FAIR_ENTRIES
            cost = cost + WEIGHTS.unwanted * (0.5 * (glimpses > 0.0) + 0.5 * np.minimum(glimpses, np.float32(1.0)))
        return cost

    def _effort_cost(self, start: int, end: int) -> np.ndarray:
        asked = self._asked[start:end].mean(axis=0).astype(np.float32)
        wanted = self.effort[start:end].mean(axis=0).astype(np.float32) - np.float32(1.0 - _NEAR) * asked
        n_entries = max(1, (end - start) // ENTRY_STRIDE)
        mean = self.tables.mean_effort(n_entries)[:, self.among.entries]
        away = _IMPORTANCE @ np.square(mean - wanted[:, np.newaxis])
        # Standing about is no dance, however well it would suit a quiet bar.
        idle = np.maximum(np.float32(_IDLE_ENERGY + _QUIETER * min(float(asked[0]), 0.0)) - mean[0], 0.0)
        cost: np.ndarray = np.sqrt(away / np.float32(len(mean))) + np.float32(WEIGHTS.idle / WEIGHTS.effort) * idle
        if self.request.heard is not None:
            cost += np.float32(WEIGHTS.form / WEIGHTS.effort) * np.abs(mean[0] - wanted[0])
        if asked.any():
            cost -= (_SLOPE * asked * np.minimum(np.abs(asked), 1.0)) @ np.clip(mean, -_MOST_DEVIATION, _MOST_DEVIATION)
            cost -= _LIVELY * asked[0] * self.tables.gestures_hz(n_entries)[self.among.entries]
        return cost

    def _beat_score(self, start: int, end: int, rate: float) -> np.ndarray:
        """How well each entry's accents fall on the beats of [start, end), 0 to 1, [N]."""
        beats, strengths = self.request.beats_frame, self.request.strengths
        inside = (beats >= start - 1) & (beats < end)
        score = np.zeros(self.bank.n_entries, dtype=np.float32)
        weight = strengths[inside]
        for at, strength in zip(np.round((beats[inside] - start) * rate).astype(int), weight, strict=True):
            score += np.float32(strength) * self.tables.accent_after(int(at))
        return np.minimum(np.float32(1.3 / max(float(weight.sum()), 1e-9)) * score, 1.0)

    def _stage(self, place: np.ndarray, n_entries: int) -> np.ndarray:
        """What it costs to leave the stage and to face away from the audience, [C]."""
        way = self.among.travel(n_entries)
        x, z, heading = (float(number) for number in place)
        cos, sin = np.cos(heading), np.sin(heading)
        # |place + turned way|^2, the way's own square known beforehand.
        square = np.float32(2.0 * (x * cos - z * sin)) * way.x_m
        square += np.float32(2.0 * (x * sin + z * cos)) * way.z_m
        square += way.square_m2
        square += np.float32(x * x + z * z)
        beyond = np.sqrt(np.maximum(square, 0.0, out=square), out=square)
        beyond -= np.float32(0.6 * STAGE_RADIUS_M)
        np.maximum(beyond, 0.0, out=beyond)
        np.minimum(np.square(beyond, out=beyond), 9.0, out=beyond)
        beyond *= np.float32(WEIGHTS.stage)
        beyond -= np.float32(0.25 * WEIGHTS.facing * cos) * way.facing[0]
        beyond += np.float32(0.25 * WEIGHTS.facing * sin) * way.facing[1]
        beyond += np.float32(0.5 * WEIGHTS.facing)
        return beyond


@lru_cache(_KEPT_CHOICES)
def _faults_before(marks: Marks, families: frozenset[str]) -> np.ndarray:
    return _summed(marks.faults(families))


def _summed(values: np.ndarray) -> np.ndarray:
    """Running sums from nothing on, float32 [N + 1]: the sum over a span is then a difference."""
    return np.concatenate([[0.0], np.cumsum(values, dtype=float)]).astype(np.float32)


def distances(states: np.ndarray, state: np.ndarray, squares: np.ndarray | None = None) -> np.ndarray:
    """Root mean square differences [N] between rows of states [N, S] and one state [S].

    `squares` are the rows' own sums of squares, [N], where they are known already.
    """
    state = np.asarray(state, dtype=np.float32)
    # |a - b|^2 multiplied out: one product of a matrix with a vector.
    out = states @ (np.float32(-2.0) * state)
    out += _squares(states) if squares is None else squares
    out += np.dot(state, state)
    out /= np.float32(states.shape[1])
    return np.sqrt(np.maximum(out, 0.0, out=out), out=out)


def _squares(states: np.ndarray) -> np.ndarray:
    """Sums of squares [N] of rows [N, S]."""
    squares: np.ndarray = np.einsum("ns,ns->n", states, states)
    return squares
