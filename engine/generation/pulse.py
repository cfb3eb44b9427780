"""Which beats a dance steps to: a sorrowful or serene one lets the weak beats of the bar go by."""

from __future__ import annotations

import numpy as np

from engine.generation.conditioning import EMOTION_EFFORTS, emotion_effort
from engine.generation.request import GenerationRequest

_DOWNBEAT = 0.99  # a beat as strong as this begins a bar; see request_for_music
_BEATS_PER_BAR = 4  # of the last bar, which no downbeat ends
_LET_GO = 0.8  # share of a weak beat's strength that full sorrow takes away
_CALMEST = -EMOTION_EFFORTS["sorrow"][0]


def felt_strengths(request: GenerationRequest) -> np.ndarray:
    """The beats' strengths, [N], weak beats less where the emotion asks for little energy."""
    if len(request.beats_frame) == 0:
        return request.strengths
    energy = emotion_effort(request.emotion, request.n_frames)[:, 0]
    at = np.clip(np.round(request.beats_frame).astype(int), 0, request.n_frames - 1)
    calm = np.clip(-energy[at] / _CALMEST, 0.0, 1.0)
    return request.strengths * np.where(weak_beats(request.strengths), 1.0 - _LET_GO * calm, 1.0)


def bar_frames(request: GenerationRequest) -> np.ndarray:
    """The frames at which bars begin, [D], some perhaps outside the segment; none where all beats are downbeats."""
    begins = request.strengths >= _DOWNBEAT
    return request.beats_frame[begins & (not begins.all())]


def weak_beats(strengths: np.ndarray) -> np.ndarray:
    """Which beats are weak, bool [N]: the second and fourth of a bar of four, all but the first of a bar of three.

    Without downbeats every other beat is weak, the second first.
    """
    index = np.arange(len(strengths))
    bars = np.flatnonzero(strengths >= _DOWNBEAT)
    if len(bars) == 0:
        return index % 2 == 1
    bar = np.searchsorted(bars, index, side="right") - 1  # -1 in a pick-up
    place = index - bars[np.maximum(bar, 0)]
    left = np.append(bars, bars[-1] + _BEATS_PER_BAR)[bar + 1] - index
    return (place % 2 == 1) | ((place > 0) & (left == 1))
