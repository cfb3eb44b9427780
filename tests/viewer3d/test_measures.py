"""What is measured on a figure is drawn over it, told apart by more than colour."""

from __future__ import annotations

import numpy as np
import pytest

from engine.motion.house import HOUSE
from tests.poses import rest
from viewer3d.camera import Camera
from viewer3d.measures import measured
from viewer3d.renderer import OffscreenRenderer
from viewer3d.stage_view import DARK_STAGE, FigureView, Marked, MeasureView, StageView
from viewer3d.staging import staged

UPRIGHT = np.array([[0.0, 0.4, 0.0], [0.0, 1.4, 0.0]])


def half_widths(view: MeasureView) -> set[float]:
    lines = measured([view], DARK_STAGE)
    return {round(float(width), 2) for width in lines.vertices[:, 7]}


def test_nothing_measured_is_nothing_drawn():
    assert measured([], DARK_STAGE) is None


def test_what_is_too_much_is_thicker_than_what_is_there():
    assert max(half_widths(MeasureView(UPRIGHT, "excess"))) > max(half_widths(MeasureView(UPRIGHT, "measured")))


def test_what_is_allowed_is_dashed():
    whole = measured([MeasureView(UPRIGHT, "measured")], DARK_STAGE)
    dashed = measured([MeasureView(UPRIGHT, "allowed")], DARK_STAGE)

    def drawn_m(lines) -> float:
        corners = lines.vertices[lines.triangles][:, :, 1]
        return float((corners.max(axis=1) - corners.min(axis=1)).sum()) / 4.0  # two triangles a stretch, and a casing

    assert drawn_m(whole) == pytest.approx(1.0)
    assert 0.5 < drawn_m(dashed) < 0.7


def test_an_area_is_filled_from_its_first_point_and_nothing_beyond_its_outline():
    square = np.array([[0.0, 0.0, 0.0], [1.0, 0.0, 0.0], [1.0, 0.0, 1.0], [0.0, 0.0, 1.0]])

    filled = measured([MeasureView(square, "allowed", is_area=True)], DARK_STAGE)

    a, b, c = (filled.vertices[filled.triangles[:, k], :3].astype(float) for k in range(3))
    assert np.linalg.norm(np.cross(b - a, c - a), axis=-1).sum() / 2.0 == pytest.approx(1.0)
    assert np.all(filled.vertices[:, 6] == 0.0)


def test_the_joints_that_it_is_about_are_lit_and_no_others():
    view = StageView(figures=(FigureView("ana", rest()),), marked=Marked("ana", ("LeftLeg", "LeftFoot")))

    glow = staged(view).figures[0].glow

    assert sorted(np.flatnonzero(glow)) == sorted([HOUSE.index("LeftLeg"), HOUSE.index("LeftFoot")])
    assert staged(StageView(figures=view.figures, marked=Marked("ben", ("LeftLeg",)))).figures[0].glow is None


@pytest.mark.gl
def test_it_is_seen_through_the_body():
    within = np.array([[-0.02, 1.15, 0.0], [0.02, 1.25, 0.0]])  # inside of the chest
    figure = FigureView("ana", rest())
    with OffscreenRenderer(320, 320) as renderer:
        camera = Camera(np.array([0.0, 1.2, 0.0]), 2.0)
        plain = renderer.picture(staged(StageView(figures=(figure,))), camera).astype(int)
        marked = renderer.picture(
            staged(StageView(figures=(figure,), measures=(MeasureView(within, "excess"),))), camera
        ).astype(int)  # fmt: skip

    differs = np.abs(marked - plain).max(axis=-1) > 40
    rows, columns = np.nonzero(differs)
    assert 20 < differs.sum() < 2000
    assert abs(rows.mean() - 160) < 12
    assert abs(columns.mean() - 160) < 12
