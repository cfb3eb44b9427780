"""Motions out of others' glTF: structures of all kinds, by hand and from Blender, and files that are broken."""

from __future__ import annotations

import base64
import copy
import json
import struct
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.errors import MotionFileError
from engine.formats import gltf
from engine.formats.gltf.container import Numbers, glb_blocks
from engine.formats.scene import RATES
from engine.motion import quaternion
from engine.motion.house import HOUSE
from engine.motion.kinematics import rest_transforms
from tests.film_scenes import crooked, film_scene, with_root

QUARTER = np.sqrt(0.5)
ABOUT_X_DOWN = [-QUARTER, 0.0, 0.0, QUARTER]  # z up to y up, (x, y, z, w)


def saved(folder: Path, document: dict, numbers: Numbers) -> Path:
    path = folder / "a.glb"
    path.write_bytes(b"".join(glb_blocks({"asset": {"version": "2.0"}, **document}, numbers)))
    return path


def arm(numbers: Numbers, tracks: list[tuple[int, str, list, list, str]]) -> dict:
    """A z-up rig in centimetres: holder, root on the floor, hips 100 cm up, an arm of two bones of 30 along x.

    Args:
        tracks: (node, path, key times, values, interpolation).
    """
    nodes = [
        {"name": "Armature", "children": [1], "rotation": ABOUT_X_DOWN, "scale": [0.01, 0.01, 0.01]},
        {"name": "root", "children": [2]},
        {"name": "hips", "children": [3], "translation": [0, 0, 100]},
        {"name": "arm", "children": [4], "translation": [30, 0, 0]},
        {"name": "hand", "translation": [30, 0, 0]},
    ]
    channels, samplers = [], []
    for node, what, times, values, interpolation in tracks:
        channels.append({"sampler": len(samplers), "target": {"node": node, "path": what}})
        kind = "VEC4" if what == "rotation" else "VEC3"
        keys, held = numbers.add(np.array(times), "SCALAR"), numbers.add(np.array(values), kind)
        samplers.append({"input": keys, "output": held, "interpolation": interpolation})
    animation = {"name": "wave", "channels": channels, "samplers": samplers}
    return {"nodes": nodes, "skins": [{"joints": [4, 3, 2, 1]}], "animations": [animation]}


def about_y(*degrees: float) -> list[list[float]]:
    return [[0.0, np.sin(np.radians(d) / 2), 0.0, np.cos(np.radians(d) / 2)] for d in degrees]


@pytest.mark.parametrize("rate", ["23.976", "24", "30", "60", "120"])
@pytest.mark.parametrize("skeleton", [HOUSE, crooked()], ids=["house", "crooked"])
def test_what_we_write_we_read(tmp_path, rate, skeleton):
    path, scene = tmp_path / "a.glb", film_scene(rate, performers=2, takes=2, skeleton=skeleton)
    gltf.write(path, scene)

    takes = gltf.read_takes(path)

    assert [(take.name, take.performer) for take in takes] == [
        ("tk01", "Ana"), ("tk01", "Bo"), ("tk02", "Ana"), ("tk02", "Bo")
    ]  # fmt: skip
    assert takes[0].motion.frame_rate_hz == RATES[rate].hz
    assert takes[0].motion.skeleton.names == skeleton.names
    for take, motion in zip(takes, [m for t in scene.takes for m in t.motions], strict=True):
        np.testing.assert_allclose(take.motion.positions_m(), motion.positions_m(), atol=1e-6)
        turns = quaternion.angle_between(take.motion.local_rotations, motion.local_rotations)
        np.testing.assert_allclose(turns, 0.0, atol=1e-6)
    rest, turned = rest_transforms(takes[0].motion.skeleton)
    np.testing.assert_allclose(rest, rest_transforms(skeleton)[0], atol=1e-6)
    np.testing.assert_allclose(quaternion.angle_between(turned, rest_transforms(skeleton)[1]), 0.0, atol=1e-6)


def test_a_wandering_root_is_worked_into_the_hips(tmp_path):
    path, scene = tmp_path / "a.glb", with_root(film_scene())
    gltf.write(path, scene)

    (motion,) = gltf.read(path)

    assert motion.skeleton.names == HOUSE.names
    np.testing.assert_allclose(motion.positions_m(), scene.takes[0].motions[0].positions_m(), atol=1e-6)


def test_centimetres_and_z_up_above_the_root_become_metres_and_y_up(tmp_path):
    numbers = Numbers()
    document = arm(numbers, [(2, "translation", [0, 1], [[0, 0, 100], [50, 0, 100]], "LINEAR")])

    (take,) = gltf.read_takes(saved(tmp_path, document, numbers))

    assert take.motion.skeleton.names == ("hips", "arm", "hand")
    assert (take.performer, take.motion.frame_rate_hz, take.motion.n_frames) == ("Armature", 24.0, 25)
    np.testing.assert_allclose(take.motion.positions_m()[0], [[0, 1, 0], [0.3, 1, 0], [0.6, 1, 0]], atol=1e-6)
    np.testing.assert_allclose(take.motion.positions_m()[12, 0], [0.25, 1, 0], atol=1e-6)


def test_linear_turns_go_along_the_great_circle_the_short_way(tmp_path):
    numbers, turns = Numbers(), np.array(about_y(0, 90, 180))
    turns[1] *= -1.0
    document = arm(numbers, [(3, "rotation", [0, 1, 2], turns, "LINEAR")])

    (motion,) = gltf.read(saved(tmp_path, document, numbers))

    angles = np.degrees(quaternion.angle_between(motion.local_rotations[:, 2], motion.local_rotations[0, 2]))
    np.testing.assert_allclose(angles, np.linspace(0, 180, 49), atol=1e-3)


def test_steps_hold_until_the_next_key(tmp_path):
    numbers = Numbers()
    document = arm(numbers, [(3, "rotation", [0, 0.5, 1], about_y(0, 90, 20), "STEP")])

    (motion,) = gltf.read(saved(tmp_path, document, numbers))

    angles = np.degrees(quaternion.angle_between(motion.local_rotations[:, 2], quaternion.IDENTITY))
    np.testing.assert_allclose(angles, [0] * 12 + [90] * 12 + [20], atol=1e-4)


def test_cubic_splines_follow_their_tangents(tmp_path):
    """Of the parabola x = 100 t - 50 t² every cubic through its ends with its tangents is the parabola itself."""
    numbers, up = Numbers(), 100.0
    keys = [
        [[0, 0, 0], [0, 0, up], [100, 0, 0]],
        [[0, 0, 0], [50, 0, up], [0, 0, 0]],
    ]
    document = arm(numbers, [(2, "translation", [0, 1], np.reshape(keys, (6, 3)), "CUBICSPLINE")])

    (motion,) = gltf.read(saved(tmp_path, document, numbers))

    t = np.arange(25) / 24
    np.testing.assert_allclose(motion.root_positions_m[:, 0], (100 * t - 50 * t**2) / 100, atol=1e-6)


def test_a_bone_that_stretches_is_told(tmp_path):
    numbers = Numbers()
    moving = (2, "translation", [0, 1], [[0, 0, 100], [50, 0, 100]], "LINEAR")
    document = arm(numbers, [moving, (4, "translation", [0, 1], [[28, 0, 0], [32, 0, 0]], "LINEAR")])

    (take,) = gltf.read_takes(saved(tmp_path, document, numbers))

    assert take.notes == ("Bones keep their length here; hand strays by up to 2.0 cm in the file.",)
    np.testing.assert_allclose(take.motion.skeleton.offsets_m[2], [0.3, 0, 0], atol=1e-6)


def test_keys_at_no_even_rate_are_told(tmp_path):
    numbers = Numbers()
    document = arm(numbers, [(3, "rotation", [0, 0.013, 0.47, 1], about_y(0, 10, 30, 40), "LINEAR")])

    (take,) = gltf.read_takes(saved(tmp_path, document, numbers))

    assert take.motion.frame_rate_hz == 30.0
    assert "no even rate" in take.notes[0]


def test_a_file_without_skins_has_the_nodes_that_turn(tmp_path):
    numbers = Numbers()
    document = arm(numbers, [(n, "rotation", [0, 1], about_y(0, 30), "LINEAR") for n in (2, 3, 4)])
    del document["skins"]

    (motion,) = gltf.read(saved(tmp_path, document, numbers))

    assert motion.skeleton.names == ("hips", "arm", "hand")


@pytest.mark.parametrize("where", ["inside", "beside"])
def test_a_gltf_has_its_numbers_inside_or_beside(tmp_path, where):
    numbers = Numbers()
    document = arm(numbers, [(3, "rotation", [0, 1], about_y(0, 30), "LINEAR")])
    data = b"".join(numbers.blocks())
    (tmp_path / "a b.bin").write_bytes(data)
    inside = "data:application/octet-stream;base64," + base64.b64encode(data).decode()
    uri = "a%20b.bin" if where == "beside" else inside
    whole = {"asset": {"version": "2.0"}, **document, "accessors": numbers.accessors, "bufferViews": numbers.views}
    path = tmp_path / "a.gltf"
    path.write_text(json.dumps({**whole, "buffers": [{"byteLength": len(data), "uri": uri}]}))

    assert gltf.read(path)[0].n_frames == 25


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"animations": []}, "holds no animation of a skeleton"),
        ({"extensionsUsed": ["EXT_meshopt_compression"]}, "is packed by EXT_meshopt_compression"),
        ({"asset": {"version": "1.0"}}, "does not say that it is glTF 2.0"),
        ({"nodes": [{"children": [0]}] * 5}, "under two others"),
        ({"nodes": [{"children": [1]}, {"children": [0]}, {}, {}, {}]}, "in a circle"),
        ({"skins": [{"joints": [77]}]}, "points to node 77, of which it has 5"),
        ({"nodes": [{"translation": [1e300, 0, 0]}] * 5}, "is not finite"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_in_a_sentence(tmp_path, change, problem):
    numbers = Numbers()
    document = arm(numbers, [(3, "rotation", [0, 1], about_y(0, 30), "LINEAR")])

    with pytest.raises(MotionFileError) as refused:
        gltf.read(saved(tmp_path, {**document, **change}, numbers))
    assert str(refused.value).startswith("a.glb: ")
    assert problem in str(refused.value)
    assert str(refused.value).endswith(".")


def test_a_small_file_cannot_ask_for_a_century_of_frames(tmp_path):
    numbers = Numbers()
    document = arm(numbers, [(3, "rotation", [0, 3e9], about_y(0, 30), "LINEAR")])

    with pytest.raises(MotionFileError, match="too long for what the file holds"):
        gltf.read(saved(tmp_path, document, numbers))


def test_buffers_of_other_folders_are_not_opened(tmp_path):
    (tmp_path / "a.gltf").write_text(json.dumps({"asset": {"version": "2.0"}, "buffers": [{"uri": "../secret.bin"}]}))

    with pytest.raises(MotionFileError, match="only a file beside it is looked for"):
        gltf.read(tmp_path / "a.gltf")


_NUMBERS = Numbers()
_ARM = arm(_NUMBERS, [(3, "rotation", [0, 1, 2], about_y(0, 90, 180), "LINEAR")])
_WHOLE = b"".join(glb_blocks({"asset": {"version": "2.0"}, **_ARM}, _NUMBERS))
_ODD = st.one_of(
    st.none(), st.booleans(), st.integers(-3, 2**70), st.floats(), st.text(max_size=3), st.just([]), st.just({}),
    st.lists(st.integers(-1, 6), max_size=5),
)  # fmt: skip


def places(tree: object, at: tuple = ()) -> list[tuple]:
    """The way to every value of a JSON tree."""
    inner = tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ()
    return [at, *(way for key, value in inner for way in places(value, (*at, key)))]


def read_or_refused(path: Path) -> None:
    try:
        motions = gltf.read(path)
    except MotionFileError:
        return
    for motion in motions:
        assert np.all(np.isfinite(motion.positions_m()))


@given(st.data())
@settings(max_examples=150)
def test_whatever_one_value_is_changed_to_the_file_is_read_or_refused(tmp_path_factory, data):
    n = struct.unpack_from("<I", _WHOLE, 12)[0]
    tree = json.loads(_WHOLE[20 : 20 + n])
    way = data.draw(st.sampled_from([way for way in places(tree) if way]))
    inner = changed = copy.deepcopy(tree)
    for key in way[:-1]:
        inner = inner[key]
    inner[way[-1]] = data.draw(_ODD)
    text = json.dumps(changed).encode()
    text += b" " * (-len(text) % 4)
    rest = _WHOLE[20 + n :]
    path = tmp_path_factory.getbasetemp() / "changed.glb"
    head = struct.pack("<4sII", b"glTF", 2, 20 + len(text) + len(rest)) + struct.pack("<I4s", len(text), b"JSON")

    path.write_bytes(head + text + rest)

    read_or_refused(path)


@given(st.integers(0, len(_WHOLE)), st.binary(max_size=8), st.integers(0, len(_WHOLE)))
@settings(max_examples=150)
def test_whatever_bytes_are_damaged_the_file_is_read_or_refused(tmp_path_factory, at, noise, length):
    path = tmp_path_factory.getbasetemp() / "damaged.glb"
    path.write_bytes((_WHOLE[:at] + noise + _WHOLE[at + len(noise) :])[: max(length, at)])

    read_or_refused(path)


@pytest.mark.shared_data
@pytest.mark.parametrize(
    ("file", "n_takes", "dance"),
    [("human-base-animations", 50, "Dance_Loop"), ("human-addon-animations", 37, "Dance Charleston")],
)
def test_a_library_of_game_moves_is_read_whole(shared_data, file, n_takes, dance):
    (path,) = (shared_data / "mocap" / "mesh2motion").glob(f"{file}*.glb")

    takes = gltf.read_takes(path)

    assert len(takes) == n_takes
    assert {take.motion.frame_rate_hz for take in takes} == {24.0}
    danced = next(take for take in takes if take.name == dance).motion.positions_m()
    assert 1.4 < np.ptp(danced[0, :, 1]) < 1.8
    assert -0.03 < danced[..., 1].min() < 0.03
