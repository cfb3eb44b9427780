"""Which feet the foot lock holds."""

from __future__ import annotations

import numpy as np

from engine.evaluation.metrics import slide_speed_m_s
from engine.generation.footing import footing
from engine.motion.contacts import detect_contacts
from engine.motion.foot_lock import lock_feet
from tests.dances import shifted, standing, walk


def sliding(speed_m_s: float, n_frames: int = 60):
    along = speed_m_s * np.arange(n_frames) / 30.0
    return shifted(standing(n_frames), along[:, np.newaxis] * [1.0, 0.0, 0.0])


def test_what_is_seen_and_expected_stands():
    motion, _ = walk(4.0)
    seen = detect_contacts(motion)

    np.testing.assert_array_equal(footing(motion, seen.astype(float), 0), seen)


def test_what_the_network_rules_out_does_not_stand():
    motion, _ = walk(4.0)

    assert not footing(motion, np.zeros((motion.n_frames, 4)), 0).any()


def test_a_low_foot_that_slides_stands_where_the_network_is_sure():
    motion = sliding(0.6)

    assert not detect_contacts(motion).any()
    assert not footing(motion, np.full((60, 4), 0.45), 0).any()
    assert footing(motion, np.ones((60, 4)), 0).all()


def test_feet_that_are_high_or_fast_cannot_be_held():
    assert not footing(sliding(1.0), np.ones((60, 4)), 0).any()
    assert not footing(shifted(sliding(0.6), np.array([0.0, 0.1, 0.0])), np.ones((60, 4)), 0).any()


def test_around_the_segment_contacts_are_as_they_are_seen():
    motion, _ = walk(4.0)

    found = footing(motion, np.zeros((40, 4)), 30)

    seen = detect_contacts(motion)
    np.testing.assert_array_equal(found[:27], seen[:27])
    np.testing.assert_array_equal(found[73:], seen[73:])
    assert not found[33:67].any()


def test_an_expectation_of_one_frame_neither_makes_nor_breaks_a_contact():
    expected = np.zeros((60, 4))
    expected[20] = 1.0
    motion = standing(60)

    assert not footing(motion, expected, 0).any()
    assert footing(motion, 1.0 - expected, 0).all()


def test_a_dance_that_slides_is_held_by_what_the_network_expects():
    motion, truth = walk(5.0)
    times = np.arange(motion.n_frames) / 30.0
    slid = shifted(motion, np.stack([0.15 * np.sin(2.5 * times), 0.0 * times, 0.0 * times], axis=-1))
    expected = np.repeat(truth, 2, axis=1).astype(float)

    held = lock_feet(slid, footing(slid, expected, 0))

    assert slide_speed_m_s(held) < 0.5 * slide_speed_m_s(slid)
