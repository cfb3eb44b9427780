"""The left side of the timeline: a head beside each lane, with its name, what it reads, and its switches."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QPoint, QPointF, QRect, QRectF, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QFocusEvent, QFont, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QMenu, QWidget

from editor.document.clip_edits import set_clip_locked
from editor.document.document import Document
from editor.document.track_edits import set_track_flags
from editor.panels.glyphs import draw_glyph
from editor.timeline.curve_lane import CurveLane, colour_of
from editor.timeline.dancer_lane import DancerLane
from editor.timeline.ink import PATTERNS, Ink, glyph, stroke
from editor.timeline.lane import Lane
from editor.timeline.model import MUSIC_CURVES, TimelineModel
from engine.music.analysis import EMOTIONS

WIDTH_PX = 188
_PAD_PX = 12


class Head(QWidget):
    """Beside a lane; can be given the keyboard, which makes a dancer the active one.

    Signals:
        picked(): Clicked, or Enter pressed.
        menu_wanted(QPoint): A right click, global.
    """

    picked = Signal()
    menu_wanted = Signal(QPoint)

    def __init__(self, lane: Lane, model: TimelineModel, ink: Ink, parent: QWidget) -> None:
        super().__init__(parent)
        self.lane, self.model, self.ink = lane, model, ink
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setAccessibleName(f"{lane.name} lane")
        self.setAccessibleDescription(lane.hint)
        self.setToolTip(f"{lane.name}\n{lane.hint}")

    def set_ink(self, ink: Ink) -> None:
        """Paint with other colours or measures."""
        self.ink = ink
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, ink = QPainter(self), self.ink
        painter.fillRect(self.rect(), ink.colour("panel"))
        self.paint(painter)
        hair = ink.hair
        painter.fillRect(QRectF(0, self.height() - hair, self.width(), hair), ink.colour("line"))
        painter.fillRect(QRectF(self.width() - hair, 0, hair, self.height()), ink.colour("line"))
        if self.hasFocus():
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(ink.pen(ink.colour("accent"), 2.0))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(1.5, 1.5, -2.5, -2.0), 3, 3)
        painter.end()

    def paint(self, painter: QPainter) -> None:
        """The name, in the middle of the lane's height."""
        font = self.ink.normal if self.height() >= self.ink.px(18) else self.ink.small
        self.write(painter, self.ink.px(_PAD_PX), self.lane.name, "muted", 0, self.height(), font)

    def write(
        self, painter: QPainter, x: float, text: str, colour: str, top: float, height: float, font: QFont | None = None
    ) -> None:
        """A line of text, normal by default."""
        font = font or self.ink.normal
        painter.setFont(font)
        painter.setPen(self.ink.colour(colour))
        painter.drawText(QPointF(x, self.ink.baseline(font, top, height)), text)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.picked.emit()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        self.menu_wanted.emit(event.globalPos())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.picked.emit()
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self.update()


class ReadingHead(Head):
    """Beside a ruler: reads the place under the cursor, or the playhead's where the cursor is elsewhere."""

    def __init__(self, lane: Lane, model: TimelineModel, ink: Ink, parent: QWidget) -> None:
        super().__init__(lane, model, ink, parent)
        self._reading, self._is_hover = "", False

    def read(self, text: str, is_hover: bool) -> None:
        """Show a reading; the cursor's in the accent."""
        if (text, is_hover) != (self._reading, self._is_hover):
            self._reading, self._is_hover = text, is_hover
            self.update(QRect(self.width() // 3, 0, self.width(), self.height()))

    @property
    def reading(self) -> str:
        """What is shown."""
        return self._reading

    def paint(self, painter: QPainter) -> None:
        super().paint(painter)
        ink = self.ink
        x = self.width() - ink.px(_PAD_PX) - ink.width_of(self._reading, ink.bold)
        painter.setFont(ink.bold)
        painter.setPen(ink.colour("accent" if self._is_hover else "text"))
        painter.drawText(int(x), int(ink.baseline(ink.bold, 0, self.height())), self._reading)


class Toggle(QAbstractButton):
    """A small switch with a sign for either state; it looks quiet unless it is on."""

    def __init__(self, ink: Ink, name: str, why: str, signs: tuple[str, str], parent: QWidget) -> None:
        super().__init__(parent)
        self.ink, self._signs = ink, signs
        self.setCheckable(True)
        self.setAccessibleName(name)
        self.setToolTip(f"{name}\n{why}")
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, ink, box = QPainter(self), self.ink, QRectF(self.rect())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        is_on = self.isChecked()
        if is_on or self.underMouse():
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(ink.mix("panel", "accent", 0.22) if is_on else ink.colour("raised"))
            painter.drawRoundedRect(box.adjusted(1, 1, -1, -1), 3, 3)
        colour = ink.colour("text" if is_on or self.underMouse() else "muted")
        middle = box.adjusted(0.16 * box.width(), 0.16 * box.height(), -0.16 * box.width(), -0.16 * box.height())
        sign = self._signs[is_on]
        if sign in ("lock", "unlock"):
            stroke(painter, glyph(sign, middle), colour)
        else:
            draw_glyph(painter, sign, middle, colour)
        if self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(ink.pen(ink.colour("accent"), 1.6))
            painter.drawRoundedRect(box.adjusted(1, 1, -1, -1), 3, 3)
        painter.end()


class DancerHead(Head):
    """Beside a dancer's lane: her name, and whether she is hidden, left out or locked."""

    def __init__(self, lane: DancerLane, model: TimelineModel, ink: Ink, parent: QWidget) -> None:
        super().__init__(lane, model, ink, parent)
        self.track_id = lane.track_id
        self.hide_button = Toggle(ink, "Hide", "The dancer is not shown in the picture", ("shown", "hidden"), self)
        self.mute_button = Toggle(ink, "Mute", "The dancer is left out of exports", ("exported", "muted"), self)
        self.lock_button = Toggle(ink, "Lock", "None of the dancer's clips can be changed", ("unlock", "lock"), self)
        self._buttons = (self.hide_button, self.mute_button, self.lock_button)
        self.hide_button.clicked.connect(self._hide)
        self.mute_button.clicked.connect(self._mute)
        self.lock_button.clicked.connect(self._lock)
        self.refresh()

    def _hide(self, is_on: bool) -> None:
        label = "hide dancer" if is_on else "show dancer"
        self.model.session.edit(label, lambda d: set_track_flags(d, self.track_id, is_hidden=is_on))
        self.refresh()

    def _mute(self, is_on: bool) -> None:
        label = "mute dancer" if is_on else "unmute dancer"
        self.model.session.edit(label, lambda d: set_track_flags(d, self.track_id, is_muted=is_on))
        self.refresh()

    def _lock(self, is_on: bool) -> None:
        def all_locked(document: Document) -> Document:
            for clip in document.track(self.track_id).clips:
                if clip.is_locked != is_on:
                    document = set_clip_locked(document, clip.id, is_on)
            return document

        self.model.session.edit("lock dancer" if is_on else "unlock dancer", all_locked)
        self.refresh()

    def refresh(self) -> None:
        """Show the dancer as she is in the piece."""
        track = self.model.session.document.track(self.track_id)
        self.hide_button.setChecked(track.is_hidden)
        self.mute_button.setChecked(track.is_muted)
        self.lock_button.setChecked(bool(track.clips) and all(clip.is_locked for clip in track.clips))
        about = "a reference: only looked at, never exported or made anew" if track.is_reference else ""
        self.setAccessibleName(f"{track.name} lane")
        self.setAccessibleDescription(about)
        self.setToolTip(f"{track.name}{', ' if about else ''}{about}\n{self.lane.hint}")
        self.update()

    def set_ink(self, ink: Ink) -> None:
        for button in self._buttons:
            button.ink = ink
        super().set_ink(ink)
        self._place()

    def resizeEvent(self, event: object) -> None:
        self._place()

    def _place(self) -> None:
        side = self.ink.px(22)
        for i, button in enumerate(self._buttons):
            left = self.width() - self.ink.px(8) - (len(self._buttons) - i) * side
            button.setGeometry(left, self.ink.px(10), side, side)

    def paint(self, painter: QPainter) -> None:
        ink, track = self.ink, self.model.session.document.track(self.track_id)
        is_active = self.model.session.active_track_id == self.track_id
        if is_active:
            painter.fillRect(self.rect(), ink.mix("panel", "raised", 0.7))
            painter.fillRect(QRectF(0, 0, ink.px(3), self.height()), ink.colour("accent"))
        left = ink.px(_PAD_PX)
        if track.is_reference:
            side = ink.px(16)
            draw_glyph(painter, "reference", QRectF(left, ink.px(13), side, side), ink.colour("muted"))
            left += side + ink.px(4)
        name = ink.elided(track.name, ink.bold, self.hide_button.x() - left - ink.px(4))
        painter.setFont(ink.bold)
        painter.setPen(ink.colour("muted" if track.is_reference else "text"))
        painter.drawText(left, int(ink.baseline(ink.bold, ink.px(10), ink.px(22))), name)
        if track.is_reference:
            painter.setFont(ink.small)
            painter.drawText(ink.px(_PAD_PX), int(ink.baseline(ink.small, ink.px(40), ink.px(20))), "reference")
        else:
            self._legend(painter, left)

    def _legend(self, painter: QPainter, left: float) -> None:
        """What the thin bars under the clips are."""
        ink = self.ink
        top, height = ink.px(40), ink.px(20)
        painter.setFont(ink.small)
        baseline = int(ink.baseline(ink.small, top, height))
        for side, word in (("left", "L foot"), ("right", "R foot")):
            painter.fillRect(QRectF(left, ink.crisp(baseline - ink.px(6)), ink.px(10), ink.px(4)), ink.colour(side))
            painter.setPen(ink.colour("muted"))
            painter.drawText(int(left + ink.px(14)), baseline, word)
            left += ink.px(14) + ink.width_of(word, ink.small) + ink.px(10)
        if left + ink.width_of("moves", ink.small) + ink.px(20) <= self.width():
            for i in range(3):
                box = QRectF(ink.crisp(left + 4 * i), baseline - ink.px(7), ink.hair, ink.px(7))
                painter.fillRect(box, ink.colour("muted"))
            painter.drawText(int(left + ink.px(14)), baseline, "moves")


class Picker(QAbstractButton):
    """A small button that shows a choice and drops a menu to change it."""

    def __init__(self, ink: Ink, parent: QWidget) -> None:
        super().__init__(parent)
        self.ink = ink
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, ink, box = QPainter(self), self.ink, QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        is_focused = self.hasFocus()
        painter.setPen(ink.pen(ink.colour("accent" if is_focused else "line"), 1.6 if is_focused else 1.0))
        painter.setBrush(ink.mix("raised", "text", 0.08) if self.underMouse() else ink.colour("raised"))
        painter.drawRoundedRect(box, 4, 4)
        side = float(ink.px(12))
        arrow = QRectF(box.right() - side - 5, box.center().y() - 0.5 * side, side, side)
        painter.save()
        painter.translate(arrow.center())
        painter.rotate(90)
        draw_glyph(painter, "chevron", QRectF(-0.5 * side, -0.5 * side, side, side), ink.colour("muted"))
        painter.restore()
        painter.setFont(ink.normal)
        painter.setPen(ink.colour("text"))
        text = ink.elided(self.text(), ink.normal, arrow.left() - ink.px(10))
        painter.drawText(ink.px(8), int(ink.baseline(ink.normal, 0, self.height())), text)
        painter.end()


class CurveHead(Head):
    """Beside the emotion lane: which value is drawn, and what each line is.

    Signals:
        value_picked(name): She wants to draw another value.
    """

    value_picked = Signal(str)

    def __init__(self, lane: CurveLane, model: TimelineModel, ink: Ink, parent: QWidget) -> None:
        super().__init__(lane, model, ink, parent)
        self.picker = Picker(ink, self)
        self.picker.clicked.connect(self._choose)
        self.refresh()

    def set_ink(self, ink: Ink) -> None:
        self.picker.ink = ink
        super().set_ink(ink)
        self._place()

    def resizeEvent(self, event: object) -> None:
        self._place()

    def _place(self) -> None:
        ink = self.ink
        self.picker.setGeometry(self.width() - ink.px(10 + 98), ink.px(6), ink.px(98), ink.px(22))

    def refresh(self) -> None:
        """Show which value is drawn."""
        name = words_of(self.model.drawn)
        self.picker.setText(name)
        self.picker.setAccessibleName(f"Drawn value: {name}")
        self.picker.setToolTip("Drawn value\nWhich emotion, or which style's weight, the pencil draws")
        self.update()

    def menu(self) -> QMenu:
        """All values that can be drawn, the present one ticked."""
        menu = QMenu(self)
        styles = [name for name, _ in self.model.session.document.settings.style]
        styles += [name for name in self.model.styles if name not in styles]
        for group in (EMOTIONS, styles):
            if group is styles and styles:
                menu.addSeparator()
            for name in group:
                action = menu.addAction(words_of(name))
                action.setCheckable(True)
                action.setChecked(name == self.model.drawn)
                action.triggered.connect(_pick(self.value_picked.emit, name))
        return menu

    def _choose(self) -> None:
        self.menu().popup(self.picker.mapToGlobal(QPoint(0, self.picker.height())))

    def paint(self, painter: QPainter) -> None:
        ink = self.ink
        self.write(painter, ink.px(_PAD_PX), self.lane.name, "muted", ink.px(6), ink.px(22))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        top, row, column = ink.px(32), ink.px(15), (self.width() - ink.px(_PAD_PX)) // 2
        for i, name in enumerate(MUSIC_CURVES):
            x, y = ink.px(_PAD_PX) + (i // 3) * column, top + (i % 3) * row
            middle = y + 0.5 * row
            is_drawn = name == self.model.drawn
            painter.setPen(ink.pen(ink.colour(colour_of(name, self.model)), 2.2 if is_drawn else 1.3, PATTERNS[name]))
            painter.drawLine(QPoint(x, round(middle)), QPoint(x + ink.px(22), round(middle)))
            painter.setFont(ink.small)
            painter.setPen(ink.colour("text" if is_drawn else "muted"))
            painter.drawText(x + ink.px(27), int(ink.baseline(ink.small, y, row)), words_of(name))
        x, y = ink.px(_PAD_PX) + column, top + 2 * row
        painter.setPen(ink.pen(ink.colour("text"), 2.6))
        painter.drawLine(QPoint(x, round(y + 0.5 * row)), QPoint(x + ink.px(22), round(y + 0.5 * row)))
        painter.setPen(ink.colour("muted"))
        painter.drawText(x + ink.px(27), int(ink.baseline(ink.small, y, row)), "yours")
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)


def _pick(emit: Callable[[str], None], name: str) -> Callable[[], None]:
    return lambda: emit(name)


def words_of(name: str) -> str:
    """A value's name as it is shown."""
    return name.replace("_", " ").capitalize()


class HeadColumn(QWidget):
    """All heads; those of pinned lanes stay, the others go with the lanes."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._scrolled = QWidget(self)
        self.heads: list[Head] = []
        self.scroll_y = 0
        self._ink: Ink | None = None

    @property
    def scrolled(self) -> QWidget:
        """Parent of the heads that scroll; cuts them off under the pinned ones."""
        return self._scrolled

    def set_heads(self, heads: list[Head], ink: Ink) -> None:
        """Show these heads; those that are gone are deleted."""
        for head in self.heads:
            if head not in heads:
                head.hide()
                head.deleteLater()
        self.heads = heads
        self._ink = ink
        self.lay_out()
        for head in heads:
            head.show()

    def set_ink(self, ink: Ink) -> None:
        """Paint with other colours or measures."""
        self._ink = ink
        for head in self.heads:
            head.set_ink(ink)
        self.lay_out()

    def lay_out(self) -> None:
        """Place each head beside its lane."""
        ink = self._ink
        if ink is None:
            return
        pinned = sum(head.lane.height(ink) for head in self.heads if head.lane.is_pinned)
        self._scrolled.setGeometry(0, pinned, self.width(), max(self.height() - pinned, 0))
        for head in self.heads:
            top = head.lane.top if head.lane.is_pinned else head.lane.top - self.scroll_y - pinned
            head.setGeometry(0, top, self.width(), head.lane.height(ink))

    def resizeEvent(self, event: object) -> None:
        self.lay_out()

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._ink is not None:
            painter = QPainter(self)
            painter.fillRect(event.rect(), self._ink.colour("window"))
            hair = self._ink.hair
            painter.fillRect(QRectF(self.width() - hair, 0, hair, self.height()), self._ink.colour("line"))
            painter.end()
