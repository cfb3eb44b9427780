"""What the stage shows at each moment, as values."""

from __future__ import annotations

import queue
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest

from app.window.stage import Stage
from editor.audition import Audition
from editor.document.assemble import dance
from editor.document.bodies import character_of
from editor.document.document import Document, Place
from editor.document.setting_edits import set_settings
from editor.document.track_edits import add_track, place_track, set_track_flags
from editor.jobs.worker import Worker
from editor.session import Session
from editor.theme import DARK, LIGHT
from engine.character.character import KINDS, _made
from engine.character.dressing import dressed
from engine.motion.house import HOUSE, JOINT
from tests.app.window.studio import a_dance
from tests.documents import motion
from viewer3d.stage_view import Picked


@pytest.fixture
def session() -> Session:
    return Session(a_dance())


@pytest.fixture
def stage(session) -> Iterator[Stage]:
    worker = Worker(queue.Queue().put, "test")  # no job: no process is started
    yield Stage(session, Audition(session, worker), DARK)
    worker.close()


# Dancers


def test_every_dancer_is_seen_in_the_pose_of_the_moment(session, stage):
    view = stage.view_at(1.0)

    assert [(f.id, f.name, f.is_selected) for f in view.figures] == [("ann", "Ann", True), ("bo", "Ann", False)]
    for figure in view.figures:
        expected = dance(session.document, figure.id).slice(30, 31).positions_m()[0]
        assert np.allclose(figure.pose.positions_m, expected)


def test_between_frames_the_pose_lies_between(session, stage):
    before, between, after = (stage.view_at(t).figures[0].pose.positions_m[0] for t in (30 / 30, 30.5 / 30, 31 / 30))

    assert np.allclose(between, (before + after) / 2, atol=1e-6)


def test_bodies_that_dancers_may_be_given_are_made_beforehand(session, stage):
    session.edit("height", lambda d: set_track_flags(d, "bo", height_m=1.613))

    stage.bodies_to_come()()

    made = _made.cache_info().misses
    for kind in KINDS:
        session.edit("body", lambda d, kind=kind: set_track_flags(d, "bo", body=kind))
        stage.view_at(1.0)
    assert _made.cache_info().misses == made


def test_a_hidden_dancer_is_not_seen(session, stage):
    session.edit("hide", lambda d: set_track_flags(d, "ann", is_hidden=True))

    assert [f.id for f in stage.view_at(0.0).figures] == ["bo"]
    assert stage.active_motion() is dance(session.document, "bo")


def test_alone_nobody_is_named_or_marked(session, stage):
    session.history.replace(replace(session.document, tracks=session.document.tracks[:1]))

    [figure] = stage.view_at(0.0).figures
    assert (figure.name, figure.is_selected) == ("", False)


def test_what_is_auditioned_is_seen_instead_of_the_dance(session, stage):
    other = motion(240, 5)
    session.audition("bo", other)

    figure = stage.view_at(2.0).figures[1]

    assert np.allclose(figure.pose.positions_m, other.slice(60, 61).positions_m()[0])
    session.audition("bo", None)
    assert stage.motions()[1][1] is dance(session.document, "bo")


def test_a_dancer_is_seen_on_her_own_body(session, stage):
    session.edit("body", lambda d: set_track_flags(d, "ann", body="woman", height_m=1.58))

    ann, bo = stage.view_at(1.0).figures

    body = character_of(session.document.track("ann"))
    assert ann.skeleton is body.skeleton
    assert bo.skeleton is HOUSE
    expected = dressed(dance(session.document, "ann"), body).slice(30, 31).positions_m()[0]
    assert np.allclose(ann.pose.positions_m, expected)
    assert stage.motions()[0][1] is dance(session.document, "ann")


def test_an_empty_stage_can_be_shown(stage, session):
    session.view.shows_ghosts, session.view.trails = True, frozenset({"hands", "feet", "hips"})
    session.history.replace(Document())
    assert stage.view_at(0.0).figures == ()
    assert stage.hud_at(0.0).count == ""

    session.edit("add", lambda d: add_track(d, "Ann", "ann"))
    assert stage.view_at(0.0).ghosts == ()
    assert stage.motions() == []


# Ghosts and trails


def test_ghosts_stand_on_the_counts_around(session, stage):
    assert stage.view_at(3.2).ghosts == ()
    session.view.shows_ghosts = True

    ghosts = stage.view_at(3.2).ghosts

    assert [g.kind for g in ghosts] == ["past", "past", "future", "future"]
    ann = dance(session.document, "ann")
    for ghost, time_s in zip(ghosts, (2.5, 3.0, 3.5, 4.0), strict=True):
        frame = round(30 * time_s)
        assert np.allclose(ghost.pose.positions_m, ann.slice(frame, frame + 1).positions_m()[0])


def test_a_ghost_never_stands_where_the_dancer_is(session, stage):
    session.view.shows_ghosts = True
    ann = dance(session.document, "ann")

    ghosts = stage.view_at(3.0).ghosts

    for ghost, time_s in zip(ghosts, (2.0, 2.5, 3.5, 4.0), strict=True):
        assert np.allclose(ghost.pose.positions_m[0], ann.root_positions_m[round(30 * time_s)])


@pytest.mark.parametrize(("time_s", "n_past", "n_future"), [(0.0, 0, 2), (0.5, 1, 2), (7.5, 2, 0), (8.0, 2, 0)])
def test_at_the_ends_of_the_piece_there_are_fewer_ghosts(session, stage, time_s, n_past, n_future):
    session.view.shows_ghosts = True

    kinds = [g.kind for g in stage.view_at(time_s).ghosts]

    assert (kinds.count("past"), kinds.count("future")) == (n_past, n_future)


def test_without_beats_ghosts_stand_every_half_second_and_have_no_number(session, stage):
    session.view.shows_ghosts = True
    session.history.replace(replace(session.document, analysis=None))

    ghosts = stage.view_at(3.0).ghosts

    assert len(ghosts) == 4
    assert {g.label for g in ghosts} == {""}


@pytest.mark.parametrize(
    ("kinds", "joints"),
    [
        ({"hands"}, ["LeftHand", "RightHand"]), ({"feet"}, ["LeftToeBase", "RightToeBase"]), ({"hips"}, ["Hips"]),
        (set(), []),
    ],
)  # fmt: skip
def test_trails_are_the_ways_of_what_was_chosen(session, stage, kinds, joints):
    session.view.trails = frozenset(kinds)

    trails = stage.view_at(4.0).trails

    ann = dance(session.document, "ann").positions_m()
    assert [t.name for t in trails] == joints
    for trail, joint in zip(trails, joints, strict=True):
        assert np.allclose(trail.points_m, ann[93:129, JOINT[joint]])
        assert len(trail.speeds_m_s) == len(trail.points_m)


@pytest.mark.parametrize("time_s", [0.0, 8.0])
def test_trails_at_the_ends_are_shorter(session, stage, time_s):
    session.view.trails = frozenset({"hips"})

    [trail] = stage.view_at(time_s).trails

    assert 3 <= len(trail.points_m) < 36


# Paths, marks, words


def test_a_drawn_path_lies_on_the_stage_where_it_was_drawn_wherever_the_dancer_stands(session, stage):
    assert stage.view_at(0.0).path_m is None
    session.edit("place", lambda d: place_track(d, "ann", Place(2.0, 1.0, 0.0)))
    session.edit("path", lambda d: set_settings(d, replace(d.settings, path_m=((0.0, 0.0), (1.0, 0.5)))))

    assert np.array_equal(stage.view_at(0.0).path_m, [[0.0, 0.0], [1.0, 0.5]])


def test_what_is_picked_and_mirrored_is_passed_on(session, stage):
    stage.picked = Picked("ann", "LeftHand", "left_arm")
    session.view.is_mirrored = True

    view = stage.view_at(0.0)

    assert (view.picked, view.is_mirrored) == (stage.picked, True)


def test_the_words_are_the_count_and_the_bar(stage):
    words = stage.hud_at(2.6)

    assert (words.count, words.title) == ("6", "")
    assert words.detail.startswith("bar 2")
    assert "120 bpm" in words.detail


def test_the_counts_follow_a_corrected_grid(session, stage):
    from editor.document.grid_edits import set_one_here

    session.edit("one", lambda d: set_one_here(d, 2.5))

    assert stage.hud_at(2.6).count == "1"


def test_a_count_in_takes_the_place_of_the_count(stage):
    stage.count_in = "6"

    words = stage.hud_at(0.1)

    assert words.notice == "6"


def test_each_theme_has_a_stage_of_its_own(stage):
    dark = stage.view_at(0.0).colours
    stage.set_theme(LIGHT)

    assert stage.view_at(0.0).colours != dark
