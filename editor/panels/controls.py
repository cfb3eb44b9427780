"""The panels' smaller controls: buttons, segmented buttons, sections that fold, chips, labels that elide."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QPoint, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QKeyEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QButtonGroup,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLayout,
    QLayoutItem,
    QLineEdit,
    QScrollArea,
    QScrollBar,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from editor.panels import drawing
from editor.panels.drawing import Painted
from editor.panels.glyphs import draw_glyph
from editor.theme import CONTROL_HEIGHT, RADIUS, ROW_HEIGHT, SPACE, Theme

PLAIN, PRIMARY, QUIET = "plain", "primary", "quiet"
_PRESSING = (Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter)


class Button(Painted, QAbstractButton):
    """A button with an icon, words and the key that does the same; any of the three may be missing."""

    def __init__(
        self, text: str, theme: Theme, *, glyph: str = "", key: str = "", kind: str = PLAIN, name: str = "",
        why: str = "", checkable: bool = False, is_small: bool = False,
    ) -> None:  # fmt: skip
        super().__init__()
        self.theme, self.glyph, self.key, self.kind, self.is_small = theme, glyph, key, kind, is_small
        self._why, self._name = why, name or text
        self._cap = key.replace("Shift+", "\u21e7")
        self.setText(text)
        self.setCheckable(checkable)
        self.setAccessibleName(self._name)
        self.setToolTip(drawing.tip(self._name, key, why))
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        across = QSizePolicy.Policy.Preferred if text else QSizePolicy.Policy.Fixed
        self.setSizePolicy(across, QSizePolicy.Policy.Fixed)

    def set_reason(self, reason: str) -> None:
        """Say in the tooltip why the button cannot be used now; empty for what it does."""
        self.setToolTip(reason or drawing.tip(self._name, self.key, self._why))
        self.setAccessibleDescription(reason)

    def sizeHint(self) -> QSize:
        scale = drawing.unit(self)
        high = ROW_HEIGHT if self.is_small else CONTROL_HEIGHT
        wide = drawing.text_width(self.text(), self._font()) + (20 * scale if self.text() else 0)
        if self.glyph:
            wide += (22 if self.text() else high) * scale
        if self.key:
            wide += drawing.text_width(self._cap, drawing.font_of(self, drawing.SMALL)) + 18 * scale
        return QSize(round(wide), round(high * scale))

    def minimumSizeHint(self) -> QSize:
        scale = drawing.unit(self)
        high = round((ROW_HEIGHT if self.is_small else CONTROL_HEIGHT) * scale)
        if not self.text():
            return QSize(high, high)
        least = 40 * scale
        if self.kind == PRIMARY:
            least = drawing.text_width(self.text(), self._font()) + (38 if self.glyph else 16) * scale
        return QSize(min(self.sizeHint().width(), round(least)), high)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
        else:
            super().keyPressEvent(event)

    def event(self, event: QEvent) -> bool:
        # Space and Enter press what has the keyboard, and do not play or keep a take.
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.ShortcutOverride:
            if event.key() in _PRESSING and not event.modifiers():
                event.accept()
            return True
        return super().event(event)

    def _font(self) -> QFont:
        return drawing.font_of(self, drawing.NORMAL, self.kind == PRIMARY)

    def _colours(self) -> tuple[QColor | None, QColor | None, QColor]:
        """Fill, line and ink as things stand."""
        theme, is_hot = self.theme, self.underMouse() and self.isEnabled()
        if not self.isEnabled():
            quiet = drawing.mixed(theme.panel, theme.muted, 0.62)
            return (None if self.kind == QUIET else drawing.mixed(theme.panel, theme.raised, 0.6)), (
                None if self.kind == QUIET else drawing.mixed(theme.panel, theme.line, 0.7)
            ), quiet
        if self.isChecked():
            return drawing.mixed(theme.raised, theme.accent, 0.3), QColor(theme.accent), QColor(theme.text)
        if self.kind == PRIMARY:
            fill = drawing.mixed(theme.accent, theme.on_accent, 0.18 if self.isDown() else 0.0)
            return (drawing.mixed(theme.accent, theme.text, 0.12) if is_hot and not self.isDown() else fill), None, (
                QColor(theme.on_accent)
            )
        if self.kind == QUIET:
            ink = theme.text if is_hot or self.text() else theme.muted
            return QColor(theme.raised) if is_hot else None, None, QColor(ink)
        fill = drawing.mixed(theme.raised, theme.line, 0.6 if self.isDown() else 0.0)
        line = drawing.mixed(theme.line, theme.text, 0.4) if is_hot else QColor(theme.line)
        return fill, line, QColor(theme.text)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, frame, scale = drawing.begin(self), QRectF(self.rect()), drawing.unit(self)
        fill, line, ink = self._colours()
        if fill is not None or line is not None:
            drawing.box(painter, frame, fill, line)
        self._paint_inside(painter, frame, ink, scale)
        if self.hasFocus():
            drawing.focus_ring(painter, frame, self.theme)

    def _paint_inside(self, painter: QPainter, frame: QRectF, ink: QColor, scale: float) -> None:
        icon = 14 * scale
        if self.glyph and not self.text():
            draw_glyph(painter, self.glyph, _middle(frame, icon), ink)
            return
        font = self._font()
        small = drawing.font_of(self, drawing.SMALL)
        key_width = drawing.text_width(self._cap, small) + 16 * scale if self.key else 0.0
        icon_width = icon + 6 * scale if self.glyph else 0.0
        words_width = drawing.text_width(self.text(), font)
        room = frame.width() - 16 * scale
        if icon_width + words_width + key_width > room:
            key_width = 0.0  # the words come first; the key is in the tooltip too
        words_width = min(words_width, room - icon_width - key_width)
        left = frame.center().x() - (icon_width + words_width + key_width) / 2
        if self.glyph:
            draw_glyph(painter, self.glyph, _middle(QRectF(left, 0, icon, frame.height()), icon), ink)
        painter.setFont(font)
        painter.setPen(ink)
        place = QRectF(left + icon_width, 0, words_width + 1, frame.height())
        words = painter.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideMiddle, int(words_width + 1))
        painter.drawText(place, Qt.AlignmentFlag.AlignVCenter, words)
        if key_width:
            faint = QColor(ink)
            faint.setAlphaF(0.8)
            drawing.key_cap(painter, left + icon_width + words_width + key_width, frame.center().y(), self._cap, small,
                            faint)  # fmt: skip


def _middle(frame: QRectF, side: float) -> QRectF:
    return QRectF(frame.center().x() - side / 2, frame.center().y() - side / 2, side, side)


class SegmentedButton(Painted, QWidget):
    """A row of which one is chosen.

    Signals:
        chosen(str): The key of the one that the user chose.
    """

    chosen = Signal(str)

    def __init__(self, choices: Sequence[tuple[str, str, str]], theme: Theme, name: str) -> None:
        """Choices as (key, words, why)."""
        super().__init__()
        self.theme = theme
        self.setAccessibleName(name)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self._group = QButtonGroup(self)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        self._buttons: dict[str, _SegmentPart] = {}
        for i, (key, words, why) in enumerate(choices):
            part = _SegmentPart(words, theme, (i == 0, i == len(choices) - 1))
            part.setAccessibleName(f"{name}: {words}")
            part.setToolTip(drawing.tip(f"{name}: {words}", "", why))
            part.clicked.connect(lambda _checked=False, key=key: self.chosen.emit(key))
            self._group.addButton(part)
            self._buttons[key] = part
            row.addWidget(part, 1)

    @property
    def choice(self) -> str:
        """The key of the one that is chosen; empty for none."""
        return next((key for key, button in self._buttons.items() if button.isChecked()), "")

    def set_choice(self, key: str) -> None:
        """Choose, from outside; nothing is emitted."""
        self._group.setExclusive(False)
        for other, button in self._buttons.items():
            button.setChecked(other == key)
        self._group.setExclusive(True)

    def button(self, key: str) -> QAbstractButton:
        """One of the row."""
        return self._buttons[key]


class _SegmentPart(Painted, QAbstractButton):
    def __init__(self, words: str, theme: Theme, is_end: tuple[bool, bool]) -> None:
        super().__init__()
        self.theme, self._is_end = theme, is_end
        self.setText(words)
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)

    def sizeHint(self) -> QSize:
        scale = drawing.unit(self)
        wide = drawing.text_width(self.text(), drawing.font_of(self)) + 16 * scale
        return QSize(round(wide), round(ROW_HEIGHT * scale))

    def minimumSizeHint(self) -> QSize:
        return QSize(round(36 * drawing.unit(self)), self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        theme, painter, frame = self.theme, drawing.begin(self), QRectF(self.rect())
        is_first, is_last = self._is_end
        # The outer ends are round; the inner borders are shared, so the box reaches out of sight there.
        whole = frame.adjusted(0 if is_first else -RADIUS * 2, 0, 0 if is_last else RADIUS * 2, 0)
        painter.setClipRect(frame)
        fill = QColor(theme.raised)
        if self.isChecked():
            fill = drawing.mixed(theme.raised, theme.accent, 0.34)
        elif self.underMouse() and self.isEnabled():
            fill = drawing.mixed(theme.raised, theme.line, 0.7)
        drawing.box(painter, whole, fill, QColor(theme.line))
        if not is_first:
            painter.setPen(QColor(theme.line))
            painter.drawLine(frame.topLeft(), frame.bottomLeft())
        if self.isChecked():
            painter.fillRect(QRectF(frame.left() + 3, frame.bottom() - 2, frame.width() - 6, 2), QColor(theme.accent))
        painter.setFont(drawing.font_of(self, drawing.NORMAL, self.isChecked()))
        painter.setPen(QColor(theme.text if self.isChecked() or self.underMouse() else theme.muted))
        words = painter.fontMetrics().elidedText(
            self.text(), Qt.TextElideMode.ElideMiddle, int(frame.width() - 8 * drawing.unit(self))
        )
        painter.drawText(frame, Qt.AlignmentFlag.AlignCenter, words)
        if self.hasFocus():
            drawing.focus_ring(painter, frame, theme)


class Section(Painted, QWidget):
    """A heading that folds what lies under it; put that into `body`."""

    def __init__(self, title: str, theme: Theme, is_open: bool = True) -> None:
        super().__init__()
        self.theme = theme
        self.header = _SectionHeader(title, theme)
        self.header.setChecked(is_open)
        self.content = QWidget()
        self.body = QVBoxLayout(self.content)
        self.body.setContentsMargins(SPACE[2], 2, SPACE[2], SPACE[1] + 2)
        self.body.setSpacing(SPACE[0])
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.header)
        column.addWidget(self.content)
        self.content.setVisible(is_open)
        self.header.toggled.connect(self.content.setVisible)

    def set_summary(self, words: str) -> None:
        """A few muted words at the right end of the heading."""
        self.header.summary = words
        self.header.update()


class _SectionHeader(Painted, QAbstractButton):
    def __init__(self, title: str, theme: Theme) -> None:
        super().__init__()
        self.theme, self.summary = theme, ""
        self.setText(title)
        self.setCheckable(True)
        self.setAccessibleName(f"{title} section")
        self.setToolTip(drawing.tip(f"Fold or unfold {title.lower()}", "Space"))
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        scale = drawing.unit(self)
        wide = drawing.text_width(self.text(), drawing.font_of(self, drawing.NORMAL, True))
        return QSize(round(wide + 44 * scale), round(CONTROL_HEIGHT * scale))

    def paintEvent(self, event: QPaintEvent) -> None:
        theme, painter, frame = self.theme, drawing.begin(self), QRectF(self.rect())
        scale = drawing.unit(self)
        painter.fillRect(QRectF(0, 0, frame.width(), 1), QColor(theme.line))
        if self.underMouse():
            painter.fillRect(frame.adjusted(0, 1, 0, 0), drawing.mixed(theme.panel, theme.raised, 0.6))
        painter.save()
        painter.translate(SPACE[2] + 4 * scale, frame.center().y())
        painter.rotate(90 if self.isChecked() else 0)
        draw_glyph(painter, "chevron", QRectF(-5 * scale, -5 * scale, 10 * scale, 10 * scale), QColor(theme.muted), 2.2)
        painter.restore()
        left = SPACE[2] + 16 * scale
        painter.setFont(drawing.font_of(self, drawing.NORMAL, True))
        painter.setPen(QColor(theme.text))
        painter.drawText(frame.adjusted(left, 0, 0, 0), Qt.AlignmentFlag.AlignVCenter, self.text())
        left += painter.fontMetrics().horizontalAdvance(self.text()) + 12 * scale
        painter.setFont(drawing.font_of(self, drawing.SMALL))
        painter.setPen(QColor(theme.muted))
        room = frame.adjusted(left, 0, -SPACE[2], 0)
        words = painter.fontMetrics().elidedText(self.summary, Qt.TextElideMode.ElideMiddle, max(int(room.width()), 0))
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, words)
        if self.hasFocus():
            drawing.focus_ring(painter, frame, theme)


class ElidedLabel(Painted, QWidget):
    """One line of text, elided in the middle where there is no room; the whole of it is its tooltip then."""

    def __init__(
        self, text: str, theme: Theme, size: int = drawing.NORMAL, *, is_bold: bool = False, is_muted: bool = False
    ) -> None:
        super().__init__()
        self.theme, self._size, self._is_bold, self._is_muted = theme, size, is_bold, is_muted
        self._text = ""
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.set_text(text)

    @property
    def text(self) -> str:
        """The whole text."""
        return self._text

    def set_text(self, text: str) -> None:
        """Show another text."""
        self._text = text
        self.setAccessibleName(text)
        self._explain()
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        font = self._font()
        high = QFontMetricsF(font).height() + 4
        return QSize(round(drawing.text_width(self._text, font)) + 1, round(high))

    def minimumSizeHint(self) -> QSize:
        return QSize(round(24 * drawing.unit(self)), self.sizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._explain()
        super().resizeEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = drawing.begin(self)
        painter.setFont(self._font())
        painter.setPen(QColor(self.theme.muted if self._is_muted else self.theme.text))
        words = painter.fontMetrics().elidedText(self._text, Qt.TextElideMode.ElideMiddle, self.width())
        painter.drawText(QRectF(self.rect()), Qt.AlignmentFlag.AlignVCenter, words)

    def _font(self) -> QFont:
        return drawing.font_of(self, self._size, self._is_bold)

    def _explain(self) -> None:
        self.setToolTip(self._text if drawing.text_width(self._text, self._font()) > self.width() else "")


class Words(Painted, QLabel):
    """A sentence that wraps, muted or not."""

    def __init__(self, text: str, theme: Theme, is_muted: bool = True) -> None:
        super().__init__(text)
        self.theme, self._is_muted = theme, is_muted
        self.setWordWrap(True)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Minimum)
        self.on_theme()

    def on_theme(self) -> None:
        drawing.fill_with(self, self.theme.panel, self.theme.muted if self._is_muted else self.theme.text)


class Chip(Painted, QWidget):
    """A few words in a rounded frame, with an icon before them."""

    def __init__(self, text: str, theme: Theme, glyph: str = "", hue: str = "muted") -> None:
        super().__init__()
        self.theme, self.glyph, self.hue = theme, glyph, hue
        self._text = text
        self.setAccessibleName(text)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)

    @property
    def text(self) -> str:
        """Its words."""
        return self._text

    def set_text(self, text: str, glyph: str | None = None, hue: str | None = None) -> None:
        """Other words, and another icon and colour where given."""
        self._text = text
        self.glyph = self.glyph if glyph is None else glyph
        self.hue = self.hue if hue is None else hue
        self.setAccessibleName(text)
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        scale, font = drawing.unit(self), drawing.font_of(self, drawing.SMALL)
        wide = drawing.text_width(self._text, font) + (14 + (14 if self.glyph else 0)) * scale
        return QSize(round(wide), round(QFontMetricsF(font).height() + 4 * scale))

    def minimumSizeHint(self) -> QSize:
        return QSize(round(24 * drawing.unit(self)), self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        theme, painter, frame = self.theme, drawing.begin(self), QRectF(self.rect())
        scale, hue = drawing.unit(self), getattr(theme, self.hue)
        drawing.box(painter, frame, drawing.mixed(theme.raised, hue, 0.12), drawing.mixed(theme.raised, hue, 0.5),
                    frame.height() / 2)  # fmt: skip
        left = 7 * scale
        if self.glyph:
            draw_glyph(painter, self.glyph, QRectF(left, 0, 10 * scale, frame.height()), QColor(theme.text), 1.6)
            left += 14 * scale
        painter.setFont(drawing.font_of(self, drawing.SMALL))
        painter.setPen(QColor(theme.text))
        room = frame.adjusted(left, 0, -6 * scale, 0)
        words = painter.fontMetrics().elidedText(self._text, Qt.TextElideMode.ElideMiddle, int(room.width() + 1))
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, words)


class NameEdit(Painted, QLineEdit):
    """A name while it is typed over what showed it.

    Signals:
        done(str | None): The new name; None leaves it as it was.
    """

    done = Signal(object)

    def __init__(self, text: str, theme: Theme, parent: QWidget, place: QRect, name: str) -> None:
        super().__init__(text, parent)
        self.theme = theme
        self._is_done = False
        self.setAccessibleName(name)
        self.setMaxLength(200)
        self.setFont(drawing.font_of(parent))
        drawing.fill_with(self, theme.window, theme.text)
        self.setGeometry(place)
        self.returnPressed.connect(lambda: self._finish(self.text()))
        self.show()
        self.selectAll()
        self.setFocus(Qt.FocusReason.OtherFocusReason)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self._finish(None)
        else:
            super().keyPressEvent(event)

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ShortcutOverride:
            event.accept()  # letters are letters here
            return True
        if event.type() == QEvent.Type.FocusOut:
            self._finish(self.text())
        return super().event(event)

    def _finish(self, text: str | None) -> None:
        if self._is_done:
            return
        self._is_done = True
        self.hide()
        self.deleteLater()
        words = None if text is None else text.strip()
        self.done.emit(words or None)


class PanelScroll(Painted, QScrollArea):
    """What a panel scrolls in: only up and down, in the panel's colour."""

    def __init__(self, inside: QWidget, theme: Theme) -> None:
        super().__init__()
        self.theme = theme
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._inside = inside
        self.setVerticalScrollBar(ThinScrollBar(theme))
        self.setWidget(inside)
        self.on_theme()

    def on_theme(self) -> None:
        for widget in (self, self.viewport(), self._inside):
            drawing.fill_with(widget, self.theme.panel, self.theme.text)
            widget.setAutoFillBackground(True)


class ThinScrollBar(Painted, QScrollBar):
    """A scroll bar without arrows, that is only there when it is needed."""

    def __init__(self, theme: Theme) -> None:
        super().__init__(Qt.Orientation.Vertical)
        self.theme = theme
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)

    def sizeHint(self) -> QSize:
        return QSize(round(10 * drawing.unit(self)), 40)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, frame = drawing.begin(self), QRectF(self.rect())
        painter.fillRect(frame, QColor(self.theme.panel))
        whole = self.maximum() - self.minimum() + self.pageStep()
        if whole <= self.pageStep():
            return
        top = frame.height() * (self.value() - self.minimum()) / whole
        high = max(frame.height() * self.pageStep() / whole, 24.0)
        top = min(top, frame.height() - high)
        is_hot = self.underMouse() or self.isSliderDown()
        ink = drawing.mixed(self.theme.panel, self.theme.muted, 0.8 if is_hot else 0.45)
        thumb = QRectF(frame.width() * 0.3, top + 2, frame.width() * 0.5, high - 4)
        drawing.box(painter, thumb, ink, None, thumb.width() / 2)


class FlowLayout(QLayout):
    """Widgets side by side, in as many rows as they need."""

    def __init__(self, spacing: int = SPACE[0]) -> None:
        super().__init__()
        self.setContentsMargins(0, 0, 0, 0)
        self.setSpacing(spacing)
        self._items: list[QLayoutItem] = []

    def addItem(self, item: QLayoutItem) -> None:
        self._items.append(item)

    def count(self) -> int:
        return len(self._items)

    def itemAt(self, index: int) -> QLayoutItem | None:
        return self._items[index] if 0 <= index < len(self._items) else None

    def takeAt(self, index: int) -> QLayoutItem | None:
        return self._items.pop(index) if 0 <= index < len(self._items) else None

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        return self._lay_out(QRect(0, 0, width, 0), moves=False)

    def sizeHint(self) -> QSize:
        return self.minimumSize()

    def minimumSize(self) -> QSize:
        size = QSize()
        for item in self._items:
            size = size.expandedTo(item.minimumSize())
        return size

    def setGeometry(self, rect: QRect) -> None:
        super().setGeometry(rect)
        self._lay_out(rect, moves=True)

    def _lay_out(self, rect: QRect, moves: bool) -> int:
        x, y, row_height = rect.left(), rect.top(), 0
        for item in self._items:
            if item.isEmpty():
                continue
            size = item.sizeHint()
            wide = min(size.width(), rect.width())
            if x > rect.left() and x + wide > rect.right() + 1:
                x, y, row_height = rect.left(), y + row_height + self.spacing(), 0
            if moves:
                item.setGeometry(QRect(QPoint(x, y), QSize(wide, size.height())))
            x, row_height = x + wide + self.spacing(), max(row_height, size.height())
        return y + row_height - rect.top()
