import numpy as np
import pytest

from engine.generation.training.beat_grid import accent_strengths, fit_grid
from engine.motion.movements import kinematic_beats
from tests.dances import bobbing, improvised, standing


def grid_of(motion):
    beats = kinematic_beats(motion)
    return fit_grid(motion.n_frames, beats, accent_strengths(motion.positions_m(), beats))


@pytest.mark.parametrize("period_frames", [13, 15, 18, 22, 25])
def test_the_pulse_of_a_dance_that_stops_on_beats_is_found_there(period_frames):
    stops = np.arange(6, 300, period_frames)
    grid, strengths = grid_of(bobbing(stops / 30.0, 10.0, rate_hz=30.0))

    assert np.median(np.diff(grid)) == period_frames
    inner = stops[(stops > grid[0] - 1) & (stops < grid[-1] + 1)]
    assert max(np.abs(grid - s).min() for s in inner) <= 1.0
    assert len(inner) >= len(stops) - 2
    assert np.median(strengths) > 0.8


def test_a_pulse_goes_on_through_a_beat_that_is_danced_through_and_has_no_strength_there():
    stops = np.arange(15, 300, 15)
    danced = np.delete(stops, 9)
    novelty_strengths = np.ones(len(danced))

    grid, strengths = fit_grid(300, danced, novelty_strengths)

    at = int(np.abs(grid - stops[9]).argmin())
    assert abs(grid[at] - stops[9]) <= 3.0
    assert strengths[at] == 0.0
    assert (np.delete(strengths, at) > 0.0).all()


def test_strengths_are_zero_away_from_accents():
    rng = np.random.default_rng(2)
    accents = np.unique(rng.integers(0, 600, 40))

    grid, strengths = fit_grid(600, accents, np.ones(len(accents)))

    far = np.abs(grid[:, None] - accents).min(axis=1) > 3.0
    assert far.any()
    assert (strengths[far] == 0.0).all()
    assert (strengths[~far] >= 0.3).all()


def test_grid_beats_ascend_and_lie_in_the_clip():
    grid, strengths = grid_of(improvised(300, seed=7))

    assert (np.diff(grid) > 0).all()
    assert grid[0] >= 0
    assert grid[-1] < 300
    assert len(strengths) == len(grid)


def test_a_dancer_who_never_stops_or_never_moves_has_no_pulse():
    grid, strengths = grid_of(standing(100))

    assert len(grid) == len(strengths) == 0


@pytest.mark.parametrize("n_beats", [0, 1, 2])
def test_fewer_than_three_accents_are_their_own_grid(n_beats):
    accents = np.arange(n_beats) * 20 + 10

    grid, strengths = fit_grid(60, accents, np.ones(n_beats))

    np.testing.assert_array_equal(grid, accents)
    assert len(strengths) == n_beats


def test_accents_without_any_strength_are_no_trouble():
    grid, strengths = fit_grid(100, np.array([10, 30, 50, 70]), np.zeros(4))

    assert np.isfinite(grid).all()
    assert len(grid) == len(strengths)


def test_a_full_stop_is_stronger_than_a_slowing():
    t = np.arange(60)
    speed = 1.0 - 1.0 * np.exp(-0.5 * ((t - 20) / 3.0) ** 2) - 0.3 * np.exp(-0.5 * ((t - 40) / 3.0) ** 2)
    path = np.zeros((60, 1, 3))
    path[1:, 0, 0] = np.cumsum(speed[:-1]) / 30.0

    stop, slowing = accent_strengths(path, np.array([20, 40]))

    assert stop > 0.9
    assert 0.1 < slowing < 0.5
