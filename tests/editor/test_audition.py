"""Takes are asked for, seen in place, and kept, with a small model in the real engine process."""

from __future__ import annotations

import queue
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from editor.audition import Audition
from editor.document.assemble import dance
from editor.document.clip_edits import set_clip_locked, split_clip
from editor.document.document import Document, Place, Settings, Take, same_frames
from editor.document.setting_edits import set_settings
from editor.document.take_edits import keep_take, make_segment
from editor.document.track_edits import add_track, place_track
from editor.jobs.engine_tasks import LOAD
from editor.jobs.worker import Worker
from editor.session import Session
from engine.generation.checkpoint import load_model, save_model
from engine.generation.marks import Marks, write_marks
from tests.patience import PATIENCE_S
from tests.tiny import dancing, prepared_folder, tiny_model

RULES = Path(__file__).resolve().parents[2] / "resources" / "rules"
START, END, LENGTH = 60, 150, 240


@dataclass
class Studio:
    """A session with one dancer, an audition, and the engine's process; posted calls are made by `wait_for`."""

    session: Session
    audition: Audition
    posted: queue.Queue[Callable[[], None]]
    said: list[str] = field(default_factory=list)

    def wait_for(self, is_so: Callable[[], bool]) -> None:
        deadline_s = time.monotonic() + PATIENCE_S
        while not is_so():
            self.posted.get(timeout=max(0.01, deadline_s - time.monotonic()))()

    def take_all(self) -> None:
        """Make the calls that were posted so far."""
        while not self.posted.empty():
            self.posted.get()()

    @property
    def document(self) -> Document:
        return self.session.document


@pytest.fixture(scope="module")
def model_folder(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("model")
    model = tiny_model(prepared_folder(folder / "prepared"))
    save_model(model, folder)
    nothing = np.zeros((model.bank.n_entries, 1), dtype=bool)
    write_marks(Marks(("knee_range",), nothing, np.ones(1), load_model(folder, "cpu").digest), folder)
    return folder


@pytest.fixture(scope="module")
def engine(model_folder) -> Iterator[tuple[Worker, queue.Queue[Callable[[], None]], dict[str, Any]]]:
    posted: queue.Queue[Callable[[], None]] = queue.Queue()
    worker = Worker(posted.put, "test")
    loaded: list[dict[str, Any]] = []
    told = {"done": loaded.append, "failed": lambda error: pytest.fail(str(error))}
    worker.submit(LOAD, str(model_folder), "cpu", str(RULES), **told)
    while not loaded:
        posted.get(timeout=PATIENCE_S)()
    yield worker, posted, loaded[0]
    worker.close()


@pytest.fixture
def studio(engine) -> Studio:
    worker, posted, model = engine
    while not posted.empty():
        posted.get()
    document = add_track(Document(), "Ana", "ana")
    document = keep_take(document, "ana", 0, LENGTH, Take("first", "Take 1", dancing(LENGTH, 1)))
    session = Session(document)
    audition = Audition(session, worker, "test")
    audition.model = model
    made = Studio(session, audition, posted)
    session.said.connect(lambda sentence, severity: made.said.append(sentence))
    session.select("ana", START, END)
    return made


def outside_is_as_before(before: Document, after: Document) -> bool:
    old, new = (dance(d, "ana") for d in (before, after))
    return all(same_frames(old.slice(*span), new.slice(*span)) for span in ((0, START), (END, LENGTH)))


def test_four_takes_come_one_by_one_and_the_first_is_seen_in_place(studio):
    before = dance(studio.document, "ana")

    studio.audition.four_takes()
    studio.wait_for(lambda: not studio.audition.is_running)

    assert all(take is not None and take.motion.n_frames == END - START for take in studio.audition.candidates)
    assert len({take.recipe.settings.seed for take in studio.audition.candidates}) == 4
    assert studio.audition.auditioned == 0
    seen = studio.session.auditioned_motion("ana")
    assert same_frames(seen.slice(START, END), studio.audition.candidates[0].motion)
    assert same_frames(seen.slice(0, START), before.slice(0, START))
    assert studio.session.history.undo_labels == ()


def test_keeping_a_take_is_one_step_that_leaves_the_rest_bit_for_bit(studio):
    before = studio.document
    studio.audition.four_takes()
    studio.wait_for(lambda: not studio.audition.is_running)
    third = studio.audition.candidates[2]

    assert studio.audition.keep(2)

    assert outside_is_as_before(before, studio.document)
    assert same_frames(dance(studio.document, "ana").slice(START, END), third.motion)
    assert studio.session.selected_clip.take == third
    assert len(studio.session.selected_clip.takes) == 5
    assert studio.audition.segment is None
    assert studio.session.auditioned_motion("ana") is None
    studio.session.history.undo()
    assert studio.document is before


def test_legs_that_are_locked_stay_within_a_tenth_of_a_millimetre(studio):
    legs = frozenset({"left_leg", "right_leg", "hips"})
    studio.session.history.commit("keep legs", set_settings(studio.document, Settings(locked_parts=legs)))
    before = studio.document

    studio.audition.regenerate()
    studio.wait_for(lambda: studio.document is not before)

    from engine.motion.house import BODY_PARTS

    joints = [joint for part in legs for joint in BODY_PARTS[part]]
    old, new = (dance(d, "ana").slice(START, END).positions_m()[:, joints] for d in (before, studio.document))
    assert np.abs(old - new).max() <= 1e-4
    assert outside_is_as_before(before, studio.document)


@pytest.mark.parametrize("can_avoid", [True, False])
def test_a_take_minds_a_rule_where_the_model_can(studio, can_avoid):
    assert studio.audition.model["can_avoid"]
    studio.audition.model = studio.audition.model | {"can_avoid": can_avoid}

    studio.audition.regenerate("knee_range")
    studio.wait_for(lambda: studio.session.selected_clip is not None
                    and len(studio.session.selected_clip.takes) == 2)  # fmt: skip

    recipe = studio.session.selected_clip.take.recipe
    assert recipe.settings.avoid == (frozenset({"knee_range"}) if can_avoid else frozenset())
    assert studio.document.settings.avoid == frozenset()


def test_regenerating_twice_gives_two_more_takes_that_differ(studio):
    for n in (2, 3):
        studio.audition.regenerate()
        studio.wait_for(lambda n=n: studio.session.selected_clip is not None
                        and len(studio.session.selected_clip.takes) == n)  # fmt: skip

    one, other = studio.session.selected_clip.takes[1:]
    assert one.recipe.settings.seed != other.recipe.settings.seed
    assert not same_frames(one.motion, other.motion)


def test_a_cancelled_job_changes_nothing(studio):
    before = studio.document
    studio.audition.four_takes()

    studio.audition.cancel()

    assert not studio.audition.is_running
    assert studio.audition.segment is None
    studio.take_all()
    assert studio.document is before
    assert studio.session.auditioned_motion("ana") is None


def test_esc_returns_first_to_the_dance_and_then_lets_the_takes_go(studio):
    studio.audition.four_takes()
    studio.wait_for(lambda: not studio.audition.is_running)

    assert studio.audition.return_()
    assert studio.session.auditioned_motion("ana") is None
    assert studio.audition.segment is not None
    assert studio.audition.return_()
    assert studio.audition.segment is None
    assert not studio.audition.return_()


def test_a_b_flips_between_the_dance_and_the_take(studio):
    studio.audition.four_takes()
    studio.wait_for(lambda: not studio.audition.is_running)
    studio.audition.show(1)

    studio.audition.flip()
    assert studio.audition.auditioned is None
    studio.audition.flip()
    assert studio.audition.auditioned == 1


def test_a_b_offers_the_take_before_of_a_clip_that_was_made_anew(studio):
    studio.audition.regenerate()
    studio.wait_for(lambda: studio.session.selected_clip is not None and len(studio.session.selected_clip.takes) == 2)
    kept, first = studio.session.selected_clip.takes[1], studio.session.selected_clip.takes[0]

    studio.audition.flip()
    assert studio.audition.candidates == [first]
    assert studio.audition.keep()

    assert studio.session.selected_clip.take == first
    assert kept in studio.session.selected_clip.takes


def test_a_slider_under_the_hand_shows_a_preview_that_can_be_kept(studio):
    studio.audition.preview(replace(Settings(), joy=0.8))
    studio.wait_for(lambda: studio.session.auditioned_motion("ana") is not None)
    studio.audition.preview(None)

    assert studio.audition.auditioned == 0
    assert studio.audition.keep()
    assert studio.session.selected_clip.take.recipe.settings.joy == 0.8


def shaped(studio, joy: float = 0.8) -> None:
    """What a slider does between press and release, with some bars selected."""
    settings, chosen = replace(Settings(), joy=joy), studio.session.selection
    studio.audition.preview(settings)

    def make(document: Document) -> Document:
        document, clip_id = make_segment(document, "ana", chosen.start_frame, chosen.end_frame)
        return set_settings(document, settings, clip_id)

    assert studio.session.edit("joy", make, is_tentative=True)
    studio.audition.preview(None)


@pytest.mark.parametrize("is_seen", [True, False])
def test_a_preview_that_is_not_kept_leaves_the_piece_as_it_was_and_no_step(studio, is_seen):
    before = studio.document
    for joy in (0.8, 0.3):
        shaped(studio, joy)
    if is_seen:
        studio.wait_for(lambda: studio.session.auditioned_motion("ana") is not None)

    assert studio.audition.return_()

    assert studio.document is before
    assert studio.session.history.undo_labels == studio.session.history.redo_labels == ()


def test_what_could_be_redone_before_a_preview_can_be_redone_after_it(studio):
    studio.session.edit("place", lambda d: place_track(d, "ana", Place(2.0, 1.0, 0.5)))
    studio.session.history.undo()
    shaped(studio)

    studio.audition.return_()

    assert studio.session.history.redo_labels == ("place",)


def test_takes_that_are_made_after_a_preview_and_not_kept_leave_the_piece_as_it_was(studio):
    before = studio.document
    shaped(studio)
    studio.audition.four_takes()
    studio.wait_for(lambda: not studio.audition.is_running)
    assert studio.session.settings.joy == 0.8

    while studio.audition.return_():
        pass

    assert studio.document is before
    assert studio.session.history.undo_labels == ()


def test_a_preview_elsewhere_forgets_what_was_not_kept_here(studio):
    shaped(studio)
    studio.session.select("ana", 0, START)

    shaped(studio)

    assert [(c.start_frame, c.end_frame) for c in studio.document.tracks[0].clips] == [(0, START), (START, LENGTH)]
    assert studio.session.history.undo_labels == ("joy",)


@pytest.mark.parametrize("is_made_anew", [False, True])
def test_a_slider_and_the_take_that_is_kept_with_it_are_one_step(studio, is_made_anew):
    before = studio.document
    shaped(studio)
    studio.wait_for(lambda: studio.session.auditioned_motion("ana") is not None)

    if is_made_anew:
        studio.audition.regenerate()
        studio.wait_for(lambda: not studio.audition.is_running and studio.audition.segment is None)
    else:
        assert studio.audition.keep()

    assert studio.session.selected_clip.settings.joy == 0.8
    assert studio.session.selected_clip.take.recipe.settings.joy == 0.8
    assert studio.session.history.undo_labels == ("keep take 2",)
    studio.session.history.undo()
    assert studio.document is before


def test_what_was_done_since_is_not_taken_back_with_a_preview(studio):
    shaped(studio)
    studio.session.edit("place", lambda d: place_track(d, "ana", Place(2.0, 1.0, 0.5)))

    studio.audition.return_()

    assert studio.session.history.undo_labels == ("place", "joy")


def test_a_dance_made_as_a_whole_is_not_selected_and_a_b_compares_it(studio):
    studio.session.select_nothing()
    studio.audition.regenerate()
    studio.wait_for(lambda: bool(studio.session.history.undo_labels) and not studio.audition.is_running)
    assert studio.session.selection is None

    studio.audition.flip()

    assert [take.id for take in studio.audition.candidates] == ["first"]
    assert studio.audition.keep()
    assert studio.session.selection is None


def test_a_segment_that_follows_the_piece_goes_on_following_it(studio):
    session = studio.session
    session.select_nothing()
    studio.audition.regenerate()
    studio.wait_for(lambda: bool(session.history.undo_labels) and not studio.audition.is_running)
    session.history.commit("draw joy", set_settings(studio.document, Settings(joy=0.7)))
    session.select("ana", START, END)

    assert session.settings.joy == 0.7


def test_with_nothing_selected_takes_are_made_as_the_panel_shows(studio):
    session = studio.session
    clip = studio.document.tracks[0].clips[0]
    session.history.commit("joy of all", set_settings(studio.document, Settings(joy=0.9), clip.id))
    session.select_nothing()

    studio.audition.regenerate()
    studio.wait_for(lambda: len(session.history.undo_labels) == 2 and not studio.audition.is_running)

    assert studio.document.tracks[0].clips[0].take.recipe.settings.joy == session.document.settings.joy == 0.0
    assert studio.document.tracks[0].clips[0].settings.joy == 0.0


def test_the_last_value_of_a_slider_is_the_one_that_is_seen(studio):
    for value in (0.1, 0.2, 0.3, 0.9):
        studio.audition.preview(replace(Settings(), joy=value))
    seen: list[float] = []
    takes = studio.audition.candidates
    studio.session.auditioned.connect(lambda: seen.extend(t.recipe.settings.joy for t in takes if t is not None))

    studio.wait_for(lambda: bool(seen) and seen[-1] == 0.9)


def test_without_a_selection_a_preview_is_only_looked_at(studio):
    studio.session.select_nothing()
    studio.audition.preview(replace(Settings(), joy=0.8))
    studio.wait_for(lambda: studio.session.auditioned_motion("ana") is not None)

    studio.audition.preview(None)

    assert studio.session.auditioned_motion("ana") is None
    assert studio.audition.segment is None


def test_takes_go_when_the_dance_that_they_join_on_to_changes(studio):
    studio.audition.four_takes()
    studio.wait_for(lambda: not studio.audition.is_running)

    studio.session.edit("other dance", lambda d: keep_take(d, "ana", 0, 30, Take("x", "Other", dancing(30, 4))))

    assert studio.audition.segment is None


def test_takes_stay_when_a_cut_changes_no_frame(studio):
    studio.audition.four_takes()
    studio.wait_for(lambda: not studio.audition.is_running)

    studio.session.edit("split", lambda d: split_clip(d, d.tracks[0].clips[0].id, START))

    assert studio.audition.segment is not None


def test_a_dancer_elsewhere_on_the_stage_is_auditioned_there(studio):
    studio.session.edit("place", lambda d: place_track(d, "ana", Place(2.0, 1.0, 0.5)))
    studio.audition.four_takes()
    studio.wait_for(lambda: not studio.audition.is_running)

    seen = studio.session.auditioned_motion("ana")
    assert same_frames(seen.slice(0, START), dance(studio.document, "ana").slice(0, START))
    studio.audition.keep(0)
    assert np.allclose(dance(studio.document, "ana").root_positions_m, seen.root_positions_m, atol=1e-9)


def test_a_locked_clip_is_not_made_anew(studio):
    studio.session.edit("lock", lambda d: set_clip_locked(d, d.tracks[0].clips[0].id, True))

    studio.audition.regenerate()

    assert studio.said == ["The segment is locked: unlock it to make it anew."]
    assert not studio.audition.is_running


def test_without_a_dancer_it_says_so(studio):
    studio.session.history.replace(Document())

    studio.audition.four_takes()

    assert studio.said == ["There is nobody to dance: add a dancer and a song first."]


def test_takes_that_wait_are_not_taken_away_by_a_slider(studio):
    studio.audition.four_takes()
    studio.wait_for(lambda: not studio.audition.is_running)
    takes = list(studio.audition.candidates)

    studio.audition.preview(replace(Settings(), joy=0.9))
    studio.audition.preview(None)

    assert studio.audition.candidates == takes


def test_a_hand_that_lets_go_before_the_preview_is_there_never_sees_it(studio):
    studio.session.select_nothing()
    studio.audition.preview(replace(Settings(), joy=0.8))

    studio.audition.preview(None)
    studio.audition.four_takes()
    studio.wait_for(lambda: not studio.audition.is_running)

    assert [take.recipe.settings.joy for take in studio.audition.candidates] == [0.0] * 4


def test_a_preview_elsewhere_takes_the_place_of_the_one_before(studio):
    studio.session.edit("Ben", lambda d: keep_take(add_track(d, "Ben", "ben"), "ben", 0, LENGTH,
                                                   Take("b", "Take 1", dancing(LENGTH, 2))))  # fmt: skip
    studio.audition.preview(replace(Settings(), joy=0.8))
    studio.wait_for(lambda: studio.session.auditioned_motion("ana") is not None)
    studio.audition.preview(None)
    studio.wait_for(lambda: studio.audition._job is None)

    studio.session.select("ben", 0, 60)
    studio.audition.preview(replace(Settings(), joy=0.3))
    studio.wait_for(lambda: studio.session.auditioned_motion("ben") is not None)
    studio.audition.preview(None)

    assert studio.session.auditioned_motion("ana") is None
    assert studio.audition.segment.n_frames == studio.audition.candidates[0].motion.n_frames == 60


def test_asking_again_for_what_is_refused_leaves_the_running_takes_alone(studio):
    studio.session.edit("split", lambda d: split_clip(d, d.tracks[0].clips[0].id, END))
    studio.session.edit("lock", lambda d: set_clip_locked(d, d.tracks[0].clips[1].id, True))
    studio.session.select("ana", START, END)
    studio.audition.four_takes()

    studio.session.select("ana", END, LENGTH)
    studio.audition.four_takes()
    studio.wait_for(lambda: not studio.audition.is_running)

    assert len(studio.audition.candidates) == 4
    assert studio.audition.segment.end_frame == END


def test_letting_go_stops_the_engine_and_forgets_the_takes(studio):
    heard: list[tuple[float | None, float | None]] = []
    studio.audition.progressed.connect(lambda *values: heard.append(values))
    studio.audition.four_takes()

    studio.audition.let_go()

    assert not studio.audition.is_running
    assert studio.audition.segment is None
    assert heard[-1] == (None, None)
    studio.take_all()
    assert studio.session.auditioned_motion("ana") is None
