import tracemalloc
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.generation.conditioning import (
    EFFORTS,
    EMOTION_EFFORTS,
    MUSIC_CHANNELS,
    effort_curves,
    emotion_effort,
    joint_speed_m_s,
    music_channels,
)
from engine.motion import quaternion
from engine.motion.house import HOUSE, JOINT
from engine.motion.resample import time_warped
from engine.music.analysis import EMOTIONS
from tests.dances import bobbing, improvised, shifted, standing

CHANNEL = {name: i for i, name in enumerate(MUSIC_CHANNELS)}
EFFORT = {name: i for i, name in enumerate(EFFORTS)}


def channels(n_frames, beats, strengths=None):
    beats = np.asarray(beats, dtype=float)
    strengths = np.ones(len(beats)) if strengths is None else np.asarray(strengths)
    return music_channels(n_frames, beats, strengths, np.full(n_frames, 0.25))


def mean_effort(motion):
    return effort_curves(motion, smooth=False).mean(axis=0)


# --- music -------------------------------------------------------------------------------------


def test_accents_peak_at_beats_with_their_strengths():
    accent = channels(60, [10.0, 25.0, 40.0], [1.0, 0.5, 0.75])[:, CHANNEL["accent"]]

    np.testing.assert_allclose(accent[[10, 25, 40]], [1.0, 0.5, 0.75], atol=1e-6)
    assert accent[[17, 32, 55]].max() < 0.01
    assert np.argmax(accent[15:33]) == 10


def test_a_beat_between_frames_lies_between_them():
    accent = channels(40, [19.5, 30.0])[:, CHANNEL["accent"]]

    assert accent[19] == pytest.approx(accent[20])
    assert accent[18] < accent[19]


def test_the_phase_turns_once_a_beat():
    rows = channels(60, [0.0, 20.0, 40.0])
    phase = np.arctan2(rows[:, CHANNEL["beat_sin"]], rows[:, CHANNEL["beat_cos"]]) % (2 * np.pi)

    np.testing.assert_allclose(phase[[0, 5, 10, 15, 25, 30]], np.pi * np.array([0, 0.5, 1, 1.5, 0.5, 1]), atol=1e-5)
    np.testing.assert_allclose(rows[:40, CHANNEL["beat_rate"]], 0.75)  # 1.5 beats a second, halved
    np.testing.assert_allclose(rows[:41, CHANNEL["has_beat"]], 1.0)


def test_outside_the_beats_the_phase_is_not_known():
    rows = channels(60, [20.0, 35.0])

    assert not rows[:20, 1:5].any()
    assert not rows[36:, 1:5].any()


def test_beats_more_than_two_seconds_apart_are_no_beat():
    rows = channels(200, [0.0, 60.0, 121.0, 181.0])

    np.testing.assert_array_equal(rows[:60, CHANNEL["has_beat"]], 1.0)
    np.testing.assert_array_equal(rows[61:121, CHANNEL["has_beat"]], 0.0)
    np.testing.assert_array_equal(rows[121:181, CHANNEL["has_beat"]], 1.0)


@pytest.mark.parametrize("beats", [[], [7.0]])
def test_without_two_beats_there_is_no_pulse(beats):
    rows = channels(20, beats)

    assert not rows[:, 1:5].any()
    np.testing.assert_array_equal(rows[:, CHANNEL["loudness"]], 0.25)


@given(
    st.lists(st.floats(-100.0, 400.0), max_size=20).map(sorted),
    st.integers(1, 300),
)
def test_any_beats_give_channels_within_bounds(beats, n_frames):
    rows = channels(n_frames, beats)

    assert rows.shape == (n_frames, 6)
    assert np.isfinite(rows).all()
    assert (np.abs(rows[:, :3]) <= 1.0 + 1e-6).all()


def test_a_song_of_twenty_minutes_takes_little_memory():
    beats = np.arange(0.0, 36000.0, 15.0)
    tracemalloc.start()
    channels(36000, beats)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert peak < 50e6


# --- effort ------------------------------------------------------------------------------------


def test_a_faster_dance_has_more_energy_in_proportion():
    slow = improvised(240, seed=3)
    fast = time_warped(slow, np.arange(120) / 30.0 * 2.0, 30.0)

    assert mean_effort(fast)[EFFORT["energy"]] == pytest.approx(2 * mean_effort(slow)[EFFORT["energy"]], rel=0.1)


def test_a_bigger_dance_has_more_energy():
    still = standing(120).root_positions_m
    small, big = (mean_effort(replace(improvised(120, size=s), root_positions_m=still.copy())) for s in (0.2, 0.4))

    assert big[EFFORT["energy"]] > 1.7 * small[EFFORT["energy"]]


def test_a_still_dancer_has_no_energy_suddenness_or_bounce():
    efforts = mean_effort(standing(60))

    np.testing.assert_allclose(efforts[[EFFORT[n] for n in ("energy", "suddenness", "bounce")]], 0.0, atol=1e-12)
    assert efforts[EFFORT["height"]] == pytest.approx(HOUSE.offsets_m[0, 1])
    assert efforts[EFFORT["uprightness"]] == pytest.approx(1.0)


def test_a_lowered_dancer_is_lower_by_as_much():
    lowered = mean_effort(shifted(standing(60), np.array([0.0, -0.2, 0.0])))

    assert lowered[EFFORT["height"]] == pytest.approx(HOUSE.offsets_m[0, 1] - 0.2)


def test_arms_let_down_expand_less_than_arms_held_out():
    local = np.array(standing(60).local_rotations)
    for name, turn in (("LeftArm", -1.4), ("RightArm", 1.4)):
        local[:, JOINT[name]] = quaternion.from_axis_angle(np.array([0.0, 0.0, 1.0]), np.array(turn))
    let_down = replace(standing(60), local_rotations=local)

    assert mean_effort(let_down)[EFFORT["expansion"]] < mean_effort(standing(60))[EFFORT["expansion"]] - 0.05


def test_a_bowed_trunk_is_upright_by_the_cosine_of_its_angle():
    local = np.array(standing(30).local_rotations)
    local[:, JOINT["Spine"]] = quaternion.from_axis_angle(np.array([1.0, 0.0, 0.0]), np.array(np.pi / 2))
    trunk = HOUSE.offsets_m[[JOINT[n] for n in ("Spine", "Spine1", "Spine2", "Neck")], 1]
    expected = trunk[0] / np.hypot(trunk[0], trunk[1:].sum())

    bowed = mean_effort(replace(standing(30), local_rotations=local))

    assert bowed[EFFORT["uprightness"]] == pytest.approx(expected)


def test_a_deeper_bob_bounces_more():
    beats = np.arange(0.0, 5.0, 0.5)
    low, high = (mean_effort(bobbing(beats, 4.0, 30.0, drop))[EFFORT["bounce"]] for drop in (0.05, 0.10))

    assert high == pytest.approx(2 * low, rel=0.05)


@pytest.mark.parametrize("n_frames", [1, 2, 3])
def test_even_a_few_frames_have_an_effort(n_frames):
    curves = effort_curves(improvised(3).slice(0, n_frames))

    assert curves.shape == (n_frames, 6)
    assert np.isfinite(curves).all()
    assert len(joint_speed_m_s(improvised(3).positions_m()[:n_frames])) == n_frames


# --- emotion -----------------------------------------------------------------------------------


@given(st.fixed_dictionaries({name: st.floats(0.0, 1.0) for name in EMOTIONS}))
def test_emotions_add_up(emotion):
    alone = sum(emotion_effort({name: level}, 3) for name, level in emotion.items())

    np.testing.assert_allclose(emotion_effort(emotion, 3), alone, atol=1e-12)


def test_an_emotion_may_change_over_time():
    rows = emotion_effort({"joy": np.array([0.0, 0.5, 1.0])}, 3)

    np.testing.assert_allclose(rows, np.outer([0.0, 0.5, 1.0], EMOTION_EFFORTS["joy"]))


def test_joy_is_larger_faster_and_higher_than_sorrow():
    joy, sorrow = emotion_effort({"joy": 1.0}, 1)[0], emotion_effort({"sorrow": 1.0}, 1)[0]

    assert (joy > 0).all()
    assert (sorrow < 0).all()


def test_every_emotion_of_the_music_is_known():
    assert set(EMOTION_EFFORTS) == set(EMOTIONS)
