"""Bodies of every rig: the house skeleton's build under other names, other joint axes and other rest poses."""

from __future__ import annotations

import numpy as np

from engine.motion import quaternion
from engine.motion.house import HOUSE, JOINT
from engine.motion.kinematics import forward_kinematics, local_from_global
from engine.motion.motion import Motion
from engine.motion.rig import RigMap
from engine.motion.skeleton import Skeleton

X, Y, Z = np.eye(3)


def pose(arms_down_deg: float = 0.0, legs_apart_deg: float = 0.0, feet_with_legs: bool = False) -> np.ndarray:
    """Global rotations [24, 4] of the house body with arms lowered and legs splayed."""
    turns = np.tile(quaternion.IDENTITY, (HOUSE.n_joints, 1))
    for side, sign in (("Left", 1.0), ("Right", -1.0)):
        down = quaternion.from_axis_angle(Z, -sign * np.radians(arms_down_deg))
        apart = quaternion.from_axis_angle(Z, sign * np.radians(legs_apart_deg))
        for bone in ("Arm", "ForeArm", "Hand", "FingerBase"):
            turns[JOINT[side + bone]] = down
        for bone in ("UpLeg", "Leg", *(("Foot", "ToeBase") if feet_with_legs else ())):
            turns[JOINT[side + bone]] = apart
    return turns


def body(rig: RigMap, stance: np.ndarray, size: float = 1.0, seed: int = 0) -> Skeleton:
    """A body with the names of `rig` whose rest pose is the house body in `stance`, its joint axes drawn at random.

    Where the rig places a joint by another one, that one stands there as a parent of its own.
    """
    random = np.random.default_rng(seed)
    places, _ = forward_kinematics(HOUSE, HOUSE.offsets_m[0], local_from_global(HOUSE, stance))
    names: list[str] = []
    parents: list[int] = []
    where: list[np.ndarray] = []
    last: dict[int, int] = {-1: -1}
    for joint, name in enumerate(HOUSE.names):
        parent = last[int(HOUSE.parents[joint])]
        if name not in rig.joints:
            last[joint] = parent
            continue
        for source in (*rig.places.get(name, ())[:1], rig.joints[name][0]):
            if source not in names:
                names.append(source)
                parents.append(parent)
                where.append(places[joint] * size)
                parent = len(names) - 1
        last[joint] = parent
    axes = quaternion.normalize(random.normal(size=(len(names), 4)))
    rest, offsets = axes.copy(), np.array(where)
    for joint, parent in enumerate(parents[1:], start=1):
        back = quaternion.conjugate(axes[parent])
        rest[joint] = quaternion.multiply(back, axes[joint])
        offsets[joint] = quaternion.rotate(back, where[joint] - where[parent])
    return Skeleton(tuple(names), np.array(parents), offsets, rest_rotations=rest)


def danced_by(skeleton: Skeleton, rig: RigMap, stance: np.ndarray, dance: Motion, size: float = 1.0) -> Motion:
    """The movement of `dance`, on the house skeleton, made by a body from `body`."""
    _, turned = dance.global_transforms()
    turned = quaternion.multiply(turned, quaternion.conjugate(stance))
    _, rest = forward_kinematics(skeleton, skeleton.offsets_m[0], skeleton.rest_rotations)
    out = np.tile(rest, (dance.n_frames, 1, 1))
    for name, aliases in rig.joints.items():
        for source in (aliases[0], *rig.places.get(name, ())[:1]):
            joint = skeleton.index(source)
            out[:, joint] = quaternion.multiply(turned[:, JOINT[name]], rest[joint])
    root = dance.root_positions_m * size
    return Motion(skeleton, dance.frame_rate_hz, root, local_from_global(skeleton, out))


def bent_dance(n_frames: int = 40, seed: int = 0) -> Motion:
    """A dance with bent knees and elbows, turning round; missing spine joints of sparse rigs would not show in it."""
    random = np.random.default_rng(seed)
    times = np.linspace(0.0, 1.0, n_frames)[:, np.newaxis]
    waves = random.normal(size=(HOUSE.n_joints, 3)) * 0.35
    phases = random.uniform(0.0, 6.0, size=(HOUSE.n_joints, 1))
    vectors = waves * np.sin(6.0 * times[:, np.newaxis] + phases)
    for name in ("Spine", "Spine1", "Spine2", "Neck", "Head", "LeftShoulder", "RightShoulder"):
        vectors[:, JOINT[name]] = 0.0
    for side in ("Left", "Right"):
        vectors[:, JOINT[side + "Leg"]] = X * (0.7 + 0.4 * np.sin(5.0 * times))
        vectors[:, JOINT[side + "ToeBase"]] = 0.0
        vectors[:, JOINT[side + "FingerBase"]] = 0.0
    vectors[:, 0] = Y * 4.0 * times
    local = quaternion.from_rotation_vector(vectors)
    root = np.concatenate([0.5 * times, 0.85 + 0.05 * np.sin(7.0 * times), -0.8 * times], axis=1)
    return Motion(HOUSE, 60.0, root, local)
