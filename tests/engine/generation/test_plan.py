from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.errors import Cancelled
from engine.generation import plan as plan_module
from engine.generation.bank import ENTRY_STRIDE
from engine.generation.costs import RATES, Costs, bank_tables
from engine.generation.features import from_features
from engine.generation.generate import style_vector
from engine.generation.model_constants import CODE_STRIDE
from engine.generation.plan import (
    PHRASE_S,
    Phrase,
    Planner,
    last_entry,
    phrase_bounds,
    planned_codes,
    planned_places,
)
from engine.generation.request import GenerationRequest, SectionSpan
from engine.generation.sampler import DENSE_LEAD, ON_GRID, n_dense
from engine.generation.style_draw import StyleDraw
from engine.motion.blend import yaw_rad
from tests.tiny import dancing

LONG = 2.0 * PHRASE_S * 30.0


def request(n_frames=600, beats=None, **changes):
    beats = np.arange(0.0, n_frames, 15.0) if beats is None else np.asarray(beats, dtype=float)
    values = {"loudness": np.full(n_frames, 0.5), "music_emotion": np.zeros(n_frames)}
    return GenerationRequest(n_frames, beats, np.ones(len(beats)), **(values | changes))


def plan(model, asked, state=None, end_state=None, progress=lambda _: None, effort=None):
    style = style_vector(dict(asked.style), model.styles, model.bank.clip_style.tolist())
    effort = np.zeros((asked.n_frames, 6)) if effort is None else effort
    costs = Costs(model.bank, style, asked, effort)
    return Planner(costs, asked.seed, asked.novelty).run(state, end_state, progress)


# --- phrases -------------------------------------------------------------------------------------

some_beats = st.lists(st.floats(-50.0, 3000.0), max_size=60).map(sorted).map(np.array)
some_sections = st.lists(st.integers(-100, 2500), max_size=5, unique=True).map(
    lambda cuts: tuple(SectionSpan(a, b, "A", "development") for a, b in pairwise(sorted(cuts)))
)


@given(st.integers(1, 2500), some_beats, some_sections)
def test_phrases_fill_the_segment_and_none_is_long(n_frames, beats, sections):
    bounds = phrase_bounds(n_frames, beats, sections)

    assert (bounds[0], bounds[-1]) == (0, n_frames)
    assert all(0 < b - a < LONG for a, b in pairwise(bounds))


def test_phrases_begin_on_beats_where_there_are_beats():
    beats = 7.0 + 17.0 * np.arange(100)

    bounds = phrase_bounds(1500, beats, ())

    assert all(np.abs(beats - b).min() <= 0.5 for b in bounds[1:-1])
    assert 0.6 * PHRASE_S * 30 < np.median(np.diff(bounds)) < 1.6 * PHRASE_S * 30


def test_phrases_begin_where_sections_do():
    bounds = phrase_bounds(900, np.arange(0.0, 900.0, 15.0), (SectionSpan(400, 900, "B", "development"),))

    assert 400 in bounds


def test_phrases_are_whole_bars_from_where_a_section_starts():
    beats, bars = np.arange(0.0, 3000.0, 16.0), np.arange(0.0, 3000.0, 64.0)

    bounds = phrase_bounds(1664, beats, (SectionSpan(896, 1664, "B", "development"),), bars)

    assert 896 in bounds
    assert set(np.diff(bounds).tolist()) == {128}  # two bars of 2.1 s


@given(some_beats, some_sections, st.floats(20.0, 300.0), st.integers(1, 2500))
def test_phrases_by_bars_fill_the_segment_and_none_is_long(beats, sections, bar, n_frames):
    bounds = phrase_bounds(n_frames, beats, sections, np.arange(-bar, n_frames + bar, bar))

    assert (bounds[0], bounds[-1]) == (0, n_frames)
    assert all(0 < b - a < LONG for a, b in pairwise(bounds))


def test_a_song_that_loses_its_beat_is_cut_evenly_from_there():
    bounds = phrase_bounds(3000, np.arange(0.0, 300.0, 15.0), ())

    assert max(np.diff(bounds)) < LONG


# --- the plan ------------------------------------------------------------------------------------


def test_a_plan_covers_the_segment_with_learned_phrases(model):
    phrases = plan(model, request())

    assert phrases[0].start_frame == 0
    assert phrases[-1].end_frame == 600
    assert all(a.end_frame == b.start_frame for a, b in pairwise(phrases))
    assert {p.rate for p in phrases} <= set(RATES.tolist())
    for p in phrases:
        last = p.entry + (p.end_frame - p.start_frame) * p.rate / ENTRY_STRIDE
        clip = model.bank.clip[p.entry]
        assert model.bank.clip_start[clip] <= p.entry
        assert last <= model.bank.clip_start[clip + 1] + 1


def test_only_the_wanted_styles_are_danced(model):
    for name in ("ballet", "salsa"):
        phrases = plan(model, request(style={name: 1.0}, novelty=1.0))

        assert {model.styles[model.bank.clip_style[model.bank.clip[p.entry]]] for p in phrases} == {name}


def shares_of(model, phrases):
    frames = {name: 0 for name in model.styles}
    for p in phrases:
        frames[model.styles[model.bank.clip_style[model.bank.clip[p.entry]]]] += p.end_frame - p.start_frame
    return {name: n / phrases[-1].end_frame for name, n in frames.items()}


@pytest.mark.parametrize("salsa", [0.1, 0.25, 0.5, 0.8])
def test_a_mix_is_danced_by_turns_for_the_time_that_each_style_was_given(model, salsa):
    mix = {"ballet": 2.0 * (1.0 - salsa), "salsa": 2.0 * salsa}

    found = [shares_of(model, plan(model, request(1800, style=mix, seed=seed)))["salsa"] for seed in range(4)]

    assert np.abs(np.array(found) - salsa).max() < 0.08


def test_one_phrase_of_a_mix_is_of_either_style_as_often_as_its_weight(model):
    mix = {"ballet": 0.7, "salsa": 0.3}

    found = [shares_of(model, plan(model, request(90, style=mix, seed=seed)))["salsa"] for seed in range(200)]

    assert set(found) == {0.0, 1.0}
    assert 0.2 < np.mean(found) < 0.4


@given(
    st.lists(st.floats(0.01, 1.0), min_size=2, max_size=5), st.lists(st.integers(20, 200), max_size=30),
    st.integers(0, 99),
)  # fmt: skip
def test_no_style_of_a_mix_is_ever_owed_more_than_a_few_phrases(weights, lengths, seed):
    weights = np.array(weights) / sum(weights)
    draw, danced = StyleDraw(weights, seed), np.zeros(len(weights))

    for n in lengths:
        style = draw.next_for(n)
        draw.danced(style, n)
        danced[style] += n

    assert (np.abs(danced - weights * sum(lengths)) <= len(weights) * 200).all()


def test_takes_of_a_segment_within_a_dance_each_begin_with_another_movement(model):
    bank, tables, state = model.bank, bank_tables(model.bank), np.asarray(model.bank.state[40])

    asked = [request(240, style={}, seed=seed, novelty=1.0, before=dancing(60, 1)) for seed in range(4)]
    found = [plan(model, one, state=state)[0].entry for one in asked]

    both = np.array([(entry, bank.mirrored_entry(entry)) for entry in found])
    moves, turned = (tables.moves(column, 30) for column in both.T)
    alike = np.maximum(moves @ moves.T, turned @ moves.T)
    assert len(set(both.min(axis=1).tolist())) == 4
    assert alike[np.triu_indices(4, k=1)].max() < 0.5
    np.testing.assert_allclose(np.diag(moves @ moves.T), 1.0, atol=1e-5)


def test_where_few_beginnings_will_do_takes_are_begun_with_them_in_turn(model):
    asked = request(240, style={}, novelty=1.0, before=dancing(60, 1))
    costs = Costs(model.bank, style_vector({}, model.styles, model.bank.clip_style.tolist()), asked, np.zeros((240, 6)))
    few = np.full(len(costs.among.entries), 100.0, dtype=np.float32)
    few[[5, 25, 45]] = 0.0

    begun = [Planner(costs, seed, asked.novelty)._beginning(few, 30) for seed in range(40, 46)]

    assert set(begun) == {5, 25, 45}
    assert begun[:3] == begun[3:]


def test_without_novelty_all_takes_of_a_segment_begin_with_the_best(model):
    state = np.asarray(model.bank.state[40])

    asked = [request(240, style={}, seed=seed, novelty=0.0, before=dancing(60, 1)) for seed in range(4)]
    found = {plan(model, one, state=state)[0].entry for one in asked}

    assert max(found) - min(found) <= 16


def test_what_is_not_usable_is_not_danced(model):
    usable = np.ones(model.bank.n_entries, dtype=bool)
    usable[::2] = False
    spoiled = replace(model, bank=replace(model.bank, usable=usable))

    assert all(usable[p.entry] for seed in range(3) for p in plan(spoiled, request(seed=seed)))


def test_accents_fall_on_beats_more_often_than_chance(model):
    beats = 5.0 + 15.0 * np.arange(60)  # the clips bob to the same tempo: 120 beats a minute

    def accents(phrases, shift):
        hits = []
        for p in phrases:
            inside = beats[(beats >= p.start_frame) & (beats < p.end_frame - 8)] + shift
            at = p.entry * ENTRY_STRIDE + np.round((inside - p.start_frame) * p.rate).astype(int)
            hits += model.bank.accent[np.minimum(at, len(model.bank.accent) - 1)].tolist()
        return np.mean(hits)

    phrases = [p for seed in range(3) for p in plan(model, request(900, beats, novelty=0.0, seed=seed))]

    assert accents(phrases, 0) > 3.0 * accents(phrases, 7)


def test_the_effort_that_is_wanted_is_chosen(model):
    def energy(phrases):
        return np.mean([
            model.bank.effort[p.entry : p.entry + round((p.end_frame - p.start_frame) * p.rate / 4), 0].mean()
            for p in phrases
        ])  # fmt: skip

    wanted = np.zeros((600, 6))
    wanted[:, 0] = 2.0
    high, low = (plan(model, request(style={}, novelty=0.0), effort=s * wanted) for s in (1.0, -1.0))

    assert energy(high) > energy(low)


def test_a_section_that_comes_back_brings_its_phrase_back_or_its_mirror(model):
    sections = (
        SectionSpan(0, 120, "A", "introduction"), SectionSpan(120, 240, "B", "development"),
        SectionSpan(240, 360, "A'", "conclusion"),
    )  # fmt: skip
    phrases = plan(model, request(360, sections=sections, novelty=0.0))
    first, again = phrases[0], next(p for p in phrases if p.start_frame == 240)

    assert again.entry in (first.entry, model.bank.mirrored_entry(first.entry))


def heard(letters, n_frames=600, seed=0):
    """What is heard in phrases of 100 frames that sound the same where they have the same letter."""
    sounds = {letter: np.random.default_rng(seed + ord(letter)).normal(size=4) * 1.5 for letter in letters}
    return np.concatenate([np.tile(sounds[letter], (100, 1)) for letter in letters])[:n_frames]


def kin(model, phrases):
    """How alike each two phrases are danced, [P, P]: the model's own measure."""
    codes = bank_tables(model.bank).directions
    rows = np.stack([codes[p.entry : p.entry + 24].mean(axis=0) for p in phrases])
    return rows @ rows.T


def test_phrases_of_the_music_that_sound_alike_are_danced_more_alike_than_others(model):
    letters = "ABABAB"
    beats = np.arange(0.0, 600.0, 20.0)
    same = np.array(list(letters))[:, np.newaxis] == np.array(list(letters))
    off = ~np.eye(6, dtype=bool)

    def more_alike(rows):
        found = [kin(model, plan(model, request(beats=beats, seed=s, heard=rows, style={}))) for s in range(4)]
        return np.mean([kinship[same & off].mean() - kinship[~same].mean() for kinship in found])

    assert more_alike(heard(letters)) > more_alike(None) + 0.05


def test_a_movement_is_seldom_danced_three_times_in_a_row(model, monkeypatch):
    letters = "AAAAAAAAAABBBBBBBBBB"
    beats, style = np.arange(0.0, 2000.0, 20.0), style_vector({}, model.styles, model.bank.clip_style.tolist())

    def three_times():
        n = 0
        for seed in range(4):
            asked = request(2000, beats, heard=heard(letters, 2000), novelty=0.0, style={}, seed=seed)
            planner = Planner(Costs(model.bank, style, asked, np.zeros((2000, 6))), seed, 0.0)
            phrases = planner.run(None, None, lambda _: None)
            same = [planner._is_one_movement(one, other) for one, other in pairwise(phrases)]
            n += sum(one and other for one, other in pairwise(same))
        return n

    n_minded = three_times()
    monkeypatch.setattr(Planner, "_without_a_third_time", lambda *_: None)
    assert 3 * n_minded < three_times()


def test_the_dance_stays_on_the_stage(model):
    for seed in range(3):
        place = np.zeros(3)
        for p in plan(model, request(3000, seed=seed)):
            last = min(p.entry + round((p.end_frame - p.start_frame) * p.rate / 4), model.bank.n_entries - 1)
            place = plan_module._moved(place, model.bank.travel[p.entry], model.bank.travel[last])
            assert np.hypot(place[0], place[1]) < 4.0


def test_the_state_before_and_after_draws_the_choice(model):
    # Between two moments of one clip, the way between them fits best.
    entry, n = int(model.bank.clip_start[0]) + 20, 60
    state, end_state = model.bank.state[entry], model.bank.state[entry + n // ENTRY_STRIDE]
    asked = request(n, beats=[], novelty=0.0)

    (phrase,) = plan(model, asked, state, end_state)

    def fit(p):
        last = p.entry + round(n * p.rate / ENTRY_STRIDE)
        return np.mean((model.bank.state[p.entry] - state) ** 2) + np.mean((model.bank.state[last] - end_state) ** 2)

    others = [Phrase(0, n, int(e), 1.0) for e in range(0, model.bank.n_entries - 40, 11)]
    assert fit(phrase) < np.quantile([fit(o) for o in others], 0.25)


def test_a_phrase_longer_than_every_clip_is_danced_from_the_longest(model):
    (phrase,) = plan(model, request(150, beats=[]))
    short = replace(model, bank=replace(model.bank, usable=np.arange(model.bank.n_entries) > model.bank.n_entries - 9))

    (held,) = plan(short, request(150, beats=[], style={}))

    assert phrase.end_frame == held.end_frame == 150
    assert short.bank.usable[held.entry]


def test_planning_can_be_cancelled(model):
    def cancel(fraction):
        if fraction > 0.4:
            raise Cancelled

    with pytest.raises(Cancelled):
        plan(model, request(2000), progress=cancel)


# --- codes of a plan -----------------------------------------------------------------------------


@settings(max_examples=30)
@given(st.integers(1, 40), st.integers(-48, 0), st.integers(0, 2**32 - 1))
def test_codes_of_a_plan_are_mixtures_of_learned_codes(model, cells, first_frame, seed):
    n = max(1, CODE_STRIDE * cells + first_frame)
    phrases = plan(model, request(n, seed=seed))

    codes, effort = planned_codes(model.bank, phrases, cells, first_frame)

    assert codes.shape == (cells, model.bank.codes.shape[1])
    assert (codes <= model.bank.codes.max(axis=0) + 1e-6).all()
    assert (codes >= model.bank.codes.min(axis=0) - 1e-6).all()
    assert (effort <= model.bank.effort.max(axis=0) + 1e-6).all()


def test_codes_within_a_phrase_are_those_of_its_clip(model):
    entry = int(model.bank.clip_start[2])
    phrase = Phrase(0, 160, entry, 1.0)

    codes, effort = planned_codes(model.bank, [phrase], 10)

    centres = entry + (CODE_STRIDE * np.arange(10) + CODE_STRIDE // 2) // ENTRY_STRIDE
    np.testing.assert_allclose(codes, model.bank.codes[centres], atol=1e-6)
    np.testing.assert_allclose(effort, model.bank.effort[centres], atol=1e-6)


def test_phrases_are_mixed_for_longer_where_the_body_has_far_to_go(model):
    one, other = (Phrase(at, at + 128, int(model.bank.clip_start[k]), 1.0) for at, k in ((0, 1), (128, 2)))
    frames = 4 * np.arange(64) + CODE_STRIDE // 2

    def mixed_frames(distance):
        state = np.array(model.bank.state)
        state[other.entry] = state[last_entry(model.bank, one)] + distance
        bank = replace(model.bank, state=state)
        codes, alone = (planned_codes(bank, some, 64, 0, 4)[0] for some in ([one, other], [other]))
        return 4 * int((np.abs(codes - alone) > 1e-9).any(axis=1)[frames >= 128].sum())

    assert [mixed_frames(distance) for distance in (0.2, 0.8, 5.0)] == [8, 16, 20]


def test_dense_codes_of_a_plan_hold_those_of_its_cells(model):
    phrases = plan(model, request(320, seed=3))

    cells, effort = planned_codes(model.bank, phrases, 20)
    dense, dense_effort = planned_codes(model.bank, phrases, n_dense(320), -DENSE_LEAD, ENTRY_STRIDE)

    np.testing.assert_array_equal(dense[ON_GRID], cells)
    np.testing.assert_array_equal(dense_effort[ON_GRID], effort)


def test_the_places_of_a_plan_are_those_to_which_its_phrases_lead(model):
    phrases = plan(model, request(900, seed=1))

    places = planned_places(model.bank, phrases, 900)

    assert places.shape == (900, 3)
    np.testing.assert_array_equal(places[0], 0.0)
    step = np.linalg.norm(np.diff(places[:, :2], axis=0), axis=-1)
    assert step.max() < 0.15  # no jump where one phrase follows another
    first = phrases[0]
    at = np.arange(first.end_frame) * first.rate / ENTRY_STRIDE + first.entry
    heading = np.interp(at, np.arange(model.bank.n_entries), model.bank.travel[:, 2])
    np.testing.assert_allclose(places[: first.end_frame, 2], heading - heading[0], atol=1e-6)


def test_travel_and_features_agree_on_where_a_phrase_leads(model, clips):
    # The planner's bookkeeping of place against the motion itself.
    start, last = 40, 100
    walked = from_features(clips[0].features[start : last + 1], np.array([1.0, 0.0, -1.0]), 0.7)
    travel = model.bank.travel
    x, z, heading = plan_module._moved(np.array([1.0, -1.0, 0.7]), travel[start // 4], travel[last // 4])

    np.testing.assert_allclose(walked.root_positions_m[-1, [0, 2]], [x, z], atol=1e-3)
    assert float(yaw_rad(walked.local_rotations[-1, 0])) == pytest.approx(heading, abs=1e-3)
