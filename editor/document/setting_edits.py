"""Edits of what is not danced itself: the song, its settings, the title, the notes."""

from __future__ import annotations

from dataclasses import replace

from editor.document.document import Document, Pins, Settings, Song
from editor.document.edits import EditRefused, editable, with_clip
from engine.music.analysis import MusicAnalysis


def set_settings(document: Document, settings: Settings | None, clip_id: str | None = None) -> Document:
    """Set how the piece, or one of its clips, is to be danced when it is made anew.

    Args:
        document: Before.
        settings: New ones; None gives a clip the piece's again, and the piece the usual ones.
        clip_id: The clip; None for the piece.
    """
    if clip_id is None:
        return replace(document, settings=settings or Settings())
    track, clip = editable(document, clip_id)
    return document.with_track(with_clip(track, replace(clip, settings=settings)))


def set_song(document: Document, song: Song | None, analysis: MusicAnalysis | None) -> Document:
    """Set the music and what was heard in it; corrections of the grid before are dropped. Clips stay where they are."""
    return replace(document, song=song, analysis=analysis, corrected=None, pins=Pins())


def set_title(document: Document, title: str) -> Document:
    """Set the piece's title."""
    if not title.strip():
        raise EditRefused("A piece needs a title: type one.")
    return replace(document, title=title.strip())


def set_notes(document: Document, notes: str) -> Document:
    """Set the piece's notes, free text."""
    return replace(document, notes=notes)
