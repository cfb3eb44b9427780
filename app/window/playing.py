"""Wiring of the transport to the piece: keys, seeks, scrubbing, loop, click; and the playhead it gives back."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from editor.document.document import Document
from editor.playback.transport import Transport
from editor.session import Session
from engine.audio.audio import Audio
from engine.timebase import frame_at, time_of

_AT_S = 1e-3  # closer than this the playhead stands on a beat


class Playing:
    """Everything about playing that a key or a button can ask for."""

    def __init__(self, session: Session, transport: Transport) -> None:
        self.session, self.transport = session, transport
        session.seek_wanted.connect(self.seek)
        session.scrub_wanted.connect(self.scrub)
        session.loop_changed.connect(self._set_loop)
        session.view_changed.connect(self._set_click)
        session.changed.connect(self._on_changed)
        self.commands: dict[str, Callable[[], None]] = {
            "play_pause": self.toggle,
            "play_loop": self.play_from_loop,
            "jog_back": lambda: transport.jog(-1),
            "jog_stop": lambda: transport.jog(0),
            "jog_forward": lambda: transport.jog(1),
            "slow_back": lambda: transport.jog(-1, is_slow=True),
            "slow_forward": lambda: transport.jog(1, is_slow=True),
            "frame_back": lambda: self.step_frames(-1),
            "frame_forward": lambda: self.step_frames(1),
            "beat_back": lambda: self._step_to(self._beats_s(1), -1),
            "beat_forward": lambda: self._step_to(self._beats_s(1), 1),
            "bar_back": lambda: self._step_to(self._bars_s(), -1),
            "bar_forward": lambda: self._step_to(self._bars_s(), 1),
            "eight_back": lambda: self._step_to(self._eights_s(), -1),
            "eight_forward": lambda: self._step_to(self._eights_s(), 1),
            "edge_back": lambda: self._step_to(self._edges_s(), -1),
            "edge_forward": lambda: self._step_to(self._edges_s(), 1),
            "go_start": lambda: self.seek(0.0),
            "go_end": lambda: self.seek(session.document.duration_s),
            "loop_selection": self.loop_selection,
            "speed_25": lambda: self.set_speed(0.25),
            "speed_50": lambda: self.set_speed(0.5),
            "speed_75": lambda: self.set_speed(0.75),
            "speed_100": lambda: self.set_speed(1.0),
        }

    def set_audio(self, audio: Audio | None) -> None:
        """The song's sound, or none; the piece plays silently then."""
        self.transport.set_song(audio, self.session.document.duration_s)
        self._set_beats()
        self._set_loop()

    def tick(self) -> None:
        """Bring the playhead to what is heard; called before every picture."""
        if self.transport.is_playing:
            self.session.move_playhead(self.transport.position_s())

    def toggle(self) -> None:
        """Play, with a count-in where that is wanted; or stop."""
        if self.transport.is_playing:
            self.transport.pause()
            self.session.move_playhead(self.transport.position_s())
        else:
            self.transport.play(count_in=self.session.view.is_count_in_on)

    def play_from_loop(self) -> None:
        """Play from where the loop begins, or the selection."""
        session = self.session
        if session.loop_s is not None:
            self.seek(session.loop_s[0])
        elif session.selection is not None:
            self.seek(time_of(session.selection.start_frame, session.document.frame_rate_hz))
        if not self.transport.is_playing:
            self.toggle()

    def seek(self, time_s: float) -> None:
        """Go to a moment, playing on if it plays."""
        self.transport.seek(time_s)
        self.session.move_playhead(time_s)

    def scrub(self, time_s: float, is_held: bool) -> None:
        """A hand drags along the song: a short grain is heard at each place; the playhead stays where it lets go."""
        if is_held:
            self.transport.scrub(time_s)
        else:
            self.transport.scrub_end()
        self.session.move_playhead(time_s)

    def set_speed(self, speed: float) -> None:
        """Practice speed, 0.25 to 1; the pitch stays."""
        self.transport.set_speed(speed)
        self.session.view_changed.emit()

    def step_frames(self, n: int) -> None:
        """To the beginning of a frame some frames on or back."""
        rate_hz = self.session.document.frame_rate_hz
        self.seek(max(0.0, time_of(self.session.playhead_frame + n, rate_hz)))

    def loop_selection(self) -> None:
        """The loop region becomes the selection, and looping is on."""
        chosen, rate_hz = self.session.selection, self.session.document.frame_rate_hz
        if chosen is None or not chosen.n_frames:
            self.session.said.emit("Select something first: the loop then runs over it.", "note")
            return
        self.session.set_loop((time_of(chosen.start_frame, rate_hz), time_of(chosen.end_frame, rate_hz)), True)

    # Places to step to

    def _step_to(self, times_s: np.ndarray, direction: int) -> None:
        now_s = self.session.playhead_s
        times_s = np.unique(np.concatenate([[0.0], times_s, [self.session.document.duration_s]]))
        ahead = times_s[times_s > now_s + _AT_S] if direction > 0 else times_s[times_s < now_s - _AT_S]
        if len(ahead):
            self.seek(float(ahead[0] if direction > 0 else ahead[-1]))

    def _beats_s(self, every: int) -> np.ndarray:
        music = self.session.document.music
        if music is None or not music.n_beats:
            # Without beats a step is a second.
            return np.arange(0.0, self.session.document.duration_s, 1.0)
        return music.beat_times_s[::every]

    def _bars_s(self) -> np.ndarray:
        music = self.session.document.music
        return self._beats_s(1)[::4] if music is None or not music.n_beats else music.downbeat_times_s

    def _eights_s(self) -> np.ndarray:
        music = self.session.document.music
        if music is None or not music.n_beats:
            return self._beats_s(1)[::8]
        return music.beat_times_s[music.counts_of_eight() == 1]

    def _edges_s(self) -> np.ndarray:
        document = self.session.document
        frames = {f for t in document.tracks for c in t.clips for f in (c.start_frame, c.end_frame)}
        return np.array(sorted(frames), dtype=float) / document.frame_rate_hz

    # What the transport must know

    def _set_loop(self) -> None:
        session = self.session
        self.transport.set_loop(session.loop_s if session.is_looping else None)

    def _set_click(self) -> None:
        self.transport.is_click_on = self.session.view.is_click_on

    def _set_beats(self) -> None:
        music = self.session.document.music
        if music is None:
            self.transport.set_beats(np.zeros(0), np.zeros(0, dtype=int), np.zeros(0, dtype=bool))
            return
        self.transport.set_beats(music.beat_times_s, music.counts_of_eight(), music.beat_in_bar == 0)

    def _on_changed(self, old: Document, new: Document, _label: str) -> None:
        if old.music is not new.music:
            self._set_beats()
        if abs(old.duration_s - new.duration_s) > 1e-9:
            self.transport.set_duration(new.duration_s)


def bar_around(document: Document, time_s: float, n_counts_of_one: bool) -> tuple[int, int] | None:
    """Frames of the bar (or the count of eight) that a moment lies in, [start, end); None without beats."""
    music = document.music
    if music is None or not music.n_beats:
        return None
    if n_counts_of_one:
        starts = music.beat_times_s[music.counts_of_eight() == 1]
    else:
        starts = music.downbeat_times_s
    edges = np.concatenate([[0.0], starts, [document.duration_s]])
    index = int(np.searchsorted(edges, time_s + _AT_S, side="right")) - 1
    index = min(max(index, 0), len(edges) - 2)
    rate_hz = document.frame_rate_hz
    start, end = frame_at(edges[index], rate_hz), frame_at(edges[index + 1], rate_hz)
    return (start, end) if end > start else None
