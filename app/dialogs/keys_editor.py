"""The list of all commands and their keys: search, press a key to give it, reset, presets."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QKeySequence
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QLineEdit,
    QPushButton,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from app.dialogs.parts import space, words
from app.keymap import PRESETS, KeyMap, read_preset
from app.keys_overlay import shown
from app.look.fonts import current_scale
from app.window.commands import Command

_NAME = Qt.ItemDataRole.UserRole
_ALONE = {Qt.Key.Key_Shift, Qt.Key.Key_Control, Qt.Key.Key_Alt, Qt.Key.Key_AltGr, Qt.Key.Key_Meta, Qt.Key.Key_unknown}
_ASKING = "Press a key\u2026"


class KeyRecorder(QPushButton):
    """A button that takes the next key that is pressed, whatever it is; Esc takes none.

    Signals:
        recorded(keys: str): In Qt's portable spelling.
    """

    recorded = Signal(str)

    def __init__(self) -> None:
        super().__init__("Add a key")
        self.is_recording = False
        self.setAutoDefault(False)
        self.setToolTip("Add a key (Return)\nThen press the key that is to do it, alone or with Ctrl, Alt or Shift")
        self.clicked.connect(self.begin)

    def begin(self) -> None:
        """Wait for a key."""
        self.is_recording = True
        self.setText(_ASKING)
        self.setFocus()

    def end(self) -> None:
        """Wait no longer."""
        self.is_recording = False
        self.setText("Add a key")

    def event(self, event: QEvent) -> bool:
        # Before shortcuts, Tab and the dialog's Return and Esc get it.
        if self.is_recording and isinstance(event, QKeyEvent):
            if event.type() == QEvent.Type.ShortcutOverride:
                event.accept()
                return True
            if event.type() == QEvent.Type.KeyPress:
                self._take(event)
                return True
        return super().event(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self.end()
        super().focusOutEvent(event)

    def _take(self, event: QKeyEvent) -> None:
        if Qt.Key(event.key()) in _ALONE:
            return
        self.end()
        if event.key() != Qt.Key.Key_Escape or event.modifiers():
            keys = QKeySequence(event.keyCombination())
            self.recorded.emit(keys.toString(QKeySequence.SequenceFormat.PortableText))


class KeysEditor(QWidget):
    """Edits a key map in place.

    Signals:
        changed(): The key map is another.
    """

    changed = Signal()

    def __init__(self, commands: Sequence[Command], keymap: KeyMap) -> None:
        super().__init__()
        self.keymap = keymap
        self._commands = {command.name: command for command in commands}
        self._names = {name: command.text.rstrip("\u2026") for name, command in self._commands.items()}
        self._refused = ("", "")  # command and keys that another command has
        self.presets = QComboBox()
        for name in PRESETS:
            self.presets.addItem(name)
            self.presets.setItemData(self.presets.count() - 1, read_preset(name).says, Qt.ItemDataRole.ToolTipRole)
        self.presets.setCurrentText(keymap.preset)
        self.presets.setAccessibleName("Preset")
        self.presets.setToolTip("Preset\nKeys as another program has them; your own changes go")
        self.presets.activated.connect(lambda _: self.use_preset(self.presets.currentText()))
        self.search = QLineEdit()
        self.search.setPlaceholderText("Search by command or key")
        self.search.setAccessibleName("Search")
        self.search.setClearButtonEnabled(False)
        self.search.textChanged.connect(self._filter)
        self.says = words("", "small")
        self.tree = self._made_tree()
        self.note = words("", "muted")
        self.record, self.remove, self.reset = KeyRecorder(), QPushButton("Remove keys"), QPushButton("Reset")
        self.take, self.reset_all = QPushButton("Use it here instead"), QPushButton("Reset all")
        self.record.recorded.connect(self.give)
        for button, slot, tip in (
            (self.remove, self.remove_keys, "Remove keys\nThe command can still be found in the menus"),
            (self.reset, self.reset_keys, "Reset\nThe preset\u2019s keys for this command"),
            (self.take, self.take_over, "Use it here instead\nThe other command loses this key"),
            (self.reset_all, self.reset_everything, "Reset all\nThe preset\u2019s keys for every command"),
        ):
            button.setToolTip(tip)
            button.setAutoDefault(False)
            button.clicked.connect(slot)
        self._lay_out()
        self.refresh()

    @property
    def command(self) -> str:
        """The selected command; empty when a group is."""
        item = self.tree.currentItem()
        return str(item.data(0, _NAME) or "") if item is not None else ""

    def select(self, command: str) -> None:
        """Select a command."""
        for item in self._items():
            if item.data(0, _NAME) == command:
                self.tree.setCurrentItem(item)

    def use_preset(self, name: str) -> None:
        """Take a preset."""
        self.keymap.use_preset(name)
        self._tell("")

    def give(self, keys: str) -> None:
        """Give the selected command a key, or say which one has it."""
        command = self.command
        if not command:
            return
        if problem := self.keymap.trouble(command, keys, self._names):
            self._refused = (command, keys) if self.keymap.command_for(keys) else ("", "")
            self.note.setText(problem)
            self._refresh_buttons()
            return
        self.keymap.take_keys(command, keys)
        self._tell("")

    def take_over(self) -> None:
        """Give the selected command the key that was refused."""
        command, keys = self._refused
        if command:
            self.keymap.take_keys(command, keys)
            self._tell("")

    def remove_keys(self) -> None:
        """Leave the selected command without keys."""
        self.keymap.set_keys(self.command, ())
        self._tell("")

    def reset_keys(self) -> None:
        """Give the selected command the preset's keys."""
        self.keymap.reset(self.command)
        self._tell("")

    def reset_everything(self) -> None:
        """Give up all changes."""
        self.keymap.reset_all()
        self._tell("")

    def refresh(self) -> None:
        """Show the key map as it is."""
        for item in self._items():
            name = str(item.data(0, _NAME))
            item.setText(1, ",  ".join(shown(keys) for keys in self.keymap.keys(name)))
            item.setText(2, "changed" if self.keymap.is_changed(name) else "")
        self.presets.setCurrentText(self.keymap.preset)
        self.says.setText(read_preset(self.keymap.preset).says)
        conflicts = self.keymap.conflicts(self._names)
        self.note.setText(conflicts[0] if conflicts else "")
        self._filter(self.search.text())
        self._refresh_buttons()

    def _tell(self, note: str) -> None:
        self._refused = ("", "")
        self.refresh()
        if note:
            self.note.setText(note)
        self.changed.emit()

    def _made_tree(self) -> QTreeWidget:
        tree = QTreeWidget()
        tree.setAccessibleName("Commands and keys")
        tree.setHeaderLabels(["Command", "Keys", ""])
        tree.setRootIsDecorated(False)
        tree.setIndentation(round(12 * current_scale()))
        tree.setAllColumnsShowFocus(True)
        tree.header().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        tree.header().setSectionResizeMode(1, QHeaderView.ResizeMode.Stretch)
        tree.header().setStretchLastSection(False)
        groups: dict[str, QTreeWidgetItem] = {}
        for command in self._commands.values():
            group = command.group or "Elsewhere"
            if group not in groups:
                groups[group] = QTreeWidgetItem(tree, [group])
                groups[group].setFlags(Qt.ItemFlag.ItemIsEnabled)
                font = groups[group].font(0)
                font.setBold(True)
                groups[group].setFont(0, font)
            item = QTreeWidgetItem(groups[group], [self._names[command.name]])
            item.setData(0, _NAME, command.name)
            item.setToolTip(0, command.why)
        tree.expandAll()
        tree.currentItemChanged.connect(lambda *_: self._selected())
        tree.itemActivated.connect(lambda *_: self.command and self.record.begin())
        return tree

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(space(1))
        preset = QLabel("Preset")
        preset.setBuddy(self.presets)
        head.addWidget(preset)
        head.addWidget(self.presets)
        head.addWidget(self.search, 1)
        foot = QHBoxLayout()
        foot.setSpacing(space(1))
        for button in (self.record, self.remove, self.reset):
            foot.addWidget(button)
        foot.addStretch(1)
        foot.addWidget(self.reset_all)
        said = QHBoxLayout()
        said.setSpacing(space(1))
        said.addWidget(self.note, 1)
        said.addWidget(self.take)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(space(1))
        column.addLayout(head)
        column.addWidget(self.says)
        column.addWidget(self.tree, 1)
        column.addLayout(said)
        column.addLayout(foot)

    def _selected(self) -> None:
        self._refused = ("", "")
        self.note.setText("")
        self._refresh_buttons()

    def _refresh_buttons(self) -> None:
        command = self.command
        self.record.setEnabled(bool(command))
        self.remove.setEnabled(bool(command) and bool(self.keymap.keys(command)))
        self.reset.setEnabled(bool(command) and self.keymap.is_changed(command))
        self.reset_all.setEnabled(bool(self.keymap.overrides))
        self.take.setVisible(bool(self._refused[0]))

    def _items(self) -> list[QTreeWidgetItem]:
        groups = [self.tree.topLevelItem(i) for i in range(self.tree.topLevelItemCount())]
        return [group.child(i) for group in groups if group is not None for i in range(group.childCount())]

    def _filter(self, wanted: str) -> None:
        wanted_words = wanted.lower().split()
        for item in self._items():
            command = self._commands[str(item.data(0, _NAME))]
            text = f"{item.text(0)} {item.text(1)} {command.why}".lower()
            item.setHidden(not all(word in text for word in wanted_words))
        for i in range(self.tree.topLevelItemCount()):
            group = self.tree.topLevelItem(i)
            if group is not None:
                group.setHidden(all(group.child(k).isHidden() for k in range(group.childCount())))
