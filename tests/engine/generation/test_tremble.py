"""What is faster than dancers move is taken out of a made dance's upper body, and nothing else."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from engine.generation.tremble import UPPER_JOINTS, without_tremble
from engine.motion import quaternion
from engine.motion.house import JOINT
from tests.dances import improvised, standing

HEAD = JOINT["Head"]


def nodding(frequency_hz, n_frames=150, size_rad=0.2):
    motion = standing(n_frames)
    local = np.array(motion.local_rotations)
    angle = size_rad * np.sin(2.0 * np.pi * frequency_hz * np.arange(n_frames) / 30.0)
    local[:, HEAD] = quaternion.from_axis_angle(np.array([1.0, 0.0, 0.0]), angle)
    return replace(motion, local_rotations=local)


def size_rad(motion):
    """How far the head nods, by its root mean square, apart from the ends."""
    return float(np.sqrt(2.0) * quaternion.to_rotation_vector(motion.local_rotations[15:-15, HEAD])[:, 0].std())


@pytest.mark.parametrize(("frequency_hz", "least", "most"), [(1.0, 0.99, 1.01), (3.0, 0.94, 1.0), (5.0, 0.7, 1.0),
                                                             (9.0, 0.0, 0.2), (13.0, 0.0, 0.02)])  # fmt: skip
def test_accents_are_kept_and_tremble_is_not(frequency_hz, least, most):
    dance = nodding(frequency_hz)

    assert least <= size_rad(without_tremble(dance)) / size_rad(dance) <= most


def test_a_steady_turn_stays_up_to_both_ends():
    local = np.array(standing(60).local_rotations)
    local[:, HEAD] = quaternion.from_axis_angle(np.array([0.0, 1.0, 0.0]), np.linspace(-0.5, 0.5, 60))
    dance = replace(standing(60), local_rotations=local)

    assert quaternion.angle_between(without_tremble(dance).local_rotations, local).max() < 1e-3


def test_hips_legs_and_kept_joints_keep_their_bits():
    dance = improvised(60, seed=2)

    made = without_tremble(dance, kept=(HEAD,))

    still = [j for j in range(len(JOINT)) if j not in UPPER_JOINTS or j == HEAD]
    assert made.local_rotations[:, still].tobytes() == dance.local_rotations[:, still].tobytes()
    assert made.root_positions_m.tobytes() == dance.root_positions_m.tobytes()


@pytest.mark.parametrize("n_frames", [1, 5, 10])
def test_a_few_frames_are_left_alone(n_frames):
    dance = improvised(n_frames, seed=3)

    assert without_tremble(dance) is dance
