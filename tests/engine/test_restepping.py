"""A walk led along another path: its feet stand as still as they did, where the path takes them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.motion import house, quaternion
from engine.motion.motion import Motion
from engine.motion.restepping import restepped
from engine.motion.signals import smoothstep
from tests.dances import walk

FEET = list(house.CONTACT_JOINTS)
NONE_KEPT = np.zeros(180, dtype=bool)
WALK, STANDS = walk(6.0)


def slid_m(motion: Motion, stands: np.ndarray) -> float:
    """The furthest that an ankle goes over the floor in one frame, of those in which its foot stands."""
    ankles = motion.positions_m()[:, FEET[::2]][..., [0, 2]]
    both = stands[1:] & stands[:-1]
    return float((np.linalg.norm(np.diff(ankles, axis=0), axis=-1) * both).max())


def aside(by_m: float) -> np.ndarray:
    """The walk's root led aside by metres, over four seconds of its six."""
    share = smoothstep((np.arange(180) - 30) / 120.0)
    return WALK.root_positions_m + by_m * share[:, np.newaxis] * np.array([1.0, 0.0, 0.0])


def test_the_same_path_is_the_same_dance_bit_for_bit():
    same = restepped(WALK, WALK.root_positions_m, np.zeros(180), NONE_KEPT)

    assert np.array_equal(same.root_positions_m, WALK.root_positions_m)
    assert np.array_equal(same.local_rotations, WALK.local_rotations)


@settings(max_examples=20, deadline=None)
@given(by_m=st.floats(-1.5, 1.5))
def test_feet_of_a_walk_that_is_led_aside_stand_still(by_m):
    led = restepped(WALK, aside(by_m), np.zeros(180), NONE_KEPT)

    assert slid_m(led, STANDS) < 1e-3
    assert np.abs(led.root_positions_m - aside(by_m))[:, [0, 2]].max() == 0.0
    assert np.abs(led.root_positions_m - aside(by_m)).max() < 0.05


def test_a_walk_that_is_turned_as_a_whole_is_rigidly_turned():
    turn = quaternion.from_axis_angle(np.array([0.0, 1.0, 0.0]), 0.7)

    led = restepped(WALK, quaternion.rotate(turn, WALK.root_positions_m), np.full(180, 0.7), NONE_KEPT)

    assert np.abs(led.positions_m() - quaternion.rotate(turn, WALK.positions_m())).max() < 1e-6


def test_feet_of_a_walk_that_is_turned_more_and_more_stand_as_they_did_with_their_toes_too():
    turn_rad = 1.2 * smoothstep((np.arange(180) - 30) / 120.0)
    axis = np.array([0.0, 1.0, 0.0])
    steps = quaternion.rotate(quaternion.from_axis_angle(axis, turn_rad[1:]), np.diff(WALK.root_positions_m, axis=0))
    root = WALK.root_positions_m[0] + np.vstack([np.zeros((1, 3)), np.cumsum(steps, axis=0)])

    led = restepped(WALK, root, turn_rad, NONE_KEPT)

    turns = led.global_transforms()[1][:, FEET[::2]]
    steps_rad = quaternion.angle_between(turns[1:], turns[:-1])
    assert slid_m(led, STANDS) < 1e-3
    assert (steps_rad * (STANDS[1:] & STANDS[:-1])).max() < 1e-3
    assert steps_rad.max() < 0.08  # nor do they snap round in their swings
    assert quaternion.angle_between(turns[-1], turns[0]).min() > 1.0


def test_frames_that_are_kept_come_back_bit_for_bit_and_a_foot_that_stands_across_their_edge_stays():
    keep = np.arange(180) < 60
    root = WALK.root_positions_m + smoothstep((np.arange(180) - 59) / 100.0)[:, np.newaxis] * np.array([0.6, 0.0, 0.0])

    led = restepped(WALK, root, np.zeros(180), keep)

    assert np.array_equal(led.root_positions_m[keep], WALK.root_positions_m[keep])
    assert np.array_equal(led.local_rotations[keep], WALK.local_rotations[keep])
    foot = int(np.argmax(STANDS[59]))
    end = 60 + int(np.argmin(STANDS[60:, foot]))
    before, after = (m.positions_m()[60 : end - 1, FEET[2 * foot]] for m in (WALK, led))
    assert np.abs(after - before).max() < 1e-3


def test_bones_above_the_hips_turn_as_they_did_and_legs_keep_their_length():
    led = restepped(WALK, aside(1.0), np.zeros(180), NONE_KEPT)

    above = [j for j in range(house.HOUSE.n_joints) if j not in house.LOWER_BODY]
    assert np.array_equal(led.local_rotations[:, above], WALK.local_rotations[:, above])
    places = led.positions_m()
    for hip, knee, ankle, _ in house.LEGS:
        for a, b in ((hip, knee), (knee, ankle)):
            length = np.linalg.norm(places[:, b] - places[:, a], axis=-1)
            assert length == pytest.approx(np.linalg.norm(house.HOUSE.offsets_m[b]), abs=1e-9)
