from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.generation.conditioning import EFFORTS, effort_curves
from engine.generation.effort_layer import apply_effort, feet_held
from engine.motion import quaternion
from engine.motion.house import JOINT, LEGS
from tests.dances import improvised, standing, walk

LEG_M = 0.81
ANKLES = [leg[2] for leg in LEGS]
EFFORT = {name: i for i, name in enumerate(EFFORTS)}


def shift_of(n_frames, **deviations):
    rows = np.zeros((n_frames, len(EFFORTS)))
    for name, value in deviations.items():
        rows[:, EFFORT[name]] = value
    return rows


def dancing_walk():
    """A walk whose arms and trunk improvise."""
    steps, _ = walk(5.0)
    free = np.array(improvised(steps.n_frames, seed=3, size=0.15).local_rotations)
    for leg in LEGS:
        free[:, leg] = steps.local_rotations[:, leg]
    free[:, 0] = steps.local_rotations[:, 0]
    return replace(steps, local_rotations=free)


DANCE = dancing_walk()


def measured(motion, effort):
    return effort_curves(motion, smooth=False)[:, EFFORT[effort]].mean()


def test_no_shift_at_full_size_is_the_same_motion():
    assert apply_effort(DANCE, shift_of(DANCE.n_frames)) is DANCE


def test_a_shift_that_hardly_is_one_hardly_changes_anything():
    changed = apply_effort(DANCE, shift_of(DANCE.n_frames, energy=1e-9))

    np.testing.assert_allclose(changed.positions_m(), DANCE.positions_m(), atol=1e-6)


@settings(max_examples=30)
@given(st.lists(st.floats(-3.0, 3.0), min_size=6, max_size=6), st.floats(0.4, 1.6))
def test_feet_stay_where_they_step_wherever_the_legs_reach(deviations, intensity):
    shift = np.tile(deviations, (DANCE.n_frames, 1))
    changed = apply_effort(DANCE, shift, intensity).positions_m()
    before = DANCE.positions_m()

    for hip, _, ankle, _ in LEGS:
        within = np.linalg.norm(before[:, ankle] - changed[:, hip], axis=-1) < 0.99 * LEG_M
        moved = np.linalg.norm(changed[:, ankle] - before[:, ankle], axis=-1)
        assert within.any()
        assert moved[within].max() < 1e-3


@settings(max_examples=20)
@given(st.lists(st.floats(-3.0, 3.0), min_size=6, max_size=6))
def test_joy_and_sorrow_at_once_still_leave_a_body(deviations):
    changed = apply_effort(DANCE, np.tile(deviations, (DANCE.n_frames, 1)))

    np.testing.assert_allclose(np.linalg.norm(changed.local_rotations, axis=-1), 1.0, atol=1e-9)
    assert np.abs(np.diff(changed.positions_m(), axis=0)).max() < 0.25


@pytest.mark.parametrize("effort", ["energy", "suddenness", "expansion", "bounce"])
def test_every_effort_grows_with_its_own_slider(effort):
    levels = [
        measured(apply_effort(DANCE, shift_of(DANCE.n_frames, **{effort: d})), effort) for d in (-2, -1, 0, 1, 2)
    ]

    assert (np.diff(levels) > 0).all()


def bowed(motion, angle_rad):
    """The motion with its lowest spine joint bent forward."""
    local = np.array(motion.local_rotations)
    bend = quaternion.from_axis_angle(np.array([1.0, 0.0, 0.0]), np.array(angle_rad))
    local[:, JOINT["Spine"]] = quaternion.multiply(bend, local[:, JOINT["Spine"]])
    return replace(motion, local_rotations=local)


def test_a_bowed_trunk_is_straightened_and_bowed_further():
    dance = bowed(DANCE, 0.6)
    levels = [measured(apply_effort(dance, shift_of(150, uprightness=d)), "uprightness") for d in (-2, -1, 0, 1, 2)]

    assert (np.diff(levels) > 0.01).all()


@pytest.mark.parametrize("lean_rad", [-0.3, 0.0, 0.1])
def test_nobody_is_straightened_beyond_the_vertical(lean_rad):
    dancer = bowed(standing(90), lean_rad)

    def lean(motion):
        trunk = motion.positions_m()[:, JOINT["Neck"]] - motion.positions_m()[:, 0]
        return np.arctan2(trunk[:, 2], trunk[:, 1])

    straightened = apply_effort(dancer, shift_of(90, uprightness=3.0))

    assert lean(straightened).min() >= min(lean(dancer).min(), 0.0) - 0.02
    assert np.abs(lean(straightened)).max() <= np.abs(lean(dancer)).max() + 1e-6


def bent(drop_m):
    """A dancer who stands with bent knees, her feet where they were."""
    dancer = standing(90)
    root = np.array(dancer.root_positions_m) - [0.0, drop_m, 0.0]
    return feet_held(replace(dancer, root_positions_m=root), *dancer.global_transforms())


def test_a_low_dancer_is_lower():
    low, lower = (measured(apply_effort(DANCE, shift_of(DANCE.n_frames, height=d)), "height") for d in (-1, -2))

    assert lower < low < measured(DANCE, "height")


def test_a_high_dancer_rises_on_bent_legs_as_far_as_they_reach():
    heights = [measured(apply_effort(bent(0.04), shift_of(90, height=d)), "height") for d in (0.0, 0.5, 1.0, 3.0)]
    most = 0.985 * LEG_M + 0.08 + 0.05  # leg, ankle and the way from the hip joint to the hips

    assert heights[0] < heights[1] < heights[2] <= heights[3]
    assert heights[3] == pytest.approx(most, abs=1e-3)


def test_straight_legs_are_not_drawn_longer():
    dancer = standing(90)

    assert measured(apply_effort(dancer, shift_of(90, height=3.0)), "height") == pytest.approx(0.94, abs=1e-6)


def test_intensity_sizes_the_gestures():
    sizes = [measured(apply_effort(DANCE, shift_of(DANCE.n_frames), x), "energy") for x in (0.5, 1.0, 1.5)]

    assert (np.diff(sizes) > 0).all()


def test_a_slider_moved_in_the_middle_leaves_the_beginning_alone():
    shift = shift_of(DANCE.n_frames)
    shift[110:, EFFORT["energy"]] = 2.0
    changed = apply_effort(DANCE, shift).positions_m()

    np.testing.assert_allclose(changed[:40], DANCE.positions_m()[:40], atol=1e-6)
    assert np.abs(changed[110:] - DANCE.positions_m()[110:]).max() > 0.01


@pytest.mark.parametrize("n_frames", [1, 2, 3])
def test_a_few_frames_are_no_trouble(n_frames):
    changed = apply_effort(DANCE.slice(0, n_frames), shift_of(n_frames, energy=2.0, bounce=-2.0))

    assert changed.n_frames == n_frames
    assert np.isfinite(changed.positions_m()).all()
