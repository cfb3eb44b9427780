"""Writing FBX and proving it, beside Blender's own exporter: three minutes at 60 frames a second, 31 joints."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from pathlib import Path

import numpy as np

from engine.formats import fbx
from engine.formats.comparison import compared, expected
from engine.formats.scene import RATES, FilmScene, Performer, SceneTake
from engine.motion import quaternion
from engine.motion.motion import Motion
from engine.motion.skeleton import Skeleton
from tests.benchmarks.timing import best_s

RATE, N_FRAMES, N_JOINTS = RATES["60"], 10_800, 31

# Imports the file, exports it again as an animator would, and says how long the second took.
_IN_BLENDER = """
import bpy, sys, time
file, out = sys.argv[sys.argv.index("--") + 1:]
bpy.ops.wm.read_factory_settings(use_empty=True)
bpy.ops.import_scene.fbx(filepath=file)
bpy.context.scene.frame_start, bpy.context.scene.frame_end = 0, int(bpy.data.actions[0].frame_range[1])
begin = time.perf_counter()
bpy.ops.export_scene.fbx(
    filepath=out, bake_anim_use_all_actions=False, bake_anim_use_nla_strips=False, add_leaf_bones=False)
print("TOOK", time.perf_counter() - begin)
"""


def run() -> None:
    """Print what writing, reading back and comparing take, and what Blender takes for writing."""
    scene = _scene()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "ours.fbx"
        write_s = best_s(lambda: fbx.write(path, scene), repeats=5)
        size_mb = path.stat().st_size / 1e6
        read_s = best_s(lambda: fbx.read_back(path), repeats=3)
        found, wanted = fbx.read_back(path), expected(scene)
        compare_s = best_s(lambda: compared(found, wanted), repeats=2)
        difference = compared(found, wanted)
        print(f"{N_FRAMES} frames x {N_JOINTS} joints at {RATE.name} frames a second")
        _row("write", write_s, f"{size_mb:6.1f} MB")
        _row("read back by ufbx, in a process of its own", read_s)
        _row("compare every joint of every frame", compare_s)
        _row("write and prove", write_s + read_s + compare_s)
        print(f"  {'largest difference':46s}{difference.position_mm:8.4f} mm {difference.rotation_deg:8.5f} deg")
        print(f"  {'between the keys, from the shortest turn':46s}{difference.between_deg:17.3f} deg")
        _blender_row(path, Path(folder), write_s, write_s + read_s + compare_s)


def _row(name: str, took_s: float, more: str = "") -> None:
    print(f"  {name:46s}{took_s:8.3f} s  {more}")


def _blender_row(path: Path, folder: Path, write_s: float, proven_s: float) -> None:
    blender = shutil.which("blender")
    if blender is None:
        print(f"  {'Blender':46s} not installed")
        return
    script, out = folder / "export.py", folder / "blender.fbx"
    script.write_text(_IN_BLENDER)
    command = [blender, "-b", "--factory-startup", "--python-exit-code", "1", "-P", str(script), "--"]
    said = subprocess.run([*command, str(path), str(out)], capture_output=True, text=True, check=True).stdout
    took_s = next(float(line.split()[1]) for line in said.splitlines() if line.startswith("TOOK"))
    _row("write, by Blender", took_s, f"{out.stat().st_size / 1e6:6.1f} MB")
    print(f"  {'faster than Blender: written, and proven':46s}{took_s / write_s:8.1f} x {took_s / proven_s:8.1f} x")


def _scene() -> FilmScene:
    """A chain of limbs on smooth curves, each joint in its own time."""
    rng = np.random.default_rng(0)
    parents = np.array([-1, *(max(0, joint - 1 - 5 * (joint % 6 == 0)) for joint in range(1, N_JOINTS))])
    offsets_m = np.vstack([[0.0, 0.94, 0.0], rng.normal(size=(N_JOINTS - 1, 3)) * 0.12])
    skeleton = Skeleton(tuple(f"joint_{i}" for i in range(N_JOINTS)), parents, offsets_m)
    t = np.arange(N_FRAMES)[:, np.newaxis, np.newaxis] / RATE.hz
    swing = 0.5 * np.sin(rng.uniform(1.0, 6.0, (N_JOINTS, 3)) * t + rng.uniform(0.0, 6.0, (N_JOINTS, 3)))
    root = offsets_m[0] + 0.5 * np.sin(t[:, 0] * [1.1, 2.3, 0.7]) * [1.0, 0.2, 1.0]
    motion = Motion(skeleton, RATE.hz, root, quaternion.from_rotation_vector(swing))
    return FilmScene("Bench", RATE, (Performer("Ana", skeleton),), (SceneTake("take", (motion,)),))


if __name__ == "__main__":
    run()
