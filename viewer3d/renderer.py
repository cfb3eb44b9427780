"""Draws scenes with OpenGL 3.3 core into whatever context is current. No Qt, no window.

`Renderer` draws into a framebuffer that somebody else owns; `OffscreenRenderer` brings its own context
and hands back pictures as arrays.
"""

from __future__ import annotations

import math
from types import TracebackType

import numpy as np

from viewer3d import shaders
from viewer3d.body import Body
from viewer3d.camera import NEAR_M, Camera
from viewer3d.gl import GL, check
from viewer3d.gl_objects import (
    Box,
    Layer,
    MeshBuffers,
    Program,
    colour_texture,
    delete,
    framebuffer,
    load_rows,
    shadow_texture,
    texture,
)
from viewer3d.headless import Context, offscreen_context
from viewer3d.scene import Scene, floor_patch, key_direction, shadow_matrix

_SHADOW_SIZE = 1024
_FLOOR_LIGHT_SIZE = 192
_MAX_ROWS = 16384  # the least height of a texture that OpenGL 3.3 drivers have in practice
SAMPLES = 4
# The floor fades out within this many times the camera's distance.
_STAGE_REACH, _MIN_STAGE_RADIUS_M = 2.2, 9.0


class Renderer:
    """The programs and buffers, made in the context that is current when it is made.

    Every call must come with that context current. `close` gives the buffers back.

    Figures are drawn with several samples a pixel into a layer that is only as large as they are, then
    laid over the stage, whose checker is smooth by itself: the same picture as with samples everywhere,
    at a fraction of the time.

    Args:
        samples: Samples a pixel on the figures; fewer where the driver gives fewer, 0 for none.
    """

    def __init__(self, samples: int = SAMPLES) -> None:
        self._body = Program(shaders.BODY_VERTEX, shaders.BODY_FRAGMENT)
        self._shadow = Program(shaders.SHADOW_VERTEX, shaders.SHADOW_FRAGMENT)
        self._floor_light = Program(shaders.FULL_VERTEX, shaders.FLOOR_LIGHT_FRAGMENT)
        self._stage = Program(shaders.STAGE_VERTEX, shaders.STAGE_FRAGMENT)
        self._layer = Program(shaders.FULL_VERTEX, shaders.LAYER_FRAGMENT)
        self._skins: dict[Body, MeshBuffers] = {}
        self._empty_array = int(GL.glGenVertexArrays(1))
        self._shadow_map = shadow_texture(_SHADOW_SIZE)
        self._shadow_target = framebuffer(self._shadow_map, GL.GL_DEPTH_ATTACHMENT)
        self._floor_texture = colour_texture(_FLOOR_LIGHT_SIZE, _FLOOR_LIGHT_SIZE)
        self._floor_target = framebuffer(self._floor_texture, GL.GL_COLOR_ATTACHMENT0)
        self._occluders, self._joints = texture(GL.GL_NEAREST), texture(GL.GL_NEAREST)
        self._samples = min(samples, int(GL.glGetIntegerv(GL.GL_MAX_SAMPLES)))
        self._figures: Layer | None = None
        check("preparing the renderer")

    def draw(self, scene: Scene, camera: Camera, width: int, height: int, framebuffer: int = 0) -> None:
        """Draw into a framebuffer of `width` by `height` pixels, all of it.

        Args:
            scene: The posed figures.
            camera: Where they are seen from.
            width, height: Size in device pixels.
            framebuffer: Name of the framebuffer; colour alone is enough.
        """
        if width < 1 or height < 1:
            return
        values = _FrameValues(scene, camera, width / height)
        box = figure_box(scene, camera, width, height)
        figures = self._layer_of(width, height)
        self._load(scene)
        for switch in (GL.GL_BLEND, GL.GL_CULL_FACE, GL.GL_DEPTH_TEST, GL.GL_SCISSOR_TEST):
            GL.glDisable(switch)
        self._draw_shadow_map(scene, values)
        self._draw_floor_light(scene, values)
        if box is not None:
            self._draw_figures(scene, values, figures, box)
        GL.glBindFramebuffer(GL.GL_FRAMEBUFFER, framebuffer)
        GL.glViewport(0, 0, width, height)
        self._draw_stage(values)
        if box is not None:
            self._lay_figures(figures, box)
        GL.glBindVertexArray(0)
        GL.glUseProgram(0)
        check("drawing the scene")

    def close(self) -> None:
        """Give buffers, textures and programs back."""
        for program in (self._body, self._shadow, self._floor_light, self._stage, self._layer):
            GL.glDeleteProgram(program.name)
        delete(GL.glDeleteFramebuffers, [self._shadow_target, self._floor_target])
        delete(GL.glDeleteTextures, [self._shadow_map, self._floor_texture, self._occluders, self._joints])
        delete(GL.glDeleteVertexArrays, [self._empty_array])
        for skin in self._skins.values():
            skin.close()
        if self._figures:
            self._figures.close()

    def _layer_of(self, width: int, height: int) -> Layer:
        """The figures' layer at a size, made anew when that has changed."""
        if self._figures is None or (self._figures.width, self._figures.height) != (width, height):
            if self._figures:
                self._figures.close()
            self._figures = Layer(width, height, self._samples)
        return self._figures

    def _load(self, scene: Scene) -> None:
        """Joints and occluders of all figures to the device, and the skins of bodies not seen before."""
        if scene.figures:
            joints = np.concatenate([figure.joints for figure in scene.figures])
            occluders = np.concatenate([figure.occluders for figure in scene.figures])
        else:
            joints = occluders = np.zeros((0, 2, 4))
        if max(len(joints), len(occluders)) > _MAX_ROWS:
            raise ValueError(f"at most {_MAX_ROWS} joints or capsules, got {len(joints)} and {len(occluders)}")
        GL.glActiveTexture(GL.GL_TEXTURE0)
        load_rows(self._occluders, occluders)
        GL.glActiveTexture(GL.GL_TEXTURE4)
        load_rows(self._joints, joints)
        for figure in scene.figures:
            if figure.body not in self._skins:
                self._skins[figure.body] = MeshBuffers(figure.body.mesh)

    def _draw_shadow_map(self, scene: Scene, values: _FrameValues) -> None:
        GL.glBindFramebuffer(GL.GL_FRAMEBUFFER, self._shadow_target)
        GL.glViewport(0, 0, _SHADOW_SIZE, _SHADOW_SIZE)
        GL.glEnable(GL.GL_DEPTH_TEST)
        GL.glDepthMask(GL.GL_TRUE)
        GL.glClear(GL.GL_DEPTH_BUFFER_BIT)
        first_joint = 0
        for figure in scene.figures:
            self._shadow.use(shadow_matrix=values.shadow_matrix, joints=4, first_joint=first_joint)
            self._skins[figure.body].draw()
            first_joint += len(figure.joints)
        GL.glDisable(GL.GL_DEPTH_TEST)

    def _draw_floor_light(self, scene: Scene, values: _FrameValues) -> None:
        GL.glBindFramebuffer(GL.GL_FRAMEBUFFER, self._floor_target)
        GL.glViewport(0, 0, _FLOOR_LIGHT_SIZE, _FLOOR_LIGHT_SIZE)
        self._floor_light.use(
            key_direction=values.key, floor_patch=values.floor_patch, occluders=0,
            n_occluders=sum(len(figure.occluders) for figure in scene.figures),
        )
        self._draw_triangle()

    def _draw_figures(self, scene: Scene, values: _FrameValues, figures: Layer, box: Box) -> None:
        """All figures into their layer, of which only `box` is cleared and kept."""
        figures.begin(box)
        GL.glActiveTexture(GL.GL_TEXTURE1)
        GL.glBindTexture(GL.GL_TEXTURE_2D, self._shadow_map)
        GL.glEnable(GL.GL_DEPTH_TEST)
        GL.glEnable(GL.GL_CULL_FACE)
        GL.glEnable(GL.GL_CLIP_DISTANCE0)
        first_joint = first_occluder = 0
        for figure in scene.figures:
            self._body.use(
                view_projection=values.view_projection, eye_m=values.eye_m, key_direction=values.key,
                shadow_matrix=values.shadow_matrix, shadow_map_per_m=values.shadow_map_per_m,
                shadow_texel_m=1.0 / (_SHADOW_SIZE * values.shadow_map_per_m),
                own_occluders=(first_occluder, len(figure.occluders)), occluders=0, shadow_map=1, joints=4,
                first_joint=first_joint, floor_side=float(values.eye_m[1] > 0.0),
            )  # fmt: skip
            self._skins[figure.body].draw()
            first_joint += len(figure.joints)
            first_occluder += len(figure.occluders)
        for switch in (GL.GL_CLIP_DISTANCE0, GL.GL_CULL_FACE, GL.GL_DEPTH_TEST):
            GL.glDisable(switch)
        figures.end(box)

    def _draw_stage(self, values: _FrameValues) -> None:
        GL.glActiveTexture(GL.GL_TEXTURE2)
        GL.glBindTexture(GL.GL_TEXTURE_2D, self._floor_texture)
        self._stage.use(
            clip_to_world=values.clip_to_world, eye_m=values.eye_m, key_direction=values.key,
            stage_m=values.stage_m, stage_radius_m=values.stage_radius_m, floor_patch=values.floor_patch,
            floor_light=2,
        )  # fmt: skip
        self._draw_triangle()

    def _lay_figures(self, figures: Layer, box: Box) -> None:
        GL.glActiveTexture(GL.GL_TEXTURE3)
        GL.glBindTexture(GL.GL_TEXTURE_2D, figures.texture)
        GL.glEnable(GL.GL_BLEND)
        GL.glBlendFuncSeparate(GL.GL_ONE, GL.GL_ONE_MINUS_SRC_ALPHA, GL.GL_ZERO, GL.GL_ONE)
        GL.glEnable(GL.GL_SCISSOR_TEST)
        GL.glScissor(box[0], box[1], box[2] - box[0], box[3] - box[1])
        self._layer.use(layer=3)
        self._draw_triangle()
        GL.glDisable(GL.GL_SCISSOR_TEST)
        GL.glDisable(GL.GL_BLEND)

    def _draw_triangle(self) -> None:
        """One triangle that covers the picture."""
        GL.glBindVertexArray(self._empty_array)
        GL.glDrawArrays(GL.GL_TRIANGLES, 0, 3)


class OffscreenRenderer:
    """Pictures of scenes as arrays, drawn without a window. Use it as a context manager.

    Args:
        width, height: Size of the pictures in pixels.
        samples: Samples a pixel on the figures.
    """

    def __init__(self, width: int, height: int, samples: int = SAMPLES) -> None:
        if width < 1 or height < 1:
            raise ValueError(f"a picture needs at least one pixel, got {width} x {height}")
        self.width, self.height = width, height
        self._context: Context = offscreen_context()
        self._context.make_current()
        self._renderer = Renderer(samples)
        self._picture = framebuffer(colour_texture(width, height), GL.GL_COLOR_ATTACHMENT0)
        self._is_open = True
        check("preparing the picture")

    def picture(self, scene: Scene, camera: Camera) -> np.ndarray:
        """The scene as uint8 [height, width, 3], top row first."""
        self._context.make_current()
        self._renderer.draw(scene, camera, self.width, self.height, self._picture)
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
    try:
        renderer.draw(scene, camera, width, height, target)
        return read_pixels(target, width, height)
    finally:
        delete(GL.glDeleteFramebuffers, [target])
        delete(GL.glDeleteTextures, [into])


def read_pixels(framebuffer: int, width: int, height: int) -> np.ndarray:
    """What is in a framebuffer, uint8 [height, width, 3], top row first."""
    GL.glBindFramebuffer(GL.GL_FRAMEBUFFER, framebuffer)
    GL.glPixelStorei(GL.GL_PACK_ALIGNMENT, 1)
    pixels = np.empty((height, width, 3), dtype=np.uint8)
    GL.glReadPixels(0, 0, width, height, GL.GL_RGB, GL.GL_UNSIGNED_BYTE, pixels)
    check("reading the picture")
    return np.ascontiguousarray(pixels[::-1])


class _FrameValues:
    """The numbers of one picture that several programs need."""

    def __init__(self, scene: Scene, camera: Camera, aspect: float) -> None:
        self.view_projection = camera.projection_matrix(aspect) @ camera.view_matrix()
        self.clip_to_world = np.linalg.inv(self.view_projection)
        self.eye_m = camera.eye_m()
        self.key = key_direction(camera.yaw_rad)
        self.shadow_matrix, self.shadow_map_per_m = shadow_matrix(scene, self.key)
        self.floor_patch = floor_patch(scene, self.key)
        self.stage_m = camera.target_m
        self.stage_radius_m = max(_STAGE_REACH * camera.distance_m, _MIN_STAGE_RADIUS_M)


def figure_box(scene: Scene, camera: Camera, width: int, height: int) -> Box | None:
    """The pixels (left, bottom, right, top; half open) that figures may touch; None when they are out of sight."""
    centres, radii = scene.spheres()
    if not len(centres):
        return None
    x, y, depth = camera.project(centres, width, height).T
    nearest = depth - radii
    if np.any(nearest < NEAR_M):
        return (0, 0, width, height)
    # A sphere's picture is widest off the axis; half as much again covers any angle of view up to 100 degrees.
    reach = 1.5 * radii * 0.5 * height / (math.tan(0.5 * camera.field_of_view_rad) * nearest) + 2.0
    left, right = max(math.floor(np.min(x - reach)), 0), min(math.ceil(np.max(x + reach)), width)
    top, bottom = max(math.floor(np.min(y - reach)), 0), min(math.ceil(np.max(y + reach)), height)
    return (left, height - bottom, right, height - top) if left < right and top < bottom else None
