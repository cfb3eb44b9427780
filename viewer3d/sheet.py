"""Contact sheets: moments of a dance side by side, each with its label."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from engine.motion.motion import Motion
from viewer3d.body import body_for
from viewer3d.camera import DIRECTIONS, Camera
from viewer3d.caption import LABEL_HEIGHT, Canvas
from viewer3d.follow import still
from viewer3d.renderer import OffscreenRenderer
from viewer3d.scene import scene_of

CELL_SIZE = (232, 300)  # of the picture; its label comes under it
_GAP, _BORDER, _TITLE_HEIGHT = 6, 16, 42
_PAPER = (27, 28, 31)


def contact_sheet(
    motion: Motion,
    times_s: Sequence[float],
    labels: Sequence[tuple[str, str]] | None = None,
    *,
    title: str = "",
    direction: str = "three-quarter",
    columns: int | None = None,
    cell_size: tuple[int, int] = CELL_SIZE,
    progress: Callable[[float], None] | None = None,
) -> np.ndarray:
    """A picture of the dancer at each time, all from one distance, row by row: uint8 [H, W, 3].

    Args:
        motion: On any skeleton.
        times_s: Moments in seconds, at least one.
        labels: For each moment what stands at the left and at the right of its cell; the time when not given.
        title: Printed above; none leaves its line out.
        direction: A name in camera.DIRECTIONS.
        columns: Cells in a row; as gives a sheet wider than high when not given.
        cell_size: Width and height of a cell's picture in pixels.
        progress: Called with the fraction done; may raise to stop.
    """
    if not len(times_s):
        raise ValueError("a contact sheet needs at least one moment")
    labels = labels if labels is not None else [(f"{time:.2f} s", "") for time in times_s]
    columns = min(columns or columns_for(len(times_s)), len(times_s))
    rows = math.ceil(len(times_s) / columns)
    width, height = cell_size[0], cell_size[1] + LABEL_HEIGHT
    top = _BORDER + (_TITLE_HEIGHT if title else 0)
    sheet_width = 2 * _BORDER + columns * (width + _GAP) - _GAP
    sheet = Canvas(sheet_width, top + rows * (height + _GAP) - _GAP + _BORDER, _PAPER)
    if title:
        sheet.text(_BORDER + 2, _BORDER + 4, title, size=20, room=sheet_width - 2 * _BORDER)
    for i, cell in enumerate(_cells(motion, times_s, direction, cell_size)):
        x, y = _BORDER + (i % columns) * (width + _GAP), top + (i // columns) * (height + _GAP)
        sheet.paste(cell, x, y)
        sheet.cell_label(x, y + cell_size[1], width, *labels[i])
        if progress:
            progress((i + 1) / len(times_s))
    return sheet.pixels()


def columns_for(n_cells: int) -> int:
    """How many cells in a row: one row up to four, counts of eight from sixteen on, else few empty places."""
    if n_cells <= 4:
        return n_cells
    if n_cells >= 16:
        return 8
    return min(range(4, 9), key=lambda c: (-n_cells % c, abs(c - 1.6 * math.sqrt(n_cells))))


def _cells(motion: Motion, times_s: Sequence[float], direction: str, size: tuple[int, int]) -> list[np.ndarray]:
    body = body_for(motion.skeleton)
    frames = [min(max(round(time * motion.frame_rate_hz), 0), motion.n_frames - 1) for time in times_s]
    moments = replace(
        motion, root_positions_m=motion.root_positions_m[frames], local_rotations=motion.local_rotations[frames]
    )
    centres, radii = body.extent(moments, np.zeros(3))
    yaw, pitch = DIRECTIONS[direction]
    view = Camera(np.zeros(3), 5.0, yaw, pitch)
    cameras = still(centres, radii, motion.root_positions_m[frames], size[0] / size[1], view)
    with OffscreenRenderer(*size) as renderer:
        return [
            renderer.picture(scene_of([(body, motion.pose_at(time), None)]), camera)
            for time, camera in zip(times_s, cameras, strict=True)
        ]
