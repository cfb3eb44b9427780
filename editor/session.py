"""What the window shows beside the document: selection, playhead, loop, snapping, what is auditioned. No Qt."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from editor.document.document import Clip, Document, Settings, Track
from editor.document.edits import EditRefused
from editor.document.history import History
from editor.observable import Signal
from engine.motion.motion import Motion
from engine.timebase import time_of

FOLLOW_MODES = ("page", "continuous", "fixed")
TRAILS = ("hands", "feet", "hips")


@dataclass(frozen=True)
class Selection:
    """A span of one track, [start_frame, end_frame); empty where both are equal."""

    track_id: str
    start_frame: int
    end_frame: int

    @property
    def n_frames(self) -> int:
        """Its length."""
        return self.end_frame - self.start_frame


@dataclass
class View:
    """What is shown, not saved with the piece and not undone. Assign, then `session.view_changed.emit()`."""

    is_snapping: bool = True
    is_ripple: bool = False
    follow_mode: str = "page"
    shows_ghosts: bool = False
    trails: frozenset[str] = field(default_factory=frozenset)
    follows_dancer: bool = True
    is_mirrored: bool = False
    shows_capsules: bool = False
    is_click_on: bool = False
    is_count_in_on: bool = False
    edits_grid: bool = False
    dance_follows: bool = True


class Session:
    """One open piece.

    Signals:
        changed(old: Document, new: Document, label: str): The document, by an edit, undo or redo.
        selection_changed(): `selection` or `active_track_id`.
        playhead_moved(): `playhead_s`, by a seek or while playing; at most once a picture.
        loop_changed(): `loop_s` or `is_looping`.
        view_changed(): Anything in `view`.
        auditioned(): What `auditioned_motion` answers.
        said(sentence: str, severity: str[, details: str]): For the bar over the stage; "note", "warning" or "error",
            and where a developer may have to help, what that developer wants to see.
        seek_wanted(time_s: float): Somebody asks the transport to go there.
        scrub_wanted(time_s: float, is_held: bool): The same while a hand drags; False when it lets go.
        preview_wanted(settings: Settings | None): A slider is under the hand; None when it is let go.
    """

    def __init__(self, document: Document | None = None) -> None:
        self.history = History(document or Document())
        self.changed = self.history.changed
        self.selection_changed, self.playhead_moved, self.loop_changed = Signal(), Signal(), Signal()
        self.view_changed, self.auditioned, self.said = Signal(), Signal(), Signal()
        self.seek_wanted, self.scrub_wanted, self.preview_wanted = Signal(), Signal(), Signal()
        self.view = View()
        self.selection: Selection | None = None
        self.active_track_id = ""
        self.playhead_s = 0.0
        self.loop_s: tuple[float, float] | None = None
        self.is_looping = False
        self._auditioned: dict[str, Motion] = {}
        self.changed.connect(self._mend_after_change)
        self._mend_after_change(self.document, self.document, "")

    @property
    def document(self) -> Document:
        """The piece as it stands."""
        return self.history.document

    @property
    def active_track(self) -> Track | None:
        """The dancer that commands act on; None without dancers."""
        return next((t for t in self.document.tracks if t.id == self.active_track_id), None)

    @property
    def selected_clip(self) -> Clip | None:
        """The clip that the selection is exactly, or lies in; None without a selection or between clips."""
        if self.selection is None:
            return None
        track = self.document.track(self.selection.track_id)
        start, end = self.selection.start_frame, self.selection.end_frame
        for clip in track.clips_in(start, max(end, start + 1)):
            if clip.start_frame <= start and end <= clip.end_frame:
                return clip
        return None

    @property
    def meant_clip(self) -> Clip | None:
        """The selected clip, or the dancer's only one where nothing is selected; None where it could be several."""
        track = self.active_track
        if self.selection is not None or track is None:
            return self.selected_clip
        return track.clips[0] if len(track.clips) == 1 else None

    @property
    def settings(self) -> Settings:
        """What the generate panel shows: the selection's settings, or the piece's."""
        if self.selection is None or not self.selection.n_frames:
            return self.document.settings
        return self.document.settings_for(
            self.selection.track_id, self.selection.start_frame, self.selection.end_frame
        )

    @property
    def playhead_frame(self) -> int:
        """The motion frame that is shown."""
        return int(self.playhead_s * self.document.frame_rate_hz + 1e-6)

    def edit(self, label: str, make: Callable[[Document], Document], is_tentative: bool = False) -> bool:
        """Commit an edit as one named step; an edit that is refused says so and changes nothing.

        Args:
            label: Completes "Undo ...", such as "split clip".
            make: An edit, its further arguments bound: `lambda d: split_clip(d, clip_id, frame)`.
            is_tentative: It goes with a preview: when nothing is kept of that, it is forgotten.
        """
        try:
            document = make(self.document)
        except EditRefused as refused:
            self.said.emit(str(refused), "warning")
            return False
        return self.history.commit(label, document, is_tentative)

    def select(self, track_id: str, start_frame: int, end_frame: int) -> None:
        """Select a span of a track, in any order of its edges, kept within the piece."""
        low, high = sorted((start_frame, end_frame))
        last = max(self.document.n_frames, self.document.track(track_id).end_frame)
        self.selection = Selection(track_id, min(max(low, 0), last), min(max(high, 0), last))
        self.active_track_id = track_id
        self.selection_changed.emit()

    def select_nothing(self) -> None:
        """Take the selection away; the active track stays."""
        self.selection = None
        self.selection_changed.emit()

    def activate(self, track_id: str) -> None:
        """Make a dancer the one that commands act on; what is selected of another is no longer."""
        self.active_track_id = self.document.track(track_id).id
        if self.selection is not None and self.selection.track_id != track_id:
            self.selection = None
        self.selection_changed.emit()

    def move_playhead(self, time_s: float) -> None:
        """Show a moment, without asking the transport; for the transport itself."""
        self.playhead_s = min(max(time_s, 0.0), self.document.duration_s)
        self.playhead_moved.emit()

    def seek(self, time_s: float) -> None:
        """Ask to go to a moment."""
        self.seek_wanted.emit(min(max(time_s, 0.0), self.document.duration_s))

    def seek_frame(self, frame: int) -> None:
        """Ask to go to a frame."""
        self.seek(time_of(frame, self.document.frame_rate_hz))

    def set_loop(self, loop_s: tuple[float, float] | None, is_looping: bool | None = None) -> None:
        """Set the loop region, in any order of its edges, and switch looping where `is_looping` says so.

        It is kept within the piece; one that has no length there is none.
        """
        low_s, high_s = (min(max(edge_s, 0.0), self.document.duration_s) for edge_s in sorted(loop_s or (0.0, 0.0)))
        self.loop_s = (low_s, high_s) if low_s < high_s else None
        if is_looping is not None:
            self.is_looping = is_looping
        self.is_looping = self.is_looping and self.loop_s is not None
        self.loop_changed.emit()

    def audition(self, track_id: str, motion: Motion | None) -> None:
        """Show `motion` as a whole track's dance instead of what the document holds; None ends that."""
        if motion is None:
            self._auditioned.pop(track_id, None)
        else:
            self._auditioned[track_id] = motion
        self.auditioned.emit()

    def auditioned_motion(self, track_id: str) -> Motion | None:
        """What a track shows instead of the document's motion, in the stage's space; None for the document's."""
        return self._auditioned.get(track_id)

    def _mend_after_change(self, _old: Document, new: Document, _label: str) -> None:
        """Nothing may point to what is gone."""
        if self.playhead_s > new.duration_s:
            self.playhead_s = new.duration_s
            self.playhead_moved.emit()
        if self.loop_s is not None and self.loop_s[1] > new.duration_s:
            self.set_loop(self.loop_s)
        ids = [track.id for track in new.tracks]
        if self.active_track_id not in ids:
            self.active_track_id = ids[0] if ids else ""
        gone = [track_id for track_id in self._auditioned if track_id not in ids]
        for track_id in gone:
            del self._auditioned[track_id]
        if self.selection is not None:
            if self.selection.track_id not in ids or self.selection.start_frame >= max(new.n_frames, 1):
                self.select_nothing()
            else:
                self.select(self.selection.track_id, self.selection.start_frame, self.selection.end_frame)
