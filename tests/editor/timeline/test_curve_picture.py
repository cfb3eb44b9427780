"""Lines as pixels."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from editor.timeline.curve_picture import coverage_of, dashes


@given(st.floats(3.0, 37.0), st.floats(1.0, 4.0))
def test_a_level_line_covers_as_much_as_it_is_thick(y, width_px):
    rows, columns, covered = coverage_of(np.full(11, y), 40, width_px)

    for column in range(10):
        at = columns == column
        assert covered[at].sum() == pytest.approx(width_px, abs=0.05)
        assert (rows[at] * covered[at]).sum() / covered[at].sum() + 0.5 == pytest.approx(y, abs=0.1)


@given(st.lists(st.floats(-50.0, 90.0), min_size=2, max_size=30))
def test_pixels_lie_in_the_picture_and_near_the_line(ys):
    rows, columns, covered = coverage_of(np.array(ys), 40, 2.0)

    assert ((rows >= 0) & (rows < 40)).all()
    assert ((covered > 0.0) & (covered <= 1.0)).all()
    near = np.pad(np.array(ys), 2, mode="edge")
    for row, column in zip(rows, columns, strict=True):
        window = near[column : column + 6]
        assert window.min() - 2.6 <= row + 0.5 <= window.max() + 2.6


def test_a_jump_leaves_no_gap():
    rows, _, _ = coverage_of(np.array([5.0, 5.0, 35.0, 35.0]), 40, 2.0)

    assert set(range(5, 35)) <= set(rows.tolist())


def test_dashes_stay_where_they_are_when_the_picture_moves():
    pattern = (6.0, 3.0, 1.5, 2.5)

    assert np.allclose(dashes(100, 50, pattern)[7:], dashes(107, 43, pattern))
    assert dashes(0, 1300, pattern).mean() == pytest.approx(7.5 / 13.0, abs=0.01)
    assert dashes(0, 5, ()).tolist() == [1.0] * 5
