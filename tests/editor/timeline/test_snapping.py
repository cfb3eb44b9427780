"""What a dragged edge lands on."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from editor.timeline.beat_grid import BeatGrid
from editor.timeline.snapping import SnapPoints, musical_times_s, snap_points
from tests.editor.timeline.pieces import music, piece

times = st.lists(st.floats(0.0, 100.0), min_size=1, max_size=20)


@given(times, st.floats(0.0, 100.0), st.floats(0.01, 5.0))
def test_a_snap_lands_exactly_on_the_nearest_point_within_reach(points, time_s, reach_s):
    snap = SnapPoints({"beat": points}).nearest(time_s, reach_s)

    nearest = min(abs(p - time_s) for p in points)
    if nearest > reach_s:
        assert snap is None
    else:
        assert snap.time_s in points
        assert abs(snap.time_s - time_s) == pytest.approx(nearest, abs=1e-8)


@given(times, times, st.floats(0.01, 5.0))
def test_a_thing_moves_by_what_brings_one_of_its_edges_exactly_on_a_point(points, edges, reach_s):
    shift = SnapPoints({"beat": points}).shift_for(edges, reach_s)

    assert abs(shift) <= reach_s
    landed = min(abs(edge + shift - p) for edge in edges for p in points)
    assert landed == pytest.approx(0.0, abs=1e-9) or shift == 0.0


def test_a_clip_edge_counts_before_a_beat_that_is_as_near():
    points = SnapPoints({"beat": [1.0], "clip edge": [1.0]})

    assert points.nearest(1.1, 0.2).kind == "clip edge"


@pytest.mark.parametrize(
    ("px_per_s", "step_s"), [(100.0, 0.25), (40.0, 0.5), (10.0, 2.0), (5.0, 4.0)], ids=["half", "beat", "bar", "eight"]
)
def test_the_finest_beats_that_are_14_pixels_apart_can_be_landed_on(px_per_s, step_s):
    found = np.sort(musical_times_s(BeatGrid(music()), px_per_s))

    assert np.allclose(np.diff(found), step_s)


def test_what_is_dragged_is_no_point_to_land_on():
    document = piece()

    all_points = snap_points(document, None, 100.0, playhead_s=3.3)
    others = snap_points(document, None, 100.0, playhead_s=None, leaving_out=frozenset({"second", "cue"}))

    assert all_points.nearest(5.0, 0.01).kind == "clip edge"  # frame 150, and the marker at 5 s
    assert all_points.nearest(3.3, 0.01).kind == "playhead"
    assert others.nearest(5.0, 0.01) is None
    assert others.nearest(3.3, 0.01) is None


def test_a_piece_without_music_still_has_its_clips_to_land_on():
    points = snap_points(piece(), None, 100.0)

    assert points.nearest(4.01, 0.1).time_s == 4.0
