"""The small pictures of a cue sheet: the dancers on white, as JPEG, so that a printer is kind to them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from io import BytesIO

import numpy as np

from engine.motion.motion import Motion
from viewer3d.body import body_for
from viewer3d.camera import DIRECTIONS, Camera
from viewer3d.follow import follow
from viewer3d.renderer import OffscreenRenderer
from viewer3d.scene import scene_of
from viewer3d.stage_view import StageColours

PAPER = StageColours(
    background="#ffffff", floor="#f6f7f9", marks="#8a8f98", accent="#0072b2", past="#56b4e9", future="#cc79a7",
    is_dark=False,
)  # fmt: skip
_QUALITY = 90


def pictures(
    motions: Sequence[Motion], times_s: Sequence[float], size: tuple[int, int], direction: str, camera: Camera | None,
    progress: Callable[[float], None],
) -> list[bytes]:  # fmt: skip
    """A JPEG of all dancers at each moment.

    Args:
        motions: Every dancer's, in the stage's space.
        times_s: Moments of the piece.
        size: Width and height in pixels.
        direction: A name in viewer3d.camera.DIRECTIONS; the camera follows the dancers.
        camera: Stands still, instead of one that follows.
        progress: Called with the fraction done; may raise Cancelled.
    """
    path = None
    if camera is None:
        view = Camera(np.zeros(3), 5.0, *DIRECTIONS[direction])
        path = follow(motions, [np.zeros(3)] * len(motions), size[0] / size[1], view)
    bodies = [body_for(motion.skeleton) for motion in motions]
    out = []
    with OffscreenRenderer(*size) as renderer:
        for done, time_s in enumerate(times_s, 1):
            figures = [(body, motion.pose_at(time_s), None) for body, motion in zip(bodies, motions, strict=True)]
            seen_by = path.at(time_s) if path is not None else camera
            assert seen_by is not None
            out.append(_jpeg(renderer.picture(replace(scene_of(figures), colours=PAPER), seen_by)))
            progress(done / len(times_s))
    return out


def _jpeg(picture: np.ndarray) -> bytes:
    from PIL import Image

    out = BytesIO()
    Image.fromarray(picture).save(out, format="JPEG", quality=_QUALITY)
    return out.getvalue()
