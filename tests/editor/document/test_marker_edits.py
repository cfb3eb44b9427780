"""Markers come, move and go, always in order of time."""

from __future__ import annotations

import pytest

from editor.document.document import Document
from editor.document.edits import EditRefused
from editor.document.marker_edits import add_marker, move_marker, remove_marker, rename_marker


def three() -> Document:
    document = Document()
    for time_s in (5.0, 1.0, 3.0):
        document = add_marker(document, time_s, f" at {time_s:g} ")
    return document


def test_markers_lie_in_order_of_time():
    assert [m.text for m in three().markers] == ["at 1", "at 3", "at 5"]


def test_a_marker_that_is_moved_takes_its_place_in_the_order():
    document = three()

    document = move_marker(document, document.markers[0].id, 4.0)

    assert [(m.time_s, m.text) for m in document.markers] == [(3.0, "at 3"), (4.0, "at 1"), (5.0, "at 5")]


def test_a_span_keeps_its_length_when_it_is_moved():
    document = add_marker(Document(), 1.0, "chorus", end_s=3.0)

    moved = move_marker(document, document.markers[0].id, 4.0).markers[0]
    longer = move_marker(document, document.markers[0].id, 1.0, 6.0).markers[0]

    assert (moved.time_s, moved.end_s) == (4.0, 6.0)
    assert (longer.time_s, longer.end_s) == (1.0, 6.0)


def test_no_marker_lies_before_the_piece_and_no_span_ends_before_it_begins():
    document = add_marker(Document(), -2.0, end_s=-1.0)

    assert (document.markers[0].time_s, document.markers[0].end_s) == (0.0, 0.0)


def test_a_marker_is_renamed_and_removed():
    document = three()
    first = document.markers[0].id

    assert rename_marker(document, first, "lift").markers[0].text == "lift"
    assert [m.text for m in remove_marker(document, first).markers] == ["at 3", "at 5"]


def test_a_marker_that_is_gone_is_refused():
    for edit in (
        lambda d: move_marker(d, "x", 1.0),
        lambda d: rename_marker(d, "x", ""),
        lambda d: remove_marker(d, "x"),
    ):
        with pytest.raises(EditRefused, match="no longer in the piece"):
            edit(three())
