"""Drawing the dancer: on the screen, into a video, and onto a contact sheet."""

from __future__ import annotations

import itertools
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from engine.formats.video import write_video
from engine.motion import quaternion
from engine.motion.house import FRAME_RATE_HZ, HOUSE, JOINT
from engine.motion.motion import Motion
from tests.benchmarks.timing import best_s
from viewer3d.body import body_for
from viewer3d.camera import DIRECTIONS, Camera
from viewer3d.film import film
from viewer3d.follow import follow
from viewer3d.gl import GL
from viewer3d.renderer import OffscreenRenderer
from viewer3d.scene import Scene, scene_of
from viewer3d.sheet import contact_sheet

WIDTH, HEIGHT = 1280, 720
VIEW = Camera(np.array([0.0, 0.9, 0.0]), 5.0, *DIRECTIONS["three-quarter"])
N_FILM_FRAMES = 60


def run() -> None:
    """Print what a picture costs, and what its parts cost."""
    motion = _swaying(round(75 * FRAME_RATE_HZ))
    body = body_for(HOUSE)
    times_s = itertools.cycle(np.arange(20) * 0.4)

    def scene(n_figures: int = 1) -> Scene:
        time_s = float(next(times_s))
        places = [np.array([1.5 * i, 0.0, 0.0]) for i in range(n_figures)]
        return scene_of([(body, motion.pose_at(time_s), place) for place in places])

    print(f"  pose and scene of one dancer      {best_s(scene, 50) * 1e3:8.2f} ms")
    whole_s = best_s(lambda: follow([motion], [np.zeros(3)], WIDTH / HEIGHT, VIEW), 3)
    print(f"  camera path of a 75 s dance       {whole_s * 1e3:8.1f} ms")
    for samples, n_figures in ((0, 1), (4, 1), (4, 5)):
        with OffscreenRenderer(WIDTH, HEIGHT, samples) as renderer:
            driver = GL.glGetString(GL.GL_RENDERER).decode()
            picture_s = best_s(lambda n=n_figures, r=renderer: r.picture(scene(n), VIEW), 15)
        what = f"{n_figures} dancer{'s' if n_figures > 1 else ''}, {samples} samples"
        print(f"  {WIDTH} x {HEIGHT}, {what:<21} {picture_s * 1e3:8.1f} ms   {1 / picture_s:.0f} a second   {driver}")
    print(f"  contact sheet of 32 cells         {best_s(lambda: _sheet(motion), 2):8.2f} s")
    per_frame_s = _film_s(motion) / N_FILM_FRAMES
    print(f"  video with encoding, a frame      {per_frame_s * 1e3:8.1f} ms   {1 / per_frame_s:.0f} a second")


def _sheet(motion: Motion) -> np.ndarray:
    return contact_sheet(motion, list(np.arange(32) * 0.5))


def _film_s(motion: Motion) -> float:
    def pictures() -> Iterator[np.ndarray]:
        return film([motion], np.arange(N_FILM_FRAMES) / FRAME_RATE_HZ, (WIDTH, HEIGHT))

    with tempfile.TemporaryDirectory() as folder:
        began_s = time.perf_counter()
        write_video(Path(folder) / "film.mp4", pictures(), FRAME_RATE_HZ)
        return time.perf_counter() - began_s


def _swaying(n_frames: int) -> Motion:
    """A dancer who walks to and fro and swings her arms."""
    t = np.arange(n_frames) / FRAME_RATE_HZ
    local = np.tile(quaternion.IDENTITY, (n_frames, HOUSE.n_joints, 1))
    for joint, axis, size, rate_hz in (("LeftArm", 2, 1.0, 1.0), ("RightArm", 2, 0.8, 0.5), ("Spine1", 2, 0.3, 1.0)):
        swing = size * np.sin(2.0 * np.pi * rate_hz * t)
        local[:, JOINT[joint]] = quaternion.from_axis_angle(np.eye(3)[axis], swing)
    root = np.tile(HOUSE.offsets_m[0], (n_frames, 1))
    root[:, 0] += np.sin(0.5 * t)
    return Motion(HOUSE, FRAME_RATE_HZ, root, local)


if __name__ == "__main__":
    run()
