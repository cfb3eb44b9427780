"""The analysis of a stream that is still coming in."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.audio import Audio
from engine.music.live import WINDOW_S, LiveAnalysis
from tests.songs import RATE_HZ, band_song, f_measure

SONG = band_song(112, "rock", 12)


def fed(audio: Audio, chunk: int) -> LiveAnalysis:
    live = LiveAnalysis(audio.sample_rate_hz)
    for start in range(0, audio.n_samples, chunk):
        live.feed(audio.slice(start, start + chunk))
    return live


@cache
def whole() -> LiveAnalysis:
    """The stream of the whole song; one for all tests that do not feed it."""
    return fed(SONG.audio, 2205)


def test_beats_of_a_stream_are_those_of_the_song():
    now = whole().now()

    true_s = SONG.beat_times_s[SONG.beat_times_s < now.heard_s - 2.5]
    assert f_measure(now.beat_times_s, true_s) > 0.93
    assert now.tempo_bpm == pytest.approx(112, rel=0.01)
    assert np.all(np.diff(now.beat_times_s) > 0.3)


def test_the_next_beat_is_foretold():
    live = LiveAnalysis(RATE_HZ)
    live.feed(SONG.audio.slice(0, round(16.0 * RATE_HZ)))

    coming = SONG.beat_times_s[SONG.beat_times_s > 16.0][0]
    assert live.now().next_beat_s == pytest.approx(coming, abs=0.05)


def test_beats_that_were_told_stay():
    live = LiveAnalysis(RATE_HZ)
    told = np.zeros(0)
    for start in range(0, SONG.audio.n_samples, RATE_HZ):
        live.feed(SONG.audio.slice(start, start + RATE_HZ))
        now = live.now().beat_times_s
        np.testing.assert_array_equal(now[: len(told)], told)
        told = now


def test_a_stream_keeps_no_more_sound_than_its_window():
    assert len(whole()._window) <= round(WINDOW_S * 22050)


def test_silence_and_noise_have_no_beat():
    for sound in (np.zeros(12 * RATE_HZ), np.random.default_rng(1).normal(0, 0.2, 12 * RATE_HZ)):
        now = fed(Audio(sound[None].astype(np.float32), RATE_HZ), 3000).now()

        assert len(now.beat_times_s) == 0
        assert now.tempo_bpm == 0.0


def test_loud_music_is_more_aroused_than_soft():
    soft = Audio(SONG.audio.samples * np.float32(0.05), RATE_HZ)

    assert whole().now().arousal > fed(soft, 9000).now().arousal


@given(st.integers(1, 8), st.sampled_from([8000, 44100, 192000]), st.floats(width=32))
@settings(max_examples=6)
def test_any_stream_is_borne(channels, rate_hz, value):
    live = LiveAnalysis(rate_hz)

    for _ in range(6):
        live.feed(Audio(np.full((channels, rate_hz), value, np.float32), rate_hz))

    assert live.now().heard_s == pytest.approx(6.0, abs=0.2)


def test_a_chunk_of_another_rate_is_refused():
    with pytest.raises(ValueError, match="44100 Hz, the chunk 8000 Hz"):
        LiveAnalysis(44100).feed(Audio(np.zeros((1, 10), np.float32), 8000))
