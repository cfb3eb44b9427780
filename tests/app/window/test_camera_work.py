"""The camera: views, following, cameras kept with the piece, and picking on the stage."""

from __future__ import annotations

import queue
from dataclasses import dataclass, replace

import numpy as np
import pytest

from app.screen import has_screen
from app.window.camera_work import CameraWork
from app.window.stage import Stage
from editor.audition import Audition
from editor.document.document import Document
from editor.document.track_edits import remove_track
from editor.jobs.worker import Worker
from editor.session import Session
from editor.theme import DARK
from tests.app.window.studio import a_dance
from viewer3d.viewport import Viewport

pytestmark = [pytest.mark.gl, pytest.mark.skipif(not has_screen(), reason="no screen to open a window on")]


@dataclass
class Set:
    """A viewport with the stage of a piece."""

    session: Session
    stage: Stage
    viewport: Viewport
    work: CameraWork


@pytest.fixture
def scene(qtbot) -> Set:
    session = Session(a_dance())
    stage = Stage(session, Audition(session, Worker(queue.Queue().put, "test")), DARK)
    viewport = Viewport()
    viewport.reduces_motion = True
    qtbot.addWidget(viewport)
    viewport.resize(400, 300)
    with qtbot.waitSignal(viewport.ready):
        viewport.show()
    viewport.show_view(stage.view_at(0.0))
    made = Set(session, stage, viewport, CameraWork(session, stage, viewport))
    made.work.home()
    return made


def test_everybody_is_followed_until_one_dancer_is_framed(scene):
    far = scene.stage.view_at(0.0)
    first, second = far.figures
    moved = (first, replace(second, offset_m=np.array([0.0, 0.0, 4.0])))
    home_m = scene.viewport.camera().target_m
    scene.viewport.show_view(replace(far, figures=moved))
    np.testing.assert_allclose(scene.viewport.camera().target_m - home_m, [0.0, 0.0, 2.0], atol=1e-6)

    scene.viewport.show_view(far)
    scene.session.activate(scene.session.document.tracks[0].id)
    scene.work.frame()
    near_m = scene.viewport.camera().target_m
    scene.viewport.show_view(replace(far, figures=moved))

    np.testing.assert_allclose(scene.viewport.camera().target_m, near_m, atol=1e-6)


@pytest.mark.parametrize("command", ["view_front", "view_side", "view_top", "view_camera", "frame_selection"])
def test_a_view_can_be_had_with_and_without_dancers(scene, command):
    scene.work.commands[command]()
    assert np.isfinite(scene.viewport.camera().eye_m()).all()

    scene.session.history.replace(Document())
    scene.work.commands[command]()
    scene.work.home()
    assert np.isfinite(scene.viewport.camera().eye_m()).all()


def test_a_stored_camera_is_kept_as_a_step_and_looks_as_it_did(scene, qtbot):
    scene.work.commands["view_side"]()
    seen = scene.viewport.camera()
    scene.work.store()
    [kept] = scene.session.document.cameras
    assert (kept.name, scene.session.history.undo_labels) == ("Camera 1", ("store camera",))

    scene.work.commands["view_top"]()
    scene.work.recall(kept.id)

    def is_back() -> bool:
        now = scene.viewport.camera()
        return bool(np.allclose(now.target_m, seen.target_m, atol=1e-3) and abs(now.yaw_rad - seen.yaw_rad) < 1e-3)

    qtbot.waitUntil(is_back)


def test_a_camera_that_is_gone_changes_nothing(scene):
    before = scene.viewport.camera()

    scene.work.recall("no such camera")

    assert str(scene.viewport.camera()) == str(before)


def test_who_is_picked_on_the_stage_is_the_active_dancer(scene):
    scene.viewport.figure_picked.emit("bo")
    assert scene.session.active_track_id == "bo"

    scene.viewport.joint_picked.emit("ann", "LeftHand", "left_arm")
    assert scene.session.active_track_id == "ann"
    assert scene.stage.picked.joint_name == "LeftHand"
    scene.viewport.part_picked.emit("ann", "trunk")
    assert scene.stage.picked.part_name == "trunk"
    scene.viewport.figure_picked.emit("")
    assert scene.stage.picked is None


def test_the_stage_is_painted_when_who_was_picked_is_gone(scene):
    scene.viewport.part_picked.emit("bo", "trunk")
    scene.session.edit("remove", lambda d: remove_track(d, "bo"))
    scene.viewport.show_view(scene.stage.view_at(0.0))
    scene.viewport.repaint()

    assert scene.session.active_track_id == "ann"
