"""Findings by rule, with counts; a rule opens to its findings. All of it by keys too."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QHelpEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from editor.findings import WORST_FIRST, Entry
from editor.panels import drawing
from editor.panels.drawing import Painted
from editor.panels.finding_words import amount
from editor.panels.glyphs import draw_glyph
from editor.panels.severity import draw_severity
from editor.theme import ROW_HEIGHT, Theme

# So many findings are seen at once; of more, the rules alone.
_OPEN_UP_TO = 12
_Key = Qt.Key
_OWN_KEYS = (_Key.Key_Up, _Key.Key_Down, _Key.Key_Left, _Key.Key_Right, _Key.Key_Return, _Key.Key_Enter,
             _Key.Key_Home, _Key.Key_End)  # fmt: skip


@dataclass(frozen=True)
class Line:
    """A finding in the list: itself, and the words that stand there."""

    entry: Entry
    where: str
    name: str


@dataclass(frozen=True)
class Group:
    """The findings of one rule."""

    rule: str
    title: str
    lines: tuple[Line, ...]

    @property
    def severity(self) -> str:
        """The worst of those that count; of all, where all are intended."""
        rows = [line.entry for line in self.lines if line.entry.is_open] or [line.entry for line in self.lines]
        return min((entry.finding.severity for entry in rows), key=WORST_FIRST.index)

    @property
    def n_open(self) -> int:
        """How many count."""
        return sum(line.entry.is_open for line in self.lines)


_Row = tuple[Group, Line | None]


class FindingList(Painted, QWidget):
    """The list.

    Signals:
        picked(Entry): A click, or the arrow keys.
        entered(): Enter on a finding.
        revealed(top: int, height: int): What should be scrolled to.
    """

    picked = Signal(object)
    entered = Signal()
    revealed = Signal(int, int)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.theme = theme
        self.groups: tuple[Group, ...] = ()
        self.selected: Entry | None = None
        self.is_aged = False
        self._folded: dict[str, bool] = {}
        self._rows: list[_Row] = []
        self._hovered = -1
        self._at = 0  # the row that the keys are on
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Findings")

    def show_groups(self, groups: Sequence[Group], selected: Entry | None, is_aged: bool) -> None:
        """Show other findings; those of an older version of the dance are paler."""
        groups = tuple(groups)
        is_same = (groups, selected, is_aged) == (self.groups, self.selected, self.is_aged)
        is_other = selected != self.selected
        self.groups, self.selected, self.is_aged = groups, selected, is_aged
        if is_same:
            return
        if selected is not None and is_other:
            self._folded[selected.finding.rule] = False
        self._lay_out()
        if selected is not None and is_other:
            self._reveal()

    def row_of(self, entry: Entry) -> int:
        """Which row shows a finding; -1 for none."""
        return next((i for i, (_, line) in enumerate(self._rows) if line is not None and line.entry == entry), -1)

    def row_rect(self, row: int) -> QRectF:
        """Where a row is."""
        height = self._row_px
        return QRectF(0, row * height, self.width(), height)

    def whole_rows_px(self, height: int) -> int:
        """The height of as many whole rows as fit, at least one."""
        return round(max(height // self._row_px, 1) * self._row_px)

    @property
    def n_rows(self) -> int:
        """How many rows there are to be seen."""
        return len(self._rows)

    def sizeHint(self) -> QSize:
        return QSize(round(200 * drawing.unit(self)), round(max(len(self._rows), 1) * self._row_px + 4))

    # Hands

    def mousePressEvent(self, event: QMouseEvent) -> None:
        row = int(event.position().y() // self._row_px)
        if not 0 <= row < len(self._rows):
            return
        self._at = row
        group, line = self._rows[row]
        if line is None:
            self._fold(group, not self._is_folded(group))
        else:
            self.picked.emit(line.entry)
        self.update()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        row = int(event.position().y() // self._row_px)
        if row != self._hovered:
            self._hovered = row
            self.update()

    def leaveEvent(self, event: QEvent) -> None:
        self._hovered = -1
        self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key, last = event.key(), len(self._rows) - 1
        if last < 0 or event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier:
            super().keyPressEvent(event)
            return
        self._at = min(self._at, last)
        group, line = self._rows[self._at]
        if key in (_Key.Key_Up, _Key.Key_Down):
            self._go(self._at + (1 if key == _Key.Key_Down else -1))
        elif key in (_Key.Key_Home, _Key.Key_End):
            self._go(0 if key == _Key.Key_Home else last)
        elif key == _Key.Key_Left:
            if line is None:
                self._fold(group, True)
            else:
                self._go(self._rows.index((group, None)))
        elif key == _Key.Key_Right and line is None:
            self._fold(group, False)
        elif key in (_Key.Key_Return, _Key.Key_Enter):
            if line is None:
                self._fold(group, not self._is_folded(group))
            else:
                self.entered.emit()
        else:
            super().keyPressEvent(event)

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.ShortcutOverride:
            if event.key() in _OWN_KEYS and not event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier:
                event.accept()
            return True
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            row = int(event.pos().y() // self._row_px)
            line = self._rows[row][1] if 0 <= row < len(self._rows) else None
            QToolTip.showText(event.globalPos(), line.entry.finding.explanation if line else "", self)
            return True
        return super().event(event)

    # How it is done

    @property
    def _row_px(self) -> float:
        return float(round(ROW_HEIGHT * drawing.unit(self)))

    def _is_folded(self, group: Group) -> bool:
        n_all = sum(len(other.lines) for other in self.groups)
        return self._folded.get(group.rule, n_all > _OPEN_UP_TO)

    def _fold(self, group: Group, is_folded: bool) -> None:
        self._folded[group.rule] = is_folded
        self._lay_out()

    def _lay_out(self) -> None:
        self._rows = []
        for group in self.groups:
            self._rows.append((group, None))
            if not self._is_folded(group):
                self._rows += [(group, line) for line in group.lines]
        chosen = -1 if self.selected is None else self.row_of(self.selected)
        self._at = chosen if chosen >= 0 else min(self._at, max(len(self._rows) - 1, 0))
        self._tell()
        self.updateGeometry()
        self.update()

    def _go(self, row: int) -> None:
        self._at = min(max(row, 0), len(self._rows) - 1)
        line = self._rows[self._at][1]
        if line is not None:
            self.picked.emit(line.entry)
        self._reveal()
        self._tell()
        self.update()

    def _reveal(self) -> None:
        rect = self.row_rect(self._at)
        self.revealed.emit(round(rect.top()), round(rect.height()))

    def _tell(self) -> None:
        """What a screen reader says of the row that the keys are on."""
        if not self._rows:
            self.setAccessibleDescription("None")
            return
        group, line = self._rows[min(self._at, len(self._rows) - 1)]
        if line is None:
            state = "closed" if self._is_folded(group) else "open"
            self.setAccessibleDescription(f"{group.title}, {group.n_open}, {state}")
        else:
            kind = line.entry.finding.severity if line.entry.is_open else "intended"
            self.setAccessibleDescription(f"{kind}, {group.title}, {line.name}, {line.where}")

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = drawing.begin(self)
        painter.fillRect(self.rect(), QColor(self.theme.panel))
        for row, (group, line) in enumerate(self._rows):
            rect = self.row_rect(row)
            if not rect.intersects(QRectF(event.rect())):
                continue
            is_chosen = line is not None and line.entry == self.selected
            if is_chosen:
                drawing.box(painter, rect, drawing.mixed(self.theme.panel, self.theme.accent, 0.22), None)
                bar = QRectF(0, rect.top() + 3, 3, rect.height() - 6)
                drawing.box(painter, bar, QColor(self.theme.accent), None, 1.5)
            elif row == self._hovered:
                drawing.box(painter, rect, QColor(self.theme.raised), None)
            painter.setOpacity(0.5 if self.is_aged else 1.0)
            if line is None:
                self._paint_group(painter, rect, group)
            else:
                self._paint_line(painter, rect, line, is_chosen)
            painter.setOpacity(1.0)
            if self.hasFocus() and row == self._at:
                drawing.focus_ring(painter, rect, self.theme)

    def _paint_group(self, painter: QPainter, rect: QRectF, group: Group) -> None:
        theme, scale = self.theme, drawing.unit(self)
        painter.save()
        painter.translate(12 * scale, rect.center().y())
        painter.rotate(0 if self._is_folded(group) else 90)
        chevron = QRectF(-5 * scale, -5 * scale, 10 * scale, 10 * scale)
        draw_glyph(painter, "chevron", chevron, QColor(theme.muted), 2.2)
        painter.restore()
        shape = QRectF(22 * scale, rect.top(), 13 * scale, rect.height())
        draw_severity(painter, group.severity, shape, theme, not group.n_open)
        count = str(group.n_open or len(group.lines))
        small = drawing.font_of(self, drawing.NORMAL, True)
        wide = drawing.text_width(count, small)
        painter.setFont(small)
        painter.setPen(QColor(theme.text if group.n_open else theme.muted))
        right = rect.adjusted(0, 0, -10 * scale, 0)
        painter.drawText(right, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, count)
        painter.setFont(drawing.font_of(self, drawing.NORMAL, True))
        room = rect.adjusted(42 * scale, 0, -wide - 18 * scale, 0)
        words = painter.fontMetrics().elidedText(group.title, Qt.TextElideMode.ElideRight, int(room.width()))
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, words)

    def _paint_line(self, painter: QPainter, rect: QRectF, line: Line, is_chosen: bool) -> None:
        theme, scale, finding = self.theme, drawing.unit(self), line.entry.finding
        shape = QRectF(42 * scale, rect.top(), 9 * scale, rect.height())
        draw_severity(painter, finding.severity, shape, theme, not line.entry.is_open)
        quiet = QColor(theme.text if is_chosen else theme.muted)
        value = amount(finding.measured, finding.unit) if line.entry.is_open else "intended"
        painter.setFont(drawing.font_of(self, drawing.NORMAL))
        wide = painter.fontMetrics().horizontalAdvance(value)
        painter.setPen(quiet)
        right = rect.adjusted(0, 0, -10 * scale, 0)
        painter.drawText(right, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, value)
        painter.setPen(QColor(theme.text))
        room = rect.adjusted(58 * scale, 0, -wide - 18 * scale, 0)
        where = painter.fontMetrics().elidedText(line.where, Qt.TextElideMode.ElideRight, int(room.width()))
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, where)
        left = painter.fontMetrics().horizontalAdvance(where) + 12 * scale
        if line.name and left < room.width() - 24 * scale:
            painter.setPen(quiet)
            rest = room.adjusted(left, 0, 0, 0)
            name = painter.fontMetrics().elidedText(line.name, Qt.TextElideMode.ElideRight, int(rest.width()))
            painter.drawText(rest, Qt.AlignmentFlag.AlignVCenter, name)
