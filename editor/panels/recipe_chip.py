"""What a take was made from, in a frame, to be copied and pasted."""

from __future__ import annotations

from PySide6.QtCore import QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFontMetrics, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from editor.document.document import Take
from editor.panels import drawing
from editor.panels.buttons import QUIET, Button
from editor.panels.drawing import Painted
from editor.panels.naming import recipe_words
from editor.theme import Theme

_FEW_LINES = 3


class RecipeChip(Painted, QWidget):
    """The recipe of the take that is danced.

    Signals:
        copy_wanted(): Put the recipe on the clipboard.
        paste_wanted(): Take the settings of the recipe on the clipboard.
    """

    copy_wanted = Signal()
    paste_wanted = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.theme = theme
        self._title, self._words = "", ""
        self.copy = Button("", theme, glyph="copy", kind=QUIET, is_small=True, name="Copy recipe",
                           why="As text, for another segment or another piece.")  # fmt: skip
        self.paste = Button("", theme, glyph="paste", kind=QUIET, is_small=True, name="Paste recipe",
                            why="Takes the settings of the recipe on the clipboard.")  # fmt: skip
        self.copy.clicked.connect(self.copy_wanted)
        self.paste.clicked.connect(self.paste_wanted)
        for button in (self.copy, self.paste):
            button.setParent(self)
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.set_take(None)

    @property
    def words(self) -> str:
        """What stands under the title."""
        return self._words

    def set_take(self, take: Take | None) -> None:
        """Show a take's recipe; None where no one take is meant."""
        self._title = "No take selected" if take is None else take.name or "Take"
        if take is None:
            self._words = "Select a clip to see what its take was made from."
        elif take.recipe is None:
            self._words = "Imported: it has no recipe." if take.kind == "imported" else "Joined from other takes."
        else:
            self._words = recipe_words(take.recipe)
        self.copy.setEnabled(take is not None and take.recipe is not None)
        self.setAccessibleName(f"Recipe of {self._title}: {self._words}")
        self.setToolTip("" if take is None or take.recipe is None else self._words.replace(" \u00b7 ", "\n"))
        self.updateGeometry()
        self.update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        # By hand: a widget with a layout is asked for no height of its own.
        side, edge = self.copy.sizeHint().height(), self.width() - 3
        for button in (self.paste, self.copy):
            edge -= side
            button.setGeometry(edge, 3, side, side)
        super().resizeEvent(event)

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        scale, font = drawing.unit(self), drawing.font_of(self, drawing.SMALL)
        metrics = QFontMetrics(font)
        room = QRect(0, 0, max(width - round(18 * scale), 1), 10_000)
        high = metrics.boundingRect(room, Qt.TextFlag.TextWordWrap, self._words).height()
        return round(28 * scale) + min(high, _FEW_LINES * metrics.lineSpacing()) + round(8 * scale)

    def sizeHint(self) -> QSize:
        return QSize(round(220 * drawing.unit(self)), self.heightForWidth(round(240 * drawing.unit(self))))

    def minimumSizeHint(self) -> QSize:
        return QSize(round(120 * drawing.unit(self)), round(44 * drawing.unit(self)))

    def paintEvent(self, event: QPaintEvent) -> None:
        theme, painter, frame = self.theme, drawing.begin(self), QRectF(self.rect())
        scale = drawing.unit(self)
        drawing.box(painter, frame, drawing.mixed(theme.panel, theme.raised, 0.7), QColor(theme.line))
        inner = frame.adjusted(9 * scale, 0, -9 * scale, 0)
        painter.setFont(drawing.font_of(self, drawing.NORMAL, True))
        painter.setPen(QColor(theme.text))
        title = QRectF(inner.left(), 3, inner.width() - 2 * self.copy.width(), 24 * scale)
        words = painter.fontMetrics().elidedText(self._title, Qt.TextElideMode.ElideMiddle, int(title.width()))
        painter.drawText(title, Qt.AlignmentFlag.AlignVCenter, words)
        painter.setFont(drawing.font_of(self, drawing.SMALL))
        painter.setPen(QColor(theme.muted))
        place = QRectF(inner.left(), 27 * scale, inner.width(), frame.height() - 33 * scale)
        painter.drawText(place, Qt.TextFlag.TextWordWrap, self._words)
