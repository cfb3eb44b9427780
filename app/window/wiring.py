"""The wires of the window: who hears of what, and what a signal does."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, Qt, QTimer
from PySide6.QtWidgets import QApplication, QInputDialog

from app import __version__
from app.recent import RecentFiles
from app.window import context_menus
from app.window.applicable import inapplicable, is_applicable
from app.window.camera_work import CameraWork
from app.window.editing import LEGS, Editing
from app.window.files import Files
from app.window.finding_work import FindingWork
from app.window.gridding import Gridding
from app.window.piece import ENDING
from app.window.safety import Safety
from app.window.showing import Showing
from app.window.whole_screen import WholeScreen
from editor.document.document import Document
from engine.audio.audio import Audio

if TYPE_CHECKING:
    from app.window.main_window import EditorWindow

_STATUS_MS = 1000
_IDLE_MS = 1500  # since dancers were changed last
_APPEARS_AFTER_S = 0.15  # takes are often there sooner, and then nothing shall flicker
_TRAILS = frozenset({"hands", "feet", "hips"})
_PATH_HINT = "Drag on the floor where the dancer shall go; Esc cancels."


class Wiring:
    """Connects the window's parts with what lies behind them."""

    def __init__(self, window: EditorWindow) -> None:
        self.window, self.desk = window, window.desk
        desk = self.desk
        self.recent = RecentFiles(window.preferences)
        self.safety = Safety(desk.session, desk.piece, window.preferences, self.recent)
        self.files = Files(window, desk, self.recent, self.safety)
        self.editing = Editing(desk.session, window.generate.commit, self._ask_number)
        self.gridding = Gridding(
            desk.session, window.taps, desk.audition.regenerate, self._ask_real, self._ask_choice, self._ask_text
        )
        self.camera_work = CameraWork(desk.session, desk.stage, window.viewport)
        self.showing = Showing(desk, window.viewport, window.strip, window.transport_bar)
        self.whole_screen = WholeScreen(window, desk, self.files, self.recent, self.showing)
        self.demo_mode = self.whole_screen.demo_mode
        self.finding_work = FindingWork(window, desk.audition.regenerate, self.showing.show)
        self._is_ended = self._is_piece_open = False
        self._motions_are_old = False
        self._seen: object = None  # what the stage says of the takes
        self._job_began_s = 0.0
        self._audio_device = ""
        self._connect_session()
        self._connect_panels()
        self._connect_commands()
        self._status_timer = QTimer(interval=_STATUS_MS)
        self._status_timer.timeout.connect(self._refresh_status)
        self._status_timer.start()
        self._bodies_timer = QTimer(interval=_IDLE_MS, singleShot=True)
        self._bodies_timer.timeout.connect(self._prepare_bodies)
        self.restyled()

    def begin(self, first: Path | None, *, opens_demo: bool) -> None:
        """Open `first`, what a crash left, or the demo piece; and load the engine meanwhile."""
        wanted = self.window.preferences.values
        self.desk.piece.embeds_songs = wanted.embeds_songs
        self.desk.piece.beat_weights = wanted.beat_weights
        if first is not None and first.suffix.lower() != ENDING:
            self.desk.piece.new()
        is_open = first is not None and self.files.open_path(first)
        if not is_open and (opens_demo or not self._offer_what_was_lost()):
            self.desk.piece.open_demo()
        self.desk.engine.load(wanted.engine_device)
        self.window.hints.start_if_new()
        self.window.status.watch(self.window)
        self.finding_work.begin()

    def end(self, discards_edits: bool = False) -> None:
        """Stop timers, and end the journal; unsaved edits stay in it unless unwanted. May be called twice."""
        if self._is_ended:
            return
        self._is_ended = True
        self._status_timer.stop()
        self._bodies_timer.stop()
        self.showing.stop()
        self.finding_work.stop()
        self.whole_screen.stop()
        self.safety.close(discards_edits)

    def restyled(self) -> None:
        """The theme, the scale or another preference has changed."""
        wanted = self.window.preferences.values
        self.window.viewport.reduces_motion = wanted.reduce_motion
        self.window.timeline.wheel_zooms = wanted.wheel_zooms
        transport = self.desk.transport
        transport.latency_offset_s = wanted.latency_s.get(wanted.audio_device, 0.0)
        if wanted.audio_device != self._audio_device:
            transport.reopen(wanted.audio_device or None)
        if self.desk.engine.device not in ("", wanted.engine_device):
            self.desk.engine.load(wanted.engine_device)
        self._audio_device = wanted.audio_device
        self.showing.show()

    def escape(self) -> bool:
        """Esc: the nearest thing that is open closes; False where nothing was."""
        if self.window.keys_overlay.isVisible():
            self.window.keys_overlay.close_overlay()
        elif self.demo_mode.is_on:
            self.whole_screen.set_demo_mode(False)
        elif self.window.timeline.canvas.cancel() or self.desk.findings.return_() or self.desk.audition.return_():
            pass
        elif self.window.messages.isVisible():
            self.window.messages.close_message()
        elif self.desk.session.selection is not None:
            self.desk.session.select_nothing()
        elif self.desk.findings.selected is not None:
            self.desk.findings.select(None)
        else:
            return False
        return True

    # Signals of the piece

    def _connect_session(self) -> None:
        desk, window = self.desk, self.window
        session = desk.session
        session.said.connect(self._say)
        session.preview_wanted.connect(desk.audition.preview)
        session.changed.connect(lambda *_: self._refresh_actions())
        session.changed.connect(lambda *_: window.messages.drop_warnings())
        session.changed.connect(self._follow_dances)
        session.view_changed.connect(self._refresh_actions)
        session.loop_changed.connect(self._refresh_actions)
        session.selection_changed.connect(self._refresh_actions)
        session.auditioned.connect(self._refresh_motions)
        desk.audition.changed.connect(self._refresh_strip)
        desk.audition.progressed.connect(self._show_progress)
        desk.engine.changed.connect(self._refresh_engine)
        desk.piece.renamed.connect(self._refresh_title)
        desk.piece.audio_changed.connect(self._take_audio)
        desk.piece.working.connect(self._show_work)
        desk.piece.leaving.connect(self._leave_piece)
        desk.piece.opened.connect(self._piece_opened)
        desk.transport.trouble_changed.connect(self._refresh_status)

    def _say(self, sentence: str, severity: str = "note", details: str = "") -> None:
        """Say something of the piece that is open; why there is no engine, and what no piece was opened for, stays."""
        is_of_piece = self._is_piece_open and sentence != self.desk.engine.trouble
        self.window.messages.say(sentence, severity, details, is_of_piece=is_of_piece)

    def _take_audio(self, audio: Audio | None) -> None:
        self.desk.playing.set_audio(audio)
        self.window.timeline.set_audio(audio)

    def _leave_piece(self) -> None:
        """What the hands and the engine are doing belongs to the piece that goes."""
        self.window.timeline.canvas.cancel()
        self.window.viewport.cancel_path_drawing()
        self.desk.audition.let_go()
        self.desk.engine.forget_waiting()
        self.window.messages.drop_piece()

    def _piece_opened(self) -> None:
        session, self._is_piece_open = self.desk.session, True
        if session.document.song is None:
            self._take_audio(None)
        self.desk.transport.pause()
        session.seek(0.0)
        self.window.timeline.zoom_fit()
        self.window.timeline.show_active_lane()
        self.camera_work.home()

    def _follow_dances(self, old: Document, new: Document, _label: str) -> None:
        if old.tracks is not new.tracks or old.n_frames != new.n_frames:
            self._refresh_motions()
            self._bodies_timer.start()

    def _prepare_bodies(self) -> None:
        """While nothing plays and no takes are made: the first of a kind takes a third of a second to make."""
        if self.desk.transport.is_playing or self.desk.audition.is_running:
            self._bodies_timer.start()
        else:
            self.desk.background.run_later(self.desk.stage.bodies_to_come(), lambda _: None)

    def _refresh_motions(self) -> None:
        """Contacts and movements of what is danced; reading them waits until the engine has made what it makes."""
        self._motions_are_old = self.desk.audition.is_running
        if not self._motions_are_old:
            motions = {track.id: motion for track, motion in self.desk.stage.motions()}
            self.window.timeline.set_motions(motions)
            self.finding_work.set_motions(motions)

    # Panels, timeline, stage

    def _connect_panels(self) -> None:
        window, desk = self.window, self.desk
        audition = desk.audition
        window.generate.regenerate_wanted.connect(lambda: self._make_takes(audition.regenerate))
        window.generate.four_takes_wanted.connect(lambda: self._make_takes(audition.four_takes))
        window.generate.cancel_wanted.connect(audition.cancel)
        window.generate.draw_path_wanted.connect(self.draw_path)
        window.strip.audition_wanted.connect(audition.show)
        window.strip.keep_wanted.connect(audition.keep)
        for offers in (window.strip, window.offer):
            offers.compare_wanted.connect(audition.flip)
            offers.return_wanted.connect(audition.return_)
        window.offer.keep_wanted.connect(audition.keep)
        window.strip.soloed.connect(audition.peek)
        window.shelf.compare_marked.connect(audition.mark)
        window.piece_panel.add_dancer_wanted.connect(self.editing.add_dancer)
        window.piece_panel.song_wanted.connect(self.files.choose_song)
        window.piece_panel.embed_wanted.connect(desk.piece.embed_song)
        window.piece_panel.store_camera_wanted.connect(self.camera_work.store)
        window.piece_panel.recall_camera_wanted.connect(self.camera_work.recall)
        window.timeline.command_wanted.connect(self._trigger)
        window.grid_bar.command_wanted.connect(self._trigger)
        window.timeline.open_song_wanted.connect(self.files.choose_song)
        window.timeline.open_demo_wanted.connect(desk.piece.open_demo)
        window.timeline.key_of = window.key_of
        window.timeline.canvas.is_playing = lambda: desk.transport.is_playing
        window.timeline.can_run = lambda command: is_applicable(window, command)
        window.timeline.place_menu_wanted.connect(self._pop_up)
        window.viewport.menu_wanted.connect(lambda at: self._pop_up("stage", at))
        window.timeline.hovered.connect(self._hovered)
        window.viewport.failed.connect(lambda sentence: window.messages.say(sentence, "error"))
        window.viewport.path_drawn.connect(self._take_path)
        window.viewport.path_cancelled.connect(self._forget_path_hint)

    def _pop_up(self, place: str, at: QPoint) -> None:
        context_menus.pop_up(place, at, self.window.actions_, lambda: inapplicable(self.window), self.window)

    def _hovered(self, time_s: float | None) -> None:
        """With Alt held the stage follows the mouse over the timeline."""
        if time_s is not None and QApplication.keyboardModifiers() & Qt.KeyboardModifier.AltModifier:
            self.window.viewport.show_view(self.desk.stage.view_at(time_s))

    def draw_path(self) -> None:
        """The next drag on the floor is the selection's path."""
        self.desk.session.said.emit(_PATH_HINT, "note")
        self.window.viewport.setFocus()
        self.window.viewport.begin_path_drawing()

    def _take_path(self, points: list[tuple[float, float]]) -> None:
        self._forget_path_hint()
        if self.desk.session.active_track is None or len(points) < 2:
            return
        path = tuple((round(float(x), 3), round(float(z), 3)) for x, z in points)
        self.window.generate.commit("drawn path", path_m=path, keep_path=False)

    def _forget_path_hint(self) -> None:
        """What was said before a path was drawn need not be read any more."""
        message = self.window.messages.message
        if message is not None and message.sentence == _PATH_HINT:
            self.window.messages.close_message()

    # Commands

    def _connect_commands(self) -> None:
        window, desk = self.window, self.desk
        audition, session, timeline = desk.audition, desk.session, window.timeline
        view = session.view
        self.window.actions_.connect({
            **desk.playing.commands, **desk.volume.commands, **self.editing.commands, **self.files.commands,
            **self.camera_work.commands, **self.whole_screen.commands, **self.gridding.commands,
            **self.finding_work.commands,
            "grid_mode": self._toggle_grid_mode,
            "dance_follows": lambda: self._toggle("dance_follows"),
            "import_grid": self._import_grid,
            "export_grid": self._export_grid,
            "marker_note": self._marker_with_note,
            "remove_clip": self._remove,
            "regenerate": lambda: self._make_takes(audition.regenerate),
            "four_takes": lambda: self._make_takes(audition.four_takes),
            "repeat_recipe": self._repeat_recipe,
            "cancel": audition.cancel,
            **{f"audition_{i + 1}": lambda i=i: audition.show(i) for i in range(4)},
            "keep_take": lambda: desk.findings.apply() or audition.keep(),
            "return_take": self.escape,
            "flip_take": audition.flip,
            "draw_path": self.draw_path,
            "loop": self._toggle_loop,
            "snapping": lambda: self._toggle("is_snapping"),
            "ripple": lambda: self._toggle("is_ripple"),
            "click": lambda: self._toggle("is_click_on"),
            "count_in": lambda: self._toggle("is_count_in_on"),
            "ghosts": lambda: self._toggle("shows_ghosts"),
            "mirror_view": lambda: self._toggle("is_mirrored"),
            "capsules": lambda: self._toggle("shows_capsules"),
            "follow_dancer": lambda: self._toggle("follows_dancer"),
            "trails": lambda: self._set_view(trails=frozenset() if view.trails else _TRAILS),
            "zoom_fit": timeline.zoom_fit,
            "zoom_selection": timeline.zoom_selection,
            "zoom_in": lambda: timeline.zoom_by(1.5),
            "zoom_out": lambda: timeline.zoom_by(1.0 / 1.5),
            "zoom_back": timeline.zoom_back,
            "reset_layout": window.reset_layout,
            "keys_overlay": window.show_keys,
            "hints": window.hints.start,
        })  # fmt: skip
        for action in window.actions_.by_name.values():
            action.triggered.connect(self._refresh_actions)  # what is on is said by the piece, not by the press
        self._refresh_actions()

    def _marker_with_note(self) -> None:
        """A marker at the moment of the key, whose name is then typed in its place while it plays on."""
        session = self.desk.session
        before = {marker.id for marker in session.document.markers}
        self.window.timeline.add_marker(session.playhead_s)
        new = next((marker.id for marker in session.document.markers if marker.id not in before), None)
        if new is not None:
            self.window.timeline.rename_marker(new)

    def _remove(self) -> None:
        """The curve's point that is taken hold of, else what is selected."""
        timeline = self.window.timeline
        if not (timeline.canvas.hasFocus() and timeline.canvas.remove_point(timeline.model.point)):
            self.editing.remove()

    def _trigger(self, name: str) -> None:
        if name in self.window.actions_.by_name:
            self.window.actions_.by_name[name].trigger()

    def _toggle(self, field: str) -> None:
        self._set_view(**{field: not getattr(self.desk.session.view, field)})

    def _set_view(self, **changes: object) -> None:
        for name, value in changes.items():
            setattr(self.desk.session.view, name, value)
        self.desk.session.view_changed.emit()

    def _toggle_grid_mode(self) -> None:
        """Beats can be taken hold of, and their bar is there; or not."""
        self._toggle("edits_grid")
        self.window.grid_bar.setVisible(self.desk.session.view.edits_grid)
        self.window.timeline.canvas.forget_all()

    def _import_grid(self) -> None:
        path = self.files.ask_open("Import beats", "Beats (*.csv *.txt *.mid *.midi *.json)")
        if path is not None:
            self.gridding.import_grid(path)

    def _export_grid(self) -> None:
        path = self.files.ask_save("Export beats", ".csv", "Beats (*.csv *.mid *.json)")
        if path is not None:
            self.gridding.export_grid(path)

    def _toggle_loop(self) -> None:
        session = self.desk.session
        session.set_loop(session.loop_s or (0.0, session.document.duration_s), not session.is_looping)

    def _repeat_recipe(self) -> None:
        recipe = self.desk.audition.last_recipe
        if recipe is None:
            self.desk.session.said.emit("No take has been made yet whose recipe could be repeated.", "note")
        elif self.window.generate.commit("repeated recipe", **vars(replace(recipe.settings))):
            self._make_takes(self.desk.audition.regenerate)

    def _make_takes(self, begin: Callable[[], None]) -> None:
        """Begin to make takes; a playhead that stands still elsewhere goes to where they will be seen."""
        session = self.desk.session
        chosen, at_frame = session.selection, session.playhead_frame
        begin()
        stands_still = self.desk.audition.is_running and not self.desk.transport.is_playing
        if stands_still and chosen is not None and not chosen.start_frame <= at_frame < chosen.end_frame:
            session.seek_frame(chosen.start_frame)

    def _refresh_actions(self) -> None:
        session, actions = self.desk.session, self.window.actions_
        history, view = session.history, session.view
        clip = session.selected_clip
        undo, redo = (labels[0] if labels else "" for labels in (history.undo_labels, history.redo_labels))
        for name, label in (("undo", undo), ("redo", redo)):
            action = actions.by_name[name]
            action.setText(f"{name.capitalize()} {label}".strip())
            action.setEnabled(bool(label))
        actions.set_checked({
            "grid_mode": view.edits_grid, "dance_follows": view.dance_follows,
            "snapping": view.is_snapping, "ripple": view.is_ripple, "click": view.is_click_on,
            "count_in": view.is_count_in_on, "ghosts": view.shows_ghosts, "trails": bool(view.trails),
            "mirror_view": view.is_mirrored, "capsules": view.shows_capsules,
            "follow_dancer": view.follows_dancer, "loop": session.is_looping,
            "loop_clip": clip is not None and clip.is_looped, "lock_clip": clip is not None and clip.is_locked,
            "lock_parts": session.settings.locked_parts >= LEGS, "full_screen": self.window.isFullScreen(),
            "hide_ui": self.window.are_panels_hidden,
            **{f"speed_{round(100 * s)}": s == self.desk.transport.speed for s in (0.25, 0.5, 0.75, 1.0)},
        })  # fmt: skip

    # What is shown around the stage

    def _refresh_strip(self) -> None:
        audition, strip = self.desk.audition, self.window.strip
        segment = audition.segment
        is_open = segment is not None and len(audition.candidates) > 0
        if is_open:
            strip.set_takes(
                [take.motion if take else None for take in audition.candidates],
                [take.name if take else "" for take in audition.candidates],
                segment.start_frame,
            )
            strip.set_auditioned(audition.auditioned)
        wants = is_open and len(audition.candidates) > 1
        if strip.isVisible() != wants:
            strip.setVisible(wants)
        # One alone is offered on the stage, which keeps its size while a slider is moved.
        alone = audition.candidates[0] if is_open and not wants else None
        if self.desk.findings.offer is None:
            self.window.offer.offer(alone.name if alone else "", audition.auditioned is not None)
        self.window.strip.set_time(self.desk.session.playhead_s)
        # Takes that come while another is looked at change nothing on the stage, and the engine needs the time.
        seen = (segment, audition.auditioned, len(audition.candidates))
        if seen != self._seen:
            self._seen = seen
            self.showing.show()

        if self._motions_are_old and not audition.is_running:
            self._refresh_motions()

    def _show_progress(self, fraction: float | None, eta_s: float | None) -> None:
        self.window.generate.set_progress(fraction, eta_s, "Making takes")
        if fraction is None:
            self.window.status.end_job()
            return
        if fraction == 0.0:
            self._job_began_s = time.monotonic()
        elif time.monotonic() - self._job_began_s > _APPEARS_AFTER_S:
            n_takes = len(self.desk.audition.candidates)
            at = min(int(fraction * n_takes), n_takes - 1)
            if n_takes > 1 and self.desk.audition.candidates[at] is None:
                self.window.strip.set_progress(at, fraction * n_takes - at)
            self.window.status.show_job("generating", fraction, eta_s, self.desk.audition.cancel)

    def _show_work(self, text: str, fraction: float | None) -> None:
        done = f"{text}\u2026 {100 * fraction:.0f} %" if text and fraction else text
        self.window.timeline.show_work(done)
        if text:
            self.window.status.show_job(text, fraction)
        else:
            self.window.status.end_job()

    def _refresh_engine(self) -> None:
        engine = self.desk.engine
        self.window.status.show_engine(engine.text)
        self.window.generate.set_engine_ready(engine.is_ready, engine.trouble or "The generator is still loading.")
        if engine.is_ready:
            self.window.generate.set_styles(engine.model["styles"])
            self.window.shelf.set_engine(engine.model["digest"], __version__, engine.model["device"])
            self.window.timeline.set_styles([name for name, _ in engine.model["styles"]])

    def _refresh_title(self) -> None:
        piece = self.desk.piece
        unsaved = "" if piece.is_saved else " \u2022"
        self.window.setWindowTitle(f"{piece.title}{unsaved} \u2013 Kinetograph")

    def _refresh_status(self) -> None:
        transport, status = self.desk.transport, self.window.status
        transport.poll()
        status.show_audio(transport.device_name, transport.dropouts, transport.trouble)
        status.show_autosave(self.safety.saved_at, self.safety.trouble)
        status.show_fps(self.window.viewport.frames_per_s if transport.is_playing else None)
        self.desk.engine.ask_memory()

    # Questions

    def _offer_what_was_lost(self) -> bool:
        """Ask about every piece that a crash left; True where one was restored."""
        from app.dialogs.recovery import ask_recovery

        return ask_recovery(self.window, self.safety.left_by_a_crash(), self.safety.restore)

    def _ask_number(self, title: str, label: str, value: int, least: int, most: int) -> int | None:
        number, is_wanted = QInputDialog.getInt(self.window, title, label, value, least, most)
        return number if is_wanted else None

    def _ask_real(self, title: str, label: str, value: float, least: float, most: float) -> float | None:
        number, is_wanted = QInputDialog.getDouble(self.window, title, label, value, least, most, 2)
        return number if is_wanted else None

    def _ask_choice(self, title: str, label: str, choices: list[str], index: int) -> int | None:
        chosen, is_wanted = QInputDialog.getItem(self.window, title, label, choices, index, False)
        return choices.index(chosen) if is_wanted else None

    def _ask_text(self, title: str, label: str, text: str) -> str | None:
        found, is_wanted = QInputDialog.getText(self.window, title, label, text=text)
        return found if is_wanted else None
