import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.motion import ik, quaternion
from engine.motion.house import HOUSE, LEGS
from engine.motion.motion import Motion
from tests.dances import improvised
from tests.strategies import directions, vectors

lengths_m = st.floats(0.05, 1.0)
DOWN, AHEAD = np.array([0.0, -1.0, 0.0]), np.array([0.0, 0.0, 1.0])


def angle_between_directions(a, b):
    lengths = np.linalg.norm(a, axis=-1) * np.linalg.norm(b, axis=-1)
    return np.arccos(np.clip(np.sum(a * b, axis=-1) / lengths, -1.0, 1.0))


def solved(hip, knee, ankle, target, hint):
    upper, lower = ik.two_bone(hip, knee, ankle, target, hint)
    new_knee = hip + quaternion.rotate(upper, knee - hip)
    return new_knee, new_knee + quaternion.rotate(lower, ankle - knee)


@given(vectors, directions, lengths_m, directions, lengths_m, directions, st.floats(0.0, 0.995), directions)
def test_every_target_within_reach_is_reached(hip, thigh, a, shin, b, way, share, hint):
    nearest = abs(a - b) + ik.NEAREST * (a + b)
    target = hip + way * (nearest + share / 0.995 * (ik.EXACT_REACH * (a + b) - nearest))
    knee = hip + a * thigh

    _, ankle = solved(hip, knee, knee + b * shin, target, hint)

    assert np.linalg.norm(ankle - target) < 1e-6


def test_a_limb_folded_onto_itself_with_its_target_in_the_hip_is_solved():
    hip = np.zeros(3)
    down = np.array([0.0, -0.4, 0.0])

    rotations = ik.two_bone(hip, down, hip, hip, np.array([0.0, 0.0, 1.0]))

    np.testing.assert_allclose(np.linalg.norm(rotations, axis=-1), 1.0, atol=1e-9)


@given(vectors, directions, lengths_m, directions, lengths_m, vectors, directions)
def test_bones_keep_their_lengths_and_nothing_is_not_a_number(hip, thigh, a, shin, b, target, hint):
    knee = hip + a * thigh

    new_knee, ankle = solved(hip, knee, knee + b * shin, target, hint)

    assert np.linalg.norm(new_knee - hip) == pytest.approx(a, abs=1e-9)
    assert np.linalg.norm(ankle - new_knee) == pytest.approx(b, abs=1e-9)


@given(vectors, directions, lengths_m, directions, lengths_m)
def test_a_bent_limb_that_is_where_it_should_be_does_not_move(hip, thigh, a, shin, b):
    knee, ankle = hip + a * thigh, hip + a * thigh + b * shin
    span = np.linalg.norm(ankle - hip)
    if not abs(a - b) + 0.02 < span < 0.98 * (a + b) or np.linalg.norm(np.cross(thigh, ankle - hip)) < 0.1 * span:
        return

    upper, lower = ik.two_bone(hip, knee, ankle, ankle, np.cross(thigh, shin))

    assert quaternion.angle_between(upper, quaternion.IDENTITY) < 1e-5
    assert quaternion.angle_between(lower, quaternion.IDENTITY) < 1e-5


def test_the_knee_stays_in_the_plane_it_bends_in():
    hip, knee, ankle = np.zeros(3), np.array([0.05, -0.4, 0.1]), np.array([0.0, -0.75, 0.0])
    axis = np.cross(knee, ankle)

    for depth in (0.3, 0.5, 0.7, 0.8):
        new_knee, _ = solved(hip, knee, ankle, depth * DOWN, AHEAD)
        assert np.dot(new_knee, axis) == pytest.approx(0.0, abs=1e-9)
        assert new_knee[2] > 0.0


def test_a_straight_leg_bends_towards_the_hint():
    new_knee, ankle = solved(np.zeros(3), 0.4 * DOWN, 0.8 * DOWN, 0.6 * DOWN, AHEAD)

    np.testing.assert_allclose(ankle, 0.6 * DOWN, atol=1e-9)
    np.testing.assert_allclose(new_knee, [0.0, -0.3, np.sqrt(0.4**2 - 0.3**2)], atol=1e-9)


def test_a_leg_passing_through_straight_never_flips_its_knee():
    bends = np.linspace(0.02, -0.02, 81)[:, np.newaxis]  # from a bent knee to one bent the wrong way
    knees = 0.4 * DOWN + bends * AHEAD
    n = len(bends)

    down = np.tile(DOWN, (n, 1))
    new_knees, _ = solved(np.zeros((n, 3)), knees, 0.8 * down, 0.7 * down, np.tile(AHEAD, (n, 1)))

    assert (new_knees[:, 2] > 0.15).all()


def test_a_target_out_of_reach_straightens_the_leg_without_a_pop():
    away = np.arange(0.70, 1.00, 0.001)[:, np.newaxis]
    n = len(away)
    hip, knee = np.zeros((n, 3)), np.tile([0.0, -0.38, 0.1], (n, 1))
    ankle = np.tile(0.75 * DOWN, (n, 1))
    full = np.linalg.norm(knee[0]) + np.linalg.norm(ankle[0] - knee[0])

    new_knee, new_ankle = solved(hip, knee, ankle, away * DOWN, np.tile(AHEAD, (n, 1)))
    reached = -new_ankle[:, 1]
    bend = angle_between_directions(new_knee, new_ankle - new_knee)

    assert (np.diff(reached) >= 0.0).all()
    assert reached[-1] < full
    assert np.abs(np.diff(bend)).max() < np.radians(2.0)  # for each millimetre of the target
    assert np.abs(np.diff(bend, n=2)).max() < np.radians(0.5)


def test_a_target_in_the_hip_itself_folds_the_leg():
    new_knee, ankle = solved(np.zeros(3), 0.4 * DOWN, 0.7 * DOWN + 0.1 * AHEAD, np.zeros(3), AHEAD)

    assert np.isfinite(new_knee).all()
    assert np.linalg.norm(ankle) < 0.15


def test_many_frames_give_what_each_gives_alone():
    rng = np.random.default_rng(1)
    hip, knee, ankle, target, hint = rng.normal(size=(5, 7, 3))

    upper, lower = ik.two_bone(hip, knee, ankle, target, hint)

    for i in range(7):
        one_upper, one_lower = ik.two_bone(hip[i], knee[i], ankle[i], target[i], hint[i])
        np.testing.assert_allclose(upper[i], one_upper, atol=1e-12)
        np.testing.assert_allclose(lower[i], one_lower, atol=1e-12)


def test_reach_puts_a_leg_of_a_motion_where_it_is_wanted_and_turns_its_foot():
    motion = improvised(20, size=0.2)
    positions, rotations = motion.global_transforms()
    hip, knee, ankle, _ = LEGS[1]
    target = positions[:, hip] + [0.1, -0.6, 0.2]
    level = np.tile(quaternion.IDENTITY, (20, 1))

    limb, hint = (hip, knee, ankle), np.tile(AHEAD, (20, 1))
    local = ik.reach(HOUSE, positions, rotations, motion.local_rotations, limb, target, level, hint)
    new_positions, new_rotations = Motion(HOUSE, 30.0, motion.root_positions_m, local).global_transforms()

    np.testing.assert_allclose(new_positions[:, ankle], target, atol=1e-9)
    assert quaternion.angle_between(new_rotations[:, ankle], level).max() < 1e-9
    others = [j for j in range(24) if j not in LEGS[1]]
    np.testing.assert_array_equal(new_positions[:, others], positions[:, others])


def test_both_legs_reach_at_once_as_each_does_alone():
    motion = improvised(20, size=0.2)
    positions, rotations = motion.global_transforms()
    limbs, hint = [leg[:3] for leg in LEGS], np.tile(AHEAD, (20, 1))
    targets = [positions[:, hip] + [0.1, -0.6, 0.2] for hip, _, _ in limbs]
    level = np.tile(quaternion.IDENTITY, (20, 1))

    one_by_one = motion.local_rotations
    for limb, target in zip(limbs, targets, strict=True):
        one_by_one = ik.reach(HOUSE, positions, rotations, one_by_one, limb, target, level, hint)
    together = ik.reach_all(
        HOUSE, positions, rotations, motion.local_rotations, limbs, np.stack(targets, 1),
        np.stack([level, level], 1), np.stack([hint, hint], 1),
    )  # fmt: skip

    np.testing.assert_allclose(together, one_by_one, atol=1e-12)
