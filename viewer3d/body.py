"""The figure that is drawn: which capsules hang on which joint, how thick, and in which colour."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.motion import house, quaternion
from engine.motion.kinematics import rest_transforms
from engine.motion.motion import Pose
from engine.motion.skeleton import Skeleton

# Okabe-Ito blue and orange. They are equally light, so the right side is darkened: left and right
# differ in grey pictures too.
LEFT, RIGHT, TRUNK = "#56b4e9", "#d98a00", "#c9ccd3"
LEFT_DEEP, RIGHT_DEEP, TRUNK_DEEP = "#3d9bd6", "#b86e00", "#9fa3ad"
DARK = "#3a3d44"

N_INSTANCE_FLOATS = 16

_Vector = tuple[float, float, float]


@dataclass(frozen=True)
class Part:
    """A capsule that turns with a joint: ends and radii in metres, in that joint's frame.

    Attributes:
        joint: Name of the joint.
        start_m, end_m: Centres of its end spheres. They must differ: they give the axis.
        start_radius_m, end_radius_m: Radii of those spheres.
        colour: "#rrggbb" as on the screen.
        width, depth: Stretch of the cross-section across: width along the joint's x, or z where the
            capsule lies along x; depth at right angles to it.
        is_occluder: Whether it throws the soft shadow and darkens what is near.
    """

    joint: str
    start_m: _Vector
    end_m: _Vector
    start_radius_m: float
    end_radius_m: float
    colour: str
    width: float = 1.0
    depth: float = 1.0
    is_occluder: bool = False


_TRUNK_PARTS = [
    Part("Hips", (0, -0.035, -0.004), (0, 0.045, 0), 0.100, 0.098, TRUNK, 1.50, 1.02, True),
    Part("Spine", (0, -0.015, 0.002), (0, 0.110, 0.004), 0.094, 0.096, TRUNK, 1.32, 0.96, True),
    Part("Spine1", (0, 0.000, 0.004), (0, 0.100, 0.004), 0.097, 0.108, TRUNK, 1.36, 0.98),
    Part("Spine2", (0, -0.020, 0.006), (0, 0.070, -0.002), 0.112, 0.098, TRUNK, 1.46, 0.98, True),
    Part("Neck", (0, -0.030, -0.008), (0, 0.080, 0.010), 0.055, 0.050, TRUNK_DEEP, 1.0, 1.0, True),
    Part("Head", (0, 0.076, 0.002), (0, 0.084, 0.000), 0.081, 0.081, TRUNK, 0.93, 1.16, True),
    Part("Head", (0, 0.052, 0.030), (0, -0.004, 0.052), 0.066, 0.036, TRUNK, 0.96, 0.95),
    Part("Head", (-0.036, 0.066, 0.066), (0.036, 0.066, 0.066), 0.026, 0.026, DARK, 0.98, 0.62),
]

# The left side; the right is its mirror image.
_LIMB_PARTS = [
    Part("Shoulder", (-0.020, 0.030, -0.008), (0.115, 0.004, -0.004), 0.044, 0.050, TRUNK, 0.95, 1.0),
    Part("Arm", (-0.016, -0.002, 0), (0.060, -0.006, 0), 0.058, 0.049, LEFT, 1.0, 1.0, True),
    Part("Arm", (0.020, 0, 0), (0.272, 0, 0), 0.050, 0.037, LEFT, 1.02, 1.0, True),
    Part("ForeArm", (0.002, 0, 0), (0.085, 0, 0.002), 0.038, 0.041, LEFT, 1.02, 0.98),
    Part("ForeArm", (0.060, 0, 0.002), (0.240, 0, 0), 0.041, 0.026, LEFT, 1.10, 0.95, True),
    Part("Hand", (0.010, 0, 0), (0.085, -0.002, 0.002), 0.028, 0.036, LEFT_DEEP, 1.12, 0.52, True),
    Part("Hand", (0.022, -0.004, 0.026), (0.088, -0.010, 0.052), 0.015, 0.010, LEFT_DEEP),
    Part("FingerBase", (-0.010, -0.002, 0.002), (0.068, -0.006, 0), 0.036, 0.020, LEFT_DEEP, 1.06, 0.42),
    Part("UpLeg", (-0.002, 0.010, -0.022), (0.004, -0.110, -0.012), 0.096, 0.088, LEFT, 1.0, 1.0),
    Part("UpLeg", (0.002, -0.030, -0.002), (0, -0.385, 0.004), 0.088, 0.055, LEFT, 1.0, 1.02, True),
    Part("Leg", (0, 0.025, 0.010), (0, -0.040, 0.008), 0.052, 0.047, LEFT),
    Part("Leg", (0, 0.000, 0.002), (0, -0.380, -0.006), 0.050, 0.033, LEFT, 1.0, 1.0, True),
    Part("Leg", (0, -0.075, -0.018), (0, -0.190, -0.020), 0.046, 0.042, LEFT, 1.06, 1.0),
    Part("Foot", (0, 0.010, -0.006), (0, -0.034, -0.030), 0.036, 0.038, LEFT_DEEP, 0.95, 1.0, True),
    Part("Foot", (0, -0.012, 0.006), (0, -0.046, 0.110), 0.040, 0.029, LEFT_DEEP, 1.06, 1.0, True),
    Part("ToeBase", (0, 0.006, -0.012), (0, 0.001, 0.046), 0.025, 0.019, LEFT_DEEP, 1.72, 1.0, True),
    Part("Foot", (0, -0.0690, -0.036), (0, -0.0690, 0.120), 0.036, 0.043, DARK, 1.0, 0.26),
    Part("ToeBase", (0, -0.0090, -0.010), (0, -0.0090, 0.048), 0.043, 0.030, DARK, 1.0, 0.26),
]

_RIGHT_COLOUR = {LEFT: RIGHT, LEFT_DEEP: RIGHT_DEEP}


def _mirrored(part: Part) -> Part:
    def flip(v: _Vector) -> _Vector:
        return (-v[0], v[1], v[2])

    colour = _RIGHT_COLOUR.get(part.colour, part.colour)
    return Part(
        "Right" + part.joint, flip(part.start_m), flip(part.end_m), part.start_radius_m, part.end_radius_m, colour,
        part.width, part.depth, part.is_occluder,
    )  # fmt: skip


def _left(part: Part) -> Part:
    return Part(
        "Left" + part.joint, part.start_m, part.end_m, part.start_radius_m, part.end_radius_m, part.colour,
        part.width, part.depth, part.is_occluder,
    )  # fmt: skip


HOUSE_PARTS: tuple[Part, ...] = (
    *_TRUNK_PARTS,
    *(_left(part) for part in _LIMB_PARTS),
    *(_mirrored(part) for part in _LIMB_PARTS),
)


@dataclass(frozen=True, eq=False)
class Body:
    """N capsules on a skeleton, ready to be posed.

    Attributes:
        joints: Joint that carries each capsule, int [N].
        starts_m, ends_m: End centres in that joint's frame, metres, [N, 3].
        radii_m: Radius at start and end, [N, 2].
        sides: Direction of the width in that joint's frame, unit, [N, 3].
        shapes: Width and depth over radius, [N, 2].
        colours: Linear colour, 0 to 1, [N, 3].
        occluders: Indices of the capsules that shade others, int [M].
    """

    joints: np.ndarray
    starts_m: np.ndarray
    ends_m: np.ndarray
    radii_m: np.ndarray
    sides: np.ndarray
    shapes: np.ndarray
    colours: np.ndarray
    occluders: np.ndarray

    def instances(self, pose: Pose, offset_m: np.ndarray | None = None) -> np.ndarray:
        """The capsules in the world for a pose, moved by `offset_m` [3]: float32 [N, 16].

        Columns: start xyz, its radius, end xyz, its radius, side xyz, width, colour rgb, depth.
        """
        origins = pose.positions_m[self.joints]
        if offset_m is not None:
            origins = origins + offset_m
        turns = pose.rotations[self.joints]
        out = np.empty((len(self.joints), N_INSTANCE_FLOATS), dtype=np.float32)
        out[:, 0:3] = origins + quaternion.rotate(turns, self.starts_m)
        out[:, 4:7] = origins + quaternion.rotate(turns, self.ends_m)
        out[:, 3], out[:, 7] = self.radii_m[:, 0], self.radii_m[:, 1]
        out[:, 8:11] = quaternion.rotate(turns, self.sides)
        out[:, 11], out[:, 15] = self.shapes[:, 0], self.shapes[:, 1]
        out[:, 12:15] = self.colours
        return out


def body_for(skeleton: Skeleton) -> Body:
    """The dancer for the house skeleton at any size; a capsule per bone for every other skeleton."""
    scale = _house_scale(skeleton)
    if scale is not None:
        return _assemble(list(HOUSE_PARTS), skeleton, scale)
    return _assemble(_bone_parts(skeleton), skeleton, 1.0)


def _house_scale(skeleton: Skeleton) -> float | None:
    """How many times the house skeleton this one is, or None where it is another one."""
    if skeleton.names != house.HOUSE.names or not np.array_equal(skeleton.parents, house.HOUSE.parents):
        return None
    bones, ours = skeleton.offsets_m[1:], house.HOUSE.offsets_m[1:]
    scale = float(np.sum(bones * ours) / np.sum(ours * ours))
    return scale if scale > 0.0 and np.allclose(bones, scale * ours, atol=0.01 * scale) else None


def _bone_parts(skeleton: Skeleton) -> list[Part]:
    """A capsule from each joint to each of its children and to its tip; thickness follows length."""
    size = max(float(np.ptp(rest_transforms(skeleton)[0], axis=0).max()), 1e-3)
    parts = []
    for joint in range(skeleton.n_joints):
        ends = [skeleton.offsets_m[child] for child in skeleton.children(joint)] + [skeleton.tips_m[joint]]
        for end in ends:
            length = float(np.linalg.norm(end))
            if length < 1e-3 * size:
                continue
            radius = min(max(0.16 * length, 0.006 * size), 0.035 * size)
            x, y, z = (float(value) for value in end)
            colour = _colour_of(skeleton.names[joint])
            name = skeleton.names[joint]
            parts.append(Part(name, (0, 0, 0), (x, y, z), radius, 0.75 * radius, colour, is_occluder=True))
    if not parts:
        parts.append(Part(skeleton.names[0], (0, 0, 0), (0, 0.01 * size, 0), 0.03, 0.03, TRUNK, is_occluder=True))
    return parts


def _colour_of(name: str) -> str:
    """Blue for a name that says left, orange for right, grey otherwise."""
    plain = name.rsplit(":", maxsplit=1)[-1]
    lower = plain.lower()
    for word, letter, colour in (("left", "l", LEFT), ("right", "r", RIGHT)):
        marks_start, marks_end = (letter + "_", letter + "."), ("_" + letter, "." + letter)
        if word in lower or lower.startswith(marks_start) or lower.endswith(marks_end):
            return colour
        if lower[0] == letter and ((plain[1:2].isupper() and not plain.isupper()) or lower[1:] in _CMU_BONES):
            return colour
    return TRUNK


# CMU's ASF names put the side's letter straight before the bone.
_CMU_BONES = frozenset(
    ("hipjoint", "femur", "tibia", "foot", "toes", "clavicle", "humerus", "radius", "wrist", "hand", "fingers", "thumb")
)


def _assemble(parts: list[Part], skeleton: Skeleton, scale: float) -> Body:
    starts = np.array([part.start_m for part in parts], dtype=float) * scale
    ends = np.array([part.end_m for part in parts], dtype=float) * scale
    along_x = np.abs((ends - starts)[:, 0]) > 0.7 * np.linalg.norm(ends - starts, axis=1)
    return Body(
        joints=np.array([skeleton.index(part.joint) for part in parts]),
        starts_m=starts,
        ends_m=ends,
        radii_m=np.array([(part.start_radius_m, part.end_radius_m) for part in parts]) * scale,
        sides=np.where(along_x[:, np.newaxis], (0.0, 0.0, 1.0), (1.0, 0.0, 0.0)),
        shapes=np.array([(part.width, part.depth) for part in parts]),
        colours=np.array([linear_colour(part.colour) for part in parts]),
        occluders=np.flatnonzero([part.is_occluder for part in parts]),
    )


def linear_colour(colour: str) -> tuple[float, float, float]:
    """Linear light, 0 to 1, of a screen colour "#rrggbb" (sRGB)."""
    channels = (int(colour[i : i + 2], 16) / 255.0 for i in (1, 3, 5))
    r, g, b = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return r, g, b
