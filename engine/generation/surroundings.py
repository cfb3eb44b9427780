"""What lies around a segment and what of it is kept: all that neither seed, style nor emotion change."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from engine.errors import RequestRefused
from engine.generation.bank import ENTRY_STRIDE
from engine.generation.body_state import body_states
from engine.generation.bridge import LONGEST_GAP_FRAMES, bridged_features
from engine.generation.checkpoint import TrainedModel
from engine.generation.features import MASK_PARTS, N_FEATURES, part_columns, to_features
from engine.generation.model import Encoder
from engine.generation.model_constants import CODE_STRIDE, DENSE_LEAD
from engine.generation.recall import Hole, Recalled, compared_frames, recalled
from engine.generation.request import GenerationRequest, locked_closure
from engine.generation.sampler import DENSE_REACH, ON_GRID, n_dense
from engine.motion.blend import yaw_rad
from engine.motion.contacts import detect_contacts
from engine.motion.house import BODY_PARTS, FRAME_RATE_HZ, HOUSE
from engine.motion.motion import Motion, concatenate

CONTEXT_FRAMES = 3 * CODE_STRIDE


class Frame:
    """Where the segment lies among the frames that are decoded: context, segment, context, padding."""

    def __init__(self, lead: int, n: int, trail: int) -> None:
        self.lead, self.n, self.used = lead, n, lead + n + trail
        self.total = -(-self.used // CODE_STRIDE) * CODE_STRIDE


@dataclass(frozen=True, eq=False)
class Surroundings:
    """A segment's place among what is fixed.

    Attributes:
        frame: Where the segment lies among the decoded frames.
        before, after: The context's frames nearest to the segment.
        known, mask: Known feature rows [total, 140] and the mask over MASK_PARTS [total, 7].
        state, end_state: Of the body before and after, [S], where known.
        codes: What the encoder makes of the context, the segment bridged, every fourth frame as in sampler.Decoding's
            `dense`; None without context.
        recalled: Ways of the bank across a short segment; None where there is none.
        place_m, heading_rad: Where the segment's first frame is and faces.
        path_kept: Whether the hips stay on the present motion's path.
        kept_joints: Those that must stay where they are. kept_rotations: Their global rotations, [n, K, 4].
    """

    frame: Frame
    before: Motion | None
    after: Motion | None
    known: np.ndarray
    mask: np.ndarray
    state: np.ndarray | None
    end_state: np.ndarray | None
    codes: np.ndarray | None
    recalled: Recalled | None
    place_m: np.ndarray
    heading_rad: float
    path_kept: bool
    kept_joints: tuple[int, ...]
    kept_rotations: np.ndarray


def surroundings(request: GenerationRequest, model: TrainedModel, style: np.ndarray) -> Surroundings:
    """The surroundings of a request's segment; RequestRefused for motion that is not on the house skeleton.

    `style` [n_styles] are weights that add up to one; short segments are bridged in it.
    """
    before, after = _nearest(request.before, -CONTEXT_FRAMES), _nearest(request.after, CONTEXT_FRAMES)
    frame = Frame(before.n_frames if before else 0, request.n_frames, after.n_frames if after else 0)
    known, mask = _known(request, frame, before, after)
    lead, end = frame.lead, frame.lead + frame.n
    across = _bridged(model, before, frame, after, style)
    place, heading = _start(request, before)
    joints = tuple(j for part in sorted(locked_closure(request.locked)) for j in BODY_PARTS[part])
    kept = np.zeros((request.n_frames, 0, 4))
    if joints and request.current is not None:
        kept = request.current.global_transforms()[1][:, joints]
    state = body_states(known[lead - 2 : lead])[-1] if before is not None else None
    end_state = body_states(known[end : end + 2])[0] if after is not None else None
    codes = _context_codes(model, known, mask, across) if lead or frame.used > end else None
    found = None
    if across and before and after and state is not None and end_state is not None and codes is not None:
        near = _codes_at(codes, lead - compared_frames(lead)), _codes_at(codes, end + compared_frames(after.n_frames))
        found = recalled(model.bank, Hole(frame.n, before, after, state, end_state, *near))
    return Surroundings(
        frame, before, after, known, mask, state, end_state, codes, found, place, heading, _path_kept(request), joints,
        kept,
    )  # fmt: skip


def _path_kept(request: GenerationRequest) -> bool:
    return request.keep_path or bool(request.locked)


def _nearest(context: Motion | None, count: int) -> Motion | None:
    """The frames of the context nearest to the segment: its last (count < 0) or first; a single pose is held."""
    if context is None or context.n_frames == 0:
        return None
    _house_only(context)
    if context.n_frames == 1:
        context = concatenate([context, context])
    n = min(context.n_frames, abs(count))
    return context.slice(context.n_frames - n, context.n_frames) if count < 0 else context.slice(0, n)


def _house_only(motion: Motion) -> None:
    if motion.skeleton.names != HOUSE.names or abs(motion.frame_rate_hz - FRAME_RATE_HZ) > 1e-6:
        raise RequestRefused("The motion around the segment must be on the house skeleton at 30 frames per second.")


def _known(
    request: GenerationRequest, frame: Frame, before: Motion | None, after: Motion | None
) -> tuple[np.ndarray, np.ndarray]:
    known, mask = np.zeros((frame.total, N_FEATURES)), np.zeros((frame.total, len(MASK_PARTS)))
    lead, end = frame.lead, frame.lead + frame.n
    if before is not None:
        known[:lead] = to_features(before, detect_contacts(before))
        mask[:lead] = 1.0
    if after is not None:
        known[end : frame.used] = to_features(after, detect_contacts(after))
        mask[end : frame.used] = 1.0
    parts = locked_closure(request.locked)
    if request.current is not None and (parts or request.keep_path):
        _house_only(request.current)
        known[lead:end] = to_features(request.current, detect_contacts(request.current))
        for i, part in enumerate(MASK_PARTS):
            if part in parts or (part == "path" and _path_kept(request)):
                mask[lead:end, i] = 1.0
    return known, mask


def _bridged(
    model: TrainedModel, before: Motion | None, frame: Frame, after: Motion | None, style: np.ndarray
) -> tuple[int, np.ndarray] | None:
    """Where a short segment between fixed motion begins, and the rows [n, 140] that lead across it."""
    if model.bridge is None or before is None or after is None or frame.n > LONGEST_GAP_FRAMES:
        return None
    contacts = (detect_contacts(before), detect_contacts(after))
    rows = bridged_features(model.bridge, before, contacts[0], frame.n, after, contacts[1], style)
    return frame.lead, rows


def _context_codes(
    model: TrainedModel, known: np.ndarray, mask: np.ndarray, across: tuple[int, np.ndarray] | None
) -> np.ndarray:
    """What the encoder makes of the motion around the segment, which is bridged, [n_dense, code_size].

    Where no rows lead `across`, numbers go straight from one side to the other.
    """
    frames = np.arange(len(known))
    sure = np.flatnonzero(mask.min(axis=1) > 0)
    if across is not None:
        gap = slice(across[0], across[0] + len(across[1]))
        known = known.copy()
        known[gap] = np.where(_column_mask(mask[gap]), known[gap], across[1])
        sure = np.union1d(sure, frames[gap])
    rows = np.stack([np.interp(frames, sure, column[sure]) for column in known.T], axis=0)
    rows = (rows - model.mean[:, np.newaxis]) / model.std[:, np.newaxis]
    with torch.inference_mode():
        return _dense_codes(model.encoder, torch.from_numpy(rows[np.newaxis].astype(np.float32)).to(model.device))


def _codes_at(dense: np.ndarray, frames: np.ndarray) -> np.ndarray:
    """Those of the dense codes whose middles lie at some decoded frames."""
    return dense[np.round((frames + DENSE_LEAD - CODE_STRIDE // 2) / ENTRY_STRIDE).astype(int)]


def _column_mask(mask: np.ndarray) -> np.ndarray:
    """Which feature columns are known, bool [T, 140], of the mask over MASK_PARTS [T, 7]."""
    out = np.zeros((len(mask), N_FEATURES), dtype=bool)
    for i, part in enumerate(MASK_PARTS):
        out[:, part_columns(part)] = mask[:, i : i + 1] > 0
    return out


def _dense_codes(encoder: Encoder, rows: Tensor) -> np.ndarray:
    """The codes of normalised rows [1, 140, T] at every fourth frame, [n_dense, code_size].

    Between the cells the linear part, which is nearly all of a code, is computed, and the rest interpolated.
    """
    mean, _ = encoder(rows)
    learned = mean[0].T.cpu().double().numpy()
    places = np.arange(n_dense(rows.shape[-1]))
    linear, dense = encoder.linear, np.zeros((len(places), learned.shape[1]))
    if linear is not None:
        padded = functional.pad(rows, (DENSE_REACH, DENSE_REACH))
        dense = functional.conv1d(padded, linear.weight, linear.bias, stride=ENTRY_STRIDE)[0].T.cpu().double().numpy()
    shares = [np.interp(places, places[ON_GRID], cell) for cell in np.eye(len(learned))]
    between: np.ndarray = np.stack(shares, axis=1) @ (learned - dense[ON_GRID])
    return dense + between


def _start(request: GenerationRequest, before: Motion | None) -> tuple[np.ndarray, float]:
    """Where the segment's first frame is and faces."""
    if before is not None:
        earlier, last = before.root_positions_m[-2:]
        return last + (last - earlier), float(yaw_rad(before.local_rotations[-1, 0]))
    if request.current is not None and _path_kept(request):
        return request.current.root_positions_m[0], float(yaw_rad(request.current.local_rotations[0, 0]))
    if request.path_m is not None:
        return np.array([request.path_m[0, 0], 0.0, request.path_m[0, 1]]), 0.0
    return np.zeros(3), 0.0
