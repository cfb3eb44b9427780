"""Motion as rows of numbers that the network learns, and back.

A row has 140 numbers: for each of 22 joints the 6D form of its global rotation seen from the body's
heading, then the root's planar velocity in the heading's frame, the turning rate, the height, and
four contacts. Global rather than local rotations: an error in the hips then does not swing the
hands, and forward kinematics becomes a sum instead of a chain of products.
"""

from __future__ import annotations

import numpy as np

from engine.motion import quaternion
from engine.motion.blend import yaw_rad
from engine.motion.house import BODY_PARTS, FRAME_RATE_HZ, HOUSE, JOINT
from engine.motion.kinematics import local_from_global
from engine.motion.motion import Motion
from engine.motion.rotations import quaternion_from_six_d, six_d_from_quaternion

# The knuckles are left out: hardly any capture has them, so they follow the wrist.
LEARNED_JOINTS = tuple(j for j in range(HOUSE.n_joints) if not HOUSE.names[j].endswith("FingerBase"))
N_ROTATIONS = 6 * len(LEARNED_JOINTS)
VELOCITY = slice(N_ROTATIONS, N_ROTATIONS + 2)
YAW_RATE = N_ROTATIONS + 2
HEIGHT = N_ROTATIONS + 3
CONTACTS = slice(N_ROTATIONS + 4, N_ROTATIONS + 8)
N_FEATURES = N_ROTATIONS + 8

# The columns of spine, head and arms; all others are the legs', the hips' and the path's.
UPPER_BODY = slice(6, 84)

# What can be known or locked: the root's path, then the parts of the body.
MASK_PARTS = ("path", *BODY_PARTS)


def part_columns(part: str) -> np.ndarray:
    """The feature columns, int, that belong to a name in MASK_PARTS."""
    if part == "path":
        return np.array([*range(VELOCITY.start, VELOCITY.stop), YAW_RATE, HEIGHT])
    columns = [6 * i + k for i, j in enumerate(LEARNED_JOINTS) if j in BODY_PARTS[part] for k in range(6)]
    if part == "left_leg":
        columns += [CONTACTS.start, CONTACTS.start + 1]
    if part == "right_leg":
        columns += [CONTACTS.start + 2, CONTACTS.start + 3]
    return np.array(columns)


def about_y(angle_rad: np.ndarray) -> np.ndarray:
    """Rotations [..., 4] about the vertical axis."""
    return quaternion.from_axis_angle(np.array([0.0, 1.0, 0.0]), angle_rad)


def to_features(motion: Motion, contacts: np.ndarray) -> np.ndarray:
    """Feature rows, float32 [T, 140], of a house motion at the house rate.

    Row t holds the root's movement from frame t to t + 1; the last row repeats the one before.

    Args:
        motion: On the house skeleton at 30 frames per second.
        contacts: Which of house.CONTACT_JOINTS touch the floor, bool [T, 4].
    """
    _check_house(motion)
    _, rotations = motion.global_transforms()
    heading = np.unwrap(yaw_rad(rotations[:, 0]))
    seen = quaternion.multiply(about_y(-heading)[:, np.newaxis], rotations[:, list(LEARNED_JOINTS)])
    rows = np.empty((motion.n_frames, N_FEATURES), dtype=np.float32)
    rows[:, :N_ROTATIONS] = six_d_from_quaternion(seen).reshape(motion.n_frames, -1)
    step = _forward_difference(motion.root_positions_m) * FRAME_RATE_HZ
    rows[:, VELOCITY] = quaternion.rotate(about_y(-heading), step)[:, [0, 2]]
    rows[:, YAW_RATE] = _forward_difference(heading) * FRAME_RATE_HZ
    rows[:, HEIGHT] = motion.root_positions_m[:, 1]
    rows[:, CONTACTS] = contacts
    return rows


def from_features(rows: np.ndarray, start_m: np.ndarray | None = None, start_heading_rad: float = 0.0) -> Motion:
    """The house motion that rows [T, 140] describe, starting over `start_m` (x and z count) and facing
    `start_heading_rad`.
    """
    rows = np.asarray(rows, dtype=float)
    t = len(rows)
    turned = np.cumsum(rows[:-1, YAW_RATE]) / FRAME_RATE_HZ
    heading = start_heading_rad + np.concatenate([[0.0], turned])
    seen = quaternion_from_six_d(rows[:, :N_ROTATIONS].reshape(t, len(LEARNED_JOINTS), 6))
    rotations = np.empty((t, HOUSE.n_joints, 4))
    rotations[:, list(LEARNED_JOINTS)] = quaternion.multiply(about_y(heading)[:, np.newaxis], seen)
    for side in ("Left", "Right"):
        rotations[:, JOINT[side + "FingerBase"]] = rotations[:, JOINT[side + "Hand"]]
    root = np.zeros((t, 3))
    root[:, 1] = rows[:, HEIGHT]
    velocity = np.stack([rows[:, VELOCITY.start], np.zeros(t), rows[:, VELOCITY.start + 1]], axis=-1)
    step = quaternion.rotate(about_y(heading), velocity)[:-1] / FRAME_RATE_HZ
    start = np.zeros(3) if start_m is None else np.asarray(start_m, dtype=float)
    root[:, [0, 2]] = start[[0, 2]]
    root[1:, [0, 2]] += np.cumsum(step, axis=0)[:, [0, 2]]
    local = quaternion.normalize(quaternion.unroll(local_from_global(HOUSE, rotations)))
    return Motion(HOUSE, FRAME_RATE_HZ, root, local)


def _forward_difference(values: np.ndarray) -> np.ndarray:
    if len(values) < 2:
        return np.zeros_like(values)
    return np.diff(values, axis=0, append=values[-1:] + (values[-1:] - values[-2:-1]))


def _check_house(motion: Motion) -> None:
    if motion.skeleton.names != HOUSE.names or abs(motion.frame_rate_hz - FRAME_RATE_HZ) > 1e-6:
        raise ValueError("features are made from house motions at 30 frames per second")
