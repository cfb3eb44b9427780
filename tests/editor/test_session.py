"""The session beside the document: selection, loop, playhead, what is auditioned, and how edits get in."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from editor.document.clip_edits import remove_clip, set_clip_locked, split_clip
from editor.document.document import Document, Settings
from editor.document.setting_edits import set_settings, set_title
from editor.document.track_edits import add_track, remove_track
from editor.session import Selection, Session
from tests.documents import dancer, histories, motion

N_FRAMES = 90


@pytest.fixture
def session() -> Session:
    """Ann with clips of 60 and 30 frames, and Bo with one of 90."""
    return Session(Document(tracks=(dancer(60, 30), dancer(N_FRAMES, track_id="bo"))))


def heard(signal) -> list[tuple[object, ...]]:
    out: list[tuple[object, ...]] = []
    signal.connect(lambda *values: out.append(values))
    return out


# Selection


@given(start=st.integers(-500, 500), end=st.integers(-500, 500))
def test_a_selection_lies_within_the_piece_whatever_its_edges(start, end):
    session = Session(Document(tracks=(dancer(60, 30),)))

    session.select("ann", start, end)

    assert 0 <= session.selection.start_frame <= session.selection.end_frame <= N_FRAMES
    assert session.selection.n_frames <= abs(end - start)


def test_the_first_dancer_is_active_and_selecting_makes_another_one_so(session):
    assert session.active_track.id == "ann"

    session.select("bo", 0, 10)
    session.select_nothing()

    assert session.active_track.id == "bo"


def test_without_dancers_nothing_is_active_or_selected():
    session = Session()

    assert (session.active_track, session.selection, session.selected_clip) == (None, None, None)
    assert session.playhead_frame == 0
    assert session.settings == Settings()


def test_an_unknown_dancer_can_be_neither_selected_nor_activated(session):
    for wrong in (lambda: session.select("nobody", 0, 1), lambda: session.activate("nobody")):
        with pytest.raises(KeyError):
            wrong()
    assert session.active_track_id == "ann"


@pytest.mark.parametrize(
    ("span", "index"), [((0, 60), 0), ((10, 20), 0), ((60, 90), 1), ((60, 60), 1), ((50, 70), None), ((0, 90), None)]
)
def test_the_selected_clip_is_the_one_that_the_selection_lies_in(session, span, index):
    session.select("ann", *span)

    clips = session.document.track("ann").clips
    assert session.selected_clip is (None if index is None else clips[index])


def test_a_selection_of_a_dancer_who_goes_goes_too(session):
    session.select("bo", 0, 10)
    changes = heard(session.selection_changed)

    session.edit("remove", lambda d: remove_track(d, "bo"))

    assert session.selection is None
    assert session.active_track_id == "ann"
    assert changes


def test_a_selection_is_cut_to_a_piece_that_got_shorter(session):
    session.edit("remove", lambda d: remove_track(d, "bo"))
    session.select("ann", 50, 90)

    session.edit("shorter", lambda d: remove_clip(d, d.track("ann").clips[1].id))

    assert session.selection == Selection("ann", 50, 60)


@settings(max_examples=40)
@given(histories(most=8))
def test_through_any_edits_nothing_points_to_what_is_gone(documents):
    session = Session(documents[0])
    for document in documents:
        if session.document.tracks:
            session.select(session.document.tracks[-1].id, 3, session.document.n_frames)
        session.set_loop((0.5, session.document.duration_s), True)
        session.move_playhead(session.document.duration_s)
        session.history.commit("edit", document)
        assert_in_order(session)
    while session.history.undo():
        assert_in_order(session)


def assert_in_order(session: Session) -> None:
    document = session.document
    ids = [track.id for track in document.tracks]
    assert session.active_track_id in (ids or [""])
    if session.selection is not None:
        assert session.selection.track_id in ids
        # A reference may be longer than the piece, which it does not count for.
        end_frame = document.track(session.selection.track_id).end_frame
        assert session.selection.end_frame <= max(document.n_frames, end_frame, 1)
    assert session.playhead_s <= document.duration_s
    assert session.loop_s is None or 0.0 <= session.loop_s[0] < session.loop_s[1] <= document.duration_s
    assert session.loop_s is not None or not session.is_looping


# Settings


def test_settings_are_those_of_the_selection_or_the_piece(session):
    first = session.document.track("ann").clips[0]
    session.edit("clip", lambda d: set_settings(d, Settings(joy=0.4), first.id))
    session.edit("piece", lambda d: set_settings(d, Settings(joy=0.1)))

    assert session.settings.joy == 0.1
    session.select("ann", 10, 20)
    assert session.settings.joy == 0.4
    session.select("ann", 10, 10)
    assert session.settings.joy == 0.1


# Edits


def test_an_edit_is_one_named_step(session):
    before, changes = session.document, heard(session.changed)

    assert session.edit("rename", lambda d: set_title(d, "Night"))

    assert changes == [(before, session.document, "rename")]
    assert session.history.undo_labels == ("rename",)


def test_an_edit_that_is_refused_says_why_and_changes_nothing(session):
    clip = session.document.track("ann").clips[0]
    session.edit("lock", lambda d: set_clip_locked(d, clip.id, True))
    before, said = session.document, heard(session.said)

    assert not session.edit("split", lambda d: split_clip(d, clip.id, 30))

    assert session.document is before
    assert session.history.undo_labels == ("lock",)
    [(sentence, severity)] = said
    assert severity == "warning"
    assert sentence.endswith(".")


def test_an_edit_that_changes_nothing_is_no_step(session):
    assert not session.edit("title", lambda d: set_title(d, d.title))

    assert session.history.undo_labels == ()


def test_listeners_of_a_change_find_the_session_already_in_order(session):
    session.select("bo", 0, 10)
    seen: list[object] = []
    session.changed.connect(lambda *_: seen.append(session.selection))

    session.edit("remove", lambda d: remove_track(d, "bo"))

    assert seen == [None]


# Playhead and loop


def test_the_playhead_stays_within_the_piece(session):
    moved = heard(session.playhead_moved)

    for time_s, wanted_s in ((-1.0, 0.0), (1.5, 1.5), (99.0, 3.0)):
        session.move_playhead(time_s)
        assert session.playhead_s == wanted_s
    assert len(moved) == 3


def test_every_frame_s_own_time_shows_that_frame(session):
    for frame in range(N_FRAMES):
        session.move_playhead(frame / session.document.frame_rate_hz)
        assert session.playhead_frame == frame


def test_seeking_asks_and_does_not_move(session):
    wanted = heard(session.seek_wanted)

    session.seek(99.0)
    session.seek_frame(45)

    assert wanted == [(3.0,), (1.5,)]
    assert session.playhead_s == 0.0


def test_a_loop_s_edges_come_in_any_order_and_without_a_loop_nothing_loops(session):
    session.set_loop((2.0, 1.0), True)
    assert session.loop_s == (1.0, 2.0)
    assert session.is_looping

    session.set_loop((0.5, 1.0))
    assert session.is_looping
    session.set_loop(None)
    assert not session.is_looping
    session.set_loop(None, True)
    assert not session.is_looping


def test_a_loop_is_cut_to_a_piece_that_got_shorter_and_goes_with_its_music(session):
    session.edit("remove", lambda d: remove_track(d, "bo"))
    session.set_loop((1.0, 3.0), True)
    session.move_playhead(3.0)

    session.edit("shorter", lambda d: remove_clip(d, d.track("ann").clips[1].id))
    assert session.loop_s == (1.0, 2.0)
    assert session.playhead_s == 2.0

    session.edit("nobody", lambda d: remove_track(d, "ann"))
    assert session.loop_s is None
    assert not session.is_looping


# What is auditioned


def test_what_is_auditioned_is_shown_until_it_is_taken_back(session):
    told, other = heard(session.auditioned), motion(N_FRAMES, 3)

    session.audition("ann", other)
    assert session.auditioned_motion("ann") is other
    assert session.auditioned_motion("bo") is None
    session.audition("ann", None)
    session.audition("ann", None)

    assert session.auditioned_motion("ann") is None
    assert len(told) == 3


def test_what_is_auditioned_goes_with_its_dancer(session):
    session.audition("bo", motion(N_FRAMES, 3))

    session.edit("remove", lambda d: remove_track(d, "bo"))
    session.history.undo()

    assert session.auditioned_motion("bo") is None


@pytest.mark.parametrize("change", [lambda s: s.history.replace(Document()), lambda s: s.history.undo()])
def test_another_piece_leaves_nothing_of_the_one_before(change: Callable[[Session], object]):
    session = Session()
    session.edit("add", lambda d: add_track(d, "Ann", "ann"))
    session.audition("ann", motion(10, 1))

    change(session)

    assert session.active_track_id == ""
    assert session.auditioned_motion("ann") is None
