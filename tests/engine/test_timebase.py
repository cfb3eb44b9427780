import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import timebase

rates_hz = st.sampled_from([24000 / 1001, 24.0, 25.0, 30000 / 1001, 30.0, 48.0, 50.0, 60.0, 100.0, 120.0])


@given(st.integers(0, 10**7), rates_hz)
def test_a_frame_is_at_its_own_time(frame, rate_hz):
    assert timebase.frame_at(timebase.time_of(frame, rate_hz), rate_hz) == frame


@pytest.mark.parametrize(
    ("time_s", "frame"), [(0.0, 0), (0.49, 0), (0.5, 1), (1.5, 2), (2.5, 3), (-0.5, 0), (-0.51, -1)]
)
def test_halves_go_up_so_that_equal_beats_give_equal_steps(time_s, frame):
    assert timebase.frame_at(time_s, 1.0) == frame


@given(st.integers(0, 10**6), rates_hz)
def test_as_many_frames_fit_as_the_duration_was_made_of(n_frames, rate_hz):
    assert timebase.n_frames_for(n_frames / rate_hz, rate_hz) == n_frames


@given(st.floats(0.0, 36_000.0), rates_hz)
def test_every_frame_of_a_duration_begins_before_its_end(duration_s, rate_hz):
    n = timebase.n_frames_for(duration_s, rate_hz)

    assert n == 0 or timebase.time_of(n - 1, rate_hz) < duration_s
    assert timebase.time_of(n, rate_hz) >= duration_s - 2e-6 / rate_hz


def test_no_duration_holds_no_frame():
    assert timebase.n_frames_for(0.0, 30.0) == 0
    assert timebase.n_frames_for(-1.0, 30.0) == 0


@given(st.integers(0, 10**9), st.sampled_from([8000, 22_050, 44_100, 48_000, 96_000]))
def test_a_sample_is_at_its_own_time(sample, rate_hz):
    assert timebase.sample_at(sample / rate_hz, rate_hz) == sample
