"""What the menus and keys do to the beats: each correction is one named step, the dance with it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np

from app.window.playing import bar_around
from editor.document import grid_edits, grid_warps, section_edits
from editor.document.document import Document
from editor.document.edits import EditRefused
from editor.document.following import slot_of, stale_clips
from editor.document.grid import is_locked_at
from editor.document.heard_edits import reset_heard
from editor.document.tapping import tap_grid
from editor.playback.tap_along import TapAlong
from editor.session import Session
from engine.errors import EngineError
from engine.timebase import time_of

# Asks for a number: title, label, value, least, most; None when the user thought better of it.
AskReal = Callable[[str, str, float, float, float], float | None]
# Asks for a choice: title, label, choices, the index of the present one.
AskChoice = Callable[[str, str, list[str], int], int | None]
AskText = Callable[[str, str, str], str | None]
Edit = Callable[[Document], Document]


class Gridding:
    """The commands that correct what was heard.

    Args:
        session: The open piece.
        taps: Of the pad.
        regenerate: Makes a new take for what is selected.
        ask_real, ask_choice, ask_text: Small questions to the user.
    """

    def __init__(
        self,
        session: Session,
        taps: TapAlong,
        regenerate: Callable[[], None],
        ask_real: AskReal,
        ask_choice: AskChoice,
        ask_text: AskText,
    ) -> None:
        self.session, self.taps = session, taps
        self._regenerate = regenerate
        self._ask_real, self._ask_choice, self._ask_text = ask_real, ask_choice, ask_text
        edits: dict[str, tuple[str, Edit]] = {
            "grid_half": ("halve tempo", grid_edits.halve_tempo),
            "grid_double": ("double tempo", grid_edits.double_tempo),
            "grid_earlier": ("beats half a beat earlier", self._with(grid_edits.shift_half_beat, -1)),
            "grid_later": ("beats half a beat later", self._with(grid_edits.shift_half_beat, 1)),
            "grid_one_earlier": ("the 1 a beat earlier", self._with(grid_edits.shift_downbeat, -1)),
            "grid_one_later": ("the 1 a beat later", self._with(grid_edits.shift_downbeat, 1)),
            "grid_one": ("1 is here", self._here(grid_edits.set_one_here)),
            "tap": ("1 is here", self._here(grid_edits.set_one_here)),
            "grid_bar_one": ("bar 1 is here", self._here(grid_edits.set_bar_one)),
            "grid_eights": ("eights a bar later", grid_edits.shift_eights),
            "beat_here": ("move beat", lambda d: grid_warps.move_beat(d, *self._playhead_twice(), self._follows)),
            "warp_here": (
                "warp from here",
                lambda d: grid_warps.warp_from_here(d, *self._playhead_twice(), self._follows),
            ),
            "pin_beat": ("pin beat", lambda d: grid_warps.toggle_anchor(d, session.playhead_s)),
            "section_split": ("split part", lambda d: section_edits.split_section(d, session.playhead_s)),
            "section_here": ("move part", self._section_here),
            "section_merge": (
                "merge parts",
                lambda d: section_edits.merge_section(d, section_edits.section_at(d, session.playhead_s)),
            ),
            "reset_grid": ("back to what was heard", lambda d: grid_edits.reset_grid(d, self._follows)),
            "reset_heard": ("emotion as heard", reset_heard),
        }
        for n, name in grid_edits.METERS.items():
            edits[f"meter_{n}"] = (f"bars of {name}", lambda d, n=n: grid_edits.set_meter(d, n))
        self.commands: dict[str, Callable[[], object]] = {
            name: lambda label=label, make=make: session.edit(label, make) for name, (label, make) in edits.items()
        }
        self.commands |= {
            "grid_tempo": self.ask_tempo,
            "meter_here": self.ask_meter,
            "lock_beats": self.toggle_lock,
            "section_rename": self.rename_section,
            "tap_along": taps.tap,
            "tap_use": lambda: self.use_taps("span"),
            "tap_use_on": lambda: self.use_taps("on"),
            "tap_use_all": lambda: self.use_taps("all"),
            "renew_stale": self.renew_stale,
        }

    @property
    def _follows(self) -> bool:
        return self.session.view.dance_follows

    def _with(self, edit: Callable[[Document, int, bool], Document], argument: int) -> Edit:
        return lambda d: edit(d, argument, self._follows)

    def _here(self, edit: Callable[[Document, float, bool], Document]) -> Edit:
        return lambda d: edit(d, self.session.playhead_s, self._follows)

    def _playhead_twice(self) -> tuple[float, float]:
        return self.session.playhead_s, self.session.playhead_s

    def _section_here(self, document: Document) -> Document:
        """The beginning of a part that is nearest to the playhead goes there."""
        at_s = self.session.playhead_s
        sections = document.music.sections if document.music is not None else ()
        if len(sections) < 2:
            raise EditRefused("There is only one part: split it first.")
        index = 1 + int(np.argmin([abs(section.start_s - at_s) for section in sections[1:]]))
        return section_edits.move_section(document, index, at_s)

    def ask_tempo(self) -> None:
        """Ask for the exact tempo, and put the beats on an even grid of it."""
        music = self.session.document.music
        now_bpm = round(music.tempo_bpm, 2) if music is not None and music.tempo_bpm else 120.0
        bpm = self._ask_real("Exact tempo", "Beats a minute", now_bpm, 30.0, 400.0)
        if bpm is not None:
            at_s = self.session.playhead_s
            self.session.edit("exact tempo", lambda d: grid_edits.set_tempo(d, bpm, at_s, self._follows))

    def ask_meter(self) -> None:
        """Ask for the meter from the playhead on."""
        meters = list(grid_edits.METERS)
        chosen = self._ask_choice("Meter from here", "Bars of", list(grid_edits.METERS.values()), meters.index(4))
        if chosen is not None:
            at_s = self.session.playhead_s
            self.session.edit("meter from here", lambda d: grid_edits.set_meter(d, meters[chosen], at_s))

    def toggle_lock(self) -> None:
        """Lock the beats of the selection, or of the bar at the playhead; free them where they are locked."""
        span = self._span_s()
        music = self.session.document.music
        if span is None or music is None or not music.n_beats:
            self.session.said.emit("There are no beats here to lock: choose a song first.", "note")
            return
        inside = music.beat_times_s[(music.beat_times_s >= span[0]) & (music.beat_times_s <= span[1])]
        pins = self.session.document.pins
        if len(inside) and bool(is_locked_at(pins, inside).all()):
            self.session.edit("unlock beats", lambda d: grid_warps.unlock_beats(d, *span))
        else:
            self.session.edit("lock beats", lambda d: grid_warps.lock_beats(d, *span))

    def _span_s(self) -> tuple[float, float] | None:
        session, rate_hz = self.session, self.session.document.frame_rate_hz
        chosen = session.selection
        if chosen is not None and chosen.n_frames:
            return time_of(chosen.start_frame, rate_hz), time_of(chosen.end_frame, rate_hz)
        bar = bar_around(session.document, session.playhead_s, False)
        return None if bar is None else (time_of(bar[0], rate_hz), time_of(bar[1] - 1, rate_hz))

    def use_taps(self, reach: str) -> bool:
        """Put the tapped beats in the place of those that were heard."""
        fit = self.taps.fit
        if fit is None:
            left = self.taps.n_missing
            more = f"Tap {left} more beats" if left else "The taps are too uneven: tap again"
            self.session.said.emit(f"{more} while the song plays.", "note")
            return False
        is_done = self.session.edit("tapped beats", lambda d: tap_grid(d, fit, reach, self._follows))
        if is_done:
            self.taps.clear()
        return is_done

    def rename_section(self) -> None:
        """Ask what the part at the playhead is called."""
        document, at_s = self.session.document, self.session.playhead_s
        try:
            index = section_edits.section_at(document, at_s)
        except EditRefused as refused:
            self.session.said.emit(str(refused), "note")
            return
        assert document.music is not None
        name = self._ask_text("Rename the part", "Name", document.music.sections[index].label)
        if name is not None:
            self.session.edit("rename part", lambda d: section_edits.rename_section(d, index, name))

    def renew_stale(self) -> None:
        """A new take for the stale clip that is selected, or at or behind the playhead, or the first."""
        session = self.session
        found = list(stale_clips(session.document))
        if not found:
            session.said.emit("Nothing is stale: the dance follows the beats everywhere.", "note")
            return
        chosen = session.selected_clip
        here = [pair for pair in found if chosen is not None and pair[1].id == chosen.id]
        ahead = [pair for pair in found if pair[1].end_frame > session.playhead_frame]
        track, clip = (here or ahead or found)[0]
        session.select(track.id, *slot_of(session.document, clip))
        self._regenerate()

    def import_grid(self, path: Path) -> bool:
        """Take the beats of a file."""
        from engine.formats.cue.grid import read

        try:
            found = read(path)
        except EngineError as error:
            self.session.said.emit(str(error), "warning")
            return False
        return self.session.edit(
            f"beats of {path.name}",
            lambda d: grid_edits.set_beats(d, found.beat_times_s, found.beat_in_bar, self._follows),
        )

    def export_grid(self, path: Path) -> bool:
        """Write the beats to a file, by its ending."""
        from engine.formats.cue.grid import BeatFile, write

        music = self.session.document.music
        if music is None or music.n_beats < 2:
            self.session.said.emit("There are no beats to export yet: choose a song first.", "note")
            return False
        held = BeatFile(music.beat_times_s, music.beat_in_bar, music.counts_of_eight(), self.session.document.title)
        try:
            write(path, held)
        except EngineError as error:
            self.session.said.emit(str(error), "error")
            return False
        self.session.said.emit(f"The beats are in {path}.", "note")
        return True
