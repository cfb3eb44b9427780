"""Steps and stance of the genres that live from them: salsa's weight changes, the bounce of street dance, araimandi."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from engine.motion.house import JOINT, LEGS
from engine.motion.signals import runs, smoothed
from engine.music.analysis import MusicAnalysis
from engine.structure.body import Body, bend_deg
from engine.structure.hits import Hit
from engine.structure.piece import Piece

Limits = Mapping[str, float]
SIDES = ("Left", "Right")
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


def break_steps(piece: Piece, limits: Limits) -> list[Hit]:
    """Eights of salsa that do not break: the weight turns back neither on 1 and 5 nor on 2 and 6.

    Along the line on which the eight goes to and fro furthest the centre of mass has its turning points; both of a pair
    must have one from `near_beat` before to a beat behind. An eight that goes less than `way_m` to and fro has none.
    """
    music, body = piece.music, piece.body
    if music is None or music.beats_per_bar != 4:
        return []
    beats = music.beat_times_s * body.rate_hz
    hits = []
    for first in (i for i, count in enumerate(music.counts_of_eight()) if count == 1 and i + 8 < music.n_beats):
        start, end = round(beats[first]), round(beats[first + 8])
        if end > body.n:
            break
        at = start + _turns_back(body.centre[start:end, [0, 2]], limits["way_m"])
        room = limits["near_beat"] * (end - start) / 8.0
        met = [
            np.mean([bool(((at > beats[first + k] - room) & (at < beats[first + k + 1])).any()) for k in pair])
            for pair in ((0, 4), (1, 5))
        ]
        if max(met) < 1.0:
            joints = (LEGS[0][2], LEGS[1][2])
            hits.append(Hit(start, end, start, joints, float(max(met)), 1.0))
    return hits


def hip_motion(piece: Piece, limits: Limits) -> list[Hit]:
    """Spans of sixteen beats with still hips: the line from hip to hip tips with the steps by less than `tip_deg`.

    From lowest to highest, at one cycle in two beats (a hip a step) or in four, the larger, by Fourier sums.
    """
    music, body = piece.music, piece.body
    if music is None:
        return []
    line = body.place("LeftUpLeg") - body.place("RightUpLeg")
    tip = np.degrees(np.arcsin(np.clip(line[:, 1] / np.linalg.norm(line, axis=-1), -1.0, 1.0)))
    hits = []
    for start, end, phase in _spans(body, music, 16):
        own = tip[start:end] - tip[start:end].mean()
        size = 4.0 * max(float(abs((own * np.exp(-2j * np.pi * k * phase)).mean())) for k in (0.25, 0.5))
        if size < limits["tip_deg"]:
            hits.append(Hit(start, end, start, (JOINT["Hips"],), size, limits["tip_deg"]))
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


def hand_heights(piece: Piece, limits: Limits) -> list[Hit]:
    """Dropped elbows in the half-seated stance: the lower one further than `below_m` under its shoulder.

    The median over the time in which both feet stand and the knees are bent by `seated_deg`, if that is `least_s`.
    """
    body = piece.body
    seated = body.stands.all(axis=1) & (np.minimum(bend_deg(body, 0), bend_deg(body, 1)) > limits["seated_deg"])
    if seated.sum() < limits["least_s"] * body.rate_hz:
        return []
    drops = [body.place(f"{side}Arm")[seated, 1] - body.place(f"{side}ForeArm")[seated, 1] for side in SIDES]
    drop = float(np.median(np.max(drops, axis=0)))
    if drop <= limits["below_m"]:
        return []
    frames = np.flatnonzero(seated)
    joints = (JOINT["LeftForeArm"], JOINT["RightForeArm"])
    return [Hit(int(frames[0]), int(frames[-1]) + 1, int(frames[0]), joints, drop, limits["below_m"])]


def _turns_back(path: np.ndarray, least_m: float) -> np.ndarray:
    """The frames at which a path [T, 2] turns back along its longest line, its drift from beginning to end left out.

    A turn counts where it is `least_m` from the last one.
    """
    n = len(path)
    level = path - path[:1] - np.linspace(0.0, 1.0, n)[:, np.newaxis] * (path[-1] - path[0])
    _, _, axes = np.linalg.svd(level - level.mean(axis=0), full_matrices=False)
    along = smoothed(level @ axes[0], 2.0)
    found: list[int] = []
    low, high, rising = 0, 0, 0
    for i in range(n):
        low, high = (i if along[i] < along[low] else low), (i if along[i] > along[high] else high)
        if rising >= 0 and along[high] - along[i] > least_m:
            found, low, rising = [*found, high], i, -1
        elif rising <= 0 and along[i] - along[low] > least_m:
            found, high, rising = [*found, low], i, 1
    return np.array(found)


def _spans(body: Body, music: MusicAnalysis, n_beats: int) -> list[tuple[int, int, np.ndarray]]:
    """Spans of so many beats within the dance: start, end, and where in beats each of its frames is."""
    beats = music.beat_times_s * body.rate_hz
    out = []
    for first in range(0, music.n_beats - n_beats, n_beats):
        start, end = round(beats[first]), round(beats[first + n_beats])
        if end <= body.n:
            out.append((start, end, np.interp(np.arange(start, end), beats, np.arange(music.n_beats))))
    return out
