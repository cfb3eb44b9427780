"""File dialogs, saving, leaving, export: what the File menu does.

Dialogs are imported when they are opened: together they cost a tenth of the start.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QFileDialog, QMenu, QWidget

from app.recent import RecentFiles
from app.window.commands import COMMANDS
from app.window.desk import Desk
from app.window.importing import Importing
from app.window.piece import ENDING, SOUND_ENDINGS
from app.window.safety import Safety
from editor.jobs.worker import JobFailed
from editor.playback.device import devices
from engine.errors import EngineError

if TYPE_CHECKING:
    from app.deliver import DeliverOrder
    from app.exports import Exported, Order, Performance
    from app.window.main_window import EditorWindow

_PICTURE_SIZE = (1920, 1080)
# What `engine.formats.importers` reads, said here too: it is loaded when something is imported.
MOTION_ENDINGS = (".bvh", ".fbx", ".glb", ".gltf", ".npz", ".pkl", ".amc", ".csv")
_STAYS = "{song} is heard now, and the dance stays as it was: select nothing and regenerate to dance all of it anew."
_NO_BEAT = "No beat was heard in {song}: the dance follows its loudness. Beats can be tapped along with it."
_NOT_IN_NAMES = r'[/\\:*?"<>|]'  # on one system or another


class Files:
    """The commands of the File menu."""

    def __init__(self, window: EditorWindow, desk: Desk, recent: RecentFiles, safety: Safety) -> None:
        self._window, self._desk, self._recent, self._safety = window, desk, recent, safety
        self._last_order: Order | DeliverOrder | None = None
        self._last_exported: Exported | None = None
        self._importing = Importing(window, desk)
        self.commands: dict[str, Callable[[], object]] = {
            "new": lambda: self.may_leave() and desk.piece.new(),
            "open": self.open,
            "open_demo": lambda: self.may_leave() and desk.piece.open_demo(),
            "open_song": self.choose_song,
            "import_motion": self.import_motion,
            "listen_again": self.listen_again,
            "save": self.save,
            "save_as": self.save_as,
            "export": self.export,
            "export_again": self.export_again,
            "deliver": self.deliver,
            "receipt": self.show_receipt,
            "screenshot": self.save_picture,
            "preferences": self.preferences,
            "about": self.about,
            "quit": window.close,
        }

    @property
    def has_receipt(self) -> bool:
        """Whether something was exported that a receipt can be shown of."""
        return self._last_exported is not None

    def may_leave(self) -> bool:
        """Ask about unsaved work, where there is any; False when the user would rather stay, or it was not saved."""
        from app.dialogs.unsaved import ask_unsaved

        piece = self._desk.piece
        if piece.is_opening:
            return False
        piece.finish_saving()
        if piece.is_saved:
            return True
        answer = ask_unsaved(self._window, piece.title)
        if answer == "save" and self.save():
            piece.finish_saving()
            return piece.is_saved
        return answer == "discard"

    def open(self) -> None:
        """Choose a piece, a song or a motion file."""
        patterns = " ".join(f"*{e}" for e in (ENDING, *SOUND_ENDINGS, *MOTION_ENDINGS))
        path = self._ask_open("Open", f"Everything that can be opened ({patterns});;Pieces (*{ENDING})")
        if path is not None:
            self.open_path(path)

    def open_path(self, path: Path) -> bool:
        """Open a file by its ending; a piece takes the place of the one that is open."""
        ending = path.suffix.lower()
        if ending not in (ENDING, *SOUND_ENDINGS, *MOTION_ENDINGS):
            self._desk.session.said.emit(
                f"{path.name} is nothing that can be opened: choose a piece, a song or a motion file.", "warning"
            )
            return False
        if ending == ENDING and not self.may_leave():
            return False
        if ending in SOUND_ENDINGS:
            return self.take_song(path)
        if ending in MOTION_ENDINGS:
            return self._importing.ask(path)
        if self._desk.piece.open(path):
            self._recent.add(path)
            return True
        return self._offer_what_can_be_read(path)

    def take_dropped(self, paths: list[Path]) -> None:
        """Files were dropped on the window."""
        for path in paths[:1]:
            self.open_path(path)
        if len(paths) > 1:
            self._desk.session.said.emit(f"One file at a time: only {paths[0].name} was taken.", "warning")

    def choose_song(self) -> None:
        """Choose another song for the piece."""
        path = self._ask_open("Choose a song", f"Songs ({' '.join(f'*{e}' for e in SOUND_ENDINGS)})")
        if path is not None:
            self.take_song(path)

    def take_song(self, path: Path) -> bool:
        """Dance to a song: a piece without a dance gets one at once; where there is one, it is said that it stays."""
        desk = self._desk

        def dance() -> None:
            document = desk.session.document
            if any(track.clips for track in document.dancers):
                desk.session.said.emit(_STAYS.format(song=path.name), "warning")
                return
            if document.music is not None and not document.music.n_beats:
                desk.session.said.emit(_NO_BEAT.format(song=path.name), "note")
            desk.session.select_nothing()
            desk.audition.regenerate()

        desk.piece.embeds_songs = self._window.preferences.values.embeds_songs
        desk.piece.beat_weights = self._window.preferences.values.beat_weights
        return desk.piece.choose_song(path, lambda: desk.engine.when_ready(dance))

    def listen_again(self) -> None:
        """Hear the piece's song anew, by the tracker that the preferences name."""
        desk = self._desk
        desk.piece.beat_weights = self._window.preferences.values.beat_weights
        desk.piece.listen_again(desk.session.view.dance_follows)

    def import_motion(self) -> None:
        """Choose a motion file, and what becomes of it."""
        path = self._ask_open("Import motion", f"Motion ({' '.join(f'*{e}' for e in MOTION_ENDINGS)})")
        if path is not None:
            self._importing.ask(path)

    def save(self) -> bool:
        """Save to the piece's file; ask for one where it has none. False when the user thought better of it."""
        path = self._desk.piece.path
        if path is None:
            return self.save_as()
        self._save_to(path)
        return True

    def save_as(self) -> bool:
        """Ask where to save, and save there."""
        piece = self._desk.piece
        path = self._ask_save("Save the piece", piece.path or self._proposed(ENDING), f"Pieces (*{ENDING})")
        if path is None:
            return False
        self._save_to(path)
        return True

    def export(self) -> None:
        """Ask what to hand on, how and where to."""
        from app.dialogs.export import ExportDialog

        if (now := self._performance()) is not None:
            ExportDialog(self._window, self._window.theme, self._window.preferences, now, self.carry_out).exec()

    def deliver(self) -> None:
        """Ask what a shot is called and what goes along, and where to."""
        from app.dialogs.deliver import DeliverDialog

        if (now := self._performance()) is not None:
            DeliverDialog(self._window, self._window.theme, self._window.preferences, now, self.carry_out).exec()

    def carry_out(self, order: Order | DeliverOrder) -> None:
        """Write an export in a process beside the engine's; the status bar shows how far it is."""
        from app.deliver import DELIVER, DeliverOrder
        from app.exports import CARRY_OUT

        desk, status = self._desk, self._window.status
        self._last_order = order

        def done(made: Exported) -> None:
            status.end_job()
            self._tell(made)

        def failed(error: JobFailed) -> None:
            status.end_job()
            self._window.messages.say(str(error), "error", error.details, is_of_piece=True)

        job = desk.exports.submit(
            DELIVER if isinstance(order, DeliverOrder) else CARRY_OUT, order, done=done, failed=failed,
            progressed=lambda fraction: status.show_job(order.label, fraction, None, cancel),
        )  # fmt: skip

        def cancel() -> None:
            job.cancel()
            status.end_job()
            desk.session.said.emit("Cancelled; nothing was written.", "note")

        status.show_job(order.label, 0.0, None, cancel)

    def export_again(self) -> None:
        """The last export once more, of the piece as it is now, to the same place."""
        last = self._last_order
        if last is None:
            self.export()
        elif (now := self._performance()) is not None:
            self.carry_out(replace(last, performance=replace(now, span_s=last.performance.span_s)))

    def show_receipt(self) -> None:
        """What is proven of the last export."""
        from app.dialogs.receipt import ReceiptDialog

        if self._last_exported is None:
            self._desk.session.said.emit("Nothing was exported yet that a receipt could be made for.", "note")
        else:
            ReceiptDialog(self._window, self._window.theme, self._last_exported).exec()

    def _performance(self) -> Performance | None:
        """The piece as it would be handed on now; None, and a word why, where there is no dance."""
        from app.exports import performance_of

        session = self._desk.session
        if not any(track.clips for track in session.document.dancers):
            session.said.emit("There is no dance to export yet: choose a song first.", "note")
            return None
        chosen, rate_hz = session.selection, session.document.frame_rate_hz
        span_s = (chosen.start_frame / rate_hz, chosen.end_frame / rate_hz) if chosen and chosen.n_frames else None
        return performance_of(session.document, session.playhead_s, span_s, self._window.viewport.camera())

    def _tell(self, made: Exported) -> None:
        """Say what was made, and what is proven of it."""
        n_files = len(made.paths)
        where = str(made.paths[0]) if n_files == 1 else f"{n_files} files in {made.paths[0].parent}"
        proof = ""
        if made.receipts:
            self._last_exported = made
            worst = max(made.receipts, key=lambda receipt: receipt.difference.position_mm)
            proof = f" \u2713 Proven: {worst.summary} File > Last receipt shows all."
        self._window.messages.say(f"Exported: {where}.{proof}", folder=str(made.paths[0].parent), is_of_piece=True)

    def save_picture(self) -> None:
        """The moment as a PNG."""
        path = self._ask_save("Save a picture", self._proposed(".png"), "Pictures (*.png)")
        if path is None:
            return
        from engine.formats.video import write_png  # PyAV comes with it, which a start need not wait for.

        said = self._desk.session.said
        try:
            write_png(path, self._window.viewport.grab_picture(*_PICTURE_SIZE))
        except OSError as error:
            said.emit(f"{path.name} could not be saved ({error.strerror}); choose another folder.", "error")
        else:
            self._window.messages.say(f"The picture is in {path}.", folder=str(path.parent), is_of_piece=True)

    def about(self) -> None:
        """Version, licences, the model's card."""
        from app.dialogs.about import AboutDialog

        AboutDialog(self._window, self._window.theme, self._desk.engine.model).exec()

    def preferences(self) -> None:
        """Theme, size, keys, sound, engine; everything applies at once."""
        from app.dialogs.preferences import PreferencesDialog
        from app.dialogs.tap_test import measure_latency

        window = self._window

        def measure(parent: QWidget) -> float | None:
            self._desk.transport.pause()
            return measure_latency(parent, window.preferences.values.audio_device or None)

        PreferencesDialog(window, window.preferences, COMMANDS, devices(), measure).exec()

    def fill_recent(self, menu: QMenu) -> None:
        """List the pieces that were open last."""
        menu.clear()
        for entry in self._recent.entries():
            action = menu.addAction(f"{entry.name}    {entry.folder}")
            action.setEnabled(entry.is_there)
            action.triggered.connect(lambda _=False, path=entry.path: self.open_path(path))
        if menu.isEmpty():
            menu.addAction("Nothing yet").setEnabled(False)

    def _offer_what_can_be_read(self, path: Path) -> bool:
        """A damaged piece: open what could be saved of it as an unsaved piece, if that is wanted."""
        from app.dialogs.salvage import ask_salvage
        from editor.document.salvage import salvage

        try:
            found = self._desk.piece.read_meanwhile(f"Looking into {path.name}", lambda _: salvage(path))
        except (EngineError, OSError) as error:
            self._window.messages.close_message()  # which said that something might be restored
            self._desk.session.said.emit(str(error), "error")
            return False
        if not found.document.tracks or not ask_salvage(self._window, path.name, found.lost):
            return False
        self._desk.piece.restore(found.document, None)
        return True

    def _save_to(self, path: Path) -> None:
        self._desk.piece.save(path, lambda: self._recent.add(self._desk.piece.path or path))

    def ask_open(self, title: str, patterns: str) -> Path | None:
        """Ask for a file to read; None when the user thought better of it."""
        return self._ask_open(title, patterns)

    def ask_save(self, title: str, ending: str, patterns: str) -> Path | None:
        """Ask where to write a file named after the piece; a name may have another ending of the patterns."""
        path, _ = QFileDialog.getSaveFileName(self._window, title, str(self._proposed(ending)), patterns)
        return Path(path if Path(path).suffix else path + ending) if path else None

    def _ask_open(self, title: str, patterns: str) -> Path | None:
        name, _ = QFileDialog.getOpenFileName(self._window, title, str(self._folder()), patterns)
        if name:
            self._window.preferences.change(default_folder=str(Path(name).parent))
        return Path(name) if name else None

    def _ask_save(self, title: str, start: Path, patterns: str) -> Path | None:
        """Ask where to save; a name without an ending gets that of `start` before it is looked for on the disk."""
        dialog = QFileDialog(self._window, title, str(start.parent), patterns)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix(start.suffix.lstrip("."))
        dialog.selectFile(start.name)
        if not dialog.exec():
            return None
        path = Path(dialog.selectedFiles()[0])
        return path if path.suffix.lower() == start.suffix else path.with_name(path.name + start.suffix)

    def _proposed(self, ending: str) -> Path:
        """A file for the piece in the usual folder, named after it."""
        return self._folder() / f"{re.sub(_NOT_IN_NAMES, '-', self._desk.piece.title)}{ending}"

    def _folder(self) -> Path:
        chosen = self._window.preferences.values.default_folder
        return Path(chosen) if chosen and Path(chosen).is_dir() else Path.home()

