"""A song's beats as a file, to be taken up again: times as Sonic Visualiser has them, a MIDI tempo map, or JSON."""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from engine.formats.cue import midi
from engine.formats.cue.markers_csv import write_whole
from engine.formats.cue.sheet import CueError
from engine.formats.scene import RATES, FilmScene, SceneMarker

ENDINGS = (".csv", ".mid", ".json")
_KIND = "kinetograph beats"
_VERSION = 1
_MOST_BYTES = 16 * 2**20
_MOST_BEATS = 100_000
_LONGEST_S = 24 * 3600.0
_FIRST_BEAT, _NEAR_S = "First beat", 0.01


@dataclass(frozen=True, eq=False)
class BeatFile:
    """Beats as a file has them.

    Attributes:
        beat_times_s: Ascending, [B].
        beat_in_bar: Place of each in its bar, 0 = downbeat, int [B].
        counts: What a dancer counts, 1 to 8, int [B]; empty where nothing is known.
        title: Of the piece.
    """

    beat_times_s: np.ndarray
    beat_in_bar: np.ndarray
    counts: np.ndarray = field(default_factory=lambda: np.zeros(0, dtype=int))
    title: str = ""


def write(path: Path, beats: BeatFile) -> None:
    """Write beats by the file's ending, one of ENDINGS.

    Raises:
        CueError: It has another ending, or cannot be written.
    """
    writer = _WRITERS.get(path.suffix.lower())
    if writer is None:
        raise CueError(f"{path.name} cannot hold beats: choose a name that ends in {', '.join(ENDINGS)}.")
    writer(path, beats)


def read(path: Path) -> BeatFile:
    """The beats of a file, by its ending.

    A table has a time in seconds in the first column of each row, and may have a label behind it: "3.1" for the
    first beat of bar three, or the number of the beat in its bar; without labels bars have four beats from the first.

    Raises:
        CueError: It cannot be read, or holds no beats.
    """
    reader = _READERS.get(path.suffix.lower())
    if reader is None:
        raise CueError(f"{path.name} is no list of beats: choose a file that ends in {', '.join(_READERS)}.")
    found = reader(path)
    times_s, in_bar = found.beat_times_s, found.beat_in_bar
    if len(times_s) < 2 or len(times_s) > _MOST_BEATS:
        raise CueError(f"{path.name} holds too few beats, or more than any song: choose another file.")
    if not np.all(np.isfinite(times_s)) or np.any(np.diff(times_s) <= 0.0) or abs(times_s[-1]) > _LONGEST_S:
        raise CueError(f"The beats in {path.name} are out of order: sort them by time.")
    if len(in_bar) != len(times_s) or np.any(in_bar < 0) or np.any(in_bar > 31):
        raise CueError(f"{path.name} does not say which beat of its bar each beat is: number them from 1.")
    return found


def _write_csv(path: Path, beats: BeatFile) -> None:
    bar, out = 0, io.StringIO()
    table = csv.writer(out, lineterminator="\n")
    for time_s, place in zip(beats.beat_times_s.tolist(), beats.beat_in_bar.tolist(), strict=True):
        bar += place == 0
        table.writerow((f"{time_s:.9f}", f"{bar}.{place + 1}"))
    write_whole(path, out.getvalue())


def _read_csv(path: Path) -> BeatFile:
    times_s: list[float] = []
    places: list[int | None] = []
    for row in csv.reader(io.StringIO(_text(path), newline="")):
        cells = [cell.strip() for cell in row if cell.strip()]
        time_s = _number(cells[0]) if cells else None
        if time_s is not None:  # a head, or a remark, is no beat
            times_s.append(time_s)
            places.append(_place(cells[1]) if len(cells) > 1 else None)
    known = [p for p in places if p is not None]
    if len(known) < len(places):
        return BeatFile(np.array(times_s), np.arange(len(times_s)) % 4)
    return BeatFile(np.array(times_s), np.array(known, dtype=int))


def _place(label: str) -> int | None:
    """The place in the bar, from 0, that a label names: "3.1", "1"; None where it names none."""
    last = label.rsplit(".", 1)[-1]
    return int(last) - 1 if last.isdigit() and 1 <= int(last) <= 32 else None


def _number(cell: str) -> float | None:
    try:
        number = float(cell)
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def _write_json(path: Path, beats: BeatFile) -> None:
    held = {
        "kind": _KIND, "version": _VERSION, "title": beats.title, "beat_times_s": beats.beat_times_s.tolist(),
        "beat_in_bar": beats.beat_in_bar.tolist(), "count_of_eight": beats.counts.tolist(),
    }  # fmt: skip
    write_whole(path, json.dumps(held, indent=1) + "\n")


def _read_json(path: Path) -> BeatFile:
    try:
        held = json.loads(_text(path))
        if held["kind"] != _KIND or held["version"] > _VERSION:
            raise CueError(f"{path.name} was written by a newer version, or is no list of beats.")
        return BeatFile(
            np.array(held["beat_times_s"], dtype=float).reshape(-1),
            np.array(held["beat_in_bar"], dtype=int).reshape(-1),
            np.array(held.get("count_of_eight", []), dtype=int).reshape(-1),
            str(held.get("title", "")),
        )
    except (ValueError, KeyError, TypeError, RecursionError, OverflowError) as error:
        raise CueError(f"{path.name} is no list of beats that Kinetograph wrote.") from error


def _write_midi(path: Path, beats: BeatFile) -> None:
    markers = [
        SceneMarker(str(place + 1), time_s, "bar" if place == 0 else "beat")
        for time_s, place in zip(beats.beat_times_s.tolist(), beats.beat_in_bar.tolist(), strict=True)
    ]
    if markers:  # the tempo map leads in from the song's first moment, where there may be no beat
        markers.append(SceneMarker(_FIRST_BEAT, markers[0].time_s))
    midi.write(path, FilmScene(beats.title or path.stem, RATES["30"], (), (), markers=tuple(markers)))


def _read_midi(path: Path) -> BeatFile:
    found = midi.read(path)
    first_s = next((marker.time_s for marker in found.markers if marker.name == _FIRST_BEAT), 0.0)
    heard = found.beat_times_s >= first_s - _NEAR_S
    in_bar = found.beat_in_bar[heard].copy()
    first = int(np.argmax(in_bar == 0))  # a pick-up is a bar of its own there, and the end of one here
    in_bar[:first] = np.arange(-first, 0) % (int(in_bar.max(initial=0)) + 1)
    return BeatFile(found.beat_times_s[heard], in_bar)


def _text(path: Path) -> str:
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise CueError(f"{path.name} is larger than any list of beats.")
        return path.read_text("utf-8-sig")
    except OSError as error:
        raise CueError(f"{path.name} cannot be read ({error.strerror or error}).") from error
    except UnicodeDecodeError as error:
        raise CueError(f"{path.name} is no text in UTF-8.") from error


_WRITERS: dict[str, Callable[[Path, BeatFile], None]] = {".csv": _write_csv, ".mid": _write_midi, ".json": _write_json}
_READERS: dict[str, Callable[[Path], BeatFile]] = {
    ".csv": _read_csv, ".txt": _read_csv, ".mid": _read_midi, ".midi": _read_midi, ".json": _read_json,
}  # fmt: skip
