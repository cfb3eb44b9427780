from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from engine.formats import asf_amc
from engine.motion import house, quaternion
from engine.motion.contacts import detect_contacts, floor_height_m
from engine.motion.foot_lock import lock_feet
from engine.motion.foot_plan import HEEL_M
from engine.motion.house import HOUSE, JOINT
from engine.motion.resample import resampled
from engine.motion.retarget import guess_rig, to_house
from engine.motion.rig import read_rigs
from tests.dances import improvised, on_feet, shifted, skating, standing, walk

FEET = list(house.CONTACT_JOINTS)


def feet_m(motion):
    return motion.positions_m()[:, FEET]


def stance_speeds(motion, contacts):
    """Horizontal speed of contact joints between frames of one contact, m/s."""
    steps = np.linalg.norm(np.diff(feet_m(motion)[..., [0, 2]], axis=0), axis=-1) * motion.frame_rate_hz
    return steps[contacts[1:] & contacts[:-1]]


def mean_jerk(motion):
    return np.linalg.norm(np.diff(motion.positions_m(), n=3, axis=0), axis=-1).mean() * motion.frame_rate_hz**3


def sole_heights_m(motion):
    positions, rotations = motion.global_transforms()
    out = []
    for _, _, ankle, ball in house.LEGS:
        out.append((positions[:, ankle] + quaternion.rotate(rotations[:, ankle], HEEL_M))[:, 1])
        out.append(positions[:, ball, 1] - 0.02)
        out.append((positions[:, ball] + quaternion.rotate(rotations[:, ball], HOUSE.tips_m[ball]))[:, 1] - 0.02)
    return np.array(out)


@pytest.mark.parametrize("rate_hz", [30.0, 60.0])
def test_feet_that_skated_stand_still(rate_hz):
    motion = skating(walk(rate_hz=rate_hz)[0])
    contacts = detect_contacts(motion)
    assert stance_speeds(motion, contacts).mean() > 0.1

    locked = lock_feet(motion)

    assert stance_speeds(locked, contacts).max() < 1e-6


def test_the_lock_brings_no_jitter():
    motion = skating(walk()[0])

    assert mean_jerk(lock_feet(motion)) < 1.12 * mean_jerk(motion)


def test_a_walk_that_does_not_skate_stays_what_it_was():
    motion, _ = walk()

    assert np.abs(lock_feet(motion).positions_m() - motion.positions_m()).max() < 0.015


def test_someone_who_stands_comes_back_bit_for_bit():
    motion = standing()

    locked = lock_feet(motion)

    np.testing.assert_array_equal(locked.local_rotations, motion.local_rotations)
    np.testing.assert_array_equal(locked.root_positions_m, motion.root_positions_m)


def test_a_swinging_foot_keeps_its_gesture():
    motion = skating(walk()[0])
    contacts = detect_contacts(motion)
    far = np.convolve(contacts[:, 1], np.ones(9), "same") == 0

    locked = lock_feet(motion)

    np.testing.assert_allclose(feet_m(locked)[far, 0, 1], feet_m(motion)[far, 0, 1], atol=0.01)


def test_a_standing_foot_is_level_on_the_floor():
    motion = replace(walk()[0])
    tilted = motion.local_rotations.copy()
    tilt = quaternion.from_axis_angle(np.array([0.3, 0.2, 0.9]) / np.sqrt(0.94), np.radians(8.0))
    for joint in ("LeftFoot", "RightFoot"):
        tilted[:, JOINT[joint]] = quaternion.multiply(tilted[:, JOINT[joint]], tilt)
    motion = shifted(replace(motion, local_rotations=tilted), np.array([0.0, 0.012, 0.0]))
    contacts = detect_contacts(motion)
    flat = contacts[:, 0] & contacts[:, 1]
    assert flat.mean() > 0.4

    locked = lock_feet(motion, contacts)
    _, rotations = locked.global_transforms()

    np.testing.assert_allclose(feet_m(locked)[flat, 0, 1], 0.08, atol=1e-6)
    np.testing.assert_allclose(feet_m(locked)[flat, 1, 1], 0.02, atol=1e-6)
    across = quaternion.rotate(rotations[flat, JOINT["LeftFoot"]], np.array([1.0, 0.0, 0.0]))
    np.testing.assert_allclose(across[:, 1], 0.0, atol=1e-6)


@pytest.mark.parametrize("depth_m", [0.01, 0.03, 0.08])
def test_nothing_of_a_foot_stays_under_the_floor(depth_m):
    motion = shifted(walk()[0], np.array([0.0, -depth_m, 0.0]))

    assert sole_heights_m(lock_feet(motion)).min() > -0.0051


def test_stiff_toes_bend_when_the_heel_is_raised():
    n = 90
    raise_rad = np.zeros((n, 2))
    raise_rad[20:70, 0] = np.radians(60) * np.sin(np.linspace(0, np.pi, 50)) ** 2
    ball = np.array([0.09, 0.02, 0.13])
    back = quaternion.rotate(
        quaternion.from_axis_angle(np.array([1.0, 0.0, 0.0]), raise_rad[:, 0]), np.array([0.0, 0.06, -0.13])
    )
    ankles = np.tile([[0.09, 0.08, 0.0], [-0.09, 0.08, 0.0]], (n, 1, 1))
    ankles[:, 0] = ball + back
    motion = on_feet(np.tile([0.0, 0.84, 0.0], (n, 1)), ankles, pitch_rad=-raise_rad)
    assert sole_heights_m(motion).min() < -0.03

    locked = lock_feet(motion)

    assert sole_heights_m(locked).min() > -0.0051
    np.testing.assert_allclose(feet_m(locked)[:, 1], feet_m(motion)[:, 1], atol=0.006)
    assert feet_m(locked)[45, 0, 1] > feet_m(motion)[45, 0, 1] - 0.005  # the heel is as high as it was


def test_a_foot_that_lands_on_its_heel_rolls_over_it():
    n = 60
    pitch = np.zeros((n, 2))
    pitch[:, 0] = np.radians(25) * np.clip((30 - np.arange(n)) / 12.0, 0.0, 1.0)
    ankles = np.tile([[0.09, 0.08, 0.0], [-0.09, 0.08, 0.0]], (n, 1, 1))
    ankles[:, 0, 0] += 0.002 * np.arange(n)  # and skates
    motion = on_feet(np.tile([0.0, 0.84, 0.0], (n, 1)), ankles, pitch_rad=pitch)
    contacts = np.ones((n, 4), dtype=bool)
    contacts[:30, 1] = False

    locked = lock_feet(motion, contacts)

    assert stance_speeds(locked, contacts).max() < 1e-6
    assert sole_heights_m(locked).min() > -0.0051


@settings(max_examples=30)
@given(st.integers(0, 20), arrays(bool, 60))
def test_kept_frames_come_back_bit_for_bit(seed, keep):
    motion = improvised(60, seed, size=0.2)

    locked = lock_feet(motion, keep=keep)

    np.testing.assert_array_equal(locked.local_rotations[keep], motion.local_rotations[keep])
    np.testing.assert_array_equal(locked.root_positions_m[keep], motion.root_positions_m[keep])


def test_the_lock_fades_towards_kept_frames_without_a_jump():
    motion = skating(walk()[0])
    keep = np.zeros(motion.n_frames, dtype=bool)
    keep[:60], keep[120:] = True, True

    locked = lock_feet(motion, keep=keep)
    steps, before = (np.linalg.norm(np.diff(feet_m(m), axis=0), axis=-1) for m in (locked, motion))

    for seam in (60, 120):
        assert np.abs(steps[seam - 3 : seam + 2] - before[seam - 3 : seam + 2]).max() < 0.01


def test_feet_are_locked_to_where_kept_frames_hold_them():
    drift = np.zeros((90, 3))
    drift[30:60, 0] = np.linspace(0.0, 0.08, 30)
    drift[60:, 0] = 0.08
    motion = shifted(standing(90), drift)
    keep = np.arange(90) < 30
    contacts = np.ones((90, 4), dtype=bool)

    locked = lock_feet(motion, contacts, keep)

    assert np.linalg.norm(feet_m(locked)[45:] - feet_m(motion)[29], axis=-1).max() < 0.002


def test_a_foot_that_kept_frames_hold_tilted_and_off_the_floor_stays_as_they_hold_it():
    motion = tilted(shifted(standing(90), np.tile([0.0, 0.012, 0.0], (90, 1))), np.where(np.arange(90) < 30, 0.1, 0.0))
    contacts, keep = np.ones((90, 4), dtype=bool), np.arange(90) < 30

    locked = lock_feet(motion, contacts, keep)
    _, turns = locked.global_transforms()
    ankles = [ankle for _, _, ankle, _ in house.LEGS]

    assert np.abs(feet_m(locked)[40:] - feet_m(motion)[29]).max() < 0.002
    assert quaternion.angle_between(turns[40:, ankles], turns[29, ankles]).max() < 0.01


@pytest.mark.parametrize(("over_m", "tilt_rad", "stays_m", "stays_rad"), [
    (0.012, 0.0, 0.012, 0.0), (0.1, 0.0, 0.03, 0.0), (-0.012, 0.0, -0.005, 0.0), (0.0, 0.5, -0.005, 0.2),
])  # fmt: skip
def test_a_foot_is_held_no_higher_deeper_or_more_tilted_than_captured_feet_rest(
    over_m, tilt_rad, stays_m, stays_rad
):
    is_held = np.arange(90) < 30
    over = np.where(is_held, over_m, 0.0)[:, np.newaxis] * np.array([0.0, 1.0, 0.0])
    motion = tilted(shifted(standing(90), over), np.where(is_held, tilt_rad, 0.0))

    locked = lock_feet(motion, np.ones((90, 4), dtype=bool), is_held)

    ankles, balls = zip(*(leg[2:4] for leg in house.LEGS), strict=True)
    flat = standing(90)
    higher_m = (locked.positions_m() - flat.positions_m())[45:, balls, 1]
    turned = quaternion.angle_between(locked.global_transforms()[1], flat.global_transforms()[1])[45:, ankles]
    np.testing.assert_allclose(higher_m, stays_m, atol=0.002)
    np.testing.assert_allclose(turned, stays_rad, atol=0.01)


def tilted(motion, angles_rad):
    """The feet turned about the axis across them, toes down, by an angle a frame."""
    local = motion.local_rotations.copy()
    for _, _, ankle, ball in house.LEGS:
        turn = quaternion.from_axis_angle(np.array([1.0, 0.0, 0.0]), angles_rad)
        local[:, ankle] = quaternion.multiply(local[:, ankle], turn)
        local[:, ball] = quaternion.multiply(quaternion.conjugate(turn), local[:, ball])
    return replace(motion, local_rotations=local)


def test_long_fast_slides_are_left_alone_when_asked():
    slide = np.zeros((120, 3))
    slide[30:90, 0] = np.linspace(0.0, 0.8, 60)
    slide[90:, 0] = 0.8
    motion = shifted(standing(120), slide)
    contacts = np.ones((120, 4), dtype=bool)

    left = lock_feet(motion, contacts, slide_speed_m_s=0.3)
    held = lock_feet(motion, contacts)

    np.testing.assert_allclose(feet_m(left)[45:75], feet_m(motion)[45:75], atol=1e-9)
    assert np.abs(np.diff(feet_m(held), axis=0)).max() < 0.05  # one place, as far as legs reach


def test_the_root_sinks_for_a_supporting_leg_that_cannot_reach():
    ankles = np.tile([[0.09, 0.08, 0.0], [-0.09, 0.08, 0.0]], (60, 1, 1))
    height = np.full(60, 0.84)
    height[20:40] += 0.09 * np.sin(np.linspace(0, np.pi, 20))
    motion = on_feet(np.stack([0 * height, height, 0 * height], -1), ankles)
    raised = shifted(motion, np.array([0.0, 0.03, 0.0]))
    contacts = np.ones((60, 4), dtype=bool)

    locked = lock_feet(raised, contacts)
    drop = raised.root_positions_m[:, 1] - locked.root_positions_m[:, 1]

    np.testing.assert_allclose(feet_m(locked)[..., 1], np.tile(house.CONTACT_REST_HEIGHTS_M, (60, 1)), atol=1e-6)
    assert 0.01 < drop.max() < 0.06
    assert np.abs(np.diff(drop, n=2)).max() < 0.004


def test_what_the_lock_does_not_touch_is_the_upper_body():
    motion = skating(walk()[0])
    legs = [joint for leg in house.LEGS for joint in leg]
    upper = [joint for joint in range(HOUSE.n_joints) if joint not in legs]

    locked = lock_feet(motion)

    np.testing.assert_array_equal(locked.local_rotations[:, upper], motion.local_rotations[:, upper])


@pytest.mark.parametrize("n_frames", [0, 1, 2, 3])
def test_the_shortest_motions_are_locked_too(n_frames):
    motion = shifted(standing(n_frames), np.array([0.0, 0.01, 0.0]))

    locked = lock_feet(motion)

    assert locked.n_frames == n_frames
    np.testing.assert_allclose(feet_m(locked)[..., 1], np.tile(house.CONTACT_REST_HEIGHTS_M, (n_frames, 1)), atol=1e-4)


@given(st.integers(0, 30), arrays(bool, (50, 4)))
@settings(max_examples=30)
def test_any_contacts_at_all_give_unit_rotations_and_small_moves(seed, contacts):
    motion = improvised(50, seed)

    locked = lock_feet(motion, contacts)

    np.testing.assert_allclose(np.linalg.norm(locked.local_rotations, axis=-1), 1.0, atol=1e-9)
    assert np.isfinite(locked.root_positions_m).all()


def test_a_motion_of_single_precision_stays_one():
    motion = skating(walk(3.0)[0])
    single = replace(
        motion,
        root_positions_m=motion.root_positions_m.astype(np.float32),
        local_rotations=motion.local_rotations.astype(np.float32),
    )

    locked = lock_feet(single)

    assert locked.root_positions_m.dtype == np.float32
    assert locked.local_rotations.dtype == np.float32
    assert stance_speeds(locked, detect_contacts(single)).max() < 1e-4


@pytest.mark.shared_data
@pytest.mark.parametrize(("clip", "rate_hz"), [("60_07", 60.0), ("131_03", 120.0), ("05_02", 120.0)])
def test_captured_dancers_stand_still_and_move_no_rougher(shared_data, clip, rate_hz):
    folder, subject = shared_data / "mocap" / "cmu_amc", clip.split("_")[0]
    source = resampled(asf_amc.read(folder / f"{subject}.asf", folder / f"{clip}.amc", rate_hz), 30.0)
    rigs = read_rigs(Path(__file__).parents[2] / "resources" / "rigs")
    motion = to_house(source, guess_rig(source.skeleton, rigs))
    motion = shifted(motion, np.array([0.0, -floor_height_m(motion), 0.0]))
    contacts = detect_contacts(motion)

    locked = lock_feet(motion, contacts)

    assert stance_speeds(locked, contacts).mean() < 0.15 * stance_speeds(motion, contacts).mean()
    assert mean_jerk(locked) < 1.02 * mean_jerk(motion)
    assert sole_heights_m(locked).min() > -0.0051
