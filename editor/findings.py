"""What the rules find in the dances as they are edited: looked for beside the window, mended, waived. No Qt.

Looking is done in a process of its own, one dancer at a time, the latest wish last. A result belongs to the very
motion that was looked at; of another motion it is shown as old until the new one is there.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from editor.document.assemble import replaced
from editor.document.document import Document
from editor.document.mend_edits import mend
from editor.document.piece_rules import OFF, Waiver
from editor.document.places import inverse, placed
from editor.document.rule_edits import take_back, waive
from editor.document.waivers import genre_of, waiver_of
from editor.jobs.judging import CHECK, REPAIR, Checked, Judging
from editor.jobs.motion_wire import Frames, frames_of, motion_of
from editor.jobs.worker import Job, JobFailed, Worker
from editor.observable import Signal
from editor.session import Session
from engine.motion.motion import Motion
from engine.structure.finding import FAMILIES, SEVERITIES, Finding

if TYPE_CHECKING:
    from engine.structure.book import RuleBook, RuleText

__all__ = ["FAMILIES", "WORST_FIRST", "Entry", "Filter", "Findings", "Offer"]

WORST_FIRST = SEVERITIES[::-1]
NONE_SELECTED = "Select a finding first: click its shape under the dancer's clips."
# The same finding in the next version of the dance lies within so many frames.
_NEAR_FRAMES = 12
# A movement is made anew with no less than this, so that there is something to dance.
_LEAST_SEGMENT_S = 0.8


@dataclass(frozen=True)
class Entry:
    """A finding of a dancer, and by what it is intended, if it is."""

    track_id: str
    finding: Finding
    waiver: Waiver | None = None

    @property
    def is_open(self) -> bool:
        """Whether it counts."""
        return self.waiver is None


@dataclass(frozen=True, eq=False)
class Offer:
    """A repair that can be looked at: `motion` is the whole dance with it, changed from `start_frame` to `end_frame`.

    Both motions are in the stage's space on the house skeleton.
    """

    entry: Entry
    before: Motion
    motion: Motion
    start_frame: int
    end_frame: int


@dataclass(frozen=True)
class Filter:
    """Which findings are shown.

    Attributes:
        severities: Those that are; notes on request.
        family: Of engine.structure.finding.FAMILIES; empty for all.
        track_id: Of a dancer; empty for all.
        has_waived: Whether what is intended is shown too.
    """

    severities: frozenset[str] = frozenset({"warning", "error"})
    family: str = ""
    track_id: str = ""
    has_waived: bool = True

    def shows(self, entry: Entry) -> bool:
        """Whether an entry is shown."""
        finding = entry.finding
        return (
            finding.severity in self.severities
            and self.family in ("", finding.family)
            and self.track_id in ("", entry.track_id)
            and (self.has_waived or entry.is_open)
        )


@dataclass(frozen=True, eq=False)
class _Result:
    motion: Motion
    judging: Judging
    findings: tuple[Finding, ...]
    movements: tuple[int, ...]


class Findings:
    """Findings of all dancers, the one that is selected, and the repair that is offered for it.

    Args:
        session: The open piece.
        worker: Gives the process that looks and mends.
        folder: Where the rules lie.

    Signals:
        changed(): `entries`, `is_fresh`, `filter` or the rules.
        selected_changed(): `selected`.
        offer_changed(): `offer`, `is_mending` or `is_beyond_repair`.

    Attributes:
        selected: The finding whose card is shown; None for none.
        offer: The repair that is looked at.
        is_mending: Whether one is being made.
        is_beyond_repair: Whether nothing mends the selected finding without harm.
        filter: What is shown.
        is_on: Whether dances are looked at; off until the window is ready for it.
    """

    def __init__(self, session: Session, worker: Callable[[], Worker], folder: Path) -> None:
        self.changed, self.selected_changed, self.offer_changed = Signal(), Signal(), Signal()
        self.selected: Entry | None = None
        self.offer: Offer | None = None
        self.is_mending = self.is_beyond_repair = self.is_on = False
        self.filter = Filter()
        self._session, self._worker, self._folder = session, worker, folder
        self._motions: dict[str, Motion] = {}
        self._results: dict[str, _Result] = {}
        self._jobs: dict[str, Job] = {}
        self._mending: Job | None = None
        self._book: RuleBook | None = None
        self._judging: Judging | None = None
        self._texts: dict[str, RuleText] | None = None
        self._repairs: dict[str, str] = {}
        self._music_number = 0
        self._entries: tuple[Entry, ...] | None = None
        self._shown: tuple[Entry, ...] | None = None
        session.changed.connect(self._on_changed)

    # What is looked at

    def begin(self) -> None:
        """Look at what is danced from now on."""
        self.is_on = True
        self._look()

    def set_motions(self, motions: dict[str, Motion]) -> None:
        """What the dancers dance now, by track id, in the stage's space on the house skeleton."""
        gone = [track_id for track_id in self._results if track_id not in motions]
        old, self._motions = self._motions, dict(motions)
        for track_id in gone:
            del self._results[track_id]
        if self.offer is not None and self._motions.get(self.offer.entry.track_id) is not self.offer.before:
            self.return_()
        elif self._mending is not None and any(old.get(t) is not m for t, m in self._motions.items()):
            self._stop_mending()
        self._look()
        self._renew()

    def is_fresh(self, track_id: str) -> bool:
        """Whether what is shown of a dancer was found in the motion that is danced, by the rules as they are."""
        result, motion = self._results.get(track_id), self._motions.get(track_id)
        return motion is None or (
            result is not None and result.motion is motion and result.judging == self._judging_now()
        )

    @property
    def are_fresh(self) -> bool:
        """Whether all are."""
        return all(map(self.is_fresh, self._motions))

    @property
    def entries(self) -> tuple[Entry, ...]:
        """All findings by time, those of old versions too until the new ones are there."""
        if self._entries is None:
            document = self._session.document
            known = {track.id for track in document.tracks}
            found = [
                Entry(track_id, finding, waiver_of(document, track_id, finding))
                for track_id, result in self._results.items() if track_id in known
                for finding in result.findings
            ]  # fmt: skip
            self._entries = tuple(sorted(found, key=lambda e: (e.finding.peak_frame, e.finding.rule)))
        return self._entries

    @property
    def shown(self) -> tuple[Entry, ...]:
        """Those that the filter lets through."""
        if self._shown is None:
            self._shown = tuple(filter(self.filter.shows, self.entries))
        return self._shown

    def counts(self) -> Counter[str]:
        """How many count, by severity; "waived" how many are intended."""
        return Counter(e.finding.severity if e.is_open else "waived" for e in self.entries)

    def mends(self, finding: Finding) -> str:
        """What the repair of a finding does, in words; empty where there is none."""
        return self._repairs.get(finding.repair or "", "")

    def movement_span(self, entry: Entry) -> tuple[int, int]:
        """The frames [start, end) of the movement that a finding is in."""
        result = self._results.get(entry.track_id)
        finding = entry.finding
        if result is None or not result.movements:
            return finding.start_frame, finding.end_frame
        starts = result.movements
        at = max(bisect_right(starts, finding.peak_frame) - 1, 0)
        end = starts[at + 1] if at + 1 < len(starts) else result.motion.n_frames
        return starts[at], end

    # The rules

    @property
    def texts(self) -> dict[str, RuleText]:
        """The rules by name as this piece has them; those that are off too."""
        if self._texts is None:
            self._texts = self.book.changed(_changes(self._session.document)).of(self.genre)
        return self._texts

    @property
    def book_texts(self) -> dict[str, RuleText]:
        """The same as the book has them."""
        return dict(self.book.of(self.genre))

    @property
    def book(self) -> RuleBook:
        """The rule book, read when it is first asked for."""
        if self._book is None:
            from engine.structure.book import read_rules

            self._book = read_rules(self._folder)
        return self._book

    @property
    def genre(self) -> str | None:
        """By which genre the piece is judged; None for the rules of every dance."""
        return genre_of(self._session.document, dict(self.book.genre_of_style))

    # What is looked for

    def set_filter(self, wanted: Filter) -> None:
        """Show others; what is no longer shown is no longer selected."""
        self.filter, self._shown = wanted, None
        if self.selected is not None and not wanted.shows(self.selected):
            self.select(None)
        self.changed.emit()

    def select(self, entry: Entry | None, seeks: bool = True) -> None:
        """Show a finding's card, and go where it is worst."""
        if entry == self.selected:
            if entry is not None and seeks:
                self._session.seek_frame(entry.finding.peak_frame)
            return
        self.return_()
        self.selected, self.is_beyond_repair = entry, False
        if entry is not None:
            if self._session.active_track_id != entry.track_id:
                self._session.activate(entry.track_id)
            if seeks:
                self._session.seek_frame(entry.finding.peak_frame)
        self.selected_changed.emit()
        self.offer_changed.emit()

    def step(self, by: int) -> None:
        """To the next finding (1) or the one before (-1), from the selected one or the playhead on, round the end."""
        shown = self.shown
        if not shown:
            said = "There are no findings." if not self.entries else "No finding is shown: the filter hides them all."
            self._session.said.emit(said, "note")
            return
        if self.selected in shown:
            self.select(shown[(shown.index(self.selected) + by) % len(shown)])
            return
        frame = self._session.playhead_frame
        behind = [e for e in shown if e.finding.peak_frame > frame]
        before = [e for e in shown if e.finding.peak_frame < frame]
        chosen = (behind or list(shown))[0] if by > 0 else (before or list(shown))[-1]
        self.select(chosen)

    # What is done about it

    def repair(self) -> None:
        """Make a repair of the selected finding, to be looked at as a ghost."""
        entry, session = self.selected, self._session
        if entry is None:
            session.said.emit(NONE_SELECTED, "note")
            return
        motion = self._motions.get(entry.track_id)
        if motion is None or not self.is_fresh(entry.track_id):
            session.said.emit("The dance is being looked at again: try once more in a moment.", "note")
            return
        if session.auditioned_motion(entry.track_id) is not None:
            session.said.emit("A take is being looked at: keep it or return before something is mended.", "warning")
            return
        span = (entry.finding.start_frame, entry.finding.end_frame)
        if any(clip.is_locked for clip in session.document.track(entry.track_id).clips_in(*span)):
            session.said.emit("The clip is locked: unlock it before something is mended.", "warning")
            return
        self.return_()
        if entry.finding.repair is None:
            self._give_up()
            return

        def done(found: tuple[int, Frames] | None) -> None:
            self._mending, self.is_mending = None, False
            if found is None:
                self._give_up()
                return
            start, frames = found
            self._show(entry, motion, start, motion_of(frames))

        def failed(error: JobFailed) -> None:
            self._mending, self.is_mending = None, False
            self.offer_changed.emit()
            session.said.emit(str(error), *(("error", error.details) if error.details else ("warning",)))

        self.is_mending = True
        self._mending = self._worker().submit(
            REPAIR, frames_of(motion), entry.finding, self._judging_now(), self._music(), done=done, failed=failed
        )
        self.offer_changed.emit()

    def apply(self) -> bool:
        """Dance the repair that is offered, as one step; False where none is."""
        offer = self.offer
        if offer is None:
            return False
        self.offer = None
        track = self._session.document.track(offer.entry.track_id)
        part = placed(offer.motion.slice(offer.start_frame, offer.end_frame), inverse(track.place))
        title = self._title(offer.entry.finding.rule)
        self._session.edit(f"mend \u201c{title}\u201d", lambda d: mend(d, track.id, offer.start_frame, part))
        self.offer_changed.emit()
        return True

    def return_(self) -> bool:
        """Let the repair go that is offered or made; False where there is none."""
        if self.offer is None and self._mending is None:
            return False
        self.offer = None
        self._stop_mending()
        return True

    def waive(self, note: str = "") -> None:
        """Say that the selected finding is intended, and why."""
        entry = self.selected
        if entry is not None:
            title = self._title(entry.finding.rule)
            label = "note on an intended finding" if entry.waiver else f"intend \u201c{title}\u201d"
            self._session.edit(label, lambda d: waive(d, entry.track_id, entry.finding, note))

    def take_back(self) -> None:
        """Let the selected finding count again."""
        waiver = None if self.selected is None else self.selected.waiver
        if waiver is not None:
            self._session.edit("no longer intended", lambda d: take_back(d, waiver))

    def segment_of(self, entry: Entry) -> tuple[str, int, int]:
        """What is to be made anew to get rid of a finding: dancer, first frame, and the one behind the last."""
        start, end = self.movement_span(entry)
        least = round(_LEAST_SEGMENT_S * self._session.document.frame_rate_hz)
        spare = max(least - (end - start), 0)
        start = max(start - spare // 2, 0)
        end = min(max(end, start + least), max(self._session.document.n_frames, start + 1))
        return entry.track_id, start, end

    def close(self) -> None:
        """Stop what runs."""
        self.is_on = False
        for job in (*self._jobs.values(), *((self._mending,) if self._mending else ())):
            job.cancel()
        self._jobs.clear()
        self._mending = None

    def forget_running(self) -> None:
        """The process was started anew, and remembers nothing: look again."""
        self._jobs.clear()
        self._look()

    # How it is done

    def _look(self) -> None:
        if not self.is_on:
            return
        for track_id in self._motions:
            if track_id not in self._jobs and not self.is_fresh(track_id):
                self._submit(track_id)

    def _submit(self, track_id: str) -> None:
        motion, judging = self._motions[track_id], self._judging_now()

        def done(checked: Checked) -> None:
            self._jobs.pop(track_id, None)
            if track_id in self._motions:
                self._results[track_id] = _Result(motion, judging, checked.findings, checked.movements)
                self._repairs |= checked.repairs
            self._look()  # what came meanwhile
            self._renew()

        def failed(error: JobFailed) -> None:
            self._jobs.pop(track_id, None)
            if error.details:
                self._session.said.emit(str(error), "error", error.details)
            else:
                self._session.said.emit(str(error), "warning")

        music = self._music()
        self._jobs[track_id] = self._worker().submit(
            CHECK, track_id, frames_of(motion), judging, music, done=done, failed=failed
        )

    def _judging_now(self) -> Judging:
        if self._judging is None:
            document = self._session.document
            changes = tuple((rule, tuple(sorted(row.items()))) for rule, row in sorted(_changes(document).items()))
            off = frozenset(change.rule for change in document.rules.changes if change.severity == OFF)
            self._judging = Judging(self._folder, self.genre, changes, off, self._music_number)
        return self._judging

    def _music(self) -> dict[str, Any] | None:
        music = self._session.document.music
        return None if music is None else {field.name: getattr(music, field.name) for field in fields(music)}

    def _title(self, rule: str) -> str:
        text = self.texts.get(rule)
        return text.title.lower() if text is not None else rule.replace("_", " ")

    def _show(self, entry: Entry, before: Motion, start: int, part: Motion | None) -> None:
        """Offer a repair."""
        if part is None or self._motions.get(entry.track_id) is not before or entry != self.selected:
            self.offer_changed.emit()
            return
        clips = self._session.document.track(entry.track_id).clips_in(start, start + part.n_frames)
        if any(clip.is_locked for clip in clips):
            said = "The repair reaches into a clip that is locked: unlock it, and repair again."
            self._session.said.emit(said, "warning")
            self.offer_changed.emit()
            return
        self.offer = Offer(entry, before, replaced(before, start, part), start, start + part.n_frames)
        frame = self._session.playhead_frame
        if not start <= frame < start + part.n_frames:
            self._session.seek_frame(entry.finding.peak_frame)
        self.offer_changed.emit()

    def _give_up(self) -> None:
        self.is_beyond_repair = True
        self.offer_changed.emit()

    def _stop_mending(self) -> None:
        if self._mending is not None:
            self._mending.cancel()
            self._mending, self.is_mending = None, False
        self.offer_changed.emit()

    def _on_changed(self, old: Document, new: Document, _label: str) -> None:
        if old.music is not new.music:
            self._music_number += 1
        by = (new.settings.style, new.rules.genre, new.rules.changes, new.duration_s)
        if old.music is not new.music or by != (
            old.settings.style, old.rules.genre, old.rules.changes, old.duration_s,
        ):  # fmt: skip
            self._judging = self._texts = None
            self._look()
        self._renew()

    def _renew(self) -> None:
        """What is shown follows results and waivers; the selected finding stays the same one while it is there."""
        self._entries = self._shown = None
        chosen = self.selected
        if chosen is not None and chosen not in self.entries:
            self.selected = self._again(chosen)
            if self.selected is None:
                self.is_beyond_repair = False
            self.selected_changed.emit()
        self.changed.emit()

    def _again(self, entry: Entry) -> Entry | None:
        """The finding in the present version of the dance."""
        old = entry.finding
        near: Iterable[Entry] = (
            e for e in self.entries
            if (e.track_id, e.finding.rule) == (entry.track_id, old.rule)
            and old.start_frame - _NEAR_FRAMES < e.finding.end_frame
            and e.finding.start_frame < old.end_frame + _NEAR_FRAMES
            and (not old.joints or set(old.joints) & set(e.finding.joints))
        )  # fmt: skip
        return min(near, key=lambda e: abs(e.finding.peak_frame - old.peak_frame), default=None)


def _changes(document: Document) -> dict[str, dict[str, float | str]]:
    """What a piece changes of the rules, as RuleBook.changed takes it."""
    out: dict[str, dict[str, float | str]] = {}
    for change in document.rules.changes:
        row: dict[str, float | str] = dict(change.limits)
        if change.severity not in ("", OFF):
            row["severity"] = change.severity
        if row:
            out[change.rule] = row
    return out

