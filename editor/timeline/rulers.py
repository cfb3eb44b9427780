"""The lanes that say where one is: loop strip, counts of eight, bars and beats, time and frames."""

from __future__ import annotations

import math

import numpy as np
from PySide6.QtCore import QRectF

from editor.timeline.geometry import every_nth, tick_steps_s, time_code
from editor.timeline.grid_painting import paint_handles, paint_pins
from editor.timeline.ink import Ink
from editor.timeline.lane import Drawing, Lane
from editor.timeline.stamps import edges_of

_RULER_PX = 20
_LABEL_GAP_PX = 4.0


class LoopStrip(Lane):
    """The stretch that is played round and round."""

    name = "Loop"
    hint = "Drag to set the loop, double-click to switch it on or off"
    is_pinned = True

    def height(self, ink: Ink) -> int:
        return ink.px(14)

    def paint(self, drawing: Drawing) -> None:
        session, ink = self.model.session, drawing.ink
        drawing.fill(ink.colour("window"))
        if session.loop_s is not None:
            x0, x1 = (drawing.view.x_of(time_s) for time_s in session.loop_s)
            is_on = session.is_looping
            strong = ink.colour("accent") if is_on else ink.colour("muted", 0.8)
            drawing.box(x0, x1, 2, drawing.height - 4, ink.colour("accent", 0.55) if is_on else ink.colour("raised"))
            for x in (x0, x1 - ink.px(3)):
                drawing.box(x, x + ink.px(3), 2, drawing.height - 4, strong)
            if not is_on:  # an outline: on and off do not differ by colour alone
                for top in (2.0, drawing.height - 2 - ink.hair):
                    drawing.box(x0, x1, top, ink.hair, strong)
        drawing.bottom_line()


class Ruler(Lane):
    """A row of figures; a drag in it scrubs."""

    hint = "Drag to scrub with sound"
    is_pinned = True

    def height(self, ink: Ink) -> int:
        return ink.px(_RULER_PX)


class CountRuler(Ruler):
    """The counts a dancer counts: 1 to 8, phrase by phrase."""

    name = "Counts"

    def paint(self, drawing: Drawing) -> None:
        ink, grid, view = drawing.ink, self.model.grid, drawing.view
        if grid is not None and grid.median_beat_s > 0.0:
            shown = grid.between(drawing.start_s - grid.n_counts * grid.median_beat_s, drawing.end_s)
            beat_px = grid.median_beat_s * view.px_per_s
            xs = view.xs_of(grid.times_s[shown])
            counts, phrases = grid.count[shown], grid.phrase[shown]
            self._shade_phrases(drawing, xs, counts, phrases, grid.n_counts * beat_px)
            shows_counts = beat_px >= ink.width_of("8", ink.small_bold) + 2.2 * _LABEL_GAP_PX
            if shows_counts:
                self._counts(drawing, xs, counts)
            self._phrases(drawing, xs, counts, phrases, beat_px, shows_counts)
        drawing.bottom_line()

    def _shade_phrases(
        self, drawing: Drawing, xs: np.ndarray, counts: np.ndarray, phrases: np.ndarray, phrase_px: float
    ) -> None:
        if phrase_px < 12.0:
            return
        starts = np.flatnonzero(counts == 1)
        ends = np.append(xs[starts[1:]], xs[starts[-1:]] + phrase_px)
        colour = drawing.ink.mix("panel", "raised", 0.75)
        for start, end, phrase in zip(xs[starts].tolist(), ends.tolist(), phrases[starts].tolist(), strict=True):
            if phrase % 2 == 0:
                drawing.box(start, end, 0, drawing.height, colour)

    def _counts(self, drawing: Drawing, xs: np.ndarray, counts: np.ndarray) -> None:
        ink = drawing.ink
        half = int(counts.max(initial=8)) // 2 + 1
        drawing.verticals(xs, 0.62 * drawing.height, ink.colour("beat"))
        drawing.verticals(xs[counts == 1], 0.0, ink.colour("beat"))
        kinds = (
            (counts == 1, ink.small_bold, "text"),
            (counts == half, ink.small, "text"),
            ((counts != 1) & (counts != half), ink.small, "muted"),
        )
        for chosen, font, colour in kinds:
            drawing.texts(xs[chosen] + _LABEL_GAP_PX, map(str, counts[chosen].tolist()), font, ink.colour(colour))

    def _phrases(
        self,
        drawing: Drawing,
        xs: np.ndarray,
        counts: np.ndarray,
        phrases: np.ndarray,
        beat_px: float,
        shows_counts: bool,
    ) -> None:
        """The number of each count of eight in a frame: beside its 1 where counts are shown, else in their stead."""
        ink, room = drawing.ink, _tag_room_px(drawing.ink)
        one_px = ink.width_of("1 ", ink.small_bold) if shows_counts else 0.0
        if shows_counts and beat_px < one_px + room:
            return
        nth = 1 if shows_counts else every_nth(beat_px * int(counts.max(initial=8)), room)
        for i in np.flatnonzero(counts == 1).tolist():
            if (int(phrases[i]) - 1) % nth == 0:
                drawing.vertical(float(xs[i]), 0.0, drawing.height, ink.colour("beat"))
                self._tag(drawing, float(xs[i]) + _LABEL_GAP_PX + one_px, int(phrases[i]))

    def _tag(self, drawing: Drawing, x: float, phrase: int) -> None:
        ink, text = drawing.ink, str(phrase)
        width, height = ink.width_of(text, ink.small) + ink.px(8), ink.px(14)
        box = QRectF(ink.crisp(x + 2), ink.crisp(0.5 * (drawing.height - height)), width, height)
        drawing.stamp(("tag", width), edges_of(box, 1.0), lambda on: self._frame(on, box))
        drawing.text(box.left() + ink.px(4), text, ink.small, ink.colour("text"))

    @staticmethod
    def _frame(drawing: Drawing, box: QRectF) -> None:
        ink, painter = drawing.ink, drawing.painter
        painter.setRenderHint(painter.RenderHint.Antialiasing)
        painter.setPen(ink.pen(ink.mix("line", "muted", 0.4), 1.0))
        painter.setBrush(ink.colour("raised"))
        painter.drawRoundedRect(box, 0.5 * box.height(), 0.5 * box.height())


def _tag_room_px(ink: Ink) -> float:
    """How wide the frame of a phrase's number is, with what must stay free beside it."""
    return ink.width_of("888", ink.small) + ink.px(8) + 2 * _LABEL_GAP_PX


class BarRuler(Ruler):
    """Bars and beats as musicians number them."""

    name = "Bars"

    def paint(self, drawing: Drawing) -> None:
        ink, grid, view = drawing.ink, self.model.grid, drawing.view
        if grid is not None and grid.median_beat_s > 0.0:
            shown = grid.between(drawing.start_s, drawing.end_s)
            beat_px = grid.median_beat_s * view.px_per_s
            bar_px = 0.5 * grid.n_counts * beat_px
            nth = every_nth(bar_px, ink.width_of("8888 ", ink.small) + _LABEL_GAP_PX)
            shows_beats = beat_px >= ink.width_of("888.8 ", ink.small) + _LABEL_GAP_PX
            xs, bars, beats = view.xs_of(grid.times_s[shown]), grid.bar[shown], grid.beat[shown]
            is_labelled = (beats == 1) & ((bars - 1) % nth == 0)
            if beat_px >= 8.0:
                drawing.verticals(xs, 0.68 * drawing.height, ink.colour("beat"))
            elif bar_px >= 6.0:
                drawing.verticals(xs[beats == 1], 0.68 * drawing.height, ink.colour("beat"))
            drawing.verticals(xs[is_labelled], 0.0, ink.colour("beat"))
            numbers = map(str, bars[is_labelled].tolist())
            drawing.texts(xs[is_labelled] + _LABEL_GAP_PX, numbers, ink.small_bold, ink.colour("text"))
            if shows_beats:
                rest = ~is_labelled
                words = (f"{bar}.{beat}" for bar, beat in zip(bars[rest], beats[rest], strict=True))
                drawing.texts(xs[rest] + _LABEL_GAP_PX, words, ink.small, ink.colour("muted"))
        paint_pins(drawing, is_tall=False)
        paint_handles(drawing)
        drawing.bottom_line()


class TimeRuler(Ruler):
    """Minutes, seconds and frames."""

    name = "Time"

    def paint(self, drawing: Drawing) -> None:
        ink, view, rate_hz = drawing.ink, drawing.view, self.model.frame_rate_hz
        label_s, tick_s = tick_steps_s(view.px_per_s, rate_hz, ink.width_of("88:88:88", ink.small) + 14.0)
        per_label = round(label_s / tick_s)
        ticks = np.arange(max(math.floor(drawing.start_s / tick_s), 0), math.ceil(drawing.end_s / tick_s) + 1)
        xs, is_labelled = view.xs_of(ticks * tick_s), ticks % per_label == 0
        drawing.verticals(xs, 0.72 * drawing.height, ink.colour("beat"))
        drawing.verticals(xs[is_labelled], 0.0, ink.colour("beat"))
        codes = (time_code(tick * tick_s, rate_hz) for tick in ticks[is_labelled].tolist())
        words = codes if label_s < 1.0 else (code[:5] for code in codes)
        drawing.texts(xs[is_labelled] + _LABEL_GAP_PX, words, ink.small, ink.colour("muted"))
        drawing.bottom_line()
