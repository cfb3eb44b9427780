"""The lanes that show the song: its sections and its waveform; and the markers that she set in it."""

from __future__ import annotations

import math
from collections.abc import Iterable

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPolygonF

from editor.document.document import Marker
from editor.timeline.grid_painting import paint_pins
from editor.timeline.ink import Ink
from editor.timeline.lane import Drawing, Lane
from editor.timeline.wave import picture

_NAME_PX = 400.0  # a marker's flag and name are no longer


class SectionLane(Lane):
    """The parts of the music: A, A', B, each with its role."""

    name = "Sections"
    hint = "Parts that sound alike share a letter; double-click to zoom to one"
    is_pinned = True

    def height(self, ink: Ink) -> int:
        return ink.px(22)

    def paint(self, drawing: Drawing) -> None:
        music, ink, view = self.model.document.music, drawing.ink, drawing.view
        for section in music.sections if music is not None else ():
            x0, x1 = view.x_of(section.start_s), view.x_of(section.end_s)
            if not drawing.sees(x0, x1):
                continue
            tint = ink.tint(ord(section.label[:1].upper() or "A") - ord("A"))
            drawing.box(x0 + ink.hair, x1, 2, drawing.height - 4, ink.mix("panel", tint, 0.26))
            drawing.box(x0 + ink.hair, x0 + ink.hair + ink.px(3), 2, drawing.height - 4, ink.colour(tint))
            self._label(drawing, max(x0, 0.0) + ink.px(9), x1 - ink.px(4), section.label, section.role)
        drawing.bottom_line()

    def spans_s(self) -> Iterable[tuple[float, float]]:
        music = self.model.document.music
        return [(section.start_s, section.end_s) for section in (music.sections if music is not None else ())]

    def _label(self, drawing: Drawing, x: float, end: float, label: str, role: str) -> None:
        """What is cut off at the left edge keeps its label in sight."""
        ink = drawing.ink
        width = ink.width_of(label, ink.bold)
        if x + width > end:
            return
        drawing.text(x, label, ink.bold, ink.colour("text"))
        if x + width + ink.px(8) + ink.width_of(role, ink.small) <= end:
            drawing.text(x + width + ink.px(8), role, ink.small, ink.mix("muted", "text", 0.35))


class WaveLane(Lane):
    """The sound, with its beats as lines, downbeats stronger."""

    name = "Song"
    hint = "The song's waveform; beats as lines, first beats of bars stronger"

    def height(self, ink: Ink) -> int:
        return ink.px(56)

    def paint(self, drawing: Drawing) -> None:
        ink, wave = drawing.ink, self.model.wave
        drawing.grid(0.0, drawing.height, 1.1)
        if wave is not None:
            rows = round((drawing.height - 6) * ink.dpr)
            colours = (ink.colour("wave").rgba(), ink.mix("wave", "text", 0.42).rgba())
            edges_s = drawing.column_edges_s
            pixels = picture(wave.columns(edges_s), rows, colours, wave.peak)
            pixels[:, (edges_s[1:] <= 0.0) | (edges_s[:-1] >= wave.duration_s)] = 0
            drawing.columns(pixels, 3.0, rows / ink.dpr)
        elif self.model.document.song is not None:
            middle = ink.crisp(0.5 * drawing.height)
            drawing.box(0, drawing.width, middle, ink.hair, ink.colour("wave"))
        paint_pins(drawing, is_tall=True)
        drawing.bottom_line()


class MarkerLane(Lane):
    """Named moments and spans."""

    name = "Markers"
    hint = "M sets a marker at the playhead; drag to move, double-click to name"

    def height(self, ink: Ink) -> int:
        return ink.px(22)

    def paint(self, drawing: Drawing) -> None:
        drawing.grid(0.0, drawing.height, 0.45)
        markers = self.model.document.markers
        ends = [*(drawing.view.x_of(marker.time_s) for marker in markers[1:]), math.inf][: len(markers)]
        for marker, next_x in zip(markers, ends, strict=True):
            x = drawing.view.x_of(marker.time_s)
            if drawing.sees(x, max(x + _NAME_PX, drawing.view.x_of(marker.end_s))):
                self._flag(drawing, marker, x, next_x)
        drawing.bottom_line()

    def _flag(self, drawing: Drawing, marker: Marker, x: float, next_x: float) -> None:
        ink = drawing.ink
        if marker.end_s > marker.time_s:
            end = drawing.view.x_of(marker.end_s)
            drawing.box(x, end, 3, drawing.height - 6, ink.colour("future", 0.25))
            drawing.vertical(end - ink.hair, 3, drawing.height - 6, ink.colour("future"))
        left, size = ink.crisp(x), float(ink.px(9))
        drawing.vertical(x, 3, drawing.height - 3, ink.colour("future"))
        drawing.stamp("flag", (left - 1.0, 3.0, left + size + 1.0, size + 5.0), lambda on: self._cloth(on, left, size))
        room = min(next_x - x, _NAME_PX) - size - ink.px(10)
        if marker.text and room > ink.px(14):
            text = ink.elided(marker.text, ink.small, room)
            drawing.text(x + size + ink.px(4), text, ink.small, ink.colour("text"))

    @staticmethod
    def _cloth(drawing: Drawing, left: float, size: float) -> None:
        ink, painter = drawing.ink, drawing.painter
        painter.setRenderHint(painter.RenderHint.Antialiasing)
        painter.setPen(ink.colour("future", 0.0))
        painter.setBrush(ink.colour("future"))
        points = ((left, 4), (left + size, 4), (left + 0.65 * size, 4 + 0.5 * size), (left + size, 4 + size))
        painter.drawPolygon(QPolygonF([QPointF(*p) for p in (*points, (left, 4 + size))]))

    def marker_at(self, x: float, ink: Ink) -> Marker | None:
        """The marker whose flag or name is at a place."""
        view, found = self.model.view, None
        for marker in self.model.document.markers:
            begin = view.x_of(marker.time_s)
            reach = ink.px(12) + min(ink.width_of(marker.text, ink.small), ink.px(160))
            if begin - 3.0 <= x <= begin + reach:
                found = marker
        return found

    def label_box(self, marker: Marker, ink: Ink) -> QRectF:
        """Where a marker's name is edited."""
        left = self.model.view.x_of(marker.time_s) + ink.px(11)
        return QRectF(
            left, 1, max(ink.width_of(marker.text, ink.small) + ink.px(40), ink.px(120)), self.height(ink) - 2
        )
