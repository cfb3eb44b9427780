"""What becomes of an imported motion: a dancer, a reference, a take, or style material in the user's library."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from app.settings import library_folder
from app.window.desk import Desk
from app.window.editing import free_place
from editor.document.document import Document, Place
from editor.document.import_edits import (
    add_imported_dancer,
    from_the_middle,
    imported_take,
    keep_imported_take,
)
from editor.document.take_edits import keep_take
from editor.jobs.worker import JobFailed

if TYPE_CHECKING:
    from app.dialogs.import_motion import ImportChoice
    from app.window.main_window import EditorWindow


class Importing:
    """Asks how a file is to be imported, and does it. What reads files is loaded when one is."""

    def __init__(self, window: EditorWindow, desk: Desk) -> None:
        self._window, self._desk = window, desk

    def ask(self, path: Path) -> bool:
        """Show the dialog for a file; True where something is made of it."""
        from app.dialogs.import_motion import ImportDialog
        from app.rigs import joint_map_troubles, joint_maps, own_maps_folder

        for trouble in joint_map_troubles():
            self._desk.session.said.emit(f"A map of joints of yours is left out: {trouble}", "warning")
        dialog = ImportDialog(
            self._window, self._window.theme, path, self._desk.exports, (joint_maps(), own_maps_folder()),
            self._selected(), self.take, self._window.preferences.values.reduce_motion,
        )  # fmt: skip
        return bool(dialog.exec())

    def take(self, choice: ImportChoice) -> None:
        """Do what was chosen, as one step; style material is kept in the background and changes no piece."""
        from app.dialogs.import_motion import STYLE, TAKE

        if choice.use == STYLE:
            self._keep_style(choice)
        elif choice.use == TAKE:
            self._take(choice)
        else:
            self._dancer(choice)

    def _take(self, choice: ImportChoice) -> None:
        chosen = self._desk.session.selection
        if chosen is None or not chosen.n_frames:
            self._desk.session.said.emit("Nothing is selected any more: select the time for the take.", "warning")
            return
        self._desk.session.edit(
            f"import {choice.name}",
            lambda d: keep_imported_take(
                d, chosen.track_id, chosen.start_frame, chosen.end_frame, choice.name, choice.motion, choice.fit
            ),
        )

    def _dancer(self, choice: ImportChoice) -> None:
        from app.dialogs.import_motion import REFERENCE

        session, is_reference = self._desk.session, choice.use == REFERENCE
        start = session.playhead_frame
        keeps_place = choice.fitted.wish.options.keep_distances
        motion = choice.motion if keeps_place else from_the_middle(choice.motion)

        def make(document: Document) -> Document:
            first = document.dancers[0] if len(document.dancers) == 1 else None
            if first is not None and not first.clips and not is_reference:
                # A new piece has one dancer, who waits for a dance.
                take = imported_take(choice.name, motion)
                return keep_take(document, first.id, start, start + motion.n_frames, take)
            place = Place() if keeps_place else free_place(document)
            return add_imported_dancer(document, choice.name, motion, start, place, is_reference)

        if session.edit(f"import {choice.name}", make) and not is_reference:
            session.activate(session.document.dancers[-1].id)

    def _keep_style(self, choice: ImportChoice) -> None:
        from editor.jobs.import_tasks import KEEP, StyleNote

        desk, status = self._desk, self._window.status
        wish = choice.fitted.wish
        label = f"Keeping {wish.path.name}"
        note = StyleNote(choice.style, choice.consent, datetime.now().isoformat(timespec="seconds"))

        def done(name: str) -> None:
            status.end_job()
            desk.session.said.emit(
                f"{name} is in your style library. To learn from it, train on the command line: kinetograph data "
                "library says where it is.", "note",
            )  # fmt: skip

        def failed(error: JobFailed) -> None:
            status.end_job()
            self._window.messages.say(str(error), "error", error.details)

        job = desk.exports.submit(
            KEEP, wish, library_folder(), note, done=done, failed=failed,
            progressed=lambda fraction: status.show_job(label, fraction, None, cancel),
        )  # fmt: skip

        def cancel() -> None:
            job.cancel()
            status.end_job()
            desk.session.said.emit(f"{wish.path.name} was not kept.", "note")

        status.show_job(label, 0.0, None, cancel)

    def _selected(self) -> str:
        """What is selected, such as "Ana, 4.0 s"; empty where no take can be put."""
        session = self._desk.session
        chosen = session.selection
        if chosen is None or not chosen.n_frames:
            return ""
        track = session.document.track(chosen.track_id)
        return "" if track.is_reference else f"{track.name}, {chosen.n_frames / session.document.frame_rate_hz:.1f} s"
