"""Phrases are weighed by what they hold and break: what is avoided is not danced, and marks survive the disk."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from app.resources import resource_path
from engine.errors import ModelError, RequestRefused
from engine.generation.checkpoint import load_model, save_model
from engine.generation.costs import WEIGHTS, Costs
from engine.generation.generate import Preparation, generate
from engine.generation.marking import bank_marks
from engine.generation.marks import MARKS, Marks, write_marks
from engine.generation.ranking import demerits
from engine.generation.request import GenerationRequest
from engine.generation.takes import generate_takes
from engine.structure.book import read_rules
from engine.structure.rules import RULES
from engine.structure.vocabulary import VOCABULARY

N = 120
BOOK = read_rules(resource_path("rules"))


def request(**changes):
    beats = np.arange(0.0, N, 15.0)
    return GenerationRequest(N, beats, np.ones(len(beats)), np.full(N, 0.5), np.zeros(N), **changes)


def half_marked(model, name="turns", severity=0.0):
    """The first half of the bank holds it."""
    has = np.zeros((model.bank.n_entries, 1), dtype=bool)
    has[: model.bank.n_entries // 2] = True
    return Marks((name,), has, np.array([severity]), model.digest)


def base_costs(model, marks, **changes):
    asked = request(**changes)
    costs = Costs(model.bank, np.array([0.7, 0.3, 0.0]), asked, np.zeros((N, 6)), marks)
    return costs.among.entries, costs.phrase(0, 60, None).base


def test_what_is_avoided_costs_more_than_anything_else_and_the_rest_as_before(model):
    marks = half_marked(model)
    entries, plain = base_costs(model, marks)
    _, avoiding = base_costs(model, marks, avoid=frozenset({"turns"}))

    within = entries + 17 < model.bank.n_entries // 2
    beyond = entries >= model.bank.n_entries // 2
    np.testing.assert_allclose(avoiding[within] - plain[within], WEIGHTS.unwanted, rtol=1e-5)
    np.testing.assert_allclose(avoiding[beyond], plain[beyond])


def test_to_allow_one_kind_is_to_avoid_the_others(model):
    marks = half_marked(model)

    assert request(allow=frozenset({"jumps"})).unwanted == frozenset(VOCABULARY) - {"jumps"}
    _, allowing = base_costs(model, marks, allow=frozenset({"jumps"}))
    _, avoiding = base_costs(model, marks, avoid=frozenset({"turns"}))
    np.testing.assert_array_equal(allowing, avoiding)


def test_rules_that_are_broken_cost_unless_their_family_is_not_minded(model):
    marks = half_marked(model, "knee_range", 1.0)
    assert RULES["knee_range"].family == "movement"
    entries, minding = base_costs(model, marks)
    _, not_minding = base_costs(model, marks, mind_rules=frozenset({"coherence", "integrity"}))

    broken = entries < model.bank.n_entries // 2
    assert (minding[broken] > not_minding[broken] + 0.2).all()
    np.testing.assert_allclose(minding[~broken], not_minding[~broken])


def test_a_model_without_marks_refuses_to_avoid_anything(model):
    with pytest.raises(RequestRefused, match="not marked"):
        Preparation(request(avoid=frozenset({"jumps"})), model)


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"avoid": frozenset({"somersaults"})}, "somersaults"),
        ({"allow": frozenset({"knee_range"})}, "knee_range"),
        ({"mind_rules": frozenset({"taste"})}, "taste"),
        ({"best_of": 0}, "best"),
        ({"best_of": 17}, "best"),
    ],
)
def test_what_cannot_be_avoided_or_minded_is_refused_in_a_sentence(changes, word):
    with pytest.raises(RequestRefused, match=word):
        request(**changes)


def test_every_take_of_the_bank_is_danced_and_looked_at_and_mirrors_have_the_same_marks(model):
    marks = bank_marks(model, BOOK)

    assert marks.names[: len(VOCABULARY)] == tuple(VOCABULARY)
    assert set(marks.names) <= {*VOCABULARY, *RULES}
    for clip, other in enumerate(model.bank.clip_mirror.tolist()):
        spans = [slice(*model.bank.clip_start[i : i + 2].tolist()) for i in (clip, other)]
        np.testing.assert_array_equal(marks.has[spans[0]], marks.has[spans[1]])


def test_marks_come_back_from_the_disk_with_the_model_they_were_made_of_and_with_no_other(model, tmp_path):
    save_model(model, tmp_path)
    loaded = load_model(tmp_path)
    assert loaded.marks is None
    rng = np.random.default_rng(1)
    marks = Marks(("turns", "flight"), rng.random((model.bank.n_entries, 2)) < 0.3, np.array([0.0, 1.0]), loaded.digest)
    write_marks(marks, tmp_path)

    again = load_model(tmp_path).marks
    write_marks(replace(marks, digest="another"), tmp_path)

    assert again is not None
    assert again.names == marks.names
    np.testing.assert_array_equal(again.has, marks.has)
    assert load_model(tmp_path).marks is None


def test_damaged_marks_are_refused_in_a_sentence(model, tmp_path):
    save_model(model, tmp_path)
    (tmp_path / MARKS).write_bytes(b"\x08\0\0\0\0\0\0\0{}      ")

    with pytest.raises(ModelError, match="marks"):
        load_model(tmp_path)


def test_the_bundled_model_is_marked():
    marks = load_model(resource_path("models/kinetograph")).marks

    assert marks is not None
    assert marks.any_of(frozenset({"turns"})).any()


def test_the_best_of_several_breaks_no_more_rules_than_the_first(model):
    judged = replace(model, rules=BOOK)
    one, best = generate(request(), judged), generate(request(best_of=3), judged)

    assert demerits(best, request(), BOOK) <= demerits(one, request(), BOOK)


def test_takes_of_several_requests_are_each_the_best_of_their_own(model):
    judged = replace(model, rules=BOOK)
    asked = [request(best_of=2), request(seed=1), request(best_of=2, seed=2)]

    for made, alone in zip(generate_takes(asked, judged), [generate(r, judged) for r in asked], strict=True):
        np.testing.assert_array_equal(made.local_rotations, alone.local_rotations)
