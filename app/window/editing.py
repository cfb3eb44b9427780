"""What the menus and keys do to the piece: clips, dancers, markers, selection, locks. Each is one named step."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from app.window.playing import bar_around
from editor.document import clip_edits, marker_edits, track_edits
from editor.document.assemble import pieces
from editor.document.document import Clip, Document, Place, Take, Track
from editor.document.edits import new_id
from editor.session import Session
from engine.motion.house import BODY_PARTS
from engine.motion.motion import concatenate
from engine.timebase import frame_at

DANCERS = ("Ana", "Ben", "Cleo", "Dan", "Eva", "Finn", "Gia", "Hugo")
LEGS = frozenset(part for part in BODY_PARTS if part.endswith("_leg")) | {"hips"}
_SPACING_M = 1.4
_CANON_BEATS = 2

# Asks for a whole number: title, label, value, least, most; None when the user thought better of it.
AskNumber = Callable[[str, str, int, int, int], int | None]
# What it is about, and the settings by name.
Shape = Callable[..., bool]


class Editing:
    """The commands that change the piece.

    Args:
        session: The open piece.
        shape: Changes settings of what is selected, as one step.
        ask_number: A small question to the user.

    Attributes:
        copied: What would be pasted; None before something was copied.
    """

    def __init__(self, session: Session, shape: Shape, ask_number: AskNumber) -> None:
        self.session, self._shape = session, shape
        self._ask_number = ask_number
        self.copied: Clip | None = None
        history = session.history
        self.commands: dict[str, Callable[[], object]] = {
            "undo": history.undo,
            "redo": history.redo,
            "select_all": self.select_all,
            "select_none": session.select_nothing,
            "select_bar": lambda: self._select_around(False),
            "select_eight": lambda: self._select_around(True),
            "mark_in": lambda: self._mark(0),
            "mark_out": lambda: self._mark(1),
            "go_in": lambda: self._go(0),
            "go_out": lambda: self._go(1),
            "clear_in_out": session.select_nothing,
            "split": self.split,
            "remove_clip": self.remove,
            "duplicate_clip": self.duplicate,
            "cut_clip": lambda: self.copy() and self.remove("cut"),
            "copy_clip": self.copy,
            "paste_clip": self.paste,
            "join_clips": self.join,
            "mirror_clip": lambda: self._on_clip("mirror clip", lambda d, c: clip_edits.mirror_clip(d, c.id)),
            "loop_clip": lambda: self._on_clip(
                "loop clip", lambda d, c: clip_edits.set_looped(d, c.id, not c.is_looped)
            ),
            "match_clip": lambda: self._on_clip("match clip", lambda d, c: clip_edits.match_to_previous(d, c.id)),
            "stretch_half": lambda: self._stretch("half speed", 2.0),
            "stretch_double": lambda: self._stretch("double speed", 0.5),
            "blend_clip": self.blend,
            "lock_clip": lambda: self._on_clip(
                "unlock clip" if self._is_locked() else "lock clip",
                lambda d, c: clip_edits.set_clip_locked(d, c.id, not c.is_locked),
            ),
            "lock_segment": lambda: self.commands["lock_clip"](),
            "lock_parts": self.lock_legs,
            "add_dancer": self.add_dancer,
            "duplicate_dancer": lambda: self._duplicate_dancer(0),
            "canon_dancer": lambda: self._duplicate_dancer(_CANON_BEATS),
            "remove_dancer": self.remove_dancer,
            "marker": self.add_marker,
        }

    @property
    def clip_here(self) -> Clip | None:
        """The active dancer's clip under the playhead."""
        return self._clip_at(self.session.active_track, self.session.playhead_frame)

    # Selection

    def select_all(self) -> None:
        """The whole of the active dancer's track."""
        track = self.session.active_track
        if track is not None:
            self.session.select(track.id, 0, self.session.document.n_frames)

    def _select_around(self, n_counts_of_one: bool) -> None:
        track = self.session.active_track
        span = bar_around(self.session.document, self.session.playhead_s, n_counts_of_one)
        if track is not None and span is not None:
            self.session.select(track.id, *span)

    def _mark(self, edge: int) -> None:
        track, chosen = self.session.active_track, self.session.selection
        if track is None:
            return
        frame, last = self.session.playhead_frame, self.session.document.n_frames
        edges = [0, last] if chosen is None else [chosen.start_frame, chosen.end_frame]
        edges[edge] = frame
        if edges[0] >= edges[1]:
            edges = [frame, last] if edge == 0 else [0, frame]
        self.session.select(track.id, *edges)

    def _go(self, edge: int) -> None:
        chosen = self.session.selection
        if chosen is not None:
            self.session.seek_frame((chosen.start_frame, chosen.end_frame)[edge])

    # Clips

    def split(self) -> None:
        """Two clips where the playhead stands: of the selected clip's track, or the active one."""
        track, frame = self.session.active_track, self.session.playhead_frame
        clip = self._clip_at(track, frame)
        if clip is None:
            self.session.said.emit("There is no clip under the playhead to split.", "note")
            return
        if self.session.edit("split clip", lambda d: clip_edits.split_clip(d, clip.id, frame)):
            self._select_clip(self._clip_at(self.session.active_track, frame))

    def remove(self, label: str = "remove clip") -> None:
        """What is selected: a clip, or that part of the clips."""
        session, chosen = self.session, self.session.selection
        if chosen is None or not chosen.n_frames:
            session.said.emit("Select a clip or a span to remove.", "note")
            return

        def make(document: Document) -> Document:
            from editor.document.take_edits import make_segment

            document, clip_id = make_segment(document, chosen.track_id, chosen.start_frame, chosen.end_frame)
            return clip_edits.remove_clip(document, clip_id, ripple=session.view.is_ripple)

        session.edit(label, make)

    def copy(self) -> bool:
        """Remember what is selected, a clip or that part of the clips; or the clip under the playhead."""
        from editor.document.take_edits import make_segment

        session, chosen = self.session, self.session.selection
        if chosen is None or not chosen.n_frames:
            clip = self._chosen_clip()
            if clip is None:
                return False
            self._select_clip(clip)
            chosen = session.selection
            assert chosen is not None
        span = (chosen.start_frame, chosen.end_frame)
        if not session.document.track(chosen.track_id).clips_in(*span):
            session.said.emit("There is no dance in the selection to copy.", "note")
            return False
        # In a document that is let go again: the piece is not cut for a copy.
        unlocked = _unlocked(session.document, chosen.track_id, *span)
        document, clip_id = make_segment(unlocked, chosen.track_id, *span)
        _, self.copied = document.clip(clip_id)
        session.said.emit(f"{(span[1] - span[0]) / session.document.frame_rate_hz:.1f} s copied.", "note")
        return True

    def paste(self) -> None:
        """What was copied, at the playhead, for the active dancer; then that is selected."""
        clip, track, at = self.copied, self.session.active_track, self.session.playhead_frame
        if clip is None or track is None:
            self.session.said.emit("Nothing was copied yet: select a clip or some bars, and copy them.", "note")
            return
        is_ripple = self.session.view.is_ripple
        if self.session.edit("paste clip", lambda d: clip_edits.paste_clip(d, track.id, clip, at, is_ripple)):
            self._select_clip(self._clip_at(self.session.active_track, at))

    def join(self) -> None:
        """One clip of what is selected; the dance stays as it is."""
        chosen = self.session.selection
        if chosen is None or not chosen.n_frames:
            self.session.said.emit("Select the clips to join.", "note")
            return
        self.session.edit(
            "join clips",
            lambda d: clip_edits.join_clips(d, chosen.track_id, chosen.start_frame, chosen.end_frame),
        )
        self._select_clip(self._clip_at(self.session.active_track, chosen.start_frame))

    def blend(self) -> None:
        """Ask for the blend's length, and set it."""
        clip = self._chosen_clip()
        if clip is None:
            return
        most = max(1, clip.n_frames - 1)
        n = self._ask_number("Blend length", "Frames (30 a second)", min(clip.blend_frames or 9, most), 0, most)
        if n is not None:
            self.session.edit("blend length", lambda d: clip_edits.set_blend(d, clip.id, n))

    def lock_legs(self) -> None:
        """Legs and hips are kept by new takes, or free again."""
        settings = self.session.settings
        are_kept = settings.locked_parts >= LEGS
        parts = settings.locked_parts - LEGS if are_kept else settings.locked_parts | LEGS
        label = "free legs" if are_kept else "kept legs"
        self._shape(label, locked_parts=frozenset(parts))

    def _stretch(self, label: str, factor: float) -> None:
        is_ripple = self.session.view.is_ripple
        self._on_clip(
            label, lambda d, c: clip_edits.stretch_clip(d, c.id, max(1, round(factor * c.n_frames)), ripple=is_ripple)
        )

    def _on_clip(self, label: str, make: Callable[[Document, Clip], Document]) -> None:
        """Change the chosen clip; it stays selected, as long as it is then."""
        clip = self._chosen_clip()
        if clip is not None and self.session.edit(label, lambda d: make(d, clip)):
            track = self.session.active_track
            self._select_clip(next((c for c in track.clips if c.id == clip.id), None) if track is not None else None)

    def _select_clip(self, clip: Clip | None) -> None:
        track = self.session.active_track
        if clip is not None and track is not None:
            self.session.select(track.id, clip.start_frame, clip.end_frame)

    def _chosen_clip(self) -> Clip | None:
        """The selected clip, else the one under the playhead; says so where there is none."""
        track, frame = self.session.active_track, self.session.playhead_frame
        clip = self.session.selected_clip or self._clip_at(track, frame)
        if clip is None:
            self.session.said.emit("Select a clip first, or put the playhead on one.", "note")
        return clip

    def _clip_at(self, track: Track | None, frame: int) -> Clip | None:
        found = track.clips_in(frame, frame + 1) if track is not None else ()
        return found[0] if found else None

    def _is_locked(self) -> bool:
        clip = self.session.selected_clip or self._clip_at(self.session.active_track, self.session.playhead_frame)
        return clip is not None and clip.is_locked

    def duplicate(self) -> None:
        """The chosen clip once more, right behind itself; then that one is selected."""
        clip, is_ripple = self._chosen_clip(), self.session.view.is_ripple
        track = self.session.active_track
        if clip is None or track is None:
            return
        if not is_ripple and track.clips_in(clip.end_frame, clip.end_frame + clip.n_frames):
            said = "There is no room behind the clip: turn Ripple on, so that what follows moves along."
            self.session.said.emit(said, "warning")
            return
        if self.session.edit(
            "duplicate clip", lambda d: clip_edits.duplicate_clip(d, clip.id, clip.end_frame, is_ripple)
        ):
            self._select_clip(self._clip_at(self.session.active_track, clip.end_frame))

    # Dancers

    def add_dancer(self) -> None:
        """A track for another dancer, beside the others on the stage."""
        document = self.session.document
        name, place = free_name(document), free_place(document)

        def make(d: Document) -> Document:
            d = track_edits.add_track(d, name)
            return track_edits.place_track(d, d.tracks[-1].id, place)

        if self.session.edit(f"add {name}", make):
            self.session.activate(self.session.document.tracks[-1].id)

    def _duplicate_dancer(self, delay_beats: int) -> None:
        track, music = self.session.active_track, self.session.document.music
        if track is None:
            return
        beat_s = 60.0 / music.tempo_bpm if music is not None and music.tempo_bpm else 0.5
        delay = frame_at(delay_beats * beat_s, self.session.document.frame_rate_hz)
        here, free = track.place, free_place(self.session.document)
        offset = Place(free.x_m - here.x_m, free.z_m - here.z_m, 0.0)
        label = "duplicate in canon" if delay else "duplicate dancer"
        name, known = free_name(self.session.document), {t.id for t in self.session.document.tracks}

        def make(document: Document) -> Document:
            document = track_edits.duplicate_track(document, track.id, offset, delay)
            new = next(t for t in document.tracks if t.id not in known)
            return track_edits.rename_track(_waiting(document, new, delay), new.id, name)

        if self.session.edit(label, make):
            self.session.activate(next(t.id for t in self.session.document.tracks if t.id not in known))

    def remove_dancer(self) -> None:
        """The active dancer, with all clips."""
        track = self.session.active_track
        if track is not None:
            self.session.edit(f"remove {track.name}", lambda d: track_edits.remove_track(d, track.id))

    # Markers

    def add_marker(self) -> None:
        """A marker at the moment that is shown, or heard while it plays."""
        at_s = self.session.playhead_s
        number = len(self.session.document.markers) + 1
        self.session.edit("add marker", lambda d: marker_edits.add_marker(d, at_s, f"Marker {number}"))


def _unlocked(document: Document, track_id: str, start_frame: int, end_frame: int) -> Document:
    for clip in document.track(track_id).clips_in(start_frame, end_frame):
        document = clip_edits.set_clip_locked(document, clip.id, False)
    return document


def _waiting(document: Document, track: Track, n_frames: int) -> Document:
    """The document with a dancer who waits in the first pose until the dance begins, `n_frames` into the piece."""
    if not track.clips or not 0 < n_frames == track.clips[0].start_frame:
        return document
    held = concatenate([pieces(track)[0].parts[0].slice(0, 1)] * n_frames)
    wait = Clip(new_id(), 0, n_frames, (Take(new_id(), "Wait", held, kind="baked"),))
    return document.with_track(replace(track, clips=(wait, *track.clips)))


def free_name(document: Document) -> str:
    """What the next dancer is called."""
    used = {track.name for track in document.tracks}
    return next((n for n in DANCERS if n not in used), f"Dancer {len(document.tracks) + 1}")


def free_place(document: Document) -> Place:
    """A place on the stage beside the dancers that are there: right, left, right again, further out each time."""
    taken = [track.place.x_m for track in document.tracks]
    if not taken:
        return Place()
    step = 1
    while True:
        for x_m in (step * _SPACING_M, -step * _SPACING_M):
            if all(abs(x_m - other) > 0.5 * _SPACING_M for other in taken):
                return Place(x_m, 0.0, 0.0)
        step += 1
