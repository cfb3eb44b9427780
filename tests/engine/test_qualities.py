from dataclasses import astuple, replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.motion import house, quaternion
from engine.motion.blend import moved
from engine.motion.house import HOUSE, JOINT
from engine.motion.mirror import mirrored
from engine.motion.motion import Motion
from engine.motion.qualities import centre_of_mass_m, kinetic_energy_j_kg, qualities
from engine.motion.resample import resampled, time_warped
from engine.motion.skeleton import Skeleton
from tests.dances import bobbing, improvised, shifted, standing


def glide(speed_m_s, n=60):
    return shifted(standing(n), np.arange(n)[:, np.newaxis] / 30.0 * [speed_m_s, 0.0, 0.0])


def posed(**turns):
    """The rest pose with joints turned by (axis, degrees)."""
    motion = standing(30)
    local = motion.local_rotations.copy()
    for name, (axis, degrees) in turns.items():
        local[:, JOINT[name]] = quaternion.from_axis_angle(np.array(axis, dtype=float), np.radians(degrees))
    return replace(motion, local_rotations=local)


def test_a_body_that_glides_has_half_its_squared_speed_as_energy():
    q = qualities(glide(1.2))

    assert q.energy == pytest.approx(0.5 * 1.2**2)
    assert q.weight == pytest.approx(0.5 * 1.2**2)
    assert q.time == pytest.approx(0.0, abs=1e-9)
    assert q.flow == pytest.approx(0.0, abs=1e-6)
    assert q.jerk == pytest.approx(0.0, abs=1e-6)
    assert q.space == pytest.approx(1.0)


def test_a_standing_body_has_no_energy_and_its_centre_of_mass_at_winters_height():
    q = qualities(posed(LeftArm=((0, 0, 1), -85), RightArm=((0, 0, 1), 85)))

    assert (q.energy, q.weight, q.time, q.flow, q.jerk) == pytest.approx((0, 0, 0, 0, 0), abs=1e-9)
    assert q.height / house.HEIGHT_M == pytest.approx(0.57, abs=0.01)
    assert q.verticality == pytest.approx(1.0)
    assert q.space == 1.0


def test_bent_over_is_less_vertical_and_lying_not_at_all():
    assert qualities(posed(Hips=((1, 0, 0), 60))).verticality == pytest.approx(0.5, abs=1e-6)
    assert qualities(posed(Hips=((1, 0, 0), 90))).verticality == pytest.approx(0.0, abs=1e-6)
    assert qualities(posed(Hips=((1, 0, 0), 180))).verticality == pytest.approx(-1.0, abs=1e-6)


def test_arms_held_out_expand_and_arms_at_the_sides_do_not():
    down = posed(LeftArm=((0, 0, 1), -85), RightArm=((0, 0, 1), 85))

    assert qualities(down).expansion < qualities(standing()).expansion - 0.1


def test_there_and_back_again_is_indirect():
    there = np.concatenate([np.linspace(0, 1, 45), np.linspace(1, 0, 45)])

    q = qualities(shifted(standing(90), there[:, np.newaxis] * [1.0, 0.0, 0.0]))

    assert q.space < 0.1


def test_the_same_dance_twice_as_fast_is_stronger_more_sudden_and_more_bound():
    slow = bobbing(np.arange(0, 8.01, 1.0), 8.0)
    fast = time_warped(slow, np.arange(240) / 30.0, 60.0)

    q, p = qualities(slow), qualities(fast)

    assert p.energy == pytest.approx(4 * q.energy, rel=0.1)
    assert p.time == pytest.approx(4 * q.time, rel=0.1)
    assert p.flow > 4 * q.flow
    assert p.weight > 3 * q.weight
    assert p.height == pytest.approx(q.height, abs=1e-3)


@given(st.integers(0, 30), st.floats(-3, 3), st.floats(-5, 5))
def test_where_it_is_danced_and_which_way_does_not_matter(seed, turn, x):
    motion = improvised(40, seed)

    here, there = qualities(motion), qualities(moved(motion, 0, np.array([x, 0.0, 1.0]), turn))

    np.testing.assert_allclose(astuple(there), astuple(here), rtol=1e-6, atol=1e-9)


@given(st.integers(0, 30))
def test_the_mirror_image_has_the_same_qualities(seed):
    motion = improvised(40, seed)

    np.testing.assert_allclose(astuple(qualities(mirrored(motion))), astuple(qualities(motion)), rtol=1e-6, atol=1e-9)


def test_a_finer_frame_rate_gives_nearly_the_same_numbers():
    motion = improvised(120, 2)

    coarse, fine = qualities(motion), qualities(resampled(motion, 120.0))

    np.testing.assert_allclose(
        [coarse.energy, coarse.expansion, coarse.height, coarse.weight, coarse.time],
        [fine.energy, fine.expansion, fine.height, fine.weight, fine.time],
        rtol=0.12,
    )


@given(st.integers(0, 59), st.integers(1, 5))
def test_a_span_of_a_few_frames_has_the_numbers_of_its_neighbourhood(start, length):
    motion = improvised(60, 5)
    end = min(start + length, 60)

    q = qualities(motion, start, end)
    curve = kinetic_energy_j_kg(motion)

    assert np.isfinite(astuple(q)).all()
    assert q.energy == pytest.approx(curve[start:end].mean(), rel=0.25, abs=0.05)


def test_an_empty_span_is_refused():
    for span in ((5, 5), (7, 3), (-1, 4), (0, 61)):
        with pytest.raises(ValueError, match="no frames"):
            qualities(standing(60), *span)


def test_the_centre_of_mass_goes_with_the_body():
    steps = np.diff(centre_of_mass_m(glide(0.9)), axis=0)

    np.testing.assert_allclose(steps, np.tile([0.03, 0.0, 0.0], (59, 1)), atol=1e-12)


def test_another_skeleton_is_refused():
    stick = Skeleton(("root",), np.array([-1]), np.zeros((1, 3)))

    with pytest.raises(ValueError, match="house skeleton"):
        qualities(Motion(stick, 30.0, np.zeros((2, 3)), np.tile([1.0, 0, 0, 0], (2, 1, 1))))


def test_the_house_body_weighs_one():
    assert HOUSE.n_joints == 24
    assert kinetic_energy_j_kg(glide(1.0))[30] == pytest.approx(0.5)
