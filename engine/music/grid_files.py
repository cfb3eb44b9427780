"""The grid as files that other programs read, and back: CSV as Sonic Visualiser has it, and JSON."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from engine.errors import EngineError
from engine.formats.whole_file import replacing
from engine.music.analysis import MusicAnalysis

JSON_KIND, JSON_VERSION = "kinetograph beat grid", 1
MAX_BEATS = 200_000  # of a file that is read: two hours at 1600 a minute
MAX_BYTES = 50_000_000


class GridFileError(EngineError):
    """A file of beats could not be read."""

    def __init__(self, path: Path, problem: str, line: int | None = None) -> None:
        where = path.name if line is None else f"{path.name}, line {line}"
        super().__init__(f"{where}: {problem}")
        self.path, self.line, self.problem = path, line, problem


@dataclass(frozen=True, eq=False)
class Grid:
    """Beats as a file tells them.

    Attributes:
        beat_times_s: Ascending, [B].
        beat_in_bar: 0 = downbeat, int [B]; None where the file does not tell bars.
    """

    beat_times_s: np.ndarray
    beat_in_bar: np.ndarray | None


def write_csv(path: Path, analysis: MusicAnalysis) -> None:
    """One line a beat: its time in seconds, and the bar and beat as label, "3.1" for the first beat of bar 3.

    Sonic Visualiser (File, Import Annotation Layer) reads it as a layer of time instants.
    """
    lines = [f"{time_s:.6f},{bar}.{beat}\n" for time_s, bar, beat in _labelled(analysis)]
    with replacing(path) as file:
        file.write("".join(lines).encode("ascii"))


def write_json(path: Path, analysis: MusicAnalysis) -> None:
    """The grid as one JSON object: times and places of the beats, tempo and meter."""
    data = {
        "kind": JSON_KIND,
        "version": JSON_VERSION,
        "tempo_bpm": analysis.tempo_bpm,
        "is_steady": analysis.is_steady,
        "meter": analysis.meter,
        "swing": analysis.swing,
        "beats": [{"time_s": t, "bar": bar, "beat": beat} for t, bar, beat in _labelled(analysis)],
    }
    with replacing(path) as file:
        file.write(json.dumps(data, indent=1).encode("ascii"))


def read_grid(path: Path) -> Grid:
    """Beats from CSV (a time a line, perhaps with "bar.beat" or the beat's number as label) or from JSON.

    Raises:
        GridFileError: The file cannot be opened, or a line of it cannot be understood.
    """
    try:
        size = path.stat().st_size
        if size > MAX_BYTES:
            raise GridFileError(path, "is too large for a file of beats; name another file")
        text = path.read_text("utf-8-sig")
    except OSError as error:
        raise GridFileError(path, f"cannot be opened ({error.strerror}); check the path and its permissions") from error
    except UnicodeDecodeError as error:
        raise GridFileError(path, "is no text; export the beats as CSV or JSON") from error
    rows = _json_rows(path, text) if text.lstrip().startswith("{") else _csv_rows(path, text)
    return _grid(path, rows)


def _labelled(analysis: MusicAnalysis) -> Iterable[tuple[float, int, int]]:
    """Time, number of the bar (1 is the first; a pick-up is in bar 0) and number of the beat, from 1."""
    for i in range(analysis.n_beats):
        yield float(analysis.beat_times_s[i]), analysis.bar_of_beat(i) + 1, int(analysis.beat_in_bar[i]) + 1


def _csv_rows(path: Path, text: str) -> list[tuple[float, int]]:
    """Times with the number of the beat in its bar, 0 where it is not told."""
    separator = max(",;\t", key=text.count)
    rows = []
    for number, cells in enumerate(csv.reader(text.splitlines(), delimiter=separator), start=1):
        if not cells or not cells[0].strip():
            continue
        try:
            rows.append((float(cells[0]), _beat_of(cells[1] if len(cells) > 1 else "")))
        except ValueError as error:
            if number == 1:
                continue  # a line of headings
            raise GridFileError(path, "expected a time in seconds at the start of the line", number) from error
    return rows


def _beat_of(label: str) -> int:
    """The number of a beat in its bar from a label like "3.1" or "1"; 0 where it tells none."""
    last = label.strip().rpartition(".")[2]
    return int(last) if last.isdecimal() and len(last) < 4 else 0


def _json_rows(path: Path, text: str) -> list[tuple[float, int]]:
    try:
        data = json.loads(text)
        if data.get("kind") != JSON_KIND:
            raise GridFileError(path, "is no beat grid; export one with Kinetograph, or use CSV")
        return [(float(beat["time_s"]), int(beat["beat"])) for beat in data["beats"]]
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError) as error:
        raise GridFileError(path, "is damaged: beats need time_s and beat; export it again") from error


def _grid(path: Path, rows: list[tuple[float, int]]) -> Grid:
    times_s = np.array([time_s for time_s, _ in rows])
    numbers = np.array([beat for _, beat in rows], dtype=np.int64)
    if len(rows) < 2:
        raise GridFileError(path, "holds fewer than two beats; name a file with a time on each line")
    if len(rows) > MAX_BEATS or not np.isfinite(times_s).all() or times_s[0] < 0.0 or np.any(np.diff(times_s) <= 0.0):
        raise GridFileError(path, "times must be seconds from 0 on, each later than the one before")
    tells_bars = bool(np.all(numbers > 0)) and bool(np.any(numbers == 1))
    return Grid(times_s, numbers - 1 if tells_bars else None)
