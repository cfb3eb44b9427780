"""Where bars begin: every beat of the bar is a candidate, and the evidence votes."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from engine.music.division import Division
from engine.music.harmony import Harmony
from engine.music.onsets import Onsets
from engine.music.spectral import HOP_RATE_HZ, TONE_RATE_HZ, Spectra

#                  what speaks for a downbeat: how much
VOTES = {
    "chord": 1.0,  # the chord changes, against the beat before
    "harmony": 0.5,  # the chord changes, over two beats
    "bass": 0.5,  # the bass moves to another note
    "low": 0.6,  # kick or bass begins
    "backbeat": -0.6,  # snare or clap: they fall on the weak beats
    "section": 0.3,  # the sound as a whole changes
}
TONAL = ("chord", "harmony", "bass")
# By how much three must fit better than four: most dance music is in four.
TRIPLE_MARGIN = 0.15
# Beats in three parts are counted in two up to a tempo; faster they are a shuffle in four. Where only the last third is
# played, the tempo must be slower still.
MAX_SIX_BPM, MAX_SLOW_SIX_BPM, LONG_SWING = 100.0, 80.0, 0.63
# Songs that begin on the one are more than those with a pick-up; it decides where kick and snare alone cannot.
START_BONUS = 0.15
UNSURE = 0.1  # a vote that is no surer counts for nothing: the first beat is the one


@dataclass(frozen=True, eq=False)
class Bars:
    """How beats make bars.

    Attributes:
        beat_in_bar: 0 = downbeat, [B].
        beats_per_bar: 2 (of 6/8), 3 or 4.
        confidence: How clear the downbeats are, 0..1.
        phrase_start_bar: 0 or 1: whether the first whole bar or the second begins a pair.
    """

    beat_in_bar: np.ndarray
    beats_per_bar: int
    confidence: float
    phrase_start_bar: int


NO_BARS = Bars(np.zeros(0, dtype=np.int64), 4, 0.0, 0)


@dataclass(frozen=True, eq=False)
class BeatSounds:
    """What sounds at each of B beats.

    Attributes:
        groups: Highest rise per group of bands, [B, 6].
        low: Highest rise of the low bands, [B].
        chroma: Pitch classes until the next beat, [B, 12].
        bass: Those of the bass, [B, 12].
        bands: Mel bands until the next beat, [B, N_BANDS].
        tonality: How far the song is made of chords rather than of noise and drums, 0..1.
    """

    groups: np.ndarray
    low: np.ndarray
    chroma: np.ndarray
    bass: np.ndarray
    bands: np.ndarray
    tonality: float


def beat_sounds(beats_s: np.ndarray, rise: Onsets, harmony: Harmony, spectra: Spectra) -> BeatSounds:
    """What sounds at each beat."""
    flatness = _means_between(beats_s, spectra.flatness[:, np.newaxis], TONE_RATE_HZ)
    chroma = _means_between(beats_s, harmony.chroma, TONE_RATE_HZ)
    return BeatSounds(
        groups=np.stack([_strength_at(beats_s, group) for group in rise.groups], axis=1),
        low=_strength_at(beats_s, rise.low),
        chroma=chroma,
        bass=_means_between(beats_s, harmony.bass, TONE_RATE_HZ),
        bands=_means_between(beats_s, spectra.bands, HOP_RATE_HZ),
        # Measured: chords alone have a flatness of 0.03, a band 0.35, drums alone 0.6, white noise 0.85.
        tonality=float(np.clip((0.7 - flatness.mean()) / 0.4, 0.0, 1.0)) * _lasting(chroma),
    )


def _lasting(chroma: np.ndarray) -> float:
    """Whether pitch classes [B, 12] are those of chords, which last over beats, rather than of drums, 0..1.

    Measured: two beats are 1.15 to 1.7 times as unlike as one where there are chords, 0.2 to 1 where drums take turns.
    """
    if len(chroma) < 4:
        return 1.0
    one, two = (float(np.linalg.norm(chroma[lag:] - chroma[:-lag], axis=1).mean()) for lag in (1, 2))
    return float(np.clip((two / max(one, 1e-9) - 0.85) / 0.25, 0.0, 1.0))


def find_bars(sounds: BeatSounds, beats_s: np.ndarray, division: Division) -> Bars:
    """Meter and downbeats of a song's beats [B]; after a silence that swallowed beats, bars are counted anew."""
    n_beats = len(beats_s)
    meter = meter_of(sounds, beats_s, division)
    evidence = downbeat_evidence(sounds)
    steps = np.diff(beats_s)
    restarts = np.flatnonzero(steps > 2.5 * np.median(steps)) + 1 if n_beats > 1 else np.zeros(0, dtype=int)
    beat_in_bar, confidence = np.zeros(n_beats, dtype=np.int64), 0.0
    for first, end in pairwise([0, *restarts.tolist(), n_beats]):
        phase, sure = _vote(evidence[first:end], meter)
        beat_in_bar[first:end] = (np.arange(end - first) - phase) % meter
        confidence += sure * (end - first) / n_beats
    return Bars(beat_in_bar, meter, confidence, _phrase_start(sounds, np.flatnonzero(beat_in_bar == 0)))


def bars_of(downbeats_s: np.ndarray, beats_s: np.ndarray, sounds: BeatSounds) -> Bars:
    """The bars of beats [B] whose downbeats [D] another tracker found.

    The meter is the commonest of 2, 3 and 4. A bar that seems too long is two or more between which a downbeat was
    missed; one that is shorter than the meter stays so. Trusted by the share of bars that are as long as the meter.
    """
    if not len(downbeats_s) or not len(beats_s):
        return Bars(np.arange(len(beats_s)) % 4, 4, 0.0, 0)
    begins = np.unique(np.abs(beats_s[:, np.newaxis] - downbeats_s).argmin(axis=0))
    lengths = np.diff(begins)
    counts = {meter: int(np.count_nonzero(lengths == meter)) for meter in (4, 3, 2)}
    meter = max(counts, key=lambda n: counts[n])
    before = np.maximum(np.searchsorted(begins, np.arange(len(beats_s)), side="right") - 1, 0)
    beat_in_bar = ((np.arange(len(beats_s)) - begins[before]) % meter).astype(np.int64)
    confidence = counts[meter] / len(lengths) if len(lengths) else 0.0
    return Bars(beat_in_bar, meter, confidence, _phrase_start(sounds, np.flatnonzero(beat_in_bar == 0)))


def meter_of(sounds: BeatSounds, beats_s: np.ndarray, division: Division) -> int:
    """Beats in a bar: 3 or 4, and 2 where slow beats are in three parts, which is counted as 6/8."""
    bpm = 60.0 / float(np.median(np.diff(beats_s))) if len(beats_s) > 1 else np.inf
    if (division.parts == 3 and bpm < MAX_SIX_BPM) or (division.swing > LONG_SWING and bpm < MAX_SLOW_SIX_BPM):
        return 2
    return 3 if triple_lead(sounds) > TRIPLE_MARGIN else 4


def _vote(evidence: np.ndarray, meter: int) -> tuple[int, float]:
    """The first downbeat among beats with this evidence [B], and how sure that is, 0..1."""
    n_beats = len(evidence)
    votes = np.array([evidence[phase::meter].mean() if phase < n_beats else -np.inf for phase in range(meter)])
    votes[0] += START_BONUS * float(evidence.std())
    phase = int(votes.argmax())
    # The mean of n independent values of deviation s wanders by s / sqrt(n): a lead of three such is sure.
    wander = float(evidence.std()) / np.sqrt(n_beats / meter)
    if n_beats < 2 * meter or wander < 1e-9:
        return phase, 0.0
    lead = float(votes[phase] - np.partition(votes, -2)[-2])
    sure = float(np.clip(lead / (3.0 * wander), 0.0, 1.0))
    return (phase if sure >= UNSURE else 0), sure


def triple_lead(sounds: BeatSounds) -> float:
    """By how much beats resemble those three and six on more than those four and eight on: positive for a waltz."""
    rows = np.column_stack(
        [
            *(_standard(group) for group in sounds.groups.T),
            2.0 * sounds.tonality * _standard(_novelty(sounds.chroma, 1)),
            1.5 * sounds.tonality * _standard(_novelty(sounds.bass, 1)),
        ]
    )
    alike = {lag: float((rows[:-lag] * rows[lag:]).mean()) if len(rows) > lag + 4 else 0.0 for lag in (3, 4, 6, 8)}
    return alike[3] + alike[6] - alike[4] - alike[8]


def downbeat_evidence(sounds: BeatSounds) -> np.ndarray:
    """What speaks for each beat being a downbeat, the weighted sum of VOTES, each of mean 0 and deviation 1, [B]."""
    signs = {
        "chord": _novelty(sounds.chroma, 1),
        "harmony": _novelty(sounds.chroma, 2),
        "bass": _novelty(sounds.bass, 1),
        "low": sounds.low,
        "backbeat": sounds.groups[:, 3] + sounds.groups[:, 4],
        "section": _novelty(sounds.bands, 8),
    }
    weights = {name: weight * (sounds.tonality if name in TONAL else 1.0) for name, weight in VOTES.items()}
    return np.sum([weight * _standard(signs[name]) for name, weight in weights.items()], axis=0)


def _phrase_start(sounds: BeatSounds, downbeats: np.ndarray) -> int:
    """0 or 1: the bars at which the sound changes more on average, the even or the odd ones."""
    if len(downbeats) < 4:
        return 0
    change = _standard(_novelty(sounds.bands, 8)) + sounds.tonality * _standard(_novelty(sounds.chroma, 4))
    at_bars = change[downbeats]
    return int(at_bars[1::2].mean() > at_bars[::2].mean() + 0.25)


def _means_between(beats_s: np.ndarray, rows: np.ndarray, rate_hz: float) -> np.ndarray:
    """Mean of rows [N, D] from each beat to the next, [B, D]; at least one row each."""
    period = float(np.median(np.diff(beats_s))) if len(beats_s) > 1 else 0.5
    edges = np.round(np.append(beats_s, beats_s[-1] + period) * rate_hz).astype(int)
    first = np.clip(edges[:-1], 0, len(rows) - 1)
    end = np.clip(np.maximum(edges[1:], first + 1), 1, len(rows))
    total = np.concatenate([np.zeros((1, rows.shape[1])), np.cumsum(rows, axis=0, dtype=np.float64)])
    return (total[end] - total[first]) / (end - first)[:, None]


def _novelty(rows: np.ndarray, reach: int) -> np.ndarray:
    """Distance between the mean of the `reach` rows from each on and that of the `reach` rows before it, [B]."""
    n = len(rows)
    total = np.concatenate([np.zeros((1, rows.shape[1])), np.cumsum(rows, axis=0)])
    at = np.arange(n)
    before, after = np.maximum(at - reach, 0), np.minimum(at + reach, n)
    mean_before = (total[at] - total[before]) / np.maximum(at - before, 1)[:, None]
    mean_after = (total[after] - total[at]) / np.maximum(after - at, 1)[:, None]
    distance = np.linalg.norm(mean_after - mean_before, axis=1)
    distance[0] = distance[1:].mean() if n > 1 else 0.0  # nothing lies before the first: it tells nothing
    return distance


def _strength_at(beats_s: np.ndarray, envelope: np.ndarray) -> np.ndarray:
    """The highest value of an envelope within 45 ms of each beat, [B]."""
    hops = np.round(beats_s * HOP_RATE_HZ).astype(int)[:, None] + np.arange(-4, 5)
    return envelope[np.clip(hops, 0, len(envelope) - 1)].max(axis=1)


def _standard(values: np.ndarray) -> np.ndarray:
    """Values at mean 0 and deviation 1, limited to 3; 0 if they are all alike."""
    deviation = values.std()
    return np.clip((values - values.mean()) / deviation, -3.0, 3.0) if deviation > 1e-9 else np.zeros_like(values)
