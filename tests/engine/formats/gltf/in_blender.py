"""Run by Blender, not by pytest: imports a .glb and writes down where every joint is on every frame.

blender -b --factory-startup --python-exit-code 1 -P in_blender.py -- FILE.glb OUT.json FPS FPS_BASE N_FRAMES

Blender 3.4 places keys by the scene's whole fps, whatever its fps_base: at 24000/1001 frames a second frame i lies at
1.001 i. So the frames are looked for evenly between the first key and the last.
"""

import json
import sys

import bpy
import numpy as np

if not hasattr(np, "bool"):
    np.bool = bool  # Blender 3.4 asks for what NumPy 1.24 took away

file, out, fps, fps_base, n_frames = sys.argv[sys.argv.index("--") + 1 :]
bpy.ops.wm.read_factory_settings(use_empty=True)
scene = bpy.context.scene
scene.render.fps, scene.render.fps_base = int(fps), float(fps_base)  # before the import, which goes by it
bpy.ops.import_scene.gltf(filepath=file)

things = bpy.data.objects
armatures = sorted((thing for thing in things if thing.type == "ARMATURE"), key=lambda thing: thing.name)
cameras = [thing for thing in things if thing.type == "CAMERA"]
first = min(action.frame_range[0] for action in bpy.data.actions)
last = max(action.frame_range[1] for action in bpy.data.actions)
found = {
    "first": first,
    "last": last,
    "armatures": [thing.name for thing in armatures],
    "bones": [[bone.name for bone in thing.pose.bones] for thing in armatures],
    "empties": [thing.name for thing in things if thing.type == "EMPTY"],
    "angle_y": [thing.data.angle_y for thing in cameras],
    "places": [],
    "eyes": [],
}
for at in np.linspace(first, last, int(n_frames)):
    scene.frame_set(int(at // 1), subframe=float(at % 1))
    graph = bpy.context.evaluated_depsgraph_get()
    posed = [thing.evaluated_get(graph) for thing in armatures]
    found["places"].append(
        [[list((thing.matrix_world @ bone.matrix).translation) for bone in thing.pose.bones] for thing in posed]
    )
    found["eyes"].append([list(thing.evaluated_get(graph).matrix_world.translation) for thing in cameras])
# On the last frame, every vertex of the bodies in the order of the file.
meshes = [thing for thing in things if thing.type == "MESH"]
bodies = [next(mesh for mesh in meshes if mesh.parent is armature) for armature in armatures]
drawn = [body.evaluated_get(graph) for body in bodies]
found["skins"] = [[list(body.matrix_world @ vertex.co) for vertex in body.data.vertices] for body in drawn]
with open(out, "w") as written:
    json.dump(found, written)
