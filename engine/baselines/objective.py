"""What every autoencoding or regressing baseline is asked for: rows, joint places, speeds and standing feet."""

from __future__ import annotations

import torch
from torch import Tensor

from engine.baselines.corpus import Window
from engine.generation.training import losses

# The same weights as the product's autoencoder.
WEIGHTS = {"rows": 1.0, "position": 10.0, "velocity": 1.0, "contact": 3.0}


def column_weight(window: Window, body: losses.BodyKinematics) -> Tensor:
    """Which feature columns count, [B, 140, 1]: rotations and contacts of joints the capture had, and the root."""
    rotations = window.observed.repeat_interleave(6, dim=1)
    root = torch.ones_like(rotations[:, :4])
    return torch.cat([rotations, root, window.observed[:, body.contact_rows]], dim=1).unsqueeze(-1)


def rebuilding_terms(body: losses.BodyKinematics, made: Tensor, window: Window) -> dict[str, Tensor]:
    """How far made features [B, 140, T] are from a window's, the terms of WEIGHTS."""
    real = window.features
    weight = column_weight(window, body) * window.valid[:, None]
    told = losses.kinematic_terms(body, made)
    with torch.no_grad():
        true = losses.kinematic_terms(body, real)
    sure = torch.ones(len(real), device=real.device)
    return {
        "rows": losses.weighted_mean((made - real).abs(), weight),
        "position": losses.position_loss(told, true, window.valid, window.observed),
        "velocity": losses.velocity_loss(told, true, window.valid, window.observed),
        "contact": losses.contact_loss(told, true, body, window.valid, window.observed, sure),
    }


def total(terms: dict[str, Tensor], weights: dict[str, float]) -> Tensor:
    """The weighted sum of the terms that have a weight."""
    parts = [weights[name] * value for name, value in terms.items() if name in weights]
    return torch.stack(parts).sum()
