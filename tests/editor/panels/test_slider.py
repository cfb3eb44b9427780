from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QAccessible, QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QApplication

from editor.panels.slider import Range, ValueSlider
from editor.theme import DARK

WIDTH = 200


@pytest.fixture
def slider(qtbot):
    out = ValueSlider("Joy", DARK, Range(default=0.3))
    qtbot.addWidget(out)
    out.resize(WIDTH, 24)
    out.show()
    out.seen = {"previewed": [], "committed": [], "let_go": 0}
    out.previewed.connect(out.seen["previewed"].append)
    out.committed.connect(out.seen["committed"].append)
    out.let_go.connect(lambda: out.seen.update(let_go=out.seen["let_go"] + 1))
    return out


def drag(qtbot, slider, pixels, modifier=Qt.KeyboardModifier.NoModifier, lets_go=True):
    start = QPoint(60, 12)
    qtbot.mousePress(slider, Qt.MouseButton.LeftButton, modifier, start)
    for x in range(0, pixels, 10 if pixels > 0 else -10):
        move(slider, start + QPoint(x, 0), modifier)
    move(slider, start + QPoint(pixels, 0), modifier)
    if lets_go:
        qtbot.mouseRelease(slider, Qt.MouseButton.LeftButton, modifier, start + QPoint(pixels, 0))


def move(slider, at, modifier):
    QApplication.sendEvent(
        slider,
        QMouseEvent(QEvent.Type.MouseMove, QPointF(at), QPointF(slider.mapToGlobal(at)), Qt.MouseButton.NoButton,
                    Qt.MouseButton.LeftButton, modifier),
    )  # fmt: skip


def turn(slider, notches, modifier=Qt.KeyboardModifier.NoModifier):
    at = QPointF(50, 12)
    event = QWheelEvent(at, QPointF(slider.mapToGlobal(at)), QPoint(), QPoint(0, 120 * notches),
                        Qt.MouseButton.NoButton, modifier, Qt.ScrollPhase.NoScrollPhase, False)  # fmt: skip
    QApplication.sendEvent(slider, event)
    return event.isAccepted()


def test_a_drag_previews_on_its_way_and_commits_once(qtbot, slider):
    drag(qtbot, slider, WIDTH // 4)

    assert slider.amount == pytest.approx(0.55)
    assert len(slider.seen["previewed"]) > 3
    assert slider.seen["committed"] == [pytest.approx(0.55)]
    assert slider.seen["let_go"] == 1


def test_shift_is_ten_times_finer(qtbot, slider):
    drag(qtbot, slider, WIDTH // 4, Qt.KeyboardModifier.ShiftModifier)

    assert slider.amount == pytest.approx(0.325, abs=0.0011)


def test_a_drag_stops_at_the_ends(qtbot, slider):
    drag(qtbot, slider, 3 * WIDTH)
    assert slider.amount == 1.0

    drag(qtbot, slider, -3 * WIDTH)
    assert slider.amount == 0.0


def test_escape_takes_a_drag_back(qtbot, slider):
    drag(qtbot, slider, 80, lets_go=False)
    qtbot.keyClick(slider, Qt.Key.Key_Escape)

    assert slider.amount == pytest.approx(0.3)
    assert slider.seen["committed"] == []
    assert slider.seen["let_go"] == 1


def test_a_double_click_resets_as_one_step(qtbot, slider):
    slider.set_amount(0.9)

    qtbot.mouseDClick(slider, Qt.MouseButton.LeftButton, pos=QPoint(50, 12))

    assert slider.seen["committed"] == [0.3]


def test_a_press_without_a_drag_changes_nothing(qtbot, slider):
    qtbot.mouseClick(slider, Qt.MouseButton.LeftButton, pos=QPoint(120, 12))

    assert slider.seen == {"previewed": [], "committed": [], "let_go": 0}


def test_a_held_arrow_key_is_one_step(qtbot, slider):
    slider.setFocus()
    for _ in range(3):
        qtbot.keyPress(slider, Qt.Key.Key_Right)
    assert slider.is_held

    qtbot.keyRelease(slider, Qt.Key.Key_Right)

    assert slider.seen["committed"] == [pytest.approx(0.33)]


@pytest.mark.parametrize(
    ("key", "value"),
    [(Qt.Key.Key_PageUp, 0.4), (Qt.Key.Key_PageDown, 0.2), (Qt.Key.Key_Home, 0.0), (Qt.Key.Key_End, 1.0)],
)
def test_keys_step_further_and_to_the_ends(qtbot, slider, key, value):
    qtbot.keyClick(slider, key)

    assert slider.seen["committed"] == [pytest.approx(value)]


def test_the_wheel_steps_with_ctrl_and_settles_as_one_step(qtbot, slider):
    with qtbot.waitSignal(slider.committed):
        assert turn(slider, 1, Qt.KeyboardModifier.ControlModifier)
        assert turn(slider, 1, Qt.KeyboardModifier.ControlModifier)

    assert slider.seen["committed"] == [pytest.approx(0.32)]


def test_the_wheel_alone_scrolls_the_panel_instead(slider):
    assert not turn(slider, 1)
    assert slider.amount == pytest.approx(0.3)


def typed(qtbot, slider, text, key=Qt.Key.Key_Return):
    slider.edit_number()
    editor = slider._editor
    editor.setText(text)
    qtbot.keyClick(editor, key)


def test_the_number_can_be_typed(qtbot, slider):
    typed(qtbot, slider, "72 %")

    assert slider.seen["committed"] == [pytest.approx(0.72)]
    assert slider._editor is None


def test_escape_and_nonsense_leave_the_number(qtbot, slider):
    typed(qtbot, slider, "72", Qt.Key.Key_Escape)
    typed(qtbot, slider, "much")

    assert slider.amount == pytest.approx(0.3)
    assert slider.seen["committed"] == []


def test_more_than_the_bar_spans_can_be_typed_where_that_is_allowed(qtbot):
    slider = ValueSlider("Intensity", DARK, Range(most=2.0, default=1.0, typed_most=3.0))
    qtbot.addWidget(slider)

    typed(qtbot, slider, "260")
    assert slider.amount == pytest.approx(2.6)

    typed(qtbot, slider, "999")
    assert slider.amount == 3.0


def test_a_drawn_value_shows_its_mean_and_cannot_be_dragged(qtbot, slider):
    slider.set_drawn([0.2, 0.4, 0.9])
    drag(qtbot, slider, 50)

    assert slider.text == "drawn \u00b7 50 %"
    assert slider.seen["committed"] == []


def test_assistive_technology_reads_name_number_and_unit(slider):
    slider.set_amount(0.42)
    reader = QAccessible.queryAccessibleInterface(slider)

    assert reader.role() == QAccessible.Role.Slider
    assert reader.text(QAccessible.Text.Name) == "Joy"
    assert reader.text(QAccessible.Text.Description) == "42 %"
    assert reader.valueInterface().currentValue() == 42


@given(st.floats(-6.0, 6.0))
def test_what_is_written_can_be_read_back(value):
    metres = Range(-6.0, 6.0, 0.0, "m", 1.0, 2, 0.05)

    assert metres.read(metres.written(value)) == pytest.approx(value, abs=0.0051)


@pytest.mark.parametrize("text", ["", "nan", "inf", "-inf", "1e999", "12 apples"])
def test_no_number_is_read_from_what_is_none(text):
    assert Range().read(text) is None
