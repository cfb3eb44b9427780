from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from engine.motion.house import HOUSE
from tests.dances import standing, walk
from viewer3d.body import body_for
from viewer3d.camera import DIRECTIONS, Camera
from viewer3d.follow import follow, still

VIEW = Camera(np.zeros(3), 5.0, *DIRECTIONS["three-quarter"])
NOWHERE = np.zeros(3)


def leaping(seed: int, n_frames: int = 240):
    """A dancer thrown about the stage, up and down and to the sides."""
    rng = np.random.default_rng(seed)
    steps = rng.normal(size=(n_frames, 3)) * [0.06, 0.0, 0.06]
    root = np.cumsum(steps, axis=0) + HOUSE.offsets_m[0]
    root[:, 1] += 0.7 * np.maximum(np.sin(np.arange(n_frames) / 7.0), 0.0) ** 3
    return replace(standing(n_frames), root_positions_m=root)


@pytest.mark.parametrize("aspect", [16 / 9, 0.6])
@pytest.mark.parametrize("seed", range(3))
def test_nothing_is_ever_cut_off(seed, aspect):
    motion = leaping(seed)
    path = follow([motion], [NOWHERE], aspect, VIEW, 0.05)
    centres, radii = body_for(HOUSE).extent(motion, NOWHERE)

    for frame in range(0, motion.n_frames, 5):
        x, y, depth = path.at(frame / motion.frame_rate_hz).project(centres[frame], aspect, 1.0).T
        assert np.all((x > 0.05 * aspect) & (x < 0.95 * aspect))
        assert np.all((y > 0.05) & (y < 0.95))
        assert np.all(depth > radii)


def test_the_camera_moves_more_smoothly_than_the_dancer():
    motion = leaping(1)
    path = follow([motion], [NOWHERE], 16 / 9, VIEW)

    shaking = np.abs(np.diff(motion.root_positions_m, n=2, axis=0)).mean(axis=0)
    moved = np.abs(np.diff(path.targets_m, n=2, axis=0)).mean(axis=0)

    assert np.all(moved[[0, 2]] < 0.1 * shaking[[0, 2]])
    assert moved[1] == 0.0
    assert np.abs(np.diff(path.distances_m, n=2)).max() < 0.02


def test_the_camera_does_not_lag_behind_a_walk():
    motion, _ = walk(8.0, speed_m_s=1.0)
    path = follow([motion], [NOWHERE], 16 / 9, VIEW)
    ahead = path.targets_m[:, 2] - motion.root_positions_m[:, 2]

    np.testing.assert_allclose(ahead[90:150], ahead[90:150].mean(), atol=0.005)
    backwards = replace(motion, root_positions_m=motion.root_positions_m[::-1].copy())
    mirrored = follow([backwards], [NOWHERE], 16 / 9, VIEW).targets_m[::-1, 2] - motion.root_positions_m[:, 2]
    np.testing.assert_allclose(ahead[90:150], mirrored[90:150], atol=0.02)


def test_a_standing_dancer_has_a_still_camera():
    path = follow([standing(60)], [NOWHERE], 16 / 9, VIEW)

    np.testing.assert_allclose(path.targets_m, np.tile(path.targets_m[0], (60, 1)), atol=1e-12)
    np.testing.assert_allclose(path.distances_m, path.distances_m[0])


def test_two_dancers_of_different_length_are_both_held():
    motions = [leaping(0, 60), leaping(1, 120)]
    places = [np.array([-1.5, 0.0, 0.0]), np.array([1.5, 0.0, 0.0])]
    path = follow(motions, places, 16 / 9, VIEW, 0.02)

    for motion, place in zip(motions, places, strict=True):
        centres, _ = body_for(HOUSE).extent(motion, place)
        x, y, _ = path.at(119 / 30).project(centres[min(119, motion.n_frames - 1)], 16 / 9, 1.0).T
        assert np.all((x > 0) & (x < 16 / 9) & (y > 0) & (y < 1))


def test_a_path_is_held_before_its_start_and_after_its_end():
    path = follow([leaping(2)], [NOWHERE], 1.0, VIEW)

    np.testing.assert_array_equal(path.at(-1.0).target_m, path.targets_m[0])
    np.testing.assert_array_equal(path.at(1e3).target_m, path.targets_m[-1])


def test_stills_share_one_distance_and_hold_every_moment():
    motion = leaping(4)
    centres, radii = body_for(HOUSE).extent(motion, NOWHERE)
    frames = [3, 50, 100, 200]

    cameras = still(centres[frames], radii, motion.root_positions_m[frames], 0.8, VIEW, 0.05)

    assert len({camera.distance_m for camera in cameras}) == 1
    for camera, frame in zip(cameras, frames, strict=True):
        x, y, _ = camera.project(centres[frame], 0.8, 1.0).T
        assert np.all((x > 0.04) & (x < 0.76) & (y > 0.05) & (y < 0.95))
