from __future__ import annotations

import numpy as np
import pytest

from editor.playback.attacks import attacks_of
from editor.playback.deck import Deck, Wishes
from editor.playback.sound import Sound, sound_of
from engine.audio.audio import Audio

RATE_HZ = 16_000
EVERY_S = 0.3
DURATION_S = 6.0


def drums(is_over_chord: bool) -> Sound:
    """Bursts of noise that die away, at every EVERY_S."""
    rng = np.random.default_rng(1)
    t = np.arange(round(DURATION_S * RATE_HZ)) / RATE_HZ
    samples = 0.05 * is_over_chord * (np.sin(2 * np.pi * 110 * t) + np.sin(2 * np.pi * 277 * t))
    n = np.arange(round(0.05 * RATE_HZ))
    for k in range(1, round(DURATION_S / EVERY_S)):
        samples[round(k * EVERY_S * RATE_HZ) :][: len(n)] += 0.4 * np.exp(-n / 70) * rng.normal(size=len(n))
    return sound_of(Audio(samples.astype(np.float32)[None], RATE_HZ), RATE_HZ)


def played(sound: Sound, rate: float) -> np.ndarray:
    """The left channel of all of a song at a rate."""
    deck = Deck(RATE_HZ, Wishes(1, 0.0, is_playing=True, rate=rate, duration_s=DURATION_S), sound)
    out = np.zeros((round(DURATION_S / rate * RATE_HZ), 2), np.float32)
    for first in range(0, len(out), 256):
        deck.fill(out[first : first + 256], len(out[first : first + 256]), first / RATE_HZ)
    return out[:, 0]


def hits_s(sound: np.ndarray) -> np.ndarray:
    """When something is hit: the loudness of fast changes is four times that of 10 ms before."""
    envelope = np.convolve(np.abs(np.diff(sound)), np.full(32, 1 / 32), "same")
    before = np.concatenate((np.full(160, 1e-9), envelope[:-160]))
    loud = np.flatnonzero((envelope > 0.06) & (envelope > 4 * before))
    return loud[np.diff(loud, prepend=-RATE_HZ) > 0.015 * RATE_HZ] / RATE_HZ


@pytest.mark.parametrize("rate", [0.25, 0.5, 0.75, 1.5])
@pytest.mark.parametrize("is_over_chord", [False, True])
def test_a_drum_is_heard_once_and_in_time(rate, is_over_chord):
    heard_s = hits_s(played(drums(is_over_chord), rate))

    expected_s = EVERY_S * np.arange(1, round(DURATION_S / EVERY_S)) / rate
    assert len(heard_s) == len(expected_s)
    np.testing.assert_allclose(heard_s, expected_s, atol=0.015)


def test_a_drum_is_as_short_played_slowly():
    sound = np.abs(played(drums(False), 0.5))
    loud_s = np.mean(sound > 0.02) * DURATION_S / 0.5

    assert loud_s == pytest.approx(np.mean(np.abs(drums(False).samples[:, 0]) > 0.02) * DURATION_S, rel=0.2)


def test_attacks_are_found_where_they_are():
    found_s = attacks_of(drums(True).samples.T, RATE_HZ) / RATE_HZ

    np.testing.assert_allclose(found_s, EVERY_S * np.arange(1, round(DURATION_S / EVERY_S)), atol=0.0041)


@pytest.mark.parametrize("n_samples", [0, 1, 100, 16_000])
def test_silence_has_no_attacks(n_samples):
    assert len(attacks_of(np.zeros((2, n_samples), np.float32), RATE_HZ)) == 0
