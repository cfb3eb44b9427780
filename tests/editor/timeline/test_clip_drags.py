"""Clips under a hand keep off their neighbours."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from editor.document.document import Document
from editor.timeline import clip_drags
from tests.documents import dancer
from tests.editor.timeline.pieces import piece

PIECE = piece()


@given(st.integers(-200, 700))
def test_a_clip_is_moved_to_the_nearest_place_where_it_fits(wanted):
    ana = PIECE.track("ana")
    second = ana.clip("second")

    start = clip_drags.free_start(ana, second, wanted)

    possible = range(120, 900)  # behind "first"; before it there is no room
    assert start == min(possible, key=lambda frame: abs(frame - wanted))


@given(st.integers(-200, 700))
def test_moved_clips_never_overlap(wanted):
    document = clip_drags.move(PIECE, "second", wanted, "ben", False)(PIECE)

    ben = sorted(document.track("ben").clips, key=lambda clip: clip.start_frame)
    assert all(a.end_frame <= b.start_frame for a, b in pairwise(ben))
    assert not any(clip.id == "second" for clip in document.track("ana").clips)


@given(st.integers(-100, 400), st.sampled_from(["start", "end"]))
def test_an_edge_stops_at_the_neighbour_and_leaves_a_frame(wanted, edge):
    document = clip_drags.trim(PIECE, "second", edge, wanted, False)(PIECE)

    clip = document.clip("second")[1]
    assert clip.start_frame >= 120
    assert clip.n_frames >= 1
    assert (clip.end_frame if edge == "start" else clip.start_frame) == (240 if edge == "start" else 150)


def test_stretching_from_either_edge_keeps_the_other_one():
    longer = clip_drags.stretch(PIECE, "second", "start", 130)(PIECE).clip("second")[1]
    shorter = clip_drags.stretch(PIECE, "second", "start", 195)(PIECE).clip("second")[1]
    later = clip_drags.stretch(PIECE, "second", "end", 285)(PIECE).clip("second")[1]

    assert (longer.start_frame, longer.end_frame) == (130, 240)
    assert (shorter.start_frame, shorter.end_frame, shorter.speed) == (195, 240, 2.0)
    assert (later.start_frame, later.end_frame) == (150, 285)


@pytest.mark.parametrize(
    ("wanted", "ripples", "is_blocked"),
    [(100, False, True), (100, True, False), (60, False, False), (170, False, False)],
)
def test_a_clip_between_others_is_blocked_unless_they_move_along(wanted, ripples, is_blocked):
    packed = Document(tracks=(dancer(60, 60, 60),))

    assert clip_drags.is_blocked(packed, "clip 1", wanted, "ann", ripples) == is_blocked
