"""A small piece and its project file, and files of the same kind with something wrong in them."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from editor.document.document import Document, Song, Take, Track
from editor.document.project_file import load_project, save_project
from engine.motion.motion import Motion
from tests.documents import an_analysis, dancer, motion

SONG = b"RIFF and so on" * 50
SONG_HASH = "c" * 64


def a_piece() -> Document:
    """Two dancers, three takes on a shelf, and the song within."""
    ann = dancer(20, 12)
    shelf = (*ann.clips[0].takes, Take("second", "Take 2", motion(20, 5)), Take("third", "Take 3", motion(20, 6)))
    ann = replace(ann, clips=(replace(ann.clips[0], takes=shelf, active=2), ann.clips[1]))
    bo = Track("bo", "Bo", (replace(ann.clips[1], id="of bo", start_frame=3),))
    song = Song("song.wav", SONG_HASH, 8.0, data=SONG)
    return Document("Night", song, an_analysis(), tracks=(ann, bo), notes="slowly")


def reopened(document: Document, folder: Path) -> Document:
    save_project(folder / "piece.kino", document)
    return load_project(folder / "piece.kino")


def numbers(one: Motion) -> tuple[bytes, bytes]:
    return one.root_positions_m.tobytes(), one.local_rotations.tobytes()


def takes_of(document: Document) -> list[Take]:
    return [take for track in document.tracks for clip in track.clips for take in clip.takes]


def rewritten(source: Path, target: Path, change: Callable[[dict[str, Any]], Any], **entries: bytes) -> Path:
    """A project file with its JSON changed, and with entries added or replaced."""
    with zipfile.ZipFile(source) as archive:
        inside = {name: archive.read(name) for name in archive.namelist()}
    data = json.loads(inside["project.json"])
    data = change(data) or data
    inside |= dict.fromkeys(("project.json", "project.copy.json"), json.dumps(data).encode()) | entries
    with zipfile.ZipFile(target, "w") as archive:
        for name, content in inside.items():
            archive.writestr(name, content)
    return target
