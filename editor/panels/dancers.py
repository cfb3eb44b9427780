"""The dancers: who they are, who is seen, who is exported, what body they have, where they stand."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from editor.document.document import Document, Place, Track
from editor.document.track_edits import place_track, remove_track, rename_track, set_track_flags
from editor.panels import drawing
from editor.panels.buttons import QUIET, Button, SegmentedButton
from editor.panels.drawing import Painted
from editor.panels.rows import Row, empty
from editor.panels.slider import Range, ValueSlider
from editor.session import Session
from editor.theme import SPACE, Theme
from engine.character.proportions import LEAST_HEIGHT_M, MOST_HEIGHT_M
from engine.motion.house import HEIGHT_M

_METRES = Range(-6.0, 6.0, 0.0, "m", 1.0, 2, 0.05, -1000.0, 1000.0)
_DEGREES = Range(-math.pi, math.pi, 0.0, "\u00b0", 180.0 / math.pi, 0, math.pi / 180.0)
# Attribute of Place, its label, its numbers, why.
_PLACE = (
    ("x_m", "Across", _METRES, "From the stage's middle towards the dancer's left."),
    ("z_m", "Forward", _METRES, "From the stage's middle towards the audience."),
    ("yaw_rad", "Turn", _DEGREES, "0 faces the audience."),
)


_BODIES = (
    ("neutral", "Neutral", "Neither broad nor narrow; 1.70 m is how dances are stored."),
    ("woman", "Woman", "Narrower shoulders, wider hips."),
    ("man", "Man", "Broader shoulders, narrower hips."),
)
_HEIGHT = Range(LEAST_HEIGHT_M, MOST_HEIGHT_M, HEIGHT_M, "m", 1.0, 2, 0.01)


class Dancers(Painted, QWidget):
    """A row for each dancer, and under them the active one's body and where it stands.

    Signals:
        add_wanted(): Another dancer, beside the others.
    """

    add_wanted = Signal()

    def __init__(self, session: Session, theme: Theme) -> None:
        super().__init__()
        self.session, self.theme = session, theme
        self.rows: list[DancerRow] = []
        self._list = QWidget()
        rows = QVBoxLayout(self._list)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(2)
        self.add = Button("Add dancer", theme, glyph="add", is_small=True, why="Another dancer on a lane of its own.")
        self.add.clicked.connect(self.add_wanted)
        self.place = {name: ValueSlider(label, theme, numbers, "accent", why) for name, label, numbers, why in _PLACE}
        for name, slider in self.place.items():
            slider.committed.connect(partial(self._move, name))
        self.body = SegmentedButton(_BODIES, theme, "Body")
        self.body.chosen.connect(self._choose_body)
        self.height_m = ValueSlider("Height", theme, _HEIGHT, "accent", "Proportions go along; steps stay in place.")
        self.height_m.committed.connect(self._choose_height)
        self._details = QWidget()
        details = QVBoxLayout(self._details)
        details.setContentsMargins(0, SPACE[0], 0, 0)
        details.setSpacing(SPACE[0])
        details.addWidget(self.body)
        for slider in (self.height_m, *self.place.values()):
            details.addWidget(slider)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACE[0])
        for widget in (self._list, self.add, self._details):
            column.addWidget(widget)

    def refresh(self) -> None:
        """Show the dancers as they are."""
        tracks, active = self.session.document.tracks, self.session.active_track
        if [row.key for row in self.rows] != [_key(track) for track in tracks]:
            self._rebuild(tracks)
        for row in self.rows:
            row.set_current(active is not None and row.key[0] == active.id)
        self._details.setVisible(active is not None)
        if active is not None:
            self.body.set_choice(active.body or _BODIES[0][0])
            if not self.height_m.is_held:
                self.height_m.set_amount(active.height_m)
            for name, slider in self.place.items():
                if not slider.is_held:
                    slider.set_amount(getattr(active.place, name))

    def _rebuild(self, tracks: Sequence[Track]) -> None:
        empty(self._list)
        self.rows = []
        layout = self._list.layout()
        assert layout is not None
        for track in tracks:
            row = DancerRow(track, self.theme)
            row.chosen.connect(partial(self._activate, track.id))
            row.renamed.connect(partial(self._rename, track.id))
            row.remove_wanted.connect(partial(self._remove, track.id, track.name))
            row.seen.clicked.connect(partial(self._hide, track))
            row.exported.clicked.connect(partial(self._mute, track))
            self.rows.append(row)
            layout.addWidget(row)

    def _activate(self, track_id: str) -> None:
        if self.session.active_track_id == track_id:
            return
        if self.session.selection is not None:
            self.session.select_nothing()
        self.session.activate(track_id)

    def _rename(self, track_id: str, name: str) -> None:
        self.session.edit("rename dancer", lambda d: rename_track(d, track_id, name))

    def _remove(self, track_id: str, name: str) -> None:
        self.session.edit(f"remove {name}", lambda d: remove_track(d, track_id))

    def _hide(self, track: Track) -> None:
        label = f"{'show' if track.is_hidden else 'hide'} {track.name}"
        self.session.edit(label, lambda d: set_track_flags(d, track.id, is_hidden=not track.is_hidden))

    def _mute(self, track: Track) -> None:
        label = f"{'export' if track.is_muted else 'leave out'} {track.name}"
        self.session.edit(label, lambda d: set_track_flags(d, track.id, is_muted=not track.is_muted))

    def _move(self, name: str, value: float) -> None:
        def make(document: Document, track: Track) -> Document:
            place: Place = replace(track.place, **{name: value})
            return place_track(document, track.id, place)

        self._edit_active("turn" if name == "yaw_rad" else "place", make)

    def _choose_body(self, kind: str) -> None:
        self._edit_active("body", lambda d, track: set_track_flags(d, track.id, body=kind))

    def _choose_height(self, height_m: float) -> None:
        self._edit_active("height", lambda d, track: set_track_flags(d, track.id, height_m=round(height_m, 2)))

    def _edit_active(self, what: str, make: Callable[[Document, Track], Document]) -> None:
        track = self.session.active_track
        if track is not None:
            self.session.edit(f"{what} of {track.name}", lambda d: make(d, d.track(track.id)))


class DancerRow(Row):
    """A dancer: name, whether seen, whether exported."""

    def __init__(self, track: Track, theme: Theme) -> None:
        self.key = _key(track)
        hidden, muted = track.is_hidden, track.is_muted
        self.seen = Button("", theme, glyph="hidden" if hidden else "shown", kind=QUIET, is_small=True,
                           name=f"{'Show' if hidden else 'Hide'} {track.name}",
                           why="A hidden dancer is not drawn.")  # fmt: skip
        self.exported = Button("", theme, glyph="muted" if muted else "exported", kind=QUIET, is_small=True,
                               name=f"{'Export' if muted else 'Leave out'} {track.name}",
                               why="A dancer that is left out is in no exported file.")  # fmt: skip
        super().__init__(track.name, theme, what="Dancer", buttons=(self.seen, self.exported))
        self.is_dimmed = hidden or track.is_reference
        states = [words for words, holds in (("a reference", track.is_reference), ("hidden", hidden),
                                               ("left out of export", muted)) if holds]  # fmt: skip
        self.setAccessibleDescription(", ".join(states))
        self.setToolTip(drawing.tip(f"Make {track.name} the active dancer", "Enter",
                                    "F2 or double-click renames, Del removes."))  # fmt: skip


def _key(track: Track) -> tuple[str, str, bool, bool, bool]:
    """What a dancer's row shows."""
    return track.id, track.name, track.is_hidden, track.is_muted, track.is_reference
