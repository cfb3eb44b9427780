"""Pairs of songs that are alike but for one thing, which must have more of a feeling than the other.

The directions are those that listeners agree on (Eerola, Friberg and Bresin 2013; Juslin and Laukka 2004): loud, fast,
dense and bright music is excited, major and fast music glad, slow and minor music sad, rough music tense.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from engine.audio import Audio
from engine.music import analyse
from tests.songs.band import Part, Recipe, make
from tests.songs.grooves import FOUR

N_BARS = 8
FULL = ("drums", "bass", "chords", "melody")


def recipe(seed: int, layers: tuple[str, ...] = FULL, bpm: float = 110.0, mode: str = "major") -> Recipe:
    """A short song."""
    return Recipe(bpm, FOUR["pop"], (Part("A", N_BARS, layers),), mode=mode, seed=seed)


def _sound(of: Recipe) -> Audio:
    return make(of).audio


def _scaled(audio: Audio, gain: float) -> Audio:
    return Audio((gain * audio.samples).astype(np.float32), audio.sample_rate_hz)


def _clustered(audio: Audio) -> Audio:
    """The sound together with itself a semitone higher: every tone gets a rough neighbour."""
    samples = audio.samples
    at = np.arange(0.0, samples.shape[1] - 1.0, 2.0 ** (1.0 / 12.0))
    higher = np.stack([np.interp(at, np.arange(samples.shape[1]), row) for row in samples])
    both = samples[:, : higher.shape[1]] + higher
    return Audio((both * np.abs(samples).max() / np.abs(both).max()).astype(np.float32), audio.sample_rate_hz)


_SOFT = ("bass", "chords")
# name -> curve, the sound with more of it, the sound with less
MOODS: dict[str, tuple[str, Callable[[int], Audio], Callable[[int], Audio]]] = {
    "loud more aroused than soft": (
        "arousal", lambda s: _sound(recipe(s)), lambda s: _scaled(_sound(recipe(s)), 0.2)),
    "fast more aroused than slow": (
        "arousal", lambda s: _sound(recipe(s, bpm=130.0)), lambda s: _sound(recipe(s, bpm=84.0))),
    "the band more aroused than held chords": (
        "arousal", lambda s: _sound(recipe(s)), lambda s: _sound(recipe(s, _SOFT))),
    "major more glad than minor": (
        "valence", lambda s: _sound(recipe(s, FULL[1:])), lambda s: _sound(recipe(s, FULL[1:], mode="minor"))),
    "fast major more joyful than slow minor": (
        "joy", lambda s: _sound(recipe(s, bpm=130.0)), lambda s: _sound(recipe(s, _SOFT, 84.0, "minor"))),
    "slow minor more sorrowful than fast major": (
        "sorrow", lambda s: _sound(recipe(s, _SOFT, 84.0, "minor")), lambda s: _sound(recipe(s, bpm=130.0))),
    "clusters more tense than chords": (
        "tension", lambda s: _clustered(_sound(recipe(s, FULL[1:]))), lambda s: _sound(recipe(s, FULL[1:]))),
    "soft major more serene than the loud band": (
        "serenity", lambda s: _scaled(_sound(recipe(s, _SOFT, 84.0)), 0.4), lambda s: _sound(recipe(s, bpm=130.0))),
    "the loud band more intense than soft chords": (
        "intensity", lambda s: _sound(recipe(s)), lambda s: _scaled(_sound(recipe(s, _SOFT)), 0.5)),
}  # fmt: skip


def ordered(name: str, seed: int) -> bool:
    """Whether the mean of the curve is higher for the song that should have more of it."""
    curve, more, less = MOODS[name]
    return bool(np.mean(getattr(analyse(more(seed)), curve)) > np.mean(getattr(analyse(less(seed)), curve)))
