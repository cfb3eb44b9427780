"""What she marked as intended, handed on: as markers of movements, and as lines of a receipt."""

from __future__ import annotations

from app.counting import clock
from app.resources import resource_path
from editor.document.document import Document
from editor.document.waivers import genre_of, waived_spans
from engine.formats.scene import SceneMarker
from engine.timebase import time_of


def intended_markers(document: Document) -> tuple[SceneMarker, ...]:
    """A marker over each stretch of the dance in which a rule is broken on purpose; its comment says who, and why."""
    if not document.rules.waivers:
        return ()
    from engine.structure.book import read_rules

    book = read_rules(resource_path("rules"))
    texts = book.of(genre_of(document, dict(book.genre_of_style)))
    names, out = {track.id: track.name for track in document.tracks}, []
    for waiver, start, end in waived_spans(document):
        title = texts[waiver.rule].title if waiver.rule in texts else waiver.rule.replace("_", " ")
        start_s, end_s = (time_of(frame, document.frame_rate_hz) for frame in (start, end))
        who = names.get(waiver.track_id, "")
        comment = f"{who}: {waiver.note}" if waiver.note else who
        out.append(SceneMarker(f"Intended: {title}", start_s, "movement", comment, end_s - start_s))
    return tuple(out)


def intended_notes(markers: tuple[SceneMarker, ...], span_s: tuple[float, float]) -> tuple[str, ...]:
    """A sentence for each of these that a stretch of the piece holds."""
    return tuple(
        f"{marker.name}, at {clock(marker.time_s)} ({marker.comment})."
        for marker in markers
        if marker.kind == "movement" and marker.time_s < span_s[1] and span_s[0] < marker.time_s + marker.duration_s
    )
