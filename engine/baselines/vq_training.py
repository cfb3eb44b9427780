"""Training of the VQ-VAE and the GPT over its words, one after the other within one budget of time."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from engine.baselines.corpus import Corpus, Window
from engine.baselines.gpt import MOST_WORDS, WordGpt
from engine.baselines.objective import WEIGHTS, rebuilding_terms, total
from engine.baselines.vq import N_WORDS, WORD_FRAMES, MotionWords
from engine.generation.training import losses

_WORDS_SHARE = 0.45  # of the time goes to the words, the rest to the sentences
_FREE_SHARE = 0.15  # of that: without words, until the encoders have something to say
_COMMITMENT = 0.25
_BATCH = 64
_GOAL_SHARE = 0.5


class VqGpt(nn.Module):
    """Both networks."""

    def __init__(self, n_styles: int) -> None:
        super().__init__()
        self.words = MotionWords()
        self.gpt = WordGpt(n_styles)


class VqGptTraining:
    """VQ-VAE and GPT in training."""

    def __init__(self, corpus: Corpus, held_out: Corpus, seed: int) -> None:
        torch.manual_seed(seed)
        self.corpus, self.scale = corpus, corpus.scale
        self.network = VqGpt(len(corpus.styles)).to(corpus.device)
        self.body = losses.BodyKinematics(self.scale.mean, self.scale.std).to(corpus.device)
        self.optimisers = (
            torch.optim.AdamW(self.network.words.parameters(), lr=1e-3, betas=(0.9, 0.99), weight_decay=0.0),
            torch.optim.AdamW(self.network.gpt.parameters(), lr=1e-3, betas=(0.9, 0.98), weight_decay=0.05),
        )
        self.batch_size = corpus.batch_size(_BATCH)
        self.held_out = held_out.grid(WORD_FRAMES * 12, WORD_FRAMES * 6)

    def step(self, share: float) -> dict[str, Tensor]:
        """A step of the words, or later of the sentences."""
        if share < _WORDS_SHARE:
            return self._words_step(share / _WORDS_SHARE)
        return self._sentence_step((share - _WORDS_SHARE) / (1.0 - _WORDS_SHARE))

    def _words_step(self, share: float) -> dict[str, Tensor]:
        self.network.train()
        window = self.corpus.windows(self.batch_size, 128)
        in_words = share > _FREE_SHARE
        made, apart, seen = self.network.words(window.features, in_words=in_words)
        terms = {**rebuilding_terms(self.body, made, window), "commitment": apart}
        weights = {**WEIGHTS, "commitment": _COMMITMENT if in_words else 0.0}
        self._take(0, total(terms, weights), 1e-3 * max(1.0 - share, 0.05))
        self.network.words.follow(seen)
        return {f"words_{name}": value for name, value in terms.items()}

    def _sentence_step(self, share: float) -> dict[str, Tensor]:
        self.network.eval()
        window = self.corpus.windows(self.batch_size, WORD_FRAMES * MOST_WORDS)
        with torch.no_grad():
            words = self.network.words.words(window.features)
        self.network.gpt.train()
        loss = self._sentence_loss(window, words, augment=True)
        self._take(1, loss, 1e-3 * min(1.0, 20.0 * share + 0.05) * (1.0 - 0.95 * share))
        return {"sentence": loss}

    def _sentence_loss(self, window: Window, words: Tensor, *, augment: bool) -> Tensor:
        b, _, k = words.shape
        device = words.device
        music = word_music(window.music)
        style = functional.one_hot(window.style, len(self.corpus.styles)).float()
        goal = torch.full((b, 2), N_WORDS, device=device)
        remaining = torch.zeros(b, k, dtype=torch.long, device=device)
        if augment:
            music = music * (torch.rand(b, 1, 1, device=device) > 0.15)
            any_style = torch.full_like(style, 1.0 / style.shape[1])
            style = torch.where(torch.rand(b, 1, device=device) > 0.1, style, any_style)
            at = torch.randint(2, k, (b,), device=device)
            has = torch.rand(b, device=device) < _GOAL_SHARE
            goal = torch.where(has[:, None], words[torch.arange(b, device=device), :, at], goal)
            left = at[:, None] - torch.arange(k, device=device)
            remaining = torch.where(has[:, None], left.clamp_min(0), remaining)
        lower, upper = self.network.gpt(words, music, style, goal, remaining)
        sound = window.valid.reshape(b, k, WORD_FRAMES).amin(-1)
        out = torch.zeros((), device=device)
        for logits, target in ((lower, words[:, 0]), (upper, words[:, 1])):
            each = functional.cross_entropy(logits.transpose(1, 2), target, reduction="none", label_smoothing=0.05)
            out = out + losses.weighted_mean(each, sound)
        return out

    def _take(self, which: int, loss: Tensor, rate: float) -> None:
        optimiser = self.optimisers[which]
        for group in optimiser.param_groups:
            group["lr"] = rate
        optimiser.zero_grad(set_to_none=True)
        torch.autograd.backward(loss)
        nn.utils.clip_grad_norm_([p for g in optimiser.param_groups for p in g["params"]], 1.0)
        optimiser.step()

    @torch.no_grad()
    def validate(self) -> dict[str, float]:
        """Joint error (m) of held-out takes through words, words in use, and the loss of their sentences."""
        self.network.eval()
        window = self.held_out
        words = self.network.words.words(window.features)
        terms = rebuilding_terms(self.body, self.network.words.decode(words), window)
        used = [float(len(torch.unique(words[:, i]))) for i in range(2)]
        sentence = float(self._sentence_loss(window, words, augment=False))
        return {"position_m": float(terms["position"]), "lower_words": used[0], "upper_words": used[1],
                "sentence": sentence}  # fmt: skip

    def export(self) -> tuple[nn.Module, dict[str, Any], dict[str, np.ndarray]]:
        """Both networks and the scale of the features."""
        return self.network, {"styles": list(self.corpus.styles)}, {"mean": self.scale.mean, "std": self.scale.std}


def word_music(music: Tensor) -> Tensor:
    """Music rows [B, 6, T] as rows of words, [B, T / 8, 48]."""
    b, c, t = music.shape
    return music.reshape(b, c, t // WORD_FRAMES, WORD_FRAMES).permute(0, 2, 1, 3).reshape(b, t // WORD_FRAMES, -1)
