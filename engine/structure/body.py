"""A dance as the rules look at it: what each of them asks for is computed once."""

from __future__ import annotations

from functools import cached_property

import numpy as np

from engine.motion import house, quaternion
from engine.motion.contacts import contacts_of
from engine.motion.floor import N_SOLE_POINTS, POINT_JOINTS, body_points_m, feet_down
from engine.motion.house import HOUSE, JOINT
from engine.motion.motion import Motion
from engine.motion.qualities import centre_of_joints_m
from engine.motion.signals import smoothed, velocity

UP, AHEAD, ACROSS = np.array([0.0, 1.0, 0.0]), np.array([0.0, 0.0, 1.0]), np.array([1.0, 0.0, 0.0])
G_M_S2 = 9.81
# Differentiating twice: a Gaussian of this keeps what a dancer does and takes out what a camera adds.
SMOOTHING_S = 0.08
# What is no higher than this over the floor may carry weight.
TOUCH_M = 0.04
JOINT_TOUCH_M = 0.12
N_DIRECTIONS = 24


class Body:
    """T frames on the house skeleton. All arrays are read, never written."""

    def __init__(self, motion: Motion, transforms: tuple[np.ndarray, np.ndarray] | None = None) -> None:
        """`transforms` are the global positions [T, J, 3] and rotations [T, J, 4] where they are known already."""
        self.motion, self.rate_hz, self.n = motion, motion.frame_rate_hz, motion.n_frames
        self.positions, self.rotations = motion.global_transforms() if transforms is None else transforms

    def frames(self, duration_s: float) -> int:
        """How many frames a time lasts, at least one."""
        return max(1, round(duration_s * self.rate_hz))

    def place(self, joint: str) -> np.ndarray:
        """Global position of a joint, metres, [T, 3]."""
        return self.positions[:, JOINT[joint]]

    def local(self, joint: str) -> np.ndarray:
        """Local rotation of a joint, [T, 4]."""
        return self.motion.local_rotations[:, JOINT[joint]]

    @cached_property
    def feet(self) -> np.ndarray:
        """Ankle and toe joint of each foot, metres, [T, 2, 2, 3]."""
        return self.positions[:, list(house.CONTACT_JOINTS)].reshape(-1, 2, 2, 3)

    @cached_property
    def contacts(self) -> np.ndarray:
        """As `engine.motion.contacts`, on the floor y = 0, bool [T, 4]."""
        return contacts_of(self.feet.reshape(-1, 4, 3), self.rate_hz, 0.0)

    @cached_property
    def stands(self) -> np.ndarray:
        """Whether any of each foot is in contact, bool [T, 2]."""
        return self.contacts[:, 0::2] | self.contacts[:, 1::2]

    @cached_property
    def down(self) -> np.ndarray:
        """Whether each foot is on the floor by its height alone, bool [T, 2]."""
        return feet_down(self.feet)

    @cached_property
    def down_on_ball(self) -> np.ndarray:
        """Whether the ball of each foot is on the floor by its height alone, bool [T, 2]."""
        return self.feet[:, :, 1, 1] < house.CONTACT_REST_HEIGHTS_M[1] + TOUCH_M

    @cached_property
    def points(self) -> np.ndarray:
        """What can meet the floor, [T, P, 3], as `engine.motion.floor.body_points_m`."""
        return body_points_m(self.positions, self.rotations)

    @cached_property
    def lowest(self) -> np.ndarray:
        """Height of the body's lowest point, metres, [T]."""
        return self.points[..., 1].min(axis=1)

    @cached_property
    def centre(self) -> np.ndarray:
        """Centre of mass, metres, [T, 3]."""
        return centre_of_joints_m(self.positions)

    @cached_property
    def centre_velocity(self) -> np.ndarray:
        """Of the smoothed centre of mass, m/s, [T, 3]."""
        return velocity(smoothed(self.centre, SMOOTHING_S * self.rate_hz), self.rate_hz)

    @cached_property
    def centre_acceleration(self) -> np.ndarray:
        """Of the smoothed centre of mass, m/s^2, [T, 3]."""
        return velocity(self.centre_velocity, self.rate_hz)

    @cached_property
    def joint_speeds(self) -> np.ndarray:
        """Speed of every joint, m/s, [T, J]."""
        return quaternion.length(velocity(self.positions, self.rate_hz))

    @cached_property
    def mean_speed(self) -> np.ndarray:
        """Mean speed of the joints, m/s, [T]."""
        return self.joint_speeds.mean(axis=1)

    @cached_property
    def turns(self) -> np.ndarray:
        """Rotation vector of every joint from each frame to the next, radians, [T - 1, J, 3]."""
        local = self.motion.local_rotations
        return quaternion.to_rotation_vector(quaternion.multiply(local[1:], quaternion.conjugate(local[:-1])))

    @cached_property
    def jolts(self) -> np.ndarray:
        """How far each frame's step is from the mean of the steps before and after it, metres, [T, J].

        Of joints against the hips, of the hips in the room. At frame t the step is the one from t - 1 to t; 0 at the
        ends.
        """
        out = np.zeros((self.n, len(HOUSE.names)))
        if self.n > 3:
            places = self.positions - self.positions[:, :1]
            places[:, 0] = self.positions[:, 0]
            steps = np.diff(places, axis=0)
            out[2:-1] = quaternion.length(steps[1:-1] - 0.5 * (steps[:-2] + steps[2:]))
        return out

    @cached_property
    def outside_support(self) -> np.ndarray:
        """How far the zero moment point lies outside what the body stands on, metres, [T]; NaN in the air.

        The zero moment point of a point mass, centre - height / g * acceleration (Vukobratovic & Borovac 2004,
        "Zero-moment point - thirty-five years of its life", with the vertical acceleration in g). The support is
        the convex hull of all points on the floor; the distance is the largest over 24 directions, within 1 %.
        """
        a, c = self.centre_acceleration, smoothed(self.centre, SMOOTHING_S * self.rate_hz)
        pull = np.maximum(G_M_S2 + a[:, 1:2], 0.3 * G_M_S2)
        weight_at = c[:, [0, 2]] - c[:, 1:2] / pull * a[:, [0, 2]]
        touch = np.full(len(POINT_JOINTS), JOINT_TOUCH_M)
        touch[:N_SOLE_POINTS] = TOUCH_M
        carrying = self.points[..., 1] < touch
        angle = 2 * np.pi * np.arange(N_DIRECTIONS) / N_DIRECTIONS
        directions = np.stack([np.cos(angle), np.sin(angle)])
        along = np.where(carrying[..., np.newaxis], self.points[..., [0, 2]] @ directions, -np.inf).max(axis=1)
        with np.errstate(invalid="ignore"):
            out = (weight_at @ directions - along).max(axis=1)
        return np.where(carrying.any(axis=1), out, np.nan)

    @cached_property
    def foot_moves(self) -> np.ndarray:
        """How far each foot went over the floor since the frame before, metres, [T, 2]: the less of ankle and toe."""
        steps = np.diff(self.feet[..., [0, 2]], axis=0, prepend=self.feet[:1, ..., [0, 2]])
        moves: np.ndarray = np.linalg.norm(steps, axis=-1).min(axis=-1)
        return moves

    @cached_property
    def load(self) -> np.ndarray:
        """Share of the weight on each foot, 0 to 1, [T, 2]: by where the centre of mass is between the feet.

        Both 0 where neither is down.
        """
        centre, feet = self.centre[:, [0, 2]], self.feet[..., [0, 2]].mean(axis=2)
        line = feet[:, 1] - feet[:, 0]
        along = ((centre - feet[:, 0]) * line).sum(-1) / np.maximum((line * line).sum(-1), 1e-4)
        right = np.clip(along, 0.0, 1.0)
        share = np.stack([1.0 - right, right], axis=-1)
        alone = self.down.sum(axis=1, keepdims=True) == 1
        return np.where(alone, self.down, np.where(self.down.all(axis=1, keepdims=True), share, 0.0))

    @cached_property
    def heading(self) -> np.ndarray:
        """Where the hips face about the vertical, radians, unrolled, [T]."""
        across = quaternion.rotate(self.rotations[:, 0], ACROSS)
        return np.unwrap(np.arctan2(-across[:, 2], across[:, 0]))


def flexion_deg(local: np.ndarray, bone: np.ndarray, towards: np.ndarray) -> np.ndarray:
    """How far a bone that rests along `bone` [3] is bent towards `towards` [3], degrees, [T]; negative away from it."""
    turned = quaternion.rotate(local, bone)
    angle: np.ndarray = np.degrees(np.arctan2(turned @ towards, turned @ bone))
    return angle


def angle_deg(local: np.ndarray, bone: np.ndarray) -> np.ndarray:
    """How far a bone is from where it rests, degrees, [T]."""
    angle: np.ndarray = np.degrees(np.arccos(np.clip(quaternion.rotate(local, bone) @ bone, -1.0, 1.0)))
    return angle


def twist_deg(local: np.ndarray, axis: int) -> np.ndarray:
    """Turn about a bone's own axis (0 x, 1 y, 2 z), degrees within +-180, [T]: the twist of the swing-twist split."""
    angle = np.degrees(2.0 * np.arctan2(local[:, 1 + axis], local[:, 0]))
    out: np.ndarray = (angle + 180.0) % 360.0 - 180.0
    return out


def bend_deg(body: Body, leg: int) -> np.ndarray:
    """How far the knee of a leg, 0 left, is bent, degrees, [T]."""
    hip, knee, ankle = (body.positions[:, j] for j in house.LEGS[leg][:3])
    thigh, shin = knee - hip, ankle - knee
    cosine = (thigh * shin).sum(-1) / (np.linalg.norm(thigh, axis=-1) * np.linalg.norm(shin, axis=-1))
    bend: np.ndarray = np.degrees(np.arccos(np.clip(cosine, -1.0, 1.0)))
    return bend
