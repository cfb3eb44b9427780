"""Small pictures of motion for checking by eye: rows of stick figures, curves before and after."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from engine.motion.house import ARMS, CONTACT_JOINTS, HOUSE, JOINT, LEGS
from engine.motion.motion import Motion

CELL_W, CELL_H = 130, 170
PIXELS_PER_M = 70.0
_LEFT, _RIGHT, _TRUNK, _GREY = (40, 90, 220), (210, 50, 40), (60, 60, 60), (190, 190, 190)
# Looking a little from the dancer's front-left and from above, so that depth is seen.
_VIEW_YAW_RAD, _VIEW_PITCH_RAD = 0.35, 0.15


Row = tuple[str, Motion, np.ndarray | None]


def sheet(rows: Sequence[Row], n_columns: int = 12) -> Image.Image:
    """One row of stick figures for each (title, house motion, contacts [T, 4] or None); left blue, right red.

    Each figure is seen from the side that +z faces, moved to the middle of its cell; the grey line is the floor.
    """
    image = Image.new("RGB", (n_columns * CELL_W, len(rows) * CELL_H), "white")
    draw = ImageDraw.Draw(image)
    for row, (title, motion, contacts) in enumerate(rows):
        frames = np.linspace(0, max(motion.n_frames - 1, 0), n_columns).astype(int)
        positions = motion.positions_m()[frames] if motion.n_frames else np.zeros((0, HOUSE.n_joints, 3))
        for column, points in enumerate(positions):
            held = contacts[frames[column]] if contacts is not None else None
            _figure(draw, points, (column * CELL_W, row * CELL_H), held)
        draw.text((4, row * CELL_H + 2), title, fill="black")
    return image


def _figure(
    draw: ImageDraw.ImageDraw, points_m: np.ndarray, corner: tuple[int, int], contacts: np.ndarray | None
) -> None:
    ends = {JOINT["Head"]: points_m[JOINT["Head"]] + (points_m[JOINT["Head"]] - points_m[JOINT["Neck"]]) * 1.5}
    centre = points_m[JOINT["Hips"]] * [1.0, 0.0, 1.0]
    floor = _project(np.array([[-0.8, 0, 0], [0.8, 0, 0]]), corner)
    draw.line([tuple(floor[0]), tuple(floor[1])], fill=_GREY)
    xy = _project(points_m - centre, corner)
    left = {*LEGS[0], *ARMS[0]}
    right = {*LEGS[1], *ARMS[1]}
    order = sorted(range(1, HOUSE.n_joints), key=lambda j: float(points_m[j, 2]))
    for joint in order:
        colour = _LEFT if joint in left else _RIGHT if joint in right else _TRUNK
        draw.line([tuple(xy[HOUSE.parents[joint]]), tuple(xy[joint])], fill=colour, width=2)
    head = _project(np.array(list(ends.values())) - centre, corner)[0]
    draw.line([tuple(xy[JOINT["Head"]]), tuple(head)], fill=_TRUNK, width=4)
    for k, joint in enumerate(CONTACT_JOINTS):
        if contacts is not None and contacts[k]:
            x, y = xy[joint]
            draw.ellipse([x - 3, y - 3, x + 3, y + 3], fill=(30, 160, 60))


def _project(points_m: np.ndarray, corner: tuple[int, int]) -> np.ndarray:
    cy, sy, cp, sp = (f(a) for a in (_VIEW_YAW_RAD, _VIEW_PITCH_RAD) for f in (np.cos, np.sin))
    x = cy * points_m[:, 0] - sy * points_m[:, 2]
    z = sy * points_m[:, 0] + cy * points_m[:, 2]
    y = cp * points_m[:, 1] - sp * z
    return np.stack(
        [corner[0] + CELL_W / 2 + x * PIXELS_PER_M, corner[1] + CELL_H - 22 - y * PIXELS_PER_M], axis=1
    )


def save_png(image: Image.Image, path: Path) -> None:
    """Write the picture."""
    image.save(path, "PNG")


def foot_curves(before: Motion, after: Motion, valid: np.ndarray) -> Image.Image:
    """Heights of both balls of the feet over time, before (pale) and after (full); unusable frames shaded."""
    width, height, scale = 12 * CELL_W, 160, 250.0
    image = Image.new("RGB", (width, height), "white")
    draw = ImageDraw.Draw(image)
    n = max(after.n_frames - 1, 1)
    for frame in np.flatnonzero(~valid):
        draw.line([(frame / n * width, 0), (frame / n * width, height)], fill=(255, 225, 225))
    base = height - 40
    draw.line([(0, base), (width, base)], fill=_GREY)
    draw.text((4, 2), "height of the left (blue) and right (red) toe joint; pale: as captured", fill="black")
    for motion, pale in ((before, True), (after, False)):
        heights = motion.positions_m()[:, [JOINT["LeftToeBase"], JOINT["RightToeBase"]], 1]
        for k, colour in enumerate((_LEFT, _RIGHT)):
            shown = tuple((c + 2 * 255) // 3 for c in colour) if pale else colour
            points = [(i / n * width, base - scale * h) for i, h in enumerate(heights[:, k])]
            draw.line(points, fill=shown, width=1)
    return image


def beside(upper: Image.Image, lower: Image.Image) -> Image.Image:
    """One picture above the other."""
    image = Image.new("RGB", (max(upper.width, lower.width), upper.height + lower.height), "white")
    image.paste(upper, (0, 0))
    image.paste(lower, (0, upper.height))
    return image
