"""Several takes of one segment at once: what they have in common is worked out once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import fields, replace

import numpy as np

from engine.errors import RequestRefused
from engine.generation.checkpoint import TrainedModel
from engine.generation.generate import Preparation, Progress, best_of, dances, part_of
from engine.generation.request import GenerationRequest
from engine.generation.sampler import MOST_WINDOWS, window_starts
from engine.generation.surroundings import CONTEXT_FRAMES
from engine.motion.house import FRAME_RATE_HZ, HOUSE
from engine.motion.motion import Motion

# What a segment's surroundings come from. Requests that differ in seed alone share their costs too.
_SEGMENT = ("n_frames", "style", "before", "after", "locked", "current", "path_m", "keep_path")
_ALL_BUT_SEED = tuple(field.name for field in fields(GenerationRequest) if field.name != "seed")
_WARM_FRAMES = 240  # four bars at 120 beats a minute, the segment most often asked for


def generate_takes(
    requests: Sequence[GenerationRequest],
    model: TrainedModel,
    progress: Progress | None = None,
    on_take: Callable[[int, Motion], None] | None = None,
) -> list[Motion]:
    """The dances of some requests, each the same to the last bit as `generate` gives it alone.

    Requests that differ in their seed, or in their seed and settings, cost much less than so many calls.

    Args:
        requests: In the order in which the takes are made.
        model: The trained model.
        progress: Called with 0 to 1 over all takes; may raise to cancel.
        on_take: Called with a request's index and its dance as soon as that is finished.

    Raises:
        RequestRefused: An unknown style, or no style with any weight, in the first such request's turn.
    """
    report = progress or (lambda _: None)
    made: list[Motion] = []
    prepared: list[tuple[GenerationRequest, Preparation]] = []
    while len(made) < len(requests):
        first = len(made)
        report(first / len(requests))
        batch = _batch(requests, first, model, prepared)
        share = part_of(report, first / len(requests), (first + len(batch)) / len(requests))
        for motion in _made(batch, model, share):
            made.append(motion)
            if on_take is not None:
                on_take(len(made) - 1, motion)
    return made


def _made(batch: list[tuple[Preparation, int]], model: TrainedModel, progress: Progress) -> Iterator[Motion]:
    preparation, seed = batch[0]
    if preparation.request.best_of > 1:
        yield best_of(preparation, seed, model, progress)
    else:
        yield from dances(batch, model, progress)


def _batch(
    requests: Sequence[GenerationRequest], first: int, model: TrainedModel,
    prepared: list[tuple[GenerationRequest, Preparation]],
) -> list[tuple[Preparation, int]]:  # fmt: skip
    """The takes from `first` on that are decoded together, prepared and with their seeds.

    The very first is wanted as soon as possible, and so is made alone.
    """
    batch = [(_prepared(requests[first], model, prepared), requests[first].seed)]
    for request in requests[first + 1 :] if first else ():
        try:
            following = _prepared(request, model, prepared)
        except RequestRefused:
            break  # in its own turn it is refused again, when those before it are finished
        if not _fits(following, len(batch), batch[0][0], model):
            break
        batch.append((following, request.seed))
    return batch


def _fits(following: Preparation, n_takes: int, other: Preparation, model: TrainedModel) -> bool:
    """Whether a take is decoded together with so many others that are like `other`.

    Not takes of a single window: torch takes another way for a batch of one, which rounds otherwise. On a graphics
    card no two batches promise the same bits, and nothing would be won.
    """
    n_frames = following.around.frame.total
    n_windows = len(window_starts(n_frames))
    same_length = n_frames == other.around.frame.total
    if following.request.best_of > 1 or other.request.best_of > 1:
        return False  # made of several of its own
    return model.device.type == "cpu" and same_length and 1 < n_windows <= MOST_WINDOWS // (n_takes + 1)


def _prepared(
    request: GenerationRequest, model: TrainedModel, prepared: list[tuple[GenerationRequest, Preparation]]
) -> Preparation:
    """The preparation of a request, shared with those of earlier ones as far as they ask for the same."""
    for other, found in prepared:
        if _alike_in(_ALL_BUT_SEED, request, other):
            return found
    around = next((found.around for other, found in prepared if _alike_in(_SEGMENT, request, other)), None)
    prepared.append((request, Preparation(request, model, around)))
    return prepared[-1][1]


def _alike_in(names: Sequence[str], a: GenerationRequest, b: GenerationRequest) -> bool:
    return all(_alike(getattr(a, name), getattr(b, name), name) for name in names)


def _alike(a: object, b: object, name: str) -> bool:
    if a is b:
        return True
    if isinstance(a, Motion) and isinstance(b, Motion):
        return _same_motion(_near(a, name), _near(b, name))
    if isinstance(a, Mapping) and isinstance(b, Mapping):
        return list(a) == list(b) and all(np.array_equal(a[key], b[key]) for key in a)
    if isinstance(a, np.ndarray) or isinstance(b, np.ndarray):
        return a is not None and b is not None and np.array_equal(a, b)  # type: ignore[arg-type] # either is an array
    return a == b


def _near(motion: Motion, name: str) -> Motion:
    """Of what lies around the segment the frames that count."""
    n = motion.n_frames
    if name == "before":
        return motion.slice(max(n - CONTEXT_FRAMES, 0), n)
    return motion.slice(0, min(n, CONTEXT_FRAMES)) if name == "after" else motion


def _same_motion(a: Motion, b: Motion) -> bool:
    same_body = a.skeleton is b.skeleton or (
        a.skeleton.names == b.skeleton.names and np.array_equal(a.skeleton.offsets_m, b.skeleton.offsets_m)
    )
    return (
        same_body
        and a.frame_rate_hz == b.frame_rate_hz
        and np.array_equal(a.root_positions_m, b.root_positions_m)
        and np.array_equal(a.local_rotations, b.local_rotations)
    )


def warm_up(model: TrainedModel) -> None:
    """Go through all of generation once, so that the first take asked for is as quick as later ones."""
    n = _WARM_FRAMES
    root, local = np.tile(HOUSE.offsets_m[0], (n, 1)), np.tile(HOUSE.rest_rotations, (n, 1, 1))
    standing = Motion(HOUSE, FRAME_RATE_HZ, root, local)
    beats = np.arange(0.0, n, 15.0)
    song = GenerationRequest(n, beats, np.ones(len(beats)), np.full(n, 0.5), np.zeros(n))
    phrase = replace(song, before=standing, after=standing)
    locked = replace(phrase, current=standing, locked=frozenset({"left_leg"}))
    drawn = replace(song, path_m=np.zeros((n, 2)))
    generate_takes([song, phrase, replace(phrase, emotion={"joy": 0.5}, seed=1), locked, drawn], model)
