"""A robot that edits a piece at random and writes down what it did, until somebody ends it: for tests of crashes.

After every edit it appends a line to its log and waits until the disk has it, so that the log knows what was done
at the moment of the kill. Every document carries its number in the notes.
"""

from __future__ import annotations

import hashlib
import multiprocessing
import os
import random
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from editor.document import clip_edits, marker_edits, setting_edits, take_edits, track_edits
from editor.document.document import Clip, Curve, Document, Place, Settings, Take, Track
from editor.document.edits import new_id
from editor.document.journal import Journal
from editor.document.journal_files import journal_folder
from editor.document.project_file import ProjectFileError, load_project, save_project
from editor.document.project_json import encode, to_bytes
from editor.document.recovery import recoverable
from editor.session import Session
from tests.dances import improvised
from tests.documents import an_analysis, dancer, motion

LOG_NAME, PROJECT_NAME, STATE_NAME = "log.txt", "piece.kino", "state"
MOST_DANCERS, MOST_CLIPS, MOST_FRAMES = 4, 8, 900

Move = Callable[[Document, random.Random], Document]


def start_piece() -> Document:
    """Two dancers of two seconds, with music."""
    return Document("Robot", analysis=an_analysis(), tracks=(dancer(30, 30), replace(dancer(25), id="bo", clips=())))


def digest(document: Document) -> str:
    """A short hash of all that a document holds, every frame included."""
    return hashlib.sha256(to_bytes(encode(document).json)).hexdigest()[:16]


# --- moves ----------------------------------------------------------------------------------


def _clip(d: Document, rng: random.Random) -> Clip:
    return rng.choice([clip for track in d.tracks for clip in track.clips])


def _keep_take(d: Document, rng: random.Random) -> Document:
    start, n = rng.randrange(60), rng.randrange(2, 40)
    takes = [Take(new_id(), f"Take {i}", motion(n, rng.randrange(1000))) for i in range(2)]
    return take_edits.keep_take(d, rng.choice(d.tracks).id, start, start + n, takes[0], (takes[1],), _settings(rng))


def _settings(rng: random.Random) -> Settings:
    joy = Curve((0.0, 1.0 + rng.random()), (rng.random(), rng.random()))
    return Settings((("ballet", rng.random()),), joy=joy, seed=rng.randrange(1000), locked_parts=frozenset({"hips"}))


def _split(d: Document, rng: random.Random) -> Document:
    clip = _clip(d, rng)
    return clip_edits.split_clip(d, clip.id, clip.start_frame + rng.randrange(clip.n_frames))


def _trim(d: Document, rng: random.Random) -> Document:
    clip = _clip(d, rng)
    return clip_edits.trim_clip(d, clip.id, clip.start_frame, clip.end_frame - rng.randrange(4), rng.random() < 0.5)


def _place(rng: random.Random) -> Place:
    return Place(rng.uniform(-2, 2), rng.uniform(-2, 2), rng.uniform(-3, 3))


MOVES: dict[str, Move] = {
    "add dancer": lambda d, rng: track_edits.add_track(d, ""),
    "remove dancer": lambda d, rng: track_edits.remove_track(d, rng.choice(d.tracks).id),
    "place dancer": lambda d, rng: track_edits.place_track(d, rng.choice(d.tracks).id, _place(rng)),
    "duplicate dancer": lambda d, rng: track_edits.duplicate_track(d, rng.choice(d.tracks).id, _place(rng)),
    "keep take": _keep_take,
    "split clip": _split,
    "trim clip": _trim,
    "move clip": lambda d, rng: clip_edits.move_clip(d, _clip(d, rng).id, rng.randrange(200)),
    "mirror clip": lambda d, rng: clip_edits.mirror_clip(d, _clip(d, rng).id),
    "stretch clip": lambda d, rng: clip_edits.stretch_clip(d, _clip(d, rng).id, rng.randrange(1, 60)),
    "change blend": lambda d, rng: clip_edits.set_blend(d, _clip(d, rng).id, rng.randrange(12)),
    "remove clip": lambda d, rng: clip_edits.remove_clip(d, _clip(d, rng).id),
    "use take": lambda d, rng: take_edits.use_take(d, _clip(d, rng).id, rng.randrange(2)),
    "change settings": lambda d, rng: setting_edits.set_settings(d, _settings(rng)),
    "rename piece": lambda d, rng: setting_edits.set_title(d, f"Robot {rng.randrange(9)}"),
    "add marker": lambda d, rng: marker_edits.add_marker(d, rng.uniform(0, 8), "here"),
}


def _is_small(d: Document) -> bool:
    return len(d.tracks) <= MOST_DANCERS and sum(len(t.clips) for t in d.tracks) <= MOST_CLIPS


class Robot:
    """Edits a session at random: one edit, undo or redo at each `step`."""

    def __init__(self, session: Session, seed: int) -> None:
        self.session, self.rng = session, random.Random(seed)
        self._number = 0

    def step(self) -> None:
        """One change of the document; what is refused is tried otherwise."""
        before = self.session.document
        while self.session.document is before:
            if self.rng.random() < 0.15:
                (self.session.history.undo if self.rng.random() < 0.6 else self.session.history.redo)()
            else:
                label = self.rng.choice(sorted(MOVES))
                self.session.edit(label, lambda d, move=MOVES[label]: self._moved(d, move))

    def _moved(self, document: Document, move: Move) -> Document:
        if not document.tracks or not any(track.clips for track in document.tracks):
            document = replace(document, tracks=start_piece().tracks)
        changed = move(document, self.rng)
        if not _is_small(changed) or changed.n_frames > MOST_FRAMES:
            changed = replace(document, tracks=start_piece().tracks)
        self._number += 1
        return replace(changed, notes=str(self._number))


# --- a process that edits until it is killed ------------------------------------------------


def edit_until_killed(folder: str, seed: int, is_untitled: bool, pause_s: float) -> None:
    """Open the project in a folder, or begin a new piece, and edit, saving now and then, without end."""
    place, rng = Path(folder), random.Random(seed)
    project = place / PROJECT_NAME
    document = start_piece() if is_untitled else load_project(project)
    session = Session(document)
    where = None if is_untitled else project
    journal = Journal(journal_folder(where, place / STATE_NAME), where, None if is_untitled else document)
    session.changed.connect(lambda old, new, label: journal.record(new, label))
    robot = Robot(session, seed)
    log = os.open(place / LOG_NAME, os.O_WRONLY | os.O_CREAT | os.O_APPEND)

    def write_down(what: str) -> None:
        here = session.document
        os.write(log, f"{what} {here.notes or 0} {time.monotonic():.6f} {digest(here)}\n".encode())
        os.fsync(log)

    write_down("edit")
    while True:
        robot.step()
        write_down("edit")
        if rng.random() < 0.05:
            write_down("saving")
            save_project(project, session.document)
            write_down("saved")
            journal.saved(session.document, project)
        time.sleep(rng.uniform(0.0, 2.0 * pause_s))


@dataclass(frozen=True)
class Outcome:
    """What a kill left.

    Attributes:
        edits: How many were made.
        saves: How many of them were saves.
        opens: Whether the project file opens, and is what was last saved or was being saved; True where none was yet.
        is_restored: Whether the start would offer edits to restore.
        is_exact: Whether what comes back is, frame by frame, the piece as it stood after some edit.
        edits_lost: How many of the last edits do not come back.
        seconds_lost: How long before the kill the first of those was made.
    """

    edits: int
    saves: int
    opens: bool
    is_restored: bool
    is_exact: bool
    edits_lost: int
    seconds_lost: float


def killed(folder: Path, seed: int, after_s: float, is_untitled: bool, pause_s: float = 0.02) -> Outcome:
    """Let a robot edit in a process of its own, kill that, and look at what is left in the folder."""
    (folder / STATE_NAME).mkdir(parents=True)
    if not is_untitled:
        save_project(folder / PROJECT_NAME, start_piece())
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.editing_robot"])
    child = context.Process(target=edit_until_killed, args=(str(folder), seed, is_untitled, pause_s), daemon=True)
    child.start()
    log = folder / LOG_NAME
    while not (log.exists() and log.read_bytes().count(b"edit") > 2) and child.is_alive():
        time.sleep(0.01)
    time.sleep(after_s)
    if not child.is_alive():
        raise RuntimeError(f"the robot with seed {seed} ended by itself")
    child.kill()
    killed_s = time.monotonic()
    child.join()
    child.close()
    return _outcome(folder, killed_s)


def _outcome(folder: Path, killed_s: float) -> Outcome:
    rows = [line.split() for line in (folder / LOG_NAME).read_text("ascii").splitlines()]
    edits = [(int(number), float(time_s), what) for kind, number, time_s, what in rows if kind == "edit"]
    saves = [row for row in rows if row[0] in ("saving", "saved")]
    project = folder / PROJECT_NAME
    opened = _opened(project)
    allowed = {row[3] for row in saves[-1:]} | {row[3] for row in rows if row[0] == "saved"}
    allowed |= set() if any(row[0] == "saved" for row in rows) else {digest(start_piece()), edits[0][2]}
    found = recoverable(folder / STATE_NAME, [project])
    restored = found[0].document() if found else opened
    known = {what for _, _, what in edits}
    at = [i for i, (_, _, what) in enumerate(edits) if restored is not None and what == digest(restored)]
    number = int(restored.notes or 0) if restored is not None else -1
    is_ahead = number > max(n for n, _, _ in edits)  # the kill came between the edit and its line in the log
    last = len(edits) - 1 if is_ahead else max(at, default=-1)
    lost = len(edits) - 1 - last
    return Outcome(
        edits=len(edits) - 1,
        saves=len([row for row in saves if row[0] == "saved"]),
        opens=not project.exists() or (opened is not None and digest(opened) in allowed),
        is_restored=bool(found),
        is_exact=is_ahead or (restored is not None and digest(restored) in known),
        edits_lost=lost,
        seconds_lost=killed_s - edits[last + 1][1] if lost else 0.0,
    )


def _opened(project: Path) -> Document | None:
    try:
        return load_project(project)
    except ProjectFileError:
        return None


def record_until_killed(folder: str, n_frames: int) -> None:
    """Give a journal one large document after the other, each with a motion of its own, without end."""
    journal = Journal(Path(folder))
    for i in range(1_000_000):
        take = Take(new_id(), f"Take {i}", improvised(n_frames, seed=i))
        track = Track(f"dancer {i}", "Ann", (Clip("clip", 0, n_frames, (take,)),))
        journal.record(Document(notes=str(i), tracks=(track,)), "edit")
        time.sleep(0.005)


def killed_while_writing(folder: Path, n_frames: int) -> None:
    """Kill a process in the moment in which a file of its journal is half written; one state is there by then."""
    context = multiprocessing.get_context("forkserver")
    child = context.Process(target=record_until_killed, args=(str(folder), n_frames), daemon=True)
    child.start()
    while not (any(folder.glob("state-*.json")) and any(folder.rglob(".*.tmp"))) and child.is_alive():
        pass
    child.kill()
    child.join()
    child.close()
