from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.motion.movements import kinematic_beats, mean_joint_speed_m_s, segment
from engine.motion.resample import resampled
from tests.dances import bobbing, improvised, shifted, standing

BEATS_S = np.arange(0.0, 8.01, 0.5)


@pytest.mark.parametrize("rate_hz", [24.0, 30.0, 60.0, 120.0])
def test_a_dancer_at_rest_on_each_click_has_a_kinematic_beat_on_each(rate_hz):
    motion = bobbing(BEATS_S, 8.0, rate_hz)

    beats_s = kinematic_beats(motion) / rate_hz

    np.testing.assert_allclose(beats_s, BEATS_S[1:-1], atol=1.0 / rate_hz)


def test_uneven_beats_are_found_where_they_are():
    clicks_s = np.cumsum([0.0, 0.5, 0.7, 0.4, 0.6, 1.1, 0.5, 0.45, 0.8])
    motion = bobbing(clicks_s, float(clicks_s[-1]))

    np.testing.assert_allclose(kinematic_beats(motion) / 60.0, clicks_s[1:-1], atol=0.09)


def test_standing_with_the_noise_of_capture_has_no_beats():
    noise = np.random.default_rng(0).normal(scale=0.0003, size=(300, 3))

    assert len(kinematic_beats(shifted(standing(300), noise))) == 0


def test_of_a_held_pose_the_middle_is_the_beat():
    path = np.concatenate([np.linspace(0, 1, 30), np.ones(31), np.linspace(1, 0, 30)])
    motion = shifted(standing(91), path[:, np.newaxis] * [1.0, 0.0, 0.0])

    beats = kinematic_beats(motion)

    assert len(beats) == 1
    assert abs(beats[0] - 45) <= 3


def test_a_steady_glide_is_one_movement():
    motion = shifted(standing(90), np.linspace(0, 3, 90)[:, np.newaxis] * [1.0, 0.0, 0.0])

    assert [(m.start_frame, m.end_frame) for m in segment(motion)] == [(0, 90)]


@given(st.integers(0, 60), st.integers(1, 200), st.floats(0.1, 1.5))
def test_movements_cover_every_frame_exactly_once(seed, n_frames, size):
    movements = segment(improvised(n_frames, seed, size=size))

    assert movements[0].start_frame == 0
    assert movements[-1].end_frame == n_frames
    assert all(a.end_frame == b.start_frame for a, b in pairwise(movements))
    if len(movements) > 1:
        assert min(m.n_frames for m in movements) >= 0.25 * 30


def test_movements_begin_and_end_on_kinematic_beats():
    motion = improvised(200, 4)

    inner = {m.start_frame for m in segment(motion)[1:]}

    assert len(inner) > 3
    assert inner <= set(kinematic_beats(motion).tolist())


def test_the_beats_are_the_same_at_another_frame_rate():
    motion = improvised(200, 7)

    beats_s, finer_s = kinematic_beats(motion) / 30.0, kinematic_beats(resampled(motion, 120.0)) / 120.0

    inner_s = beats_s[(beats_s > 0.3) & (beats_s < motion.duration_s - 0.3)]
    assert len(inner_s) > 3
    assert all(np.abs(finer_s - beat_s).min() < 0.05 for beat_s in inner_s)


def test_motions_too_short_for_a_beat_have_none():
    assert len(kinematic_beats(standing(2))) == 0
    assert segment(standing(0)) == ()
    assert len(segment(standing(1))) == 1


def test_the_mean_joint_speed_of_a_glide_is_its_speed():
    motion = shifted(standing(60), np.linspace(0, 59 / 30.0 * 1.5, 60)[:, np.newaxis] * [1.0, 0.0, 0.0])

    np.testing.assert_allclose(mean_joint_speed_m_s(motion), 1.5, atol=1e-9)
