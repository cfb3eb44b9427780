"""Training windows cut, stretched and masked where the networks are: a whole batch at once, by tensor operations alone.

On a graphics card nothing comes from the processor while a step runs, so that a step can be recorded once and
replayed. On the processor the same code draws from torch's generator.

Letters: B windows, T frames, C columns, N frames of all clips together.
"""

from __future__ import annotations

import math

import numpy as np
import torch
from torch import Tensor

from engine.generation.conditioning import ACCENT_SIGMA_FRAMES
from engine.generation.features import MASK_PARTS, N_ROTATIONS, part_columns
from engine.generation.training.dataset import Clip, Statistics
from engine.motion.house import FRAME_RATE_HZ

# Frames of real motion that a window brings on either side: what codes at its edges are made of.
MARGIN = 32
STRETCH = 0.12
_OVERHANG = 8.0  # frames by which a window may stand out of its clip
_SLOWEST_BEAT_FRAMES = 2.0 * FRAME_RATE_HZ


class Windows:
    """Draws windows, styles balanced: a style's share grows with the root of its minutes.

    Attributes:
        clips: What is drawn from. column_part: To which of MASK_PARTS each feature column belongs, int [140].
    """

    def __init__(
        self, clips: list[Clip], stats: Statistics, styles: list[str], n_frames: int, device: torch.device
    ) -> None:
        self.clips, self.n_frames, self.device = clips, n_frames, device
        self.column_part = np.zeros(140, dtype=int)
        for i, part in enumerate(MASK_PARTS):
            self.column_part[part_columns(part)] = i
        frames: dict[str, int] = {}
        for clip in clips:
            frames[clip.style] = frames.get(clip.style, 0) + clip.n_frames
        weight = np.array([c.n_frames / np.sqrt(frames[c.style]) * c.weight for c in clips])
        self._cumulative = self._put(np.cumsum(weight / weight.sum()))
        self._features = self._put(np.concatenate([c.features for c in clips]))
        self._valid = self._put(np.concatenate([c.valid for c in clips])) > 0.5
        self._effort = self._put(np.concatenate([c.effort for c in clips]))
        self._loudness = self._put(np.concatenate([c.loudness for c in clips]))
        self._pulse = self._put(np.concatenate([_pulse(c) for c in clips]))
        self._observed = self._put(np.stack([c.observed for c in clips]))
        lengths = np.array([c.n_frames for c in clips])
        self._length = self._put(lengths)
        self._first = torch.from_numpy(np.concatenate([[0], np.cumsum(lengths)[:-1]])).to(device)
        self._style = torch.from_numpy(np.array([styles.index(c.style) for c in clips])).to(device)
        self._one_style = torch.eye(len(styles), device=device)
        self._columns = torch.from_numpy(self.column_part).to(device)
        self.mean, self.std = self._put(stats.mean), self._put(stats.std)
        self._effort_mean, self._effort_std = self._put(stats.effort_mean), self._put(stats.effort_std)
        self._effort_speed = torch.tensor([1.0, 1.0, 0.0, 0.0, 0.0, 0.0], device=device)
        self._window = torch.arange(-MARGIN, n_frames + MARGIN, device=device)

    def _put(self, array: np.ndarray) -> Tensor:
        return torch.from_numpy(np.ascontiguousarray(array, dtype=np.float32)).to(self.device)

    def batch(self, size: int, augment: bool = True) -> dict[str, Tensor]:
        """`size` windows, all float32, batch first and time last; see model.Condition.

        features [B, 140, T]; wide, the same with MARGIN frames on either side; mask [B, 7, T] and column_mask
        [B, 140, T]; music, effort [B, 6, T]; own_effort, the window's effort, which no row lacks; style [B, S];
        valid [B, T]; observed [B, 22]. Without `augment` nothing is stretched and no condition dropped.
        """
        draw = self._draw(size)
        clip = torch.searchsorted(self._cumulative, draw[:, 0].contiguous()).clamp_max(len(self.clips) - 1)
        rate = torch.exp((2.0 * draw[:, 1] - 1.0) * STRETCH) if augment else torch.ones_like(draw[:, 1])
        span, length = self.n_frames * rate, self._length[clip]
        room = (length - span + _OVERHANG).clamp_min(1.0) + _OVERHANG
        start = torch.where(length > span, draw[:, 2] * room - _OVERHANG, torch.zeros_like(span))
        at = start[:, None] + self._window * rate[:, None]
        inside = (at >= 0) & (at <= length[:, None] - 1)
        exact = torch.minimum(at.clamp_min(0.0), length[:, None] - 1)
        low = torch.minimum(exact.floor(), length[:, None] - 2)
        index, share = self._first[clip][:, None] + low.long(), (exact - low)[..., None]
        rows = torch.lerp(self._features[index], self._features[index + 1], share)
        moving = rate[:, None, None] * inside[..., None]
        rows = torch.cat(
            [rows[..., :N_ROTATIONS], rows[..., N_ROTATIONS : N_ROTATIONS + 3] * moving, rows[..., N_ROTATIONS + 3 :]],
            dim=-1,
        )
        wide = ((rows - self.mean) / self.std).transpose(1, 2).contiguous()
        inner = slice(MARGIN, MARGIN + self.n_frames)
        near = (self._first[clip][:, None] + exact.round().long())[:, inner]
        effort = self._effort[near] * (1.0 + self._effort_speed * (rate[:, None, None] - 1.0))
        effort = ((effort - self._effort_mean) / self._effort_std).clamp(-4.0, 4.0).transpose(1, 2)
        music = self._music(index[:, inner], at[:, inner], rate, low[:, inner], near)
        style, told = self._one_style[self._style[clip]], torch.ones_like(draw[:, 3:4, None])
        if augment:
            music = self._with_less_told(music, draw[:, 4:7])
            told = (draw[:, 3:4, None] > 0.2).float()
            anyone = (draw[:, 7:8] < 0.1).float()
            style = style + anyone * (1.0 / style.shape[1] - style)
        mask = self._mask(size)
        return {
            "features": wide[..., inner], "wide": wide, "mask": mask, "column_mask": mask[:, self._columns],
            "music": music, "effort": effort * told, "own_effort": effort, "style": style,
            "valid": (inside & self._valid[self._first[clip][:, None] + exact.round().long()])[:, inner].float(),
            "observed": self._observed[clip],
        }  # fmt: skip

    def _draw(self, size: int, n: int = 8) -> Tensor:
        return torch.rand(size, n, device=self.device)

    def _music(self, index: Tensor, at: Tensor, rate: Tensor, low: Tensor, near: Tensor) -> Tensor:
        """Music channels [B, 6, T] in the order of MUSIC_CHANNELS."""
        back, ahead, strength_back, strength_ahead = self._pulse[index].unbind(-1)
        since, until = at - low + back, ahead - (at - low)  # clip frames from the beat before, and to the beat after
        period = (since + until).clamp_min(1.0)
        known = ((since >= 0) & (until >= 0) & (period <= _SLOWEST_BEAT_FRAMES * rate[:, None])).float()
        phase = 2.0 * math.pi * since / period
        sigma = ACCENT_SIGMA_FRAMES * rate[:, None]
        bells = [s * torch.exp(-0.5 * (d / sigma) ** 2) for s, d in ((strength_back, since), (strength_ahead, until))]
        frequency = FRAME_RATE_HZ * rate[:, None] / period / 2.0
        rows = (
            torch.maximum(*bells), torch.sin(phase) * known, torch.cos(phase) * known, known * frequency, known,
            self._loudness[near],
        )  # fmt: skip
        return torch.stack(rows, dim=1)

    @staticmethod
    def _with_less_told(music: Tensor, draw: Tensor) -> Tensor:
        """Of some rows the loudness is not told, of some the accents, of some nothing."""
        quiet, even, silent = (draw[:, i, None] for i in range(3))
        loudness = torch.where(quiet < 0.5, music[:, 5], torch.full_like(music[:, 5], 0.5))
        accent = music[:, 0] * (even > 0.1)
        music = torch.cat([accent[:, None], music[:, 1:5], loudness[:, None]], dim=1)
        return music * (silent > 0.1)[..., None]

    def _mask(self, size: int) -> Tensor:
        """What is known, [B, n_mask, T]: 35 % nothing, 35 % both ends, 12 % the past, 18 % some parts locked."""
        n, draw = self.n_frames, self._draw(size, 5)
        t = torch.arange(n, device=self.device)
        kind = draw[:, :1]
        gap = (15 + draw[:, 1:2] * (n - 24 - 15)).floor()
        start = (8 + draw[:, 2:3] * (n - gap - 15)).floor()
        both = ((t < start) | (t >= start + gap)) & (kind >= 0.35) & (kind < 0.70)
        past = (t < (8 + draw[:, 3:4] * (n // 2 - 8)).floor()) & (kind >= 0.70) & (kind < 0.82)
        whole = (both | past)[:, None].expand(-1, len(MASK_PARTS), -1)
        locked = (self._draw(size, len(MASK_PARTS)) < 0.4) & (kind >= 0.82)
        locked = torch.cat([draw[:, 4:5] < 0.25, locked[:, 1:]], dim=1)
        return (whole | locked[:, :, None]).float()


def _pulse(clip: Clip) -> np.ndarray:
    """Of every frame: clip frames back to the beat before and on to the beat after, and their strengths, [T, 4].

    Where there is none, it is far away and has no strength.
    """
    t, far = np.arange(clip.n_frames, dtype=float), 1e4
    beats = np.concatenate([[-far], clip.beats_frame, [clip.n_frames + far]])
    strengths = np.concatenate([[0.0], clip.strengths, [0.0]])
    after = np.searchsorted(beats, t, side="right")
    return np.stack([t - beats[after - 1], beats[after] - t, strengths[after - 1], strengths[after]], axis=1)
