"""All that draws a window's picture: the stage and the flat pictures over it. Loads OpenGL."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from viewer3d.camera import Camera
from viewer3d.figure_pass import SHADOW_SIZE
from viewer3d.gl import GL
from viewer3d.picture_pass import PicturePass
from viewer3d.pictures import Picture
from viewer3d.renderer import SAMPLES, Renderer, read_picture
from viewer3d.scene import Scene

# A millisecond of a picture of six dancers, where the processor draws it.
_SOFTWARE_SHADOW_SIZE = 448


class Painter:
    """In the context that is current when it is made, and at every call."""

    def __init__(self) -> None:
        is_software = b"llvmpipe" in (GL.glGetString(GL.GL_RENDERER) or b"")
        # Without samples, figures are smoothed in a layer of their own.
        shadow_size = _SOFTWARE_SHADOW_SIZE if is_software else SHADOW_SIZE
        self._renderer = Renderer(0 if is_software else SAMPLES, keeps_stage=True, shadow_size=shadow_size)
        self._pictures = PicturePass()

    def draw(self, scene: Scene, camera: Camera, size: tuple[int, int], into: int, px: float) -> None:
        """The stage, into a framebuffer with depth. Where the processor draws, it goes on when this returns.

        Args:
            scene, camera: What is seen, and from where.
            size: Width and height in device pixels.
            into: Name of the framebuffer.
            px: Device pixels of one of the window's.
        """
        self._renderer.draw(scene, camera, *size, into, has_depth=True, px=px)
        GL.glFlush()

    def lay(self, pictures: Sequence[Picture], size: tuple[int, int]) -> None:
        """Pictures over the stage that was just drawn at a size."""
        self._pictures.draw(pictures, *size)

    def picture(self, scene: Scene, camera: Camera, width: int, height: int) -> np.ndarray:
        """The stage alone at any size: uint8 [height, width, 3], top row first."""
        return read_picture(self._renderer, scene, camera, width, height)

    def close(self) -> None:
        """Give everything back."""
        self._renderer.close()
        self._pictures.close()
