"""A piece comes to rest, and its last pose is held."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from engine.generation.ending import HELD_S, ends_piece, held_times_s
from engine.generation.request import GenerationRequest, SectionSpan
from tests.dances import standing

TIMES_S = np.arange(300) / 30.0
END_S = TIMES_S[-1]


def held(rests_s, stands=None):
    rests = np.array(rests_s, dtype=float)
    return held_times_s(TIMES_S, rests, np.ones(len(rests), dtype=bool) if stands is None else np.array(stands))


def piece(n_frames=1800, role="conclusion", end=1800):
    sections = (SectionSpan(0, 900, "A", "introduction"), SectionSpan(900, end, "B", role))
    flat = np.zeros(n_frames)
    return GenerationRequest(n_frames, np.zeros(0), np.zeros(0), flat, flat.copy(), sections)


def test_the_dance_rests_where_the_body_rests_and_hardly_moves_from_there():
    times = held([3.0, 8.5])

    assert times[-1] == pytest.approx(8.5, abs=0.1)
    assert np.gradient(times, TIMES_S)[-15:].max() < 0.06


def test_all_up_to_there_is_danced_as_it_was():
    times = held([3.0, 8.5])
    early = TIMES_S < 8.2

    np.testing.assert_allclose(times[early], TIMES_S[early], atol=1e-9)
    assert (np.diff(times) > 0.0).all()


def test_a_rest_on_both_feet_is_ended_on_before_a_later_one_on_one_foot():
    assert held([8.0, 8.9], [True, False])[-1] == pytest.approx(8.0, abs=0.15)
    assert held([8.0, 8.9], [False, False])[-1] == pytest.approx(8.9, abs=0.1)


@pytest.mark.parametrize("rests_s", [[], [2.0], [END_S - HELD_S[0] / 2]])
def test_without_a_rest_near_the_end_it_comes_to_rest_all_the_same(rests_s):
    times = held(rests_s)

    assert END_S - 1.5 < times[-1] < END_S - 0.9


def test_what_is_shorter_than_the_hold_is_left_alone():
    short = TIMES_S[:20]

    assert held_times_s(short, np.zeros(0), np.zeros(0, dtype=bool)) is short


def test_only_the_end_of_a_piece_is_held():
    assert ends_piece(piece())
    assert ends_piece(piece(end=1805))
    assert ends_piece(piece(role="development"))  # music without a conclusion ends as well
    assert not ends_piece(piece(end=2400))  # the segment stops before the piece does
    assert not ends_piece(replace(piece(), after=standing(10)))
    assert not ends_piece(replace(piece(), sections=()))
    assert not ends_piece(replace(piece(), n_frames=300, loudness=np.zeros(300), music_emotion=np.zeros(300),
                                  sections=(SectionSpan(0, 300, "A", "conclusion"),)))  # fmt: skip
