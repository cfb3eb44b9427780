"""Turns that are fallen out of are closed: the weight comes to a stand, and the dance goes on from there."""

from __future__ import annotations

import numpy as np
import pytest

from app.resources import resource_path
from engine.motion.blend import join
from engine.motion.foot_lock import lock_feet
from engine.motion.house import HOUSE, LOWER_BODY
from engine.motion.motion import Motion
from engine.structure import turn_mending
from engine.structure.body import Body
from engine.structure.book import read_rules
from engine.structure.checker import check
from engine.structure.finding import Finding
from engine.structure.repairs import repair
from tests.dances import walk
from tests.engine.structure.figures import pirouette

BOOK = read_rules(resource_path("rules"))
ABOVE = [joint for joint in range(HOUSE.n_joints) if joint not in LOWER_BODY]


def walked_out_of(speed_m_s: float, phase_frames: int) -> Motion:
    """Two turns on the spot, and a walk out of them before they are done."""
    walking, _ = walk(5.0, 30.0, speed_m_s)
    return lock_feet(join(pirouette(2.0).slice(0, 98), walking.slice(phase_frames, 150), 0.35, move=True))


def fallen(motion: Motion) -> Finding:
    return next(f for f in check(motion, style="ballet", rules=BOOK) if f.rule == "pirouette_landing")


def speed_m_s(motion: Motion) -> np.ndarray:
    """Of the centre of mass over the floor, [T]."""
    return np.linalg.norm(Body(motion).centre_velocity[:, [0, 2]], axis=-1)


def slid_m(motion: Motion, first: int) -> float:
    """How far feet with more than half of the weight on them went over the floor from a frame on, metres."""
    body = Body(motion)
    return float((body.foot_moves * (body.down & (body.load > 0.5)))[first:].sum())


@pytest.mark.parametrize(("speed", "phase"), [(1.0, 9), (1.0, 18), (1.3, 9), (1.3, 27)])
def test_who_walks_out_of_a_turn_stands_first_for_a_fifth_of_a_second_and_no_foot_slides_for_it(speed, phase):
    motion = walked_out_of(speed, phase)
    finding = fallen(motion)
    ends = finding.start_frame

    made = repair(motion, finding, rules=BOOK, style="ballet")

    assert made is not None
    before, after = (speed_m_s(m)[ends : ends + 20] for m in (motion, made.motion))
    assert (before > finding.limit).sum() >= 15
    assert (after < finding.limit).sum() >= 6
    assert slid_m(made.motion, ends - 5) < slid_m(motion, ends - 5) + 0.05
    outside = np.r_[0 : made.start_frame, made.end_frame : motion.n_frames]
    assert np.array_equal(made.motion.root_positions_m[outside], motion.root_positions_m[outside])
    assert np.array_equal(made.motion.local_rotations[outside], motion.local_rotations[outside])
    # The bones above the hips turn as they did, so accents come when they came.
    assert np.allclose(made.motion.local_rotations[:, ABOVE], motion.local_rotations[:, ABOVE], atol=1e-12)


def test_the_turn_itself_is_as_it_was_when_its_end_is_mended():
    motion = walked_out_of(1.3, 9)
    finding = fallen(motion)

    made = repair(motion, finding, rules=BOOK, style="ballet")

    assert made is not None
    turn = slice(0, finding.start_frame - 9)
    assert np.allclose(made.motion.positions_m()[turn], motion.positions_m()[turn], atol=1e-3)


def test_a_landing_held_in_time_runs_at_most_twelve_per_cent_faster_after_it():
    motion = walked_out_of(1.0, 9)
    finding = fallen(motion)

    made = turn_mending.closed_in_time(motion, 20, motion.n_frames - 10, finding)

    ends = finding.start_frame
    assert speed_m_s(made)[ends : ends + 15].min() < 0.3
    assert np.abs(np.diff(made.root_positions_m[ends + 20 :], axis=0)).max() <= 1.13 * np.abs(
        np.diff(motion.root_positions_m[ends:], axis=0)
    ).max()
    assert np.allclose(made.positions_m()[-10:], motion.positions_m()[-10:], atol=1e-9)


def test_a_span_too_short_to_catch_up_in_is_left_as_it_is():
    motion = walked_out_of(1.0, 9)
    finding = fallen(motion)

    assert turn_mending.closed_in_time(motion, 90, finding.end_frame + 20, finding) is motion
    assert turn_mending.closed(motion, 90, finding.end_frame + 10, finding) is motion
