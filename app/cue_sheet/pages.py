"""The pages of a cue sheet, by ReportLab: the same sheet gives the same bytes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any

import numpy as np

from app.counting import clock
from app.cue_sheet.counts import Row, Sheet
from app.cue_sheet.floor_map import TINTS, Floor, Way
from app.cue_sheet.fonts import letters_code, printable, true_type
from app.resources import resource_path
from engine.formats.scene import SceneMarker
from engine.music.analysis import Section

MM = 72.0 / 25.4
PAPERS = {"a4": (297.0, 210.0), "letter": (279.4, 215.9)}  # millimetres, lying
FONTS = {"R": "fonts/Inter-Regular.otf", "S": "fonts/Inter-SemiBold.otf", "B": "fonts/Inter-Bold.otf"}

INK, MUTED, FAINT, BLUE, AMBER = "#16181d", "#5a606b", "#c9cdd4", "#0072b2", "#b34700"
_SECTION_TINTS = ("#dbe9f4", "#f7e3d3", "#d9efe6", "#f3e1ec", "#faf0cf", "#e4e4e6")
_MARGIN, _LEFT, _RIGHT, _GAP = 10.0, 31.0, 36.0, 2.5
_DIGITS, _FRAMES, _NAMES, _BAND, _FOOT, _TOP = 8.0, 4.2, 4.6, 8.0, 6.0, 11.0
_MAP = 27.0
_MOST_NOTE_LINES = 6


@dataclass(frozen=True)
class Head:
    """What stands above it all.

    Attributes:
        title: The piece or the shot.
        facts: Name -> value, in the order in which they are read.
        notes: The piece's own.
        sections: Of the music, to be drawn as a strip.
        span_s: What part of the piece the strip shows.
        markers: Shown on it.
        foot: At the lower left of every page.
    """

    title: str
    facts: Mapping[str, str]
    notes: str = ""
    sections: tuple[Section, ...] = ()
    span_s: tuple[float, float] = (0.0, 0.0)
    markers: tuple[SceneMarker, ...] = ()
    foot: str = ""


@dataclass(frozen=True, eq=False)
class Drawn:
    """What is drawn beside the rows.

    Attributes:
        pictures: By row and column, JPEG; cells without one stay white.
        ways: For each row one for each dancer.
        names: The dancers'.
        floor: What the maps show.
        aspect: Width / height of a picture.
        n_wide: How many columns one takes.
    """

    pictures: Mapping[tuple[int, int], bytes] = field(default_factory=dict)
    ways: Sequence[Sequence[Way]] = ()
    names: tuple[str, ...] = ()
    floor: Floor = field(default_factory=lambda: Floor((0.0, 0.0), 4.0))
    aspect: float = 1.0
    n_wide: int = 1


def cue_sheet_pdf(head: Head, sheet: Sheet, drawn: Drawn, paper: str) -> bytes:
    """The whole sheet as PDF; `paper` is a name in PAPERS."""
    from reportlab.pdfgen.canvas import Canvas

    width, height = PAPERS[paper]
    out = BytesIO()
    canvas = Canvas(out, (width * MM, height * MM), invariant=1, pageCompression=1)
    canvas.setTitle(head.title)
    canvas.setCreator("Kinetograph")
    canvas.setSubject("Cue sheet")
    pen = Pen(canvas, height, _fonts(head, sheet, drawn))
    layout = _Layout(pen, head, sheet, drawn, width, height)
    layout.draw()
    canvas.save()
    return out.getvalue()


class Pen:
    """Draws in millimetres from the upper left corner of a page.

    Args:
        canvas: ReportLab's.
        height_mm: Of the page.
        fonts: What ReportLab calls the fonts R, S and B.
    """

    def __init__(self, canvas: Any, height_mm: float, fonts: Mapping[str, str]) -> None:
        self.canvas, self._height, self._fonts = canvas, height_mm, fonts

    def text(
        self, x: float, y: float, words: str, size: float, font: str = "R", colour: str = INK, *, anchor: str = "l",
        room: float = 0.0,
    ) -> float:  # fmt: skip
        """Write with the foot of the letters at y; what is wider than `room` ends in an ellipsis. Returns the width."""
        words = self.fitting(words, size, font, room) if room else printable(words, _path(font))
        wide = self.width(words, size, font)
        left = x - {"l": 0.0, "m": 0.5 * wide, "r": wide}[anchor]
        self.canvas.setFillColor(colour)
        self.canvas.setFont(self._fonts[font], size)
        self.canvas.drawString(left * MM, (self._height - y) * MM, words)
        return wide

    def width(self, words: str, size: float, font: str = "R") -> float:
        """Of a text, millimetres."""
        from reportlab.pdfbase.pdfmetrics import stringWidth

        return float(stringWidth(words, self._fonts[font], size)) / MM

    def fitting(self, words: str, size: float, font: str, room: float) -> str:
        """Words, or as many of their letters as have room, with an ellipsis."""
        words = printable(words, _path(font))
        if self.width(words, size, font) <= room:
            return words
        kept = len(words)
        while kept and self.width(words[:kept].rstrip() + "\u2026", size, font) > room:
            kept -= 1
        return words[:kept].rstrip() + "\u2026" if kept else ""

    def lines(self, words: str, size: float, font: str, room: float, most: int) -> list[str]:
        """Words broken into lines; the last of `most` ends in an ellipsis where there is more."""
        out: list[str] = []
        for paragraph in words.splitlines():
            line = ""
            for word in paragraph.split():
                longer = f"{line} {word}".strip()
                if line and self.width(printable(longer, _path(font)), size, font) > room:
                    out.append(line)
                    longer = word
                line = longer
            out.append(line)
        if len(out) > most:
            out = [*out[: most - 1], f"{out[most - 1]} \u2026"]
        return out

    def box(
        self, x: float, y: float, width: float, height: float, fill: str = "", line: str = "", weight: float = 0.2,
        radius: float = 0.0,
    ) -> None:  # fmt: skip
        """A rectangle with its upper left corner at (x, y)."""
        self.canvas.setFillColor(fill or "#ffffff")
        self.canvas.setStrokeColor(line or INK)
        self.canvas.setLineWidth(weight * MM)
        self.canvas.roundRect(
            x * MM, (self._height - y - height) * MM, width * MM, height * MM, radius * MM, stroke=int(bool(line)),
            fill=int(bool(fill)),
        )  # fmt: skip

    def line(self, points: Sequence[tuple[float, float]], colour: str, weight: float) -> None:
        """A line through points."""
        path = self.canvas.beginPath()
        for i, (x, y) in enumerate(points):
            (path.lineTo if i else path.moveTo)(x * MM, (self._height - y) * MM)
        self.canvas.setStrokeColor(colour)
        self.canvas.setLineWidth(weight * MM)
        self.canvas.setLineJoin(1)
        self.canvas.setLineCap(1)
        self.canvas.drawPath(path, stroke=1, fill=0)

    def shape(self, points: Sequence[tuple[float, float]], fill: str) -> None:
        """A filled polygon."""
        path = self.canvas.beginPath()
        for i, (x, y) in enumerate(points):
            (path.lineTo if i else path.moveTo)(x * MM, (self._height - y) * MM)
        path.close()
        self.canvas.setFillColor(fill)
        self.canvas.drawPath(path, stroke=0, fill=1)

    def dot(self, x: float, y: float, radius: float, fill: str) -> None:
        """A filled circle."""
        self.canvas.setFillColor(fill)
        self.canvas.circle(x * MM, (self._height - y) * MM, radius * MM, stroke=0, fill=1)

    def picture(self, jpeg: bytes, x: float, y: float, width: float, height: float) -> None:
        """A JPEG with its upper left corner at (x, y)."""
        from reportlab.lib.utils import ImageReader

        image = ImageReader(BytesIO(jpeg))
        self.canvas.drawImage(image, x * MM, (self._height - y - height) * MM, width * MM, height * MM)


class _Layout:
    """Places rows on pages: first where each goes, so that every page knows of how many, then draws."""

    def __init__(self, pen: Pen, head: Head, sheet: Sheet, drawn: Drawn, width: float, height: float) -> None:
        self._pen, self._head, self._sheet, self._drawn = pen, head, sheet, drawn
        self._width, self._height = width, height
        self._column = (width - 2 * _MARGIN - _LEFT - _RIGHT) / sheet.n_columns
        self._picture_width = self._column * drawn.n_wide - 1.0
        self._picture_height = self._picture_width / drawn.aspect if drawn.pictures else 0.0
        self._tints = _tints(head.sections)

    def draw(self) -> None:
        """All pages."""
        pages = self._paged()
        for number, rows in enumerate(pages, 1):
            y = self._page_head(number, len(pages))
            if number == 1:
                y = self._lead_in(y)
            for index in rows:
                y = self._row(index, y)
            self._pen.canvas.showPage()

    def _paged(self) -> list[list[int]]:
        """Which rows each page holds; a page begins anew where the next row would not go on it whole."""
        pages: list[list[int]] = [[]]
        room = self._room(first=True)
        for index in range(len(self._sheet.rows)):
            needed = self._row_height(index)
            if pages[-1] and needed > room:
                pages.append([])
                room = self._room(first=False)
            pages[-1].append(index)
            room -= needed
        return pages

    def _room(self, first: bool) -> float:
        top = self._first_height() if first else _TOP
        return self._height - _MARGIN - top - _FOOT - _MARGIN * 0.6

    def _first_height(self) -> float:
        n_notes = len(self._note_lines())
        facts = 5.0 * -(-len(self._head.facts) // 2)
        strip = 13.0 if self._head.sections else 0.0
        lead_in = 7.5 if self._sheet.lead_in else 0.0
        return 13.0 + facts + strip + (5.0 + 4.2 * n_notes if n_notes else 0.0) + lead_in

    def _note_lines(self) -> list[str]:
        if not self._head.notes.strip():
            return []
        return self._pen.lines(self._head.notes.strip(), 8.5, "R", self._width - 2 * _MARGIN - 4.0, _MOST_NOTE_LINES)

    def _row_height(self, index: int) -> float:
        row = self._sheet.rows[index]
        band = _BAND if row.section is not None else 0.0
        return band + self._body_height(row) + _GAP

    def _body_height(self, row: Row) -> float:
        names = _NAMES if row.markers else 0.0
        body = _DIGITS + self._picture_height + _FRAMES + names
        # Beside it stand what it is called and the map.
        return max(body, _MAP + 1.0 if self._drawn.pictures else 19.0)

    def _page_head(self, number: int, n_pages: int) -> float:
        pen, head, right = self._pen, self._head, self._width - _MARGIN
        foot = self._height - _MARGIN * 0.6
        pen.text(_MARGIN, foot, head.foot, 7.0, "R", MUTED, room=self._width - 2 * _MARGIN - 40.0)
        pen.text(right, foot, f"{number} / {n_pages}", 8.0, "S", MUTED, anchor="r")
        if number > 1:
            pen.text(_MARGIN, _MARGIN + 4.0, head.title, 11.0, "S", room=right - _MARGIN - 60.0)
            song = head.facts.get("Song", "")
            pen.text(right, _MARGIN + 4.0, song, 8.0, "R", MUTED, anchor="r", room=58.0)
            pen.line([(_MARGIN, _MARGIN + 6.5), (right, _MARGIN + 6.5)], FAINT, 0.2)
            return _MARGIN + _TOP
        pen.text(_MARGIN, _MARGIN + 7.0, head.title, 22.0, "B", room=right - _MARGIN)
        return self._facts(_MARGIN + 13.0)

    def _facts(self, y: float) -> float:
        pen, half = self._pen, 0.5 * (self._width - 2 * _MARGIN)
        n_rows = -(-len(self._head.facts) // 2)
        for i, (name, value) in enumerate(self._head.facts.items()):
            x, line = _MARGIN + half * (i // n_rows), y + 5.0 * (i % n_rows)
            pen.text(x, line + 2.0, name, 8.0, "R", MUTED)
            pen.text(x + 24.0, line + 2.0, value, 8.5, "S", room=half - 28.0)
        y += 5.0 * n_rows
        if self._head.sections:
            self._strip(y)
            y += 13.0
        lines = self._note_lines()
        if lines:
            pen.box(_MARGIN, y, self._width - 2 * _MARGIN, 3.0 + 4.2 * len(lines), fill="#f4f5f7", radius=1.0)
            for i, line in enumerate(lines):
                pen.text(_MARGIN + 2.0, y + 4.6 + 4.2 * i, line, 8.5)
            y += 5.0 + 4.2 * len(lines)
        return y

    def _strip(self, y: float) -> None:
        """The sections of the piece to scale, with the markers on them."""
        pen, (start_s, end_s) = self._pen, self._head.span_s
        wide = self._width - 2 * _MARGIN
        scale = wide / max(end_s - start_s, 1e-9)
        for section in self._head.sections:
            left, right = max(section.start_s, start_s), min(section.end_s, end_s)
            if right <= left:
                continue
            x, w = _MARGIN + (left - start_s) * scale, (right - left) * scale
            pen.box(x, y, max(w - 0.5, 0.3), 7.0, fill=self._tints.get(section.label[:1], FAINT), radius=0.8)
            pen.text(x + 1.5, y + 4.7, section.label, 9.0, "B", room=max(w - 3.0, 0.01))
            label = pen.width(section.label, 9.0, "B") + 3.0
            pen.text(x + 1.0 + label, y + 4.6, section.role, 7.0, "R", MUTED, room=max(w - label - 2.5, 0.01))
            pen.text(x, y + 10.2, clock(left), 6.5, "R", MUTED, room=max(w - 1.0, 0.01))
        for marker in self._head.markers:
            if marker.kind == "marker" and start_s <= marker.time_s < end_s:
                x = _MARGIN + (marker.time_s - start_s) * scale
                pen.shape([(x - 1.1, y - 1.6), (x + 1.1, y - 1.6), (x, y + 0.6)], AMBER)

    def _lead_in(self, y: float) -> float:
        """Counts that are spoken before anybody dances, over the columns on which they would fall."""
        counts = self._sheet.lead_in
        if not counts:
            return y
        pen = self._pen
        pen.text(_MARGIN, y + 4.5, "Lead-in", 8.5, "S", MUTED)
        for i, count in enumerate(counts):
            column = self._sheet.n_columns - len(counts) + i
            x = _MARGIN + _LEFT + self._column * (column + 0.5)
            pen.text(x, y + 5.0, count, 14.0, "R", MUTED, anchor="m")
        return y + 7.5

    def _row(self, index: int, y: float) -> float:
        row = self._sheet.rows[index]
        if row.section is not None:
            self._section(row.section, row, y)
            y += _BAND
        body = self._body_height(row)
        self._label(row, y)
        self._cells(index, row, y)
        self._aside(index, y)
        self._pen.line([(_MARGIN, y + body + 0.6), (self._width - _MARGIN, y + body + 0.6)], FAINT, 0.15)
        return y + body + _GAP

    def _section(self, section: Section, row: Row, y: float) -> None:
        pen, place = self._pen, row.cells[0].place
        pen.box(_MARGIN, y, self._width - 2 * _MARGIN, 6.4, fill=self._tints.get(section.label[:1], FAINT), radius=1.0)
        x = _MARGIN + 2.0
        x += pen.text(x, y + 4.6, section.label, 11.0, "B") + 2.5
        pen.text(x, y + 4.5, section.role, 9.0, "R", MUTED)
        says = f"{clock(section.start_s)} to {clock(section.end_s)}   {section.end_s - section.start_s:.1f} s"
        pen.text(self._width - _MARGIN - 2.0, y + 4.5, f"{says}   {place.timecode}", 8.0, "R", MUTED, anchor="r")

    def _label(self, row: Row, y: float) -> None:
        """What stands at the left: which eight it is, and when it begins."""
        pen, place = self._pen, row.cells[0].place
        pen.text(_MARGIN, y + 6.3, str(row.number) if row.number else "\u2013", 17.0, "B")
        lines = [row.bars, f"{row.tempo_bpm:.0f} bpm" if row.tempo_bpm else "", clock(place.time_s)]
        pen.text(_MARGIN + 13.0, y + 3.0, lines[0], 7.5, "S", room=_LEFT - 14.0)
        pen.text(_MARGIN + 13.0, y + 6.4, lines[1], 7.5, "R", MUTED)
        pen.text(_MARGIN, y + 11.5, place.timecode, 8.5, "S")
        pen.text(_MARGIN, y + 15.2, f"frame {place.frame}", 7.5, "R", MUTED)
        pen.text(_MARGIN, y + 18.6, lines[2], 7.5, "R", MUTED)

    def _cells(self, index: int, row: Row, y: float) -> None:
        pen, left = self._pen, _MARGIN + _LEFT
        offset = self._sheet.n_columns - len(row.cells) if row.number == 0 else 0
        for i, cell in enumerate(row.cells):
            x = left + self._column * (i + offset)
            is_strong = cell.label in ("1", "5")
            size = 16.0 if len(cell.label) < 3 else 11.0
            pen.text(x + 0.5 * self._column, y + 6.4, cell.label, size, "B" if is_strong else "S",
                     BLUE if is_strong else INK, anchor="m")  # fmt: skip
            picture = self._drawn.pictures.get((index, i))
            if picture is not None:
                # Under its count, and where it is wide towards the next.
                pen.picture(picture, x + 0.5, y + _DIGITS, self._picture_width, self._picture_height)
                pen.box(x + 0.5, y + _DIGITS, self._picture_width, self._picture_height, line=FAINT, weight=0.15)
                if self._drawn.n_wide > 1:
                    pen.text(x + 1.3, y + _DIGITS + 3.0, f"on {cell.label}", 6.5, "S", BLUE if is_strong else MUTED)
            at = y + _DIGITS + self._picture_height + 3.0
            pen.text(x + 0.5 * self._column, at, str(cell.place.frame), 6.5, "R", MUTED, anchor="m")
        if row.markers:
            self._names(row, left + self._column * offset, y + _DIGITS + self._picture_height + _FRAMES)

    def _names(self, row: Row, left: float, y: float) -> None:
        """The markers of a row where they lie between its counts."""
        pen = self._pen
        times = np.array([cell.place.time_s for cell in row.cells] + [row.end_s])
        centres = left + self._column * (np.arange(len(times)) + 0.5)
        places = [float(np.interp(marker.time_s, times, centres)) for marker in row.markers]
        ends = [*places[1:], self._width - _MARGIN - _RIGHT]
        for marker, x, end in zip(row.markers, places, ends, strict=True):
            pen.shape([(x - 1.2, y + 2.6), (x + 1.2, y + 2.6), (x, y + 0.2)], AMBER)
            room = max(end - x - 3.0, 4.0)
            wide = pen.text(x + 2.0, y + 2.9, marker.name, 8.0, "S", AMBER, room=room)
            if marker.comment and room - wide > 8.0:
                pen.text(x + wide + 3.5, y + 2.9, marker.comment, 7.5, "R", MUTED, room=room - wide - 2.0)

    def _aside(self, index: int, y: float) -> None:
        """The floor from above, with everybody's way during the row."""
        if not self._drawn.ways:
            return
        pen, floor = self._pen, self._drawn.floor
        side = min(_MAP, self._body_height(self._sheet.rows[index]))
        x = self._width - _MARGIN - side
        pen.box(x, y, side, side, fill="#fafbfc", line=FAINT, weight=0.15)
        pen.line([(x + 0.5 * side, y), (x + 0.5 * side, y + side)], "#e6e8ec", 0.15)
        pen.line([(x, y + 0.5 * side), (x + side, y + 0.5 * side)], "#e6e8ec", 0.15)
        pen.text(x + 0.5 * side, y + side - 1.0, "audience", 5.5, "R", "#9aa0aa", anchor="m")
        for i, way in enumerate(self._drawn.ways[index]):
            tint = TINTS[i % len(TINTS)]
            points = [(x + side * float(a), y + side * float(b)) for a, b in floor.within(way.points_m)]
            pen.line(points, tint, 0.35)
            pen.dot(*points[0], 0.5, tint)
            self._dancer(points[-1], way.facing, tint, self._drawn.names[i] if i < len(self._drawn.names) else "")

    def _dancer(self, at: tuple[float, float], facing: np.ndarray, tint: str, name: str) -> None:
        pen, (x, y) = self._pen, at
        across = np.array([-facing[1], facing[0]])
        tip, one, other = 2.6 * facing, 1.3 * across, -1.3 * across
        pen.shape([(x + float(p[0]), y + float(p[1])) for p in (tip, one, other)], tint)
        pen.dot(x, y, 1.35, tint)
        if len(self._drawn.names) > 1:
            pen.text(x, y + 0.8, name[:1].upper(), 6.0, "B", "#ffffff", anchor="m")


def _tints(sections: Sequence[Section]) -> dict[str, str]:
    """A colour for each letter; parts that sound alike share it."""
    letters = list(dict.fromkeys(section.label[:1] for section in sections))
    return {letter: _SECTION_TINTS[i % len(_SECTION_TINTS)] for i, letter in enumerate(letters)}


def _path(font: str) -> Any:
    return resource_path(FONTS[font])


def _fonts(head: Head, sheet: Sheet, drawn: Drawn) -> dict[str, str]:
    """Register the fonts with the letters that are needed; the names that ReportLab has for them."""
    from reportlab.pdfbase.pdfmetrics import registerFont
    from reportlab.pdfbase.ttfonts import TTFont

    words = [head.title, head.notes, head.foot, *head.facts, *head.facts.values(), *drawn.names]
    words += [part for section in head.sections for part in (section.label, section.role)]
    words += [marker.name for marker in head.markers]
    words += [word for row in sheet.rows for marker in row.markers for word in (marker.name, marker.comment)]
    letters = set("".join(words)) | {chr(code) for code in range(32, 127)} | set("\u2013\u2026?")
    letters |= {letter.upper() for letter in letters if len(letter.upper()) == 1}
    out = {}
    for key in FONTS:
        wanted = frozenset(letter for letter in letters if letter.isprintable())
        name = f"Inter{key}{letters_code(wanted)}"
        registerFont(TTFont(name, BytesIO(true_type(_path(key), wanted))))
        out[key] = name
    return out
