"""How women, men, and tall and short people differ in their bones: the house skeleton with other lengths.

The ratios are means over stature of the 2012 survey of U.S. Army personnel (ANSUR II; Gordon et al. 2014,
NATICK/TR-15/007), of 4082 men and 1986 women. The house skeleton counts as the middle of both.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.errors import EngineError
from engine.motion.house import HEIGHT_M, HOUSE
from engine.motion.skeleton import Skeleton

LEAST_HEIGHT_M, MOST_HEIGHT_M = 1.40, 2.10


class NoSuchBody(EngineError):
    """A body that there is not."""


@dataclass(frozen=True)
class Proportions:
    """Parts of a body against those of the neutral one of the same height.

    Attributes:
        trunk: From the crotch to the crown.
        shoulders: Across the shoulder joints (biacromial breadth).
        hips: Across the hip joints (hip breadth).
        arm, hand, foot: Their lengths.
    """

    trunk: float = 1.0
    shoulders: float = 1.0
    hips: float = 1.0
    arm: float = 1.0
    hand: float = 1.0
    foot: float = 1.0


# Men's and women's shares of stature: crotch to crown 0.518 and 0.520, biacromial breadth 0.237 and 0.224, hip
# breadth 0.197 and 0.217, upper arm and forearm 0.344 and 0.339, hand 0.110 and 0.111, foot 0.154 and 0.151.
PROPORTIONS: dict[str, Proportions] = {
    "neutral": Proportions(),
    "woman": Proportions(trunk=1.002, shoulders=0.972, hips=1.048, arm=0.993, hand=1.005, foot=0.990),
    "man": Proportions(trunk=0.998, shoulders=1.028, hips=0.952, arm=1.007, hand=0.995, foot=1.010),
}
# Of one more metre of stature so much is trunk and head, so much head alone: tall people are so in their legs. Ours,
# by eye: surveys give means for each sex, not for each height.
_TRUNK_SHARE, _HEAD_SHARE = 0.40, 0.05
_SITTING_M = 0.525 * HEIGHT_M
_HEAD_M = 0.225  # from the neck's top joint to the crown, and the chin below it
_HEAD_JOINTS = ("Head",)
_TRUNK_JOINTS = ("Spine", "Spine1", "Spine2", "Neck")


@dataclass(frozen=True, eq=False)
class Scales:
    """What each length of the neutral body of 1.70 m is multiplied by.

    Attributes:
        trunk, head, leg, foot, arm, hand: Lengths.
        shoulders, hips: Widths at the joints.
        girth: Thickness of trunk and limbs.
    """

    trunk: float
    head: float
    leg: float
    foot: float
    arm: float
    hand: float
    shoulders: float
    hips: float
    girth: float


def scales_of(kind: str, height_m: float) -> Scales:
    """How a body's parts compare with the house skeleton's.

    Raises:
        NoSuchBody: The kind is none of PROPORTIONS, or the height is not within 1.40 to 2.10 m.
    """
    if kind not in PROPORTIONS:
        raise NoSuchBody(f"There is no body called “{kind}”; choose one of {', '.join(PROPORTIONS)}.")
    if not LEAST_HEIGHT_M <= height_m <= MOST_HEIGHT_M:
        raise NoSuchBody(
            f"A body of {height_m:.2f} m cannot be made; choose a height from {LEAST_HEIGHT_M:.2f} "
            f"to {MOST_HEIGHT_M:.2f} m."
        )
    own, taller_m = PROPORTIONS[kind], height_m - HEIGHT_M
    size = height_m / HEIGHT_M
    sitting_m = (_SITTING_M + _TRUNK_SHARE * taller_m) * own.trunk
    head = 1.0 + _HEAD_SHARE * taller_m / _HEAD_M
    trunk = (sitting_m - _HEAD_M * head) / (_SITTING_M - _HEAD_M)
    # Feet, hands and arms go with the whole; the legs take what is left of the height.
    foot = size * own.foot
    return Scales(
        trunk=trunk, head=head, leg=_leg(height_m, trunk, head, foot), foot=foot, arm=size * own.arm,
        hand=size * own.hand, shoulders=size * own.shoulders, hips=size * own.hips, girth=size,
    )  # fmt: skip


def skeleton_of(scales: Scales) -> Skeleton:
    """The house skeleton with these lengths, standing on y = 0; the house skeleton itself where all are 1."""
    if all(scale == 1.0 for scale in vars(scales).values()):
        return HOUSE
    offsets, tips = HOUSE.offsets_m.copy(), HOUSE.tips_m.copy()
    for joint, name in enumerate(HOUSE.names):
        scale = _scale(name, scales)
        offsets[joint] *= scale
        tips[joint] *= scales.head if name == "Head" else scales.foot if "Toe" in name else scales.hand
    ankle = HOUSE.index("LeftFoot")
    ankle_m = float(HOUSE.offsets_m[[0, HOUSE.index("LeftUpLeg"), HOUSE.index("LeftLeg"), ankle], 1].sum())
    legs_m = -float(offsets[[HOUSE.index("LeftUpLeg"), HOUSE.index("LeftLeg"), ankle], 1].sum())
    offsets[0] = (0.0, legs_m + ankle_m * scales.foot, 0.0)
    return Skeleton(HOUSE.names, HOUSE.parents.copy(), offsets, tips)


def _leg(height_m: float, trunk: float, head: float, foot: float) -> float:
    """How much longer the legs must be for a body to be as tall as it should."""
    y = dict(zip(HOUSE.names, HOUSE.offsets_m[:, 1], strict=True))
    trunk_m = sum(y[name] for name in _TRUNK_JOINTS) - y["LeftUpLeg"]
    head_m = y["Head"] + float(HOUSE.tips_m[HOUSE.index("Head"), 1])
    bones_m = -(y["LeftLeg"] + y["LeftFoot"])
    ankle_m = HEIGHT_M - trunk_m - head_m - bones_m
    return (height_m - trunk * trunk_m - head * head_m - foot * ankle_m) / bones_m


def _scale(name: str, scales: Scales) -> float | np.ndarray:
    """What a joint's offset is multiplied by, as a number or for x, y, z."""
    if name in _TRUNK_JOINTS:
        return scales.trunk
    if name in _HEAD_JOINTS:
        return scales.head
    bone = name.removeprefix("Left").removeprefix("Right")
    wide = {"Shoulder": scales.shoulders, "Arm": scales.shoulders, "UpLeg": scales.hips}
    if bone in wide:
        return np.array([wide[bone], scales.trunk, scales.girth])
    long = {
        "ForeArm": scales.arm, "Hand": scales.arm, "FingerBase": scales.hand, "Leg": scales.leg, "Foot": scales.leg,
        "ToeBase": scales.foot,
    }  # fmt: skip
    return long.get(bone, 1.0)
