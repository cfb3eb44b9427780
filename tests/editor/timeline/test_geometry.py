"""The time axis: what is where, what zooming keeps, and which ticks fit."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from editor.timeline.geometry import TimeView, every_nth, tick_steps_s, time_code

views = st.builds(TimeView, st.floats(-1.0, 600.0), st.floats(0.5, 1800.0), st.floats(50.0, 4000.0))


@given(views, st.floats(-100.0, 4000.0))
def test_a_place_has_one_time_and_that_time_that_place(view, x):
    assert view.x_of(view.time_at(x)) == pytest.approx(x, abs=1e-5)


@given(views, st.floats(0.1, 10.0), st.floats(0.0, 4000.0))
def test_zooming_leaves_what_is_under_the_cursor_there(view, factor, x):
    zoomed = view.zoomed(factor, x)

    assert zoomed.x_of(view.time_at(x)) == pytest.approx(x, abs=1e-4)
    assert zoomed.px_per_s == pytest.approx(factor * view.px_per_s)


@given(views, st.floats(0.1, 3600.0))
def test_a_picture_never_shows_more_than_the_piece(view, duration_s):
    kept = view.within(duration_s, 30.0)

    assert kept.start_s >= -12.0 / kept.px_per_s - 1e-9
    assert kept.end_s <= max(duration_s, 1.0) + 12.0 / kept.px_per_s + 1e-6
    assert kept.px_per_s <= 60.0 * 30.0 or kept.span_s >= duration_s


@given(views, st.floats(0.1, 3600.0))
def test_a_picture_within_the_piece_stays(view, duration_s):
    kept = view.within(duration_s, 30.0)

    again = kept.within(duration_s, 30.0)

    assert again.px_per_s == kept.px_per_s
    assert again.start_s == pytest.approx(kept.start_s, abs=1e-9)


@given(views, st.floats(0.0, 500.0), st.floats(0.01, 100.0))
def test_showing_a_stretch_shows_all_of_it(view, start_s, length_s):
    shown = view.showing(start_s, start_s + length_s)

    assert shown.start_s <= start_s
    assert shown.end_s >= start_s + length_s - 1e-9


@given(views, st.integers(-300, 300), st.sampled_from([1.0, 1.25, 2.0]))
def test_columns_keep_their_times_when_the_picture_moves_by_whole_ones(view, n, dpr):
    view = view.on_pixels(dpr)

    moved = view.panned(n / dpr)

    shift = moved.column_edges_s(dpr) - view.column_edges_s(dpr)
    assert np.allclose(shift, view.seconds(n / dpr), atol=1e-6)
    assert view.column_edges_s(dpr)[0] == pytest.approx(view.start_s, abs=1e-9)


@given(st.floats(0.05, 1800.0), st.sampled_from([24.0, 30.0, 60.0]), st.floats(20.0, 120.0))
def test_labels_of_a_ruler_are_far_enough_apart_and_small_ticks_divide_them(px_per_s, rate_hz, least_px):
    label_s, tick_s = tick_steps_s(px_per_s, rate_hz, least_px)

    assert label_s * px_per_s >= least_px or label_s == 3600.0
    assert label_s / tick_s == pytest.approx(round(label_s / tick_s))


@given(st.floats(0.01, 100.0), st.floats(1.0, 100.0))
def test_every_nth_is_a_power_of_two_that_fits(spacing_px, least_px):
    n = every_nth(spacing_px, least_px)

    assert n & (n - 1) == 0
    assert n * spacing_px >= least_px or n == 1 << 16


@pytest.mark.parametrize(
    ("time_s", "code"),
    [(0.0, "00:00:00"), (1.5, "00:01:15"), (62.999, "01:02:29"), (63.0, "01:03:00"), (-1, "00:00:00")],
)
def test_a_time_code_counts_minutes_seconds_and_frames(time_s, code):
    assert time_code(time_s, 30.0) == code
