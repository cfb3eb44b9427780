"""Analyses kept on disk by the content of the sound file."""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from collections.abc import Callable
from pathlib import Path

from engine.audio.read import read_audio
from engine.music.analyser import analyse
from engine.music.analysis import MusicAnalysis

# Raised whenever `analyse` gives another answer for the same sound, so that old answers are not used.
ANALYSIS_VERSION = 8


def analyse_file(
    path: Path,
    progress: Callable[[float], None] | None = None,
    cache_dir: Path | None = None,
    beat_weights: Path | None = None,
) -> MusicAnalysis:
    """The analysis of a sound file, from the cache if this content was analysed before.

    Args:
        path: A sound file, or a video with sound.
        progress: Called with 0..1; what it raises (`Cancelled`) stops the work.
        cache_dir: Where analyses are kept; the user's cache folder if None. A cache that cannot be written or
            read back is worked around.
        beat_weights: A checkpoint of Beat This!, which then finds the beats; None for our own tracker.

    Raises:
        AudioFileError: The file cannot be read as sound.
        ModelError: The checkpoint cannot be used.
    """
    path = Path(path)
    progress = progress or (lambda fraction: None)
    kept_at = None
    if path.is_file():
        kept_at = (cache_dir or default_cache_dir()) / f"{content_hash(path)}-{_asked(beat_weights)}.json"
        kept = _load(kept_at)
        if kept is not None:
            progress(1.0)
            return kept
    audio = read_audio(path)
    progress(0.2)
    found = analyse(audio, lambda f: progress(0.2 + 0.8 * f), beat_weights)
    if kept_at is not None:
        _store(kept_at, found)
    return found


def _asked(beat_weights: Path | None) -> str:
    """What an answer depends on beside the sound, for the name of its file."""
    if beat_weights is None:
        return str(ANALYSIS_VERSION)
    try:
        state = beat_weights.stat()
    except OSError:
        return f"{ANALYSIS_VERSION}-none"
    told = f"{beat_weights.absolute()} {state.st_size} {state.st_mtime_ns}"
    return f"{ANALYSIS_VERSION}-{hashlib.sha256(told.encode()).hexdigest()[:16]}"


def default_cache_dir() -> Path:
    """The folder for analyses in the user's cache folder."""
    import platformdirs

    return Path(platformdirs.user_cache_dir("kinetograph")) / "music"


def content_hash(path: Path) -> str:
    """SHA-256 of a file's bytes, in hexadecimal.

    Raises:
        AudioFileError: The file cannot be opened.
    """
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _load(path: Path) -> MusicAnalysis | None:
    """What is kept there, or None if nothing is or it cannot be understood."""
    try:
        return MusicAnalysis.from_dict(json.loads(path.read_text("utf-8")))
    except (OSError, ValueError, RecursionError):
        return None


def _store(path: Path, analysis: MusicAnalysis) -> None:
    """Keep an analysis; a folder that cannot be written to only costs time later."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=path.parent, suffix=".tmp")
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump(analysis.to_dict(), file, separators=(",", ":"))
        os.replace(temporary, path)
    except OSError:
        return
