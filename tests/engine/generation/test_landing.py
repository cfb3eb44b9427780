import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.generation.landing import MOST_WARP, land_on_beats, limited, warp_times_s
from engine.motion.movements import kinematic_beats
from tests.dances import bobbing, improvised, standing


@st.composite
def wishes(draw):
    """Ascending times, and a wish for each, zero at the ends."""
    gaps = draw(st.lists(st.floats(0.0, 2.0), min_size=1, max_size=20))
    at = np.concatenate([[0.0], np.cumsum(gaps)])
    inner = draw(st.lists(st.floats(-0.5, 0.5), min_size=len(at) - 2, max_size=len(at) - 2)) if len(at) > 2 else []
    return at, np.array([0.0, *inner, 0.0])


slopes = st.floats(0.01, 0.5)


@given(wishes(), slopes)
def test_time_never_runs_faster_or_slower_than_the_bound(wish, slope):
    at, shift = wish
    cut = limited(at, shift, slope)

    assert (np.abs(np.diff(cut)) <= slope * np.diff(at) + 1e-9).all()


@given(wishes(), slopes)
def test_the_ends_stay_where_they_are(wish, slope):
    cut = limited(*wish, slope)

    assert cut[0] == cut[-1] == 0.0


@given(wishes(), slopes)
def test_wishes_that_are_possible_are_granted(wish, slope):
    at, shift = wish
    possible = limited(at, shift, slope)

    np.testing.assert_allclose(limited(at, possible, slope), possible, atol=1e-9)


@given(wishes(), slopes)
def test_no_shift_grows_beyond_the_largest_wish_or_changes_side(wish, slope):
    at, shift = wish
    cut = limited(at, shift, slope)

    assert cut.max() <= max(shift.max(), 0.0) + 1e-9
    assert cut.min() >= min(shift.min(), 0.0) - 1e-9


def misses_s(motion, beats_s):
    """How far each beat of the music is from the nearest kinematic beat."""
    arrivals = kinematic_beats(motion) / motion.frame_rate_hz
    return np.abs(beats_s[:, None] - arrivals).min(axis=1)


@pytest.mark.parametrize("late_s", [-0.13, -0.08, 0.08, 0.13])
def test_movements_that_miss_the_beats_land_on_them(late_s):
    beats = np.arange(1.5, 18.0, 0.6)
    motion = bobbing(np.arange(0.0, 21.0, 0.6) + 0.3 + late_s, 20.0, rate_hz=30.0)
    landed = land_on_beats(motion, beats)

    assert np.median(misses_s(motion, beats)) > 0.06
    assert np.median(misses_s(landed, beats)) < 0.02
    assert landed.n_frames == motion.n_frames


@settings(max_examples=25)
@given(st.integers(0, 2**32 - 1), st.floats(0.35, 0.8), st.floats(0.0, 0.8))
def test_no_dance_is_driven_off_its_beats_or_beyond_twelve_percent(seed, period_s, first_s):
    motion = improvised(150, seed=seed, size=0.3)
    beats = np.arange(first_s, 5.0, period_s)

    source_s = warp_times_s(kinematic_beats(motion) / 30.0, beats, motion, MOST_WARP)
    landed = land_on_beats(motion, beats)

    if source_s is not None:
        rate = np.diff(source_s) * 30.0
        assert rate.min() >= 1.0 - MOST_WARP - 1e-9
        assert rate.max() <= 1.0 + MOST_WARP + 1e-9
    for at in (0, -1):
        np.testing.assert_allclose(landed.root_positions_m[at], motion.root_positions_m[at], atol=1e-9)
        np.testing.assert_allclose(np.abs(np.sum(landed.local_rotations[at] * motion.local_rotations[at], -1)), 1.0)


@settings(max_examples=25)
@given(st.integers(0, 2**32 - 1), st.floats(0.4, 0.8))
def test_kinematic_beats_come_nearer_to_the_beats_on_the_whole(seed, period_s):
    motion = improvised(240, seed=seed, size=0.3)
    beats = np.arange(0.5, 7.5, period_s)
    arrivals = kinematic_beats(motion) / 30.0
    source_s = warp_times_s(arrivals, beats, motion, MOST_WARP)
    if source_s is None:
        return
    # When the pose of each old kinematic beat is shown now.
    shown_s = np.interp(arrivals, source_s, np.arange(240) / 30.0)

    def total_miss(times):
        near = np.abs(beats[:, None] - times).min(axis=1)
        return np.minimum(near, 0.17).sum()

    assert total_miss(shown_s) <= total_miss(arrivals) + 1e-6


def test_a_dance_on_the_beats_already_keeps_every_frame():
    beats = np.arange(1.0, 9.0, 0.5)
    motion = bobbing(beats, 9.5, rate_hz=30.0)

    np.testing.assert_allclose(land_on_beats(motion, beats).positions_m(), motion.positions_m(), atol=2e-3)


@pytest.mark.parametrize("beats", [[], [-1.0, 99.0], [0.0]])
def test_without_beats_inside_nothing_is_warped(beats):
    motion = improvised(60)

    assert land_on_beats(motion, np.array(beats)) is motion


@pytest.mark.parametrize("n_frames", [1, 2, 40])
def test_a_dancer_without_kinematic_beats_is_left_alone(n_frames):
    motion = standing(n_frames)

    assert land_on_beats(motion, np.arange(0.0, 2.0, 0.3)) is motion
