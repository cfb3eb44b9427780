"""The editor's window: docks around the stage and the timeline."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QByteArray, QMimeData, QSize, Qt, QTimer
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDragLeaveEvent, QDropEvent, QKeyEvent
from PySide6.QtWidgets import QApplication, QDockWidget, QMainWindow, QMenu, QSplitter, QStatusBar, QVBoxLayout, QWidget

from app.hints import HintStrip
from app.keymap import KeyMap
from app.keys_overlay import KeysOverlay, key_groups
from app.look import apply_theme
from app.look.fonts import current_scale
from app.message_bar import MessageBar
from app.settings import Preferences, PreferenceStore
from app.status_bar import StatusBar
from app.window.actions import Actions
from app.window.applicable import inapplicable
from app.window.commands import COMMANDS
from app.window.desk import Desk
from app.window.drop_cover import DropCover
from app.window.offer_bar import OfferBar
from app.window.transport_bar import TransportBar
from app.window.wiring import Wiring
from editor.panels.controls import Ground
from editor.panels.generate_panel import GeneratePanel
from editor.panels.grid_bar import GridBar
from editor.panels.piece_panel import PiecePanel
from editor.panels.take_strip import TakeStrip
from editor.panels.takes_shelf import TakesShelf
from editor.playback.tap_along import TapAlong
from editor.theme import THEMES, Theme
from editor.timeline.timeline import Timeline
from viewer3d.viewport import Viewport

LAYOUT_VERSION = 1
_LOOK_AND_KEYS = ("theme", "ui_scale", "key_preset", "key_overrides")  # preferences that dress the window anew
_DOCK_WIDTHS_PX = {"Piece": 250, "Takes": 250, "Generate": 300, "Findings": 300}
_DOCK_HEIGHTS = {"Piece": 0.62, "Takes": 0.38, "Generate": 0.55, "Findings": 0.45}  # of the window's
_STACKS = (("Piece", "Takes"), ("Generate", "Findings"))
_LEAST_FOR_TWO_PX = 700  # of the screen's height, for two panels one under the other
_SIZE = (1440, 900)


class EditorWindow(QMainWindow):
    """The window. What it does is in `desk` (no widgets) and `wiring` (which connects the two)."""

    def __init__(self, preferences: PreferenceStore) -> None:
        super().__init__()
        self.preferences = preferences
        self.theme: Theme = THEMES[preferences.values.theme]
        self.keymap = KeyMap(preferences.values.key_preset, preferences.values.key_overrides)
        self.desk = Desk(preferences)
        self.status = StatusBar(self.theme)
        self.actions_ = Actions(self, self.status.show_hint)
        self.viewport = Viewport()
        self.timeline = Timeline(self.desk.session, self.theme, run_later=self.desk.background.run_later)
        self.strip = TakeStrip(self.desk.session, self.theme)
        self.offer = OfferBar(self.viewport, self.theme)
        self.generate = GeneratePanel(self.desk.session, self.theme)
        self.piece_panel = PiecePanel(self.desk.session, self.theme)
        self.shelf = TakesShelf(self.desk.session, self.theme)
        self.messages = MessageBar(self.theme)
        transport = self.desk.transport
        self.transport_bar = TransportBar(
            self.desk.session, self.actions_.by_name, self.theme, self.desk.volume,
            lambda: transport.level_db, lambda: transport.speed,
        )  # fmt: skip
        self.taps = TapAlong(transport.position_s)
        self.grid_bar = GridBar(self.desk.session, self.taps, self.theme, self.key_of)
        self.keys_overlay = KeysOverlay(self, self.theme)
        self.drop_cover = DropCover(self, self.theme)
        self.hints = HintStrip(self, preferences, self.keymap, self.theme)
        self._lay_out()
        self.wiring = Wiring(self)
        self.menus = self.actions_.fill(
            self.menuBar(), {"open_demo": self._add_recent_menu, "demo_mode": self._add_panels_menu},
            lambda: inapplicable(self),
        )  # fmt: skip
        self.actions_.set_keys(self.keymap)
        self.setAcceptDrops(True)
        self._restore_layout()
        preferences.changed.connect(self._follow_preferences)

    def begin(self, first: Path | None, *, opens_demo: bool) -> None:
        """Fill the window: with `first`, what a crash left, or the demo piece."""
        self.actions_.set_theme(self.theme)  # a hundred icons for the menus: nobody sees them before this
        self.wiring.begin(first, opens_demo=opens_demo)

    def end(self) -> None:
        """Give everything back: processes, threads, the sound device. May be called twice."""
        self.wiring.end()
        self.desk.close()

    def restyle(self) -> None:
        """Take theme, scale and keys from the preferences."""
        wanted = self.preferences.values
        application = QApplication.instance()
        assert isinstance(application, QApplication)
        self.theme = THEMES[wanted.theme]
        apply_theme(application, self.theme, wanted.ui_scale)
        for part in (
            self.timeline, self.strip, self.offer, self.generate, self.piece_panel, self.shelf, self.grid_bar,
            self.messages, self.status, self.transport_bar, self.keys_overlay, self.hints, self.actions_,
            self.desk.stage, self.drop_cover, self.docks["Findings"].widget(),
        ):  # fmt: skip
            part.set_theme(self.theme)
        self.keymap = KeyMap(wanted.key_preset, wanted.key_overrides)
        self.actions_.set_keys(self.keymap)
        self.hints.set_keymap(self.keymap)
        self.wiring.restyled()

    def _follow_preferences(self, old: Preferences, new: Preferences) -> None:
        """Dressing the window anew takes a while: not for a file in the list of recent ones."""
        if any(getattr(old, name) != getattr(new, name) for name in _LOOK_AND_KEYS):
            self.restyle()
            if old.ui_scale != new.ui_scale:
                self._share_width()
        else:
            self.wiring.restyled()

    def show_keys(self) -> None:
        """F1: all keys on one page."""
        self.keys_overlay.show_keys(key_groups(COMMANDS, self.keymap))

    def hide_panels(self, are_hidden: bool) -> None:
        """Hide everything but the stage, or bring it back as it was."""
        if are_hidden == self.are_panels_hidden:
            return
        if are_hidden:
            self._layout_before = self.saveState(LAYOUT_VERSION)
        for part in (self.menuBar(), self.timeline, self.transport_bar, self.statusBar(), *self.docks.values()):
            part.setVisible(not are_hidden)
        if not are_hidden and self._layout_before:
            self.restoreState(self._layout_before, LAYOUT_VERSION)
            self._layout_before = None

    @property
    def are_panels_hidden(self) -> bool:
        """Whether the stage is alone."""
        return self._layout_before is not None

    def reset_layout(self) -> None:
        """All panels back where they belong."""
        self.hide_panels(False)
        self.restoreState(self._first_state, LAYOUT_VERSION)
        for dock in self.docks.values():
            dock.setFloating(False)
            dock.show()
        self._stack()
        self._share_width()
        self._share_height()

    # How it is laid out

    def _lay_out(self) -> None:
        self.resize(QSize(*_SIZE).boundedTo(self.screen().availableGeometry().size()))
        self.setMinimumSize(800, 480)
        self.setDockOptions(
            QMainWindow.DockOption.AllowTabbedDocks | QMainWindow.DockOption.AllowNestedDocks
        )
        upper = QWidget()
        column = QVBoxLayout(upper)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.hints)
        column.addWidget(self.messages)
        column.addWidget(self.viewport, 1)
        column.addWidget(self.strip)
        column.addWidget(self.transport_bar)
        column.addWidget(self.grid_bar)
        self.splitter = QSplitter(Qt.Orientation.Vertical)
        self.splitter.addWidget(upper)
        self.splitter.addWidget(self.timeline)
        self.splitter.setStretchFactor(0, 3)
        self.splitter.setStretchFactor(1, 2)
        self.splitter.setChildrenCollapsible(False)
        self.setCentralWidget(self.splitter)
        self._share_height()
        bar = QStatusBar()
        bar.setSizeGripEnabled(False)
        bar.addWidget(self.status, 1)
        self.setStatusBar(bar)
        left, right = Qt.DockWidgetArea.LeftDockWidgetArea, Qt.DockWidgetArea.RightDockWidgetArea
        for corner, area in ((Qt.Corner.BottomLeftCorner, left), (Qt.Corner.BottomRightCorner, right)):
            self.setCorner(corner, area)
        self.docks = {
            "Piece": self._dock("Piece", self.piece_panel, left),
            "Takes": self._dock("Takes", self.shelf, left),
            "Generate": self._dock("Generate", self.generate, right),
            "Findings": self._dock("Findings", Ground(self.theme), right),
        }
        self._stack()
        self._share_width()
        self.hints.set_parts({
            "stage": self.viewport, "timeline": self.timeline, "generate": self.generate, "takes": self.shelf,
        })  # fmt: skip
        self.strip.hide()
        self.grid_bar.hide()
        self.messages.hide()
        self._layout_before: QByteArray | None = None
        self._first_state = self.saveState(LAYOUT_VERSION)

    def key_of(self, command: str) -> str:
        """The first key of a command; empty for none."""
        keys = self.keymap.keys(command)
        return keys[0] if keys else ""

    def _stack(self) -> None:
        """Panels one behind the other where the screen is too low for one under the other."""
        if self.screen().availableGeometry().height() < _LEAST_FOR_TWO_PX * current_scale():
            for front, behind in _STACKS:
                self.tabifyDockWidget(self.docks[front], self.docks[behind])
                self.docks[front].raise_()

    def _share_width(self) -> None:
        """Docks wide enough for the buttons' words, narrow enough for the stage; and their heights."""
        scale = current_scale()
        for name, width in _DOCK_WIDTHS_PX.items():
            self.docks[name].setMinimumWidth(round(0.9 * width * scale))
        widths = [round(width * scale) for width in _DOCK_WIDTHS_PX.values()]
        self.resizeDocks([self.docks[name] for name in _DOCK_WIDTHS_PX], widths, Qt.Orientation.Horizontal)
        heights = [round(share * self.height()) for share in _DOCK_HEIGHTS.values()]
        self.resizeDocks([self.docks[name] for name in _DOCK_HEIGHTS], heights, Qt.Orientation.Vertical)

    def _share_height(self) -> None:
        """A little more than half for the stage: the lanes of two dancers are seen without scrolling."""
        self.splitter.setSizes([54 * self.height() // 100, 46 * self.height() // 100])

    def _dock(self, title: str, widget: QWidget, area: Qt.DockWidgetArea) -> QDockWidget:
        dock = QDockWidget(title)
        dock.setObjectName(title)
        dock.setWidget(widget)
        self.addDockWidget(area, dock)
        return dock

    def _restore_layout(self) -> None:
        wanted = self.preferences.values
        if wanted.geometry:
            self.restoreGeometry(QByteArray(wanted.geometry))
        if wanted.dock_state:
            self.restoreState(QByteArray(wanted.dock_state), LAYOUT_VERSION)

    def _add_recent_menu(self, menu: QMenu) -> None:
        recent = menu.addMenu("Open recent")
        recent.aboutToShow.connect(lambda: self.wiring.files.fill_recent(recent))

    def _add_panels_menu(self, menu: QMenu) -> None:
        """Panels that were closed are opened again here."""
        panels = menu.addMenu("Panels")
        for dock in self.docks.values():
            panels.addAction(dock.toggleViewAction())

    # What Qt calls

    def closeEvent(self, event: QCloseEvent) -> None:
        if not self.wiring.files.may_leave():
            event.ignore()
            return
        self.hide_panels(False)
        if not self.isFullScreen() and not self.wiring.demo_mode.is_on:
            self.preferences.change(
                geometry=self.saveGeometry().data(), dock_state=self.saveState(LAYOUT_VERSION).data()
            )
        self.wiring.end(discards_edits=not self.desk.piece.is_saved)  # which was asked for
        event.accept()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        paths = _local_files(event.mimeData())
        if paths:
            self.drop_cover.offer(paths)
            event.acceptProposedAction()

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        self.drop_cover.hide()

    def dropEvent(self, event: QDropEvent) -> None:
        self.drop_cover.hide()
        paths = _local_files(event.mimeData())
        event.acceptProposedAction()
        # The drag belongs to another program, which waits until this returns.
        QTimer.singleShot(0, lambda: self.wiring.files.take_dropped(paths))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self.wiring.escape():
            return
        super().keyPressEvent(event)


def _local_files(data: QMimeData) -> list[Path]:
    """The files of a drag."""
    return [Path(url.toLocalFile()) for url in data.urls() if url.isLocalFile()]
