"""A performance as a cue sheet."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from app.cue_sheet.counts import Sheet, sheet_of
from app.cue_sheet.floor_map import floor_of, way_of
from app.cue_sheet.pages import Drawn, Head, cue_sheet_pdf
from engine.formats.cue.smpte import timecode
from engine.formats.exporters import HANDLES, RATE_NAMES, SPANS, START_FRAMES
from engine.formats.film_scene import FilmSpan, film_span
from engine.formats.options import option
from engine.formats.scene import RATES
from engine.formats.whole_file import replacing

if TYPE_CHECKING:
    from app.exports import Performance

Progress = Callable[[float], None]
PAPER_NAMES = {"a4": "A4", "letter": "US Letter"}
PICTURES = {
    "odd": "On 1, 3, 5, 7", "all": "On every count", "strong": "On 1 and 5", "none": "None: more rows on a page",
}  # fmt: skip
VIEWS = {"front": "Front", "three-quarter": "Three-quarter", "side": "Side", "window": "As in the window"}
_HEIGHT_PX = 280
_WIDE = 2.1  # width / height of a picture of two or more dancers
_EVERY = {"odd": 2, "all": 1, "strong": 4}
_SHEET, _DRAWN = 0.05, 0.85  # of the work


@dataclass(frozen=True)
class CueSheetOptions:
    """Of a cue sheet."""

    span: str = option("piece", "What", "The rest is left out", choices=SPANS, flag="--span")
    rate: str = option("24", "Frames a second", "As your shot has them", choices=RATE_NAMES, flag="--fps")
    start_frame: int = option(
        0, "First frame", "Its number, handles included", choices=START_FRAMES, bounds=(0, 999_999), flag="--start"
    )
    handles: int = option(0, "Handles", "Frames before and after, for the cut", choices=HANDLES, bounds=(0, 480))
    paper: str = option("a4", "Paper", "Lying on its side", choices=PAPER_NAMES)
    pictures: str = option("odd", "Pictures", "Of the dancers, small, under their counts", choices=PICTURES)
    view: str = option("front", "Seen from", "The camera follows the dancers", choices=VIEWS)
    is_split: bool = option(False, "One file for each dancer", "Each with her own pictures and way", flag="--split")


def write_cue_sheet(
    path: Path, performance: Performance, options: CueSheetOptions, progress: Progress,
    facts: Sequence[tuple[str, str]] = (),
) -> int:  # fmt: skip
    """Write the sheet of all dancers together and return how many rows it has.

    Args:
        path: Where to, *.pdf.
        performance: Who dances, to what.
        options: How.
        progress: Called with the fraction done; may raise Cancelled.
        facts: More of what stands in its head, name and value, before the others.
    """
    from app.exports import span_of

    span_s = span_of(performance, options.span)
    span = film_span(RATES[options.rate], span_s, options.handles)
    sheet = sheet_of(performance.music, performance.markers, span, options.start_frame, span_s[1])
    progress(_SHEET)
    drawn = _drawn(performance, sheet, options, lambda fraction: progress(_SHEET + (_DRAWN - _SHEET) * fraction))
    content = cue_sheet_pdf(_head(performance, span, span_s, options, facts), sheet, drawn, options.paper)
    progress(0.98)
    with replacing(path) as file:
        file.write(content)
    return len(sheet.rows)


def _drawn(performance: Performance, sheet: Sheet, options: CueSheetOptions, progress: Progress) -> Drawn:
    from app.cue_sheet.pictures import pictures

    motions = [dancer.motion for dancer in performance.dancers]
    ways = [[way_of(motion, row.start_s, row.end_s) for motion in motions] for row in sheet.rows]
    drawn = Drawn({}, ways, tuple(dancer.name for dancer in performance.dancers), floor_of(motions))
    if options.pictures == "none" or not sheet.rows:
        return drawn
    every = _EVERY[options.pictures]
    cells = [
        (i, k, cell.place.time_s) for i, row in enumerate(sheet.rows) for k, cell in enumerate(row.cells)
        if (int(cell.label) - 1 if cell.label.isdigit() else k) % every == 0
    ]  # fmt: skip
    direction = options.view if options.view != "window" else "front"
    camera = performance.camera if options.view == "window" else None
    n_wide = 2 if every > 1 and len(motions) > 1 else 1
    aspect = _WIDE if n_wide > 1 else 1.0
    size = (round(_HEIGHT_PX * aspect), _HEIGHT_PX)
    made = pictures(motions, [t for _, _, t in cells], size, direction, camera, progress)
    by_place = {(i, k): picture for (i, k, _), picture in zip(cells, made, strict=True)}
    return replace(drawn, pictures=by_place, aspect=aspect, n_wide=n_wide)


def _head(
    performance: Performance, span: FilmSpan, span_s: tuple[float, float], options: CueSheetOptions,
    facts: Sequence[tuple[str, str]],
) -> Head:  # fmt: skip
    music, song, document = performance.music, performance.song, performance.document
    sections = () if music is None else tuple(
        s for s in music.sections if s.end_s > span_s[0] and s.start_s < span_s[1]
    )  # fmt: skip
    dancers = ", ".join(
        f"{d.name} ({d.body}, {d.height_m:.2f} m)" if d.body != "neutral" else d.name for d in performance.dancers
    )
    told = dict(facts)
    told |= {"Piece": performance.title} if facts else {}
    told["Song"] = "none" if song is None else f"{song.name}, {_minutes(song.duration_s)}"
    if music is not None and music.n_beats:
        told["Music"] = f"{_tempo(music)}, {music.meter}"
    told["Length"] = f"{_minutes(span_s[1] - span_s[0])}, {span.n_frames} frames at {span.rate.name}"
    first = options.start_frame
    told["Frames"] = f"{first} to {first + span.n_frames - 1}" + (
        f", handles of {options.handles}" if options.handles else ""
    )
    codes = [timecode(frame, span.rate) for frame in (first, first + span.n_frames - 1)]
    told["Timecode"] = f"{codes[0]} to {codes[1]}{', drop-frame' if span.rate.drops_frames else ''}"
    told["Dancers"] = dancers
    told["Camera"] = VIEWS[options.view]
    if performance.origin is not None:
        takes = dict.fromkeys(str(recipe.get("take", "")) for recipe in performance.origin.recipes)
        if names := [take for take in takes if take]:
            told["Danced"] = ", ".join(names)
    made = performance.origin.made_by if performance.origin is not None else ""
    title = performance.take or performance.title
    return Head(
        title, told, document.notes if document is not None else "", sections, span_s, performance.markers,
        "   ".join(part for part in ("Cue sheet", title, made) if part),
    )  # fmt: skip


def _tempo(music: object) -> str:
    from engine.music.analysis import MusicAnalysis

    assert isinstance(music, MusicAnalysis)
    low, high = float(music.tempo_curve_bpm.min()), float(music.tempo_curve_bpm.max())
    if music.is_steady or high - low < 1.0:
        return f"{music.tempo_bpm:.1f} bpm"
    return f"{low:.0f} to {high:.0f} bpm"


def _minutes(time_s: float) -> str:
    return f"{int(time_s + 0.5) // 60}:{int(time_s + 0.5) % 60:02d} min"
