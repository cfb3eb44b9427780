"""Pictures of several motions by one camera, to be compared point by point."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from engine.motion.motion import Motion
from viewer3d.body import body_for
from viewer3d.camera import DIRECTIONS, Camera
from viewer3d.follow import still
from viewer3d.renderer import OffscreenRenderer
from viewer3d.scene import scene_of


def from_one_camera(
    motions: Sequence[Motion], frames: Sequence[int], size: tuple[int, int], direction: str = "three-quarter"
) -> list[np.ndarray]:
    """Pictures of several motions at the same frames by one camera that holds the first of them, to be compared.

    uint8 [F, height, width, 3] for each; the camera stands still over all frames.
    """
    body = body_for(motions[0].skeleton)
    centres, radii = body.extent(motions[0], np.zeros(3))
    yaw, pitch = DIRECTIONS[direction]
    view = Camera(np.zeros(3), 5.0, yaw, pitch)
    middle = np.repeat(motions[0].root_positions_m.mean(axis=0, keepdims=True), motions[0].n_frames, axis=0)
    camera = still(centres, radii, middle, size[0] / size[1], view)[0]
    out = []
    with OffscreenRenderer(*size) as renderer:
        for motion in motions:
            poses = [motion.pose_at(frame / motion.frame_rate_hz) for frame in frames]
            out.append(np.stack([renderer.picture(scene_of([(body, pose, None)]), camera) for pose in poses]))
    return out
