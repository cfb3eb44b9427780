from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from viewer3d.floor_path import tidy_path

places = st.tuples(st.floats(-6.0, 6.0), st.floats(-6.0, 6.0))


def test_a_straight_stroke_becomes_its_two_ends():
    drawn = [(0.01 * i, 0.02 * i) for i in range(100)]

    tidy = tidy_path(drawn)

    assert tidy == [pytest.approx(drawn[0]), pytest.approx(drawn[-1])]


def test_a_trembling_circle_becomes_a_smooth_one_of_few_points():
    random = np.random.default_rng(1)
    angle = np.linspace(0.0, 5.0, 300)
    circle = 2.0 * np.stack([np.cos(angle), np.sin(angle)], axis=1)

    tidy = np.array(tidy_path([tuple(p) for p in circle + random.normal(0.0, 0.01, circle.shape)]))

    assert len(tidy) < 40
    assert np.abs(np.linalg.norm(tidy, axis=1) - 2.0).max() < 0.06


@pytest.mark.parametrize("slip", [[], [(1.0, 2.0)], [(1.0, 2.0), (1.0, 2.0)], [(0.0, 0.0), (0.02, 0.0)]])
def test_a_slip_of_the_hand_is_no_path(slip):
    assert tidy_path(slip) == []


@given(st.lists(places, min_size=2, max_size=30))
def test_ends_stay_and_nothing_leaves_the_drawn_box(drawn):
    tidy = np.array(tidy_path(drawn))
    if not len(tidy):
        return

    np.testing.assert_allclose(tidy[[0, -1]], [drawn[0], drawn[-1]], atol=1e-9)
    # Ends are continued by their mirror images, which may bulge by no more than the smoothing reaches.
    assert np.all(tidy >= np.min(drawn, axis=0) - 0.35)
    assert np.all(tidy <= np.max(drawn, axis=0) + 0.35)
