"""The tour as one of the tests: the demo piece, playing, four takes, undo, a file; by real keys, the real engine."""

from __future__ import annotations

import pytest

from app.screen import has_screen
from tests.app.window.windows import editor_window
from tests.tour.tour import Tour

SIZE = (1280, 800)


@pytest.mark.slow
@pytest.mark.gl
@pytest.mark.skipif(not has_screen(), reason="the tour needs a screen")
def test_the_tour_can_be_taken(qtbot, tmp_path):
    with editor_window(tmp_path / "home") as window:
        window.resize(*SIZE)

        facts = Tour(window, tmp_path, takes_pictures=False).run().facts

    assert facts["the file holds the piece"]
    assert facts["kept_joints_moved_mm"] <= 0.1
    assert facts["seam_position_step_mm"] < 30.0
    assert facts["seam_velocity_step_share"] < 0.5
