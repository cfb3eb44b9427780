from __future__ import annotations

import numpy as np
import pytest

from engine.motion.house import HOUSE
from engine.motion.kinematics import rest_transforms
from engine.motion.motion import Pose
from viewer3d.body import body_for
from viewer3d.scene import Scene, floor_patch, key_direction, scene_of, shadow_matrix

REST = Pose(*rest_transforms(HOUSE))
ONE = scene_of([(body_for(HOUSE), REST, None)])
TWO = scene_of([(body_for(HOUSE), REST, np.array([x, 0.0, 0.0])) for x in (-1.0, 1.0)])


def test_bounds_hold_the_rest_pose_closely():
    low, high = ONE.bounds_m

    np.testing.assert_allclose(high, [0.87, 1.70, 0.20], atol=0.06)
    np.testing.assert_allclose(low, [-0.87, 0.0, -0.12], atol=0.06)


def test_two_figures_stand_where_they_were_put():
    middles = [figure.occluders[..., 0].mean() for figure in TWO.figures]

    np.testing.assert_allclose(middles, [-1.0, 1.0], atol=0.01)


def test_an_empty_scene_has_no_bounds():
    low, high = Scene().bounds_m

    np.testing.assert_array_equal([low, high], np.zeros((2, 3)))


@pytest.mark.parametrize("yaw_rad", [0.0, 0.7, 3.1, -2.0])
def test_the_lamp_stands_high_at_the_left_of_every_view(yaw_rad):
    from viewer3d.camera import Camera

    right, _, back = Camera(np.zeros(3), 1.0, yaw_rad).axes()
    key = key_direction(yaw_rad)

    assert np.linalg.norm(key) == pytest.approx(1.0)
    assert key @ right < -0.3
    assert key @ back > 0.3
    assert key[1] > 0.6


@pytest.mark.parametrize("scene", [ONE, TWO])
def test_the_shadow_map_holds_all_figures(scene):
    matrix, per_m = shadow_matrix(scene, key_direction(0.4))
    centres, _ = scene.spheres()

    placed = np.concatenate([centres, np.ones((len(centres), 1))], axis=1) @ matrix.T

    assert placed[:, :3].min() > 0.0
    assert placed[:, :3].max() < 1.0
    assert per_m == pytest.approx(np.linalg.norm(matrix[0, :3]))


def test_nearer_to_the_lamp_is_nearer_in_the_shadow_map():
    key = key_direction(0.0)
    matrix, _ = shadow_matrix(ONE, key)

    assert (matrix @ [*(0.1 * key), 1.0])[2] < (matrix @ [0.0, 0.0, 0.0, 1.0])[2]


def test_the_floor_patch_reaches_to_the_shadow_of_the_highest_point():
    key = key_direction(0.0)
    x, z, width, depth = floor_patch(ONE, key)
    top = np.array([0.0, 1.7, 0.0])

    shadow = top - key * (top[1] / key[1])

    assert x < shadow[0] < x + width
    assert z < shadow[2] < z + depth
