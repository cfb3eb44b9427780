"""Undo and redo: the very same documents, within a budget."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import settings as effort
from hypothesis import strategies as st

from editor.document.clip_edits import split_clip
from editor.document.document import Document, Song
from editor.document.history import History
from editor.document.take_edits import keep_take
from editor.document.weight import Weight, bytes_of
from tests.documents import an_analysis, dancer, documents, histories, take

FRAME_BYTES = 8 * (3 + 24 * 4)


@given(histories(most=8))
@effort(max_examples=25)
def test_undoing_all_and_redoing_all_gives_back_the_very_same_documents(states):
    history = History(states[0])
    visited = [states[0]]
    for i, document in enumerate(states[1:]):
        if history.commit(f"edit {i}", document):
            visited.append(document)

    back = [history.document]
    while history.undo():
        back.append(history.document)
    forth = [history.document]
    while history.redo():
        forth.append(history.document)

    assert all(a is b for a, b in zip(back, reversed(visited), strict=True))
    assert all(a is b for a, b in zip(forth, visited, strict=True))


@given(histories(most=6), st.lists(st.sampled_from(["undo", "redo"]), max_size=12))
@effort(max_examples=15)
def test_a_step_back_and_a_step_forth_cancel_out(states, steps):
    history = History(states[0])
    for i, document in enumerate(states[1:]):
        history.commit(f"edit {i}", document)

    for step in steps:
        here, undoable, redoable = history.document, history.undo_labels, history.redo_labels
        if step == "undo" and history.undo():
            history.redo()
        elif step == "redo" and history.redo():
            history.undo()
        assert history.document is here
        assert (history.undo_labels, history.redo_labels) == (undoable, redoable)


def test_steps_are_named_after_their_edits():
    history = History(Document())
    for word in ("one", "two", "three"):
        history.commit(word, replace(history.document, notes=word))
    history.undo()

    assert history.undo_labels == ("two", "one")
    assert history.redo_labels == ("three",)


def test_an_edit_that_changes_nothing_is_no_step():
    history = History(Document(notes="here"))

    assert not history.commit("notes", replace(history.document, notes="here"))
    assert not history.undo()


def test_an_edit_after_undo_takes_redo_away():
    history = History(Document())
    history.commit("one", Document(notes="one"))
    history.undo()
    history.commit("two", Document(notes="two"))

    assert not history.redo()


def test_listeners_hear_what_was_what_is_and_why():
    history, heard = History(Document()), []
    history.changed.connect(lambda *change: heard.append(change))
    old, new = history.document, Document(notes="new")

    history.commit("notes", new)
    history.undo()
    history.redo()

    assert heard == [(old, new, "notes"), (new, old, "notes"), (old, new, "notes")]


def test_tentative_steps_are_forgotten_down_to_the_last_that_stands():
    history = History(Document("0"))
    history.commit("one", Document("1"))
    for title in ("2", "3"):
        history.commit("tentative", Document(title), is_tentative=True)

    assert history.take_back(Document("elsewhere"))

    assert (history.document.title, history.undo_labels, history.redo_labels) == ("1", ("one",), ())
    assert not history.take_back(Document("elsewhere"))


def test_tentative_steps_are_forgotten_no_further_than_asked_and_redo_is_as_it_was():
    history = History(Document("0"))
    history.commit("undone", Document("x"))
    history.undo()
    history.commit("tentative", first := Document("1"), is_tentative=True)
    history.commit("tentative", Document("2"), is_tentative=True)

    assert history.take_back(first)
    assert (history.document, history.redo_labels) == (first, ())
    assert history.take_back(Document("elsewhere"))
    assert (history.document.title, history.redo_labels) == ("0", ("undone",))


def test_another_project_has_nothing_to_undo():
    history = History(Document())
    history.commit("one", Document(notes="one"))

    history.replace(Document(title="Other"))

    assert history.document.title == "Other"
    assert (history.undo_labels, history.redo_labels) == ((), ())


def _with_new_takes(n: int, budget_bytes: int) -> History:
    """A dancer of 100 frames, made anew n times; nothing of what was there stays."""
    history = History(Document(tracks=(dancer(100),)), budget_bytes)
    for i in range(n):
        track = dancer(100)
        clip = replace(track.clips[0], takes=(take(100, seed=i % 8),))
        history.commit(f"take {i}", replace(history.document, tracks=(replace(track, clips=(clip,)),)))
    return history


def test_the_budget_forgets_the_oldest_steps_only():
    history = _with_new_takes(8, budget_bytes=3 * 100 * FRAME_BYTES)

    assert history.undo_labels == ("take 7", "take 6", "take 5")


def test_what_the_current_document_holds_costs_nothing():
    history = History(Document(tracks=(dancer(100),)), budget_bytes=0)
    for i in range(9):
        history.commit(f"note {i}", replace(history.document, notes=str(i)))

    assert len(history.undo_labels) == 9


def test_a_kept_take_holds_on_to_the_one_before_and_adds_nothing_to_the_budget():
    document = Document(tracks=(dancer(100),))
    history = History(document, budget_bytes=100 * FRAME_BYTES)
    for i in range(6):
        history.commit(f"take {i}", keep_take(history.document, "ann", 0, 100, take(100, seed=i)))

    assert len(history.undo_labels) == 6


@given(st.lists(documents(), max_size=4))
@effort(max_examples=10)
def test_weight_is_the_same_whichever_way_it_was_counted(pieces):
    weight = Weight()
    for document in (*pieces, *pieces):
        weight.add(document)
    for document in pieces:
        weight.remove(document)

    assert weight.n_bytes == bytes_of(pieces)
    for document in pieces:
        weight.remove(document)
    assert weight.n_bytes == 0


def test_what_documents_share_is_counted_once():
    document = Document(tracks=(dancer(100),), analysis=an_analysis(10.0))
    weight = bytes_of([document])

    assert weight == 100 * FRAME_BYTES + 40_000
    assert bytes_of([document, split_clip(document, "clip 0", 30)]) == weight
    assert bytes_of([document, replace(document, notes="more")]) == weight


def test_an_embedded_song_weighs_its_bytes():
    song = Song("song.wav", "0" * 64, 1.0, data=b"x" * 5000)

    assert bytes_of([Document(song=song)]) == 5000
