"""Markers and beats as tables that any spreadsheet reads, and beats as Sonic Visualiser takes them."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from pathlib import Path

from engine.formats.cue.sheet import CueError, beats, frame_in_take, in_order
from engine.formats.cue.smpte import timecode
from engine.formats.scene import FilmScene, SceneMarker
from engine.formats.whole_file import replacing

COLUMNS = ("name", "kind", "time_s", "frame", "timecode", "count", "duration_s", "comment")
_KINDS = ("marker", "beat", "bar", "section", "movement")
_MOST_BYTES = 64 * 2**20


def write(path: Path, scene: FilmScene) -> None:
    """Write every marker of the scene, one a row, under the names in COLUMNS; UTF-8, commas, lines that end in LF.

    `time_s` is from the take's first frame; `frame` is the nearest one's number, counted from the scene's start
    frame, and `timecode` that number's. Beats rarely lie on frames: `time_s` is what to go by.

    Raises:
        CueError: if it cannot be written.
    """
    rows = []
    for marker in in_order(scene):
        frame = scene.start_frame + frame_in_take(scene, marker)
        rows.append(
            (
                marker.name, marker.kind, f"{marker.time_s:.6f}", frame, timecode(frame, scene.rate),
                marker.count or "", f"{marker.duration_s:.6f}" if marker.duration_s else "", marker.comment,
            )
        )  # fmt: skip
    write_whole(path, _table([COLUMNS, *rows]))


def write_beats(path: Path, scene: FilmScene) -> None:
    """Write the beats as Sonic Visualiser's "time instants" have them: seconds and a label, no head.

    Raises:
        CueError: if it cannot be written.
    """
    write_whole(path, _table((f"{beat.time_s:.9f}", beat.name) for beat in beats(scene)))


def read(path: Path) -> tuple[SceneMarker, ...]:
    """The markers of a table with at least the columns name and time_s, in the file's order.

    Raises:
        CueError: if it cannot be read, or a row makes no sense.
    """
    rows = csv.reader(io.StringIO(_text(path), newline=""))
    try:
        head = [name.strip().lower() for name in next(rows, [])]
        if not {"name", "time_s"} <= set(head):
            raise CueError(f"{path.name} is no table of markers: its first line must name the columns name and time_s.")
        return tuple(
            _marker(path, dict(zip(head, row, strict=False)), line) for line, row in enumerate(rows, 2) if any(row)
        )
    except csv.Error as error:
        raise CueError(f"{path.name} is no table with commas ({error}).") from error


def write_whole(path: Path, text: str) -> None:
    """Write a text as UTF-8 in one piece, or raise CueError with a sentence."""
    try:
        with replacing(path) as file:
            file.write(text.encode("utf-8"))
    except OSError as error:
        raise CueError(f"{path.name} cannot be written ({error.strerror or error}).") from error


def _table(rows: Iterable[Iterable[object]]) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(rows)
    return out.getvalue()


def _text(path: Path) -> str:
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise CueError(f"{path.name} is larger than any table of markers.")
        return path.read_text("utf-8-sig")
    except OSError as error:
        raise CueError(f"{path.name} cannot be read ({error.strerror or error}).") from error
    except UnicodeDecodeError as error:
        raise CueError(f"{path.name} is no text in UTF-8.") from error


def _marker(path: Path, row: dict[str, str], line: int) -> SceneMarker:
    try:
        time_s, duration_s = float(row["time_s"]), float(row.get("duration_s") or 0.0)
        count = int(row.get("count") or 0)
    except (KeyError, ValueError) as error:
        raise CueError(f"{path.name}, line {line}: time_s, duration_s and count must be numbers.") from error
    if not (abs(time_s) < 1e9 and 0.0 <= duration_s < 1e9):
        raise CueError(f"{path.name}, line {line}: {row['time_s']} s is no time in a piece.")
    kind = row.get("kind") or "marker"
    return SceneMarker(
        row["name"], time_s, kind if kind in _KINDS else "marker", row.get("comment") or "", duration_s, count
    )
