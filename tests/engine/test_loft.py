from __future__ import annotations

import numpy as np
import pytest

from engine.character.house_body import TUBES
from engine.character.loft import Mesh, Tube, capsule, joined, loft, mirrored
from engine.character.palette import linear_colour

WHITE, BLACK = "#ffffff", "#000000"
PALETTE = {WHITE: (1.0, 1.0, 1.0), BLACK: (0.0, 0.0, 0.0)}
NUMBERS = {"LeftArm": 3, "LeftForeArm": 4, "RightArm": 7, "RightForeArm": 8}
PIPE = Tube(
    axis=0,
    rings=(
        (0.1, 0.0, 0.0, 1.0, 0.2), (0.1, 0.05, 0.08, 1.0, 0.2), (0.4, 0.05, 0.08, 1.0, 0.2),
        (0.7, 0.05, 0.08, 1.0, 0.2), (0.7, 0.0, 0.0, 1.0, 0.2),
    ),
    joints=(("LeftArm", 0.0, 0.0), ("LeftForeArm", 0.4, 0.1)),
    colours=((0.0, WHITE), (0.4, BLACK)),
    n_spokes=64,
)  # fmt: skip


def volume_m3(mesh: Mesh) -> float:
    a, b, c = (mesh.positions_m[mesh.triangles[:, k]] for k in range(3))
    return float(np.sum(a * np.cross(b, c)) / 6.0)


def is_closed(mesh: Mesh) -> bool:
    """Every edge has one face on each side, points at one place counting as one."""
    _, place = np.unique(np.round(mesh.positions_m, 9), axis=0, return_inverse=True)
    faces = place[mesh.triangles]
    faces = faces[(faces[:, 0] != faces[:, 1]) & (faces[:, 1] != faces[:, 2]) & (faces[:, 2] != faces[:, 0])]
    edges = np.concatenate([faces[:, [0, 1]], faces[:, [1, 2]], faces[:, [2, 0]]])
    there = {tuple(edge) for edge in edges.tolist()}
    return len(there) == len(edges) and all((b, a) in there for a, b in there)


def test_a_pipe_has_the_volume_of_an_elliptic_cylinder():
    mesh = loft(PIPE, NUMBERS, PALETTE)

    # The curve through the rings swells a little behind the sharp ends.
    assert volume_m3(mesh) == pytest.approx(np.pi * 0.05 * 0.08 * 0.6, rel=0.1)


def test_points_in_the_middle_lie_on_the_ellipse():
    mesh = loft(PIPE, NUMBERS, PALETTE)
    y, z = mesh.positions_m[np.abs(mesh.positions_m[:, 0] - 0.4) < 1e-9][:, 1:].T

    np.testing.assert_allclose(((y - 1.0) / 0.05) ** 2 + ((z - 0.2) / 0.08) ** 2, 1.0)


def test_normals_in_the_middle_are_those_of_the_ellipse():
    mesh = loft(PIPE, NUMBERS, PALETTE)
    middle = np.abs(mesh.positions_m[:, 0] - 0.4) < 1e-9
    y, z = mesh.positions_m[middle][:, 1:].T
    expected = np.stack([0 * y, (y - 1.0) / 0.05**2, (z - 0.2) / 0.08**2], axis=1)

    expected /= np.linalg.norm(expected, axis=1, keepdims=True)

    np.testing.assert_allclose(mesh.normals[middle], expected, atol=1e-6)


def test_the_second_joint_takes_over_smoothly_about_its_place():
    mesh = loft(PIPE, NUMBERS, PALETTE)
    x = mesh.positions_m[:, 0]

    np.testing.assert_array_equal(mesh.joints[x > 0.45], [[3, 4]] * int((x > 0.45).sum()))
    np.testing.assert_array_equal(mesh.shares[x >= 0.5], 1.0)
    np.testing.assert_array_equal(mesh.shares[x <= 0.3], 0.0)
    np.testing.assert_allclose(mesh.shares[np.abs(x - 0.4) < 1e-9], 0.5)


def test_colours_change_sharply_at_a_ring():
    mesh = loft(PIPE, NUMBERS, PALETTE)
    faces = mesh.colours[mesh.triangles]
    middles = mesh.positions_m[mesh.triangles].mean(axis=1)[:, 0]

    np.testing.assert_array_equal(faces[middles < 0.4], 1.0)
    np.testing.assert_array_equal(faces[middles > 0.4], 0.0)


def test_the_mirrored_pipe_is_the_other_arm():
    mesh, other = loft(PIPE, NUMBERS, PALETTE), loft(mirrored(PIPE, {WHITE: BLACK, BLACK: WHITE}), NUMBERS, PALETTE)

    assert volume_m3(other) == pytest.approx(volume_m3(mesh))
    np.testing.assert_allclose(
        sorted(map(tuple, (other.positions_m * [-1, 1, 1]).round(9))), sorted(map(tuple, mesh.positions_m.round(9)))
    )
    assert set(other.joints.ravel().tolist()) == {7, 8}
    assert other.colours[np.argmin(other.positions_m[:, 0])].tolist() == [1.0, 1.0, 1.0]


@pytest.mark.parametrize("number", range(len(TUBES)))
def test_every_part_of_the_dancer_is_closed_and_seen_from_outside(number):
    from engine.motion.house import JOINT

    tube = TUBES[number]
    palette = {c: linear_colour(c) for c in [c for _, c in tube.colours] + [p[0] for p in tube.patches]}

    mesh = loft(tube, JOINT, palette)

    assert is_closed(mesh)
    assert volume_m3(mesh) > 0.0


def test_a_capsule_is_a_cylinder_and_two_half_balls():
    mesh = capsule(np.array([0.0, 1.0, 0.0]), np.array([0.0, 1.5, 0.0]), (0.1, 0.1), 2, PALETTE[WHITE])

    assert is_closed(mesh)
    assert volume_m3(mesh) == pytest.approx(np.pi * 0.1**2 * 0.5 + 4 / 3 * np.pi * 0.1**3, rel=0.04)


def test_the_flank_of_a_round_cone_touches_both_balls():
    mesh = capsule(np.zeros(3), np.array([0.3, 0.0, 0.0]), (0.1, 0.05), 0, PALETTE[WHITE])

    to_ball = np.linalg.norm(mesh.positions_m, axis=1) - 0.1
    to_other = np.linalg.norm(mesh.positions_m - [0.3, 0.0, 0.0], axis=1) - 0.05

    np.testing.assert_allclose(np.minimum(to_ball, to_other), 0.0, atol=1e-9)


def test_joined_meshes_keep_their_faces():
    one = capsule(np.zeros(3), np.array([0.3, 0.0, 0.0]), (0.1, 0.1), 0, PALETTE[WHITE])
    two = capsule(np.ones(3), np.array([1.0, 2.0, 1.0]), (0.2, 0.1), 5, PALETTE[BLACK])

    both = joined([one, two])

    assert volume_m3(both) == pytest.approx(volume_m3(one) + volume_m3(two))
    assert set(both.joints.ravel().tolist()) == {0, 5}
