from __future__ import annotations

import numpy as np
import pytest

from viewer3d.floor_shaders import FULL_VERTEX
from viewer3d.gl import GL
from viewer3d.gl_objects import Program, colour_texture, framebuffer
from viewer3d.headless import offscreen_context
from viewer3d.renderer import read_pixels
from viewer3d.shaders import LIGHT, VERSION

pytestmark = pytest.mark.gl

WIDTH, WHITE = 512, 1.86  # the light that is white on the screen
RAMP = (
    f"{VERSION}{LIGHT}out vec4 colour;\n"
    f"void main() {{ colour = vec4(toned(vec3(gl_FragCoord.x * {WHITE} / {WIDTH}.0)), 1.0); }}"
)


def test_light_leaves_through_a_shoulder_and_the_srgb_curve():
    context = offscreen_context()
    context.make_current()
    try:
        target = framebuffer(colour_texture(WIDTH, 1), GL.GL_COLOR_ATTACHMENT0)
        array = int(GL.glGenVertexArrays(1))
        GL.glBindVertexArray(array)
        GL.glViewport(0, 0, WIDTH, 1)
        Program(FULL_VERTEX, RAMP).use()
        GL.glDrawArrays(GL.GL_TRIANGLES, 0, 3)
        drawn = read_pixels(target, WIDTH, 1)[0, :, 0].astype(float)
    finally:
        context.close()

    light = (np.arange(WIDTH) + 0.5) * WHITE / WIDTH
    x = light * (1.0 + light / 12.0) / (1.0 + 0.62 * light)
    srgb = np.where(x <= 0.0031308, 12.92 * x, 1.055 * x ** (1.0 / 2.4) - 0.055)  # IEC 61966-2-1
    np.testing.assert_allclose(drawn, 255.0 * srgb, atol=0.5 + 255.0 * 0.001)
