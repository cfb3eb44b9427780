"""Sections, loudness and emotion, against songs made to differ in just these."""

from __future__ import annotations

from functools import cache
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from engine.audio import Audio
from engine.music import MusicAnalysis, analyse
from engine.music.analysis import EMOTIONS
from engine.music.curves import AROUSAL_CUES, VALENCE_CUES, combine, quadrants
from engine.music.harmony import mode_and_clarity, roughness
from engine.music.sections import letters, partition, propose_roles
from engine.music.spectral import k_weighting
from tests.songs import RATE_HZ, Song, band_song, click_track, two_part_song

T_S = np.arange(6 * RATE_HZ) / RATE_HZ


def chord(pitches: tuple[int, ...], level: float = 0.2) -> Audio:
    """Six seconds of organ-like notes."""
    hz = [440.0 * 2 ** ((p - 69) / 12) for p in pitches]
    wave = sum(np.sin(2 * np.pi * k * f * T_S) / k for f in hz for k in range(1, 6))
    return Audio((level * wave / len(pitches))[None].astype(np.float32), RATE_HZ)


@cache
def three_parts(bpm: float) -> tuple[Song, MusicAnalysis]:
    """A song in three parts and what is heard in it; made once."""
    song = two_part_song(bpm)
    return song, analyse(song.audio)


@pytest.mark.parametrize("bpm", [90, 120])
def test_a_song_in_three_parts_is_cut_where_it_changes_and_the_repeat_has_the_same_letter(bpm):
    song, found = three_parts(bpm)

    sections = found.sections

    assert [s.label for s in sections] == ["A", "B", "A"]
    assert [s.role for s in sections] == ["introduction", "development", "conclusion"]
    np.testing.assert_allclose([s.start_s for s in sections[1:]], song.section_starts_s, atol=0.1)


def test_sections_have_no_gaps_and_cover_the_sound():
    short = [(song, analyse(song.audio)) for song in (click_track(97, 9.0), band_song(120, "rock", 6))]
    for song, found in (three_parts(120), *short):
        sections = found.sections

        assert sections[0].start_s == 0.0
        assert sections[-1].end_s == song.audio.duration_s
        assert all(a.end_s == b.start_s for a, b in pairwise(sections))


def test_a_song_that_does_not_change_is_one_section():
    [section] = analyse(band_song(120, "house", 20).audio).sections

    assert (section.label, section.role) == ("A", "development")


@given(arrays(np.float64, st.tuples(st.integers(1, 40), st.just(3)), elements=st.floats(-3, 3)))
def test_parts_are_at_least_four_bars_and_together_the_whole(rows):
    cuts = partition(rows)

    assert (cuts[0], cuts[-1]) == (0, len(rows))
    assert all(b - a >= min(4, len(rows)) for a, b in pairwise(cuts))


def test_letters_name_likeness_and_primes_name_variation():
    a, varied, other = np.zeros((4, 2)), np.full((4, 2), 0.45), np.full((4, 2), 3.0)

    assert letters([a, other, varied, a, other, varied]) == ["A", "B", "A'", "A", "B", "A'"]


@pytest.mark.parametrize(
    ("lengths", "roles"),
    [
        ([30], "d"),
        ([10, 30], "id"),
        ([30, 10], "dc"),
        ([10, 30, 10], "idc"),
        ([10, 20, 20, 10], "iddc"),
    ],
)
def test_roles_frame_the_development(lengths, roles):
    assert "".join(role[0] for role in propose_roles(np.array(lengths))) == roles


def test_loudness_is_that_of_the_standard():
    # ITU-R BS.1770: a sine of 997 Hz at full scale in one of two channels reads -3.01 LKFS after the constant -0.691.
    sine = Audio((np.sin(2 * np.pi * 997.0 * T_S))[None].astype(np.float32), RATE_HZ)

    level = analyse(sine).loudness_db[60]

    assert level - 0.691 == pytest.approx(-3.01, abs=0.3)
    assert 10 * np.log10(k_weighting(np.array([10.0, 997.0, 15000.0]))) == pytest.approx([-23, 0.7, 4.0], abs=1.0)


def test_silence_is_quiet_and_feels_nothing():
    analysis = analyse(Audio(np.zeros((1, 4 * RATE_HZ), np.float32), RATE_HZ))

    assert np.all(analysis.loudness == 0.0)
    assert np.all(analysis.onset_strength == 0.0)
    assert all(np.all(getattr(analysis, name) == 0.0) for name in EMOTIONS)
    assert analysis.emotion_confidence == 0.0


@pytest.mark.parametrize("groove", ["rock", "ballad", "waltz"])
def test_curves_keep_within_their_ranges(groove):
    analysis = analyse(band_song(100, groove, 8).audio)

    for name in ("onset_strength", "loudness", "arousal", "valence", *EMOTIONS):
        curve = getattr(analysis, name)
        assert (-1.0 if name in ("arousal", "valence") else 0.0) <= curve.min() <= curve.max() <= 1.0, name
    assert 0.0 < analysis.valence_confidence < analysis.arousal_confidence < 0.8
    heard = analysis.loudness_db > -45
    np.testing.assert_allclose(sum(getattr(analysis, name) for name in EMOTIONS)[heard], 1.0, atol=0.001)


def test_onset_strength_peaks_where_clicks_are():
    song = click_track(100, 12.0)

    analysis = analyse(song.audio)

    assert analysis.curve_at("onset_strength", song.beat_times_s).min() > 0.5
    assert analysis.curve_at("onset_strength", song.beat_times_s[:-1] + 0.3).max() < 0.05


def test_major_is_gladder_than_minor_and_a_cluster_rougher_than_a_fifth():
    glad, sad = (analyse(chord(notes)).valence.mean() for notes in ((60, 64, 67, 72), (60, 63, 67, 72)))
    smooth, rough = (analyse(chord(notes)).tension.mean() for notes in ((60, 67), (60, 61, 62)))

    assert glad > sad + 0.2
    assert rough > smooth


def test_arousal_rises_with_loudness_and_with_the_density_of_the_music():
    fast, slow = (band_song(bpm, groove, 10).audio for bpm, groove in ((135, "house"), (70, "ballad")))
    quiet = Audio(fast.samples * np.float32(0.1), RATE_HZ)

    loud_level, quiet_level, slow_level = (analyse(sound).arousal.mean() for sound in (fast, quiet, slow))

    assert loud_level > quiet_level + 0.2
    assert loud_level > slow_level + 0.4


def test_arousal_follows_the_parts_of_a_song():
    song = two_part_song(120)
    analysis = analyse(song.audio)
    first, second = song.section_starts_s

    quiet = analysis.curve_at("arousal", np.linspace(4, first - 4)).mean()
    full = analysis.curve_at("arousal", np.linspace(first + 4, second - 4)).mean()

    assert full > quiet + 0.3


def test_every_quadrant_has_its_emotion():
    corners = {"joy": (0.8, 0.8), "sorrow": (-0.8, -0.8), "tension": (0.8, -0.8), "serenity": (-0.8, 0.8)}

    for index, name in enumerate(EMOTIONS):
        shares = quadrants(*(np.array([x]) for x in corners[name]), np.zeros(1))[:, 0]
        assert shares.argmax() == index
        assert shares.sum() == pytest.approx(1.0)


@given(st.floats(-1, 1), st.floats(-1, 1), st.floats(0, 0.5), st.floats(0.01, 0.3))
def test_roughness_never_takes_tension_away(arousal, valence, rough, more):
    at = [np.array([x]) for x in (arousal, valence)]

    assert quadrants(*at, np.array([rough + more]))[2, 0] >= quadrants(*at, np.array([rough]))[2, 0] - 1e-12


@pytest.mark.parametrize("table", [AROUSAL_CUES, VALENCE_CUES])
def test_every_cue_pulls_the_way_of_its_weight(table):
    middle = {name: np.full(5, cue.middle) for name, cue in table.items()}
    assert combine(middle, table) == pytest.approx(np.zeros(5))

    for name, cue in table.items():
        raised = combine(middle | {name: middle[name] + cue.spread}, table)
        assert np.all(np.sign(raised) == np.sign(cue.weight)), name


def test_scales_are_told_apart_in_every_key():
    major, harmonic_minor = np.zeros(12), np.zeros(12)
    major[[0, 2, 4, 5, 7, 9, 11]] = [3, 1, 2, 1, 2, 1, 1]
    harmonic_minor[[0, 2, 3, 5, 7, 8, 11]] = [3, 1, 2, 1, 2, 1, 1]

    for shift in range(12):
        modes, _ = mode_and_clarity(np.stack([np.roll(major, shift), np.roll(harmonic_minor, shift)]))
        assert modes[0] > 0.05 > -0.05 > modes[1]


def test_roughness_is_greatest_for_near_tones_and_none_for_one():
    def of(*hz: float) -> float:
        return float(roughness(np.array([hz]), np.ones((1, len(hz))))[0])

    assert of(440.0, 0.0) == pytest.approx(0.0, abs=0.2)
    assert of(440.0, 470.0) > of(440.0, 660.0)
    assert of(440.0, 470.0) > of(440.0, 880.0)
