"""The neutral dancer's shape as tables: 1.70 m, T-pose facing +z, the left half. All lengths in metres.

A row is a ring that the surface passes through; `cage` joins them. How women and men differ stands below.
"""

from __future__ import annotations

from dataclasses import dataclass

from engine.character.palette import DARK, LEFT, LEFT_DEEP, TRUNK, TRUNK_DEEP

# Rings of trunk, neck and head, from the crotch to the crown: (front y, z), (back y, z), half width, the side's y
# above the middle of both, and how square (2 is an ellipse).
TORSO: tuple[tuple[float, float, float, float, float, float, float], ...] = (
    (0.828, 0.076, 0.826, -0.092, 0.171, 0.062, 2.3),
    (0.935, 0.097, 0.925, -0.120, 0.166, 0.010, 2.3),
    (1.030, 0.089, 1.030, -0.084, 0.133, 0.000, 2.3),
    (1.115, 0.085, 1.115, -0.079, 0.120, 0.000, 2.3),
    (1.200, 0.096, 1.200, -0.088, 0.130, 0.000, 2.3),
    (1.285, 0.109, 1.285, -0.100, 0.148, 0.000, 2.3),
    (1.345, 0.104, 1.350, -0.106, 0.152, 0.000, 2.3),
    (1.405, 0.084, 1.412, -0.098, 0.150, 0.000, 2.3),
    (1.448, 0.060, 1.458, -0.072, 0.118, 0.006, 2.2),
    (1.480, 0.046, 1.496, -0.060, 0.062, 0.008, 2.0),
)
HEAD: tuple[tuple[float, float, float, float, float, float, float], ...] = (
    (1.512, 0.051, 1.545, -0.046, 0.051, 0.000, 2.0),
    (1.484, 0.091, 1.568, -0.066, 0.056, 0.004, 2.0),
    (1.512, 0.102, 1.594, -0.082, 0.064, 0.000, 2.0),
    (1.553, 0.104, 1.614, -0.089, 0.0695, 0.000, 2.1),
    (1.588, 0.097, 1.634, -0.091, 0.0725, 0.000, 2.1),
    (1.620, 0.102, 1.654, -0.087, 0.0725, 0.000, 2.1),
    (1.668, 0.082, 1.680, -0.062, 0.0570, 0.002, 2.0),
    (1.6935, 0.036, 1.6935, -0.024, 0.0270, 0.000, 2.0),
)
CROWN = (1.700, 0.006)  # y, z
# (ring of HEAD, spoke from the front, x, y, z) by which single points stand out: chin, mouth, nose, sockets, brow.
FACE = (
    (1, 1, -0.007, 0.002, 0.000), (1, 2, -0.007, 0.000, -0.002), (2, 1, -0.006, 0.000, 0.002),
    (2, 2, -0.005, 0.000, 0.000), (3, 0, 0.000, -0.002, 0.017), (3, 1, -0.014, 0.002, 0.000),
    (4, 0, 0.000, 0.000, 0.006), (4, 1, -0.008, 0.000, -0.004), (5, 1, -0.002, 0.000, 0.001),
)  # fmt: skip
# Rings of the leg: y, half width, half depth, the middle's x and z.
LEG = (
    (0.765, 0.0835, 0.0960, 0.0935, -0.006),
    (0.630, 0.0680, 0.0780, 0.0910, 0.002),
    (0.530, 0.0540, 0.0625, 0.0900, 0.002),
    (0.482, 0.0500, 0.0575, 0.0900, 0.003),
    (0.435, 0.0480, 0.0540, 0.0900, -0.003),
    (0.345, 0.0505, 0.0590, 0.0910, -0.014),
    (0.215, 0.0365, 0.0420, 0.0905, -0.009),
)
# Rings of the foot, from the ankle over the heel to the ball: (front or top y, z), (back or bottom y, z), half
# width, the middle's x, how square.
FOOT = (
    (0.106, 0.034, 0.112, -0.043, 0.0320, 0.090, 2.2),
    (0.088, 0.048, 0.040, -0.066, 0.0335, 0.090, 2.3),
    (0.078, 0.062, 0.003, -0.044, 0.0320, 0.090, 2.7),
    (0.062, 0.088, 0.003, 0.020, 0.0330, 0.092, 2.7),
    (0.036, 0.132, 0.002, 0.126, 0.0455, 0.092, 2.6),
)
# Each toe: where it ends (x, z), half its width and height there; the big one first. And where the ball of the
# foot is cut into toes, as shares of its half width from the inside out.
TOES = (
    (0.061, 0.187, 0.0130, 0.0105), (0.083, 0.190, 0.0085, 0.0085), (0.099, 0.186, 0.0080, 0.0080),
    (0.114, 0.178, 0.0075, 0.0075), (0.127, 0.166, 0.0070, 0.0070),
)  # fmt: skip
TOE_CUTS = (-0.36, 0.02, 0.36, 0.68)
# The hole in the torso and the rings of the arm: x on top, x underneath, half height, half depth, the middle's y, z.
ARM = (
    (0.116, 0.146, 0.0550, 0.0640, 1.4060, -0.010),
    (0.148, 0.166, 0.0555, 0.0610, 1.4045, -0.006),
    (0.192, 0.196, 0.0525, 0.0550, 1.4050, -0.002),
    (0.300, 0.300, 0.0435, 0.0440, 1.4090, 0.002),
    (0.412, 0.412, 0.0365, 0.0370, 1.4100, 0.000),
    (0.450, 0.450, 0.0350, 0.0360, 1.4100, 0.000),
    (0.492, 0.492, 0.0385, 0.0390, 1.4100, 0.000),
    (0.575, 0.575, 0.0345, 0.0365, 1.4100, 0.001),
    (0.680, 0.680, 0.0205, 0.0265, 1.4100, 0.001),
    (0.742, 0.742, 0.0185, 0.0380, 1.4085, 0.003),
    (0.787, 0.787, 0.0140, 0.0415, 1.4080, 0.003),
)
N_ARM_RINGS_BEFORE_HAND = 9  # the armhole's and the wrist's among them
# Each finger: where it ends (x, z), half its width and height there; the index first.
FINGERS = (
    (0.858, 0.0305, 0.0072, 0.0068), (0.868, 0.0110, 0.0075, 0.0070), (0.861, -0.0090, 0.0072, 0.0068),
    (0.844, -0.0290, 0.0064, 0.0060),
)  # fmt: skip
FINGER_TIP_Y, FINGER_MIDDLE = 1.4045, 0.52
# The thumb's middle and end: (x, y, z), half width, half height.
THUMB = ((0.758, 1.4000, 0.0520, 0.0125, 0.0115), (0.796, 1.3970, 0.0620, 0.0085, 0.0080))

# Which joint carries what lies where: (joint, where it takes over, half the width of the blend) along y or x.
SPINE_JOINTS = (
    ("Hips", 0.0, 0.0), ("Spine", 1.020, 0.060), ("Spine1", 1.150, 0.060), ("Spine2", 1.280, 0.060),
    ("Neck", 1.475, 0.030), ("Head", 1.535, 0.030),
)  # fmt: skip
LEG_JOINTS = (("LeftUpLeg", 0.0, 0.0), ("LeftLeg", -0.485, 0.062), ("LeftFoot", -0.095, 0.050))
FOOT_JOINTS = (("LeftFoot", 0.0, 0.0), ("LeftToeBase", 0.130, 0.020))
ARM_JOINTS = (
    ("LeftShoulder", 0.0, 0.0), ("LeftArm", 0.168, 0.062), ("LeftForeArm", 0.450, 0.052),
    ("LeftHand", 0.675, 0.055), ("LeftFingerBase", 0.787, 0.020),
)  # fmt: skip

COLOURS = {
    "torso": TRUNK, "neck": TRUNK_DEEP, "head": TRUNK, "visor": DARK, "arm": LEFT, "hand": LEFT_DEEP, "leg": LEFT,
    "foot": LEFT_DEEP,
}  # fmt: skip


@dataclass(frozen=True)
class Build:
    """How a kind's flesh differs from the neutral one's; its bones stand in `proportions`.

    Attributes:
        torso: Width and depth of each ring of TORSO, times the neutral one's.
        chest_m: How far the front of each of these rings stands out, beside the middle.
        neck, head: Thickness.
        leg, arm: Thickness of each ring of LEG and of ARM.
        hand, foot: Thickness.
    """

    torso: tuple[tuple[float, float], ...] = ((1.0, 1.0),) * 10
    chest_m: tuple[float, ...] = (0.0,) * 10
    neck: float = 1.0
    head: float = 1.0
    leg: tuple[float, ...] = (1.0,) * 7
    arm: tuple[float, ...] = (1.0,) * 11
    hand: float = 1.0
    foot: float = 1.0


BUILDS: dict[str, Build] = {
    "neutral": Build(),
    "woman": Build(
        torso=(
            (1.01, 1.02), (1.02, 1.03), (0.97, 0.98), (0.91, 0.92), (0.92, 0.93), (0.96, 0.96), (0.97, 0.95),
            (0.98, 0.94), (0.97, 0.93), (0.92, 0.92),
        ),
        chest_m=(0.0, 0.0, 0.0, 0.0, 0.006, 0.030, 0.012, 0.0, 0.0, 0.0),
        neck=0.90, head=0.98, leg=(1.03, 1.02, 0.98, 0.96, 0.96, 0.97, 0.95),
        arm=(0.94, 0.92, 0.90, 0.88, 0.90, 0.92, 0.91, 0.90, 0.92, 0.94, 0.94), hand=0.94, foot=0.96,
    ),
    "man": Build(
        torso=(
            (1.00, 0.98), (1.00, 0.97), (1.06, 1.01), (1.12, 1.06), (1.10, 1.08), (1.06, 1.07), (1.04, 1.07),
            (1.03, 1.07), (1.03, 1.08), (1.12, 1.10),
        ),
        chest_m=(0.0, 0.0, 0.0, 0.0, 0.0, 0.008, 0.008, 0.003, 0.0, 0.0),
        neck=1.12, head=1.02, leg=(0.99, 1.01, 1.03, 1.04, 1.04, 1.05, 1.05),
        arm=(1.06, 1.10, 1.13, 1.15, 1.11, 1.09, 1.10, 1.10, 1.09, 1.07, 1.06), hand=1.06, foot=1.04,
    ),
}  # fmt: skip
