"""The way across a short gap: a transformer that sees both sides and the straight way between, and bends it.

From here it is known where the gap begins and where it ends, so all is told in one frame: that of the hips' place and
heading in the last frame before the gap. A row has 135 numbers: the 6D form of 22 global rotations, then the hips'
place in metres. The network is trained to come as near as it can to what was danced; generation encodes what it says
and dances that code, so that takes still differ and keep the generator's own detail.

Letters: B gaps, T frames (context, gap, context), W channels of the network, N frames of the gap.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from engine.generation.features import LEARNED_JOINTS, N_ROTATIONS, about_y, to_features
from engine.motion import quaternion
from engine.motion.blend import yaw_rad
from engine.motion.house import FRAME_RATE_HZ, HOUSE, JOINT
from engine.motion.kinematics import local_from_global
from engine.motion.motion import Motion
from engine.motion.rotations import quaternion_from_six_d, six_d_from_quaternion

N_ROW = N_ROTATIONS + 3
N_CONTACTS = 4
PATCH_FRAMES = 4  # of which the transformer makes one token
LONGEST_GAP_FRAMES = 96
CONTEXT_FRAMES = 48  # on either side, at most
_ROOT_SCALE = 2.0
_STEP_SCALE = 8.0
_WAVES = 4
_DETAIL = 128


@dataclass(frozen=True)
class BridgeConfig:
    """What a checkpoint needs to rebuild the network."""

    n_styles: int
    width: int = 256
    layers: int = 4
    heads: int = 4
    feed: int = 768
    dropout: float = 0.1

    def __post_init__(self) -> None:
        whole = (self.n_styles, self.width, self.layers, self.heads, self.feed)
        if not all(type(v) is int and 0 < v <= 4096 for v in whole) or self.width % (2 * self.heads):
            raise ValueError("a bridge's sizes must be whole numbers above zero, its width a multiple of 2 x heads")
        if not 0.0 <= self.dropout < 1.0:
            raise ValueError("a bridge's dropout must lie between 0 and 1")

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON types."""
        return asdict(self)


@dataclass
class Span:
    """Gaps with what lies around them.

    Attributes:
        filled: Rows [B, 135, T], the straight way across in the gap, zero where nothing is told.
        contacts: Where known, else zero, [B, 4, T].
        known, absent: Which frames are told, and which lie beyond all that is told or asked for, 0 or 1, [B, T].
        since, until: Frames from the gap's first frame, and to the first one behind it, [B, T].
        style: Weights that add up to one, or zero where no style is told, [B, S].
        backwards: 1 where time runs backwards, which training does at times, [B].
    """

    filled: Tensor
    contacts: Tensor
    known: Tensor
    absent: Tensor
    since: Tensor
    until: Tensor
    style: Tensor
    backwards: Tensor


class _Layer(nn.Module):
    """A pre-norm transformer layer."""

    def __init__(self, config: BridgeConfig) -> None:
        super().__init__()
        w = config.width
        self.heads, self.dropout = config.heads, config.dropout
        self.norm1, self.norm2 = nn.LayerNorm(w), nn.LayerNorm(w)
        self.qkv, self.out = nn.Linear(w, 3 * w), nn.Linear(w, w)
        self.grow, self.shrink = nn.Linear(w, config.feed), nn.Linear(config.feed, w)

    def forward(self, x: Tensor) -> Tensor:
        b, t, w = x.shape
        q, k, v = self.qkv(self.norm1(x)).view(b, t, 3, self.heads, w // self.heads).permute(2, 0, 3, 1, 4).unbind(0)
        seen = functional.scaled_dot_product_attention(q, k, v).transpose(1, 2).reshape(b, t, w)
        x = x + functional.dropout(self.out(seen), self.dropout, self.training)
        y = self.shrink(functional.gelu(self.grow(self.norm2(x))))
        return x + functional.dropout(y, self.dropout, self.training)


class Bridge(nn.Module):
    """A Span to rows [B, 135, T] and how likely each contact is, as logits [B, 4, T]. T is a multiple of 4."""

    def __init__(self, config: BridgeConfig) -> None:
        super().__init__()
        self.config = config
        n_in = 2 * N_ROW + N_CONTACTS + 2 + 4 * _WAVES
        self.enter = nn.Conv1d(n_in, config.width, 2 * PATCH_FRAMES, stride=PATCH_FRAMES, padding=PATCH_FRAMES // 2)
        self.style = nn.Linear(config.n_styles + 1, config.width, bias=False)
        self.layers = nn.ModuleList(_Layer(config) for _ in range(config.layers))
        self.norm = nn.LayerNorm(config.width)
        self.leave = nn.ConvTranspose1d(config.width, _DETAIL, PATCH_FRAMES, stride=PATCH_FRAMES)
        self.join = nn.Conv1d(_DETAIL + n_in, _DETAIL, 5, padding=2)
        self.last = nn.Conv1d(_DETAIL, N_ROW + N_CONTACTS, 5, padding=2)
        nn.init.zeros_(self.last.weight)
        if self.last.bias is not None:
            nn.init.zeros_(self.last.bias)

    def forward(self, span: Span) -> tuple[Tensor, Tensor]:
        seen = self._seen(span)
        told = self.style(torch.cat([span.style, span.backwards[:, None]], dim=1))
        x = self.enter(seen).transpose(1, 2) + told[:, None]
        for layer in self.layers:
            x = layer(x)
        fine = self.leave(self.norm(x).transpose(1, 2))
        fine = functional.gelu(self.join(torch.cat([fine, seen], dim=1)))
        with torch.autocast(fine.device.type, enabled=False):  # in half precision motion would tremble
            out = self.last(fine.float())
        return span.filled + out[:, :N_ROW], out[:, N_ROW:]

    @staticmethod
    def _seen(span: Span) -> Tensor:
        rows = torch.cat([span.filled[:, :N_ROTATIONS], _ROOT_SCALE * span.filled[:, N_ROTATIONS:]], dim=1)
        steps = functional.pad(_STEP_SCALE * (rows[..., 1:] - rows[..., :-1]), (1, 0))
        waves = []
        for frames in (span.since, span.until):
            for i in range(_WAVES):
                angle = frames[:, None] * (0.5 * torch.pi / (4.0 * 3.0**i))
                waves += [torch.sin(angle), torch.cos(angle)]
        return torch.cat([rows, steps, span.contacts, span.known[:, None], span.absent[:, None], *waves], dim=1)


def straight(rows: Tensor, start: Tensor, n: Tensor) -> Tensor:
    """Rows [B, 135, T] whose frames [start, start + n) lead straight from the one before to the one after; [B] each."""
    t = torch.arange(rows.shape[-1], device=rows.device)[None]
    first, after = start[:, None] - 1, (start + n)[:, None]
    ends = [rows.gather(2, at[:, None].expand(-1, rows.shape[1], 1)) for at in (first, after)]
    share = ((t - first) / (n[:, None] + 1)).clamp(0.0, 1.0)[:, None]
    inside = ((t > first) & (t < after))[:, None]
    return torch.where(inside, torch.lerp(ends[0], ends[1], share), rows)


def span_of(
    rows: Tensor, contacts: Tensor, start: Tensor, n: Tensor, begin: Tensor, end: Tensor, style: Tensor,
    backwards: Tensor,
) -> Span:  # fmt: skip
    """The span of rows [B, 135, T] and contacts [B, 4, T] whose frames [start, start + n) are not known, told from
    `begin` to `end`, all [B]."""
    t = torch.arange(rows.shape[-1], device=rows.device)[None]
    told = (t >= begin[:, None]) & (t < end[:, None])
    gap = (t >= start[:, None]) & (t < (start + n)[:, None])
    known = (told & ~gap).float()
    filled = straight(rows, start, n) * told[:, None]
    since, until = (t - start[:, None]).float(), ((start + n)[:, None] - t).float()
    return Span(filled, contacts * known[:, None], known, (~told).float(), since, until, style, backwards)


# --- one gap of motion -------------------------------------------------------------------------------


def rows_of(motion: Motion, place_m: np.ndarray, heading_rad: float) -> np.ndarray:
    """Rows [T, 135] of house motion seen from a place on the floor and a heading."""
    back = about_y(np.array(-heading_rad))
    _, rotations = motion.global_transforms()
    seen = quaternion.multiply(back, rotations[:, list(LEARNED_JOINTS)])
    root = quaternion.rotate(back, motion.root_positions_m - place_m * [1.0, 0.0, 1.0])
    return np.concatenate([six_d_from_quaternion(seen).reshape(motion.n_frames, -1), root], axis=1)


def motion_of(rows: np.ndarray, place_m: np.ndarray, heading_rad: float) -> Motion:
    """The inverse of `rows_of`."""
    turn = about_y(np.array(heading_rad))
    n = len(rows)
    seen = quaternion_from_six_d(rows[:, :N_ROTATIONS].reshape(n, len(LEARNED_JOINTS), 6))
    rotations = np.empty((n, HOUSE.n_joints, 4))
    rotations[:, list(LEARNED_JOINTS)] = quaternion.multiply(turn, seen)
    for side in ("Left", "Right"):
        rotations[:, JOINT[side + "FingerBase"]] = rotations[:, JOINT[side + "Hand"]]
    root = quaternion.rotate(turn, rows[:, N_ROTATIONS:]) + place_m * [1.0, 0.0, 1.0]
    local = quaternion.normalize(quaternion.unroll(local_from_global(HOUSE, rotations)))
    return Motion(HOUSE, FRAME_RATE_HZ, root, local)


@torch.inference_mode()
def across(
    bridge: Bridge, before: Motion, before_contacts: np.ndarray, n_frames: int, after: Motion,
    after_contacts: np.ndarray, style: np.ndarray,
) -> tuple[Motion, np.ndarray]:  # fmt: skip
    """The motion that leads from `before` to `after` in `n_frames` frames, and how likely its contacts are, [N, 4].

    Both are house motions with at least one frame; the CONTEXT_FRAMES nearest count. `style` [S] are weights that add
    up to one.
    """
    before, after = before.slice(max(0, before.n_frames - CONTEXT_FRAMES), before.n_frames), _first(after)
    before_contacts, after_contacts = before_contacts[-before.n_frames :], after_contacts[: after.n_frames]
    place, heading = before.root_positions_m[-1], float(yaw_rad(before.local_rotations[-1, 0]))
    start, end = before.n_frames, before.n_frames + n_frames + after.n_frames
    total = -(-end // PATCH_FRAMES) * PATCH_FRAMES
    rows, contacts = np.zeros((total, N_ROW)), np.zeros((total, N_CONTACTS))
    rows[:start], contacts[:start] = rows_of(before, place, heading), before_contacts
    rows[start + n_frames : end], contacts[start + n_frames : end] = rows_of(after, place, heading), after_contacts
    device = next(bridge.parameters()).device

    def put(values: np.ndarray) -> Tensor:
        return torch.from_numpy(values.T[np.newaxis].astype(np.float32)).to(device)

    def at(frame: int) -> Tensor:
        return torch.tensor([frame], device=device)

    span = span_of(
        put(rows), put(contacts), at(start), at(n_frames), at(0), at(end), put(style), torch.zeros(1, device=device)
    )
    made, touching = bridge(span)
    gap = slice(start, start + n_frames)
    out = made[0, :, gap].T.cpu().double().numpy()
    return motion_of(out, place, heading), torch.sigmoid(touching[0, :, gap]).T.cpu().double().numpy()


def _first(after: Motion) -> Motion:
    return after.slice(0, min(CONTEXT_FRAMES, after.n_frames))


def bridged_features(
    bridge: Bridge, before: Motion, before_contacts: np.ndarray, n_frames: int, after: Motion,
    after_contacts: np.ndarray, style: np.ndarray,
) -> np.ndarray:  # fmt: skip
    """Feature rows [n_frames, 140] of the way across; see `across`."""
    motion, contacts = across(bridge, before, before_contacts, n_frames, after, after_contacts, style)
    # With the first frame behind the gap, so that the last row's step leads there.
    root = np.concatenate([motion.root_positions_m, after.root_positions_m[:1]])
    local = np.concatenate([motion.local_rotations, after.local_rotations[:1]])
    whole = Motion(HOUSE, FRAME_RATE_HZ, root, local)
    return to_features(whole, np.concatenate([contacts, contacts[-1:]]))[:n_frames]
