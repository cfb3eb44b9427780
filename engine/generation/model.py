"""The networks: motion encoder, generator, discriminator. Small enough to read in one sitting.

The generator is the transposed-convolution network with self-attention of Lin & Feng 2025 (PLoS One
20(5): e0323304, section on the generator), made conditional: it also sees the music, the wanted
effort, the style and whatever motion is already known, through a down-sampling path whose features
join the transposed convolutions (U-Net). With nothing known, noise for codes and `condition=False`
it *is* the paper's generator.

Its latent input is one code per 16 frames. Fed with unstructured noise on half an hour of data a
GAN collapses, so an encoder, trained together with the generator as an autoencoder first, gives
every stretch of real motion a home in code space ("anchored codes"); generation then moves among
those codes.

Letters: B batch, C channels, T frames, K = T / 16 code cells, J joints.
"""

from __future__ import annotations

import itertools
from dataclasses import asdict, dataclass, fields
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from engine.generation.features import LEARNED_JOINTS, UPPER_BODY
from engine.generation.model_constants import CODE_STRIDE, DENSE_REACH, ENTRY_STRIDE

NORMS = ("batch", "group", "none")
DISCRIMINATOR_NORMS = ("batch", "spectral", "none")


@dataclass(frozen=True)
class ModelConfig:
    """What a checkpoint needs to rebuild its networks. The defaults are the `kinetograph` preset's.

    ValueError for sizes that no network can have.
    """

    n_features: int = 140
    n_music: int = 6
    n_effort: int = 6
    n_mask: int = 7
    n_styles: int = 10
    code_size: int = 128
    linear_codes: bool = True  # codes have a linear part, set from principal components before training
    upper_codes: int = 0  # so many of a code's numbers, the last, tell spine, arms and head; none: all tell the body
    noise_size: int = 32
    style_size: int = 16
    # Channels at T, T/2, T/4, T/8, T/16. The paper names no widths; these fit a CPU's time budget.
    widths: tuple[int, ...] = (96, 128, 192, 224, 256)
    discriminator_widths: tuple[int, ...] = (64, 128, 192)
    n_scales: int = 2
    attention: bool = True
    condition: bool = True
    codes: bool = True
    norm: str = "group"  # "batch" as in the paper, or "group", which a batch of one at inference allows
    discriminator_norm: str = "spectral"  # "batch" as in the paper, or "spectral" (Miyato et al. 2018)
    judges_velocity: bool = False  # the discriminator also sees how fast each joint moves in the world

    def __post_init__(self) -> None:
        sizes = {f.name: getattr(self, f.name) for f in fields(self) if f.type == "int"}
        if not 0 <= sizes.pop("upper_codes") < self.code_size:
            raise ValueError("upper_codes must be fewer than code_size")
        rows = {"widths": self.widths, "discriminator_widths": self.discriminator_widths}
        for name, values in [*rows.items(), *((name, (value,)) for name, value in sizes.items())]:
            if not isinstance(values, tuple) or not all(type(v) is int and v > 0 for v in values):
                raise ValueError(f"{name} must be whole numbers above zero")
        if 2 ** (len(self.widths) - 1) != CODE_STRIDE or not self.discriminator_widths:
            raise ValueError(f"widths must be {CODE_STRIDE.bit_length()} numbers and discriminator_widths at least one")
        if any(w % 8 for w in self.widths):
            raise ValueError("widths must be multiples of 8")
        if self.norm not in NORMS or self.discriminator_norm not in DISCRIMINATOR_NORMS:
            raise ValueError(f"norm must be one of {NORMS}, discriminator_norm one of {DISCRIMINATOR_NORMS}")

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON types."""
        return {k: list(v) if isinstance(v, tuple) else v for k, v in asdict(self).items()}

    @staticmethod
    def from_dict(values: dict[str, Any]) -> ModelConfig:
        """The inverse of `to_dict`; ValueError naming the key that is unknown."""
        if not isinstance(values, dict):
            raise ValueError("a model is described by names and values")
        unknown = sorted(set(values) - {f.name for f in fields(ModelConfig)})
        if unknown:
            raise ValueError(f"a model has no {', '.join(unknown)}")
        plain: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in values.items()}
        return ModelConfig(**plain)


@dataclass
class Condition:
    """What the generator is told, all but the code; every tensor float, batch first.

    Attributes:
        known: Normalised motion features where they are known, zero elsewhere, [B, n_features, T].
        mask: One where a body part or the root path is known, [B, n_mask, T].
        music: Beat and loudness channels, [B, n_music, T].
        effort: Normalised wanted effort, [B, n_effort, T].
        style: Weights over the styles that add up to one, [B, n_styles].
    """

    known: Tensor
    mask: Tensor
    music: Tensor
    effort: Tensor
    style: Tensor

    def stacked(self) -> Tensor:
        """All that varies over time, one tensor [B, C, T]."""
        return torch.cat([self.known, self.mask, self.music, self.effort], dim=1)


def conv(n_in: int, n_out: int, kernel: int = 5, stride: int = 1) -> nn.Conv1d:
    """A convolution that keeps the length or halves it. Zero at the edges is the mean pose: features are normalised."""
    return nn.Conv1d(n_in, n_out, kernel, stride=stride, padding=(kernel - 1) // 2)


def norm(kind: str, n: int) -> nn.Module:
    """The normalisation layer called `kind`: "batch", "group" or "none"."""
    if kind == "batch":
        return nn.BatchNorm1d(n)
    return nn.GroupNorm(8, n) if kind == "group" else nn.Identity()


class SelfAttention(nn.Module):
    """Self-attention over time whose share starts at zero and is learned (SAGAN, Zhang et al. 2019)."""

    def __init__(self, n: int, n_heads: int = 4) -> None:
        super().__init__()
        self.n_heads = n_heads
        self.qkv = nn.Conv1d(n, 3 * n, 1)
        self.out = nn.Conv1d(n, n, 1)
        self.gate = nn.Parameter(torch.zeros(1))

    def forward(self, x: Tensor) -> Tensor:
        b, c, t = x.shape
        q, k, v = self.qkv(x).view(b, 3, self.n_heads, c // self.n_heads, t).transpose(-1, -2).unbind(1)
        seen = functional.scaled_dot_product_attention(q, k, v)
        return x + self.gate * self.out(seen.transpose(-1, -2).reshape(b, c, t))


class Block(nn.Module):
    """Convolution, norm, style modulation (FiLM, Perez et al. 2018) and a residual, length kept."""

    def __init__(self, n: int, n_style: int, kind: str) -> None:
        super().__init__()
        self.conv1, self.conv2 = conv(n, n, 3), conv(n, n, 3)
        self.norm1 = norm(kind, n)
        self.film = nn.Linear(n_style, 2 * n)
        nn.init.zeros_(self.film.weight)
        nn.init.zeros_(self.film.bias)

    def forward(self, x: Tensor, modulation: Tensor) -> Tensor:
        """`modulation` is what `film` makes of the style, [B, 2 C]."""
        scale, shift = modulation.unsqueeze(-1).chunk(2, dim=1)
        y = self.norm1(self.conv1(x)) * (1 + scale) + shift
        return x + self.conv2(functional.leaky_relu(y, 0.2))


def _tower(n_in: int, widths: tuple[int, ...]) -> nn.Sequential:
    """Convolutions that halve the length as often as there are steps between widths. No norm layers: they would hide
    how large a movement is."""
    layers: list[nn.Module] = [conv(n_in, widths[0])]
    for a, b in itertools.pairwise(widths):
        layers += [nn.LeakyReLU(0.2), nn.Conv1d(a, b, 4, stride=2, padding=1)]
    layers += [nn.LeakyReLU(0.2), conv(widths[-1], widths[-1], 3), nn.LeakyReLU(0.2)]
    return nn.Sequential(*layers)


class Encoder(nn.Module):
    """Motion features [B, n_features, T] to the mean and log-variance of codes, both [B, code_size, K].

    With `upper_codes` two encoders side by side, one of which sees the upper body alone and the other all the rest:
    the arms of one stretch can then be danced on the legs of another.
    """

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        w, n_upper = config.widths, config.upper_codes
        self.n_upper, self.code_size = n_upper, config.code_size
        n_seen = UPPER_BODY.stop - UPPER_BODY.start if n_upper else 0
        if n_upper:
            w = tuple(-(-width // 16) * 8 for width in w)  # about half as wide each
            self.upper_body = _tower(n_seen, w)
            self.upper_out = nn.Conv1d(w[-1], 2 * n_upper, 1)
        self.body = _tower(config.n_features - n_seen, w)
        self.out = nn.Conv1d(w[-1], 2 * (config.code_size - n_upper), 1)
        # What the linear part leaves out is learned from nothing.
        kernel, padding = 2 * CODE_STRIDE, CODE_STRIDE // 2
        self.linear = (
            nn.Conv1d(config.n_features, config.code_size, kernel, stride=CODE_STRIDE, padding=padding)
            if config.linear_codes
            else None
        )
        # Codes start out nearly free of noise; else the generator learns to ignore them before they say anything.
        with torch.no_grad():
            for out in (self.out, *([self.upper_out] if n_upper else [])):
                out.weight *= 0.1
                assert out.bias is not None
                out.bias.zero_()[out.out_channels // 2 :] = -5.0

    def forward(self, features: Tensor) -> tuple[Tensor, Tensor]:
        mean, log_variance = self.learned(features)
        if self.linear is not None:
            mean = mean + self.linear(features)
        return mean, log_variance

    def learned(self, features: Tensor) -> tuple[Tensor, Tensor]:
        """The same without the linear part."""
        if not self.n_upper:
            mean, log_variance = self.out(self.body(features)).chunk(2, dim=1)
            return mean, log_variance.clamp(-10.0, 4.0)
        rest = torch.cat([features[:, : UPPER_BODY.start], features[:, UPPER_BODY.stop :]], dim=1)
        mean, log_variance = self.out(self.body(rest)).chunk(2, dim=1)
        upper = self.upper_out(self.upper_body(features[:, UPPER_BODY])).chunk(2, dim=1)
        mean, log_variance = torch.cat([mean, upper[0]], dim=1), torch.cat([log_variance, upper[1]], dim=1)
        return mean, log_variance.clamp(-10.0, 4.0)


class Generator(nn.Module):
    """Codes [B, code_size, K] and a Condition to normalised motion features [B, n_features, T]."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.config = config
        w, kind = config.widths, config.norm
        n_in = config.n_features + config.n_mask + config.n_music + config.n_effort
        n_style = 128
        self.style = nn.Linear(config.n_styles, config.style_size, bias=False)
        self.mapping = nn.Sequential(
            nn.Linear(config.style_size + config.noise_size, n_style), nn.LeakyReLU(0.2), nn.Linear(n_style, n_style)
        )
        self.null_code = nn.Parameter(torch.zeros(config.code_size))
        self.code_in = nn.Conv1d(config.code_size, w[-1], 3, padding=1)
        if config.condition:
            self.first = conv(n_in, w[0])
            self.down = nn.ModuleList(nn.Conv1d(a, b, 4, stride=2, padding=1) for a, b in itertools.pairwise(w))
        self.middle = nn.ModuleList([Block(w[-1], n_style, kind), Block(w[-1], n_style, kind)])
        self.attend_coarse = SelfAttention(w[-1]) if config.attention else nn.Identity()
        self.attend_fine = SelfAttention(w[2]) if config.attention else nn.Identity()
        ups, joins, blocks = [], [], []
        for a, b in zip(w[::-1], w[-2::-1], strict=False):
            ups.append(nn.ConvTranspose1d(a, b, 4, stride=2, padding=1))
            joins.append(nn.Conv1d(2 * b if config.condition else b, b, 1))
            blocks.append(Block(b, n_style, kind))
        self.up, self.join, self.block = nn.ModuleList(ups), nn.ModuleList(joins), nn.ModuleList(blocks)
        self.out = conv(w[0], config.n_features)
        self.linear = (
            nn.ConvTranspose1d(
                config.code_size, config.n_features, 2 * CODE_STRIDE, stride=CODE_STRIDE, padding=CODE_STRIDE // 2
            )
            if config.linear_codes
            else None
        )
        if config.linear_codes:
            with torch.no_grad():
                self.out.weight *= 0.1

    def modulations(self, style: Tensor, noise: Tensor) -> list[Tensor]:
        """What style weights [B, n_styles] and noise [B, noise_size] do to each block, [B, 2 C] each."""
        mapped = self.mapping(torch.cat([self.style(style), noise], dim=1))
        return [block.film(mapped) for block in (*self.middle, *self.block)]

    def forward(
        self, code: Tensor, condition: Condition, noise: Tensor, modulations: list[Tensor] | None = None,
        dense: Tensor | None = None, linear: bool = True,
    ) -> Tensor:
        """T must be a multiple of 16. `noise` is [B, noise_size], drawn from a standard normal.

        `modulations`, where given, are used instead of those of the condition's style and the noise. With codes at
        every fourth frame, `dense` [B, code_size, T / 4 + 7], the linear part is the mean over the four grids that
        they make (see sampler). It is left out where `linear` is false.
        """
        modulations = self.modulations(condition.style, noise) if modulations is None else modulations
        x, skips = self.code_in(code), []
        if self.config.condition:
            level = functional.leaky_relu(self.first(condition.stacked()), 0.2)
            for down in self.down:
                skips.append(level)
                level = functional.leaky_relu(down(level), 0.2)
            x = x + level
        for block, modulation in zip(self.middle, modulations[: len(self.middle)], strict=True):
            x = block(x, modulation)
        fine = modulations[len(self.middle) :]
        x = self.attend_coarse(x)
        for i, (up, join, block, modulation) in enumerate(zip(self.up, self.join, self.block, fine, strict=True)):
            x = functional.leaky_relu(up(x), 0.2)
            x = join(torch.cat([x, skips[-1 - i]], dim=1) if skips else x)
            x = block(x, modulation)
            if i == 1:
                x = self.attend_fine(x)
        # Motion is told to the millimetre: rounded to half precision it would tremble.
        with torch.autocast(x.device.type, enabled=False):
            x = self.out(functional.leaky_relu(x.float(), 0.2))
            if self.linear is None or not linear:
                return x
            return x + (self.linear(code.float()) if dense is None else self.evened(dense.float()))

    def evened(self, dense: Tensor) -> Tensor:
        """The linear part of codes at every fourth frame, [B, n_features, T]."""
        assert self.linear is not None
        share = ENTRY_STRIDE / CODE_STRIDE
        weight, bias = self.linear.weight * share, self.linear.bias
        return functional.conv_transpose1d(dense, weight, bias, stride=ENTRY_STRIDE, padding=DENSE_REACH)

    def null(self, like: Tensor) -> Tensor:
        """The learned code that says "not told", in the shape of `like` [B, code_size, K]."""
        return self.null_code[None, :, None].expand_as(like)


class PatchDiscriminator(nn.Module):
    """Judges stretches of motion with their music at one temporal scale: logits [B, 1, T / 8] and features.

    Style enters by projection (Miyato & Koyama 2018).
    """

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        w = config.discriminator_widths
        wrap = nn.utils.parametrizations.spectral_norm if config.discriminator_norm == "spectral" else (lambda m: m)
        kinds = ["none", *(["batch"] if config.discriminator_norm == "batch" else ["none"]) * (len(w) - 1)]
        self.hears = config.condition  # a game without music is judged without it
        n_seen = config.n_features + 3 * len(LEARNED_JOINTS) * config.judges_velocity
        sizes = (n_seen + config.n_music * self.hears, *w)
        self.layers = nn.ModuleList(
            nn.Sequential(wrap(nn.Conv1d(a, b, 4, stride=2, padding=1)), norm(k, b), nn.LeakyReLU(0.2))
            for a, b, k in zip(sizes, w, kinds, strict=False)
        )
        self.out = wrap(nn.Conv1d(w[-1], 1, 3, padding=1))
        self.style = nn.Linear(config.n_styles, w[-1], bias=False)

    def forward(self, motion: Tensor, music: Tensor, style: Tensor) -> tuple[Tensor, list[Tensor]]:
        """`motion` has, where the configuration says so, joint velocities behind its features."""
        x, features = torch.cat([motion, music], dim=1) if self.hears else motion, []
        for layer in self.layers:
            x = layer(x)
            features.append(x)
        if not self.hears:
            return self.out(x), features
        return self.out(x) + (self.style(style).unsqueeze(-1) * x).sum(1, keepdim=True), features


class Discriminator(nn.Module):
    """One PatchDiscriminator a temporal scale: full rate, half rate, and so on."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.scales = nn.ModuleList(PatchDiscriminator(config) for _ in range(config.n_scales))

    def forward(self, motion: Tensor, music: Tensor, style: Tensor) -> list[tuple[Tensor, list[Tensor]]]:
        out = []
        for i, scale in enumerate(self.scales):
            pooled = [functional.avg_pool1d(x, 2**i) if i else x for x in (motion, music)]
            out.append(scale(*pooled, style))
        return out


def n_parameters(module: nn.Module) -> int:
    """How many numbers are learned in a network."""
    return sum(p.numel() for p in module.parameters())
