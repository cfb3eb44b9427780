"""Written files in other programs: Blender and assimp; skipped where these are not installed."""

from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from engine.character.character import character
from engine.character.mesh import SkinnedMesh
from engine.formats import fbx
from engine.formats.fbx import node_names
from engine.formats.scene import FilmScene, Performer
from engine.motion import quaternion
from engine.motion.kinematics import rest_transforms
from engine.motion.motion import Motion
from tests.film_scenes import crooked, film_scene, with_root

MOST_M = 1e-5  # Blender counts in 32 bits
AXES = np.eye(3)
SCRIPT = Path(__file__).with_name("in_blender.py")


@pytest.fixture
def in_blender(tmp_path):
    """Writes a scene and gives what Blender finds in some frames of it."""
    blender = shutil.which("blender")
    if blender is None:
        pytest.skip("Blender is not installed")

    def found(scene: FilmScene, frames: list[float]) -> dict[str, np.ndarray]:
        path, out = tmp_path / "dance.fbx", tmp_path / "found.npz"
        fbx.write(path, scene)
        command = [blender, "-b", "--factory-startup", "--python-exit-code", "1", "-P", str(SCRIPT), "--"]
        ended = subprocess.run(
            [*command, str(path), str(out), ",".join(map(str, frames))], capture_output=True, text=True, timeout=120
        )
        if "No module named 'numpy'" in ended.stdout + ended.stderr:
            pytest.skip("Blender's Python needs python3-numpy")
        assert ended.returncode == 0, ended.stdout + ended.stderr
        with np.load(out) as file:
            return dict(file)

    return found


def places(scene: FilmScene, found: dict[str, np.ndarray], frame: int, at: int) -> float:
    """The largest distance in metres of a joint in one frame, as Blender has it at its moment `at`."""
    worst, bones = 0.0, found["bones"].tolist()
    for performer, motion in zip(node_names(scene).performers, scene.takes[0].motions, strict=True):
        order = [bones.index(name) for name in performer.joints]
        worst = max(worst, float(np.abs(found["places"][at][order] - motion.positions_m()[frame]).max()))
    return worst


def skinned(mesh: SkinnedMesh, motion: Motion, frame: int) -> np.ndarray:
    """The vertices of a body in one frame, [V, 3], by the definition of linear blend skinning."""
    rest, rest_turned = rest_transforms(motion.skeleton)
    positions, turned = (values[frame] for values in motion.global_transforms())
    change = quaternion.multiply(turned, quaternion.conjugate(rest_turned))
    out = np.zeros_like(mesh.positions_m)
    for k in range(4):
        joint = mesh.joints[:, k]
        carried = positions[joint] + quaternion.rotate(change[joint], mesh.positions_m - rest[joint])
        out += mesh.weights[:, k : k + 1] * carried
    return out


@pytest.mark.slow
@pytest.mark.parametrize(("rate", "hz"), [("24", (24, 1)), ("30", (30, 1)), ("60", (60, 1)), ("120", (120, 1))])
def test_blender_has_every_joint_where_it_is_and_takes_the_rate(in_blender, rate, hz):
    scene = film_scene(rate, start_frame=1001, skeleton=crooked())

    found = in_blender(scene, [1001, 1017, 1040])

    assert [places(scene, found, frame, i) for i, frame in enumerate((0, 16, 39))] < [MOST_M] * 3
    assert tuple(found["rate"]) == hz
    assert found["range"].tolist() == [[1001, 1040]] * len(found["range"])


@pytest.mark.slow
def test_blender_has_rates_of_television_evenly_between_the_first_key_and_the_last(in_blender):
    """Blender 3.4 places keys by whole frames a second: at 23.976 frame i of the file lies at 1.001 i."""
    scene = film_scene("23.976", start_frame=1001)

    found = in_blender(scene, [1001 * 1.001, 1021 * 1.001, 1040 * 1.001])

    assert max(places(scene, found, frame, i) for i, frame in enumerate((0, 20, 39))) < MOST_M
    assert found["rate"][0] / found["rate"][1] == pytest.approx(24000 / 1001, abs=1e-3)


@pytest.mark.slow
def test_blender_has_bodies_cameras_and_dancers_apart(in_blender):
    body = character("woman", 1.62)
    scene = film_scene(performers=2, skeleton=body.skeleton, camera=True)
    scene = replace(scene, performers=tuple(Performer(p.name, p.skeleton, body.mesh) for p in scene.performers))

    found = in_blender(scene, [0, 25])

    assert found["armatures"].tolist() == ["Ana", "Bo"]
    assert max(places(scene, found, frame, i) for i, frame in enumerate((0, 25))) < MOST_M
    for i, frame in enumerate((0, 25)):
        surface = np.concatenate([skinned(body.mesh, motion, frame) for motion in scene.takes[0].motions])
        np.testing.assert_allclose(found["vertices"][i], surface, atol=MOST_M)
        camera, (eye, looks, up) = scene.cameras[0], found["eyes"][i][0]
        np.testing.assert_allclose(eye, camera.positions_m[frame], atol=MOST_M)
        np.testing.assert_allclose(looks, quaternion.rotate(camera.rotations[frame], -AXES[2]), atol=1e-5)
        np.testing.assert_allclose(up, quaternion.rotate(camera.rotations[frame], AXES[1]), atol=1e-5)
    np.testing.assert_allclose(found["focal"][:, 0], [[35.0, 36.0, 20.25]] * 2, rtol=1e-6)
    assert found["said"].tolist() == ["frame 12, 0.500 s, marker: Drop (everybody down)"]


@pytest.mark.slow
def test_blender_has_a_root_on_the_floor(in_blender):
    scene = with_root(film_scene(start_frame=1))

    found = in_blender(scene, [1, 30])

    assert "root" in found["bones"]
    assert max(places(scene, found, frame, i) for i, frame in enumerate((0, 29))) < MOST_M


@pytest.mark.slow
def test_blender_has_an_action_for_every_take(in_blender):
    found = in_blender(film_scene(takes=3), [0])

    assert sorted(name.split("|")[1] for name in found["actions"]) == ["tk01", "tk02", "tk03"]


def test_assimp_has_every_node_and_animation(tmp_path):
    if shutil.which("assimp") is None:
        pytest.skip("assimp is not installed")
    body = character()
    scene = film_scene(performers=2, takes=2, skeleton=body.skeleton)
    scene = replace(scene, performers=tuple(Performer(p.name, p.skeleton, body.mesh) for p in scene.performers))
    fbx.write(tmp_path / "dance.fbx", scene)

    said = subprocess.run(["assimp", "info", "dance.fbx"], cwd=tmp_path, capture_output=True, text=True).stdout

    counts = {name: int(number) for name, number in re.findall(r"^([A-Za-z ]+): +(\d+)$", said, re.M)}
    joints, of_each, shared = 2 * body.skeleton.n_joints, 2 * len(["null", "body"]), len(["the scene", "markers"])
    assert counts["Nodes"] == joints + of_each + shared
    assert counts["Animations"] == 2
    assert counts["Faces"] == 2 * len(body.mesh.triangles)
    assert all(name in said for performer in node_names(scene).performers for name in performer.joints)
