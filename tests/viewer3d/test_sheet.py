from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from engine.errors import Cancelled
from tests.dances import standing, walk
from tests.poses import swinging
from viewer3d.caption import LABEL_HEIGHT, Canvas, elided
from viewer3d.sheet import columns_for, contact_sheet

gl = pytest.mark.gl
CELL = (60, 80)


@gl
def test_a_sheet_has_a_row_for_each_count_of_eight():
    sheet = contact_sheet(walk(4.0)[0], np.arange(16) * 0.25, cell_size=CELL)

    assert sheet.dtype == np.uint8
    assert sheet.shape == (16 + 2 * (80 + LABEL_HEIGHT + 6) - 6 + 16, 16 + 8 * 66 - 6 + 16, 3)


@gl
def test_a_title_adds_a_line():
    motion = standing(5)

    plain = contact_sheet(motion, [0.0], cell_size=CELL)
    titled = contact_sheet(motion, [0.0], title="A dance", cell_size=CELL)

    assert titled.shape[0] - plain.shape[0] == 42


@gl
def test_cells_show_the_moments_in_order():
    motion = swinging(60)
    sheet = contact_sheet(motion, [0.125, 0.125, 0.375], columns=3, cell_size=CELL)

    one, same, other = (sheet[16:96, 16 + 66 * i : 76 + 66 * i].astype(int) for i in range(3))

    np.testing.assert_array_equal(one, same)
    assert np.abs(one - other).mean() > 1.0


@gl
def test_every_cell_holds_the_whole_dancer():
    leaping = replace(swinging(40), root_positions_m=np.linspace([-3, 0.94, 0], [3, 2.0, 2], 40))
    sheet = contact_sheet(leaping, [0.0, 0.6, 1.3], cell_size=CELL)

    for i in range(3):
        cell = sheet[16:96, 16 + 66 * i : 76 + 66 * i].astype(int)
        edge = np.concatenate([cell[0], cell[-1], cell[:, 0], cell[:, -1]])
        assert np.abs(edge[:, 0] - edge[:, 2]).max() < 40  # neither blue nor orange
        assert np.abs(cell[..., 0] - cell[..., 2]).max() > 60


@gl
def test_progress_counts_cells_and_may_stop_the_work():
    seen = []

    def stop(fraction: float) -> None:
        seen.append(fraction)
        if fraction == 0.5:
            raise Cancelled("enough")

    with pytest.raises(Cancelled):
        contact_sheet(standing(5), [0.0, 0.1, 0.1, 0.1], cell_size=CELL, progress=stop)
    assert seen == [0.25, 0.5]


def test_a_sheet_without_moments_is_refused():
    with pytest.raises(ValueError, match="at least one moment"):
        contact_sheet(standing(5), [])


@pytest.mark.parametrize(("n", "columns"), [(1, 1), (3, 3), (4, 4), (6, 6), (8, 4), (12, 6), (16, 8), (32, 8), (33, 8)])
def test_columns(n, columns):
    assert columns_for(n) == columns


@pytest.mark.parametrize(
    ("words", "room", "expected"),
    [
        ("short", 10, "short"),
        ("a very long name", 9, "a ve\u2026name"),
        ("long", 2, "l\u2026"),
        ("long", 1, ""),
        ("", 0, ""),
    ],
)
def test_long_names_lose_their_middle(words, room, expected):
    assert elided(words, room, len) == expected


def test_the_lit_count_moves_along_the_row():
    lit = []
    for count in (1, 8):
        canvas = Canvas(640, 360, (0, 0, 0))
        canvas.burn_in("0:00.00", "bar 1", count, 8)
        pixels = canvas.pixels().astype(int)
        lit.append(np.nonzero((pixels[..., 2] - pixels[..., 0]) > 100)[1].mean())

    assert lit[0] < 320 < lit[1]
    assert lit[1] + lit[0] == pytest.approx(640, abs=4)


def test_words_in_the_corners_give_way_to_the_counts():
    words = "a corner with far too many words in it"
    pictures = []
    for left, right in (("", ""), (words, words)):
        canvas = Canvas(320, 180, (0, 0, 0))
        canvas.burn_in(left, right, 4, 8)
        pictures.append(canvas.pixels())

    row = round(1.9 * 11 * 8)
    middle = slice(160 - row // 2, 160 + row // 2)
    np.testing.assert_array_equal(pictures[0][:, middle], pictures[1][:, middle])
    assert np.any(pictures[0] != pictures[1])
