"""The analysis against songs that sound like records and whose truth is known; the whole table is `bench music`."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from engine.audio import Audio
from engine.errors import Cancelled
from engine.music import MusicAnalysis, analyse
from tests.songs import RATE_HZ, band_song
from tests.songs.band import KnownSong, Part, Recipe, make
from tests.songs.grooves import THREE
from tests.songs.kinds import KINDS, MOVING, form_song
from tests.songs.measures import (
    Score,
    allowed_continuity,
    boundary_f,
    continuity,
    f_measure,
    metrical_error,
    same_letters,
    score,
)
from tests.songs.moods import MOODS, ordered

# What is hard: drums under nearly as much hiss as music, and free time.
LEAST = {"noise": 0.9, "rubato, no drums": 0.93}
BEATS = np.arange(0.5, 20.0, 0.5)


@cache
def heard(kind: str, seed: int) -> tuple[KnownSong, MusicAnalysis]:
    """A song of a kind and what is heard in it; made once for all tests that ask of it."""
    song = KINDS[kind](seed)
    return song, analyse(song.audio)


def scored(kind: str, seed: int) -> Score:
    song, found = heard(kind, seed)
    return score(
        found.beat_times_s, found.downbeat_times_s, found.beats_per_bar, song.beat_times_s, song.beat_in_bar
    )


@pytest.mark.parametrize(
    "kind", ["4/4", "3/4", "6/8", "swing", "ramp", "steps", "no drums", "rubato, no drums", "break", "noise"]
)
def test_beats_are_found_in_every_kind_of_song(kind):
    one = scored(kind, 1)

    assert one.beat_f >= LEAST.get(kind, 0.93 if kind in MOVING else 0.98)
    assert not one.is_octave_error


@pytest.mark.parametrize("kind", ["4/4", "3/4", "6/8", "swing"])
def test_bars_are_found_where_there_are_drums(kind):
    one = scored(kind, 1)

    assert one.has_meter
    assert one.downbeat_f >= 0.9


@pytest.mark.slow
def test_most_songs_of_all_kinds_are_right():
    scores = {kind: [scored(kind, seed) for seed in (3, 4)] for kind in KINDS}

    steady = [s for kind in ("4/4", "3/4", "6/8", "break", "half time", "no drums", "mp3") for s in scores[kind]]
    assert np.mean([s.beat_f for s in steady]) >= 0.98
    assert np.mean([s.is_octave_error for kind in KINDS for s in scores[kind]]) <= 0.03


def test_a_song_is_the_same_each_time_it_is_made():
    recipe = Recipe(110.0, THREE["waltz"], (Part("A", 2),), seed=7)
    one, again = make(recipe), make(recipe)

    np.testing.assert_array_equal(one.audio.samples, again.audio.samples)
    np.testing.assert_array_equal(one.beat_times_s, again.beat_times_s)


def test_six_eight_is_counted_in_two_and_swing_is_measured():
    swung, found = heard("swing", 1)

    assert heard("6/8", 1)[1].meter == "6/8"
    assert found.meter == "4/4"
    assert found.swing == pytest.approx(swung.recipe.swing, abs=0.03)
    assert heard("4/4", 1)[1].swing == 0.5


def test_a_pick_up_is_told_and_drift_is_flagged():
    pickup, found = heard("pick-up", 1)

    assert found.n_pickup_beats == pickup.recipe.pickup
    assert heard("ramp", 1)[1].is_drifting
    assert not found.is_drifting


def test_whole_songs_are_cut_into_their_parts_with_the_right_letters():
    song = form_song(1)

    found = analyse(song.audio)

    at_s = np.arange(0.5, song.beat_times_s[-1], 0.5)
    sections = [next(s for s in found.sections if s.start_s <= t < s.end_s) for t in at_s]
    letters = np.array([sum(map(ord, s.label)) for s in sections])
    assert boundary_f(np.array([s.start_s for s in found.sections[1:]]), song.part_starts_s[1:], 0.5) >= 0.8
    assert same_letters(letters, song.letters_at(at_s)) >= 0.8
    assert [sections[0].role, sections[-1].role] == ["introduction", "conclusion"]


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in MOODS if name != "major more glad than minor"])
def test_songs_are_in_the_order_of_their_mood(name):
    assert ordered(name, 1)


def test_the_measures_say_what_they_should():
    late, half, between = BEATS + 0.05, BEATS[::2], BEATS + 0.25

    assert f_measure(late, BEATS) == 1.0
    assert f_measure(BEATS + 0.08, BEATS) == 0.0
    assert f_measure(half, BEATS) == pytest.approx(2 * 20 / (20 + 39))
    assert (continuity(late, BEATS), continuity(half, BEATS)) == (1.0, 0.0)
    assert allowed_continuity(half, BEATS) == allowed_continuity(between[:-1], BEATS) == 1.0
    assert (metrical_error(half, BEATS), metrical_error(late, BEATS)) == ("half", "")


def test_one_lost_beat_breaks_continuity_at_two_beats():
    lost = np.delete(BEATS, 10)

    assert continuity(lost, BEATS) == pytest.approx((len(BEATS) - 2) / len(BEATS), abs=0.03)


@pytest.mark.slow
def test_half_an_hour_is_analysed_like_a_song():
    song = band_song(112, "pop", 16)
    n_times = int(1800.0 / song.audio.duration_s)

    found = analyse(Audio(np.tile(song.audio.samples, (1, n_times)), RATE_HZ))

    assert found.n_beats > 3000
    assert np.median(found.tempo_curve_bpm) == pytest.approx(112, rel=0.01)


def test_listening_can_be_cancelled_while_beats_are_sought():
    seen: list[float] = []

    def stop_late(fraction: float) -> None:
        seen.append(fraction)
        if fraction > 0.75:
            raise Cancelled("enough")

    with pytest.raises(Cancelled):
        analyse(band_song(112, "pop", 8).audio, stop_late)
    assert 0.75 < seen[-1] < 0.9
