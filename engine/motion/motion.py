"""A motion: one skeleton's joint rotations over time, and the pose at one moment of it."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from engine.motion import quaternion
from engine.motion.kinematics import branch, forward_kinematics
from engine.motion.skeleton import Skeleton


@dataclass(frozen=True, eq=False)
class Pose:
    """Where every joint is at one moment, all that a viewer needs.

    Attributes:
        positions_m: Global joint positions, metres, [J, 3].
        rotations: Global joint rotations, unit (w, x, y, z), [J, 4].
    """

    positions_m: np.ndarray
    rotations: np.ndarray


@dataclass(frozen=True, eq=False)
class Motion:
    """T frames of a skeleton of J joints. Takes over its arrays and makes them read-only.

    Attributes:
        skeleton: The joint tree.
        frame_rate_hz: Frames per second; frame i is shown at i / frame_rate_hz seconds.
        root_positions_m: Root joint in the world, metres, y up, [T, 3].
        local_rotations: Each joint relative to its parent, unit (w, x, y, z), [T, J, 4].
    """

    skeleton: Skeleton
    frame_rate_hz: float
    root_positions_m: np.ndarray
    local_rotations: np.ndarray

    def __post_init__(self) -> None:
        t, j = len(self.root_positions_m), self.skeleton.n_joints
        if self.root_positions_m.shape != (t, 3) or self.local_rotations.shape != (t, j, 4):
            raise ValueError(
                f"expected [{t}, 3] positions and [{t}, {j}, 4] rotations, got "
                f"{self.root_positions_m.shape} and {self.local_rotations.shape}"
            )
        if not self.frame_rate_hz > 0.0:
            raise ValueError(f"frame_rate_hz must be positive, got {self.frame_rate_hz}")
        for array in (self.root_positions_m, self.local_rotations):
            array.flags.writeable = False

    @property
    def n_frames(self) -> int:
        """How many frames there are."""
        return len(self.root_positions_m)

    @property
    def duration_s(self) -> float:
        """Seconds from the first frame to the end of the last."""
        return self.n_frames / self.frame_rate_hz

    def slice(self, start_frame: int, end_frame: int) -> Motion:
        """The frames [start_frame, end_frame)."""
        return replace(
            self,
            root_positions_m=self.root_positions_m[start_frame:end_frame],
            local_rotations=self.local_rotations[start_frame:end_frame],
        )

    def global_transforms(self) -> tuple[np.ndarray, np.ndarray]:
        """Global positions in metres [T, J, 3] and rotations [T, J, 4] of every joint."""
        return forward_kinematics(self.skeleton, self.root_positions_m, self.local_rotations)

    def branch(self, joints: tuple[int, ...]) -> Motion:
        """The motion of some joints alone, the root first and each after its parent."""
        return replace(self, skeleton=branch(self.skeleton, joints), local_rotations=self.local_rotations[:, joints])

    def positions_m(self) -> np.ndarray:
        """Global joint positions in metres, [T, J, 3]."""
        return self.global_transforms()[0]

    def pose_at(self, time_s: float) -> Pose:
        """The pose at a time, interpolated between frames; held before the first and after the last."""
        if self.n_frames == 0:
            raise ValueError("a motion without frames has no pose")
        exact = min(max(time_s * self.frame_rate_hz, 0.0), self.n_frames - 1.0)
        first = int(exact)
        second, fraction = min(first + 1, self.n_frames - 1), exact - int(exact)
        root = (1 - fraction) * self.root_positions_m[first] + fraction * self.root_positions_m[second]
        local = quaternion.slerp(self.local_rotations[first], self.local_rotations[second], fraction)
        return Pose(*forward_kinematics(self.skeleton, root, local))


def concatenate(motions: list[Motion]) -> Motion:
    """Motions of one skeleton and rate end to end, without blending."""
    first = motions[0]
    if any(m.skeleton is not first.skeleton or m.frame_rate_hz != first.frame_rate_hz for m in motions):
        raise ValueError("motions must share one skeleton and one frame rate")
    return replace(
        first,
        root_positions_m=np.concatenate([m.root_positions_m for m in motions]),
        local_rotations=np.concatenate([m.local_rotations for m in motions]),
    )
