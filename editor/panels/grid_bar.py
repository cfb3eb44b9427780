"""The bar of the beats: what puts a wrong grid right, and a pad to tap along with."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QSizePolicy, QWidget

from editor.document.following import stale_clips
from editor.panels.buttons import PLAIN, PRIMARY, Button
from editor.panels.controls import ElidedLabel
from editor.panels.drawing import Painted
from editor.playback.tap_along import TapAlong
from editor.session import Session
from editor.theme import SPACE, Theme

# Command, words, name, why; two rows of the same length.
BUTTONS: tuple[tuple[tuple[str, str, str, str], ...], ...] = (
    (
        ("grid_half", "Half", "Half tempo", "Count every other beat."),
        ("grid_earlier", "\u2190 \u00bd beat", "Half a beat earlier", "Where the off-beats are counted."),
        ("grid_one", "1 is here", "This is 1", "The beat at the playhead begins a bar and an eight."),
        ("beat_here", "Beat here", "Beat to the playhead", "The nearest beat, and those between two pins."),
        ("pin_beat", "Pin", "Pin the beat", "Dragging other beats does not reach beyond it."),
        ("grid_tempo", "Tempo\u2026", "Exact tempo", "An even grid through the beat at the playhead."),
    ),
    (
        ("grid_double", "Double", "Double tempo", "Count twice as many beats."),
        ("grid_later", "\u00bd beat \u2192", "Half a beat later", "Where the off-beats are counted."),
        ("grid_bar_one", "Bar 1 here", "Bar 1 is here", "What comes before is the pick-up."),
        ("warp_here", "From here", "Beats from here on", "The nearest beat goes to the playhead, all behind it along."),
        ("lock_beats", "Lock", "Lock the beats", "Of the selection, or this bar: nothing moves them."),
        ("meter_here", "Meter\u2026", "Meter from here", "From the beat at the playhead on."),
    ),
)


# The same, and how the button looks and whether it is on or off.
PAD: tuple[tuple[str, str, str, str, str, bool], ...] = (
    ("tap_along", "Tap", "Tap along", "On every beat, while it plays.", PLAIN, False),
    ("tap_use", "Use", "Use the taps there", "Beats where you tapped.", PRIMARY, False),
    ("tap_use_on", "Use on", "Use the taps from there on", "Their last tempo for all behind.", PLAIN, False),
    ("dance_follows", "Follow", "The dance follows", "Clips keep their bar and beat.", PLAIN, True),
    ("reset_grid", "Reset", "Back to what was heard", "Beats, parts and emotion as found.", PLAIN, False),
)


class GridBar(Painted, QWidget):
    """Buttons over the timeline while beats are corrected.

    Args:
        session: The open piece.
        taps: Of the pad.
        theme: Its colours.
        key_of: The key of a command; empty for none.

    Signals:
        command_wanted(name): A command of the application.
    """

    command_wanted = Signal(str)

    def __init__(self, session: Session, taps: TapAlong, theme: Theme, key_of: Callable[[str], str]) -> None:
        super().__init__()
        self.session, self.taps, self.theme = session, taps, theme
        self.setAccessibleName("Beats")
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.buttons: dict[str, Button] = {}
        cells = QGridLayout()
        cells.setSpacing(SPACE[0])
        for row, entries in enumerate(BUTTONS):
            for column, (command, words, name, why) in enumerate(entries):
                cells.addWidget(self._button(command, words, name, why, key_of(command)), row, column)
        self.pad = self._pad(key_of)
        whole = QHBoxLayout(self)
        whole.setContentsMargins(SPACE[1], SPACE[0], SPACE[1], SPACE[0])
        whole.setSpacing(SPACE[1])
        whole.addLayout(cells, 3)
        whole.addLayout(self.pad, 2)
        ends = [
            taps.changed.connect(self.refresh),
            session.changed.connect(lambda *_: self.refresh()),
            session.view_changed.connect(self.refresh),
        ]
        self.destroyed.connect(lambda _=None: [end() for end in ends])
        self.refresh()

    def _button(
        self, command: str, words: str, name: str, why: str, key: str, kind: str = PLAIN, checkable: bool = False
    ) -> Button:
        said = f"{why}  Key: {key}" if key else why
        button = Button(words, self.theme, is_small=True, name=name, why=said, kind=kind, checkable=checkable)
        button.clicked.connect(partial(self.command_wanted.emit, command))
        button.setMinimumWidth(1)
        self.buttons[command] = button
        return button

    def _pad(self, key_of: Callable[[str], str]) -> QGridLayout:
        """Tap, see the tempo, use it."""
        pad = QGridLayout()
        pad.setSpacing(SPACE[0])
        self.said = ElidedLabel("", self.theme)
        made = []
        for command, words, name, why, kind, is_checkable in PAD:
            made.append(self._button(command, words, name, why, key_of(command), kind, is_checkable))
        tap, use, use_on, self.follows, reset = made
        tap.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        pad.addWidget(tap, 0, 0)
        pad.addWidget(self.said, 0, 1, 1, 3)
        for column, button in enumerate((use, use_on, self.follows, reset)):
            pad.addWidget(button, 1, column)
        return pad

    def refresh(self) -> None:
        """Show what there is to correct."""
        document = self.session.document
        music = document.music
        has_beats = music is not None and music.n_beats > 0
        fit = self.taps.fit
        for command, button in self.buttons.items():
            if command in ("tap_along", "dance_follows"):
                continue
            needs_taps, is_reset = command in ("tap_use", "tap_use_on"), command == "reset_grid"
            can = fit is not None if needs_taps else document.corrected is not None if is_reset else has_beats
            button.setEnabled(can)
            reason = "Tap along first." if needs_taps else "All is as it was heard." if is_reset else "No beats yet."
            button.set_reason("" if can else reason)
        self.follows.setChecked(self.session.view.dance_follows)
        self.said.set_text(self._words())
        self.said.setAccessibleName(self._words())

    def _words(self) -> str:
        """The running tempo of the taps; else what is stale, or how fast the song is."""
        taps, document = self.taps, self.session.document
        if taps.fit is not None:
            out = f", {taps.fit.n_left_out} left out" if taps.fit.n_left_out else ""
            return f"{taps.fit.bpm:.1f} bpm, {taps.fit.n_taps} taps \u00b1{1000 * taps.fit.spread_s:.0f} ms{out}"
        if taps.n_taps:
            tempo = f"{taps.bpm:.0f} bpm, " if taps.bpm else ""
            return f"{tempo}{taps.n_missing} more" if taps.n_missing else f"{tempo}uneven: tap on"
        n_stale = len(list(stale_clips(document)))
        if n_stale:
            return f"\u26a0 {n_stale} stale {'clip' if n_stale == 1 else 'clips'}: Ctrl+R makes anew"
        music = document.music
        return f"{music.tempo_bpm:.1f} bpm now" if music is not None and music.n_beats else "No beats yet"
