"""Scrubbing a ten-minute piece of six dancers: from the event to the picture, at positions anywhere in it."""

from __future__ import annotations

import os
import statistics
import time
from dataclasses import dataclass

import numpy as np
from PySide6.QtWidgets import QApplication

from engine.motion.motion import Motion
from tests.benchmarks.ten_minutes import (
    DURATION_S,
    HEIGHT,
    N_DANCERS,
    N_EVENTS,
    WIDTH,
    dancers,
    hud_at,
    positions_s,
    view_at,
)
from viewer3d.gl import GL
from viewer3d.scene import Scene
from viewer3d.viewport import Viewport


@dataclass
class _Times:
    """Seconds of one event's parts."""

    look_up: float
    scene: float
    calls: float
    painted: float
    shown: float
    processor: float


def run() -> None:
    """Print the percentiles of event to painted and to shown, and their parts."""
    if os.environ.get("QT_QPA_PLATFORM") == "offscreen":
        print("  no screen: run it under xvfb-run")
        return
    application = QApplication.instance() or QApplication([])
    motions = dancers()
    viewport = _Timed()
    viewport.resize(WIDTH, HEIGHT)
    viewport.reduces_motion = True
    ready: list[bool] = []
    viewport.ready.connect(lambda: ready.append(True))
    viewport.show()
    _show(viewport, motions, 0.0)
    while not ready:
        application.processEvents()
    viewport.frame_figures()
    print(f"  {N_DANCERS} dancers, {DURATION_S / 60.0:.0f} min, {WIDTH} x {HEIGHT}, {viewport.driver}, ms:")
    print(f"  {'':<26}{'p50':>8}{'p95':>8}{'max':>8}")
    for camera in ("a resting camera", "a following camera"):
        viewport.follow("2" if camera == "a following camera" else None)
        _print_table(camera, _scrubbed(application, viewport, motions))
    viewport.close()


def _scrubbed(application: QApplication, viewport: _Timed, motions: list[Motion]) -> list[_Times]:
    times = []
    for position_s in positions_s(N_EVENTS + 10):
        swaps, began_s, processor_s = viewport.n_swaps, time.perf_counter(), time.process_time()
        look_up_s = _show(viewport, motions, float(position_s))
        while viewport.n_swaps == swaps:
            application.processEvents()
        painted_s, shown_s = viewport.painted_s - began_s, viewport.swapped_s - began_s
        processor_s = time.process_time() - processor_s
        times.append(_Times(look_up_s, viewport.scene_s, viewport.calls_s, painted_s, shown_s, processor_s))
    return times[10:]


def _show(viewport: Viewport, motions: list[Motion], position_s: float) -> float:
    """What the window does at an event; seconds for the poses."""
    began_s = time.perf_counter()
    view = view_at(motions, position_s)
    looked_up_s = time.perf_counter()
    viewport.show_view(view)
    viewport.set_hud(hud_at(position_s))
    return looked_up_s - began_s


def _print_table(camera: str, times: list[_Times]) -> None:
    print(f"  {camera}")
    rows = (
        ("event to painted", [t.painted for t in times]),
        ("event to shown", [t.shown for t in times]),
        ("  six poses looked up", [t.look_up for t in times]),
        ("  their scene", [t.scene for t in times]),
        ("  OpenGL calls and words", [t.calls for t in times]),
        ("processor, all threads", [t.processor for t in times]),
    )
    for name, values in rows:
        ms = np.percentile(1e3 * np.array(values), [50, 95, 100])
        print(f"  {name:<26}" + "".join(f"{value:8.1f}" for value in ms))
    rest_s = statistics.median(t.painted - t.look_up - t.scene - t.calls for t in times)
    print(f"  {'  the rest: drawing':<26}{1e3 * rest_s:8.1f}")


class _Timed(Viewport):
    """A viewport that waits for its pictures to be drawn, and keeps the times."""

    def __init__(self) -> None:
        super().__init__()
        self.n_swaps, self.painted_s, self.swapped_s, self.driver = 0, 0.0, 0.0, ""
        self.scene_s, self.calls_s = 0.0, 0.0
        self.frameSwapped.connect(self._count)

    def paintGL(self) -> None:
        began_s = time.perf_counter()
        super().paintGL()
        self.calls_s = time.perf_counter() - began_s - self.scene_s
        self.driver = self.driver or GL.glGetString(GL.GL_RENDERER).decode()
        GL.glFinish()
        self.painted_s = time.perf_counter()

    def _scene_now(self) -> Scene | None:
        began_s = time.perf_counter()
        scene = super()._scene_now()
        self.scene_s = time.perf_counter() - began_s
        return scene

    def _count(self) -> None:
        self.n_swaps, self.swapped_s = self.n_swaps + 1, time.perf_counter()


if __name__ == "__main__":
    run()
