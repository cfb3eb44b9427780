"""From a training run to a model that ships: averaged weights, the bank of codes, the card."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import torch

from engine.generation.bank import ENTRY_STRIDE, CodeBank
from engine.generation.body_state import body_states
from engine.generation.checkpoint import TrainedModel
from engine.generation.features import from_features
from engine.generation.model import Encoder
from engine.generation.model_constants import CODE_STRIDE
from engine.generation.training.dataset import Clip
from engine.generation.training.train import Trainer
from engine.motion.blend import yaw_rad

_SETTLE = 2 * CODE_STRIDE  # frames that a clip's ends are held, so that every frame has a code


def encode_clip(encoder: Encoder, rows: np.ndarray) -> np.ndarray:
    """Mean codes centred on every fourth frame, [ceil(T / 4), code_size], of normalised features [T, 140]."""
    n = -(-len(rows) // ENTRY_STRIDE)
    before = _SETTLE + CODE_STRIDE // 2
    held = np.concatenate([np.repeat(rows[:1], before, 0), rows, np.repeat(rows[-1:], before + 2 * CODE_STRIDE, 0)])
    device = next(encoder.parameters()).device
    out = np.empty((n, encoder.code_size), dtype=np.float32)
    for offset in range(0, CODE_STRIDE, ENTRY_STRIDE):
        seen = held[offset:]
        seen = seen[: len(seen) // CODE_STRIDE * CODE_STRIDE]
        with torch.no_grad():
            mean = encoder(torch.from_numpy(seen.T[None].astype(np.float32)).to(device))[0]
        # Cell k is centred on held frame offset + 16 k + 8, that is on clip frame offset + 16 k - 32.
        codes = mean[0].T.cpu().numpy()[_SETTLE // CODE_STRIDE :]
        entries = np.arange(offset // ENTRY_STRIDE, n, CODE_STRIDE // ENTRY_STRIDE)
        out[entries] = codes[: len(entries)]
    return out


def build_bank(
    encoder: Encoder, clips: list[Clip], styles: list[str], mean: np.ndarray, std: np.ndarray,
    effort_mean: np.ndarray, effort_std: np.ndarray,
) -> CodeBank:  # fmt: skip
    """The bank over all training clips of dance; mirrored clips must follow their originals."""
    dance = [c for c in clips if c.use == "dance"]
    names = ("codes", "clip", "accent", "state", "travel", "effort", "usable")
    columns: dict[str, list[np.ndarray]] = {name: [] for name in names}
    starts = [0]
    for index, clip in enumerate(dance):
        n = -(-clip.n_frames // ENTRY_STRIDE)
        at = np.minimum(np.arange(n) * ENTRY_STRIDE, clip.n_frames - 1)
        motion = from_features(clip.features)
        heading = np.unwrap(yaw_rad(motion.local_rotations[:, 0]))
        columns["codes"].append(encode_clip(encoder, (clip.features - mean) / std))
        columns["clip"].append(np.full(n, index))
        columns["accent"].append(_accent(clip, n * ENTRY_STRIDE))
        columns["state"].append(body_states(clip.features)[at])
        columns["travel"].append(np.column_stack([motion.root_positions_m[at][:, [0, 2]], heading[at]]))
        columns["effort"].append(((clip.effort - effort_mean) / effort_std)[at])
        sound = np.convolve(~clip.valid, np.ones(CODE_STRIDE + 1), mode="same") < 0.5
        columns["usable"].append(sound[at])
        starts.append(starts[-1] + n)
    joined = {name: np.concatenate(parts) for name, parts in columns.items()}
    mirror = np.array([i - 1 if c.name.endswith("~") else i + 1 for i, c in enumerate(dance)])
    style = np.array([styles.index(c.style) for c in dance])
    return CodeBank(**joined, clip_start=np.array(starts), clip_style=style, clip_mirror=mirror)


def _accent(clip: Clip, n_frames: int) -> np.ndarray:
    """How marked an accent is at every frame: each beat's strength, falling off over three frames."""
    t = np.arange(n_frames, dtype=float)
    out = np.zeros(n_frames)
    for beat, strength in zip(clip.beats_frame, clip.strengths, strict=True):
        near = slice(max(0, int(beat) - 6), int(beat) + 7)
        out[near] = np.maximum(out[near], strength * np.exp(-0.5 * ((t[near] - beat) / 2.0) ** 2))
    return out


def finished_model(trainer: Trainer, card: dict[str, object]) -> TrainedModel:
    """The model of a run as it stands: averaged weights and the bank they make of the training clips. What was trained
    further keeps its encoder, and with it its bank and its bridge."""
    if trainer.start is not None:
        whole = replace(trainer.start, generator=trainer.average.eval(), card=card, digest="", marks=None)
        return whole.to(trainer.device)
    stats, encoder = trainer.stats, trainer.average_encoder.eval()
    bank = build_bank(
        encoder, trainer.sampler.clips, trainer.styles, stats.mean, stats.std, stats.effort_mean, stats.effort_std
    )
    return TrainedModel(
        trainer.average.eval(), encoder, stats.mean, stats.std, stats.effort_mean, stats.effort_std,
        tuple(trainer.styles), bank, card, trainer.device,
    )  # fmt: skip
