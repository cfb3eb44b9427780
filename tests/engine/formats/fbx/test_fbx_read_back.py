"""What is written as FBX, as ufbx finds it: an independent reader, in a process of its own."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from engine.formats import fbx
from engine.formats.comparison import compared, expected
from engine.formats.fbx import FbxOptions
from engine.formats.scene import RATES, FilmScene, NodeAbove, ReadBack
from engine.motion.house import HOUSE
from tests.film_scenes import crooked, film_scene, spinning, with_root, worst

MOST_M, MOST_RAD = 1e-4, np.radians(0.05)


@pytest.fixture
def written(tmp_path):
    """Writes a scene and reads it back."""

    def there_and_back(scene: FilmScene, **options: object) -> ReadBack:
        path = tmp_path / "dance.fbx"
        fbx.write(path, scene, FbxOptions(**options))
        return fbx.read_back(path)

    return there_and_back


@pytest.mark.parametrize("rate", RATES)
def test_every_joint_of_every_frame_is_where_it_was_at_every_rate(written, rate):
    scene = film_scene(rate, n_frames=30, start_frame=1001)

    found = written(scene)

    metres, radians = worst(scene, found)
    assert (found.frame_rate_hz, found.start_frame, found.n_frames) == (RATES[rate].hz, 1001, 30)
    assert metres < MOST_M / 10
    assert radians < MOST_RAD / 10


@pytest.mark.parametrize("start_frame", [0, 1, 1001, -12])
@pytest.mark.parametrize("rate", ["23.976", "59.94"])
def test_the_first_frame_has_its_number(written, rate, start_frame):
    assert written(film_scene(rate, start_frame=start_frame)).start_frame == start_frame


def test_axes_and_unit_are_those_of_film(written):
    found = written(film_scene())

    assert (found.up_axis, found.unit_to_m) == ("y", 0.01)
    assert found.reader.startswith("ufbx ")


@pytest.mark.parametrize("count", [1, 2, 3])
def test_every_dancer_has_one_top_joint_and_her_own_names(written, count):
    scene = film_scene(performers=count, takes=count)

    found = written(scene)

    assert len(found.performers) == count
    assert found.takes == tuple(f"tk{i + 1:02d}" for i in range(count))
    assert all(set(performer.joints) == set(HOUSE.names) for performer in found.performers)
    assert worst(scene, found)[0] < MOST_M / 10


def test_joints_with_axes_of_their_own_keep_them_and_their_rest_pose(written):
    scene = film_scene(skeleton=crooked(), performers=2)

    difference = compared(written(scene), expected(scene))

    assert difference.trouble == ()
    assert difference.position_mm < 0.01
    assert difference.rotation_deg < 0.005
    assert difference.rest_mm < 0.001


@pytest.mark.parametrize("is_joint", [True, False])
def test_what_stands_above_the_hips_carries_them(written, is_joint):
    scene = with_root(film_scene(skeleton=crooked()))
    scene = replace(scene, performers=(replace(scene.performers[0], above=NodeAbove("root", is_joint)),))

    found = written(scene)

    assert ("root" in found.performers[0].joints) == is_joint
    assert worst(scene, found)[0] < MOST_M / 10
    assert worst(scene, found)[1] < MOST_RAD / 10


def test_spins_and_tumbles_do_not_flip_between_the_keys(written):
    scene = film_scene("60")
    motion = spinning(RATES["60"], 240, turns=7.0)
    scene = replace(scene, takes=(replace(scene.takes[0], motions=(motion,)),))

    difference = compared(written(scene), expected(scene))

    assert difference.position_mm < 0.01
    assert difference.between_deg < 1.0


def test_without_keys_between_frames_the_pole_of_the_angles_costs_degrees(written):
    scene = film_scene("60")
    scene = replace(scene, takes=(replace(scene.takes[0], motions=(spinning(RATES["60"], 240),)),))

    difference = compared(written(scene, has_between_keys=False), expected(scene))

    assert difference.between_deg > 4.0
    assert difference.between_deg <= difference.least_between_deg + 0.01


def test_equal_scenes_give_equal_bytes(tmp_path):
    for name in ("one.fbx", "two.fbx"):
        fbx.write(tmp_path / name, film_scene(performers=2, takes=2))

    assert (tmp_path / "one.fbx").read_bytes() == (tmp_path / "two.fbx").read_bytes()
