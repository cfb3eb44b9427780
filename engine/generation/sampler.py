"""Codes and conditions through the generator: motion features of any length."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import torch

from engine.generation.checkpoint import TrainedModel
from engine.generation.features import MASK_PARTS, N_FEATURES, part_columns
from engine.generation.model import Condition
from engine.generation.model_constants import CODE_STRIDE

WINDOW_FRAMES = 256
OVERLAP_FRAMES = 64
_BATCH = 8


@dataclass
class Decoding:
    """What is decoded: T frames, T a multiple of 16, all in physical units but for codes.

    Attributes:
        codes: [T / 16, code_size], NaN rows where nothing is planned (the generator's null code).
        known: Feature rows, [T, 140]; only columns that `mask` marks count.
        mask: [T, 7] in the order of MASK_PARTS: 1 where that part is known.
        music: [T, 6]. effort: [T, 6] in standard deviations. style: [n_styles], adding up to one.
    """

    codes: np.ndarray
    known: np.ndarray
    mask: np.ndarray
    music: np.ndarray
    effort: np.ndarray
    style: np.ndarray

    def column_mask(self) -> np.ndarray:
        """Which feature columns are known, [T, 140]."""
        out = np.zeros((len(self.mask), N_FEATURES), dtype=self.mask.dtype)
        for i, part in enumerate(MASK_PARTS):
            out[:, part_columns(part)] = self.mask[:, i : i + 1]
        return out


def window_starts(n_frames: int) -> list[int]:
    """First frames of the windows that cover `n_frames`, each overlapping the one before by 64 or more."""
    if n_frames <= WINDOW_FRAMES:
        return [0]
    step = WINDOW_FRAMES - OVERLAP_FRAMES
    return [*range(0, n_frames - WINDOW_FRAMES, step), n_frames - WINDOW_FRAMES]


def decode(model: TrainedModel, job: Decoding, seed: int, progress: Callable[[float], None]) -> np.ndarray:
    """Feature rows [T, 140] in physical units; known columns come back as they were given.

    Long pieces are decoded in overlapping windows, eight at a time, and added up with weights that
    cross over the overlap (overlap-add), so that no window's edge shows.
    """
    n = len(job.known)
    columns = job.column_mask()
    known = (job.known - model.mean) / model.std * columns
    starts = window_starts(n)
    size = min(n, WINDOW_FRAMES)
    rng = np.random.default_rng([seed, 3])
    noise = rng.standard_normal(model.generator.config.noise_size)
    if not model.generator.config.codes:  # the paper's generator takes noise for codes
        job = replace(job, codes=rng.standard_normal(job.codes.shape))
    total, weight = np.zeros((n, N_FEATURES)), np.zeros((n, 1))
    for first in range(0, len(starts), _BATCH):
        progress(first / len(starts))
        some = starts[first : first + _BATCH]
        rows = _forward(model, job, known, some, size, noise)
        for start, out in zip(some, rows, strict=True):
            ramp = _ramp(size, start > 0, start + size < n)
            total[start : start + size] += ramp * out
            weight[start : start + size] += ramp
    rows = total / weight * model.std + model.mean
    return np.where(columns > 0, job.known, rows)


@torch.no_grad()
def _forward(
    model: TrainedModel, job: Decoding, known: np.ndarray, starts: list[int], size: int, noise: np.ndarray
) -> np.ndarray:
    def stack(rows: np.ndarray, stride: int = 1) -> torch.Tensor:
        parts = [rows[s // stride : (s + size) // stride].T for s in starts]
        return torch.from_numpy(np.stack(parts).astype(np.float32)).to(model.device)

    codes = stack(job.codes, CODE_STRIDE)
    missing = torch.isnan(codes)
    codes = torch.where(missing, model.generator.null(codes), codes)
    style = torch.from_numpy(np.tile(job.style.astype(np.float32), (len(starts), 1))).to(model.device)
    drawn = torch.from_numpy(np.tile(noise.astype(np.float32), (len(starts), 1))).to(model.device)
    condition = Condition(stack(known), stack(job.mask), stack(job.music), stack(job.effort), style)
    # Half precision pays on a card; on the processor it costs more in conversions than it saves.
    with torch.autocast(model.device.type, torch.float16, enabled=model.device.type == "cuda"):
        made = model.generator(codes, condition, drawn)
    out: np.ndarray = made.transpose(1, 2).cpu().double().numpy()
    return out


def _ramp(size: int, rises: bool, falls: bool) -> np.ndarray:
    """Weights [size, 1] of one window: a window's outer 16 frames, which see no neighbours, count nothing."""
    x = np.arange(size) + 0.5
    edge, span = CODE_STRIDE, OVERLAP_FRAMES - 2 * CODE_STRIDE
    up = np.clip((x - edge) / span, 0.0, 1.0) if rises else np.ones(size)
    down = np.clip((size - x - edge) / span, 0.0, 1.0) if falls else np.ones(size)
    return np.minimum(up, down)[:, np.newaxis] + 1e-6
