"""`kinetograph evaluate ablation`: what the rules of structure do to generated dances, family by family."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from engine.evaluation.dancer import Song
    from engine.evaluation.report import Table
    from engine.generation.checkpoint import TrainedModel
    from engine.structure.finding import Finding

_FAMILIES = ("movement", "coherence", "integrity")
BEST_OF = 3


@dataclass(frozen=True)
class Way:
    """One way to dance: its name, the families of rules that are minded, of how many dances the best is kept."""

    name: str
    minded: tuple[str, ...]
    best_of: int = 1


WAYS = (
    Way("rules off", ()),
    Way("without movement", ("coherence", "integrity")),
    Way("without coherence", ("movement", "integrity")),
    Way("without integrity", ("movement", "coherence")),
    Way("phrases chosen by the rules", _FAMILIES),
    Way(f"and the best of {BEST_OF}", _FAMILIES, BEST_OF),
)


def ablation(
    model: TrainedModel, songs: Sequence[Song], n_seeds: int, first_seed: int, progress: Callable[[float], None]
) -> list[Table]:
    """Findings a minute by family of each way; what the rules tell most; and what the model was trained with."""
    from engine.evaluation.report import Table
    from engine.generation.generate import generate
    from engine.generation.request import request_for_music
    from engine.structure.checker import check

    assert model.rules is not None
    rows, told = [], []
    jobs = [(way, song, seed) for way in WAYS for song in songs for seed in range(first_seed, first_seed + n_seeds)]
    found: dict[str, list[Finding]] = {way.name: [] for way in WAYS}
    minutes = {way.name: 0.0 for way in WAYS}
    for i, (way, song, seed) in enumerate(jobs):
        progress(i / len(jobs))
        request = request_for_music(
            song.analysis, seed=seed, mind_rules=frozenset(way.minded), best_of=way.best_of
        )
        motion = generate(request, model)
        found[way.name] += check(motion, song.analysis, rules=model.rules)
        minutes[way.name] += motion.duration_s / 60.0
    for way in WAYS:
        own = [f for f in found[way.name] if f.severity != "note"]
        counts = Counter(f.family for f in own)
        hints = len(found[way.name]) - len(own)
        per = [counts[family] / minutes[way.name] for family in _FAMILIES]
        rows.append((way.name, *(f"{n:.2f}" for n in (*per, sum(per), hints / minutes[way.name]))))
        most = ", ".join(f"{rule} {n}" for rule, n in Counter(f.rule for f in own).most_common(5))
        told.append((way.name, most or "nothing"))
    penalties = dict(model.card.get("rule_penalties", {}))
    columns = ("rules", "movement", "transitions", "whole piece", "together", "hints")
    about = f"{len(songs)} songs, {n_seeds} dances each. Together: warnings and errors; hints beside them."
    return [
        Table("Findings a minute, by family", about, columns, tuple(rows)),
        Table("What is found most", "All of it, in all these dances.", ("rules", "found"), tuple(told), 2),
        Table("Penalties in training", "With their weights.", ("term", "weight"), trained_with(penalties), 2),
    ]


def trained_with(penalties: dict[str, float]) -> tuple[tuple[str, str], ...]:
    """The rules' penalties that a model was trained with; a sentence in their place where there were none."""
    if penalties:
        return tuple((name, f"{weight:g}") for name, weight in sorted(penalties.items()))
    return (
        ("none of the rules'", "this model cannot show what they do: train one with `kinetograph train`, and compare"),
    )
