"""The one door of generation: a request in, a dance out."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import torch

from engine.errors import RequestRefused
from engine.generation.body_state import body_states
from engine.generation.checkpoint import TrainedModel
from engine.generation.conditioning import effort_curves, emotion_effort, music_channels
from engine.generation.effort_layer import apply_effort
from engine.generation.features import (
    CONTACTS,
    HEIGHT,
    MASK_PARTS,
    N_FEATURES,
    VELOCITY,
    YAW_RATE,
    about_y,
    from_features,
    to_features,
)
from engine.generation.footing import footing
from engine.generation.landing import landing_times_s
from engine.generation.model_constants import CODE_STRIDE
from engine.generation.plan import Phrase, Planner, planned_codes
from engine.generation.pulse import felt_strengths
from engine.generation.request import GenerationRequest, locked_closure
from engine.generation.sampler import Decoding, decode
from engine.motion import quaternion
from engine.motion.blend import moved, seal, spread_error, yaw_rad
from engine.motion.contacts import detect_contacts
from engine.motion.foot_lock import lock_feet
from engine.motion.house import BODY_PARTS, FRAME_RATE_HZ, HOUSE
from engine.motion.kinematics import local_from_global
from engine.motion.motion import Motion, concatenate
from engine.motion.resample import time_warped
from engine.motion.signals import smoothed

CONTEXT_FRAMES = 3 * CODE_STRIDE
SEAM_S = 0.3
# A short segment between fixed motion is a transition before it is a dance: its codes are mostly those of the straight
# way across. Of 45 frames and less this share; of 90 and more nothing.
_BRIDGED, _NOT_BRIDGED_FRAMES, _FADE_FRAMES = 0.75, 90, 45
# How far, in standard deviations, the wanted effort may pull the generator's condition away from the codes'.
_CONDITION_PULL = 0.8
# Effort that one unit of the music's arousal asks for; in the order of EFFORTS.
_AROUSAL_EFFORT = np.array([0.9, 0.3, 0.3, 0.2, 0.1, 0.4])
# The arc of a piece: how each part of it leans (the paper's structural integrity, f(A) = L).
_ROLE_ENERGY = {"introduction": -0.5, "development": 0.25, "conclusion": -0.1}
# What the effort layer may add, in standard deviations, to what the codes already do.
_LAYER_REACH = 2.0

Progress = Callable[[float], None]


def generate(request: GenerationRequest, model: TrainedModel, progress: Progress = lambda _: None) -> Motion:
    """The segment's dance: request.n_frames frames on the house skeleton at 30 frames per second.

    The same request on the same device gives the same motion. `progress` is called with 0 to 1 and may raise
    to cancel. On CUDA out of memory the work is done again on the processor, with a warning.

    Raises:
        RequestRefused: An unknown style, or no style with any weight.
    """
    try:
        return _generate(request, model, progress)
    except torch.cuda.OutOfMemoryError:
        warnings.warn("The graphics card ran out of memory; this dance is made on the processor.", stacklevel=2)
        torch.cuda.empty_cache()
        device = model.device
        try:
            return _generate(request, model.to(torch.device("cpu")), progress)
        finally:
            model.to(device)


def style_vector(style: dict[str, float], styles: Sequence[str], bank_styles: Sequence[int]) -> np.ndarray:
    """Weights over the model's styles that add up to one; all danced styles alike when none is asked for."""
    danced = ", ".join(styles[i] for i in np.unique(np.asarray(bank_styles)))
    unknown = sorted(set(style) - set(styles))
    if unknown:
        raise RequestRefused(f"There is no style called {', '.join(unknown)}; the model dances {danced}.")
    out = np.array([float(style.get(name, 0.0)) for name in styles])
    if not style:
        out[np.unique(np.asarray(bank_styles))] = 1.0
    if out.sum() <= 0.0:
        raise RequestRefused("All style weights are zero: give at least one style some weight.")
    if out[np.unique(np.asarray(bank_styles))].sum() <= 0.0:
        raise RequestRefused(f"The model has seen no dance in {', '.join(style)}; it dances {danced}.")
    return out / out.sum()


def usual_styles(model: TrainedModel) -> dict[str, float]:
    """What is danced when nobody asks for a style: those that the model's card claims, alike."""
    danced = {model.styles[i] for i in np.unique(model.bank.clip_style)}
    return {name: 1.0 for name in model.card.get("claimed_styles", ()) if name in danced}


def wanted_effort(request: GenerationRequest) -> np.ndarray:
    """The effort asked for by music, emotion and the arc of the piece, in standard deviations, [n_frames, 6]."""
    rows = emotion_effort(request.emotion, request.n_frames)
    arousal = smoothed(request.music_emotion, 0.5 * FRAME_RATE_HZ)
    rows += request.follow_music * arousal[:, np.newaxis] * _AROUSAL_EFFORT
    for section in request.sections:
        span = slice(max(0, section.start_frame), max(0, min(section.end_frame, request.n_frames)))
        rows[span, 0] += request.follow_music * _ROLE_ENERGY.get(section.role, 0.0)
    return np.clip(rows, -2.5, 2.5)


def _generate(request: GenerationRequest, model: TrainedModel, progress: Progress) -> Motion:
    n = request.n_frames
    request = replace(request, strengths=felt_strengths(request))
    style = style_vector(dict(request.style) or usual_styles(model), model.styles, model.bank.clip_style.tolist())
    effort = wanted_effort(request)
    before = _nearest(request.before, -CONTEXT_FRAMES)
    after = _nearest(request.after, CONTEXT_FRAMES)
    frame = _Frame.around(n, before, after)
    known, mask = _known(request, frame, before, after)
    state = body_states(known[: frame.lead])[-1] if before is not None else None
    end_state = body_states(known[frame.lead + n : frame.used])[0] if after is not None else None
    progress(0.02)
    planner = Planner(model.bank, style, request, effort)
    phrases = planner.run(state, end_state, _part(progress, 0.02, 0.25))
    job = _decoding(request, model, frame, known, mask, phrases, effort, style)
    rows = decode(model, job, request.seed, _part(progress, 0.25, 0.6))
    if request.path_m is not None and not _path_kept(request):
        job = _along_path(job, rows, request, frame)
        rows = decode(model, job, request.seed, _part(progress, 0.6, 0.7))
    progress(0.7)
    motion = _placed(rows[frame.lead : frame.lead + n], request, before)
    motion = _finished(motion, rows[frame.lead : frame.lead + n], request, model, effort, before, after, progress)
    progress(1.0)
    return motion


# --- the frame of one decoding: context, segment, context, padding ------------------------------


class _Frame:
    """Where the segment lies among the frames that are decoded."""

    def __init__(self, lead: int, n: int, trail: int) -> None:
        self.lead, self.n, self.used = lead, n, lead + n + trail
        self.total = -(-self.used // CODE_STRIDE) * CODE_STRIDE

    @staticmethod
    def around(n: int, before: Motion | None, after: Motion | None) -> _Frame:
        return _Frame(before.n_frames if before else 0, n, after.n_frames if after else 0)


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
    request: GenerationRequest, frame: _Frame, before: Motion | None, after: Motion | None
) -> tuple[np.ndarray, np.ndarray]:
    """Known feature rows [total, 140] and the mask over MASK_PARTS [total, 7]."""
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


def _path_kept(request: GenerationRequest) -> bool:
    return request.keep_path or bool(request.locked)


def _decoding(
    request: GenerationRequest, model: TrainedModel, frame: _Frame, known: np.ndarray, mask: np.ndarray,
    phrases: list[Phrase], effort: np.ndarray, style: np.ndarray,
) -> Decoding:  # fmt: skip
    cells = frame.total // CODE_STRIDE
    codes, danced = planned_codes(model.bank, phrases, cells, first_frame=-frame.lead)
    if frame.lead or frame.used > frame.n:
        centres = CODE_STRIDE * np.arange(cells) + CODE_STRIDE // 2
        outside = (centres < frame.lead) | ((centres >= frame.lead + frame.n) & (centres < frame.used))
        bridged = _context_codes(model, known, mask)
        codes[outside] = bridged[outside]
        if frame.lead and frame.used > frame.lead + frame.n:
            share = _BRIDGED * np.clip((_NOT_BRIDGED_FRAMES - frame.n) / _FADE_FRAMES, 0.0, 1.0)
            codes[~outside] += share * (bridged - codes)[~outside]
    at = np.clip(np.arange(frame.total) - frame.lead, 0, frame.n - 1)
    along = np.repeat(danced, CODE_STRIDE, axis=0)
    pull = np.clip(effort[at] - along, -_CONDITION_PULL, _CONDITION_PULL)
    music = music_channels(
        frame.total, request.beats_frame + frame.lead, request.strengths, request.loudness[at]
    )
    return Decoding(codes, known, mask, music, along + pull, style)


def _context_codes(model: TrainedModel, known: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """What the encoder makes of the motion around the segment, [cells, code_size]; the segment is bridged."""
    frames = np.arange(len(known))
    sure = np.flatnonzero(mask.min(axis=1) > 0)
    rows = np.stack([np.interp(frames, sure, column[sure]) for column in known.T], axis=0)
    rows = (rows - model.mean[:, np.newaxis]) / model.std[:, np.newaxis]
    with torch.no_grad():
        mean, _ = model.encoder(torch.from_numpy(rows[np.newaxis].astype(np.float32)).to(model.device))
    codes: np.ndarray = mean[0].T.cpu().double().numpy()
    return codes


def _along_path(job: Decoding, rows: np.ndarray, request: GenerationRequest, frame: _Frame) -> Decoding:
    """The same job with the root's path known: the drawn one, faced and lifted as a first, free decoding was."""
    assert request.path_m is not None
    span = slice(frame.lead, frame.lead + frame.n)
    known, mask = job.known.copy(), job.mask.copy()
    heading = np.concatenate([[0.0], np.cumsum(rows[span][:-1, YAW_RATE]) / FRAME_RATE_HZ]) + _start(request)[1]
    path = np.column_stack([request.path_m[:, 0], np.zeros(frame.n), request.path_m[:, 1]])
    step = np.gradient(path, axis=0) * FRAME_RATE_HZ if frame.n > 1 else np.zeros_like(path)
    known[span, YAW_RATE], known[span, HEIGHT] = rows[span, YAW_RATE], rows[span, HEIGHT]
    known[span, VELOCITY] = quaternion.rotate(about_y(-heading), step)[:, [0, 2]]
    mask[span, MASK_PARTS.index("path")] = 1.0
    return replace(job, known=known, mask=mask)


# --- from features to the finished segment -------------------------------------------------------


def _start(request: GenerationRequest) -> tuple[np.ndarray, float]:
    """Where the segment's first frame is and faces."""
    before = _nearest(request.before, -2)
    if before is not None:
        earlier, last = before.root_positions_m
        return last + (last - earlier), float(yaw_rad(before.local_rotations[-1, 0]))
    if request.current is not None and _path_kept(request):
        return request.current.root_positions_m[0], float(yaw_rad(request.current.local_rotations[0, 0]))
    if request.path_m is not None:
        return np.array([request.path_m[0, 0], 0.0, request.path_m[0, 1]]), 0.0
    return np.zeros(3), 0.0


def _placed(rows: np.ndarray, request: GenerationRequest, before: Motion | None) -> Motion:
    place, heading = _start(request)
    return from_features(rows, place, heading)


def _finished(
    motion: Motion, rows: np.ndarray, request: GenerationRequest, model: TrainedModel, effort: np.ndarray,
    before: Motion | None, after: Motion | None, progress: Progress,
) -> Motion:  # fmt: skip
    """Effort layer, beats, landing, seams, feet, and the hard copy of what is kept."""
    free, contacts = not request.locked, rows[:, CONTACTS]
    achieved = (effort_curves(motion) - model.effort_mean) / model.effort_std
    shift = np.clip(effort - achieved, -_LAYER_REACH, _LAYER_REACH)
    # What the music and the arc ask for has chosen the phrases; only the sliders push the body further.
    asked = emotion_effort(request.emotion, request.n_frames)
    push = np.where(np.sign(shift) == np.sign(asked), np.sign(asked) * np.minimum(np.abs(shift), np.abs(asked)), 0.0)
    if free:
        motion = apply_effort(motion, push + 0.5 * asked, request.intensity)
        progress(0.76)
        motion, contacts = _on_beats(motion, contacts, request)
    progress(0.8)
    if request.path_m is not None and not _path_kept(request):
        motion = _pulled_to_path(motion, request.path_m)
    whole, start, end = _with_context(motion, before, after)
    if not _path_kept(request) and after is not None:
        if before is None and request.path_m is None:
            whole = _arriving(whole, end)
        whole = _landed(whole, start, end)
    if before is not None or after is not None:
        whole = seal(whole, start, end, SEAM_S)
    progress(0.85)
    if _path_kept(request):
        whole = concatenate(
            [whole.slice(0, start), _restored(whole.slice(start, end), request), whole.slice(end, whole.n_frames)]
        )
    keep = np.ones(whole.n_frames, dtype=bool)
    keep[start:end] = False
    touching = footing(whole, contacts, start)
    progress(0.9)
    whole = lock_feet(whole, touching, keep)
    progress(0.97)
    motion = whole.slice(start, end)
    # Again what is kept: the lock moves the root and every leg.
    return _restored(motion, request) if _path_kept(request) else motion


def _on_beats(motion: Motion, contacts: np.ndarray, request: GenerationRequest) -> tuple[Motion, np.ndarray]:
    """The motion warped in time so that movements land on the music's beats, and with it its contacts [T, 4]."""
    source_s = landing_times_s(motion, request.beats_frame / FRAME_RATE_HZ)
    if source_s is None:
        return motion, contacts
    at = source_s * FRAME_RATE_HZ
    warped = np.stack([np.interp(at, np.arange(len(contacts)), column) for column in contacts.T], axis=1)
    return time_warped(motion, source_s, FRAME_RATE_HZ), warped


def _with_context(motion: Motion, before: Motion | None, after: Motion | None) -> tuple[Motion, int, int]:
    """The segment between its contexts, and where it begins and ends there."""
    parts = [m for m in (before, motion, after) if m is not None]
    parts = [replace(m, skeleton=HOUSE, frame_rate_hz=FRAME_RATE_HZ) for m in parts]
    start = before.n_frames if before is not None else 0
    return concatenate(parts), start, start + motion.n_frames


def _landed(whole: Motion, start: int, end: int) -> Motion:
    """The segment bent so that it arrives where the context after it stands and faces."""
    root, local = whole.root_positions_m, whole.local_rotations
    late = min(end + 1, whole.n_frames - 1)
    landing = root[end] - (root[late] - root[end])
    landing[1] = root[end - 1, 1]  # height belongs to the pose, which the seam takes care of
    kept = max(start - 1, 0)
    bent = spread_error(whole.slice(kept, end), landing, float(yaw_rad(local[end, 0])))
    return concatenate([whole.slice(0, kept), bent, whole.slice(end, whole.n_frames)])


def _arriving(whole: Motion, end: int) -> Motion:
    """The segment, before which there is nothing, moved as a whole to where it leads over into what follows."""
    root, yaw = whole.root_positions_m, yaw_rad(whole.local_rotations[:, 0])
    step = root[end + 1] - root[end]
    segment = moved(whole.slice(0, end), end - 1, root[end] - step, float(yaw[end] - yaw[end - 1]))
    return concatenate([segment, whole.slice(end, whole.n_frames)])


def _pulled_to_path(motion: Motion, path_m: np.ndarray) -> Motion:
    """The motion whose hips follow the drawn path but for their own sway within a second."""
    root = np.array(motion.root_positions_m)
    away = root[:, [0, 2]] - path_m  # seen from the path, else its bends would pass for sway
    root[:, [0, 2]] = path_m + away - smoothed(away, 0.5 * FRAME_RATE_HZ)
    return replace(motion, root_positions_m=root)


def _restored(motion: Motion, request: GenerationRequest) -> Motion:
    """The locked parts, and the path, exactly as they were."""
    assert request.current is not None
    root = np.array(request.current.root_positions_m)
    _, rotations = motion.global_transforms()
    _, kept = request.current.global_transforms()
    for part in locked_closure(request.locked):
        rotations[:, list(BODY_PARTS[part])] = kept[:, list(BODY_PARTS[part])]
    local = quaternion.normalize(local_from_global(HOUSE, rotations))
    return replace(motion, root_positions_m=root, local_rotations=local)


def _part(progress: Progress, start: float, end: float) -> Progress:
    return lambda fraction: progress(start + (end - start) * fraction)

