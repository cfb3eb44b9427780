"""Whole pieces: what is known of made-up ones is what is measured."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from app.resources import resource_path
from engine.evaluation.clicks import click_song
from engine.evaluation.long_piece import (
    above_others,
    bar_distances_m,
    bars_heard,
    likeness,
    longest_still_s,
    mean_piece,
    piece_figures,
    returning_pairs,
)
from engine.evaluation.structure import findings_per_min, told
from engine.motion.mirror import mirrored
from engine.motion.motion import concatenate
from engine.music import analyse
from engine.music.analysis import Section
from engine.structure.book import read_rules
from tests.dances import improvised, shifted, standing, walk

BAR_S, BAR_FRAMES = 2.0, 60


@pytest.fixture(scope="module")
def rules():
    return read_rules(resource_path("rules"))


def danced(bars):
    """A dance that holds, bar by bar, the movement of each number; the same number, the same movement."""
    moves = {n: improvised(BAR_FRAMES, seed=n) for n in set(bars)}
    return concatenate([moves[n] for n in bars])


def edges_s(n):
    return BAR_S * np.arange(n + 1)


def alike(letters):
    """How alike bars are that have a letter each: 1 or 0."""
    a = np.array(list(letters))
    return (a[:, np.newaxis] == a).astype(float)


def test_a_bar_that_comes_back_is_at_no_distance_and_its_mirror_image_neither():
    motion = danced([1, 2, 1])
    turned = concatenate([motion, mirrored(motion)])

    apart = bar_distances_m(turned, edges_s(6))

    assert apart[0, 2] == pytest.approx(0.0, abs=1e-3)
    assert apart[0, 3] == pytest.approx(0.0, abs=1e-3)
    assert apart[0, 1] > 0.05
    np.testing.assert_allclose(apart, apart.T)


def test_where_on_the_stage_a_bar_is_danced_does_not_matter():
    motion = danced([1, 2])
    away = concatenate([motion, shifted(motion, np.array([3.0, 0.0, -1.0]))])

    assert bar_distances_m(away, edges_s(4))[0, 2] == pytest.approx(0.0, abs=1e-3)


def test_a_dance_in_the_form_of_its_music_is_alike_and_above_every_shift():
    form = "AABACADACEAABBCD"
    motion = danced([ord(c) for c in form])

    here, chance, beaten = likeness(-bar_distances_m(motion, edges_s(len(form))), alike(form))

    assert here > 0.4
    assert abs(chance) < 0.15
    assert beaten == 1.0


def test_a_dance_that_never_comes_back_is_not_alike():
    form = "AABACADACEAABBCD"
    motion = danced(list(range(len(form))))

    here, _, beaten = likeness(-bar_distances_m(motion, edges_s(len(form))), alike(form))

    assert abs(here) < 0.25
    assert beaten < 1.0


def sectioned(music, form):
    """An analysis with a part of three bars for each letter."""
    parts = [Section(6.0 * i, 6.0 * (i + 1), letter, "development") for i, letter in enumerate(form)]
    return replace(music, sections=tuple(parts))


def test_bars_at_one_place_of_two_parts_with_one_letter_return(music):
    back = returning_pairs(sectioned(music, ["A", "B", "A'"]), edges_s(9))

    assert set(zip(*np.nonzero(np.triu(back)), strict=True)) == {(0, 6), (1, 7), (2, 8)}


def test_a_dance_that_comes_back_with_its_part_returns_and_one_that_does_not_is_at_chance(music):
    song, edges = sectioned(music, ["A", "B", "A"]), edges_s(9)
    back = returning_pairs(song, edges)

    assert above_others(-bar_distances_m(danced([1, 2, 3, 4, 5, 6, 1, 2, 3]), edges), back) == 1.0
    assert 0.2 < above_others(-bar_distances_m(danced(range(1, 10)), edges), back) < 0.8
    assert np.isnan(above_others(np.zeros((9, 9)), np.zeros((9, 9), dtype=bool)))


def test_few_bars_tell_nothing():
    assert likeness(np.zeros((4, 4)), np.zeros((4, 4))) == (0.0, 0.0, 0.0)


def test_the_bars_of_a_click_song_all_sound_alike():
    audio = click_song(120.0, 24.0)
    music = analyse(audio)

    heard, edges = bars_heard(audio, music)

    assert len(heard) == len(edges) - 1
    assert np.linalg.norm(heard[2:-2] - heard[2:-2].mean(axis=0), axis=-1).max() < 0.3


def test_the_longest_stillness_is_as_long_as_it_is():
    moving = walk(4.0)[0]
    still = replace(
        standing(75), root_positions_m=np.repeat(moving.root_positions_m[-1:], 75, axis=0),
        local_rotations=np.repeat(moving.local_rotations[-1:], 75, axis=0),
    )  # fmt: skip

    assert longest_still_s(concatenate([moving, still, moving]), 0.5) == pytest.approx(2.5, abs=0.1)
    assert longest_still_s(moving, 0.5) == 0.0


@pytest.fixture(scope="module")
def music():
    analysis = analyse(click_song(120.0, 24.0))
    sections = (Section(0.0, 8.0, "A", "introduction"), Section(8.0, 24.0, "B", "conclusion"))
    return replace(analysis, sections=sections)


def test_who_glides_away_is_far_has_drifted_and_does_not_tire(music, rules):
    n = 720
    gliding = shifted(standing(n), np.arange(n)[:, np.newaxis] / 30.0 * np.array([0.25, 0.0, 0.0]))

    found = piece_figures("glide", gliding, music, np.zeros((12, 2)), edges_s(12), 0.5, rules)

    assert found.farthest_m == pytest.approx(0.25 * (n - 1) / 30.0)
    assert found.drift_m == pytest.approx(0.25 * 18.0, rel=1e-3)
    assert found.freezing == 0.0
    assert found.late_speed == pytest.approx(1.0, rel=1e-3)
    assert found.new_bar_m == pytest.approx(0.0, abs=1e-6)
    assert found.role_speed_m_s["introduction"] == pytest.approx(0.25, rel=0.05)
    assert np.isnan(found.role_speed_m_s["development"])
    assert found.n_bars == 12
    assert mean_piece([found, replace(found, farthest_m=9.0, drift_m=0.0)]).farthest_m == 9.0
    assert mean_piece([found, replace(found, drift_m=0.0)]).drift_m == pytest.approx(0.5 * found.drift_m)


def test_who_stops_half_way_wears_out(music, rules):
    going = improvised(360, seed=4)
    still = replace(
        standing(360), root_positions_m=np.repeat(going.root_positions_m[-1:], 360, axis=0),
        local_rotations=np.repeat(going.local_rotations[-1:], 360, axis=0),
    )  # fmt: skip

    found = piece_figures("tired", concatenate([going, still]), music, np.zeros((12, 2)), edges_s(12), 0.5, rules)

    assert found.late_speed < 0.02
    assert found.freezing == pytest.approx(0.5, abs=0.02)
    assert found.longest_still_s == pytest.approx(12.0, abs=0.1)


# --- findings a minute ---


def test_findings_are_counted_a_minute(rules):
    low = shifted(walk(6.0)[0], np.array([0.0, -0.12, 0.0]))
    n = sum(f.family != "integrity" for f in told(low, rules))

    assert n > 0
    assert findings_per_min(low, rules) == pytest.approx(60.0 * n / low.duration_s)
    assert findings_per_min(low, rules) > findings_per_min(walk(6.0)[0], rules)


def test_no_frames_hold_no_findings(rules):
    assert findings_per_min(standing(60).slice(0, 0), rules) == 0.0
