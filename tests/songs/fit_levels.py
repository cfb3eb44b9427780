"""Fits engine/music/levels.WEIGHTS: `python -m tests.songs.fit_levels` prints the table, which is pasted there.

A softmax over the ways to count each song, towards those that are right (multinomial logistic ranking), on the seeds of
TUNED_ON and ALSO_TUNED_ON and on simple songs; it stays near the weights as they are. What says how usual a tempo is
stays as it is: that is the world's, and these songs' tempi are ours. No seed of kinds.HELD_OUT is ever looked at here.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator

import numpy as np
from scipy.optimize import minimize

from engine.audio import Audio
from engine.music.beats import refined, smoothed
from engine.music.harmony import harmony
from engine.music.levels import WEIGHTS, heard_of, levels_of
from engine.music.onsets import onsets
from engine.music.pulse import candidate_periods, follow
from engine.music.spectral import spectra
from tests.songs.kinds import ALSO_TUNED_ON, KINDS, LEARNED_FROM, TUNED_ON
from tests.songs.measures import f_measure
from tests.songs.simple import GROOVES_3, GROOVES_4, band_song

RIDGE = 0.001  # how near to the weights as they are, in deviations of the features
MORE = {"swing": 2.0, "simple": 2.0}
KEPT = ("tempo", "tempo squared", "slow", "fast")
MANY = ("4/4", "3/4", "6/8", "swing", "no drums", "drums alone")  # where the level is hard to tell: more of these
SIMPLE_BPM = {"rock": (80, 128), "pop": (90, 120), "house": (105, 134), "funk": (92, 115), "halftime": (100, 125),
              "reggaeton": (88, 94), "ballad": (66, 84), "waltz": (92, 168), "jazzwaltz": (105, 150),
              "slow3": (80, 108)}  # fmt: skip


def songs() -> Iterator[tuple[str, Audio, np.ndarray]]:
    """Kind, sound and true beats of every song that is learned from."""
    for kind, make in KINDS.items():
        for seed in TUNED_ON if kind in MANY else TUNED_ON[:12]:
            song = make(seed)
            yield kind, song.audio, song.beat_times_s
    for kind, make in LEARNED_FROM.items():
        for seed in ALSO_TUNED_ON:
            song = make(seed)
            yield kind, song.audio, song.beat_times_s
    for seed, groove in enumerate([*GROOVES_4, *GROOVES_3] * 4):
        slow, fast = SIMPLE_BPM[groove]
        simple = band_song(slow * (fast / slow) ** (seed % 4 / 3.0), groove, 14, seed=seed, with_chords=seed % 5 != 4)
        yield "simple", simple.audio, simple.beat_times_s


def judged(audio: Audio, true_s: np.ndarray) -> tuple[list[str], np.ndarray, np.ndarray, np.ndarray]:
    """Of all ways to count a song: names and values [N, D] of features, what being slow or fast costs, beat F [N]."""
    heard = spectra(audio, lambda _: None)
    rise, tones = onsets(heard.bands, heard.band_hz), harmony(heard)
    smooth = smoothed(rise.envelope)
    sampled = heard_of(rise, tones)
    levels = []
    for period in candidate_periods(rise.envelope):
        levels += levels_of(refined(follow(smooth, period), smooth), sampled)
    features = np.array([list(level.features.values()) for level in levels])
    slowness = np.array([level.slowness + level.haste for level in levels])
    return list(levels[0].features), features, slowness, np.array([f_measure(x.times_s, true_s) for x in levels])


def fitted(
    rows: list[np.ndarray], slowness: list[np.ndarray], right: list[np.ndarray], shares: np.ndarray,
    near: np.ndarray, is_kept: np.ndarray,
) -> np.ndarray:  # fmt: skip
    """Weights [D] near others that make the right rows likely among each song's rows [N, D], of unit deviation."""

    def loss(weights: np.ndarray) -> tuple[float, np.ndarray]:
        total, slope = RIDGE * float((weights - near) @ (weights - near)), 2.0 * RIDGE * (weights - near)
        for x, costs, is_right, share in zip(rows, slowness, right, shares, strict=True):
            z = x @ weights - costs
            p = np.exp(z - z.max())
            p /= p.sum()
            hit = float(p[is_right].sum()) + 1e-12
            total -= share * np.log(hit)
            slope = slope - share * (x.T @ (np.where(is_right, p / hit, 0.0) - p))
        return total, np.where(is_kept, 0.0, slope)

    return minimize(loss, near, jac=True, method="L-BFGS-B").x


def main() -> None:
    """Print the table."""
    found = [(kind, *judged(audio, true_s)) for kind, audio, true_s in songs()]
    found = [song for song in found if song[4].max() > 0.85]
    names = found[0][1]
    everything = np.concatenate([song[2] for song in found])
    deviation = everything.std(axis=0) + 1e-9
    rows = [(song[2] - everything.mean(axis=0)) / deviation for song in found]
    right = [song[4] >= max(0.85, song[4].max() - 0.03) for song in found]
    kinds = [song[0] for song in found]
    shares = np.array([kinds.count(kind) ** -0.5 * MORE.get(kind, 1.0) for kind in kinds])
    near = np.array([WEIGHTS.get(name, 0.0) for name in names]) * deviation
    slowness = [song[3] for song in found]
    is_kept = np.isin(names, KEPT)
    weights = fitted(rows, slowness, right, shares / shares.sum(), near, is_kept) / deviation
    sys.stdout.write("".join(f'    "{n}": {w:.3g},\n' for n, w in zip(names, weights, strict=True)))


if __name__ == "__main__":
    main()
