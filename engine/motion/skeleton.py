"""The joint tree that every motion is expressed on."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from engine.motion import quaternion


@dataclass(frozen=True, eq=False)
class Skeleton:
    """A tree of J joints. Parents come before children; joint 0 is the root.

    Takes over the arrays it is given and makes them read-only.

    Attributes:
        names: Joint names, unique, in array order.
        parents: Index of each joint's parent, int [J]; -1 for the root.
        offsets_m: Position of each joint in its parent's frame, metres, [J, 3]. The root's is where
            it stands in the rest pose.
        tips_m: End of each childless joint's bone in that joint's frame, metres, [J, 3]; zero where
            a joint has children or its end is unknown.
        rest_rotations: Local rotation of each joint in the rest pose, [J, 4]. All identity for
            the house skeleton, whose rest pose is its T-pose.
    """

    names: tuple[str, ...]
    parents: np.ndarray
    offsets_m: np.ndarray
    tips_m: np.ndarray = field(default_factory=lambda: np.zeros((0, 3)))
    rest_rotations: np.ndarray = field(default_factory=lambda: np.zeros((0, 4)))

    def __post_init__(self) -> None:
        n = len(self.names)
        if len(set(self.names)) != n or len(self.parents) != n or self.offsets_m.shape != (n, 3):
            raise ValueError("names must be unique, and names, parents and offsets_m of one length")
        if self.parents[0] != -1 or np.any(self.parents[1:] >= np.arange(1, n)) or np.any(self.parents[1:] < 0):
            raise ValueError("parents must begin with -1 and point only backwards")
        if len(self.tips_m) == 0:
            object.__setattr__(self, "tips_m", np.zeros((n, 3)))
        if len(self.rest_rotations) == 0:
            object.__setattr__(self, "rest_rotations", np.tile(quaternion.IDENTITY, (n, 1)))
        if self.tips_m.shape != (n, 3) or self.rest_rotations.shape != (n, 4):
            raise ValueError(f"expected tips_m [{n}, 3] and rest_rotations [{n}, 4]")
        for array in (self.parents, self.offsets_m, self.tips_m, self.rest_rotations):
            array.flags.writeable = False

    @property
    def n_joints(self) -> int:
        """How many joints there are."""
        return len(self.names)

    def index(self, name: str) -> int:
        """Position of the joint called `name`; ValueError if there is none."""
        return self.names.index(name)

    def children(self, joint: int) -> list[int]:
        """The joints whose parent is `joint`."""
        return [int(i) for i in np.flatnonzero(self.parents == joint)]

    def scaled(self, factor: float) -> Skeleton:
        """The same skeleton, `factor` times as large."""
        return Skeleton(
            self.names, self.parents, self.offsets_m * factor, self.tips_m * factor, self.rest_rotations
        )
