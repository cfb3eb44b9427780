"""Three minutes at 60 frames a second as glTF and USD: written, read back for a receipt, and read as foreign files."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np

from engine.formats import gltf, usd
from engine.formats.scene import RATES, FilmScene, Performer, ReadBack, SceneTake
from engine.motion import quaternion
from engine.motion.motion import Motion
from engine.motion.skeleton import Skeleton
from tests.benchmarks.timing import best_s
from tests.film_scenes import worst

N_FRAMES, N_JOINTS, RATE = 10_800, 31, "60"


def run() -> None:
    """Print times, sizes and the largest errors."""
    scene = _scene()
    print(f"{N_FRAMES} frames x {N_JOINTS} joints at {RATE} frames a second, shapes on bones")
    print(f"  {'':8s}{'write':>9s}{'read back':>11s}{'read':>9s}{'size':>10s}{'error':>14s}{'':>14s}")
    with tempfile.TemporaryDirectory() as folder:
        for name, write, read_back, read in (
            (".glb", gltf.write, gltf.read_back, gltf.read),
            (".usda", usd.write, usd.read_back, None),
            (".usdc", usd.write, usd.read_back, None),
        ):
            _row(Path(folder) / f"dance{name}", scene, write, read_back, read)


def _row(
    path: Path,
    scene: FilmScene,
    write: Callable[[Path, FilmScene], None],
    read_back: Callable[[Path], ReadBack],
    read: Callable[[Path], object] | None,
) -> None:
    write_s = best_s(lambda: write(path, scene), repeats=3)
    back_s = best_s(lambda: read_back(path), repeats=2)
    read_text = f"{best_s(lambda: read(path), repeats=2):7.2f} s" if read else f"{'-':>9s}"
    metres, radians = worst(scene, read_back(path))
    size = f"{path.stat().st_size / 1e6:7.1f} MB"
    errors = f"{1e3 * metres:11.5f} mm{np.degrees(radians):10.5f} deg"
    print(f"  {path.suffix:8s}{write_s:7.2f} s{back_s:9.2f} s{read_text}{size}{errors}")


def _scene() -> FilmScene:
    """A tree of joints in which each turns on its own."""
    rng = np.random.default_rng(0)
    parents = np.array([-1, *(max(0, i - 1 - (i % 5 == 0) * 4) for i in range(1, N_JOINTS))])
    skeleton = Skeleton(tuple(f"j{i}" for i in range(N_JOINTS)), parents, rng.uniform(-0.2, 0.2, (N_JOINTS, 3)))
    times = np.arange(N_FRAMES)[:, np.newaxis, np.newaxis] / 60.0
    turns = rng.uniform(-1.5, 1.5, (N_JOINTS, 3)) * np.sin(rng.uniform(0.5, 6.0, (N_JOINTS, 3)) * times)
    root = np.cumsum(rng.normal(size=(N_FRAMES, 3)) * 0.005, axis=0)
    motion = Motion(skeleton, 60.0, root, quaternion.from_rotation_vector(turns))
    return FilmScene("Bench", RATES[RATE], (Performer("Ana", skeleton),), (SceneTake("tk01", (motion,)),))


if __name__ == "__main__":
    run()
