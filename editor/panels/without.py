"""Buttons for the kinds of movement that a new take does without."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout, QWidget

from editor.panels.buttons import Button
from editor.theme import SPACE, Theme

#            name in engine.structure.vocabulary, words, why
KINDS = (
    ("jumps", "Jumps", "No leaving the floor."),
    ("floor", "Floor work", "No sitting, kneeling or lying."),
    ("turns", "Turns", "No whole turns."),
    ("kicks", "High kicks", "No foot as high as the hips."),
    ("travel", "Running", "No running over the stage."),
    ("overhead", "Arms overhead", "No hand above the head."),
)


class Without(QWidget):
    """One button a kind: pressed, a new take does without it.

    Signals:
        changed(object): The names of all kinds to do without, a frozenset.
    """

    changed = Signal(object)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setAccessibleName("Do without")
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(SPACE[0])
        self.buttons: dict[str, Button] = {}
        for i, (name, words, why) in enumerate(KINDS):
            button = Button(words, theme, is_small=True, checkable=True, why=f"Do without: {why}")
            button.clicked.connect(self._tell)
            self.buttons[name] = button
            grid.addWidget(button, i // 2, i % 2)

    def set_avoided(self, names: frozenset[str]) -> None:
        """Show what is done without."""
        for name, button in self.buttons.items():
            button.setChecked(name in names)

    def _tell(self) -> None:
        self.changed.emit(frozenset(name for name, button in self.buttons.items() if button.isChecked()))
