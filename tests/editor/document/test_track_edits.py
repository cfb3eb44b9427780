"""Dancers come, go, stand somewhere, and dance a canon."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from editor.document.assemble import dance
from editor.document.clip_edits import set_clip_locked
from editor.document.document import Document, Place
from editor.document.edits import EditRefused
from editor.document.track_edits import (
    add_track,
    duplicate_track,
    place_track,
    remove_track,
    rename_track,
    reorder_track,
    set_track_flags,
)
from tests.documents import dancer


def piece() -> Document:
    return Document(tracks=(dancer(40, 40), replace(dancer(30, track_id="bob"), name="Bob", clips=())))


def test_a_dancer_is_added_below_the_others():
    document = add_track(piece(), "Cleo", "cleo")

    assert [t.id for t in document.tracks] == ["ann", "bob", "cleo"]
    assert document.track("cleo").name == "Cleo"


def test_dancers_without_a_name_are_numbered():
    document = add_track(add_track(Document(), ""), " ")

    assert [t.name for t in document.tracks] == ["Dancer 1", "Dancer 2"]
    assert document.tracks[0].id != document.tracks[1].id


def test_a_dancer_is_not_added_twice():
    with pytest.raises(EditRefused, match="already"):
        add_track(piece(), "Ann", "ann")


def test_a_dancer_goes():
    assert [t.id for t in remove_track(piece(), "ann").tracks] == ["bob"]


def test_a_dancer_with_a_locked_clip_stays():
    document = set_clip_locked(piece(), "clip 0", True)

    with pytest.raises(EditRefused, match="Ann has a locked clip"):
        remove_track(document, "ann")


def test_a_dancer_is_renamed():
    assert rename_track(piece(), "ann", " Anna ").tracks[0].name == "Anna"
    with pytest.raises(EditRefused, match="needs a name"):
        rename_track(piece(), "ann", " ")


def test_a_placed_dancer_dances_the_same_elsewhere():
    document = place_track(piece(), "ann", Place(2.0, 1.0, np.pi / 2))

    here, there = dance(piece(), "ann").positions_m(), dance(document, "ann").positions_m()
    # A quarter turn to the dancer's left takes +z to +x and +x to -z.
    assert np.allclose(there[..., 0], here[..., 2] + 2.0)
    assert np.allclose(there[..., 2], 1.0 - here[..., 0])


def test_flags_that_are_not_given_stay():
    document = set_track_flags(set_track_flags(piece(), "ann", is_hidden=True), "ann", body="man", is_muted=False)

    track = document.track("ann")
    assert (track.is_hidden, track.is_muted, track.body) == (True, False, "man")


def test_a_canon_is_a_duplicate_with_a_delay():
    document = duplicate_track(place_track(piece(), "ann", Place(1.0)), "ann", Place(0.5, -1.0), 15)

    first, second, _ = document.tracks
    assert (second.name, second.place) == ("Dancer 1", Place(1.5, -1.0))
    assert [c.start_frame for c in second.clips] == [15, 55]
    assert not {c.id for c in first.clips} & {c.id for c in second.clips}
    assert second.clips[0].take is first.clips[0].take


def test_a_duplicate_stands_beside_the_dancer_however_that_one_is_turned():
    document = duplicate_track(place_track(piece(), "ann", Place(1.0, 1.0, 2.0)), "ann", Place(0.9))

    assert document.tracks[1].place == Place(1.9, 1.0, 2.0)


def test_a_canon_does_not_begin_before_the_piece():
    with pytest.raises(EditRefused, match="before the piece"):
        duplicate_track(piece(), "ann", Place(), -1)


@pytest.mark.parametrize(("index", "order"), [(0, "bob ann"), (1, "ann bob"), (9, "ann bob"), (-4, "bob ann")])
def test_dancers_are_put_in_order(index, order):
    assert " ".join(t.id for t in reorder_track(piece(), "bob", index).tracks) == order


def test_a_dancer_that_is_gone_is_refused():
    with pytest.raises(EditRefused, match="no longer in the piece"):
        rename_track(piece(), "nobody", "Somebody")
