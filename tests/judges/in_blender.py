"""Run by Blender, not by pytest: imports files one after another and writes down where their bones are.

blender -b --factory-startup --python-exit-code 1 -P in_blender.py -- JOBS.json FOLDER

JOBS.json is a list of {path, hz, base, n_frames, at, options}: the rate is hz / base frames a second, `at` are the
moments to look at, in frames of the file from its first key, and `options` the importer's. FOLDER gets 0.npz, 1.npz,
...: what `tests.judges.blender` reads.

Blender 3.4 places keys by the scene's whole frames a second, whatever its base: at 24000/1001 frame i lies at 1.001 i.
So moments are looked for evenly between the first key and the last. Its BVH importer opens files in a mode that
Python 3.11 has no more, and its glTF importer asks NumPy for a name that it has no more.
"""

import builtins
import json
import sys
import time
import traceback
from pathlib import Path

import bpy
import numpy as np

if not hasattr(np, "bool"):
    np.bool = bool
_open = builtins.open
builtins.open = lambda file, mode="r", *more, **named: _open(file, mode.replace("U", ""), *more, **named)

TO_OURS = np.array([[1.0, 0.0, 0.0], [0.0, 0.0, 1.0], [0.0, -1.0, 0.0]])  # Blender's z up to y up


IMPORTERS = {
    ".fbx": lambda path, **options: bpy.ops.import_scene.fbx(filepath=path, anim_offset=0.0, **options),
    ".bvh": lambda path, **options: bpy.ops.import_anim.bvh(
        filepath=path, global_scale=0.01, update_scene_fps=True, **options
    ),
    ".glb": lambda path, **options: bpy.ops.import_scene.gltf(filepath=path, **options),
}


def matrices(bones, name):
    """A matrix of each bone, [bones, 4, 4]."""
    numbers = np.empty(16 * len(bones), dtype=np.float32)
    bones.foreach_get(name, numbers)
    return numbers.reshape(-1, 4, 4).swapaxes(-1, -2).astype(float)


def evaluated(thing):
    return thing.evaluated_get(bpy.context.evaluated_depsgraph_get())


def points(body):
    """The vertices of a body as it is posed, in the world, [V, 3]."""
    drawn = evaluated(body)
    numbers = np.empty(3 * len(drawn.data.vertices), dtype=np.float32)
    drawn.data.vertices.foreach_get("co", numbers)
    world = np.array(drawn.matrix_world)
    return (numbers.reshape(-1, 3) @ world[:3, :3].T + world[:3, 3]) @ TO_OURS.T


def account(job):
    bpy.ops.wm.read_factory_settings(use_empty=True)
    scene, path = bpy.context.scene, Path(job["path"])
    is_set_before = path.suffix == ".glb"  # which has no rate of its own and is laid out by the scene's
    if is_set_before:
        scene.render.fps, scene.render.fps_base = job["hz"], job["base"]
    IMPORTERS[path.suffix](str(path), **job["options"])
    armatures = [thing for thing in bpy.data.objects if thing.type == "ARMATURE"]
    if len(armatures) != 1:
        raise RuntimeError(f"armatures: {len(armatures)}")
    armature, action = armatures[0], armatures[0].animation_data.action
    first, last = action.frame_range
    armature.data.pose_position = "REST"
    carried = [thing for thing in bpy.data.objects if thing.type == "MESH" and thing.find_armature() == armature]
    body = np.concatenate([points(thing) for thing in carried]) if carried else np.zeros((0, 3))
    armature.data.pose_position = "POSE"
    for thing in [thing for thing in bpy.data.objects if thing.type == "MESH"]:
        bpy.data.objects.remove(thing)  # it need not be moved with the bones
    bones = armature.data.bones
    rest = np.array(armature.matrix_world) @ matrices(bones, "matrix_local")
    step = (last - first) / max(job["n_frames"] - 1, 1)
    posed, worlds = [], []
    for moment in job["at"]:
        at = first + step * moment
        scene.frame_set(int(at // 1), subframe=float(at % 1))
        now = evaluated(armature)
        posed.append(matrices(now.pose.bones, "matrix").astype(np.float32))
        worlds.append(np.array(now.matrix_world))
    names = [bone.name for bone in bones]
    return {
        "bones": np.array(names),
        "parents": np.array([names.index(bone.parent.name) if bone.parent else -1 for bone in bones]),
        "rest_m": rest[:, :3, 3] @ TO_OURS.T,
        "posed": np.array(posed),
        "worlds": np.array(worlds),
        "body_m": body,
        "span": np.array([first, last]),
        "rate": np.array([scene.render.fps, scene.render.fps_base]),
    }


jobs, folder = sys.argv[sys.argv.index("--") + 1 :]
with _open(jobs) as listed:
    todo = json.load(listed)
for i, job in enumerate(todo):
    began = time.perf_counter()
    try:
        found = account(job)
    except Exception as error:  # noqa: BLE001  # an importer may raise anything; the others are still to be looked at
        traceback.print_exc()
        found = {"fault": np.array(f"Blender: {error}")}
    np.savez(Path(folder) / f"{i}.npz", took_s=time.perf_counter() - began, **found)
