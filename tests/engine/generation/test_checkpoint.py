import json
import os
import pickle
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.numpy import load_file, save_file

from engine.errors import ModelError
from engine.generation.checkpoint import CARD, WEIGHTS, load_model, save_model
from engine.generation.generate import generate
from engine.generation.request import GenerationRequest
from tests.tiny import tiny_model

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="module")
def saved(model, tmp_path_factory):
    folder = tmp_path_factory.mktemp("saved")
    save_model(model, folder)
    return folder


@pytest.fixture
def spoiled(saved, tmp_path):
    """A copy of the saved model that a test may spoil."""
    for path in saved.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    return tmp_path


def request(n_frames=60):
    return GenerationRequest(n_frames, np.arange(3.0, 60.0, 15.0), np.ones(4), np.ones(n_frames), np.zeros(n_frames))


def rewritten(folder, change=lambda arrays, header: None):
    """The weights file with its arrays or header changed."""
    content = (folder / WEIGHTS).read_bytes()
    length = int.from_bytes(content[:8], "little")
    header = json.loads(content[8 : 8 + length])["__metadata__"]
    arrays = load_file(folder / WEIGHTS)
    change(arrays, header)
    save_file(arrays, folder / WEIGHTS, metadata=header)


def refusal(folder):
    with pytest.raises(ModelError) as refused:
        load_model(folder)
    said = str(refused.value)
    assert said.endswith(".")
    assert "\n" not in said
    return said


# --- what is saved comes back --------------------------------------------------------------------


def test_a_saved_model_gives_the_same_dance_each_time_it_is_loaded(saved):
    one, other = generate(request(), load_model(saved)), generate(request(), load_model(saved))

    assert one.local_rotations.tobytes() == other.local_rotations.tobytes()
    assert one.root_positions_m.tobytes() == other.root_positions_m.tobytes()


def test_half_precision_moves_no_joint_by_more_than_a_centimetre(model, saved):
    # The same codes: rounding the bank's costs could choose another phrase.
    loaded = load_model(saved)
    loaded.bank = model.bank

    before, after = generate(request(), model).positions_m(), generate(request(), loaded).positions_m()

    assert np.abs(before - after).max() < 0.01


def test_saving_what_was_loaded_changes_no_bit(saved, tmp_path):
    save_model(load_model(saved), tmp_path)

    before, after = load_file(saved / WEIGHTS), load_file(tmp_path / WEIGHTS)
    assert before.keys() == after.keys()
    assert all(before[name].tobytes() == after[name].tobytes() for name in before)
    assert (tmp_path / CARD).read_bytes() == (saved / CARD).read_bytes()


def test_a_loaded_model_is_for_use_only(saved):
    loaded = load_model(saved)

    assert loaded.card == {"name": "tiny"}
    assert len(loaded.digest) == 64
    assert not loaded.generator.training
    assert not any(p.requires_grad for p in loaded.generator.parameters())


def test_the_digest_is_of_the_weights(model, saved, tmp_path):
    changed = load_model(saved)
    with torch.no_grad():
        changed.generator.out.bias += 1.0
    save_model(changed, tmp_path)

    assert load_model(tmp_path).digest != load_model(saved).digest


def test_a_model_with_batch_norm_comes_back_after_many_steps(prepared, tmp_path):
    trained = tiny_model(prepared, norm="batch")
    for module in trained.generator.modules():
        if isinstance(module, torch.nn.BatchNorm1d):
            module.num_batches_tracked.fill_(200_000)
            module.running_mean.fill_(0.25)
    save_model(trained, tmp_path)

    loaded = load_model(tmp_path).generator.state_dict()

    assert {int(v) for k, v in loaded.items() if k.endswith("num_batches_tracked")} == {200_000}
    assert all((v == 0.25).all() for k, v in loaded.items() if k.endswith("running_mean"))


# --- what is damaged is refused ------------------------------------------------------------------


def test_a_folder_without_a_model_says_what_is_missing(tmp_path):
    assert WEIGHTS in refusal(tmp_path)
    assert "no trained model" in refusal(tmp_path / "nowhere")


def test_a_model_without_its_card_says_so(spoiled):
    (spoiled / CARD).unlink()

    assert CARD in refusal(spoiled)


def test_a_file_where_the_folder_should_be_is_refused(tmp_path):
    (tmp_path / "model").write_text("no folder")

    refusal(tmp_path / "model")


def test_a_folder_where_the_file_should_be_is_refused(tmp_path):
    (tmp_path / WEIGHTS).mkdir()

    refusal(tmp_path)


@settings(max_examples=40)
@given(st.floats(0.0, 0.9999))
def test_a_model_cut_short_anywhere_is_refused(saved, tmp_path_factory, share):
    content = (saved / WEIGHTS).read_bytes()
    folder = tmp_path_factory.mktemp("cut")
    (folder / CARD).write_bytes((saved / CARD).read_bytes())
    (folder / WEIGHTS).write_bytes(content[: int(share * len(content))])

    refusal(folder)


@pytest.mark.parametrize(
    "content",
    [b"", b"\x00" * 4096, b"\xff" * 4096, b"PK\x03\x04" + b"\x00" * 99, b"#!/bin/sh\n" * 99, b"\x02" + b"\x00" * 7],
)
def test_a_foreign_file_is_refused(spoiled, content):
    (spoiled / WEIGHTS).write_bytes(content)

    refusal(spoiled)


def test_a_pickle_is_refused_and_not_run(spoiled):
    class Trap:
        def __reduce__(self):
            return (os.mkdir, (str(spoiled / "sprung"),))

    (spoiled / WEIGHTS).write_bytes(pickle.dumps(Trap()))

    refusal(spoiled)
    assert not (spoiled / "sprung").exists()


@pytest.mark.parametrize("card", ["", "{", "[1, 2]", "\udcff"])
def test_a_damaged_card_is_refused(spoiled, card):
    (spoiled / CARD).write_bytes(card.encode("utf-8", "surrogateescape"))

    refusal(spoiled)


def test_another_format_is_refused_by_number(spoiled):
    rewritten(spoiled, lambda arrays, header: header.update(format="2"))

    assert "format 2" in refusal(spoiled)


@pytest.mark.parametrize("name", ["format", "config", "styles"])
def test_a_header_without_what_is_needed_is_refused(spoiled, name):
    rewritten(spoiled, lambda arrays, header: header.pop(name))

    refusal(spoiled)


@pytest.mark.parametrize(
    "config",
    [
        "{}", "[]", "null", '{"depth": 3}', '{"widths": "wide"}', '{"widths": [8, 8]}', '{"widths": []}',
        '{"code_size": 1e30}', '{"code_size": -3}', '{"norm": 5, "code_size": 8}',
        '{"widths": [1000000000, 8, 8, 8, 8]}',
    ],
)  # fmt: skip
def test_a_description_that_is_not_of_these_weights_is_refused(spoiled, config):
    rewritten(spoiled, lambda arrays, header: header.update(config=config))

    refusal(spoiled)


@pytest.mark.parametrize("name", ["generator.out.weight", "encoder.out.bias", "statistics.mean", "bank.codes"])
def test_weights_that_lack_an_array_are_refused(spoiled, name):
    rewritten(spoiled, lambda arrays, header: arrays.pop(name))

    refusal(spoiled)


def cut(name):
    def change(arrays, header):
        arrays[name] = np.ascontiguousarray(arrays[name][:-1])

    return change


@pytest.mark.parametrize(
    "name",
    [
        "generator.out.bias", "encoder.out.weight", "statistics.mean", "statistics.effort_std", "bank.codes",
        "bank.clip", "bank.clip_start", "bank.clip_style", "bank.clip_mirror", "bank.accent", "bank.state",
        "bank.travel", "bank.effort", "bank.usable",
    ],
)  # fmt: skip
def test_weights_of_another_shape_are_refused(spoiled, name):
    rewritten(spoiled, cut(name))

    refusal(spoiled)


@pytest.mark.parametrize("name", ["generator.out.weight", "statistics.std", "bank.codes"])
def test_weights_that_are_no_numbers_are_refused(spoiled, name):
    rewritten(spoiled, lambda arrays, header: arrays[name].fill(np.nan))

    refusal(spoiled)


@pytest.mark.parametrize(
    ("name", "value"),
    [("bank.clip", 99), ("bank.clip", -1), ("bank.clip_style", 99), ("bank.clip_mirror", 99), ("bank.clip_start", 7)],
)
def test_a_bank_that_points_nowhere_is_refused(spoiled, name, value):
    rewritten(spoiled, lambda arrays, header: arrays[name].fill(value))

    refusal(spoiled)


def test_other_styles_than_the_weights_are_refused(spoiled):
    rewritten(spoiled, lambda arrays, header: header.update(styles='["ballet"]'))

    refusal(spoiled)


# --- a full disk ---------------------------------------------------------------------------------

FULL_DISK = """
import resource, sys
from pathlib import Path
from engine.errors import ModelError
from engine.generation.checkpoint import load_model, save_model

model = load_model(Path(sys.argv[1]))
model.card = {"name": "new" * 100_000}
weights = Path(sys.argv[1]) / "model.safetensors"
for limit in (weights.stat().st_size, 20_000):  # too little for the card, then for the weights
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))
    try:
        save_model(model, Path(sys.argv[1]))
    except ModelError as error:
        print(error)
"""


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(signal, "SIGXFSZ"), reason="no limit on file sizes on this system")
def test_a_disk_that_fills_up_keeps_the_old_model(spoiled):
    before = {p.name: p.read_bytes() for p in spoiled.iterdir()}

    told = subprocess.run(
        [sys.executable, "-c", FULL_DISK, str(spoiled)], capture_output=True, text=True, cwd=ROOT, check=False
    )

    assert (told.returncode, told.stderr) == (0, "")
    assert told.stdout.count("could not be written") == 2
    assert {p.name: p.read_bytes() for p in spoiled.iterdir()} == before
