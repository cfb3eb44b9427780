"""The mannequin: closed, light, standing, and as its kind and height say."""

from __future__ import annotations

import numpy as np
import pytest
import trimesh
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.character.character import KINDS, character, character_on
from engine.character.proportions import NoSuchBody
from engine.motion.house import HOUSE, JOINT, MIRROR
from engine.motion.kinematics import rest_transforms
from engine.motion.skeleton import Skeleton

HEIGHTS_M = (1.40, 1.70, 2.10)
bodies = pytest.mark.parametrize(("kind", "height_m"), [(kind, h) for kind in KINDS for h in HEIGHTS_M])


def welded(mesh) -> trimesh.Trimesh:
    """As another library sees it, vertices at one place counting as one."""
    out = trimesh.Trimesh(mesh.positions_m, mesh.triangles, process=False)
    out.merge_vertices(merge_tex=True, merge_norm=True)
    return out


def winding_number(mesh, point_m) -> float:
    """How often the surface goes round a point: 1 inside (solid angles of van Oosterom & Strackee 1983)."""
    a, b, c = (mesh.positions_m[mesh.triangles[:, k]] - point_m for k in range(3))
    la, lb, lc = (np.linalg.norm(v, axis=1) for v in (a, b, c))
    volume = np.sum(a * np.cross(b, c), axis=1)
    rest = la * lb * lc + np.sum(a * b, 1) * lc + np.sum(b * c, 1) * la + np.sum(c * a, 1) * lb
    return float(np.sum(2.0 * np.arctan2(volume, rest)) / (4.0 * np.pi))


def test_the_neutral_body_of_1_70_m_has_the_house_skeleton_itself():
    assert character().skeleton is HOUSE
    assert character("neutral", 1.7) is character()


@bodies
def test_every_body_is_closed_light_and_seen_from_outside(kind, height_m):
    body = character(kind, height_m)

    for mesh in (body.mesh, body.coarse_mesh):
        solid = welded(mesh)
        assert len(mesh.triangles) < 6000
        assert solid.is_watertight
        assert solid.is_winding_consistent
        assert solid.volume > 0.0
    # A body of 1.70 m and 60 to 80 kg has as many litres.
    assert 0.050 < welded(body.mesh).volume * (1.70 / height_m) ** 3 < 0.080


@bodies
def test_every_body_stands_on_the_floor_and_is_as_tall_as_it_says(kind, height_m):
    y = character(kind, height_m).mesh.positions_m[:, 1]

    assert y.min() == pytest.approx(0.0, abs=0.002)
    assert y.max() == pytest.approx(height_m, abs=0.012)


@bodies
def test_at_most_four_joints_carry_a_point_and_their_weights_add_up_to_one(kind, height_m):
    mesh = character(kind, height_m).mesh

    assert mesh.weights.shape[1] == mesh.joints.shape[1] == 4
    assert mesh.weights.min() >= 0.0
    np.testing.assert_allclose(mesh.weights.sum(axis=1), 1.0, atol=1e-12)
    assert (mesh.joints[mesh.weights == 0.0] == 0).all()
    np.testing.assert_allclose(np.linalg.norm(mesh.normals, axis=1), 1.0, atol=1e-9)


def test_points_at_one_place_are_carried_alike():
    mesh = character().mesh
    _, place = np.unique(mesh.positions_m, axis=0, return_inverse=True)
    dense = np.zeros((len(place), HOUSE.n_joints))
    np.add.at(dense, (np.arange(len(place))[:, np.newaxis], mesh.joints), mesh.weights)

    first = np.zeros(place.max() + 1, dtype=int)
    first[place[::-1]] = np.arange(len(place))[::-1]
    np.testing.assert_array_equal(dense, dense[first[place]])


@bodies
def test_left_and_right_mirror_each_other(kind, height_m):
    body = character(kind, height_m)
    points = np.round(body.mesh.positions_m, 9)
    offsets = body.skeleton.offsets_m * (-1.0, 1.0, 1.0)

    assert {tuple(p) for p in (points * (-1, 1, 1) + 0.0).tolist()} == {tuple(p) for p in (points + 0.0).tolist()}
    np.testing.assert_allclose(body.skeleton.offsets_m, offsets[MIRROR], atol=1e-12)


def test_a_joint_lies_inside_the_flesh_that_it_carries():
    for kind in KINDS:
        body = character(kind, 1.62)
        turns = [winding_number(body.mesh, joint) for joint in rest_transforms(body.skeleton)[0]]
        np.testing.assert_allclose(turns, 1.0, atol=1e-6)


def test_women_have_wider_hips_and_men_wider_shoulders():
    woman, man = (character(kind).skeleton.offsets_m[:, 0] for kind in ("woman", "man"))

    assert woman[JOINT["LeftUpLeg"]] > man[JOINT["LeftUpLeg"]]
    assert man[JOINT["LeftShoulder"]] + man[JOINT["LeftArm"]] > woman[JOINT["LeftShoulder"]] + woman[JOINT["LeftArm"]]


def test_the_tall_are_tall_in_their_legs():
    shares = [character("neutral", h).skeleton.offsets_m[0, 1] / h for h in HEIGHTS_M]

    assert shares[0] < shares[1] < shares[2]


@pytest.mark.parametrize(("kind", "height_m"), [("giant", 1.7), ("man", 2.2), ("woman", 1.3)])
def test_what_cannot_be_made_is_said(kind, height_m):
    with pytest.raises(NoSuchBody, match="choose"):
        character(kind, height_m)


@settings(max_examples=15, deadline=None)
@given(st.sampled_from(KINDS), st.integers(1400, 2100))
def test_a_body_is_known_by_its_lengths(kind, height_mm):
    body = character(kind, height_mm / 1000.0)
    offsets = np.round(body.skeleton.offsets_m, 5)
    offsets[0] = (0.3, 0.0, 0.1)
    read = Skeleton(HOUSE.names, HOUSE.parents.copy(), offsets, np.round(body.skeleton.tips_m, 5))

    assert character_on(read) is body


def test_a_skeleton_of_nobodys_lengths_is_nobodys():
    offsets = HOUSE.offsets_m.copy()
    offsets[JOINT["LeftForeArm"]] *= 1.3

    assert character_on(Skeleton(HOUSE.names, HOUSE.parents.copy(), offsets, HOUSE.tips_m.copy())) is None
