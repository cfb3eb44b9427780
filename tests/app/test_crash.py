"""A mistake in a handler is told and survived."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QWidget

from app.crash import SENTENCE, CrashReports


class Faulty(QWidget):
    __module__ = "editor.planted"

    def event(self, event: QEvent) -> bool:
        return super().event(event)

    def paintEvent(self, _event: QEvent) -> None:
        raise ValueError("no paint left")


@pytest.fixture
def heard(monkeypatch):
    monkeypatch.setattr("sys.excepthook", lambda *_: None)
    monkeypatch.setattr("threading.excepthook", lambda *_: None)
    out: list[tuple[str, str, str]] = []
    CrashReports(lambda *told: out.append(told), lambda call: call()).install()
    return out


@pytest.mark.gl
def test_an_exception_in_a_nested_handler_is_told_once_and_the_program_lives(qtbot, heard, caplog):
    widget = Faulty()
    qtbot.addWidget(widget)
    widget.show()
    for _ in range(3):
        widget.repaint()

    assert [told[:2] for told in heard] == [(SENTENCE, "error")]
    assert "no paint left" in heard[0][2]
