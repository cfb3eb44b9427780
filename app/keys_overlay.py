"""All keys on one page, laid over the window; typing searches, any other key closes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QObject, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFontMetrics, QKeyEvent, QKeySequence, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QApplication, QFrame, QHBoxLayout, QLabel, QLineEdit, QScrollArea, QVBoxLayout, QWidget

from app.keymap import KeyMap
from app.look.contrast import mixed
from app.look.fonts import current_scale, font
from app.window.commands import Command
from editor.theme import RADIUS, SPACE, Theme

_COVER = 0.97  # how much of the window is covered
_COLUMN_PX, _ROW_PX, _MOST_COLUMNS = 270, 22, 6
_MOST_KEYS = 2
_SCROLLS = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1, Qt.Key.Key_PageUp: -12, Qt.Key.Key_PageDown: 12}

Groups = Mapping[str, Sequence[tuple[str, Sequence[str]]]]  # group -> (what is done, its keys as they are written)

MOUSE: Groups = {
    "Mouse on the stage": (
        ("Walk round", ("Alt drag", "Middle drag")),
        ("Move the picture", ("Shift middle drag",)),
        ("Nearer, farther", ("Wheel", "Alt right drag")),
        ("Choose the dancer", ("Click",)),
        ("Bring the dancer near", ("Double click",)),
        ("See from a side", ("Click the cube",)),
        ("What can be done", ("Right click",)),
    ),
    "Mouse in the timeline": (
        ("Select bars", ("Drag a lane",)),
        ("Select more", ("Shift click",)),
        ("Move, trim a clip", ("Drag it", "Drag an edge")),
        ("Dance it slower or faster", ("Ctrl drag an edge",)),
        ("Let go of beats for once", ("Alt",)),
        ("Hear and see a moment", ("Drag a ruler",)),
        ("Set the loop", ("Drag the top strip",)),
        ("Along the song, zoom", ("Shift wheel", "Ctrl wheel")),
        ("Zoom to a clip or part", ("Double click",)),
        ("Draw emotion, remove a point", ("Drag", "Double click")),
        ("What can be done", ("Right click",)),
    ),
    "Mouse on a slider": (
        ("Finely", ("Shift drag",)),
        ("As it was", ("Double click",)),
        ("Type a number", ("Click the number",)),
    ),
}  # fmt: skip


@dataclass(frozen=True)
class Row:
    """A line of the page: a group's name, or what a key does.

    Attributes:
        text: What is done.
        keys: As this system writes them; empty in a heading.
        is_heading: Whether it names the group below.
    """

    text: str
    keys: tuple[str, ...] = ()
    is_heading: bool = False


def key_groups(commands: Iterable[Command], keymap: KeyMap) -> Groups:
    """All commands that have a key, by their menus, and what the mouse does."""
    groups: dict[str, list[tuple[str, tuple[str, ...]]]] = {}
    for command in commands:
        if keys := tuple(shown(key) for key in keymap.keys(command.name)[:_MOST_KEYS]):
            groups.setdefault(command.group, []).append((command.text.rstrip("\u2026"), keys))
    return {**groups, **MOUSE}


def page(groups: Groups, wanted: str = "") -> list[Row]:
    """The lines that hold every word of `wanted`, under their groups' names."""
    words, rows = wanted.lower().split(), []
    for group, lines in groups.items():
        found = []
        for text, keys in lines:
            row = Row(text, tuple(keys))
            if all(word in " ".join((group, row.text, *row.keys)).lower() for word in words):
                found.append(row)
        rows += [Row(group, is_heading=True), *found] if found else []
    return rows


def shown(keys: str) -> str:
    """A key sequence as this system writes it; the number pad is spelled out."""
    text = QKeySequence(keys.removeprefix("Num+")).toString(QKeySequence.SequenceFormat.NativeText)
    return f"Pad {text}" if keys.startswith("Num+") else text


class KeysOverlay(QWidget):
    """Covers a window with its keys while it is open.

    Signals:
        closed(): It went away.

    Args:
        window: What it covers.
        theme: Its colours.
    """

    closed = Signal()

    def __init__(self, window: QWidget, theme: Theme) -> None:
        super().__init__(window)
        self.setAccessibleName("Keys")
        self._window, self._theme = window, theme
        self._groups: Groups = {}
        self._focus_before: QWidget | None = None
        self.search = QLineEdit()
        self.search.setPlaceholderText("Search")
        self.search.setAccessibleName("Search the keys")
        self.search.textChanged.connect(self._find)
        self.search.installEventFilter(self)
        title, foot = QLabel("Keys"), QLabel("Type to search. Any other key closes.")
        title.setProperty("kind", "title")
        foot.setProperty("kind", "muted")
        self._sheet = _Sheet()
        self._scroll = QScrollArea()
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setWidgetResizable(True)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setWidget(self._sheet)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        for widget in (self._scroll.viewport(), self._sheet):
            widget.setAutoFillBackground(False)
        head = QHBoxLayout()
        head.setSpacing(SPACE[3])
        head.addWidget(title)
        head.addWidget(self.search)
        head.addWidget(foot)
        head.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(2 * SPACE[3], 2 * SPACE[3], 2 * SPACE[3], SPACE[3])
        column.setSpacing(SPACE[3])
        column.addLayout(head)
        column.addWidget(self._scroll, 1)
        window.installEventFilter(self)
        self.hide()

    @property
    def rows(self) -> list[Row]:
        """The lines that are shown."""
        return self._sheet.rows

    def set_theme(self, theme: Theme) -> None:
        """Take a theme's colours."""
        self._theme = theme
        self._sheet.show_rows(self._sheet.rows, theme)
        self.update()

    def show_keys(self, groups: Groups) -> None:
        """Show these keys; close where it is open."""
        if self.isVisible():
            self.close_overlay()
            return
        self._groups = groups
        self._focus_before = QApplication.focusWidget()
        self.search.setFixedWidth(round(220 * current_scale()))
        self.search.clear()
        self._find()
        self.setGeometry(self._window.rect())
        self.show()
        self.raise_()
        self.search.setFocus()

    def close_overlay(self) -> None:
        """Go away, and give the focus back."""
        if self.isHidden():
            return
        self.hide()
        if self._focus_before is not None and self._focus_before.window() is self._window.window():
            self._focus_before.setFocus()
        self._focus_before = None
        self.closed.emit()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self._window and event.type() == QEvent.Type.Resize and self.isVisible():
            self.setGeometry(self._window.rect())
        if watched is self.search and isinstance(event, QKeyEvent):
            if event.type() == QEvent.Type.ShortcutOverride:  # the window's own keys rest
                event.accept()
                return True
            if event.type() == QEvent.Type.KeyPress:
                return self._takes(event)
        return super().eventFilter(watched, event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.close_overlay()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        colour = QColor(self._theme.window)
        colour.setAlphaF(_COVER)
        painter.fillRect(self.rect(), colour)

    def _find(self) -> None:
        self._sheet.show_rows(page(self._groups, self.search.text()), self._theme)
        self._scroll.verticalScrollBar().setValue(0)

    def _takes(self, event: QKeyEvent) -> bool:
        """Whether a key was not meant for the search field."""
        key = Qt.Key(event.key())
        if key in (Qt.Key.Key_Shift, Qt.Key.Key_Control, Qt.Key.Key_Alt, Qt.Key.Key_AltGr, Qt.Key.Key_Meta):
            return True
        if key in _SCROLLS:
            bar = self._scroll.verticalScrollBar()
            bar.setValue(bar.value() + round(_SCROLLS[key] * _ROW_PX * current_scale()))
            return True
        commands = event.modifiers() & (Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.MetaModifier)
        is_edit = key == Qt.Key.Key_Backspace and bool(self.search.text())
        if is_edit or (event.text().isprintable() and event.text() and not commands):
            return False
        self.close_overlay()
        return True


class _Sheet(QWidget):
    """The lines in as many columns as there is room for."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[Row] = []
        self._theme: Theme | None = None

    def show_rows(self, rows: list[Row], theme: Theme) -> None:
        self.rows, self._theme = rows, theme
        lines = [f"{row.text}: {' or '.join(row.keys)}" if row.keys else row.text for row in rows]
        self.setAccessibleDescription("\n".join(lines))
        self.setMinimumHeight(self._height_for(self.width()))
        self.update()

    def resizeEvent(self, event: QEvent) -> None:
        self.setMinimumHeight(self._height_for(self.width()))

    def sizeHint(self) -> QSize:
        return QSize(round(_COLUMN_PX * current_scale()), self._height_for(self.width()))

    def minimumSizeHint(self) -> QSize:
        return QSize(0, 0)

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._theme is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        scale = current_scale()
        row_px, gap = round(_ROW_PX * scale), round(2 * SPACE[3] * scale)
        columns = self._columns(self.width())
        wide = (self.width() - gap * (len(columns) - 1)) // max(len(columns), 1)
        wide = min(wide, round(1.5 * _COLUMN_PX * scale))
        for i, column in enumerate(columns):
            for j, row in enumerate(column):
                self._paint_row(painter, row, QRect(i * (wide + gap), j * row_px, wide, row_px), scale)

    def _paint_row(self, painter: QPainter, row: Row, box: QRect, scale: float) -> None:
        theme = self._theme
        assert theme is not None
        left = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        if row.is_heading:
            painter.setFont(font("normal", scale, is_bold=True))
            painter.setPen(QColor(theme.accent))
            painter.drawText(box, left, row.text)
            return
        x = box.right() + 1
        small = font("small", scale)
        painter.setFont(small)
        metrics = QFontMetrics(small)
        for keys in reversed(row.keys):
            wide = metrics.horizontalAdvance(keys) + round(12 * scale)
            x -= wide
            cap = QRectF(x + 0.5, box.top() + round(2 * scale) + 0.5, wide - 1, box.height() - round(4 * scale) - 1)
            painter.setPen(QPen(QColor(mixed(theme.line, theme.muted, 0.5)), 1))
            painter.setBrush(QColor(theme.raised))
            painter.drawRoundedRect(cap, RADIUS, RADIUS)
            painter.setPen(QColor(theme.text))
            painter.drawText(cap, Qt.AlignmentFlag.AlignCenter, keys)
            x -= round(4 * scale)
        normal = font("normal", scale)
        painter.setFont(normal)
        room = QRect(box.left(), box.top(), x - box.left() - round(4 * scale), box.height())
        words = QFontMetrics(normal).elidedText(row.text, Qt.TextElideMode.ElideRight, room.width())
        painter.setPen(QColor(theme.text))
        painter.drawText(room, left, words)

    def _columns(self, width: int) -> list[list[Row]]:
        """The lines dealt out evenly; a heading never stands last in a column."""
        gap = 2 * SPACE[3] * current_scale()
        fitting = int((width + gap) // (_COLUMN_PX * current_scale() + gap))
        n_columns = min(max(fitting, 1), _MOST_COLUMNS)
        spaced: list[Row] = []
        for row in self.rows:
            spaced += [Row(""), row] if row.is_heading and spaced else [row]
        if not spaced:
            return [[Row("No key does that.")]]
        most = -(-len(spaced) // n_columns)
        columns: list[list[Row]] = [[]]
        for row in spaced:
            last = columns[-1]
            is_lonely = row.is_heading and len(last) >= most - 1
            if len(last) >= most or (last and is_lonely) or (not row.text and len(last) >= most - 2):
                last = []
                columns.append(last)
            if row.text or last:  # no gap at the head of a column
                last.append(row)
        return columns

    def _height_for(self, width: int) -> int:
        return max(len(column) for column in self._columns(width)) * round(_ROW_PX * current_scale())
