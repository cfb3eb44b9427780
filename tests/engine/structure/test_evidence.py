"""What shows a finding is where the finding is: angles at joints, ways of feet, what the body stands on."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from app.resources import resource_path
from engine.motion.house import JOINT
from engine.motion.motion import Motion
from engine.structure.book import read_rules
from engine.structure.checker import check
from engine.structure.evidence import ALLOWED, EVIDENCE, EXCESS, MEASURED, evidence
from engine.structure.finding import Finding
from engine.structure.integrity import PIECE_RULES
from engine.structure.rules import RULES
from tests.benchmarks.bench_structure import demo_dances
from tests.engine.structure.planted import KINDS

BOOK = read_rules(resource_path("rules"))
ANGLES = ("knee bent forwards", "elbow bent too far", "head like an owl's", "back wrung", "leg through the chest")
PLACES = ("body in the floor", "foot in the floor", "standing foot slides", "leg through leg", "limb pops")


@cache
def planted(kind: str) -> tuple[Motion, Finding]:
    rules, plant = KINDS[kind]
    motion = plant(demo_dances()[0].slice(300, 660), np.random.default_rng(len(kind))).motion
    finding = max((f for f in check(motion, rules=BOOK) if f.rule in rules), key=lambda f: f.excess)
    return motion, finding


@pytest.mark.parametrize("kind", [*ANGLES, *PLACES])
def test_it_is_shown_at_the_body_and_told_apart_by_its_role(kind):
    motion, finding = planted(kind)

    marks = evidence(finding, motion, finding.peak_frame)

    points = np.concatenate([mark.points_m for mark in marks])
    hips = motion.root_positions_m[finding.start_frame : finding.end_frame].mean(axis=0)
    assert np.isfinite(points).all()
    assert np.linalg.norm(points - hips, axis=-1).max() < 2.5
    assert {MEASURED, EXCESS} & {mark.role for mark in marks}
    assert any(mark.label for mark in marks)


@pytest.mark.parametrize("kind", ANGLES)
def test_between_the_rays_of_an_angle_lies_what_it_is_too_much(kind):
    motion, finding = planted(kind)

    marks = evidence(finding, motion, finding.peak_frame)

    allowed, measured = (
        next(m.points_m for m in marks if m.role == role and m.label) for role in (ALLOWED, MEASURED)
    )
    rays = [(ray[1] - ray[0]) / np.linalg.norm(ray[1] - ray[0]) for ray in (allowed, measured)]
    between = float(np.degrees(np.arccos(np.clip(rays[0] @ rays[1], -1.0, 1.0))))
    excess = abs(finding.measured - finding.limit)
    assert np.array_equal(allowed[0], measured[0])
    assert between == pytest.approx(min(excess, 360.0 - excess), abs=0.1)


def test_the_measured_ray_of_a_knee_lies_along_the_shin():
    motion, finding = planted("knee bent forwards")
    side = finding.joints[0].removesuffix("Leg")

    marks = evidence(finding, motion, finding.peak_frame)

    positions = motion.slice(finding.peak_frame, finding.peak_frame + 1).positions_m()[0]
    shin = positions[JOINT[f"{side}Foot"]] - positions[JOINT[f"{side}Leg"]]
    ray = next(m.points_m for m in marks if m.role == MEASURED and m.label)
    along = (ray[1] - ray[0]) / np.linalg.norm(ray[1] - ray[0])
    assert np.allclose(ray[0], positions[JOINT[f"{side}Leg"]])
    assert float(along @ shin) / float(np.linalg.norm(shin)) > 0.97


def test_a_sliding_foot_leaves_its_circle_by_what_was_measured():
    motion, finding = planted("standing foot slides")

    marks = evidence(finding, motion, finding.peak_frame)

    circle = next(m.points_m for m in marks if m.role == ALLOWED and len(m.points_m) > 3)
    way = next(m.points_m for m in marks if m.role == MEASURED and len(m.points_m) > 3)
    assert np.linalg.norm(circle - way[0], axis=-1) == pytest.approx(finding.limit)
    assert np.linalg.norm(np.diff(way, axis=0), axis=-1).sum() > 0.5 * finding.measured
    assert np.ptp(way[:, 1]) == 0.0


def test_a_body_out_of_balance_shows_what_it_stands_on_and_where_its_weight_is():
    motion = demo_dances()[0].slice(300, 360)
    finding = Finding("balance", "movement", 20, 40, 30, 0, ("Hips",), 0.5, 0.35, "m", "warning", "It would fall.")

    marks = evidence(finding, motion, 30)

    polygon = next(m.points_m for m in marks if m.is_area)
    feet = motion.slice(30, 31).positions_m()[0][[JOINT["LeftToeBase"], JOINT["RightToeBase"]]]
    assert len(polygon) >= 3
    assert np.linalg.norm(polygon[:, np.newaxis] - feet, axis=-1).min() < 0.2
    spots = [m.points_m[0] for m in marks if len(m.points_m) == 1]
    assert max(spot[1] for spot in spots) == pytest.approx(motion.root_positions_m[30, 1], abs=0.25)
    assert min(spot[1] for spot in spots) == pytest.approx(0.0, abs=0.01)


def test_every_rule_in_the_table_is_one_that_there_is():
    assert set(EVIDENCE) <= {*RULES, *PIECE_RULES}


def test_a_rule_that_is_not_in_the_table_shows_nothing_but_its_joints():
    finding = Finding("levels", "integrity", 0, 60, 30, 0, (), 0.05, 0.08, "m", "note", "One level.")

    assert evidence(finding, demo_dances()[0].slice(300, 360), 30) == ()


def test_a_body_that_floats_is_shown_beside_a_jump_of_its_time():
    motion, finding = planted("hovers")

    fall, way = (next(m.points_m for m in evidence(finding, motion, finding.peak_frame) if m.role == role)
                 for role in (ALLOWED, MEASURED))  # fmt: skip

    seconds = (len(fall) - 1) / 30.0
    assert np.allclose(fall[[0, -1]], way[[0, -1]])
    rise = fall[len(fall) // 2, 1] - 0.5 * (fall[0, 1] + fall[-1, 1])
    assert rise == pytest.approx(9.81 * seconds**2 / 8.0, rel=0.02)


@pytest.mark.parametrize("frame", [-5, 0, 359, 10_000])
def test_a_frame_beyond_the_dance_is_its_nearest(frame):
    motion, finding = planted("knee bent forwards")

    assert evidence(finding, motion, frame)
