"""Points and strokes of a drawn value."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from editor.document.document import Curve, Settings
from editor.timeline import curve_drawing as drawing

levels = st.floats(0.0, 1.0)
strokes = st.lists(st.tuples(st.floats(0.0, 60.0), levels), min_size=1, max_size=40)


@given(levels, st.floats(0.5, 59.5), levels)
def test_a_constant_keeps_its_value_at_both_ends_when_it_gets_a_point(constant, time_s, level):
    curve, index = drawing.with_point(constant, time_s, level, 60.0)

    assert (curve.times_s[index], curve.values[index]) == (time_s, level)
    assert curve.at(np.array([0.0, 60.0])).tolist() == [constant, constant]


@given(strokes)
def test_a_stroke_passes_close_by_the_hand_and_leaves_the_rest(stroke):
    before = Curve((0.0, 30.0, 60.0), (0.2, 0.8, 0.4))

    after = drawing.with_stroke(before, stroke, 60.0)

    low, high = min(t for t, _ in stroke), max(t for t, _ in stroke)
    kept = [(t, v) for t, v in drawing.points_of(before) if t < low - 1e-6 or t > high + 1e-6]
    assert set(kept) <= set(drawing.points_of(after))
    assert float(after.at(np.array(stroke[-1][0]))) == pytest.approx(
        stroke[-1][1], abs=drawing.FREEHAND_TOLERANCE + 1e-9
    )


def test_a_straight_stroke_of_many_points_becomes_two():
    stroke = [(t, t / 20.0) for t in np.linspace(2.0, 10.0, 100)]

    curve = drawing.with_stroke(Curve((0.0, 20.0), (0.0, 0.0)), stroke, 20.0)

    assert drawing.points_of(curve) == ((0.0, 0.0), (2.0, 0.1), (10.0, 0.5), (20.0, 0.0))


def test_a_hand_that_goes_back_draws_over_what_it_drew():
    there_and_back = [(1.0, 0.2), (3.0, 0.2), (5.0, 0.2), (3.0, 0.9), (1.0, 0.9)]

    curve = drawing.with_stroke(0.0, there_and_back, 10.0)

    assert float(curve.at(np.array(1.0))) == 0.9
    assert float(curve.at(np.array(3.0))) == pytest.approx(0.9)
    assert float(curve.at(np.array(5.0))) == 0.2


@given(st.floats(-10.0, 70.0), st.floats(-1.0, 2.0))
def test_a_point_that_is_moved_stays_between_its_neighbours_and_within_0_and_1(time_s, level):
    moved = drawing.with_point_moved(Curve((0.0, 10.0, 20.0), (0.1, 0.2, 0.3)), 1, time_s, level)

    assert 0.0 <= moved.times_s[1] <= 20.0
    assert 0.0 <= moved.values[1] <= 1.0
    assert (moved.times_s[0], moved.times_s[2]) == (0.0, 20.0)


def test_a_curve_whose_points_are_alike_after_one_goes_is_a_constant_again():
    curve, index = drawing.with_point(0.3, 5.0, 0.9, 10.0)

    assert drawing.without_point(curve, index) == 0.3
    assert drawing.without_point(Curve((5.0,), (0.7,)), 0) == 0.7


def test_a_style_whose_weight_is_nowhere_above_zero_leaves_the_mix():
    settings = Settings(style=(("salsa", 0.5), ("ballet", 0.5)))

    assert drawing.with_value(settings, "salsa", Curve((0.0, 1.0), (0.0, 0.0))).style == (("ballet", 0.5),)
    assert drawing.value_of(settings, "pop") == 0.0


@pytest.mark.parametrize("name", ["joy", "sorrow", "tension", "serenity", "salsa"])
def test_a_value_that_is_set_is_the_one_that_is_read(name):
    curve = Curve((0.0, 1.0), (0.2, 0.4))

    assert drawing.value_of(drawing.with_value(Settings(), name, curve), name) == curve
