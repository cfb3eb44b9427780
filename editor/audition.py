"""Asking the engine for takes, looking at them in place, and keeping one. No Qt, no torch.

A candidate is a take that is not in the document yet. It is shown by `session.audition`, and comes into
the document by one undoable edit when it is kept.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from editor.document.assemble import assemble_local, replaced
from editor.document.document import Clip, Document, Recipe, Settings, Take, same_frames
from editor.document.edits import EditRefused, new_id
from editor.document.places import placed
from editor.document.requests import request_for
from editor.document.take_edits import keep_take, use_take
from editor.jobs.engine_tasks import TAKES
from editor.jobs.motion_wire import motion_of, packed
from editor.jobs.worker import Job, JobFailed, Worker
from editor.observable import Signal
from editor.session import Session
from engine.errors import EngineError
from engine.timebase import time_of

N_TAKES = 4
_BEST_OF = 4  # dances of which a rule's remedy is chosen
HIGHEST_SEED = 999_999
_PREVIEW_S, _PREVIEW_LEAD_S = 6.0, 1.0


@dataclass(frozen=True)
class Segment:
    """What takes are made for: a span of a track, [start_frame, end_frame)."""

    track_id: str
    start_frame: int
    end_frame: int

    @property
    def n_frames(self) -> int:
        """Its length."""
        return self.end_frame - self.start_frame


class Audition:
    """The candidates for one segment, from the wish to the kept take.

    Signals:
        changed(): `segment`, `candidates`, `auditioned` or `is_running`.
        progressed(fraction: float | None, eta_s: float | None): None when nothing runs.

    Attributes:
        segment: What the candidates are for; None when there are none.
        candidates: A take, or None where it is still being made.
        auditioned: Index of the candidate that is shown in place; None shows the document's dance.
        last_recipe: Of the take that was kept last.
        last_wait_s: From the wish to the first and to the last take of the last job that ran to its end.
    """

    def __init__(self, session: Session, worker: Worker, engine_version: str = "") -> None:
        self.changed, self.progressed = Signal(), Signal()
        self.segment: Segment | None = None
        self.candidates: list[Take | None] = []
        self.auditioned: int | None = None
        self.last_wait_s: tuple[float, float] | None = None
        self.last_recipe: Recipe | None = None
        self.model: dict[str, Any] = {}
        self._session, self._worker, self._engine_version = session, worker, engine_version
        self._settings = Settings()
        self._job: Job | None = None
        self._is_preview = False
        self._previewed_next: Settings | None = None
        # The piece when takes, or a slider's preview, were first asked for, and for what segment.
        self._before: Document | None = None
        self._asked_for: Segment | None = None
        self._marked: tuple[str, int | None, int | None] = ("", None, None)
        self._shown_last = 0
        session.changed.connect(self._drop_what_no_longer_fits)

    @property
    def is_ready(self) -> bool:
        """Whether a model is loaded."""
        return bool(self.model)

    @property
    def is_running(self) -> bool:
        """Whether takes are being made for their own sake (a preview does not count)."""
        return self._job is not None and not self._is_preview

    def wanted_segment(self) -> Segment | None:
        """The selection, or the whole of the active track; None without a dancer."""
        session = self._session
        if session.selection is not None and session.selection.n_frames:
            chosen = session.selection
            return Segment(chosen.track_id, chosen.start_frame, chosen.end_frame)
        track = session.active_track
        length = session.document.n_frames
        return Segment(track.id, 0, length) if track is not None and length else None

    def has(self, index: int) -> bool:
        """Whether there is a candidate of that index, made already."""
        return 0 <= index < len(self.candidates) and self.candidates[index] is not None

    # What she asks for

    def regenerate(self, without: str = "") -> None:
        """One new take for the segment, kept at once.

        Args:
            without: The name of a rule that it is not to break: phrases that do are avoided, where the model knows
                them, and of several dances the one that breaks the fewest rules is kept.
        """
        if not without:
            self._begin(1, self._keep_the_first)
            return
        settings = self._session.settings
        if self.model.get("can_avoid"):
            settings = replace(settings, avoid=settings.avoid | {without})
        self._begin(1, self._keep_the_first, settings, best_of=_BEST_OF)

    def _keep_the_first(self) -> None:
        self.keep(0)

    def four_takes(self) -> None:
        """Four candidates; the first is auditioned as soon as it is there."""
        self._begin(N_TAKES, lambda: None)

    def preview(self, settings: Settings | None) -> None:
        """Show quickly how the segment would look with other settings; None when the hand lets go.

        What was previewed last stays as a candidate, to be kept or returned from. Takes that wait to be kept or
        let go are not taken away by a slider.
        """
        if not self.is_ready or self.is_running or (self.segment is not None and not self._is_preview):
            return
        self._previewed_next = settings
        if settings is not None and self._session.selection is not None and self._asked_for != self.wanted_segment():
            self._close()  # other bars: what was not kept of those before is forgotten
            self._keep_nothing()
        if settings is None:
            # Around the playhead it was only to be seen; of a selection it can be kept.
            if self._is_preview and self._session.selection is None:
                self._close()
                self._before = None
                self.changed.emit()
        elif self._job is None:
            self._begin(1, self._preview_what_came_meanwhile, settings=settings, is_preview=True)

    def _preview_what_came_meanwhile(self) -> None:
        if self._previewed_next is not None and self._previewed_next != self._settings:
            self.preview(self._previewed_next)

    def let_go(self) -> None:
        """Stop making takes, and forget those that are there: another piece is opened."""
        self._before = None
        if self.segment is not None:
            self._close()
            self.progressed.emit(None, None)
            self.changed.emit()

    def cancel(self) -> None:
        """Stop making takes; those that are there stay."""
        if self._job is not None:
            self._job.cancel()
            self._job = None
        self.candidates = [take for take in self.candidates if take is not None]
        if not self.candidates:
            self._close()
            self._keep_nothing()
        self.progressed.emit(None, None)
        self.changed.emit()

    def show(self, index: int | None) -> None:
        """Audition a candidate in place, or the document's own dance again."""
        if self.segment is None or (index is not None and not self.has(index)):
            return
        self.auditioned = index
        if index is not None:
            self._shown_last = index
        self._show_in_place(index)
        self.changed.emit()

    def peek(self, index: int | None) -> None:
        """Show another candidate for as long as the mouse is over it; None shows the auditioned one again."""
        if self.segment is not None and (index is None or self.has(index)):
            self._show_in_place(self.auditioned if index is None else index)

    def flip(self) -> None:
        """A/B: between the document's dance and the candidate shown last, or the clip's take before this one."""
        if self.segment is None:
            self._offer_the_other_take()
        if self.segment is not None:
            self.show(None if self.auditioned is not None else self._shown_last)

    def mark(self, clip_id: str, one: int | None, other: int | None) -> None:
        """Let A/B flip between two takes of a clip; None for one of them takes it away again."""
        self._marked = (clip_id, one, other)

    def keep(self, index: int | None = None) -> bool:
        """Make a candidate (the auditioned one) the segment's take; the others stay on its shelf."""
        index = self.auditioned if index is None else index
        segment = self.segment
        if segment is None or index is None or not self.has(index):
            return False
        take = self.candidates[index]
        assert take is not None
        if self._is_preview:
            take = replace(take, name=f"Take {self._next_number()}")
        session, settings = self._session, self._own_settings(segment)
        span = (segment.track_id, segment.start_frame, segment.end_frame)
        is_shaped_so = session.document.settings_for(*span) == self._settings
        others = tuple(t for i, t in enumerate(self.candidates) if t is not None and i != index)
        n_before = sum(t is not None for t in self.candidates[:index])
        self._close()
        if is_shaped_so:
            self._keep_nothing()  # the take brings its settings along: one step for both
        self._before = None
        clip = self._clip_at(session.document, segment)
        if clip is not None and take in clip.takes:
            active = clip.takes.index(take)
            kept = session.edit(f"use {take.name.lower()}", lambda d: use_take(d, clip.id, active))
        else:
            kept = session.edit(
                f"keep {take.name.lower()}",
                lambda d: keep_take(d, *span, take, others, settings, n_before),
            )
        if kept:
            self.last_recipe = take.recipe or self.last_recipe
            if session.selection is not None:  # a dance that was made as a whole is looked at and shaped as a whole
                session.select(*span)
        self.progressed.emit(None, None)
        self.changed.emit()
        return kept

    def return_(self) -> bool:
        """Back to the document's dance; a second time lets the candidates go. False where nothing was open."""
        if self.is_running:
            self.cancel()
            return True
        if self.segment is None:
            return False
        if self.auditioned is not None and len(self.candidates) > 1:
            self.show(None)
        else:
            self._close()
            self._keep_nothing()
            self.changed.emit()
        return True

    def _keep_nothing(self) -> None:
        """What a slider did to the segment while it was previewed is forgotten: no cut, and no step to undo."""
        before, self._before = self._before, None
        if before is not None:
            self._session.history.take_back(before)

    # How it is done

    def _begin(
        self, n: int, finished: Callable[[], None], settings: Settings | None = None, is_preview: bool = False,
        best_of: int = 1,
    ) -> None:  # fmt: skip
        session, segment = self._session, self.wanted_segment()
        if segment is not None and is_preview and session.selection is None:
            segment = self._around_the_playhead(segment)
        if segment is None:
            session.said.emit("There is nobody to dance: add a dancer and a song first.", "warning")
            return
        if not self.is_ready:
            session.said.emit("The generator is still loading: try again in a moment.", "note")
            return
        document = session.document
        if any(c.is_locked for c in document.track(segment.track_id).clips_in(segment.start_frame, segment.end_frame)):
            session.said.emit("The segment is locked: unlock it to make it anew.", "warning")
            return
        wanted = settings or session.settings
        seeds = [wanted.seed] if is_preview else self._seeds(segment, wanted, n)
        try:
            requests = [
                packed(request_for(
                    document, segment.track_id, segment.start_frame, segment.end_frame, wanted, seed, best_of
                ))
                for seed in seeds
            ]
        except (EngineError, EditRefused) as refused:
            session.said.emit(str(refused), "warning")
            return
        if self._before is None or self._asked_for != segment:
            self._keep_nothing()
            self._before, self._asked_for = session.document, segment
        if not is_preview or self.segment is None or self.segment.track_id != segment.track_id:
            self._close()
        elif segment != self.segment:
            # What is seen stays until the next preview takes its place.
            self.candidates, self.auditioned = [], None
        self.segment, self._settings, self._is_preview = segment, wanted, is_preview
        self.candidates = self.candidates or [None] * n
        self._submit(requests, seeds, finished)
        self.changed.emit()

    def _submit(self, requests: list[dict[str, Any]], seeds: list[int], finished: Callable[[], None]) -> None:
        began_s = time.perf_counter()
        first_s: list[float] = []

        def part(value: tuple[int, Any, str]) -> None:
            index, frames, digest = value
            first_s.append(time.perf_counter() - began_s)
            motion = motion_of(frames)
            assert motion is not None
            recipe = self._recipe(seeds[index], digest)
            name = "Preview" if self._is_preview else f"Take {self._next_number() + index}"
            take = Take(new_id(), name, motion, recipe)
            if index < len(self.candidates):
                self.candidates[index] = take
            if self._is_preview or (self.auditioned is None and index == 0 and len(seeds) > 1):
                self.show(index)
            else:
                self.changed.emit()

        def done(_frames: object) -> None:
            self._job = None
            self.last_wait_s = (first_s[0], time.perf_counter() - began_s) if first_s else None
            self.progressed.emit(None, None)
            finished()
            self.changed.emit()

        def failed(error: JobFailed) -> None:
            self._job = None
            self.cancel()
            # What has details is a mistake of ours; without, it is something that she can act on.
            self._session.said.emit(str(error), *(("error", error.details) if error.details else ("warning",)))

        def progressed(fraction: float) -> None:
            if not self._is_preview:
                spent_s = time.perf_counter() - began_s
                self.progressed.emit(fraction, spent_s * (1.0 - fraction) / max(fraction, 0.02))

        self._job = self._worker.submit(TAKES, requests, done=done, failed=failed, progressed=progressed, part=part)
        if not self._is_preview:
            self.progressed.emit(0.0, None)

    def _around_the_playhead(self, whole: Segment) -> Segment:
        """A few seconds of a dance, enough to see what a slider does while it is being moved."""
        rate_hz = self._session.document.frame_rate_hz
        start = min(max(0, self._session.playhead_frame - round(_PREVIEW_LEAD_S * rate_hz)), whole.end_frame - 1)
        return Segment(whole.track_id, start, min(start + round(_PREVIEW_S * rate_hz), whole.end_frame))

    def _seeds(self, segment: Segment, settings: Settings, n: int) -> list[int]:
        """Seeds that give something new: from the panel's on, but past those that the segment's takes have used."""
        clip = self._clip_at(self._session.document, segment)
        used = set() if clip is None else {
            take.recipe.settings.seed
            for take in clip.takes
            if take.recipe is not None and replace(take.recipe.settings, seed=0) == replace(settings, seed=0)
        }  # fmt: skip
        out: list[int] = []
        seed = settings.seed
        while len(out) < n:
            if seed not in used:
                out.append(seed)
            seed = (seed + 1) % (HIGHEST_SEED + 1)
        return out

    def _recipe(self, seed: int, digest: str) -> Recipe:
        assert self.segment is not None
        document = self._session.document
        rate_hz = document.frame_rate_hz
        return Recipe(
            settings=replace(self._settings, seed=seed),
            start_s=time_of(self.segment.start_frame, rate_hz),
            end_s=time_of(self.segment.end_frame, rate_hz),
            model=str(self.model.get("digest", "")),
            request=digest,
            engine_version=self._engine_version,
            device=str(self.model.get("device", "")),
            made_at=datetime.now().astimezone().isoformat(timespec="seconds"),
            song=document.song.sha256 if document.song else "",
        )

    def _next_number(self) -> int:
        """What the next take is called: one more than what is danced in the segment's place, or lies on its shelf."""
        assert self.segment is not None
        track = self._session.document.track(self.segment.track_id)
        names = [t.name for c in track.clips_in(self.segment.start_frame, self.segment.end_frame) for t in c.takes]
        numbers = [int(number) for n in names if n.startswith("Take ") and (number := n[5:]).isdecimal()]
        return 1 + max(numbers, default=0)

    def _show_in_place(self, index: int | None) -> None:
        """The whole track as it would look with a candidate; None for the document's dance."""
        segment, session = self.segment, self._session
        if segment is None:
            return
        take = None if index is None else self.candidates[index]
        if take is None:
            session.audition(segment.track_id, None)
            return
        document = session.document
        track = document.track(segment.track_id)
        local = assemble_local(track, document.n_frames, document.frame_rate_hz)
        session.audition(segment.track_id, placed(replaced(local, segment.start_frame, take.motion), track.place))

    def _offer_the_other_take(self) -> None:
        """Open the take that a clip danced before its present one as the only candidate."""
        clip, track = self._session.meant_clip, self._session.active_track
        if clip is None or track is None or len(clip.takes) < 2:
            self._session.said.emit("There is no other take here: select a clip with two takes.", "note")
            return
        other = clip.takes[self._compared_with_active(clip)]
        fits = clip.offset_frame == 0 and other.motion.n_frames == clip.n_frames and clip.speed == 1.0 and not clip.warp
        if not fits or clip.is_mirrored or clip.place != type(clip.place)():
            self._session.said.emit("The clip was changed since: choose its takes on the shelf instead.", "note")
            return
        self.segment, self._is_preview = Segment(track.id, clip.start_frame, clip.end_frame), False
        self.candidates, self.auditioned, self._shown_last = [other], None, 0
        self._settings = clip.settings or self._session.document.settings

    def _compared_with_active(self, clip: Clip) -> int:
        """The index of the take that A/B sets against the one that is danced: the marked one, else the one before."""
        clip_id, *marked = self._marked
        chosen = [i for i in marked if i is not None and i != clip.active and i < len(clip.takes)]
        return chosen[0] if clip_id == clip.id and chosen else clip.active - 1

    def _clip_at(self, document: Document, segment: Segment) -> Clip | None:
        """The clip that the segment is, frame for frame."""
        for clip in document.track(segment.track_id).clips_in(segment.start_frame, segment.end_frame):
            if (clip.start_frame, clip.end_frame) == (segment.start_frame, segment.end_frame):
                return clip
        return None

    def _own_settings(self, segment: Segment) -> Settings | None:
        """What the segment is to keep as settings of its own; None where it follows the piece's, and goes on to."""
        document = self._session.document
        clips = document.track(segment.track_id).clips_in(segment.start_frame, segment.end_frame)
        follows = self._settings == document.settings and all(clip.settings is None for clip in clips)
        return None if follows else self._settings

    def _close(self) -> None:
        if self._job is not None:
            self._job.cancel()
        segment, self.segment = self.segment, None
        self.candidates, self.auditioned, self._shown_last, self._job = [], None, 0, None
        if segment is not None:
            self._session.audition(segment.track_id, None)

    def _drop_what_no_longer_fits(self, old: Document, new: Document, _label: str) -> None:
        """Candidates join on to the dance they were made for; when that changes they go, running or not."""
        segment = self.segment
        if segment is None:
            return
        if old.music is new.music and _same_dance(old, new, segment.track_id):
            return
        if self._job is not None:
            self.progressed.emit(None, None)
        self._close()
        self.changed.emit()


def _same_dance(old: Document, new: Document, track_id: str) -> bool:
    """Whether a track dances the same in both, frame for frame: cutting a clip in two changes nothing."""
    before, after = (next((t for t in d.tracks if t.id == track_id), None) for d in (old, new))
    if before is None or after is None:
        return False
    if before.clips is after.clips and old.n_frames == new.n_frames:
        return True
    rate_hz = new.frame_rate_hz
    return same_frames(assemble_local(before, old.n_frames, rate_hz), assemble_local(after, new.n_frames, rate_hz))
