"""Goals are said to be reached where the figures reach them, and only there."""

from __future__ import annotations

from dataclasses import replace

import pytest

from engine.evaluation.comparison import Budget, Comparison, comparison_tables
from engine.evaluation.contest import COLUMNS, ContestExtent, Row
from engine.evaluation.emotions import EmotionFigures
from engine.evaluation.glossary import glossary_table
from engine.evaluation.goals import goals, goals_table
from engine.evaluation.inbetween import SLERP, InbetweenFigures
from engine.evaluation.intervals import Estimate
from engine.evaluation.styles import StyleAccuracy, mix_figures

GOOD = {
    "fid": 1.0, "style_accuracy": 0.9, "novelty_m": 0.2, "beat_lift": 0.4, "skating": 0.04, "freezing": 0.01,
    "magnitude_m_s": 0.5, "jitter": 10.0, "penetration_m": 0.0004,
}  # fmt: skip
REAL = {**GOOD, "skating": 0.1, "penetration_m": 0.0006, "freezing": 0.02}


def a_row(name, styles=(), **figures):
    values = {key: figures.get(key, 0.0) for key in COLUMNS}
    return Row(name, {key: Estimate(v, v, v) for key, v in values.items()}, tuple(styles))


def filled(name, l2p):
    return InbetweenFigures(name, l2p, l2p, l2p, 1.0, 0.2, 0.05, 0.02, 0.1, 0.1, 0.004, 0.1)


def compared(model=GOOD, rival=None, l2p=1.0, styles=()):
    rows = [a_row("real", **REAL), a_row("ours", styles, **model)]
    rows += [a_row("patch matching", **{**GOOD, "fid": 2.0, "style_accuracy": 0.8, "novelty_m": 0.1, **(rival or {})})]
    return Comparison(
        "ours", "real", "floor", ContestExtent(), 4, {}, tuple(rows), n_gaps={30: 5}, claimed_styles=("salsa", "tap"),
        transitions={30: [filled("real take", 0.0), filled(SLERP, 4.0), filled("ours", l2p)]},
        emotions=(EmotionFigures("joy", "energy", (1.0, 2.0), 0.99, 0.9, 0.98),),
    )  # fmt: skip


def reached(found):
    return {(goal.what, goal.wanted): goal.reached for goal in goals(found)}


def test_good_figures_reach_their_goals():
    salsa = StyleAccuracy("salsa", 10, 0.9, 0.95)

    missed = {key: is_reached for key, is_reached in reached(compared(styles=[salsa])).items() if not is_reached}

    assert missed == {("accuracy of tap over real", ">= 0.9"): None}  # nothing held out shows that one


def test_a_judge_that_hardly_knows_a_style_cannot_tell():
    salsa = StyleAccuracy("salsa", 10, 0.9, 0.1)

    assert reached(compared(styles=[salsa]))[("accuracy of salsa over real", ">= 0.9")] is None


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ({"skating": 0.06}, "foot skating"), ({"jitter": 11.6}, "jitter over real"), ({"beat_lift": 0.04}, "beats on"),
        ({"magnitude_m_s": 0.44}, "motion magnitude"), ({"penetration_m": 0.001}, "below the floor"),
        ({"freezing": 0.06}, "frozen"), ({"fid": 2.5}, "FID"), ({"style_accuracy": 0.7}, "style accuracy"),
        ({"novelty_m": 0.05}, "novelty"),
    ],
)  # fmt: skip
def test_a_figure_beyond_its_limit_misses_its_goal(change, what):
    before, after = reached(compared()), reached(compared({**GOOD, **change}))

    assert any(key[0].startswith(what) and before.get(key, True) and ok is False for key, ok in after.items())


def test_a_style_mix_that_switches_is_not_smooth():
    slope, switch = (mix_figures("a", "b", shares) for shares in ([0.0, 0.3, 0.6, 1.0], [0.0, 0.01, 0.99, 1.0]))
    key = ("style mix: largest of the judge's steps", "<= 0.5")

    assert reached(replace(compared(), mixes=(slope,)))[key]
    assert not reached(replace(compared(), mixes=(slope, switch)))[key]


def test_gaps_must_lie_far_below_slerp():
    key = ("L2P of gaps of 30 frames", "45 % below slerp")

    assert reached(compared(l2p=2.1))[key]
    assert not reached(compared(l2p=2.3))[key]


def test_the_table_says_no_in_capitals():
    table = goals_table(compared(rival={"fid": 0.5}))

    assert table is not None
    row = next(row for row in table.rows if row[0] == "FID (learned)")
    assert row[-1] == "NO"
    assert "patch matching" in row[2]


def test_unequal_budgets_are_called_unequal():
    own, other = Budget("ours", 17.0, "NVIDIA H100", 40_000), Budget("plain GAN", 6.0, "one CPU core", 3000)

    def note(*budgets):
        tables = comparison_tables(replace(compared(), budgets=budgets))
        return next(table.note for table in tables if table.title == "What each had to learn with")

    assert "NOT equal" in note(own, other)
    assert "NOT equal" not in note(other, replace(other, name="Transformer"))


def test_the_model_trained_as_long_as_the_baselines_is_held_beside_the_trained_ones():
    own, other = Budget("ours", 17.0, "NVIDIA H100", 40_000), Budget("twin", 12.0, "one CPU core", 3000)
    rows = (a_row("twin", **{**GOOD, "fid": 3.0}), a_row("plain GAN", **{**GOOD, "fid": 4.0, "style_accuracy": 0.1}))
    found = replace(compared(), twin="twin", budgets=(own, other))
    beside = replace(found, rows=(*found.rows, *rows))
    key = ("FID (learned), trained as long as they", "better than all trained baselines")

    assert key not in reached(found)
    assert reached(beside)[key]
    assert not reached(replace(beside, rows=(*beside.rows, a_row("Transformer", **{**GOOD, "fid": 2.9}))))[key]
    assert any("'twin' is there for this" in table.note for table in comparison_tables(beside))


def test_every_column_of_the_contest_is_explained():
    said = " ".join(" ".join(row) for row in glossary_table().rows).lower()

    for heading, *_ in COLUMNS.values():
        assert heading.split(" ")[0].lower().removesuffix("%") in said, heading
