"""Training of the GAN of the paper's ablation."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from engine.baselines.corpus import Corpus
from engine.baselines.gan import NOISE_SIZE, WINDOW_FRAMES, Parts, PlainDiscriminator, PlainGenerator
from engine.generation.training import losses

_BATCH = 32
_EMA = 0.999
# Of the penalties, as in the preset `paper`.
_WEIGHTS = {"sync": 0.5, "movement_consistency": 0.1, "structural_integrity": 1.0}


class GanPair(nn.Module):
    """Both networks and the generator's running average, which is what is kept."""

    def __init__(self, parts: Parts, n_styles: int) -> None:
        super().__init__()
        self.generator = PlainGenerator(parts, n_styles)
        self.discriminator = PlainDiscriminator(parts, n_styles)
        self.average = copy.deepcopy(self.generator).requires_grad_(False)


class GanTraining:
    """A GAN in training."""

    def __init__(self, parts: Parts, corpus: Corpus, seed: int) -> None:
        torch.manual_seed(seed)
        self.parts, self.corpus, self.scale = parts, corpus, corpus.scale
        self.network = GanPair(parts, len(corpus.styles)).to(corpus.device)
        self.body = losses.BodyKinematics(self.scale.mean, self.scale.std).to(corpus.device)
        self.jerk_limit = torch.tensor(self.scale.jerk_limit, dtype=torch.float32, device=corpus.device)
        self.optimisers = (
            torch.optim.Adam(self.network.generator.parameters(), lr=2e-4, betas=(0.5, 0.999)),
            torch.optim.Adam(self.network.discriminator.parameters(), lr=1e-4, betas=(0.5, 0.999)),
        )

    def step(self, share: float) -> dict[str, Tensor]:
        """One step of the discriminator and one of the generator."""
        window = self.corpus.windows(_BATCH, WINDOW_FRAMES)
        style = functional.one_hot(window.style, len(self.corpus.styles)).float()
        told = (window.music, window.effort, style)
        generator, discriminator = self.network.generator.train(), self.network.discriminator.train()
        made = generator(torch.randn(_BATCH, NOISE_SIZE, device=window.features.device), *told)
        on_real, on_made = discriminator(window.features, *told), discriminator(made.detach(), *told)
        against = losses.minimax_discriminator(on_real, on_made)
        self._take(1, against)
        judged = discriminator(made, *told)
        terms = {"adversarial": losses.minimax_generator(judged), **self._penalties(made, window.music)}
        loss = torch.stack([_WEIGHTS.get(name, 1.0) * value for name, value in terms.items()]).sum()
        self._take(0, loss)
        self._average()
        return {**terms, "discriminator": against}

    def _penalties(self, made: Tensor, music: Tensor) -> dict[str, Tensor]:
        if not (self.parts.sync or self.parts.structure):
            return {}
        told = losses.kinematic_terms(self.body, made)
        sound = torch.ones_like(made[:, 0])
        out = {"sync": losses.sync_loss(told, music[:, 0], sound)} if self.parts.sync else {}
        if self.parts.structure:
            out["movement_consistency"] = losses.movement_consistency(told, self.jerk_limit, sound)
            out["structural_integrity"] = losses.structural_integrity(told, self.body, sound)
        return out

    def _take(self, which: int, loss: Tensor) -> None:
        self.optimisers[which].zero_grad(set_to_none=True)
        torch.autograd.backward(loss)
        self.optimisers[which].step()

    @torch.no_grad()
    def _average(self) -> None:
        for slow, fast in zip(self.network.average.parameters(), self.network.generator.parameters(), strict=True):
            slow.lerp_(fast, 1.0 - _EMA)
        for mine, theirs in zip(self.network.average.buffers(), self.network.generator.buffers(), strict=True):
            mine.copy_(theirs)

    @torch.no_grad()
    def validate(self) -> dict[str, float]:
        """How far apart made windows are over how far apart real ones are: 0 is collapse, 1 as in life."""
        window = self.corpus.windows(128, WINDOW_FRAMES, augment=False)
        style = functional.one_hot(window.style, len(self.corpus.styles)).float()
        noise = torch.randn(128, NOISE_SIZE, device=window.features.device)
        made = self.network.average.eval()(noise, window.music, window.effort, style)
        apart = [(x - x.roll(1, dims=0)).abs().mean() for x in (made, window.features)]
        return {"spread": float(apart[0] / apart[1])}

    def export(self) -> tuple[nn.Module, dict[str, Any], dict[str, np.ndarray]]:
        """The averaged generator, its parts and the scale."""
        setup = {"styles": list(self.corpus.styles), "parts": self.parts.to_dict()}
        return self.network.average, setup, {"mean": self.scale.mean, "std": self.scale.std}
