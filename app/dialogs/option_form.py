"""A form for the options of an exporter, made from the fields of their dataclass."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import Field, fields
from typing import Any

from PySide6.QtWidgets import QCheckBox, QComboBox, QDoubleSpinBox, QLineEdit, QSpinBox, QWidget

from app.dialogs.parts import add_row, form, page


class OptionForm(QWidget):
    """One control for each field that `engine.formats.options.option` made.

    Args:
        options: What it shows first; their class says what can be chosen.
    """

    def __init__(self, options: Any) -> None:
        super().__init__()
        self._kind = type(options)
        self._reads: dict[str, Callable[[], Any]] = {}
        self.controls: dict[str, QWidget] = {}
        rows = form()
        for f in fields(self._kind):
            control, read = _control(f, getattr(options, f.name))
            self._reads[f.name], self.controls[f.name] = read, control
            is_box = isinstance(control, QCheckBox)
            add_row(rows, "" if is_box else f.metadata["label"], control)
            control.setAccessibleName(f.metadata["label"])
            control.setToolTip(f"{f.metadata['label']}\n{f.metadata['says']}")
        inner = page(rows)
        inner.setParent(self)
        self.setLayout(inner.layout())

    @property
    def options(self) -> Any:
        """As the controls stand."""
        return self._kind(**{name: read() for name, read in self._reads.items()})


def _control(f: Field[Any], value: Any) -> tuple[QWidget, Callable[[], Any]]:
    choices, bounds, unit = f.metadata["choices"], f.metadata["bounds"], f.metadata["unit"]
    if choices:
        combo = QComboBox()
        for key, name in choices.items():
            combo.addItem(name, key)
        combo.setCurrentIndex(list(choices).index(value))
        return combo, combo.currentData
    if isinstance(value, bool):
        box = QCheckBox(f.metadata["label"])
        box.setChecked(value)
        return box, box.isChecked
    if isinstance(value, int | float):
        spin = QSpinBox() if isinstance(value, int) else QDoubleSpinBox()
        low, high = bounds or (0, 1_000_000)
        spin.setRange(type(value)(low), type(value)(high))
        spin.setValue(value)
        spin.setSuffix(f" {unit}" if unit else "")
        return spin, spin.value
    edit = QLineEdit(str(value))
    return edit, edit.text
