"""The one door of generation: a request in, a dance out."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import TypeVar

import numpy as np
import torch

from engine.errors import RequestRefused
from engine.generation.bank import ENTRY_STRIDE
from engine.generation.checkpoint import TrainedModel
from engine.generation.conditioning import emotion_effort, music_channels
from engine.generation.costs import Costs
from engine.generation.features import HEIGHT, MASK_PARTS, VELOCITY, YAW_RATE, about_y
from engine.generation.finishing import finished
from engine.generation.model_constants import CODE_STRIDE
from engine.generation.plan import Phrase, Planner, planned_codes, planned_places
from engine.generation.pulse import felt_strengths
from engine.generation.ranking import SEED_STEP, demerits
from engine.generation.request import LOUDNESS, GenerationRequest
from engine.generation.sampler import DENSE_LEAD, ON_GRID, Decoding, decode_all, n_dense
from engine.generation.surroundings import Surroundings, surroundings
from engine.motion import quaternion
from engine.motion.house import FRAME_RATE_HZ
from engine.motion.motion import Motion
from engine.motion.signals import smoothed

# A short segment between fixed motion is a transition before it is a dance: its codes are mostly those of the straight
# way across, or of what the model's bridge makes of it and the bank recalls. Of 45 frames and less this share; of 90
# and more nothing.
_BRIDGED, _BRIDGED_WELL, _NOT_BRIDGED_FRAMES, _FADE_FRAMES = 0.75, 0.96, 90, 45
# How far, in standard deviations, the wanted effort may pull the generator's condition away from the codes'.
_CONDITION_PULL = 0.8
# Effort that one unit of the music's arousal asks for; in the order of EFFORTS.
_AROUSAL_EFFORT = np.array([0.9, 0.3, 0.3, 0.2, 0.1, 0.4])
# Excitement wears off: of arousal far above the usual no more than this is danced. Music that is loud from end to end
# would else keep a dancer at the top of what she can do, where there is no room left for accents.
_MOST_AROUSAL = 0.5
# Energy that music asks for which is a deviation louder than its song usually is; much louder asks for little more.
_LOUDER_ENERGY = 0.5
# The arc of a piece: how each part of it leans (the paper's structural integrity, f(A) = L).
_ROLE_ENERGY = {"introduction": -0.3, "development": 0.15, "conclusion": -0.35}

# What the dance turns otherwise than planned within about so long stays; what adds up beyond is taken back.
_FACING_S = 1.5
# The same of the way over the floor: slowly enough, some centimetres a second, for planted feet to take it up.
_PLACE_S = 4.0
_SHORTEST_WAY_S = 10.0  # of a dance in which they add up to anything

Progress = Callable[[float], None]
T = TypeVar("T")


def generate(request: GenerationRequest, model: TrainedModel, progress: Progress = lambda _: None) -> Motion:
    """The segment's dance: request.n_frames frames on the house skeleton at 30 frames per second.

    The same request on the same device gives the same motion. `progress` is called with 0 to 1 and may raise
    to cancel. On CUDA out of memory the work is done again on the processor, with a warning.

    Raises:
        RequestRefused: An unknown style, or no style with any weight.
    """
    progress(0.0)
    preparation = Preparation(request, model)
    if request.best_of > 1:
        return best_of(preparation, request.seed, model, progress)
    return next(dances([(preparation, request.seed)], model, progress))


def best_of(preparation: Preparation, seed: int, model: TrainedModel, progress: Progress) -> Motion:
    """Of some dances the one that breaks the fewest rules; the one of the seed itself where none is better."""
    request = preparation.request
    if model.rules is None:
        raise RequestRefused("This model was loaded without the rules: the best of several cannot be chosen.")
    made = []
    for k in range(request.best_of):
        share = part_of(progress, k / request.best_of, (k + 1) / request.best_of)
        made.append(next(dances([(preparation, seed + k * SEED_STEP)], model, share)))
    return min(made, key=lambda motion: demerits(motion, request, model.rules))


def dances(
    batch: Sequence[tuple[Preparation, int]], model: TrainedModel, progress: Progress
) -> Iterator[Motion]:
    """The dances of some preparations and seeds, decoded together and then finished one after the other.

    All must have as many frames to decode.
    """
    rows = _on_spare_device(model, lambda: _decoded(batch, model, part_of(progress, 0.02, 0.7)))
    for i, ((preparation, _), own) in enumerate(zip(batch, rows, strict=True)):
        begin, end = (0.7 + 0.3 * k / len(batch) for k in (i, i + 1))
        progress(begin)
        motion = preparation.finished(own, model, part_of(progress, begin, end))
        progress(end)
        yield motion


def _decoded(
    batch: Sequence[tuple[Preparation, int]], model: TrainedModel, progress: Progress
) -> list[np.ndarray]:
    """Feature rows, known frames included, of each of a batch."""
    seeds, jobs = [seed for _, seed in batch], []
    for i, (preparation, seed) in enumerate(batch):
        share = part_of(progress, 0.35 * i / len(batch), 0.35 * (i + 1) / len(batch))
        jobs.append(preparation.planned(seed, model, share))
    rows = decode_all(model, jobs, seeds, part_of(progress, 0.35, 0.85))
    for (preparation, _), job, own in zip(batch, jobs, rows, strict=True):
        preparation.keep_to_plan(job, own)
    drawn = [i for i, (preparation, _) in enumerate(batch) if preparation.follows_path]
    if drawn:
        again = [batch[i][0].along_path(jobs[i], rows[i]) for i in drawn]
        along = decode_all(model, again, [seeds[i] for i in drawn], part_of(progress, 0.85, 1.0))
        for i, own in zip(drawn, along, strict=True):
            rows[i] = own
    return rows


def _on_spare_device(model: TrainedModel, work: Callable[[], T]) -> T:
    """What `work` gives; done again on the processor when the graphics card runs out of memory."""
    try:
        return work()
    except torch.cuda.OutOfMemoryError:
        warnings.warn("The graphics card ran out of memory; this dance is made on the processor.", stacklevel=4)
        torch.cuda.empty_cache()
        device = model.device
        model.to(torch.device("cpu"))
        try:
            return work()
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
    arousal = _felt(smoothed(request.music_emotion, 0.5 * FRAME_RATE_HZ))
    rows += request.follow_music * arousal[:, np.newaxis] * _AROUSAL_EFFORT
    if request.heard is not None:
        louder = smoothed(request.heard[:, LOUDNESS], 0.5 * FRAME_RATE_HZ)
        rows[:, 0] += request.follow_music * _LOUDER_ENERGY * np.tanh(louder)
    for section in request.sections:
        span = slice(max(0, section.start_frame), max(0, min(section.end_frame, request.n_frames)))
        rows[span, 0] += request.follow_music * _ROLE_ENERGY.get(section.role, 0.0)
    return np.clip(rows, -2.5, 2.5)


def _felt(arousal: np.ndarray) -> np.ndarray:
    """Arousal as it is danced: that above the usual saturates, that below is taken as it is."""
    return np.where(arousal > 0.0, _MOST_AROUSAL * np.tanh(arousal / _MOST_AROUSAL), arousal)


class Preparation:
    """All of a request's work that its seed does not change.

    Attributes:
        request: With the beats' strengths as they are felt.
        around: What lies around the segment.
        style: Weights over the model's styles. effort: Wanted, in standard deviations, [n_frames, 6].
        costs: What the phrases of the bank cost.
    """

    def __init__(self, request: GenerationRequest, model: TrainedModel, around: Surroundings | None = None) -> None:
        """`around` are the surroundings of another request for the same segment."""
        if "integrity" not in request.mind_rules:
            request = replace(request, sections=(), heard=None)  # no arc, no motifs
        self.request = replace(request, strengths=felt_strengths(request))
        style = dict(request.style) or usual_styles(model)
        self.style = style_vector(style, model.styles, model.bank.clip_style.tolist())
        self.effort = wanted_effort(self.request)
        self.around = around or surroundings(self.request, model, self.style)
        self.costs = Costs(model.bank, self.style, self.request, self.effort, model.marks)

    def planned(self, seed: int, model: TrainedModel, progress: Progress) -> Decoding:
        """What is to be decoded for a seed."""
        around = self.around
        planner = Planner(self.costs, seed, self.request.novelty)
        return self._decoding(model, planner.run(around.state, around.end_state, progress), seed)

    def keep_to_plan(self, job: Decoding, rows: np.ndarray) -> None:
        """Turn decoded rows slowly back to where the plan faces, and lead them as slowly to where it stands.

        Over a song small errors of turning and of steps add up: dancers would end with their backs to the audience, or
        off the stage.
        """
        if job.places is None or len(job.places) < 2:
            return
        span = slice(self.around.frame.lead, self.around.frame.lead + self.around.frame.n)
        lacking = smoothed(job.places[:, 2] - _summed(rows[span, YAW_RATE]), _FACING_S * FRAME_RATE_HZ)
        rows[span, YAW_RATE] += np.gradient(lacking) * FRAME_RATE_HZ
        if self.request.path_m is not None or self.around.frame.n < _SHORTEST_WAY_S * FRAME_RATE_HZ:
            return
        turn = about_y(_summed(rows[span, YAW_RATE]))
        step = np.zeros((self.around.frame.n, 3))
        step[:, [0, 2]] = rows[span, VELOCITY]
        there = _summed(quaternion.rotate(turn, step)[:, [0, 2]])
        step[:, [0, 2]] = np.gradient(smoothed(job.places[:, :2] - there, _PLACE_S * FRAME_RATE_HZ), axis=0)
        rows[span, VELOCITY] += quaternion.rotate(quaternion.conjugate(turn), step)[:, [0, 2]] * FRAME_RATE_HZ

    def finished(self, rows: np.ndarray, model: TrainedModel, progress: Progress) -> Motion:
        """The segment's motion of all rows decoded."""
        start, end = self.around.frame.lead, self.around.frame.lead + self.around.frame.n
        return finished(rows[start:end], self.request, model, self.effort, self.around, progress)

    @property
    def follows_path(self) -> bool:
        """Whether a drawn path must be followed, for which a second decoding is needed."""
        return self.request.path_m is not None and not self.around.path_kept

    def _across(self, model: TrainedModel, since_frames: np.ndarray, seed: int) -> tuple[float, np.ndarray]:
        """How much of a short segment is bridged, and the codes that lead across, so long after the frame before it."""
        codes, found = self.around.codes, self.around.recalled
        assert codes is not None
        if model.bridge is None:
            return _BRIDGED, codes
        if found is None or found.share == 0.0:
            return _BRIDGED_WELL, codes
        danced = found.codes(model.bank, since_frames, seed, self.request.novelty)
        # Takes differ by what they recall: nothing else needs to be mixed in.
        whole = 2.0 * found.share
        return _BRIDGED_WELL + (1.0 - _BRIDGED_WELL) * whole, codes + found.share * (danced - codes)

    def _decoding(self, model: TrainedModel, phrases: list[Phrase], seed: int) -> Decoding:
        request, around, frame = self.request, self.around, self.around.frame
        n, first = n_dense(frame.total), -frame.lead - DENSE_LEAD
        dense, danced = planned_codes(model.bank, phrases, n, first, ENTRY_STRIDE)
        if around.codes is not None:
            centres = ENTRY_STRIDE * np.arange(n) - DENSE_LEAD + CODE_STRIDE // 2
            outside = (centres < frame.lead) | ((centres >= frame.lead + frame.n) & (centres < frame.used))
            dense[outside] = around.codes[outside]
            if frame.lead and frame.used > frame.lead + frame.n:
                bridged, across = self._across(model, centres - frame.lead + 1, seed)
                share = bridged * np.clip((_NOT_BRIDGED_FRAMES - frame.n) / _FADE_FRAMES, 0.0, 1.0)
                dense[~outside] += share * (across - dense)[~outside]
        at = np.clip(np.arange(frame.total) - frame.lead, 0, frame.n - 1)
        along = np.repeat(danced[ON_GRID], CODE_STRIDE, axis=0)
        pull = np.clip(self.effort[at] - along, -_CONDITION_PULL, _CONDITION_PULL)
        beats = request.beats_frame + frame.lead
        music = music_channels(frame.total, beats, request.strengths, request.loudness[at])
        is_free = around.after is None and not around.path_kept
        places = planned_places(model.bank, phrases, frame.n) if is_free else None
        return Decoding(dense[ON_GRID], around.known, around.mask, music, along + pull, self.style, dense, places)

    def along_path(self, job: Decoding, rows: np.ndarray) -> Decoding:
        """The same job with the root's path known: the drawn one, faced and lifted as a first, free decoding was."""
        path_m, around, frame = self.request.path_m, self.around, self.around.frame
        assert path_m is not None
        span = slice(frame.lead, frame.lead + frame.n)
        known, mask = job.known.copy(), job.mask.copy()
        turned = np.cumsum(rows[span][:-1, YAW_RATE]) / FRAME_RATE_HZ
        heading = np.concatenate([[0.0], turned]) + around.heading_rad
        path = np.column_stack([path_m[:, 0], np.zeros(frame.n), path_m[:, 1]])
        step = np.gradient(path, axis=0) * FRAME_RATE_HZ if frame.n > 1 else np.zeros_like(path)
        known[span, YAW_RATE], known[span, HEIGHT] = rows[span, YAW_RATE], rows[span, HEIGHT]
        known[span, VELOCITY] = quaternion.rotate(about_y(-heading), step)[:, [0, 2]]
        mask[span, MASK_PARTS.index("path")] = 1.0
        return replace(job, known=known, mask=mask)


def _summed(rates: np.ndarray) -> np.ndarray:
    """What rates a second, [n, ...], have added up to before each frame."""
    return (np.cumsum(rates, axis=0) - rates) / FRAME_RATE_HZ


def part_of(progress: Progress, start: float, end: float) -> Progress:
    """The progress of a part of the work, which goes from `start` to `end` of the whole."""
    return lambda fraction: progress(start + (end - start) * fraction)

