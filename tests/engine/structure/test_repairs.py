"""Faults planted in the demo's dance are mended: gone, nothing else worse, and every other frame as it was."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from app.resources import resource_path
from engine.motion import quaternion
from engine.motion.house import JOINT
from engine.motion.motion import Motion
from engine.structure import figure_mending, retiming
from engine.structure.body import Body
from engine.structure.book import read_rules
from engine.structure.checker import check
from engine.structure.integrity import PIECE_RULES
from engine.structure.repairs import REPAIRS, repair
from engine.structure.rules import RULES
from tests.benchmarks.bench_structure import demo_dances, is_found, is_right, part_of
from tests.dances import bobbing, walk
from tests.documents import an_analysis
from tests.engine.structure.figures import pirouette
from tests.engine.structure.planted import KINDS

BOOK = read_rules(resource_path("rules"))
# Every repair at least once.
MENDED = (
    "knee bent forwards", "elbow bent too far", "head like an owl's", "back wrung", "leg through the chest",
    "body in the floor", "foot in the floor", "standing foot slides", "hovers", "jump pulled down", "stiff landing",
    "leg through leg", "limb pops", "frames cut out", "elsewhere at once", "arm trembles", "picture stands",
    "body spun", "jump from straight legs", "arabesque low", "foot not pointed", "pirouette unfinished",
    "pirouette leans", "arabesque opened", "standing knee bent", "head goes round", "placed at the edge",
    "falls out of a turn",
)  # fmt: skip


@cache
def dance() -> Motion:
    return demo_dances()[0].slice(300, 660)


# Faults that no span of a set length mends, and one between calm frames does: kind, case of `bench structure`.
BETWEEN_CALM_FRAMES = (
    ("jump in slow motion", 3), ("limb pops", 5), ("body hurled", 3), ("body over wrung feet", 3),
)  # fmt: skip


@pytest.mark.parametrize(("kind", "case"), BETWEEN_CALM_FRAMES)
def test_a_fault_amid_fast_dance_is_mended_between_calm_frames(kind, case):
    rules, plant = KINDS[kind]
    whole = demo_dances()[case % 2]
    planted = plant(whole.slice(*part_of(whole, case)), np.random.default_rng(1000 * case + len(kind)))
    before = check(planted.motion, rules=BOOK)
    finding = max((f for f in before if is_found(planted, rules, [f], [])), key=lambda f: f.excess)

    mended = repair(planted.motion, finding, rules=BOOK)

    assert mended is not None
    assert is_right(planted.motion, mended, finding, before, check(mended.motion, rules=BOOK))


@pytest.mark.parametrize("kind", MENDED)
def test_a_fault_is_mended_and_every_other_frame_is_as_it_was(kind):
    rules, plant = KINDS[kind]
    planted = plant(dance(), np.random.default_rng(len(kind)))
    broken = planted.motion
    before = check(broken, style=planted.style, rules=BOOK)
    finding = max((f for f in before if f.rule in rules), key=lambda f: f.excess)

    mended = repair(broken, finding, rules=BOOK, style=planted.style)

    assert mended is not None
    after = check(mended.motion, style=planted.style, rules=BOOK)
    overlapping = [f for f in after if f.rule == finding.rule and f.start_frame < finding.end_frame
                   and finding.start_frame < f.end_frame and set(f.joints) & set(finding.joints)]  # fmt: skip
    assert overlapping == []
    assert {f.rule for f in after if f.severity != "note"} <= {f.rule for f in before}
    outside = np.r_[0 : mended.start_frame, mended.end_frame : broken.n_frames]
    for name in ("root_positions_m", "local_rotations"):
        assert np.array_equal(getattr(mended.motion, name)[outside], getattr(broken, name)[outside])


def test_an_ending_cut_off_comes_to_rest():
    music, (motion, _) = an_analysis(duration_s=24.0, bpm=100.0), walk(24.0)
    finding = next(f for f in check(motion, music, rules=BOOK) if f.rule == "ending_held")

    mended = repair(motion, finding, rules=BOOK, music=music)

    assert mended is not None
    assert not any(f.rule == "ending_held" for f in check(mended.motion, music, rules=BOOK))


def test_accents_beside_the_beat_land_on_it_and_time_runs_no_more_than_twelve_per_cent_off():
    music = an_analysis(duration_s=30.0, bpm=100.0)
    late = bobbing(music.beat_times_s + 0.2, 30.0, 30.0)
    finding = next(f for f in check(late, music, rules=BOOK) if f.rule == "accents_on_beats")

    mended = repair(late, finding, rules=BOOK, music=music)

    assert mended is not None
    left = [f for f in check(mended.motion, music, rules=BOOK) if f.rule == "accents_on_beats"]
    assert all(f.start_frame >= finding.end_frame for f in left)
    outside = np.r_[0 : mended.start_frame, mended.end_frame : late.n_frames]
    assert np.array_equal(mended.motion.root_positions_m[outside], late.root_positions_m[outside])
    fastest = np.abs(np.diff(late.root_positions_m[:, 1])).max()
    assert np.abs(np.diff(mended.motion.root_positions_m[:, 1])).max() <= 1.13 * fastest


def test_a_turn_on_the_spot_that_wandered_a_little_is_brought_back_to_it():
    motion = pirouette(travel_m=0.36)
    finding = next(f for f in check(motion, style="ballet", rules=BOOK) if f.rule == "pirouette_travel")
    start, end = finding.start_frame, finding.end_frame

    mended = figure_mending.centred(motion, start - 10, end + 30, finding)

    ball = mended.positions_m()[start:end, JOINT["RightToeBase"]][:, [0, 2]]
    assert np.linalg.norm(ball - ball[0], axis=-1).max() < 0.05


def looks_deg(motion: Motion) -> np.ndarray:
    """Where the face looks about the vertical, degrees, unrolled, [T]."""
    ahead = quaternion.rotate(motion.global_transforms()[1][:, JOINT["Head"]], np.array([0.0, 0.0, 1.0]))
    return np.degrees(np.unwrap(np.arctan2(ahead[:, 0], ahead[:, 2])))


@pytest.mark.parametrize("turns", [1.0, 2.0, -2.0, 1.5])
def test_a_head_that_spots_rests_on_its_front_and_whips_round_once_a_turn_no_further_than_a_neck_goes(turns):
    motion = pirouette(turns, is_spotted=False)
    finding = next(f for f in check(motion, style="ballet", rules=BOOK) if f.rule == "pirouette_spotting")

    mended = repair(motion, finding, rules=BOOK, style="ballet")

    assert mended is not None
    looks, before = looks_deg(mended.motion), looks_deg(motion)
    assert looks[-1] == pytest.approx(before[-1], abs=1e-6)
    # On the front, where a head that goes round with the body is for a few frames only, it is for half of the time.
    near = [np.abs((way - before[0] + 180.0) % 360.0 - 180.0) < 10.0 for way in (looks, before)]
    assert near[0][45:105].mean() > 1.7 * near[1][45:105].mean()
    assert np.abs(np.diff(looks)).max() > 1.7 * np.abs(np.diff(before)).max()
    steps = np.diff(looks) * np.sign(turns)
    assert (steps > -0.5).all()  # never back the way that it came
    neck = quaternion.multiply(*(mended.motion.local_rotations[:, JOINT[name]] for name in ("Neck", "Head")))
    assert 50.0 < np.degrees(quaternion.angle_between(neck, quaternion.IDENTITY)).max() < 85.0


def test_a_head_that_spots_moves_neck_and_head_alone_and_each_by_half():
    motion = pirouette(2.0, is_spotted=False)
    finding = next(f for f in check(motion, style="ballet", rules=BOOK) if f.rule == "pirouette_spotting")

    mended = repair(motion, finding, rules=BOOK, style="ballet")

    assert mended is not None
    moved = np.abs(mended.motion.local_rotations - motion.local_rotations).max(axis=(0, 2)) > 1e-12
    assert set(np.flatnonzero(moved)) == {JOINT["Neck"], JOINT["Head"]}
    assert np.array_equal(mended.motion.root_positions_m, motion.root_positions_m)
    neck, head = (mended.motion.local_rotations[:, JOINT[name]] for name in ("Neck", "Head"))
    assert np.allclose(neck, head, atol=1e-9)


def test_a_jump_gets_the_time_of_its_height():
    _, plant = KINDS["jump pulled down"]
    broken = plant(dance(), np.random.default_rng(4)).motion
    finding = next(f for f in check(broken, rules=BOOK) if f.rule == "flight")

    mended = retiming.jump_timed(broken, finding.start_frame - 48, finding.end_frame + 48, finding)

    before, after = ((Body(m).lowest > 0.07).sum() for m in (broken, mended))
    assert after / before == pytest.approx(min(np.sqrt(finding.measured), 1.6), rel=0.15)


def test_a_finding_without_a_repair_is_left_to_the_choreographer():
    rules, plant = KINDS["limb pops"]
    broken = plant(dance(), np.random.default_rng(1)).motion
    finding = next(f for f in check(broken, rules=BOOK) if f.rule in rules)

    assert repair(broken, replace(finding, repair=None), rules=BOOK) is None


def test_every_repair_that_a_rule_names_exists():
    named = {rule.repair for rule in (*RULES.values(), *PIECE_RULES.values()) if rule.repair}

    assert named == set(REPAIRS)
