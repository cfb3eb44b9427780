import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.evaluation import features
from engine.motion import quaternion
from engine.motion.house import JOINT
from engine.motion.resample import resampled
from tests.dances import improvised, shifted, standing


def moving(path_m, rate_hz=60.0):
    return shifted(standing(len(path_m), rate_hz), path_m)


def by_the_published_loops(positions, legacy):
    """The kinetic features of AIST++ as its code computes them, loop by loop, in our own words."""
    dt, n, joints = 1 / 60, len(positions), positions.shape[1]
    positions = positions - positions[0, 0]
    out = np.zeros((joints, 3))
    for j in range(joints):
        for i in range(1, n):
            near = range(max(i - 2, 1), min(i + 2, n - 1) + 1)
            v = sum(positions[k, j] - positions[k - 1, j] for k in near) / (len(near) * dt)
            out[j, 0] += v[0] ** 2 + v[2] ** 2
            out[j, 1] += v[1] ** 2
            inner = [k for k in near if k + 1 < n]
            a = np.zeros(3)
            for k in inner:
                late = (positions[k + 1, j] - positions[k, j]) / dt
                if legacy:
                    early = positions[k, j] - positions[k - 1, j] / dt
                else:
                    early = (positions[k, j] - positions[k - 1, j]) / dt
                a += (late - early) / dt
            out[j, 2] += np.linalg.norm(a / max(len(inner), 1))
    return (out / (n - 1)).ravel()


@pytest.mark.parametrize("legacy", [False, True])
def test_kinetic_features_are_those_of_the_published_loops(legacy):
    motion = improvised(20, 3, 60.0)
    positions = motion.positions_m()[:, features._ORDER]

    np.testing.assert_allclose(
        features.kinetic_features(motion, legacy=legacy), by_the_published_loops(positions, legacy), rtol=1e-9
    )


def test_a_glide_has_its_squared_speed_as_horizontal_energy_and_nothing_else():
    vector = features.kinetic_features(moving(np.arange(60)[:, None] / 60.0 * [1.2, 0, 0])).reshape(24, 3)

    np.testing.assert_allclose(vector[:, 0], 1.44)
    np.testing.assert_allclose(vector[:, 1:], 0.0, atol=1e-9)


def test_the_legacy_slip_measures_how_far_one_has_gone():
    near = features.kinetic_features(moving(np.arange(60)[:, None] / 60.0 * [1.0, 0, 0]), legacy=True)
    far = features.kinetic_features(moving(np.arange(600)[:, None] / 60.0 * [1.0, 0, 0]), legacy=True)

    assert far.reshape(24, 3)[0, 2] > 5 * near.reshape(24, 3)[0, 2]


def test_the_frame_rate_of_the_file_does_not_matter():
    motion = improvised(60, 1, 30.0)

    np.testing.assert_allclose(
        features.kinetic_features(resampled(motion, 120.0)), features.kinetic_features(motion), rtol=0.05
    )


def test_geometric_features_are_shares():
    vector = features.geometric_features(improvised(60, 1))

    assert vector.shape == (32,)
    assert ((vector >= 0) & (vector <= 1)).all()


def test_the_t_pose_has_straight_limbs_wrists_wide_apart_and_nothing_moving():
    vector = features.geometric_features(standing(10))

    assert vector[8] == 1.0  # wrists farther apart than two and a half shoulder widths
    np.testing.assert_array_equal(vector[[6, 7, 19, 20]], 0.0)  # no elbow, no knee bent
    np.testing.assert_array_equal(vector[[0, 1, 4, 5, 9, 10, 11, 12, 13, 21, 22, 31]], 0.0)  # nothing moves


def test_one_bent_elbow_and_one_raised_foot_are_seen_on_their_side():
    motion = standing(10, 60.0)
    local = motion.local_rotations.copy()
    local[:, JOINT["RightForeArm"]] = quaternion.from_axis_angle(np.array([0.0, 1, 0]), np.radians(100))
    local[:, JOINT["LeftUpLeg"]] = quaternion.from_axis_angle(np.array([1.0, 0, 0]), -np.radians(90))
    vector = features.geometric_features(type(motion)(motion.skeleton, 60.0, motion.root_positions_m, local))

    assert (vector[6], vector[7]) == (1.0, 0.0)
    assert (vector[16], vector[17]) == (0.0, 1.0)


def test_a_fast_glide_is_fast_at_the_root():
    path = np.arange(60)[:, None] / 60.0 * [1.0, 0.0, 0.0]

    # The limit is 2.3 upper arms a second, at half the true time step.
    assert features.geometric_features(moving(0.2 * path))[31] == 0.0
    assert features.geometric_features(moving(0.5 * path))[31] == 1.0


def test_the_distance_of_a_set_to_itself_is_zero_and_grows_with_the_shift():
    rng = np.random.default_rng(0)
    a = rng.normal(size=(400, 6))

    assert features.frechet_distance(a, a) == pytest.approx(0.0, abs=1e-9)
    moved = features.frechet_distance(a + 0.5 * a.std(axis=0), a)
    assert moved == pytest.approx(6 * 0.25, rel=1e-6)


def test_the_distance_of_two_gaussians_is_the_formula():
    rng = np.random.default_rng(1)
    a = rng.normal(size=(20000, 3)) * [2.0, 1.0, 0.5]
    b = rng.normal(size=(20000, 3))

    assert features.frechet_distance(a, b) == pytest.approx(1.0 + 0.0 + 0.25, rel=0.05)


def test_few_clips_in_many_dimensions_have_a_distance_though_both_are_real():
    rng = np.random.default_rng(2)

    few = features.frechet_distance(rng.normal(size=(40, 72)), rng.normal(size=(1000, 72)))

    assert 10 < few < 60


def test_features_that_never_vary_in_the_reference_are_left_out():
    rng = np.random.default_rng(3)
    reference = np.concatenate([rng.normal(size=(100, 3)), np.ones((100, 1))], axis=1)
    other = np.concatenate([rng.normal(size=(100, 3)), np.full((100, 1), 1.5)], axis=1)

    assert features.frechet_distance(other, reference) < 1.0
    assert features.frechet_distance(reference * 0 + 1.0, np.ones((100, 4))) == 0.0


@given(st.integers(2, 30), st.floats(0.5, 3.0))
def test_diversity_is_the_mean_distance_of_pairs(n, scale):
    rng = np.random.default_rng(n)
    reference, few = rng.normal(size=(200, 4)), rng.normal(size=(n, 4)) * scale
    z = (few - reference.mean(axis=0)) / reference.std(axis=0)
    pairs = [np.linalg.norm(z[i] - z[j]) for i in range(n) for j in range(i)]

    assert features.diversity(few, reference) == pytest.approx(np.mean(pairs), rel=1e-6)


def test_one_dance_is_not_diverse():
    assert features.diversity(np.zeros((1, 4)), np.random.default_rng(0).normal(size=(10, 4))) == 0.0
