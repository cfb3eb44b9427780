"""Keeps the stage, the bars and the take strip at the moment that is heard."""

from __future__ import annotations

from PySide6.QtCore import QTimer

from app.counting import Counting
from app.window.desk import Desk
from app.window.transport_bar import TransportBar
from editor.document.document import Document
from editor.panels.take_strip import TakeStrip
from viewer3d.follow import CameraPath
from viewer3d.viewport import Viewport

_TICK_MS = 16


class Showing:
    """One timer that asks the transport for the moment, and paints only when something moved.

    Attributes:
        camera_path: Where the stage is seen from at each moment, as long as the user leaves the camera to it.
    """

    def __init__(self, desk: Desk, viewport: Viewport, strip: TakeStrip, bar: TransportBar) -> None:
        self._desk, self._viewport, self._strip, self._bar = desk, viewport, strip, bar
        self._was_playing = False
        self.camera_path: CameraPath | None = None
        session = desk.session
        session.playhead_moved.connect(self.show)
        session.view_changed.connect(self.show)
        session.auditioned.connect(self.show)
        session.selection_changed.connect(self.show)
        session.changed.connect(self._on_changed)
        self._timer = QTimer(interval=_TICK_MS)
        self._timer.timeout.connect(self.tick)
        self._timer.start()
        self._on_changed(Document(), session.document, "")

    def tick(self) -> None:
        """What the timer does."""
        desk = self._desk
        desk.playing.tick()
        is_playing = desk.transport.is_playing
        left = desk.transport.count_in_left if is_playing else 0
        notice = str(9 - left) if left else ""
        if notice != desk.stage.count_in:
            desk.stage.count_in = notice
            self._bar.set_count_in(9 - left if left else 0)
            self.show()
        self._bar.set_playing(is_playing)
        if self._was_playing and not is_playing:
            desk.session.move_playhead(desk.transport.position_s())
        self._was_playing = is_playing

    def show(self) -> None:
        """Paint the stage at the playhead."""
        stage, time_s = self._desk.stage, self._desk.session.playhead_s
        path = self.camera_path
        self._viewport.show_view(stage.view_at(time_s), path.at(time_s) if path is not None else None)
        self._viewport.set_hud(stage.hud_at(time_s))
        self._strip.is_still = not self._desk.transport.is_playing
        if self._strip.isVisible():
            self._strip.set_time(time_s)

    def stop(self) -> None:
        """No more ticks."""
        self._timer.stop()

    def _on_changed(self, old: Document, new: Document, _label: str) -> None:
        if old.music is not new.music:
            self._bar.set_counting(Counting(new.music) if new.music and new.music.n_beats else None)
        self.show()
