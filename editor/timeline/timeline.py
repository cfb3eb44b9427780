"""The timeline: heads at the left, lanes at the right, one time axis for all of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

from PySide6.QtCore import QEvent, QPoint, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QGridLayout, QMenu, QScrollBar, QWidget

from editor.document.document import Document
from editor.document.marker_edits import add_marker, rename_marker
from editor.session import Session
from editor.theme import Theme
from editor.timeline.background import Background, RunLater
from editor.timeline.canvas import Canvas
from editor.timeline.curve_lane import CurveLane
from editor.timeline.dancer_lane import DancerLane
from editor.timeline.empty_state import EmptyState
from editor.timeline.following import followed
from editor.timeline.footwork import Footwork, footwork_of
from editor.timeline.geometry import TimeView, time_code
from editor.timeline.heads import WIDTH_PX, CurveHead, DancerHead, Head, HeadColumn, ReadingHead
from editor.timeline.ink import Ink
from editor.timeline.lane import Lane
from editor.timeline.menu import clip_menu, marker_menu
from editor.timeline.model import Mark, TimelineModel
from editor.timeline.music_lanes import MarkerLane, SectionLane, WaveLane
from editor.timeline.name_field import NameField
from editor.timeline.rulers import BarRuler, CountRuler, LoopStrip, TimeRuler
from editor.timeline.wave import WavePyramid
from engine.audio.audio import Audio
from engine.motion.motion import Motion

_KEPT_ZOOMS = 50
_ZOOM_PAUSE_MS = 700  # wheel steps closer together than this are one zoom to go back from
_SCROLL_STEPS_PER_PX = 4


class Timeline(QWidget):
    """Everything that happens over time in a piece.

    Args:
        session: The open piece.
        theme: Its colours.
        run_later: Takes work and a function for its result, runs the work off the GUI thread and calls the
            function on it; a thread of the timeline's own where None.

    Signals:
        command_wanted(name): A command of the application, from the menu of a clip.
        place_menu_wanted(place, QPoint): A right click on a head ("dancer") or where `Canvas` says, global.
        open_song_wanted(), open_demo_wanted(): Buttons of the empty timeline.
        hovered(time_s | None): The time under the cursor; None outside.
        finding_picked(key): One of a mark's keys; again for the next of them.

    Attributes:
        key_of, can_run: The key of a command, and whether it can be done now; assigned by whoever knows.
        wheel_zooms: A preference: the bare wheel zooms, and with Ctrl it scrolls the lanes.
    """

    command_wanted = Signal(str)
    place_menu_wanted = Signal(str, QPoint)
    open_song_wanted = Signal()
    open_demo_wanted = Signal()
    hovered = Signal(object)
    finding_picked = Signal(object)

    def __init__(self, session: Session, theme: Theme, run_later: RunLater | None = None) -> None:
        super().__init__()
        self.session, self.theme = session, theme
        self.model = TimelineModel(session)
        self._ink = Ink(theme, self.font(), self.devicePixelRatioF())
        self._background = Background(self)
        self._run_later = run_later or self._background.run_later
        self.key_of: Callable[[str], str] = lambda _command: ""
        self.can_run: Callable[[str], bool] = lambda _command: True
        self._audio: Audio | None = None
        self._motions: dict[str, Motion] = {}
        self._selected: dict[str, str] = {}
        self._active_shown: str | None = session.active_track_id
        self._zooms: list[TimeView] = []
        self._was_empty: bool | None = None
        self._wheel_pause = QTimer(self, interval=_ZOOM_PAUSE_MS, singleShot=True)
        self._build()
        self._listen()
        self._read_music()
        self._renew_lanes()
        self.zoom_fit(remembers=False)

    # Making -------------------------------------------------------------------------------------------

    def _build(self) -> None:
        self.setMinimumSize(480, 180)
        self.setAccessibleName("Timeline")
        self.heads = HeadColumn(self)
        self.canvas = Canvas(self.model, self._ink, self)
        self._across = QScrollBar(Qt.Orientation.Horizontal, self)
        self._down = QScrollBar(Qt.Orientation.Vertical, self)
        self._across.setAccessibleName("Time shown")
        self._down.setAccessibleName("Lanes shown")
        for bar in (self._across, self._down):
            bar.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        policy = self._across.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self._across.setSizePolicy(policy)
        self._across.valueChanged.connect(self._scroll_to)
        self._down.valueChanged.connect(self._scroll_lanes_to)
        self._grid = grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(0)
        grid.addWidget(self.heads, 0, 0)
        grid.addWidget(self.canvas, 0, 1)
        grid.addWidget(self._down, 0, 2)
        grid.addWidget(self._across, 1, 1)
        grid.setColumnStretch(1, 1)
        grid.setRowStretch(0, 1)
        self._empty = EmptyState(self.theme, self._ink, self)
        self._empty.open_song_wanted.connect(self.open_song_wanted)
        self._empty.open_demo_wanted.connect(self.open_demo_wanted)
        self._editor = NameField(self.canvas)
        self._editor.setAccessibleName("Marker's name")
        self._editor.hide()
        self._edited_marker = ""
        self._editor.editingFinished.connect(self._name_marker)
        self.canvas.pan_wanted.connect(self.pan)
        self.canvas.zoom_wanted.connect(self._zoom_by_wheel)
        self.canvas.zoom_to_wanted.connect(self._zoom_to)
        self.canvas.hovered.connect(self._hover)
        self.canvas.menu_wanted.connect(self._show_menu)
        self.canvas.marker_menu_wanted.connect(self._show_marker_menu)
        self.canvas.place_menu_wanted.connect(self.place_menu_wanted)
        self.canvas.mark_picked.connect(self._pick)
        self.canvas.marker_wanted.connect(lambda time_s: self.add_marker(time_s))
        self.canvas.marker_rename_wanted.connect(self.rename_marker)
        self._music_lanes: list[Lane] = [
            LoopStrip(self.model), CountRuler(self.model), BarRuler(self.model), TimeRuler(self.model),
            SectionLane(self.model), WaveLane(self.model), CurveLane(self.model), MarkerLane(self.model),
        ]  # fmt: skip
        self._music_heads = [self._head_for(lane) for lane in self._music_lanes]

    def _head_for(self, lane: Lane) -> Head:
        parent = self.heads if lane.is_pinned else self.heads.scrolled
        if isinstance(lane, DancerLane):
            head: Head = DancerHead(lane, self.model, self._ink, parent)
            head.picked.connect(lambda: self.session.activate(lane.track_id))
            head.menu_wanted.connect(lambda at: self._show_dancer_menu(lane.track_id, at))
            return head
        if isinstance(lane, CurveLane):
            curve_head = CurveHead(lane, self.model, self._ink, parent)
            curve_head.value_picked.connect(self.draw_value)
            return curve_head
        kind = ReadingHead if isinstance(lane, CountRuler | BarRuler | TimeRuler) else Head
        return kind(lane, self.model, self._ink, parent)

    def _listen(self) -> None:
        session = self.session
        ends = [
            session.changed.connect(self._on_changed),
            session.selection_changed.connect(self._on_selection),
            session.playhead_moved.connect(self._on_playhead),
            session.loop_changed.connect(lambda: self.canvas.forget(self._music_lanes[0])),
        ]
        self.destroyed.connect(lambda: [end() for end in ends])
        self._playhead_s = session.playhead_s

    # What is shown ------------------------------------------------------------------------------------

    @property
    def wheel_zooms(self) -> bool:
        """Whether the bare wheel zooms."""
        return self.canvas.wheel_zooms

    @wheel_zooms.setter
    def wheel_zooms(self, wheel_zooms: bool) -> None:
        self.canvas.wheel_zooms = wheel_zooms

    def set_theme(self, theme: Theme) -> None:
        """Other colours."""
        self.theme = theme
        self._renew_ink()

    def set_audio(self, audio: Audio | None) -> None:
        """The song's sound; its wave appears when it is ready."""
        if audio is self._audio and (audio is None or self.model.wave is not None):
            return
        self._audio, self.model.wave = audio, None
        self._forget(WaveLane)
        if audio is None:
            return

        def show(wave: WavePyramid) -> None:
            if self._audio is audio:
                self.model.wave = wave
                self._forget(WaveLane)

        self._run_later(lambda: WavePyramid(audio), show)

    def set_motions(self, motions: dict[str, Motion]) -> None:
        """The dancers' whole dances by track id, for contacts and movements. What is known is not computed again."""
        old, self._motions = self._motions, dict(motions)
        for track_id in [t for t in self.model.footwork if t not in motions]:
            del self.model.footwork[track_id]
        for track_id, motion in motions.items():
            if old.get(track_id) is not motion:
                self._run_later(self._footwork_work(track_id, motion), self._show_footwork)

    def _footwork_work(self, track_id: str, motion: Motion) -> Callable[[], tuple[str, Motion, Footwork | None]]:
        def work() -> tuple[str, Motion, Footwork | None]:
            is_wanted = self._motions.get(track_id) is motion  # a newer one may have come while this waited
            return track_id, motion, footwork_of(motion) if is_wanted else None

        return work

    def _show_footwork(self, result: tuple[str, Motion, Footwork | None]) -> None:
        track_id, motion, footwork = result
        if footwork is None or self._motions.get(track_id) is not motion:
            return
        self.model.footwork[track_id] = footwork
        for lane in self.canvas.lanes:
            if lane.track_id == track_id:
                self.canvas.forget(lane)

    def set_findings(self, marks: Iterable[Mark], aged: Iterable[str] = (), chosen_key: object = None) -> None:
        """Show what was found.

        Args:
            marks: One for each movement in which something was found.
            aged: Tracks whose marks are those of an earlier version of the dance: they are shown paler.
            chosen_key: Of the finding that is selected.
        """
        changed = self.model.set_marks(marks, aged, chosen_key)
        for lane in self.canvas.lanes:
            if lane.track_id in changed:
                self.canvas.forget(lane)

    def set_styles(self, names: Iterable[str]) -> None:
        """Names of the styles whose weight may be drawn: those of the model's card."""
        self.model.styles = tuple(sorted(names))
        self._forget(DancerLane)
        self._forget(CurveLane)

    def draw_value(self, name: str) -> None:
        """Let the emotion lane edit another value: an emotion, or the weight of a style."""
        self.model.drawn, self.model.point = name, -1
        self._forget(CurveLane)
        for head in self.heads.heads:
            if isinstance(head, CurveHead):
                head.refresh()

    # Zoom ---------------------------------------------------------------------------------------------

    @property
    def view(self) -> TimeView:
        """The stretch that is shown."""
        return self.model.view

    def show_work(self, text: str) -> None:
        """Say over an empty timeline what is being done; an empty text invites a song again."""
        self._empty.show_work(text)

    def zoom_fit(self, remembers: bool = True) -> None:
        """Show the whole piece."""
        self._show(self.view.showing(0.0, self.model.duration_s), remembers)

    def zoom_selection(self) -> None:
        """Show the selected span, with a little room; without one the whole piece."""
        selection, rate_hz = self.session.selection, self.model.frame_rate_hz
        if selection is None or not selection.n_frames:
            self.zoom_fit()
        else:
            self._zoom_to(selection.start_frame / rate_hz, selection.end_frame / rate_hz)

    def zoom_by(self, factor: float) -> None:
        """Closer (above 1) or farther, round the playhead where it is in sight, else round the middle."""
        x = self.view.x_of(self.session.playhead_s)
        self._show(self.view.zoomed(factor, x if 0 <= x <= self.view.width_px else 0.5 * self.view.width_px), True)

    def zoom_back(self) -> None:
        """Show what was shown before the last zoom."""
        if self._zooms:
            self._show(replace(self._zooms.pop(), width_px=self.view.width_px), False)

    def pan(self, dx_px: float, dy_px: float) -> None:
        """Move the picture: to the right over the piece, and down over the lanes."""
        if dx_px:
            self._show(self.view.panned(dx_px), False)
        if dy_px:
            self._down.setValue(round(self._down.value() + dy_px))

    def _zoom_to(self, start_s: float, end_s: float) -> None:
        room_s = 0.04 * (end_s - start_s)
        self._show(self.view.showing(start_s - room_s, end_s + room_s), True)

    def _zoom_by_wheel(self, factor: float, x: float) -> None:
        self._show(self.view.zoomed(factor, x), not self._wheel_pause.isActive())
        self._wheel_pause.start()

    def _show(self, view: TimeView, remembers: bool) -> None:
        view = view.within(self.model.duration_s, self.model.frame_rate_hz).on_pixels(self._ink.dpr)
        if view == self.view:
            return
        if remembers:
            self._zooms = [*self._zooms[1 - _KEPT_ZOOMS :], self.view]
        self.model.view = view
        self.canvas.show_view()
        self._adjust_bars()

    def _adjust_bars(self) -> None:
        view, per_px = self.view, _SCROLL_STEPS_PER_PX
        whole_px = self.model.duration_s * view.px_per_s + 2 * 12.0
        self._across.blockSignals(True)
        self._across.setRange(0, max(round((whole_px - view.width_px) * per_px), 0))
        self._across.setPageStep(round(view.width_px * per_px))
        self._across.setSingleStep(40 * per_px)
        self._across.setValue(round((view.start_s * view.px_per_s + 12.0) * per_px))
        self._across.blockSignals(False)
        self._across.setVisible(self._across.maximum() > 0)

    def _scroll_to(self, value: int) -> None:
        px = value / _SCROLL_STEPS_PER_PX - 12.0
        self._show(replace(self.view, start_s=px / self.view.px_per_s), False)

    def show_active_lane(self) -> None:
        """Scroll to the active dancer's lane, where it is out of sight."""
        self._active_shown = None
        self._show_active_lane()

    def _show_active_lane(self) -> None:
        """Scroll to the active dancer's lane, where that has become another dancer."""
        active = self.session.active_track_id
        if active == self._active_shown:
            return
        self._active_shown = active
        lane = next((x for x in self.canvas.lanes if isinstance(x, DancerLane) and x.track_id == active), None)
        if lane is None or not self._down.isVisibleTo(self):
            return
        top = self.canvas.y_of(lane)
        over = self.canvas.pinned_px - top
        under = top + lane.height(self._ink) - self.canvas.height()
        if over > 0 or under > 0:
            self._down.setValue(round(self._down.value() + (under if under > 0 else -over)))

    def _scroll_lanes_to(self, value: int) -> None:
        self.canvas.scroll_y = self.heads.scroll_y = value
        self.heads.lay_out()
        self.canvas.update()
        self._close_editor()

    # Lanes --------------------------------------------------------------------------------------------

    def _renew_lanes(self) -> None:
        """One lane for each dancer; lanes and heads that stay are kept."""
        kept = {lane.track_id: (lane, head) for lane, head in zip(self.canvas.lanes, self.heads.heads, strict=True)}
        pairs: list[tuple[Lane, Head]] = list(zip(self._music_lanes, self._music_heads, strict=True))
        for track in self.session.document.tracks:
            lane, head = kept.get(track.id) or (DancerLane(self.model, track.id), None)
            lane.name = track.name
            pairs.append((lane, head or self._head_for(lane)))
        self.canvas.set_lanes([lane for lane, _ in pairs])
        self.heads.set_heads([head for _, head in pairs], self._ink)
        self._lay_out()

    def _lay_out(self) -> None:
        self.canvas.lay_out()
        self.heads.setFixedWidth(self._ink.px(WIDTH_PX))
        self.heads.lay_out()
        room = self.canvas.height() - self.canvas.pinned_px
        hidden = max(self.canvas.content_px - self.canvas.pinned_px - room, 0)
        self._down.setRange(0, hidden)
        self._down.setPageStep(max(room, 1))
        self._down.setSingleStep(self._ink.px(24))
        if self._down.isHidden() != (hidden <= 0):
            self._down.setVisible(hidden > 0)
            self._grid.activate()
            self._adjust_width()  # the canvas is narrower or wider by the bar
        document = self.session.document
        is_empty = document.song is None and not any(track.clips for track in document.tracks)
        self._empty.setVisible(is_empty)
        if is_empty:
            self._empty.setGeometry(self.rect())
            self._empty.raise_()

    def _forget(self, kind: type[Lane]) -> None:
        for lane in self.canvas.lanes:
            if isinstance(lane, kind):
                self.canvas.forget(lane)

    def _renew_ink(self) -> None:
        self._ink = Ink(self.theme, self.font(), self.devicePixelRatioF())
        self.canvas.set_ink(self._ink)
        self.heads.set_ink(self._ink)
        self._empty.set_ink(self.theme, self._ink)
        self._lay_out()
        self._adjust_width()

    def _adjust_width(self) -> None:
        width = float(max(self.canvas.width(), 1))
        if width != self.view.width_px:
            is_whole = self.view.span_s >= self.model.duration_s
            self.model.view = replace(self.view, width_px=width)
            view = self.view.showing(0.0, self.model.duration_s) if is_whole else self.view
            view = view.within(self.model.duration_s, self.model.frame_rate_hz)
            self.model.view = view.on_pixels(self._ink.dpr)
            self.canvas.forget_all()
        self._adjust_bars()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._grid.activate()
        self._lay_out()
        self._grid.activate()
        self._adjust_width()

    def event(self, event: QEvent) -> bool:
        kinds = (QEvent.Type.DevicePixelRatioChange, QEvent.Type.FontChange, QEvent.Type.Show)
        if event.type() in kinds and hasattr(self, "_editor"):
            ink = self._ink
            fresh = Ink(self.theme, self.font(), self.devicePixelRatioF())
            if (fresh.dpr, fresh.scale, fresh.normal) != (ink.dpr, ink.scale, ink.normal):
                self._renew_ink()
        return super().event(event)

    # The session --------------------------------------------------------------------------------------

    def _on_changed(self, old: Document, new: Document, _label: str) -> None:
        """Paint anew what differs."""
        self.canvas.cancel()
        if old.music is not new.music:
            self._read_music()
            self.canvas.forget_all()
        if old.pins is not new.pins:
            self._forget(BarRuler)
            self._forget(WaveLane)
        if old.markers is not new.markers:
            self._forget(MarkerLane)
        if old.settings is not new.settings:
            self._forget(CurveLane)
        if old.tracks is not new.tracks or old.song is not new.song:
            self._on_tracks(old, new)
        if old.duration_s != new.duration_s:
            is_new = old.song is not new.song
            self._show(self.view.showing(0.0, self.model.duration_s) if is_new else self.view, False)
            self._adjust_bars()

    def _on_tracks(self, old: Document, new: Document) -> None:
        before = {track.id: track for track in old.tracks}
        self._renew_lanes()
        for lane, head in zip(self.canvas.lanes, self.heads.heads, strict=True):
            if isinstance(lane, DancerLane) and before.get(lane.track_id) is not new.track(lane.track_id):
                self.canvas.forget(lane)
                if isinstance(head, DancerHead):
                    head.refresh()

    def _read_music(self) -> None:
        self.model.read_music()
        self._read_place()

    def _on_selection(self) -> None:
        for lane, head in zip(self.canvas.lanes, self.heads.heads, strict=True):
            if isinstance(lane, DancerLane):
                head.update()
                if self._selected.get(lane.track_id, "") != lane.selected_clip_id:
                    self._selected[lane.track_id] = lane.selected_clip_id
                    lane.forget()  # the frame round a selected clip
        self._show_active_lane()
        self.canvas.update()

    def _on_playhead(self) -> None:
        before, self._playhead_s = self._playhead_s, self.session.playhead_s
        if not self.canvas.is_busy:
            self._show(followed(self.view, self.session.view.follow_mode, before, self._playhead_s), False)
        self.canvas.move_playhead()
        if self.model.hover_s is None:
            self._read_place()

    def _hover(self, time_s: float | None) -> None:
        self._read_place()
        self.hovered.emit(time_s)

    def _read_place(self) -> None:
        """Count, bar and time under the cursor, else at the playhead, in the rulers' heads."""
        is_hover = self.model.hover_s is not None
        time_s = self.session.playhead_s if self.model.hover_s is None else max(self.model.hover_s, 0.0)
        half_frame_s = 0.5 / self.model.frame_rate_hz  # the frame just before a beat stands for it
        moment = self.model.grid.at(time_s + half_frame_s) if self.model.grid is not None else None
        readings = {
            CountRuler: f"{moment.phrase} · {moment.count}" if moment else "–",
            BarRuler: f"{moment.bar}.{moment.beat}" if moment else "–",
            TimeRuler: time_code(time_s, self.model.frame_rate_hz),
        }
        for head in self._music_heads:
            if isinstance(head, ReadingHead):
                head.read(readings[type(head.lane)], is_hover)  # type: ignore[index]

    # Markers, menu, keys ------------------------------------------------------------------------------

    def add_marker(self, time_s: float | None = None) -> None:
        """Set a marker at a time, by default at the playhead, exactly."""
        at_s = self.session.playhead_s if time_s is None else time_s
        number = len(self.session.document.markers) + 1
        self.session.edit("add marker", lambda d: add_marker(d, at_s, f"Marker {number}"))

    def rename_marker(self, marker_id: str) -> None:
        """Let her type a marker's name in its place."""
        lane = next(lane for lane in self._music_lanes if isinstance(lane, MarkerLane))
        marker = next(m for m in self.session.document.markers if m.id == marker_id)
        box = QRectF(lane.label_box(marker, self._ink)).translated(0, self.canvas.y_of(lane)).toRect()
        self._edited_marker = marker_id
        self._editor.setStyleSheet(
            f"QLineEdit {{ background: {self.theme.raised}; color: {self.theme.text}; padding: 0 4px; margin: 0;"
            f" min-height: 0; border: 1px solid {self.theme.accent}; border-radius: 3px; }}"
        )
        self._editor.setFont(self._ink.small)
        self._editor.setGeometry(box)
        self._editor.setText(marker.text)
        self._editor.show()
        self._editor.selectAll()
        self._editor.setFocus()

    def _name_marker(self) -> None:
        marker_id, text = self._edited_marker, self._editor.text()
        self._close_editor()
        if any(m.id == marker_id and m.text != text for m in self.session.document.markers):
            self.session.edit("rename marker", lambda d: rename_marker(d, marker_id, text))

    def _close_editor(self) -> None:
        self._edited_marker = ""
        if self._editor.isVisible():
            self._editor.hide()
            self.canvas.setFocus()

    def _pick(self, mark: Mark) -> None:
        """The worst finding of a movement, and with every further click the next."""
        if mark.keys:
            at = mark.keys.index(self.model.chosen_key) + 1 if self.model.chosen_key in mark.keys else 0
            self.finding_picked.emit(mark.keys[at % len(mark.keys)])

    def _show_menu(self, at: QPoint) -> None:
        self._pop_up(clip_menu(self.session, self.command_wanted.emit, self.key_of, self.can_run, self), at)

    def _show_dancer_menu(self, track_id: str, at: QPoint) -> None:
        self.session.activate(track_id)  # a press did, the keyboard's menu key did not
        self.place_menu_wanted.emit("dancer", at)

    def _show_marker_menu(self, marker_id: str, at: QPoint) -> None:
        marker = next(m for m in self.session.document.markers if m.id == marker_id)
        self._pop_up(marker_menu(self.session, marker, self.rename_marker, self), at)

    def _pop_up(self, menu: QMenu, at: QPoint) -> None:
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(at)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self._editor.isVisible():
            self._close_editor()
        elif event.key() == Qt.Key.Key_Backspace and not event.modifiers():
            self.zoom_back()
        else:
            super().keyPressEvent(event)
