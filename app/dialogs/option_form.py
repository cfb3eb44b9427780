"""A form for the options of an exporter, made from the fields of their dataclass."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import Field, dataclass, fields, replace
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDoubleSpinBox,
    QFormLayout,
    QGridLayout,
    QLineEdit,
    QSpinBox,
    QWidget,
)

from app.dialogs.parts import add_row, form, page, space

_WIDEST = 18  # characters of a choice


@dataclass(frozen=True)
class _Control:
    """A field's widget: how its value is read, and shown."""

    widget: QWidget
    read: Callable[[], Any]
    show: Callable[[Any], None]


class OptionForm(QWidget):
    """One control for each field that `engine.formats.options.option` made.

    Args:
        options: What it shows first; their class says what can be chosen.
        names: The fields that it shows; all where None. The others stay as they are.
        n_columns: Of the check boxes, which stand below the others.

    Signals:
        changed(): The user, or `show_options`, changed something.
    """

    changed = Signal()

    def __init__(self, options: Any, names: Collection[str] | None = None, n_columns: int = 2) -> None:
        super().__init__()
        self._options = options
        self._made: dict[str, _Control] = {}
        rows, boxes = form(), QGridLayout()
        boxes.setHorizontalSpacing(space(3))
        boxes.setVerticalSpacing(space(1))
        for f in fields(type(options)):
            if names is None or f.name in names:
                self._add(rows, boxes, n_columns, f, getattr(options, f.name))
        inner = page(rows, boxes)
        inner.setParent(self)
        self.setLayout(inner.layout())
        self.controls = {name: control.widget for name, control in self._made.items()}

    @property
    def options(self) -> Any:
        """As the controls stand."""
        return replace(self._options, **{name: control.read() for name, control in self._made.items()})

    def show_options(self, options: Any) -> None:
        """Let the controls stand as some options do."""
        self._options = options
        for name, control in self._made.items():
            if control.read() != getattr(options, name):
                control.show(getattr(options, name))

    def _add(self, rows: QFormLayout, boxes: QGridLayout, n_columns: int, f: Field[Any], value: Any) -> None:
        made = _control(f, value, self.changed.emit)
        self._made[f.name] = made
        if isinstance(made.widget, QCheckBox):
            boxes.addWidget(made.widget, *divmod(boxes.count(), n_columns))
        else:
            add_row(rows, f.metadata["label"], made.widget)
        made.widget.setAccessibleName(f.metadata["label"])
        made.widget.setToolTip(f"{f.metadata['label']}\n{f.metadata['says']}")


def _control(f: Field[Any], value: Any, changed: Callable[[], None]) -> _Control:
    choices = f.metadata["choices"]
    if choices:
        return _choice(dict(choices), value, changed)
    if isinstance(value, bool):
        box = QCheckBox(f.metadata["label"])
        box.setChecked(value)
        box.toggled.connect(lambda _: changed())
        return _Control(box, box.isChecked, box.setChecked)
    if isinstance(value, int | float):
        return _number(f, value, changed)
    edit = QLineEdit(str(value))
    edit.textChanged.connect(lambda _: changed())
    return _Control(edit, edit.text, edit.setText)


def _choice(choices: dict[Any, str], value: Any, changed: Callable[[], None]) -> _Control:
    combo = QComboBox()
    if value not in choices:  # within the bounds, such as a first frame of a shot's own
        choices = {**choices, value: str(value)}
    for key, name in choices.items():
        combo.addItem(name, key)
    combo.setCurrentIndex(list(choices).index(value))
    if max(len(name) for name in choices.values()) >= _WIDEST - 3:  # the list that opens shows them whole
        combo.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        combo.setMinimumContentsLength(_WIDEST)
    combo.currentIndexChanged.connect(lambda _: changed())

    def show(chosen: Any) -> None:
        if combo.findData(chosen) < 0:
            combo.addItem(str(chosen), chosen)
        combo.setCurrentIndex(combo.findData(chosen))

    return _Control(combo, combo.currentData, show)


def _number(f: Field[Any], value: float, changed: Callable[[], None]) -> _Control:
    spin = QSpinBox() if isinstance(value, int) else QDoubleSpinBox()
    low, high = f.metadata["bounds"] or (0, 1_000_000)
    spin.setRange(type(value)(low), type(value)(high))
    spin.setValue(value)
    spin.setSuffix(f" {f.metadata['unit']}" if f.metadata["unit"] else "")
    spin.valueChanged.connect(lambda _: changed())
    return _Control(spin, spin.value, spin.setValue)
