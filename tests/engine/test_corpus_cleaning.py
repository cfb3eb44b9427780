"""The preprocessing of captured motion, step by step, on motions whose faults are known."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from engine.generation.gaze import nod_rad
from engine.generation.training.corpus import cleaning, flips
from engine.motion import quaternion
from engine.motion.contacts import detect_contacts
from engine.motion.house import CONTACT_JOINTS, HOUSE, JOINT
from engine.motion.motion import Motion, concatenate
from engine.motion.rig import Binding
from tests.dances import skating, standing, walk

RATE_HZ = 120.0
ALL = range(1, HOUSE.n_joints)
HOUSE_BINDING = Binding(JOINT, JOINT)
X, Y, Z = np.eye(3)


def swaying(n_frames: int = 240, rate_hz: float = RATE_HZ) -> Motion:
    """Upright, swaying at 1 Hz with arms swinging at 2 Hz."""
    still, times = standing(n_frames, rate_hz), np.arange(n_frames) / rate_hz
    root = still.root_positions_m + 0.1 * np.outer(np.sin(2 * np.pi * times), X)
    local = still.local_rotations.copy()
    for name in ("LeftArm", "RightArm", "Spine"):
        local[:, JOINT[name]] = quaternion.from_axis_angle(X, 0.5 * np.sin(4 * np.pi * times))
    return Motion(HOUSE, rate_hz, root, local)


def with_rotation(motion, joint, frames, turn):
    local = motion.local_rotations.copy()
    local[frames, JOINT[joint]] = quaternion.multiply(local[frames, JOINT[joint]], turn)
    return replace(motion, local_rotations=local)


def test_a_clean_motion_passes_every_mending_step_unchanged():
    motion = swaying()

    for mended, usable, count in (
        cleaning.with_gaps_filled(motion),
        flips.unflipped(motion, HOUSE_BINDING),
        cleaning.despiked(motion, ALL),
    ):
        np.testing.assert_array_equal(mended.root_positions_m, motion.root_positions_m)
        np.testing.assert_array_equal(mended.local_rotations, motion.local_rotations)
        assert usable.all()
        assert count == 0


def test_dropped_frames_are_interpolated():
    motion = swaying()
    root, local = motion.root_positions_m.copy(), motion.local_rotations.copy()
    root[100:110], local[100:110] = root[99], local[99]

    filled, usable, count = cleaning.with_gaps_filled(replace(motion, root_positions_m=root, local_rotations=local))

    assert count == 10
    assert usable.all()
    np.testing.assert_allclose(filled.positions_m(), motion.positions_m(), atol=0.005)


def test_a_long_dropout_is_not_invented_but_marked():
    motion = swaying()
    root, local = motion.root_positions_m.copy(), motion.local_rotations.copy()
    root[100:160], local[100:160] = root[99], local[99]

    _, usable, count = cleaning.with_gaps_filled(replace(motion, root_positions_m=root, local_rotations=local))

    assert count == 60
    np.testing.assert_array_equal(np.flatnonzero(~usable), np.arange(100, 160))


def test_a_spike_of_the_root_is_bridged_to_where_the_body_was():
    motion = swaying()
    root = motion.root_positions_m.copy()
    root[80:84] += [0.0, 1.0, 0.5]

    mended, usable, count = cleaning.despiked(replace(motion, root_positions_m=root), ALL)

    assert count == 4
    assert usable.all()
    np.testing.assert_allclose(mended.positions_m(), motion.positions_m(), atol=0.0015)


def test_a_spike_longer_than_a_quarter_second_is_marked():
    motion = swaying()
    root = motion.root_positions_m.copy()
    root[80:120:2] += [0.0, 1.0, 0.0]

    _, usable, _ = cleaning.despiked(replace(motion, root_positions_m=root), ALL)

    assert not usable[81:118].any()
    assert usable[:79].all()
    assert usable[121:].all()


def test_a_jump_to_another_place_is_marked_and_not_bridged_away():
    motion = swaying()
    root = motion.root_positions_m.copy()
    root[120:] += [2.0, 0.0, 0.0]

    mended, usable, _ = cleaning.despiked(replace(motion, root_positions_m=root), ALL)

    assert not usable[119:121].any()
    np.testing.assert_allclose(mended.root_positions_m[200] - motion.root_positions_m[200], [2.0, 0.0, 0.0])


def test_a_thigh_that_flips_out_and_back_is_bridged():
    motion = swaying()
    flipped = with_rotation(motion, "LeftUpLeg", slice(60, 90), quaternion.from_axis_angle(Y, np.pi))

    mended, usable, count = flips.unflipped(flipped, HOUSE_BINDING)

    assert count >= 30
    assert usable.all()
    np.testing.assert_allclose(mended.positions_m(), motion.positions_m(), atol=1e-6)


def test_flips_to_and_fro_keep_the_frames_between_them():
    motion = swaying()
    half = quaternion.from_axis_angle(X, np.pi)
    flipped = motion
    for frames in (slice(60, 64), slice(80, 84), slice(100, 104)):
        flipped = with_rotation(flipped, "LeftArm", frames, half)

    mended, _, count = flips.unflipped(flipped, HOUSE_BINDING)

    assert count < 60
    error = quaternion.angle_between(mended.local_rotations, motion.local_rotations)
    assert error.max() < 0.02


def test_a_flip_that_stays_is_marked_where_it_turns():
    flipped = with_rotation(swaying(), "LeftUpLeg", slice(100, None), quaternion.from_axis_angle(Y, np.pi))

    _, usable, _ = flips.unflipped(flipped, HOUSE_BINDING)

    assert not usable[99:101].any()
    assert usable.sum() > 230


def test_a_foot_turned_round_its_length_is_turned_back_however_long():
    motion = swaying()
    along = HOUSE.offsets_m[JOINT["LeftToeBase"]] / np.linalg.norm(HOUSE.offsets_m[JOINT["LeftToeBase"]])
    rolled = with_rotation(motion, "LeftFoot", slice(30, None), quaternion.from_axis_angle(along, np.pi))

    mended, usable, count = flips.unflipped(rolled, HOUSE_BINDING)

    assert count >= 210
    assert usable.all()
    error = quaternion.angle_between(mended.local_rotations, motion.local_rotations)
    assert error.max() < 1e-6


def test_a_head_worn_upside_down_is_set_upright_and_still_nods():
    motion = swaying()
    nod = 0.2 * np.sin(2 * np.pi * np.arange(motion.n_frames) / RATE_HZ)
    local = motion.local_rotations.copy()
    local[:, JOINT["Head"]] = quaternion.from_axis_angle(X, nod)
    motion = replace(motion, local_rotations=local)
    inverted = with_rotation(motion, "Head", slice(None), quaternion.from_axis_angle(Z, np.pi))

    mended, usable, _ = flips.unflipped(inverted, HOUSE_BINDING)

    assert usable.all()
    error = quaternion.angle_between(mended.local_rotations, motion.local_rotations)[:, JOINT["Head"]]
    assert np.degrees(error.max()) < 1.0


def test_a_head_that_was_fitted_looking_down_looks_ahead_and_still_nods():
    motion = swaying(120)
    nods = np.radians(30.0 + 10.0 * np.sin(np.arange(120) / 5.0))
    local = motion.local_rotations.copy()
    local[:, JOINT["Head"]] = quaternion.from_axis_angle(X, nods)

    ahead, up_deg = cleaning.with_head_up(replace(motion, local_rotations=local))
    again, none_deg = cleaning.with_head_up(ahead)

    np.testing.assert_allclose(nod_rad(ahead), nods - np.median(nods), atol=1e-6)
    assert up_deg == pytest.approx(30.0, abs=1.0)
    assert (again is ahead, none_deg) == (True, 0.0)


def test_a_pelvis_turned_against_trunk_and_legs_is_bridged_and_marked():
    motion = swaying()
    frames = slice(100, 130)
    wrong = quaternion.from_axis_angle(X, 1.5)
    tipped = with_rotation(motion, "Hips", frames, wrong)
    for name in ("Spine", "LeftUpLeg", "RightUpLeg"):
        local = tipped.local_rotations.copy()
        local[frames, JOINT[name]] = quaternion.multiply(quaternion.conjugate(wrong), local[frames, JOINT[name]])
        tipped = replace(tipped, local_rotations=local)

    mended, usable, _ = flips.unflipped(tipped, HOUSE_BINDING)

    assert not usable[100:130].any()
    hips = quaternion.rotate(mended.local_rotations[:, 0], Y)[:, 1]
    assert hips.min() > 0.99


def test_noise_is_filtered_and_accents_are_not():
    rate_hz, random = 120.0, np.random.default_rng(0)
    motion = swaying()
    times = np.arange(motion.n_frames) / rate_hz
    accent = 0.8 * np.exp(-(((times - 1.0) / 0.08) ** 2))  # an arm struck out and back in a quarter second
    local = motion.local_rotations.copy()
    local[:, JOINT["LeftForeArm"]] = quaternion.from_axis_angle(Y, -accent)
    clean = replace(motion, local_rotations=local)
    noise = quaternion.from_rotation_vector(0.02 * random.normal(size=(motion.n_frames, HOUSE.n_joints, 3)))
    noisy = replace(clean, local_rotations=quaternion.multiply(local, noise))

    quiet, moved_m = cleaning.without_noise(noisy, np.zeros((motion.n_frames, 4), dtype=bool))

    def off(m):
        return np.linalg.norm(m.positions_m() - clean.positions_m(), axis=-1).mean()

    assert off(quiet) < 0.5 * off(noisy)
    assert moved_m > 0.0
    hand = JOINT["LeftHand"]
    speed = [np.linalg.norm(np.diff(m.positions_m()[:, hand], axis=0), axis=-1).max() for m in (clean, quiet)]
    assert speed[1] > 0.93 * speed[0]


def test_the_filter_is_lighter_where_a_foot_lands():
    motion = swaying()
    buzz = 0.01 * np.sin(2 * np.pi * 14.0 * np.arange(motion.n_frames) / RATE_HZ)
    noisy = replace(motion, root_positions_m=motion.root_positions_m + np.outer(buzz, Y))
    contacts = np.zeros((motion.n_frames, 4), dtype=bool)
    contacts[120:, 0] = True

    quiet, _ = cleaning.without_noise(noisy, contacts)

    left = np.abs(quiet.root_positions_m[:, 1] - motion.root_positions_m[:, 1])
    assert left[118:123].max() > 2 * left[60:80].max()


@pytest.mark.parametrize("height_m", [-0.12, 0.0, 0.3])
def test_the_floor_comes_to_zero(height_m):
    dance, _ = walk()
    raised = replace(dance, root_positions_m=dance.root_positions_m + np.array([0.0, height_m, 0.0]))

    stood, shift_m = cleaning.on_floor(raised)

    assert shift_m == pytest.approx(-height_m, abs=0.006)
    assert stood.positions_m()[:, CONTACT_JOINTS, 1].min() == pytest.approx(0.02, abs=0.01)


def test_a_slide_is_no_stand_and_a_wobble_is():
    slide = skating(standing(60), speed_m_s=0.25, period_s=1000.0)
    assert detect_contacts(slide).all()

    assert not cleaning.planted(slide, detect_contacts(slide)).any()
    assert cleaning.planted(standing(60), detect_contacts(standing(60))).all()


def test_a_small_step_on_the_spot_is_a_step():
    still = standing(60)
    up = 0.035 * np.sin(np.pi * np.clip((np.arange(60) - 25) / 10, 0.0, 1.0))
    hop = replace(still, root_positions_m=still.root_positions_m + np.outer(up, Y))
    assert detect_contacts(hop).all()

    planted = cleaning.planted(hop, detect_contacts(hop))

    assert not planted[29:32].any()
    assert planted[:25].all()
    assert planted[36:].all()


def test_a_foot_on_its_toes_does_not_stand_on_its_heel():
    still = standing(30)
    steep = with_rotation(still, "LeftFoot", slice(None), quaternion.from_axis_angle(X, np.radians(70)))

    ankle = steep.positions_m()[0, CONTACT_JOINTS[0], 1]
    steep = replace(steep, root_positions_m=steep.root_positions_m + (0.08 - ankle) * Y)
    planted = cleaning.planted(steep, np.ones((30, 4), dtype=bool))

    np.testing.assert_array_equal(planted.all(axis=0), [False, True, True, True])


def test_frames_in_which_something_flies_are_not_usable():
    still = standing(30)
    root = still.root_positions_m.copy()
    root[15] += [1.0, 0.0, 0.0]

    usable = cleaning.usable_frames(replace(still, root_positions_m=root))

    np.testing.assert_array_equal(np.flatnonzero(~usable), [14, 15, 16])


def test_waiting_before_and_after_the_dance_is_cut_but_for_a_second():
    dance, wait = swaying(120, 30.0), standing(90, 30.0)
    whole = concatenate([wait, dance, wait])

    start, end = cleaning.dance_span(whole)

    assert start == pytest.approx(90 - 30, abs=8)
    assert end == pytest.approx(210 + 30, abs=8)
    assert cleaning.dance_span(wait) == (0, 90)
    assert cleaning.dance_span(dance) == (0, 120)
