"""Tells a style from movement alone, and gives movement a place in a space where like is near like.

A small temporal convolutional network, trained on the training takes and frozen. Its embedding is what the
Fréchet distance is taken in, its style what style accuracy is measured by (both relative to real takes).

It sees nine joints that every capture system had, from the heading's frame, and how the root travels: not toes,
knuckles or shoulder blades, whose absence would give a source away. It is trained to name the style and to draw the
movement again from the embedding, so that the embedding tells more than the style.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from engine.baselines.corpus import Corpus
from engine.baselines.weights import fill, load_weights
from engine.generation.features import HEIGHT, LEARNED_JOINTS, N_FEATURES, VELOCITY, YAW_RATE, to_features
from engine.generation.training.losses import BodyKinematics
from engine.motion.house import FRAME_RATE_HZ, JOINT
from engine.motion.motion import Motion
from engine.motion.resample import resampled

WINDOW_FRAMES, STRIDE_FRAMES = 96, 24
EMBEDDING_SIZE = 32
_JOINTS = [
    LEARNED_JOINTS.index(JOINT[name])
    for name in ("LeftLeg", "RightLeg", "LeftFoot", "RightFoot", "LeftForeArm", "RightForeArm", "LeftHand",
                 "RightHand", "Neck")
]  # fmt: skip
_N_PLACES = 3 * len(_JOINTS)
N_INPUTS = 2 * _N_PLACES + 4
_SHOWN = 12  # moments of a window that are drawn again
_BATCH = 128
_HIDDEN_SHARE = 0.25
_NOISE_M = 0.004  # captures differ in how they shake; that shall not tell them apart


class Recogniser(nn.Module):
    """Windows of movement, [B, N_INPUTS, 96], to embeddings [B, 32] and style logits [B, S]."""

    mean: Tensor
    std: Tensor

    def __init__(self, n_styles: int, width: int = 96) -> None:
        super().__init__()
        self.register_buffer("mean", torch.zeros(N_INPUTS, 1))
        self.register_buffer("std", torch.ones(N_INPUTS, 1))
        self.first = nn.Conv1d(N_INPUTS, width, 5, padding=2)
        self.blocks = nn.ModuleList(_Block(width, dilation) for dilation in (1, 2, 4, 8))
        self.embedding = nn.Linear(2 * width, EMBEDDING_SIZE)
        self.style = nn.Linear(EMBEDDING_SIZE, n_styles)
        self.draw = nn.Sequential(nn.Linear(EMBEDDING_SIZE, 192), nn.GELU(), nn.Linear(192, _SHOWN * _N_PLACES))

    def embed(self, inputs: Tensor) -> Tensor:
        """Embeddings [B, 32] of physical inputs [B, N_INPUTS, T]."""
        x = self.first((inputs - self.mean) / self.std)
        for block in self.blocks:
            x = block(x)
        embedded: Tensor = self.embedding(torch.cat([x.mean(dim=-1), x.amax(dim=-1)], dim=1))
        return embedded

    def forward(self, inputs: Tensor) -> tuple[Tensor, Tensor]:
        embedded = self.embed(inputs)
        return embedded, self.style(embedded)


class _Block(nn.Module):
    def __init__(self, width: int, dilation: int) -> None:
        super().__init__()
        self.norm = nn.GroupNorm(8, width)
        self.first = nn.Conv1d(width, width, 3, padding=dilation, dilation=dilation)
        self.second = nn.Conv1d(width, width, 1)
        self.drop = nn.Dropout(0.1)

    def forward(self, x: Tensor) -> Tensor:
        inner: Tensor = self.second(functional.gelu(self.first(functional.gelu(self.norm(x)))))
        return x + self.drop(inner)


class Seen(nn.Module):
    """What the recogniser sees of feature rows: places (m) and speeds (m/s) of nine joints, and the root's way."""

    joints: Tensor

    def __init__(self, mean: np.ndarray, std: np.ndarray) -> None:
        super().__init__()
        self.body = BodyKinematics(mean, std)
        self.register_buffer("joints", torch.tensor(_JOINTS))

    def forward(self, features: Tensor, noise_m: float = 0.0) -> Tensor:
        """Inputs [B, N_INPUTS, T] of normalised features [B, 140, T], shaken by `noise_m`."""
        positions, raw = self.body.positions(features)
        places = positions[:, self.joints].flatten(1, 2)
        if noise_m > 0.0:
            places = places + noise_m * torch.randn_like(places)
        speeds = torch.diff(places, dim=-1) * FRAME_RATE_HZ
        speeds = torch.cat([speeds, speeds[..., -1:]], dim=-1)
        return torch.cat([places, speeds, raw[:, VELOCITY], raw[:, YAW_RATE, None], raw[:, HEIGHT, None]], dim=1)


class RecogniserTraining:
    """A recogniser in training."""

    def __init__(self, corpus: Corpus, held_out: Corpus, seed: int) -> None:
        self.corpus, self.styles = corpus, corpus.styles
        torch.manual_seed(seed)
        self.seen = Seen(corpus.scale.mean, corpus.scale.std).to(corpus.device)
        self.network = Recogniser(len(self.styles)).to(corpus.device)
        with torch.no_grad():
            sample = self.seen(corpus.windows(1024, WINDOW_FRAMES).features)
            self.network.mean.copy_(sample.mean(dim=(0, 2))[:, None])
            self.network.std.copy_(sample.std(dim=(0, 2)).clamp_min(0.02)[:, None])
        self.optimisers = (torch.optim.AdamW(self.network.parameters(), lr=2e-3, weight_decay=0.05),)
        self.held_out = held_out.grid(WINDOW_FRAMES, STRIDE_FRAMES)

    def step(self, share: float) -> dict[str, Tensor]:
        """Cross entropy of the style, and half the squared error of the places drawn again."""
        window = self.corpus.windows(_BATCH, WINDOW_FRAMES)
        inputs = self.seen(window.features, _NOISE_M)
        embedded, logits = self.network.train()(self._with_parts_hidden(inputs))
        naming = functional.cross_entropy(logits, window.style, label_smoothing=0.1)
        drawn = self.network.draw(embedded).reshape(len(inputs), _N_PLACES, _SHOWN)
        shown = ((inputs - self.network.mean) / self.network.std)[:, :_N_PLACES]
        shown = shown[..., :: WINDOW_FRAMES // _SHOWN]
        drawing = (drawn - shown).square().mean()
        size = embedded.square().mean()
        loss = naming + 0.5 * drawing + 0.01 * size
        self.optimisers[0].zero_grad(set_to_none=True)
        torch.autograd.backward(loss)
        nn.utils.clip_grad_norm_(self.network.parameters(), 1.0)
        self.optimisers[0].step()
        return {"loss": loss, "naming": naming, "drawing": drawing}

    def _with_parts_hidden(self, inputs: Tensor) -> Tensor:
        """Inputs in which some joints stay where they are on average: a style is more than one limb's habit."""
        hidden = torch.rand(len(inputs), len(_JOINTS), 1, device=inputs.device) < _HIDDEN_SHARE
        columns = hidden.repeat_interleave(3, dim=1)
        rest = torch.zeros_like(columns[:, :1]).expand(-1, N_INPUTS - 2 * _N_PLACES, -1)
        return torch.where(torch.cat([columns, columns, rest], dim=1), self.network.mean, inputs)

    @torch.no_grad()
    def validate(self) -> dict[str, float]:
        """Accuracy on windows of held-out takes, over all and over styles (each style counting alike)."""
        _, logits = self.network.eval()(self.seen(self.held_out.features))
        right = (logits.argmax(dim=1) == self.held_out.style).float()
        present = torch.unique(self.held_out.style)
        by_style = torch.stack([right[self.held_out.style == s].mean() for s in present])
        out = {"accuracy": float(right.mean()), "accuracy_by_style": float(by_style.mean()), "windows": len(right)}
        names = [self.styles[int(s)] for s in present]
        return out | {f"accuracy_{name}": float(x) for name, x in zip(names, by_style, strict=True)}

    def export(self) -> tuple[nn.Module, dict[str, Any], dict[str, np.ndarray]]:
        """The network and the names of its styles."""
        return self.network, {"styles": list(self.styles)}, {}


class FrozenRecogniser:
    """A trained recogniser for measuring. Movement goes in as house motions of any rate."""

    def __init__(
        self, network: Recogniser, styles: Sequence[str], figures: dict[str, float] | None = None, device: str = ""
    ) -> None:
        self.network, self.styles, self.figures = network.eval().requires_grad_(False), tuple(styles), figures or {}
        self.device = device  # on which it was trained, in words
        self._seen = Seen(np.zeros(N_FEATURES), np.ones(N_FEATURES))

    @staticmethod
    def load(path: Path) -> FrozenRecogniser:
        """From a file of `train`."""
        state, setup, _ = load_weights(path)
        network = Recogniser(len(setup["styles"]))
        fill(network, state, path)
        return FrozenRecogniser(network, setup["styles"], setup.get("figures"), str(setup.get("device", "")))

    def windows(self, motion: Motion, valid: np.ndarray | None = None) -> np.ndarray:
        """A motion as inputs, float32 [W, N_INPUTS, 96], a window every 24 frames at 30 Hz; none of a shorter one.

        Windows with a frame that is not `valid` (bool, one a frame) are left out.
        """
        motion = resampled(motion, FRAME_RATE_HZ)
        if motion.n_frames < WINDOW_FRAMES:
            return np.zeros((0, N_INPUTS, WINDOW_FRAMES), dtype=np.float32)
        rows = to_features(motion, np.zeros((motion.n_frames, 4), dtype=bool))
        seen = self._seen(torch.from_numpy(rows.T[np.newaxis].copy()))[0].numpy()
        starts = range(0, motion.n_frames - WINDOW_FRAMES + 1, STRIDE_FRAMES)
        chosen = [s for s in starts if valid is None or valid[s : s + WINDOW_FRAMES].all()]
        empty = np.zeros((0, N_INPUTS, WINDOW_FRAMES), dtype=np.float32)
        return np.stack([seen[:, s : s + WINDOW_FRAMES] for s in chosen]) if chosen else empty

    def embeddings(self, windows: np.ndarray) -> np.ndarray:
        """Where windows lie, [W, 32]."""
        return self._run(windows)[0]

    def style_shares(self, windows: np.ndarray) -> np.ndarray:
        """How likely each window is of each of `styles`, rows that add up to one, [W, S]."""
        return self._run(windows)[1]

    def _run(self, windows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        if len(windows) == 0:
            return np.zeros((0, EMBEDDING_SIZE)), np.zeros((0, len(self.styles)))
        with torch.inference_mode():
            parts = [self.network(torch.from_numpy(part)) for part in np.array_split(windows, -(-len(windows) // 256))]
        embedded = np.concatenate([e.double().numpy() for e, _ in parts])
        shares = np.concatenate([torch.softmax(s, dim=1).double().numpy() for _, s in parts])
        return embedded, shares
