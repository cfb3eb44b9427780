"""Elbows of made dances bend one way."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from engine.generation.elbows import hinged, within_reach
from engine.motion import quaternion
from engine.motion.house import ARMS, JOINT
from tests.dances import improvised, standing

SIDES = {"Left": 1.0, "Right": -1.0}


def bent(angles_rad, ways_rad):
    """Someone whose elbows are bent by some angles [T], the forearm so far up from ahead [T]."""
    motion = standing(len(angles_rad))
    local = np.array(motion.local_rotations)
    for side, sign in SIDES.items():
        towards = np.stack([np.zeros_like(ways_rad), np.sin(ways_rad), np.cos(ways_rad)], axis=-1)
        axis = np.cross([sign, 0.0, 0.0], towards)
        local[:, JOINT[side + "ForeArm"]] = quaternion.from_axis_angle(axis, np.asarray(angles_rad))
    return replace(motion, local_rotations=local)


def ways_rad(motion, side="Left"):
    bone = quaternion.rotate(motion.local_rotations[:, JOINT[side + "ForeArm"]], np.array([SIDES[side], 0.0, 0.0]))
    return np.arctan2(bone[:, 1], bone[:, 2])


@pytest.mark.parametrize("side", list(SIDES))
def test_a_forearm_that_wavers_out_of_its_plane_bends_in_one(side):
    times = np.arange(120) / 30.0
    dance = bent(1.0 + 0.5 * np.sin(3.0 * times), 0.3 + 0.5 * np.sin(11.0 * times))
    assert np.ptp(ways_rad(dance, side)) > 0.9

    assert np.ptp(ways_rad(hinged(dance), side)[10:-10]) < 0.15


@pytest.mark.parametrize("way_deg", [5.0, 15.0, 30.0])
def test_elbows_that_bend_as_captured_ones_do_stay_as_they_are(way_deg):
    dance = bent(np.full(60, 1.4), np.full(60, np.radians(way_deg)))

    np.testing.assert_allclose(hinged(dance).local_rotations, dance.local_rotations, atol=0.03)


def test_nothing_leaves_its_place_and_no_hand_turns():
    dance = improvised(150, seed=4)
    positions, rotations = dance.global_transforms()

    made, turned = hinged(dance).global_transforms()

    np.testing.assert_allclose(made, positions, atol=1e-12)
    others = [j for j in range(len(JOINT)) if j not in [arm[1] for arm in ARMS]]
    assert quaternion.angle_between(turned, rotations)[:, others].max() < 1e-6


def test_an_elbow_far_out_of_its_plane_is_brought_back_into_reach():
    dance = bent(np.full(60, 1.2), np.full(60, np.radians(80.0)))

    np.testing.assert_allclose(ways_rad(hinged(dance)), np.radians(32.0), atol=0.02)


def test_a_stretched_arm_does_not_spin():
    rng = np.random.default_rng(0)
    dance = bent(np.full(90, 0.05), rng.uniform(-np.pi, np.pi, 90))

    turned = quaternion.angle_between(hinged(dance).local_rotations, dance.local_rotations)

    assert turned.max() < 0.25


def test_kept_arms_keep_their_bits():
    dance = improvised(60, seed=5)

    made = hinged(dance, ARMS[0])

    left, right = list(ARMS[0]), list(ARMS[1])
    assert made.local_rotations[:, left].tobytes() == dance.local_rotations[:, left].tobytes()
    assert np.abs(made.local_rotations[:, right] - dance.local_rotations[:, right]).max() > 0.01


@pytest.mark.parametrize("side", list(SIDES))
def test_elbows_fold_no_further_than_they_can(side):
    wanted = np.linspace(0.0, np.radians(178.0), 90)
    folded = within_reach(bent(wanted, np.full(90, 0.3)))

    bone = quaternion.rotate(folded.local_rotations[:, JOINT[side + "ForeArm"]], np.array([1.0, 0.0, 0.0]))
    found = np.degrees(np.arccos(np.clip(bone[:, 0], -1.0, 1.0)))
    assert found.max() < 150.0
    assert (np.diff(found) > 0.0).all()
    free = wanted < np.radians(130.0)
    np.testing.assert_allclose(found[free], np.degrees(wanted[free]), atol=1e-6)


def test_who_folds_nothing_far_comes_back_untouched():
    dance = bent(np.full(30, 1.5), np.full(30, 0.3))

    assert within_reach(dance) is dance


def test_kept_arms_may_fold_as_they_did():
    dance = bent(np.full(30, 3.0), np.full(30, 0.3))
    made = within_reach(dance, ARMS[0])

    assert made.local_rotations[:, list(ARMS[0])].tobytes() == dance.local_rotations[:, list(ARMS[0])].tobytes()
    assert np.abs(made.local_rotations[:, ARMS[1][2]] - dance.local_rotations[:, ARMS[1][2]]).max() > 0.01
