"""Dances as films want them: at exact times, in whole frames, with feet that stand as still as they did."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.resources import resource_path
from engine.character.mesh import SkinnedMesh
from engine.formats import gltf
from engine.formats.film_scene import FilmDancer, at_film_rate, film_scene, film_span
from engine.formats.scene import RATES, FilmCamera, SceneMarker
from engine.formats.target_rigs import read_target_rigs
from engine.motion import house, quaternion
from engine.motion.contacts import detect_contacts
from engine.motion.house import HOUSE, JOINT
from engine.motion.kinematics import rest_transforms
from engine.motion.motion import Motion
from engine.motion.planted import planted_at
from engine.motion.resample import time_warped
from engine.motion.retarget import guess_rig, to_house
from engine.motion.rig import read_rigs
from engine.motion.skeleton import Skeleton
from tests.dances import improvised, on_feet, shifted, skating, standing, walk
from tests.rigged import bent_dance
from tests.same_motion import same_bits

TARGETS, _ = read_target_rigs(resource_path("rigs/targets"))
Z = np.array([0.0, 0.0, 1.0])
FEET = list(house.CONTACT_JOINTS)
any_rate = st.sampled_from(list(RATES.values()))


def filmed(motion: Motion, rate: str = "24", rig: str = "plain", **options):
    return film_scene([FilmDancer("Ana", (motion,))], rig=TARGETS[rig], rate=RATES[rate], **options)


def travelling(duration_s: float, rate_hz: float = 30.0) -> Motion:
    """The body sliding along x at 1 m/s: where it is says what time it is."""
    still = standing(round(duration_s * rate_hz), rate_hz)
    times = np.arange(still.n_frames) / rate_hz
    return replace(still, root_positions_m=still.root_positions_m + times[:, np.newaxis] * [1.0, 0.0, 0.0])


@pytest.fixture(scope="module")
def minutes_long() -> Motion:
    return travelling(600.0, 3.0)


# --- frames and times ------------------------------------------------------------------------


@given(any_rate, st.floats(0.05, 30.0), st.integers(0, 20), st.booleans())
def test_a_span_holds_the_whole_frames_of_its_duration(rate, duration_s, handles, t_pose):
    span = film_span(rate, (1.5, 1.5 + duration_s), handles, t_pose)

    exact = duration_s * rate.exact_hz
    assert exact - 1e-4 <= span.n_dance_frames < exact + 1
    assert span.n_frames == span.n_dance_frames + 2 * handles + t_pose
    assert len(span.times_s()) == span.n_frames - t_pose


@given(any_rate, st.integers(0, 100))
def test_the_same_rate_gives_the_same_bits(rate, seed):
    dance = improvised(12, seed, rate.hz)

    again = at_film_rate(dance, film_span(rate, (0.0, dance.duration_s)))

    assert again.n_frames == dance.n_frames
    np.testing.assert_array_equal(again.root_positions_m, dance.root_positions_m)
    np.testing.assert_array_equal(again.local_rotations, quaternion.unroll(dance.local_rotations))


@given(st.integers(0, 100))
def test_half_the_rate_takes_every_second_frame(seed):
    dance = improvised(24, seed, 60.0)

    again = at_film_rate(dance, film_span(RATES["30"], (0.0, dance.duration_s)))

    np.testing.assert_array_equal(again.root_positions_m, dance.root_positions_m[::2])
    np.testing.assert_array_equal(again.local_rotations, quaternion.unroll(dance.local_rotations[::2]))


@pytest.mark.parametrize("rate", [RATES[name] for name in ("23.976", "25", "29.97", "59.94")])
def test_ten_minutes_do_not_drift(minutes_long, rate):
    places = at_film_rate(minutes_long, film_span(rate, (0.0, 599.6))).root_positions_m[:, 0]

    truth = [float(Fraction(i) / rate.exact_hz) for i in range(len(places))]
    np.testing.assert_allclose(places, truth, atol=1e-9, rtol=0)


def test_the_first_frame_is_the_moment_that_the_span_begins():
    scene = filmed(travelling(4.0), span_s=(1.23, 2.23), start_frame=1001)

    places = scene.takes[0].motions[0].root_positions_m[:, 0]

    assert (scene.start_frame, scene.n_frames) == (1001, 24)
    np.testing.assert_allclose(places, 1.23 + np.arange(24) / 24, atol=1e-12)


def test_handles_show_what_comes_before_and_after_and_hold_where_nothing_does():
    scene = filmed(travelling(2.0), span_s=(0.25, 1.75), handles_frames=12)

    places = scene.takes[0].motions[0].root_positions_m[:, 0]

    wanted = np.clip(0.25 + (np.arange(36 + 24) - 12) / 24, 0.0, 2.0 - 1 / 30)
    np.testing.assert_allclose(places, wanted, atol=1e-12)


def test_all_dancers_and_takes_are_equally_long_and_share_one_floor():
    ana = FilmDancer("Ana", (travelling(2.0), travelling(1.0)))
    ben = FilmDancer("Ben", tuple(shifted(m, 3.0 * Z) for m in ana.takes))

    scene = film_scene([ana, ben], rig=TARGETS["mixamo"], rate=RATES["25"], take_names=("Take 1", "Take 2"))

    assert [take.name for take in scene.takes] == ["Take 1", "Take 2"]
    assert {motion.n_frames for take in scene.takes for motion in take.motions} == {50}
    for take in scene.takes:
        apart = take.motions[1].root_positions_m - take.motions[0].root_positions_m
        np.testing.assert_allclose(apart, np.tile([0.0, 0.0, 3.0], (50, 1)), atol=1e-12)
        assert [motion.skeleton for motion in take.motions] == [p.skeleton for p in scene.performers]


@given(any_rate, st.integers(0, 100), st.sampled_from(list(TARGETS)), st.booleans())
def test_quaternions_never_change_sides(rate, seed, rig, t_pose):
    dance = improvised(30, seed, size=1.5)
    flipped = dance.local_rotations.copy()
    flipped[::3] *= -1.0

    (motion,) = filmed(replace(dance, local_rotations=flipped), rate.name, rig, t_pose_first=t_pose).takes[0].motions

    steps = np.sum(motion.local_rotations[1:] * motion.local_rotations[:-1], axis=-1)
    assert steps.min() >= 0.0
    np.testing.assert_allclose(np.linalg.norm(motion.local_rotations, axis=-1), 1.0, atol=1e-12)


def test_single_precision_becomes_unit_quaternions_of_double():
    dance = improvised(10)
    single = replace(
        dance, root_positions_m=dance.root_positions_m.astype(np.float32),
        local_rotations=dance.local_rotations.astype(np.float32),
    )  # fmt: skip

    (motion,) = filmed(single, "30").takes[0].motions

    assert motion.local_rotations.dtype == motion.root_positions_m.dtype == np.float64
    np.testing.assert_allclose(np.linalg.norm(motion.local_rotations, axis=-1), 1.0, atol=1e-15)


def test_the_same_dance_gives_the_same_scene():
    one, other = (filmed(improvised(40), "23.976", "ue5", t_pose_first=True) for _ in range(2))

    assert same_bits(one.takes[0].motions[0], other.takes[0].motions[0])


def test_takes_and_names_must_go_together():
    with pytest.raises(ValueError, match="2 takes"):
        film_scene([FilmDancer("Ana", (standing(),))], rig=TARGETS["plain"], rate=RATES["24"], take_names=("a", "b"))


# --- rest pose, top, body --------------------------------------------------------------------


@pytest.mark.parametrize("rig", TARGETS)
def test_a_t_pose_first_is_the_rest_pose_where_the_dancer_begins(rig):
    dance = shifted(improvised(20), np.array([2.0, 0.0, -1.0]))
    without, scene = filmed(dance, rig=rig), filmed(dance, rig=rig, t_pose_first=True)
    (motion,), (plain,) = scene.takes[0].motions, without.takes[0].motions

    assert scene.n_frames == without.n_frames + 1
    np.testing.assert_array_equal(motion.positions_m()[1:], plain.positions_m())
    rest, _ = rest_transforms(motion.skeleton)
    here = plain.root_positions_m[0] * [1.0, 0.0, 1.0]
    np.testing.assert_allclose(motion.positions_m()[0], rest + here, atol=1e-12)


@pytest.mark.parametrize("rig", ["ue5", "humanik"])
@pytest.mark.parametrize("t_pose", [False, True])
def test_what_stands_above_and_what_hangs_below_make_the_dance(rig, t_pose):
    scene = filmed(improvised(30, size=1.0), rig=rig, t_pose_first=t_pose)
    (motion,), (path,) = scene.takes[0].motions, scene.takes[0].above

    places, turned = path.below(motion)

    assert scene.performers[0].above.name == {"ue5": "root", "humanik": "Reference"}[rig]
    assert scene.performers[0].above.is_joint == (rig == "ue5")
    world = path.positions_m + quaternion.rotate(path.rotations, places)
    np.testing.assert_allclose(world, motion.root_positions_m, atol=1e-12)
    world_turned = quaternion.multiply(path.rotations, turned)
    assert quaternion.angle_between(world_turned, motion.local_rotations[:, 0]).max() < 1e-9
    if rig == "ue5":
        assert len(path.positions_m) == scene.n_frames
        np.testing.assert_allclose(path.positions_m[:, 1], 0.0)
        np.testing.assert_allclose(places[:, [0, 2]], 0.0, atol=1e-12)


def test_a_rig_without_a_top_says_so():
    scene = filmed(standing(), rig="mixamo")

    assert scene.performers[0].above is None
    assert scene.takes[0].above == ()


def test_a_body_comes_along_on_the_rigs_joints():
    corners = HOUSE.offsets_m[0] + np.eye(3) * 0.1
    mesh = SkinnedMesh(
        corners, np.eye(3), np.array([[0, 1, 2]]), np.ones((3, 3)), np.zeros((3, 4), dtype=int),
        np.tile([1.0, 0.0, 0.0, 0.0], (3, 1)),
    )  # fmt: skip
    scene = film_scene([FilmDancer("Ana", (standing(),), mesh)], rig=TARGETS["ue5"], rate=RATES["24"])

    found = scene.performers[0].mesh

    sunk = scene.performers[0].skeleton.offsets_m[0] - HOUSE.offsets_m[0]
    np.testing.assert_allclose(found.positions_m, corners + sunk, atol=1e-12)
    np.testing.assert_array_equal(found.weights, mesh.weights)


@pytest.mark.parametrize("rig", TARGETS)
def test_a_dance_comes_back_from_a_file_of_any_rig(tmp_path, rig):
    dance, path = bent_dance(30), tmp_path / "dance.glb"
    gltf.write(path, filmed(dance, "25", rig))

    (read,) = gltf.read(path)
    back = to_house(read, guess_rig(read.skeleton, read_rigs(resource_path("rigs"))))

    wanted = at_film_rate(dance, film_span(RATES["25"], (0.0, dance.duration_s)))
    np.testing.assert_allclose(back.positions_m(), wanted.positions_m(), atol=2e-6)  # glTF is single precision


# --- cameras and markers ---------------------------------------------------------------------


def test_markers_stand_where_the_dance_shows_their_moment():
    markers = [
        SceneMarker("before", 0.5), SceneMarker("turn", 2.0), SceneMarker("after", 9.0),
        SceneMarker("verse", 0.5, "section", duration_s=2.0), SceneMarker("long gone", 0.1, "section", duration_s=0.2),
    ]  # fmt: skip

    scene = filmed(standing(300), span_s=(1.0, 4.0), handles_frames=6, t_pose_first=True, markers=markers)

    found = {marker.name: (marker.time_s, marker.duration_s) for marker in scene.markers}
    assert found == {"turn": (pytest.approx(1.0 + 7 / 24), 0.0), "verse": (0.0, pytest.approx(1.5 + 7 / 24))}


def test_a_camera_stands_or_has_every_frame():
    def camera(n: int) -> FilmCamera:
        return FilmCamera("A", np.zeros((n, 3)), np.tile(quaternion.IDENTITY, (n, 1)), np.full(n, 50.0))

    assert len(filmed(standing(30), cameras=[camera(1), camera(24)]).cameras) == 2
    with pytest.raises(ValueError, match="1 or 24 frames"):
        filmed(standing(30), cameras=[camera(30)])


# --- feet ------------------------------------------------------------------------------------


def stance_steps_m(motion: Motion, times_s: np.ndarray, source: Motion, stands: np.ndarray) -> np.ndarray:
    """How far ankles and balls go over the floor between frames that lie in one stance of the source, metres."""
    exact = np.clip(times_s * source.frame_rate_hz, 0.0, source.n_frames - 1.0)
    first, last = np.floor(exact[:-1] + 1e-6).astype(int), np.ceil(exact[1:] - 1e-6).astype(int)
    n_lifted = np.concatenate([np.zeros((1, 4), dtype=int), np.cumsum(~stands, axis=0)])
    inside = n_lifted[last + 1] == n_lifted[first]
    steps = np.linalg.norm(np.diff(motion.positions_m()[:, FEET][..., [0, 2]], axis=0), axis=-1)
    return steps[inside]


@pytest.mark.parametrize("rate", ["23.976", "24", "25", "29.97", "60", "120"])
def test_feet_that_stand_in_the_source_stand_at_any_rate(rate):
    dance, stands = walk()
    stands = np.repeat(stands, 2, axis=1)
    times_s = film_span(RATES[rate], (0.0, dance.duration_s)).times_s()

    bare = time_warped(dance, times_s, RATES[rate].hz)
    planted = planted_at(dance, times_s, RATES[rate].hz)

    slid, slides = (stance_steps_m(motion, times_s, dance, stands).max() for motion in (bare, planted))
    assert slides < 3e-6
    assert slid > 5.0 * slides


@given(any_rate, st.floats(0.05, 0.4), st.floats(0.9, 1.2))
def test_no_skating_is_added_to_what_skates(rate, speed_m_s, size):
    dance = skating(walk(2.0)[0], speed_m_s)
    body = Skeleton(HOUSE.names, HOUSE.parents.copy(), HOUSE.offsets_m * size, HOUSE.tips_m * size)
    dance = replace(dance, skeleton=body, root_positions_m=dance.root_positions_m * size)
    contacts = detect_contacts(dance)
    times_s = film_span(rate, (0.0, dance.duration_s)).times_s()

    planted = planted_at(dance, times_s, rate.hz)

    source = stance_steps_m(dance, np.arange(dance.n_frames) / 30.0, dance, contacts)
    here = stance_steps_m(planted, times_s, dance, contacts)
    assert here.max() * rate.hz <= source.max() * 30.0 + 0.002
    assert here.mean() * rate.hz <= source.mean() * 30.0 + 0.002


@pytest.mark.parametrize("rate", ["24", "60"])
def test_planting_moves_legs_by_millimetres_and_nothing_else(rate):
    dance, _ = walk()
    times_s = film_span(RATES[rate], (0.0, dance.duration_s)).times_s()
    bare, planted = time_warped(dance, times_s, RATES[rate].hz), planted_at(dance, times_s, RATES[rate].hz)

    legs = [joint for leg in house.LEGS for joint in leg[:3]]
    others = [joint for joint in range(HOUSE.n_joints) if joint not in legs]

    np.testing.assert_array_equal(planted.local_rotations[:, others], bare.local_rotations[:, others])
    np.testing.assert_array_equal(planted.root_positions_m, bare.root_positions_m)
    assert np.abs(planted.positions_m() - bare.positions_m()).max() < 0.004


def test_straight_legs_under_hips_that_stand_still_stay_as_they_are():
    dance = standing(10)
    local = dance.local_rotations.copy()
    local[:, JOINT["RightArm"]] = quaternion.from_axis_angle(Z, np.linspace(0.0, 1.0, 10))
    dance = replace(dance, local_rotations=local)

    planted = planted_at(dance, np.arange(36) / 120, 120.0, np.ones((10, 4), dtype=bool))

    np.testing.assert_array_equal(
        planted.local_rotations[:, list(house.LEGS[0])], np.tile(quaternion.IDENTITY, (36, 4, 1))
    )


def test_a_leg_that_is_straight_in_the_source_does_not_flicker_between():
    sway = 0.05 * np.sin(np.arange(60) / 7.0)
    root = np.stack([0.0 * sway, 0.08 + 0.0 * sway, sway], axis=-1)
    legs = house.LEGS[0]
    length = -HOUSE.offsets_m[[legs[1], legs[2]], 1].sum()
    # The hips go round the ankles on a circle, both legs straight from the first frame to the last.
    root[:, 1] += np.sqrt(length**2 - sway**2) - HOUSE.offsets_m[legs[0], 1]
    dance = on_feet(root - [0.0, 1e-5, 0.0], np.tile([[0.09, 0.08, 0.0], [-0.09, 0.08, 0.0]], (60, 1, 1)))

    planted = planted_at(dance, np.arange(230) / 120, 120.0, np.ones((60, 4), dtype=bool))

    knees = planted.positions_m()[:, legs[1]]
    steps = np.abs(np.diff(knees, n=2, axis=0)).max()
    assert steps < 2.0 * np.abs(np.diff(dance.positions_m()[:, legs[1]], n=2, axis=0)).max()


def test_a_knee_that_bends_backwards_keeps_doing_so():
    dance = standing(10)
    local = dance.local_rotations.copy()
    local[:, JOINT["LeftLeg"]] = quaternion.from_axis_angle(np.array([1.0, 0.0, 0.0]), -0.6)
    dance = replace(dance, local_rotations=local)

    planted = planted_at(dance, np.arange(0.0, 0.3, 1 / 120), 120.0, np.ones((10, 4), dtype=bool))

    np.testing.assert_allclose(planted.positions_m(), np.tile(dance.positions_m()[:1], (36, 1, 1)), atol=1e-9)
