"""A scene of film as glTF 2.0 in one binary file (.glb).

Metres, +y up, dancers face +z, seconds; quaternions (x, y, z, w) without jumps of sign; linear keys, one a frame, and
more of a joint that turns so far in a frame that a straight line between its keys strays. Each performer is a node of
her name that holds her skeleton, and a skinned body at the top of the scene; a performer without a body gets one shape
a bone, because importers make joints without a skin into loose empties. Each take is an animation of all performers
and cameras. What glTF has no words for, the frame rate, the first frame's number and the markers, stands in the
`extras` of the scene. The same scene gives the same bytes.

Rules that are not obvious are those of the Khronos validator: a skinned node at the top of the scene, unused
joints 0, weights that add up to 1 in 32 bits.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from engine.errors import MotionFileError
from engine.formats.between import PARTS, refined, strays
from engine.formats.finite import check_finite
from engine.formats.gltf.container import (
    ARRAY_BUFFER,
    ELEMENT_ARRAY_BUFFER,
    UNSIGNED_BYTE,
    UNSIGNED_INT,
    UNSIGNED_SHORT,
    Numbers,
    glb_blocks,
)
from engine.formats.options import option
from engine.formats.rooted import JointPaths, joint_paths, rooted_mesh, rooted_skeleton
from engine.formats.scene import FilmCamera, FilmScene, Performer, SceneTake, SkinnedMesh
from engine.formats.whole_file import replacing
from engine.motion import quaternion, rotations
from engine.motion.kinematics import rest_transforms
from engine.motion.skeleton import Skeleton

GENERATOR = "Kinetograph"
_NEAR_M = 0.05
_MOST_BYTE_JOINTS = 256  # more joints need two bytes each


@dataclass(frozen=True)
class GltfOptions:
    """How a .glb is written."""

    first_key: str = option(
        "zero",
        "First key at",
        "Players on the web start at 0 s; a shot that begins at frame 1001 may want its own time.",
        choices={"zero": "0 seconds", "start_frame": "the start frame's time"},
    )
    has_all_takes: bool = option(
        True, "All takes", "One animation each, which Blender, Unity and Unreal list", flag="--all-takes"
    )
    has_between_keys: bool = option(
        True,
        "Keys between frames",
        "Only where a joint turns so fast that programs would draw it unevenly, which motion blur shows",
        flag="--between-keys",
    )


def write(
    path: Path,
    scene: FilmScene,
    options: GltfOptions = GltfOptions(),
    progress: Callable[[float], None] | None = None,
) -> None:
    """Write all takes, performers and cameras; a file that is already there is replaced only by a whole new one.

    A camera's focal length cannot be animated in glTF: the first one is written, all of them stand in its extras.

    Args:
        path: Where to, *.glb.
        scene: What.
        options: How.
        progress: Told how much is done, 0 to 1; it may raise to cancel.

    Raises:
        MotionFileError: if it cannot be written, is larger than 4 GiB, or a motion holds what is not a number.
    """
    check_finite(path, scene)
    told = progress or (lambda fraction: None)
    numbers = Numbers()
    document = _document(scene, options, numbers, told)
    try:
        blocks = glb_blocks(document, numbers)
        with replacing(path) as file:
            file.writelines(blocks)
            told(1.0)
    except OverflowError as error:
        raise MotionFileError(path, "is larger than the 4 GiB that a .glb can be; export fewer takes.") from error
    except OSError as error:
        raise MotionFileError(path, f"cannot be written ({error.strerror or error}).") from error


def _document(
    scene: FilmScene, options: GltfOptions, numbers: Numbers, told: Callable[[float], None]
) -> dict[str, Any]:
    """Everything but the buffers; fills `numbers`."""
    nodes: list[dict[str, Any]] = []
    first_joints = [_add_skeleton(nodes, performer) for performer in scene.performers]
    tops = [first - 1 for first in first_joints]
    meshes: list[dict[str, Any]] = []
    skins: list[dict[str, Any]] = []
    for performer, first in zip(scene.performers, first_joints, strict=True):
        tops.append(len(nodes))
        nodes.append({"name": f"{performer.name} body", "mesh": len(meshes), "skin": len(skins)})
        meshes.append(_mesh(performer, numbers))
        skins.append(_skin(performer, first, numbers))
    first_camera = len(nodes)
    tops += range(first_camera, first_camera + len(scene.cameras))
    nodes += [_camera_node(camera, index) for index, camera in enumerate(scene.cameras)]
    animations = []
    takes = scene.takes if options.has_all_takes else scene.takes[:1]
    for done, take in enumerate(takes):
        animations.append(_animation(scene, take, options, first_joints, first_camera, numbers))
        told((done + 1) / (len(takes) + 1))
    document: dict[str, Any] = {
        "asset": {"version": "2.0", "generator": GENERATOR},
        "scene": 0,
        "scenes": [{"name": scene.title, "nodes": tops, "extras": _extras(scene)}],
        "nodes": nodes,
        "meshes": meshes,
        "materials": [{"name": "body", "pbrMetallicRoughness": {"metallicFactor": 0.0, "roughnessFactor": 0.8}}],
        "skins": skins,
        "animations": animations,
    }
    if scene.cameras:
        document["cameras"] = [_camera(camera) for camera in scene.cameras]
    return document


def _extras(scene: FilmScene) -> dict[str, Any]:
    """What glTF has no words for; the frame rate as a fraction too, because 23.976 is not 24000/1001."""
    extras: dict[str, Any] = {
        "frame_rate": scene.rate.hz,
        "frame_rate_exact": f"{scene.rate.exact_hz.numerator}/{scene.rate.exact_hz.denominator}",
        "start_frame": scene.start_frame,
        "n_frames": scene.n_frames,
        "markers": [
            {
                "name": marker.name,
                "kind": marker.kind,
                "time_s": marker.time_s,
                "frame": scene.start_frame + marker.time_s * scene.rate.hz,
                "duration_s": marker.duration_s,
                "comment": marker.comment,
            }
            for marker in scene.markers
        ],
    }
    if scene.made_at:
        extras["made_at"] = scene.made_at
    return extras


def _add_skeleton(nodes: list[dict[str, Any]], performer: Performer) -> int:
    """Append the holder and the joints in their rest pose; the node of the first joint."""
    skeleton = rooted_skeleton(performer)
    first = len(nodes) + 1
    nodes.append({"name": performer.name, "children": [first]})
    rest = _xyzw(skeleton.rest_rotations)
    for joint, name in enumerate(skeleton.names):
        node: dict[str, Any] = {
            "name": name,
            "translation": _floats(skeleton.offsets_m[joint]),
            "rotation": _floats(rest[joint]),
        }
        children = skeleton.children(joint)
        if children:
            node["children"] = [first + child for child in children]
        nodes.append(node)
    return first


def _skin(performer: Performer, first_joint: int, numbers: Numbers) -> dict[str, Any]:
    skeleton = rooted_skeleton(performer)
    n = skeleton.n_joints
    matrices = inverse_bind_matrices(skeleton)
    columns_first = matrices.swapaxes(-1, -2).reshape(n, 16)
    return {
        "name": performer.name,
        "joints": list(range(first_joint, first_joint + n)),
        "skeleton": first_joint,
        "inverseBindMatrices": numbers.add(columns_first, "MAT4"),
    }


def inverse_bind_matrices(skeleton: Skeleton) -> np.ndarray:
    """From the world to each joint in the rest pose, [J, 4, 4]."""
    places, turned = rest_transforms(skeleton)
    back = quaternion.conjugate(turned)
    out = np.zeros((skeleton.n_joints, 4, 4))
    out[:, :3, :3] = rotations.matrix_from_quaternion(back)
    out[:, :3, 3] = -quaternion.rotate(back, places)
    out[:, 3, 3] = 1.0
    return out


def _mesh(performer: Performer, numbers: Numbers) -> dict[str, Any]:
    mesh = rooted_mesh(performer)
    joints, weights = tidy_skin(mesh)
    few = rooted_skeleton(performer).n_joints <= _MOST_BYTE_JOINTS
    light = np.concatenate([np.clip(mesh.colours, 0.0, 1.0), np.ones((len(mesh.colours), 1))], axis=1)
    colours = np.floor(light * 65535.0 + 0.5)
    attributes = {
        "POSITION": numbers.add(mesh.positions_m, "VEC3", target=ARRAY_BUFFER, bounds=True),
        "NORMAL": numbers.add(_unit(mesh.normals), "VEC3", target=ARRAY_BUFFER),
        "COLOR_0": numbers.add(colours, "VEC4", UNSIGNED_SHORT, target=ARRAY_BUFFER, normalized=True),
        "JOINTS_0": numbers.add(joints, "VEC4", UNSIGNED_BYTE if few else UNSIGNED_SHORT, target=ARRAY_BUFFER),
        "WEIGHTS_0": numbers.add(weights, "VEC4", target=ARRAY_BUFFER),
    }
    indices = numbers.add(mesh.triangles.reshape(-1), "SCALAR", UNSIGNED_INT, target=ELEMENT_ARRAY_BUFFER)
    return {
        "name": f"{performer.name} body",
        "primitives": [{"attributes": attributes, "indices": indices, "material": 0}],
    }


def tidy_skin(mesh: SkinnedMesh) -> tuple[np.ndarray, np.ndarray]:
    """Joints [V, 4] and weights [V, 4] in which each joint occurs once, unused places are 0 and weights add up to 1."""
    joints, weights = mesh.joints.copy(), np.maximum(mesh.weights, 0.0)
    for later in range(1, 4):
        for earlier in range(later):
            same = (joints[:, later] == joints[:, earlier]) & (weights[:, later] > 0.0)
            weights[same, earlier] += weights[same, later]
            weights[same, later] = 0.0
    weights = weights / weights.sum(axis=1, keepdims=True)
    weights = weights.astype(np.float32)
    largest = np.argmax(weights, axis=1)[:, np.newaxis]
    left = 1.0 - (weights.sum(axis=1, dtype=float)[:, np.newaxis] - np.take_along_axis(weights, largest, 1))
    np.put_along_axis(weights, largest, left.astype(np.float32), 1)
    joints[weights == 0.0] = 0
    return joints, weights


def _camera(camera: FilmCamera) -> dict[str, Any]:
    width_mm, height_mm = camera.film_back_mm
    view_rad = 2.0 * math.atan(height_mm / (2.0 * float(camera.focal_mm[0])))
    return {
        "name": camera.name,
        "type": "perspective",
        "perspective": {"yfov": view_rad, "aspectRatio": width_mm / height_mm, "znear": _NEAR_M},
    }


def _camera_node(camera: FilmCamera, index: int) -> dict[str, Any]:
    focal_mm = _floats(camera.focal_mm)
    return {
        "name": camera.name,
        "camera": index,
        "translation": _floats(camera.positions_m[0]),
        "rotation": _floats(_xyzw(camera.rotations)[0]),
        "extras": {
            "film_back_mm": list(camera.film_back_mm),
            "focal_mm": focal_mm[0] if len(set(focal_mm)) == 1 else focal_mm,
        },
    }


def _animation(
    scene: FilmScene, take: SceneTake, options: GltfOptions, first_joints: list[int], first_camera: int,
    numbers: Numbers,
) -> dict[str, Any]:  # fmt: skip
    first_frame = scene.start_frame if options.first_key == "start_frame" else 0
    samplers: list[dict[str, Any]] = []
    channels: list[dict[str, Any]] = []

    def key_times(parts: np.ndarray) -> int:
        # As fractions: i * 1001 / 24000 is right to the last bit, i / 23.976 is not.
        above, below = float(scene.rate.exact_hz.denominator), float(scene.rate.exact_hz.numerator) * PARTS
        return numbers.add((first_frame * PARTS + parts) * above / below, "SCALAR", bounds=True)

    on_frames = key_times(np.arange(take.n_frames) * PARTS)

    def animate(node: int, what: str, values: np.ndarray, parts: np.ndarray | None = None) -> None:
        kind, times = "VEC4" if what == "rotation" else "VEC3", on_frames if parts is None else key_times(parts)
        channels.append({"sampler": len(samplers), "target": {"node": node, "path": what}})
        samplers.append({"input": times, "interpolation": "LINEAR", "output": numbers.add(values, kind)})

    for index, (performer, first) in enumerate(zip(scene.performers, first_joints, strict=True)):
        _animate_joints(joint_paths(performer, take, index), first, animate, options.has_between_keys)
    for index, camera in enumerate(scene.cameras):
        if len(camera.positions_m) > 1:
            sampled = np.minimum(np.arange(take.n_frames), len(camera.positions_m) - 1)
            animate(first_camera + index, "translation", camera.positions_m[sampled])
            animate(first_camera + index, "rotation", _xyzw(camera.rotations[sampled]))
    return {
        "name": take.name,
        "channels": channels,
        "samplers": samplers,
        "extras": {"n_frames": take.n_frames, "start_frame": scene.start_frame},
    }


def _animate_joints(paths: JointPaths, first: int, animate: Callable[..., None], is_smooth: bool) -> None:
    for joint, positions_m in paths.positions_m.items():
        animate(first + joint, "translation", positions_m)
    turns = _xyzw(paths.rotations)
    straying = set(np.nonzero(strays(paths.rotations))[1].tolist()) if is_smooth else set()
    for joint in range(turns.shape[1]):
        if joint in straying:
            parts, finer = refined(np.asarray(paths.rotations[:, joint], dtype=float))
            animate(first + joint, "rotation", _xyzw(finer), parts)
        else:
            animate(first + joint, "rotation", turns[:, joint])


def _xyzw(q: np.ndarray) -> np.ndarray:
    """Rotations [T, ..., 4] of unit length in 32 bits, without jumps of sign from frame to frame, real part last."""
    return np.roll(quaternion.normalize(quaternion.unroll(np.asarray(q, dtype=float))), -1, axis=-1)


def _unit(normals: np.ndarray) -> np.ndarray:
    length = np.linalg.norm(normals, axis=-1, keepdims=True)
    return np.where(length > 1e-9, normals / np.maximum(length, 1e-9), [0.0, 1.0, 0.0])


def _floats(values: np.ndarray) -> list[float]:
    """Numbers for JSON as 32 bits hold them: what a reader rounds to is what is written."""
    return [float(value) + 0.0 for value in np.asarray(values, dtype=np.float32)]
