from __future__ import annotations

import numpy as np
import pytest

from tests.poses import lunge, rest, swinging
from viewer3d import floor_shaders
from viewer3d.camera import DIRECTIONS, Camera
from viewer3d.gl import GL
from viewer3d.renderer import OffscreenRenderer, Renderer
from viewer3d.scene import Scene
from viewer3d.stage_view import FigureView, StageView
from viewer3d.staging import staged

pytestmark = pytest.mark.gl

SIZE = 256
PLACES_M = ([-2.0, 0.0, 0.0], [0.0, 0.0, 0.5], [2.0, 0.7, 0.0], [4.0, -0.7, 0.0])  # one jumps, one kneels
POSES = (lunge(), rest(), swinging(30).pose_at(0.7), lunge())
FIGURES = tuple(
    FigureView(place_name, pose, offset_m=np.array(place))
    for place_name, pose, place in zip("abcd", POSES, PLACES_M, strict=True)
)
SCENE = staged(StageView(FIGURES))


def light_on_the_floor(scene: Scene, camera: Camera, into: int) -> np.ndarray:
    """Key and sky, int [256, 256, 2]."""
    made = Renderer()
    made.draw(scene, camera, 64, 36, into)
    texels = np.empty((SIZE, SIZE, 4), dtype=np.uint8)
    GL.glBindFramebuffer(GL.GL_FRAMEBUFFER, made._floor._target)
    GL.glReadPixels(0, 0, SIZE, SIZE, GL.GL_RGBA, GL.GL_UNSIGNED_BYTE, texels)
    made.close()
    return texels[..., [0, 3]].astype(int)


@pytest.mark.parametrize("direction", DIRECTIONS)
def test_capsules_darken_nothing_beyond_their_rectangles(direction, monkeypatch):
    camera = Camera(np.array([0.0, 0.9, 0.0]), 8.0, *DIRECTIONS[direction])
    everywhere = floor_shaders.FLOOR_LIGHT_VERTEX.replace(
        "darkened(gl_InstanceID, gl_InstanceID + 1, 0.0)",
        "floor_patch.xy + floor_patch.zw * vec2(gl_VertexID & 1, gl_VertexID >> 1)",
    )
    assert everywhere != floor_shaders.FLOOR_LIGHT_VERTEX
    with OffscreenRenderer(64, 36) as renderer:
        within = light_on_the_floor(SCENE, camera, renderer._picture)
        monkeypatch.setattr(floor_shaders, "FLOOR_LIGHT_VERTEX", everywhere)
        whole = light_on_the_floor(SCENE, camera, renderer._picture)

    assert within.min() < 100
    assert np.abs(within - whole).max() <= 2
