"""Run as a program: reads an FBX file by ufbx and leaves plain numbers, for a parent that must outlive any file.

It is a process of its own because bad files can crash the library or keep it for ever; and because of its memory:
what a parent that bounds this process lends to it, no file can exceed. It imports nothing of ours, so that it
starts quickly and trusts nothing.

    python child.py FILE OUT.npz MOST_BYTES MOST_SAMPLES WANTS

WANTS is "proof" (all takes with their curves, and bodies) or "motion" (all takes). OUT.npz gets `meta`, JSON as bytes,
and the arrays that `engine.formats.fbx.samples` names; or nothing but `meta` with a `problem`, a sentence's end.

The bindings (ufbx 0.0.5) do not keep the owner of what they hand out: an expression on a temporary, such as
`node.parent.typed_id`, may crash. So everything is kept until the end.
"""

from __future__ import annotations

import json
import sys
from itertools import chain, repeat
from typing import Any

import numpy as np
import ufbx

_kept: list[Any] = []

MOST_HZ = 1000.0
# The library rounds the rates of television to three decimals, which after a minute is more than a frame in a thousand.
EXACT_HZ = (24000 / 1001, 30000 / 1001, 60000 / 1001, 120000 / 1001)
MOST_NODES = 20_000
MOST_FRAMES = 500_000  # more than an hour at 120 a second; a key that lies far off makes a take this long


class Problem(Exception):
    """Why a file is not read, as the end of a sentence."""


def kept(value: Any) -> Any:
    """The value, which now lives as long as this process."""
    _kept.append(value)
    return value


def listed(values: Any) -> list[Any]:
    """The elements of a list of the library's."""
    whole = kept(values)
    return [kept(whole[i]) for i in range(len(whole))]


def main(path: str, out: str, most_bytes: int, most_samples: int, wants: str) -> None:
    """Read the file and write what it holds."""
    _bound_memory(most_bytes)
    try:
        meta, arrays = contents(path, most_samples, wants == "proof")
    except Problem as problem:
        meta, arrays = {"problem": str(problem)}, {}
    except MemoryError:
        meta, arrays = {"problem": "needs more memory than a file of motion should."}, {}
    except (ufbx.UfbxError, OSError, ValueError, UnicodeError) as error:
        words = " ".join(str(error).split())[:200]
        meta, arrays = {"problem": f"is damaged or no FBX file ({words or type(error).__name__})."}, {}
    arrays["meta"] = np.frombuffer(json.dumps(meta).encode(), dtype=np.uint8)
    np.savez(out, allow_pickle=False, **arrays)


def _bound_memory(most_bytes: int) -> None:
    try:
        import resource
    except ImportError:  # Windows has none; there the time alone is bounded
        return
    hard = resource.getrlimit(resource.RLIMIT_AS)[1]
    bound = most_bytes if hard == resource.RLIM_INFINITY else min(most_bytes, hard)
    resource.setrlimit(resource.RLIMIT_AS, (bound, hard))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def contents(path: str, most_samples: int, is_proof: bool) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """Everything that is wanted of a file: what JSON can hold, and arrays."""
    # Where a file scales joints in ways that no product of matrices gives, helper nodes make it one.
    scene = kept(
        ufbx.load_file(
            path, inherit_mode_handling=ufbx.InheritModeHandling.HELPER_NODES, ignore_geometry=not is_proof,
            ignore_embedded=True, skip_mesh_parts=True,
        )
    )  # fmt: skip
    nodes = listed(scene.nodes)
    if len(nodes) > MOST_NODES:
        raise Problem(f"holds {len(nodes)} nodes, more than {MOST_NODES}, which no dance needs.")
    meta, arrays = _scene_meta(scene), _rest(nodes)
    meta["nodes"] = [_node_meta(node) for node in nodes]
    meta["meshes"] = [_mesh_meta(mesh) for mesh in listed(scene.meshes)] if is_proof else []
    meta["cameras"] = [_camera_meta(camera) for camera in listed(scene.cameras)] if is_proof else []
    meta["takes"] = []
    spent = 0
    for number, stack in enumerate(listed(scene.anim_stacks)):
        take = _take_meta(stack, meta["frame_rate_hz"])
        layers = listed(stack.layers)
        moving, is_scaled = _moving(layers)
        take["animated"] = sorted(moving)
        meta["takes"].append(take)
        wanted = _wanted(nodes, moving, is_scaled)
        if take["n_frames"] > MOST_FRAMES:
            raise Problem(f"has a take of {take['n_frames']} frames, more than {MOST_FRAMES}: cut it to the dance.")
        spent += take["n_frames"] * len(wanted)
        if spent > most_samples:
            raise Problem(f"holds {take['n_frames']} frames of {len(wanted)} joints, more than can be read at once.")
        times = take["begin_s"] + np.arange(take["n_frames"]) / meta["frame_rate_hz"]
        arrays[f"take{number}_nodes"] = np.array(wanted, dtype=np.int64)
        arrays[f"take{number}"] = _samples(kept(stack.anim), [nodes[i] for i in wanted], times.tolist())
        if is_proof and len(layers) == 1:
            arrays[f"euler{number}"], finer = _euler(layers[0], nodes, times.tolist())
            asides = times[:-1, np.newaxis] + np.array([0.25, 0.5, 0.75]) / meta["frame_rate_hz"]
            arrays[f"between{number}"], _ = _euler(layers[0], [nodes[i] for i in finer], asides.reshape(-1).tolist())
            arrays[f"between{number}_nodes"] = np.array(finer, dtype=np.int64)
    return meta, arrays


def _scene_meta(scene: Any) -> dict[str, Any]:
    settings, metadata = kept(scene.settings), kept(scene.metadata)
    axes = kept(settings.axes)
    rate, unit = float(settings.frames_per_second), float(settings.unit_meters)
    rate = next((exact for exact in EXACT_HZ if abs(exact - rate) < 1e-3), rate)
    return {
        "frame_rate_hz": rate if 0.1 <= rate <= MOST_HZ else 30.0,
        "unit_to_m": unit if 1e-6 <= unit <= 1e6 else 0.01,
        "axes": [int(axes.right), int(axes.up), int(axes.front)],
        "version": int(metadata.version),
        "creator": str(metadata.creator),
        "warnings": len(kept(metadata.warnings)),
    }


def _node_meta(node: Any) -> dict[str, Any]:
    parent = kept(node.parent)
    return {
        "name": str(node.name),
        "parent": -1 if parent is None else int(parent.typed_id),
        "is_bone": kept(node.bone) is not None,
        "is_helper": bool(node.is_scale_helper or node.is_geometry_transform_helper),
        "order": int(node.rotation_order),
    }


def _mesh_meta(mesh: Any) -> dict[str, Any]:
    """How many vertices a body has, and the joints that carry it."""
    carriers = set()
    for skin in listed(mesh.skin_deformers):
        for cluster in listed(skin.clusters):
            bone = kept(cluster.bone_node)
            if bone is not None:
                carriers.add(int(bone.typed_id))
    return {"n_vertices": int(mesh.num_vertices), "joints": sorted(carriers)}


def _camera_meta(camera: Any) -> dict[str, Any]:
    film = kept(camera.film_size_inch)
    places = [int(node.typed_id) for node in listed(camera.instances)]
    return {"focal_mm": float(camera.focal_length_mm), "film_inch": [float(film.x), float(film.y)], "nodes": places}


def _take_meta(stack: Any, frame_rate_hz: float) -> dict[str, Any]:
    begin_s, end_s = float(stack.time_begin), float(stack.time_end)
    if not end_s > begin_s:  # some say nothing of their length: as long as their curves
        begin_s, end_s = _span_of_curves(stack)
    if not (np.isfinite(begin_s) and np.isfinite(end_s)):
        begin_s, end_s = 0.0, 0.0
    return {
        "name": str(stack.name),
        "begin_s": begin_s,
        "start_frame": round(begin_s * frame_rate_hz),
        "n_frames": round((end_s - begin_s) * frame_rate_hz) + 1,
    }


def _span_of_curves(stack: Any) -> tuple[float, float]:
    spans = []
    for layer in listed(stack.layers):
        for value in listed(layer.anim_values):
            curves = [curve for curve in kept(value.curves) if curve is not None]
            spans += [(curve.min_time, curve.max_time) for curve in curves]
    return min((a for a, _ in spans), default=0.0), max((b for _, b in spans), default=0.0)


def _moving(layers: list[Any]) -> tuple[set[int], bool]:
    """The nodes that have curves, and whether any of these scale."""
    moving, is_scaled = set(), False
    for layer in layers:
        for animated in listed(layer.anim_props):
            element = kept(animated.element)
            if isinstance(element, ufbx.Node):
                moving.add(int(element.typed_id))
                is_scaled |= animated.prop_name == "Lcl Scaling"
    return moving, is_scaled


def _wanted(nodes: list[Any], moving: set[int], is_scaled: bool) -> list[int]:
    """The nodes to be sampled: those that move, and all helpers and bones where scales may reach them."""
    if not is_scaled:
        return sorted(moving)
    helpers = {i for i, node in enumerate(nodes) if node.is_scale_helper or kept(node.bone) is not None}
    return sorted(moving | helpers)


def _rest(nodes: list[Any]) -> dict[str, np.ndarray]:
    """Local transforms as the file stands, [N, 10], its own world matrices, [N, 4, 3], and the bind pose likewise."""
    n = len(nodes)
    bind, is_bound = np.zeros((n, 4, 3)), np.zeros(n, dtype=bool)
    seen: set[int] = set()
    for node in nodes:
        pose = kept(node.bind_pose)
        if pose is None or int(pose.typed_id) in seen:
            continue
        seen.add(int(pose.typed_id))
        for bone in listed(pose.bone_poses):
            at = int(kept(bone.bone_node).typed_id)
            if not is_bound[at]:
                bind[at], is_bound[at] = _matrix(kept(bone.bone_to_world)), True
    local = np.array([_flat(kept(node.local_transform)) for node in nodes]).reshape(n, 10)
    world = np.array([_matrix(kept(node.node_to_world)) for node in nodes]).reshape(n, 4, 3)
    return {"local": local, "world": world, "bind": bind, "is_bound": is_bound}


def _matrix(matrix: Any) -> list[tuple[float, ...]]:
    return [tuple(column) for column in matrix]


def _flat(transform: Any) -> tuple[float, ...]:
    return (*transform[0], *transform[1], *transform[2])


def _samples(anim: Any, nodes: list[Any], times: list[float]) -> np.ndarray:
    """Local transforms over time, [T, nodes, 10]: place, turn (x, y, z, w), scale."""
    out = np.empty((len(times), len(nodes), 10))
    for i, node in enumerate(nodes):
        # Nothing of Python runs a step: of a transform only that it is three tuples is known here.
        triples = chain.from_iterable(map(node.evaluate_transform, repeat(anim), times))
        numbers = chain.from_iterable(triples)
        out[:, i] = np.fromiter(numbers, dtype=float, count=10 * len(times)).reshape(-1, 10)
    return out


def _euler(layer: Any, nodes: list[Any], times: list[float]) -> tuple[np.ndarray, list[int]]:
    """The rotation curves themselves in degrees, [T, N, 3]: about x, y and z; zero where there are none.

    And the nodes whose curves have more keys than there are times.
    """
    finer = []
    out = np.zeros((len(times), len(nodes), 3), dtype=np.float64)
    for i, node in enumerate(nodes):
        animated = kept(layer.find_anim_prop(node, "Lcl Rotation"))
        if animated is None:
            continue
        value = kept(animated.anim_value)
        default = kept(value.default_value)
        curves = kept(value.curves)
        if any(curve is not None and len(kept(curve.keyframes)) > len(times) for curve in curves):
            finer.append(i)
        for axis, curve in enumerate(curves):
            if curve is None:
                out[:, i, axis] = default[axis]
            else:
                out[:, i, axis] = np.fromiter(map(curve.evaluate, times, repeat(0.0)), dtype=float, count=len(times))
    return out, finer


if __name__ == "__main__":
    file, target, bytes_bound, samples_bound, what = sys.argv[1:]
    main(file, target, int(bytes_bound), int(samples_bound), what)
