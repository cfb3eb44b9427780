"""Dances whose arc is known, to songs whose parts are known: right ones are clean, wrong ones are told."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from app.resources import resource_path
from engine.motion import quaternion
from engine.motion.mirror import mirrored
from engine.motion.motion import Motion
from engine.music.analysis import MusicAnalysis, Section
from engine.structure.book import read_rules
from engine.structure.checker import check
from tests.dances import bobbing, improvised, standing
from tests.documents import an_analysis

BOOK = read_rules(resource_path("rules"))
RATE_HZ, BPM, S = 30.0, 120.0, 48.0
N = round(S * RATE_HZ)
PARTS = ((0.0, 8.0, "A", "introduction"), (8.0, 24.0, "B", "development"), (24.0, 40.0, "B", "development"),
         (40.0, 48.0, "C", "conclusion"))  # fmt: skip


def song(loudness: np.ndarray | None = None) -> MusicAnalysis:
    """A minute but twelve seconds at 120 beats a minute, whose development comes twice."""
    music = an_analysis(duration_s=S, bpm=BPM)
    level = np.full(len(music.loudness), 0.5) if loudness is None else np.interp(
        np.linspace(0.0, 1.0, len(music.loudness)), np.linspace(0.0, 1.0, len(loudness)), loudness)  # fmt: skip
    return replace(music, sections=tuple(Section(*part) for part in PARTS), loudness=level, arousal=2.0 * level - 1.0)


def told(motion: Motion, music: MusicAnalysis) -> set[str]:
    return {f.rule for f in check(motion, music, rules=BOOK)}


def scaled(motion: Motion, size: np.ndarray) -> Motion:
    """The dance with turns as large as `size` [T] says, 0 to 1."""
    rest = np.broadcast_to(quaternion.IDENTITY, motion.local_rotations.shape)
    share = np.repeat(size[:, np.newaxis], motion.local_rotations.shape[1], axis=1)
    return replace(motion, local_rotations=quaternion.slerp(rest, motion.local_rotations, share))


def along(*values: float) -> np.ndarray:
    return np.interp(np.linspace(0.0, 1.0, N), np.linspace(0.0, 1.0, len(values)), values)


def repeated(variation: float) -> Motion:
    """A dance whose second development is its first one, with so large a part of other movement."""
    first, other = improvised(N, seed=1), improvised(N, seed=2)
    local, root = first.local_rotations.copy(), np.broadcast_to(first.root_positions_m[0], (N, 3)).copy()
    own, again = slice(240, 720), slice(720, 1200)
    share = np.full(local[own].shape[:2], variation)
    local[again] = quaternion.slerp(local[own], other.local_rotations[own], share)
    return replace(first, local_rotations=local, root_positions_m=root)


def test_a_conclusion_in_which_nobody_dances_is_told():
    whole = improvised(N, seed=3)
    still = whole.local_rotations.copy()
    still[1200:], root = still[1199], whole.root_positions_m.copy()
    root[1200:] = root[1199]

    assert "parts_danced" not in told(whole, song())
    assert "parts_danced" in told(replace(whole, local_rotations=still, root_positions_m=root), song())


def test_a_dance_that_ends_before_the_development_has_begun_is_told():
    whole = improvised(N, seed=3)

    assert "parts_danced" in told(whole.slice(0, 630), song())
    assert "proportions" not in told(whole, song())


def test_a_development_that_is_a_small_part_of_the_dance_is_told():
    parts = ((0.0, 20.0, "A", "introduction"), (20.0, 28.0, "B", "development"), (28.0, 48.0, "C", "conclusion"))
    music = replace(song(), sections=tuple(Section(*part) for part in parts))

    assert "proportions" in told(improvised(N, seed=3), music)


def test_energy_that_rises_with_the_music_is_clean_and_energy_that_falls_against_it_is_told():
    music = song(np.array([0.1, 0.5, 0.9, 0.9]))
    whole = improvised(N, seed=4, size=1.0)

    assert "energy_arc" not in told(scaled(whole, along(0.2, 0.6, 1.0, 1.0)), music)
    assert "energy_arc" in told(scaled(whole, along(1.0, 0.6, 0.2, 0.2)), music)


def test_an_introduction_wilder_than_the_development_is_told():
    whole = improvised(N, seed=4, size=1.0)

    assert "climax" in told(scaled(whole, along(1.0, 1.0, 0.3, 0.3, 0.3, 0.3)), song())
    assert "climax" not in told(scaled(whole, along(0.3, 0.3, 1.0, 1.0, 1.0, 0.5)), song())


@pytest.mark.parametrize(
    ("variation", "rules"), [(0.0, {"motif_varies"}), (0.35, set()), (1.0, {"motif_returns"})]
)
def test_a_motif_comes_back_varied(variation, rules):
    assert told(repeated(variation), song()) & {"motif_varies", "motif_returns"} == rules


def test_a_motif_that_comes_back_mirrored_has_come_back():
    first = repeated(0.0)
    local, root = first.local_rotations.copy(), first.root_positions_m.copy()
    other = mirrored(first.slice(240, 720))
    local[720:1200] = other.local_rotations

    assert told(replace(first, local_rotations=local, root_positions_m=root), song()) & {
        "motif_varies", "motif_returns"
    } == set()  # fmt: skip


def test_phrases_that_end_with_the_eights_are_clean_and_those_that_run_over_are_told():
    music = song()
    # One movement lasts three beats: it meets the end of an eight now and then only.
    over = bobbing(np.arange(1.25, S + 4.0, 4.0), S, RATE_HZ)

    assert "phrase_ends" not in told(bobbing(music.beat_times_s, S, RATE_HZ), music)
    assert "phrase_ends" in told(over, music)


def test_who_leaves_the_stage_is_told_without_music_too():
    still = standing(120)
    root = still.root_positions_m.copy()
    root[40:80, 0] += 12.0

    found = [f for f in check(replace(still, root_positions_m=root), rules=BOOK) if f.rule == "on_stage"]

    assert [(f.start_frame, f.end_frame) for f in found] == [(40, 80)]
    assert found[0].measured == pytest.approx(3.0)
