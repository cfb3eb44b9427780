"""A dance as rows of counts, each with the moment at which it falls in the piece and in the film."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from engine.formats.cue.smpte import timecode
from engine.formats.film_scene import FilmSpan
from engine.formats.scene import SceneMarker
from engine.music.analysis import MusicAnalysis, Section
from engine.timebase import frame_at

_STEP_S = 0.5  # between the columns where there is no music to count
_WIDEST = 8  # counts in a row
_LEAD_IN = 4


@dataclass(frozen=True)
class Place:
    """A moment of the piece as the film knows it.

    Attributes:
        time_s: In the piece.
        frame: The film's frame nearest to it.
        timecode: Of that frame.
    """

    time_s: float
    frame: int
    timecode: str


@dataclass(frozen=True)
class Cell:
    """One count.

    Attributes:
        label: What is spoken on it, or the time where nothing is counted.
        place: When.
    """

    label: str
    place: Place


@dataclass(frozen=True)
class Row:
    """A count of eight, or as many counts as it has.

    Attributes:
        number: From 1 over the whole piece; 0 for what leads up to the first.
        cells: Its counts.
        end_s: Where the next one begins.
        bars: The bars that it covers, such as "bars 5-6"; empty without music.
        tempo_bpm: On its first count; 0 without music.
        section: The section that begins with it; None where none does.
        markers: Those that lie in it.
    """

    number: int
    cells: tuple[Cell, ...]
    end_s: float
    bars: str = ""
    tempo_bpm: float = 0.0
    section: Section | None = None
    markers: tuple[SceneMarker, ...] = ()

    @property
    def start_s(self) -> float:
        """Where it begins."""
        return self.cells[0].place.time_s


@dataclass(frozen=True)
class Sheet:
    """All rows of a piece, and what leads into it.

    Attributes:
        rows: In order.
        lead_in: Counts before the first row, spoken before anybody dances; empty without music.
        n_columns: Counts that a full row has.
    """

    rows: tuple[Row, ...]
    lead_in: tuple[str, ...]
    n_columns: int


def sheet_of(
    music: MusicAnalysis | None, markers: Sequence[SceneMarker], span: FilmSpan, start_frame: int, end_s: float
) -> Sheet:  # fmt: skip
    """The rows of a part of a piece.

    Args:
        music: None, or without beats, for rows of seconds.
        markers: Those that she set, at moments of the piece.
        span: Which frames the film has.
        start_frame: Number of its first one.
        end_s: Of the part, in the piece; the film may last for a part of a frame longer.
    """
    start_s = span.start_s

    def place(time_s: float) -> Place:
        frame = start_frame + frame_at(span.file_time_s(time_s), span.rate.hz)
        return Place(time_s, frame, timecode(frame, span.rate))

    if music is None or music.n_beats < 2:
        rows, lead_in, n_columns = _of_seconds(start_s, end_s, place), (), _WIDEST
    else:
        rows = _of_counts(music, start_s, end_s, place)
        n_columns = min(max((len(row.cells) for row in rows), default=_WIDEST), _WIDEST)
        lead_in = _lead_in(rows)
        rows = _with_sections(rows, music.sections)
    return Sheet(tuple(_with_markers(rows, markers)), lead_in, n_columns)


def _of_seconds(start_s: float, end_s: float, place: Place) -> list[Row]:
    n = max(int(np.ceil((end_s - start_s) / _STEP_S - 1e-6)), 1)
    cells = [Cell(f"{k * _STEP_S % 60:.1f}", place(start_s + k * _STEP_S)) for k in range(n)]
    rows = [tuple(cells[i : i + _WIDEST]) for i in range(0, n, _WIDEST)]
    return [
        Row(number, row, min(row[0].place.time_s + _WIDEST * _STEP_S, end_s)) for number, row in enumerate(rows, 1)
    ]


def _of_counts(music: MusicAnalysis, start_s: float, end_s: float, place: Place) -> list[Row]:
    """A row from every one to the next; a meter that changes makes rows of other lengths."""
    counts = music.counts_of_eight()
    inside = [i for i in range(music.n_beats) if start_s - 1e-6 <= music.beat_times_s[i] < end_s - 1e-6]
    groups: list[list[int]] = []
    for i in inside:
        if not groups or counts[i] <= counts[groups[-1][-1]] or len(groups[-1]) == _WIDEST:
            groups.append([])
        groups[-1].append(i)
    first = 1 if groups and counts[groups[0][0]] == 1 else 0
    rows = []
    for number, group in enumerate(groups, first):
        cells = tuple(Cell(str(int(counts[i])), place(float(music.beat_times_s[i]))) for i in group)
        after = groups[number - first + 1][0] if number - first + 1 < len(groups) else None
        row_end_s = end_s if after is None else float(music.beat_times_s[after])
        bars = sorted({music.bar_of_beat(i) + 1 for i in group})
        rows.append(Row(number, cells, row_end_s, _bars(bars), float(music.tempo_curve_bpm[group[0]])))
    return rows


def _bars(bars: Sequence[int]) -> str:
    counted = [bar for bar in bars if bar >= 1]
    if not counted:
        return "pick-up"
    return f"bar {counted[0]}" if len(counted) == 1 else f"bars {counted[0]}\u2013{counted[-1]}"


def _lead_in(rows: Sequence[Row]) -> tuple[str, ...]:
    """What is counted before the first row: the last counts of an eight, up to where the first row begins."""
    if not rows or not rows[0].cells:
        return ()
    first = int(rows[0].cells[0].label)
    usual = max(int(row.cells[-1].label) for row in rows)
    last = usual if first == 1 else first - 1
    return tuple(str(n) for n in range(max(last - _LEAD_IN + 1, 1), last + 1))


def _with_sections(rows: Sequence[Row], sections: Sequence[Section]) -> list[Row]:
    """Rows with the sections that begin with them: those whose first moment is nearest to the row's."""
    out = list(rows)
    for section in sections:
        if not out or section.end_s <= out[0].start_s or section.start_s >= out[-1].end_s:
            continue
        middles = [0.5 * (row.start_s + row.end_s) for row in out]
        at = next((i for i, middle in enumerate(middles) if middle > section.start_s), None)
        if at is not None:
            out[at] = replace(out[at], section=section)
    return out


def _with_markers(rows: Sequence[Row], markers: Sequence[SceneMarker]) -> list[Row]:
    out = []
    for i, row in enumerate(rows):
        begins_s = -np.inf if i == 0 else row.start_s
        inside = tuple(m for m in markers if begins_s <= m.time_s < row.end_s)
        out.append(replace(row, markers=inside))
    return out
