"""What compares dances, on motions and numbers whose truth is known."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.evaluation.clicks import click_song, click_times_s
from engine.evaluation.dancer import Song
from engine.evaluation.emotions import emotion_figures, measured
from engine.evaluation.intervals import estimate, resampled_estimate
from engine.evaluation.novelty import Library, movement_vectors
from engine.evaluation.pictures import psnr_db, ssim
from engine.evaluation.styles import accuracies, mix_figures, mix_smoothness, named_right
from engine.evaluation.sync import INTENSE, MELANCHOLIC, SERENE, by_emotion_class, cross_correlation, emotion_class
from engine.motion import quaternion
from engine.motion.blend import moved
from engine.motion.collision import penetration_depths_m, segment_distance_m, self_collision
from engine.motion.house import JOINT
from engine.motion.mirror import mirrored
from engine.motion.resample import time_warped
from engine.music import analyse
from tests.dances import bobbing, improvised, standing
from tests.tiny import dancing


@pytest.fixture(scope="module")
def clicks():
    return Song("clicks", "click", analyse(click_song(120.0, 12.0)), click_times_s(120.0, 12.0))


# --- bodies that go through themselves ---


def with_arms(motion, degrees):
    """Both upper arms swung forwards about y: at 0 a T-pose, at 90 the hands meet in front of the chest."""
    local = np.array(motion.local_rotations)
    for side, sign in (("Left", -1.0), ("Right", 1.0)):
        turn = quaternion.from_axis_angle(np.array([0.0, 1.0, 0.0]), sign * np.radians(degrees))
        local[:, JOINT[side + "Arm"]] = turn
    return replace(motion, local_rotations=local)


def test_a_standing_dancer_does_not_go_through_itself():
    assert self_collision(standing()) == 0.0


def test_arms_swung_through_the_chest_are_found_in_every_frame():
    hidden = with_arms(standing(40), 178)

    assert self_collision(hidden) == 1.0
    assert self_collision(with_arms(standing(40), 60)) == 0.0


def test_half_the_frames_are_half():
    still, through = standing(40), with_arms(standing(40), 178)
    local = np.where(np.arange(40)[:, None, None] < 20, still.local_rotations, through.local_rotations)

    assert self_collision(replace(still, local_rotations=local)) == pytest.approx(0.5)


def test_a_mirror_image_collides_as_much():
    motion = improvised(60, seed=4, size=1.2)

    np.testing.assert_allclose(
        np.sort(penetration_depths_m(motion).max(axis=1)), np.sort(penetration_depths_m(mirrored(motion)).max(axis=1)),
        atol=0.03,
    )  # fmt: skip


@given(st.lists(st.floats(-2, 2), min_size=12, max_size=12))
def test_the_distance_of_segments_is_that_of_their_nearest_points(numbers):
    a, b, c, d = np.array(numbers).reshape(4, 3)
    s, t = np.meshgrid(np.linspace(0, 1, 60), np.linspace(0, 1, 60))
    first, second = a + s[..., None] * (b - a), c + t[..., None] * (d - c)
    sampled = np.linalg.norm(first - second, axis=-1).min()

    found = float(segment_distance_m(a, b, c, d))

    assert found <= sampled + 1e-9
    assert found >= sampled - 0.1


def test_crossed_and_parallel_segments():
    x = np.array([1.0, 0.0, 0.0])
    up, z = np.array([0.0, 1.0, 0.0]), np.array([0.0, 0.0, 1.0])

    assert segment_distance_m(-x, x, -up + 0.3 * z, up + 0.3 * z) == pytest.approx(0.3)
    assert segment_distance_m(0 * x, x, 0.5 * x + 0.2 * up, 3 * x + 0.2 * up) == pytest.approx(0.2)
    assert segment_distance_m(x, x, -x, -x) == pytest.approx(2.0)


# --- sync ---


def test_a_dance_on_the_beat_correlates_with_it_and_says_how_late_it_is(clicks):
    on_time = cross_correlation(bobbing(clicks.beats_s, 12.0), clicks)
    late = cross_correlation(bobbing(clicks.beats_s + 0.067, 12.0), clicks)

    assert on_time.peak > 0.5
    assert on_time.lift > 0.1
    assert abs(on_time.lag_s) < 0.03
    assert late.lag_s - on_time.lag_s == pytest.approx(0.067, abs=0.035)


def test_who_stands_still_correlates_with_nothing(clicks):
    assert cross_correlation(standing(200), clicks).peak == 0.0


def _with_emotion(clicks, **shares):
    n = len(clicks.analysis.joy)
    curves = {name: np.full(n, shares.get(name, 0.0)) for name in ("joy", "sorrow", "tension", "serenity")}
    return Song("song", "track", replace(clicks.analysis, **curves), clicks.true_beats_s)


def test_songs_are_intense_melancholic_or_serene(clicks):
    assert emotion_class(_with_emotion(clicks, joy=0.3, tension=0.3, sorrow=0.4)) == INTENSE
    assert emotion_class(_with_emotion(clicks, joy=0.2, sorrow=0.5, serenity=0.3)) == MELANCHOLIC
    assert emotion_class(_with_emotion(clicks, joy=0.2, sorrow=0.3, serenity=0.5)) == SERENE


def test_click_songs_have_no_emotion(clicks):
    from engine.evaluation.beats import alignment

    aligned = alignment(bobbing(clicks.beats_s, 12.0), clicks)

    assert by_emotion_class([(clicks, 12.0, aligned)]) == []
    rows = by_emotion_class([(_with_emotion(clicks, sorrow=1.0), 12.0, aligned)])
    assert [row.name for row in rows] == [MELANCHOLIC]


# --- pictures ---


def test_psnr_of_a_known_error():
    black = np.zeros((2, 16, 16, 3), dtype=np.uint8)

    assert psnr_db(black + 16, black) == pytest.approx(10 * np.log10(255**2 / 256))
    assert psnr_db(black, black) == 100.0


def test_ssim_is_one_for_the_same_and_as_published_for_a_shift_of_brightness():
    flat = np.full((1, 32, 32), 100, dtype=np.uint8)
    c1 = (0.01 * 255) ** 2

    assert ssim(flat, flat) == pytest.approx(1.0)
    assert ssim(flat + 50, flat) == pytest.approx((2 * 100 * 150 + c1) / (100**2 + 150**2 + c1))


def test_noise_lowers_ssim():
    rng = np.random.default_rng(1)
    picture = rng.integers(0, 255, (1, 40, 40), dtype=np.uint8)

    assert ssim(rng.integers(0, 255, (1, 40, 40), dtype=np.uint8), picture) < 0.1


# --- novelty ---


def test_training_movement_is_not_new_wherever_it_is_danced_or_mirrored():
    motion = dancing(120, 1)
    library = Library([motion])

    elsewhere = moved(motion, 0, np.array([3.0, 0.0, -2.0]), 1.3)

    assert library.distances_m(movement_vectors(motion)).max() < 1e-3
    assert library.distances_m(movement_vectors(elsewhere)).max() < 1e-3
    assert library.distances_m(movement_vectors(mirrored(motion))).max() < 1e-3


def test_other_movement_is_newer_the_more_it_differs():
    motion = dancing(120, 1)
    library = Library([motion])
    slower = time_warped(motion, np.arange(120) / 30.0 * 0.8, 30.0)

    near = library.distances_m(movement_vectors(slower)).mean()
    far = library.distances_m(movement_vectors(dancing(120, 5, size=0.4))).mean()

    assert 1e-3 < near < far


def test_a_raised_hand_of_ten_centimetres_is_ten_centimetres_in_one_of_nine_joints():
    still = standing(32, 30.0)
    vectors = movement_vectors(still).reshape(8, 9, 3)
    lifted = vectors.copy()
    lifted[:, 2, 1] += 0.1

    distance = Library([still]).distances_m(lifted.reshape(1, -1))

    assert distance[0] == pytest.approx(0.1 / 3.0, abs=2e-4)


# --- styles ---


class Judge:
    styles = ("ballet", "salsa")


def test_style_accuracy_is_the_share_of_windows_named_right_beside_the_real_takes():
    shares = np.array([[0.9, 0.1], [0.6, 0.4], [0.2, 0.8], [0.9, 0.1]])

    rows = accuracies(Judge(), [("ballet", shares), ("jazz", shares)], [("ballet", shares[:3])])

    ballet, jazz = rows
    assert (ballet.n_windows, ballet.accuracy, ballet.real) == (4, 0.75, pytest.approx(2 / 3))
    assert ballet.relative == pytest.approx(1.125)
    assert jazz.accuracy == 0.0
    assert np.isnan(jazz.real)


def test_nothing_is_named_by_a_style_that_the_judge_does_not_know():
    assert not named_right(Judge(), np.eye(2), "jazz").any()


def test_a_mix_that_switches_has_its_whole_way_in_one_step():
    switch, slope = mix_figures("a", "b", [0.0, 0.0, 1.0, 1.0]), mix_figures("a", "b", [0.0, 0.3, 0.6, 0.9])

    assert switch.largest_step == 1.0
    assert slope.largest_step == pytest.approx(0.3)
    assert slope.spearman == 1.0


def test_a_mix_that_moves_step_by_step_is_smooth():
    assert mix_smoothness([0.0, 0.1, 0.3, 0.9, 1.0]) == pytest.approx(1.0)
    assert mix_smoothness([1.0, 0.5, 0.0]) == pytest.approx(-1.0)


# --- emotion sliders ---


class Obedient:
    """Bobs deeper with joy and tension, and shallower with sorrow and serenity."""

    def dance(self, music, seed, emotion):
        (name, level), *_ = emotion.items()
        way = {"joy": 1.0, "sorrow": -1.0, "tension": 1.0, "serenity": -1.0}[name]
        depth = 0.10 + 0.05 * way * level
        rate = {"tension": 0.5 - 0.2 * level, "serenity": 0.5 + 0.2 * level}.get(name, 0.5)
        return bobbing(np.arange(0.2, 8.0, rate), 6.0, rate_hz=30.0, drop_m=depth + 0.001 * seed)


def test_obedient_sliders_are_monotone(clicks):
    rows = emotion_figures(Obedient(), clicks, range(2), n_settings=4)

    assert [row.name for row in rows] == ["joy", "sorrow", "tension", "serenity"]
    assert all(row.spearman == pytest.approx(1.0) for row in rows)
    assert all(row.worst == pytest.approx(1.0) for row in rows)


def test_faster_bobbing_is_more_sudden_and_deeper_bobbing_has_more_energy():
    slow, fast, deep = (
        measured(bobbing(np.arange(0.2, 8.0, every), 6.0, rate_hz=30.0, drop_m=drop))
        for every, drop in ((0.8, 0.1), (0.4, 0.1), (0.8, 0.2))
    )

    assert fast["suddenness"] > 1.2 * slow["suddenness"]
    assert deep["energy"] > 1.6 * slow["energy"]


# --- intervals ---


def test_the_interval_of_a_mean_is_near_the_normal_one():
    values = np.random.default_rng(3).normal(5.0, 2.0, 400)

    found = estimate(values)

    assert found.value == pytest.approx(values.mean())
    assert found.high - found.low == pytest.approx(2 * 1.96 * values.std() / 20.0, rel=0.12)
    assert found == estimate(values)


def test_weights_count_and_few_values_have_no_interval():
    assert estimate([1.0, 3.0], [3.0, 1.0]).value == pytest.approx(1.5)
    assert estimate([2.0]).low == estimate([2.0]).high == 2.0
    assert np.isnan(estimate([]).value)


def test_a_distance_that_grows_with_repeats_lies_within_its_interval():
    x = np.random.default_rng(0).normal(size=(40, 5))

    found = resampled_estimate(40, lambda i: float(np.linalg.cond(np.cov(x[i].T))), 200)

    assert found.low <= found.value <= found.high
