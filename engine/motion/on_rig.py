"""House motions and skins on the rigs that film and games use.

Nothing is bent for it: every joint that both skeletons have stays where it is in every frame. Let W be a
joint's global rotation in the house motion and S its rotation while the house body stands in the rig's rest
pose. Each joint of the rig has axes that are the world's in that rest pose: its global rotation is W inverse(S),
and the offset to it is turned by its parent's S.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.motion import quaternion
from engine.motion.blend import yaw_rad
from engine.motion.house import HOUSE, JOINT
from engine.motion.kinematics import forward_kinematics, local_from_global
from engine.motion.motion import Motion
from engine.motion.skeleton import Skeleton
from engine.motion.target_rig import TargetRig

_, _Y, _Z = np.eye(3)
_ARM, _LEG = ("Arm", "ForeArm", "Hand", "FingerBase"), ("UpLeg", "Leg")
# The heading of hips that lie or stand on their head says nothing: beyond this tilt it is taken from before and after.
_MOST_TILT_RAD = np.radians(60.0)


def rig_skeleton(skeleton: Skeleton, rig: TargetRig) -> Skeleton:
    """A body with house names and any proportions, in its T-pose, as the rig's skeleton in the rig's rest pose."""
    plan = _Plan(skeleton, rig)
    offsets = quaternion.rotate(plan.above_stance, plan.offsets_m)
    offsets[0] = skeleton.offsets_m[0] - [0.0, _sinking_m(skeleton, rig), 0.0]
    tips = quaternion.rotate(plan.stance, plan.tips_m)
    return Skeleton(plan.names, plan.parents, offsets, tips)


def on_rig(motion: Motion, rig: TargetRig, skeleton: Skeleton | None = None) -> Motion:
    """The motion on the rig's skeleton: every joint that both have is where it was, and turned as it was.

    Joints in between take their share of the twist about the line they lie on, and none of the bend, which
    would move what hangs on them. What the rig has above its hips is no joint of this skeleton: `path_above`.

    Args:
        motion: On a skeleton with the house's names that rests in a T-pose; its proportions are kept.
        rig: Where to.
        skeleton: `rig_skeleton` of the motion's, where it is at hand: motions that share it may lie in one file.
    """
    plan = _Plan(motion.skeleton, rig)
    local = np.asarray(motion.local_rotations, dtype=float)
    local = local if plan.is_house_order else local[:, plan.house]
    for split in plan.splits:
        # Unwrapped, so that no share jumps where the twist passes half a turn; any whole turns more are as right.
        step_rad = np.unwrap(_twist_rad(local[:, split.child], split.axis)) / (len(split.extras) + 1)
        local[:, split.extras] = quaternion.from_axis_angle(split.axis, step_rad)[:, np.newaxis]
        back = quaternion.from_axis_angle(split.axis, -len(split.extras) * step_rad)
        local[:, split.child] = quaternion.unroll(quaternion.multiply(back, local[:, split.child]))
    if not rig.is_t_pose:
        local = quaternion.multiply(quaternion.multiply(plan.above_stance, local), quaternion.conjugate(plan.stance))
    if skeleton is None:
        skeleton = rig_skeleton(motion.skeleton, rig)
    return Motion(skeleton, motion.frame_rate_hz, np.asarray(motion.root_positions_m, dtype=float), local)


def path_above(motion: Motion, rig: TargetRig) -> tuple[np.ndarray, np.ndarray] | None:
    """The way of what the rig has above its hips: positions in metres, [T, 3], and rotations, [T, 4], in the world.

    On the floor under the hips and turned about the vertical as they are, where it moves; else T is 1 and it
    stands at the origin. None where the rig has nothing there.

    Args:
        motion: On house names or on the rig, which have the same hips.
        rig: The target.
    """
    if rig.root is None:
        return None
    if not rig.root.moves:
        return np.zeros((1, 3)), quaternion.IDENTITY[np.newaxis].copy()
    return motion.root_positions_m * [1.0, 0.0, 1.0], quaternion.from_axis_angle(_Y, headings_rad(motion))


def headings_rad(motion: Motion) -> np.ndarray:
    """Where the hips are heading, turning on and on without a jump, radians about the vertical, [T].

    Hips that are tilted by more than 60 degrees, as in a cartwheel, pass from the heading before to the one after.
    """
    hips = motion.local_rotations[:, 0]
    tilt_rad = 2.0 * np.arccos(np.clip(np.hypot(hips[:, 0], hips[:, 2]), 0.0, 1.0))
    upright = np.flatnonzero(tilt_rad <= _MOST_TILT_RAD)
    if len(upright) == 0:
        return np.zeros(motion.n_frames)
    return np.interp(np.arange(motion.n_frames), upright, np.unwrap(yaw_rad(hips[upright])))


# --- skins -----------------------------------------------------------------------------------


def skin_on_rig(
    positions_m: np.ndarray, normals: np.ndarray, joints: np.ndarray, weights: np.ndarray, skeleton: Skeleton,
    rig: TargetRig,
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:  # fmt: skip
    """A skin of a house-named skeleton as a skin of the rig's, posed into the rig's rest pose by linear blending.

    What lies along a bone that the rig cuts in several goes over from one to the next of these; what hung on a
    joint that the rig lacks hangs on the one above it.

    Args:
        positions_m, normals: Of the vertices while `skeleton` is in its T-pose, [V, 3].
        joints, weights: The joints that carry each vertex, and how much, [V, 4].
        skeleton: House names, any proportions.
        rig: The target.

    Returns:
        Positions, normals, joints and weights of the same vertices.
    """
    plan = _Plan(skeleton, rig)
    shares = np.zeros((len(positions_m), HOUSE.n_joints))
    np.add.at(shares, (np.arange(len(joints))[:, np.newaxis], joints), weights)
    places, _ = forward_kinematics(skeleton, skeleton.offsets_m[0], _house_locals(skeleton, None))
    on_rig_shares = _shares_on_rig(shares, positions_m, places, plan)
    order = np.argsort(-on_rig_shares, axis=1, kind="stable")[:, :4]
    kept = np.take_along_axis(on_rig_shares, order, axis=1)
    kept = kept / kept.sum(axis=1, keepdims=True)
    order = np.where(kept > 0.0, order, 0).astype(joints.dtype)
    if rig.is_t_pose:
        return positions_m.copy(), normals.copy(), order, kept
    stance = _stance(rig)
    posed, _ = forward_kinematics(skeleton, skeleton.offsets_m[0], local_from_global(HOUSE, stance))
    posed[:, 1] -= _sinking_m(skeleton, rig)
    at, turned = np.zeros_like(positions_m, dtype=float), np.zeros_like(normals, dtype=float)
    for joint in np.flatnonzero(shares.any(axis=0)):
        share = shares[:, joint, np.newaxis]
        at += share * (posed[joint] + quaternion.rotate(stance[joint], positions_m - places[joint]))
        turned += share * quaternion.rotate(stance[joint], normals)
    return at, turned / np.maximum(quaternion.length(turned), 1e-12)[:, np.newaxis], order, kept


def _shares_on_rig(shares: np.ndarray, positions_m: np.ndarray, places_m: np.ndarray, plan: _Plan) -> np.ndarray:
    """How much each joint of the rig carries each vertex, [V, n], from how much the house joints do, [V, 24]."""
    out = np.zeros((len(shares), len(plan.names)))
    for joint in range(HOUSE.n_joints):
        kept = joint
        while kept not in plan.rig_of:
            kept = int(HOUSE.parents[kept])
        out[:, plan.rig_of[kept]] += shares[:, joint]
    for above, split in {int(HOUSE.parents[plan.house[split.child]]): split for split in plan.splits}.items():
        length = float(np.linalg.norm(plan.offsets_m[split.child])) * (len(split.extras) + 1)
        along = (positions_m - places_m[above]) @ split.axis / max(length, 1e-9) * (len(split.extras) + 1)
        nodes = [plan.rig_of[above], *split.extras]
        # From joint k to k + 1 over the stretch about the latter; the last carries all that is beyond.
        along = np.clip(along - 0.5, 0.0, len(nodes) - 1.0)
        carried = shares[:, above]
        out[:, nodes[0]] -= carried
        for k, node in enumerate(nodes):
            out[:, node] += carried * np.clip(1.0 - np.abs(along - k), 0.0, 1.0)
    return np.maximum(out, 0.0)


# --- the rig's build -------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class _Split:
    """A bone that the rig cuts in several: the joints in between, the one at its end, the line they lie on, [3]."""

    extras: list[int]
    child: int
    axis: np.ndarray


class _Plan:
    """The rig's n joints for one body, in the house's T-pose."""

    def __init__(self, skeleton: Skeleton, rig: TargetRig) -> None:
        if skeleton.names != HOUSE.names:
            raise ValueError("only motions on the house's joints can be put on a rig: retarget the motion first")
        self.rig_of: dict[int, int] = {}
        self.splits: list[_Split] = []
        names: list[str] = []
        parents: list[int] = []
        self.house: list[int] = []  # for joints in between, that above them: what they would turn like
        offsets: list[np.ndarray] = []
        for joint, house_name in enumerate(HOUSE.names):
            if house_name not in rig.joints:
                continue
            above = int(HOUSE.parents[joint])
            row = rig.between.get(house_name, ())
            offset = skeleton.offsets_m[joint] / (len(row) + 1)
            last = self.rig_of.get(above, -1)
            for name in (*row, rig.joints[house_name]):
                parents.append(last)
                last = len(names)
                names.append(rig.prefix + name)
                self.house.append(above)
                offsets.append(offset)
            self.house[last] = joint
            self.rig_of[joint] = last
            if row:
                length = float(np.linalg.norm(offset))
                axis = offset / length if length > 1e-9 else _Y
                self.splits.append(_Split(list(range(last - len(row), last)), last, axis))
        self.names, self.parents = tuple(names), np.array(parents)
        self.offsets_m, self.tips_m = np.array(offsets), self._tips(skeleton)
        self.is_house_order = self.house == list(range(HOUSE.n_joints)) and not self.splits
        self.stance = _stance(rig)[self.house]
        self.above_stance = self.stance[np.maximum(self.parents, 0)]
        self.above_stance[0] = quaternion.IDENTITY

    def _tips(self, skeleton: Skeleton) -> np.ndarray:
        """The ends of the joints without children: the body's own, or where the first joint that is left out is."""
        tips = np.zeros((len(self.names), 3))
        for joint, on_rig_joint in self.rig_of.items():
            if on_rig_joint in self.parents:
                continue
            below = HOUSE.children(joint)
            tips[on_rig_joint] = skeleton.offsets_m[below[0]] if below else skeleton.tips_m[joint]
        return tips


def _stance(rig: TargetRig) -> np.ndarray:
    """S: global rotations of the house joints while the body stands in the rig's rest pose, [24, 4]."""
    turns = np.tile(quaternion.IDENTITY, (HOUSE.n_joints, 1))
    for side, sign in (("Left", 1.0), ("Right", -1.0)):
        for bones, degrees in ((_ARM, -rig.arms_down_deg), (_LEG, rig.legs_apart_deg)):
            for bone in bones:
                turns[JOINT[side + bone]] = quaternion.from_axis_angle(_Z, sign * np.radians(degrees))
    return turns


def _sinking_m(skeleton: Skeleton, rig: TargetRig) -> float:
    """How much lower the hips stand in the rig's rest pose than in the T-pose."""
    lowest = [
        forward_kinematics(skeleton, skeleton.offsets_m[0], local)[0][:, 1].min()
        for local in (_house_locals(skeleton, rig), _house_locals(skeleton, None))
    ]
    return float(lowest[0] - lowest[1])


def _house_locals(skeleton: Skeleton, rig: TargetRig | None) -> np.ndarray:
    """Local rotations of the T-pose, or of the body in the rig's rest pose, [24, 4]."""
    if rig is None:
        return np.tile(quaternion.IDENTITY, (skeleton.n_joints, 1))
    return local_from_global(HOUSE, _stance(rig))


def _twist_rad(q: np.ndarray, axis: np.ndarray) -> np.ndarray:
    """How far rotations [T, 4] turn about a unit axis, radians, within half a turn, [T] (Dobrowolski 2015)."""
    angle = 2.0 * np.arctan2(q[:, 1:] @ axis, q[:, 0])
    return (angle + np.pi) % (2.0 * np.pi) - np.pi
