"""A mistake in a handler is told and survived."""

from __future__ import annotations

import sys
import threading

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QObject, QTimer
from PySide6.QtWidgets import QWidget

from app.crash import SENTENCE, CrashReports


class Faulty(QWidget):
    __module__ = "editor.planted"

    def event(self, event: QEvent) -> bool:
        return super().event(event)

    def paintEvent(self, _event: QEvent) -> None:
        raise ValueError("no paint left")

    def sizeHintEvent(self) -> int:
        return 7


class FaultyFilter(QObject):
    __module__ = "app.planted"

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.User:
            raise KeyError("planted")
        return False


@pytest.fixture
def heard():
    out: list[tuple[str, str, str]] = []
    reports = CrashReports(lambda *told: out.append(told), lambda call: call())
    reports.install()
    yield out
    reports.remove()


@pytest.mark.gl
def test_an_exception_in_a_nested_handler_is_told_once_and_the_program_lives(qtbot, heard, caplog):
    widget = Faulty()
    qtbot.addWidget(widget)
    with qtbot.waitExposed(widget):
        widget.show()
    for _ in range(3):
        widget.repaint()

    assert [told[:2] for told in heard] == [(SENTENCE, "error")]
    assert "no paint left" in heard[0][2]
    assert "no paint left" in caplog.text


def test_a_faulty_event_filter_lets_the_event_pass(qtbot, heard):
    watched, faulty = QObject(), FaultyFilter()
    watched.installEventFilter(faulty)

    QCoreApplication.sendEvent(watched, QEvent(QEvent.Type.User))

    assert "KeyError" in heard[0][2]


def test_an_exception_in_a_timer_or_a_thread_is_told(qtbot, heard):
    def fail() -> None:
        raise RuntimeError("in a slot")

    # pytest-qt has a hook of its own while a test runs; the one that was installed is called here.
    hook = sys.excepthook
    QTimer.singleShot(0, lambda: _hand_to(hook, fail))
    qtbot.waitUntil(lambda: len(heard) == 1)
    thread = threading.Thread(target=lambda: 1 / 0)
    thread.start()
    thread.join()

    assert [("in a slot" in heard[0][2]), ("ZeroDivisionError" in heard[1][2])] == [True, True]


def test_a_widget_that_is_loaded_later_is_guarded_when_it_is_asked_for(qtbot):
    out: list[tuple[str, str, str]] = []
    reports = CrashReports(lambda *told: out.append(told), lambda call: call())
    reports.install()

    class Late(QWidget):
        __module__ = "app.dialogs.planted"

        def changeEvent(self, event: QEvent) -> None:
            raise ValueError("too late")

    reports.guard()
    late = Late()
    qtbot.addWidget(late)
    QCoreApplication.sendEvent(late, QEvent(QEvent.Type.LanguageChange))
    reports.remove()

    assert ["too late" in told[2] for told in out] == [True]


def test_ctrl_c_is_no_mistake(heard):
    sys.excepthook(KeyboardInterrupt, KeyboardInterrupt(), None)

    assert heard == []


def test_what_was_guarded_can_be_let_go(qtbot):
    before, hook = Faulty.paintEvent, sys.excepthook
    reports = CrashReports(lambda *told: None, lambda call: call())
    reports.install()
    assert Faulty.paintEvent is not before
    assert Faulty(None).sizeHintEvent() == 7

    reports.remove()

    assert Faulty.paintEvent is before
    assert sys.excepthook is hook


def _hand_to(hook, call) -> None:
    try:
        call()
    except RuntimeError as error:
        hook(type(error), error, error.__traceback__)
