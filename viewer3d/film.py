"""The pictures of a video: one dancer, or several side by side, each followed by a camera of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from engine.motion.motion import Motion
from viewer3d.body import body_for
from viewer3d.camera import DIRECTIONS, Camera
from viewer3d.caption import Canvas
from viewer3d.follow import follow
from viewer3d.renderer import OffscreenRenderer
from viewer3d.scene import scene_of

_SEAM, _SEAM_COLOUR = 2, (12, 12, 14)


@dataclass(frozen=True)
class Caption:
    """What is burnt into a picture.

    Attributes:
        left, right: Words in the lower corners.
        above_left, above_right: Words in the upper corners.
        has_safe_frame: Whether the borders of what is safe are drawn.
        count: The count that is lit, from 1, or None for no row of counts.
        n_counts: How many counts the row has.
    """

    left: str = ""
    right: str = ""
    count: int | None = None
    n_counts: int = 8
    above_left: str = ""
    above_right: str = ""
    has_safe_frame: bool = False


def film(
    motions: Sequence[Motion],
    times_s: Sequence[float],
    size: tuple[int, int],
    *,
    direction: str = "three-quarter",
    names: Sequence[str] = (),
    caption: Callable[[float], Caption] | None = None,
) -> Iterator[np.ndarray]:
    """A picture of all dances at each time, uint8 [height, width, 3]; nothing is drawn before it is asked for.

    Args:
        motions: At least one; each stands in a panel of its own, all at one scale.
        times_s: Moments in seconds from the beginning of the motions.
        size: Width and height of the pictures in pixels.
        direction: A name in camera.DIRECTIONS.
        names: What stands above each panel; none leaves it out.
        caption: What is burnt in at a time.
    """
    columns, rows = panels_for(len(motions), size[0] / size[1])
    panel = ((size[0] - (columns - 1) * _SEAM) // columns, (size[1] - (rows - 1) * _SEAM) // rows)
    yaw, pitch = DIRECTIONS[direction]
    view = Camera(np.zeros(3), 5.0, yaw, pitch)
    paths = [follow([motion], [np.zeros(3)], panel[0] / panel[1], view) for motion in motions]
    bodies = [body_for(motion.skeleton) for motion in motions]
    with OffscreenRenderer(*panel) as renderer:
        for time in times_s:
            cameras = [path.at(time) for path in paths]
            distance = max(camera.distance_m for camera in cameras)
            canvas = Canvas(*size, _SEAM_COLOUR)
            for i, (motion, body, camera) in enumerate(zip(motions, bodies, cameras, strict=True)):
                x, y = i % columns * (panel[0] + _SEAM), i // columns * (panel[1] + _SEAM)
                scene = scene_of([(body, motion.pose_at(time), None)])
                canvas.paste(renderer.picture(scene, replace(camera, distance_m=distance)), x, y)
                if i < len(names):
                    canvas.text(x + 16, y + 12, names[i], size=max(round(size[1] / 42), 11), room=panel[0] - 32)
            if caption:
                words = caption(time)
                canvas.burn_in(words.left, words.right, words.count, words.n_counts)
            yield canvas.pixels()


def panels_for(n_panels: int, aspect: float) -> tuple[int, int]:
    """Columns and rows whose panels come nearest to a dancer's shape, about as wide as high."""
    choices = [(columns, -(-n_panels // columns)) for columns in range(1, n_panels + 1)]
    return min(choices, key=lambda c: abs(np.log(aspect * c[1] / c[0])) + 0.3 * (c[0] * c[1] - n_panels))
