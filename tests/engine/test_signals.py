import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.motion import signals


@given(st.integers(1, 40), st.floats(0.1, 12.0), st.floats(-5, 5), st.floats(-5, 5))
def test_a_straight_line_stays_straight_when_smoothed(n, sigma, start, slope):
    line = start + slope * np.arange(n)

    np.testing.assert_allclose(signals.smoothed(line, sigma), line, atol=1e-9 * (1 + abs(slope) * n))


def test_smoothing_an_impulse_gives_the_gaussian():
    impulse = np.zeros(101)
    impulse[50] = 1.0

    bell = signals.smoothed(impulse, 5.0)

    assert bell.sum() == pytest.approx(1.0)
    assert bell[45] / bell[50] == pytest.approx(np.exp(-0.5))


@given(st.integers(2, 700), st.floats(0.1, 40.0))
def test_smoothing_is_a_convolution_however_long_the_motion(n, sigma):
    x = np.random.default_rng(n).normal(size=(n, 2, 3))
    reach = min(int(np.ceil(4.0 * sigma)), n - 1)
    kernel = np.exp(-0.5 * (np.arange(-reach, reach + 1) / sigma) ** 2)
    padded = np.concatenate([2 * x[:1] - x[reach:0:-1], x, 2 * x[-1:] - x[-2 : -reach - 2 : -1]])

    expected = np.convolve(padded[:, 1, 2], kernel / kernel.sum(), mode="valid")

    smooth = signals.smoothed(x, sigma)
    assert smooth.shape == x.shape
    np.testing.assert_allclose(smooth[:, 1, 2], expected, atol=1e-12)


@given(st.lists(st.booleans(), max_size=30))
def test_runs_cover_what_is_true_and_nothing_else(mask):
    again = np.zeros(len(mask), dtype=bool)
    for start, end in signals.runs(np.array(mask, dtype=bool)):
        assert start < end
        again[start:end] = True

    assert again.tolist() == mask


def test_the_velocity_of_a_line_is_its_slope_at_the_ends_too():
    line = 3.0 * np.arange(10)[:, np.newaxis] * [1.0, -2.0]

    np.testing.assert_allclose(signals.velocity(line, 10.0, reach=3), np.tile([30.0, -60.0], (10, 1)))


def test_a_single_frame_has_no_velocity():
    np.testing.assert_array_equal(signals.velocity(np.ones((1, 3)), 30.0), np.zeros((1, 3)))
