"""The OpenGL objects that the renderer is made of: programs, textures, framebuffers, meshes."""

from __future__ import annotations

import ctypes
from typing import Any

import numpy as np

from viewer3d.gl import GL, GraphicsError, vertex_attribute_pointer
from viewer3d.loft import Mesh

Box = tuple[int, int, int, int]  # left, bottom, right, top in pixels, half open, from the lower left corner


class MeshBuffers:
    """A body's skin on the graphics device."""

    def __init__(self, mesh: Mesh) -> None:
        carriers = np.concatenate([mesh.joints, mesh.shares[:, np.newaxis]], axis=1)
        vertices = np.concatenate([mesh.positions_m, mesh.normals, mesh.colours, carriers], axis=1)
        vertices = np.ascontiguousarray(vertices, dtype=np.float32)
        triangles = np.ascontiguousarray(mesh.triangles, dtype=np.uint32)
        self._n_indices = triangles.size
        self._array = int(GL.glGenVertexArrays(1))
        self._vertices, self._indices = (int(GL.glGenBuffers(1)) for _ in range(2))
        GL.glBindVertexArray(self._array)
        GL.glBindBuffer(GL.GL_ARRAY_BUFFER, self._vertices)
        GL.glBufferData(GL.GL_ARRAY_BUFFER, vertices.nbytes, vertices, GL.GL_STATIC_DRAW)
        for attribute in range(4):
            GL.glEnableVertexAttribArray(attribute)
            start = ctypes.c_void_p(12 * attribute)
            vertex_attribute_pointer(attribute, 3, GL.GL_FLOAT, GL.GL_FALSE, 48, start)
        GL.glBindBuffer(GL.GL_ELEMENT_ARRAY_BUFFER, self._indices)
        GL.glBufferData(GL.GL_ELEMENT_ARRAY_BUFFER, triangles.nbytes, triangles, GL.GL_STATIC_DRAW)
        GL.glBindVertexArray(0)

    def draw(self) -> None:
        """Draw all triangles with the program in use."""
        GL.glBindVertexArray(self._array)
        GL.glDrawElements(GL.GL_TRIANGLES, self._n_indices, GL.GL_UNSIGNED_INT, ctypes.c_void_p(0))

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
    """An empty 2D texture, bound, clamped at its edges."""
    name = int(GL.glGenTextures(1))
    GL.glBindTexture(GL.GL_TEXTURE_2D, name)
    for key in (GL.GL_TEXTURE_MIN_FILTER, GL.GL_TEXTURE_MAG_FILTER):
        GL.glTexParameteri(GL.GL_TEXTURE_2D, key, sampling)
    for key in (GL.GL_TEXTURE_WRAP_S, GL.GL_TEXTURE_WRAP_T):
        GL.glTexParameteri(GL.GL_TEXTURE_2D, key, GL.GL_CLAMP_TO_EDGE)
    return name


def load_rows(name: int, rows: np.ndarray) -> None:
    """Fill a texture with pairs of four numbers, float32 [N, 2, 4]: pair k is texels (0, k) and (1, k)."""
    texels = np.ascontiguousarray(rows if len(rows) else np.zeros((1, 2, 4)), dtype=np.float32)
    GL.glBindTexture(GL.GL_TEXTURE_2D, name)
    GL.glTexImage2D(GL.GL_TEXTURE_2D, 0, GL.GL_RGBA32F, 2, len(texels), 0, GL.GL_RGBA, GL.GL_FLOAT, texels)


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
