"""Correcting beats with the hand: which beat is under it, and its drag."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from editor.document.document import Curve, Document
from editor.document.edits import EditRefused
from editor.document.grid import is_locked_at, nearest_beat
from editor.document.grid_warps import move_beat, toggle_anchor, warp_from_here
from editor.document.heard_edits import DRAWABLE, draw_heard
from editor.document.section_edits import move_section
from editor.timeline.clip_drags import Edit
from editor.timeline.curve_lane import CurveLane
from editor.timeline.gestures import Editing
from editor.timeline.lane import Lane
from editor.timeline.model import TimelineModel
from editor.timeline.music_lanes import SectionLane

if TYPE_CHECKING:
    from editor.timeline.canvas import Canvas

GRAB_PX = 7.0
_ONSET_PX = 8.0  # a dragged beat lands on something that is heard within that
_CLEAR_ONSET = 0.35


def beat_at(model: TimelineModel, x: float) -> float | None:
    """When the beat is that can be taken hold of at a place; None where none is, or it is locked."""
    music = model.document.music
    if not model.session.view.edits_grid or music is None or not music.n_beats:
        return None
    beat_s = float(music.beat_times_s[nearest_beat(music, model.view.time_at(x))])
    if abs(model.view.x_of(beat_s) - x) > GRAB_PX or is_locked_at(model.document.pins, np.array([beat_s]))[0]:
        return None
    return beat_s


def section_at(model: TimelineModel, x: float) -> int:
    """The index of the part of the song whose beginning can be taken hold of at a place; -1 for none."""
    music = model.document.music
    if not model.session.view.edits_grid or music is None:
        return -1
    for i, section in enumerate(music.sections):
        if i and abs(model.view.x_of(section.start_s) - x) <= GRAB_PX:
            return i
    return -1


def is_held_at(model: TimelineModel, lane: Lane, x: float) -> bool:
    """Whether something of a lane of the music can be taken hold of at a place."""
    return section_at(model, x) > 0 if isinstance(lane, SectionLane) else beat_at(model, x) is not None


def draws_heard(model: TimelineModel) -> bool:
    """Whether a stroke in the emotion lane is about the music rather than the dance."""
    return model.session.view.edits_grid and model.document.music is not None and model.drawn in DRAWABLE


class BeatDrag(Editing):
    """A beat goes with the hand, those between two pins along; with Shift, all behind it. A click pins it."""

    def __init__(self, canvas: Canvas, x: float, y: float, beat_s: float, takes_all: bool) -> None:
        super().__init__(canvas, x, y)
        self._beat_s, self._takes_all = beat_s, takes_all
        self._to_s = beat_s
        self.label = "warp from here" if takes_all else "move beat"

    def drag(self, x: float, y: float, bypasses: bool) -> None:
        to_s = self._beat_s + self.model.view.time_at(x) - self.pressed_s
        self._to_s = min(max(self._landed(to_s, bypasses), 0.0), self.session.document.duration_s)
        self.show(self._made(follows=False))  # the dance goes along when the hand lets go

    def _made(self, follows: bool) -> Edit:
        edit = warp_from_here if self._takes_all else move_beat
        return lambda d: edit(d, self._beat_s, self._to_s, follows)

    def _landed(self, time_s: float, bypasses: bool) -> float:
        """On the nearest clear onset, where snapping is on."""
        music = self.session.document.music
        if bypasses or not self.session.view.is_snapping or music is None:
            return time_s
        strength, rate_hz = music.onset_strength, music.curve_rate_hz
        reach = self.model.view.seconds(_ONSET_PX)
        low = max(int(np.ceil((time_s - reach) * rate_hz)), 1)
        high = min(int((time_s + reach) * rate_hz) + 1, len(strength) - 1)
        if high <= low:
            return time_s
        best = low + int(np.argmax(strength[low:high]))
        is_peak = strength[best] >= max(strength[best - 1], strength[best + 1], _CLEAR_ONSET)
        return best / rate_hz if is_peak else time_s

    def commit(self) -> Document:
        before = self.session.document
        is_shown = self._edit_shown()
        self.canvas.end_preview()
        if is_shown:
            self.session.edit(self.label, self._made(self.session.view.dance_follows))
        return before

    def _edit_shown(self) -> bool:
        """Whether the place where the hand is can be had."""
        try:
            self._made(follows=False)(self.session.document)
        except EditRefused as refused:
            self.session.said.emit(str(refused), "warning")
            return False
        return True

    def click(self) -> None:
        self.session.edit("pin beat", lambda d: toggle_anchor(d, self._beat_s))


class SectionDrag(Editing):
    """The beginning of a part of the song goes with the hand."""

    label = "move part"

    def __init__(self, canvas: Canvas, x: float, y: float, index: int) -> None:
        super().__init__(canvas, x, y)
        self._index = index

    def drag(self, x: float, y: float, bypasses: bool) -> None:
        to_s = self.canvas.landed_s(self.model.view.time_at(x), bypasses)
        self.show(lambda d: move_section(d, self._index, to_s))


class HeardStroke(Editing):
    """A stroke over the music's emotion says how it feels there."""

    def __init__(self, canvas: Canvas, x: float, y: float, lane: CurveLane) -> None:
        super().__init__(canvas, x, y)
        self._lane, self._name = lane, self.model.drawn
        self.label = f"how the music feels: {self._name}"
        self._points = [self._place(x, y)]

    def _place(self, x: float, y: float) -> tuple[float, float]:
        time_s = min(max(self.model.view.time_at(x), 0.0), self.session.document.duration_s)
        return time_s, self._lane.level_at(y - self.canvas.y_of(self._lane))

    def drag(self, x: float, y: float, bypasses: bool) -> None:
        self._points.append(self._place(x, y))
        by_time = dict(sorted(self._points))  # where the hand came twice, the last counts
        curve = Curve(tuple(by_time), tuple(by_time.values()))
        self.show(lambda d: draw_heard(d, self._name, curve))
