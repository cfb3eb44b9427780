"""Saving, opening and journalling a piece of three minutes, and a long one with six dancers."""

from __future__ import annotations

import tempfile
import time
from dataclasses import replace
from pathlib import Path

import numpy as np

from editor.document.document import Clip, Curve, Document, Recipe, Settings, Song, Take, Track
from editor.document.journal import Journal
from editor.document.project_file import load_project, salvage, save_project
from tests.benchmarks.timing import best_s
from tests.dances import improvised
from tests.documents import an_analysis

_SECONDS = 30


def run() -> None:
    """Print what each costs."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        for name, minutes, dancers, takes in (("3 min, 1 dancer", 3, 1, 1), ("10 min, 6 dancers, 4 takes", 10, 6, 4)):
            _project_rows(place / "piece.kino", name, _piece(minutes, dancers, takes))
        _journal_rows(place / "journal", _piece(3, 1, 4))


def _piece(minutes: int, n_dancers: int, n_takes: int) -> Document:
    """Clips of half a minute with all their takes, each take with a recipe and a drawn curve."""
    n = _SECONDS * 30
    joy = Curve(tuple(np.arange(20.0)), tuple(np.linspace(0.0, 1.0, 20)))
    recipe = Recipe(Settings((("ballet", joy), ("salsa", 0.5)), joy=joy), 0.0, 30.0, "ab" * 32, "cd" * 32)
    whole = improvised(minutes * 60 * 30, seed=1)
    tracks = []
    for dancer in range(n_dancers):
        clips = []
        for i in range(minutes * 60 // _SECONDS):
            part = whole.slice(i * n, (i + 1) * n)
            moved = [part.root_positions_m + np.array([dancer, 0.0, take]) for take in range(n_takes)]
            turned = [np.roll(part.local_rotations, 7 * dancer + 43 * take, axis=0) for take in range(n_takes)]
            shelf = [
                Take(f"{dancer} {i} {k}", f"Take {k}", replace(part, root_positions_m=m, local_rotations=r), recipe)
                for k, (m, r) in enumerate(zip(moved, turned, strict=True))
            ]
            clips.append(Clip(f"{dancer} {i}", i * n, n, tuple(shelf)))
        tracks.append(Track(f"{dancer}", f"Dancer {dancer}", tuple(clips)))
    song = Song("song.mp3", "0" * 64, minutes * 60.0, data=bytes(5_000_000))
    return Document(song=song, analysis=an_analysis(minutes * 60.0), tracks=tuple(tracks))


def _project_rows(path: Path, name: str, document: Document) -> None:
    begin_s = time.perf_counter()
    save_project(path, document)
    first_s = time.perf_counter() - begin_s
    again_s = best_s(lambda: save_project(path, document), repeats=3)
    load_s, salvage_s = best_s(lambda: load_project(path), repeats=3), best_s(lambda: salvage(path), repeats=2)
    print(f"{name}: {path.stat().st_size / 1e6:.1f} MB, equal after opening: {load_project(path) == document}")
    for what, took_s in (("save", first_s), ("save again", again_s), ("open", load_s), ("salvage", salvage_s)):
        print(f"  {what:46s}{1e3 * took_s:9.1f} ms")


def _journal_rows(folder: Path, document: Document) -> None:
    journal = Journal(folder)
    begin_s = time.perf_counter()
    journal.record(document, "open")
    journal.flush(60.0)
    print(
        f"journal of 3 min, 4 takes\n  {'first state, every motion':46s}{1e3 * (time.perf_counter() - begin_s):9.1f} ms"
    )
    calls_s, states_s = [], []
    for i in range(20):
        document = replace(document, notes=str(i))
        begin_s = time.perf_counter()
        journal.record(document, "note")
        calls_s.append(time.perf_counter() - begin_s)
        journal.flush(60.0)
        states_s.append(time.perf_counter() - begin_s)
    print(f"  {'record, the longest of 20 calls':46s}{1e3 * max(calls_s):9.3f} ms")
    print(f"  {'until an edit is on the disk, median':46s}{1e3 * sorted(states_s)[10]:9.1f} ms")
    journal.close(discard=True)


if __name__ == "__main__":
    run()
