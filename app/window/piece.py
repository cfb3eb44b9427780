"""Opening, saving and filling a piece: where the document meets files."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from app.gui_thread import Background
from app.resources import resource_path
from editor.document.assemble import dance
from editor.document.document import Document, Song
from editor.document.edits import EditRefused
from editor.document.heard_edits import hear_again
from editor.document.project_file import ProjectFileError, load_project, save_project
from editor.document.setting_edits import set_song
from editor.document.song_file import song_path, song_trouble
from editor.document.track_edits import add_track
from editor.jobs.engine_tasks import ANALYSE
from editor.jobs.worker import Job, JobFailed, Worker
from editor.observable import Signal
from editor.session import Session
from engine.audio.audio import Audio
from engine.audio.read import read_audio
from engine.errors import EngineError
from engine.formats.whole_file import replacing
from engine.music.analysis import MusicAnalysis, tracker_name

ENDING = ".kino"
DEMO = "demo/demo.kino"
SOUND_ENDINGS = (".wav", ".flac", ".ogg", ".mp3", ".m4a", ".aac", ".aiff", ".aif", ".mp4", ".mov", ".mkv")
FIRST_DANCER = "Ana"
_SMALL_BYTES = 16 << 20  # is read sooner than anybody notices
_SHOWN_AFTER_S = 0.2  # a save that takes longer shows how far it is
_KEPT_SONGS = 2  # decoded; ten minutes weigh 200 MB

Progress = Callable[[float], None]


class SongMissing(EngineError):
    """The music of a piece is not where it was."""


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
        working(text: str, fraction: float | None): Something is read, analysed or saved; "" when it is over.
        leaving(): Another piece is about to take the place of this one.
        opened(): Another piece is open.
        saved(): The piece was written to its file.

    Attributes:
        path: The piece's file; None before it is saved for the first time.
        embeds_songs: Whether a song that is chosen from now on is kept inside the piece's file.
        beat_weights: Checkpoint of Beat This! by which songs are heard from now on; empty for our own tracker.
        audio: The song's sound; None while it is read, and where there is none.
        is_opening: Whether a file is being read that will take the place of this piece.
    """

    def __init__(self, session: Session, worker: Worker, background: Background, cache: Path) -> None:
        self.renamed, self.audio_changed, self.working = Signal(), Signal(), Signal()
        self.leaving, self.opened, self.saved = Signal(), Signal(), Signal()
        self.path: Path | None = None
        self.embeds_songs = True
        self.beat_weights = ""
        self.audio: Audio | None = None
        self.is_opening = False
        self._session, self._worker, self._background, self._cache = session, worker, background, cache
        self._saved = session.document
        self._n_saving = 0
        self._heard: dict[str, Audio] = {}
        self._sought = ""  # hash of the song whose sound is there, or on its way
        self._number, self._song_number = 0, 0  # of the piece, and of the song that was chosen last
        self._song_job: Job | None = None
        session.changed.connect(self._on_changed)

    @property
    def is_saved(self) -> bool:
        """Whether the file holds the piece as it stands (an empty, untouched piece needs none)."""
        return self._session.document is self._saved

    @property
    def is_saving(self) -> bool:
        """Whether the piece is being written."""
        return self._n_saving > 0

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
        """Open a piece or a song (as a new piece), by its ending; False where that failed."""
        if path.suffix.lower() in SOUND_ENDINGS:
            return self.choose_song(path)
        if self.is_opening:
            return False
        self.finish_saving()
        try:
            document = self._loaded(path)
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

    def finish_saving(self) -> None:
        """Wait for what is being saved, while the window lives on; whether that succeeded, `is_saved` tells."""
        self._background.live_until(lambda: not self._n_saving)

    def read_meanwhile(self, text: str, read: Callable[[Progress], Any]) -> Any:
        """Read something long while the window lives on and says how far it is; what `read` returned or raised."""
        self.is_opening = True

        def tell(fraction: float) -> None:
            if self.is_opening:
                self.working.emit(text, fraction)

        self.working.emit(text, None)
        try:
            post = self._background.post
            return self._background.result_of(lambda: read(lambda fraction: post(lambda: tell(fraction))))
        finally:
            self.is_opening = False
            self.working.emit("", None)

    def save(self, path: Path, done: Callable[[], None] = lambda: None) -> None:
        """Write the piece to `path` in the background, then call `done`."""
        document, began_s = self._session.document, time.monotonic()
        target = path if path.suffix.lower() == ENDING else path.with_name(path.name + ENDING)
        self._n_saving += 1

        def tell(fraction: float) -> None:
            if time.monotonic() - began_s > _SHOWN_AFTER_S and fraction < 1.0:
                self._background.post(lambda: self.working.emit(f"Saving {target.name}", fraction))

        def saved(_: object) -> None:
            self._n_saving -= 1
            self.working.emit("", None)
            self.path, self._saved = target, document
            self.renamed.emit()
            self.saved.emit()
            done()

        def failed(error: Exception) -> None:
            self._n_saving -= 1
            self.working.emit("", None)
            why = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
            sentence = f"{target.name} could not be saved: {why}; choose another folder."
            self._session.said.emit(str(error) if isinstance(error, ProjectFileError) else sentence, "error")

        self._background.run_later(lambda: save_project(target, document, tell), saved, failed)

    def choose_song(self, path: Path, done: Callable[[], None] = lambda: None) -> bool:
        """Read and analyse a song in the background; then it is the piece's, as one undoable step.

        Of two that are chosen one after the other the last one counts; with another piece the wish is forgotten.
        Where the demo piece is open, and nothing was done to it, the song begins a piece of its own.
        """
        self._forget_song_wish()
        number = self._song_number
        self.working.emit(f"Reading {path.name}", None)
        embeds = self.embeds_songs

        def read() -> _Heard:
            data = path.read_bytes()
            audio = read_audio(path)
            digest = hashlib.sha256(data).hexdigest()
            song = Song(path.name, digest, audio.duration_s, str(path.absolute()), data if embeds else None)
            return _Heard(song, audio)

        def analyse(heard: _Heard) -> None:
            if number != self._song_number:
                return
            self._remember(heard.song.sha256, heard.audio)
            self._song_job = self._worker.submit(
                ANALYSE,
                str(path),
                self.beat_weights,
                done=lambda analysis: self._take_song(heard, MusicAnalysis(**analysis), done),
                failed=self._fail,
                progressed=lambda fraction: self.working.emit(f"Listening to {path.name}", fraction),
            )

        def failed(error: Exception) -> None:
            if number == self._song_number:
                self._fail(error, path.name)

        self._background.run_later(read, analyse, failed)
        return True

    def listen_again(self, follows: bool = True) -> None:
        """Hear the piece's song anew, by the tracker that is chosen now, in the background; one undoable step.

        Args:
            follows: Whether the dance goes to the new beats.
        """
        song = self._session.document.song
        if song is None:
            self._session.said.emit("There is no song to listen to yet: choose one first.", "note")
            return
        try:
            path = song_file(song, self.path, self._cache)
        except (OSError, SongMissing) as error:
            trouble = song_trouble(self._session.document, self.path)
            self._session.said.emit(trouble or f"{song.name}: {error}.", "warning")
            return
        self._forget_song_wish()

        def take(values: dict[str, Any]) -> None:
            self.working.emit("", None)
            heard = MusicAnalysis(**values)
            if self._session.edit("listen again", lambda d: hear_again(d, heard, follows)):
                beats = f"{heard.tempo_bpm:.1f} BPM, {heard.meter}" if heard.n_beats else "no beats"
                self._session.said.emit(f"Heard by {tracker_name(heard.tracker)}: {beats}.", "note")

        self._song_job = self._worker.submit(
            ANALYSE,
            str(path),
            self.beat_weights,
            done=take,
            failed=self._fail,
            progressed=lambda fraction: self.working.emit(f"Listening to {song.name}", fraction),
        )

    def embed_song(self, is_embedded: bool) -> None:
        """Keep the song's file inside the piece's, or only where it lies."""
        document = self._session.document
        song = document.song
        if song is None or (song.data is not None) == is_embedded:
            return
        try:
            data = song_file(song, self.path, self._cache).read_bytes() if is_embedded else None
        except (OSError, SongMissing) as error:
            self._session.said.emit(song_trouble(document, self.path) or f"{song.name}: {error}.", "warning")
            return
        if not is_embedded and song_path(replace(song, data=None), self.path) is None:
            self._session.said.emit(f"{song.name} lies nowhere else: it stays inside the piece.", "note")
            return
        label = "embed the song" if is_embedded else "link the song"
        self._session.edit(label, lambda d: replace(d, song=replace(song, data=data)))

    def _take_song(self, heard: _Heard, analysis: MusicAnalysis, done: Callable[[], None]) -> None:
        self.working.emit("", None)
        if self.path is None and self.is_saved and self._session.document.tracks:
            self.new()  # the demo piece as it came: her song is not danced by its dance

        def make(document: Document) -> Document:
            if not document.tracks:
                document = add_track(document, FIRST_DANCER)
            if document.title == Document().title:
                document = replace(document, title=Path(heard.song.name).stem)
            return set_song(document, heard.song, analysis)

        is_new = self._session.edit(f"dance to {heard.song.name}", make)
        if self.audio is None:
            self._find_audio(heard.song)
        if is_new:
            done()

    def _forget_song_wish(self) -> None:
        self._song_number += 1
        if self._song_job is not None:
            self._song_job.cancel()
            self._song_job = None
            self.working.emit("", None)

    def _loaded(self, path: Path) -> Document:
        """A piece as its file has it; a large one is read while the window lives on."""
        try:
            is_small = path.stat().st_size < _SMALL_BYTES
        except OSError:
            is_small = True  # what is wrong with it, `load_project` says
        if is_small:
            return load_project(path)
        return self.read_meanwhile(f"Opening {path.name}", lambda progress: assembled(load_project(path, progress)))

    def _show(self, document: Document, path: Path | None, is_saved: bool = True) -> None:
        self.finish_saving()
        self._forget_song_wish()
        self._number += 1
        self.leaving.emit()
        self._session.select_nothing()
        self._session.set_loop(None, False)
        self.path, self._saved = path, document if is_saved else Document()
        if self.audio is None:
            self._sought = ""  # perhaps it is to be found beside this piece
        self._session.history.replace(document)
        self.opened.emit()
        self.renamed.emit()

    def _on_changed(self, _old: Document, new: Document, _label: str) -> None:
        if (new.song.sha256 if new.song else "") != self._sought:
            self._find_audio(new.song)
        self.renamed.emit()

    def _find_audio(self, song: Song | None) -> None:
        self._sought = sought = song.sha256 if song is not None else ""
        audio, path = self._heard.get(sought), self.path
        if song is None or audio is not None or self.audio is not None:
            self.audio = audio  # another piece's song must not be heard while this one's is read
            self.audio_changed.emit(audio)
        if song is None or audio is not None:
            return

        def came(audio: Audio) -> None:
            self._remember(sought, audio)
            if sought == self._sought and self.audio is None:
                self.audio = audio
                self.audio_changed.emit(audio)

        def failed(error: Exception) -> None:
            if sought == self._sought:
                self._fail(error, song.name)

        self._background.run_later(lambda: read_audio(song_file(song, path, self._cache)), came, failed)

    def _remember(self, sha256: str, audio: Audio) -> None:
        self._heard[sha256] = self._heard.pop(sha256, audio)
        while len(self._heard) > _KEPT_SONGS:
            del self._heard[next(iter(self._heard))]

    def _fail(self, error: Exception, name: str = "") -> None:
        self.working.emit("", None)
        if isinstance(error, OSError):
            why = error.strerror or str(error)
            self._session.said.emit(f"{name} could not be read ({why}); look whether it is still there.", "warning")
            return
        details: Any = getattr(error, "details", "")
        is_known = isinstance(error, (EngineError, EditRefused, JobFailed))
        problem = str(error) if is_known else f"{name} could not be taken: {error or type(error).__name__}."
        self._session.said.emit(problem, "warning" if is_known and not details else "error")


def assembled(document: Document) -> Document:
    """The document, its dances put together: they are kept for the stage, which then does not wait for them."""
    for track in document.tracks:
        dance(document, track.id)
    return document


def song_file(song: Song, project: Path | None, cache: Path) -> Path:
    """A file with the song's bytes: where it was linked, beside the project, or a copy of what is embedded.

    Raises:
        SongMissing: The song is nowhere.
    """
    if song.data is None:
        found = song_path(song, project)
        if found is None:
            raise SongMissing(song_trouble(Document(song=song), project))
        return found
    copy = cache / f"{song.sha256}{Path(song.name).suffix.lower()}"
    if not copy.is_file():
        cache.mkdir(parents=True, exist_ok=True)
        with replacing(copy) as file:
            file.write(song.data)
    return copy
