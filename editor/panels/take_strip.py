"""Four takes dancing side by side in step with the sound, to look at and to keep one."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import QEvent, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QEnterEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QAbstractButton, QBoxLayout, QSizePolicy, QWidget

from editor.panels import drawing
from editor.panels.buttons import PRIMARY, QUIET, Button
from editor.panels.controls import Ground
from editor.panels.drawing import Painted
from editor.panels.figure import Figure
from editor.panels.glyphs import draw_glyph
from editor.session import Session
from editor.theme import RADIUS, SPACE, Theme
from engine.motion.motion import Motion
from engine.timebase import time_of

N_TILES = 4
_ALIKE_S = 0.1  # from the segment's start on, where all takes go on from what was danced before
_LEAST_ABREAST = 46  # narrower tiles stand two by two
_TILE_HEIGHT = 88
_TILE_OF_WINDOW, _MOST_TILE_HEIGHT = 0.12, 150  # in a high window tiles are higher
_LEAST_WIDE = 310  # narrower strips have their buttons above the tiles instead of beside them


class TakeStrip(Ground):
    """The candidates for one segment. Only the figures move.

    Signals:
        soloed(int | None): The mouse is over a tile; None when it leaves.
        audition_wanted(int): Show this take in place.
        keep_wanted(int): Make this take the segment's.
        compare_wanted(): Between the take that is shown and the dance as it was.
        return_wanted(): Back to the dance as it was.

    Attributes:
        is_still: Whether the piece does not play.
    """

    soloed = Signal(object)
    audition_wanted = Signal(int)
    keep_wanted = Signal(int)
    compare_wanted = Signal()
    return_wanted = Signal()

    def __init__(self, session: Session, theme: Theme) -> None:
        super().__init__(theme)
        self.session = session
        self._start_s = 0.0
        self._auditioned: int | None = None
        self.setAccessibleName("Takes to choose from")
        self.compare = Button("A/B", theme, key="A", is_small=True, name="Compare",
                              why="Between the take that is shown and the dance as it was, in place.")  # fmt: skip
        self.back = Button("Return", theme, key="Esc", kind=QUIET, is_small=True,
                           why="Back to the dance as it was; the takes stay here.")  # fmt: skip
        self.keep = Button("Keep", theme, key="Enter", kind=PRIMARY, is_small=True,
                           why="The take that is shown becomes the segment's; the others go to its shelf.")  # fmt: skip
        self.compare.clicked.connect(self.compare_wanted)
        self.back.clicked.connect(self.return_wanted)
        self.keep.clicked.connect(self._keep_auditioned)
        self.is_still = False
        self.tiles = [TakeTile(i, theme) for i in range(N_TILES)]
        self._grid = _Tiles(self.tiles)
        for tile in self.tiles:
            tile.entered.connect(self.soloed)
            tile.pressed_once.connect(self.audition_wanted)
            tile.pressed_twice.connect(self.keep_wanted)
            tile.left.connect(partial(self.soloed.emit, None))
            tile.return_wanted.connect(self.return_wanted)
            tile.step_wanted.connect(self._focus_tile)
        self._buttons = QBoxLayout(QBoxLayout.Direction.TopToBottom)
        self._buttons.setSpacing(SPACE[0])
        self._buttons.addStretch(1)
        for button in (self.compare, self.back, self.keep):
            self._buttons.addWidget(button)
        self._all = QBoxLayout(QBoxLayout.Direction.RightToLeft, self)
        self._all.setContentsMargins(SPACE[2], SPACE[0], SPACE[2], SPACE[0])
        self._all.setSpacing(SPACE[1])
        self._all.addLayout(self._buttons)
        self._all.addWidget(self._grid, 1)
        self._disconnect = session.playhead_moved.connect(self._follow)
        self.destroyed.connect(lambda _=None, end=self._disconnect: end())
        self.set_auditioned(None)

    def set_takes(self, motions: Sequence[Motion | None], names: Sequence[str], start_frame: int = 0) -> None:
        """Show takes; None is one that is still being made. `start_frame` is where in the piece they begin."""
        self._start_s = time_of(start_frame, self.session.document.frame_rate_hz)
        for i, tile in enumerate(self.tiles):
            tile.setVisible(i < max(len(motions), 1))
            tile.set_motion(motions[i] if i < len(motions) else None, names[i] if i < len(names) else "")
            tile.set_state("making" if i < len(motions) else "empty")
        self._follow()

    def set_time(self, time_s: float) -> None:
        """Dance all takes at a moment of the piece, round and round inside the segment.

        Where it stands still at their first pose, which all share, each shows the pose of its middle.
        """
        since_s = time_s - self._start_s
        are_alike = self.is_still and 0.0 <= since_s < _ALIKE_S
        for tile in self.tiles:
            middle_s = 0.5 * tile.figure.duration_s if tile.figure is not None else 0.0
            tile.set_time(middle_s if are_alike else since_s)

    def set_progress(self, index: int, fraction: float | None) -> None:
        """How far a take is that is still being made; None where that is not known."""
        self.tiles[index].set_state("making", fraction=fraction)

    def set_failed(self, index: int, sentence: str) -> None:
        """Say why a take could not be made."""
        self.tiles[index].set_state("failed", sentence=sentence)

    def set_auditioned(self, index: int | None) -> None:
        """Mark the take that is shown in place."""
        self._auditioned = index
        for i, tile in enumerate(self.tiles):
            tile.set_marks(is_auditioned=i == index)
        self.keep.setEnabled(index is not None)
        self.keep.set_reason("" if index is not None else "Look at a take first: press 1 to 4, or click one.")

    def set_kept(self, index: int | None) -> None:
        """Give the kept take its frame."""
        for i, tile in enumerate(self.tiles):
            tile.set_marks(is_kept=i == index)

    def _follow(self) -> None:
        if self.isVisible():
            self.set_time(self.session.playhead_s)

    def _keep_auditioned(self) -> None:
        if self._auditioned is not None:
            self.keep_wanted.emit(self._auditioned)

    def _focus_tile(self, index: int) -> None:
        shown = [tile for tile in self.tiles if tile.isVisible()]
        if shown:
            shown[index % len(shown)].setFocus(Qt.FocusReason.TabFocusReason)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.return_wanted.emit()
        else:
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        is_wide = self.width() >= _LEAST_WIDE * drawing.unit(self)
        direction = QBoxLayout.Direction
        self._all.setDirection(direction.RightToLeft if is_wide else direction.TopToBottom)
        self._buttons.setDirection(direction.TopToBottom if is_wide else direction.LeftToRight)
        super().resizeEvent(event)


class _Tiles(QWidget):
    """The tiles abreast, or two by two where that would make them too narrow."""

    def __init__(self, tiles: Sequence[QWidget]) -> None:
        super().__init__()
        self._tiles = tiles
        for tile in tiles:
            tile.setParent(self)
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def _columns(self, width: int) -> int:
        return N_TILES if width >= N_TILES * _LEAST_ABREAST * drawing.unit(self) else N_TILES // 2

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        rows = N_TILES // self._columns(width)
        return rows * self._tile_height() + (rows - 1) * SPACE[0]

    def sizeHint(self) -> QSize:
        scale = drawing.unit(self)
        return QSize(round(N_TILES * 110 * scale), self._tile_height())

    def minimumSizeHint(self) -> QSize:
        scale = drawing.unit(self)
        return QSize(round(120 * scale), round(_TILE_HEIGHT * scale))

    def _tile_height(self) -> int:
        scale, wanted = drawing.unit(self), _TILE_OF_WINDOW * self.window().height()
        return round(min(max(wanted, _TILE_HEIGHT * scale), _MOST_TILE_HEIGHT * scale))

    def resizeEvent(self, event: QResizeEvent) -> None:
        columns = self._columns(self.width())
        rows, gap = N_TILES // columns, SPACE[0]
        wide, high = (self.width() - (columns - 1) * gap) / columns, (self.height() - (rows - 1) * gap) / rows
        for i, tile in enumerate(self._tiles):
            left, top = (i % columns) * (wide + gap), (i // columns) * (high + gap)
            tile.setGeometry(QRect(round(left), round(top), round(left + wide) - round(left), round(high)))
        super().resizeEvent(event)


class TakeTile(Painted, QAbstractButton):
    """One take.

    Signals:
        entered(int), left(): The mouse.
        pressed_once(int), pressed_twice(int): A click or Space; a double click or Enter.
        return_wanted(): Escape.
        step_wanted(int): An arrow key asks for the tile of that index.
    """

    entered = Signal(object)
    left = Signal()
    pressed_once = Signal(int)
    pressed_twice = Signal(int)
    return_wanted = Signal()
    step_wanted = Signal(int)

    def __init__(self, index: int, theme: Theme) -> None:
        super().__init__()
        self.theme, self.index = theme, index
        self.figure: Figure | None = None
        self._name, self._state, self._sentence = "", "empty", ""
        self._fraction: float | None = None
        self._time_s = 0.0
        self._is_auditioned, self._is_kept = False, False
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self._describe()

    @property
    def time_s(self) -> float:
        """The moment of the take that is shown, from its beginning."""
        return self._time_s

    def set_motion(self, motion: Motion | None, name: str) -> None:
        """Show a take; None shows that it is being made."""
        self._name = name
        if motion is None or motion.n_frames == 0:
            self.figure = None
        elif self.figure is None or self.figure.motion is not motion:
            self.figure = Figure(motion)
        self._describe()
        self.update()

    def set_state(self, state: str, fraction: float | None = None, sentence: str = "") -> None:
        """Say what stands where no take is: "empty", "making" or "failed"."""
        self._state, self._fraction, self._sentence = state, fraction, sentence
        self._describe()
        if self.figure is None:
            self.update()

    def set_marks(self, is_auditioned: bool | None = None, is_kept: bool | None = None) -> None:
        """Whether this take is shown in place, and whether it was kept."""
        self._is_auditioned = self._is_auditioned if is_auditioned is None else is_auditioned
        self._is_kept = self._is_kept if is_kept is None else is_kept
        self._describe()
        self.update()

    def set_time(self, time_s: float) -> None:
        """Dance at a time from the segment's start, round and round."""
        if self.figure is None:
            return
        inside = time_s % self.figure.duration_s
        if inside != self._time_s:
            self._time_s = inside
            self.update()

    def enterEvent(self, event: QEnterEvent) -> None:
        if self.figure is not None:
            self.entered.emit(self.index)
        super().enterEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        self.left.emit()
        super().leaveEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and self.figure is not None:
            self.pressed_once.emit(self.index)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Pressing was enough: takes answer at once."""

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and self.figure is not None:
            self.pressed_twice.emit(self.index)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key, is_there = event.key(), self.figure is not None
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and is_there:
            self.pressed_twice.emit(self.index)
        elif key == Qt.Key.Key_Space and is_there:
            self.pressed_once.emit(self.index)
        elif key == Qt.Key.Key_Escape:
            self.return_wanted.emit()
        elif key in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            self.step_wanted.emit(self.index + (1 if key == Qt.Key.Key_Right else -1))
        else:
            event.ignore()

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.ShortcutOverride:
            if event.key() in _OWN_KEYS and not event.modifiers():
                event.accept()
            return True
        return super().event(event)

    def sizeHint(self) -> QSize:
        scale = drawing.unit(self)
        return QSize(round(110 * scale), round(_TILE_HEIGHT * scale))

    def paintEvent(self, event: QPaintEvent) -> None:
        theme, painter, frame = self.theme, drawing.begin(self), QRectF(self.rect())
        scale, is_hot = drawing.unit(self), self.underMouse() and self.figure is not None
        ground = drawing.mixed(theme.window, theme.raised, 0.85 if self._is_auditioned else 0.6 if is_hot else 0.3)
        drawing.box(painter, frame, ground, drawing.mixed(theme.line, theme.text, 0.3 if is_hot else 0.0))
        if self.figure is not None:
            inner = frame.adjusted(4, 4, -4, -2)
            painter.save()
            painter.setClipRect(frame.adjusted(1, 1, -1, -1))
            self.figure.paint(painter, inner, self._time_s, theme, ground)
            painter.restore()
        elif self._state == "making":
            self._paint_ring(painter, frame, scale)
        elif self._state == "failed":
            self._paint_failure(painter, frame, scale)
        self._paint_labels(painter, frame, scale)
        if self._is_kept:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(QColor(theme.accent), 2.0 * scale))
            painter.drawRoundedRect(frame.adjusted(1, 1, -1, -1), RADIUS, RADIUS)
        elif self._is_auditioned:
            painter.fillRect(QRectF(RADIUS, frame.bottom() - 3, frame.width() - 2 * RADIUS, 3), QColor(theme.accent))
        if self.hasFocus():
            drawing.focus_ring(painter, frame.adjusted(2, 2, -2, -2), theme)

    def _paint_labels(self, painter: QPainter, frame: QRectF, scale: float) -> None:
        theme = self.theme
        badge = QRectF(6 * scale, 6 * scale, 18 * scale, 18 * scale)
        is_lit = self._is_auditioned or self._is_kept
        drawing.box(painter, badge, QColor(theme.accent if is_lit else theme.raised),
                    None if is_lit else QColor(theme.line), 4 * scale)  # fmt: skip
        painter.setFont(drawing.font_of(self, drawing.NORMAL, True))
        ink = theme.on_accent if is_lit else theme.text if self.figure is not None else theme.muted
        painter.setPen(QColor(ink))
        painter.drawText(badge, Qt.AlignmentFlag.AlignCenter, str(self.index + 1))
        if self._is_kept:
            corner = QRectF(frame.right() - 22 * scale, 7 * scale, 15 * scale, 15 * scale)
            draw_glyph(painter, "tick", corner, QColor(theme.accent), 2.2)
        words = "shown" if self._is_auditioned and not self._is_kept else ""
        if words:
            painter.setFont(drawing.font_of(self, drawing.SMALL))
            painter.setPen(QColor(theme.text))
            place = QRectF(badge.right(), badge.top(), frame.right() - badge.right() - 7 * scale, badge.height())
            painter.drawText(place, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, words)

    def _paint_ring(self, painter: QPainter, frame: QRectF, scale: float) -> None:
        theme, side = self.theme, 34 * scale
        middle = frame.center()
        ring = QRectF(middle.x() - side / 2, middle.y() - side / 2 - 8 * scale, side, side)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(QColor(theme.line), 2.0 * scale))
        painter.drawEllipse(ring)
        if self._fraction is not None:
            pen = QPen(QColor(theme.accent), 2.0 * scale)
            pen.setCapStyle(Qt.PenCapStyle.FlatCap)
            painter.setPen(pen)
            painter.drawArc(ring, 90 * 16, -round(360 * 16 * min(max(self._fraction, 0.0), 1.0)))
        painter.setFont(drawing.font_of(self, drawing.SMALL))
        painter.setPen(QColor(theme.muted))
        below = QRectF(0, ring.bottom() + 4 * scale, frame.width(), 18 * scale)
        painter.drawText(below, Qt.AlignmentFlag.AlignHCenter, self._making_words())

    def _paint_failure(self, painter: QPainter, frame: QRectF, scale: float) -> None:
        side = 18 * scale
        icon = QRectF(frame.center().x() - side / 2, frame.height() * 0.24, side, side)
        draw_glyph(painter, "warning", icon, QColor(self.theme.error))
        painter.setFont(drawing.font_of(self, drawing.SMALL))
        painter.setPen(QColor(self.theme.text))
        place = QRectF(8 * scale, icon.bottom() + 6 * scale, frame.width() - 16 * scale, frame.height())
        place.setBottom(frame.bottom() - 6)
        painter.drawText(place, Qt.AlignmentFlag.AlignHCenter | Qt.TextFlag.TextWordWrap, self._sentence)

    def _making_words(self) -> str:
        return "making\u2026" if self._fraction is None else f"making\u2026 {100 * self._fraction:.0f} %"

    def _describe(self) -> None:
        number = self.index + 1
        self.setAccessibleName(f"Take {number}" + (f", {self._name}" if self._name else ""))
        if self.figure is None:
            words = {"failed": self._sentence, "making": self._making_words()}.get(self._state, "")
            self.setToolTip(words)
            self.setAccessibleDescription(words)
            return
        state = "kept" if self._is_kept else "shown in place" if self._is_auditioned else "ready"
        self.setAccessibleDescription(state)
        self.setToolTip(drawing.tip(f"Look at {self._name or f'take {number}'} in place", str(number),
                                    "Double-click or Enter keeps it, Esc returns."))  # fmt: skip


_OWN_KEYS = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space, Qt.Key.Key_Left, Qt.Key.Key_Right)
