from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.dance import load_bundled_model
from engine.generation.generate import generate
from engine.generation.request import GenerationRequest
from engine.generation.snaps import FASTEST_RAD_S, without_snaps
from engine.motion import quaternion
from engine.motion.house import ARMS, FRAME_RATE_HZ, HOUSE, JOINT
from tests.dances import standing
from tests.tiny import dancing

ALL = range(HOUSE.n_joints)
HAND, FINGERS = JOINT["LeftHand"], [arm[-1] for arm in ARMS]
AXES = {"twist": (1.0, 0.0, 0.0), "bend": (0.0, 0.0, 1.0), "wave": (0.0, 1.0, 0.0)}


def fastest(name):
    return FASTEST_RAD_S[name.removeprefix("Left").removeprefix("Right")]


LIMITS = np.array([fastest(name) for name in HOUSE.names])


def speeds(motion):
    local = motion.local_rotations.astype(float)
    return quaternion.angle_between(local[:-1], local[1:]) * FRAME_RATE_HZ


def turned(motion, joint, angle_rad, axis):
    """The motion with one joint turned further by an angle at each frame, [T]."""
    local = np.array(motion.local_rotations)
    local[:, joint] = quaternion.multiply(local[:, joint], quaternion.from_axis_angle(np.array(axis), angle_rad))
    return replace(motion, local_rotations=local)


def steps(n_frames, *at):
    """Zero, changing over to one and back at each of some frames, [n_frames]."""
    return np.sum([np.arange(n_frames) >= frame for frame in at], axis=0) % 2


@pytest.mark.parametrize("axis", AXES.values(), ids=AXES)
@pytest.mark.parametrize("joint", ["LeftHand", "RightForeArm", "Head", "LeftLeg"])
@pytest.mark.parametrize("flips", [(60,), (60, 61), (60, 63), (40, 80)])
def test_a_planted_flip_is_taken_out(axis, joint, flips):
    calm = dancing(120, seed=3)
    flipped = turned(calm, JOINT[joint], steps(120, *flips) * 2.8, axis)

    eased = without_snaps(flipped, 0, 120, ALL)

    assert speeds(flipped)[:, JOINT[joint]].max() > 2.0 * fastest(joint)
    assert (speeds(eased) <= LIMITS).all()


def test_only_the_joint_that_flips_changes_and_only_around_the_flip():
    calm = dancing(120, seed=3)
    flipped = turned(calm, HAND, steps(120, 60) * 2.8, AXES["twist"])

    eased = without_snaps(flipped, 0, 120, ALL)

    changed = (eased.local_rotations != flipped.local_rotations).any(axis=-1)
    assert np.flatnonzero(changed.any(axis=0)).tolist() == [HAND]
    assert 2 <= changed.any(axis=1).sum() <= 12
    assert changed[52:68].any(axis=1).sum() == changed.any(axis=1).sum()
    assert eased.root_positions_m is flipped.root_positions_m


def test_a_flip_out_and_back_leaves_a_hand_on_its_way():
    calm = dancing(120, seed=3)
    flipped = turned(calm, HAND, steps(120, 60, 62) * 2.8, AXES["bend"])

    eased = without_snaps(flipped, 0, 120, ALL)

    away = quaternion.angle_between(eased.local_rotations, calm.local_rotations)
    assert away.max() < 0.2


@settings(max_examples=30)
@given(st.sampled_from(HOUSE.names[1:]), st.floats(0.05, 0.95), st.floats(2.0, 10.0), st.sampled_from(list(AXES)))
def test_motion_as_fast_as_real_dancers_is_not_touched(name, share, swings_hz, axis):
    # A joint that swings to and fro, at its fastest at a share of the limit.
    size_rad = share * fastest(name) / (2 * np.pi * swings_hz)
    swing = size_rad * np.sin(2 * np.pi * swings_hz * np.arange(150) / FRAME_RATE_HZ)
    moving = turned(standing(150), JOINT[name], swing, AXES[axis])

    assert without_snaps(moving, 0, 150, ALL) is moving


@settings(max_examples=40)
@given(st.integers(0, 2**32 - 1), st.integers(0, 60), st.integers(0, 60), st.floats(0.0, 3.0))
def test_what_is_not_asked_for_keeps_every_bit(seed, start, n_frames, size):
    rng = np.random.default_rng(seed)
    wild = turned(dancing(100, seed=2), HAND, rng.normal(0.0, size, 100), AXES["wave"])
    wild = turned(wild, JOINT["RightHand"], rng.normal(0.0, size, 100), AXES["bend"])
    end = min(start + n_frames, 100)

    eased = without_snaps(wild, start, end, [HAND])

    others = [j for j in ALL if j != HAND]
    outside = np.ones(100, dtype=bool)
    outside[start:end] = False
    np.testing.assert_array_equal(eased.local_rotations[:, others], wild.local_rotations[:, others])
    np.testing.assert_array_equal(eased.local_rotations[outside], wild.local_rotations[outside])
    np.testing.assert_array_equal(eased.root_positions_m, wild.root_positions_m)
    assert speeds(eased)[:, HAND].max() <= speeds(wild)[:, HAND].max() + 1e-9


def test_seams_stay_as_they_were_made():
    flipped = turned(dancing(120, seed=3), HAND, steps(120, 31, 58) * 2.8, AXES["twist"])

    eased = without_snaps(flipped, 30, 60, ALL)

    for seam in (30, 60):
        span = slice(seam - 2, seam + 2)
        np.testing.assert_array_equal(eased.local_rotations[span], flipped.local_rotations[span])


def request(n_frames, seed, **settings):
    beats = np.arange(3.0, n_frames, 15.0)
    flat = np.full(n_frames, 0.6), np.zeros(n_frames)
    return GenerationRequest(n_frames, beats, np.ones(len(beats)), *flat, seed=seed, **settings)


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_no_joint_of_a_random_networks_dance_snaps(model, seed):
    dance = generate(request(300, seed), model)

    upper = [j for j, name in enumerate(HOUSE.names) if "Leg" not in name and "Foot" not in name and "Toe" not in name]
    assert (speeds(dance) <= LIMITS)[:, upper[1:]].all()


@pytest.fixture(scope="module")
def bundled():
    return load_bundled_model("cpu")


@pytest.mark.parametrize(("seed", "emotion"), [(0, {}), (1, {"joy": 1.0}), (2, {"tension": 1.0})])
def test_a_minute_of_dance_has_no_snap(bundled, seed, emotion):
    dance = generate(request(1800, seed, emotion=emotion), bundled)

    # Captured dancers' knuckles, seen from the hips, change their step by up to 235 mm from one frame to the next.
    knuckles = dance.positions_m()[:, FINGERS] - dance.root_positions_m[:, np.newaxis]
    changes_m = np.linalg.norm(np.diff(knuckles, 2, axis=0), axis=-1)
    assert (speeds(dance) <= LIMITS).all()
    assert changes_m.max() < 0.235


@pytest.mark.parametrize("seed", [0, 1])
def test_cells_of_codes_do_not_show_in_a_dance(bundled, seed):
    dance = generate(request(1800, seed), bundled)

    # The network makes 16 frames of each code; hands once jerked from each such stretch to the next.
    hands = speeds(dance)[:, [arm[3] for arm in ARMS]].mean(axis=1)
    by_place = np.array([hands[place::16].mean() for place in range(16)])
    assert by_place.max() < 1.35 * by_place.mean()
