"""Sections that fold, labels that elide, chips, names typed in place, what panels scroll in."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QKeyEvent, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QFrame,
    QLabel,
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
from editor.theme import CONTROL_HEIGHT, SPACE, Theme


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
        if text == self._text:
            return
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
        self.setProperty("kind", "muted" if is_muted else "")
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
        self.setProperty("kind", "inline")
        self.setAccessibleName(name)
        self.setMaxLength(200)
        self.setFont(drawing.font_of(parent))
        drawing.fill_with(self, theme.window, theme.text)
        self.setGeometry(place)
        self.show()
        self.selectAll()
        self.setFocus(Qt.FocusReason.OtherFocusReason)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self._finish(None)
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._finish(self.text())  # and goes no further: the row below would take it for a click
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


class Ground(Painted, QWidget):
    """What a panel's parts lie on. Painted: a style sheet of the window's would win over a palette."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.theme = theme

    def paintEvent(self, event: QPaintEvent) -> None:
        drawing.begin(self).fillRect(self.rect(), QColor(self.theme.panel))


class PanelScroll(Painted, QScrollArea):
    """What a panel scrolls in: only up and down, in the panel's colour."""

    def __init__(self, inside: Ground, theme: Theme) -> None:
        super().__init__()
        self.theme = theme
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setVerticalScrollBar(ThinScrollBar(theme))
        self.setWidget(inside)
        self.on_theme()

    def on_theme(self) -> None:
        for widget in (self, self.viewport()):
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
