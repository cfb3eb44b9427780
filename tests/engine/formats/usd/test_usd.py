"""What we write as USD, judged by usd-core: its validators, its skeleton queries, its skinning, its cameras."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from pxr import Gf, Usd, UsdGeom, UsdSkel, UsdValidation

from engine.errors import Cancelled, MotionFileError
from engine.formats import usd
from engine.formats.comparison import between_keys_deg
from engine.formats.scene import RATES, FilmCamera, SceneTake
from engine.formats.usd import UsdOptions
from engine.motion import quaternion
from engine.motion.house import HOUSE
from engine.motion.kinematics import rest_transforms
from tests.film_scenes import bodily, crooked, film_scene, flipping, skinned_m, spinning, with_root, worst

ROOT = Path(__file__).resolve().parents[4]
TENTH_MM = 1e-4
TWENTIETH_DEG = np.radians(0.05)
APPLIED = 'prepend apiSchemas = ["SkelBindingAPI"]'
KINDS = ["a.usda", "a.usdc"]


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("name", KINDS)
def test_every_rate_is_read_back_as_it_was(tmp_path, name, rate):
    path, scene = tmp_path / name, film_scene(rate, performers=2, start_frame=1001)
    usd.write(path, scene)

    found = usd.read_back(path)

    metres, radians = worst(scene, found)
    assert metres < TENTH_MM
    assert radians < TWENTIETH_DEG
    assert found.frame_rate_hz == RATES[rate].hz
    assert (found.start_frame, found.n_frames, found.notes) == (1001, 40, ())
    assert (found.unit_to_m, found.up_axis, found.takes) == (0.01, "y", ("tk01",))
    assert [performer.name for performer in found.performers] == ["Ana", "Bo"]


@pytest.mark.parametrize("name", KINDS)
def test_rest_pose_axes_and_a_root_on_the_floor_survive(tmp_path, name):
    path, scene = tmp_path / name, with_root(film_scene(skeleton=crooked()))
    usd.write(path, scene)

    found = usd.read_back(path)

    assert worst(scene, found)[0] < TENTH_MM
    assert worst(scene, found)[1] < TWENTIETH_DEG
    assert found.performers[0].joints == ("root", *HOUSE.names)
    np.testing.assert_allclose(found.performers[0].rest_positions_m[1:], rest_transforms(HOUSE)[0], atol=1e-6)


@pytest.mark.parametrize("name", KINDS)
def test_the_validators_of_usd_find_nothing(tmp_path, name):
    path = tmp_path / name
    usd.write(path, film_scene("23.976", performers=3, start_frame=1001, camera=True))

    validators = UsdValidation.ValidationRegistry().GetOrLoadAllValidators()
    errors = UsdValidation.ValidationContext(validators).Validate(Usd.Stage.Open(str(path)))

    assert len(validators) > 10
    assert [error.GetErrorAsString() for error in errors] == []


def test_the_validators_of_usd_do_find_what_is_missing(tmp_path):
    path = tmp_path / "a.usda"
    usd.write(path, film_scene())
    path.write_text(path.read_text().replace('upAxis = "Y"', "").replace(APPLIED, ""))

    validators = UsdValidation.ValidationRegistry().GetOrLoadAllValidators()
    errors = UsdValidation.ValidationContext(validators).Validate(Usd.Stage.Open(str(path)))

    assert len(errors) > 1


def test_what_readers_are_known_to_need_is_there(tmp_path):
    path = tmp_path / "a.usda"
    usd.write(path, film_scene("25", start_frame=101))

    stage = Usd.Stage.Open(str(path))

    top = stage.GetDefaultPrim().GetPath()
    dance = UsdSkel.Animation.Get(stage, f"{top}/Ana/Dance")
    assert stage.GetTimeCodesPerSecond() == stage.GetFramesPerSecond() == 25.0
    assert (stage.GetStartTimeCode(), stage.GetEndTimeCode()) == (101.0, 140.0)
    assert np.array(dance.GetScalesAttr().Get()).tolist() == [[1.0, 1.0, 1.0]] * HOUSE.n_joints
    for prim in ("Ana", "Ana/Skeleton", "Ana/Body"):
        assert stage.GetPrimAtPath(f"{top}/{prim}").HasAPI(UsdSkel.BindingAPI)
    for prim in ("Ana", "Ana/Skeleton"):
        binding = UsdSkel.BindingAPI(stage.GetPrimAtPath(f"{top}/{prim}"))
        assert binding.GetAnimationSourceRel().GetTargets() == [dance.GetPath()]


def test_names_that_usd_does_not_admit_are_kept_beside_those_it_does(tmp_path):
    skeleton = replace(HOUSE, names=tuple(f"mixamorig:{name}" for name in HOUSE.names))
    path, scene = tmp_path / "a.usda", film_scene(skeleton=skeleton)
    usd.write(path, replace(scene, title="Nº 5: übung", performers=(replace(scene.performers[0], name="Zoë & co"),)))

    found = usd.read_back(path)

    assert found.performers[0].joints == skeleton.names
    assert found.performers[0].name.isidentifier()


def test_usd_carries_the_body_as_skinning_is_defined(tmp_path):
    path, scene = tmp_path / "a.usdc", bodily()
    usd.write(path, scene)
    stage = Usd.Stage.Open(str(path))
    top = stage.GetDefaultPrim().GetPath()

    UsdSkel.BakeSkinning(UsdSkel.Root.Get(stage, f"{top}/Ana"), Gf.Interval(7, 7))

    baked = np.array(UsdGeom.Mesh.Get(stage, f"{top}/Ana/Body").GetPointsAttr().Get(7)) * 0.01
    carried = skinned_m(scene.performers[0].mesh, scene.takes[0].motions[0], 7)
    np.testing.assert_allclose(baked, carried, atol=1e-5)


def test_the_camera_of_usd_sees_what_ours_sees(tmp_path):
    path, scene = tmp_path / "a.usda", film_scene("25", start_frame=10, camera=True)
    zoom = FilmCamera("Zoom", np.array([[0.0, 1.0, 3.0]]), quaternion.IDENTITY[np.newaxis], np.linspace(35, 70, 40))
    usd.write(path, replace(scene, cameras=(*scene.cameras, zoom)))
    stage = Usd.Stage.Open(str(path))
    top = stage.GetDefaultPrim().GetPath()

    moving = UsdGeom.Camera.Get(stage, f"{top}/Shot_A").GetCamera(10 + 39)
    zooming = UsdGeom.Camera.Get(stage, f"{top}/Zoom").GetCamera(10 + 39)

    view = moving.frustum.ComputeViewDirection()
    ahead = quaternion.rotate(scene.cameras[0].rotations[-1], np.array([0.0, 0.0, -1.0]))
    np.testing.assert_allclose(moving.frustum.GetPosition(), 100 * scene.cameras[0].positions_m[-1], atol=1e-4)
    np.testing.assert_allclose(view, ahead, atol=1e-6)
    across = moving.GetFieldOfView(Gf.Camera.FOVHorizontal)
    assert np.tan(np.radians(across) / 2) == pytest.approx(18 / 35, rel=1e-6)
    assert zooming.focalLength == pytest.approx(70.0)


def test_markers_and_the_exact_rate_are_in_the_layer(tmp_path):
    path = tmp_path / "a.usda"
    usd.write(path, film_scene("29.97", start_frame=1001))

    stage = Usd.Stage.Open(str(path))
    data = stage.GetRootLayer().customLayerData["kinetograph"]

    assert (data["frameRate"], data["startFrame"]) == ("30000/1001", 1001)
    assert list(data["markerNames"]) == ["Drop", "1"]
    assert data["markerFrames"][0] == pytest.approx(1001 + 0.5 * 30000 / 1001)


def test_rotations_never_jump_to_the_other_sign(tmp_path):
    path = tmp_path / "a.usdc"
    usd.write(path, replace(film_scene(), takes=(SceneTake("spin", (spinning(RATES["24"]),)),)))

    values = usd.read_back(path).performers[0].curves.values

    assert np.all(np.sum(values[1:] * values[:-1], axis=-1) > 0.0)


@pytest.mark.parametrize("name", KINDS)
def test_the_same_scene_gives_the_same_bytes_in_every_process(tmp_path, name):
    program = (
        "import sys; from pathlib import Path\n"
        "from engine.formats import usd; from tests.film_scenes import film_scene\n"
        "usd.write(Path(sys.argv[1]), film_scene(performers=2, camera=True))"
    )
    for n in (1, 2):
        (tmp_path / str(n)).mkdir()
        command = [sys.executable, "-c", program, str(tmp_path / str(n) / name)]
        subprocess.run(command, check=True, cwd=ROOT, env={**os.environ, "PYTHONHASHSEED": str(n)}, timeout=60)

    assert (tmp_path / "1" / name).read_bytes() == (tmp_path / "2" / name).read_bytes()


def test_without_a_body_the_bones_may_go_bare(tmp_path):
    path = tmp_path / "a.usda"
    usd.write(path, film_scene(), UsdOptions(bone_shapes=False))

    assert usd.read_back(path).performers[0].n_vertices == 0


def test_another_extension_is_refused(tmp_path):
    with pytest.raises(MotionFileError, match=r"a\.usdz: must end in \.usda"):
        usd.write(tmp_path / "a.usdz", film_scene())


def test_a_cancelled_write_leaves_the_old_file_whole(tmp_path):
    path = tmp_path / "a.usda"
    path.write_bytes(b"old")

    def cancel(fraction: float) -> None:
        if fraction == 1.0:
            raise Cancelled("enough")

    with pytest.raises(Cancelled):
        usd.write(path, film_scene(), progress=cancel)
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("name", KINDS)
@pytest.mark.parametrize("data", [b"", b"#usda 1.0\n(", b"PXR-USDC\x00\x00", b"#usda 1.0\n"])
def test_what_holds_no_skeleton_is_refused_in_a_sentence(tmp_path, name, data):
    path = tmp_path / name
    path.write_bytes(data)

    with pytest.raises(MotionFileError, match=r"^a\.usd[ac]: .*\.$"):
        usd.read_back(path)


def test_a_file_rewritten_is_read_anew(tmp_path):
    path = tmp_path / "a.usda"
    usd.write(path, film_scene(n_frames=10))
    held = Usd.Stage.Open(str(path))
    usd.write(path, film_scene(n_frames=20))

    assert usd.read_back(path).n_frames == 20
    assert held.GetEndTimeCode() == 9


@pytest.mark.parametrize("name", KINDS)
def test_fast_turns_have_samples_between_the_frames(tmp_path, name):
    path, scene = tmp_path / name, flipping(start_frame=5)
    usd.write(path, scene)

    found = usd.read_back(path)

    assert (found.n_frames, found.start_frame, found.notes) == (40, 5, ())
    assert worst(scene, found)[0] < 1e-4
    assert between_keys_deg(found.performers[0].curves)[0] < 1.0


def test_usd_draws_the_shortest_turn_between_samples(tmp_path):
    path, scene = tmp_path / "a.usda", flipping(start_frame=5)
    usd.write(path, scene, UsdOptions(has_between_keys=False))
    stage = Usd.Stage.Open(str(path))
    dance = UsdSkel.Animation(next(prim for prim in stage.Traverse() if prim.IsA(UsdSkel.Animation)))
    keys = scene.takes[0].motions[0].local_rotations

    for frame, part in ((0, 0.25), (7, 0.5), (20, 0.75)):
        drawn = np.array([(q.real, *q.imaginary) for q in dance.GetRotationsAttr().Get(5 + frame + part)])
        shortest = quaternion.slerp(keys[frame], keys[frame + 1], part)
        assert np.degrees(quaternion.angle_between(drawn, shortest)).max() < 0.05
