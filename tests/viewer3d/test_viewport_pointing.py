"""The mouse in the viewport, on a screen such as Xvfb's."""

from __future__ import annotations

import os
import time
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QApplication, QMainWindow

from engine.motion.house import HOUSE
from tests.poses import lunge, rest
from viewer3d.camera import VIEWS, Camera
from viewer3d.stage_view import FigureView, HudLines, StageView
from viewer3d.viewport import Viewport
from viewer3d.viewport_overlay import cube_place

pytestmark = [
    pytest.mark.gl,
    pytest.mark.skipif(os.environ.get("QT_QPA_PLATFORM") == "offscreen", reason="no screen to open a window on"),
]
LEFT, MIDDLE, RIGHT = Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton, Qt.MouseButton.RightButton
NONE, ALT = Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.AltModifier
SHIFT, CTRL = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.ControlModifier
ANA = FigureView("ana", lunge(), offset_m=np.array([-0.8, 0.0, 0.0]), name="Ana")
BEN = FigureView("ben", rest(), offset_m=np.array([0.9, 0.0, -0.4]), name="Ben")
CAMERA = Camera(np.array([0.0, 0.9, 0.0]), 7.0, 0.2, 0.15)


@pytest.fixture
def viewport(qtbot):
    made = Viewport()
    made.reduces_motion = True
    qtbot.addWidget(made)
    made.resize(400, 300)
    made.show_view(StageView((ANA, BEN)))
    made.set_camera(CAMERA)
    with qtbot.waitSignal(made.ready):
        made.show()
    return made


def pixel(viewport: Viewport, point_m: np.ndarray) -> QPoint:
    x, y, _ = viewport.camera().project(point_m, viewport.width(), viewport.height())
    return QPointF(viewport.width() - x if viewport.is_mirrored else x, y).toPoint()


def hand(figure: FigureView) -> np.ndarray:
    return figure.pose.positions_m[HOUSE.index("LeftForeArm")] + figure.offset_m


def drag(qtbot, viewport: Viewport, button: Qt.MouseButton, modifier: Qt.KeyboardModifier, *at: QPoint) -> None:
    qtbot.mousePress(viewport, button, modifier, at[0])
    for point in at[1:]:
        qtbot.mouseMove(viewport, point)
    qtbot.mouseRelease(viewport, button, modifier, at[-1])


def test_a_click_picks_a_joint_and_its_dancer(viewport, qtbot):
    with qtbot.waitSignal(viewport.figure_picked) as figure, qtbot.waitSignal(viewport.joint_picked) as joint:
        qtbot.mouseClick(viewport, LEFT, NONE, pixel(viewport, hand(ANA)))

    assert figure.args == ["ana"]
    assert joint.args == ["ana", "LeftForeArm", "left_arm"]


def test_with_ctrl_a_click_picks_the_part(viewport, qtbot):
    with qtbot.waitSignal(viewport.part_picked) as picked:
        qtbot.mouseClick(viewport, LEFT, CTRL, pixel(viewport, hand(BEN)))

    assert picked.args == ["ben", "left_arm"]


def test_a_click_on_the_floor_picks_nobody(viewport, qtbot):
    with qtbot.waitSignal(viewport.figure_picked) as picked, qtbot.assertNotEmitted(viewport.joint_picked):
        qtbot.mouseClick(viewport, LEFT, NONE, QPoint(20, 280))

    assert picked.args == [""]


def test_in_the_mirror_a_dancer_is_picked_where_it_is_seen(viewport, qtbot):
    viewport.show_view(StageView((ANA, BEN), is_mirrored=True))

    with qtbot.waitSignal(viewport.joint_picked) as picked:
        qtbot.mouseClick(viewport, LEFT, NONE, pixel(viewport, hand(ANA)))

    assert picked.args[0] == "ana"


def test_the_part_under_the_mouse_is_named(viewport, qtbot):
    with qtbot.waitSignal(viewport.hovered) as hovered:
        viewport.hover(QPointF(pixel(viewport, hand(BEN))))
    assert hovered.args == ["ben", "LeftForeArm", "left_arm"]

    with qtbot.waitSignal(viewport.hovered) as left:
        viewport.hover(None)
    assert left.args == ["", "", ""]


@pytest.mark.parametrize(
    ("button", "modifier", "changed"),
    [(LEFT, ALT, "yaw_rad"), (MIDDLE, NONE, "yaw_rad"), (MIDDLE, SHIFT, "target_m"), (MIDDLE, ALT, "target_m"),
     (RIGHT, ALT, "distance_m"), (LEFT, NONE, None), (RIGHT, NONE, None)],
)  # fmt: skip
def test_dragging_moves_the_camera_in_both_conventions(viewport, qtbot, button, modifier, changed):
    QApplication.sendEvent(viewport, _pressed(viewport, button, modifier, QPointF(150.0, 250.0)))
    QApplication.sendEvent(viewport, _moved(viewport, button, modifier, QPointF(190.0, 240.0)))
    seen = viewport.camera()

    for name in ("yaw_rad", "target_m", "distance_m"):
        is_same = np.allclose(getattr(seen, name), getattr(CAMERA, name))
        assert is_same == (name != changed), name


def _pressed(viewport, button, modifier, at):
    return QMouseEvent(QEvent.Type.MouseButtonPress, at, viewport.mapToGlobal(at), button, button, modifier)


def _moved(viewport, button, modifier, at):
    none = Qt.MouseButton.NoButton
    return QMouseEvent(QEvent.Type.MouseMove, at, viewport.mapToGlobal(at), none, button, modifier)


def test_the_wheel_brings_nearer(viewport):
    at = QPointF(200.0, 150.0)
    event = QWheelEvent(
        at, viewport.mapToGlobal(at), QPoint(), QPoint(0, 120), Qt.MouseButton.NoButton, NONE,
        Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip

    QApplication.sendEvent(viewport, event)

    assert viewport.camera().distance_m == pytest.approx(0.88 * CAMERA.distance_m)


@pytest.mark.parametrize("name", ["front", "side", "back", "top"])
def test_a_preset_is_a_view(viewport, name):
    viewport.view(name)

    assert viewport.camera().yaw_rad == pytest.approx(VIEWS[name][0])
    assert viewport.camera().pitch_rad == pytest.approx(VIEWS[name][1])


def test_the_shots_camera_is_used_when_it_is_asked_for(viewport):
    shot = Camera(np.array([0.0, 1.0, 0.0]), 9.0, 1.0, 0.2)
    viewport.show_view(StageView((ANA, BEN)), shot)
    assert viewport.camera().distance_m == CAMERA.distance_m

    viewport.view("camera")
    assert viewport.camera().distance_m == 9.0
    viewport.set_camera(CAMERA)
    assert viewport.camera().distance_m == CAMERA.distance_m


def test_a_click_on_the_cube_shows_that_side(viewport, qtbot):
    middle = cube_place(viewport.size()).center().toPoint()
    assert viewport.face_at(QPointF(middle)) == "front"

    qtbot.mouseClick(viewport, LEFT, NONE, middle)

    assert viewport.camera().yaw_rad == 0.0


def test_the_cube_stands_out_when_the_mouse_comes_to_it(viewport):
    def corner() -> np.ndarray:
        place = cube_place(viewport.size()).toRect()
        picture = viewport.grabFramebuffer().copy(place)
        return np.frombuffer(picture.constBits(), np.uint8).copy()

    viewport.hover(QPointF(20.0, 200.0))
    away = corner()
    viewport.hover(cube_place(viewport.size()).topLeft() + QPointF(1.0, 1.0))

    assert (corner() != away).any()


def test_framing_one_dancer_puts_it_in_the_middle(viewport):
    viewport.frame_figures(["ben"])

    x, _, _ = viewport.camera().project(BEN.pose.positions_m[0] + BEN.offset_m, 400, 300)
    assert x == pytest.approx(200, abs=25)
    assert viewport.camera().yaw_rad == pytest.approx(CAMERA.yaw_rad)
    viewport.frame_figures(["nobody"])


def test_a_double_click_on_a_dancer_comes_near_and_elsewhere_takes_it_back(viewport, qtbot):
    viewport.orbit(0.4, 0.0)
    qtbot.mouseDClick(viewport, LEFT, NONE, QPoint(20, 280))
    assert viewport.camera().yaw_rad == pytest.approx(CAMERA.yaw_rad)

    qtbot.mouseDClick(viewport, LEFT, NONE, pixel(viewport, hand(BEN)))
    assert viewport.camera().distance_m < CAMERA.distance_m


def test_the_camera_goes_with_the_dancer_it_follows(viewport):
    viewport.follow("ana")
    there = FigureView("ana", lunge(), offset_m=np.array([3.0, 0.0, 1.0]))
    viewport.show_view(StageView((there, BEN)))

    np.testing.assert_allclose(viewport.camera().target_m, CAMERA.target_m + np.array([3.8, 0.0, 1.0]))
    viewport.follow(None)
    viewport.show_view(StageView((ANA, BEN)))
    np.testing.assert_allclose(viewport.camera().target_m, CAMERA.target_m + np.array([3.8, 0.0, 1.0]))


def test_the_camera_goes_with_the_middle_of_all_dancers(viewport):
    viewport.follow("ana", everybody=True)
    ana, ben = (replace(f, offset_m=f.offset_m + np.array([0.0, 0.0, z])) for f, z in ((ANA, 3.0), (BEN, 5.0)))
    viewport.show_view(StageView((ana, ben)))

    np.testing.assert_allclose(viewport.camera().target_m, CAMERA.target_m + np.array([0.0, 0.0, 4.0]))


def test_a_way_is_drawn_where_the_mouse_went_over_the_floor(viewport, qtbot):
    viewport.begin_path_drawing()
    points = [pixel(viewport, np.array([x, 0.0, 0.6])) for x in np.linspace(-1.0, 1.0, 12)]

    before = viewport.grabFramebuffer()
    qtbot.mousePress(viewport, LEFT, NONE, points[0])
    for point in points[1:]:
        qtbot.mouseMove(viewport, point)
    assert viewport.grabFramebuffer() != before  # the stroke is seen while it is drawn
    with qtbot.waitSignal(viewport.path_drawn) as drawn:
        qtbot.mouseRelease(viewport, LEFT, NONE, points[-1])

    path = np.array(drawn.args[0])
    np.testing.assert_allclose(path[[0, -1]], [(-1.0, 0.6), (1.0, 0.6)], atol=0.05)
    with qtbot.assertNotEmitted(viewport.path_drawn):
        drag(qtbot, viewport, LEFT, NONE, *points)


def test_escape_breaks_drawing_off(viewport, qtbot):
    viewport.begin_path_drawing()
    qtbot.mousePress(viewport, LEFT, NONE, QPoint(100, 250))
    qtbot.mouseMove(viewport, QPoint(200, 260))

    with qtbot.waitSignal(viewport.path_cancelled), qtbot.assertNotEmitted(viewport.path_drawn):
        qtbot.keyClick(viewport, Qt.Key.Key_Escape)
        qtbot.mouseRelease(viewport, LEFT, NONE, QPoint(200, 260))


def test_words_lie_over_the_picture_and_a_grabbed_picture_has_none(viewport, qtbot):
    def lower_right(hud: HudLines) -> np.ndarray:
        viewport.set_hud(hud)
        image = viewport.grabFramebuffer()
        return np.array([[image.pixelColor(x, y).lightness() for x in range(300, 400)] for y in range(230, 300)])

    bare, with_count = lower_right(HudLines()), lower_right(HudLines(count="5", detail="bar 12"))
    large = lower_right(HudLines(count="5", is_large=True))

    assert (with_count > 200).sum() > 40 > (bare > 200).sum()
    assert (large > 200).sum() > 2 * (with_count > 200).sum()
    picture = viewport.grab_picture(200, 150)
    assert picture.shape == (150, 200, 3)
    assert not np.any(picture[115:, 150:].min(axis=-1) > 200)


def test_how_long_a_picture_took_is_told_once_it_is_on_the_screen(viewport, qtbot):
    event_s = time.perf_counter()
    with qtbot.waitSignal(viewport.painted) as painted:
        viewport.show_view(StageView((ANA,)), event_s=event_s)

    assert 0.0 < painted.args[0] <= time.perf_counter() - event_s
    assert viewport.last_paint_ms > 0.0


def test_pictures_a_second_are_counted_while_they_come(viewport, qtbot):
    assert viewport.frames_per_s >= 0.0
    for _ in range(4):
        with qtbot.waitSignal(viewport.frameSwapped):
            viewport.update()

    assert viewport.frames_per_s > 0.0


def test_in_another_window_it_goes_on_drawing(viewport, qtbot):
    before = viewport.grabFramebuffer()
    window = QMainWindow()
    qtbot.addWidget(window)
    window.resize(500, 400)

    window.setCentralWidget(viewport)
    with qtbot.waitSignal(viewport.ready):
        window.show()

    after = viewport.grabFramebuffer()
    assert after.size() != before.size()
    assert viewport.pick_at(QPointF(pixel(viewport, hand(ANA)))).figure_id == "ana"
    colours = {after.pixelColor(x, 200).name() for x in range(0, after.width(), 5)}
    assert len(colours) > 20
    window.takeCentralWidget()  # both are closed by themselves
