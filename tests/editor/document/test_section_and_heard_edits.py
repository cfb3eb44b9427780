"""Parts of the song and its emotion, corrected: what lies outside of a correction stays."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as effort
from hypothesis import strategies as st

from editor.document.document import Curve, Document
from editor.document.edits import EditRefused
from editor.document.heard_edits import DRAWABLE, draw_heard, reset_heard
from editor.document.section_edits import (
    merge_section,
    move_section,
    rename_section,
    section_at,
    set_section_role,
    split_section,
)
from engine.music.analysis import EMOTIONS
from tests.documents import an_analysis


def piece() -> Document:
    return Document(analysis=an_analysis(duration_s=16.0))


def spans(document: Document) -> list[tuple[float, float]]:
    return [(s.start_s, s.end_s) for s in document.music.sections]


@given(st.lists(st.floats(0.0, 16.0, exclude_max=True), max_size=5), st.integers(0, 5), st.floats(-5.0, 20.0))
@effort(deadline=None, max_examples=50)
def test_parts_fill_the_song_without_gaps_whatever_is_done(splits, index, to_s):
    document = piece()
    edits = [lambda d, t=t: split_section(d, t) for t in splits]
    edits += [lambda d: move_section(d, index, to_s), lambda d: merge_section(d, index)]
    for edit in edits:
        try:
            document = edit(document)
        except EditRefused:
            continue

    edges = spans(document)
    assert edges[0][0] == 0.0
    assert edges[-1][1] == 16.0
    assert all(one[1] == other[0] for one, other in pairwise(edges))
    assert all(end_s - start_s >= 0.5 - 1e-9 for start_s, end_s in edges)


def test_a_part_is_renamed_and_given_a_role():
    document = set_section_role(rename_section(split_section(piece(), 8.0), 1, " Chorus "), 1, "conclusion")

    assert [(s.label, s.role) for s in document.music.sections][1] == ("Chorus", "conclusion")
    assert section_at(document, 9.0) == 1
    assert document.analysis.sections == piece().analysis.sections


@pytest.mark.parametrize("edit", [
    lambda d: rename_section(d, 0, "  "),
    lambda d: rename_section(d, 7, "A"),
    lambda d: set_section_role(d, 0, "bridge"),
    lambda d: move_section(d, 0, 3.0),
    lambda d: merge_section(d, 0),
    lambda d: split_section(d, 0.1),
    lambda d: section_at(d, 99.0),
    lambda d: draw_heard(d, "boredom", Curve((0.0,), (1.0,))),
    lambda d: draw_heard(d, "joy", Curve((90.0, 91.0), (1.0, 1.0))),
])  # fmt: skip
def test_what_makes_no_sense_is_refused_with_a_sentence(edit):
    with pytest.raises(EditRefused, match=r".+[.:].+"):
        edit(piece())


@given(st.sampled_from(DRAWABLE), st.floats(0.0, 7.0), st.floats(0.5, 8.0), st.floats(-2.0, 2.0), st.floats(-2.0, 2.0))
@effort(deadline=None, max_examples=50)
def test_a_drawn_emotion_stays_in_range_and_leaves_the_rest_alone(name, start_s, lasts_s, first, last):
    before = piece()

    music = draw_heard(before, name, Curve((start_s, start_s + lasts_s), (first, last))).music

    at_s = np.arange(len(music.joy)) / music.curve_rate_hz
    outside = (at_s < start_s) | (at_s > start_s + lasts_s)
    for drawn in DRAWABLE:
        values = getattr(music, drawn)
        assert np.array_equal(values[outside], getattr(before.music, drawn)[outside])
        assert values.min() >= (0.0 if drawn in EMOTIONS else -1.0)
        assert values.max() <= 1.0 + 1e-9
    if name in EMOTIONS and (~outside).any():
        assert np.allclose(sum(getattr(music, e) for e in EMOTIONS)[~outside], 1.0)


def test_the_emotion_comes_back_as_it_was_heard_and_the_beats_stay_corrected():
    before = piece()
    drawn = draw_heard(rename_section(before, 0, "Verse"), "joy", Curve((1.0, 4.0), (1.0, 1.0)))

    back = reset_heard(drawn)

    assert np.array_equal(back.music.joy, before.music.joy)
    assert back.music.sections[0].label == "Verse"
