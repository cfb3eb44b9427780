from __future__ import annotations

import numpy as np
import pytest

from tests.poses import swinging
from viewer3d.film import Caption, film, panels_for

gl = pytest.mark.gl
SIZE = (192, 108)


@gl
def test_there_is_a_picture_for_each_moment():
    pictures = list(film([swinging()], [0.0, 0.1, 0.125], SIZE))

    assert [picture.shape for picture in pictures] == [(108, 192, 3)] * 3
    assert np.abs(pictures[0].astype(int) - pictures[2]).mean() > 0.5


@gl
def test_nothing_is_drawn_before_it_is_asked_for():
    asked = []

    def times():
        for time in (0.0, 0.1, 0.2):
            asked.append(time)
            yield time

    pictures = film([swinging()], times(), SIZE)
    next(pictures)

    assert asked == [0.0]
    pictures.close()


@gl
def test_two_dances_stand_side_by_side():
    one = next(film([swinging(), swinging()], [0.0], SIZE))

    left, right = one[:, :95].astype(int), one[:, 97:].astype(int)
    np.testing.assert_array_equal(left, right)
    assert np.abs(left[..., 0] - left[..., 2]).max() > 60


@gl
def test_captions_and_names_are_burnt_in():
    plain = next(film([swinging()], [0.0], SIZE)).astype(int)
    words = next(film([swinging()], [0.0], SIZE, names=["take 1"], caption=lambda t: Caption("0:00.00", "bar 1", 3)))

    changed = np.abs(words - plain).max(axis=-1) > 20
    assert changed[:20, :80].any()
    assert changed[90:].any()
    assert not changed[40:80, 60:130].any()


@pytest.mark.parametrize(("n", "panels"), [(1, (1, 1)), (2, (2, 1)), (3, (3, 1)), (4, (2, 2)), (6, (3, 2))])
def test_panels(n, panels):
    assert panels_for(n, 16 / 9) == panels
