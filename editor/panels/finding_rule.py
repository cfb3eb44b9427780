"""Why?: the rule behind a finding, where its limits come from, and what they are in this piece."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from editor.document.piece_rules import OFF, RuleChange
from editor.panels import drawing
from editor.panels.buttons import QUIET, Button, SegmentedButton
from editor.panels.controls import ElidedLabel, Words
from editor.panels.drawing import Painted
from editor.panels.rows import empty
from editor.theme import SPACE, Theme

if TYPE_CHECKING:
    from engine.structure.book import RuleText

# The end of a limit's name says its unit.
_UNITS = {
    "deg_s": "\u00b0/s", "deg": "\u00b0", "m_s": "m/s", "m": "m", "s": "s", "g": "g", "beat": "beats", "hz": "Hz",
}  # fmt: skip
_CHOICES = (
    ("error", "Error", "What no body can do"), ("warning", "Warning", "Almost always a fault"),
    ("note", "Note", "A hint"), (OFF, "Off", "Not judged in this piece"),
)  # fmt: skip


class RuleView(Painted, QWidget):
    """The rule's text, its source, its severity and limits for this piece.

    Signals:
        severity_wanted(str): Another severity, or "off".
        limit_wanted(name: str, value: float): Another number.
        reset_wanted(): As the book has it.
    """

    severity_wanted = Signal(str)
    limit_wanted = Signal(str, float)
    reset_wanted = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.theme = theme
        self.fields: dict[str, LimitField] = {}
        self._shown: object = None
        self.says = Words("", theme, is_muted=False)
        self.source = Words("", theme)
        self.severity = SegmentedButton(_CHOICES, theme, "In this piece")
        self.severity.chosen.connect(self.severity_wanted)
        self.limits = QWidget()
        self._column = QVBoxLayout(self.limits)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(2)
        self.reset = Button("As the book has it", theme, kind=QUIET, is_small=True,
                            why="Severity and limits of this rule as they come with the program.")  # fmt: skip
        self.reset.clicked.connect(self.reset_wanted)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, SPACE[0], 0, 0)
        column.setSpacing(SPACE[0])
        for part in (self.says, self.source, self.severity, self.limits, self.reset):
            column.addWidget(part)

    def show_rule(self, text: RuleText, book: RuleText, change: RuleChange) -> None:
        """Show a rule as the piece has it."""
        shown = (text, book, change)
        if shown == self._shown:
            return
        focused = next((name for name, field in self.fields.items() if field.hasFocus()), "")
        self._shown = shown
        self.says.setText(text.says)
        self.source.setText(f"Source: {text.source}.")
        self.severity.set_choice(change.severity or text.severity)
        empty(self.limits)
        self.fields = {}
        own = dict(change.limits)
        for name, value in text.limits.items():
            self._column.addWidget(self._row(name, value, book.limits.get(name, value), name in own))
        self.reset.setVisible(change != RuleChange(change.rule))
        if focused in self.fields:
            self.fields[focused].setFocus()

    def _row(self, name: str, value: float, usual: float, is_own: bool) -> QWidget:
        words, unit = _words(name)
        row = QWidget()
        line = QHBoxLayout(row)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(SPACE[0])
        field = LimitField(value, self.theme, f"{words.capitalize()}, {unit}" if unit else words.capitalize())
        field.setToolTip(drawing.tip(words.capitalize(), "Enter", f"The book has {usual:g} {unit}".rstrip()))
        field.changed.connect(partial(self.limit_wanted.emit, name))
        self.fields[name] = field
        line.addWidget(ElidedLabel(words, self.theme, drawing.SMALL, is_bold=is_own, is_muted=not is_own), 1)
        line.addWidget(field)
        units = ElidedLabel(unit, self.theme, drawing.SMALL, is_muted=True)
        units.setFixedWidth(round(40 * drawing.unit(self)))
        line.addWidget(units)
        return row


class LimitField(Painted, QLineEdit):
    """A number; Enter or leaving it takes it, Esc puts the old one back, arrows step.

    Signals:
        changed(float): Another number was typed.
    """

    changed = Signal(float)

    def __init__(self, value: float, theme: Theme, name: str) -> None:
        super().__init__(f"{value:g}")
        self.theme, self.value = theme, value
        self.setAccessibleName(name)
        self.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.setFixedWidth(round(64 * drawing.unit(self)))
        self.on_theme()

    def on_theme(self) -> None:
        drawing.fill_with(self, self.theme.window, self.theme.text)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = event.key()
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._take()
        elif key == Qt.Key.Key_Escape:
            self.setText(f"{self.value:g}")
            self.clearFocus()
        elif key in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            step = 1.0 if abs(self.value) >= 10.0 else 0.01 if abs(self.value) < 1.0 else 0.1
            self.setText(f"{self._typed() + (step if key == Qt.Key.Key_Up else -step):g}")
        else:
            super().keyPressEvent(event)

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ShortcutOverride:
            event.accept()  # keys are figures here
            return True
        if event.type() == QEvent.Type.FocusOut:
            self._take()
        return super().event(event)

    def _typed(self) -> float:
        try:
            typed = float(self.text().replace(",", ".").replace("\u2212", "-"))
        except ValueError:
            return self.value
        return typed if abs(typed) < 1e6 else self.value

    def _take(self) -> None:
        value = self._typed()
        self.setText(f"{value:g}")
        if value != self.value:
            self.value = value
            self.changed.emit(value)


def _words(name: str) -> tuple[str, str]:
    """A limit's name as words, and its unit: "low_deg" is "low" in degrees."""
    for ending, unit in _UNITS.items():
        if name.endswith(f"_{ending}"):
            return name.removesuffix(f"_{ending}").replace("_", " "), unit
    return name.replace("_", " "), ""
