"""`evaluate ablation`: the same dances with and without the rules, told by family."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from app.ablation import PENALISED, WAYS, ablation, trained_with
from app.resources import resource_path
from engine.evaluation.dancer import Song
from engine.structure.book import read_rules
from tests.documents import an_analysis
from tests.tiny import prepared_folder, tiny_model


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    made = tiny_model(prepared_folder(tmp_path_factory.mktemp("tiny") / "prepared"))
    made.rules = read_rules(resource_path("rules"))
    return made


@pytest.fixture(scope="module")
def song():
    return Song("eight bars", "click", an_analysis(6.0), np.arange(0.0, 6.0, 0.5))


def told(model, song, n_seeds=1, penalised=None):
    """The first table's rows by the first word, and the fractions of progress."""
    seen = []
    tables = ablation(model, [song], n_seeds, 3, seen.append, penalised)
    return {row[0]: row[1:] for row in tables[0].rows}, seen


def test_every_way_is_danced_and_told(model, song):
    rows, progress = told(model, song)

    assert list(rows) == [way.name for way in WAYS]
    assert progress == sorted(progress)
    assert len(progress) == len(WAYS)
    assert all(float(row[3]) == pytest.approx(sum(map(float, row[:3])), abs=0.02) for row in rows.values())


def test_a_model_that_is_its_own_penalised_twin_differs_in_nothing(model, song):
    rows, _ = told(model, song, penalised=model)

    assert set(rows) == {way.name for way in (*WAYS, *PENALISED)}
    for plain, twin in ((WAYS[0], PENALISED[0]), (WAYS[-2], PENALISED[1]), (WAYS[-1], PENALISED[2])):
        assert rows[plain.name][:5] == rows[twin.name][:5]
    assert rows[PENALISED[0].name][5] == "+0.00 ± 0.00"


def test_the_penalised_model_dances_its_own_ways(model, song):
    other = replace(model, std=3.0 * model.std)  # whose every movement is three times as wide
    rows, _ = told(model, song, penalised=other)

    assert rows[PENALISED[0].name] != rows[WAYS[0].name]


def test_the_spread_over_seeds_needs_two(model, song):
    one, two = told(model, song, 1)[0], told(model, song, 2)[0]

    assert {row[4] for row in one.values()} == {""}
    assert all(float(row[4]) >= 0.0 for row in two.values())


def test_penalties_are_told_with_their_weights_and_their_absence_in_words():
    assert trained_with({"rule_flight": 0.1, "rule_balance": 0.5}) == (("rule_balance", "0.5"), ("rule_flight", "0.1"))
    assert "--penalised" in trained_with({})[0][1]
