"""Draws scenes with OpenGL 3.3 core into whatever context is current. No Qt, no window.

`Renderer` draws into a framebuffer that somebody else owns; `OffscreenRenderer` brings its own context
and hands back pictures as arrays.
"""

from __future__ import annotations

from types import TracebackType

import numpy as np

from viewer3d.camera import Camera
from viewer3d.figure_pass import SHADOW_SIZE, FigurePass
from viewer3d.floor_pass import FloorPass
from viewer3d.floor_shaders import FULL_VERTEX, LAYER_FRAGMENT
from viewer3d.frame_values import FrameValues, figure_box
from viewer3d.gl import GL, check
from viewer3d.gl_objects import Box, Layer, Program, colour_texture, delete, depth_buffer, framebuffer
from viewer3d.headless import Context, offscreen_context
from viewer3d.scene import Scene

SAMPLES = 4


class Renderer:
    """The programs and buffers, made in the context that is current when it is made.

    Every call must come with that context current. `close` gives the buffers back.

    Figures are drawn with several samples a pixel into a layer that is only as large as they are, then
    laid over the stage, whose checker is smooth by itself: the same picture as with samples everywhere,
    at a fraction of the time. Without samples they are drawn straight over the stage.

    Args:
        samples: Samples a pixel on the figures; fewer where the driver gives fewer, 0 for none.
        keeps_stage: Whether floor and backdrop are kept while the camera rests: faster, but pictures of one scene
            may differ by a step of 256.
        shadow_size: Texels of the shadow map, each way.
    """

    def __init__(self, samples: int = SAMPLES, *, keeps_stage: bool = False, shadow_size: int = SHADOW_SIZE) -> None:
        self._figures, self._floor = FigurePass(shadow_size), FloorPass(keeps_stage=keeps_stage)
        self._layer_program = Program(FULL_VERTEX, LAYER_FRAGMENT)
        self._array = int(GL.glGenVertexArrays(1))
        self._samples = min(samples, int(GL.glGetIntegerv(GL.GL_MAX_SAMPLES)))
        self._layer: Layer | None = None
        check("preparing the renderer")

    def draw(
        self, scene: Scene, camera: Camera, width: int, height: int, framebuffer: int = 0, *,
        has_depth: bool = False, px: float = 1.0,
    ) -> None:  # fmt: skip
        """Draw into a framebuffer of `width` by `height` pixels, all of it.

        Args:
            scene: The posed figures.
            camera: Where they are seen from.
            width, height: Size in device pixels.
            framebuffer: Name of the framebuffer; colour alone is enough.
            has_depth: Whether it has a depth buffer of its own.
            px: Device pixels of one of the window's pixels: lines and patterns are as wide on every screen.
        """
        if width < 1 or height < 1:
            return
        values = FrameValues(scene, camera, width, height, px)
        box = figure_box(scene, camera, width, height)
        for switch in (GL.GL_BLEND, GL.GL_CULL_FACE, GL.GL_DEPTH_TEST, GL.GL_SCISSOR_TEST):
            GL.glDisable(switch)
        casters = self._figures.load(scene, values)
        self._floor.draw_light(values, casters)
        if scene.figures:
            self._figures.draw_shadow_map(values)
        is_direct = has_depth and self._samples == 0
        layer = None if box is None or is_direct else self._filled_layer(scene, values, box)
        GL.glViewport(0, 0, width, height)
        self._floor.draw(scene, values, framebuffer)
        if layer is not None and box is not None:
            self._lay(layer, box)
        elif box is not None:
            GL.glFlush()  # in software, threads draw the floor while this one bends the skins
            _clear_depth(box)
            self._figures.draw(scene, values)
        GL.glBindVertexArray(0)
        GL.glUseProgram(0)
        check("drawing the scene")

    def close(self) -> None:
        """Give buffers, textures and programs back."""
        self._figures.close()
        self._floor.close()
        GL.glDeleteProgram(self._layer_program.name)
        delete(GL.glDeleteVertexArrays, [self._array])
        if self._layer:
            self._layer.close()

    def _filled_layer(self, scene: Scene, values: FrameValues, box: Box) -> Layer:
        """All figures in their layer, of which only `box` is cleared and kept; made anew when the size has changed."""
        size = (values.width, values.height)
        if self._layer is None or (self._layer.width, self._layer.height) != size:
            if self._layer:
                self._layer.close()
            self._layer = Layer(*size, self._samples)
        self._layer.begin(box)
        self._figures.draw(scene, values)
        self._layer.end(box)
        return self._layer

    def _lay(self, layer: Layer, box: Box) -> None:
        GL.glActiveTexture(GL.GL_TEXTURE3)
        GL.glBindTexture(GL.GL_TEXTURE_2D, layer.texture)
        GL.glEnable(GL.GL_BLEND)
        GL.glBlendFuncSeparate(GL.GL_ONE, GL.GL_ONE_MINUS_SRC_ALPHA, GL.GL_ZERO, GL.GL_ONE)
        GL.glEnable(GL.GL_SCISSOR_TEST)
        GL.glScissor(box[0], box[1], box[2] - box[0], box[3] - box[1])
        self._layer_program.use(layer=3)
        GL.glBindVertexArray(self._array)
        GL.glDrawArrays(GL.GL_TRIANGLES, 0, 3)
        GL.glDisable(GL.GL_SCISSOR_TEST)
        GL.glDisable(GL.GL_BLEND)


def _clear_depth(box: Box) -> None:
    GL.glEnable(GL.GL_SCISSOR_TEST)
    GL.glScissor(box[0], box[1], box[2] - box[0], box[3] - box[1])
    GL.glDepthMask(GL.GL_TRUE)
    GL.glClear(GL.GL_DEPTH_BUFFER_BIT)
    GL.glDisable(GL.GL_SCISSOR_TEST)


class OffscreenRenderer:
    """Pictures of scenes as arrays, drawn without a window. Use it as a context manager.

    Args:
        width, height: Size of the pictures in pixels.
        samples: Samples a pixel on the figures.
        keeps_stage: As the Renderer's: for a row of pictures from a camera that rests.
    """

    def __init__(self, width: int, height: int, samples: int = SAMPLES, *, keeps_stage: bool = False) -> None:
        if width < 1 or height < 1:
            raise ValueError(f"a picture needs at least one pixel, got {width} x {height}")
        self.width, self.height = width, height
        self._context: Context = offscreen_context()
        self._context.make_current()
        self._renderer = Renderer(samples, keeps_stage=keeps_stage)
        self._picture = framebuffer(colour_texture(width, height), GL.GL_COLOR_ATTACHMENT0)
        depth_buffer(width, height)
        self._is_open = True
        check("preparing the picture")

    def picture(self, scene: Scene, camera: Camera) -> np.ndarray:
        """The scene as uint8 [height, width, 3], top row first."""
        self._context.make_current()
        self._renderer.draw(scene, camera, self.width, self.height, self._picture, has_depth=True)
        return read_pixels(self._picture, self.width, self.height)

    def close(self) -> None:
        """Give the context and everything in it back. May be called twice."""
        if self._is_open:
            self._is_open = False
            self._context.make_current()
            self._renderer.close()
            self._context.close()

    def __enter__(self) -> OffscreenRenderer:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()


def read_picture(renderer: Renderer, scene: Scene, camera: Camera, width: int, height: int) -> np.ndarray:
    """A scene as uint8 [height, width, 3], top row first, through a framebuffer of its own in the current context."""
    into = colour_texture(width, height)
    target = framebuffer(into, GL.GL_COLOR_ATTACHMENT0)
    depth = depth_buffer(width, height)
    try:
        renderer.draw(scene, camera, width, height, target, has_depth=True)
        return read_pixels(target, width, height)
    finally:
        delete(GL.glDeleteFramebuffers, [target])
        delete(GL.glDeleteTextures, [into])
        delete(GL.glDeleteRenderbuffers, [depth])


def read_pixels(framebuffer: int, width: int, height: int) -> np.ndarray:
    """What is in a framebuffer, uint8 [height, width, 3], top row first."""
    GL.glBindFramebuffer(GL.GL_FRAMEBUFFER, framebuffer)
    GL.glPixelStorei(GL.GL_PACK_ALIGNMENT, 1)
    # Four channels, as they lie there: a driver in software is slow at leaving one out.
    pixels = np.empty((height, width, 4), dtype=np.uint8)
    GL.glReadPixels(0, 0, width, height, GL.GL_RGBA, GL.GL_UNSIGNED_BYTE, pixels)
    check("reading the picture")
    out = np.empty((height, width, 3), dtype=np.uint8)
    for channel in range(3):  # a sixth of the time of all at once
        out[..., channel] = pixels[::-1, :, channel]
    return out
