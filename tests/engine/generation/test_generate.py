import copy
import warnings
from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.resources import resource_path
from engine.errors import Cancelled, RequestRefused
from engine.generation.checkpoint import load_model
from engine.generation.conditioning import EFFORTS, effort_curves
from engine.generation.features import from_features
from engine.generation.generate import Preparation, generate, style_vector, usual_styles, wanted_effort
from engine.generation.request import LOUDNESS, GenerationRequest, SectionSpan, locked_closure
from engine.generation.sampler import decode_all
from engine.motion.blend import moved
from engine.motion.house import BODY_PARTS, CONTACT_JOINTS, CONTACT_REST_HEIGHTS_M, HOUSE
from engine.motion.motion import concatenate
from engine.motion.resample import resampled
from tests.dances import improvised, shifted, walk
from tests.tiny import dancing


def request(n_frames=120, beats=None, **changes):
    beats = np.arange(3.0, n_frames, 15.0) if beats is None else np.asarray(beats, dtype=float)
    values = {"loudness": np.full(n_frames, 0.5), "music_emotion": np.zeros(n_frames)}
    return GenerationRequest(n_frames, beats, np.ones(len(beats)), **(values | changes))


def same_bits(a, b):
    return (
        a.root_positions_m.tobytes() == b.root_positions_m.tobytes()
        and a.local_rotations.tobytes() == b.local_rotations.tobytes()
    )


def is_sound(motion):
    """Numbers all, unit rotations, near the floor."""
    return (
        np.isfinite(motion.root_positions_m).all()
        and np.allclose(np.linalg.norm(motion.local_rotations, axis=-1), 1.0, atol=1e-9)
        and (np.abs(motion.root_positions_m[:, 1]) < 2.0).all()
    )


# --- length, and what decides it -----------------------------------------------------------------


@pytest.mark.parametrize("n_frames", [1, 2, 15, 16, 17, 255, 256, 257, 1000])
def test_the_dance_is_as_long_as_asked(model, n_frames):
    motion = generate(request(n_frames), model)

    assert motion.n_frames == n_frames
    assert motion.frame_rate_hz == 30.0
    assert motion.skeleton is HOUSE
    assert is_sound(motion)


@settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.integers(1, 300),
    st.integers(0, 60),
    st.integers(0, 60),
    st.lists(st.floats(-200.0, 500.0), max_size=12).map(sorted),
    st.booleans(),
)
def test_any_segment_between_any_contexts_is_filled(model, n_frames, n_before, n_after, beats, drawn):
    motion = dancing(360, seed=11)
    made = generate(
        request(
            n_frames, beats,
            before=motion.slice(0, n_before) if n_before else None,
            after=motion.slice(300, 300 + n_after) if n_after else None,
            path_m=np.zeros((n_frames, 2)) if drawn else None,
        ),
        model,
    )  # fmt: skip

    assert made.n_frames == n_frames
    assert is_sound(made)


def test_the_same_request_gives_the_same_bits(model):
    assert same_bits(generate(request(seed=3), model), generate(request(seed=3), model))


def test_another_seed_gives_another_dance(model):
    one, other = generate(request(seed=1), model), generate(request(seed=2), model)

    assert np.abs(one.positions_m() - other.positions_m()).max() > 0.02


def test_what_is_asked_for_is_not_changed(model):
    motion = dancing(200, seed=12)
    before = concatenate([motion.slice(0, 60)])
    held = before.root_positions_m.copy(), before.local_rotations.copy()
    asked = request(60, before=before, current=motion.slice(60, 120), locked=frozenset({"spine"}))
    digest = asked.digest()

    generate(asked, model)

    assert asked.digest() == digest
    np.testing.assert_array_equal(before.root_positions_m, held[0])
    np.testing.assert_array_equal(before.local_rotations, held[1])


# --- style and emotion ---------------------------------------------------------------------------


def test_an_unknown_style_is_refused_by_name(model):
    with pytest.raises(RequestRefused, match=r"tango.*ballet.*salsa"):
        generate(request(style={"tango": 1.0}), model)


def test_no_style_with_any_weight_is_refused(model):
    with pytest.raises(RequestRefused, match="weight"):
        generate(request(style={"ballet": 0.0}), model)


def test_a_style_without_any_dance_in_it_is_refused(model):
    with pytest.raises(RequestRefused, match="walk"):
        generate(request(style={"walk": 1.0}), model)


def test_style_weights_are_shares(model):
    bank_styles = model.bank.clip_style.tolist()

    np.testing.assert_allclose(style_vector({"ballet": 3.0, "salsa": 1.0}, model.styles, bank_styles), [0.75, 0.25, 0])
    np.testing.assert_allclose(style_vector({}, model.styles, bank_styles), [0.5, 0.5, 0])


def test_without_a_wish_the_claimed_styles_are_danced(model):
    claims = replace(model, card={"claimed_styles": ["salsa", "walk", "tango"]})

    assert usual_styles(claims) == {"salsa": 1.0}  # the only one of them with any dance
    assert same_bits(generate(request(), claims), generate(request(style={"salsa": 1.0}), model))
    assert usual_styles(model) == {}


def test_the_bank_is_asked_for_the_wanted_style_alone(model):
    # Another style leads to other codes; weights of the same proportion do not.
    ballet, salsa = (generate(request(style={name: 1.0}), model) for name in ("ballet", "salsa"))

    assert np.abs(ballet.positions_m() - salsa.positions_m()).max() > 0.02
    assert same_bits(ballet, generate(request(style={"ballet": 7.0}), model))


@pytest.fixture(scope="module")
def bundled():
    return load_model(resource_path("models/kinetograph"))


def test_joy_is_livelier_than_sorrow(bundled):
    joy, sorrow = (
        np.mean([effort_curves(generate(request(240, seed=s, emotion={e: 1.0}), bundled)).mean(0) for s in range(3)], 0)
        for e in ("joy", "sorrow")
    )
    named = dict(zip(EFFORTS, (joy - sorrow) / bundled.effort_std, strict=True))

    assert named["energy"] > 0.5
    assert named["height"] > 0.0
    assert named["expansion"] > 0.0


def test_louder_music_than_the_song_usually_has_asks_for_energy_and_softer_for_calm():
    rows = np.zeros((300, 4))
    rows[:, LOUDNESS] = np.repeat([-1.5, 0.0, 1.5], 100)

    energy = wanted_effort(request(300, heard=rows))[:, 0]

    assert energy[20] < energy[150] - 0.3
    assert energy[280] > energy[150] + 0.3
    assert not wanted_effort(request(300, heard=rows, follow_music=0.0)).any()


def test_without_the_rules_of_integrity_nobody_hears_what_comes_back(model):
    rows = np.random.default_rng(1).normal(size=(400, 4))
    beside = frozenset({"movement", "coherence"})

    deaf, hears = (generate(request(400, mind_rules=beside, heard=h), model) for h in (None, rows))

    assert same_bits(deaf, hears)


def test_a_long_dance_ends_where_its_plan_stands(model):
    asked = request(900, heard=np.zeros((900, 4)))
    preparation = Preparation(asked, model)
    job = preparation.planned(0, model, lambda _: None)
    (rows,) = decode_all(model, [job], [0], lambda _: None)

    def away_m(rows):
        end = from_features(rows[:900]).root_positions_m[-1, [0, 2]]
        return float(np.linalg.norm(end - job.places[-1, :2]))

    before = away_m(rows)
    preparation.keep_to_plan(job, rows)

    assert away_m(rows) < min(0.5 * before, 0.5)


def test_wanted_effort_follows_the_music_only_as_far_as_asked():
    loud = request(90, music_emotion=np.ones(90))

    assert (wanted_effort(loud) > 0.0).all()
    assert not wanted_effort(replace(loud, follow_music=0.0)).any()
    assert not wanted_effort(request(90)).any()


def test_the_introduction_is_calmer_than_the_development():
    parts = (SectionSpan(-30, 45, "A", "introduction"), SectionSpan(45, 200, "B", "development"))

    energy = wanted_effort(request(90, sections=parts))[:, 0]

    assert energy[:45].max() < 0.0 < energy[45:].min()


# --- beats ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("beats", [[], [5.0], [-300.0, -10.0], [500.0, 515.0], [60.0, 60.0, 60.0]])
def test_music_without_beats_where_the_segment_is_gives_a_dance(model, beats):
    assert is_sound(generate(request(200, beats), model))


def test_beats_without_strength_give_a_dance(model):
    beats = np.arange(3.0, 200.0, 15.0)
    weak = GenerationRequest(200, beats, np.zeros(len(beats)), np.zeros(200), np.zeros(200))

    assert is_sound(generate(weak, model))


def test_a_dancer_does_not_stand_still_where_a_long_song_has_no_beats(model):
    motion = generate(request(1500, np.arange(3.0, 100.0, 15.0)), model)

    moving = np.linalg.norm(np.diff(motion.positions_m(), axis=0), axis=-1).mean(axis=-1)
    assert moving.reshape(-1, 1499)[0, 300:].reshape(-1, 109).mean(axis=1).min() > 0.2 * moving[:300].mean()


# --- what is kept --------------------------------------------------------------------------------


@pytest.mark.parametrize("locked", [{"left_arm"}, {"right_leg"}, {"spine"}, {"hips"}, set(BODY_PARTS)])
def test_locked_joints_stay_within_a_tenth_of_a_millimetre(model, locked):
    motion = dancing(220, seed=13)
    current = motion.slice(60, 160)
    made = generate(
        request(
            100, locked=frozenset(locked), current=current, before=motion.slice(0, 60), after=motion.slice(160, 220),
            seed=4,
        ),
        model,
    )  # fmt: skip

    joints = [j for part in locked_closure(frozenset(locked)) for j in BODY_PARTS[part]]
    np.testing.assert_allclose(made.positions_m()[:, joints], current.positions_m()[:, joints], atol=1e-4)
    if len(locked) == 1:
        assert np.abs(made.positions_m() - current.positions_m()).max() > 0.02


@pytest.mark.parametrize("kept", [{"locked": frozenset({"left_arm"})}, {"keep_path": True}])
def test_free_feet_under_a_kept_body_stay_on_the_floor(model, kept):
    current = walk(4.0)[0]
    for seed in range(3):
        made = generate(request(current.n_frames, current=current, seed=seed, **kept), model)

        feet = made.positions_m()[:, CONTACT_JOINTS][..., 1] - CONTACT_REST_HEIGHTS_M
        assert feet.min() > -0.015


def test_a_kept_path_is_the_path_that_was(model):
    current = dancing(100, seed=14)

    made = generate(request(100, current=current, keep_path=True, seed=5), model)

    np.testing.assert_allclose(made.root_positions_m, current.root_positions_m, atol=1e-4)


def test_a_drawn_path_is_followed_within_some_centimetres(model):
    t = np.arange(240) / 240
    circle = 1.2 * np.column_stack([np.cos(2 * np.pi * t), np.sin(2 * np.pi * t)])

    for seed in range(3):
        made = generate(request(240, path_m=circle, seed=seed), model)
        off = np.linalg.norm(made.root_positions_m[:, [0, 2]] - circle, axis=-1)
        assert np.median(off) < 0.05
        assert off.max() < 0.20


# --- seams ---------------------------------------------------------------------------------------


def seam_steps(whole, seam):
    """How far joints go from the frame before a seam to the one after it, and how much that changes, m."""
    p = whole.positions_m()
    steps = np.linalg.norm(np.diff(p[seam - 2 : seam + 2], axis=0), axis=-1)
    changes = np.linalg.norm(np.diff(p[seam - 2 : seam + 2], n=2, axis=0), axis=-1)
    return steps.max(), changes.max()


def seam_bounds(motion):
    """What the dance itself shows at its wildest."""
    p = motion.positions_m()
    return (
        np.linalg.norm(np.diff(p, axis=0), axis=-1).max(),
        np.linalg.norm(np.diff(p, n=2, axis=0), axis=-1).max(),
    )


@pytest.mark.parametrize("n_frames", [1, 4, 20, 90, 300])
def test_seams_between_fixed_motion_do_not_jump(model, n_frames):
    motion = dancing(700, seed=15)
    start, end = 100, 100 + n_frames
    before, after = motion.slice(0, start), motion.slice(end, 700)
    made = generate(request(n_frames, before=before, after=after, seed=6), model)
    whole = concatenate([before, made, after])

    step, change = seam_bounds(motion)
    for seam in (start, end):
        found_step, found_change = seam_steps(whole, seam)
        assert found_step < step + 0.05
        assert found_change < change + 0.03


def test_a_segment_goes_on_from_where_the_dancer_stands_and_faces(model):
    before = moved(walk(3.0)[0], 0, np.array([5.0, 0.0, -3.0]), 2.0)

    made = generate(request(90, before=before, seed=7), model)

    whole = concatenate([before, made])
    assert seam_steps(whole, before.n_frames)[0] < 0.15
    assert np.linalg.norm(made.root_positions_m[0] - before.root_positions_m[-1]) < 0.1


def test_a_segment_before_fixed_motion_arrives_there(model):
    after = moved(dancing(120, seed=16), 0, np.array([4.0, 0.0, 2.0]), 2.5)

    made = generate(request(120, after=after, seed=8), model)
    whole = concatenate([made, after])

    step, change = seam_bounds(after)
    found_step, found_change = seam_steps(whole, 120)
    assert found_step < step + 0.05
    assert found_change < change + 0.03
    # The dance does not fly there within the seam either.
    assert np.linalg.norm(np.diff(whole.root_positions_m[60:125], axis=0), axis=-1).max() < 0.12


@pytest.mark.parametrize("where", ["before", "after", "current"])
def test_motion_on_another_skeleton_or_at_another_rate_is_refused(model, where):
    asked = {where: resampled(improvised(50), 60.0).slice(0, 50), "locked": frozenset({"spine"})}
    asked.setdefault("current", improvised(50))

    with pytest.raises(RequestRefused, match="house skeleton"):
        generate(request(50, **asked), model)


def test_a_context_of_one_frame_is_joined_on_to(model):
    pose = shifted(improvised(1), np.array([3.0, 0.0, 1.0]))

    made = generate(request(60, before=pose), model)

    assert np.linalg.norm(made.root_positions_m[0] - pose.root_positions_m[0]) < 0.1


# --- progress, cancelling, memory ----------------------------------------------------------------


def test_progress_rises_from_nothing_to_all(model):
    seen = []

    generate(request(600, path_m=np.zeros((600, 2))), model, seen.append)

    assert seen == sorted(seen)
    assert 0.0 <= seen[0] < 0.1
    assert seen[-1] == 1.0
    assert len(seen) > 8


@settings(max_examples=15)
@given(st.integers(0, 12))
def test_a_dance_can_be_cancelled_at_any_call(model, call):
    calls = []

    def cancel(fraction):
        calls.append(fraction)
        if len(calls) > call:
            raise Cancelled

    asked = request(300, before=dancing(60, seed=1), seed=9)
    if call < progress_calls(model, asked):
        with pytest.raises(Cancelled):
            generate(asked, model, cancel)
    assert same_bits(generate(asked, model), reference(model, asked))


_kept = {}


def progress_calls(model, asked):
    if "calls" not in _kept:
        seen = []
        generate(asked, model, seen.append)
        _kept["calls"] = len(seen)
    return _kept["calls"]


def reference(model, asked):
    if "motion" not in _kept:
        _kept["motion"] = generate(asked, copy.deepcopy(model))
    return _kept["motion"]


def test_a_graphics_card_without_memory_hands_over_to_the_processor(model):
    failures = [torch.cuda.OutOfMemoryError("CUDA out of memory")]

    def fails_once(module, args):
        if failures:
            raise failures.pop()

    hook = model.generator.register_forward_pre_hook(fails_once)
    try:
        with pytest.warns(UserWarning, match="made on the processor"):
            made = generate(request(seed=2), model)
    finally:
        hook.remove()

    assert same_bits(made, generate(request(seed=2), model))
    assert model.device == torch.device("cpu")


def test_generation_leaves_the_random_numbers_of_others_alone(model):
    torch.manual_seed(1)
    np.random.seed(1)  # noqa: NPY002 - the global generator is what must not be touched
    expected = torch.rand(1), np.random.rand()  # noqa: NPY002
    torch.manual_seed(1)
    np.random.seed(1)  # noqa: NPY002

    generate(request(), model)

    assert torch.rand(1) == expected[0]
    assert np.random.rand() == expected[1]  # noqa: NPY002


def test_generation_warns_of_nothing(model):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        generate(request(40, emotion={"joy": 1.0, "sorrow": 1.0}, intensity=3.0), model)
        generate(request(40, intensity=0.0), model)
