"""The OpenGL objects that the renderer is made of: programs, textures, framebuffers, meshes."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from typing import Any

import numpy as np

from engine.character.mesh import SkinnedMesh
from viewer3d.errors import GraphicsError
from viewer3d.gl import GL, vertex_attribute_pointer
from viewer3d.scene import Ribbons

Box = tuple[int, int, int, int]  # left, bottom, right, top in pixels, half open, from the lower left corner


class MeshBuffers:
    """A body's skin on the graphics device."""

    def __init__(self, mesh: SkinnedMesh) -> None:
        parts = (mesh.positions_m, mesh.normals, mesh.colours, mesh.joints, mesh.weights)
        vertices = np.concatenate(parts, axis=1)
        vertices = np.ascontiguousarray(vertices, dtype=np.float32)
        triangles = np.ascontiguousarray(mesh.triangles, dtype=np.uint32)
        self._n_indices = triangles.size
        self._array = int(GL.glGenVertexArrays(1))
        self._vertices, self._indices = (int(GL.glGenBuffers(1)) for _ in range(2))
        GL.glBindVertexArray(self._array)
        GL.glBindBuffer(GL.GL_ARRAY_BUFFER, self._vertices)
        GL.glBufferData(GL.GL_ARRAY_BUFFER, vertices.nbytes, vertices, GL.GL_STATIC_DRAW)
        for attribute, (size, first) in enumerate(((3, 0), (3, 3), (3, 6), (4, 9), (4, 13))):
            GL.glEnableVertexAttribArray(attribute)
            vertex_attribute_pointer(attribute, size, GL.GL_FLOAT, GL.GL_FALSE, 68, ctypes.c_void_p(4 * first))
        GL.glBindBuffer(GL.GL_ELEMENT_ARRAY_BUFFER, self._indices)
        GL.glBufferData(GL.GL_ELEMENT_ARRAY_BUFFER, triangles.nbytes, triangles, GL.GL_STATIC_DRAW)
        GL.glBindVertexArray(0)

    def draw(self, n_instances: int = 1) -> None:
        """Draw all triangles so many times with the program in use."""
        GL.glBindVertexArray(self._array)
        GL.glDrawElementsInstanced(
            GL.GL_TRIANGLES, self._n_indices, GL.GL_UNSIGNED_INT, ctypes.c_void_p(0), n_instances
        )

    def close(self) -> None:
        """Give the buffers back."""
        delete(GL.glDeleteBuffers, [self._vertices, self._indices])
        delete(GL.glDeleteVertexArrays, [self._array])


class RibbonBuffers:
    """Lines and words on the graphics device; loaded anew when they are not those of the picture before."""

    def __init__(self) -> None:
        self._array = int(GL.glGenVertexArrays(1))
        self._vertices, self._indices = (int(GL.glGenBuffers(1)) for _ in range(2))
        self._loaded: Ribbons | None = None
        GL.glBindVertexArray(self._array)
        GL.glBindBuffer(GL.GL_ARRAY_BUFFER, self._vertices)
        GL.glBindBuffer(GL.GL_ELEMENT_ARRAY_BUFFER, self._indices)
        for attribute, (size, first) in enumerate(((3, 0), (3, 3), (2, 6), (4, 8))):
            GL.glEnableVertexAttribArray(attribute)
            vertex_attribute_pointer(attribute, size, GL.GL_FLOAT, GL.GL_FALSE, 48, ctypes.c_void_p(4 * first))
        GL.glBindVertexArray(0)

    def draw(self, ribbons: Ribbons) -> None:
        """Draw them with the program in use."""
        GL.glBindVertexArray(self._array)
        if ribbons is not self._loaded:
            vertices = np.ascontiguousarray(ribbons.vertices, dtype=np.float32)
            triangles = np.ascontiguousarray(ribbons.triangles, dtype=np.uint32)
            GL.glBindBuffer(GL.GL_ARRAY_BUFFER, self._vertices)
            GL.glBufferData(GL.GL_ARRAY_BUFFER, vertices.nbytes, vertices, GL.GL_STREAM_DRAW)
            GL.glBufferData(GL.GL_ELEMENT_ARRAY_BUFFER, triangles.nbytes, triangles, GL.GL_STREAM_DRAW)
            self._loaded = ribbons
        GL.glDrawElements(GL.GL_TRIANGLES, 3 * len(ribbons.triangles), GL.GL_UNSIGNED_INT, ctypes.c_void_p(0))

    def close(self) -> None:
        """Give the buffers back."""
        delete(GL.glDeleteBuffers, [self._vertices, self._indices])
        delete(GL.glDeleteVertexArrays, [self._array])


class Layer:
    """A transparent picture drawn with several samples a pixel and resolved into a texture."""

    def __init__(self, width: int, height: int, samples: int) -> None:
        self.width, self.height = width, height
        self.texture = colour_texture(width, height)
        self._resolved = framebuffer(self.texture, GL.GL_COLOR_ATTACHMENT0)
        self._drawn, self._buffers = render_target(width, height, samples)

    def begin(self, box: Box) -> None:
        """Bind it and make `box` transparent and far away."""
        GL.glBindFramebuffer(GL.GL_FRAMEBUFFER, self._drawn)
        GL.glViewport(0, 0, self.width, self.height)
        GL.glEnable(GL.GL_SCISSOR_TEST)
        GL.glScissor(box[0], box[1], box[2] - box[0], box[3] - box[1])
        GL.glClearColor(0.0, 0.0, 0.0, 0.0)
        GL.glClear(GL.GL_COLOR_BUFFER_BIT | GL.GL_DEPTH_BUFFER_BIT)
        GL.glDisable(GL.GL_SCISSOR_TEST)

    def end(self, box: Box) -> None:
        """Average the samples of `box` into the texture; premultiplied, as averaging makes it."""
        GL.glBindFramebuffer(GL.GL_READ_FRAMEBUFFER, self._drawn)
        GL.glBindFramebuffer(GL.GL_DRAW_FRAMEBUFFER, self._resolved)
        GL.glBlitFramebuffer(*box, *box, GL.GL_COLOR_BUFFER_BIT, GL.GL_NEAREST)

    def close(self) -> None:
        """Give textures and framebuffers back."""
        delete(GL.glDeleteFramebuffers, [self._drawn, self._resolved])
        delete(GL.glDeleteRenderbuffers, self._buffers)
        delete(GL.glDeleteTextures, [self.texture])


class Program:
    """A linked program whose uniforms are set by name; GraphicsError if the driver refuses it."""

    def __init__(self, vertex: str, fragment: str) -> None:
        self.name = int(GL.glCreateProgram())
        self._places: dict[str, int] = {}
        self._values: dict[str, Any] = {}  # as last set: a call into OpenGL costs ten comparisons
        stages = [_compiled(GL.GL_VERTEX_SHADER, vertex), _compiled(GL.GL_FRAGMENT_SHADER, fragment)]
        for stage in stages:
            GL.glAttachShader(self.name, stage)
        GL.glLinkProgram(self.name)
        if not GL.glGetProgramiv(self.name, GL.GL_LINK_STATUS):
            raise GraphicsError(f"The graphics driver refused a program: {_text(GL.glGetProgramInfoLog(self.name))}")
        for stage in stages:
            GL.glDeleteShader(stage)

    def use(self, **uniforms: Any) -> None:
        """Make it current and set uniforms: [4, 4] matrices, vectors of floats, floats, ints or pairs of ints."""
        GL.glUseProgram(self.name)
        for name, value in uniforms.items():
            known = value.tobytes() if isinstance(value, np.ndarray) else value
            if name in self._values and self._values[name] == known:
                continue
            self._values[name] = known
            place = self._places.get(name)
            if place is None:
                place = self._places[name] = GL.glGetUniformLocation(self.name, name)
            _set_uniform(place, value)


def _set_uniform(place: int, value: Any) -> None:
    array = np.asarray(value)
    if array.ndim == 2:
        GL.glUniformMatrix4fv(place, 1, GL.GL_TRUE, np.ascontiguousarray(array, dtype=np.float32))
    elif array.dtype.kind == "i":
        whole = [int(v) for v in array.ravel()]
        (GL.glUniform1i, GL.glUniform2i)[len(whole) - 1](place, *whole)
    else:
        parts = [float(v) for v in array.ravel()]
        (GL.glUniform1f, GL.glUniform2f, GL.glUniform3f, GL.glUniform4f)[len(parts) - 1](place, *parts)


def _compiled(kind: int, text: str) -> int:
    stage = int(GL.glCreateShader(kind))
    GL.glShaderSource(stage, text)
    GL.glCompileShader(stage)
    if not GL.glGetShaderiv(stage, GL.GL_COMPILE_STATUS):
        raise GraphicsError(f"The graphics driver refused a shader: {_text(GL.glGetShaderInfoLog(stage))}")
    return stage


def _text(message: bytes | str) -> str:
    return message.decode(errors="replace") if isinstance(message, bytes) else message


def delete(function: Any, names: list[int]) -> None:
    """Call one of glDeleteBuffers, glDeleteTextures and their like for some names."""
    if function is GL.glDeleteTextures:
        function(np.array(names, dtype=np.uint32))
    else:
        function(len(names), np.array(names, dtype=np.uint32))


def texture(sampling: int) -> int:
    """An empty 2D texture, clamped at its edges, bound to a unit of its own: those that are in use stay as they are."""
    GL.glActiveTexture(GL.GL_TEXTURE7)
    name = int(GL.glGenTextures(1))
    GL.glBindTexture(GL.GL_TEXTURE_2D, name)
    for key in (GL.GL_TEXTURE_MIN_FILTER, GL.GL_TEXTURE_MAG_FILTER):
        GL.glTexParameteri(GL.GL_TEXTURE_2D, key, sampling)
    for key in (GL.GL_TEXTURE_WRAP_S, GL.GL_TEXTURE_WRAP_T):
        GL.glTexParameteri(GL.GL_TEXTURE_2D, key, GL.GL_CLAMP_TO_EDGE)
    return name


def load_rows(name: int, rows: np.ndarray) -> None:
    """Fill a texture with rows of four numbers each, float32 [N, K, 4]: row n is texels (0, n) to (K - 1, n)."""
    texels = np.ascontiguousarray(rows if len(rows) else np.zeros((1, *rows.shape[1:])), dtype=np.float32)
    GL.glBindTexture(GL.GL_TEXTURE_2D, name)
    n_rows, n_texels = texels.shape[:2]
    GL.glTexImage2D(GL.GL_TEXTURE_2D, 0, GL.GL_RGBA32F, n_texels, n_rows, 0, GL.GL_RGBA, GL.GL_FLOAT, texels)


def shadow_texture(size: int) -> int:
    """A depth map that is compared when sampled: 1 where lit."""
    name = texture(GL.GL_LINEAR)
    GL.glTexParameteri(GL.GL_TEXTURE_2D, GL.GL_TEXTURE_COMPARE_MODE, GL.GL_COMPARE_REF_TO_TEXTURE)
    GL.glTexParameteri(GL.GL_TEXTURE_2D, GL.GL_TEXTURE_COMPARE_FUNC, GL.GL_LEQUAL)
    GL.glTexImage2D(
        GL.GL_TEXTURE_2D, 0, GL.GL_DEPTH_COMPONENT24, size, size, 0, GL.GL_DEPTH_COMPONENT, GL.GL_FLOAT, None
    )
    return name


def colour_texture(width: int, height: int) -> int:
    """An 8-bit RGBA texture."""
    name = texture(GL.GL_LINEAR)
    GL.glTexImage2D(GL.GL_TEXTURE_2D, 0, GL.GL_RGBA8, width, height, 0, GL.GL_RGBA, GL.GL_UNSIGNED_BYTE, None)
    return name


def parts_texture(width: int, height: int) -> int:
    """A texture of four numbers in half precision, which are not to be mixed."""
    name = texture(GL.GL_NEAREST)
    GL.glTexImage2D(GL.GL_TEXTURE_2D, 0, GL.GL_RGBA16F, width, height, 0, GL.GL_RGBA, GL.GL_FLOAT, None)
    return name


def alpha_texture(picture: np.ndarray) -> int:
    """A texture of one channel, uint8 [h, w], smaller and smaller for what is far away."""
    name = texture(GL.GL_LINEAR)
    GL.glPixelStorei(GL.GL_UNPACK_ALIGNMENT, 1)
    GL.glTexParameteri(GL.GL_TEXTURE_2D, GL.GL_TEXTURE_MIN_FILTER, GL.GL_LINEAR_MIPMAP_LINEAR)
    # Made here: for glGenerateMipmap a software driver compiles a program first, longer than all the rest of a start.
    for level, smaller in enumerate(halved_to_one(picture)):
        h, w = smaller.shape
        GL.glTexImage2D(GL.GL_TEXTURE_2D, level, GL.GL_R8, w, h, 0, GL.GL_RED, GL.GL_UNSIGNED_BYTE, smaller)
    return name


def halved_to_one(picture: np.ndarray) -> Iterator[np.ndarray]:
    """The picture, uint8 [h, w], and its halves down to one pixel, each rounded down as OpenGL wants them."""
    yield picture
    while max(picture.shape) > 1:
        h, w = (max(1, side // 2) for side in picture.shape)
        rows = picture[: 2 * h].reshape(h, -1, picture.shape[1]).mean(axis=1)
        picture = np.ascontiguousarray(rows[:, : 2 * w].reshape(h, w, -1).mean(axis=2).round().astype(np.uint8))
        yield picture


def depth_buffer(width: int, height: int) -> int:
    """A depth buffer for the framebuffer that is bound."""
    name = int(GL.glGenRenderbuffers(1))
    GL.glBindRenderbuffer(GL.GL_RENDERBUFFER, name)
    GL.glRenderbufferStorage(GL.GL_RENDERBUFFER, GL.GL_DEPTH_COMPONENT24, width, height)
    GL.glFramebufferRenderbuffer(GL.GL_FRAMEBUFFER, GL.GL_DEPTH_ATTACHMENT, GL.GL_RENDERBUFFER, name)
    _require_complete()
    return name


def framebuffer(into: int, attachment: int) -> int:
    """A framebuffer that draws into a texture, as its colour or its depth."""
    name = int(GL.glGenFramebuffers(1))
    GL.glBindFramebuffer(GL.GL_FRAMEBUFFER, name)
    GL.glFramebufferTexture2D(GL.GL_FRAMEBUFFER, attachment, GL.GL_TEXTURE_2D, into, 0)
    if attachment == GL.GL_DEPTH_ATTACHMENT:
        GL.glDrawBuffer(GL.GL_NONE)
        GL.glReadBuffer(GL.GL_NONE)
    _require_complete()
    return name


def render_target(width: int, height: int, samples: int) -> tuple[int, list[int]]:
    """A framebuffer with colour and depth of its own, and the names of those two."""
    name = int(GL.glGenFramebuffers(1))
    GL.glBindFramebuffer(GL.GL_FRAMEBUFFER, name)
    kinds = ((GL.GL_RGBA8, GL.GL_COLOR_ATTACHMENT0), (GL.GL_DEPTH_COMPONENT24, GL.GL_DEPTH_ATTACHMENT))
    buffers = []
    for kind, attachment in kinds:
        buffer = int(GL.glGenRenderbuffers(1))
        GL.glBindRenderbuffer(GL.GL_RENDERBUFFER, buffer)
        GL.glRenderbufferStorageMultisample(GL.GL_RENDERBUFFER, samples, kind, width, height)
        GL.glFramebufferRenderbuffer(GL.GL_FRAMEBUFFER, attachment, GL.GL_RENDERBUFFER, buffer)
        buffers.append(buffer)
    _require_complete()
    return name, buffers


def _require_complete() -> None:
    if GL.glCheckFramebufferStatus(GL.GL_FRAMEBUFFER) != GL.GL_FRAMEBUFFER_COMPLETE:
        raise GraphicsError("The graphics driver cannot make a picture of this size and kind.")
