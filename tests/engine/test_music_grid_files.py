"""Beats as CSV and JSON: what is written is read back, and what is damaged is refused in a sentence."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.music import analyse
from engine.music.grid_files import Grid, GridFileError, read_grid, write_csv, write_json
from tests.songs import band_song

FOUND = analyse(band_song(120, "waltz", 12).audio)
WRITERS = {"grid.csv": write_csv, "grid.json": write_json}


def read(tmp_path, text: str, name: str = "beats.csv") -> Grid:
    (tmp_path / name).write_text(text, "utf-8")
    return read_grid(tmp_path / name)


@pytest.mark.parametrize("name", WRITERS)
def test_a_grid_that_is_written_is_read_back(tmp_path, name):
    WRITERS[name](tmp_path / name, FOUND)

    grid = read_grid(tmp_path / name)

    np.testing.assert_allclose(grid.beat_times_s, FOUND.beat_times_s, atol=1e-6)
    np.testing.assert_array_equal(grid.beat_in_bar, FOUND.beat_in_bar)


def test_the_same_grid_gives_the_same_bytes(tmp_path):
    for name, write in WRITERS.items():
        write(tmp_path / name, FOUND)
        first = (tmp_path / name).read_bytes()
        write(tmp_path / name, FOUND)
        assert (tmp_path / name).read_bytes() == first


def test_plain_times_are_read_without_bars(tmp_path):
    grid = read(tmp_path, "time\n0.5\n1.0\n\n1.5\n")

    np.testing.assert_array_equal(grid.beat_times_s, [0.5, 1.0, 1.5])
    assert grid.beat_in_bar is None


def test_numbers_of_beats_make_bars_with_any_separator(tmp_path):
    grid = read(tmp_path, "0.5\t3\n1.0\t1\n1.5\t2\n")

    np.testing.assert_array_equal(grid.beat_in_bar, [2, 0, 1])


@pytest.mark.parametrize(
    "text",
    ["", "1.0\n", "1.0\n0.5\n", "0.5\n0.5\n", "-1\n1\n", "0\nnan\n", "0.5\nlater\n", "{", '{"kind": "x"}',
     '{"kind": "kinetograph beat grid", "beats": [1]}'],
)  # fmt: skip
def test_what_is_no_grid_is_refused_in_a_sentence(tmp_path, text):
    with pytest.raises(GridFileError, match=r"^beats\.csv"):
        read(tmp_path, text)


def test_a_missing_file_is_refused_in_a_sentence(tmp_path):
    with pytest.raises(GridFileError, match=r"^gone\.csv: cannot be opened"):
        read_grid(tmp_path / "gone.csv")


@given(st.one_of(st.text(max_size=60), st.recursive(st.none() | st.floats() | st.text(max_size=5),
                 lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3))
                 .map(lambda beats: json.dumps({"kind": "kinetograph beat grid", "beats": beats}))))  # fmt: skip
def test_any_text_is_a_grid_or_refused(tmp_path_factory, text):
    path = tmp_path_factory.getbasetemp() / "beats of any text.csv"
    path.write_text(text, "utf-8", errors="replace")

    try:
        grid = read_grid(path)
    except GridFileError:
        return
    assert np.all(np.diff(grid.beat_times_s) > 0.0)
