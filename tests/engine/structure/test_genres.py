"""Figures made by geometry: right ones are clean, and each fault is told by its own rule, in its own genre alone."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from app.resources import resource_path
from engine.motion import quaternion
from engine.motion.house import JOINT
from engine.motion.motion import Motion
from engine.motion.signals import smoothstep
from engine.structure.book import read_rules
from engine.structure.checker import check
from tests.dances import bobbing, standing, walk
from tests.documents import an_analysis

BOOK = read_rules(resource_path("rules"))
X, Y = np.eye(3)[:2]
N = 150


def held(start: int = 40, end: int = 110, ramp: int = 20) -> np.ndarray:
    frames = np.arange(N)
    return smoothstep(1.0 - np.maximum(np.maximum(start - frames, frames - end), 0) / ramp)


def posed(turns_deg: dict[str, np.ndarray], drop_m: np.ndarray | float = 0.0) -> Motion:
    motion = standing(N)
    local = motion.local_rotations.copy()
    for joint, deg in turns_deg.items():
        local[:, JOINT[joint]] = quaternion.from_axis_angle(X, np.radians(deg))
    root = motion.root_positions_m - np.broadcast_to(drop_m, (N,))[:, np.newaxis] * Y
    return replace(motion, root_positions_m=root, local_rotations=local)


def arabesque(leg_deg: float = 80.0, knee_deg: float = 0.0, point_deg: float = 45.0) -> Motion:
    w = held()
    half = 0.5 * knee_deg * w
    legs = {"LeftUpLeg": leg_deg * w, "LeftFoot": point_deg * w, "RightUpLeg": -half, "RightLeg": 2 * half,
            "RightFoot": -half}  # fmt: skip
    return posed(legs, 0.81 * (1.0 - np.cos(np.radians(half))))


def pirouette(turns: float = 2.0, tilt_deg: float = 0.0, travel_m: float = 0.0) -> Motion:
    w = held(40, 110, 15)
    motion = posed({"LeftUpLeg": -60.0 * w, "LeftLeg": 90.0 * w, "LeftFoot": 40.0 * w})
    u = smoothstep((np.arange(N) - 45) / 60.0)
    pivot = motion.positions_m()[:, JOINT["RightToeBase"]] * [1.0, 0.0, 1.0]
    turn = quaternion.from_axis_angle(Y, 2.0 * np.pi * turns * u)
    turn = quaternion.multiply(quaternion.from_axis_angle(X, np.radians(tilt_deg) * w), turn)
    local = motion.local_rotations.copy()
    local[:, 0] = quaternion.multiply(turn, local[:, 0])
    root = quaternion.rotate(turn, motion.root_positions_m - pivot) + pivot
    return replace(motion, root_positions_m=root + u[:, np.newaxis] * travel_m * X, local_rotations=local)


def told(motion: Motion, style: str | None, genre: str = "ballet") -> set[str]:
    own = set(BOOK.genres[genre])
    return {f.rule for f in check(motion, style=style, rules=BOOK)} & own


@pytest.mark.parametrize(
    ("motion", "rules"),
    [
        (arabesque(), set()),
        (arabesque(leg_deg=52.0), {"arabesque_height"}),
        (arabesque(knee_deg=60.0), {"supporting_knee"}),
        (arabesque(point_deg=-25.0), {"pointed_foot"}),
        (pirouette(2.0), set()),
        (pirouette(1.5), set()),
        (pirouette(1.7), {"pirouette_turns"}),
        (pirouette(tilt_deg=22.0), {"pirouette_axis"}),
        (pirouette(travel_m=0.5), {"pirouette_travel"}),
    ],
)
def test_a_figure_is_told_by_the_rule_it_breaks_and_by_no_other(motion, rules):
    # The standing foot is straight, and tips up with a tilted axis: hints of their own.
    assert told(motion, "ballet") - {"turnout", "releve_height"} == rules


@pytest.mark.parametrize("style", [None, "salsa", "street"])
def test_other_genres_ask_nothing_of_an_arabesque(style):
    assert told(arabesque(leg_deg=52.0, knee_deg=60.0), style) == set()


def test_feet_straight_ahead_are_no_turnout_and_feet_turned_out_are():
    out = standing(N)
    local = out.local_rotations.copy()
    for side, sign in (("Left", 1.0), ("Right", -1.0)):
        local[:, JOINT[side + "UpLeg"]] = quaternion.from_axis_angle(Y, sign * np.radians(40.0))

    assert "turnout" in told(standing(N), "ballet")
    assert "turnout" not in told(replace(out, local_rotations=local), "ballet")


def test_salsa_without_steps_is_told_and_with_a_step_on_each_beat_is_not():
    music = an_analysis(duration_s=12.0, bpm=100.0)
    still = check(standing(360), music, "salsa", rules=BOOK)
    walking = check(walk(12.0)[0], music, "salsa", rules=BOOK)

    assert any(f.rule == "weight_changes" for f in still)
    assert not any(f.rule == "weight_changes" for f in walking)


def test_street_dance_that_bobs_on_the_beat_bounces_and_one_that_stands_does_not():
    music = an_analysis(duration_s=20.0, bpm=120.0)

    assert not any(
        f.rule == "bounce" for f in check(bobbing(music.beat_times_s, 20.0, 30.0), music, "street", rules=BOOK)
    )
    assert any(f.rule == "bounce" for f in check(standing(600), music, "street", rules=BOOK))


def test_straight_legs_are_no_araimandi_and_bent_ones_are():
    k = np.full(N, 30.0)
    seated = posed(
        {n: s * k for side in ("Left", "Right") for n, s in
         ((side + "UpLeg", -1.0), (side + "Leg", 2.0), (side + "Foot", -1.0))}, 0.81 * (1 - np.cos(np.radians(30.0)))
    )  # fmt: skip

    assert "araimandi" in told(standing(N), "indian", "indian")
    assert "araimandi" not in told(seated, "indian", "indian")


def test_a_piece_that_ends_in_a_pose_is_clean_and_one_cut_off_is_told():
    music = an_analysis(duration_s=24.0, bpm=100.0)
    cut_off, _ = walk(24.0)
    last = cut_off.n_frames - 45
    root = cut_off.root_positions_m.copy()
    root[last:], local = root[last], cut_off.local_rotations.copy()
    local[last:] = local[last]
    held_end = replace(cut_off, root_positions_m=root, local_rotations=local)

    assert any(f.rule == "ending_held" for f in check(cut_off, music, rules=BOOK))
    assert not any(f.rule == "ending_held" for f in check(held_end, music, rules=BOOK))


def test_accents_on_beats_are_clean_and_accents_a_third_of_a_beat_late_are_told():
    music = an_analysis(duration_s=24.0, bpm=100.0)
    on = bobbing(music.beat_times_s, 24.0, 30.0)
    late = bobbing(music.beat_times_s + 0.2, 24.0, 30.0)

    assert not any(f.rule == "accents_on_beats" for f in check(on, music, rules=BOOK))
    assert any(f.rule == "accents_on_beats" for f in check(late, music, rules=BOOK))
