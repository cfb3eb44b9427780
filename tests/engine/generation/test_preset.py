from dataclasses import replace
from pathlib import Path

import pytest

from app.resources import resource_path
from engine.errors import ModelError
from engine.generation.bridge import BridgeConfig
from engine.generation.model import Discriminator, Encoder, Generator, ModelConfig, n_parameters
from engine.generation.training.losses import ADVERSARIAL
from engine.generation.training.preset import GAMES, BridgePreset, load_preset

PRESETS = sorted(resource_path("presets").glob("*.toml"))


def changed(tmp_path, old, new, source="kinetograph"):
    """A copy of a preset with a line changed."""
    text = resource_path(f"presets/{source}.toml").read_text("utf-8")
    assert old in text
    path = tmp_path / "mine.toml"
    path.write_text(text.replace(old, new), "utf-8")
    return path


def refusal(path):
    with pytest.raises(ModelError) as refused:
        load_preset(path)
    said = str(refused.value)
    assert said.endswith(".")
    assert "\n" not in said
    return said


def test_both_presets_are_there():
    assert {p.stem for p in PRESETS} >= {"kinetograph", "paper"}


@pytest.mark.parametrize("path", PRESETS, ids=lambda p: p.stem)
def test_every_preset_loads_and_describes_networks(path):
    preset = load_preset(path)
    if isinstance(preset, BridgePreset):
        assert BridgeConfig(n_styles=10, **preset.model).n_styles == 10
        return
    config = preset.model_config(10)

    networks = [make(config) for make in (Generator, Encoder, Discriminator)]

    assert preset.name == path.stem
    assert config.n_styles == 10
    assert all(n_parameters(network) > 100_000 for network in networks)
    assert preset.autoencoder_steps <= preset.total_steps


def test_the_paper_preset_is_what_the_paper_says():
    preset = load_preset(resource_path("presets/paper.toml"))

    assert (preset.batch_size, preset.betas, preset.adversarial) == (32, (0.5, 0.999), "minimax")
    assert (preset.learning_rate_adversarial, preset.learning_rate_discriminator) == (2e-4, 1e-4)
    assert preset.autoencoder_steps == 0


def test_a_preset_may_name_every_game_there_is():
    assert set(GAMES) == set(ADVERSARIAL)


def test_a_missing_preset_is_refused_by_name():
    assert "'tango'" in refusal(Path("tango.toml"))


def test_a_folder_is_no_preset(tmp_path):
    refusal(tmp_path)


@pytest.mark.parametrize("content", ["seed = ", "[model", "\udcff", "seed = 1\nseed = 2"])
def test_what_is_not_toml_is_refused_with_its_place(tmp_path, content):
    path = tmp_path / "broken.toml"
    path.write_bytes(content.encode("utf-8", "surrogateescape"))

    assert "broken.toml" in refusal(path)


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        ("seed = 1", "sede = 1", "sede"),
        ("seed = 1", "seed = 1\nmomentum = 0.9", "momentum"),
        ("[model]", "[model]\ndepth = 3", "depth"),
        ("[model]", "[model]\nwidths = [8, 8]", "widths"),
        ("[model]", '[model]\nnorm = "layer"', "norm"),
        ("[model]", "[model]\nn_styles = 4", "n_styles"),
        ("kl = 0.001", "", "kl"),
        ("kl = 0.001", "kl = 0.001\ncharm = 1.0", "charm"),
        ("kl = 0.001", 'kl = "much"', "kl"),
        ("kl = 0.001", "kl = nan", "kl"),
        ('adversarial = "hinge"', 'adversarial = "wasserstein"', "adversarial"),
        ("seed = 1", 'seed = "one"', "seed"),
        ("seed = 1", "seed = 1.5", "seed"),
        ("batch_size = 32", "batch_size = 0", "batch_size"),
        ("window_frames = 128", "window_frames = 100", "window_frames"),
        ("window_frames = 128", "window_frames = 32", "window_frames"),
        ("betas = [0.9, 0.99]", "betas = 0.9", "betas"),
        ("betas = [0.9, 0.99]", "betas = [0.9, 1.5]", "betas"),
        ("ema = 0.999", "ema = 1.5", "ema"),
        ("learning_rate_discriminator = 2e-4", "learning_rate_discriminator = -1", "learning_rate_discriminator"),
        ("autoencoder_steps = 6000", "autoencoder_steps = -1", "autoencoder_steps"),
    ],
)
def test_a_value_that_is_missing_unknown_or_impossible_is_named(tmp_path, old, new, named):
    lines = resource_path("presets/kinetograph.toml").read_text("utf-8").splitlines()
    # The line of that value, whatever the preset says today.
    old = next((line for line in lines if " = " in old and line.startswith(old.split(" = ")[0])), old)

    assert named in refusal(changed(tmp_path, old, new))


def test_sizes_and_whole_numbers_for_fractions_will_do(tmp_path):
    assert load_preset(changed(tmp_path, "[model]", "[model]\nwidths = [8, 8, 16, 16, 16]")).model["widths"][0] == 8
    assert load_preset(changed(tmp_path, "ema = 0.999", "ema = 0")).ema == 0


# --- the networks that presets describe ----------------------------------------------------------


def test_a_model_description_survives_its_plain_form():
    config = ModelConfig(widths=(8, 8, 16, 16, 16), n_styles=3, norm="batch")

    assert ModelConfig.from_dict(config.to_dict()) == config


@pytest.mark.parametrize(
    "change", [{"widths": (8, 8, 16)}, {"widths": (8, 8, 16, 16, 12)}, {"code_size": 0}, {"norm": "layer"}]
)
def test_networks_that_cannot_be_are_refused(change):
    with pytest.raises(ValueError, match=next(iter(change))):
        replace(ModelConfig(), **change)


def test_lines_overrule_a_preset():
    path = next(p for p in PRESETS if p.stem == "kinetograph")

    preset = load_preset(path, ["weights.contact = 8", "ema = 0.5", "model.widths = [8, 8, 8, 8, 16]"])

    assert (preset.weights["contact"], preset.ema) == (8, 0.5)
    assert preset.weights["position"] == load_preset(path).weights["position"]
    assert preset.model_config(2).widths == (8, 8, 8, 8, 16)


@pytest.mark.parametrize("line", ["ema = 2", "weights.spin = 1", "no toml", "model.code_size = 0"])
def test_lines_that_make_no_preset_are_refused(line):
    with pytest.raises(ModelError):
        load_preset(next(p for p in PRESETS if p.stem == "kinetograph"), [line])


@pytest.mark.parametrize("line", ["batch_size = 1", "model.width = 30", "model.depth = 3", "schedule_minutes = 0"])
def test_bridges_that_cannot_be_are_refused(line):
    with pytest.raises(ModelError, match="bridge"):
        load_preset(next(p for p in PRESETS if p.stem == "bridge"), [line])
