"""`kinetograph evaluate ablation`: what the rules of structure do to generated dances, family by family."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from engine.evaluation.dancer import Song
    from engine.evaluation.report import Table
    from engine.generation.checkpoint import TrainedModel
    from engine.structure.finding import Finding

_FAMILIES = ("movement", "coherence", "integrity")
BEST_OF = 3


@dataclass(frozen=True)
class Way:
    """One way to dance: its name, the families of rules that are minded, of how many dances the best is kept, and
    whether the model that was trained with the rules' penalties dances."""

    name: str
    minded: tuple[str, ...]
    best_of: int = 1
    penalised: bool = False


WAYS = (
    Way("rules off", ()),
    Way("without movement", ("coherence", "integrity")),
    Way("without coherence", ("movement", "integrity")),
    Way("without integrity", ("movement", "coherence")),
    Way("phrases chosen by the rules", _FAMILIES),
    Way(f"and the best of {BEST_OF}", _FAMILIES, BEST_OF),
)
# With a model that was trained with penalties beside one trained alike without.
PENALISED = (
    Way("as penalties alone", (), penalised=True),
    Way("penalties, and phrases chosen", _FAMILIES, penalised=True),
    Way(f"penalties, and the best of {BEST_OF}", _FAMILIES, BEST_OF, penalised=True),
)


@dataclass(frozen=True)
class Danced:
    """One dance: its seed, its minutes, what the rules find in it, how much its feet slide, and its jitter
    (engine.evaluation.metrics)."""

    seed: int
    minutes: float
    found: tuple[Finding, ...]
    skating: float
    jitter_mm: float

    @property
    def told(self) -> list[Finding]:
        """Warnings and errors."""
        return [finding for finding in self.found if finding.severity != "note"]


def ablation(
    model: TrainedModel, songs: Sequence[Song], n_seeds: int, first_seed: int, progress: Callable[[float], None],
    penalised: TrainedModel | None = None,
) -> list[Table]:  # fmt: skip
    """Findings a minute by family of each way; what the rules tell most; how the dances move; and what the model was
    trained with. `penalised` was trained as `model` was, but with the rules' penalties."""
    ways = WAYS if penalised is None else (*WAYS, *PENALISED)
    seeds = range(first_seed, first_seed + n_seeds)
    jobs = [(way, song, seed) for way in ways for song in songs for seed in seeds]
    danced: dict[str, list[Danced]] = {way.name: [] for way in ways}
    for i, (way, song, seed) in enumerate(jobs):
        progress(i / len(jobs))
        dancer = penalised if way.penalised and penalised is not None else model
        danced[way.name].append(_danced(dancer, way, song, seed))
    trained = (model if penalised is None else penalised).card.get("rule_penalties", {})
    return [*_tables(danced, len(songs), n_seeds), _penalties(dict(trained))]


def _danced(model: TrainedModel, way: Way, song: Song, seed: int) -> Danced:
    from engine.evaluation.metrics import foot_skating, jitter
    from engine.generation.generate import generate
    from engine.generation.request import request_for_music
    from engine.structure.checker import check

    assert model.rules is not None
    request = request_for_music(song.analysis, seed=seed, mind_rules=frozenset(way.minded), best_of=way.best_of)
    motion = generate(request, model)
    found = tuple(check(motion, song.analysis, rules=model.rules))
    return Danced(seed, motion.duration_s / 60.0, found, foot_skating(motion), jitter(motion))


def _tables(danced: dict[str, list[Danced]], n_songs: int, n_seeds: int) -> list[Table]:
    from engine.evaluation.report import Table

    off = np.array([len(d.told) / d.minutes for d in danced[WAYS[0].name]])
    rows, told = [], []
    for name, own in danced.items():
        minutes = sum(d.minutes for d in own)
        counts = Counter(f.family for d in own for f in d.told)
        hints = sum(len(d.found) - len(d.told) for d in own)
        per = [counts[family] / minutes for family in _FAMILIES]
        away = np.array([len(d.told) / d.minutes for d in own]) - off
        error = float(away.std(ddof=1) / np.sqrt(len(away))) if len(away) > 1 else 0.0
        against = "" if name == WAYS[0].name else f"{away.mean():+.2f} ± {error:.2f}"
        figures = (f"{n:.2f}" for n in (*per, sum(per)))
        rows.append((name, *figures, _spread(own), against, f"{hints / minutes:.2f}"))
        most = ", ".join(f"{rule} {n}" for rule, n in Counter(f.rule for d in own for f in d.told).most_common(5))
        moves = (f"{np.mean([d.skating for d in own]):.4f}", f"{np.mean([d.jitter_mm for d in own]):.1f}")
        told.append((name, most or "nothing", *moves))
    columns = ("rules", "movement", "transitions", "whole piece", "together", "over seeds", "against off", "hints")
    minutes = sum(d.minutes for d in danced[WAYS[0].name])
    about = (
        f"{n_songs} songs, {n_seeds} dances each, {minutes:.0f} minutes a row. Together: warnings and errors; hints "
        "beside them. Over seeds: standard deviation of together from seed to seed. Against off: mean difference a "
        "dance from the same song and seed with rules off, with its standard error."
    )
    return [
        Table("Findings a minute, by family", about, columns, tuple(rows)),
        Table("How the dances move, and what is found most", "In all these dances.",
              ("rules", "found", "skating", "jitter, mm"), tuple(told), 2),
    ]  # fmt: skip


def _spread(own: list[Danced]) -> str:
    seeds = sorted({d.seed for d in own})
    if len(seeds) < 2:
        return ""
    per = [
        sum(len(d.told) for d in own if d.seed == seed) / sum(d.minutes for d in own if d.seed == seed)
        for seed in seeds
    ]
    return f"{np.std(per, ddof=1):.2f}"


def _penalties(penalties: dict[str, float]) -> Table:
    from engine.evaluation.report import Table

    return Table("Penalties in training", "With their weights.", ("term", "weight"), trained_with(penalties), 2)


def trained_with(penalties: dict[str, float]) -> tuple[tuple[str, str], ...]:
    """The rules' penalties that a model was trained with; a sentence in their place where there were none."""
    if penalties:
        return tuple((name, f"{weight:g}") for name, weight in sorted(penalties.items()))
    return (
        ("none of the rules'", "train one with `kinetograph train tuning --from MODEL`, and name it with --penalised"),
    )
