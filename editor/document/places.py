"""Places on the stage: motions and points turned and moved, and places put one into the other."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from editor.document.document import Place
from engine.motion import quaternion
from engine.motion.motion import Motion

HERE = Place()
# Places that edits compute are rounded to a nanometre, so that an edit and its opposite give back the same place.
_DIGITS = 9
_UP = np.array([0.0, 1.0, 0.0])


def placed(motion: Motion, place: Place) -> Motion:
    """The motion as it stands at a place; the motion itself where the place is the origin."""
    if place == HERE:
        return motion
    root, local = np.array(motion.root_positions_m, dtype=float), np.array(motion.local_rotations, dtype=float)
    put(root, local, place)
    return replace(motion, root_positions_m=root, local_rotations=local)


def put(root_positions_m: np.ndarray, local_rotations: np.ndarray, place: Place) -> None:
    """Turn and move frames, root [T, 3] and rotations [T, J, 4], to a place, in these arrays."""
    turn = quaternion.from_axis_angle(_UP, place.yaw_rad)
    root_positions_m[:] = quaternion.rotate(turn, root_positions_m) + np.array([place.x_m, 0.0, place.z_m])
    local_rotations[:, 0] = quaternion.multiply(turn, local_rotations[:, 0])


def floor_points(points_m: np.ndarray, place: Place) -> np.ndarray:
    """Points (x, z) on the floor, [N, 2], turned and moved to a place."""
    c, s = np.cos(place.yaw_rad), np.sin(place.yaw_rad)
    x, z = points_m[:, 0], points_m[:, 1]
    return np.stack([c * x + s * z + place.x_m, c * z - s * x + place.z_m], axis=-1)


def within(outer: Place, inner: Place) -> Place:
    """The one place that is `inner` first and then `outer`."""
    x_m, z_m = floor_points(np.array([[inner.x_m, inner.z_m]]), outer)[0]
    return rounded(float(x_m), float(z_m), outer.yaw_rad + inner.yaw_rad)


def inverse(place: Place) -> Place:
    """The place that takes another back to the origin."""
    back = Place(yaw_rad=-place.yaw_rad)
    x_m, z_m = floor_points(np.array([[-place.x_m, -place.z_m]]), back)[0]
    return Place(float(x_m), float(z_m), -place.yaw_rad)


def bringing(from_m: np.ndarray, to_m: np.ndarray, turn_rad: float) -> Place:
    """The place that turns by an angle and brings a point, [3], over another."""
    turned = floor_points(np.array([[from_m[0], from_m[2]]]), Place(yaw_rad=turn_rad))[0]
    return Place(float(to_m[0] - turned[0]), float(to_m[2] - turned[1]), turn_rad)


def rounded(x_m: float, z_m: float, yaw_rad: float) -> Place:
    """A place to the nanometre, its turn within half a circle."""
    yaw_rad = (yaw_rad + np.pi) % (2 * np.pi) - np.pi
    return Place(round(x_m, _DIGITS) + 0.0, round(z_m, _DIGITS) + 0.0, round(float(yaw_rad), _DIGITS) + 0.0)
