"""The demo song: its score obeys plain rules of harmony, its instruments sound, and the analysis hears its form."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from app.demo_song import instruments as band
from app.demo_song import mix, score
from app.demo_song.instruments import RATE_HZ
from app.resources import resource_path
from engine.audio import Audio, read_audio
from engine.music import MusicAnalysis, analyse
from tests.songs import f_measure

D_MAJOR_AND_LEADING_TONES = {1, 2, 4, 6, 7, 8, 9, 10, 11}


@pytest.fixture(scope="module")
def song() -> Audio:
    return read_audio(resource_path("demo/song.ogg"))


@pytest.fixture(scope="module")
def analysis(song) -> MusicAnalysis:
    return analyse(song)


def bars() -> list[tuple[tuple[str, ...], tuple[score.Note, ...]]]:
    """Chord names and melody of every bar."""
    return [bar for part in score.FORM for bar in zip(part.chords, part.melody, strict=True)]


def test_every_part_has_chords_melody_and_a_groove_for_each_of_its_bars():
    for part in score.FORM:
        assert len(part.melody) == len(part.groove) == part.n_bars, part.name
        assert all(len(marks) == 16 for groove in part.groove for marks in score.GROOVES[groove].values()), part.name


def test_the_melody_rests_on_tones_of_the_chord_on_strong_beats():
    strong, fitting = 0, 0
    for names, melody in bars():
        for note in melody:
            if note.beat in (0.0, 2.0):
                chord = score.CHORDS[names[int(note.beat * len(names) / 4)]]
                strong += 1
                fitting += note.pitch % 12 in {p % 12 for p in (*chord.notes, chord.bass)}

    assert strong > 50
    assert fitting / strong >= 0.9


def test_the_melody_stays_in_the_key_and_makes_no_leap_beyond_an_octave():
    notes = [note.pitch for _, melody in bars() for note in melody]

    assert {pitch % 12 for pitch in notes} <= D_MAJOR_AND_LEADING_TONES
    assert np.abs(np.diff(notes)).max() <= 12
    assert np.median(np.abs(np.diff(notes))) <= 4


def test_chords_follow_one_another_by_small_steps():
    names = [name for chords, _ in bars() for name in chords]
    steps = [
        abs(a - b)
        for first, second in pairwise(names)
        for a, b in zip(score.CHORDS[first].notes, score.CHORDS[second].notes, strict=False)
    ]

    assert np.mean(steps) < 2.5
    assert max(steps) <= 7


@pytest.mark.parametrize(
    "stroke", [band.kick, band.clap, band.snare, band.hat, band.open_hat, band.shaker, band.tom, band.crash]
)
def test_strokes_begin_and_end_in_silence(stroke):
    sound = stroke(np.random.default_rng(0))

    assert abs(sound[0]) < 0.01
    assert abs(sound[-1]) < 0.01
    assert 0.1 < np.abs(sound).max() < 1.6


@pytest.mark.parametrize("pitch", [45, 60, 81])
def test_notes_have_their_pitch_and_begin_and_end_in_silence(pitch):
    rng = np.random.default_rng(0)
    for sound in (
        band.bass(pitch, 1.0),
        band.keys(pitch, 1.0, 0.8),
        band.pad(pitch, 1.0, 0.5)[0],
        band.strings(pitch, 1.5)[0],
        band.lead(pitch, 1.0, 0.8),
        band.flute(pitch, 1.0, rng),
        band.pluck(pitch),
    ):
        spectrum = np.abs(np.fft.rfft(sound * np.hanning(len(sound))))
        hz = np.fft.rfftfreq(len(sound), 1 / RATE_HZ)
        near = np.abs(np.log2(np.maximum(hz, 1.0) / band.hertz(pitch))) < 1 / 24
        assert spectrum[near].max() > 0.3 * spectrum.max()
        assert abs(sound[0]) < 0.01
        assert abs(sound[-1]) < 0.01


def test_the_limiter_holds_peaks_and_leaves_quiet_sound_alone():
    rng = np.random.default_rng(0)
    quiet, loud = 0.1 * rng.standard_normal((2, RATE_HZ)), 1.5 * rng.standard_normal((2, RATE_HZ))

    np.testing.assert_array_equal(mix.limited(quiet), quiet)
    assert np.abs(mix.limited(loud)).max() <= mix.PEAK + 1e-12


def test_the_room_fades_and_does_not_answer_before_it_is_asked():
    room = mix.room(np.random.default_rng(0), 1.0)
    energy = (room**2).sum(axis=0)

    assert energy[: round(0.015 * RATE_HZ)].sum() == 0.0
    assert energy[RATE_HZ:].sum() < 1e-4 * energy.sum()


def test_the_song_is_about_80_s_of_stereo_at_a_sound_level_without_clipping(song):
    peak = np.abs(song.samples).max()
    loud = song.slice(round(10 * RATE_HZ), round(34 * RATE_HZ)).samples

    assert (song.n_channels, song.sample_rate_hz) == (2, 44100)
    assert song.duration_s == pytest.approx(score.duration_s(), abs=0.05)
    assert 0.5 < peak < 0.98
    assert -19.0 < 10 * np.log10((loud**2).mean()) < -11.0
    assert np.abs(np.diff(song.samples)).max() < 0.7  # a click would be a step of full height
    assert np.abs(song.samples[:, -2000:]).max() < 0.01
    assert np.abs(song.samples.mean(axis=1)).max() < 0.001


def test_the_analysis_hears_the_beats_bars_and_tempo_of_the_score(analysis):
    beats = np.array(score.beat_times_s())

    assert analysis.tempo_bpm == pytest.approx(score.TEMPO_BPM, rel=0.0005)
    assert analysis.is_steady
    assert analysis.beats_per_bar == 4
    assert f_measure(analysis.beat_times_s, beats) >= 0.98
    assert f_measure(analysis.downbeat_times_s, beats[::4]) >= 0.97
    nearest = [analysis.beat_times_s[np.abs(analysis.beat_times_s - t).argmin()] - t for t in beats]
    assert np.median(np.abs(nearest)) < 0.012
    assert analysis.count_of_eight(0) == 1


def test_the_analysis_hears_its_sections(analysis):
    starts = np.array([section.start_s for section in analysis.sections])
    opening, theme, _, lament, _, back, farewell = score.section_starts_s()
    theme_label, back_label = (analysis.sections[int(np.abs(starts - t).argmin())].label for t in (theme, back))

    for start in (theme, lament, back, farewell):
        assert np.abs(starts - start).min() < 0.2
    assert theme_label.rstrip("'") == back_label.rstrip("'")
    assert analysis.sections[0].role == "introduction"
    assert analysis.sections[0].end_s == pytest.approx(theme, abs=0.2)
    assert analysis.sections[-1].role == "conclusion"
    assert opening == score.START_S


def test_the_theme_is_the_most_joyful_and_the_lament_the_most_sorrowful(analysis):
    starts = [*score.section_starts_s(), score.time_s(score.n_bars())]
    means = {
        part.name: {e: analysis.curve_at(e, np.linspace(a + 1, b - 1, 50)).mean() for e in ("joy", "sorrow")}
        for part, (a, b) in zip(score.FORM, pairwise(starts), strict=True)
    }

    assert max(means, key=lambda name: means[name]["joy"]) in ("theme", "variation", "return")
    assert max(means, key=lambda name: means[name]["sorrow"]) == "lament"
    assert means["theme"]["joy"] > means["lament"]["joy"] + 0.3


@pytest.mark.slow
def test_the_file_is_what_the_code_renders(song, tmp_path: Path):
    from app.demo_song.__main__ import write

    write(tmp_path / "again.wav")
    again = read_audio(tmp_path / "again.wav")

    assert again.n_samples == song.n_samples
    assert np.corrcoef(again.samples[0], song.samples[0])[0, 1] > 0.99
