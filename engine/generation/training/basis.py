"""The linear part of the codes: principal components of short stretches of motion.

A code's linear part alone already gives every stretch back to a few centimetres, so training starts
from recognisable dance and spends its steps on what is not linear: contacts, timing, joins, context.
"""

from __future__ import annotations

import numpy as np
import torch

from engine.errors import ModelError
from engine.generation.features import UPPER_BODY
from engine.generation.model import Encoder, Generator
from engine.generation.model_constants import CODE_STRIDE
from engine.generation.training.dataset import Clip, Statistics

_SAMPLES = 9000
_RIDGE = 1e-2
# Components are scaled to unit variance, but for those so small that this would only raise noise.
_LEAST_DEVIATION = 0.15


def set_linear_codes(encoder: Encoder, generator: Generator, clips: list[Clip], stats: Statistics, seed: int) -> float:
    """Fill both networks' linear layers from the clips; returns the share of variance that the codes keep.

    The encoder projects 16 frames onto their principal components, scaled to unit variance. The generator's
    32-frame kernel is the ridge regression of each frame on its own code and the nearer neighbour's, which
    takes the steps out of the borders between stretches.
    """
    assert encoder.linear is not None
    assert generator.linear is not None
    blocks = _blocks(clips, stats, np.random.default_rng(seed))  # [N, 3, 16, C]
    n, _, stride, columns = blocks.shape
    flat = blocks.reshape(n * 3, stride * columns)
    mean = flat.mean(axis=0)
    size = encoder.linear.out_channels
    projection, kept = _projection(flat - mean, columns, size, encoder.n_upper)
    codes = ((flat - mean) @ projection).reshape(n, 3, size)
    half = stride // 2
    kernel = np.zeros((size, columns, 2 * stride))
    bias = np.zeros(columns)
    for first, pair in ((0, (0, 1)), (half, (1, 2))):
        target = blocks[:, 1, first : first + half].reshape(n, -1)
        given = np.concatenate([codes[:, pair[0]], codes[:, pair[1]]], axis=1)
        weights = np.linalg.solve(given.T @ given + _RIDGE * n * np.eye(2 * size), given.T @ target)
        weights = weights.reshape(2, size, half, columns).transpose(0, 1, 3, 2)
        # Cell k's kernel covers frames -8 .. 23 of its stretch: the neighbour's share lies outside 0 .. 15.
        own, other = (1, 0) if first == 0 else (0, 1)
        kernel[:, :, half + first : 2 * half + first] = weights[own]
        outside = slice(2 * stride - half, 2 * stride) if first == 0 else slice(0, half)
        kernel[:, :, outside] = weights[other]
    with torch.no_grad():
        weight = np.zeros((size, columns, 2 * stride))
        weight[:, :, half : half + stride] = projection.T.reshape(size, stride, columns).transpose(0, 2, 1)
        encoder.linear.weight.copy_(torch.from_numpy(weight))
        _bias(encoder.linear).copy_(torch.from_numpy(-mean @ projection))
        generator.linear.weight.copy_(torch.from_numpy(kernel))
        _bias(generator.linear).copy_(torch.from_numpy(bias))
    return kept


def _projection(flat: np.ndarray, columns: int, size: int, n_upper: int) -> tuple[np.ndarray, float]:
    """Scaled principal components [16 C, size] of centred stretches [N, 16 C], and the share of variance they keep.

    The last `n_upper` see the upper body alone, and then the others all the rest alone.
    """
    upper = np.zeros(columns, dtype=bool)
    if n_upper:
        upper[UPPER_BODY] = True
    parts = [(~upper, slice(0, size - n_upper)), (upper, slice(size - n_upper, size))]
    projection, kept = np.zeros((flat.shape[1], size)), 0.0
    for seen, place in parts:
        rows = np.flatnonzero(np.tile(seen, flat.shape[1] // columns))
        if len(rows) == 0:
            continue
        covariance = flat[:, rows].T @ flat[:, rows] / len(flat)
        values, vectors = np.linalg.eigh(covariance)
        n = place.stop - place.start
        values, vectors = values[::-1][:n], vectors[:, ::-1][:, :n]
        scale = 1.0 / np.maximum(np.sqrt(np.maximum(values, 0.0)), _LEAST_DEVIATION)
        projection[rows, place] = vectors * scale
        kept += float(values.sum())
    return projection, kept / float(np.square(flat).mean(axis=0).sum())


def _bias(layer: torch.nn.Conv1d | torch.nn.ConvTranspose1d) -> torch.Tensor:
    assert layer.bias is not None
    return layer.bias


def _blocks(clips: list[Clip], stats: Statistics, rng: np.random.Generator) -> np.ndarray:
    """Triples of neighbouring 16-frame stretches, normalised, [N, 3, 16, C]; styles in the data's own shares."""
    dance = [c for c in clips if c.use == "dance" and c.n_frames > 3 * CODE_STRIDE]
    share = np.array([np.sqrt(c.n_frames) for c in dance])
    out: list[np.ndarray] = []
    if not dance:
        raise ModelError(f"No dance is longer than {3 * CODE_STRIDE} frames: prepare more motion.")
    for index in rng.choice(len(dance), size=_SAMPLES, p=share / share.sum()):
        clip = dance[int(index)]
        start = int(rng.integers(0, clip.n_frames - 3 * CODE_STRIDE + 1))
        if clip.valid[start : start + 3 * CODE_STRIDE].all():
            rows = (clip.features[start : start + 3 * CODE_STRIDE] - stats.mean) / stats.std
            out.append(rows.reshape(3, CODE_STRIDE, -1))
    if not out:
        raise ModelError(f"No dance has {3 * CODE_STRIDE} sound frames in a row: prepare other motion.")
    return np.array(out)
