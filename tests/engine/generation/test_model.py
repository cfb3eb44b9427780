import numpy as np
import pytest
import torch

from engine.generation.model import (
    Condition,
    Discriminator,
    Encoder,
    Generator,
    ModelConfig,
    SelfAttention,
    n_parameters,
)
from engine.generation.model_constants import CODE_STRIDE
from tests.tiny import SIZES

CONFIG = ModelConfig.from_dict({**SIZES, "n_styles": 3})


def told(n_frames, batch=2, seed=0):
    torch.manual_seed(seed)
    return Condition(
        torch.randn(batch, 140, n_frames), torch.rand(batch, 7, n_frames).round(), torch.randn(batch, 6, n_frames),
        torch.randn(batch, 6, n_frames), torch.full((batch, 3), 1 / 3),
    )  # fmt: skip


def network(make, **sizes):
    torch.manual_seed(0)
    return make(ModelConfig.from_dict({**SIZES, "n_styles": 3, **sizes})).eval()


def codes_and_noise(cells, batch=2):
    torch.manual_seed(1)
    return torch.randn(batch, CONFIG.code_size, cells), torch.randn(batch, CONFIG.noise_size)


@pytest.mark.parametrize("cells", [1, 2, 5, 16])
@pytest.mark.parametrize(
    "sizes", [{}, {"norm": "batch"}, {"norm": "none", "attention": False}, {"condition": False}, {"linear_codes": True}]
)
def test_every_code_becomes_sixteen_frames(cells, sizes):
    code, noise = codes_and_noise(cells)

    out = network(Generator, **sizes)(code, told(CODE_STRIDE * cells), noise)

    assert out.shape == (2, 140, CODE_STRIDE * cells)
    assert torch.isfinite(out).all()


@pytest.mark.parametrize("linear", [True, False])
def test_sixteen_frames_become_a_code(linear):
    mean, log_variance = network(Encoder, linear_codes=linear)(torch.randn(2, 140, 96))

    assert mean.shape == log_variance.shape == (2, CONFIG.code_size, 6)
    assert log_variance.max() < -3.0  # codes begin nearly free of noise


def test_the_encoder_sees_its_own_stretch_and_little_around_it():
    encoder = network(Encoder, linear_codes=True)
    rows = torch.randn(1, 140, 320)
    changed = rows.clone()
    changed[..., :96] = 0.0

    one, other = encoder(rows)[0], encoder(changed)[0]

    assert torch.allclose(one[..., 10:], other[..., 10:], atol=1e-5)
    assert not torch.allclose(one[..., :6], other[..., :6], atol=1e-3)


def test_a_dance_does_not_depend_on_those_made_beside_it():
    generator, (code, noise), condition = network(Generator), codes_and_noise(4), told(64)
    alone = Condition(*(x[:1] for x in vars(condition).values()))

    together, single = generator(code, condition, noise)[:1], generator(code[:1], alone, noise[:1])

    torch.testing.assert_close(together, single, atol=1e-5, rtol=1e-4)


def test_a_network_without_conditions_hears_none():
    generator, (code, noise) = network(Generator, condition=False), codes_and_noise(4)

    one, other = (generator(code, told(64, seed=s), noise) for s in (1, 2))

    torch.testing.assert_close(one, other)


@pytest.mark.parametrize("name", ["known", "mask", "music", "effort", "style"])
def test_a_network_with_conditions_hears_each(name):
    generator, (code, noise), condition = network(Generator), codes_and_noise(4), told(64)
    with torch.no_grad():
        for block in [*generator.middle, *generator.block]:
            torch.nn.init.normal_(block.film.weight, std=0.3)  # styles begin unheard
        before = generator(code, condition, noise)
        setattr(condition, name, torch.roll(getattr(condition, name), 1, dims=-1) + 0.5)

        assert (generator(code, condition, noise) - before).abs().max() > 1e-4


def test_attention_begins_as_nothing_and_then_sees_all_of_time():
    torch.manual_seed(0)
    attention, x = SelfAttention(8), torch.randn(1, 8, 40)
    far = x.clone()
    far[..., 0] += 1.0
    before = attention(x)
    with torch.no_grad():
        attention.gate.fill_(1.0)

    torch.testing.assert_close(before, x)
    assert (attention(far) - attention(x))[..., -1].abs().max() > 1e-5


@pytest.mark.parametrize("kind", ["spectral", "batch", "none"])
def test_the_discriminator_judges_every_scale_in_patches(kind):
    judge = network(Discriminator, n_scales=2, discriminator_norm=kind)

    judged = judge(torch.randn(2, 140, 64), torch.randn(2, 6, 64), torch.eye(3)[:2])

    assert [logits.shape for logits, _ in judged] == [(2, 1, 16), (2, 1, 8)]
    assert [len(features) for _, features in judged] == [2, 2]


def test_spectral_norm_keeps_the_discriminators_layers_from_stretching():
    judge = network(Discriminator, discriminator_norm="spectral").train()
    for _ in range(30):  # power iterations
        judge(torch.randn(2, 140, 64), torch.randn(2, 6, 64), torch.eye(3)[:2])

    for scale in judge.scales:
        for layer in scale.layers:
            weight = layer[0].weight.detach()
            assert np.linalg.norm(weight.reshape(len(weight), -1).numpy(), ord=2) == pytest.approx(1.0, abs=0.05)


def test_parameters_are_counted():
    assert n_parameters(torch.nn.Conv1d(3, 5, 7)) == 3 * 5 * 7 + 5
