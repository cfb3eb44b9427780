"""Dance as a sentence: a small GPT over the words of a VQ-VAE, told the music, the style and where it must arrive."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from engine.baselines.corpus import N_MUSIC
from engine.baselines.vq import N_WORDS, WORD_FRAMES

MOST_WORDS = 32  # of context: 256 frames
_BEGIN = N_WORDS  # stands before the first word
_NO_GOAL = N_WORDS


class WordGpt(nn.Module):
    """The next pair of words (lower and upper body), given all before, the music from here on, the style and a goal.

    The goal is the pair that stands somewhere ahead, with how many words remain: with it gaps are filled, without it
    the dance is free. The upper word is told the lower one of its pair.
    """

    def __init__(self, n_styles: int, width: int = 168, n_layers: int = 4, n_heads: int = 6) -> None:
        super().__init__()
        self.lower = nn.Embedding(N_WORDS + 1, width)
        self.upper = nn.Embedding(N_WORDS + 1, width)
        self.goal_lower = nn.Embedding(N_WORDS + 1, width)
        self.goal_upper = nn.Embedding(N_WORDS + 1, width)
        self.remaining = nn.Embedding(MOST_WORDS + 1, width)
        self.place = nn.Embedding(MOST_WORDS, width)
        self.music = nn.Linear(WORD_FRAMES * N_MUSIC, width)
        self.style = nn.Linear(n_styles, width, bias=False)
        self.layers = nn.ModuleList(_Layer(width, n_heads) for _ in range(n_layers))
        self.norm = nn.LayerNorm(width)
        self.to_lower = nn.Linear(width, N_WORDS)
        self.told_lower = nn.Embedding(N_WORDS, width)
        self.to_upper = nn.Sequential(nn.Linear(width, width), nn.GELU(), nn.Linear(width, N_WORDS))
        for module in self.modules():
            if isinstance(module, nn.Embedding):
                nn.init.normal_(module.weight, std=0.02)

    def hidden(self, before: Tensor, music: Tensor, style: Tensor, goal: Tensor, remaining: Tensor) -> Tensor:
        """What is known before each word, [B, K, width].

        Args:
            before: The pair before each place, with `begin` at the first, int [B, 2, K].
            music: Music rows of each word's frames, [B, K, 48].
            style: Weights that add up to one, [B, S].
            goal: The pair to arrive at, N_WORDS for none, int [B, 2].
            remaining: Words left until the goal at each place; 0 where it is reached or there is none, int [B, K].
        """
        places = torch.arange(before.shape[-1], device=before.device)
        x = self.lower(before[:, 0]) + self.upper(before[:, 1]) + self.place(places) + self.music(music)
        x = x + self.style(style)[:, None]
        ahead = self.goal_lower(goal[:, 0]) + self.goal_upper(goal[:, 1])
        x = x + self.remaining(remaining) + ahead[:, None] * (remaining > 0)[..., None]
        for layer in self.layers:
            x = layer(x)
        out: Tensor = self.norm(x)
        return out

    def logits(self, hidden: Tensor, lower: Tensor) -> tuple[Tensor, Tensor]:
        """Logits of the lower words, and of the upper ones given the lower, [B, K, 256] each."""
        return self.to_lower(hidden), self.to_upper(hidden + self.told_lower(lower))

    def forward(self, words: Tensor, music: Tensor, style: Tensor, goal: Tensor, remaining: Tensor) -> tuple[
        Tensor, Tensor
    ]:  # fmt: skip
        """Logits of every word of [B, 2, K] given those before it."""
        begin = torch.full_like(words[..., :1], _BEGIN)
        hidden = self.hidden(torch.cat([begin, words[..., :-1]], -1), music, style, goal, remaining)
        return self.logits(hidden, words[:, 0])

    @torch.no_grad()
    def write(
        self, start: np.ndarray, n: int, music: np.ndarray, style: np.ndarray, rng: np.random.Generator,
        goal: np.ndarray | None = None, temperature: float = 1.0,
    ) -> np.ndarray:  # fmt: skip
        """`n` further pairs after `start`, int [2, len + n].

        Args:
            start: Words there are already, int [2, L], may be none.
            music: Rows of all L + n words, [L + n, 48].
            style: Weights, [S].
            goal: The pair that stands after the last, int [2].
        """
        device = self.norm.weight.device
        words = torch.from_numpy(np.asarray(start, dtype=np.int64)).to(device)
        rows = torch.from_numpy(music.astype(np.float32)).to(device)
        styles = torch.from_numpy(style.astype(np.float32)).to(device)[None]
        target = torch.tensor([[_NO_GOAL] * 2] if goal is None else [goal.tolist()], device=device)
        begin = torch.full((2, 1), _BEGIN, device=device)
        end = words.shape[1] + n
        while words.shape[1] < end:
            at = words.shape[1]
            low = max(0, at + 1 - MOST_WORDS)
            before = torch.cat([begin, words], dim=1)[:, low : at + 1]
            left = torch.zeros(1, at + 1 - low, dtype=torch.long, device=device)
            if goal is not None:
                left[0] = (end - torch.arange(low, at + 1, device=device)).clamp_max(MOST_WORDS)
            hidden = self.hidden(before[None], rows[None, low : at + 1], styles, target, left)[:, -1:]
            lower = _drawn(self.to_lower(hidden)[0, 0], temperature, rng)
            told = torch.tensor([[lower]], device=device)
            upper = _drawn(self.logits(hidden, told)[1][0, 0], temperature, rng)
            words = torch.cat([words, torch.tensor([[lower], [upper]], device=device)], dim=1)
        return words.cpu().numpy()


def _drawn(logits: Tensor, temperature: float, rng: np.random.Generator, mass: float = 0.95) -> int:
    """One index drawn from the likeliest that together hold `mass` (Holtzman et al. 2020)."""
    shares = torch.softmax(logits.double() / temperature, dim=-1).cpu().numpy()
    order = np.argsort(-shares)
    kept = order[: int(np.searchsorted(np.cumsum(shares[order]), mass)) + 1]
    return int(rng.choice(kept, p=shares[kept] / shares[kept].sum()))


class _Layer(nn.Module):
    def __init__(self, width: int, n_heads: int) -> None:
        super().__init__()
        self.n_heads = n_heads
        self.norm, self.norm_after = nn.LayerNorm(width), nn.LayerNorm(width)
        self.triple, self.out = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.feed = nn.Sequential(nn.Linear(width, 4 * width), nn.GELU(), nn.Linear(4 * width, width))
        self.drop = nn.Dropout(0.2)

    def forward(self, x: Tensor) -> Tensor:
        b, k, width = x.shape
        q, key, value = self.triple(self.norm(x)).reshape(b, k, 3, self.n_heads, -1).permute(2, 0, 3, 1, 4)
        seen = functional.scaled_dot_product_attention(q, key, value, is_causal=True)
        x = x + self.drop(self.out(seen.transpose(1, 2).reshape(b, k, width)))
        return x + self.drop(self.feed(self.norm_after(x)))
