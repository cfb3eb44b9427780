import copy
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.errors import Cancelled
from engine.generation import sampler
from engine.generation.conditioning import music_channels
from engine.generation.features import MASK_PARTS, N_FEATURES, part_columns
from engine.generation.model import Condition
from engine.generation.model_constants import CODE_STRIDE
from engine.generation.sampler import (
    DENSE_LEAD,
    ON_GRID,
    OVERLAP_FRAMES,
    WINDOW_FRAMES,
    Decoding,
    decode,
    n_dense,
    window_starts,
)
from tests.tiny import STYLES, tiny_model

lengths = st.integers(1, 400).map(lambda cells: CODE_STRIDE * cells)


def a_job(model, n_frames, seed=0):
    rng = np.random.default_rng(seed)
    return Decoding(
        codes=rng.normal(size=(n_frames // CODE_STRIDE, model.generator.config.code_size)),
        known=model.mean + model.std * rng.normal(size=(n_frames, N_FEATURES)),
        mask=np.zeros((n_frames, len(MASK_PARTS))),
        music=music_channels(n_frames, np.arange(5.0, n_frames, 15.0), np.ones(-(-(n_frames - 5) // 15)), np.ones(1)),
        effort=rng.normal(size=(n_frames, 6)),
        style=np.full(len(STYLES), 1 / len(STYLES)),
    )


def decoded(model, job, seed=0):
    return decode(model, job, seed, lambda _: None)


@given(lengths)
def test_windows_cover_every_frame_and_lie_on_the_grid_of_codes(n_frames):
    starts = window_starts(n_frames)
    size = min(n_frames, WINDOW_FRAMES)

    assert starts[0] == 0
    assert starts[-1] + size == n_frames
    assert all(start % CODE_STRIDE == 0 for start in starts)
    assert all(OVERLAP_FRAMES <= a + size - b < WINDOW_FRAMES for a, b in pairwise(starts))


@given(lengths)
def test_every_frame_has_weight_and_inner_ones_a_whole_one(n_frames):
    starts = window_starts(n_frames)
    size = min(n_frames, WINDOW_FRAMES)
    weight, most = np.zeros(n_frames), np.zeros(n_frames)
    for start in starts:
        ramp = sampler._ramp(size, start > 0, start + size < n_frames)[:, 0]
        weight[start : start + size] += ramp
        most[start : start + size] = np.maximum(most[start : start + size], ramp)

    assert most.min() >= 0.5 - 1e-5  # no frame rests on what a window's edge made alone
    assert weight[: CODE_STRIDE].min() >= 1.0


@pytest.mark.parametrize("n_frames", [16, 256, 272, 448, 1024])
def test_windows_of_a_constant_add_up_to_the_constant(model, n_frames):
    constant = replace(model, generator=copy.deepcopy(model.generator))
    with torch.no_grad():
        constant.generator.out.weight.zero_()
    expected = constant.generator.out.bias.numpy() * constant.std + constant.mean

    rows = decoded(constant, a_job(constant, n_frames))

    np.testing.assert_allclose(rows, np.tile(expected, (n_frames, 1)), atol=1e-6)


def test_how_many_windows_run_at_once_changes_nothing(model, monkeypatch):
    job = a_job(model, 1600)
    rows = {}
    for batch in (1, 3, 8):
        monkeypatch.setattr(sampler, "MOST_WINDOWS", batch)
        rows[batch] = decoded(model, job)

    np.testing.assert_allclose(rows[1], rows[8], atol=1e-5)
    np.testing.assert_allclose(rows[3], rows[8], atol=1e-5)


def test_a_short_piece_is_one_pass_of_the_generator(model):
    job = a_job(model, 128)
    noise = np.random.default_rng([4, 3]).standard_normal(model.generator.config.noise_size)

    def tensor(rows):
        return torch.tensor(rows.T[np.newaxis], dtype=torch.float32)

    told = Condition(
        tensor(0 * job.known), tensor(job.mask), tensor(job.music), tensor(job.effort),
        torch.tensor(job.style[np.newaxis], dtype=torch.float32),
    )  # fmt: skip
    expected = model.generator(tensor(job.codes), told, torch.tensor(noise[np.newaxis], dtype=torch.float32))

    found = decoded(model, job, seed=4)

    np.testing.assert_allclose(found, expected[0].numpy().T * model.std + model.mean, atol=1e-5)


@settings(max_examples=15)
@given(st.sets(st.sampled_from(MASK_PARTS), min_size=1), st.integers(0, 319), st.integers(1, 320))
def test_what_is_known_comes_back_exactly(model, parts, start, length):
    job = a_job(model, 320)
    known = slice(start, min(start + length, 320))
    for part in parts:
        job.mask[known, MASK_PARTS.index(part)] = 1.0

    rows = decoded(model, job)

    for part in MASK_PARTS:
        columns = part_columns(part)
        span = known if part in parts else slice(0, 0)
        np.testing.assert_array_equal(rows[span][:, columns], job.known[span][:, columns])
        free = np.delete(rows[:, columns], np.r_[span], axis=0)
        assert not (free == np.delete(job.known[:, columns], np.r_[span], axis=0)).any()


def test_what_is_not_known_does_not_count(model):
    job = a_job(model, 64)
    other = replace(job, known=job.known + 5.0)

    np.testing.assert_array_equal(decoded(model, other), decoded(model, job))


def test_a_code_that_is_not_told_is_the_learned_null_code(model):
    job, told = a_job(model, 64), a_job(model, 64)
    job.codes[1:3] = np.nan
    told.codes[1:3] = model.generator.null_code.numpy()

    np.testing.assert_allclose(decoded(model, job), decoded(model, told), atol=1e-6)


def test_a_network_without_codes_dances_from_noise(prepared):
    papers = tiny_model(prepared, codes=False)
    job = a_job(papers, 64)
    other_codes = replace(job, codes=job.codes + 1.0)

    np.testing.assert_array_equal(decoded(papers, job), decoded(papers, other_codes))
    assert np.abs(decoded(papers, job, 0) - decoded(papers, job, 1)).max() > 0.01


def test_another_seed_draws_other_noise(model):
    job = a_job(model, 64)

    assert np.abs(decoded(model, job, 0) - decoded(model, job, 1)).max() > 1e-4
    np.testing.assert_array_equal(decoded(model, job, 1), decoded(model, job, 1))


def test_decoding_can_be_cancelled_between_windows(model):
    def cancel(fraction):
        if fraction > 0.0:
            raise Cancelled

    with pytest.raises(Cancelled):
        decode(model, a_job(model, 16 * 200), 0, cancel)


# --- dense codes ---------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def linear(prepared):
    return tiny_model(prepared, linear_codes=True)


def with_dense(job, dense):
    return replace(job, codes=dense[ON_GRID], dense=dense)


@pytest.mark.parametrize("n_frames", [16, 256, 448])
def test_with_dense_codes_the_linear_part_is_the_mean_over_four_grids(linear, n_frames):
    rng = np.random.default_rng(2)
    job = a_job(linear, n_frames)
    job = with_dense(job, rng.normal(size=(n_dense(n_frames), job.codes.shape[1])))

    def along(codes, first_frame):
        """What the linear part makes of a grid whose first cell begins at a frame, where it meets the job's frames."""
        made = linear.generator.linear(torch.from_numpy(codes.T[np.newaxis].astype(np.float32)))[0].T.numpy()
        return made[-first_frame :][:n_frames]

    grids = [along(job.dense[i::4], -DENSE_LEAD + 4 * i) for i in range(4)]
    here = linear.generator.linear(torch.from_numpy(job.codes.T[np.newaxis].astype(np.float32)))[0].T.numpy()
    expected = (np.mean([grid[:n_frames] for grid in grids], axis=0) - here) * linear.std

    found = decoded(linear, job) - decoded(linear, replace(job, dense=None))
    # The ends of the outermost stretches reach in from cells that a grid of whole cells has not.
    inner = slice(CODE_STRIDE // 2, n_frames - CODE_STRIDE // 2)
    np.testing.assert_allclose(found[inner], expected[inner], atol=1e-4)


def test_known_frames_come_back_as_given_with_dense_codes(linear):
    job = a_job(linear, 256)
    job = with_dense(job, np.random.default_rng(3).normal(size=(n_dense(256), job.codes.shape[1])))
    job.mask[:64] = 1.0

    np.testing.assert_array_equal(decoded(linear, job)[:64], job.known[:64])


def test_steps_between_cells_that_do_not_agree_are_evened_out(linear):
    # Two phrases that meet: codes of one, then of the other.
    n = 256
    job = a_job(linear, n)
    one, other = np.random.default_rng(4).normal(size=(2, job.codes.shape[1])) * 10.0
    at = 4 * np.arange(n_dense(n)) - DENSE_LEAD + CODE_STRIDE // 2
    job = with_dense(job, np.where(at[:, np.newaxis] < n // 2, one, other))

    def jerk(rows):
        return np.abs(np.diff((rows / linear.std)[96:160], 2, axis=0)).mean()

    assert jerk(decoded(linear, job)) < 0.6 * jerk(decoded(linear, replace(job, dense=None)))
