"""Run by Blender, not by pytest: imports an .fbx and writes down where joints, vertices and cameras are.

blender -b --factory-startup --python-exit-code 1 -P in_blender.py -- FILE.fbx OUT.npz FRAME,FRAME,...
"""

import sys

import bpy
import numpy as np

file, out, wanted = sys.argv[sys.argv.index("--") + 1 :]
bpy.ops.wm.read_factory_settings(use_empty=True)
bpy.ops.import_scene.fbx(filepath=file, anim_offset=0.0)

scene, things = bpy.context.scene, bpy.data.objects
armatures = sorted((thing for thing in things if thing.type == "ARMATURE"), key=lambda thing: thing.name)
bodies = sorted((thing for thing in things if thing.type == "MESH"), key=lambda thing: thing.name)
cameras = [thing for thing in things if thing.type == "CAMERA"]
places, vertices, eyes, focal = [], [], [], []


def ours(points):
    """Blender's z up, in metres, to y up."""
    points = np.array(points, dtype=float).reshape(-1, 3)
    return np.stack([points[:, 0], points[:, 2], -points[:, 1]], axis=-1)


for at in wanted.split(","):
    at = float(at)
    scene.frame_set(int(at // 1), subframe=at % 1)
    graph = bpy.context.evaluated_depsgraph_get()
    posed = [thing.evaluated_get(graph) for thing in armatures]
    places.append(
        ours([(thing.matrix_world @ bone.matrix).translation for thing in posed for bone in thing.pose.bones])
    )
    drawn = [thing.evaluated_get(graph) for thing in bodies]
    vertices.append(ours([thing.matrix_world @ v.co for thing in drawn for v in thing.data.vertices]))
    seen = [thing.evaluated_get(graph) for thing in cameras]
    eyes.append(
        [
            ours([m.translation, -m.col[2].xyz.normalized(), m.col[1].xyz.normalized()])
            for m in (thing.matrix_world for thing in seen)
        ]
    )
    focal.append([(thing.data.lens, thing.data.sensor_width, thing.data.sensor_height) for thing in seen])

nulls = [thing for thing in things if thing.type == "EMPTY"]
np.savez(
    out,
    bones=np.array([bone.name for thing in armatures for bone in thing.pose.bones]),
    armatures=np.array([thing.name for thing in armatures]),
    nulls=np.array([thing.name for thing in nulls]),
    said=np.array([str(value) for thing in nulls for key, value in thing.items() if key.startswith("marker_")]),
    actions=np.array([action.name for action in bpy.data.actions]),
    range=np.array([(action.frame_range[0], action.frame_range[1]) for action in bpy.data.actions]),
    rate=np.array([scene.render.fps, scene.render.fps_base]),
    places=np.array(places),
    vertices=np.array(vertices),
    eyes=np.array(eyes),
    focal=np.array(focal),
)
