import numpy as np
import pytest

from engine.evaluation.infill import l2p, l2q, npss
from engine.motion import quaternion


def test_what_is_right_has_no_distance():
    rng = np.random.default_rng(0)
    q, p = quaternion.normalize(rng.normal(size=(2, 30, 5, 4))), rng.normal(size=(2, 30, 5, 3))

    assert l2q(q, q) == 0.0
    assert l2q(-q, q) == 0.0
    assert l2p(p, p, p.mean(axis=(0, 1)), p.std(axis=(0, 1))) == 0.0
    assert npss(p.reshape(2, 30, 15), p.reshape(2, 30, 15)) == 0.0


def test_l2q_is_the_distance_of_all_components_of_a_pose():
    identity = np.tile(quaternion.IDENTITY, (1, 10, 4, 1))
    half_turn = np.tile([0.0, 1.0, 0.0, 0.0], (1, 10, 4, 1))

    assert l2q(half_turn, identity) == pytest.approx(np.sqrt(4 * 2))


def test_l2p_counts_in_spreads_of_the_training_set():
    true = np.zeros((1, 10, 3, 3))
    spread = np.full((3, 3), 0.5)
    spread[0, 0] = 0.0

    assert l2p(true + 1.0, true, np.zeros((3, 3)), spread) == pytest.approx(np.sqrt(8 * 4 + 1))


def test_npss_of_a_still_segment_for_a_swinging_one_is_how_far_its_power_moved():
    t = np.arange(32)
    swing = np.cos(2 * np.pi * 4 * t / 32)[np.newaxis, :, np.newaxis]
    still = np.ones_like(swing)

    # The swing has half its power at frequency 4 and half at 28, the still segment all of it at 0.
    assert npss(still, swing) == pytest.approx(4 * 1.0 + 24 * 0.5)


def test_npss_weighs_channels_by_their_power():
    t = np.arange(32)
    swing = np.cos(2 * np.pi * 4 * t / 32)
    true = np.stack([swing, 0.1 * swing], axis=-1)[np.newaxis]
    wrong_small = np.stack([swing, 0.1 * np.ones(32)], axis=-1)[np.newaxis]
    wrong_large = np.stack([np.ones(32), 0.1 * swing], axis=-1)[np.newaxis]

    assert npss(wrong_small, true) < 0.02 * npss(wrong_large, true)


def test_channels_that_never_move_have_no_spectrum_to_miss():
    assert npss(np.zeros((1, 10, 2)), np.zeros((1, 10, 2))) == 0.0
