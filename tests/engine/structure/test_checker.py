"""What the rules find in the demo's dances with faults planted in them, and how they find it again after an edit."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from app.resources import resource_path
from engine.motion import quaternion
from engine.motion.house import HOUSE, JOINT
from engine.motion.motion import Motion
from engine.motion.resample import resampled
from engine.motion.skeleton import Skeleton
from engine.structure.book import RuleBook, RuleError, read_rules
from engine.structure.checker import Checker, check
from engine.structure.integrity import PIECE_RULES
from engine.structure.rules import RULES
from tests.benchmarks.bench_structure import demo_dances, is_found
from tests.dances import standing, walk
from tests.engine.structure.planted import KINDS


@cache
def book() -> RuleBook:
    return read_rules(resource_path("rules"))


@cache
def dance() -> Motion:
    return demo_dances()[0].slice(300, 660)


@pytest.mark.parametrize("kind", KINDS)
def test_a_planted_fault_is_found_at_its_frames_and_joints(kind):
    rules, plant = KINDS[kind]
    planted = plant(dance(), np.random.default_rng(len(kind)))

    after, before = (check(motion, style=planted.style, rules=book()) for motion in (planted.motion, dance()))
    assert is_found(planted, rules, after, before)


def test_a_plain_walk_is_clean():
    motion, _ = walk(10.0)

    assert check(motion, rules=book()) == []


def test_no_frames_have_no_findings():
    assert check(standing(0), rules=book()) == []


@pytest.mark.parametrize("n_frames", [1, 2, 3, 5, 12])
def test_a_few_frames_can_be_checked(n_frames):
    assert check(standing(n_frames), rules=book()) == []


def test_another_skeleton_is_refused():
    other = Skeleton(("a",), np.array([-1]), np.zeros((1, 3)))
    motion = Motion(other, 30.0, np.zeros((2, 3)), np.tile(quaternion.IDENTITY, (2, 1, 1)))

    with pytest.raises(ValueError, match="house skeleton"):
        check(motion, rules=book())


def test_frames_of_findings_are_those_of_the_motion_given():
    planted = KINDS["head like an owl's"][1](dance(), np.random.default_rng(3))
    slow = [f for f in check(planted.motion, rules=book()) if f.rule == "neck_turn"]
    fast = [f for f in check(resampled(planted.motion, 60.0), rules=book()) if f.rule == "neck_turn"]

    assert [2 * f.peak_frame for f in slow] == pytest.approx([f.peak_frame for f in fast], abs=2)


@pytest.mark.parametrize("kind", ["knee bent forwards", "body in the floor", "limb pops", "standing foot slides"])
def test_what_an_edit_touches_is_checked_again_and_gives_what_a_whole_check_gives(kind):
    planted = KINDS[kind][1](dance(), np.random.default_rng(7)).motion
    checker = Checker(book())

    first, second, third = checker.check(dance()), checker.check(planted), checker.check(dance())

    assert first == third == check(dance(), rules=book())
    assert second == check(planted, rules=book())


def test_a_dance_that_is_cut_short_keeps_no_finding_of_what_is_gone():
    planted = KINDS["knee bent forwards"][1](dance(), np.random.default_rng(7))
    checker = Checker(book())
    short = dance().slice(0, planted.start_frame - 30)

    assert any(f.start_frame >= short.n_frames for f in checker.check(planted.motion))
    assert checker.check(short) == check(short, rules=book())


@pytest.mark.parametrize(("joint", "axis"), [("LeftLeg", (1.0, 0.0, 0.0)), ("RightLeg", (1.0, 0.0, 0.0))])
def test_a_knee_folded_through_the_thigh_is_folded_too_far_and_not_bent_forwards(joint, axis):
    still = standing(60)
    local = still.local_rotations.copy()
    local[20:40, JOINT[joint]] = quaternion.from_axis_angle(np.array(axis), np.radians(200.0))

    found = [f for f in check(replace(still, local_rotations=local), rules=book()) if f.rule == "knee_range"]

    assert [round(f.measured) for f in found] == [200]
    assert found[0].measured > found[0].limit > 0.0


def test_a_finding_tells_movement_value_limit_and_a_sentence():
    local = standing(90).local_rotations.copy()
    local[30:60, JOINT["LeftLeg"]] = quaternion.from_axis_angle(np.array([1.0, 0.0, 0.0]), np.radians(-30.0))
    motion = replace(standing(90), local_rotations=local)

    finding = next(f for f in check(motion, rules=book()) if f.rule == "knee_range")

    assert (finding.start_frame, finding.end_frame) == (30, 60)
    assert finding.measured == pytest.approx(-30.0)
    assert finding.limit == -10.0
    assert finding.joints == ("LeftLeg",)
    assert "left knee" in finding.explanation.lower()


def test_a_limit_changed_for_a_piece_counts():
    planted = KINDS["head like an owl's"][1](dance(), np.random.default_rng(3)).motion
    lenient = book().changed({"neck_turn": {"low_deg": -150, "high_deg": 150}})

    assert any(f.rule == "neck_turn" for f in check(planted, rules=book()))
    assert not any(f.rule == "neck_turn" for f in check(planted, rules=lenient))


def test_every_rule_of_the_table_has_words_limits_and_a_source():
    for genre in book().genres:
        for name, text in book().of(genre).items():
            assert name in RULES or name in PIECE_RULES, name
            assert all((text.title, text.source, text.limits)), name
            assert text.says.endswith("."), name
            assert text.explain.endswith("."), name


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[knee_range]\nlow_deg = 'far'", "must be numbers"),
        ("[knee_range]\nseverity = 'dreadful'", "severity"),
        ("[knee_range]\nexplain = 'bent by {angle}'", "explain"),
        ("[knee_range", "TOML"),
    ],
)
def test_a_rule_that_cannot_be_used_is_refused_in_a_sentence(tmp_path, text, says):
    (tmp_path / "general.toml").write_text(text)

    with pytest.raises(RuleError, match=says):
        read_rules(tmp_path)


def test_a_folder_without_general_rules_is_refused(tmp_path):
    with pytest.raises(RuleError, match="general"):
        read_rules(tmp_path)


def test_joints_are_those_of_the_house_skeleton():
    found = check(KINDS["body in the floor"][1](dance(), np.random.default_rng(1)).motion, rules=book())

    assert {joint for f in found for joint in f.joints} <= set(HOUSE.names)
