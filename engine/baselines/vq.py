"""Movement as words: a VQ-VAE with one codebook for the upper and one for the lower body.

After Siyao et al. 2022 ("Bailando"), at a size that fits half an hour of dance: 8 frames a word, 256 words a
codebook. Codebooks follow their members by moving averages (van den Oord et al. 2017, appendix A.1); words that
nobody uses are put where somebody is.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from engine.generation.features import MASK_PARTS, N_FEATURES, part_columns

WORD_FRAMES, N_WORDS, WORD_SIZE = 8, 256, 64
HALVES = ("lower", "upper")
_LOWER = ("path", "hips", "left_leg", "right_leg")
_DECAY, _DEAD = 0.99, 0.02


def half_columns(half: str) -> np.ndarray:
    """The feature columns, int, that are told by a name in HALVES."""
    parts = [part for part in MASK_PARTS if (part in _LOWER) == (half == "lower")]
    return np.sort(np.concatenate([part_columns(part) for part in parts]))


class Codebook(nn.Module):
    """Words [256, 64] and the nearest of them."""

    words: Tensor
    count: Tensor
    total: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("words", 0.1 * torch.randn(N_WORDS, WORD_SIZE))
        self.register_buffer("count", torch.zeros(N_WORDS))  # unused, so that the first batch gives them their places
        self.register_buffer("total", torch.zeros(N_WORDS, WORD_SIZE))

    def nearest(self, x: Tensor) -> Tensor:
        """Index of the nearest word to each of [B, 64, K], [B, K]."""
        flat = x.transpose(1, 2)
        distance = self.words.square().sum(-1) - 2.0 * flat @ self.words.T
        return distance.argmin(dim=-1)

    def spell(self, index: Tensor) -> Tensor:
        """Words [B, 64, K] of indices [B, K]."""
        return self.words[index].transpose(1, 2)

    @torch.no_grad()
    def follow(self, x: Tensor, index: Tensor) -> None:
        """Move each word towards the mean of those that chose it, and unused words to where some of `x` are."""
        flat, chosen = x.detach().transpose(1, 2).reshape(-1, WORD_SIZE), index.reshape(-1)
        members = functional.one_hot(chosen, N_WORDS).to(flat.dtype)
        self.count.lerp_(members.sum(0), 1.0 - _DECAY)
        self.total.lerp_(members.T @ flat, 1.0 - _DECAY)
        dead = self.count < _DEAD
        stand_in = flat[torch.randint(len(flat), (N_WORDS,), device=flat.device)]
        self.total.copy_(torch.where(dead[:, None], stand_in, self.total))
        self.count.copy_(torch.where(dead, torch.ones_like(self.count), self.count))
        self.words.copy_(self.total / self.count[:, None])


class MotionWords(nn.Module):
    """Encoder of each half, their codebooks, and one decoder for both."""

    lower_columns: Tensor
    upper_columns: Tensor

    def __init__(self, width: int = 96) -> None:
        super().__init__()
        columns = {half: half_columns(half) for half in HALVES}
        for half, own in columns.items():
            self.register_buffer(f"{half}_columns", torch.from_numpy(own))
        self.encoders = nn.ModuleList(_encoder(len(columns[half]), width) for half in HALVES)
        self.books = nn.ModuleList(Codebook() for _ in HALVES)
        self.decoder = _decoder(2 * WORD_SIZE, width + 32)

    def encode(self, features: Tensor) -> list[Tensor]:
        """Each half's stretches before they are made words, [B, 64, T / 8] each; T a multiple of 8."""
        halves = (features[:, self.lower_columns], features[:, self.upper_columns])
        return [encoder(x) for encoder, x in zip(self.encoders, halves, strict=True)]

    def words(self, features: Tensor) -> Tensor:
        """Normalised features [B, 140, T] as words, int [B, 2, T / 8], in the order of HALVES."""
        return torch.stack([book.nearest(x) for book, x in zip(self._books(), self.encode(features), strict=True)], 1)

    def decode(self, words: Tensor) -> Tensor:
        """Normalised features [B, 140, 8 K] of words [B, 2, K]."""
        spelt = [book.spell(words[:, i]) for i, book in enumerate(self._books())]
        made: Tensor = self.decoder(torch.cat(spelt, dim=1))
        return made

    def forward(
        self, features: Tensor, *, in_words: bool = True
    ) -> tuple[Tensor, Tensor, list[tuple[Tensor, Tensor]]]:  # fmt: skip
        """Features made again through words, the commitment loss, and what each codebook saw and chose.

        Without `in_words` what the encoders say goes to the decoder as it is: a beginning from which words spread out.
        """
        spelt, seen, apart = [], [], []
        for book, x in zip(self._books(), self.encode(features), strict=True):
            index = book.nearest(x.detach())
            word = book.spell(index)
            apart.append((x - word).square().mean())
            seen.append((x, index))
            spelt.append(x + (word - x).detach() if in_words else x)
        return self.decoder(torch.cat(spelt, dim=1)), torch.stack(apart).sum(), seen

    def follow(self, seen: list[tuple[Tensor, Tensor]]) -> None:
        """Let the codebooks follow what they saw and chose in `forward`."""
        for book, (x, index) in zip(self._books(), seen, strict=True):
            book.follow(x, index)

    def _books(self) -> list[Codebook]:
        return [book for book in self.books if isinstance(book, Codebook)]


class _Residual(nn.Module):
    def __init__(self, width: int, dilation: int) -> None:
        super().__init__()
        self.first = nn.Conv1d(width, width, 3, padding=dilation, dilation=dilation)
        self.second = nn.Conv1d(width, width, 1)

    def forward(self, x: Tensor) -> Tensor:
        return x + self.second(functional.gelu(self.first(functional.gelu(x))))


def _encoder(n_columns: int, width: int) -> nn.Sequential:
    layers: list[nn.Module] = [nn.Conv1d(n_columns, width, 5, padding=2)]
    for _ in range(3):
        layers += [nn.GELU(), nn.Conv1d(width, width, 4, stride=2, padding=1), _Residual(width, 2)]
    return nn.Sequential(*layers, nn.GELU(), nn.Conv1d(width, WORD_SIZE, 3, padding=1))


def _decoder(n_in: int, width: int) -> nn.Sequential:
    layers: list[nn.Module] = [nn.Conv1d(n_in, width, 3, padding=1)]
    for _ in range(3):
        layers += [_Residual(width, 2), nn.GELU(), nn.ConvTranspose1d(width, width, 4, stride=2, padding=1)]
    return nn.Sequential(*layers, nn.GELU(), nn.Conv1d(width, N_FEATURES, 5, padding=2))
