"""Pictures of all dancers on one stage, for films and stills."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np

from engine.motion.motion import Motion
from viewer3d.body import body_for
from viewer3d.camera import DIRECTIONS, Camera
from viewer3d.caption import Canvas
from viewer3d.film import Caption
from viewer3d.follow import follow
from viewer3d.renderer import OffscreenRenderer
from viewer3d.scene import scene_of

Captions = Callable[[int, float], Caption]  # of a picture's number, from 0, and moment of the piece


def stage_pictures(
    motions: Sequence[Motion],
    times_s: Sequence[float],
    size: tuple[int, int],
    direction: str,
    camera: Camera | None,
    captions: Captions | None,
) -> Iterator[np.ndarray]:
    """A picture at each time, uint8 [height, width, 3]; nothing is drawn before it is asked for.

    Args:
        motions: Every dancer's, in the stage's space, at least one.
        times_s: Moments of the piece.
        size: Width and height in pixels.
        direction: A name in viewer3d.camera.DIRECTIONS; the camera follows the dancers.
        camera: Stands still, instead of one that follows.
        captions: What is burnt in; None for clean pictures.
    """
    path = None
    if camera is None:
        view = Camera(np.zeros(3), 5.0, *DIRECTIONS[direction])
        path = follow(motions, [np.zeros(3)] * len(motions), size[0] / size[1], view)
    bodies = [body_for(motion.skeleton) for motion in motions]
    with OffscreenRenderer(*size, keeps_stage=camera is not None) as renderer:
        for index, time_s in enumerate(times_s):
            poses = zip(bodies, motions, strict=True)
            scene = scene_of([(body, motion.pose_at(time_s), None) for body, motion in poses])
            seen_by = path.at(time_s) if path is not None else camera
            assert seen_by is not None
            picture = renderer.picture(scene, seen_by)
            if captions is not None:
                words = captions(index, time_s)
                canvas = Canvas.on(picture)
                if words.has_safe_frame:
                    canvas.safe_frame()
                canvas.burn_in(words.left, words.right, words.count, words.n_counts)
                if words.above_left or words.above_right:
                    canvas.slate(words.above_left, words.above_right)
                picture = canvas.pixels()
            yield picture
