"""Figures made by geometry: right ones are clean, and each fault is told by its own rule, in its own genre alone."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from app.resources import resource_path
from engine.motion import quaternion
from engine.motion.house import JOINT
from engine.motion.motion import Motion
from engine.structure.book import read_rules
from engine.structure.checker import check
from tests.dances import bobbing, standing, walk
from tests.documents import an_analysis
from tests.engine.structure.figures import N, Y, arabesque, pirouette, posed

BOOK = read_rules(resource_path("rules"))


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
        (pirouette(is_spotted=False), {"pirouette_spotting"}),
        (pirouette(falls_m=1.5), {"pirouette_landing"}),
        (arabesque(open_deg=45.0), {"hips_square"}),
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


def test_hips_that_tip_with_every_step_are_salsa_and_level_ones_are_told():
    music = an_analysis(duration_s=20.0, bpm=100.0)
    still = standing(600)
    phase = np.pi * np.arange(600) / 30.0 * (100.0 / 60.0)
    local = still.local_rotations.copy()
    tip = quaternion.from_axis_angle(np.array([0.0, 0.0, 1.0]), np.radians(4.0) * np.sin(phase))
    local[:, 0] = tip
    for joint in ("LeftUpLeg", "RightUpLeg", "Spine"):
        local[:, JOINT[joint]] = quaternion.conjugate(tip)
    swaying = replace(still, local_rotations=local)

    assert any(f.rule == "hip_motion" for f in check(still, music, "salsa", rules=BOOK))
    assert not any(f.rule == "hip_motion" for f in check(swaying, music, "salsa", rules=BOOK))


def test_weight_that_turns_back_on_one_and_five_breaks_and_weight_that_stays_does_not():
    music = an_analysis(duration_s=12.0, bpm=100.0)
    still = standing(360)
    beats = np.arange(360) / 30.0 * (100.0 / 60.0)
    root = still.root_positions_m.copy()
    root[:, 2] += 0.12 * np.cos(2.0 * np.pi * (beats - 0.3) / 8.0)
    breaking = replace(still, root_positions_m=root)

    assert any(f.rule == "break_steps" for f in check(still, music, "salsa", rules=BOOK))
    assert not any(f.rule == "break_steps" for f in check(breaking, music, "salsa", rules=BOOK))


def test_elbows_that_hang_in_the_seat_are_told_and_those_at_the_shoulders_are_not():
    k = np.full(N, 30.0)
    turns = {side + n: s * k for side in ("Left", "Right") for n, s in
             (("UpLeg", -1.0), ("Leg", 2.0), ("Foot", -1.0))}  # fmt: skip
    seated = posed(turns, 0.81 * (1 - np.cos(np.radians(30.0))))
    local = seated.local_rotations.copy()
    for side, sign in (("Left", 1.0), ("Right", -1.0)):
        local[:, JOINT[side + "Arm"]] = quaternion.from_axis_angle(np.array([0.0, 0.0, 1.0]), -sign * np.radians(75.0))

    assert "hand_heights" not in told(seated, "indian", "indian")
    assert "hand_heights" in told(replace(seated, local_rotations=local), "indian", "indian")


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
