"""Fits engine/music/levels.WEIGHTS: `python -m tests.songs.fit_levels` prints the table, which is pasted there.

A softmax over the ways to count each song, towards those that are right (multinomial logistic ranking), on the seeds of
TUNED_ON and on simple songs and clicks. No seed of kinds.HELD_OUT is ever looked at here.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator

import numpy as np
from scipy.optimize import minimize

from engine.audio import Audio
from engine.music.beats import refined, smoothed
from engine.music.harmony import harmony
from engine.music.levels import heard_of, levels_of
from engine.music.onsets import onsets
from engine.music.pulse import candidate_periods, follow
from engine.music.spectral import spectra
from tests.songs.kinds import KINDS, TUNED_ON
from tests.songs.measures import f_measure
from tests.songs.simple import GROOVES_3, GROOVES_4, band_song, click_track

RIDGE = 0.001
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
    for bpm in range(60, 185, 5):
        clicks = click_track(bpm + 0.3)
        yield "clicks", clicks.audio, clicks.beat_times_s
    for seed, groove in enumerate([*GROOVES_4, *GROOVES_3] * 4):
        slow, fast = SIMPLE_BPM[groove]
        simple = band_song(slow * (fast / slow) ** (seed % 4 / 3.0), groove, 14, seed=seed, with_chords=seed % 5 != 4)
        yield "simple", simple.audio, simple.beat_times_s


def judged(audio: Audio, true_s: np.ndarray) -> tuple[list[str], np.ndarray, np.ndarray]:
    """Names of the features, features [N, D] and beat F [N] of all ways to count a song."""
    heard = spectra(audio, lambda _: None)
    rise, tones = onsets(heard.bands, heard.band_hz), harmony(heard)
    smooth = smoothed(rise.envelope)
    sampled = heard_of(rise, tones)
    levels = []
    for period in candidate_periods(rise.envelope):
        levels += levels_of(refined(follow(smooth, period), smooth), sampled)
    features = np.array([list(level.features.values()) for level in levels])
    return list(levels[0].features), features, np.array([f_measure(level.times_s, true_s) for level in levels])


def fitted(rows: list[np.ndarray], right: list[np.ndarray], shares: list[float]) -> np.ndarray:
    """Weights [D] that make the right rows likely among each song's rows [N, D], for features of unit deviation."""

    def loss(weights: np.ndarray) -> tuple[float, np.ndarray]:
        total, slope = RIDGE * float(weights @ weights), 2.0 * RIDGE * weights
        for x, is_right, share in zip(rows, right, shares, strict=True):
            z = x @ weights
            p = np.exp(z - z.max())
            p /= p.sum()
            hit = float(p[is_right].sum()) + 1e-12
            total -= share * np.log(hit)
            slope = slope - share * (x.T @ (np.where(is_right, p / hit, 0.0) - p))
        return total, slope

    return minimize(loss, np.zeros(rows[0].shape[1]), jac=True, method="L-BFGS-B").x


def main() -> None:
    """Print the table."""
    found = [(kind, *judged(audio, true_s)) for kind, audio, true_s in songs()]
    found = [song for song in found if song[3].max() > 0.85]
    names = found[0][1]
    everything = np.concatenate([song[2] for song in found])
    deviation = everything.std(axis=0) + 1e-9
    rows = [(song[2] - everything.mean(axis=0)) / deviation for song in found]
    right = [song[3] >= max(0.85, song[3].max() - 0.03) for song in found]
    kinds = [song[0] for song in found]
    shares = np.array([kinds.count(kind) ** -0.5 for kind in kinds])
    weights = fitted(rows, right, list(shares / shares.sum())) / deviation
    sys.stdout.write("".join(f'    "{n}": {w:.3g},\n' for n, w in zip(names, weights, strict=True)))


if __name__ == "__main__":
    main()
