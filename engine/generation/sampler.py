"""Codes and conditions through the generator: motion features of any length."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from weakref import WeakKeyDictionary

import numpy as np
import torch
from torch import Tensor, nn

from engine.generation.checkpoint import TrainedModel
from engine.generation.features import MASK_PARTS, N_FEATURES, part_columns
from engine.generation.model import Condition
from engine.generation.model_constants import CODE_STRIDE, DENSE_LEAD, DENSE_REACH, ENTRY_STRIDE, ON_GRID, n_dense

WINDOW_FRAMES = 256
OVERLAP_FRAMES = 64
MOST_WINDOWS = 8  # that are decoded at a time


@dataclass
class Decoding:
    """What is decoded: T frames, T a multiple of 16, all in physical units but for codes.

    Attributes:
        codes: [T / 16, code_size], NaN rows where nothing is planned (the generator's null code).
        known: Feature rows, [T, 140]; only columns that `mask` marks count.
        mask: [T, 7] in the order of MASK_PARTS: 1 where that part is known.
        music: [T, 6]. effort: [T, 6] in standard deviations. style: [n_styles], adding up to one.
        dense: The plan's codes at every fourth frame, [n_dense(T), code_size], `codes` among them: where they are
            given, the steps from cell to cell are evened out.
        places: Where the plan stands (x and z in metres) and faces (radians), seen from the segment's first frame,
            [n, 3], n its frames; None where something else decides that.
    """

    codes: np.ndarray
    known: np.ndarray
    mask: np.ndarray
    music: np.ndarray
    effort: np.ndarray
    style: np.ndarray
    dense: np.ndarray | None = None
    places: np.ndarray | None = None

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
    return decode_all(model, [job], [seed], progress)[0]


def decode_all(
    model: TrainedModel, jobs: Sequence[Decoding], seeds: Sequence[int], progress: Callable[[float], None]
) -> list[np.ndarray]:
    """What `decode` gives for each of some jobs of one length, decoded together: a pass of more windows costs less.

    Windows do not see each other: on the processor a row is the same to the last bit in any company.
    """
    runs = [_Run(model, job, seed) for job, seed in zip(jobs, seeds, strict=True)]
    windows = [(run, start) for run in runs for start in run.starts]
    for first in range(0, len(windows), MOST_WINDOWS):
        progress(first / len(windows))
        some = windows[first : first + MOST_WINDOWS]
        for (run, start), rows in zip(some, _forward(model, some), strict=True):
            run.add(start, rows)
    return [run.rows(model) for run in runs]


class _Run:
    """One job on its way: what goes into its windows, and what has come out of them."""

    def __init__(self, model: TrainedModel, job: Decoding, seed: int) -> None:
        n = len(job.known)
        self.size, self.starts = min(n, WINDOW_FRAMES), window_starts(n)
        self.columns = job.column_mask()
        self.known = (job.known - model.mean) / model.std * self.columns
        rng = np.random.default_rng([seed, 3])
        self.noise = rng.standard_normal(model.generator.config.noise_size)
        if not model.generator.config.codes:  # the paper's generator takes noise for codes
            job = replace(job, codes=rng.standard_normal(job.codes.shape))
        self.job = job
        self.modulations = _modulations(model, job.style, self.noise)
        self.linear = _linear_rows(model, job)
        self.total, self.weight = np.zeros((n, N_FEATURES)), np.zeros((n, 1))

    def add(self, start: int, rows: np.ndarray) -> None:
        """Take in what the window at `start` gave."""
        ramp = _ramp(self.size, start > 0, start + self.size < len(self.total))
        self.total[start : start + self.size] += ramp * rows
        self.weight[start : start + self.size] += ramp

    def rows(self, model: TrainedModel) -> np.ndarray:
        """The finished rows."""
        rows = (self.total / self.weight + self.linear) * model.std + model.mean
        return np.where(self.columns > 0, self.job.known, rows)


def _precision(model: TrainedModel) -> torch.autocast:
    # Half precision pays on a card; on the processor it costs more in conversions than it saves.
    return torch.autocast(model.device.type, torch.float16, enabled=model.device.type == "cuda")


@torch.inference_mode()
def _modulations(model: TrainedModel, style: np.ndarray, noise: np.ndarray) -> list[Tensor]:
    """What style weights and noise do to each block. One row at a time: more rows at once round otherwise."""
    rows = (torch.from_numpy(row[np.newaxis].astype(np.float32)).to(model.device) for row in (style, noise))
    with _precision(model):
        return model.generator.modulations(*rows)


def _dense_codes(model: TrainedModel, job: Decoding) -> np.ndarray:
    """The job's dense codes; where it has none those that make the same linear part as its codes."""
    if job.dense is not None and model.generator.config.codes:
        return job.dense
    null = model.generator.null_code.detach().cpu().numpy()
    dense = np.zeros((n_dense(len(job.known)), job.codes.shape[1]))
    dense[ON_GRID] = np.where(np.isnan(job.codes), null, job.codes) * (CODE_STRIDE / ENTRY_STRIDE)
    return dense


@torch.inference_mode()
def _linear_rows(model: TrainedModel, job: Decoding) -> np.ndarray | float:
    """The generator's linear part, normalised rows [T, 140]: the mean over all grids of codes.

    The linear part adds up stretches of 32 frames, one a cell. Neighbours, above all those of two phrases or of one
    danced faster or slower, do not agree where they meet, and the body jerks at every sixteenth frame. With the grid
    moved by four, eight and twelve frames it would jerk elsewhere: the mean of the four is smooth (cycle spinning,
    Coifman & Donoho 1995, "Translation-invariant de-noising"), and costs one product of matrices.
    """
    linear = model.generator.linear
    if linear is None:
        return 0.0
    codes = torch.from_numpy(_dense_codes(model, job).astype(np.float32)).to(model.device)
    weights = _grid_weights(linear)
    n_codes, size = len(weights) // codes.shape[1], codes.shape[1]
    # Every four frames are made by the eight codes around them, which lie one after the other.
    around = codes.as_strided((len(codes) - n_codes + 1, n_codes * size), (size, 1))
    rows = (around @ weights).reshape(-1, linear.out_channels)
    if linear.bias is not None:
        rows += linear.bias
    out: np.ndarray = rows.cpu().double().numpy()
    return out


_GRID_WEIGHTS: WeakKeyDictionary[nn.ConvTranspose1d, tuple[int, Tensor]] = WeakKeyDictionary()


def _grid_weights(linear: nn.ConvTranspose1d) -> Tensor:
    """The linear part as a matrix, [8 code_size, 4 * 140], from the codes around four frames to these frames.

    The transposed convolution itself is several times as slow at this stride. Kept until the weights are trained on.
    """
    weight = linear.weight
    version, kept = _GRID_WEIGHTS.get(linear, (-1, weight))
    if version != weight._version or kept.device != weight.device:
        by_code = (weight * (ENTRY_STRIDE / CODE_STRIDE)).reshape(*weight.shape[:2], -1, ENTRY_STRIDE).flip(2)
        version, kept = weight._version, by_code.permute(2, 0, 3, 1).flatten(2).flatten(0, 1).contiguous()
        _GRID_WEIGHTS[linear] = version, kept
    return kept


@torch.inference_mode()
def _forward(model: TrainedModel, windows: Sequence[tuple[_Run, int]]) -> np.ndarray:
    """What the generator makes of some windows, each of a run from a frame on, [B, size, 140]."""

    def tensor(parts: Sequence[np.ndarray]) -> Tensor:
        return torch.from_numpy(np.stack(parts).astype(np.float32)).to(model.device)

    def stack(rows_of: Callable[[_Run], np.ndarray], stride: int = 1) -> Tensor:
        return tensor([rows_of(run)[at // stride : (at + run.size) // stride].T for run, at in windows])

    codes = stack(lambda run: run.job.codes, CODE_STRIDE)
    codes = torch.where(torch.isnan(codes), model.generator.null(codes), codes)
    condition = Condition(
        stack(lambda run: run.known), stack(lambda run: run.job.mask), stack(lambda run: run.job.music),
        stack(lambda run: run.job.effort), tensor([run.job.style for run, _ in windows]),
    )  # fmt: skip
    modulations = [torch.cat(rows) for rows in zip(*(run.modulations for run, _ in windows), strict=True)]
    with _precision(model):
        made = model.generator(codes, condition, tensor([run.noise for run, _ in windows]), modulations, linear=False)
    out: np.ndarray = made.transpose(1, 2).cpu().double().numpy()
    return out


def _ramp(size: int, rises: bool, falls: bool) -> np.ndarray:
    """Weights [size, 1] of one window: a window's outer 16 frames, which see no neighbours, count nothing."""
    x = np.arange(size) + 0.5
    edge, span = CODE_STRIDE, OVERLAP_FRAMES - 2 * CODE_STRIDE
    up = np.clip((x - edge) / span, 0.0, 1.0) if rises else np.ones(size)
    down = np.clip((size - x - edge) / span, 0.0, 1.0) if falls else np.ones(size)
    return np.minimum(up, down)[:, np.newaxis] + 1e-6


__all__ = ["DENSE_LEAD", "DENSE_REACH", "ON_GRID", "Decoding", "decode", "decode_all", "n_dense", "window_starts"]
