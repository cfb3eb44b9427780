"""The tables of costs against the same costs written out entry by entry."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.generation import costs
from engine.generation.bank import ENTRY_STRIDE
from engine.generation.costs import RATES, STAGE_RADIUS_M, WEIGHTS, Costs, bank_tables
from engine.generation.plan import _moved
from engine.generation.request import GenerationRequest

START, END = 20, 110


def request():
    beats = np.arange(4.0, 200.0, 17.0)
    return GenerationRequest(200, beats, np.linspace(0.2, 1.0, len(beats)), np.full(200, 0.5), np.zeros(200))


def costs_of(model, style=(0.7, 0.3, 0.0), effort=None):
    effort = np.tile(np.linspace(-1.0, 1.0, 6), (200, 1)) if effort is None else effort
    return Costs(model.bank, np.array(style), request(), effort)


def test_the_candidates_are_the_usable_entries_of_the_wanted_styles(model):
    usable = np.arange(model.bank.n_entries) % 3 > 0
    bank = replace(model.bank, usable=usable)

    among = Costs(bank, np.array([0.0, 1.0, 0.0]), request(), np.zeros((200, 6))).among

    styles = bank.clip_style[bank.clip]
    np.testing.assert_array_equal(among.entries, np.flatnonzero(usable & (styles == 1)))
    np.testing.assert_array_equal(among.place[among.entries], np.arange(len(among.entries)))
    assert (among.place == -1).sum() == bank.n_entries - len(among.entries)


def test_of_a_style_mix_the_styles_that_can_be_danced_share_all_weight(model):
    found = costs_of(model, (0.5, 0.3, 0.2))
    style = model.bank.clip_style[model.bank.clip[found.among.entries]]

    np.testing.assert_array_equal(found.among_styles, style)
    danced = np.isin(np.arange(3), style)
    np.testing.assert_allclose(found.danced_weights, np.where(danced, [0.5, 0.3, 0.2], 0.0) / (1.0 - 0.2 * ~danced[2]))


@given(st.integers(-9, 60))
def test_the_accent_some_frames_on_is_read_from_the_bank(model, n_frames):
    at = np.arange(model.bank.n_entries) * ENTRY_STRIDE + n_frames
    expected = model.bank.accent[np.clip(at, 0, len(model.bank.accent) - 1)]

    np.testing.assert_allclose(bank_tables(model.bank).accent_after(n_frames), expected, rtol=1e-6)


def test_beats_effort_and_what_comes_after_are_weighed_entry_by_entry(model):
    found = costs_of(model)
    bank, entries, after = model.bank, found.among.entries, np.asarray(model.bank.state[40])
    phrase = found.phrase(START, END, after)
    beats = request().beats_frame
    inside = (beats >= START - 1) & (beats < END)
    weight, wanted, importance = request().strengths[inside], np.linspace(-1, 1, 6), costs._IMPORTANCE

    for c in range(0, len(entries), 13):
        entry = entries[c]
        mean = bank.effort[entry : min(entry + (END - START) // ENTRY_STRIDE, bank.n_entries)].mean(axis=0)
        idle = max(costs._IDLE_ENERGY - mean[0], 0.0)
        base = WEIGHTS.effort * np.sqrt((importance * (mean - wanted) ** 2).mean()) + WEIGHTS.idle * idle
        assert phrase.base[c] == pytest.approx(base, rel=1e-4)
        for rate, cost in zip(RATES, phrase.by_rate[:, c], strict=True):
            if (END - START) * rate + 4 > (bank.clip_start[bank.clip[entry] + 1] - entry) * ENTRY_STRIDE:
                assert cost == np.inf
                continue
            at = entry * ENTRY_STRIDE + np.round((beats[inside] - START) * rate).astype(int)
            hit = min(1.3 * (bank.accent[at] @ weight) / weight.sum(), 1.0)
            last = min(entry + round((END - START) * rate / ENTRY_STRIDE), bank.n_entries - 1)
            there = np.sqrt(np.mean((bank.state[last] - after) ** 2))
            expected = WEIGHTS.beat * (1 - hit) + WEIGHTS.rate * abs(np.log(rate)) / 0.12 + WEIGHTS.transition * there
            assert cost == pytest.approx(expected, rel=1e-4, abs=1e-5)


@given(st.floats(-2.5, 2.5), st.floats(-2.5, 2.5), st.floats(-7.0, 7.0), st.integers(1, 30))
def test_leaving_the_stage_and_turning_away_cost_what_the_place_makes_of_them(model, x, z, heading, n_entries):
    found, travel = costs_of(model), np.asarray(model.bank.travel, dtype=float)
    place, entries = np.array([x, z, heading]), found.among.entries
    last = np.minimum(entries + n_entries, len(travel) - 1)

    end = _moved(place, travel[entries], travel[last])
    middle = _moved(place, travel[entries], travel[(entries + last) // 2])
    beyond = np.maximum(np.hypot(end[:, 0], end[:, 1]) - 0.6 * STAGE_RADIUS_M, 0.0)
    away = 0.5 - 0.25 * (np.cos(middle[:, 2]) + np.cos(end[:, 2]))

    expected = WEIGHTS.stage * np.minimum(beyond**2, 9.0) + WEIGHTS.facing * away
    np.testing.assert_allclose(found._stage(place, n_entries), expected, atol=2e-4)


def test_the_best_rate_is_the_one_that_costs_least(model):
    found, place = costs_of(model), np.array([0.5, -1.0, 0.4])
    phrase = found.phrase(START, END, None)

    cost, rate = found.at_best_rate(phrase.base, phrase, place)

    each = np.stack([phrase.by_rate[i] + found._stage(place, n) for i, n in enumerate(phrase.n_entries)])
    fits = np.isfinite(each).any(axis=0)
    np.testing.assert_allclose(cost, phrase.base + each.min(axis=0), rtol=1e-6)
    np.testing.assert_array_equal(rate[fits], each[:, fits].argmin(axis=0))


def test_a_transition_costs_the_distance_between_states(model):
    found, state = costs_of(model), np.asarray(model.bank.state[7])

    away = np.sqrt(np.mean((model.bank.state[found.among.entries] - state) ** 2, axis=1))
    np.testing.assert_allclose(found.transition(state), WEIGHTS.transition * away, rtol=1e-5)


def test_a_banks_tables_and_candidates_are_made_once(model):
    one, other = costs_of(model), costs_of(model, effort=np.ones((200, 6)))

    assert one.tables is other.tables is bank_tables(model.bank)
    assert one.among is other.among
    assert one.among is costs_of(model, style=(0.2, 0.8, 0.0)).among  # a slider moves, the styles stay
    assert one.among is not costs_of(model, style=(1.0, 0.0, 0.0)).among
    assert one.phrase(START, END, None) is one.phrase(START, END, None)


def test_a_bank_that_is_let_go_takes_its_tables_along(model):
    before = len(costs._TABLES)
    bank = replace(model.bank)
    bank_tables(bank)

    assert len(costs._TABLES) == before + 1
    del bank
    assert len(costs._TABLES) == before
