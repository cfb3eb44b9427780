"""Reading and writing BVH, beside NumPy's reading of the same numbers and other readers of the format."""

from __future__ import annotations

import importlib
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np

from engine.formats import bvh
from engine.motion import quaternion
from engine.motion.house import HOUSE
from engine.motion.motion import Motion
from tests.benchmarks.timing import best_s

READ_FRAMES, READ_JOINTS = 36_000, 31
WRITE_FRAMES = 5_400


def run() -> None:
    """Print what reading five minutes at 120 frames a second costs, and writing three at 30."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "big.bvh"
        numbers = _write_big_file(path)
        print(f"reading {READ_FRAMES} frames x {READ_JOINTS} joints, {path.stat().st_size / 1e6:.1f} MB")
        ours_s = best_s(lambda: bvh.read(path), repeats=5)
        numpy_s = best_s(lambda: np.fromstring(numbers, sep=" "), repeats=5)
        _row("engine.formats.bvh.read, quaternions and all", ours_s, ours_s)
        _row("numpy.fromstring, the numbers alone", numpy_s, ours_s)
        for name, read in _peers().items():
            _row(name, best_s(lambda read=read: read(path), repeats=2) if read else None, ours_s)
        _write_row(Path(folder) / "out.bvh")


def _row(name: str, took_s: float | None, ours_s: float) -> None:
    print(f"  {name:46s}" + ("not installed" if took_s is None else f"{took_s:7.3f} s {took_s / ours_s:7.2f} x"))


def _write_row(path: Path) -> None:
    motion = _dance(WRITE_FRAMES)
    took_s = best_s(lambda: bvh.write(path, motion), repeats=5)
    print(f"writing {WRITE_FRAMES} frames x {HOUSE.n_joints} joints, {path.stat().st_size / 1e6:.1f} MB")
    print(f"  {'engine.formats.bvh.write':46s}{took_s:7.3f} s")


def _peers() -> dict[str, Callable[[Path], object] | None]:
    """Other readers by name, None where they are not installed."""

    def module(name: str) -> object | None:
        try:
            return importlib.import_module(name)
        except ImportError:
            return None

    pymotion, bvh_python, bvhio = module("pymotion.io.bvh"), module("bvh"), module("bvhio")
    return {
        "upc-pymotion, Euler angles": pymotion and (lambda path: pymotion.BVH().load(str(path))),
        "bvh, the numbers as words": bvh_python and (lambda path: bvh_python.Bvh(path.read_text())),
        "bvhio, poses of every joint": bvhio and (lambda path: bvhio.readAsBvh(str(path))),
    }


def _dance(n_frames: int) -> Motion:
    t = np.arange(n_frames)[:, np.newaxis, np.newaxis] / 30.0
    swing = 0.8 * np.sin(2.0 * t + np.arange(HOUSE.n_joints)[:, np.newaxis] + np.arange(3))
    return Motion(HOUSE, 30.0, np.tile(HOUSE.offsets_m[0], (n_frames, 1)), quaternion.from_rotation_vector(swing))


def _write_big_file(path: Path) -> bytes:
    """A chain of joints with smooth curves of four decimals; the bytes of its numbers."""
    rng = np.random.default_rng(0)
    t = np.arange(READ_FRAMES)[:, np.newaxis] / 120.0
    n_columns = 3 + 3 * READ_JOINTS
    values = rng.uniform(5, 180, n_columns) * np.sin(rng.uniform(0.5, 6.0, n_columns) * t + np.arange(n_columns))
    channels = "CHANNELS 3 Zrotation Xrotation Yrotation\n"
    head = f"HIERARCHY\nROOT j0\n{{\nOFFSET 0 0 0\n{channels.replace('3', '6 Xposition Yposition Zposition')}"
    head += "".join(f"JOINT j{i}\n{{\nOFFSET 0.0 10.0 0.0\n{channels}" for i in range(1, READ_JOINTS))
    head += "End Site\n{\nOFFSET 0.0 5.0 0.0\n}\n" + "}\n" * READ_JOINTS
    line = " ".join(["%.4f"] * n_columns)
    numbers = "\n".join(line % tuple(row) for row in values.tolist()).encode()
    path.write_bytes(f"{head}MOTION\nFrames: {READ_FRAMES}\nFrame Time: 0.00833333\n".encode() + numbers)
    return numbers


if __name__ == "__main__":
    run()
