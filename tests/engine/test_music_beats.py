"""Beats and bars against songs whose beats are known because the tests make them."""

from __future__ import annotations

import numpy as np
import pytest

from engine.audio import Audio
from engine.music import MusicAnalysis, analyse
from tests.songs import (
    GROOVES_3,
    GROOVES_4,
    Song,
    band_song,
    band_song_on,
    beats_per_bar,
    click_track,
    clicks_at,
    f_measure,
    steady_beats,
    with_noise,
)

# Tempi at which each groove is danced to; a half-time groove at 170 is rightly heard as 85.
USUAL_BPM = {
    "rock": (80, 128),
    "pop": (90, 120),
    "house": (105, 134),
    "funk": (92, 115),
    "halftime": (100, 125),
    "reggaeton": (88, 94),
    "ballad": (66, 84),
    "waltz": (92, 168),
    "jazzwaltz": (105, 150),
    "slow3": (80, 108),
}


def beats_that_follow(tempo_at, n_beats: int) -> np.ndarray:
    """Beat times when the tempo at beat k of n is tempo_at(k / n), [n + 1]."""
    return 0.4 + np.concatenate([[0.0], np.cumsum([60.0 / tempo_at(k / n_beats) for k in range(n_beats)])])


def errors_s(analysis: MusicAnalysis, song: Song) -> np.ndarray:
    """From every true beat to the found one that is nearest."""
    return np.array([analysis.beat_times_s[np.abs(analysis.beat_times_s - t).argmin()] - t for t in song.beat_times_s])


@pytest.mark.parametrize("bpm", range(60, 181, 10))
def test_every_click_of_a_click_track_is_a_beat(bpm):
    song = click_track(bpm)

    analysis = analyse(song.audio)

    assert analysis.tempo_bpm == pytest.approx(bpm, rel=0.002)
    assert analysis.is_steady
    assert f_measure(analysis.beat_times_s, song.beat_times_s) >= 0.99
    assert np.abs(errors_s(analysis, song)).max() < 0.015


@pytest.mark.parametrize("groove", [*GROOVES_4, *GROOVES_3])
def test_beats_and_downbeats_of_a_steady_song_are_found(groove):
    for seed, bpm in enumerate(USUAL_BPM[groove]):
        meter = beats_per_bar(groove)
        n_bars = max(8, int(20 * bpm / 60 / meter))
        song = band_song(bpm, groove, n_bars, mode=("major", "minor")[seed], seed=seed)

        analysis = analyse(song.audio)

        assert analysis.tempo_bpm == pytest.approx(bpm, rel=0.005), bpm
        assert analysis.beats_per_bar == meter, bpm
        assert f_measure(analysis.beat_times_s, song.beat_times_s) >= 0.98, bpm
        assert np.median(np.abs(errors_s(analysis, song))) < 0.010, bpm
        if groove != "reggaeton":  # its kicks on every beat leave the bar to two chords that share their tones
            assert f_measure(analysis.downbeat_times_s, song.downbeat_times_s) >= 0.9, bpm


@pytest.mark.parametrize("groove", ["rock", "house", "waltz"])
def test_swung_eighths_do_not_move_the_beats(groove):
    song = band_song(116, groove, n_bars=12, swing=1 / 6, seed=3)

    analysis = analyse(song.audio)

    assert f_measure(analysis.beat_times_s, song.beat_times_s) >= 0.98
    assert f_measure(analysis.downbeat_times_s, song.downbeat_times_s) >= 0.9


@pytest.mark.parametrize(("start_bpm", "end_bpm"), [(100, 130), (130, 95), (80, 100)])
def test_a_ramp_of_tempo_is_followed(start_bpm, end_bpm):
    song = band_song_on(beats_that_follow(lambda x: start_bpm + (end_bpm - start_bpm) * x, 80), "rock")

    analysis = analyse(song.audio)

    assert f_measure(analysis.beat_times_s, song.beat_times_s) >= 0.95
    assert not analysis.is_steady
    assert analysis.tempo_curve_bpm[0] == pytest.approx(start_bpm, rel=0.04)
    assert analysis.tempo_curve_bpm[-1] == pytest.approx(end_bpm, rel=0.04)


def test_a_step_of_tempo_is_followed():
    song = band_song_on(beats_that_follow(lambda x: 100.0 if x < 0.5 else 120.0, 96), "rock")

    analysis = analyse(song.audio)

    assert f_measure(analysis.beat_times_s, song.beat_times_s) >= 0.95
    np.testing.assert_allclose(analysis.tempo_curve_bpm[[20, 76]], [100.0, 120.0], rtol=0.02)


def test_a_player_who_is_not_exact_still_gets_a_steady_grid():
    exact = steady_beats(112, "rock", 20)
    played = exact + np.random.default_rng(0).normal(0.0, 0.012, len(exact))

    analysis = analyse(band_song_on(played, "rock").audio)

    assert analysis.is_steady
    assert analysis.tempo_bpm == pytest.approx(112, rel=0.002)
    assert f_measure(analysis.beat_times_s, exact[:-1], 0.03) >= 0.98


def test_beats_are_found_under_noise():
    song = with_noise(band_song(104, "pop", 12), -22)

    assert f_measure(analyse(song.audio).beat_times_s, song.beat_times_s) >= 0.98


def test_a_song_that_starts_at_once_starts_on_its_first_beat():
    song = band_song(110, "rock", 10, lead_s=0.0)

    analysis = analyse(song.audio)

    assert analysis.beat_times_s[0] == pytest.approx(0.0, abs=0.02)
    assert analysis.beat_in_bar[0] == 0


def test_a_pick_up_is_counted_as_the_end_of_the_eight_before():
    song = band_song(110, "rock", 12)
    without_first_two = song.audio.slice(round((song.beat_times_s[2] - 0.1) * song.audio.sample_rate_hz), 10**9)

    analysis = analyse(without_first_two)

    counts = [analysis.count_of_eight(beat) for beat in range(4)]
    assert counts in ([7, 8, 1, 2], [3, 4, 5, 6])


@pytest.mark.parametrize("channels", [1, 2, 8])
@pytest.mark.parametrize("rate_hz", [8000, 48000, 192000])
def test_channels_and_sample_rate_do_not_change_the_beats(channels, rate_hz):
    times = np.arange(0.4, 9.9, 0.5)
    mono = clicks_at(times, 10.0, rate_hz).audio

    analysis = analyse(Audio(np.repeat(mono.samples, channels, axis=0), rate_hz))

    assert analysis.tempo_bpm == pytest.approx(120.0, rel=0.002)
    assert f_measure(analysis.beat_times_s, times, 0.02) == 1.0


def test_loudness_does_not_change_the_beats():
    song = band_song(118, "house", 10)
    quiet = Audio(song.audio.samples * np.float32(0.01), song.audio.sample_rate_hz)

    assert f_measure(analyse(quiet).beat_times_s, analyse(song.audio).beat_times_s, 0.005) >= 0.98


def beatless() -> dict[str, np.ndarray]:
    """Sounds in which there is no beat, [C, N] at 44.1 kHz."""
    rng = np.random.default_rng(5)
    second = 44100
    click = np.zeros(10 * second)
    click[4 * second] = 1.0
    clicks = np.zeros(20 * second)
    clicks[rng.integers(0, 20 * second, 40)] = 1.0
    t = np.arange(12 * second) / second
    return {
        "no samples": np.zeros((1, 0)),
        "one sample": np.ones((1, 1)),
        "silence": np.zeros((2, 30 * second)),
        "0.3 s of noise": rng.normal(0, 0.1, (1, 3 * second // 10)),
        "0.5 s of a tone": 0.5 * np.sin(2 * np.pi * 220 * t[None, : second // 2]),
        "white noise": rng.normal(0, 0.2, (1, 20 * second)),
        "3 s of noise": rng.normal(0, 0.2, (1, 3 * second)),
        "brown noise": 0.002 * np.cumsum(rng.normal(0, 1, (1, 20 * second)), axis=1),
        "direct current": np.full((1, 9 * second), 0.5),
        "one click": click[None],
        "clicks at random": clicks[None],
        "a steady tone": 0.5 * np.sin(2 * np.pi * 220 * t[None]),
        "vibrato": 0.5 * np.sin(2 * np.pi * 440 * t[None] + 3 * np.sin(2 * np.pi * 6 * t[None])),
        "no numbers": np.full((2, 5 * second), np.nan),
        "beyond all scale": np.full((1, 3 * second), 1e30),
    }


@pytest.mark.parametrize("name", list(beatless()))
def test_no_beat_is_invented_where_there_is_none(name):
    samples = beatless()[name].astype(np.float32)

    analysis = analyse(Audio(samples, 44100))

    assert analysis.n_beats == 0
    assert analysis.tempo_bpm == 0.0
    assert analysis.beat_confidence == 0.0
    assert all(np.isfinite(value).all() for value in vars(analysis).values() if isinstance(value, np.ndarray))


def test_samples_that_are_no_numbers_do_not_spoil_the_rest():
    song = click_track(120, 12.0)
    samples = song.audio.samples.copy()
    samples[0, 30000:31000] = np.nan
    samples[0, 40000] = np.inf

    analysis = analyse(Audio(samples, song.audio.sample_rate_hz))

    assert analysis.tempo_bpm == pytest.approx(120, rel=0.01)


def test_bars_are_counted_anew_after_a_long_silence():
    half = band_song(120, "rock", 8)
    silence = np.zeros((1, round(22050 * 6.3)), np.float32)
    second_s = half.audio.duration_s + 6.3
    downbeats = np.concatenate([half.downbeat_times_s, half.downbeat_times_s + second_s])

    analysis = analyse(Audio(np.concatenate([half.audio.samples, silence, half.audio.samples], axis=1), 22050))

    assert f_measure(analysis.downbeat_times_s, downbeats) >= 0.9


def test_no_beats_are_invented_in_a_long_silence():
    half = band_song(120, "rock", 8).audio.samples
    silence = np.zeros((1, 22050 * 8), np.float32)

    analysis = analyse(Audio(np.concatenate([half, silence, half], axis=1), 22050))

    first_s, last_s = half.shape[1] / 22050 + 0.6, half.shape[1] / 22050 + 8.0
    assert analysis.n_beats > 50
    assert not np.any((analysis.beat_times_s > first_s) & (analysis.beat_times_s < last_s))
