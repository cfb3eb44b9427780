"""Typing a marker's name in a window whose commands have the same keys."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget

from editor.timeline.name_field import NameField


@pytest.mark.parametrize("key", [Qt.Key.Key_Return, Qt.Key.Key_Escape, Qt.Key.Key_R])
def test_keys_of_the_window_are_typing_in_a_name(qtbot, key):
    window = QWidget()
    qtbot.addWidget(window)
    field, called = NameField(window), []
    QShortcut(QKeySequence(key), window, lambda: called.append(key))
    window.show()
    qtbot.waitActive(window)
    field.setFocus()

    QTest.keyClick(field, key)

    assert not called


def test_return_ends_a_name(qtbot):
    field = NameField()
    qtbot.addWidget(field)
    QShortcut(QKeySequence(Qt.Key.Key_Return), field)
    field.show()
    qtbot.waitActive(field)
    field.setFocus()

    with qtbot.waitSignal(field.editingFinished):
        QTest.keyClick(field, Qt.Key.Key_Return)
