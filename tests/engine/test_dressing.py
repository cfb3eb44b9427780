"""A dance on another body: turns, way and footprints kept; no new skating, nothing through the floor."""

from __future__ import annotations

import numpy as np
import pytest

from engine.character.character import character
from engine.character.dressing import dressed
from engine.motion import house
from engine.motion.contacts import contact_positions_m, contacts_of
from engine.motion.house import HOUSE, JOINT
from engine.motion.motion import Motion
from engine.motion.skeleton import Skeleton
from tests.dances import standing, walk

BODIES = [("neutral", 1.40), ("woman", 1.55), ("woman", 1.70), ("man", 1.85), ("man", 2.10)]
bodies = pytest.mark.parametrize(("kind", "height_m"), BODIES)
BALLS = [leg[3] for leg in house.LEGS]


def speeds_m_s(motion: Motion) -> np.ndarray:
    """How fast the contact joints travel over the floor, [T - 1, 4]."""
    places = contact_positions_m(motion)[..., [0, 2]]
    return np.linalg.norm(np.diff(places, axis=0), axis=-1) * motion.frame_rate_hz


def test_the_neutral_body_of_1_70_m_dances_the_very_same_motion():
    motion, _ = walk(2.0)

    assert dressed(motion, character()) is motion


@bodies
def test_standing_stays_standing(kind, height_m):
    body = character(kind, height_m)

    motion = dressed(standing(20), body)

    np.testing.assert_allclose(motion.positions_m()[10, BALLS, 1], body.skeleton.offsets_m[0, 1] + sum(
        body.skeleton.offsets_m[leg, 1].sum() for leg in [list(house.LEGS[0])]), atol=1e-6)  # fmt: skip
    assert motion.positions_m()[..., 1].max() < height_m


@bodies
def test_feet_that_stand_do_so_on_the_same_spot(kind, height_m):
    motion, stands = walk(4.0)

    after = dressed(motion, character(kind, height_m))

    inner = stands.copy()
    inner[1:-1] &= stands[:-2] & stands[2:]
    before_m, after_m = (m.positions_m()[:, BALLS][..., [0, 2]] for m in (motion, after))
    assert np.abs(after_m - before_m)[inner].max() < 0.004


@bodies
def test_nobody_skates_who_did_not(kind, height_m):
    motion, _ = walk(4.0)
    resting = contacts_of(contact_positions_m(motion), motion.frame_rate_hz)
    resting = resting[1:] & resting[:-1]

    before, after = speeds_m_s(motion), speeds_m_s(dressed(motion, character(kind, height_m)))

    assert after[resting].mean() < before[resting].mean() + 0.005
    assert np.max((after - before)[resting]) < 0.05


@bodies
def test_the_way_over_the_floor_and_the_turns_of_all_but_the_legs_are_kept(kind, height_m):
    motion, _ = walk(3.0)
    others = [j for j in range(HOUSE.n_joints) if j not in (*house.LEGS[0][:3], *house.LEGS[1][:3])]

    after = dressed(motion, character(kind, height_m))

    np.testing.assert_array_equal(after.root_positions_m[:, [0, 2]], motion.root_positions_m[:, [0, 2]])
    np.testing.assert_array_equal(after.local_rotations[:, others], motion.local_rotations[:, others])
    feet = [leg[2] for leg in house.LEGS]
    turned = np.abs(np.sum(after.global_transforms()[1] * motion.global_transforms()[1], axis=-1))[:, feet]
    np.testing.assert_allclose(turned, 1.0, atol=1e-6)


@bodies
def test_nothing_goes_deeper_under_the_floor_than_it_was(kind, height_m):
    motion, _ = walk(3.0)

    lowest = dressed(motion, character(kind, height_m)).positions_m()[..., 1].min()

    ball = house.CONTACT_REST_HEIGHTS_M[1] * height_m / 1.70
    assert lowest > min(motion.positions_m()[..., 1].min(), ball) - 0.003


@bodies
def test_a_hand_on_the_floor_stays_above_it(kind, height_m):
    motion = standing(60)
    root, local = motion.root_positions_m.copy(), motion.local_rotations.copy()
    half = np.sqrt(0.5)
    local[:, 0] = (half, half, 0.0, 0.0)  # lying face down, the arms to the floor
    root[:, 1] = 0.60
    for side, sign in (("Left", -1.0), ("Right", 1.0)):
        local[:, JOINT[f"{side}Arm"]] = (half, 0.0, sign * half, 0.0)
    plank = Motion(HOUSE, motion.frame_rate_hz, root, local)
    hand = JOINT["LeftHand"]
    assert plank.positions_m()[30, hand, 1] == pytest.approx(0.08, abs=0.03)

    after = dressed(plank, character(kind, height_m))

    assert after.positions_m()[30, hand, 1] > 0.6 * plank.positions_m()[30, hand, 1]


def test_hips_move_as_smoothly_as_before():
    motion, _ = walk(4.0)

    before, after = (
        np.abs(np.diff(m.root_positions_m[:, 1], 2)).max() for m in (motion, dressed(motion, character("man", 1.95)))
    )

    assert after < 1.5 * before + 1e-3


def test_no_frames_are_no_trouble_and_other_skeletons_are_refused():
    empty = Motion(HOUSE, 30.0, np.zeros((0, 3)), np.zeros((0, 24, 4)))
    point = Skeleton(("root",), np.array([-1]), np.zeros((1, 3)))

    assert dressed(empty, character("man")) is empty
    with pytest.raises(ValueError, match="house"):
        dressed(Motion(point, 30.0, np.zeros((1, 3)), np.array([[[1.0, 0, 0, 0]]])), character("man"))
