"""Steps and stance of the genres that live from them: salsa's weight changes, the bounce of street dance, araimandi."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from engine.motion.house import JOINT, LEGS
from engine.motion.signals import runs
from engine.music.analysis import MusicAnalysis
from engine.structure.body import Body, bend_deg
from engine.structure.hits import Hit
from engine.structure.piece import Piece

Limits = Mapping[str, float]
_PAUSES = (4, 8)  # counts on which salsa may rest


def weight_changes(piece: Piece, limits: Limits) -> list[Hit]:
    """Eights of salsa in which fewer than `share` of counts 1, 2, 3, 5, 6, 7 have a step.

    A step is a foot that comes to the floor within `near_beat` of a beat of the count. Where less than half of the
    eight lies within the dance nothing is judged.
    """
    music, body = piece.music, piece.body
    if music is None or music.beats_per_bar != 4:
        return []
    beats = music.beat_times_s * body.rate_hz
    begins = [i for i, count in enumerate(music.counts_of_eight()) if count == 1 and i + 8 <= music.n_beats]
    steps = np.array(sorted(a for foot in (0, 1) for a, _ in runs(body.stands[:, foot]) if a > 0), dtype=float)
    hits = []
    for first in begins:
        start, end = round(beats[first]), round(beats[first + 7])
        if end > body.n:
            break
        counts = [first + k - 1 for k in range(1, 9) if k not in _PAUSES]
        room = limits["near_beat"] * (beats[first + 7] - beats[first]) / 7.0
        stepped = [len(steps) > 0 and np.abs(steps - beats[i]).min() <= room for i in counts]
        share = float(np.mean(stepped))
        if share < limits["share"]:
            joints = (LEGS[0][2], LEGS[1][2])
            hits.append(Hit(start, end, start, joints, share, limits["share"]))
    return hits


def bounce(piece: Piece, limits: Limits) -> list[Hit]:
    """Spans of sixteen beats without a bounce: the hips go up and down with the beat by less than `bounce_m`.

    The amplitude is that of the hips' height at one cycle a beat or half a beat, the larger, by their Fourier sums
    over the span.
    """
    music, body = piece.music, piece.body
    if music is None:
        return []
    hits = []
    for start, end, phase in _spans(body, music, 16):
        height = body.positions[start:end, JOINT["Hips"], 1]
        height = height - height.mean()
        sums = [abs((height * np.exp(-2j * np.pi * k * phase)).mean()) for k in (0.5, 1.0)]
        size = 4.0 * float(max(sums))  # from lowest to highest
        if size < limits["bounce_m"]:
            hits.append(Hit(start, end, start, (JOINT["Hips"],), size, limits["bounce_m"]))
    return hits


def araimandi(piece: Piece, limits: Limits) -> list[Hit]:
    """A dance of the half-seated stance that is danced on straight legs.

    The median bend of the more bent knee while both feet stand, over at least `least_s` of standing.
    """
    body = piece.body
    stands = body.stands.all(axis=1)
    if stands.sum() < limits["least_s"] * body.rate_hz:
        return []
    bend = float(np.median(np.maximum(bend_deg(body, 0), bend_deg(body, 1))[stands]))
    if bend >= limits["bend_deg"]:
        return []
    return [Hit(0, body.n, 0, (LEGS[0][1], LEGS[1][1]), bend, limits["bend_deg"])]


def _spans(body: Body, music: MusicAnalysis, n_beats: int) -> list[tuple[int, int, np.ndarray]]:
    """Spans of so many beats within the dance: start, end, and where in beats each of its frames is."""
    beats = music.beat_times_s * body.rate_hz
    out = []
    for first in range(0, music.n_beats - n_beats, n_beats):
        start, end = round(beats[first]), round(beats[first + n_beats])
        if end <= body.n:
            out.append((start, end, np.interp(np.arange(start, end), beats, np.arange(music.n_beats))))
    return out
