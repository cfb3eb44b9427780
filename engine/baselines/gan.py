"""The GAN of Lin & Feng 2025 built up part by part, for the paper's ablation: from the plain GAN, its floor.

Noise, one number set for each 8 s or so of a window, is upsampled by stacked transposed convolutions with batch norm
and ReLU; the discriminator has convolutions with batch norm and LeakyReLU; the min-max game, Adam(0.5, 0.999) and the
learning rates are the paper's. Parts are switched on one by one: self-attention, the multimodal condition (music,
effort, style in both networks), the synchronisation loss, the structure losses.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from itertools import pairwise

import torch
from torch import Tensor, nn

from engine.baselines.corpus import N_EFFORTS, N_MUSIC
from engine.generation.features import N_FEATURES

WINDOW_FRAMES, NOISE_SIZE = 128, 64
_CELLS = WINDOW_FRAMES // 16
_WIDTHS = (224, 192, 160, 128, 96)


@dataclass(frozen=True)
class Parts:
    """Which parts of the paper are switched on."""

    attention: bool = False
    multimodal: bool = False
    sync: bool = False
    structure: bool = False

    def to_dict(self) -> dict[str, bool]:
        """For a file."""
        return asdict(self)


# The rows of the paper's ablation, each with one part more; "complete" is the product's own model.
LADDER = {
    "gan": Parts(),
    "gan_attention": Parts(attention=True),
    "gan_multimodal": Parts(attention=True, multimodal=True),
    "gan_sync": Parts(attention=True, multimodal=True, sync=True),
    "gan_structure": Parts(attention=True, multimodal=True, sync=True, structure=True),
}


class PlainGenerator(nn.Module):
    """Noise [B, 64] to normalised features [B, 140, 128]."""

    def __init__(self, parts: Parts, n_styles: int) -> None:
        super().__init__()
        self.parts = parts
        told = 0
        if parts.multimodal:
            self.style = nn.Linear(n_styles, 16, bias=False)
            self.first = nn.Conv1d(N_MUSIC + N_EFFORTS + 16, 48, 5, padding=2)
            self.down = nn.ModuleList(nn.Conv1d(48, 48, 4, stride=2, padding=1) for _ in range(4))
            told = 48
        self.begin = nn.Linear(NOISE_SIZE, _WIDTHS[0] * _CELLS)
        pairs = list(pairwise(_WIDTHS))
        self.up = nn.ModuleList(nn.ConvTranspose1d(a + told, b, 4, stride=2, padding=1) for a, b in pairs)
        self.norm = nn.ModuleList(nn.BatchNorm1d(b) for _, b in pairs)
        self.attend = nn.ModuleList(Attention(b) for _, b in pairs[:2]) if parts.attention else nn.ModuleList()
        self.out = nn.Conv1d(_WIDTHS[-1] + told, N_FEATURES, 5, padding=2)

    def forward(self, noise: Tensor, music: Tensor, effort: Tensor, style: Tensor) -> Tensor:
        """`music` [B, 6, 128], `effort` [B, 6, 128] and `style` [B, S] count only with the multimodal part."""
        told = self._told(music, effort, style) if self.parts.multimodal else []
        x = self.begin(noise).reshape(len(noise), _WIDTHS[0], _CELLS)
        for i, (up, norm) in enumerate(zip(self.up, self.norm, strict=True)):
            x = torch.relu(norm(up(torch.cat([x, told[-1 - i]], dim=1) if told else x)))
            if i < len(self.attend):
                x = self.attend[i](x)
        made: Tensor = self.out(torch.cat([x, told[0]], dim=1) if told else x)
        return made

    def _told(self, music: Tensor, effort: Tensor, style: Tensor) -> list[Tensor]:
        """What is told, at 128, 64, 32, 16 and 8 frames."""
        along = self.style(style)[..., None].expand(-1, -1, music.shape[-1])
        levels = [torch.relu(self.first(torch.cat([music, effort, along], dim=1)))]
        for down in self.down:
            levels.append(torch.relu(down(levels[-1])))
        return levels


class PlainDiscriminator(nn.Module):
    """Features, with what they were told where that is switched on, to one logit each, [B]."""

    def __init__(self, parts: Parts, n_styles: int) -> None:
        super().__init__()
        self.parts = parts
        told = N_MUSIC + N_EFFORTS + n_styles if parts.multimodal else 0
        widths = (N_FEATURES + told, 96, 128, 160, 192)
        layers: list[nn.Module] = []
        for i, (a, b) in enumerate(pairwise(widths)):
            layers += [nn.Conv1d(a, b, 4, stride=2, padding=1)]
            layers += [nn.BatchNorm1d(b)] if i else []
            layers += [nn.LeakyReLU(0.2)]
        self.body = nn.Sequential(*layers)
        self.attend = Attention(widths[-1]) if parts.attention else nn.Identity()
        self.out = nn.Linear(widths[-1] * _CELLS, 1)

    def forward(self, features: Tensor, music: Tensor, effort: Tensor, style: Tensor) -> Tensor:
        if self.parts.multimodal:
            along = style[..., None].expand(-1, -1, features.shape[-1])
            features = torch.cat([features, music, effort, along], dim=1)
        logit: Tensor = self.out(self.attend(self.body(features)).flatten(1))[:, 0]
        return logit


class Attention(nn.Module):
    """Self-attention over time with a gate that begins closed (Zhang et al. 2019, "SAGAN")."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.triple = nn.Conv1d(width, 3 * (width // 4), 1)
        self.out = nn.Conv1d(width // 4, width, 1)
        self.gate = nn.Parameter(torch.zeros(()))

    def forward(self, x: Tensor) -> Tensor:
        q, k, v = self.triple(x).transpose(1, 2).chunk(3, dim=-1)
        seen = torch.softmax(q @ k.transpose(1, 2) / q.shape[-1] ** 0.5, dim=-1) @ v
        return x + self.gate * self.out(seen.transpose(1, 2))
