"""What others make of our .glb: the Khronos validator, Blender and trimesh; each skipped where it is not installed."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import trimesh

from engine.formats import gltf
from engine.formats.bone_shapes import bone_shapes
from engine.formats.scene import FilmScene
from engine.motion.house import HOUSE
from tests.film_scenes import bodily, crooked, film_scene, flipping, skinned_m, with_root

HERE = Path(__file__).parent
ROOT = HERE.parents[3]
PATIENCE_S = 120.0

SCENES: dict[str, FilmScene] = {
    "one": film_scene(),
    "cast": film_scene("23.976", performers=3, takes=2, start_frame=1001, camera=True),
    "rooted": with_root(film_scene("29.97", performers=2)),
    "crooked": film_scene("60", skeleton=crooked(), camera=True),
    "body": bodily(),
    "flips": flipping(),
    "still": film_scene(n_frames=1, camera=True),
}


@pytest.fixture(scope="module")
def validated(tmp_path_factory) -> dict[str, dict]:
    """What the validator says of each scene."""
    node = shutil.which("node")
    if node is None:
        pytest.skip("node is not installed")
    found = [str(ROOT / "node_modules"), os.environ.get("NODE_PATH", "")]
    if npm := shutil.which("npm"):
        found.append(subprocess.run([npm, "root", "-g"], capture_output=True, text=True, check=False).stdout.strip())
    environment = {**os.environ, "NODE_PATH": os.pathsep.join(filter(None, found))}
    folder = tmp_path_factory.mktemp("validated")
    paths = [folder / f"{name}.glb" for name in SCENES]
    for path, scene in zip(paths, SCENES.values(), strict=True):
        gltf.write(path, scene)
    ran = subprocess.run(
        [node, str(HERE / "validate.js"), *map(str, paths)],
        capture_output=True, text=True, check=False, timeout=PATIENCE_S, env=environment,
    )  # fmt: skip
    if "Cannot find module 'gltf-validator'" in ran.stderr:
        pytest.skip("gltf-validator is not installed: npm install -g gltf-validator")
    assert ran.returncode == 0, ran.stderr
    return dict(zip(SCENES, json.loads(ran.stdout), strict=True))


@pytest.mark.parametrize("name", SCENES)
def test_the_khronos_validator_finds_nothing_at_all(validated, name):
    assert validated[name]["messages"] == []


def imported(path: Path, scene: FilmScene) -> dict:
    """What Blender makes of a file."""
    blender = shutil.which("blender")
    if blender is None:
        pytest.skip("blender is not installed")
    base = 1.0 if scene.rate.exact_hz.denominator == 1 else 1.001
    out = path.with_suffix(".json")
    command = [blender, "-b", "--factory-startup", "--python-exit-code", "1", "-P", str(HERE / "in_blender.py"), "--"]
    command += [str(path), str(out), str(scene.rate.timecode_hz), str(base), str(scene.n_frames)]
    ran = subprocess.run(command, capture_output=True, text=True, check=False, timeout=PATIENCE_S)
    if "No module named 'numpy'" in ran.stdout + ran.stderr:
        pytest.skip("blender's glTF importer needs python3-numpy")
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return json.loads(out.read_text())


def y_up(places: list) -> np.ndarray:
    """Blender's z-up places as ours."""
    x, y, z = np.moveaxis(np.array(places), -1, 0)
    return np.stack([x, z, -y], axis=-1)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["cast", "rooted", "crooked"])
def test_blender_shows_every_joint_where_we_have_it(tmp_path, name):
    path = tmp_path / "a.glb"
    scene = replace(SCENES[name], takes=SCENES[name].takes[:1])
    gltf.write(path, scene)

    found = imported(path, scene)

    assert found["armatures"] == [performer.name for performer in scene.performers]
    assert found["empties"] == []
    for index, motion in enumerate(scene.takes[0].motions):
        order = [found["bones"][index].index(joint) for joint in HOUSE.names]
        places = y_up([frame[index] for frame in found["places"]])[:, order]
        np.testing.assert_allclose(places, motion.positions_m(), atol=1e-4)
    if scene.rate.exact_hz.denominator == 1:
        np.testing.assert_allclose(found["last"] - found["first"], scene.n_frames - 1, atol=1e-3)


@pytest.mark.slow
def test_blender_carries_the_body_as_skinning_is_defined(tmp_path):
    path, scene = tmp_path / "a.glb", bodily()
    gltf.write(path, scene)

    found = imported(path, scene)

    last = skinned_m(scene.performers[0].mesh, scene.takes[0].motions[0], scene.n_frames - 1)
    np.testing.assert_allclose(y_up(found["skins"][0]), last, atol=1e-4)


@pytest.mark.slow
def test_blender_sees_through_our_camera(tmp_path):
    path, scene = tmp_path / "a.glb", film_scene("25", camera=True)
    gltf.write(path, scene)

    found = imported(path, scene)

    np.testing.assert_allclose(y_up([eyes[0] for eyes in found["eyes"]]), scene.cameras[0].positions_m, atol=1e-4)
    np.testing.assert_allclose(np.tan(found["angle_y"][0] / 2), 20.25 / 2 / 35.0, rtol=1e-5)


def test_trimesh_finds_the_bodies_and_the_joints_where_they_rest(tmp_path):
    path = tmp_path / "a.glb"
    gltf.write(path, film_scene(performers=2))

    scene = trimesh.load(path, process=False)

    sizes = [len(mesh.vertices) for mesh in scene.geometry.values()]
    assert sizes == [len(bone_shapes(HOUSE).positions_m)] * 2
    places = bone_shapes(HOUSE).positions_m
    np.testing.assert_allclose(scene.bounds, [places.min(axis=0), places.max(axis=0)], atol=1e-6)
    np.testing.assert_allclose(scene.graph["Hips"][0][:3, 3], HOUSE.offsets_m[0], atol=1e-6)
