from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from editor.document.document import Curve, Settings
from editor.panels.naming import clock, mean_of, settings_words, span_words, style_words
from tests.editor.panels.pieces import music

MUSIC = music()  # bars of two seconds from 0 on


@pytest.mark.parametrize(
    ("start_s", "end_s", "words"),
    [
        (8.0, 16.0, "Bars 5\N{EN DASH}8"),
        (8.03, 15.97, "Bars 5\N{EN DASH}8"),
        (0.0, 2.0, "Bar 1"),
        (30.0, 32.0, "Bar 16"),  # the last bar ends where no beat is any more
        (8.5, 16.0, "Bar 5.2 to 9.1"),
        (4.0, 5.5, "Bar 3.1 to 3.4"),
    ],
)
def test_spans_are_named_by_bars(start_s, end_s, words):
    assert span_words(MUSIC, start_s, end_s) == words


def test_a_pick_up_does_not_shift_the_bars():
    late = replace(MUSIC, beat_times_s=MUSIC.beat_times_s + 1.0)
    in_bar = (np.arange(late.n_beats) - 2) % 4

    assert span_words(replace(late, beat_in_bar=in_bar), 2.0, 6.0) == "Bars 1\N{EN DASH}2"


def test_without_beats_spans_are_named_by_the_clock():
    assert span_words(None, 3.04, 65.26) == "0:03.0\N{EN DASH}1:05.3"
    assert clock(59.96) == "1:00.0"


def test_the_mean_of_a_curve_is_over_time():
    assert mean_of(Curve((0.0, 9.0, 10.0), (1.0, 1.0, 0.0))) == pytest.approx(0.95)
    assert mean_of(Curve((3.0,), (0.4,))) == pytest.approx(0.4)


def test_settings_are_told_by_what_is_special():
    settings = Settings(
        style=(("salsa", 3.0), ("folk_other", 1.0)), joy=0.6, sorrow=Curve((0.0,), (1.0,)), intensity=1.5,
        locked_parts=frozenset({"left_leg", "hips"}), keep_path=True,
    )  # fmt: skip

    assert settings_words(settings) == [
        "Salsa 75 %", "Folk 25 %", "joy 60 %", "sorrow drawn", "intensity 150 %", "keeps hips, left leg", "keeps path",
    ]  # fmt: skip
    assert settings_words(Settings()) == ["Usual mix"]
    assert style_words("") == "Unnamed"
