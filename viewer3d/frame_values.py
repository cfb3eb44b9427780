"""The numbers of one picture that several programs need, and the part of it that figures may touch."""

from __future__ import annotations

import math

import numpy as np

from viewer3d.camera import NEAR_M, Camera
from viewer3d.gl_objects import Box
from viewer3d.scene import Scene, floor_patch, key_direction, shadow_matrix

# The floor fades out within this many times the camera's distance.
_STAGE_REACH, _MIN_STAGE_RADIUS_M = 2.2, 9.0


class FrameValues:
    """What follows from scene, camera and size.

    Args:
        scene: The posed figures.
        camera: Where they are seen from.
        width, height: Of the picture in device pixels.
        px: Device pixels of one of the window's pixels.
    """

    def __init__(self, scene: Scene, camera: Camera, width: int, height: int, px: float) -> None:
        self.width, self.height, self.px = width, height, px
        self.field_of_view_rad = camera.field_of_view_rad
        projection = camera.projection_matrix(width / height)
        if scene.is_mirrored:
            projection[0] = -projection[0]
        self.view_projection = projection @ camera.view_matrix()
        self.clip_to_world = np.linalg.inv(self.view_projection)
        self.eye_m = camera.eye_m()
        self.backward = camera.axes()[2]
        self.key = key_direction(camera.yaw_rad)
        self.shadow_matrix, self.shadow_map_per_m = shadow_matrix(scene, self.key)
        self.floor_patch = floor_patch(scene, self.key)
        self.stage_m = camera.target_m
        self.stage_radius_m = max(_STAGE_REACH * camera.distance_m, _MIN_STAGE_RADIUS_M)
        self.m_per_px = 2.0 * math.tan(0.5 * camera.field_of_view_rad) / height


def floor_rows(values: FrameValues) -> int:
    """How many rows of pixels from the bottom may show floor; above them it has faded into the backdrop."""
    if values.eye_m[1] <= 0.0:
        return values.height
    # In each row the floor is nearest in the middle, for the horizon is level.
    clip = np.zeros((values.height, 4))
    clip[:, 1] = (np.arange(values.height) + 0.5) / values.height * 2.0 - 1.0
    clip[:, 2:] = 1.0
    far = clip @ values.clip_to_world.T
    ray = far[:, :3] / far[:, 3:] - values.eye_m
    away = np.hypot(ray[:, 0], ray[:, 2]) * values.eye_m[1] / np.maximum(-ray[:, 1], 1e-9)
    aside = float(np.hypot(*(values.eye_m - values.stage_m)[::2]))
    shows = np.flatnonzero(away - aside < values.stage_radius_m)
    return min(int(shows[-1]) + 2, values.height) if len(shows) else 0


def figure_box(scene: Scene, camera: Camera, width: int, height: int) -> Box | None:
    """The pixels (left, bottom, right, top; half open) that figures may touch; None when they are out of sight."""
    if scene.trails is not None or scene.measures is not None:
        return (0, 0, width, height)
    centres, radii = scene.spheres()
    if not len(centres):
        return None
    x, y, depth = camera.project(centres, width, height).T
    if scene.is_mirrored:
        x = width - x
    nearest = depth - radii
    if np.any(nearest < NEAR_M):
        return (0, 0, width, height)
    # A sphere's picture is widest off the axis; half as much again covers any angle of view up to 100 degrees.
    reach = 1.5 * radii * 0.5 * height / (math.tan(0.5 * camera.field_of_view_rad) * nearest) + 2.0
    left, right = max(math.floor(np.min(x - reach)), 0), min(math.ceil(np.max(x + reach)), width)
    top, bottom = max(math.floor(np.min(y - reach)), 0), min(math.ceil(np.max(y + reach)), height)
    return (left, height - bottom, right, height - top) if left < right and top < bottom else None
