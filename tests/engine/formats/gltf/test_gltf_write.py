"""What we write as .glb, judged by pygltflib with kinematics of its own."""

from __future__ import annotations

import json
import struct
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from engine.errors import Cancelled, MotionFileError
from engine.formats import gltf
from engine.formats.bone_shapes import bone_shapes
from engine.formats.comparison import between_keys_deg
from engine.formats.gltf import GltfOptions
from engine.formats.gltf.write import tidy_skin
from engine.formats.scene import RATES, SceneTake, SkinnedMesh
from engine.motion import quaternion
from engine.motion.house import HOUSE
from engine.motion.kinematics import rest_transforms
from tests.film_scenes import crooked, film_scene, flipping, spinning, with_root, worst

TENTH_MM = 1e-4
TWENTIETH_DEG = np.radians(0.05)


def document_of(path: Path) -> dict:
    """The JSON chunk."""
    data = path.read_bytes()
    return json.loads(data[20 : 20 + struct.unpack_from("<I", data, 12)[0]])


@pytest.mark.parametrize("rate", RATES)
def test_every_rate_is_read_back_as_it_was(tmp_path, rate):
    path, scene = tmp_path / "a.glb", film_scene(rate, performers=2)
    gltf.write(path, scene)

    found = gltf.read_back(path)

    metres, radians = worst(scene, found)
    assert metres < TENTH_MM
    assert radians < TWENTIETH_DEG
    assert found.frame_rate_hz == pytest.approx(RATES[rate].hz, rel=1e-6)
    assert (found.n_frames, found.unit_to_m, found.up_axis, found.notes) == (40, 1.0, "y", ())


def test_rest_pose_and_joint_axes_survive(tmp_path):
    path, scene = tmp_path / "a.glb", film_scene(skeleton=crooked())
    gltf.write(path, scene)

    found = gltf.read_back(path)

    assert worst(scene, found)[0] < TENTH_MM
    np.testing.assert_allclose(found.performers[0].rest_positions_m, rest_transforms(HOUSE)[0], atol=1e-6)


def test_all_takes_performers_and_names_are_there(tmp_path):
    path = tmp_path / "a.glb"
    gltf.write(path, film_scene(performers=3, takes=2, start_frame=1001))

    found = gltf.read_back(path)

    assert found.takes == ("tk01", "tk02")
    assert [performer.name for performer in found.performers] == ["Ana", "Bo", "Cy"]
    assert found.performers[0].joints == HOUSE.names
    assert found.start_frame == 1001


def test_a_rig_with_a_root_on_the_floor_has_one_top_joint_and_dances_the_same(tmp_path):
    path, scene = tmp_path / "a.glb", with_root(film_scene(performers=2))
    gltf.write(path, scene)

    found = gltf.read_back(path)

    assert worst(scene, found)[0] < TENTH_MM
    assert found.performers[0].joints == ("root", *HOUSE.names)
    np.testing.assert_array_equal(found.performers[0].parents, [-1, 0, *(HOUSE.parents[1:] + 1)])
    np.testing.assert_allclose(found.performers[0].positions_m[-1, 0], [1.0, 0.0, -0.5], atol=1e-6)


def test_rotations_never_jump_to_the_other_sign(tmp_path):
    """Linear keys go the long way round between q and -q."""
    path, rate = tmp_path / "a.glb", RATES["24"]
    scene = replace(film_scene(), takes=(SceneTake("spin", (spinning(rate),)),))
    gltf.write(path, scene)

    found = gltf.read_back(path)

    values = found.performers[0].curves.values
    assert np.all(np.sum(values[1:] * values[:-1], axis=-1) > 0.0)
    assert worst(scene, found)[1] < TWENTIETH_DEG


def test_the_same_scene_gives_the_same_bytes(tmp_path):
    for name in ("a.glb", "b.glb"):
        gltf.write(tmp_path / name, film_scene(camera=True))

    assert (tmp_path / "a.glb").read_bytes() == (tmp_path / "b.glb").read_bytes()


def test_markers_rate_and_start_frame_are_in_the_extras(tmp_path):
    path = tmp_path / "a.glb"
    gltf.write(path, film_scene("23.976", start_frame=1001))

    extras = document_of(path)["scenes"][0]["extras"]

    assert (extras["frame_rate_exact"], extras["start_frame"], extras["n_frames"]) == ("24000/1001", 1001, 40)
    assert extras["markers"][0]["name"] == "Drop"
    assert extras["markers"][0]["frame"] == pytest.approx(1001 + 0.5 * 24000 / 1001)


def test_the_first_key_may_lie_at_the_start_frame(tmp_path):
    path = tmp_path / "a.glb"
    gltf.write(path, film_scene("25", start_frame=1001), GltfOptions(first_key="start_frame"))

    document = document_of(path)
    times = document["accessors"][document["animations"][0]["samplers"][0]["input"]]

    assert times["min"][0] == pytest.approx(1001 / 25)
    assert gltf.read_back(path).frame_rate_hz == pytest.approx(25.0, rel=1e-5)


def test_a_35_mm_lens_sees_as_high_as_its_film_back_says(tmp_path):
    path = tmp_path / "a.glb"
    gltf.write(path, film_scene(camera=True))

    document = document_of(path)

    perspective = document["cameras"][0]["perspective"]
    assert np.tan(perspective["yfov"] / 2) * 2 * 35.0 == pytest.approx(20.25)
    assert perspective["aspectRatio"] == pytest.approx(16 / 9)
    assert document["nodes"][-1]["extras"]["focal_mm"] == 35.0


def test_a_frame_that_is_no_number_is_refused_in_a_sentence(tmp_path):
    scene = film_scene()
    root = scene.takes[0].motions[0].root_positions_m.copy()
    root[7, 1] = np.nan
    broken = replace(scene, takes=(SceneTake("tk01", (replace(scene.takes[0].motions[0], root_positions_m=root),)),))

    with pytest.raises(MotionFileError, match=r"frame 7 of Ana's motion in take tk01 .* not a number\."):
        gltf.write(tmp_path / "a.glb", broken)


def test_a_cancelled_write_leaves_the_old_file_whole(tmp_path):
    path = tmp_path / "a.glb"
    path.write_bytes(b"old")

    def cancel(fraction: float) -> None:
        if fraction == 1.0:
            raise Cancelled("enough")

    with pytest.raises(Cancelled):
        gltf.write(path, film_scene(), progress=cancel)
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("data", [b"", b"glTF", b"\x00" * 64, b"not a file of ours"])
def test_what_is_no_glb_is_refused_by_the_second_reader_in_a_sentence(tmp_path, data):
    path = tmp_path / "a.glb"
    path.write_bytes(data)

    with pytest.raises(MotionFileError, match=r"^a\.glb: .*\.$"):
        gltf.read_back(path)


def test_every_joint_carries_a_closed_shape_whose_faces_look_outwards():
    shapes = bone_shapes(HOUSE)

    faces = shapes.positions_m[shapes.triangles].reshape(-1, 8, 3, 3)  # eight to an octahedron
    areas = np.cross(faces[:, :, 1] - faces[:, :, 0], faces[:, :, 2] - faces[:, :, 0])
    outward = faces.mean(axis=2) - faces.mean(axis=(1, 2))[:, np.newaxis]
    assert set(shapes.joints[:, 0].tolist()) == set(range(HOUSE.n_joints))
    assert np.all(np.sum(areas * outward, axis=-1) > 0.0)
    np.testing.assert_allclose(areas.sum(axis=1), 0.0, atol=1e-12)
    np.testing.assert_allclose(shapes.normals[::3], (areas / np.linalg.norm(areas, axis=-1)[..., None]).reshape(-1, 3))


def test_a_skin_is_tidied_without_changing_what_it_carries():
    mesh = SkinnedMesh(
        np.zeros((2, 3)), np.zeros((2, 3)), np.array([[0, 1, 0]]), np.zeros((2, 3)),
        np.array([[3, 3, 5, 9], [2, 1, 7, 7]]), np.array([[0.3, 0.3, 0.4, 0.0], [1.0, 0.0, 0.0, 0.0]]),
    )  # fmt: skip

    joints, weights = tidy_skin(mesh)

    np.testing.assert_array_equal(joints, [[3, 0, 5, 0], [2, 0, 0, 0]])
    np.testing.assert_allclose(weights, [[0.6, 0, 0.4, 0], [1, 0, 0, 0]], atol=1e-7)


def test_fast_turns_have_keys_between_the_frames_and_come_evenly_in_straight_lines_too(tmp_path):
    path, scene = tmp_path / "a.glb", flipping()
    gltf.write(path, scene)

    found = gltf.read_back(path)

    assert (found.n_frames, found.frame_rate_hz) == (40, pytest.approx(24.0))
    assert worst(scene, found)[0] < TENTH_MM
    assert between_keys_deg(found.performers[0].curves)[0] < 1.0


def test_without_keys_between_frames_straight_lines_are_degrees_off(tmp_path):
    path = tmp_path / "a.glb"
    gltf.write(path, flipping(), GltfOptions(has_between_keys=False))

    assert 1.0 < between_keys_deg(gltf.read_back(path).performers[0].curves)[0] < 20.0


@pytest.mark.parametrize("rate", ["23.976", "24", "25", "60"])
def test_keys_between_frames_do_not_change_the_rate_that_is_read(tmp_path, rate):
    path, scene = tmp_path / "a.glb", flipping(rate)
    gltf.write(path, scene)

    (motion,) = gltf.read(path)

    assert (motion.n_frames, motion.frame_rate_hz) == (40, pytest.approx(RATES[rate].hz, rel=1e-4))
    apart = quaternion.length(motion.positions_m() - scene.takes[0].motions[0].positions_m())
    assert apart.max() < TENTH_MM
