"""Forward kinematics of ten minutes of dance."""

from __future__ import annotations

import numpy as np

from engine.motion import quaternion
from engine.motion.house import FRAME_RATE_HZ, HOUSE
from engine.motion.motion import Motion
from tests.benchmarks.timing import best_s

MINUTES = 10


def run() -> None:
    """Print the best of several times for the work that every view of a motion begins with."""
    n_frames = int(MINUTES * 60 * FRAME_RATE_HZ)
    rng = np.random.default_rng(0)
    motion = Motion(
        HOUSE,
        FRAME_RATE_HZ,
        rng.normal(size=(n_frames, 3)),
        quaternion.normalize(rng.normal(size=(n_frames, HOUSE.n_joints, 4))),
    )
    print(f"{n_frames} frames x {HOUSE.n_joints} joints")
    whole_s = best_s(motion.global_transforms)
    print(f"  forward kinematics of all frames  {whole_s * 1e3:8.1f} ms   {n_frames / whole_s * 1e-3:.0f} a ms")
    print(f"  one pose between two frames       {best_s(lambda: motion.pose_at(123.456)) * 1e3:8.3f} ms")


if __name__ == "__main__":
    run()
