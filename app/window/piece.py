"""Opening, saving and filling a piece: where the document meets files."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from app.gui_thread import Background
from app.resources import resource_path
from editor.document.document import Document, Song, Take
from editor.document.edits import EditRefused, new_id
from editor.document.project_file import ProjectFileError, load_project, save_project
from editor.document.setting_edits import set_song
from editor.document.song_file import song_path, song_trouble
from editor.document.take_edits import keep_take
from editor.document.track_edits import add_track
from editor.jobs.engine_tasks import ANALYSE
from editor.jobs.worker import JobFailed, Worker
from editor.observable import Signal
from editor.session import Session
from engine.audio.audio import Audio
from engine.audio.read import read_audio
from engine.errors import EngineError
from engine.formats.whole_file import replacing
from engine.motion.house import FRAME_RATE_HZ
from engine.motion.motion import Motion
from engine.motion.resample import resampled
from engine.motion.retarget import guess_rig, to_house
from engine.motion.rig import read_rigs
from engine.music.analysis import MusicAnalysis

ENDING = ".kino"
DEMO = "demo/demo.kino"
MOTION_ENDINGS = (".bvh",)
SOUND_ENDINGS = (".wav", ".flac", ".ogg", ".mp3", ".m4a", ".aac", ".aiff", ".aif", ".mp4", ".mov", ".mkv")
FIRST_DANCER = "Ana"


@dataclass(frozen=True)
class _Heard:
    """A song as read from its file."""

    song: Song
    audio: Audio


class Piece:
    """The piece that is open, and its file.

    Signals:
        renamed(): `path` or `is_saved`.
        audio_changed(audio: Audio | None): The song's sound was read, or there is none.
        working(text: str, fraction: float | None): Something is read or analysed; "" when it is over.
        opened(): Another piece is open.
        saved(): The piece was written to its file.

    Attributes:
        path: The piece's file; None before it is saved for the first time.
        embeds_songs: Whether a song that is chosen from now on is kept inside the piece's file.
    """

    def __init__(self, session: Session, worker: Worker, background: Background, cache: Path) -> None:
        self.renamed, self.audio_changed, self.working = Signal(), Signal(), Signal()
        self.opened, self.saved = Signal(), Signal()
        self.path: Path | None = None
        self.embeds_songs = True
        self.audio: Audio | None = None
        self._session, self._worker, self._background, self._cache = session, worker, background, cache
        self._saved = session.document
        self._heard: dict[str, Audio] = {}
        session.changed.connect(self._on_changed)

    @property
    def is_saved(self) -> bool:
        """Whether the file holds the piece as it stands (an empty, untouched piece needs none)."""
        return self._session.document is self._saved

    @property
    def saved_document(self) -> Document:
        """The piece as its file has it."""
        return self._saved

    @property
    def title(self) -> str:
        """The file's name, or the piece's own."""
        return self.path.stem if self.path else self._session.document.title

    def new(self) -> None:
        """Begin an empty piece with one dancer."""
        self._show(add_track(Document(), FIRST_DANCER), None)

    def open(self, path: Path) -> bool:
        """Open a piece, a song (as a new piece) or a motion file, by its ending; False where that failed."""
        ending = path.suffix.lower()
        if ending in MOTION_ENDINGS:
            return self.import_motion(path)
        if ending in SOUND_ENDINGS:
            return self.choose_song(path)
        try:
            document = load_project(path)
        except ProjectFileError as error:
            self._session.said.emit(str(error), "error")
            return False
        self._show(document, path)
        return True

    def open_demo(self) -> bool:
        """Open the piece that comes with the program, as an unsaved copy."""
        try:
            document = load_project(resource_path(DEMO))
        except ProjectFileError as error:
            self._session.said.emit(str(error), "error")
            return False
        if document.song is not None:
            link = str(resource_path(DEMO).with_name(document.song.name))
            document = replace(document, song=replace(document.song, link=link))
        self._show(document, None)
        return True

    def restore(self, document: Document, path: Path | None) -> None:
        """Open what was recovered; it counts as unsaved."""
        self._show(document, path, is_saved=False)

    def save(self, path: Path, done: Callable[[], None] = lambda: None) -> None:
        """Write the piece to `path` in the background, then call `done`."""
        document = self._session.document
        target = path if path.suffix.lower() == ENDING else path.with_name(path.name + ENDING)

        def saved(_: object) -> None:
            self.path, self._saved = target, document
            self.renamed.emit()
            self.saved.emit()
            done()

        def failed(error: Exception) -> None:
            why = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
            sentence = f"{target.name} could not be saved: {why}; choose another folder."
            self._session.said.emit(str(error) if isinstance(error, ProjectFileError) else sentence, "error")

        self._background.run_later(lambda: save_project(target, document), saved, failed)

    def choose_song(self, path: Path, done: Callable[[], None] = lambda: None) -> bool:
        """Read and analyse a song in the background; then it is the piece's, as one undoable step."""
        self.working.emit(f"Reading {path.name}", None)
        embeds = self.embeds_songs

        def read() -> _Heard:
            data = path.read_bytes()
            audio = read_audio(path)
            digest = hashlib.sha256(data).hexdigest()
            song = Song(path.name, digest, audio.duration_s, str(path.absolute()), data if embeds else None)
            return _Heard(song, audio)

        def analyse(heard: _Heard) -> None:
            self._heard[heard.song.sha256] = heard.audio
            self._worker.submit(
                ANALYSE,
                str(path),
                done=lambda analysis: self._take_song(heard, MusicAnalysis.from_dict(analysis), done),
                failed=self._fail,
                progressed=lambda fraction: self.working.emit(f"Listening to {path.name}", fraction),
            )

        self._background.run_later(read, analyse, self._fail)
        return True

    def import_motion(self, path: Path) -> bool:
        """Put a motion file on the active dancer's track, at the playhead, as a clip of its own."""

        def read() -> Motion:
            from engine.formats import bvh

            motion = bvh.read(path)
            motion = to_house(motion, guess_rig(motion.skeleton, read_rigs(resource_path("rigs"))))
            return motion if motion.frame_rate_hz == FRAME_RATE_HZ else resampled(motion, FRAME_RATE_HZ)

        def place(motion: Motion) -> None:
            session = self._session
            take = Take(new_id(), path.stem, motion, kind="imported")
            start = session.playhead_frame

            def make(document: Document) -> Document:
                if not document.tracks:
                    document = add_track(document, FIRST_DANCER)
                track = session.active_track or document.tracks[0]
                return keep_take(document, track.id, start, start + motion.n_frames, take)

            session.edit(f"import {path.name}", make)
            self.working.emit("", None)

        self.working.emit(f"Reading {path.name}", None)
        self._background.run_later(read, place, self._fail)
        return True

    def embed_song(self, is_embedded: bool) -> None:
        """Keep the song's file inside the piece's, or only where it lies."""
        document = self._session.document
        song = document.song
        if song is None or (song.data is not None) == is_embedded:
            return
        try:
            data = song_file(song, self.path, self._cache).read_bytes() if is_embedded else None
        except OSError:
            self._session.said.emit(song_trouble(document, self.path), "warning")
            return
        if not is_embedded and song_path(replace(song, data=None), self.path) is None:
            self._session.said.emit(f"{song.name} lies nowhere else: it stays inside the piece.", "note")
            return
        label = "embed the song" if is_embedded else "link the song"
        self._session.edit(label, lambda d: replace(d, song=replace(song, data=data)))

    def song_path(self) -> Path | None:
        """A file that holds the song's bytes, for those who need one; None without a song."""
        song = self._session.document.song
        return None if song is None else song_file(song, self.path, self._cache)

    def _take_song(self, heard: _Heard, analysis: MusicAnalysis, done: Callable[[], None]) -> None:
        self.working.emit("", None)

        def make(document: Document) -> Document:
            if not document.tracks:
                document = add_track(document, FIRST_DANCER)
            if document.title == Document().title:
                document = replace(document, title=Path(heard.song.name).stem)
            return set_song(document, heard.song, analysis)

        if self._session.edit(f"dance to {heard.song.name}", make):
            done()

    def _show(self, document: Document, path: Path | None, is_saved: bool = True) -> None:
        self._session.select_nothing()
        self._session.set_loop(None, False)
        self.path, self._saved = path, document if is_saved else Document()
        self._session.history.replace(document)
        self.opened.emit()
        self.renamed.emit()

    def _on_changed(self, old: Document, new: Document, _label: str) -> None:
        before, after = (d.song.sha256 if d.song else "" for d in (old, new))
        if before != after or (after and self.audio is None):
            self._find_audio(new.song)
        self.renamed.emit()

    def _find_audio(self, song: Song | None) -> None:
        if song is None or song.sha256 in self._heard:
            self.audio = None if song is None else self._heard[song.sha256]
            self.audio_changed.emit(self.audio)
            return
        path = self.path

        def came(audio: Audio) -> None:
            self._heard[song.sha256] = audio
            now = self._session.document.song
            if now is not None and now.sha256 == song.sha256:
                self.audio = audio
                self.audio_changed.emit(audio)

        self._background.run_later(lambda: read_audio(song_file(song, path, self._cache)), came, self._fail)

    def _fail(self, error: Exception | JobFailed) -> None:
        self.working.emit("", None)
        details: Any = getattr(error, "details", "")
        known = isinstance(error, (EngineError, EditRefused, JobFailed)) and not details
        problem = str(error) if isinstance(error, (EngineError, EditRefused, JobFailed)) else f"That failed: {error}."
        self._session.said.emit(problem, "warning" if known else "error")


def song_file(song: Song, project: Path | None, cache: Path) -> Path:
    """A file with the song's bytes: where it was linked, beside the project, or a copy of what is embedded.

    The link itself where the song is nowhere: whoever reads it says so.
    """
    if song.data is None:
        return song_path(song, project) or Path(song.link or song.name)
    copy = cache / f"{song.sha256}{Path(song.name).suffix.lower()}"
    if not copy.is_file():
        cache.mkdir(parents=True, exist_ok=True)
        with replacing(copy) as file:
            file.write(song.data)
    return copy
