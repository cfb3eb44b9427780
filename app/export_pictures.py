"""Pictures of all dancers on one stage, for films and stills."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from app.commands.render import caption_for
from app.counting import Counting
from engine.motion.motion import Motion
from engine.music.analysis import MusicAnalysis
from viewer3d.body import body_for
from viewer3d.camera import DIRECTIONS, Camera
from viewer3d.caption import Canvas
from viewer3d.follow import follow
from viewer3d.renderer import OffscreenRenderer
from viewer3d.scene import scene_of

_PAPER = (12, 12, 14)


def stage_pictures(
    motions: Sequence[Motion],
    times_s: Sequence[float],
    size: tuple[int, int],
    direction: str,
    camera: Camera | None,
    music: MusicAnalysis | None,
    has_caption: bool,
) -> Iterator[np.ndarray]:
    """A picture at each time, uint8 [height, width, 3]; nothing is drawn before it is asked for.

    Args:
        motions: Every dancer's, in the stage's space, at least one.
        times_s: Moments of the piece.
        size: Width and height in pixels.
        direction: A name in viewer3d.camera.DIRECTIONS; the camera follows the dancers.
        camera: Stands still, instead of one that follows.
        music: Gives the counts that are burnt in.
        has_caption: Whether time, and counts where there is music, are burnt in.
    """
    path = None
    if camera is None:
        view = Camera(np.zeros(3), 5.0, *DIRECTIONS[direction])
        path = follow(motions, [np.zeros(3)] * len(motions), size[0] / size[1], view)
    bodies = [body_for(motion.skeleton) for motion in motions]
    caption = caption_for(Counting(music) if music is not None and music.n_beats else None) if has_caption else None
    with OffscreenRenderer(*size) as renderer:
        for time_s in times_s:
            poses = zip(bodies, motions, strict=True)
            scene = scene_of([(body, motion.pose_at(time_s), None) for body, motion in poses])
            seen_by = path.at(time_s) if path is not None else camera
            assert seen_by is not None
            picture = renderer.picture(scene, seen_by)
            if caption is not None:
                words = caption(time_s)
                canvas = Canvas(*size, _PAPER)
                canvas.paste(picture, 0, 0)
                canvas.burn_in(words.left, words.right, words.count, words.n_counts)
                picture = canvas.pixels()
            yield picture
