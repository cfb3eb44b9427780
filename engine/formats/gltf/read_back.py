"""What pygltflib finds in a .glb: the second opinion on the files that we write.

Nothing of `gltf.write` is used, and no forward kinematics of ours: the local matrices of nodes are multiplied
down the tree as the glTF specification (3.5.3) has it.
"""

from __future__ import annotations

from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from engine.errors import MotionFileError
from engine.formats.scene import ReadBack, ReadCurves, ReadPerformer
from engine.motion import rotations

_COMPONENTS = {5120: "<i1", 5121: "<u1", 5122: "<i2", 5123: "<u2", 5125: "<u4", 5126: "<f4"}
_WIDTHS = {"SCALAR": 1, "VEC2": 2, "VEC3": 3, "VEC4": 4, "MAT4": 16}
_ASIDES = (0.25, 0.5, 0.75)
_EVEN_FRAMES = 0.02  # times in 32 bits are right to 0.008 frames at 120 Hz for half an hour


def read_back(path: Path) -> ReadBack:
    """Every skeleton of a .glb over the frames of each of its animations, by pygltflib.

    Only what our writer writes is understood: linear keys, one a frame, and more of some rotations. `gltf.read` is for
    files of others.

    Raises:
        MotionFileError: if pygltflib cannot read it, or it has no animation or no skin.
    """
    import pygltflib  # 0.1 s, and only for a receipt

    try:
        file = pygltflib.GLTF2().load_binary(str(path))
        return _found(path, file, f"pygltflib {version('pygltflib')}")
    except MotionFileError:
        raise
    except OSError as error:
        raise MotionFileError(path, f"cannot be read ({error.strerror or error}).") from error
    except Exception as error:  # pygltflib raises whatever its parts raise
        raise MotionFileError(path, f"is no .glb that pygltflib can read ({type(error).__name__}: {error}).") from error


def _found(path: Path, file: Any, reader: str) -> ReadBack:
    if not file.animations or not file.skins:
        raise MotionFileError(path, "holds no animation of a skeleton.")
    found = [_take(path, file, animation, reader) for animation in file.animations]
    return replace(found[0], others=tuple(found[1:]))


def _take(path: Path, file: Any, animation: Any, reader: str) -> ReadBack:
    tracks, between, times = _tracks(path, file, animation)
    parents = {child: node for node, one in enumerate(file.nodes) for child in one.children or ()}
    world = _world_matrices(file, parents, tracks, len(times))
    extras = file.scenes[file.scene].extras or {}
    performers = tuple(_performer(file, skin, parents, world, tracks, between) for skin in range(len(file.skins)))
    rate_hz = (len(times) - 1) / float(times[-1] - times[0]) if len(times) > 1 else float(extras["frame_rate"])
    return ReadBack(
        reader, rate_hz, extras.get("start_frame"), len(times), performers,
        up_axis="y", unit_to_m=1.0, takes=tuple(one.name or "" for one in file.animations),
        notes=_notes(times, rate_hz),
    )  # fmt: skip


def _notes(times: np.ndarray, rate_hz: float) -> tuple[str, ...]:
    """What is odd about the times of the keys."""
    off = float(np.abs((times - times[0]) * rate_hz - np.arange(len(times))).max())
    return (f"A key lies {off:.3f} frames beside its frame.",) if off > _EVEN_FRAMES else ()


def _array(file: Any, index: int) -> np.ndarray:
    """The numbers of an accessor, [N] or [N, width], floats."""
    accessor = file.accessors[index]
    view, dtype = file.bufferViews[accessor.bufferView], _COMPONENTS[accessor.componentType]
    width = _WIDTHS[accessor.type]
    begin = (view.byteOffset or 0) + (accessor.byteOffset or 0)
    values = np.frombuffer(file.binary_blob(), dtype, accessor.count * width, begin).astype(float)
    if accessor.normalized:
        values /= np.iinfo(np.dtype(dtype)).max
    return values if width == 1 else values.reshape(-1, width)


def _tracks(
    path: Path, file: Any, animation: Any
) -> tuple[dict[tuple[int, str], np.ndarray], dict[int, np.ndarray], np.ndarray]:
    """The values of each animated (node, path) on the frames; of the nodes whose turns have keys between these, what
    straight lines give at a quarter, half and three quarters of a frame, [T - 1, 3, 4]; and the frames' times, [T].

    The frames are the keys of the sampler with the fewest: every other one has to have these too.
    """
    inputs = {sampler.input: _array(file, sampler.input) for sampler in animation.samplers}
    times = min(inputs.values(), key=len)
    tracks, between = {}, {}
    for channel in animation.channels:
        sampler = animation.samplers[channel.sampler]
        keys, values = inputs[sampler.input], _array(file, sampler.output)
        if len(keys) > len(times):
            at = np.searchsorted(keys, times)
            if channel.target.path != "rotation" or not np.array_equal(keys[np.minimum(at, len(keys) - 1)], times):
                raise MotionFileError(path, f"has a frame without a key of node {channel.target.node}.")
            between[channel.target.node] = _straight(keys, values, times)
            values = values[at]
        tracks[channel.target.node, channel.target.path] = values
    return tracks, between, times


def _straight(keys_s: np.ndarray, values: np.ndarray, frames_s: np.ndarray) -> np.ndarray:
    """Rotations [T - 1, 3, 4] between the frames, each number of a quaternion drawn straight from key to key."""
    moments = frames_s[:-1, np.newaxis] + np.array(_ASIDES) * np.diff(frames_s)[:, np.newaxis]
    drawn = np.stack([np.interp(moments, keys_s, values[:, number]) for number in range(4)], axis=-1)
    return drawn / np.linalg.norm(drawn, axis=-1, keepdims=True)


def _local_matrices(node: Any, animated: dict[str, np.ndarray], n_frames: int) -> np.ndarray:
    """Of a node in its parent, [T, 4, 4]."""
    out = np.zeros((n_frames, 4, 4))
    out[:, 3, 3] = 1.0
    out[:, :3, 3] = animated.get("translation", node.translation or [0.0, 0.0, 0.0])
    xyzw = np.broadcast_to(animated.get("rotation", _rotation(node)), (n_frames, 4))
    turn = rotations.matrix_from_quaternion(np.roll(xyzw, 1, axis=-1))
    out[:, :3, :3] = turn * np.broadcast_to(node.scale or [1.0, 1.0, 1.0], (n_frames, 3))[:, np.newaxis, :]
    return out


def _rotation(node: Any) -> list[float]:
    return node.rotation or [0.0, 0.0, 0.0, 1.0]


def _world_matrices(
    file: Any, parents: dict[int, int], tracks: dict[tuple[int, str], np.ndarray], n_frames: int
) -> dict[int, np.ndarray]:
    """Of every node in the world, [T, 4, 4]."""
    world: dict[int, np.ndarray] = {}

    def matrices(node: int) -> np.ndarray:
        if node not in world:
            animated = {what: values for (target, what), values in tracks.items() if target == node}
            local = _local_matrices(file.nodes[node], animated, n_frames)
            world[node] = matrices(parents[node]) @ local if node in parents else local
        return world[node]

    for node in range(len(file.nodes)):
        matrices(node)
    return world


def _performer(
    file: Any, index: int, parents: dict[int, int], world: dict[int, np.ndarray],
    tracks: dict[tuple[int, str], np.ndarray], between: dict[int, np.ndarray],
) -> ReadPerformer:  # fmt: skip
    skin = file.skins[index]
    joints = list(skin.joints)
    above = np.array([joints.index(parents[node]) if parents.get(node) in joints else -1 for node in joints])
    matrices = np.stack([world[node] for node in joints], axis=1)
    bind = np.linalg.inv(_array(file, skin.inverseBindMatrices).reshape(-1, 4, 4).swapaxes(1, 2))
    n_vertices = sum(
        file.accessors[primitive.attributes.POSITION].count
        for node in file.nodes
        if node.skin == index
        for primitive in file.meshes[node.mesh].primitives
    )
    top = joints[int(np.argmax(above < 0))]
    xyzw = [tracks.get((node, "rotation"), np.tile(_rotation(file.nodes[node]), (len(matrices), 1))) for node in joints]
    drawn = None
    if between:
        frames = np.arange(float(len(matrices)))
        ways = [between.get(node, _straight(frames, values, frames)) for node, values in zip(joints, xyzw, strict=True)]
        drawn = np.roll(np.stack(ways, axis=2), 1, axis=-1)
    curves = ReadCurves("quaternion", np.roll(np.stack(xyzw, axis=1), 1, axis=-1), drawn)
    holder = file.nodes[parents[top]].name if top in parents else file.nodes[top].name
    return ReadPerformer(
        holder or "", tuple(file.nodes[node].name for node in joints), above, matrices[..., :3, 3],
        rotations.quaternion_from_matrix(matrices[..., :3, :3]), bind[:, :3, 3], n_vertices, curves,
    )  # fmt: skip
