"""The picture and the playhead."""

from __future__ import annotations

import pytest

from editor.timeline.following import followed
from editor.timeline.geometry import TimeView

VIEW = TimeView(10.0, 100.0, 1000.0)  # shows 10 s to 20 s


def test_the_page_turns_when_the_playhead_leaves():
    assert followed(VIEW, "page", 19.95, 19.99) is VIEW
    turned = followed(VIEW, "page", 19.99, 20.01)
    assert turned.start_s < 20.01 < turned.start_s + 0.1 * turned.span_s


def test_a_continuous_picture_keeps_the_playhead_in_its_middle():
    assert followed(VIEW, "continuous", 12.0, 12.02).start_s == pytest.approx(7.02)


@pytest.mark.parametrize(("before_s", "after_s"), [(19.99, 20.01), (12.0, 50.0)])
def test_a_fixed_picture_never_moves(before_s, after_s):
    assert followed(VIEW, "fixed", before_s, after_s) is VIEW


@pytest.mark.parametrize("mode", ["page", "continuous"])
def test_who_looks_elsewhere_is_left_alone_until_the_playhead_jumps(mode):
    assert followed(VIEW, mode, 50.0, 50.02) is VIEW
    assert followed(VIEW, mode, 50.0, 60.0).shows(60.0)
