"""The house skeleton: the one body that motion is stored, learned and edited on.

24 joints with toes and hands, 1.70 m tall, T-pose facing +z with the left side at +x, standing on
y = 0. Names follow HumanIK. Proportions are those of Winter, Biomechanics and Motor Control of
Human Movement (4th ed., fig. 4.1), rounded to 5 mm.
"""

from __future__ import annotations

import numpy as np

from engine.motion.skeleton import Skeleton

FRAME_RATE_HZ = 30.0
HEIGHT_M = 1.70

#   name               parent            offset in metres (x, y, z)
_JOINTS: list[tuple[str, str, tuple[float, float, float]]] = [
    ("Hips", "", (0.0, 0.940, 0.0)),
    ("Spine", "Hips", (0.0, 0.090, 0.0)),
    ("Spine1", "Spine", (0.0, 0.125, 0.0)),
    ("Spine2", "Spine1", (0.0, 0.130, 0.0)),
    ("Neck", "Spine2", (0.0, 0.165, 0.0)),
    ("Head", "Neck", (0.0, 0.085, 0.015)),
    ("LeftShoulder", "Spine2", (0.030, 0.125, 0.0)),
    ("LeftArm", "LeftShoulder", (0.145, 0.0, 0.0)),
    ("LeftForeArm", "LeftArm", (0.275, 0.0, 0.0)),
    ("LeftHand", "LeftForeArm", (0.245, 0.0, 0.0)),
    ("LeftFingerBase", "LeftHand", (0.090, 0.0, 0.0)),
    ("RightShoulder", "Spine2", (-0.030, 0.125, 0.0)),
    ("RightArm", "RightShoulder", (-0.145, 0.0, 0.0)),
    ("RightForeArm", "RightArm", (-0.275, 0.0, 0.0)),
    ("RightHand", "RightForeArm", (-0.245, 0.0, 0.0)),
    ("RightFingerBase", "RightHand", (-0.090, 0.0, 0.0)),
    ("LeftUpLeg", "Hips", (0.090, -0.050, 0.0)),
    ("LeftLeg", "LeftUpLeg", (0.0, -0.405, 0.0)),
    ("LeftFoot", "LeftLeg", (0.0, -0.405, 0.0)),
    ("LeftToeBase", "LeftFoot", (0.0, -0.060, 0.130)),
    ("RightUpLeg", "Hips", (-0.090, -0.050, 0.0)),
    ("RightLeg", "RightUpLeg", (0.0, -0.405, 0.0)),
    ("RightFoot", "RightLeg", (0.0, -0.405, 0.0)),
    ("RightToeBase", "RightFoot", (0.0, -0.060, 0.130)),
]
_TIPS = {
    "Head": (0.0, 0.165, 0.0),
    "LeftFingerBase": (0.085, 0.0, 0.0),
    "RightFingerBase": (-0.085, 0.0, 0.0),
    "LeftToeBase": (0.0, 0.0, 0.065),
    "RightToeBase": (0.0, 0.0, 0.065),
}


def _build() -> Skeleton:
    names = tuple(name for name, _, _ in _JOINTS)
    parents = np.array([names.index(parent) if parent else -1 for _, parent, _ in _JOINTS])
    offsets = np.array([offset for _, _, offset in _JOINTS])
    tips = np.array([_TIPS.get(name, (0.0, 0.0, 0.0)) for name in names])
    return Skeleton(names, parents, offsets, tips)


HOUSE = _build()
JOINT = {name: i for i, name in enumerate(HOUSE.names)}

# Each leg from hip to toe and each arm from shoulder blade to knuckles, left first.
LEGS = tuple(tuple(JOINT[side + bone] for bone in ("UpLeg", "Leg", "Foot", "ToeBase")) for side in ("Left", "Right"))
ARMS = tuple(
    tuple(JOINT[side + bone] for bone in ("Shoulder", "Arm", "ForeArm", "Hand", "FingerBase"))
    for side in ("Left", "Right")
)
# Hips and legs alone, and each leg's joints among these.
LOWER_BODY = (JOINT["Hips"], *LEGS[0], *LEGS[1])
LOWER_LEGS = tuple(tuple(LOWER_BODY.index(joint) for joint in leg) for leg in LEGS)
# The joints whose meeting with the floor is a contact: left ankle, left toe, right ankle, right toe.
CONTACT_JOINTS = tuple(JOINT[name] for name in ("LeftFoot", "LeftToeBase", "RightFoot", "RightToeBase"))
# Height of those joints above the floor when the foot stands flat.
CONTACT_REST_HEIGHTS_M = np.array([0.080, 0.020, 0.080, 0.020])
CONTACT_REST_HEIGHTS_M.flags.writeable = False

# Left and right exchanged: MIRROR[i] is the joint on the other side of joint i.
MIRROR = np.array(
    [
        JOINT[name.replace("Left", "Right") if "Left" in name else name.replace("Right", "Left")]
        for name in HOUSE.names
    ]
)
MIRROR.flags.writeable = False

# What can be locked or masked, and the joints in each part.
BODY_PARTS: dict[str, tuple[int, ...]] = {
    "hips": (JOINT["Hips"],),
    "spine": tuple(JOINT[name] for name in ("Spine", "Spine1", "Spine2", "Neck", "Head")),
    "left_arm": ARMS[0],
    "right_arm": ARMS[1],
    "left_leg": LEGS[0],
    "right_leg": LEGS[1],
}
