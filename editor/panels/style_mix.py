"""The style mix: a slider for each style, and a bar in which their shares visibly add up."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np
from PySide6.QtCore import QEvent, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QHelpEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QToolTip, QVBoxLayout, QWidget

from editor.document.document import Curve, Value
from editor.panels import drawing
from editor.panels.buttons import Button
from editor.panels.controls import Words
from editor.panels.drawing import Painted
from editor.panels.naming import mean_of, style_words, whole_shares
from editor.panels.slider import Range, ValueSlider
from editor.theme import RADIUS, SPACE, Theme

Style = tuple[tuple[str, Value], ...]
HUES = ("accent", "right", "note", "future", "warning", "error", "trunk")
_SHARE = Range()
_MOST_BESIDE_DRAWN = 0.95
DRAWN_POINTS = 64


def drawn_points(value: Value) -> list[float] | None:
    """A curve at evenly spaced times over the time it was drawn for; None for a constant."""
    if not isinstance(value, Curve):
        return None
    return [float(v) for v in value.at(np.linspace(value.times_s[0], value.times_s[-1], DRAWN_POINTS))]


def with_share(style: Style, names: Sequence[str], name: str, share: float) -> Style:
    """The mix in which `name` has a share and the others keep their proportions; whole percentages.

    Where the others have nothing, they divide the rest evenly. Drawn weights stay as they are drawn.
    """
    weights = dict(style) if style else dict.fromkeys(names, 1.0)
    others = {other: weights.get(other, 0.0) for other in [*names, *weights] if other != name}
    rest = sum(mean_of(weight) for weight in others.values())
    if any(isinstance(weight, Curve) for weight in others.values()):
        share = min(share, _MOST_BESIDE_DRAWN)
        mixed: dict[str, Value] = {**others, name: round(rest * share / (1.0 - share), 4)}
        return tuple((n, mixed[n]) for n in [*dict.fromkeys([*names, *mixed])] if not _is_nothing(mixed.get(n, 0.0)))
    if rest <= 0.0:
        known = [other for other in others if other in names] or list(others)
        others, rest = dict.fromkeys(known, 1.0), float(len(known))
    if not others:
        return ((name, 1.0),)
    mine = round(100 * min(max(share, 0.0), 1.0))
    parts = {n: mean_of(w) * (100 - mine) / rest for n, w in others.items()}
    floors = whole_shares([*parts.values(), mine]) if mine < 100 else [*([0] * len(parts)), 100]
    whole: dict[str, int] = dict(zip([*parts, name], floors, strict=True))
    return tuple((n, whole[n] / 100.0) for n in dict.fromkeys([*names, *whole]) if whole.get(n))


def even(style: Style, names: Sequence[str]) -> Style:
    """The styles of the mix alike, or all of them where it has fewer than two."""
    mixed = [name for name, weight in style if mean_of(weight) > 0.0]
    mixed = mixed if len(mixed) > 1 else list(names)
    return tuple((n, share / 100.0) for n, share in zip(mixed, whole_shares([1.0] * len(mixed)), strict=True) if share)


def _is_nothing(weight: Value) -> bool:
    return not isinstance(weight, Curve) and weight <= 0.0


def constant_button(label: str, theme: Theme) -> Button:
    """The button beside a drawn value; hidden until one is drawn."""
    name, why = f"Make {label.lower()} constant", "Use the mean of what is drawn."
    button = Button("Constant", theme, glyph="flat", is_small=True, name=name, why=why)
    button.hide()
    return button


class StyleMix(Painted, QWidget):
    """Sliders whose shares add up to 100 %: moving one, the others give way in proportion.

    Signals:
        previewed(tuple): The mix while a slider is under the hand.
        committed(tuple, str): The mix to take, and what was done in words.
        let_go(): After every preview.
    """

    previewed = Signal(object)
    committed = Signal(object, str)
    let_go = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.theme = theme
        self._style: Style = ()
        self._before: Style | None = None  # the mix when the hand came
        self._minutes: dict[str, float] = {}
        self._rows: dict[str, _Row] = {}
        self.bar = ShareBar(theme)
        self.empty = Words("The styles appear here once the model is loaded.", theme)
        self.even = Button("Even", theme, is_small=True, why="The same share for every style in the mix.")
        self.clear = Button("Clear", theme, is_small=True, why="Back to the model's usual mix of all its styles.")
        self.even.clicked.connect(self._make_even)
        self.clear.clicked.connect(lambda: self.committed.emit((), "clear the style mix"))
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(SPACE[0])
        top = QHBoxLayout()
        top.setSpacing(SPACE[0])
        top.addWidget(self.bar, 1)
        top.addWidget(self.even)
        top.addWidget(self.clear)
        self._column.addLayout(top)
        self._column.addWidget(self.empty)
        for widget in (self.bar, self.even, self.clear):
            widget.hide()

    @property
    def names(self) -> list[str]:
        """The styles that the model offers."""
        return list(self._minutes)

    def slider(self, name: str) -> ValueSlider:
        """A style's slider."""
        return self._rows[name].slider

    def set_styles(self, styles: Sequence[tuple[str, float]]) -> None:
        """Offer styles, as (name, minutes seen)."""
        if list(styles) != list(self._minutes.items()):
            self._minutes = dict(styles)
            self._rebuild()

    def set_style(self, style: Style) -> None:
        """Show a mix; nothing is emitted."""
        self._style = style
        unknown = [name for name, _ in style if name not in self._minutes]
        if [name for name in self._rows if name not in self._minutes] != unknown:
            self._rebuild()
        self._show()

    def _rebuild(self) -> None:
        for row in self._rows.values():
            self._column.removeWidget(row)
            row.hide()
            row.deleteLater()
        unknown = [name for name, _ in self._style if name not in self._minutes]
        self._rows = {}
        for i, name in enumerate([*self._minutes, *unknown]):
            row = _Row(name, self.theme, HUES[i % len(HUES)], self._minutes.get(name))
            row.slider.previewed.connect(partial(self._preview, name))
            row.slider.committed.connect(partial(self._commit, name))
            row.slider.let_go.connect(self._let_go)
            row.constant.clicked.connect(partial(self._make_constant, name))
            self._rows[name] = row
            self._column.addWidget(row)
        for widget in (self.bar, self.even, self.clear):
            widget.setVisible(bool(self._rows))
        self.empty.setVisible(not self._rows)
        self._show()

    def _show(self, held: str = "") -> None:
        weights = dict(self._style) if self._style else dict.fromkeys(self._minutes, 1.0)
        names = list(self._rows)
        shares = whole_shares([mean_of(weights.get(name, 0.0)) for name in names])
        for name, share in zip(names, shares, strict=True):
            if name != held:
                row = self._rows[name]
                row.slider.set_drawn(drawn_points(weights.get(name, 0.0)))
                row.slider.set_amount(share / 100.0)
                row.constant.setVisible(isinstance(weights.get(name), Curve))
        hues = [self._rows[name].slider.hue for name in names]
        self.bar.set_shares([(style_words(n), s, h) for n, s, h in zip(names, shares, hues, strict=True)],
                            is_usual=not self._style)  # fmt: skip

    def _mix(self, name: str, share: float) -> Style:
        return with_share(self._style if self._before is None else self._before, self.names, name, share)

    def _preview(self, name: str, share: float) -> None:
        if self._before is None:
            self._before = self._style
        mix = self._mix(name, share)
        self._style = mix
        self._show(held=name)
        self.previewed.emit(mix)

    def _commit(self, name: str, share: float) -> None:
        mix = self._mix(name, share)
        before, self._before = self._before, None
        if before is not None:
            self._style = before
        self.committed.emit(mix, f"share of {style_words(name).lower()}")

    def _let_go(self) -> None:
        before, self._before = self._before, None
        if before is not None:  # taken back
            self._style = before
        self._show()
        self.let_go.emit()

    def _make_even(self) -> None:
        self.committed.emit(even(self._style, self.names), "even style mix")

    def _make_constant(self, name: str) -> None:
        style = tuple((n, round(mean_of(w), 4) if n == name else w) for n, w in self._style)
        self.committed.emit(style, f"constant share of {style_words(name).lower()}")


class _Row(QWidget):
    """A style's slider, and the button that makes a drawn weight constant."""

    def __init__(self, name: str, theme: Theme, hue: str, minutes: float | None) -> None:
        super().__init__()
        seen = "not in this model" if minutes is None else f"{minutes:.1f} min"
        why = "The model has not learned this style." if minutes is None else f"The model has seen {minutes:.1f} min."
        self.slider = ValueSlider(style_words(name), theme, _SHARE, hue, why)
        self.slider.set_note(seen)
        self.constant = constant_button(style_words(name), theme)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(SPACE[0])
        row.addWidget(self.slider, 1)
        row.addWidget(self.constant)


class ShareBar(Painted, QWidget):
    """Shares as parts of one bar: its whole width is 100 %."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.theme = theme
        self._shares: list[tuple[str, int, str]] = []
        self._is_usual = True
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def set_shares(self, shares: Sequence[tuple[str, int, str]], is_usual: bool) -> None:
        """Show (name, per cent, colour's name), which add up to 100; `is_usual` where nobody chose them."""
        self._shares, self._is_usual = list(shares), is_usual
        words = ", ".join(f"{name} {share} %" for name, share, _ in self._shares if share)
        self.setAccessibleName("Usual mix" if is_usual else f"Style mix: {words}")
        self.update()

    @property
    def total(self) -> int:
        """What the shares add up to."""
        return sum(share for _, share, _ in self._shares)

    def sizeHint(self) -> QSize:
        scale = drawing.unit(self)
        return QSize(round(120 * scale), round(24 * scale))

    def minimumSizeHint(self) -> QSize:
        return QSize(round(60 * drawing.unit(self)), self.sizeHint().height())

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            QToolTip.showText(event.globalPos(), self._words_at(event.x()), self)
            return True
        return super().event(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        theme, painter, frame = self.theme, drawing.begin(self), QRectF(self.rect())
        painter.setClipPath(drawing.rounded(frame, RADIUS))
        painter.fillRect(frame, QColor(theme.raised))
        painter.setFont(drawing.font_of(self, drawing.SMALL))
        left = 0.0
        for name, share, hue_name in self._shares:
            wide = frame.width() * share / 100.0
            if wide <= 0.0:
                continue
            part = QRectF(left, 0, wide, frame.height())
            hue = getattr(theme, hue_name)
            fill = drawing.mixed(theme.raised, hue, 0.16 if self._is_usual else 0.34)
            painter.fillRect(part.adjusted(0.5 if left else 0, 0, -0.5, 0), fill)
            painter.fillRect(QRectF(left, frame.bottom() - 3, wide - 0.5, 3), drawing.mixed(fill.name(), hue, 0.8))
            self._paint_words(painter, part, name, share)
            left += wide
        if self._is_usual:
            painter.setPen(QColor(theme.text))
            words = painter.fontMetrics().elidedText("Usual mix", Qt.TextElideMode.ElideRight, self.width() - 8)
            painter.drawText(frame.adjusted(0, 0, 0, -2), Qt.AlignmentFlag.AlignCenter, words)

    def _paint_words(self, painter: QPainter, part: QRectF, name: str, share: int) -> None:
        if self._is_usual:
            return
        painter.setPen(QColor(self.theme.text))
        for words in (f"{name} {share} %", f"{share} %", f"{share}"):
            if painter.fontMetrics().horizontalAdvance(words) + 6 <= part.width():
                painter.drawText(part.adjusted(0, 0, 0, -2), Qt.AlignmentFlag.AlignCenter, words)
                return

    def _words_at(self, x: float) -> str:
        if self._is_usual:
            return "Usual mix: all the model's styles alike.\nMove a slider to choose."
        left = 0.0
        for name, share, _ in self._shares:
            left += self.width() * share / 100.0
            if x < left:
                return f"{name}: {share} % of the mix.\nAll shares add up to 100 %."
        return ""
