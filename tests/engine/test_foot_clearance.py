"""Feet leave the floor before they travel over it."""

from __future__ import annotations

import numpy as np
import pytest

from engine.evaluation.metrics import foot_skating
from engine.motion import house
from engine.motion.contacts import contact_positions_m
from engine.motion.foot_lock import lock_feet
from tests.dances import on_feet, standing, walk

BALLS = [1, 3]


def shuffle(lift_m=0.0, period=30, n_frames=120, step_m=0.12):
    """Feet that step aside by turns, flat, the sole hardly off the floor; and when each stands, bool [T, 4]."""
    frames = np.arange(n_frames)
    ankles, stands = np.zeros((n_frames, 2, 3)), np.ones((n_frames, 2), dtype=bool)
    for side, x in enumerate((0.1, -0.1)):
        cycle = frames + side * period // 2
        phase = np.clip((cycle % period) / 6.0, 0.0, 1.0)
        swing = phase * phase * (3.0 - 2.0 * phase)
        ankles[:, side, 0] = x + step_m * (cycle // period + swing - 2.0 * (side == 1))
        ankles[:, side, 1] = 0.08 + lift_m * 4.0 * phase * (1.0 - phase)
        stands[:, side] = (cycle % period == 0) | (cycle % period >= 6)
    root = np.stack([ankles[..., 0].mean(axis=1), np.full(n_frames, 0.86), np.zeros(n_frames)], axis=-1)
    return on_feet(root, ankles), np.repeat(stands, 2, axis=1)


def step_m(points_m):
    return np.linalg.norm(np.diff(points_m[..., [0, 2]], axis=0), axis=-1)


@pytest.mark.parametrize("lift_m", [0.0, 0.008])
def test_feet_that_shuffle_flat_over_the_floor_are_lifted_off_it(lift_m):
    motion, stands = shuffle(lift_m)
    assert foot_skating(lock_feet(motion, stands)) > 0.1

    cleared = lock_feet(motion, stands, clears=True)

    assert foot_skating(cleared) == 0.0


def test_the_ball_of_a_standing_foot_stays_where_it_is_pinned():
    motion, stands = shuffle()

    feet = contact_positions_m(lock_feet(motion, stands, clears=True))[:, BALLS]

    held = stands[1:, BALLS] & stands[:-1, BALLS]
    assert step_m(feet)[held].max() < 1e-6
    np.testing.assert_allclose(feet[stands[:, BALLS]][:, 1], 0.02, atol=1e-6)


@pytest.mark.parametrize(("step_m", "least_m", "most_m"), [(0.08, 0.005, 0.013), (0.3, 0.018, 0.05)])
def test_the_faster_a_step_the_higher_it_clears_the_floor(step_m, least_m, most_m):
    motion, stands = shuffle(step_m=step_m)

    heights_m = contact_positions_m(lock_feet(motion, stands, clears=True))[:, BALLS, 1] - 0.02

    assert least_m < heights_m.max() < most_m


def test_heels_peel_off_gently():
    motion, stands = shuffle()

    heights = contact_positions_m(lock_feet(motion, stands, clears=True))[..., 1] - house.CONTACT_REST_HEIGHTS_M

    assert 0.02 < heights[:, [0, 2]].max() < 0.06
    assert heights[:, BALLS].max() < 0.02
    assert np.abs(np.diff(heights, axis=0)).max() < 0.015  # 0.45 m/s
    assert heights.min() > -1e-6


def test_a_foot_that_is_carried_well_over_the_floor_keeps_its_gesture():
    motion, stands = walk(3.0)
    stands = np.repeat(stands, 2, axis=1)

    plain, cleared = lock_feet(motion, stands), lock_feet(motion, stands, clears=True)

    high = contact_positions_m(plain)[:, 0, 1] > 0.08 + 0.06
    assert high.any()
    away = np.linalg.norm(cleared.positions_m() - plain.positions_m(), axis=-1)[:, house.LEGS[0][2]]
    assert away[high].max() < 0.01


def test_someone_who_stands_comes_back_bit_for_bit():
    motion = standing(60)

    cleared = lock_feet(motion, clears=True)

    assert cleared.local_rotations.tobytes() == motion.local_rotations.tobytes()


def test_kept_frames_come_back_bit_for_bit():
    motion, stands = shuffle()
    keep = np.zeros(motion.n_frames, dtype=bool)
    keep[:40] = keep[90:] = True

    cleared = lock_feet(motion, stands, keep, clears=True)

    assert cleared.local_rotations[keep].tobytes() == motion.local_rotations[keep].tobytes()
    assert cleared.root_positions_m[keep].tobytes() == motion.root_positions_m[keep].tobytes()


@pytest.mark.parametrize("n_frames", [1, 2, 3])
def test_a_few_frames_are_no_trouble(n_frames):
    motion, stands = shuffle()
    short = motion.slice(0, n_frames)

    assert np.isfinite(lock_feet(short, stands[:n_frames], clears=True).positions_m()).all()
