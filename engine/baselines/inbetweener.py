"""A Transformer that fills gaps: sees what is known on either side, and regresses what lies between.

After Qin et al. 2022 ("Motion in-betweening via two-stage transformers") and Akhoundi et al. 2025 ("SILK"): one
encoder, no noise. Its answer is a correction of the straight way across. Since one answer must do for many right
ones it grows soft over long gaps, which is what it stands here for.

A row has 141 numbers: 132 of rotations as engine.generation.features has them, then x, z, cosine and sine of the
heading, height, and 4 contacts; place and heading are seen from a reference frame, not as speeds, so that the way
arrives where it must.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from engine.baselines.corpus import N_MUSIC, Window
from engine.generation.features import CONTACTS, HEIGHT, N_ROTATIONS

N_ROWS = N_ROTATIONS + 9
PLACE = slice(N_ROTATIONS, N_ROTATIONS + 2)
HEADING = slice(N_ROTATIONS + 2, N_ROTATIONS + 4)
ROOT_HEIGHT = N_ROTATIONS + 4
FEET = slice(N_ROTATIONS + 5, N_ROTATIONS + 9)
PLACE_SCALE_M = 0.5
MOST_FRAMES = 160
_FAR = 96.0  # frames to what is known; further is as far


class Inbetweener(nn.Module):
    """Rows with a gap, and what is known, to whole rows."""

    def __init__(self, n_styles: int, width: int = 224, n_layers: int = 4, n_heads: int = 7) -> None:
        super().__init__()
        self.take = nn.Linear(N_ROWS + N_MUSIC + 4, width)
        self.near = nn.Conv1d(width, width, 9, padding=4, groups=width)
        self.style = nn.Linear(n_styles, width, bias=False)
        self.bias = nn.Parameter(torch.zeros(n_heads, 2 * MOST_FRAMES - 1))
        self.layers = nn.ModuleList(_Layer(width, n_heads) for _ in range(n_layers))
        self.norm = nn.LayerNorm(width)
        self.give = nn.Linear(width, N_ROWS)
        with torch.no_grad():
            self.give.weight.mul_(0.1)

    def forward(self, rows: Tensor, known: Tensor, music: Tensor, style: Tensor) -> Tensor:
        """Whole normalised rows [B, T, 141]; where `known` is 1 they are those given, to the bit.

        Args:
            rows: Normalised, [B, T, 141]; what stands in the gap is not looked at.
            known: 1 or 0, [B, T].
            music: [B, T, 6].
            style: Weights that add up to one, [B, S].
        """
        straight, before, after = straight_way(rows, known)
        place = torch.stack([known, before, after, (1.0 - known) * (before + after)], dim=-1)
        x = self.take(torch.cat([straight, music, place], dim=-1)) + self.style(style)[:, None]
        x = x + self.near(x.transpose(1, 2)).transpose(1, 2)
        t = rows.shape[1]
        frame = torch.arange(t, device=rows.device)
        bias = self.bias[:, frame[:, None] - frame[None] + MOST_FRAMES - 1]
        for layer in self.layers:
            x = layer(x, bias)
        made = straight + self.give(self.norm(x))
        return torch.where(known[..., None] > 0.5, rows, made)


class _Layer(nn.Module):
    def __init__(self, width: int, n_heads: int) -> None:
        super().__init__()
        self.n_heads = n_heads
        self.norm, self.norm_after = nn.LayerNorm(width), nn.LayerNorm(width)
        self.triple, self.out = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.feed = nn.Sequential(nn.Linear(width, 4 * width), nn.GELU(), nn.Linear(4 * width, width))
        self.drop = nn.Dropout(0.05)

    def forward(self, x: Tensor, bias: Tensor) -> Tensor:
        b, t, width = x.shape
        q, k, v = self.triple(self.norm(x)).reshape(b, t, 3, self.n_heads, -1).permute(2, 0, 3, 1, 4)
        seen = functional.scaled_dot_product_attention(q, k, v, attn_mask=bias.to(q.dtype))
        x = x + self.drop(self.out(seen.transpose(1, 2).reshape(b, t, width)))
        return x + self.drop(self.feed(self.norm_after(x)))


def straight_way(rows: Tensor, known: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Rows [B, T, C] with gaps bridged by straight lines (held where one side is open, zero where nothing is known),
    and how far away the last and the next known frame are, 0 to 1, [B, T] each."""
    t = known.shape[1]
    frame = torch.arange(t, device=rows.device, dtype=rows.dtype).expand_as(known)
    sure = known > 0.5
    last = torch.where(sure, frame, torch.full_like(frame, -1.0)).cummax(dim=1).values
    following = torch.where(sure, frame, torch.full_like(frame, float(t))).flip(1).cummin(dim=1).values.flip(1)
    has_last, has_next = last >= 0, following < t
    low = torch.where(has_last, last, following).clamp(0, t - 1)
    high = torch.where(has_next, following, last).clamp(0, t - 1)
    share = (frame - low) / (high - low).clamp_min(1.0)
    index_low, index_high = (i.long()[..., None].expand_as(rows) for i in (low, high))
    bridged = torch.lerp(rows.gather(1, index_low), rows.gather(1, index_high), share.clamp(0.0, 1.0)[..., None])
    bridged = bridged * (has_last | has_next)[..., None]
    before = torch.where(has_last, ((frame - last) / _FAR).clamp_max(1.0), torch.ones_like(frame))
    after = torch.where(has_next, ((following - frame) / _FAR).clamp_max(1.0), torch.ones_like(frame))
    return bridged, before, after


def placed_rows(window: Window, reference: Tensor) -> Tensor:
    """Normalised rows [B, T, 141] of a window, seen from each one's `reference` frame, int [B]."""
    path = window.path.transpose(1, 2)
    at = path.gather(1, reference[:, None, None].expand(-1, 1, 3))
    turn = path[..., 2] - at[..., 2]
    cos, sin = torch.cos(-at[..., 2]), torch.sin(-at[..., 2])
    x, z = path[..., 0] - at[..., 0], path[..., 1] - at[..., 1]
    place = torch.stack([cos * x + sin * z, cos * z - sin * x], dim=-1) / PLACE_SCALE_M
    heading = torch.stack([torch.cos(turn), torch.sin(turn)], dim=-1)
    features = window.features.transpose(1, 2)
    parts = (features[..., :N_ROTATIONS], place, heading, features[..., HEIGHT, None], features[..., CONTACTS])
    return torch.cat(parts, dim=-1)


def as_path_and_features(rows: Tensor, features: Tensor) -> tuple[Tensor, Tensor]:
    """Path [B, T, 3] seen from the reference (heading within half a turn), and normalised features [B, T, 140] that
    take poses from the rows and speeds from `features`, where they do not count."""
    heading = torch.atan2(rows[..., HEADING.stop - 1], rows[..., HEADING.start])
    path = torch.cat([rows[..., PLACE] * PLACE_SCALE_M, heading[..., None]], dim=-1)
    posed = (
        rows[..., :N_ROTATIONS], features[..., N_ROTATIONS : N_ROTATIONS + 3], rows[..., ROOT_HEIGHT, None],
        rows[..., FEET],
    )  # fmt: skip
    return path, torch.cat(posed, dim=-1)
