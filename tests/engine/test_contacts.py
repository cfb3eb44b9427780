from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.motion import house
from engine.motion.contacts import detect_contacts, floor_height_m
from engine.motion.motion import Motion
from engine.motion.signals import runs
from engine.motion.skeleton import Skeleton
from tests.dances import improvised, on_feet, shifted, skating, standing, walk


@pytest.mark.parametrize("rate_hz", [24.0, 30.0, 60.0, 120.0])
def test_a_walks_contacts_are_where_its_feet_stand(rate_hz):
    motion, stands = walk(rate_hz=rate_hz)

    contacts = detect_contacts(motion)

    for side in (0, 1):
        for joint in (0, 1):
            assert (contacts[:, 2 * side + joint] == stands[:, side]).mean() > 0.9
            assert len(runs(contacts[:, 2 * side + joint])) == len(runs(stands[:, side]))


def test_someone_who_stands_is_in_contact_all_the_time():
    assert detect_contacts(standing()).all()


@given(st.floats(-2.0, 2.0))
def test_a_raised_floor_is_found_and_changes_no_contact(offset_m):
    motion, _ = walk(duration_s=3.0)
    raised = shifted(motion, np.array([0.0, offset_m, 0.0]))

    assert floor_height_m(raised) - floor_height_m(motion) == pytest.approx(offset_m, abs=1e-6)
    np.testing.assert_array_equal(detect_contacts(raised), detect_contacts(motion))


def test_jumps_and_frames_under_the_floor_do_not_move_it():
    height = np.zeros(100)
    height[10:55] = 0.4 * np.sin(np.linspace(0, np.pi, 45))
    height[70:75] = -0.2

    assert floor_height_m(shifted(standing(100), np.stack([0 * height, height, 0 * height], -1))) == pytest.approx(
        0.0, abs=0.005
    )


def test_nobody_in_the_air_has_contact():
    height = np.zeros(90)
    height[30:60] = 0.4 * np.sin(np.linspace(0, np.pi, 30))

    contacts = detect_contacts(shifted(standing(90), np.stack([0 * height, height, 0 * height], -1)))

    assert contacts[:29].all()
    assert contacts[61:].all()
    assert not contacts[34:56].any()


@pytest.mark.parametrize(("speed_m_s", "in_contact"), [(0.1, True), (0.25, True), (0.8, False), (2.0, False)])
def test_slow_drift_is_contact_and_a_fast_slide_is_not(speed_m_s, in_contact):
    drift = np.arange(60)[:, np.newaxis] / 30.0 * [speed_m_s, 0.0, 0.0]

    assert detect_contacts(shifted(standing(60), drift)).all() == in_contact
    assert detect_contacts(shifted(standing(60), drift)).any() == in_contact


def test_capture_noise_makes_no_chatter():
    motion, stands = walk()
    noise = np.random.default_rng(0).normal(scale=0.002, size=(motion.n_frames, 3))

    contacts = detect_contacts(shifted(motion, noise))

    assert [len(runs(contacts[:, k])) for k in range(4)] == [len(runs(stands[:, k // 2])) for k in range(4)]


def test_a_raised_heel_leaves_the_toe_in_contact():
    n = 60
    pitch = np.zeros((n, 2))
    pitch[20:40, 0] = -np.radians(40)
    ankles = np.tile([[0.09, 0.08, 0.0], [-0.09, 0.08, 0.0]], (n, 1, 1))
    toe = np.array([0.0, -0.06, 0.13])
    turned = np.stack([0 * pitch[:, 0], -0.06 * np.cos(pitch[:, 0]) + 0.13 * np.sin(pitch[:, 0]),
                       0.06 * np.sin(pitch[:, 0]) + 0.13 * np.cos(pitch[:, 0])], -1)  # fmt: skip
    ankles[:, 0] += toe - turned

    contacts = detect_contacts(on_feet(np.tile([0.0, 0.86, 0.0], (n, 1)), ankles, pitch_rad=pitch))

    assert contacts[:, 1].all()
    assert not contacts[22:38, 0].any()
    assert contacts[:18, 0].all()


@given(st.integers(0, 50), st.floats(0.1, 1.0))
def test_no_contact_inside_a_clip_is_shorter_than_a_tenth_of_a_second(seed, size):
    contacts = detect_contacts(improvised(90, seed, size=size))

    for k in range(4):
        for start, end in runs(contacts[:, k]):
            assert end - start >= 3 or start == 0 or end == 90


def test_a_skating_walk_has_the_contacts_of_the_walk():
    motion, _ = walk()

    assert (detect_contacts(skating(motion)) == detect_contacts(motion)).mean() > 0.97


def test_motions_without_frames_and_of_one_frame_have_contacts_too():
    assert detect_contacts(standing(0)).shape == (0, 4)
    assert floor_height_m(standing(0)) == 0.0
    assert detect_contacts(standing(1)).all()


def test_another_skeleton_is_refused():
    stick = Skeleton(("root",), np.array([-1]), np.zeros((1, 3)))

    with pytest.raises(ValueError, match="house skeleton"):
        detect_contacts(Motion(stick, 30.0, np.zeros((2, 3)), np.tile([1.0, 0, 0, 0], (2, 1, 1))))


def test_the_floor_is_that_of_the_flat_foot():
    motion = standing(10)

    assert floor_height_m(motion) == pytest.approx(0.0, abs=1e-9)
    np.testing.assert_allclose(
        motion.positions_m()[0, house.CONTACT_JOINTS, 1], house.CONTACT_REST_HEIGHTS_M, atol=1e-12
    )
    assert floor_height_m(replace(motion, frame_rate_hz=120.0)) == pytest.approx(0.0, abs=1e-9)
