"""Where a picture shows floor: above that the backdrop alone is drawn, and it must be the same picture."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from engine.motion.house import HOUSE
from tests.dances import standing
from viewer3d.body import body_for
from viewer3d.camera import Camera
from viewer3d.frame_values import FrameValues, floor_rows
from viewer3d.scene import scene_of

WIDTH, HEIGHT = 32, 90
SCENE = scene_of([(body_for(HOUSE), standing(1).pose_at(0.0), None)])


@given(
    st.floats(-3.1, 3.1), st.floats(-0.4, 1.5), st.floats(1.0, 30.0), st.floats(0.3, 1.2), st.floats(-3.0, 3.0),
    st.floats(0.0, 3.0),
)  # fmt: skip
def test_no_pixel_above_the_rows_meets_floor_that_is_seen(yaw, pitch, distance_m, field, x, y):
    camera = Camera(np.array([x, y, -x]), distance_m, yaw, pitch, field)
    values = FrameValues(SCENE, camera, WIDTH, HEIGHT, 1.0)

    rows = floor_rows(values)

    across, up = np.meshgrid((np.arange(WIDTH) + 0.5) / WIDTH, (np.arange(HEIGHT) + 0.5) / HEIGHT)
    clip = np.stack([2.0 * across - 1.0, 2.0 * up - 1.0, np.ones_like(up), np.ones_like(up)], axis=-1)
    far = clip @ values.clip_to_world.T
    ray = far[..., :3] / far[..., 3:] - values.eye_m
    is_down = (ray[..., 1] < 0.0) & (values.eye_m[1] > 0.0)
    met = values.eye_m + ray * np.where(is_down, values.eye_m[1] / np.where(is_down, -ray[..., 1], 1.0), 0.0)[..., None]
    shows = is_down & (np.hypot(*np.moveaxis((met - values.stage_m)[..., ::2], -1, 0)) < 0.98 * values.stage_radius_m)
    assert not shows[rows:].any()
