"""The piece: dancers, song, beats, markers, cameras."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from editor.document.camera_edits import change_camera, remove_camera
from editor.document.document import Document, Marker, ShotCamera
from editor.document.grid_edits import (
    double_tempo,
    halve_tempo,
    nudge_grid,
    reset_grid,
    set_one_here,
    shift_downbeat,
)
from editor.document.marker_edits import add_marker, remove_marker, rename_marker
from editor.panels import drawing
from editor.panels.buttons import Button, SegmentedButton
from editor.panels.controls import ElidedLabel, Ground, PanelScroll, Section, Words
from editor.panels.dancers import Dancers
from editor.panels.drawing import Painted
from editor.panels.naming import clock
from editor.panels.rows import Row, empty
from editor.session import Session
from editor.theme import SPACE, Theme
from engine.music.analysis import MusicAnalysis, tracker_name

NUDGE_S = 0.010
_Edit = Callable[[Document], Document]
# Words, icon, name for the tooltip, why, the edit (given the playhead and whether the dance follows), its label; two
# in a row.
GRID_BUTTONS: tuple[tuple[str, str, str, str, Callable[[float, bool], _Edit], str], ...] = (
    ("Half", "", "Half tempo", "Count every other beat.", lambda *_: halve_tempo, "halve tempo"),
    ("Double", "", "Double tempo", "Count twice as many beats.", lambda *_: double_tempo, "double tempo"),
    ("1 is here", "marker", "The 1 is at the playhead", "The nearest beat becomes the 1 of a bar and an eight.",
     lambda time_s, follows: lambda d: set_one_here(d, time_s, follows), "1 is here"),
    ("1 a beat later", "", "Shift the 1 by a beat", "Every bar begins one beat later.",
     lambda _, follows: lambda d: shift_downbeat(d, 1, follows), "shift the 1"),
    ("\N{MINUS SIGN}10 ms", "back", "All beats 10 ms earlier", "Where the count comes late.",
     lambda _, follows: lambda d: nudge_grid(d, -NUDGE_S, follows), "beats 10 ms earlier"),
    ("+10 ms", "forward", "All beats 10 ms later", "Where the count comes early.",
     lambda _, follows: lambda d: nudge_grid(d, NUDGE_S, follows), "beats 10 ms later"),
)  # fmt: skip

MUSIC_FACTS = ("Tempo", "Meter", "Beats", "Heard by")


class PiecePanel(Painted, QWidget):
    """What the piece is made of.

    Signals:
        add_dancer_wanted(): Another dancer, beside the others.
        embed_wanted(bool): Keep the song inside the project file, or link to it.
        song_wanted(): Choose a song.
        store_camera_wanted(): Keep the present view as a camera.
        recall_camera_wanted(str): Look through the camera of that id.
    """

    add_dancer_wanted = Signal()
    embed_wanted = Signal(bool)
    song_wanted = Signal()
    store_camera_wanted = Signal()
    recall_camera_wanted = Signal(str)

    def __init__(self, session: Session, theme: Theme) -> None:
        super().__init__()
        self.session, self.theme = session, theme
        self.setAccessibleName("Piece")
        inside = Ground(theme)
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, 0, SPACE[1])
        column.setSpacing(0)
        self.sections = [self._dancers(), self._song(), self._beats(), self._markers(), self._cameras()]
        for section in self.sections:
            column.addWidget(section)
        column.addStretch(1)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(PanelScroll(inside, theme))
        ends = [session.changed.connect(lambda *_: self.refresh()), session.selection_changed.connect(self.refresh)]
        self.destroyed.connect(lambda _=None: [end() for end in ends])
        self.refresh()

    def refresh(self) -> None:
        """Show the piece as it is."""
        document = self.session.document
        self.dancers.refresh()
        n = len(document.dancers)
        self.sections[0].set_summary("none yet" if not n else "1 dancer" if n == 1 else f"{n} dancers")
        self._show_song(document)
        self._show_beats(document)
        self._show_markers(document.markers)
        self._show_cameras(document.cameras)

    # What it is made of

    def _dancers(self) -> Section:
        self.dancers = Dancers(self.session, self.theme)
        self.dancers.add_wanted.connect(self.add_dancer_wanted)
        return _section("Dancers", self.theme, [self.dancers])

    def _song(self) -> Section:
        self.song_name = ElidedLabel("", self.theme, is_bold=True)
        self.facts = {name: _Fact(name, self.theme) for name in ("Length", *MUSIC_FACTS)}
        self.no_song = Words("No song yet: drop an audio file into the window.", self.theme)
        self.choose_song = Button("Choose a song\u2026", self.theme, is_small=True, why="WAV, FLAC, MP3 and others.")
        self.choose_song.clicked.connect(self.song_wanted)
        self.embedding = SegmentedButton(
            (("linked", "Linked", "The project remembers where the file lies: small, but it must stay there."),
             ("embedded", "Embedded", "The song travels inside the project file.")),
            self.theme, "Song in the project",
        )  # fmt: skip
        self.embedding.chosen.connect(self._choose_embedding)
        shown = [self.song_name, *self.facts.values(), self.embedding, self.no_song, self.choose_song]
        return _section("Song", self.theme, shown)

    def _beats(self) -> Section:
        self.grid_buttons: list[Button] = []
        grid = QWidget()
        cells = QGridLayout(grid)
        cells.setContentsMargins(0, 0, 0, 0)
        cells.setSpacing(SPACE[0])
        for i, (words, glyph, name, why, make, label) in enumerate(GRID_BUTTONS):
            button = Button(words, self.theme, glyph=glyph, is_small=True, name=name, why=why)
            button.clicked.connect(partial(self._correct, label, make))
            self.grid_buttons.append(button)
            cells.addWidget(button, i // 2, i % 2)
        cells.setColumnStretch(0, 1)
        cells.setColumnStretch(1, 1)
        self.reset_beats = Button("Back to what was heard", self.theme, is_small=True, name="Undo all corrections",
                                  why="The beats as they were found in the sound.")  # fmt: skip
        self.reset_beats.clicked.connect(
            lambda: self._correct("reset beats", lambda _, follows: lambda d: reset_grid(d, follows))
        )
        return _section("Beats", self.theme, [grid, self.reset_beats])

    def _markers(self) -> Section:
        self.marker_rows: list[Row] = []
        self._shown_markers: tuple[Marker, ...] | None = None
        self._marker_list = _list_widget()
        self.add_marker = Button("Add marker", self.theme, glyph="add", key="M", is_small=True,
                                 why="A named moment at the playhead.")  # fmt: skip
        self.add_marker.clicked.connect(self._mark)
        return _section("Markers", self.theme, [self._marker_list, self.add_marker])

    def _cameras(self) -> Section:
        self.camera_rows: list[Row] = []
        self._shown_cameras: tuple[ShotCamera, ...] | None = None
        self._camera_list = _list_widget()
        self.store_camera = Button("Store this view", self.theme, glyph="camera", is_small=True,
                                   why="The viewport's present view, to come back to.")  # fmt: skip
        self.store_camera.clicked.connect(self.store_camera_wanted)
        return _section("Cameras", self.theme, [self._camera_list, self.store_camera])

    # What is shown

    def _show_song(self, document: Document) -> None:
        song, music = document.song, document.music
        for widget in (self.song_name, self.embedding, *self.facts.values()):
            widget.setVisible(song is not None)
        for widget in (self.no_song, self.choose_song):
            widget.setVisible(song is None)
        if song is None:
            return
        self.song_name.set_text(song.name)
        self.embedding.set_choice("linked" if song.data is None else "embedded")
        self.facts["Length"].set_value(clock(song.duration_s))
        for name, value in _music_facts(music).items():
            self.facts[name].set_value(value)

    def _show_beats(self, document: Document) -> None:
        music = document.music
        has_beats = music is not None and music.n_beats > 0
        for button in self.grid_buttons:
            button.setEnabled(has_beats)
            button.set_reason("" if has_beats else "No beats are known yet.")
        self.reset_beats.setEnabled(document.corrected is not None)
        self.reset_beats.set_reason("" if document.corrected is not None else "The beats are as they were heard.")
        self.sections[2].set_summary("corrected" if document.corrected is not None else "")

    def _show_markers(self, markers: tuple[Marker, ...]) -> None:
        if markers == self._shown_markers:
            return
        self._shown_markers, self.marker_rows = markers, []
        empty(self._marker_list)
        for marker in markers:
            length = f"{clock(marker.time_s)}" + (f"\N{EN DASH}{clock(marker.end_s)}" if marker.end_s else "")
            row = Row(marker.text or "Marker", self.theme, glyph="marker", hue="accent", note=length, what="Marker")
            row.setToolTip(drawing.tip(f"Go to {marker.text or 'the marker'}", "Enter", "F2 renames, Del removes."))
            row.chosen.connect(partial(self.session.seek, marker.time_s))
            row.renamed.connect(partial(self._rename_marker, marker.id))
            row.remove_wanted.connect(partial(self._remove_marker, marker.id))
            self.marker_rows.append(row)
            _add(self._marker_list, row)
        self.sections[3].set_summary(f"{len(markers)}" if markers else "none yet")

    def _show_cameras(self, cameras: tuple[ShotCamera, ...]) -> None:
        if cameras == self._shown_cameras:
            return
        self._shown_cameras, self.camera_rows = cameras, []
        empty(self._camera_list)
        for camera in cameras:
            row = Row(camera.name, self.theme, glyph="camera", note=_shot(camera), what="Camera")
            row.setToolTip(drawing.tip(f"Look through {camera.name}", "Enter", "F2 renames, Del removes."))
            row.chosen.connect(partial(self.recall_camera_wanted.emit, camera.id))
            row.renamed.connect(partial(self._rename_camera, camera))
            row.remove_wanted.connect(partial(self._remove_camera, camera))
            self.camera_rows.append(row)
            _add(self._camera_list, row)
        self.sections[4].set_summary(f"{len(cameras)}" if cameras else "none yet")

    # What she does

    def _correct(self, label: str, make: Callable[[float, bool], _Edit]) -> None:
        self.session.edit(label, make(self.session.playhead_s, self.session.view.dance_follows))

    def _choose_embedding(self, choice: str) -> None:
        song = self.session.document.song
        wants = choice == "embedded"
        if song is None or wants == (song.data is not None):
            return
        self.embedding.set_choice("linked" if wants else "embedded")  # it changes once the song has been read
        self.embed_wanted.emit(wants)

    def _mark(self) -> None:
        time_s, number = self.session.playhead_s, len(self.session.document.markers) + 1
        self.session.edit("add marker", lambda d: add_marker(d, time_s, f"Marker {number}"))

    def _rename_marker(self, marker_id: str, text: str) -> None:
        self.session.edit("rename marker", lambda d: rename_marker(d, marker_id, text))

    def _remove_marker(self, marker_id: str) -> None:
        self.session.edit("remove marker", lambda d: remove_marker(d, marker_id))

    def _rename_camera(self, camera: ShotCamera, name: str) -> None:
        self.session.edit("rename camera", lambda d: change_camera(d, replace(camera, name=name)))

    def _remove_camera(self, camera: ShotCamera) -> None:
        self.session.edit(f"remove {camera.name}", lambda d: remove_camera(d, camera.id))


class _Fact(QWidget):
    """A name and what it is, in one line."""

    def __init__(self, name: str, theme: Theme) -> None:
        super().__init__()
        self._name = name
        self.label = ElidedLabel(name, theme, is_muted=True)
        self.value = ElidedLabel("", theme)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(SPACE[1])
        row.addWidget(self.label, 2)
        row.addWidget(self.value, 5)

    def set_value(self, value: str) -> None:
        """Show another value."""
        self.value.set_text(value)
        self.value.setAccessibleName(f"{self._name}: {value}")


def _music_facts(music: MusicAnalysis | None) -> dict[str, str]:
    if music is None:
        return dict.fromkeys(MUSIC_FACTS, "still listening\u2026")
    heard_by = tracker_name(music.tracker)
    if not music.n_beats:
        return dict.fromkeys(MUSIC_FACTS, "none found") | {"Heard by": heard_by}
    steady = "steady" if music.is_steady else "varying"
    sure = "clear" if music.beat_confidence >= 0.6 else "fair" if music.beat_confidence >= 0.3 else "unsure"
    n_bars = len(music.downbeat_times_s)
    return {
        "Tempo": f"{music.tempo_bpm:.1f} bpm, {steady}",
        "Meter": f"{music.beats_per_bar} beats a bar",
        "Beats": f"{music.n_beats} in {n_bars} bars, {sure}",
        "Heard by": heard_by,
    }


def _shot(camera: ShotCamera) -> str:
    if camera.end_s <= camera.start_s:
        return ""
    return f"{clock(camera.start_s)}\N{EN DASH}{clock(camera.end_s)}"


def _section(title: str, theme: Theme, widgets: Sequence[QWidget]) -> Section:
    section = Section(title, theme)
    for widget in widgets:
        section.body.addWidget(widget)
    return section


def _list_widget() -> QWidget:
    out = QWidget()
    column = QVBoxLayout(out)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(2)
    column.setAlignment(Qt.AlignmentFlag.AlignTop)
    return out


def _add(listing: QWidget, row: QWidget) -> None:
    layout = listing.layout()
    assert layout is not None
    layout.addWidget(row)
