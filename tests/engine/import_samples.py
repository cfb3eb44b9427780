"""Motion files of foreign formats, made from angles that are known."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import numpy as np

from engine.motion import house, quaternion
from engine.motion.motion import Motion
from tests.dances import improvised, walk

N = 60


def bent_elbow_poses(n_joints: int = 24, n_frames: int = N) -> np.ndarray:
    """SMPL poses, [T, 3 * n_joints]: the left elbow bends forward to a right angle, all else stands in the T-pose."""
    poses = np.zeros((n_frames, n_joints, 3))
    poses[:, 18, 1] = np.linspace(0.0, -0.5 * np.pi, n_frames)  # the left forearm swings from +x to +z about -y
    return poses.reshape(n_frames, -1)


def walk_trans(n_frames: int = N) -> np.ndarray:
    """Half a metre a second straight ahead at 60 frames a second, [T, 3] metres."""
    trans = np.zeros((n_frames, 3))
    trans[:, 2] = np.arange(n_frames) * 0.5 / 60.0
    trans[:, 1] = 0.95
    return trans


def aist_motion(path: Path, poses: np.ndarray | None = None, scaling: float = 93.0, protocol: int = 4) -> Path:
    """An AIST++ motion: a pickle of smpl_poses, smpl_trans (scaled) and smpl_scaling."""
    poses = bent_elbow_poses() if poses is None else poses
    held = {
        "smpl_poses": poses.astype(np.float32),
        "smpl_trans": (walk_trans(len(poses)) * scaling).astype(np.float32),
        "smpl_scaling": np.array([scaling], dtype=np.float32),
        "smpl_loss": 0.1,
    }
    path.write_bytes(pickle.dumps(held, protocol))
    return path


def amass(path: Path, n_joints: int = 52, is_z_up: bool = True, **more: Any) -> Path:
    """An AMASS archive: z up, the root turned a quarter about x."""
    poses, trans = bent_elbow_poses(n_joints), walk_trans()
    if is_z_up:
        poses[:, :3] = [0.5 * np.pi, 0.0, 0.0]
        trans = np.stack([trans[:, 0], -trans[:, 2], trans[:, 1]], axis=1)
    held = {"poses": poses, "trans": trans, "betas": np.zeros(16), "gender": np.array("neutral"), **more}
    np.savez(path, **held)
    return path


COCO = (
    "Nose", "LeftEye", "RightEye", "LeftEar", "RightEar", "LeftArm", "RightArm", "LeftForeArm", "RightForeArm",
    "LeftHand", "RightHand", "LeftUpLeg", "RightUpLeg", "LeftLeg", "RightLeg", "LeftFoot", "RightFoot",
)  # fmt: skip


def keypoints(path: Path, points_m: np.ndarray, name: str = "keypoints3d_optim") -> Path:
    """AIST++ keypoints: a pickle of points in centimetres, [T, 17, 3]."""
    path.write_bytes(pickle.dumps({name: 100.0 * points_m}, 4))
    return path


def danced(n_frames: int = 120) -> Motion:
    """A walk whose trunk sways and whose arms swing: knees and elbows bend as such joints do."""
    walked, _ = walk(n_frames / 30.0)
    local = np.array(walked.local_rotations[:n_frames])
    swaying, swinging = (improvised(n_frames, seed=3, size=size).local_rotations for size in (0.06, 0.4))
    trunk, arms = list(house.BODY_PARTS["spine"]), [house.JOINT["LeftArm"], house.JOINT["RightArm"]]
    local[:, trunk], local[:, arms] = swaying[:, trunk], swinging[:, arms]
    bend_rad = 0.9 + 0.6 * np.sin(np.arange(n_frames) / 9.0)
    for side, sign in (("Left", -1.0), ("Right", 1.0)):
        hinge = np.array([0.0, sign, 0.0])
        local[:, house.JOINT[side + "ForeArm"]] = quaternion.from_axis_angle(hinge, bend_rad)
    return Motion(house.HOUSE, 30.0, np.array(walked.root_positions_m[:n_frames]), local)
