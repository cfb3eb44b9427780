"""What is looked at before a performance is exported or delivered."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from app.exports import EXPORTERS, Performance, span_of
from app.rigs import target_rigs
from engine.formats.exporters import FORMATS
from engine.formats.preflight import Finding, Subject, preflight


def checked(performance: Performance, name: str, options: Any) -> tuple[Finding, ...]:
    """The answers of all checks to an export.

    Args:
        performance: What is handed on.
        name: In EXPORTERS.
        options: The exporter's.
    """
    kind = FORMATS.get(name)
    rootless = kind.name if kind is not None and not kind.holds_root else ""
    return preflight(subject_of(performance, options, rootless, not EXPORTERS[name].is_one_each), options)


def subject_of(performance: Performance, options: Any, rootless: str, is_in_one_file: bool) -> Subject:
    """What the checks need to know of a performance."""
    document, song = performance.document, performance.song
    idle = tuple(t.name for t in document.dancers if not t.is_muted and not t.clips) if document else ()
    is_lost = song is not None and song.data is None and not Path(song.link or "-").is_file()
    moment = (performance.moment_s, performance.moment_s)
    rig = target_rigs().get(options.rig) if hasattr(options, "rig") else None
    return Subject(
        performance.title, tuple(dancer.name for dancer in performance.dancers),
        tuple(dancer.height_m for dancer in performance.dancers), idle,
        span_of(performance, options.span) if performance.dancers and hasattr(options, "span") else moment,
        performance.duration_s, song is not None, song.name if song is not None and is_lost else "", rig, rootless,
        is_in_one_file,
    )  # fmt: skip
