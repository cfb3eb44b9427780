"""FBX files read: to prove what was written, and to bring in what others made."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from engine.errors import MotionFileError
from engine.formats.fbx.samples import Samples, sampled
from engine.formats.fbx.skeletons import FoundSkeleton, skeletons
from engine.formats.scene import ReadBack, ReadCurves, ReadPerformer
from engine.motion import quaternion
from engine.motion.motion import Motion
from engine.motion.skeleton import Skeleton

# Orders of rotation by ufbx's numbers, as our Euler functions spell them: the axis turned about first comes last.
_ORDERS = ("ZYX", "YZX", "XZY", "ZXY", "YXZ", "XYZ")
_AXES = "XYZ"
_MM_AN_INCH = 25.4
_TRAVELS_M = 0.02  # against its parent; less is a bone that stretches


@dataclass(frozen=True, eq=False)
class FbxTake:
    """One body in one take of a file.

    Attributes:
        name: Of the take; "" in a file without any.
        body: Name of the top joint.
        motion: On the file's skeleton, its rest pose included.
        start_frame: Number of the first frame.
    """

    name: str
    body: str
    motion: Motion
    start_frame: int


def read(path: Path) -> tuple[Motion, ...]:
    """The motions in a file, take after take: `read_takes` says which, and how files are understood.

    Raises:
        MotionFileError: as `read_takes`.
    """
    return tuple(take.motion for take in read_takes(path))


def read_takes(path: Path) -> tuple[FbxTake, ...]:
    """The motions in a file of any version that ufbx reads, at the file's rate, in metres, y up, facing +z.

    Of every take each body that moves in it; a body that never moves comes once, as one frame. Joints are the
    bones, the nodes between them and the nodes above them that move; in a file without bones, whatever moves. The
    rest pose is the bind pose, else how the file stands.

    Of our joints the top one alone travels. Where a file has others above the one that does, as Unreal's root bone
    is above the pelvis, these are left out, and what they do is in the motion of that one. Our bones have one
    length each: where a file stretches them it is the middle one.

    Raises:
        MotionFileError: if the file is missing, damaged, too large or too slow to read, or has nothing that moves.
    """
    samples = sampled(path, "motion")
    moving = [samples.moving(take) for take in range(len(samples.meta["takes"]))]
    bones = [i for i, node in enumerate(samples.meta["nodes"]) if node["is_bone"]]
    ever = set().union(*moving)
    bodies = skeletons(samples, ever & samples.with_ancestors(bones) if bones else ever)
    if not bodies:
        raise MotionFileError(path, "holds no skeleton and nothing that moves.")
    found: list[tuple[int, FbxTake]] = []
    for whole in bodies:
        reached = samples.with_ancestors(whole.nodes)
        takes = [take for take, nodes in enumerate(moving) if nodes & reached]
        body = _from_traveller(samples, whole, takes)
        found += zip(takes or [-1], _takes_of(samples, body, takes), strict=True)
    return tuple(take for _, take in sorted(found, key=lambda numbered: numbered[0]))


def _from_traveller(samples: Samples, body: FoundSkeleton, takes: Sequence[int]) -> FoundSkeleton:
    """The body from the lowest joint down that travels against its parent and carries most of the joints."""
    joint = travels_at = 0
    while takes:
        children = np.flatnonzero(body.parents == joint)
        sizes = [len(body.below(int(child))) for child in children]
        if not sizes or 2 * max(sizes) <= len(body.nodes):
            break
        joint = int(children[int(np.argmax(sizes))])
        way = [body.nodes[int(body.parents[joint])], body.nodes[joint]]
        for take in takes:
            positions, turned = samples.ours(samples.worlds(way, take))
            offsets = quaternion.rotate(quaternion.conjugate(turned[:, 0]), positions[:, 1] - positions[:, 0])
            if np.ptp(offsets, axis=0).max() > _TRAVELS_M:
                travels_at = joint
    return body.branch(travels_at)


def _takes_of(samples: Samples, body: FoundSkeleton, takes: Sequence[int]) -> list[FbxTake]:
    """A body in these takes, or standing for one frame where there are none."""
    wanted: Sequence[int | None] = takes or [None]
    globals_ = [samples.ours(samples.worlds(body.nodes, take)) for take in wanted]
    skeleton = _skeleton(samples, body, globals_)
    out = []
    for i, (positions, turned) in enumerate(globals_):
        local = quaternion.unroll(_local(turned, body.parents))
        motion = Motion(skeleton, samples.meta["frame_rate_hz"], np.ascontiguousarray(positions[:, 0]), local)
        meta: dict[str, Any] = samples.meta["takes"][takes[i]] if takes else {"name": "", "start_frame": 0}
        out.append(FbxTake(meta["name"], body.names[0], motion, meta["start_frame"]))
    return out


def _skeleton(samples: Samples, body: FoundSkeleton, globals_: Sequence[tuple[np.ndarray, np.ndarray]]) -> Skeleton:
    """The skeleton whose rest pose is the bind pose, and whose bones are as long as they mostly are."""
    rest_m, rest_turned = samples.ours(samples.binds()[body.nodes])
    parents = np.maximum(body.parents, 0)
    ways = [
        quaternion.rotate(quaternion.conjugate(turned[:, parents]), positions - positions[:, parents])
        for positions, turned in globals_
    ]
    offsets_m = np.median(np.concatenate(ways), axis=0)
    offsets_m[0] = rest_m[0]
    return Skeleton(body.names, body.parents, offsets_m, rest_rotations=_local(rest_turned, body.parents))


def _local(turned: np.ndarray, parents: np.ndarray) -> np.ndarray:
    """Rotations relative to the parent [..., J, 4] of global ones."""
    above = turned[..., np.maximum(parents, 0), :]
    above[..., 0, :] = quaternion.IDENTITY
    return quaternion.multiply(quaternion.conjugate(above), turned)


def read_back(path: Path) -> ReadBack:
    """What ufbx finds in a file: of every take every joint in every frame and the curves; and the rest pose.

    Of several performers the joints are called as they are without the dancer's name before them.

    Raises:
        MotionFileError: if the file is missing, damaged, too large or too slow to read, or has no bones.
    """
    samples = sampled(path, "proof")
    meta, bodies = samples.meta, skeletons(samples)
    if not bodies:
        raise MotionFileError(path, "holds no skeleton.")
    up = _AXES[meta["axes"][1] // 2] if 0 <= meta["axes"][1] < 6 else "Y"
    numbers: Sequence[int | None] = range(len(meta["takes"])) or [None]
    found = []
    for number in numbers:
        take = None if number is None else meta["takes"][number]
        found.append(
            ReadBack(
                f"ufbx {version('ufbx')}", meta["frame_rate_hz"], take and take["start_frame"],
                take["n_frames"] if take else 1,
                _unprefixed([_performer(samples, body, number) for body in bodies]), up.lower(), meta["unit_to_m"],
                tuple(take["name"] for take in meta["takes"]), tuple(_notes(samples)),
            )
        )  # fmt: skip
    return replace(found[0], others=tuple(found[1:]))


def _performer(samples: Samples, body: FoundSkeleton, take: int | None) -> ReadPerformer:
    positions, turned = samples.ours(samples.worlds(body.nodes, take))
    rest, _ = samples.ours(samples.binds()[body.nodes])
    carried = [mesh["n_vertices"] for mesh in samples.meta["meshes"] if set(mesh["joints"]) & set(body.nodes)]
    return ReadPerformer(
        body.names[0], body.names, body.parents, positions, turned, rest, sum(carried), _curves(samples, body, take)
    )


def _unprefixed(performers: list[ReadPerformer]) -> tuple[ReadPerformer, ...]:
    """Several performers without the dancer's name that begins the names of all their joints, and called by it."""
    if len(performers) < 2:
        return tuple(performers)
    out = []
    for performer in performers:
        first, last = min(performer.joints), max(performer.joints)  # what these two share, all share
        shared = first[: next((i for i, (a, b) in enumerate(zip(first, last, strict=False)) if a != b), len(first))]
        prefix = shared[: 1 + max(shared.rfind("_"), shared.rfind(":"))]
        joints = tuple(joint.removeprefix(prefix) for joint in performer.joints)
        is_named = bool(prefix) and all(joints)
        out.append(replace(performer, name=prefix[:-1], joints=joints) if is_named else performer)
    return tuple(out)


def _curves(samples: Samples, body: FoundSkeleton, take: int | None) -> ReadCurves | None:
    """The rotation curves where they are in one layer, and all joints turn about their axes in one order."""
    orders = {samples.meta["nodes"][node]["order"] for node in body.nodes}
    if f"euler{take}" not in samples.arrays or len(orders) != 1 or not orders <= set(range(len(_ORDERS))):
        return None
    kind = _ORDERS[orders.pop()]
    letters = [_AXES.index(letter) for letter in kind]
    values = samples.arrays[f"euler{take}"][:, body.nodes][..., letters]
    finer = samples.arrays[f"between{take}_nodes"].tolist()
    if not set(finer) & set(body.nodes):
        return ReadCurves(kind, values)
    asides = np.array([0.25, 0.5, 0.75])[:, np.newaxis, np.newaxis]
    drawn = (1.0 - asides) * values[:-1, np.newaxis] + asides * values[1:, np.newaxis]
    for i, node in enumerate(finer):
        if node in body.nodes:
            drawn[:, :, body.nodes.index(node)] = samples.arrays[f"between{take}"][:, i].reshape(-1, 3, 3)[..., letters]
    return ReadCurves(kind, values, drawn)


def _notes(samples: Samples) -> list[str]:
    meta = samples.meta
    notes = [f"FBX {meta['version']} by {meta['creator'] or 'an unnamed program'}."]
    for camera in meta["cameras"]:
        name = samples.meta["nodes"][camera["nodes"][0]]["name"] if camera["nodes"] else "unused"
        width, height = (inches * _MM_AN_INCH for inches in camera["film_inch"])
        notes.append(f"Camera {name}: {camera['focal_mm']:.1f} mm on a film back of {width:.2f} x {height:.2f} mm.")
    if meta["warnings"]:
        notes.append(f"The reader gave {meta['warnings']} warnings.")
    return notes
