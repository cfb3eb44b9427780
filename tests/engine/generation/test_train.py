import os
import pickle
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from app.resources import resource_path
from engine.errors import Cancelled, ModelError
from engine.generation.generate import generate
from engine.generation.request import GenerationRequest
from engine.generation.training import basis
from engine.generation.training.card import model_card
from engine.generation.training.finish import finished_model
from engine.generation.training.log import read_log
from engine.generation.training.preset import load_preset
from engine.generation.training.train import Trainer
from engine.generation.training.weights import read_weights, write_weights
from engine.structure.book import read_rules
from tests.tiny import SIZES, WEIGHTS, dancing, tiny_preset, write_prepared

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="module")
def lesson(tmp_path_factory):
    """The least that can be trained on: a take of each of two styles, and one held out."""
    return write_prepared(tmp_path_factory.mktemp("lesson") / "prepared", [
        ("ballet_1", "ballet", "dance", "train", dancing(90, 1)),
        ("salsa_1", "salsa", "dance", "train", dancing(90, 3, size=0.3)),
        ("ballet_9", "ballet", "dance", "validation", dancing(80, 9)),
    ])  # fmt: skip


@pytest.fixture
def begin(lesson, tmp_path):
    """Makes a trainer that writes into a folder of that name."""

    def make(name="run", **changes):
        return Trainer(tiny_preset(**changes), lesson, tmp_path / name)

    return make


def numbers_of(trainer):
    """Every number that training has reached, by name."""
    out = {}
    for name in ("generator", "encoder", "discriminator", "average", "average_encoder"):
        out |= {f"{name}.{k}": v.numpy().tobytes() for k, v in getattr(trainer, name).state_dict().items()}
    for name in ("optimiser", "optimiser_d"):
        for i, state in getattr(trainer, name).state_dict()["state"].items():
            out |= {f"{name}.{i}.{k}": v.numpy().tobytes() for k, v in state.items()}
    return out


def request(n_frames=60):
    return GenerationRequest(n_frames, np.zeros(0), np.zeros(0), np.full(n_frames, 0.5), np.zeros(n_frames))


# --- learning ------------------------------------------------------------------------------------


@pytest.mark.slow
def test_some_steps_lower_the_loss(begin):
    trainer = begin(autoencoder_steps=60, total_steps=60, learning_rate_generator=0.2, batch_size=6)

    losses = [trainer.train_step()["loss"] for _ in range(30)]

    assert np.mean(losses[-10:]) < 0.9 * np.mean(losses[:10])


def test_all_terms_of_the_adversarial_game_are_numbers(begin):
    trainer = begin(autoencoder_steps=0, total_steps=2)
    terms = {}

    trainer.run(lambda p: terms.update(p.terms))

    assert set(trainer.preset.weights) | {"loss", "discriminator"} <= set(terms)
    assert all(np.isfinite(v) for v in terms.values())


def test_the_autoencoder_learns_before_the_game_begins(begin):
    trainer = begin()
    at_start = {k: v.clone() for k, v in trainer.discriminator.named_parameters()}

    for _ in range(3):
        trainer.train_step()
    still = all(torch.equal(v, at_start[k]) for k, v in trainer.discriminator.named_parameters())
    trainer.train_step()

    assert still
    assert any(not torch.equal(v, at_start[k]) for k, v in trainer.discriminator.named_parameters())


def test_averages_lag_behind_the_weights(begin):
    trainer = begin()
    trainer.run()
    fast, slow = trainer.generator.out.bias, trainer.average.out.bias

    assert not torch.equal(fast, slow)
    assert (fast - slow).abs().max() < 0.1


def test_progress_tells_steps_and_the_time_left(begin):
    seen = []

    begin().run(seen.append)

    assert [p.step for p in seen] == [1, 2, 3, 4, 5, 6]
    assert seen[-1].eta_s == 0.0
    assert all(p.total_steps == 6 and p.seconds_per_step > 0.0 for p in seen)


def test_a_run_leaves_a_log_and_a_picture_of_it(begin):
    trainer = begin(autoencoder_steps=11, total_steps=11)

    trainer.run()

    curves = read_log(trainer.out / "log.csv")
    np.testing.assert_array_equal(curves["reconstruction"][:, 0], [10, 11])
    np.testing.assert_array_equal(curves["val_coded_m"][:, 0], [11])
    assert (trainer.out / "losses.png").stat().st_size > 1000


@pytest.mark.parametrize("name", ["paper", "kinetograph", "tuning"])
def test_presets_train_on_tiny_sizes_and_dance(name, lesson, tmp_path):
    preset = load_preset(resource_path(f"presets/{name}.toml"))
    sizes = {**preset.model, **SIZES}
    preset = replace(preset, model=sizes, batch_size=4, window_frames=64, autoencoder_steps=0)
    limits = {rule: text.limits for rule, text in read_rules(resource_path("rules")).of(None).items()}
    trainer = Trainer(preset, lesson, tmp_path / "run", limits=limits)

    terms = [trainer.train_step() for _ in range(2)]

    assert all(np.isfinite(v) for step in terms for v in step.values())
    motion = generate(request(), finished_model(trainer, {}))
    assert motion.n_frames == 60
    assert np.isfinite(motion.positions_m()).all()


# --- resuming ------------------------------------------------------------------------------------


def test_three_steps_and_three_more_are_six_to_the_last_bit(begin):
    whole = begin("whole")
    whole.run()

    begin("parts").run(until_step=3)
    second = begin("parts")
    resumed = second.resume()
    second.run()

    assert resumed
    assert second.step == whole.step == 6
    assert numbers_of(second) == numbers_of(whole)


@pytest.mark.slow
@pytest.mark.parametrize("stop", [KeyboardInterrupt, Cancelled])
def test_a_run_that_is_stopped_keeps_what_it_reached_and_goes_on_exactly(begin, stop):
    whole = begin("whole")
    whole.run()

    def stop_at_two(p):
        if p.step == 2:
            raise stop

    with pytest.raises(stop):
        begin("parts").run(stop_at_two)
    second = begin("parts")
    second.resume()
    assert second.step == 2
    second.run()

    assert numbers_of(second) == numbers_of(whole)


def test_where_nothing_was_trained_there_is_nothing_to_resume(begin):
    assert not begin().resume()


def test_another_seed_trains_another_network(begin):
    one, other = begin("one"), begin("other", seed=2)
    for trainer in (one, other):
        trainer.train_step()

    assert not torch.equal(one.generator.out.bias, other.generator.out.bias)


def test_a_state_of_other_sizes_is_refused(begin):
    begin().run(until_step=1)

    with pytest.raises(ModelError, match="sizes"):
        begin(model={**SIZES, "code_size": 16}).resume()


@pytest.mark.parametrize("content", [b"", b"no state", b"PK\x03\x04" + b"\x00" * 100])
def test_a_foreign_state_is_refused_in_a_sentence(begin, content):
    trainer = begin()
    (trainer.out / "state.pt").write_bytes(content)

    with pytest.raises(ModelError, match=r"state\.pt") as refused:
        trainer.resume()

    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("share", [0.2, 0.7, 0.99])
def test_a_state_cut_short_is_refused_in_a_sentence(begin, share):
    trainer = begin()
    trainer.save()
    content = (trainer.out / "state.pt").read_bytes()
    (trainer.out / "state.pt").write_bytes(content[: int(share * len(content))])

    with pytest.raises(ModelError, match=r"state\.pt") as refused:
        trainer.resume()

    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("missing", ["step", "generator", "optimiser", "torch_rng", "elapsed_s"])
def test_a_state_that_lacks_a_part_is_refused(begin, missing):
    trainer = begin()
    trainer.save()
    state = torch.load(trainer.out / "state.pt", weights_only=True)
    del state[missing]
    torch.save(state, trainer.out / "state.pt")

    with pytest.raises(ModelError, match="damaged"):
        trainer.resume()


def test_a_pickle_for_a_state_is_refused_and_not_run(begin):
    class Trap:
        def __init__(self, folder):
            self.folder = folder

        def __reduce__(self):
            return (os.mkdir, (str(self.folder),))

    trainer = begin()
    (trainer.out / "state.pt").write_bytes(pickle.dumps(Trap(trainer.out / "sprung")))

    with pytest.raises(ModelError):
        trainer.resume()

    assert not (trainer.out / "sprung").exists()


# --- what stops a run ----------------------------------------------------------------------------


def test_a_loss_that_is_no_number_stops_the_run_and_the_last_state_is_good(begin):
    trainer = begin()
    trainer.run(until_step=2)
    with torch.no_grad():
        trainer.generator.out.bias[0] = float("nan")

    with pytest.raises(ModelError, match=r"unstable at step 2.*resume"):
        trainer.run()

    again = begin()
    assert again.resume()
    assert again.step == 2
    again.run()
    assert all(torch.isfinite(p).all() for p in again.average.parameters())


def test_a_run_that_breaks_before_its_first_state_promises_none(begin):
    trainer = begin(learning_rate_generator=1e30)

    with pytest.raises(ModelError, match="unstable") as stopped:
        trainer.run()

    assert "resume" not in str(stopped.value)
    assert not (trainer.out / "state.pt").exists()


FULL_DISK = """
import resource, sys
from pathlib import Path
import torch
torch.set_num_threads(1)
from engine.errors import ModelError
from engine.generation.training.train import Trainer
from tests.tiny import tiny_preset

trainer = Trainer(tiny_preset(), Path(sys.argv[1]), Path(sys.argv[2]))
trainer.run(until_step=2)
before = (trainer.out / "state.pt").read_bytes()
resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, resource.RLIM_INFINITY))
try:
    trainer.run()
except ModelError as error:
    print(error)
assert (trainer.out / "state.pt").read_bytes() == before
assert not list(trainer.out.glob("*.new"))
"""


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(signal, "SIGXFSZ"), reason="no limit on file sizes on this system")
def test_a_disk_that_fills_up_stops_the_run_and_keeps_the_state_before(lesson, begin):
    told = subprocess.run(
        [sys.executable, "-c", FULL_DISK, str(lesson), str(begin().out)], capture_output=True, text=True, cwd=ROOT,
        check=False,
    )  # fmt: skip

    assert (told.returncode, told.stderr) == (0, "")
    assert "make room on the disk" in told.stdout
    assert told.stdout.count("\n") == 1
    again = begin()
    assert again.resume()
    assert again.step == 2


def test_data_whose_validation_has_none_of_its_styles_is_refused(tmp_path):
    folder = write_prepared(tmp_path / "p", [
        ("a", "ballet", "dance", "train", dancing(100, 1)), ("b", "tango", "dance", "validation", dancing(100, 2)),
    ])  # fmt: skip

    with pytest.raises(ModelError, match="validation"):
        Trainer(tiny_preset(), folder, tmp_path / "run")


def test_takes_too_short_for_the_linear_codes_are_refused(tmp_path):
    folder = write_prepared(tmp_path / "p", [
        ("a", "ballet", "dance", "train", dancing(40, 1)), ("b", "ballet", "dance", "validation", dancing(40, 2)),
    ])  # fmt: skip

    with pytest.raises(ModelError, match="48"):
        Trainer(tiny_preset(model={**SIZES, "linear_codes": True}), folder, tmp_path / "run")


# --- the finished model --------------------------------------------------------------------------


def test_a_card_tells_what_the_model_has_seen(begin, lesson):
    trainer = begin()
    trainer.run()

    card = model_card(trainer, lesson)

    assert card["styles"] == {"ballet": 0.05, "salsa": 0.05}  # minutes
    assert card["claimed_styles"] == []  # three seconds are no minute and a half
    assert card["sources"]["ballet"]["licence"] == "made here"
    assert (card["steps"], card["adversarial_steps"]) == (6, 3)
    n_threads = torch.get_num_threads()
    assert card["training"]["device"] == ("one CPU core" if n_threads == 1 else f"{n_threads} CPU cores, added up")
    assert card["parameters"]["generator"] > 1000
    assert all(np.isfinite(v) for v in card["validation"].values())


def test_a_finished_model_has_the_averaged_weights(begin):
    trainer = begin()
    trainer.run(until_step=2)

    model = finished_model(trainer, {})

    assert torch.equal(model.generator.out.bias, trainer.average.out.bias)
    assert model.styles == ("ballet", "salsa")
    assert not model.generator.training


def test_a_run_goes_on_from_the_mean_of_its_states_and_the_card_says_so(begin, lesson, tmp_path):
    trainer, files = begin(), [tmp_path / "one", tmp_path / "two"]
    for steps, path in zip((1, 3), files, strict=True):
        trainer.run(until_step=steps)
        trainer.write_weights(path)
    one, two = (read_weights(path)[1]["average"]["out.bias"] for path in files)

    trainer.take_weights(*files)

    assert not torch.equal(one, two)
    assert torch.equal(trainer.average.out.bias, 0.5 * (one + two))
    assert model_card(trainer, lesson)["mean_of_steps"] == [1, 3]


def test_weights_of_other_sizes_are_not_averaged(begin, tmp_path):
    trainer, files = begin(), [tmp_path / "one", tmp_path / "two"]
    trainer.write_weights(files[0])
    write_weights(files[1], {"average": trainer.average.out}, read_weights(files[0])[0])

    with pytest.raises(ModelError, match="other styles or sizes"):
        trainer.take_weights(*files)


# --- a finished model trained further ------------------------------------------------------------


@pytest.fixture
def further(lesson, tmp_path, model):
    """Makes a trainer that goes on from the model of these tests."""
    own = {**WEIGHTS, "adversarial": 0.0, "feature_matching": 0.0}

    def make(weights=own, **changes):
        preset = tiny_preset(autoencoder_steps=0, weights=weights, **changes)
        return Trainer(preset, lesson, tmp_path / "run", start=model)

    return make


def test_what_is_trained_further_begins_as_the_model_was(further, model):
    trainer = further()

    assert torch.equal(trainer.generator.out.weight, model.generator.out.weight)
    assert trainer.styles == list(model.styles)
    np.testing.assert_array_equal(trainer.stats.mean, model.mean)


def test_training_further_moves_the_generator_and_neither_encoder_nor_bank(further, model):
    trainer = further(total_steps=2)
    trainer.run()

    made = finished_model(trainer, {"name": "further"})

    assert not torch.equal(made.generator.out.weight, model.generator.out.weight)
    for name, weight in made.encoder.state_dict().items():
        assert torch.equal(weight, model.encoder.state_dict()[name])
    assert made.bank is model.bank
    assert made.marks is None  # they were of the dances that it danced before
    assert np.isfinite(generate(request(), made).positions_m()).all()


def test_without_a_judge_there_is_no_game_but_codes_put_together_are_danced(further):
    trainer = further()
    before = [p.clone() for p in trainer.discriminator.parameters()]

    terms = trainer.train_step()

    assert {"effort", "code"} <= set(terms)
    assert not {"adversarial", "discriminator"} & set(terms)
    assert all(torch.equal(a, b) for a, b in zip(before, trainer.discriminator.parameters(), strict=True))


def test_training_further_against_a_discriminator_is_refused(further):
    with pytest.raises(ModelError, match="which a finished model has not"):
        further(weights=WEIGHTS)


def test_data_of_other_styles_than_the_model_has_is_refused(model, tmp_path):
    other = write_prepared(tmp_path / "prepared", [("polka_1", "polka", "dance", "train", dancing(90, 1))])

    with pytest.raises(ModelError, match="no clip of the model's styles"):
        Trainer(tiny_preset(), other, tmp_path / "run", start=model)


def test_the_card_of_a_model_trained_further_says_from_what_and_keeps_what_was_true(further, lesson, model):
    trainer = further(total_steps=1)
    trainer.run()

    card = model_card(trainer, lesson)

    assert card["name"] == model.card["name"]
    assert card["trained_further"]["from"] == model.digest
    assert card["trained_further"]["steps"] == 1


@pytest.mark.slow
def test_linear_codes_alone_tell_most_of_a_dance(lesson, tmp_path, monkeypatch):
    monkeypatch.setattr(basis, "_SAMPLES", 250)
    sizes = {**SIZES, "linear_codes": True, "code_size": 128}
    trainer = Trainer(tiny_preset(model=sizes), lesson, tmp_path / "run")
    with torch.no_grad():  # the rest of the networks says nothing
        trainer.average_encoder.out.weight.zero_()
        trainer.average_encoder.out.bias.zero_()
        trainer.average.out.weight.zero_()
        trainer.average.out.bias.zero_()
    trained_on = trainer.sampler.batch(32, augment=False)
    trainer.validation = trained_on

    coded = trainer.validate()["val_coded_m"]
    with torch.no_grad():
        trainer.average.linear.weight.zero_()
    mean_pose = trainer.validate()["val_coded_m"]

    assert coded < 0.5 * mean_pose


# --- several processes ---------------------------------------------------------------------------

TOGETHER = """
import sys
from pathlib import Path
import numpy as np
import torch
torch.set_num_threads(1)
from engine.generation.training.train import Trainer
from tests.tiny import tiny_preset

data, out, found = map(Path, sys.argv[1:])
trainer = Trainer(tiny_preset(total_steps=5), data, out, "cpu")
resumed = trainer.resume()
drawn = float(torch.rand(1))
trainer.run(until_step=None if resumed else 3)
numbers = np.concatenate([p.detach().numpy().ravel() for p in [
    *trainer.generator.parameters(), *trainer.encoder.parameters(), *trainer.discriminator.parameters(),
    *trainer.average.parameters(),
]])
name = f"{'second' if resumed else 'first'}-{trainer.workers.rank}.npz"
np.savez(found / name, numbers=numbers, drawn=str(drawn), step=trainer.step)
torch.distributed.destroy_process_group()
"""


@pytest.mark.slow
def test_two_processes_keep_the_same_weights_and_see_different_data_also_after_resuming(lesson, tmp_path):
    script = tmp_path / "together.py"
    script.write_text(TOGETHER)
    for _ in range(2):
        subprocess.run(
            [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc_per_node=2", str(script),
             str(lesson), str(tmp_path / "run"), str(tmp_path)],
            cwd=ROOT, env=os.environ | {"OMP_NUM_THREADS": "1", "PYTHONPATH": str(ROOT)}, check=True,
            capture_output=True, timeout=300,
        )  # fmt: skip

    for part, step in (("first", 3), ("second", 5)):
        one, other = (np.load(tmp_path / f"{part}-{rank}.npz") for rank in (0, 1))
        assert int(one["step"]) == int(other["step"]) == step
        np.testing.assert_array_equal(one["numbers"], other["numbers"])
        assert str(one["drawn"]) != str(other["drawn"])
