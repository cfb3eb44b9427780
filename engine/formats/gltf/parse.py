"""From the bytes of any glTF 2.0 file to checked nodes, skins and animations; nothing damaged passes.

Every number that points somewhere is checked before it is followed, and nothing larger than the file's own
buffers is allocated. Meshes, materials and pictures are not looked at.
"""

from __future__ import annotations

import base64
import binascii
import json
import struct
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from engine.errors import MotionFileError
from engine.formats.gltf.container import BINARY_CHUNK, COMPONENT_TYPES, FLOAT, JSON_CHUNK, MAGIC, TYPES, VERSION
from engine.motion import quaternion, rotations

# Extensions that pack what we need in ways that we cannot unpack.
_PACKED = {"EXT_meshopt_compression", "KHR_meshopt_compression"}
_WIDTHS = {"translation": 3, "rotation": 4, "scale": 3}
_MOST_READINGS = 16  # of each byte
INTERPOLATIONS = ("LINEAR", "STEP", "CUBICSPLINE")


class Damaged(Exception):
    """What is wrong with a file, as the end of a sentence. Never leaves this package."""


@dataclass(frozen=True, eq=False)
class Node:
    """A node at rest in its parent: `parent` -1 at the top, place [3], rotation (w, x, y, z) [4], scale [3]."""

    name: str
    parent: int
    translation: np.ndarray
    rotation: np.ndarray
    scale: np.ndarray


@dataclass(frozen=True, eq=False)
class Skin:
    """The nodes that are joints, and the matrices from the body's space to each, [J, 4, 4], or None."""

    joints: tuple[int, ...]
    inverse_binds: np.ndarray | None


@dataclass(frozen=True, eq=False)
class Track:
    """What one property of a node does over time.

    Attributes:
        times_s: Of the keys, rising, [K], K at least 1.
        values: [K, width], or [K, 3, width] for CUBICSPLINE: in-tangent, value, out-tangent. Rotations (w, x, y, z).
        interpolation: One of INTERPOLATIONS.
    """

    times_s: np.ndarray
    values: np.ndarray
    interpolation: str


@dataclass(frozen=True, eq=False)
class Animation:
    """Its name and what it moves, by node and "translation", "rotation" or "scale"."""

    name: str
    tracks: dict[tuple[int, str], Track] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Gltf:
    """What a file says about skeletons and how they move."""

    nodes: tuple[Node, ...]
    skins: tuple[Skin, ...]
    animations: tuple[Animation, ...]
    skinned_nodes: dict[int, int]  # skin -> a node that wears it
    n_bytes: int
    said_rate_hz: float = 0.0  # frames a second, in the extras of a scene, as we write it; 0 where it is not said


def parse(path: Path) -> Gltf:
    """The nodes, skins and animations of a .glb or .gltf file.

    A .gltf's buffers are taken from inside it or from files beside it, in no other folder.

    Raises:
        MotionFileError: if it cannot be read, is no glTF 2.0, is damaged, or is packed by an extension.
    """
    try:
        data = path.read_bytes()
        tree, binary = _chunks(data)
        _check_version(tree)
        buffers, n_bytes = _buffers(path, tree, binary)
        return _Parser(tree, buffers).result(len(data) + n_bytes)
    except Damaged as problem:
        raise MotionFileError(path, f"{problem}.") from problem
    except OSError as error:
        raise MotionFileError(path, f"cannot be read ({error.strerror or error}).") from error


def _chunks(data: bytes) -> tuple[dict[str, Any], bytes]:
    """The JSON tree and the binary chunk."""
    if data[:4] != MAGIC:
        if data[:64].lstrip(b"\xef\xbb\xbf \t\r\n")[:1] != b"{":
            raise Damaged("is no glTF file")
        return _tree(data), b""
    if len(data) < 20:
        raise Damaged("is cut off in its head")
    version, total = struct.unpack_from("<II", data, 4)
    if version != VERSION:
        raise Damaged(f"is glTF version {version}, and only version 2 can be read; export it anew")
    if total > len(data):
        raise Damaged(f"is cut off: it has {len(data)} of its {total} bytes")
    chunks, at = [], 12
    while at + 8 <= total:
        length, kind = struct.unpack_from("<I4s", data, at)
        if at + 8 + length > total:
            raise Damaged("has a part that reaches beyond its end")
        chunks.append((kind, data[at + 8 : at + 8 + length]))
        at += 8 + length
    if not chunks or chunks[0][0] != JSON_CHUNK:
        raise Damaged("does not begin with its description")
    return _tree(chunks[0][1]), next((block for kind, block in chunks[1:] if kind == BINARY_CHUNK), b"")


def _tree(text: bytes) -> dict[str, Any]:
    try:
        tree = json.loads(text.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise Damaged("has a description that is no JSON") from error
    if not isinstance(tree, dict):
        raise Damaged("has a description that is no JSON object")
    return tree


def _check_version(tree: dict[str, Any]) -> None:
    asset = tree.get("asset")
    version = asset.get("version") if isinstance(asset, dict) else None
    if not isinstance(version, str) or not version.startswith("2"):
        raise Damaged("does not say that it is glTF 2.0")
    used = tree.get("extensionsUsed")
    packed = sorted(_PACKED & {str(name) for name in used}) if isinstance(used, list) else []
    if packed:
        raise Damaged(f"is packed by {packed[0]}; export it without compression")


def _buffers(path: Path, tree: dict[str, Any], binary: bytes) -> tuple[list[bytes], int]:
    """The bytes of every buffer, and how many of them came from outside the file."""
    buffers, outside = [], 0
    for index, entry in enumerate(_dicts(tree, "buffers")):
        uri = entry.get("uri")
        if uri is None:
            block = binary if index == 0 else b""
        elif not isinstance(uri, str):
            raise Damaged(f"names buffer {index} by no text")
        elif uri.startswith("data:"):
            block = _inline(uri)
        else:
            block = _beside(path, uri)
            outside += len(block)
        buffers.append(block)
    return buffers, outside


def _inline(uri: str) -> bytes:
    head, comma, text = uri.partition(",")
    if not comma or not head.endswith(";base64"):
        raise Damaged("has a buffer inside that is not base64")
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise Damaged("has a buffer inside that is not base64") from error


def _beside(path: Path, uri: str) -> bytes:
    name = uri.replace("%20", " ")
    if "/" in name or "\\" in name or ":" in name or name in ("", ".", "..") or "\0" in name:
        raise Damaged(f"keeps its numbers in {uri!r}; only a file beside it is looked for")
    try:
        return (path.parent / name).read_bytes()
    except OSError as error:
        raise Damaged(f"needs the file {name} beside it, which cannot be read") from error


def _dicts(tree: dict[str, Any], key: str) -> list[dict[str, Any]]:
    """A list of objects of the tree; empty where there is none."""
    entries = tree.get(key, [])
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise Damaged(f"has {key} that are no list of objects")
    return entries


def _pointer(value: Any, n: int, what: str) -> int:
    """A whole number within [0, n)."""
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < n:
        raise Damaged(f"points to {what} {value!r}, of which it has {n}")
    return value


def _pointers(value: Any, n: int, what: str) -> list[int]:
    if not isinstance(value, list):
        raise Damaged(f"has no list where it points to {what}s")
    return [_pointer(one, n, what) for one in value]


def _finite(value: Any, n: int, default: list[float], what: str) -> np.ndarray:
    """A list of n numbers [n]."""
    if value is None:
        return np.array(default)
    if not isinstance(value, list) or len(value) != n or not all(type(v) in (int, float) for v in value):
        raise Damaged(f"has a {what} that is not {n} numbers")
    if not all(abs(v) < 1e30 for v in value):
        raise Damaged(f"has a {what} that is not finite")
    return np.array(value, dtype=float)


def _size(value: Any, what: str) -> int:
    """A whole number that is not negative; missing is 0."""
    if value is None:
        return 0
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise Damaged(f"has a {what} of {value!r}")
    return value


def _component(value: Any) -> int:
    """A key of COMPONENT_TYPES."""
    if not isinstance(value, int) or value not in COMPONENT_TYPES:
        raise Damaged(f"has numbers of the unknown type {value!r}")
    return value


class _Parser:
    """One file's tree and buffers, and how its parts are taken out of them."""

    def __init__(self, tree: dict[str, Any], buffers: list[bytes]) -> None:
        self._tree, self._buffers = tree, buffers
        self._nodes, self._views = _dicts(tree, "nodes"), _dicts(tree, "bufferViews")
        self._accessors = _dicts(tree, "accessors")
        self._arrays: dict[int, np.ndarray] = {}  # by accessor: those of one animation share their times
        # Many accessors may point at the same bytes; all of them together may not ask for any amount.
        self._numbers_left = _MOST_READINGS * sum(map(len, buffers))

    def result(self, n_bytes: int) -> Gltf:
        """All of it, checked."""
        parents = self._parents()
        nodes = tuple(self._node(i, parents[i]) for i in range(len(self._nodes)))
        skins = tuple(self._skin(entry) for entry in _dicts(self._tree, "skins"))
        animations = tuple(self._animation(entry, i) for i, entry in enumerate(_dicts(self._tree, "animations")))
        worn = {_pointer(n["skin"], len(skins), "skin"): i for i, n in enumerate(self._nodes) if "skin" in n}
        return Gltf(nodes, skins, animations, worn, n_bytes, self._said_rate_hz())

    def _said_rate_hz(self) -> float:
        for scene in _dicts(self._tree, "scenes"):
            extras = scene.get("extras")
            said = extras.get("frame_rate") if isinstance(extras, dict) else None
            if isinstance(said, int | float) and not isinstance(said, bool) and 1.0 <= said <= 1000.0:
                return float(said)
        return 0.0

    def _parents(self) -> list[int]:
        """Of each node, -1 at the top. Refuses nodes that have two parents or hang in a circle."""
        parents = [-1] * len(self._nodes)
        for index, entry in enumerate(self._nodes):
            for child in _pointers(entry.get("children", []), len(parents), "node"):
                if parents[child] >= 0:
                    raise Damaged(f"hangs node {child} under two others")
                parents[child] = index
        done = [False] * len(parents)
        for start in range(len(parents)):
            way: list[int] = []
            node = start
            while node >= 0 and not done[node]:
                if len(way) > len(parents):
                    raise Damaged("has nodes that hang in a circle")
                way.append(node)
                node = parents[node]
            for passed in way:
                done[passed] = True
        return parents

    def _node(self, index: int, parent: int) -> Node:
        entry = self._nodes[index]
        name = entry.get("name")
        translation = _finite(entry.get("translation"), 3, [0.0, 0.0, 0.0], "translation")
        xyzw = _finite(entry.get("rotation"), 4, [0.0, 0.0, 0.0, 1.0], "rotation")
        scale = _finite(entry.get("scale"), 3, [1.0, 1.0, 1.0], "scale")
        rotation = np.roll(xyzw, 1)
        if "matrix" in entry:
            matrix = _finite(entry["matrix"], 16, [], "matrix").reshape(4, 4).T
            translation, rotation, scale = decomposed(matrix)
        return Node(name if isinstance(name, str) else "", parent, translation, quaternion.normalize(rotation), scale)

    def _skin(self, entry: dict[str, Any]) -> Skin:
        joints = tuple(dict.fromkeys(_pointers(entry.get("joints"), len(self._nodes), "node")))
        if "inverseBindMatrices" not in entry or len(joints) != len(entry["joints"]):
            return Skin(joints, None)
        matrices = self._array(entry["inverseBindMatrices"], "MAT4")
        if len(matrices) < len(joints):
            raise Damaged("has a skin with fewer matrices than joints")
        return Skin(joints, matrices[: len(joints)].reshape(-1, 4, 4).swapaxes(1, 2))

    def _animation(self, entry: dict[str, Any], index: int) -> Animation:
        name = entry.get("name")
        found = Animation(name if isinstance(name, str) and name else f"animation {index + 1}")
        samplers = _dicts(entry, "samplers")
        for channel in _dicts(entry, "channels"):
            target = channel.get("target")
            if not isinstance(target, dict):
                raise Damaged("has a channel without a target")
            what = target.get("path")
            if not isinstance(what, str) or what not in _WIDTHS or "node" not in target:
                continue  # weights of shapes, or what an extension moves
            node = _pointer(target["node"], len(self._nodes), "node")
            sampler = samplers[_pointer(channel.get("sampler"), len(samplers), "sampler")]
            found.tracks[node, what] = self._track(sampler, what)
        return found

    def _track(self, sampler: dict[str, Any], what: str) -> Track:
        interpolation = sampler.get("interpolation", "LINEAR")
        if not isinstance(interpolation, str) or interpolation not in INTERPOLATIONS:
            raise Damaged(f"has keys with the unknown interpolation {interpolation!r}")
        times = self._array(sampler.get("input"), "SCALAR")[:, 0]
        values = self._array(sampler.get("output"), "VEC4" if what == "rotation" else "VEC3")
        each = 3 if interpolation == "CUBICSPLINE" else 1
        if len(times) == 0 or len(values) < each * len(times):
            raise Damaged(f"has {len(times)} key times for {len(values) // each} values")
        if np.any(np.diff(times) < 0.0) or times[0] < 0.0:
            raise Damaged("has keys that go back in time")
        values = values[: each * len(times)].reshape(-1, each, _WIDTHS[what])
        if what == "rotation":
            values = np.roll(values, 1, axis=-1)
        return Track(times, values if each == 3 else values[:, 0], interpolation)

    def _array(self, index: Any, kind: str) -> np.ndarray:
        """The numbers of an accessor, [N, width], finite."""
        index = _pointer(index, len(self._accessors), "accessor")
        accessor = self._accessors[index]
        if accessor.get("type") != kind:
            raise Damaged(f"has {accessor.get('type')!r} in accessor {index}, where {kind} belongs")
        if index not in self._arrays:
            values = self._decoded(accessor)
            if not np.all(np.isfinite(values)):
                raise Damaged(f"has values in accessor {index} that are not finite")
            self._arrays[index] = values
        return self._arrays[index]

    def _decoded(self, accessor: dict[str, Any]) -> np.ndarray:
        width, count = TYPES[accessor["type"]], _size(accessor.get("count"), "count")
        component = _component(accessor.get("componentType"))
        self._numbers_left -= count * width
        if self._numbers_left < 0:
            raise Damaged("asks for more numbers than it holds")
        if "bufferView" in accessor:
            raw = self._strided(accessor, COMPONENT_TYPES[component], width, count)
        else:
            raw = np.zeros((count, width))
        if "sparse" in accessor:
            raw = self._with_sparse(raw, accessor["sparse"], component, width)
        values = raw.astype(float)
        if accessor.get("normalized") is True and component != FLOAT:
            values = np.maximum(values / np.iinfo(COMPONENT_TYPES[component]).max, -1.0)
        return values

    def _strided(self, entry: dict[str, Any], dtype: np.dtype, width: int, count: int) -> np.ndarray:
        """`count` rows of `width` numbers out of a view, [count, width], without copying."""
        view = self._views[_pointer(entry.get("bufferView"), len(self._views), "buffer view")]
        data = self._buffers[_pointer(view.get("buffer"), len(self._buffers), "buffer")]
        begin = _size(view.get("byteOffset"), "byteOffset")
        end = begin + _size(view.get("byteLength"), "byteLength")
        begin += _size(entry.get("byteOffset"), "byteOffset")
        row = dtype.itemsize * width
        stride = _size(view.get("byteStride"), "byteStride") or row
        if stride < row or end > len(data) or (count and begin + stride * (count - 1) + row > end):
            raise Damaged("has numbers that reach beyond the end of its data")
        if count == 0:
            return np.zeros((0, width))
        return np.ndarray((count, width), dtype, data, begin, (stride, dtype.itemsize))

    def _with_sparse(self, base: np.ndarray, sparse: Any, component: int, width: int) -> np.ndarray:
        if not isinstance(sparse, dict) or not all(isinstance(sparse.get(k), dict) for k in ("indices", "values")):
            raise Damaged("has sparse numbers without indices and values")
        count, kind = _size(sparse.get("count"), "count"), _component(sparse["indices"].get("componentType"))
        if kind == FLOAT:
            raise Damaged("counts sparse numbers by fractions")
        rows = self._strided(sparse["indices"], COMPONENT_TYPES[kind], 1, count)[:, 0]
        if count and (rows.min() < 0 or rows.max() >= len(base)):
            raise Damaged("has sparse numbers beyond the end of those that they replace")
        out = base.astype(float)
        out[rows] = self._strided(sparse["values"], COMPONENT_TYPES[component], width, count)
        return out


def decomposed(matrix: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Translation [3], rotation (w, x, y, z) [4] and scale [3] of a matrix [4, 4] without shear."""
    axes = matrix[:3, :3]
    scale = np.linalg.norm(axes, axis=0)
    if np.linalg.det(axes) < 0.0:
        scale = scale * [-1.0, 1.0, 1.0]
    safe = np.where(np.abs(scale) < 1e-12, 1.0, scale)
    return matrix[:3, 3], rotations.quaternion_from_matrix(axes / safe), scale
