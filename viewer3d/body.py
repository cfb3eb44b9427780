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

N_INSTANCE_FLOATS = 20

# Sine of the steepest cone; beyond it one end sphere holds the other.
_MAX_LEAN = 0.98

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


# Where two capsules of a limb meet they share centre, radius and stretch: the surface runs on smoothly.
_TRUNK_PARTS = [
    Part("Hips", (0, -0.040, 0), (0, 0.010, 0), 0.096, 0.098, TRUNK, 1.48, 1.04, True),
    Part("Hips", (0, 0.010, 0), (0, 0.090, 0), 0.098, 0.086, TRUNK, 1.48, 1.02),
    Part("Spine", (0, 0, 0), (0, 0.125, 0), 0.086, 0.088, TRUNK, 1.48, 1.02, True),
    Part("Spine1", (0, 0, 0), (0, 0.130, 0), 0.088, 0.103, TRUNK, 1.48, 1.02, True),
    Part("Spine2", (0, 0, 0), (0, 0.070, -0.002), 0.103, 0.097, TRUNK, 1.48, 1.02, True),
    Part("Spine2", (0, 0.070, -0.002), (0, 0.165, -0.008), 0.097, 0.056, TRUNK, 1.42, 0.94),
    Part("Neck", (0, -0.045, -0.010), (0, 0.080, 0.010), 0.054, 0.047, TRUNK_DEEP, 1.0, 1.0, True),
    Part("Head", (0, 0.078, 0.000), (0, 0.086, -0.004), 0.079, 0.079, TRUNK, 0.95, 1.17, True),
    Part("Head", (0, 0.060, 0.022), (0, 0.000, 0.048), 0.068, 0.037, TRUNK, 0.98, 0.98),
    Part("Head", (0, 0.066, 0.080), (0.046, 0.069, 0.058), 0.0215, 0.020, DARK, 1.0, 0.80),
    Part("Head", (0, 0.066, 0.080), (-0.046, 0.069, 0.058), 0.0215, 0.020, DARK, 1.0, 0.80),
    Part("Head", (0, 0.052, 0.090), (0, 0.030, 0.101), 0.009, 0.012, TRUNK),
]

# The left side; the right is its mirror image.
_LIMB_PARTS = [
    Part("Shoulder", (-0.010, 0.034, -0.014), (0.135, 0.006, -0.004), 0.040, 0.047, TRUNK, 1.0, 1.0),
    Part("Arm", (-0.004, 0, 0), (0.070, -0.004, 0), 0.055, 0.051, LEFT, 1.0, 1.0, True),
    Part("Arm", (0.070, -0.004, 0), (0.275, 0, 0), 0.051, 0.037, LEFT, 1.0, 1.0, True),
    Part("ForeArm", (0, 0, 0), (0.075, 0, 0), 0.037, 0.041, LEFT),
    Part("ForeArm", (0.075, 0, 0), (0.232, 0, 0), 0.041, 0.026, LEFT, 1.0, 1.0, True),
    Part("Hand", (-0.008, 0, 0), (0.085, -0.002, 0.002), 0.026, 0.038, LEFT_DEEP, 1.10, 0.54, True),
    Part("Hand", (0.022, -0.004, 0.026), (0.088, -0.010, 0.052), 0.015, 0.010, LEFT_DEEP),
    Part("FingerBase", (-0.005, -0.002, 0.002), (0.068, -0.006, 0), 0.038, 0.020, LEFT_DEEP, 1.10, 0.46),
    Part("UpLeg", (0, 0.006, -0.006), (0.002, -0.140, -0.004), 0.094, 0.083, LEFT, 1.0, 1.06, True),
    Part("UpLeg", (0.002, -0.140, -0.004), (0, -0.405, 0), 0.083, 0.052, LEFT, 1.0, 1.06, True),
    Part("Leg", (0, 0, 0), (0, -0.120, -0.003), 0.052, 0.053, LEFT, 1.0, 1.06),
    Part("Leg", (0, -0.120, -0.003), (0, -0.385, -0.008), 0.053, 0.033, LEFT, 1.0, 1.06, True),
    Part("Foot", (0, 0.016, -0.006), (0, -0.036, -0.028), 0.036, 0.037, LEFT_DEEP, 0.96, 1.04, True),
    Part("Foot", (0, -0.010, 0.004), (0, -0.046, 0.112), 0.039, 0.029, LEFT_DEEP, 1.14, 1.0, True),
    Part("ToeBase", (0, 0.006, -0.016), (0, 0.001, 0.046), 0.025, 0.019, LEFT_DEEP, 1.70, 1.0, True),
    Part("Foot", (0, -0.0690, -0.034), (0, -0.0690, 0.120), 0.036, 0.043, DARK, 1.0, 0.26),
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
        leans_rad: How far the surface leans towards the end at start and end, as light sees it, [N, 2]:
            the mean of both capsules' own where two meet, so that no edge shows.
        occluders: Indices of the capsules that shade others, int [M].
    """

    joints: np.ndarray
    starts_m: np.ndarray
    ends_m: np.ndarray
    radii_m: np.ndarray
    sides: np.ndarray
    shapes: np.ndarray
    colours: np.ndarray
    leans_rad: np.ndarray
    occluders: np.ndarray

    def instances(self, pose: Pose, offset_m: np.ndarray | None = None) -> np.ndarray:
        """The capsules in the world for a pose, moved by `offset_m` [3]: float32 [N, 20].

        Columns: start xyz, its radius, end xyz, its radius, side xyz, width, colour rgb, depth, the two
        leans, and two that are zero.
        """
        origins = pose.positions_m[self.joints]
        if offset_m is not None:
            origins = origins + offset_m
        turns = pose.rotations[self.joints]
        out = np.zeros((len(self.joints), N_INSTANCE_FLOATS), dtype=np.float32)
        out[:, 0:3] = origins + quaternion.rotate(turns, self.starts_m)
        out[:, 4:7] = origins + quaternion.rotate(turns, self.ends_m)
        out[:, 3], out[:, 7] = self.radii_m[:, 0], self.radii_m[:, 1]
        out[:, 8:11] = quaternion.rotate(turns, self.sides)
        out[:, 11], out[:, 15] = self.shapes[:, 0], self.shapes[:, 1]
        out[:, 12:15] = self.colours
        out[:, 16:18] = self.leans_rad
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
        leans_rad=_shared_leans(parts, skeleton, scale),
        occluders=np.flatnonzero([part.is_occluder for part in parts]),
    )


def _shared_leans(parts: list[Part], skeleton: Skeleton, scale: float) -> np.ndarray:
    """Lean of the surface at start and end of each capsule in radians, [N, 2], shared where capsules meet."""
    origins = rest_transforms(skeleton)[0][[skeleton.index(part.joint) for part in parts]]
    starts = origins + scale * np.array([part.start_m for part in parts])
    ends = origins + scale * np.array([part.end_m for part in parts])
    lengths = np.linalg.norm(ends - starts, axis=1)
    own = np.array([(part.start_radius_m - part.end_radius_m) * scale for part in parts]) / lengths
    own = np.arcsin(np.clip(own, -_MAX_LEAN, _MAX_LEAN))
    leans = np.stack([own, own], axis=1)
    for i, before in enumerate(parts):
        for k, after in enumerate(parts):
            apart = float(np.linalg.norm(ends[i] - starts[k]))
            same = apart < 0.002 * scale and abs(before.end_radius_m - after.start_radius_m) < 0.002
            if i != k and same and (ends[i] - starts[i]) @ (ends[k] - starts[k]) > 0.8 * lengths[i] * lengths[k]:
                leans[i, 1] = leans[k, 0] = 0.5 * (own[i] + own[k])
    return leans


def linear_colour(colour: str) -> tuple[float, float, float]:
    """Linear light, 0 to 1, of a screen colour "#rrggbb" (sRGB)."""
    channels = (int(colour[i : i + 2], 16) / 255.0 for i in (1, 3, 5))
    r, g, b = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return r, g, b
