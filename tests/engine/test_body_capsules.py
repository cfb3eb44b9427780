from __future__ import annotations

import numpy as np
import pytest

from engine.character.capsules import capsule, joined
from engine.character.mesh import SkinnedMesh

WHITE, BLACK = (1.0, 1.0, 1.0), (0.0, 0.0, 0.0)


def volume_m3(mesh: SkinnedMesh) -> float:
    a, b, c = (mesh.positions_m[mesh.triangles[:, k]] for k in range(3))
    return float(np.sum(a * np.cross(b, c)) / 6.0)


def is_closed(mesh: SkinnedMesh) -> bool:
    """Every edge has one face on each side, points at one place counting as one."""
    _, place = np.unique(np.round(mesh.positions_m, 9), axis=0, return_inverse=True)
    faces = place[mesh.triangles]
    faces = faces[(faces[:, 0] != faces[:, 1]) & (faces[:, 1] != faces[:, 2]) & (faces[:, 2] != faces[:, 0])]
    edges = np.concatenate([faces[:, [0, 1]], faces[:, [1, 2]], faces[:, [2, 0]]])
    there = {tuple(edge) for edge in edges.tolist()}
    return len(there) == len(edges) and all((b, a) in there for a, b in there)


def test_a_capsule_is_a_cylinder_and_two_half_balls():
    mesh = capsule(np.array([0.0, 1.0, 0.0]), np.array([0.0, 1.5, 0.0]), (0.1, 0.1), 2, WHITE)

    assert is_closed(mesh)
    assert volume_m3(mesh) == pytest.approx(np.pi * 0.1**2 * 0.5 + 4 / 3 * np.pi * 0.1**3, rel=0.04)


def test_the_flank_of_a_round_cone_touches_both_balls():
    mesh = capsule(np.zeros(3), np.array([0.3, 0.0, 0.0]), (0.1, 0.05), 0, WHITE)

    to_ball = np.linalg.norm(mesh.positions_m, axis=1) - 0.1
    to_other = np.linalg.norm(mesh.positions_m - [0.3, 0.0, 0.0], axis=1) - 0.05

    np.testing.assert_allclose(np.minimum(to_ball, to_other), 0.0, atol=1e-9)


def test_joined_meshes_keep_their_faces():
    one = capsule(np.zeros(3), np.array([0.3, 0.0, 0.0]), (0.1, 0.1), 0, WHITE)
    two = capsule(np.ones(3), np.array([1.0, 2.0, 1.0]), (0.2, 0.1), 5, BLACK)

    both = joined([one, two])

    assert volume_m3(both) == pytest.approx(volume_m3(one) + volume_m3(two))
    assert set(both.joints.ravel().tolist()) == {0, 5}
