"""The nodes of a scene: joints in their rest pose with the bind pose, and what stands above them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from engine.formats.between import PARTS
from engine.formats.fbx.between import refined, swings
from engine.formats.fbx.curves import TakeCurves, euler_deg
from engine.formats.fbx.names import PerformerNames
from engine.formats.fbx.properties import BOOL, DOUBLE, ENUM, INT, ROTATION, TRANSLATION, VECTOR, Row, animated
from engine.formats.fbx.records import Record
from engine.formats.fbx.rows import ROOT, Rows
from engine.formats.scene import Performer, SceneTake
from engine.motion import quaternion, rotations
from engine.motion.kinematics import rest_transforms

M_TO_CM = 100.0
_MODEL_VERSION = 232
_ZERO = (0.0, 0.0, 0.0)
_SHADED = (Record("Shading", (True,)), Record("Culling", ("CullingOff",)))
_LEAST_SIZE_CM = 1.0
_APART_M = 1e-6


@dataclass(frozen=True)
class PerformerNodes:
    """The objects that a performer has become.

    Attributes:
        joints: Ids in the order of the skeleton.
        above: Id of what stands above the top joint; None where nothing does.
        group: Id of the null that holds all of the performer.
    """

    joints: tuple[int, ...]
    above: int | None
    group: int

    @property
    def top(self) -> int:
        """The highest bone or null."""
        return self.joints[0] if self.above is None else self.above


def add_model(
    rows: Rows, name: str, subtype: str, *, places: Sequence[float] = _ZERO, turns: Sequence[float] = _ZERO,
    moves: bool = False, turned: bool = False, orientation: Sequence[Row] = (), more: Sequence[Row] = (),
) -> int:  # fmt: skip
    """Add a node.

    Args:
        rows: Where to.
        name: Of the node.
        subtype: "LimbNode", "Null", "Mesh" or "Camera".
        places: Where it stands in its parent, centimetres.
        turns: How it is turned there, degrees.
        moves: Whether curves move it.
        turned: Whether curves turn it.
        orientation: PreRotation or PostRotation.
        more: Properties of the user's.
    """
    return rows.add(
        "Model", name, subtype, version=_MODEL_VERSION, more=_SHADED,
        rows=[
            *orientation,
            (BOOL, "RotationActive", 1),  # else PreRotation and PostRotation count for nothing
            (ENUM, "InheritType", 1),
            (VECTOR, "ScalingMax", 0.0, 0.0, 0.0),
            (INT, "DefaultAttributeIndex", 0),  # -1 without it, which makes a node invalid
            (animated(TRANSLATION) if moves else TRANSLATION, "Lcl Translation", *places),
            (animated(ROTATION) if turned else ROTATION, "Lcl Rotation", *turns),
            *more,
        ],
    )  # fmt: skip


def add_performer(rows: Rows, performer: Performer, names: PerformerNames, more: Sequence[Row] = ()) -> PerformerNodes:
    """Add the joints in their rest pose, and what stands above them.

    The rest rotation is the joint's PreRotation, so that all curves are zero in the rest pose. Of several performers
    each hangs under a null with her name: without it Blender makes one armature of them all.

    Args:
        rows: Where to.
        performer: Who.
        names: Of the nodes.
        more: Properties of the highest node.
    """
    skeleton, above, group = performer.skeleton, None, ROOT
    if names.group:
        group = add_model(rows, names.group, "Null")
        add_attribute(rows, group, "Null", 10.0)
        rows.connect(group, ROOT)
    if performer.above is not None:
        kind = "LimbNode" if performer.above.is_joint else "Null"
        above = add_model(rows, names.above, kind, moves=True, turned=True, more=more)
        add_attribute(rows, above, kind, 10.0)
        rows.connect(above, group)
    pre_deg = euler_deg(skeleton.rest_rotations[np.newaxis])[0]
    offsets_cm, sizes_cm = skeleton.offsets_m * M_TO_CM, _bone_lengths_cm(performer)
    joints: list[int] = []
    for i, parent in enumerate(skeleton.parents):
        is_top = parent < 0
        orientation = [(VECTOR, "PreRotation", *pre_deg[i])] if np.any(pre_deg[i]) else []
        joint = add_model(
            rows, names.joints[i], "LimbNode", places=offsets_cm[i], moves=is_top, turned=True, orientation=orientation,
            more=more if is_top and above is None else (),
        )  # fmt: skip
        add_attribute(rows, joint, "LimbNode", sizes_cm[i])
        rows.connect(joint, joints[parent] if not is_top else group if above is None else above)
        joints.append(joint)
    return PerformerNodes(tuple(joints), above, group)


def kept_apart(performer: Performer) -> Performer:
    """The performer with a rest pose in which Blender lets the top joint move under a bone.

    Blender makes a bone's tail of the way up to its children. A child that stands right there is taken to be joined
    on, and a joined bone keeps no keys of its place: the dance would stay on the spot. A thousandth of a millimetre
    to the side is enough.
    """
    skeleton = performer.skeleton
    if performer.above is None or not performer.above.is_joint or np.any(np.abs(skeleton.offsets_m[0, [0, 2]]) > 1e-6):
        return performer
    offsets_m = skeleton.offsets_m.copy()
    offsets_m[0, 2] = _APART_M
    return replace(performer, skeleton=replace(skeleton, offsets_m=offsets_m))


def add_attribute(rows: Rows, model: int, kind: str, size_cm: float) -> None:
    """What makes a node a joint, or a null with a cross to pick it by, in Maya and MotionBuilder."""
    flags = "Skeleton" if kind == "LimbNode" else "Null"
    attribute = rows.add(
        "NodeAttribute", "", kind, rows=[(DOUBLE, "Size", size_cm)], more=(Record("TypeFlags", (flags,)),)
    )
    rows.connect(attribute, model)


def _bone_lengths_cm(performer: Performer) -> np.ndarray:
    """How large each joint is drawn, [J]: as long as the way to its first child or its tip."""
    skeleton = performer.skeleton
    ends_m = skeleton.tips_m.copy()
    for joint in range(skeleton.n_joints - 1, 0, -1):
        ends_m[skeleton.parents[joint]] = skeleton.offsets_m[joint]
    return np.maximum(np.linalg.norm(ends_m, axis=-1) * M_TO_CM, _LEAST_SIZE_CM)


def rest_matrices(performer: Performer) -> np.ndarray:
    """Joint to world in the rest pose, centimetres, [J, 4, 4]."""
    positions, turned = rest_transforms(performer.skeleton)
    matrices = np.tile(np.eye(4), (len(positions), 1, 1))
    matrices[:, :3, :3], matrices[:, :3, 3] = rotations.matrix_from_quaternion(turned), positions * M_TO_CM
    return matrices


def matrix_values(matrix: np.ndarray) -> np.ndarray:
    """A matrix [4, 4] as files hold it: column after column, [16]."""
    return np.ascontiguousarray(matrix.T).reshape(16)


def add_bind_pose(rows: Rows, performer: Performer, nodes: PerformerNodes, name: str, body: int | None) -> None:
    """Add the pose in which the skin was bound: all joints, what is above them, and the body itself.

    3ds Max wants every ancestor in it, Unreal that it is what the rest values give.
    """
    posed = list(zip(nodes.joints, rest_matrices(performer), strict=True))
    posed = [(node, np.eye(4)) for node in (nodes.group, nodes.above, body) if node] + posed
    of_nodes = (
        Record("PoseNode", (), (Record("Node", (np.int64(node),)), Record("Matrix", (matrix_values(matrix),))))
        for node, matrix in posed
    )
    more = (Record("Type", ("BindPose",)), Record("Version", (100,)), Record("NbPoseNodes", (len(posed),)))
    rows.add("Pose", name, "BindPose", more=(*more, *of_nodes))


def add_motion(
    curves: TakeCurves, performer: Performer, nodes: PerformerNodes, take: SceneTake, index: int, is_smooth: bool
) -> None:
    """Animate a performer: every joint turns, the top one moves, and so does what stands above it.

    Args:
        curves: Of the take.
        performer: Who.
        nodes: Hers.
        take: Which.
        index: Her place among the performers.
        is_smooth: Whether joints have keys between frames where their angles would swing.
    """
    motion, skeleton = take.motions[index], performer.skeleton
    local, places_m = np.array(motion.local_rotations), motion.root_positions_m
    path = take.above[index] if take.above else None
    if nodes.above is not None:
        way_m, turned = (np.zeros((1, 3)), quaternion.IDENTITY[np.newaxis])
        if path is not None:
            places_m, local[:, 0] = path.below(motion)
            way_m, turned = path.positions_m, path.rotations
        curves.add(nodes.above, "Lcl Translation", curves.each_frame(way_m * M_TO_CM))
        curves.add(nodes.above, "Lcl Rotation", curves.each_frame(euler_deg(turned)))
    curves.add(nodes.joints[0], "Lcl Translation", places_m * M_TO_CM)
    q = quaternion.multiply(quaternion.conjugate(skeleton.rest_rotations), local)
    angles = euler_deg(q)
    swinging = set(np.nonzero(swings(angles, q))[1].tolist()) if is_smooth else set()
    for i, joint in enumerate(nodes.joints):
        if i in swinging:
            parts, finer = refined(q[:, i])
            curves.add(joint, "Lcl Rotation", finer, at=curves.moments(parts, PARTS))
        else:
            curves.add(joint, "Lcl Rotation", angles[:, i])
