"""What lies under the mouse: a figure, the joint nearest to the point, and the part of the body it belongs to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from engine.motion.house import BODY_PARTS, HOUSE
from engine.motion.skeleton import Skeleton
from viewer3d.body import HULL, body_for
from viewer3d.camera import Camera
from viewer3d.stage_view import FigureView

# Thin limbs may be missed by this much, as an angle: about four pixels of a picture 720 high.
_SLACK_RAD = 0.0025
_PART_WORDS = {name: name.replace("_", " ") for name in BODY_PARTS}
_HOUSE_PARTS = {joint: part for part, joints in BODY_PARTS.items() for joint in joints}


@dataclass(frozen=True, eq=False)
class Hit:
    """What a ray met first.

    Attributes:
        figure_id: Whose body.
        joint_name: The joint nearest to the point.
        part_name: A key of engine.motion.house.BODY_PARTS; empty on other skeletons.
        point_m: In the world, [3].
        distance_m: From the eye.
    """

    figure_id: str
    joint_name: str
    part_name: str
    point_m: np.ndarray
    distance_m: float


def pick(figures: Sequence[FigureView], origin_m: np.ndarray, direction: np.ndarray) -> Hit | None:
    """What the ray from `origin_m` along the unit vector `direction` meets first; None where it meets nobody."""
    nearest: Hit | None = None
    for figure in figures:
        hit = _pick_one(figure, origin_m, direction)
        if hit is not None and (nearest is None or hit.distance_m < nearest.distance_m):
            nearest = hit
    return nearest


def part_of(joint_name: str, skeleton: Skeleton = HOUSE) -> str:
    """The key of BODY_PARTS that a joint belongs to; empty on other skeletons than the house's."""
    return _HOUSE_PARTS[skeleton.index(joint_name)] if skeleton.names == HOUSE.names else ""


def part_words(part_name: str) -> str:
    """A part's name for people."""
    return _PART_WORDS.get(part_name, part_name)


def floor_point(camera: Camera, x: float, y: float, width: float, height: float) -> tuple[float, float] | None:
    """Where the floor is under a pixel, (x, z) in metres; None above the horizon and beyond 60 m."""
    origin, direction = camera.ray(x, y, width, height)
    if origin[1] <= 0.0 or direction[1] >= -1e-4:
        return None
    at = origin - direction * (origin[1] / direction[1])
    if float(np.linalg.norm(at - origin)) > 60.0:
        return None
    return float(at[0]), float(at[2])


def _pick_one(figure: FigureView, origin_m: np.ndarray, direction: np.ndarray) -> Hit | None:
    body = body_for(figure.skeleton)
    positions = figure.pose.positions_m
    if figure.offset_m is not None:
        positions = positions + figure.offset_m
    ends = body.capsules(positions, figure.pose.rotations)
    along_ray, apart, share = _closest(ends, origin_m, direction)
    radii = HULL * (body.radii_m[:, 0] + share * (body.radii_m[:, 1] - body.radii_m[:, 0]))
    is_met = (apart < radii + _SLACK_RAD * along_ray) & (along_ray > 0.0)
    if not np.any(is_met):
        return None
    # The surface is met before the axis; what is only brushed counts as behind what is met in full.
    depth = np.where(is_met, along_ray - np.sqrt(np.maximum(radii**2 - apart**2, 0.0)), np.inf)
    capsule = int(np.argmin(depth))
    point = origin_m + along_ray[capsule] * direction
    joint = _nearest_joint(figure.skeleton, int(body.joints[capsule]), positions, point)
    name = figure.skeleton.names[joint]
    return Hit(figure.id, name, part_of(name, figure.skeleton), point, float(depth[capsule]))


def _nearest_joint(skeleton: Skeleton, carrier: int, positions_m: np.ndarray, point_m: np.ndarray) -> int:
    """The joint at whichever end of a bone is nearer; of several children only those on the same limb count."""
    children = skeleton.children(carrier)
    near = [carrier, *children] if len(children) == 1 else [carrier]
    return min(near, key=lambda joint: float(np.linalg.norm(positions_m[joint] - point_m)))


def _closest(
    ends_m: np.ndarray, origin_m: np.ndarray, direction: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """For segments [N, 2, 3]: place on the ray, distance from it, and place on the segment (0 to 1) where nearest."""
    start, along = ends_m[:, 0], ends_m[:, 1] - ends_m[:, 0]
    from_eye = start - origin_m
    lean, span = along @ direction, np.sum(along * along, axis=-1)
    there, ray = np.sum(along * from_eye, axis=-1), from_eye @ direction
    share = np.clip((lean * ray - there) / np.maximum(span - lean * lean, 1e-9), 0.0, 1.0)
    points = from_eye + share[:, np.newaxis] * along
    along_ray = points @ direction
    apart = np.linalg.norm(points - along_ray[:, np.newaxis] * direction, axis=-1)
    return along_ray, apart, share
