"""Draws flat pictures over the scene."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from viewer3d.gl import GL
from viewer3d.gl_objects import Program, delete, texture
from viewer3d.pictures import Picture

_VERTEX = """#version 330 core
uniform vec4 place;                     // left, bottom, right, top in clip space
out vec2 across;
void main() {
    across = vec2(gl_VertexID & 1, gl_VertexID >> 1);
    gl_Position = vec4(mix(place.xy, place.zw, across), 0.0, 1.0);
    across.y = 1.0 - across.y;
}
"""
_FRAGMENT = """#version 330 core
in vec2 across;
uniform sampler2D picture;
out vec4 colour;
void main() { colour = texture(picture, across); }
"""
_KEPT = 64  # textures, before those that are not in use are given back


class PicturePass:
    """Draws pictures pixel by pixel. Those drawn again are not loaded again."""

    def __init__(self) -> None:
        self._program = Program(_VERTEX, _FRAGMENT)
        self._array = int(GL.glGenVertexArrays(1))
        self._loaded: dict[int, tuple[np.ndarray, int]] = {}  # by the identity of the array, which is kept alive here

    def draw(self, pictures: Sequence[Picture], width: int, height: int) -> None:
        """Over what is in the framebuffer that is bound, of `width` by `height` pixels."""
        if len(self._loaded) > _KEPT:
            self._forget_all_but({id(picture.pixels) for picture in pictures})
        GL.glEnable(GL.GL_BLEND)
        GL.glBlendFuncSeparate(GL.GL_ONE, GL.GL_ONE_MINUS_SRC_ALPHA, GL.GL_ZERO, GL.GL_ONE)
        GL.glBindVertexArray(self._array)
        for picture in pictures:
            h, w = picture.pixels.shape[:2]
            left, top = 2.0 * picture.x / width - 1.0, 1.0 - 2.0 * picture.y / height
            name = self._name(picture.pixels)
            GL.glActiveTexture(GL.GL_TEXTURE5)
            GL.glBindTexture(GL.GL_TEXTURE_2D, name)
            self._program.use(place=(left, top - 2.0 * h / height, left + 2.0 * w / width, top), picture=5)
            GL.glDrawArrays(GL.GL_TRIANGLE_STRIP, 0, 4)
        GL.glDisable(GL.GL_BLEND)

    def close(self) -> None:
        """Give textures and the program back."""
        self._forget_all_but(set())
        delete(GL.glDeleteVertexArrays, [self._array])
        GL.glDeleteProgram(self._program.name)

    def _name(self, pixels: np.ndarray) -> int:
        """The texture that holds a picture."""
        known = self._loaded.get(id(pixels))
        if known is not None:
            return known[1]
        name = texture(GL.GL_NEAREST)
        h, w = pixels.shape[:2]
        GL.glPixelStorei(GL.GL_UNPACK_ALIGNMENT, 1)
        GL.glTexImage2D(
            GL.GL_TEXTURE_2D, 0, GL.GL_RGBA8, w, h, 0, GL.GL_RGBA, GL.GL_UNSIGNED_BYTE, np.ascontiguousarray(pixels)
        )
        self._loaded[id(pixels)] = (pixels, name)
        return name

    def _forget_all_but(self, kept: set[int]) -> None:
        gone = [key for key in self._loaded if key not in kept]
        if gone:
            delete(GL.glDeleteTextures, [self._loaded.pop(key)[1] for key in gone])
