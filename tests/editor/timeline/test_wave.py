"""The waveform says what the samples say, at any zoom."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from editor.timeline.wave import BIN_SAMPLES, WavePyramid, picture
from engine.audio.audio import Audio

RATE_HZ = 8000
NOISE = np.random.default_rng(1).uniform(-1.0, 1.0, (1, 3 * RATE_HZ)).astype(np.float32)
WAVE = WavePyramid(Audio(NOISE, RATE_HZ))


@given(st.floats(0.0, 2.0), st.floats(0.01, 1.0), st.integers(1, 40))
def test_a_column_holds_the_extremes_of_its_samples_within_a_bin(start_s, length_s, n_columns):
    edges_s = start_s + np.linspace(0.0, length_s, n_columns + 1)
    samples_per_column = length_s * RATE_HZ / n_columns

    low, high, rms = WAVE.columns(edges_s)

    slack = 1 if samples_per_column < 2 * BIN_SAMPLES else int(samples_per_column)
    for i in range(n_columns):
        first, last = int(edges_s[i] * RATE_HZ), int(edges_s[i + 1] * RATE_HZ)
        around = NOISE[0, max(first - slack, 0) : last + slack + 1]
        assert around.min() <= low[i] <= high[i] <= around.max()
        assert 0.0 <= rms[i] <= np.abs(around).max() + 1e-6


def test_one_column_over_the_whole_sound_holds_its_extremes():
    low, high, rms = WAVE.columns(np.array([0.0, 3.0]))

    assert (low[0], high[0]) == (NOISE.min(), NOISE.max())
    assert rms[0] == pytest.approx(np.sqrt((NOISE**2).mean()), rel=1e-2)


def test_before_and_after_the_sound_there_is_silence():
    low, high, rms = WAVE.columns(np.array([-2.0, -1.0, 0.0, 1.5, 3.0, 4.0]))

    assert low[[0, 1, 4]].tolist() == high[[0, 1, 4]].tolist() == rms[[0, 1, 4]].tolist() == [0.0, 0.0, 0.0]
    assert high[2] > 0.9


@pytest.mark.parametrize("n_samples", [0, 1, 63, 64, 65, 1000])
def test_short_sounds_have_a_wave_too(n_samples):
    wave = WavePyramid(Audio(np.full((2, n_samples), 0.5, np.float32), RATE_HZ))

    low, high, _ = wave.columns(np.array([0.0, 0.5, 1.0]))

    assert (high >= low).all()


def test_the_picture_is_as_high_as_the_sound_is_loud_and_silence_is_a_line():
    columns = (np.array([0.0, -0.5, -1.0]), np.array([0.0, 0.5, 1.0]), np.array([0.0, 0.2, 0.5]))

    pixels = picture(columns, 40, (1, 2), 1.0)

    heights = (pixels > 0).sum(axis=0)
    assert heights[0] in (1, 2)
    assert heights[0] < heights[1] < heights[2]
    assert heights[2] >= 37
    assert (pixels[:, 2] == 2).sum() == pytest.approx(19, abs=1)
