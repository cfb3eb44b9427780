"""Dances that leave the stage are led back onto it: by smaller steps, by a turn of the way, or placed inside."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from app.resources import resource_path
from engine.motion import quaternion
from engine.motion.foot_lock import lock_feet
from engine.motion.house import HOUSE, LOWER_BODY
from engine.motion.motion import Motion
from engine.structure.body import Body
from engine.structure.book import read_rules
from engine.structure.checker import check
from engine.structure.finding import Finding
from engine.structure.repairs import Repaired, repair
from tests.dances import walk

BOOK = read_rules(resource_path("rules"))
UP = np.array([0.0, 1.0, 0.0])
ABOVE = [joint for joint in range(HOUSE.n_joints) if joint not in LOWER_BODY]


def there_and_back(duration_s: float, turns_at_s: float) -> Motion:
    """A walk along z from the middle of the stage, which turns round in 2.5 s and goes back."""
    straight, _ = walk(duration_s)
    seconds = np.arange(straight.n_frames) / straight.frame_rate_hz
    yaw = np.pi * np.clip((seconds - turns_at_s) / 2.5, 0.0, 1.0)
    steps = quaternion.rotate(quaternion.from_axis_angle(UP, yaw[1:]), np.diff(straight.root_positions_m, axis=0))
    root = np.vstack([straight.root_positions_m[:1], straight.root_positions_m[0] + np.cumsum(steps, axis=0)])
    local = straight.local_rotations.copy()
    local[:, 0] = quaternion.multiply(quaternion.from_axis_angle(UP, yaw), local[:, 0])
    return lock_feet(replace(straight, root_positions_m=root, local_rotations=local), Body(straight).contacts)


def mended(motion: Motion) -> tuple[Finding, Repaired]:
    finding = next(f for f in check(motion, rules=BOOK) if f.rule == "on_stage")
    made = repair(motion, finding, rules=BOOK)
    assert made is not None
    assert not any(f.rule == "on_stage" for f in check(made.motion, rules=BOOK))
    assert np.abs(made.motion.root_positions_m[:, [0, 2]]).max() <= 9.0
    outside = np.r_[0 : made.start_frame, made.end_frame : motion.n_frames]
    assert np.array_equal(made.motion.root_positions_m[outside], motion.root_positions_m[outside])
    assert np.array_equal(made.motion.local_rotations[outside], motion.local_rotations[outside])
    assert np.allclose(made.motion.local_rotations[:, ABOVE], motion.local_rotations[:, ABOVE], atol=1e-12)
    return finding, made


def most_slid_m(motion: Motion) -> float:
    """The furthest way over the floor of a foot in one stance with more than half of the weight on it."""
    body = Body(motion)
    loaded = body.down & (body.load > 0.5) & (body.foot_moves * body.rate_hz < 0.6)
    return float((body.foot_moves * loaded).max())


@pytest.fixture(scope="module")
def turned_round() -> Motion:
    return there_and_back(24.0, 12.5)


def test_a_walk_over_the_border_and_back_turns_round_before_it_with_smaller_steps(turned_round):
    finding, made = mended(turned_round)

    assert 0 < made.start_frame < finding.start_frame
    assert finding.end_frame < made.end_frame < turned_round.n_frames
    before, after = (Body(m) for m in (turned_round, made.motion))
    assert np.abs(after.heading - before.heading).max() < 1e-9
    assert most_slid_m(made.motion) < most_slid_m(turned_round) + 0.008
    assert after.joint_speeds[:, 0].max() < 1.2 * before.joint_speeds[:, 0].max()


def test_the_hips_go_on_evenly_where_the_bend_begins_and_ends(turned_round):
    _, made = mended(turned_round)

    for frame in (made.start_frame, made.end_frame):
        near = slice(frame - 3, frame + 3)
        before, after = (np.diff(m.root_positions_m[near], axis=0) for m in (turned_round, made.motion))
        assert np.abs(after - before).max() < 0.005


def test_a_walk_that_never_comes_back_is_turned_along_the_stage_in_steps_as_long_as_they_were():
    motion, _ = walk(30.0)

    _, made = mended(motion)

    before, after = (Body(m) for m in (motion, made.motion))
    assert abs(after.heading[-1] - before.heading[-1]) > np.radians(20.0)
    far = slice(-150, None)  # turned for long
    assert after.joint_speeds[far, 0].mean() == pytest.approx(before.joint_speeds[far, 0].mean(), rel=0.5)
    assert most_slid_m(made.motion) < 0.01


def test_a_dance_placed_wholly_off_the_stage_is_placed_on_it_as_it_is():
    motion, _ = walk(6.0)
    off = replace(motion, root_positions_m=motion.root_positions_m + np.array([12.0, 0.0, 0.0]))

    _, made = mended(off)

    by = made.motion.root_positions_m - off.root_positions_m
    assert np.abs(by - by[0]).max() < 1e-9
    assert by[0, 0] == pytest.approx(-3.1, abs=0.01)
    assert np.allclose(made.motion.local_rotations, off.local_rotations, atol=1e-9)


def test_the_stage_is_that_of_the_rule_as_it_is_set_for_the_piece():
    small = BOOK.changed({"on_stage": {"depth_m": 6.0}})
    motion, _ = walk(6.0)
    finding = next(f for f in check(motion, rules=small) if f.rule == "on_stage")

    made = repair(motion, finding, rules=small)

    assert made is not None
    assert made.motion.root_positions_m[:, 2].max() <= 3.0
