"""Baselines are trained, resumed, written and read on data of a few seconds; what they learn is another matter."""

from __future__ import annotations

import json

import numpy as np
import pytest
import torch

from engine.baselines.corpus import Corpus, load_corpora, path_of, rows_along
from engine.baselines.inbetweener import Inbetweener, straight_way
from engine.baselines.registry import TRAINED
from engine.baselines.run import train
from engine.baselines.vq import Codebook, half_columns
from engine.baselines.weights import load_weights
from engine.errors import ModelError
from engine.generation.features import N_FEATURES, from_features, to_features
from engine.motion.blend import yaw_rad
from engine.motion.contacts import detect_contacts
from tests.tiny import dancing, prepared_folder

CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    return prepared_folder(tmp_path_factory.mktemp("prepared") / "data")


@pytest.fixture(scope="module")
def corpora(data) -> tuple[Corpus, Corpus]:
    return load_corpora(data, CPU)


def trained(name, data, out, steps):
    row = TRAINED[name]
    return train(name, row.make, data, out, minutes=5.0, most_steps=steps, dance_only=row.dance_only, device="cpu")


@pytest.mark.parametrize(
    "name", ["recogniser", *(pytest.param(n, marks=pytest.mark.slow) for n in ("vq_gpt", "gan", "gan_structure"))]
)
def test_a_baseline_is_trained_and_written_within_six_megabytes(name, data, tmp_path):
    figures = trained(name, data, tmp_path, 2)

    state, setup, _ = load_weights(tmp_path / f"{name}.npz")
    assert figures["steps"] == 2
    assert setup["baseline"] == name
    assert all(torch.isfinite(v).all() for v in state.values() if v.is_floating_point())
    assert (tmp_path / f"{name}.npz").stat().st_size < 6_300_000


def test_weights_tell_what_they_were_trained_on_and_how_long(data, tmp_path):
    trained("gan", data, tmp_path, 1)

    _, setup, _ = load_weights(tmp_path / "gan.npz")
    assert "CPU core" in setup["device"]
    assert setup["figures"]["steps"] == 1
    assert 0.0 < setup["figures"]["minutes"] < 1.0


def test_a_processor_takes_a_quarter_of_the_windows_a_step(corpora):
    assert corpora[0].batch_size(64) == 16


def test_training_goes_on_from_where_it_was(data, tmp_path):
    trained("gan", data, tmp_path, 2)

    assert trained("gan", data, tmp_path, 5)["steps"] == 5
    assert [json.loads(line)["step"] for line in (tmp_path / "gan" / "log.jsonl").read_text().splitlines()] == [2, 5]


def test_a_state_of_another_baseline_is_refused_in_a_sentence(data, tmp_path):
    trained("gan", data, tmp_path, 1)
    (tmp_path / "gan").rename(tmp_path / "recogniser")

    with pytest.raises(ModelError, match="train into a new folder"):
        trained("recogniser", data, tmp_path, 1)


def test_missing_and_damaged_weights_are_told_in_a_sentence(tmp_path):
    (tmp_path / "broken.npz").write_bytes(b"no archive")

    with pytest.raises(ModelError, match="There is no trained baseline"):
        load_weights(tmp_path / "gan.npz")
    with pytest.raises(ModelError, match="cannot be read"):
        load_weights(tmp_path / "broken.npz")


def test_a_path_and_the_rows_along_it_are_inverse():
    motion = dancing(90, 3)
    rows = to_features(motion, detect_contacts(motion)).astype(float)

    again = rows_along(rows, path_of(rows))

    np.testing.assert_allclose(again[:-1], rows[:-1], atol=1e-9)


def test_a_path_is_where_the_features_lead():
    rows = to_features(dancing(90, 4), np.zeros((90, 4), dtype=bool))

    motion, path = from_features(rows), path_of(rows)

    np.testing.assert_allclose(motion.root_positions_m[:, [0, 2]], path[:, :2], atol=1e-9)
    np.testing.assert_allclose(np.unwrap(yaw_rad(motion.local_rotations[:, 0])), path[:, 2], atol=1e-6)


def test_windows_on_the_grid_are_the_clips_own_frames(corpora):
    _, held_out = corpora
    window = held_out.grid(32, 32)

    assert window.features.shape[1:] == (N_FEATURES, 32)
    assert bool(window.valid.all())
    rows = window.features[0].T.numpy() * held_out.scale.std + held_out.scale.mean
    np.testing.assert_allclose(path_of(rows)[:, :2], window.path[0, :2].T - window.path[0, :2, 0], atol=1e-3)


def test_windows_drawn_with_one_seed_are_the_same(corpora):
    corpus, _ = corpora
    a, b = (corpus.windows(4, 32, generator=torch.Generator().manual_seed(3)) for _ in range(2))

    assert torch.equal(a.features, b.features)
    assert torch.equal(a.style, b.style)


def test_frames_beyond_a_clip_are_not_valid(corpora):
    corpus, _ = corpora

    window = corpus.windows(8, 1000, augment=False)

    assert bool((window.valid[:, -1] == 0).all())
    assert bool((window.valid[:, 0] == 1).all())


def test_the_straight_way_leads_from_one_side_of_a_gap_to_the_other():
    rows = torch.arange(8.0)[None, :, None] * torch.ones(1, 8, 2)
    known = torch.tensor([[1.0, 1, 0, 0, 0, 1, 1, 0]])

    straight, before, after = straight_way(rows * known[..., None], known)

    torch.testing.assert_close(straight[0, :7, 0], torch.arange(7.0))
    assert straight[0, 7, 0] == 6.0  # held where one side is open
    torch.testing.assert_close(before[0, 2:5] * 96, torch.tensor([1.0, 2, 3]))
    torch.testing.assert_close(after[0, 2:5] * 96, torch.tensor([3.0, 2, 1]))


def test_the_inbetweener_keeps_what_is_known_to_the_bit():
    network = Inbetweener(3, width=32, n_layers=1, n_heads=2)
    rows, known = torch.randn(2, 20, 141), (torch.rand(2, 20) > 0.5).float()

    made = network(rows, known, torch.zeros(2, 20, 6), torch.full((2, 3), 1 / 3))

    assert torch.equal(made[known > 0.5], rows[known > 0.5])
    assert not torch.equal(made[known < 0.5], rows[known < 0.5])


def test_what_lies_in_the_gap_changes_nothing():
    network = Inbetweener(3, width=32, n_layers=1, n_heads=2).eval()
    rows, known = torch.randn(1, 20, 141), torch.ones(1, 20)
    known[:, 8:14] = 0.0
    other = torch.where(known[..., None] > 0.5, rows, torch.randn_like(rows))

    first, second = (network(x, known, torch.zeros(1, 20, 6), torch.full((1, 3), 1 / 3)) for x in (rows, other))

    assert torch.equal(first, second)


def test_the_two_halves_of_the_body_share_no_column_and_miss_none():
    columns = np.concatenate([half_columns("lower"), half_columns("upper")])

    assert sorted(columns) == list(range(N_FEATURES))


def test_words_move_to_what_is_said():
    torch.manual_seed(0)
    book = Codebook()
    points = torch.randn(4, 64, 1) * 3.0
    for _ in range(300):
        index = book.nearest(points)
        book.follow(points, index)

    torch.testing.assert_close(book.spell(book.nearest(points)), points, atol=1e-2, rtol=0)
