"""The choreographic plan: which learned phrases, for which stretch of the music.

A song is cut into phrases at its beats. For each, every stretch of learned dance is weighed: do its
accents fall on the beats at up to 12 % faster or slower, does the body get there from where it is,
does its effort suit the emotion, is it the wanted style, has it been seen a moment ago, does it stay
on the stage. Where the music comes back, the phrase comes back, mirrored at times: motifs. Choosing
codes of real bars by these costs is what keeps a generator trained on half an hour from averaging.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from engine.generation.bank import ENTRY_STRIDE, CodeBank
from engine.generation.model_constants import CODE_STRIDE
from engine.generation.request import GenerationRequest, SectionSpan
from engine.motion.house import FRAME_RATE_HZ

# How much faster or slower than learned a phrase may be danced (the paper's synchronisation step; +-12 %).
RATES = np.array([0.88, 0.94, 1.0, 1.06, 1.12])
STAGE_RADIUS_M = 2.0
PHRASE_S = 3.6  # about this long: two bars at 130, one and a half at 100 beats a minute
_IDLE_ENERGY = -0.7  # deviations below the usual energy at which a dancer begins to look idle


@dataclass(frozen=True)
class Phrase:
    """A stretch of the segment danced from one stretch of the bank.

    Attributes:
        start_frame, end_frame: In the segment, half open.
        entry: Bank entry danced at start_frame.
        rate: Bank frames a segment frame.
    """

    start_frame: int
    end_frame: int
    entry: int
    rate: float


@dataclass(frozen=True)
class Weights:
    """What each cost of a candidate counts. Costs are scaled to be about 1 for a fair fault."""

    beat: float = 2.2
    transition: float = 1.3
    effort: float = 0.7
    style: float = 1.5
    recent: float = 1.5
    stage: float = 1.0
    facing: float = 2.0
    rate: float = 0.2
    motif: float = 1.5
    idle: float = 1.2


def phrase_bounds(n_frames: int, beats_frame: np.ndarray, sections: tuple[SectionSpan, ...]) -> list[int]:
    """Frames at which phrases begin, and n_frames at the end; at beats and sections, about PHRASE_S apart.

    Where there are no beats the cuts are evenly spaced.
    """
    wanted = PHRASE_S * FRAME_RATE_HZ
    starts = {s.start_frame for s in sections}
    cuts = sorted({0, n_frames} | {s for s in starts if wanted / 2 < s < n_frames - wanted / 2})
    beats = beats_frame[(beats_frame > 0) & (beats_frame < n_frames)]
    out = [0]
    for start, end in pairwise(cuts):
        n = max(1, round((end - start) / wanted))
        inside = beats[(beats > start + 8) & (beats < end - 8)]
        for i in range(1, n):
            ideal = start + (end - start) * i / n
            near = inside[np.abs(inside - ideal) < wanted / 2]
            cut = near[np.argmin(np.abs(near - ideal))] if len(near) else ideal
            if round(float(cut)) > out[-1] + 12:
                out.append(round(float(cut)))
        out.append(end)
    return out


class Planner:
    """Weighs and draws phrases from a bank, one after the other."""

    def __init__(
        self, bank: CodeBank, style_weights: np.ndarray, request: GenerationRequest, effort: np.ndarray
    ) -> None:
        """`style_weights` add up to one over the bank's styles; `effort` [T, 6] is wanted, in deviations."""
        self.bank, self.request, self.effort = bank, request, effort
        self.rng = np.random.default_rng(np.random.SeedSequence([request.seed, 20250505]))
        self.weights = Weights()
        share = style_weights[bank.clip_style][bank.clip]
        self.style_cost = np.minimum(-np.log(np.maximum(share / max(float(share.max()), 1e-9), 1e-4)), 6.0)
        self.allowed = bank.usable & (share > 0)
        self.last_used = np.full(bank.n_entries, -np.inf)
        self.frames_left = (bank.clip_start[bank.clip + 1] - np.arange(bank.n_entries)) * ENTRY_STRIDE
        self.effort_sum = np.concatenate([np.zeros((1, bank.effort.shape[1])), np.cumsum(bank.effort, axis=0)])
        self.memory: dict[tuple[str, int], int] = {}

    def run(
        self, state: np.ndarray | None, end_state: np.ndarray | None, progress: Callable[[float], None]
    ) -> list[Phrase]:
        """Phrases for the whole segment. `state` and `end_state` [S] are what lies before and after, if known."""
        request = self.request
        bounds = phrase_bounds(request.n_frames, request.beats_frame, request.sections)
        phrases: list[Phrase] = []
        place = np.zeros(3)
        for i, (start, end) in enumerate(pairwise(bounds)):
            progress(i / (len(bounds) - 1))
            after = end_state if end == request.n_frames else None
            phrase = self._choose(start, end, state, after, place, phrases)
            phrases.append(phrase)
            last = self._last_entry(phrase)
            state = self.bank.state[last]
            place = _moved(place, self.bank.travel[phrase.entry], self.bank.travel[last])
            used = slice(max(0, phrase.entry - 8), last + 9)
            self.last_used[used] = end
            mirror = self.bank.mirrored_entry(phrase.entry)
            self.last_used[max(0, mirror - 8) : mirror + last - phrase.entry + 9] = end - 5 * FRAME_RATE_HZ
        return phrases

    def _last_entry(self, phrase: Phrase) -> int:
        span = (phrase.end_frame - phrase.start_frame) * phrase.rate
        clip_end = int(self.bank.clip_start[self.bank.clip[phrase.entry] + 1]) - 1
        return min(phrase.entry + round(span / ENTRY_STRIDE), clip_end)

    def _choose(
        self, start: int, end: int, state: np.ndarray | None, after: np.ndarray | None, place: np.ndarray,
        phrases: list[Phrase],
    ) -> Phrase:  # fmt: skip
        w, n = self.weights, self.bank.n_entries
        cost = w.style * self.style_cost + w.effort * self._effort_cost(start, end)
        cost = cost + w.recent * np.exp(-(end - self.last_used) / (20.0 * FRAME_RATE_HZ))
        if state is not None:
            cost = cost + w.transition * self._distance(state)
        if phrases:  # simply dancing on is the best transition of all
            onward = self._last_entry(phrases[-1])
            if onward + 1 < n and self.bank.clip[onward] == self.bank.clip[min(onward + 1, n - 1)]:
                cost[onward] -= 0.6 * w.transition
        cost = self._with_motif(cost, start)
        best_cost, best_rate = np.full(n, np.inf), np.ones(n)
        for rate in RATES:
            total = cost + w.beat * (1.0 - self._beat_score(start, end, float(rate)))
            total = total + w.rate * abs(np.log(rate)) / 0.12
            last = np.arange(n) + round((end - start) * rate / ENTRY_STRIDE)
            fits = self.allowed & ((end - start) * rate + 4 <= self.frames_left)
            last = np.where(fits, np.minimum(last, n - 1), np.arange(n))
            total = total + self._stage_cost(place, last)
            if after is not None:
                total = total + w.transition * self._distance(after)[last]
            total = np.where(fits, total, np.inf)
            better = total < best_cost
            best_cost, best_rate = np.where(better, total, best_cost), np.where(better, rate, best_rate)
        entry = self._draw(best_cost)
        self._remember(start, entry)
        return Phrase(start, end, entry, float(best_rate[entry]))

    def _draw(self, cost: np.ndarray) -> int:
        """An entry drawn with odds that fall with its cost; novelty is the temperature."""
        if not np.isfinite(cost).any():
            # No clip is long enough: take the longest stretch there is; its end is then held.
            return int(np.argmax(np.where(self.allowed, self.frames_left, -1)))
        temperature = 0.05 + 0.8 * self.request.novelty
        noise = self.rng.gumbel(size=len(cost))
        return int(np.argmin(cost - temperature * 0.25 * noise))

    def _distance(self, state: np.ndarray) -> np.ndarray:
        return np.sqrt(np.mean((self.bank.state - state) ** 2, axis=1))

    def _effort_cost(self, start: int, end: int) -> np.ndarray:
        wanted = self.effort[start:end].mean(axis=0)
        n = max(1, (end - start) // ENTRY_STRIDE)
        last = np.minimum(np.arange(self.bank.n_entries) + n, self.bank.n_entries)
        mean = (self.effort_sum[last] - self.effort_sum[:-1]) / (last - np.arange(self.bank.n_entries))[:, None]
        # Of each of EFFORTS. Height most: the effort layer can raise nobody beyond what straight legs reach.
        importance = np.array([1.0, 0.6, 0.6, 1.2, 0.5, 0.5])
        cost = np.sqrt(np.mean(importance * (mean - wanted) ** 2, axis=1))
        # Standing about is no dance, however well it would suit a quiet bar.
        idle = np.maximum(_IDLE_ENERGY - mean[:, 0], 0.0)
        return cost + self.weights.idle / self.weights.effort * idle

    def _beat_score(self, start: int, end: int, rate: float) -> np.ndarray:
        """How well each entry's accents fall on the beats of [start, end), 0 to 1."""
        beats, strengths = self.request.beats_frame, self.request.strengths
        inside = (beats >= start - 1) & (beats < end)
        if not inside.any():
            return np.zeros(self.bank.n_entries)
        at = np.round((beats[inside] - start) * rate).astype(int)
        frames = np.arange(self.bank.n_entries)[:, None] * ENTRY_STRIDE + at
        hit = self.bank.accent[np.minimum(frames, len(self.bank.accent) - 1)]
        weight = strengths[inside]
        score: np.ndarray = np.minimum(1.3 * (hit @ weight) / max(float(weight.sum()), 1e-9), 1.0)
        return score

    def _stage_cost(self, place: np.ndarray, last: np.ndarray) -> np.ndarray:
        here = self.bank.travel
        end = _moved(place, here, here[last])
        beyond = np.maximum(np.hypot(end[:, 0], end[:, 1]) - 0.6 * STAGE_RADIUS_M, 0.0)
        middle = _moved(place, here, here[(np.arange(len(last)) + last) // 2])
        away = 0.5 - 0.25 * (np.cos(middle[:, 2]) + np.cos(end[:, 2]))
        return self.weights.stage * np.minimum(beyond**2, 9.0) + self.weights.facing * away

    def _section_at(self, frame: int) -> SectionSpan | None:
        return next((s for s in self.request.sections if s.start_frame <= frame < s.end_frame), None)

    def _motif_key(self, start: int) -> tuple[str, int] | None:
        section = self._section_at(start)
        if section is None:
            return None
        return section.label.rstrip("'"), round((start - section.start_frame) / (PHRASE_S * FRAME_RATE_HZ))

    def _with_motif(self, cost: np.ndarray, start: int) -> np.ndarray:
        key = self._motif_key(start)
        entry = self.memory.get(key) if key is not None else None
        if entry is None:
            return cost
        cost = cost.copy()
        for same in (entry, self.bank.mirrored_entry(entry)):
            # The "seen a moment ago" cost is taken back: coming back is the point.
            cost[same] -= self.weights.motif + self.weights.recent
        return cost

    def _remember(self, start: int, entry: int) -> None:
        key = self._motif_key(start)
        if key is not None:
            self.memory.setdefault(key, entry)


def _moved(place: np.ndarray, start: np.ndarray, end: np.ndarray) -> np.ndarray:
    """Where (x, z, heading) one stands after dancing from `start` to `end` of a clip, beginning at `place`."""
    turn = place[..., 2] - start[..., 2]
    step = end - start
    cos, sin = np.cos(turn), np.sin(turn)
    x = place[..., 0] + cos * step[..., 0] + sin * step[..., 1]
    z = place[..., 1] - sin * step[..., 0] + cos * step[..., 1]
    return np.stack([x, z, turn + end[..., 2]], axis=-1)


def planned_codes(
    bank: CodeBank, phrases: list[Phrase], n_cells: int, first_frame: int = 0
) -> tuple[np.ndarray, np.ndarray]:
    """The codes [n_cells, code_size] of a plan and the bank's effort beside them [n_cells, 6].

    Cell k is centred on segment frame first_frame + 16 k + 8. Near a phrase's border the codes of both are mixed.
    """
    half = CODE_STRIDE // 2
    codes = np.zeros((n_cells, bank.codes.shape[1]))
    effort = np.zeros((n_cells, bank.effort.shape[1]))
    total = np.zeros(n_cells)
    centres = first_frame + CODE_STRIDE * np.arange(n_cells) + half
    for i, phrase in enumerate(phrases):
        rise = 1.0 if i == 0 else np.clip((centres - phrase.start_frame + half) / CODE_STRIDE, 0.0, 1.0)
        fall = 1.0 if i == len(phrases) - 1 else np.clip((phrase.end_frame - centres + half) / CODE_STRIDE, 0.0, 1.0)
        weight = np.minimum(rise, fall) * np.ones(n_cells)
        clip = bank.clip[phrase.entry]
        source = phrase.entry + np.round((centres - phrase.start_frame) * phrase.rate / ENTRY_STRIDE).astype(int)
        source = np.clip(source, bank.clip_start[clip], bank.clip_start[clip + 1] - 1)
        codes += weight[:, None] * bank.codes[source]
        effort += weight[:, None] * bank.effort[source]
        total += weight
    scale = 1.0 / np.maximum(total, 1e-6)[:, None]
    return codes * scale, effort * scale
