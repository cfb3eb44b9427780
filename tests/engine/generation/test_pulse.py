"""Which beats a dance steps to."""

from __future__ import annotations

import numpy as np
import pytest

from engine.generation.pulse import felt_strengths, weak_beats
from engine.generation.request import GenerationRequest

D, B = 1.0, 0.75  # a downbeat and any other


def request_with(emotion, strengths=(D, B, B, B) * 4, n_frames=240):
    beats = 15.0 * np.arange(len(strengths))
    return GenerationRequest(
        n_frames, beats, np.array(strengths), np.ones(n_frames), np.zeros(n_frames), emotion=emotion
    )


@pytest.mark.parametrize(
    ("strengths", "weak"),
    [
        ([D, B, B, B, D, B, B, B], [0, 1, 0, 1, 0, 1, 0, 1]),
        ([D, B, B, D, B, B, D], [0, 1, 1, 0, 1, 1, 0]),
        ([B, D, B, B, B, D], [1, 0, 1, 0, 1, 0]),  # after a pick-up
        ([B, B, D, B], [0, 1, 0, 1]),
        ([B, B, B], [0, 1, 0]),  # no bars known
        ([D], [0]),
        ([], []),
    ],
)
def test_weak_beats_are_those_between_the_strong(strengths, weak):
    np.testing.assert_array_equal(weak_beats(np.array(strengths, dtype=float)), np.array(weak, dtype=bool))


@pytest.mark.parametrize("emotion", [{}, {"joy": 1.0}, {"tension": 0.5}, {"joy": 1.0, "sorrow": 1.0}])
def test_without_calm_every_beat_counts(emotion):
    request = request_with(emotion)

    np.testing.assert_array_equal(felt_strengths(request), request.strengths)


def test_the_more_sorrow_the_less_a_weak_beat_counts_and_strong_ones_stay():
    felt = [felt_strengths(request_with({"sorrow": x})) for x in (0.0, 0.25, 0.5, 1.0)]
    weak = weak_beats(felt[0])

    for less, more in zip(felt[1:], felt, strict=False):
        assert (less[weak] < more[weak]).all()
        np.testing.assert_array_equal(less[~weak], more[~weak])
    assert felt[-1][weak] == pytest.approx(0.2 * B)


def test_sorrow_that_comes_later_calms_later_beats():
    sorrow = np.zeros(240)
    sorrow[120:] = 1.0
    felt, plain = felt_strengths(request_with({"sorrow": sorrow})), felt_strengths(request_with({}))

    np.testing.assert_array_equal(felt[:8], plain[:8])
    assert (felt[8:] <= plain[8:]).all()
    assert (felt[8:] < plain[8:]).any()


def test_no_beats_are_no_trouble():
    assert len(felt_strengths(request_with({"sorrow": 1.0}, strengths=()))) == 0
