"""The stage without a window: ten minutes of six dancers drawn at positions anywhere, on whatever EGL gives."""

from __future__ import annotations

import time

import numpy as np

from tests.benchmarks.ten_minutes import DURATION_S, HEIGHT, N_DANCERS, N_EVENTS, WIDTH, dancers, positions_s, view_at
from viewer3d.camera import Camera, framed
from viewer3d.gl import GL
from viewer3d.gl_objects import colour_texture, depth_buffer, framebuffer
from viewer3d.headless import EglContext
from viewer3d.renderer import SAMPLES, Renderer
from viewer3d.staging import staged

_WARM_UP = 10


def run() -> None:
    """Print the percentiles of look-up, scene and drawing, the graphics card having finished."""
    context = EglContext()
    context.make_current()
    driver = GL.glGetString(GL.GL_RENDERER).decode()
    samples = 0 if "llvmpipe" in driver else SAMPLES  # as the window has it
    renderer = Renderer(samples, keeps_stage=True)
    target = framebuffer(colour_texture(WIDTH, HEIGHT), GL.GL_COLOR_ATTACHMENT0)
    depth_buffer(WIDTH, HEIGHT)
    motions, camera = dancers(), _camera()
    rows = []
    for position_s in positions_s(N_EVENTS + _WARM_UP):
        at_s = [time.perf_counter()]
        view = view_at(motions, float(position_s))
        at_s.append(time.perf_counter())
        scene = staged(view)
        at_s.append(time.perf_counter())
        renderer.draw(scene, camera, WIDTH, HEIGHT, target, has_depth=True)
        at_s.append(time.perf_counter())
        GL.glFinish()
        at_s.append(time.perf_counter())
        rows.append([at_s[-1] - at_s[0], *np.diff(at_s)])
    renderer.close()
    context.close()
    print(f"  {N_DANCERS} dancers, {DURATION_S / 60.0:.0f} min, {WIDTH} x {HEIGHT}, {driver}, no window, ms:")
    print(f"  {'':<26}{'p50':>8}{'p95':>8}{'max':>8}")
    names = ("position to drawn", "  six poses looked up", "  their scene", "  OpenGL calls", "  the rest: drawing")
    for name, values in zip(names, np.array(rows[_WARM_UP:]).T, strict=True):
        print(f"  {name:<26}" + "".join(f"{value:8.2f}" for value in np.percentile(1e3 * values, [50, 95, 100])))


def _camera() -> Camera:
    ends = np.array([[-4.0, 0.0, 0.0], [4.0, 1.8, 0.0]])
    return framed(ends, 0.3, WIDTH / HEIGHT, Camera(np.zeros(3), 10.0, 0.4, 0.15), 0.12)


if __name__ == "__main__":
    run()
