"""The choreographic plan: which learned phrases, for which stretch of the music.

A song is cut into phrases at its beats. For each, every stretch of learned dance is weighed: do its
accents fall on the beats at up to 12 % faster or slower, does the body get there from where it is,
does its effort suit the emotion, is it the wanted style, has it been seen a moment ago, does it stay
on the stage. Where the music comes back, the phrase comes back, mirrored at times: motifs. Choosing
codes of real bars by these costs is what keeps a generator trained on half an hour from averaging.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from engine.generation.bank import ENTRY_STRIDE, CodeBank
from engine.generation.costs import RATES, WEIGHTS, Costs, distances
from engine.generation.model_constants import CODE_STRIDE
from engine.generation.motifs import likeness
from engine.generation.pulse import bar_frames
from engine.generation.request import SectionSpan
from engine.generation.style_draw import StyleDraw
from engine.motion.house import FRAME_RATE_HZ

PHRASE_S = 3.6  # about this long: two bars at 130, one and a half at 100 beats a minute
_MOST_KIN = np.float32(0.17)  # kin enough: nearer than that dances are of one step alone, however the music sounds
_LONG_S = 30.0  # from which on a dance has time for one movement to grow tedious
_ONE_MOVEMENT = 0.3  # kinship of phrases from which on they are one movement to the eye
# Takes of one segment are asked for with seeds that follow each other: at most so many of these begin each with another
# movement, which costs, with novelty 1, no more than so much beyond the best.
_MOST_BEGINNINGS, _WORSE = 12, 2.5
_MOST_WEIGHED, _UNLIKE = 512, 6.0  # beginnings that are held against each other, and what one like another costs
_ALIKE = 0.35  # likeness from which on a phrase of the music comes back, and the dance begins to
_FORGOTTEN_FRAMES = 20.0 * FRAME_RATE_HZ  # what has been danced is seen afresh after some of these
# Where one phrase follows another their codes are mixed for a cell's length; where the body has far to go, for longer:
# so many times as long for every unit of the distance (as in `costs.distances`) beyond the first.
_NEAR_STATE, _SLOWER, _MOST_MIXED_FRAMES = 0.4, 2.5, 40.0


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


def phrase_bounds(
    n_frames: int, beats_frame: np.ndarray, sections: tuple[SectionSpan, ...], bars_frame: np.ndarray | None = None
) -> list[int]:
    """Frames at which phrases begin, and n_frames at the end; at beats and sections, about PHRASE_S apart.

    Where `bars_frame` says where bars begin, phrases are of one, two, four bars, counted from where the section starts.
    Where there are no beats the cuts are evenly spaced.
    """
    wanted = PHRASE_S * FRAME_RATE_HZ
    starts = {s.start_frame for s in sections}
    cuts = sorted({0, n_frames} | {s for s in starts if wanted / 2 < s < n_frames - wanted / 2})
    beats = beats_frame[(beats_frame > 0) & (beats_frame < n_frames)]
    out = [0]
    for start, end in pairwise(cuts):
        by_bars = [] if bars_frame is None else _bar_cuts(start, end, bars_frame)
        inside = beats[(beats > start + 8) & (beats < end - 8)]
        n = max(1, round((end - start) / wanted))
        for cut in by_bars or [_near(inside, start + (end - start) * i / n) for i in range(1, n)]:
            if round(cut) > out[-1] + 12:
                out.append(round(cut))
        out.append(end)
    return out


def _near(beats: np.ndarray, ideal: float) -> float:
    """The beat nearest to a frame; the frame itself where none is near."""
    near = beats[np.abs(beats - ideal) < PHRASE_S * FRAME_RATE_HZ / 2]
    return float(near[np.argmin(np.abs(near - ideal))]) if len(near) else ideal


def _bar_cuts(start: int, end: int, bars_frame: np.ndarray) -> list[float]:
    """Every first, second, fourth bar within [start, end), as makes phrases of about PHRASE_S; none where bars are too
    few or too uneven for that."""
    wanted = PHRASE_S * FRAME_RATE_HZ
    if len(bars_frame) < 2:
        return []
    bar = float(np.median(np.diff(bars_frame)))
    n = 2 ** max(round(math.log2(wanted / max(bar, 1.0))), 0)
    inside = bars_frame[(bars_frame > start + bar / 2) & (bars_frame < end - n * bar / 2)]
    cuts: list[float] = inside[n - 1 :: n].tolist()
    lengths = np.diff([start, *cuts, end])
    fits = len(cuts) > 0 and lengths.min() > wanted / 4 and lengths.max() < 1.8 * wanted
    return cuts if fits else []


class Planner:
    """Weighs and draws phrases from a bank, one after the other."""

    def __init__(self, costs: Costs, seed: int, novelty: float) -> None:
        """`novelty` is how freely is drawn, 0 to 1; the rest of the request is in the costs."""
        self.costs, self.bank, self.request = costs, costs.bank, costs.request
        self.seed, self.novelty = seed, novelty
        # Only of a mix that was asked for; where no style is named, whatever fits best is danced.
        self.styles = StyleDraw(costs.danced_weights, seed) if len(costs.request.style) > 1 else None
        self.rng = np.random.default_rng(np.random.SeedSequence([seed, 20250505]))
        self.last_used = np.full(self.bank.n_entries, -np.inf)
        self.alike = np.zeros((0, 0))

    def run(
        self, state: np.ndarray | None, end_state: np.ndarray | None, progress: Callable[[float], None]
    ) -> list[Phrase]:
        """Phrases for the whole segment. `state` and `end_state` [S] are what lies before and after, if known."""
        request = self.request
        bounds = phrase_bounds(request.n_frames, request.beats_frame, request.sections, bar_frames(request))
        if request.heard is not None:
            self.alike = likeness(request.heard, bounds)
        phrases: list[Phrase] = []
        place = np.zeros(3)
        for i, (start, end) in enumerate(pairwise(bounds)):
            progress(i / (len(bounds) - 1))
            after = end_state if end == request.n_frames else None
            phrase = self._choose(start, end, state, after, place, phrases)
            phrases.append(phrase)
            last = last_entry(self.bank, phrase)
            state = self.bank.state[last]
            place = _moved(place, self.bank.travel[phrase.entry], self.bank.travel[last])
            used = slice(max(0, phrase.entry - 8), last + 9)
            self.last_used[used] = end
            mirror = self.bank.mirrored_entry(phrase.entry)
            self.last_used[max(0, mirror - 8) : mirror + last - phrase.entry + 9] = end - 5 * FRAME_RATE_HZ
        return phrases

    def _choose(
        self, start: int, end: int, state: np.ndarray | None, after: np.ndarray | None, place: np.ndarray,
        phrases: list[Phrase],
    ) -> Phrase:  # fmt: skip
        if phrases:
            costs = self.costs.phrase(start, end, after)
            base = costs.base + self.costs.transition(self.bank.state[last_entry(self.bank, phrases[-1])])
            self._with_recent(base, end)
            self._with_onward(base, phrases[-1])
            self._with_motifs(base, start, end, phrases)
            cost, rate = self.costs.at_best_rate(base, costs, place)
        else:
            cost, rate = self.costs.first(start, end, state, after)
        if self.styles is not None:
            turn = self._returning_style(start, phrases, self.styles.next_for(end - start))
            cost = cost + np.float32(WEIGHTS.style) * (self.costs.among_styles != turn)
        begins = not phrases and self._is_made_anew
        drawn = self._beginning(cost, (end - start) // ENTRY_STRIDE) if begins else self._draw(cost)
        entry = int(self.costs.among.entries[drawn])
        if self.styles is not None:
            self.styles.danced(int(self.costs.among_styles[drawn]), end - start)
        return Phrase(start, end, entry, float(RATES[rate[drawn]]) if np.isfinite(cost[drawn]) else 1.0)

    def _draw(self, cost: np.ndarray) -> int:
        """A candidate drawn with odds that fall with its cost; novelty is the temperature."""
        if not np.isfinite(cost).any():
            # No clip is long enough: take the longest stretch there is; its end is then held.
            return int(np.argmax(self.costs.among.frames_left))
        temperature = 0.05 + 0.8 * self.novelty
        # What the generator's own `gumbel` draws, a logarithm of many at a time.
        noise = -np.log(-np.log(1.0 - self.rng.random(self.bank.n_entries)[self.costs.among.entries]))
        return int(np.argmin(cost - temperature * 0.25 * noise))

    def _beginning(self, cost: np.ndarray, n_entries: int) -> int:
        """The beginning of a segment that is made anew: of the best, but for what novelty allows, each next seed takes
        another one, as unlike those before as may be (maximal marginal relevance, Carbonell & Goldstein 1998)."""
        best = float(cost.min())
        near = np.flatnonzero(cost <= best + _WORSE * self.novelty) if np.isfinite(best) else np.zeros(0, dtype=int)
        near = near[np.argsort(cost[near], kind="stable")][:_MOST_WEIGHED]
        if len(near) < 2:
            return self._draw(cost)
        entries = self.costs.among.entries[near]
        mirrored = np.array([self.bank.mirrored_entry(int(entry)) for entry in entries])
        moves, turned = (self.costs.tables.moves(some, n_entries) for some in (entries, mirrored))
        alike, chosen = np.full(len(near), -1.0), [0]
        for _ in range(self.seed % min(_MOST_BEGINNINGS, len(near))):
            last = chosen[-1]
            alike = np.maximum(alike, np.maximum(moves @ moves[last], turned @ moves[last]))
            alike[last] = np.inf
            chosen.append(int(np.argmin(cost[near] + _UNLIKE * alike)))
        return int(near[chosen[-1]])

    def _with_recent(self, cost: np.ndarray, end: int) -> None:
        """What has been danced a moment ago costs more."""
        used = np.flatnonzero(self.last_used > -np.inf)
        used = used[self.costs.among.place[used] >= 0]
        ago = end - self.last_used[used]
        cost[self.costs.among.place[used]] += WEIGHTS.recent * np.exp(-ago / _FORGOTTEN_FRAMES)

    def _with_onward(self, cost: np.ndarray, danced: Phrase) -> None:
        """Simply dancing on is the best transition of all."""
        onward = last_entry(self.bank, danced)
        goes_on = onward + 1 < self.bank.n_entries and self.bank.clip[onward] == self.bank.clip[onward + 1]
        if goes_on and self.costs.among.place[onward] >= 0:
            cost[self.costs.among.place[onward]] -= 0.6 * WEIGHTS.transition

    def _section_at(self, frame: int) -> SectionSpan | None:
        return next((s for s in self.request.sections if s.start_frame <= frame < s.end_frame), None)

    def _motif_key(self, start: int) -> tuple[str, int] | None:
        section = self._section_at(start)
        if section is None:
            return None
        return section.label.rstrip("'"), round((start - section.start_frame) / (PHRASE_S * FRAME_RATE_HZ))

    def _with_motifs(self, cost: np.ndarray, start: int, end: int, phrases: list[Phrase]) -> None:
        """Where the music comes back, the phrase that was danced to it, or its mirror image, costs less; and the more
        alike two phrases of the music sound, the more alike they are danced."""
        alike = self.alike[len(phrases), : len(phrases)] if len(self.alike) else np.zeros(len(phrases))
        key = self._motif_key(start)
        less: dict[int, float] = {}
        for phrase, sounds in zip(phrases, alike.tolist(), strict=True):
            comes_back = key is not None and key == self._motif_key(phrase.start_frame)
            # Of a part that comes back the "seen a moment ago" cost is taken back: coming back is the point.
            pull = WEIGHTS.motif * max((sounds - _ALIKE) / (1.0 - _ALIKE), 0.0)
            for entry in self._with_mirror(phrase.entry):
                less[entry] = max(less.get(entry, 0.0), WEIGHTS.motif + WEIGHTS.recent if comes_back else pull)
        for entry, amount in less.items():
            cost[self._places(slice(entry, entry + 1))] -= amount
        if not alike.any():
            return
        entries = [entry for phrase in phrases for entry in self._with_mirror(phrase.entry)]
        weights = np.repeat(alike, 2) / (2.0 * np.abs(alike).sum())
        akin = self.costs.tables.kinship(entries, weights, round((end - start) / ENTRY_STRIDE))
        akin = np.minimum(akin, _MOST_KIN)
        cost -= np.float32(WEIGHTS.kin) * akin[self.costs.among.entries]
        if len(phrases) > 1 and self._is_tedious(phrases[-2], phrases[-1]):
            self._without_a_third_time(cost, phrases[-1])

    def _is_tedious(self, one: Phrase, other: Phrase) -> bool:
        """Whether two phrases in a row are enough: of one movement in a long dance, else of one and the same phrase."""
        if self.request.n_frames < _LONG_S * FRAME_RATE_HZ:
            return one.entry in self._with_mirror(other.entry)
        return self._is_one_movement(one, other)

    def _is_one_movement(self, one: Phrase, other: Phrase) -> bool:
        """Whether two phrases are danced from one stretch of the bank or its mirror image, or move nearly alike."""
        n_entries = _n_entries(other)
        if any(abs(entry - other.entry) < n_entries for entry in self._with_mirror(one.entry)):
            return True
        moves = self.costs.tables.moves(np.array([other.entry, *self._with_mirror(one.entry)]), n_entries)
        return bool((moves[1:] @ moves[0]).max() > _ONE_MOVEMENT)

    def _without_a_third_time(self, cost: np.ndarray, danced: Phrase) -> None:
        """What has been danced twice in a row, or nearly, costs more: a third time would be tedious."""
        n_entries, entries = _n_entries(danced), self._with_mirror(danced.entry)
        again = np.zeros(len(cost), dtype=bool)
        for entry in entries:
            again |= self.costs.tables.kinship([entry], np.ones(1), n_entries)[self.costs.among.entries] > _ONE_MOVEMENT
            again[self._places(slice(max(0, entry - n_entries), entry + n_entries))] = True
        cost += np.float32(WEIGHTS.motif + WEIGHTS.kin) * again

    def _returning_style(self, start: int, phrases: list[Phrase], otherwise: int) -> int:
        """The style in which a phrase that comes back was danced; `otherwise` for a new one."""
        key = self._motif_key(start)
        back = (p.entry for p in phrases if key is not None and key == self._motif_key(p.start_frame))
        entry = next(back, None)
        return otherwise if entry is None else int(self.bank.clip_style[self.bank.clip[entry]])

    @property
    def _is_made_anew(self) -> bool:
        """Whether this is a segment of a dance, and long enough to be more than a way across."""
        around = (self.request.before, self.request.after)
        is_within = any(motion is not None and motion.n_frames > 0 for motion in around)
        return is_within and self.request.n_frames >= PHRASE_S * FRAME_RATE_HZ

    def _with_mirror(self, entry: int) -> tuple[int, int]:
        return entry, self.bank.mirrored_entry(entry)

    def _places(self, entries: slice) -> np.ndarray:
        """Where bank entries are found among the candidates, those that are."""
        places = self.costs.among.place[entries]
        return places[places >= 0]


def _moved(place: np.ndarray, start: np.ndarray, end: np.ndarray) -> np.ndarray:
    """Where (x, z, heading) one stands after dancing from `start` to `end` of a clip, beginning at `place`."""
    turn = place[..., 2] - start[..., 2]
    step = end - start
    cos, sin = np.cos(turn), np.sin(turn)
    x = place[..., 0] + cos * step[..., 0] + sin * step[..., 1]
    z = place[..., 1] - sin * step[..., 0] + cos * step[..., 1]
    return np.stack([x, z, turn + end[..., 2]], axis=-1)


def _n_entries(phrase: Phrase) -> int:
    return round((phrase.end_frame - phrase.start_frame) / ENTRY_STRIDE)


def last_entry(bank: CodeBank, phrase: Phrase) -> int:
    """The bank entry that a phrase ends with."""
    span = (phrase.end_frame - phrase.start_frame) * phrase.rate
    clip_end = int(bank.clip_start[bank.clip[phrase.entry] + 1]) - 1
    return min(phrase.entry + round(span / ENTRY_STRIDE), clip_end)


def planned_places(bank: CodeBank, phrases: list[Phrase], n_frames: int) -> np.ndarray:
    """Where (x and z in metres, heading in radians) one stands where the phrases lead as they were learned, seen from
    the first frame, [n_frames, 3]."""
    out, place = np.zeros((n_frames, 3)), np.zeros(3)
    for phrase in phrases:
        start, end = phrase.start_frame, min(phrase.end_frame, n_frames)
        clip = bank.clip[phrase.entry]
        first, last = int(bank.clip_start[clip]), int(bank.clip_start[clip + 1])
        source = phrase.entry - first + np.arange(end - start + 1) * phrase.rate / ENTRY_STRIDE
        way = np.stack([np.interp(source, np.arange(last - first), bank.travel[first:last, k]) for k in range(3)], -1)
        danced = _moved(place, way[0], way)
        out[start:end], place = danced[:-1], danced[-1]
    return out


def planned_codes(
    bank: CodeBank, phrases: list[Phrase], n_cells: int, first_frame: int = 0, stride: int = CODE_STRIDE
) -> tuple[np.ndarray, np.ndarray]:
    """The codes [n_cells, code_size] of a plan and the bank's effort beside them [n_cells, 6].

    Cell k is centred on segment frame first_frame + stride k + 8. Near a phrase's border the codes of both are mixed,
    the longer the further the body has to go from one to the other.
    """
    half = CODE_STRIDE // 2
    codes = np.zeros((n_cells, bank.codes.shape[1]))
    effort = np.zeros((n_cells, bank.effort.shape[1]))
    total = np.zeros(n_cells)
    centres = first_frame + stride * np.arange(n_cells) + half
    mixed = [_mixed_frames(bank, one, other) for one, other in pairwise(phrases)]
    for i, phrase in enumerate(phrases):
        rise = 1.0 if i == 0 else _share(centres - phrase.start_frame, mixed[i - 1])
        fall = 1.0 if i == len(phrases) - 1 else _share(phrase.end_frame - centres, mixed[i])
        weight = np.minimum(rise, fall) * np.ones(n_cells)
        clip = bank.clip[phrase.entry]
        source = phrase.entry + np.round((centres - phrase.start_frame) * phrase.rate / ENTRY_STRIDE).astype(int)
        source = np.clip(source, bank.clip_start[clip], bank.clip_start[clip + 1] - 1)
        codes += weight[:, None] * bank.codes[source]
        effort += weight[:, None] * bank.effort[source]
        total += weight
    scale = 1.0 / np.maximum(total, 1e-6)[:, None]
    return codes * scale, effort * scale


def _mixed_frames(bank: CodeBank, one: Phrase, other: Phrase) -> float:
    """How many frames the codes of two phrases are mixed for where one follows the other."""
    away = float(distances(np.asarray(bank.state[other.entry])[np.newaxis], bank.state[last_entry(bank, one)])[0])
    shortest = min(phrase.end_frame - phrase.start_frame for phrase in (one, other))
    wanted = CODE_STRIDE * (1.0 + _SLOWER * max(away - _NEAR_STATE, 0.0))
    return min(wanted, _MOST_MIXED_FRAMES, max(shortest, CODE_STRIDE))


def _share(frames: np.ndarray, mixed_frames: float) -> np.ndarray:
    """How much of a phrase is danced so many frames within its border, 0 to 1, [n]."""
    return np.clip(frames / mixed_frames + 0.5, 0.0, 1.0)
