"""Training data for baselines: the clips that the generator learns from, whole on one device, and windows of them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from engine.errors import ModelError
from engine.generation.conditioning import EFFORTS, MUSIC_CHANNELS, music_channels
from engine.generation.features import HEIGHT, N_FEATURES, VELOCITY, YAW_RATE
from engine.generation.training.dataset import Clip, load_clips, statistics
from engine.motion.house import FRAME_RATE_HZ

# Columns that are speeds: they grow with the rate at which a window is stretched.
_SPEEDS = slice(VELOCITY.start, YAW_RATE + 1)
_MOST_STRETCH = 0.12
_BEAT_RATE = MUSIC_CHANNELS.index("beat_rate")


@dataclass(frozen=True, eq=False)
class Scale:
    """What features and efforts are normalised by, and what real movement stays under.

    Attributes:
        mean, std: Of feature rows, float32 [140]. effort_mean, effort_std: of effort rows, [6].
        jerk_limit: Of each learned joint, m/s^3, [22]. acceleration_limit: m/s^2.
    """

    mean: np.ndarray
    std: np.ndarray
    effort_mean: np.ndarray
    effort_std: np.ndarray
    jerk_limit: np.ndarray
    acceleration_limit: float


@dataclass(eq=False)
class Window:
    """Windows of B stretches of T frames.

    Attributes:
        features: Normalised, [B, 140, T].
        path: Where the hips are (x, z in metres) and the heading (radians, without jumps), [B, 3, T].
        music: As engine.generation.conditioning makes it, [B, 6, T]. effort: Normalised, [B, 6, T].
        valid: 1 where the frame is real and sound, [B, T].
        observed: 1 for learned joints that the capture had, [B, 22].
        style: Index into the corpus's styles, [B].
    """

    features: Tensor
    path: Tensor
    music: Tensor
    effort: Tensor
    valid: Tensor
    observed: Tensor
    style: Tensor


class Corpus:
    """All clips of one split, end to end on a device; windows are drawn there."""

    def __init__(self, clips: list[Clip], scale: Scale, styles: tuple[str, ...], device: torch.device) -> None:
        """`clips` whose style is not in `styles` are left out; ModelError when none is left."""
        clips = [c for c in clips if c.style in styles]
        if not clips:
            raise ModelError("No clip has a style that is trained: prepare more motion.")
        self.scale, self.styles, self.device = scale, styles, device
        n_frames = np.array([c.n_frames for c in clips])
        self._first = _on(np.concatenate([[0], np.cumsum(n_frames)[:-1]]), device)
        self._n_frames = _on(n_frames, device)
        self._features = _on(np.concatenate([(c.features - scale.mean) / scale.std for c in clips]), device)
        self._path = _on(np.concatenate([path_of(c.features) for c in clips]), device)
        self._music = _on(np.concatenate([_music(c) for c in clips]), device)
        effort = np.concatenate([(c.effort - scale.effort_mean) / scale.effort_std for c in clips])
        self._effort = _on(np.clip(effort, -4.0, 4.0), device)
        self._valid = _on(np.concatenate([c.valid for c in clips]).astype(np.float32), device)
        self._observed = _on(np.stack([c.observed for c in clips]).astype(np.float32), device)
        self._style = _on(np.array([styles.index(c.style) for c in clips]), device)
        self._cumulative = _on(np.cumsum(_shares(clips)), device)
        self._speed_mean = _on(scale.mean[_SPEEDS], device)
        self._speed_std = _on(scale.std[_SPEEDS], device)

    @property
    def n_frames(self) -> int:
        """How many frames there are in all, mirrored ones included."""
        return len(self._features)

    def batch_size(self, on_a_gpu: int) -> int:
        """Windows a step: on a processor a quarter, since in the same minutes more and smaller steps teach more."""
        return on_a_gpu if self.device.type == "cuda" else max(on_a_gpu // 4, 1)

    def windows(self, n: int, size: int, *, augment: bool = True, generator: torch.Generator | None = None) -> Window:
        """`n` windows of `size` frames, drawn so that a style's share grows with the root of its minutes.

        With `augment` they are stretched in time by up to 12 %. Frames beyond a clip's end repeat its last and are
        not valid.
        """

        def rand(*shape: int) -> Tensor:
            return torch.rand(*shape, device=self.device, generator=generator)

        clip = torch.searchsorted(self._cumulative, rand(n)).clamp_max(len(self._style) - 1)
        rate = torch.exp(_MOST_STRETCH * (2.0 * rand(n) - 1.0)) if augment else torch.ones(n, device=self.device)
        room = (self._n_frames[clip] - 1 - size * rate).clamp_min(0.0)
        at = (rand(n) * room)[:, None] + torch.arange(size, device=self.device) * rate[:, None]
        return self._at(clip, at, rate)

    def grid(self, size: int, stride: int) -> Window:
        """Every window of `size` sound frames, `stride` frames from one to the next, clip after clip, unstretched."""
        clips, starts = [], []
        for index, (first, length) in enumerate(zip(self._first.tolist(), self._n_frames.tolist(), strict=True)):
            for start in range(0, length - size + 1, stride):
                if bool(self._valid[first + start : first + start + size].all()):
                    clips.append(index)
                    starts.append(float(start))
        clip = torch.tensor(clips, dtype=torch.long, device=self.device)
        at = torch.tensor(starts, device=self.device)[:, None] + torch.arange(size, device=self.device)
        return self._at(clip, at, torch.ones(len(clips), device=self.device))

    def _at(self, clip: Tensor, at: Tensor, rate: Tensor) -> Window:
        last = (self._n_frames[clip] - 1)[:, None]
        exact = at.clamp_max(last)
        low = torch.minimum(exact.long(), last - 1)
        share = (exact - low)[..., None]
        rows = self._first[clip][:, None] + low

        def between(table: Tensor) -> Tensor:
            return torch.lerp(table[rows], table[rows + 1], share)

        features, music = between(self._features), between(self._music)
        speeds = (features[..., _SPEEDS] * self._speed_std + self._speed_mean) * rate[:, None, None]
        features[..., _SPEEDS] = (speeds - self._speed_mean) / self._speed_std
        music[..., _BEAT_RATE] *= rate[:, None]
        valid = self._valid[rows] * self._valid[rows + 1] * (at <= last)
        return Window(
            features.transpose(1, 2), between(self._path).transpose(1, 2), music.transpose(1, 2),
            between(self._effort).transpose(1, 2), valid, self._observed[clip], self._style[clip],
        )  # fmt: skip


def load_corpora(folder: Path, device: torch.device, *, dance_only: bool = False) -> tuple[Corpus, Corpus]:
    """The training corpus, mirrored clips included, and the validation corpus in its scale; ModelError without them."""
    clips, held_out = load_clips(folder, "train"), load_clips(folder, "validation", mirror=False)
    stats = statistics(clips, folder)
    scale = Scale(
        stats.mean.astype(np.float32), stats.std.astype(np.float32), stats.effort_mean, stats.effort_std,
        stats.jerk_limit, stats.acceleration_limit,
    )  # fmt: skip
    if dance_only:
        clips, held_out = ([c for c in split if c.use == "dance"] for split in (clips, held_out))
    styles = tuple(sorted({c.style for c in clips}))
    return Corpus(clips, scale, styles, device), Corpus(held_out, scale, styles, device)


def path_of(rows: np.ndarray) -> np.ndarray:
    """Where physical feature rows [T, 140] lead, [T, 3]: x, z in metres and heading in radians, from zero on."""
    rows = np.asarray(rows, dtype=float)
    heading = np.concatenate([[0.0], np.cumsum(rows[:-1, YAW_RATE]) / FRAME_RATE_HZ])
    cos, sin = np.cos(heading), np.sin(heading)
    x, z = rows[:, VELOCITY].T / FRAME_RATE_HZ
    step = np.stack([cos * x + sin * z, cos * z - sin * x], axis=-1)[:-1]
    return np.column_stack([np.concatenate([np.zeros((1, 2)), np.cumsum(step, axis=0)]), heading])


def rows_along(poses: np.ndarray, path: np.ndarray) -> np.ndarray:
    """Physical rows [T, 140] whose poses are those of `poses` [T, 140] and that lead along `path` [T, 3].

    The inverse of `path_of`.
    """
    rows = np.array(poses, dtype=float)
    step = np.diff(path, axis=0, append=2 * path[-1:] - path[-2:-1]) * FRAME_RATE_HZ
    cos, sin = np.cos(path[:, 2]), np.sin(path[:, 2])
    rows[:, VELOCITY] = np.stack([cos * step[:, 0] - sin * step[:, 1], cos * step[:, 1] + sin * step[:, 0]], axis=-1)
    rows[:, YAW_RATE] = step[:, 2]
    return rows


def _music(clip: Clip) -> np.ndarray:
    return music_channels(clip.n_frames, clip.beats_frame, clip.strengths, clip.loudness)


def _shares(clips: list[Clip]) -> np.ndarray:
    frames: dict[str, int] = {}
    for clip in clips:
        frames[clip.style] = frames.get(clip.style, 0) + clip.n_frames
    weight = np.array([c.n_frames / np.sqrt(frames[c.style]) * c.weight for c in clips])
    return weight / weight.sum()


def _on(array: np.ndarray, device: torch.device) -> Tensor:
    array = array.astype(np.int64) if array.dtype.kind in "iu" else array.astype(np.float32)
    return torch.from_numpy(np.ascontiguousarray(array)).to(device)


N_EFFORTS, N_MUSIC = len(EFFORTS), len(MUSIC_CHANNELS)
__all__ = ["HEIGHT", "N_EFFORTS", "N_FEATURES", "N_MUSIC", "Corpus", "Scale", "Window", "load_corpora", "path_of",
           "rows_along"]  # fmt: skip
