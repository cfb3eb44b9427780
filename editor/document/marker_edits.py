"""Edits of markers: named moments and spans, in seconds of the piece."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from editor.document.document import Document, Marker
from editor.document.edits import EditRefused, new_id


def add_marker(document: Document, time_s: float, text: str = "", end_s: float = 0.0) -> Document:
    """A marker at a moment, or over a span where `end_s` lies behind it."""
    start_s, end_s = _span(time_s, end_s)
    return _with(document, (*document.markers, Marker(new_id(), start_s, text.strip(), end_s)))


def move_marker(document: Document, marker_id: str, time_s: float, end_s: float | None = None) -> Document:
    """Move a marker; a span keeps its length where no new end is given."""
    old = _marker(document, marker_id)
    if end_s is None:
        end_s = max(time_s, 0.0) + (old.end_s - old.time_s) if old.end_s > old.time_s else 0.0
    start_s, end_s = _span(time_s, end_s)
    return _with(document, _swapped(document, replace(old, time_s=start_s, end_s=end_s)))


def rename_marker(document: Document, marker_id: str, text: str) -> Document:
    """Change what a marker says."""
    return _with(document, _swapped(document, replace(_marker(document, marker_id), text=text.strip())))


def remove_marker(document: Document, marker_id: str) -> Document:
    """Take a marker away."""
    gone = _marker(document, marker_id)
    return _with(document, (m for m in document.markers if m.id != gone.id))


def _marker(document: Document, marker_id: str) -> Marker:
    for marker in document.markers:
        if marker.id == marker_id:
            return marker
    raise EditRefused("That marker is no longer in the piece: choose another one.")


def _span(time_s: float, end_s: float) -> tuple[float, float]:
    """A moment not before the piece, and its end; 0.0 where there is no span."""
    time_s = max(time_s, 0.0)
    return time_s, end_s if end_s > time_s else 0.0


def _swapped(document: Document, changed: Marker) -> Iterable[Marker]:
    return (changed if m.id == changed.id else m for m in document.markers)


def _with(document: Document, markers: Iterable[Marker]) -> Document:
    """The document with these markers, by time."""
    return replace(document, markers=tuple(sorted(markers, key=lambda m: (m.time_s, m.end_s))))
