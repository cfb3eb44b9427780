from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.evaluation import metrics
from engine.motion import house, quaternion
from engine.motion.foot_lock import lock_feet
from engine.motion.mirror import mirrored
from engine.motion.resample import resampled
from tests.dances import bobbing, improvised, shifted, skating, standing, walk


def gliding(speed_m_s, way=(1.0, 0.0, 0.0), rate_hz=30.0, n=60):
    return shifted(standing(n, rate_hz), np.arange(n)[:, np.newaxis] / rate_hz * speed_m_s * np.array(way))


# --- feet and floor ---


def test_a_foot_that_stands_does_not_skate():
    assert metrics.foot_skating(standing()) == 0.0
    assert metrics.slide_speed_m_s(standing()) == 0.0
    assert metrics.physical_foot_contact(standing()) == 0.0


@pytest.mark.parametrize("way", [(1, 0, 0), (0, 0, 1), (0.6, 0, 0.8), (0.7071, 0, -0.7071)])
@pytest.mark.parametrize("rate_hz", [30.0, 60.0, 120.0])
def test_feet_sliding_at_half_a_metre_a_second_skate_all_the_time_whichever_way(way, rate_hz):
    motion = gliding(0.5, way, rate_hz)

    assert metrics.foot_skating(motion) == pytest.approx(1.0)
    assert metrics.slide_speed_m_s(motion) == pytest.approx(0.5, rel=1e-3)


def test_sliding_slower_than_a_centimetre_a_frame_is_no_skating():
    assert metrics.foot_skating(gliding(0.28)) == 0.0
    assert metrics.foot_skating(gliding(0.32)) == 1.0


def test_feet_in_the_air_do_not_skate():
    lifted = standing(60).local_rotations.copy()
    for leg in house.LEGS:
        lifted[:, leg[0]] = quaternion.from_axis_angle(np.array([1.0, 0, 0]), -np.radians(60))
        lifted[:, leg[1]] = quaternion.from_axis_angle(np.array([1.0, 0, 0]), np.radians(60))
    lifted[:5] = standing(5).local_rotations
    hanging = replace(gliding(2.0), local_rotations=lifted)

    assert metrics.foot_skating(hanging) == pytest.approx(1.0)  # only the five frames on the floor count
    assert metrics.foot_skating(walk()[0]) < 0.15


def test_where_the_floor_lies_does_not_matter_to_skating():
    motion = skating(walk()[0], speed_m_s=0.4)

    assert metrics.foot_skating(motion) > 0.3
    assert metrics.foot_skating(shifted(motion, np.array([0, 0.7, 0]))) == pytest.approx(metrics.foot_skating(motion))


def test_the_foot_lock_takes_skating_away():
    motion = skating(walk()[0], speed_m_s=0.4)

    assert metrics.foot_skating(lock_feet(motion)) < 0.4 * metrics.foot_skating(motion)
    assert metrics.physical_foot_contact(lock_feet(motion)) < 0.2 * metrics.physical_foot_contact(motion)


def test_the_mirror_image_skates_as_much():
    motion = skating(walk()[0], speed_m_s=0.4)

    assert metrics.foot_skating(mirrored(motion)) == pytest.approx(metrics.foot_skating(motion))


@pytest.mark.parametrize("depth_m", [0.0, 0.02, 0.3])
def test_penetration_is_the_depth_of_the_soles(depth_m):
    sunk = shifted(standing(), np.array([0.0, -depth_m, 0.0]))

    assert metrics.penetration(sunk) == pytest.approx(depth_m, abs=1e-12)
    assert metrics.penetration(shifted(standing(), np.array([0.0, 0.5, 0.0]))) == 0.0


def test_physical_foot_contact_is_edges_formula():
    n, rate = 90, 30.0
    t = np.arange(n) / rate
    path = np.stack([0.3 * np.sin(3 * t), 0 * t, 0.2 * np.cos(2 * t)], -1)
    a = np.diff(path, n=2, axis=0) * rate**2
    size = np.linalg.norm(a, axis=-1)
    step = np.linalg.norm(np.diff(path, axis=0), axis=-1)[1:]

    pfc = metrics.physical_foot_contact(shifted(standing(n), path))

    assert pfc == pytest.approx(1e4 * np.mean(step * step * size) / size.max())


# --- how much it moves ---


@pytest.mark.parametrize("rate_hz", [30.0, 60.0, 24.0])
def test_the_magnitude_of_a_glide_is_its_speed(rate_hz):
    assert metrics.motion_magnitude(gliding(0.7, rate_hz=rate_hz)) == pytest.approx(0.7, rel=0.03)
    assert metrics.median_speed_m_s(gliding(0.7)) == pytest.approx(0.7)


def test_a_statue_is_frozen_and_a_glider_is_not():
    assert metrics.freezing(standing(), 0.4) == 1.0
    assert metrics.freezing(gliding(0.5), 0.4) == 0.0


def test_someone_who_stops_half_way_is_frozen_half_the_time():
    path = np.concatenate([np.linspace(0, 1, 61), np.ones(60)])

    assert metrics.freezing(shifted(standing(121), path[:, np.newaxis] * [1.0, 0, 0]), 0.5) == pytest.approx(0.5)


def test_a_glide_has_no_jitter_and_a_shake_has_what_it_shakes():
    shake = np.zeros((60, 3))
    shake[::2, 0] = 0.003

    assert metrics.jitter(gliding(1.0)) == pytest.approx(0.0, abs=1e-9)
    assert metrics.jitter(shifted(standing(60), shake)) == pytest.approx(6.0)
    assert metrics.mean_jerk_m_s3(gliding(1.0)) == pytest.approx(0.0, abs=1e-6)


def test_a_falling_body_has_the_jitter_of_gravity():
    t = np.arange(30) / 30.0
    fall = np.stack([0 * t, -0.5 * 9.81 * t**2, 0 * t], -1)

    assert metrics.jitter(shifted(standing(30), fall)) * 0.9 == pytest.approx(9.81)


@pytest.mark.parametrize("n_frames", [0, 1, 2, 3])
def test_the_shortest_motions_have_numbers_too(n_frames):
    motion = standing(n_frames)

    for metric in (metrics.foot_skating, metrics.slide_speed_m_s, metrics.penetration, metrics.physical_foot_contact,
                   metrics.motion_magnitude, metrics.jitter, metrics.mean_jerk_m_s3):  # fmt: skip
        assert metric(motion) == pytest.approx(0.0, abs=1e-12)


@given(st.integers(0, 20))
def test_the_rate_a_motion_is_stored_at_hardly_matters(seed):
    motion = improvised(40, seed)
    finer = resampled(motion, 120.0)

    assert metrics.foot_skating(finer) == pytest.approx(metrics.foot_skating(motion), abs=0.1)
    assert metrics.jitter(finer) == pytest.approx(metrics.jitter(motion), rel=0.05)
    assert metrics.motion_magnitude(finer) == pytest.approx(metrics.motion_magnitude(motion), rel=0.05)


# --- beats ---

GRID_S = np.arange(0.25, 30.0, 0.5)
beats = st.lists(st.floats(0.0, 29.9), min_size=1, max_size=40, unique=True).map(lambda x: np.sort(np.array(x)))


def test_a_click_perfect_dance_scores_full_and_lies_far_above_chance():
    motion = bobbing(np.arange(0.0, 20.01, 0.5), 20.0)
    clicks_s = np.arange(0.5, 19.9, 0.5)

    score = metrics.beat_alignment(metrics.kinematic_beat_times_s(motion), clicks_s, 20.0)

    assert score.dance_to_music > 0.95
    assert score.music_to_dance > 0.95
    assert (score.precision, score.recall, score.f1) == (1.0, 1.0, 1.0)
    assert score.dance_to_music_lift > 0.6
    assert score.precision_lift > 0.4
    assert score.n_kinematic_beats == score.n_music_beats == len(clicks_s)


def test_random_dances_have_no_lift_however_high_they_score():
    rng = np.random.default_rng(0)
    scores = [metrics.beat_alignment(np.sort(rng.uniform(0, 30, 60)), GRID_S, 30.0) for _ in range(40)]

    assert np.mean([s.music_to_dance for s in scores]) > 0.15
    for name in ("dance_to_music_lift", "music_to_dance_lift", "precision_lift"):
        assert abs(np.mean([getattr(s, name) for s in scores])) < 0.02


def test_a_dance_on_the_off_beat_lies_below_chance():
    score = metrics.beat_alignment(GRID_S + 0.25, GRID_S, 30.25)

    assert score.dance_to_music < 1e-4
    assert score.dance_to_music_lift < -0.1
    assert (score.precision, score.recall, score.f1) == (0.0, 0.0, 0.0)


def test_the_score_is_the_gaussian_of_the_distance_in_both_directions():
    score = metrics.beat_alignment(np.array([1.05]), np.array([1.0, 3.0]), 4.0)

    assert score.dance_to_music == pytest.approx(np.exp(-0.5))
    assert score.music_to_dance == pytest.approx(0.5 * np.exp(-0.5))
    assert score.precision == 1.0
    assert score.recall == 0.5
    assert score.f1 == pytest.approx(2 / 3)


@given(beats, beats)
def test_scores_and_shares_stay_within_their_bounds_and_repeat(dance, music):
    score = metrics.beat_alignment(dance, music, 30.0)

    for value in (score.dance_to_music, score.music_to_dance, score.precision, score.recall, score.f1):
        assert 0.0 <= value <= 1.0
    for value in (score.dance_to_music_lift, score.music_to_dance_lift, score.precision_lift):
        assert -1.0 <= value <= 1.0
    assert score == metrics.beat_alignment(dance, music, 30.0)


@given(beats, beats)
def test_swapping_dance_and_music_swaps_the_two_directions(dance, music):
    one, other = metrics.beat_alignment(dance, music, 30.0), metrics.beat_alignment(music, dance, 30.0)

    assert one.dance_to_music == pytest.approx(other.music_to_dance)
    assert one.precision == pytest.approx(other.recall)
    assert one.f1 == pytest.approx(other.f1)


@pytest.mark.parametrize(("dance", "music"), [([], [1.0]), ([1.0], []), ([], [])])
def test_without_beats_there_is_no_alignment(dance, music):
    score = metrics.beat_alignment(np.array(dance), np.array(music), 10.0)

    assert score.f1 == 0.0
    assert score.music_to_dance_lift == 0.0
    assert (score.n_kinematic_beats, score.n_music_beats) == (len(dance), len(music))
