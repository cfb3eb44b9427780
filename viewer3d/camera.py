"""Where the picture is taken from: orbit, pan, dolly, projection, and framing that cuts nothing off."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

# A long lens on full frame (about 58 mm): bodies keep their proportions, as film previs shows them.
FIELD_OF_VIEW_RAD = math.radians(24.0)
NEAR_M, FAR_M = 0.1, 200.0
_MIN_DISTANCE_M, _MAX_DISTANCE_M = 0.4, 120.0
_MAX_PITCH_RAD = math.radians(89.0)

# Name, and the yaw and pitch of a camera that sees a dancer facing +z so.
DIRECTIONS: dict[str, tuple[float, float]] = {
    "front": (0.0, math.radians(7.0)),
    "side": (math.radians(90.0), math.radians(7.0)),
    "three-quarter": (math.radians(32.0), math.radians(11.0)),
}

# Views that a user asks for, level, and from above with the audience at the lower edge. Left and right are the
# dancer's, as on a stage: the left side is at +x.
VIEWS: dict[str, tuple[float, float]] = {
    "front": (0.0, 0.0),
    "side": (math.radians(90.0), 0.0),
    "left": (math.radians(90.0), 0.0),
    "right": (math.radians(-90.0), 0.0),
    "back": (math.pi, 0.0),
    "top": (0.0, math.radians(88.0)),
}


@dataclass(frozen=True, eq=False)
class Camera:
    """A pinhole camera that looks at a point.

    Attributes:
        target_m: The point in the middle of the picture, metres, [3].
        distance_m: From the eye to that point.
        yaw_rad: 0 looks along -z, at the face of a dancer facing +z; grows as the eye moves towards +x.
        pitch_rad: 0 is level; positive looks down on the target. Within 89 degrees either way.
        field_of_view_rad: Full vertical angle of view.
    """

    target_m: np.ndarray
    distance_m: float
    yaw_rad: float = 0.0
    pitch_rad: float = 0.0
    field_of_view_rad: float = FIELD_OF_VIEW_RAD

    def axes(self) -> np.ndarray:
        """Right, up and backward (from target to eye) in the world, the rows of a rotation, [3, 3]."""
        sy, cy = math.sin(self.yaw_rad), math.cos(self.yaw_rad)
        sp, cp = math.sin(self.pitch_rad), math.cos(self.pitch_rad)
        return np.array([[cy, 0.0, -sy], [-sy * sp, cp, -cy * sp], [sy * cp, sp, cy * cp]])

    def eye_m(self) -> np.ndarray:
        """Where the picture is taken from, metres, [3]."""
        return self.target_m + self.distance_m * self.axes()[2]

    def view_matrix(self) -> np.ndarray:
        """World to camera (x right, y up, looking along -z), [4, 4]."""
        axes = self.axes()
        matrix = np.eye(4)
        matrix[:3, :3] = axes
        matrix[:3, 3] = -axes @ self.eye_m()
        return matrix

    def projection_matrix(self, aspect: float) -> np.ndarray:
        """Camera to clip space as OpenGL has it, [4, 4]; `aspect` is width / height."""
        f = 1.0 / math.tan(0.5 * self.field_of_view_rad)
        depth = NEAR_M - FAR_M
        matrix = np.zeros((4, 4))
        matrix[0, 0], matrix[1, 1] = f / aspect, f
        matrix[2, 2], matrix[2, 3] = (FAR_M + NEAR_M) / depth, 2.0 * FAR_M * NEAR_M / depth
        matrix[3, 2] = -1.0
        return matrix

    def project(self, points_m: np.ndarray, width: float, height: float) -> np.ndarray:
        """Pixels (x right, y down, from the upper left corner) and depth in metres of points, [..., 3].

        Points behind the eye have negative depth, and pixels that mean nothing.
        """
        axes = self.axes()
        seen = (np.asarray(points_m) - self.eye_m()) @ axes.T
        depth = -seen[..., 2]
        scale = 0.5 * height / (math.tan(0.5 * self.field_of_view_rad) * np.where(depth == 0.0, np.nan, depth))
        return np.stack([0.5 * width + scale * seen[..., 0], 0.5 * height - scale * seen[..., 1], depth], axis=-1)

    def ray(self, x: float, y: float, width: float, height: float) -> tuple[np.ndarray, np.ndarray]:
        """The eye, metres, and the unit vector from it through a pixel (from the upper left corner), [3] each."""
        reach = math.tan(0.5 * self.field_of_view_rad) / (0.5 * height)
        axes = self.axes()
        direction = reach * (x - 0.5 * width) * axes[0] - reach * (y - 0.5 * height) * axes[1] - axes[2]
        return self.eye_m(), direction / np.linalg.norm(direction)

    def orbited(self, yaw_rad: float, pitch_rad: float) -> Camera:
        """Moved about the target; the pitch stops short of straight up and down."""
        pitch = min(max(self.pitch_rad + pitch_rad, -_MAX_PITCH_RAD), _MAX_PITCH_RAD)
        return replace(self, yaw_rad=math.remainder(self.yaw_rad + yaw_rad, math.tau), pitch_rad=pitch)

    def panned(self, right: float, up: float) -> Camera:
        """The target moved in the picture's plane, in fractions of the picture's height.

        The point under the mouse stays under it when it lies as far away as the target.
        """
        height_m = 2.0 * self.distance_m * math.tan(0.5 * self.field_of_view_rad)
        axes = self.axes()
        return replace(self, target_m=self.target_m + height_m * (right * axes[0] + up * axes[1]))

    def dollied(self, factor: float) -> Camera:
        """`factor` times as far from the target, within 0.4 and 120 m."""
        distance = min(max(self.distance_m * factor, _MIN_DISTANCE_M), _MAX_DISTANCE_M)
        return replace(self, distance_m=distance)


def between(one: Camera, other: Camera, share: float) -> Camera:
    """The camera a share (0 to 1) of the way from one to another, turning the shorter way round."""
    turn = math.remainder(other.yaw_rad - one.yaw_rad, math.tau)
    return Camera(
        target_m=one.target_m + share * (other.target_m - one.target_m),
        distance_m=one.distance_m * (other.distance_m / one.distance_m) ** share,
        yaw_rad=one.yaw_rad + share * turn,
        pitch_rad=one.pitch_rad + share * (other.pitch_rad - one.pitch_rad),
        field_of_view_rad=one.field_of_view_rad + share * (other.field_of_view_rad - one.field_of_view_rad),
    )


def framed(points_m: np.ndarray, radii_m: np.ndarray | float, aspect: float, view: Camera, margin: float) -> Camera:
    """`view` moved so that spheres just fit into the picture, with the middle of the slack in the middle.

    Each edge of the picture is a plane through the eye; for a given direction of view, the least
    distance at which all spheres lie inside both planes of a pair is linear in their positions, so
    the answer is exact: two maxima for each pair of edges.

    Args:
        points_m: Centres in metres, [N, 3].
        radii_m: Their radii, [N] or one for all.
        aspect: Width / height of the picture.
        view: Gives direction and angle of view.
        margin: Part of the picture's width and height left free on each side, 0 to 0.4.
    """
    axes = view.axes()
    right, up, back = (np.asarray(points_m) @ axes.T).T
    tan_y = math.tan(0.5 * view.field_of_view_rad) * (1.0 - 2.0 * margin)
    middle_x, distance_x = _fit(right, back, radii_m, tan_y * aspect)
    middle_y, distance_y = _fit(up, back, radii_m, tan_y)
    eye_back = max(distance_x, distance_y)
    # The target lies in the middle of the spheres' depth, so that orbiting turns about them.
    target_back = 0.5 * (float(np.min(back)) + float(np.max(back)))
    target = np.array([middle_x, middle_y, target_back]) @ axes
    return replace(view, target_m=target, distance_m=max(eye_back - target_back, _MIN_DISTANCE_M))


def _fit(across: np.ndarray, back: np.ndarray, radii_m: np.ndarray | float, tangent: float) -> tuple[float, float]:
    """Middle and eye position along `back` at which |across - middle| + reach <= tangent * depth for all."""
    reach = np.asarray(radii_m) * math.hypot(1.0, tangent)
    one = float(np.max((across + reach) / tangent + back))
    other = float(np.max((-across + reach) / tangent + back))
    return 0.5 * tangent * (one - other), 0.5 * (one + other)


def distances_to_hold(
    points_m: np.ndarray, radii_m: np.ndarray | float, aspect: float, view: Camera, margin: float
) -> np.ndarray:
    """The least distance from a target at which all spheres are in the picture, metres, [...].

    Args:
        points_m: Centres relative to the target, metres, [..., N, 3].
        radii_m, aspect, view, margin: As in `framed`; of `view` only direction and angle count.
    """
    across, up, back = np.moveaxis(points_m @ view.axes().T, -1, 0)
    tan_y = math.tan(0.5 * view.field_of_view_rad) * (1.0 - 2.0 * margin)
    needed = np.full(points_m.shape[:-2], _MIN_DISTANCE_M)
    for sideways, tangent in ((across, tan_y * aspect), (up, tan_y)):
        reach = np.asarray(radii_m) * math.hypot(1.0, tangent)
        needed = np.maximum(needed, np.max((np.abs(sideways) + reach) / tangent + back, axis=-1))
    return needed
