"""Dances are looked at while they are edited, mended, and waived; with the real process that knows the rules."""

from __future__ import annotations

import queue
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import cache

import numpy as np
import pytest

from app.resources import resource_path
from editor.document.assemble import dance
from editor.document.clip_edits import set_clip_locked, split_clip
from editor.document.document import Clip, Document, Place, Settings, Take, Track, same_frames
from editor.document.piece_rules import OFF
from editor.document.rule_edits import change_rule, set_genre
from editor.document.setting_edits import set_settings
from editor.findings import NONE_SELECTED, Findings
from editor.jobs.worker import Worker
from editor.session import Session
from engine.motion.motion import Motion, concatenate
from engine.structure.book import read_rules
from engine.structure.checker import check
from tests.benchmarks.bench_structure import demo_dances
from tests.engine.structure.planted import KINDS
from tests.patience import PATIENCE_S

BOOK = read_rules(resource_path("rules"))


@cache
def clean() -> Motion:
    return demo_dances()[0].slice(300, 560)


@cache
def broken() -> Motion:
    return KINDS["knee bent forwards"][1](clean(), np.random.default_rng(1)).motion


@dataclass
class Desk:
    """A session with a dancer on a knee that bends forwards, and what looks at it."""

    session: Session
    findings: Findings
    posted: queue.Queue[Callable[[], None]]
    said: list[str] = field(default_factory=list)

    def wait_for(self, is_so: Callable[[], bool]) -> None:
        deadline_s = time.monotonic() + PATIENCE_S
        while not is_so():
            self.posted.get(timeout=max(0.01, deadline_s - time.monotonic()))()

    def follow(self) -> None:
        """What the window does whenever a dance changes."""
        document = self.session.document
        self.findings.set_motions({track.id: dance(document, track.id) for track in document.dancers})

    def look(self) -> None:
        self.follow()
        self.wait_for(lambda: self.findings.are_fresh)

    def rules(self) -> set[str]:
        return {entry.finding.rule for entry in self.findings.entries if entry.is_open}

    def select_knee(self) -> None:
        self.findings.select(next(e for e in self.findings.entries if e.finding.rule == "knee_range"))


@pytest.fixture(scope="module")
def process() -> Iterator[tuple[Worker, queue.Queue[Callable[[], None]]]]:
    posted: queue.Queue[Callable[[], None]] = queue.Queue()
    worker = Worker(posted.put, "rules")
    yield worker, posted
    worker.close()


def piece(motion: Motion) -> Document:
    clip = Clip("clip", 0, motion.n_frames, (Take("take", "Take 1", motion),))
    return Document(tracks=(Track("ana", "Ana", (clip,), Place(1.0, -2.0, 0.7)),))


@pytest.fixture
def desk(process) -> Iterator[Desk]:
    worker, posted = process
    while not posted.empty():
        posted.get()
    session = Session(piece(broken()))
    findings = Findings(session, lambda: worker, resource_path("rules"))
    made = Desk(session, findings, posted)
    session.said.connect(lambda sentence, *_: made.said.append(sentence))
    session.changed.connect(lambda *_: made.follow())
    findings.begin()
    made.look()
    yield made
    findings.close()


def test_what_is_found_is_what_the_rules_find_in_the_dance_that_is_danced(desk):
    expected = check(dance(desk.session.document, "ana"), rules=BOOK)

    assert sorted((e.finding for e in desk.findings.entries), key=lambda f: (f.start_frame, f.rule)) == expected
    assert "knee_range" in desk.rules()


def test_until_the_new_dance_was_looked_at_the_old_findings_are_not_called_fresh(desk):
    history = desk.session.history

    history.commit("another dance", piece(clean()))

    assert not desk.findings.is_fresh("ana")
    assert desk.rules() >= {"knee_range"}
    desk.wait_for(lambda: desk.findings.are_fresh)
    assert "knee_range" not in desk.rules()


def test_of_many_edits_in_a_row_the_last_one_is_looked_at(desk):
    for n in range(8):
        desk.session.history.commit("longer", piece(concatenate([clean(), clean().slice(0, 10 + n)])))
    desk.session.history.commit("broken again", piece(broken()))

    desk.wait_for(lambda: desk.findings.are_fresh)

    assert "knee_range" in desk.rules()


def test_of_a_dance_that_was_cut_short_nothing_is_found_behind_its_end(desk):
    desk.session.history.commit("short", piece(broken().slice(0, 20)))
    desk.wait_for(lambda: desk.findings.are_fresh)

    assert all(entry.finding.end_frame <= 20 for entry in desk.findings.entries)


def test_an_auditioned_dance_is_what_is_looked_at(desk):
    desk.findings.set_motions({"ana": dance(piece(clean()), "ana")})
    desk.wait_for(lambda: desk.findings.are_fresh)

    assert "knee_range" not in desk.rules()


def test_a_repair_is_offered_as_another_dance_and_kept_as_one_step(desk):
    before = dance(desk.session.document, "ana")
    desk.select_knee()

    desk.findings.repair()
    desk.wait_for(lambda: desk.findings.offer is not None)

    offer = desk.findings.offer
    assert dance(desk.session.document, "ana") is before
    assert offer.before is before
    assert desk.findings.apply()
    assert desk.session.history.undo_labels == ("mend \u201cknee bends the wrong way or too far\u201d",)
    after = dance(desk.session.document, "ana")
    for start, end in ((0, offer.start_frame), (offer.end_frame, before.n_frames)):
        assert same_frames(after.slice(start, end), before.slice(start, end))
    inside = slice(offer.start_frame, offer.end_frame)
    assert np.allclose(after.root_positions_m[inside], offer.motion.root_positions_m[inside], atol=1e-9)
    desk.wait_for(lambda: desk.findings.are_fresh)
    assert "knee_range" not in desk.rules()
    desk.session.history.undo()
    assert same_frames(dance(desk.session.document, "ana"), before)


def test_a_repair_that_is_returned_from_leaves_no_trace(desk):
    document = desk.session.document
    desk.select_knee()
    desk.findings.repair()
    assert desk.findings.is_mending

    assert desk.findings.return_()

    assert not desk.findings.is_mending
    desk.findings.repair()
    desk.wait_for(lambda: desk.findings.offer is not None)
    assert desk.findings.return_()
    assert not desk.findings.apply()
    assert desk.session.document is document


def test_an_offer_goes_when_the_dance_under_it_changes(desk):
    desk.select_knee()
    desk.findings.repair()
    desk.wait_for(lambda: desk.findings.offer is not None)

    desk.session.history.commit("another dance", piece(clean()))

    assert desk.findings.offer is None


def test_a_locked_clip_says_so_instead_of_being_mended(desk):
    desk.session.edit("lock", lambda d: set_clip_locked(d, "clip", True))
    desk.wait_for(lambda: desk.findings.are_fresh)
    desk.select_knee()

    desk.findings.repair()

    assert desk.said == ["The clip is locked: unlock it before something is mended."]


def test_a_repair_that_reaches_into_a_locked_clip_is_not_offered(desk):
    desk.select_knee()
    knee = desk.findings.selected.finding
    desk.session.edit("split", lambda d: split_clip(d, "clip", knee.end_frame))
    behind = max(desk.session.document.track("ana").clips, key=lambda clip: clip.start_frame)
    desk.session.edit("lock", lambda d: set_clip_locked(d, behind.id, True))
    desk.wait_for(lambda: desk.findings.are_fresh)
    desk.select_knee()

    desk.findings.repair()
    desk.wait_for(lambda: not desk.findings.is_mending)

    assert desk.findings.offer is None
    assert desk.said == ["The repair reaches into a clip that is locked: unlock it, and repair again."]


def test_a_dancer_placed_off_the_stage_is_led_onto_it_by_one_step_that_can_be_undone(desk):
    before = piece(clean()).with_track(replace(piece(clean()).track("ana"), place=Place(20.0, 0.0, 0.7)))
    desk.session.history.commit("at the edge", before)
    desk.wait_for(lambda: desk.findings.are_fresh)
    desk.findings.select(next(e for e in desk.findings.entries if e.finding.rule == "on_stage"))

    desk.findings.repair()
    desk.wait_for(lambda: desk.findings.offer is not None)
    labels = desk.session.history.undo_labels
    assert desk.findings.apply()

    assert len(desk.session.history.undo_labels) == len(labels) + 1
    desk.wait_for(lambda: desk.findings.are_fresh)
    assert "on_stage" not in desk.rules()
    desk.session.history.undo()
    assert desk.session.document is before


def test_without_a_selection_nothing_is_mended(desk):
    desk.findings.repair()

    assert desk.said == [NONE_SELECTED]


def test_where_no_repair_is_known_the_movement_can_be_made_anew(desk):
    desk.select_knee()
    entry = replace(desk.findings.selected, finding=replace(desk.findings.selected.finding, repair=None))
    desk.findings.selected = entry

    desk.findings.repair()

    assert desk.findings.is_beyond_repair
    track_id, start, end = desk.findings.segment_of(entry)
    first, last = desk.findings.movement_span(entry)
    assert track_id == "ana"
    assert start <= first < last <= end
    assert end - start >= 24


def test_what_is_intended_no_longer_counts_and_stays_so(desk):
    desk.select_knee()

    desk.findings.waive("the puppet breaks here")

    assert "knee_range" not in desk.rules()
    assert desk.findings.counts()["waived"] == 1
    assert desk.findings.selected.waiver.note == "the puppet breaks here"
    more = Clip("more", 260, 30, (Take("more", "More", clean().slice(0, 30)),))
    desk.session.edit("longer", lambda d: d.with_track(replace(d.tracks[0], clips=(*d.tracks[0].clips, more))))
    desk.wait_for(lambda: desk.findings.are_fresh)
    assert "knee_range" not in desk.rules()
    desk.findings.take_back()
    assert "knee_range" in desk.rules()


def test_a_limit_of_the_piece_counts_at_once_and_a_rule_may_be_off(desk):
    desk.select_knee()
    measured = desk.findings.selected.finding.measured
    wide = {"low_deg": -abs(measured) - 5.0, "high_deg": abs(measured) + 200.0}

    desk.session.edit("limit", lambda d: change_rule(d, "knee_range", limits=wide))
    assert not desk.findings.are_fresh
    desk.wait_for(lambda: desk.findings.are_fresh)
    assert "knee_range" not in desk.rules()

    desk.session.history.undo()
    desk.session.edit("off", lambda d: change_rule(d, "knee_range", severity=OFF))
    desk.wait_for(lambda: desk.findings.are_fresh)
    assert "knee_range" not in desk.rules()

    desk.session.history.undo()
    desk.session.edit("note", lambda d: change_rule(d, "knee_range", severity="note"))
    desk.wait_for(lambda: desk.findings.are_fresh)
    assert {e.finding.severity for e in desk.findings.entries if e.finding.rule == "knee_range"} == {"note"}


def test_the_genre_follows_the_style_of_the_piece(desk):
    assert desk.findings.genre is None

    desk.session.edit("style", lambda d: set_settings(d, Settings(style=(("ballet", 1.0),))))

    assert desk.findings.genre == "ballet"
    assert "turnout" in desk.findings.texts
    desk.wait_for(lambda: desk.findings.are_fresh)
    desk.session.edit("genre", lambda d: set_genre(d, "street"))
    assert desk.findings.genre == "street"
    desk.wait_for(lambda: desk.findings.are_fresh)


def test_steps_go_through_what_is_shown_round_the_end_and_to_where_it_is_worst(desk):
    shown, sought = desk.findings.shown, []
    desk.session.seek_wanted.connect(lambda time_s: sought.append(round(time_s * 30)))

    for _ in shown:
        desk.findings.step(1)
    desk.findings.step(1)

    assert sought == [*(e.finding.peak_frame for e in shown), shown[0].finding.peak_frame]
    assert desk.findings.selected == shown[0]
    desk.findings.step(-1)
    assert desk.findings.selected == shown[-1]


def test_the_filter_hides_and_what_is_hidden_is_not_selected(desk):
    desk.select_knee()

    desk.findings.set_filter(replace(desk.findings.filter, severities=frozenset({"warning", "note"})))

    assert desk.findings.selected is None
    assert all(e.finding.severity != "error" for e in desk.findings.shown)
    desk.findings.set_filter(replace(desk.findings.filter, track_id="nobody"))
    desk.findings.step(1)
    assert desk.said == ["No finding is shown: the filter hides them all."]


def test_the_selected_finding_is_the_same_one_in_the_next_version_of_the_dance(desk):
    desk.select_knee()
    earlier = desk.findings.selected.finding
    shifted = Clip("clip", 7, broken().n_frames, (Take("take", "Take 1", broken()),))

    desk.session.edit("move", lambda d: replace(d, tracks=(replace(d.tracks[0], clips=(shifted,)),)))
    desk.wait_for(lambda: desk.findings.are_fresh)

    assert desk.findings.selected.finding.rule == "knee_range"
    assert desk.findings.selected.finding.peak_frame == earlier.peak_frame + 7
