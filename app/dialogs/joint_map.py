"""Which of a file's joints plays which of ours: a table that is changed by hand, and kept for the next such file."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QHBoxLayout,
    QHeaderView,
    QLineEdit,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from app.dialogs.parts import space
from app.look.fonts import current_scale
from editor.theme import CONTROL_HEIGHT, ROW_HEIGHT
from engine.motion.house import HOUSE
from engine.motion.rig import RigMap

NONE = "\u2014 follows its neighbour"
BY_HAND = "by_hand"  # the name of a map that is not kept


class JointMap(QWidget):
    """A row for each of our joints, with the file's joint that plays it.

    Args:
        keep: Called with the map and the title under which it is to be kept.

    Signals:
        changed(RigMap): The user chose another joint; the map is as the table stands now.
        dismissed(): The user wants the map that the program finds.
    """

    changed = Signal(object)
    dismissed = Signal()

    def __init__(self, keep: Callable[[RigMap, str], None]) -> None:
        super().__init__()
        self._keep, self._rig = keep, RigMap(BY_HAND, "", {})
        self._joints: tuple[str, ...] = ()
        self.table = QTableWidget(HOUSE.n_joints, 2)
        self.table.setAccessibleName("Joints of ours and of the file")
        self.table.setHorizontalHeaderLabels(["Ours", "The file's"])
        self.table.verticalHeader().hide()
        self.table.horizontalHeader().setSectionResizeMode(0, QHeaderView.ResizeMode.ResizeToContents)
        self.table.horizontalHeader().setSectionResizeMode(1, QHeaderView.ResizeMode.Stretch)
        self.table.horizontalHeader().setFixedHeight(round(CONTROL_HEIGHT * current_scale()))
        self.table.verticalHeader().setDefaultSectionSize(round((ROW_HEIGHT + 4) * current_scale()))
        self.table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.table.setTabKeyNavigation(False)
        self.choices = {name: self._choice(row, name) for row, name in enumerate(HOUSE.names)}
        column = QVBoxLayout(self)
        column.setContentsMargins(0, space(1), 0, 0)
        column.setSpacing(space(1))
        column.addWidget(self.table, 1)
        column.addLayout(self._foot())
        self.show_map((), {}, self._rig)

    @property
    def rig(self) -> RigMap:
        """The map as the table stands: rows that were not touched keep all names that their map has for them."""
        joints, places = dict(self._rig.joints), dict(self._rig.places)
        for name, choice in self.choices.items():
            chosen = str(choice.currentData() or "")
            if chosen == self._found.get(name, ""):
                if not chosen:
                    joints.pop(name, None)
                continue
            joints.pop(name, None)
            places.pop(name, None)
            if chosen:
                joints[name] = (chosen,)
        ordered = {name: joints[name] for name in HOUSE.names if name in joints}
        return RigMap(BY_HAND, "by hand", ordered, places, self._rig.feet)

    def exact(self) -> RigMap:
        """The map with the very names that the table shows, and no others."""
        chosen = {name: str(choice.currentData() or "") for name, choice in self.choices.items()}
        joints = {name: (joint,) for name, joint in chosen.items() if joint}
        return replace(self.rig, joints=joints)

    def show_map(self, joints: Sequence[str], found: Mapping[str, str], rig: RigMap) -> None:
        """Show which joints play which.

        Args:
            joints: All of the file's.
            found: House joint -> the one that plays it; those without are left out, or empty.
            rig: The map that found them.
        """
        self._found, self._rig = {name: joint for name, joint in found.items() if joint}, rig
        is_known = tuple(joints) == self._joints
        self._joints = tuple(joints)
        for name, choice in self.choices.items():
            choice.blockSignals(True)
            if not is_known:
                choice.clear()
                choice.addItem(NONE, "")
                for joint in joints:
                    choice.addItem(joint, joint)
            choice.setCurrentIndex(max(choice.findData(self._found.get(name, "")), 0))
            choice.blockSignals(False)
        for widget in (self.name, self.keep_button, self.guess_button, *self.choices.values()):
            widget.setEnabled(bool(joints))
        self._follow_name()

    def _choice(self, row: int, name: str) -> QComboBox:
        self.table.setItem(row, 0, QTableWidgetItem(name))
        choice = QComboBox()
        choice.setAccessibleName(f"The file's joint for {name}")
        choice.setToolTip(f"{name}\nThe joint of the file that plays it")
        choice.setMaxVisibleItems(24)
        choice.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        choice.activated.connect(lambda _: self._chosen(name))
        self.table.setCellWidget(row, 1, choice)
        return choice

    def _chosen(self, name: str) -> None:
        """A joint plays one of ours: whoever had it before goes without."""
        joint = self.choices[name].currentData()
        for other, choice in self.choices.items():
            if joint and other != name and choice.currentData() == joint:
                choice.setCurrentIndex(0)
        self.changed.emit(self.rig)

    def _foot(self) -> QHBoxLayout:
        self.name = QLineEdit()
        self.name.setPlaceholderText("a name, to keep this map")
        self.name.setAccessibleName("Name of the map")
        self.name.setToolTip("Name\nFiles with these joints are read by it from then on")
        self.keep_button, self.guess_button = QPushButton("Keep the map"), QPushButton("Find anew")
        self.keep_button.setToolTip("Keep the map\nUnder the name beside; one of that name is replaced")
        self.guess_button.setToolTip("Find anew\nLet go of what was changed by hand")
        for button in (self.keep_button, self.guess_button):
            button.setAutoDefault(False)
        self.keep_button.clicked.connect(lambda: self._keep(self.exact(), self.name.text().strip()))
        self.guess_button.clicked.connect(lambda: self.dismissed.emit())
        self.name.textChanged.connect(lambda _: self._follow_name())
        row = QHBoxLayout()
        row.setSpacing(space(1))
        row.addWidget(self.name, 1)
        row.addWidget(self.keep_button)
        row.addWidget(self.guess_button)
        return row

    def _follow_name(self) -> None:
        self.keep_button.setEnabled(bool(self.name.text().strip()) and bool(self._joints))
