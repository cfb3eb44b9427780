"""A measured value beside its limit, as lengths on a line: what is allowed, and how far it is passed."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QBrush, QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from editor.panels import drawing
from editor.panels.drawing import Painted
from editor.panels.finding_words import amount, excess_words
from editor.panels.severity import draw_severity
from editor.theme import Theme
from engine.structure.finding import Finding

_HEIGHT, _BAR = 34, 7


class Gauge(Painted, QWidget):
    """The bar of a finding's card."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.theme = theme
        self.finding: Finding | None = None
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    def show_finding(self, finding: Finding) -> None:
        """Show another one."""
        self.finding = finding
        self.setAccessibleName(f"Measured {amount(finding.measured, finding.unit)}, {excess_words(finding)}")
        self.setToolTip(excess_words(finding))
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(round(180 * drawing.unit(self)), round(_HEIGHT * drawing.unit(self)))

    def paintEvent(self, event: QPaintEvent) -> None:
        if self.finding is None:
            return
        painter, theme, scale = drawing.begin(self), self.theme, drawing.unit(self)
        finding = self.finding
        low, high = _range(finding)
        left, width = 7 * scale, self.width() - 14 * scale

        def x_of(value: float) -> float:
            return left + width * (value - low) / max(high - low, 1e-9)

        bar = QRectF(left, 4 * scale, width, _BAR * scale)
        drawing.box(painter, bar, drawing.mixed(theme.panel, theme.line, 0.8), None, 0.5 * bar.height())
        limit_x, measured_x = x_of(finding.limit), x_of(finding.measured)
        is_over = finding.measured > finding.limit
        allowed = QRectF(bar.left(), bar.top(), limit_x - bar.left(), bar.height())
        if not is_over:
            allowed = QRectF(limit_x, bar.top(), bar.right() - limit_x, bar.height())
        drawing.box(painter, allowed, drawing.mixed(theme.panel, theme.note, 0.55), None, 0.5 * bar.height())
        past = QRectF(min(limit_x, measured_x), bar.top(), abs(measured_x - limit_x), bar.height())
        painter.fillRect(past, drawing.mixed(theme.panel, getattr(theme, finding.severity), 0.45))
        painter.fillRect(past, QBrush(drawing.hatched(
            drawing.mixed(theme.panel, getattr(theme, finding.severity), 0.9), 5 * scale, self.devicePixelRatioF()
        )))  # fmt: skip
        painter.setPen(QPen(QColor(theme.text), 1.6 * scale))
        painter.drawLine(round(limit_x), round(bar.top() - 3 * scale), round(limit_x), round(bar.bottom() + 3 * scale))
        side = 13 * scale
        draw_severity(
            painter, finding.severity, QRectF(measured_x - side / 2, bar.center().y() - side / 2, side, side), theme
        )
        self._numbers(painter, finding, limit_x, measured_x, bar.bottom() + 4 * scale)

    def _numbers(self, painter: QPainter, finding: Finding, limit_x: float, measured_x: float, top: float) -> None:
        """The limit under its line, the measured value under its shape; apart from one another."""
        theme, scale = self.theme, drawing.unit(self)
        limit = f"limit {amount(finding.limit, finding.unit)}"
        measured = amount(finding.measured, finding.unit)
        plain, bold = drawing.font_of(self, drawing.SMALL), drawing.font_of(self, drawing.SMALL, True)
        wide = {"limit": drawing.text_width(limit, plain) + 1, "measured": drawing.text_width(measured, bold) + 1}
        room = self.width()
        x = min(max(limit_x - wide["limit"] / 2, 0.0), room - wide["limit"])
        y = min(max(measured_x - wide["measured"] / 2, 0.0), room - wide["measured"])
        gap = 8 * scale
        if measured_x >= limit_x and y < x + wide["limit"] + gap:
            y = min(x + wide["limit"] + gap, room - wide["measured"])
            x = min(x, y - gap - wide["limit"])
        elif measured_x < limit_x and x < y + wide["measured"] + gap:
            x = min(y + wide["measured"] + gap, room - wide["limit"])
            y = min(y, x - gap - wide["measured"])
        height = self.height() - top
        for words, font, ink, left in ((limit, plain, theme.muted, x), (measured, bold, theme.text, y)):
            painter.setFont(font)
            painter.setPen(QColor(ink))
            painter.drawText(QRectF(left, top, room, height), Qt.AlignmentFlag.AlignVCenter, words)


def _range(finding: Finding) -> tuple[float, float]:
    """What the bar shows: more of what is allowed than of what is not, with zero where that is near."""
    measured, limit = finding.measured, finding.limit
    reach = max(abs(measured - limit) * 2.0, abs(limit), 1e-6)
    if measured > limit:
        return (min(0.0, limit) if 0.0 <= limit <= 2.0 * reach else limit - reach), measured + 0.15 * reach
    high = limit + reach
    return (0.0 if measured >= 0.0 and limit > 0.0 else measured - 0.15 * reach), high
