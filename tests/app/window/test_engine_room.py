"""The engine's process as the window sees it: loaded, lost, loaded again, on the device that was asked for last."""

from __future__ import annotations

import os
import queue
import signal
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from app.resources import resource_path
from app.window.engine_room import EngineRoom
from app.window.gridding import Gridding
from editor.audition import Audition
from editor.document.document import Document, Take
from editor.document.following import stale_clips
from editor.document.grid_warps import toggle_anchor, warp_from_here
from editor.document.take_edits import keep_take
from editor.document.track_edits import add_track
from editor.jobs.worker import Worker
from editor.playback.tap_along import TapAlong
from editor.session import Session
from engine.generation.checkpoint import save_model
from tests.app.window.studio import a_dance, wait_for
from tests.tiny import dancing, prepared_folder, tiny_model

Posted = queue.Queue[Callable[[], None]]


@dataclass
class Room:
    """The engine of a window."""

    engine: EngineRoom
    audition: Audition
    session: Session
    worker: Worker
    posted: Posted
    said: list[str] = field(default_factory=list)

    def wait_for(self, is_so: Callable[[], bool]) -> None:
        wait_for(self.posted, is_so)


@pytest.fixture(scope="module")
def model_folder(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("model")
    save_model(tiny_model(prepared_folder(folder / "prepared")), folder)
    return folder


@pytest.fixture(scope="module")
def shared() -> Iterator[tuple[Worker, Posted]]:
    posted: Posted = queue.Queue()
    worker = Worker(posted.put, "test")
    yield worker, posted
    worker.close()


def a_room(worker: Worker, posted: Posted, folder: Path) -> Room:
    while not posted.empty():
        posted.get()
    session = Session()
    audition = Audition(session, worker)
    room = EngineRoom(worker, audition, session, folder, resource_path("rules"))
    made = Room(room, audition, session, worker, posted)
    session.said.connect(lambda sentence, _: made.said.append(sentence))
    return made


@pytest.fixture
def room(shared, model_folder) -> Room:
    return a_room(*shared, model_folder)


@pytest.fixture
def own_room(model_folder) -> Iterator[Room]:
    """With a process of its own, that may be ended."""
    posted: Posted = queue.Queue()
    worker = Worker(posted.put, "test")
    yield a_room(worker, posted, model_folder)
    worker.close()


def test_what_waits_for_the_model_is_called_once_it_is_there(room):
    called: list[str] = []
    room.engine.when_ready(lambda: called.append("waited"))
    room.engine.load("cpu")
    assert (room.engine.text, room.engine.is_ready, called) == ("engine loading", False, [])

    room.wait_for(lambda: room.engine.is_ready)
    room.engine.when_ready(lambda: called.append("at once"))

    assert called == ["waited", "at once"]
    assert room.audition.is_ready
    assert room.engine.text.startswith("CPU")


def test_a_stale_clip_is_made_anew_in_one_step_and_keeps_its_takes(room):
    room.engine.load("cpu")
    room.wait_for(lambda: room.engine.is_ready)
    session = room.session
    session.history.replace(a_dance())
    gridding = Gridding(
        session, TapAlong(lambda: 0.0), room.audition.regenerate, lambda *_: None, lambda *_: None, lambda *_: None
    )
    session.edit("warp", lambda d: warp_from_here(toggle_anchor(d, 3.5), 4.0, 4.25))
    stale = list(stale_clips(session.document))
    before = session.document
    track, clip = stale[0]

    gridding.commands["renew_stale"]()
    room.wait_for(lambda: session.document is not before)

    after = session.document
    made = next(c for t in after.tracks for c in t.clips if t.id == track.id and c.start_frame == clip.start_frame)
    assert len(list(stale_clips(after))) == len(stale) - 1
    assert not made.is_stale
    assert made.take not in clip.takes
    assert made.takes[0].name == clip.take.name  # what was danced, on the shelf
    assert len(made.takes) == 2
    assert [t for t in after.tracks if t.id != track.id] == [t for t in before.tracks if t.id != track.id]
    session.history.undo()
    assert session.document is before


@pytest.mark.slow
def test_an_engine_that_dies_is_loaded_again_and_makes_takes(own_room):
    own_room.engine.load("cpu")
    own_room.wait_for(lambda: own_room.engine.is_ready)
    document = add_track(Document(), "Ann", "ann")
    own_room.session.history.replace(keep_take(document, "ann", 0, 60, Take("x", "Take 1", dancing(60, 1))))

    os.kill(own_room.worker._process.pid, signal.SIGTERM)
    own_room.wait_for(lambda: not own_room.engine.is_ready)
    own_room.wait_for(lambda: own_room.engine.is_ready)
    own_room.audition.regenerate()
    own_room.wait_for(lambda: len(own_room.session.document.tracks[0].clips[0].takes) == 2)

    assert own_room.said == []


def test_a_device_that_is_not_there_is_said_and_the_next_one_is_taken(room):
    room.engine.load("no such device")
    room.wait_for(lambda: bool(room.engine.trouble))
    assert room.said == [room.engine.trouble]
    assert room.engine.text == "no engine"

    room.engine.load("cpu")
    room.wait_for(lambda: room.engine.is_ready)

    assert room.engine.trouble == ""


def test_of_two_devices_asked_for_in_haste_the_last_counts(room):
    heard: list[str] = []
    room.engine.changed.connect(lambda: heard.append(room.engine.text))
    room.engine.load("no such device")
    room.engine.load("cpu")

    room.wait_for(lambda: room.engine.is_ready)

    assert room.said == []
    assert "no engine" not in heard


def test_memory_is_asked_for_only_when_the_engine_has_time(room):
    room.engine.ask_memory()
    assert room.worker.n_waiting == 0

    room.engine.load("cpu")
    room.engine.ask_memory()
    assert room.worker.n_waiting == 1
    room.wait_for(lambda: room.engine.is_ready)
    room.engine.ask_memory()
    room.wait_for(lambda: room.worker.n_waiting == 0)

    assert room.engine.text.startswith("CPU")


def test_what_waits_is_forgotten_with_the_piece(room):
    called: list[str] = []
    room.engine.when_ready(lambda: called.append("too late"))
    room.engine.forget_waiting()

    room.engine.load("cpu")
    room.wait_for(lambda: room.engine.is_ready)

    assert called == []
