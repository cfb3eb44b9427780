"""Where the music of a piece lies: in the project itself, where it was linked, or beside the project."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

from editor.document.document import Document, Song


def song_path(song: Song, project: Path | None = None) -> Path | None:
    """The file that a linked song is in: where it was last seen, else beside the project; None where neither is it."""
    return next((path for path in _places(song, project) if song.sha256 and _hash(path) == song.sha256), None)


def song_trouble(document: Document, project: Path | None = None) -> str:
    """Why the music cannot be played, in a sentence; empty when it can, or when there is none.

    Args:
        document: The piece.
        project: Its file, beside which a linked song may lie.
    """
    song = document.song
    if song is None or song.data is not None:
        return ""
    if song_path(song, project) is not None:
        return ""
    changed = next((path for path in _places(song, project) if path.is_file()), None)
    if changed is not None:
        return (
            f"{changed.name} is no longer the song that this piece was made to; link the right file in the piece panel."
        )
    return f"The song {song.name} is not where it was; put it beside the project, or link it again in the piece panel."


def _places(song: Song, project: Path | None) -> Iterator[Path]:
    """Where to look, the likeliest first."""
    link = Path(song.link)
    if link.is_absolute():
        yield link
    if project is not None:
        folder = project.resolve().parent
        yield from (folder / name for name in (song.link, link.name, Path(song.name).name))


def _hash(path: Path) -> str:
    """Of an ordinary file that can be read; else empty."""
    try:
        if path.is_file():
            with path.open("rb") as file:
                return hashlib.file_digest(file, "sha256").hexdigest()
    except (OSError, ValueError):
        pass
    return ""
