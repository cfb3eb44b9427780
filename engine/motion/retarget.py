"""Any human skeleton's motion on the house skeleton: same gestures, same steps, our proportions.

Every joint keeps its global turn away from the rest pose: R_house = R R_rest^-1 A, where A is the house
body standing as the source body stands at rest (T-pose, A-pose, splayed legs). Trunk, shoulders and
head count as upright in every rest pose, so that builds differ and postures do not. The root follows
the hip centre, scaled by leg length; then two-bone IK brings the feet to the scaled places of the
source's feet, so that a foot that stood still stands still.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from engine.motion import ik, quaternion
from engine.motion.house import HOUSE, JOINT
from engine.motion.kinematics import forward_kinematics, local_from_global, rest_transforms
from engine.motion.motion import Motion
from engine.motion.rig import SPINE, Binding, RigMap, best_known
from engine.motion.rig_guess import guess_by_name, guess_by_shape
from engine.motion.skeleton import Skeleton

__all__ = ["RigMap", "guess_rig", "leg_scale", "observed_joints", "to_house", "upright"]

_UP = np.array([0.0, 1.0, 0.0])
_AHEAD = np.array([0.0, 0.0, 1.0])
_LIMBS = tuple(
    (side + bone, side + end)
    for side in ("Left", "Right")
    for bone, end in (("UpLeg", "Leg"), ("Leg", "Foot"), ("Arm", "ForeArm"), ("ForeArm", "Hand"))
)


def guess_rig(skeleton: Skeleton, rigs: Sequence[RigMap] = ()) -> RigMap:
    """The map for a skeleton: a known one by its names, else one made from the words in its names, else from its shape.

    Raises:
        RetargetError: where no two legs and two arms can be found.
    """
    return best_known(skeleton, rigs) or guess_by_name(skeleton) or guess_by_shape(skeleton)


def observed_joints(skeleton: Skeleton, rig: RigMap) -> np.ndarray:
    """Which house joints the skeleton really has, bool [24]; `to_house` invents the others."""
    return rig.bind(skeleton).observed()


def leg_scale(skeleton: Skeleton, rig: RigMap) -> float:
    """How many times as long the house skeleton's legs are."""
    return _Body(skeleton, rig).leg_scale


def upright(skeleton: Skeleton, rig: RigMap) -> np.ndarray:
    """The turn [4] that `to_house` stands a body up by whose rest pose lies along another axis than y."""
    return _Body(skeleton, rig).upright


def to_house(motion: Motion, rig: RigMap, *, ground_scale: float | None = None) -> Motion:
    """The motion on the house skeleton, at its own frame rate.

    Args:
        motion: On a skeleton that `rig` fits; bodies whose rest pose stands along another axis are stood up.
        rig: The map of its joint names.
        ground_scale: Factor for distances along the floor; None for the ratio of leg lengths, which is
            always the factor for heights. Dancers who share one floor need to share this factor too.

    Raises:
        RetargetError: where the skeleton lacks a limb.
    """
    body = _Body(motion.skeleton, rig)
    positions, rotations = motion.global_transforms()
    positions = quaternion.rotate(body.upright, positions)
    # Each joint's turn away from the rest pose, in the upright world.
    turns = quaternion.multiply(rotations, quaternion.conjugate(body.skeleton_rest))
    turns = quaternion.multiply(quaternion.multiply(body.upright, turns), quaternion.conjugate(body.upright))
    global_rotations = _global_rotations(body, positions, turns)
    along = body.leg_scale if ground_scale is None else ground_scale
    scale = np.array([along, body.leg_scale, along])
    hips = positions[:, body.placed["Hips"]] + quaternion.rotate(turns[:, body.turned["Hips"]], body.hip_centre)
    house_centre = 0.5 * (HOUSE.offsets_m[JOINT["LeftUpLeg"]] + HOUSE.offsets_m[JOINT["RightUpLeg"]])
    root = hips * scale - quaternion.rotate(global_rotations[:, 0], house_centre)
    global_rotations = _plant(body, positions * scale, root, global_rotations)
    local = local_from_global(HOUSE, quaternion.normalize(global_rotations))
    return Motion(HOUSE, motion.frame_rate_hz, root, quaternion.unroll(local))


class _Body:
    """What a source skeleton's rest pose says, stood upright (y up)."""

    def __init__(self, skeleton: Skeleton, rig: RigMap) -> None:
        binding: Binding = rig.bind(skeleton)
        self.turned, self.placed, self.feet = binding.turned, binding.placed, rig.feet
        places, self.skeleton_rest = rest_transforms(skeleton)
        ends = places + quaternion.rotate(self.skeleton_rest, skeleton.tips_m)
        self.upright = quaternion.between(_axis_nearest(self._along_body(places)), _UP)
        self.places = quaternion.rotate(self.upright, places)
        self.ends = quaternion.rotate(self.upright, ends)
        self.frame = self._frame()
        self.stance = self._stance()
        hips = 0.5 * (self.place("LeftUpLeg") + self.place("RightUpLeg"))
        self.hip_centre = hips - self.place("Hips")
        legs = [self._length(s + "UpLeg", s + "Leg") + self._length(s + "Leg", s + "Foot") for s in ("Left", "Right")]
        house_leg = np.linalg.norm(HOUSE.offsets_m[[JOINT["LeftLeg"], JOINT["LeftFoot"]]], axis=1).sum()
        self.leg_scale = house_leg / (0.5 * sum(legs))

    def place(self, joint: str) -> np.ndarray:
        """Where the joint that plays `joint` stands at rest, [3]."""
        return self.places[self.placed[joint]]

    def instep_m(self, side: str) -> float:
        """How far the ankle stands above the ball of the flat foot, on the house's scale."""
        way = self.place(side + "Foot") - self.place(side + "ToeBase")
        return float(np.dot(way, self._sole_up(side))) * self.leg_scale

    def _sole_up(self, side: str) -> np.ndarray:
        if self.feet == "floor":
            return _UP
        shin = self.place(side + "Leg") - self.place(side + "Foot")
        return shin / np.linalg.norm(shin)

    def _toe(self, side: str) -> np.ndarray | None:
        """Where the ball of the foot is at rest, as near as the skeleton tells, [3]."""
        if side + "ToeBase" in self.placed:
            return self.place(side + "ToeBase")
        foot = self.placed[side + "Foot"]
        return None if np.allclose(self.ends[foot], self.places[foot]) else self.ends[foot]

    def _length(self, a: str, b: str) -> float:
        return float(np.linalg.norm(self.place(a) - self.place(b)))

    def _along_body(self, places: np.ndarray) -> np.ndarray:
        feet = 0.5 * (places[self.placed["LeftFoot"]] + places[self.placed["RightFoot"]])
        top = 0.5 * (places[self.placed["LeftArm"]] + places[self.placed["RightArm"]])
        return top - feet

    def _frame(self) -> np.ndarray:
        """The turn about y from the house's facing to this body's, [4]: hips first, then shoulders."""
        for bone in ("UpLeg", "Arm"):
            across = (self.place("Left" + bone) - self.place("Right" + bone)) * [1.0, 0.0, 1.0]
            if np.linalg.norm(across) > 1e-4:
                break
        yaw = np.arctan2(-across[2], across[0])
        quarter = np.round(yaw / (np.pi / 2)) * (np.pi / 2)
        # Captured hips are never quite symmetric; the body was modelled along an axis all the same.
        return quaternion.from_axis_angle(_UP, quarter if abs(yaw - quarter) < np.radians(15) else yaw)

    def _stance(self) -> np.ndarray:
        """A: global rotations of the house body standing as this body at rest, [24, 4]."""
        stance = np.tile(self.frame, (HOUSE.n_joints, 1))
        for bone, end in _LIMBS:
            parent = HOUSE.parents[JOINT[bone]]
            if bone.endswith(("Leg", "ForeArm", "Arm")):
                house_way = quaternion.rotate(stance[parent], HOUSE.offsets_m[JOINT[end]])
                way = self.place(end) - self.place(bone)
                stance[JOINT[bone]] = quaternion.multiply(quaternion.between(house_way, way), stance[parent])
        for side in ("Left", "Right"):
            self._stand_hand(stance, side)
            self._stand_foot(stance, side)
        return stance

    def _stand_hand(self, stance: np.ndarray, side: str) -> None:
        hand, knuckles = JOINT[side + "Hand"], JOINT[side + "FingerBase"]
        stance[hand] = stance[JOINT[side + "ForeArm"]]
        if side + "FingerBase" in self.placed:
            way = self.place(side + "FingerBase") - self.place(side + "Hand")
            if np.linalg.norm(way) > 1e-4:
                house_way = quaternion.rotate(stance[hand], HOUSE.offsets_m[knuckles])
                stance[hand] = quaternion.multiply(quaternion.between(house_way, way), stance[hand])
        stance[knuckles] = stance[hand]

    def _stand_foot(self, stance: np.ndarray, side: str) -> None:
        """Flat on the floor (or square to the leg), turned to where its toes point."""
        sole_up = self._sole_up(side)
        base = quaternion.multiply(quaternion.between(_UP, sole_up), self.frame)
        toe = self._toe(side)
        if toe is not None:
            way = toe - self.place(side + "Foot")
            way = way - np.dot(way, sole_up) * sole_up
            ahead = quaternion.rotate(base, _AHEAD)
            if np.linalg.norm(way) > 1e-4:
                base = quaternion.multiply(quaternion.between(ahead, way), base)
        stance[JOINT[side + "Foot"]] = stance[JOINT[side + "ToeBase"]] = base


def _axis_nearest(way: np.ndarray) -> np.ndarray:
    """The axis that a body lies along, or y where it lies along none."""
    way = way / max(float(np.linalg.norm(way)), 1e-9)
    axis = np.eye(3)[np.argmax(np.abs(way))] * np.sign(way[np.argmax(np.abs(way))])
    return axis if np.dot(axis, way) > np.cos(np.radians(40)) else _UP


def _global_rotations(body: _Body, positions: np.ndarray, turns: np.ndarray) -> np.ndarray:
    """Global rotations of the house joints, [T, 24, 4], from the source's turns and places."""
    turned = _complete(body, turns)
    for bone, end in (*_LIMBS, ("Neck", "Head")):
        if bone not in body.placed or end not in body.placed:
            continue
        # Several joints may lie between these two; the bone points where their places say.
        rest_way = body.place(end) - body.place(bone)
        way = positions[:, body.placed[end]] - positions[:, body.placed[bone]]
        if np.linalg.norm(rest_way) > 1e-4 and np.all(np.linalg.norm(way, axis=-1) > 1e-6):
            swing = quaternion.between(quaternion.rotate(turned[bone], rest_way), way)
            turned[bone] = quaternion.multiply(swing, turned[bone])
    out = np.stack([turned[name] for name in HOUSE.names], axis=1)
    return quaternion.multiply(out, body.stance)


def _complete(body: _Body, turns: np.ndarray) -> dict[str, np.ndarray]:
    """The turn of every house joint, [T, 4] each: missing ones share out, or follow their parent."""
    turned = {name: turns[:, joint] for name, joint in body.turned.items()}
    known = [i for i, name in enumerate(SPINE) if name in turned]
    for i, name in enumerate(SPINE):
        if name not in turned:
            before, after = max(k for k in known if k < i), next((k for k in known if k > i), None)
            if after is None:
                turned[name] = turned[SPINE[before]]
            else:
                fraction = (i - before) / (after - before)
                turned[name] = quaternion.slerp(turned[SPINE[before]], turned[SPINE[after]], fraction)
    for joint, name in enumerate(HOUSE.names):
        if name not in turned:
            turned[name] = turned[HOUSE.names[HOUSE.parents[joint]]]
    if "Neck" not in body.turned and "Head" in body.turned:
        turned["Neck"] = quaternion.slerp(turned["Spine2"], turned["Head"], 0.5)
    return turned


def _plant(body: _Body, scaled_m: np.ndarray, root_m: np.ndarray, global_rotations: np.ndarray) -> np.ndarray:
    """The rotations with legs bent so that the feet come to the source's scaled places."""
    out = global_rotations.copy()
    positions, _ = forward_kinematics(HOUSE, root_m, local_from_global(HOUSE, out))
    for side in ("Left", "Right"):
        hip, knee, ankle, toe = (JOINT[side + bone] for bone in ("UpLeg", "Leg", "Foot", "ToeBase"))
        target = scaled_m[:, body.placed[side + "Foot"]]
        if side + "ToeBase" in body.placed:
            # From the ball of the foot: it stays where it is when the heel rises, and feet differ in length.
            ball = scaled_m[:, body.placed[side + "ToeBase"]]
            target = ball - quaternion.rotate(out[:, ankle], HOUSE.offsets_m[toe])
            target = target + (body.instep_m(side) + HOUSE.offsets_m[toe][1]) * _UP
        ahead = quaternion.rotate(out[:, hip], _AHEAD)
        upper, lower = ik.two_bone(positions[:, hip], positions[:, knee], positions[:, ankle], target, ahead)
        out[:, hip] = quaternion.multiply(upper, out[:, hip])
        out[:, knee] = quaternion.multiply(lower, out[:, knee])
    return out
