"""The window's actions: made from the table of commands, with keys from the key map and icons from the theme."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMenu, QMenuBar, QWidget

from app.keymap import KeyMap
from app.look.icons import icon
from app.window.commands import COMMANDS, MENUS, Command
from editor.theme import Theme


class Actions:
    """All actions, by command name.

    Args:
        window: Owns them; its keys work everywhere in it.
        said: Called with what the mouse is over, for the status bar.
    """

    def __init__(self, window: QWidget, said: Callable[[str], None]) -> None:
        self.by_name: dict[str, QAction] = {}
        self._missing_icons: set[str] = set()
        for command in COMMANDS:
            action = QAction(command.text, window)
            action.setCheckable(command.is_checkable)
            action.setIconVisibleInMenu(not command.is_checkable)  # there stands a tick, seen without its colour
            action.setShortcutContext(Qt.ShortcutContext.WindowShortcut)
            action.hovered.connect(lambda why=command.why: said(why))
            self.by_name[command.name] = action
            window.addAction(action)

    def connect(self, handlers: dict[str, Callable[[], object]]) -> None:
        """Let commands call these handlers."""
        for name, handler in handlers.items():
            if name in self.by_name:
                self.by_name[name].triggered.connect(lambda _checked=False, call=handler: call())

    def set_keys(self, keymap: KeyMap) -> None:
        """Take all keys from a key map; tooltips name them."""
        for command in COMMANDS:
            action = self.by_name[command.name]
            keys = keymap.keys(command.name)
            action.setShortcuts([QKeySequence(k) for k in keys])
            action.setToolTip(tooltip(command, keys))

    def set_theme(self, theme: Theme) -> None:
        """Draw the icons in a theme's colours."""
        for command in COMMANDS:
            if command.icon:
                self.by_name[command.name].setIcon(icon(command.icon, theme))

    def fill(
        self, bar: QMenuBar, extra: dict[str, Callable[[QMenu], None]], inapplicable: Callable[[], frozenset[str]]
    ) -> dict[str, QMenu]:
        """Build the menus.

        Args:
            bar: Where they hang.
            extra: Adds to a menu, behind a command, what is no command, such as recent files.
            inapplicable: The commands that cannot be done now.
        """
        menus = {name: bar.addMenu(name) for name in MENUS}
        inner: dict[str, QMenu] = {}
        for command in COMMANDS:
            menu, place = menus[command.group], command.menu.lstrip("-")
            if "/" in place:
                if place not in inner:
                    inner[place] = menu.addMenu(place.split("/")[1])
                menu = inner[place]
            if command.menu.startswith("-"):
                menu.addSeparator()
            menu.addAction(self.by_name[command.name])
            if command.name in extra:
                extra[command.name](menu)
        for menu in (*menus.values(), *inner.values()):
            menu.setToolTipsVisible(False)
            self.grey_out(menu, inapplicable)
        return menus

    def grey_out(self, menu: QMenu, inapplicable: Callable[[], frozenset[str]]) -> None:
        """Let a menu show in grey, while it is open, what cannot be done then.

        Only while it is open: a key whose action is disabled is dead, and could not say why.
        """
        greyed: list[QAction] = []

        def show() -> None:
            names = inapplicable()
            actions = {action: name for name, action in self.by_name.items()}
            greyed[:] = [a for a in menu.actions() if a.isEnabled() and actions.get(a) in names]
            for action in greyed:
                action.setEnabled(False)

        def hide() -> None:
            for action in greyed:
                action.setEnabled(True)
            greyed.clear()

        menu.aboutToShow.connect(show)
        menu.aboutToHide.connect(hide)

    def set_checked(self, states: dict[str, bool]) -> None:
        """Show what is on without calling anything."""
        for name, is_on in states.items():
            self.by_name[name].setChecked(is_on)


def tooltip(command: Command, keys: tuple[str, ...]) -> str:
    """Action, key, one line of why."""
    key = f"  ({QKeySequence(keys[0]).toString(QKeySequence.SequenceFormat.NativeText)})" if keys else ""
    return f"{command.text.rstrip(chr(0x2026))}{key}\n{command.why}"
