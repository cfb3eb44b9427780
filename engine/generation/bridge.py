"""The way across a short gap: a transformer that sees both sides and the straight way between, and bends it.

From here it is known where the gap begins and where it ends, so all is told in one frame: that of the hips' place and
heading in the last frame before the gap. A row has 135 numbers: the 6D form of 22 global rotations, then the hips'
place in metres. The network is trained to come as near as it can to what was danced; generation encodes what it says
and dances that code, so that takes still differ and keep the generator's own detail.

Letters: B gaps, T frames (context, gap, context), W channels of the network, N frames of the gap.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
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
from engine.motion.mirror import mirrored
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
    up to one. The network is asked four times, in the mirror and with time reversed too, and the mean of its answers
    taken: what it is unsure of comes out less far from the truth.
    """
    before, after = before.slice(max(0, before.n_frames - CONTEXT_FRAMES), before.n_frames), _first(after)
    ends = _Ends(before, before_contacts[-before.n_frames :], after, after_contacts[: after.n_frames])
    seen = [_seen(ends, in_mirror, backwards) for in_mirror, backwards in _LOOKS]
    place, heading = _anchor(before)
    made, touching = _asked(bridge, seen, n_frames, style)
    rows, contacts = [], []
    for (in_mirror, backwards), look, answer, touch in zip(_LOOKS, seen, made, touching, strict=True):
        back = _looked(motion_of(answer, *_anchor(look.before)), in_mirror, backwards)
        rows.append(rows_of(back, place, heading))
        contacts.append(_looked_contacts(touch, in_mirror, backwards))
    return motion_of(np.mean(rows, axis=0), place, heading), np.mean(contacts, axis=0)


# In the mirror, and backwards.
_LOOKS = ((False, False), (True, False), (False, True), (True, True))


@dataclass(frozen=True, eq=False)
class _Ends:
    """What lies on either side of a gap, and its contacts."""

    before: Motion
    before_contacts: np.ndarray
    after: Motion
    after_contacts: np.ndarray


def _anchor(before: Motion) -> tuple[np.ndarray, float]:
    return before.root_positions_m[-1], float(yaw_rad(before.local_rotations[-1, 0]))


def _looked(motion: Motion, in_mirror: bool, backwards: bool) -> Motion:
    """The motion in the mirror or with time reversed, or both; twice is as it was."""
    motion = mirrored(motion) if in_mirror else motion
    if not backwards:
        return motion
    root, local = motion.root_positions_m[::-1], motion.local_rotations[::-1]
    return replace(motion, root_positions_m=root.copy(), local_rotations=local.copy())


def _looked_contacts(contacts: np.ndarray, in_mirror: bool, backwards: bool) -> np.ndarray:
    contacts = contacts[:, [2, 3, 0, 1]] if in_mirror else contacts
    return contacts[::-1] if backwards else contacts


def _seen(ends: _Ends, in_mirror: bool, backwards: bool) -> _Ends:
    before, after = (_looked(motion, in_mirror, backwards) for motion in (ends.before, ends.after))
    first, last = (_looked_contacts(c, in_mirror, backwards) for c in (ends.before_contacts, ends.after_contacts))
    return _Ends(after, last, before, first) if backwards else _Ends(before, first, after, last)


def _asked(bridge: Bridge, seen: list[_Ends], n_frames: int, style: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Rows [B, N, 135] and likely contacts [B, N, 4] across each gap, seen from the frame before it."""
    end = seen[0].before.n_frames + n_frames + seen[0].after.n_frames
    total = -(-end // PATCH_FRAMES) * PATCH_FRAMES
    rows, contacts = np.zeros((len(seen), total, N_ROW)), np.zeros((len(seen), total, N_CONTACTS))
    starts = [ends.before.n_frames for ends in seen]
    for i, (ends, start) in enumerate(zip(seen, starts, strict=True)):
        rows[i, :start], contacts[i, :start] = rows_of(ends.before, *_anchor(ends.before)), ends.before_contacts
        rows[i, start + n_frames : end] = rows_of(ends.after, *_anchor(ends.before))
        contacts[i, start + n_frames : end] = ends.after_contacts
    device = next(bridge.parameters()).device

    def put(values: np.ndarray) -> Tensor:
        return torch.from_numpy(values.astype(np.float32)).to(device)

    def each(values: list[int]) -> Tensor:
        return torch.tensor(values, device=device)

    span = span_of(
        put(rows.transpose(0, 2, 1)), put(contacts.transpose(0, 2, 1)), each(starts), each([n_frames] * len(seen)),
        each([0] * len(seen)), each([end] * len(seen)), put(np.tile(style, (len(seen), 1))),
        put(np.array([float(backwards) for _, backwards in _LOOKS])),
    )  # fmt: skip
    made, touching = (x.transpose(1, 2).cpu().double() for x in bridge(span))
    inside = [slice(start, start + n_frames) for start in starts]
    likely = torch.sigmoid(touching)
    return (
        np.stack([made[i, gap].numpy() for i, gap in enumerate(inside)]),
        np.stack([likely[i, gap].numpy() for i, gap in enumerate(inside)]),
    )


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
