"""A piece with its files and threads, but without a window: what is posted is done when a test waits."""

from __future__ import annotations

import queue
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import soundfile

from app.gui_thread import Background
from app.window.piece import Piece
from editor.document.document import Document, Song
from editor.jobs.worker import Worker
from editor.session import Session
from tests.documents import an_analysis, dancer
from tests.patience import PATIENCE_S


@dataclass
class Studio:
    """The piece, and what it said."""

    session: Session
    piece: Piece
    background: Background
    posted: queue.Queue[Callable[[], None]]
    said: list[tuple[str, str]] = field(default_factory=list)
    working: list[tuple[str, float | None]] = field(default_factory=list)

    @property
    def document(self) -> Document:
        return self.session.document

    def wait_for(self, is_so: Callable[[], bool]) -> None:
        wait_for(self.posted, is_so)

    def edit(self, label: str, make: Callable[[Document], Document]) -> None:
        assert self.session.edit(label, make)


def wait_for(posted: queue.Queue[Callable[[], None]], is_so: Callable[[], bool]) -> None:
    """Make the calls that come in until something is so."""
    deadline_s = time.monotonic() + PATIENCE_S
    while not is_so():
        assert time.monotonic() < deadline_s, "waited in vain"
        try:
            posted.get(timeout=0.005)()
        except queue.Empty:
            continue


@contextmanager
def studio(worker: Worker, posted: queue.Queue[Callable[[], None]], cache: Path) -> Iterator[Studio]:
    """A piece of its own upon a worker that may be shared."""
    while not posted.empty():
        posted.get()
    session = Session()
    background = Background(posted.put, lambda is_so: wait_for(posted, is_so))
    made = Studio(session, Piece(session, worker, background, cache), background, posted)
    session.said.connect(lambda *said: made.said.append(said))
    made.piece.working.connect(lambda *said: made.working.append(said))
    yield made
    background.close()


def a_dance() -> Document:
    """Two dancers to eight seconds of beats, two a second, with no sound."""
    song = Song("beats.wav", "", 8.0)
    return Document("Night", song, an_analysis(), tracks=(dancer(60, 60, 120), dancer(240, track_id="bo")))


def write_song(path: Path, sound: np.ndarray, rate_hz: int) -> Path:
    """A sound file."""
    soundfile.write(path, sound.T, rate_hz)
    return path
