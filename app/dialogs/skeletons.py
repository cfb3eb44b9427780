"""The skeletons that dances can be written on: those that come along, and the user's own, made of these by renaming."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QComboBox,
    QDoubleSpinBox,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QLineEdit,
    QListWidget,
    QMessageBox,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from app.dialogs.parts import Dialog, add_row, form, space, words
from app.look.fonts import current_scale
from app.look.icons import severity_pixmap
from app.rigs import file_word, is_built_in, own_targets_folder, target_rig_troubles, target_rigs
from editor.theme import CONTROL_HEIGHT, ROW_HEIGHT, Theme
from engine.errors import RigError
from engine.formats.target_rigs import save_target_rig
from engine.motion.house import HOUSE
from engine.motion.target_rig import MOST_ANGLE_DEG, RootNode, TargetRig

_NO_ROOT, _NULL, _STILL, _ALONG = "none", "null", "still", "along"
_ROOTS = {
    _NO_ROOT: "Nothing: the hips are on top", _NULL: "A null at the origin", _STILL: "A bone at the origin",
    _ALONG: "A bone on the floor that goes along",
}  # fmt: skip
_A_POSE_DEG = 45.0
_OURS, _THEIRS, _BETWEEN = range(3)


class SkeletonsDialog(Dialog):
    """Copies, renames, keeps and deletes target rigs; what comes along can be looked at and copied.

    Args:
        parent: Whose window it stands over.
        theme: Its colours.
        chosen: Name of the one that is shown first.

    Attributes:
        chosen: Name of the one that is shown, as kept; what a form should choose afterwards.
    """

    def __init__(self, parent: QWidget | None, theme: Theme, chosen: str = "plain") -> None:
        super().__init__(parent, "Skeletons")
        self._theme = theme
        self._rigs: dict[str, TargetRig] = target_rigs()
        self._rig = self._rigs.get(chosen, self._rigs["plain"])
        self._is_changed = False
        self.chosen = self._rig.name
        columns = QHBoxLayout()
        columns.setSpacing(space(3))
        columns.addLayout(self._left())
        columns.addLayout(self._right(), 1)
        self.column.addLayout(columns, 1)
        self._add_note()
        self.add_button("Close", self.accept, "Close (Esc)\nWhat was not kept is dropped")
        self.keep_button = self.add_button("Keep", self.keep, "Keep (Return)\nWrite it to your folder", kind="primary")
        self._list(self._rig.name)
        self.resize_scaled(860, 640)

    # What can be done

    def copy(self) -> None:
        """Begin one of her own, with all names as they are shown."""
        title = f"{self._rig.title}, mine"
        name = file_word(title, self._rigs)
        made = replace(self._rig, name=name, title=title, says="")
        self._rigs[name] = made
        self._list(name)
        self._is_changed = True
        self._check()
        self.title.setFocus()
        self.title.selectAll()

    def keep(self) -> None:
        """Write the one that is shown to her folder; from then on it is offered wherever skeletons are."""
        rig = self._as_shown()
        if isinstance(rig, str):
            self._say("error", rig)
            return
        try:
            folder = own_targets_folder()
            with suppress(FileExistsError):
                folder.mkdir(parents=True)
            save_target_rig(folder / f"{rig.name}.toml", rig)
        except (RigError, OSError) as error:
            self._say("error", str(error))
            return
        self._rigs[rig.name] = rig
        target_rigs()
        self.chosen, self._is_changed = rig.name, False
        self._list(rig.name)
        self._say("", f"Kept as {rig.name}; on the command line it is --rig {rig.name}.")

    def delete(self) -> None:
        """Delete the one that is shown, after asking."""
        name = self._rig.name
        path = own_targets_folder() / f"{name}.toml"
        if path.exists():
            says = f"Delete {self._rig.title}? Files that were written with it stay as they are."
            asked = QMessageBox.question(self, "Delete the skeleton", says)
            if asked != QMessageBox.StandardButton.Yes:
                return
            path.unlink(missing_ok=True)
        del self._rigs[name]
        target_rigs()
        self.chosen, self._is_changed = "plain", False
        self._list("plain")

    # What it is made of

    def _left(self) -> QVBoxLayout:
        self.names = QListWidget()
        self.names.setAccessibleName("Skeletons")
        self.names.setFixedWidth(round(250 * current_scale()))
        self.names.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.names.currentRowChanged.connect(self._turn_to)
        self.copy_button, self.delete_button = QPushButton("Copy"), QPushButton("Delete")
        self.copy_button.setToolTip("Copy\nMake one of your own of this one")
        self.delete_button.setToolTip("Delete\nOnly your own can be deleted")
        for button, slot in ((self.copy_button, self.copy), (self.delete_button, self.delete)):
            button.setAutoDefault(False)
            button.clicked.connect(lambda _=False, slot=slot: slot())
        row = QHBoxLayout()
        row.setSpacing(space(1))
        row.addWidget(self.copy_button)
        row.addWidget(self.delete_button)
        column = QVBoxLayout()
        column.setSpacing(space(1))
        column.addWidget(self.names, 1)
        column.addLayout(row)
        return column

    def _right(self) -> QVBoxLayout:
        self.title, self.prefix, self.root, self.root_name = QLineEdit(), QLineEdit(), QComboBox(), QLineEdit()
        self.arms, self.legs = QDoubleSpinBox(), QDoubleSpinBox()
        for key, text in _ROOTS.items():
            self.root.addItem(text, key)
        for spin, most in ((self.arms, MOST_ANGLE_DEG), (self.legs, 0.5 * MOST_ANGLE_DEG)):
            spin.setRange(0.0, most)
            spin.setDecimals(1)
            spin.setSuffix(" \u00b0")
        self.rest = QComboBox()
        self.rest.addItem("T-pose", 0.0)
        self.rest.addItem("A-pose", _A_POSE_DEG)
        self.prefix.setPlaceholderText("none; such as mixamorig:")
        rows = form()
        for label, control, says in (
            ("Title", self.title, "What it is called in lists"),
            ("Prefix", self.prefix, "Before every joint's name; a colon at its end is allowed"),
            ("Above the hips", self.root, "Unreal wants a bone on the floor that goes along"),
            ("Its name", self.root_name, "Of what stands above the hips"),
        ):
            add_row(rows, label, control)
            control.setToolTip(f"{label}\n{says}")
        add_row(rows, "Rest pose", self._rest_row())
        self.table = QTableWidget(HOUSE.n_joints, 3)
        self.table.setAccessibleName("Names of the joints")
        self.table.setHorizontalHeaderLabels(["Ours", "Its name", "Joints before it"])
        self.table.verticalHeader().hide()
        self.table.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        self.table.horizontalHeader().setFixedHeight(round(CONTROL_HEIGHT * current_scale()))
        self.table.verticalHeader().setDefaultSectionSize(round(ROW_HEIGHT * current_scale()))
        self.table.setTabKeyNavigation(False)
        self.table.setToolTip(
            "Double-click a name to change it\nAn empty one leaves the joint out. Joints before it are spaced evenly "
            "between the one above and it, such as spine_02; several are parted by commas"
        )
        for line in (self.title, self.prefix, self.root_name):
            line.textEdited.connect(lambda _: self._edited())
        for combo in (self.root, self.rest):
            combo.activated.connect(lambda _: self._edited())
        self.rest.activated.connect(lambda _: self.arms.setValue(self.rest.currentData()))
        for spin in (self.arms, self.legs):
            spin.valueChanged.connect(lambda _: self._edited())
        self.table.cellChanged.connect(lambda *_: self._edited())
        column = QVBoxLayout()
        column.setSpacing(space(1))
        column.addLayout(rows)
        column.addWidget(self.table, 1)
        return column

    def _rest_row(self) -> QWidget:
        holder = QWidget()
        row = QHBoxLayout(holder)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(space(1))
        self.arms.setAccessibleName("How far the arms hang")
        self.legs.setAccessibleName("How far the legs are apart")
        self.arms.setToolTip("Arms\nHow far they hang from the T-pose")
        self.legs.setToolTip("Legs\nHow far each is splayed; the soles stay on the floor")
        for part in (self.rest, QLabel("arms down"), self.arms, QLabel("legs apart"), self.legs):
            row.addWidget(part)
        row.addStretch(1)
        return holder

    def _add_note(self) -> None:
        self._shape, self.note = QLabel(), words("", "muted")
        side = space(3)
        self._shape.setFixedSize(side, side)
        row = QHBoxLayout()
        row.setSpacing(space(1))
        row.addWidget(self._shape)
        row.addWidget(self.note, 1)
        self.column.addLayout(row)

    # What is shown

    def _list(self, name: str) -> None:
        self.names.blockSignals(True)
        self.names.clear()
        for rig in self._rigs.values():
            self.names.addItem(rig.title if is_built_in(rig.name) else f"{rig.title} (yours)")
        self.names.setCurrentRow(list(self._rigs).index(name))
        self.names.blockSignals(False)
        self._show(self._rigs[name])

    def _turn_to(self, row: int) -> None:
        if row >= 0:
            self._is_changed = False
            self._show(list(self._rigs.values())[row])

    def _show(self, rig: TargetRig) -> None:
        self._rig = rig
        is_own = not is_built_in(rig.name)
        if not is_own or self._is_kept(rig.name):
            self.chosen = rig.name
        controls: tuple[QWidget, ...] = (self.title, self.prefix, self.root, self.root_name, self.arms, self.legs,
                                         self.rest, self.table)  # fmt: skip
        for control in controls:
            control.blockSignals(True)
        self.title.setText(rig.title)
        self.prefix.setText(rig.prefix)
        self.root.setCurrentIndex(self.root.findData(_root_of(rig)))
        self.root_name.setText(rig.root.name if rig.root else "")
        self.arms.setValue(rig.arms_down_deg)
        self.legs.setValue(rig.legs_apart_deg)
        self.rest.setCurrentIndex(0 if rig.is_t_pose else 1)
        for row, joint in enumerate(HOUSE.names):
            ours = QTableWidgetItem(joint)
            ours.setFlags(ours.flags() & ~Qt.ItemFlag.ItemIsEditable)
            self.table.setItem(row, _OURS, ours)
            before = ", ".join(rig.between.get(joint, ()))
            for column, text in ((_THEIRS, rig.joints.get(joint, "")), (_BETWEEN, before)):
                item = QTableWidgetItem(text)
                if not is_own:
                    item.setFlags(item.flags() & ~Qt.ItemFlag.ItemIsEditable)
                self.table.setItem(row, column, item)
        for control in controls:
            control.blockSignals(False)
        for control in controls[:-1]:
            control.setEnabled(is_own)
        self.delete_button.setEnabled(is_own)
        self._check()

    def _is_kept(self, name: str) -> bool:
        return (own_targets_folder() / f"{name}.toml").exists()

    def _edited(self) -> None:
        self._is_changed = True
        self._check()

    def _check(self) -> None:
        """Whether what is shown can be kept; the note says why not."""
        self.root_name.setEnabled(not is_built_in(self._rig.name) and self.root.currentData() != _NO_ROOT)
        if is_built_in(self._rig.name):
            troubles = target_rig_troubles()
            self._say("warning" if troubles else "", str(troubles[0]) if troubles else (
                self._rig.says or "Comes with the program; copy it to make one of your own."
            ))  # fmt: skip
            self.keep_button.setEnabled(False)
            return
        made = self._as_shown()
        is_good = not isinstance(made, str)
        self._say("" if is_good else "error", "" if isinstance(made, TargetRig) else str(made))
        self.keep_button.setEnabled(is_good and (self._is_changed or not self._is_kept(self._rig.name)))

    def _as_shown(self) -> TargetRig | str:
        """The rig as the controls stand, or a sentence on what does not go."""
        joints, between = {}, {}
        for row, joint in enumerate(HOUSE.names):
            name, before = (self._cell(row, column) for column in (_THEIRS, _BETWEEN))
            if name:
                joints[joint] = name
            if names := tuple(part.strip() for part in before.split(",") if part.strip()):
                between[joint] = names
        kind, root_name = self.root.currentData(), self.root_name.text().strip()
        if kind != _NO_ROOT and not root_name:
            return "Give what stands above the hips a name, such as root."
        root = None if kind == _NO_ROOT else RootNode(root_name, kind != _NULL, kind == _ALONG)
        try:
            return TargetRig(
                self._rig.name, self.title.text().strip(), joints, self._rig.says, between, root,
                round(self.arms.value(), 1), round(self.legs.value(), 1), self.prefix.text().strip(),
            )  # fmt: skip
        except ValueError as error:
            return str(error)

    def _cell(self, row: int, column: int) -> str:
        item = self.table.item(row, column)
        return "" if item is None else item.text().strip()

    def _say(self, severity: str, sentence: str) -> None:
        self.note.setText(sentence)
        self._shape.setVisible(bool(severity))
        if severity:
            pixmap = severity_pixmap(severity, self._theme, self._shape.width(), self.devicePixelRatioF())
            self._shape.setPixmap(pixmap)


def _root_of(rig: TargetRig) -> str:
    if rig.root is None:
        return _NO_ROOT
    if not rig.root.is_joint:
        return _NULL
    return _ALONG if rig.root.moves else _STILL


def skeletons_button(
    dialog: Dialog, theme: Theme, chosen: Callable[[], str], choose: Callable[[str], None]
) -> QPushButton:
    """A button at a dialog's foot that opens the skeletons and chooses the one that was looked at last.

    Args:
        dialog: Whose.
        theme: Its colours.
        chosen: Names the skeleton that is chosen there.
        choose: Called with the name of the one to choose; all that are offered may have changed.
    """

    def open_them() -> None:
        skeletons = SkeletonsDialog(dialog, theme, chosen())
        skeletons.exec()
        choose(skeletons.chosen)

    says = "Skeletons\u2026\nLook at them, and make one of your own: names, what stands above the hips, rest pose"
    return dialog.add_button("Skeletons\u2026", open_them, says, is_left=True)


def offer(combo: QComboBox, rigs: Mapping[str, str], chosen: str) -> None:
    """Let a choice of skeletons offer these, name -> title, and one of them be chosen."""
    combo.blockSignals(True)
    combo.clear()
    for name, title in rigs.items():
        combo.addItem(title, name)
    combo.blockSignals(False)
    combo.setCurrentIndex(max(combo.findData(chosen), 0))
