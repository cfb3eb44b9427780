"""Which of the pulses of a song is its beat: every pulse, its double, its half and its off-beats are heard and judged.

All is judged in musical time, where the tempo is constant however it wanders in seconds.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.music.harmony import Harmony
from engine.music.onsets import Onsets
from engine.music.pulse import MIN_BPM
from engine.music.spectral import HOP_RATE_HZ, TONE_RATE_HZ

FINE = 24  # places in a beat of a pulse that are looked at
# How long a beat may be against that of the pulse: half, as it is, double; and two for three or three for two, where
# a bar of six eighths was counted in two or in three.
LENGTHS = (FINE // 2, FINE * 2 // 3, FINE, FINE * 3 // 2, 2 * FINE)
N_PHASES = 3
LAGS = (1, 2, 3, 4, 6, 8)
# Nobody dances to beats slower than this, unless each of them is three steps.
SLOWEST_BPM, TOO_SLOW_PRICE = 61.0, 20.0
# Nor, where there are slower ones, to more than three a second: sixteenths at 97 sound like eighths at 194.
FASTEST_BPM, TOO_FAST_PRICE = 180.0, 42.0
# What each feature says for a level being the beat. Fitted as tests/songs/fit_levels.py does it: a softmax over the
# levels of each song, on generated songs of which none is used to report how right the analysis is.
# fmt: off
WEIGHTS = {
    "on": -1.57,
    "half": 3.33,
    "third": -5.12,
    "quarter": -5.6,
    "mean": -11.7,
    "low on": -0.701,
    "high on": 1.85,
    "kick then snare": 0.927,
    "low turns": 0.25,
    "high turns": 0.719,
    "backbeat": 1.09,
    "like 1": -3.17,
    "like 2": -0.582,
    "like 3": 0.58,
    "like 4": -0.294,
    "like 6": 1.99,
    "like 8": 0.11,
    "harmony 2": 0.0425,
    "harmony 3": 0.834,
    "harmony 4": 2.24,
    "tempo": 0.602,
    "tempo squared": -2.4,  # by hand, from -1.27: generated songs are as often fast and slow as in the middle
    "slow": -1.81,
    "fast": -6.81,
    "rough": 75.2,
    "empty": -5.77,
    "hemiola": -4.11,
    "equal halves": -3.36,
    "harmony bar": 4.32,
    "thirds by tempo": -4.42,
    "low third": 2.95,
    "low half": -3.96,
    "low filled": -0.937,
    "tones on": 3.28,
    "tones half": 1.17,
    "tones third": -0.33,
    "tones 2": -2.75,
    "tones 3": -1.58,
    "tones 4": 2.59,
}
# fmt: on


@dataclass(frozen=True, eq=False)
class Level:
    """One way to count a song.

    Attributes:
        times_s: Its beats, ascending, [B].
        features: What speaks for and against it, by name.
    """

    times_s: np.ndarray
    features: dict[str, float]

    @property
    def bpm(self) -> float:
        """The middle tempo."""
        return 60.0 / float(np.median(np.diff(self.times_s)))

    @property
    def slowness(self) -> float:
        """What being too slow to be counted costs; nothing where each beat is three steps."""
        is_in_three = self.features["third"] > self.features["half"] + 0.1
        return 0.0 if is_in_three else TOO_SLOW_PRICE * max(0.0, float(np.log2(SLOWEST_BPM / self.bpm)))

    @property
    def haste(self) -> float:
        """What being too fast to be danced costs."""
        return TOO_FAST_PRICE * max(0.0, float(np.log2(self.bpm / FASTEST_BPM)))

    @property
    def worth(self) -> float:
        """How likely this is the beat, against other levels of the same song."""
        return sum(WEIGHTS[name] * value for name, value in self.features.items()) - self.slowness - self.haste


@dataclass(frozen=True, eq=False)
class Heard:
    """What is sampled to judge a level, at HOP_RATE_HZ and TONE_RATE_HZ.

    Attributes:
        accents: Onsets of all bands and of each group, the highest of three hops, 1 at a strong one, [7, H].
        chroma: Pitch classes, [K, 12].
    """

    accents: np.ndarray
    chroma: np.ndarray


def heard_of(rise: Onsets, harmony: Harmony) -> Heard:
    """What is sampled of a song."""
    rows = np.concatenate([rise.envelope[np.newaxis], rise.groups])
    padded = np.pad(rows, ((0, 0), (1, 1)))
    rows = np.maximum(np.maximum(padded[:, :-2], padded[:, 2:]), rows)
    strong = np.maximum(np.quantile(rows, 0.97, axis=1, keepdims=True), 1e-6)
    return Heard(np.minimum(rows / strong, 1.5), harmony.chroma)


def levels_of(pulse_s: np.ndarray, heard: Heard) -> list[Level]:
    """The ways to count that one pulse [B] allows: by each of LENGTHS, from several places."""
    fine_s = _subdivided(pulse_s)
    accents = np.stack([np.interp(fine_s * HOP_RATE_HZ, np.arange(row.size), row) for row in heard.accents])
    out = []
    for length in LENGTHS:
        for phase in _phases(accents[0], length):
            n_beats = (len(fine_s) - 1 - phase) // length
            if n_beats >= 4 and MIN_BPM * (fine_s[-1] - fine_s[phase]) <= 60.0 * n_beats:
                at = phase + length * np.arange(n_beats + 1)
                rows = accents[:, phase : phase + length * n_beats].reshape(len(accents), n_beats, length)
                out.append(Level(fine_s[at], features_of(rows, fine_s[at], heard.chroma)))
    return out


def _subdivided(pulse_s: np.ndarray) -> np.ndarray:
    """FINE places in each beat of a pulse, the last beat included."""
    return np.interp(np.arange((len(pulse_s) - 1) * FINE + 1) / FINE, np.arange(len(pulse_s)), pulse_s)


def _phases(accents: np.ndarray, length: int) -> list[int]:
    """The places at which beats of a length meet the most accents, and the first half of a beat as well."""
    whole = accents[: len(accents) // length * length].reshape(-1, length).mean(axis=0)
    is_top = (whole >= np.roll(whole, 1)) & (whole > np.roll(whole, -1))
    tops = [int(i) for i in np.argsort(-whole) if is_top[i]][:N_PHASES]
    return sorted({0, length // 2, *tops})


def features_of(rows: np.ndarray, beats_s: np.ndarray, chroma: np.ndarray) -> dict[str, float]:
    """What speaks for and against beats.

    Args:
        rows: Accents of all bands and of each group, at places from each beat on, [7, B, L].
        beats_s: The beats and the end of the last, [B + 1].
        chroma: At TONE_RATE_HZ.
    """
    length = rows.shape[2]
    profile = rows.mean(axis=1)
    profile = profile / np.maximum(profile.max(axis=1, keepdims=True), 1e-6)
    third, quarter = round(length / 3), length // 4
    whole, low, high = profile[0], profile[1], (profile[4] + profile[5]) / 2.0
    at_beats = rows[:, :, 0]
    swing = low[0] - low[length // 2], high[0] - high[length // 2]
    out = {
        "on": whole[0], "half": whole[length // 2], "third": (whole[third] + whole[-third]) / 2.0,
        "quarter": (whole[quarter] + whole[-quarter]) / 2.0, "mean": float(whole.mean()),
        "low on": swing[0], "high on": swing[1], "kick then snare": -swing[0] * swing[1],
    }  # fmt: skip
    out |= _alternation(at_beats) | _likeness(at_beats) | _harmony_steps(beats_s, chroma) | _tempo(beats_s)
    out["empty"] = float((at_beats[0] < 0.2).mean())
    out["hemiola"] = _hemiola(rows[0])
    # Nothing but equal strokes: clicks, whose every one is a beat.
    unlike = np.linalg.norm(profile[:, 0] - profile[:, length // 2]) / max(float(np.linalg.norm(profile[:, 0])), 1e-6)
    out["equal halves"] = max(0.0, 1.0 - 2.0 * unlike) * max(0.0, 1.0 - 2.0 * (out["quarter"] + out["third"]))
    out["harmony bar"] = max(out["harmony 3"], out["harmony 4"])
    out["thirds by tempo"] = (out["third"] - out["half"]) * out["tempo"]
    out |= _bass_and_tones(at_beats, profile)
    return {name: float(value) for name, value in out.items()}


def _alternation(at_beats: np.ndarray) -> dict[str, float]:
    """How kick and snare take turns on beats [7, B]."""
    low, high = at_beats[1], (at_beats[4] + at_beats[5]) / 2.0
    low_turn, high_turn = (float(x[::2].mean() - x[1::2].mean()) / max(float(x.mean()), 0.05) for x in (low, high))
    limited = np.clip([low_turn, high_turn], -2.0, 2.0)
    return {
        "low turns": abs(limited[0]), "high turns": abs(limited[1]),
        "backbeat": float(np.clip(-limited[0] * limited[1], -1.0, 1.0)),
    }  # fmt: skip


def _bass_and_tones(at_beats: np.ndarray, profile: np.ndarray) -> dict[str, float]:
    """What the bass and the middle voices do, which tell two beats from three where there are no drums.

    Args:
        at_beats: Accents of all bands and of each group on the beats, [7, B].
        profile: Their means from beat to beat, [7, L].
    """
    length = profile.shape[1]
    third, half = round(length / 3), length // 2
    low, tones, on_beats = profile[1], profile[2:4].mean(axis=0), at_beats[2:4].mean(axis=0)
    out = {
        "low third": (low[third] + low[-third]) / 2.0, "low half": low[half],
        "low filled": float((at_beats[1] > 0.3).mean()),
        "tones on": tones[0], "tones half": tones[half], "tones third": (tones[third] + tones[-third]) / 2.0,
    }  # fmt: skip
    for lag in (2, 3, 4):
        folds = np.sort([on_beats[i::lag].mean() for i in range(lag)]) if len(on_beats) >= 2 * lag else np.zeros(lag)
        out[f"tones {lag}"] = float(folds[-1] - folds[:-1].mean()) / max(float(folds[-1]), 0.05)
    return out


def _hemiola(whole: np.ndarray) -> float:
    """How much two beats [B, L] sound like three: accents at two thirds of one and a third of the next, not between."""
    third = round(whole.shape[1] / 3)
    lead = []
    for one, other in ((whole[::2], whole[1::2]), (whole[1::2], whole[::2])):
        lead.append((one[:, -third].mean() + other[:, third].mean()) / 2.0 - other[:, 0].mean())
    return float(max(lead))


def _likeness(at_beats: np.ndarray) -> dict[str, float]:
    """Correlation of the accents of beats [7, B] with those some beats on."""
    centred = at_beats - at_beats.mean(axis=1, keepdims=True)
    power = max(float((centred**2).mean()), 1e-6)
    out = {}
    for lag in LAGS:
        if at_beats.shape[1] > lag + 3:
            out[f"like {lag}"] = float((centred[:, lag:] * centred[:, :-lag]).mean()) / power
        else:
            out[f"like {lag}"] = 0.0
    return out


def _harmony_steps(beats_s: np.ndarray, chroma: np.ndarray) -> dict[str, float]:
    """Distance of pitch classes from beat to beat and over two and four, against the usual step."""
    half_s = np.sort(np.concatenate([beats_s, (beats_s[1:] + beats_s[:-1]) / 2.0]))
    total = np.concatenate([np.zeros((1, 12)), np.cumsum(chroma, axis=0)])
    edges = np.clip(np.round(half_s * TONE_RATE_HZ).astype(int), 0, len(chroma))
    first, end = edges[:-1], np.minimum(np.maximum(edges[1:], edges[:-1] + 1), len(chroma))
    mean = (total[end] - total[np.minimum(first, end - 1)]) / np.maximum(end - first, 1)[:, None]
    step = np.linalg.norm(np.diff(mean, axis=0), axis=1)
    size = max(float(step.mean()), 1e-3)
    # step[i] lies between half beat i and i + 1: odd steps end on beats.
    onto_beat, out = step[1::2], {}
    for lag in (2, 3, 4):
        folds = [float(onto_beat[i::lag].mean()) for i in range(lag)] if len(onto_beat) >= 2 * lag else [0.0]
        out[f"harmony {lag}"] = (max(folds) - float(np.mean(folds))) / size
    return out


def _tempo(beats_s: np.ndarray) -> dict[str, float]:
    """How usual a tempo is, and how even."""
    steps = np.diff(beats_s)
    bpm = 60.0 / float(np.median(steps))
    octaves = np.log2(bpm / 110.0)
    return {
        "tempo": octaves, "tempo squared": octaves**2, "slow": max(0.0, np.log2(70.0 / bpm)),
        "fast": max(0.0, np.log2(bpm / 165.0)), "rough": float(np.abs(np.diff(np.log(steps))).mean()),
    }  # fmt: skip

