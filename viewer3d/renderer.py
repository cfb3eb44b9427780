"""Draws scenes with OpenGL 3.3 core into whatever context is current. No Qt, no window.

`Renderer` draws into a framebuffer that somebody else owns; `OffscreenRenderer` brings its own context
and hands back pictures as arrays.
"""

from __future__ import annotations

import ctypes
from types import TracebackType
from typing import Any

import numpy as np

from viewer3d import shaders
from viewer3d.body import N_INSTANCE_FLOATS
from viewer3d.camera import Camera
from viewer3d.gl import GL, GraphicsError, check
from viewer3d.headless import Context, offscreen_context
from viewer3d.scene import KEY_DIRECTION, Scene, floor_patch, shadow_matrix

_RINGS, _SPOKES = 6, 20
_SHADOW_SIZE = 1024
_FLOOR_LIGHT_SIZE = 256
_MAX_OCCLUDERS = 1024
# The floor reaches this many times the camera's distance, and fades out before its edge.
_STAGE_REACH, _MIN_STAGE_RADIUS_M = 2.2, 9.0


class Renderer:
    """The programs and buffers, made in the context that is current when it is made.

    Every call must come with that context current. `close` gives the buffers back.
    """

    def __init__(self) -> None:
        self._body = _program(shaders.BODY_VERTEX, shaders.BODY_FRAGMENT)
        self._shadow = _program(shaders.SHADOW_VERTEX, shaders.SHADOW_FRAGMENT)
        self._floor_light = _program(shaders.FULL_VERTEX, shaders.FLOOR_LIGHT_FRAGMENT)
        self._floor = _program(shaders.FLOOR_VERTEX, shaders.FLOOR_FRAGMENT)
        self._backdrop = _program(shaders.FULL_VERTEX, shaders.BACKDROP_FRAGMENT)
        self._programs = [self._body, self._shadow, self._floor_light, self._floor, self._backdrop]
        self._capsules = _CapsuleBuffers()
        self._empty_array = GL.glGenVertexArrays(1)
        self._shadow_map = _depth_texture(_SHADOW_SIZE)
        self._shadow_target = _framebuffer(self._shadow_map, GL.GL_DEPTH_ATTACHMENT)
        self._floor_texture = _colour_texture(_FLOOR_LIGHT_SIZE)
        self._floor_target = _framebuffer(self._floor_texture, GL.GL_COLOR_ATTACHMENT0)
        self._occluders = _texture(GL.GL_NEAREST)
        check("preparing the renderer")

    def draw(self, scene: Scene, camera: Camera, width: int, height: int, framebuffer: int = 0) -> None:
        """Draw into a framebuffer of `width` by `height` pixels, all of it.

        Args:
            scene: The posed figures.
            camera: Where they are seen from.
            width, height: Size in device pixels.
            framebuffer: Name of the framebuffer; it needs a depth buffer.
        """
        if width < 1 or height < 1:
            return
        values = _FrameValues(scene, camera, width / height)
        self._load(scene)
        GL.glDisable(GL.GL_BLEND)
        GL.glDisable(GL.GL_CULL_FACE)
        self._draw_shadow_map(scene, values)
        self._draw_floor_light(scene, values)
        GL.glBindFramebuffer(GL.GL_FRAMEBUFFER, framebuffer)
        GL.glViewport(0, 0, width, height)
        GL.glDepthMask(GL.GL_TRUE)
        GL.glClear(GL.GL_DEPTH_BUFFER_BIT)
        self._draw_backdrop(values)
        GL.glEnable(GL.GL_DEPTH_TEST)
        self._draw_bodies(scene, values)
        if camera.eye_m()[1] > 0.0:
            self._draw_floor(values)
        GL.glDisable(GL.GL_DEPTH_TEST)
        GL.glBindVertexArray(0)
        GL.glUseProgram(0)
        check("drawing the scene")

    def close(self) -> None:
        """Give buffers, textures and programs back."""
        for program in self._programs:
            GL.glDeleteProgram(program.name)
        GL.glDeleteFramebuffers(2, [self._shadow_target, self._floor_target])
        GL.glDeleteTextures([self._shadow_map, self._floor_texture, self._occluders])
        GL.glDeleteVertexArrays(1, [self._empty_array])
        self._capsules.close()

    def _load(self, scene: Scene) -> None:
        if len(scene.occluders) > _MAX_OCCLUDERS:
            raise ValueError(f"at most {_MAX_OCCLUDERS} shading capsules, got {len(scene.occluders)}")
        self._capsules.load(scene.instances)
        GL.glActiveTexture(GL.GL_TEXTURE0)
        GL.glBindTexture(GL.GL_TEXTURE_2D, self._occluders)
        texels = scene.occluders if len(scene.occluders) else np.zeros((1, 2, 4), dtype=np.float32)
        GL.glTexImage2D(
            GL.GL_TEXTURE_2D, 0, GL.GL_RGBA32F, 2, len(texels), 0, GL.GL_RGBA, GL.GL_FLOAT,
            np.ascontiguousarray(texels, dtype=np.float32),
        )  # fmt: skip

    def _draw_shadow_map(self, scene: Scene, values: _FrameValues) -> None:
        GL.glBindFramebuffer(GL.GL_FRAMEBUFFER, self._shadow_target)
        GL.glViewport(0, 0, _SHADOW_SIZE, _SHADOW_SIZE)
        GL.glEnable(GL.GL_DEPTH_TEST)
        GL.glDepthMask(GL.GL_TRUE)
        GL.glClear(GL.GL_DEPTH_BUFFER_BIT)
        self._shadow.use(shadow_matrix=values.shadow_matrix)
        self._capsules.draw(0, len(scene.instances))
        GL.glDisable(GL.GL_DEPTH_TEST)

    def _draw_floor_light(self, scene: Scene, values: _FrameValues) -> None:
        GL.glBindFramebuffer(GL.GL_FRAMEBUFFER, self._floor_target)
        GL.glViewport(0, 0, _FLOOR_LIGHT_SIZE, _FLOOR_LIGHT_SIZE)
        self._floor_light.use(
            key_direction=KEY_DIRECTION, floor_patch=values.floor_patch, n_occluders=len(scene.occluders), occluders=0
        )
        GL.glBindVertexArray(self._empty_array)
        GL.glDrawArrays(GL.GL_TRIANGLES, 0, 3)

    def _draw_backdrop(self, values: _FrameValues) -> None:
        self._backdrop.use(eye_m=values.eye_m, clip_to_world=values.clip_to_world)
        GL.glBindVertexArray(self._empty_array)
        GL.glDepthMask(GL.GL_FALSE)
        GL.glDrawArrays(GL.GL_TRIANGLES, 0, 3)
        GL.glDepthMask(GL.GL_TRUE)

    def _draw_bodies(self, scene: Scene, values: _FrameValues) -> None:
        GL.glActiveTexture(GL.GL_TEXTURE1)
        GL.glBindTexture(GL.GL_TEXTURE_2D, self._shadow_map)
        for figure in range(scene.n_figures):
            first, end = scene.figure_starts[figure : figure + 2]
            shade, shade_end = scene.occluder_starts[figure : figure + 2]
            self._body.use(
                view_projection=values.view_projection, eye_m=values.eye_m, key_direction=KEY_DIRECTION,
                shadow_matrix=values.shadow_matrix, shadow_map_per_m=values.shadow_map_per_m,
                own_occluders=(shade, shade_end - shade), occluders=0, shadow_map=1,
            )  # fmt: skip
            self._capsules.draw(int(first), int(end - first))

    def _draw_floor(self, values: _FrameValues) -> None:
        GL.glActiveTexture(GL.GL_TEXTURE2)
        GL.glBindTexture(GL.GL_TEXTURE_2D, self._floor_texture)
        self._floor.use(
            view_projection=values.view_projection, eye_m=values.eye_m, key_direction=KEY_DIRECTION,
            stage_m=values.stage_m, stage_radius_m=values.stage_radius_m, floor_patch=values.floor_patch,
            floor_light=2,
        )  # fmt: skip
        GL.glBindVertexArray(self._empty_array)
        GL.glDrawArrays(GL.GL_TRIANGLE_STRIP, 0, 4)


class OffscreenRenderer:
    """Pictures of scenes as arrays, drawn without a window. Use it as a context manager.

    Args:
        width, height: Size of the pictures in pixels.
        samples: Samples a pixel for smooth edges; fewer where the driver gives fewer.
    """

    def __init__(self, width: int, height: int, samples: int = 4) -> None:
        if width < 1 or height < 1:
            raise ValueError(f"a picture needs at least one pixel, got {width} x {height}")
        self.width, self.height = width, height
        self._context: Context = offscreen_context()
        self._context.make_current()
        self._renderer = Renderer()
        samples = min(samples, int(GL.glGetIntegerv(GL.GL_MAX_SAMPLES)))
        self._drawn = _render_target(width, height, samples)
        self._resolved = _render_target(width, height, 0)
        check("preparing the picture")

    def picture(self, scene: Scene, camera: Camera) -> np.ndarray:
        """The scene as uint8 [height, width, 3], top row first."""
        self._context.make_current()
        self._renderer.draw(scene, camera, self.width, self.height, self._drawn)
        GL.glBindFramebuffer(GL.GL_READ_FRAMEBUFFER, self._drawn)
        GL.glBindFramebuffer(GL.GL_DRAW_FRAMEBUFFER, self._resolved)
        box = (0, 0, self.width, self.height)
        GL.glBlitFramebuffer(*box, *box, GL.GL_COLOR_BUFFER_BIT, GL.GL_NEAREST)
        GL.glBindFramebuffer(GL.GL_FRAMEBUFFER, self._resolved)
        GL.glPixelStorei(GL.GL_PACK_ALIGNMENT, 1)
        pixels = np.empty((self.height, self.width, 3), dtype=np.uint8)
        GL.glReadPixels(*box, GL.GL_RGB, GL.GL_UNSIGNED_BYTE, pixels)
        check("reading the picture")
        return np.ascontiguousarray(pixels[::-1])

    def close(self) -> None:
        """Give the context and everything in it back. May be called twice."""
        self._context.close()

    def __enter__(self) -> OffscreenRenderer:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()


class _FrameValues:
    """The numbers of one picture that several programs need."""

    def __init__(self, scene: Scene, camera: Camera, aspect: float) -> None:
        self.view_projection = camera.projection_matrix(aspect) @ camera.view_matrix()
        self.clip_to_world = np.linalg.inv(self.view_projection)
        self.eye_m = camera.eye_m()
        self.shadow_matrix, self.shadow_map_per_m = shadow_matrix(scene)
        self.floor_patch = floor_patch(scene)
        self.stage_m = camera.target_m
        self.stage_radius_m = max(_STAGE_REACH * camera.distance_m, _MIN_STAGE_RADIUS_M)


class _CapsuleBuffers:
    """One capsule's triangles, and the buffer of instances that are drawn of it."""

    def __init__(self) -> None:
        points, triangles = capsule_template()
        self._n_indices = triangles.size
        self._array = GL.glGenVertexArrays(1)
        self._points, self._indices, self._instances = (GL.glGenBuffers(1) for _ in range(3))
        GL.glBindVertexArray(self._array)
        GL.glBindBuffer(GL.GL_ARRAY_BUFFER, self._points)
        GL.glBufferData(GL.GL_ARRAY_BUFFER, points.nbytes, points, GL.GL_STATIC_DRAW)
        GL.glEnableVertexAttribArray(0)
        GL.glVertexAttribPointer(0, 3, GL.GL_FLOAT, GL.GL_FALSE, 0, ctypes.c_void_p(0))
        GL.glBindBuffer(GL.GL_ELEMENT_ARRAY_BUFFER, self._indices)
        GL.glBufferData(GL.GL_ELEMENT_ARRAY_BUFFER, triangles.nbytes, triangles, GL.GL_STATIC_DRAW)
        for attribute in range(1, 5):
            GL.glEnableVertexAttribArray(attribute)
            GL.glVertexAttribDivisor(attribute, 1)
        GL.glBindVertexArray(0)

    def load(self, instances: np.ndarray) -> None:
        data = np.ascontiguousarray(instances, dtype=np.float32)
        GL.glBindBuffer(GL.GL_ARRAY_BUFFER, self._instances)
        GL.glBufferData(GL.GL_ARRAY_BUFFER, data.nbytes, data, GL.GL_STREAM_DRAW)

    def draw(self, first: int, count: int) -> None:
        if count == 0:
            return
        stride = 4 * N_INSTANCE_FLOATS
        GL.glBindVertexArray(self._array)
        GL.glBindBuffer(GL.GL_ARRAY_BUFFER, self._instances)
        for attribute in range(1, 5):
            start = ctypes.c_void_p(first * stride + 16 * (attribute - 1))
            GL.glVertexAttribPointer(attribute, 4, GL.GL_FLOAT, GL.GL_FALSE, stride, start)
        GL.glDrawElementsInstanced(GL.GL_TRIANGLES, self._n_indices, GL.GL_UNSIGNED_SHORT, None, count)

    def close(self) -> None:
        GL.glDeleteBuffers(3, [self._points, self._indices, self._instances])
        GL.glDeleteVertexArrays(1, [self._array])


def capsule_template() -> tuple[np.ndarray, np.ndarray]:
    """One capsule: points (end 0 or 1, equator 0 to pole 1, angle) float32 [V, 3], and triangles uint16 [F, 3]."""
    heights = np.linspace(1.0, 0.0, _RINGS)
    rings = [(0.0, height) for height in heights] + [(1.0, height) for height in heights[::-1]]
    angles = np.linspace(0.0, 2.0 * np.pi, _SPOKES, endpoint=False)
    points = np.array([(end, height, angle) for end, height in rings for angle in angles], dtype=np.float32)
    triangles = []
    for ring in range(len(rings) - 1):
        for spoke in range(_SPOKES):
            a, b = ring * _SPOKES + spoke, ring * _SPOKES + (spoke + 1) % _SPOKES
            triangles += [(a, a + _SPOKES, b), (b, a + _SPOKES, b + _SPOKES)]
    return points, np.array(triangles, dtype=np.uint16)


class _Program:
    """A linked program whose uniforms are set by name."""

    def __init__(self, name: int) -> None:
        self.name = name
        self._places: dict[str, int] = {}

    def use(self, **uniforms: Any) -> None:
        """Make it current and set uniforms: [4, 4] matrices, vectors of floats, floats, ints or pairs of ints."""
        GL.glUseProgram(self.name)
        for name, value in uniforms.items():
            place = self._places.setdefault(name, GL.glGetUniformLocation(self.name, name))
            _set_uniform(place, value)


def _set_uniform(place: int, value: Any) -> None:
    array = np.asarray(value)
    if array.ndim == 2:
        GL.glUniformMatrix4fv(place, 1, GL.GL_TRUE, np.ascontiguousarray(array, dtype=np.float32))
    elif array.dtype.kind == "i":
        values = [int(v) for v in array.ravel()]
        (GL.glUniform1i, GL.glUniform2i)[len(values) - 1](place, *values)
    else:
        values_f = [float(v) for v in array.ravel()]
        (GL.glUniform1f, GL.glUniform2f, GL.glUniform3f, GL.glUniform4f)[len(values_f) - 1](place, *values_f)


def _program(vertex: str, fragment: str) -> _Program:
    name = GL.glCreateProgram()
    stages = []
    for kind, text in ((GL.GL_VERTEX_SHADER, vertex), (GL.GL_FRAGMENT_SHADER, fragment)):
        stage = GL.glCreateShader(kind)
        GL.glShaderSource(stage, text)
        GL.glCompileShader(stage)
        if not GL.glGetShaderiv(stage, GL.GL_COMPILE_STATUS):
            raise GraphicsError(f"The graphics driver refused a shader: {_text(GL.glGetShaderInfoLog(stage))}")
        GL.glAttachShader(name, stage)
        stages.append(stage)
    GL.glLinkProgram(name)
    if not GL.glGetProgramiv(name, GL.GL_LINK_STATUS):
        raise GraphicsError(f"The graphics driver refused a program: {_text(GL.glGetProgramInfoLog(name))}")
    for stage in stages:
        GL.glDeleteShader(stage)
    return _Program(name)


def _text(message: bytes | str) -> str:
    return message.decode(errors="replace") if isinstance(message, bytes) else message


def _texture(sampling: int) -> int:
    name = int(GL.glGenTextures(1))
    GL.glBindTexture(GL.GL_TEXTURE_2D, name)
    for key in (GL.GL_TEXTURE_MIN_FILTER, GL.GL_TEXTURE_MAG_FILTER):
        GL.glTexParameteri(GL.GL_TEXTURE_2D, key, sampling)
    for key in (GL.GL_TEXTURE_WRAP_S, GL.GL_TEXTURE_WRAP_T):
        GL.glTexParameteri(GL.GL_TEXTURE_2D, key, GL.GL_CLAMP_TO_EDGE)
    return name


def _depth_texture(size: int) -> int:
    """A shadow map: compared when sampled, 1 where lit."""
    name = _texture(GL.GL_LINEAR)
    GL.glTexParameteri(GL.GL_TEXTURE_2D, GL.GL_TEXTURE_COMPARE_MODE, GL.GL_COMPARE_REF_TO_TEXTURE)
    GL.glTexParameteri(GL.GL_TEXTURE_2D, GL.GL_TEXTURE_COMPARE_FUNC, GL.GL_LEQUAL)
    GL.glTexImage2D(
        GL.GL_TEXTURE_2D, 0, GL.GL_DEPTH_COMPONENT24, size, size, 0, GL.GL_DEPTH_COMPONENT, GL.GL_FLOAT, None
    )
    return name


def _colour_texture(size: int) -> int:
    name = _texture(GL.GL_LINEAR)
    GL.glTexImage2D(GL.GL_TEXTURE_2D, 0, GL.GL_RGBA8, size, size, 0, GL.GL_RGBA, GL.GL_UNSIGNED_BYTE, None)
    return name


def _framebuffer(texture: int, attachment: int) -> int:
    name = int(GL.glGenFramebuffers(1))
    GL.glBindFramebuffer(GL.GL_FRAMEBUFFER, name)
    GL.glFramebufferTexture2D(GL.GL_FRAMEBUFFER, attachment, GL.GL_TEXTURE_2D, texture, 0)
    if attachment == GL.GL_DEPTH_ATTACHMENT:
        GL.glDrawBuffer(GL.GL_NONE)
        GL.glReadBuffer(GL.GL_NONE)
    _require_complete()
    return name


def _render_target(width: int, height: int, samples: int) -> int:
    """A framebuffer with colour and depth of its own."""
    name = int(GL.glGenFramebuffers(1))
    GL.glBindFramebuffer(GL.GL_FRAMEBUFFER, name)
    for kind, attachment in (
        (GL.GL_RGBA8, GL.GL_COLOR_ATTACHMENT0),
        (GL.GL_DEPTH_COMPONENT24, GL.GL_DEPTH_ATTACHMENT),
    ):
        buffer = GL.glGenRenderbuffers(1)
        GL.glBindRenderbuffer(GL.GL_RENDERBUFFER, buffer)
        GL.glRenderbufferStorageMultisample(GL.GL_RENDERBUFFER, samples, kind, width, height)
        GL.glFramebufferRenderbuffer(GL.GL_FRAMEBUFFER, attachment, GL.GL_RENDERBUFFER, buffer)
    _require_complete()
    return name


def _require_complete() -> None:
    if GL.glCheckFramebufferStatus(GL.GL_FRAMEBUFFER) != GL.GL_FRAMEBUFFER_COMPLETE:
        raise GraphicsError("The graphics driver cannot make a picture of this size and kind.")
