"""A slider as wide as its row: name, number and unit in it, filled as far as its value goes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QKeyEvent,
    QLinearGradient,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPolygonF,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QAbstractSlider, QLineEdit, QWidget

from editor.panels import drawing
from editor.panels.drawing import Painted
from editor.theme import RADIUS, ROW_HEIGHT, Theme

FINE = 0.1  # how much slower the value goes with Shift
FILL = (0.26, 0.31)  # the hue's share in the fill, and while it is under the hand; more would drown the words
_STUB_PX = 4.0  # of the line at the value, above and below words
_WHEEL_SETTLES_MS = 350
_DRAG_BEGINS_PX = 2.0


@dataclass(frozen=True)
class Range:
    """What a slider's number may be and how it is written.

    Attributes:
        least, most: What the bar spans.
        default: Where a double click leads.
        unit: Written behind the number.
        factor: The written number is the value times this.
        decimals: Of the written number.
        step: What an arrow key or a notch of the wheel adds.
        typed_least, typed_most: What may be typed beyond the bar; None keeps to the bar.
    """

    least: float = 0.0
    most: float = 1.0
    default: float = 0.0
    unit: str = "%"
    factor: float = 100.0
    decimals: int = 0
    step: float = 0.01
    typed_least: float | None = None
    typed_most: float | None = None

    def within(self, value: float, is_typed: bool = False) -> float:
        """The value as near as the bar, or typing, allows; no finer than a tenth of what is written."""
        low = self.least if not is_typed or self.typed_least is None else self.typed_least
        high = self.most if not is_typed or self.typed_most is None else self.typed_most
        fine = self.factor * 10 ** (self.decimals + 1)
        return min(max(round(value * fine) / fine, low), high)

    def written(self, value: float) -> str:
        """The number with its unit."""
        number = f"{value * self.factor:.{self.decimals}f}"
        if number.startswith("-"):
            number = "\N{MINUS SIGN}" + number[1:] if float(number) else number[1:]
        return f"{number} {self.unit}".rstrip()

    def read(self, text: str) -> float | None:
        """The value that somebody typed; None where it is no number."""
        plain = text.replace(self.unit, "").replace("\N{MINUS SIGN}", "-").replace(",", ".").strip()
        try:
            value = float(plain) / self.factor
        except ValueError:
            return None
        return self.within(value, is_typed=True) if abs(value) < float("inf") else None


class ValueSlider(Painted, QAbstractSlider):
    """One number under the hand.

    Dragging is relative and coarse, with Shift fine; a double click resets; Ctrl+wheel steps, the wheel alone too
    once the slider has the keyboard (so that scrolling a panel changes nothing); arrows, Page Up and Down, Home
    and End; a click on the number, or F2, edits it. Escape while dragging takes it all back.

    Signals:
        previewed(float): The value while it is under the hand.
        committed(float): The value when the hand lets go: one step to undo.
        let_go(): After every preview, whether it was committed or taken back.
    """

    previewed = Signal(float)
    committed = Signal(float)
    let_go = Signal()

    def __init__(self, label: str, theme: Theme, numbers: Range = Range(), hue: str = "accent", why: str = "") -> None:
        super().__init__()
        self.theme, self.numbers, self.hue, self.label = theme, numbers, hue, label
        self._amount = numbers.default
        self._before: float | None = None  # the value before the hand came; None while it is away
        self._pressed_x: float | None = None
        self._last_x, self._raw, self._is_dragging = 0.0, 0.0, False
        self._drawn: tuple[float, ...] | None = None
        self._note = ""
        self._editor: QLineEdit | None = None
        self._wheel = QTimer(self, interval=_WHEEL_SETTLES_MS, singleShot=True)
        self._wheel.timeout.connect(self._commit)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setRange(self._whole(numbers.least), self._whole(numbers.most))
        self.setAccessibleName(label)
        hint = "Drag; Shift is finer. Double-click resets, click the number or press F2 to type."
        self.setToolTip(drawing.tip(label, "arrow keys", f"{why}\n{hint}" if why else hint))
        self.set_amount(numbers.default)

    @property
    def amount(self) -> float:
        """The value."""
        return self._amount

    @property
    def is_held(self) -> bool:
        """Whether a hand, a key or the wheel is changing it now."""
        return self._before is not None

    @property
    def text(self) -> str:
        """What is written at its right end."""
        if self._drawn is not None:
            return f"drawn \u00b7 {self.numbers.written(self._amount)}"
        return self.numbers.written(self._amount)

    def set_amount(self, value: float) -> None:
        """Show a value, from outside; nothing is emitted."""
        self._amount = self.numbers.within(value, is_typed=True)
        self.setValue(self._whole(self._amount))  # what assistive technology reads
        self.setAccessibleDescription(self.text)
        self.update()

    def set_drawn(self, values: Sequence[float] | None) -> None:
        """Show values drawn over time, evenly spaced, and their mean; they cannot be dragged. None ends that."""
        self._drawn = None if values is None else tuple(values)
        if self._drawn:
            self.set_amount(sum(self._drawn) / len(self._drawn))
        self.setAccessibleDescription(self.text)
        self.update()

    def set_note(self, note: str) -> None:
        """A few muted words behind the label, such as minutes seen."""
        self._note = note
        self.update()

    def reset(self) -> None:
        """Back to the default, as one step."""
        self._before = self._amount
        self._move_to(self.numbers.default)
        self._commit()

    def edit_number(self) -> None:
        """Open the number for typing; Enter takes it, Escape leaves it."""
        if self._drawn is not None or not self.isEnabled():
            return
        editor = _NumberEdit(self.numbers.written(self._amount).removesuffix(self.numbers.unit).strip(), self)
        drawing.fill_with(editor, self.theme.window, self.theme.text)
        editor.setFont(drawing.font_of(self))
        editor.setGeometry(self._number_rect().toAlignedRect().adjusted(-8, 2, 0, -2))
        editor.setAccessibleName(f"{self.label}, {self.numbers.unit}")
        editor.done.connect(self._end_editing)
        self._editor = editor
        editor.show()
        editor.selectAll()
        editor.setFocus(Qt.FocusReason.OtherFocusReason)

    def sizeHint(self) -> QSize:
        return QSize(round(200 * drawing.unit(self)), round(ROW_HEIGHT * drawing.unit(self)))

    def minimumSizeHint(self) -> QSize:
        return QSize(round(90 * drawing.unit(self)), round(ROW_HEIGHT * drawing.unit(self)))

    def _whole(self, value: float) -> int:
        return round(value * self.numbers.factor * 10**self.numbers.decimals)

    def _number_rect(self) -> QRectF:
        width = drawing.text_width(self.text, drawing.font_of(self)) + 16 * drawing.unit(self)
        return QRectF(self.width() - width, 0, width, self.height())

    # What the hand does.

    def _move_to(self, value: float, is_typed: bool = False) -> None:
        value = self.numbers.within(value, is_typed)
        if value != self._amount:
            self.set_amount(value)
            self.previewed.emit(value)

    def _commit(self) -> None:
        self._wheel.stop()
        before, self._before = self._before, None
        if before is None:
            return
        if before != self._amount:
            self.committed.emit(self._amount)
        self.let_go.emit()

    def _take_back(self) -> None:
        before, self._before, self._pressed_x = self._before, None, None
        if before is not None:
            self.set_amount(before)
            self.let_go.emit()

    def _end_editing(self, text: str | None) -> None:
        editor, self._editor = self._editor, None
        if editor is None:
            return
        value = None if text is None else self.numbers.read(text)
        if editor.hasFocus():
            self.setFocus(Qt.FocusReason.OtherFocusReason)
        editor.hide()
        editor.deleteLater()
        if value is not None:
            self._before = self._amount
            self._move_to(value, is_typed=True)
            self._commit()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton or self._drawn is not None:
            event.ignore()
            return
        self._commit()  # what the wheel still had
        self._pressed_x = self._last_x = event.position().x()
        self._before, self._raw, self._is_dragging = self._amount, self._amount, False
        self.update()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        x = event.position().x()
        if self._pressed_x is None:
            is_number = self._drawn is None and self._number_rect().contains(event.position())
            self.setCursor(Qt.CursorShape.IBeamCursor if is_number else Qt.CursorShape.SizeHorCursor)
            return
        if not self._is_dragging and abs(x - self._pressed_x) < _DRAG_BEGINS_PX:
            return
        self._is_dragging = True
        fine = FINE if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1.0
        low, high = min(self.numbers.least, self._amount), max(self.numbers.most, self._amount)
        self._raw += fine * (x - self._last_x) / max(self.width(), 1) * (self.numbers.most - self.numbers.least)
        self._raw = min(max(self._raw, low), high)
        self._last_x = x
        self._move_to(self._raw if fine < 1.0 else self._stepped(self._raw), is_typed=True)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._pressed_x is None:
            return
        was_dragging, self._pressed_x, self._is_dragging = self._is_dragging, None, False
        if was_dragging:
            self._commit()
        else:
            self._before = None
            if self._number_rect().contains(event.position()):
                self.edit_number()
        self.update()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and self._drawn is None:
            self.reset()

    def wheelEvent(self, event: QWheelEvent) -> None:
        notches = (event.angleDelta().y() or event.angleDelta().x()) / 120.0
        wants = self.hasFocus() or bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        if not wants or self._drawn is not None or self._pressed_x is not None or not notches:
            event.ignore()
            return
        fine = FINE if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1.0
        self._step(notches * fine)
        self._wheel.start()
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self.is_held:
            self._take_back()
        elif event.key() == Qt.Key.Key_F2:
            self.edit_number()
        elif event.key() in _STEPS and self._drawn is None:
            fine = FINE if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1.0
            self._step(_STEPS[Qt.Key(event.key())] * fine)
        elif event.key() in (Qt.Key.Key_Home, Qt.Key.Key_End) and self._drawn is None:
            self._before = self._amount if self._before is None else self._before
            self._move_to(self.numbers.least if event.key() == Qt.Key.Key_Home else self.numbers.most)
        else:
            event.ignore()

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        if not event.isAutoRepeat() and self._pressed_x is None and not self._wheel.isActive():
            self._commit()
        event.ignore()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        if self._pressed_x is None:
            self._commit()
        super().focusOutEvent(event)

    def event(self, event: QEvent) -> bool:
        # Keys that mean something here must not set off the window's shortcuts (the arrows step frames there).
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            taken = event.key() in _OWN_KEYS or (event.key() == Qt.Key.Key_Escape and self.is_held)
            if taken and not event.modifiers() & Qt.KeyboardModifier.ControlModifier:
                event.accept()
                return True
        return super().event(event)

    def _step(self, steps: float) -> None:
        self._before = self._amount if self._before is None else self._before
        beyond = self._amount > self.numbers.most or self._amount < self.numbers.least
        self._move_to(self._amount + steps * self.numbers.step, is_typed=beyond)

    def _stepped(self, value: float) -> float:
        return round(value / self.numbers.step) * self.numbers.step

    # What is seen.

    def resizeEvent(self, event: QResizeEvent) -> None:
        if self._editor is not None:
            self._editor.setGeometry(self._number_rect().toAlignedRect().adjusted(-8, 2, 0, -2))
        super().resizeEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        theme, painter = self.theme, drawing.begin(self)
        frame = QRectF(self.rect())
        hue = getattr(theme, self.hue)
        is_hot = self.isEnabled() and (self.underMouse() or self.is_held)
        drawing.box(painter, frame, QColor(theme.raised), None)
        painter.save()
        painter.setClipPath(drawing.rounded(frame, RADIUS))
        if self._drawn:
            self._paint_drawn(painter, frame, hue)
        else:
            self._paint_fill(painter, frame, hue)
        painter.restore()
        line = drawing.mixed(theme.line, theme.text, 0.35) if is_hot else QColor(theme.line)
        drawing.box(painter, frame, None, line)
        self._paint_words(painter, frame)
        if self.hasFocus():
            drawing.focus_ring(painter, frame, theme)

    def _x_of(self, value: float, frame: QRectF) -> float:
        span = self.numbers.most - self.numbers.least
        return frame.left() + min(max((value - self.numbers.least) / span, 0.0), 1.0) * frame.width()

    def _paint_fill(self, painter: QPainter, frame: QRectF, hue: str) -> None:
        theme = self.theme
        zero = self._x_of(max(self.numbers.least, 0.0), frame)
        end = self._x_of(self._amount, frame)
        share = FILL[self.is_held] if self.isEnabled() else 0.12
        fill = QRectF(min(zero, end), 0, abs(end - zero), frame.height())
        shade = QLinearGradient(fill.topLeft(), fill.topRight())
        shade.setColorAt(0.0, drawing.mixed(theme.raised, hue, 0.55 * share))
        shade.setColorAt(1.0, drawing.mixed(theme.raised, hue, share))
        painter.fillRect(fill, shade)
        if self.numbers.default not in (self.numbers.least, self.numbers.most) and not self.is_held:
            x = self._x_of(self.numbers.default, frame)
            painter.setPen(QPen(drawing.mixed(theme.raised, theme.muted, 0.7), 1.0))
            painter.drawLine(QPointF(x, frame.bottom() - 4), QPointF(x, frame.bottom() - 1))
        if self._amount != self.numbers.least and self.isEnabled():
            edge = min(max(end, 2.0), frame.right() - 1.0)
            bars = [(0.0, frame.height())]
            if edge - 3 < self._words_right() or edge + 1 > self._number_left():  # not through words
                bars = [(0.0, _STUB_PX), (frame.height() - _STUB_PX, _STUB_PX)]
            for top, height in bars:
                painter.fillRect(QRectF(edge - 2, top, 2, height), QColor(hue))

    def _words_right(self) -> float:
        """Where label and note end."""
        pad = 8 * drawing.unit(self)
        label_px = drawing.text_width(self.label, drawing.font_of(self))
        note_px = drawing.text_width(self._note, drawing.font_of(self, drawing.SMALL)) + pad if self._note else 0.0
        return pad + label_px + note_px

    def _number_left(self) -> float:
        """Where the number begins."""
        words_px = drawing.text_width(self.text, drawing.font_of(self))
        return self._number_rect().right() - 8 * drawing.unit(self) - words_px

    def _paint_drawn(self, painter: QPainter, frame: QRectF, hue: str) -> None:
        values = self._drawn or ()
        span = self.numbers.most - self.numbers.least
        high = frame.height() - 5
        steps = max(len(values) - 1, 1)
        line = [
            QPointF(
                frame.left() + i / steps * frame.width(),
                frame.bottom() - 2 - min(max((v - self.numbers.least) / span, 0.0), 1.0) * high,
            )
            for i, v in enumerate(values)
        ]
        area = QPolygonF([frame.bottomLeft(), *line, frame.bottomRight()])
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(drawing.mixed(self.theme.raised, hue, 0.28))
        painter.drawPolygon(area)
        painter.setPen(QPen(drawing.mixed(self.theme.raised, hue, 0.6), 1.2))
        painter.drawPolyline(QPolygonF(line))

    def _paint_words(self, painter: QPainter, frame: QRectF) -> None:
        theme, pad = self.theme, 8 * drawing.unit(self)
        number = self._number_rect().adjusted(0, 0, -pad, 0)
        ink = QColor(theme.text if self.isEnabled() else theme.muted)
        painter.setFont(drawing.font_of(self))
        painter.setPen(ink)
        if self._editor is None:
            words = self.text
            label_width = drawing.text_width(self.label, drawing.font_of(self))
            if self._drawn is not None and label_width + number.width() + pad > frame.width():
                words = "drawn"
                number.setLeft(number.right() - drawing.text_width(words, drawing.font_of(self)) - pad)
            painter.drawText(number, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, words)
        room = QRectF(pad, 0, number.left() - pad, frame.height())
        words = painter.fontMetrics().elidedText(self.label, Qt.TextElideMode.ElideMiddle, max(int(room.width()), 0))
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, words)
        used = painter.fontMetrics().horizontalAdvance(words) + pad
        small = drawing.font_of(self, drawing.SMALL)
        if self._note and used + drawing.text_width(self._note, small) < room.width():
            painter.setFont(small)
            filled = frame if self._drawn else QRectF(0, 0, self._x_of(self._amount, frame), frame.height())
            # Muted words are legible on the bare ground only.
            bare = frame.adjusted(filled.width(), 0, 0, 0)
            for part, hue in ((bare, QColor(theme.muted)), (filled, ink)):
                painter.setClipRect(part)
                painter.setPen(hue)
                painter.drawText(room.adjusted(used, 0, 0, 0), Qt.AlignmentFlag.AlignVCenter, self._note)
            painter.setClipping(False)


_STEPS = {
    Qt.Key.Key_Right: 1.0, Qt.Key.Key_Up: 1.0, Qt.Key.Key_Left: -1.0, Qt.Key.Key_Down: -1.0,
    Qt.Key.Key_PageUp: 10.0, Qt.Key.Key_PageDown: -10.0,
}  # fmt: skip
_OWN_KEYS = {*_STEPS, Qt.Key.Key_Home, Qt.Key.Key_End, Qt.Key.Key_F2}


class _NumberEdit(QLineEdit):
    """The number while it is typed.

    Signals:
        done(str | None): The text to take; None leaves the number as it was.
    """

    done = Signal(object)

    def __init__(self, text: str, parent: QWidget) -> None:
        super().__init__(text, parent)
        self.setFrame(False)
        self.setProperty("kind", "inline")
        self.setAlignment(Qt.AlignmentFlag.AlignRight)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.done.emit(None)
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.done.emit(self.text())
        else:
            super().keyPressEvent(event)

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ShortcutOverride:
            event.accept()  # typing a number must not audition takes
            return True
        return super().event(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.done.emit(self.text())
