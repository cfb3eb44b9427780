"""The piece of three minutes that is made to be danced as a whole: its score is whole and its form is known."""

from __future__ import annotations

from itertools import pairwise

import pytest

from app.comparison import Scope, pieces
from app.demo_song import score
from app.demo_song.long_form import LONG_FORM, sections
from app.resources import resource_path
from engine.evaluation.clicks import click_song
from engine.evaluation.dancer import Song
from engine.evaluation.long_piece import ROLES
from engine.music import analyse
from engine.music.analysis import Section
from engine.structure.book import read_rules
from tests.dances import improvised


def test_every_part_has_chords_melody_and_a_groove_for_each_of_its_bars():
    for part in LONG_FORM:
        assert len(part.melody) == len(part.groove) == part.n_bars, part.name
        assert set(part.groove) <= score.GROOVES.keys(), part.name


def test_the_piece_lasts_three_minutes_and_its_sections_fill_it():
    parts = sections()

    assert 180.0 <= score.duration_s(LONG_FORM) <= 190.0
    assert (parts[0].start_s, parts[-1].end_s) == (0.0, score.duration_s(LONG_FORM))
    assert all(a.end_s == b.start_s for a, b in pairwise(parts))
    roles = [s.role for s in parts]
    assert roles == sorted(roles, key=ROLES.index)


def test_parts_of_one_letter_are_the_same_music():
    by_letter: dict[str, list[score.Part]] = {}
    for part, section in zip(LONG_FORM, sections(), strict=True):
        by_letter.setdefault(section.label, []).append(part)

    assert sum(len(parts) > 1 for parts in by_letter.values()) >= 4
    for parts in by_letter.values():
        n = min(part.n_bars for part in parts)
        assert len({(part.chords[:n], part.melody[:n]) for part in parts}) == 1


def test_the_climax_is_loudest_and_the_ends_are_softest():
    levels = [part.level_db for part in LONG_FORM]

    assert levels.index(max(levels)) > len(levels) / 2
    assert max(levels[0], levels[-1]) == pytest.approx(min(levels), abs=1.5)


def test_a_song_made_here_is_danced_by_ear_and_measured_by_the_parts_that_it_has():
    audio = click_song(120.0, 24.0)
    true = tuple(Section(8.0 * i, 8.0 * i + 8.0, label, "development") for i, label in enumerate("ABA"))
    heard = []

    class Listener:
        def dance(self, music, seed, emotion):
            heard.append(music.sections)
            return improvised(round(30 * music.duration_s), seed=1)

    song = Song("made", "track", analyse(audio), audio=audio, sections=true)
    rules = read_rules(resource_path("rules"))
    (found,) = pieces(Listener(), [song], Scope(n_seeds=1, shortest_piece_s=20.0), 0.5, rules, lambda *_: None)

    assert heard == [song.analysis.sections] != [true]
    assert found.n_returns == 3  # whole bars of A that come back; to the ear the clicks are one part
