"""Training of the Transformer in-betweener."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from engine.baselines.corpus import Corpus, Window
from engine.baselines.inbetweener import Inbetweener, as_path_and_features, placed_rows
from engine.generation.features import HEIGHT
from engine.generation.training import losses
from engine.motion.house import FRAME_RATE_HZ

WINDOW_FRAMES = 128
SEED_FRAMES, SEEDS_A_STYLE = 32, 6
_BATCH = 64
_WEIGHTS = {"rows": 1.0, "position": 8.0, "velocity": 0.5}


class InbetweenerTraining:
    """An in-betweener in training."""

    def __init__(self, corpus: Corpus, held_out: Corpus, seed: int) -> None:
        torch.manual_seed(seed)
        self.corpus, self.scale = corpus, corpus.scale
        self.network = Inbetweener(len(corpus.styles)).to(corpus.device)
        self.body = losses.BodyKinematics(self.scale.mean, self.scale.std).to(corpus.device)
        self.optimisers = (torch.optim.AdamW(self.network.parameters(), lr=1e-3, betas=(0.9, 0.98), weight_decay=0.01),)
        self.batch_size = corpus.batch_size(_BATCH)
        self.held_out = held_out.grid(WINDOW_FRAMES, 64)

    def step(self, share: float) -> dict[str, Tensor]:
        """Distances of rows, of joints in the world (m) and of their speeds (m/s), in the gap alone."""
        window = self.corpus.windows(self.batch_size, WINDOW_FRAMES)
        device = window.features.device
        known = drawn_masks(self.batch_size, WINDOW_FRAMES, device)
        style = functional.one_hot(window.style, len(self.corpus.styles)).float()
        plain = torch.full_like(style, 1.0 / style.shape[1])
        style = torch.where(torch.rand(self.batch_size, 1, device=device) > 0.1, style, plain)
        music = window.music * (torch.rand(self.batch_size, 1, 1, device=device) > 0.3)
        terms = self._terms(self.network.train(), window, known, music, style)
        loss = torch.stack([_WEIGHTS[name] * value for name, value in terms.items()]).sum()
        self.optimisers[0].zero_grad(set_to_none=True)
        torch.autograd.backward(loss)
        nn.utils.clip_grad_norm_(self.network.parameters(), 1.0)
        self.optimisers[0].step()
        return terms

    def _terms(
        self, network: Inbetweener, window: Window, known: Tensor, music: Tensor, style: Tensor
    ) -> dict[str, Tensor]:
        reference = reference_frames(known)
        rows = placed_rows(window, reference)
        with torch.autocast(rows.device.type, torch.bfloat16, cache_enabled=False):
            made = network(rows, known, music.transpose(1, 2), style).float()
        hole = (1.0 - known) * window.valid
        columns = torch.cat(
            [window.observed.repeat_interleave(6, 1), torch.ones_like(window.observed[:, :5]),
             window.observed[:, self.body.contact_rows]], dim=1,
        )  # fmt: skip
        features = window.features.transpose(1, 2)
        places, true = self._places(made, features), self._places(rows, features)
        counted = hole[:, None] * window.observed[..., None]
        speed = torch.diff(places - true, dim=-1) * FRAME_RATE_HZ
        return {
            "rows": losses.weighted_mean((made - rows).abs(), hole[..., None] * columns[:, None]),
            "position": losses.weighted_mean(losses.length(places - true, 2), counted),
            "velocity": losses.weighted_mean(losses.length(speed, 2), counted[..., 1:]),
        }

    def _places(self, rows: Tensor, features: Tensor) -> Tensor:
        """Joints in the reference's space, metres, [B, 22, 3, T]."""
        path, posed = as_path_and_features(rows, features)
        positions, raw = self.body.positions(posed.transpose(1, 2))
        cos, sin = torch.cos(path[..., 2])[:, None], torch.sin(path[..., 2])[:, None]
        x, y, z = positions.unbind(2)
        height = raw[:, None, HEIGHT]
        return torch.stack(
            [cos * x + sin * z + path[:, None, :, 0], y + height, cos * z - sin * x + path[:, None, :, 1]], dim=2
        )

    @torch.no_grad()
    def validate(self) -> dict[str, float]:
        """Mean joint error (m) over gaps of 30 frames in held-out takes, of the network and of the straight way."""
        window = self.held_out
        known = torch.ones_like(window.valid)
        known[:, 49:79] = 0.0
        style = functional.one_hot(window.style, len(self.corpus.styles)).float()
        music = torch.zeros_like(window.music)
        terms = self._terms(self.network.eval(), window, known, music, style)
        return {"gap30_m": float(terms["position"]), "windows": float(len(known))}

    def export(self) -> tuple[nn.Module, dict[str, Any], dict[str, np.ndarray]]:
        """The network, the scale, and real beginnings of dances for each style."""
        window = self.corpus.windows(32 * SEEDS_A_STYLE * len(self.corpus.styles), SEED_FRAMES, augment=False)
        chosen = []
        for style in range(len(self.corpus.styles)):
            own = torch.nonzero((window.style == style) & (window.valid.amin(1) > 0))[:SEEDS_A_STYLE, 0]
            chosen.append(own if len(own) else torch.nonzero(window.valid.amin(1) > 0)[:1, 0])
        index = torch.cat(chosen)
        owner = np.repeat(np.arange(len(chosen)), [len(own) for own in chosen])
        features = window.features[index].transpose(1, 2).cpu().numpy()
        arrays = {"mean": self.scale.mean, "std": self.scale.std, "beginnings": features, "beginning_style": owner}
        return self.network, {"styles": list(self.corpus.styles)}, arrays


def drawn_masks(n: int, size: int, device: torch.device) -> Tensor:
    """What is known, [n, size]: in 75 of 100 both ends around a gap of 5 to 90 frames, in 17 the beginning alone, in
    the rest nothing."""
    frame = torch.arange(size, device=device)[None]
    gap = (5 + torch.rand(n, 1, device=device) * min(86, size - 24)).floor()
    start = (10 + torch.rand(n, 1, device=device) * (size - gap - 19)).floor()
    inside = (frame >= start) & (frame < start + gap)
    kind = torch.rand(n, 1, device=device)
    begun = (16 + torch.rand(n, 1, device=device) * 33).floor()
    known = torch.where(kind < 0.75, ~inside, torch.where(kind < 0.92, frame < begun, torch.zeros_like(inside)))
    return known.float()


def reference_frames(known: Tensor) -> Tensor:
    """The last frame before the first gap that has anything before it, int [B]; 0 where there is none."""
    frame = torch.arange(known.shape[1], device=known.device)
    first_gap = torch.where(known < 0.5, frame, torch.full_like(frame, known.shape[1])).amin(dim=1)
    return (first_gap - 1).clamp_min(0)
