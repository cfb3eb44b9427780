"""Cue sheets: what pypdf reads on the pages is what the music counts and the film numbers."""

from __future__ import annotations

import re
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from pypdf import PdfReader

from app.cue_sheet.counts import sheet_of
from app.cue_sheet.export import CueSheetOptions, write_cue_sheet
from app.cue_sheet.floor_map import floor_of, way_of
from app.cue_sheet.fonts import printable, true_type
from app.exports import Dancer, Performance, export
from app.resources import resource_path
from engine.errors import Cancelled
from engine.formats.cue.smpte import timecode
from engine.formats.film_scene import film_span
from engine.formats.scene import RATES, SceneMarker
from engine.timebase import frame_at
from tests.app.demos import short_demo
from tests.poses import swinging

PLAIN = CueSheetOptions(pictures="none")


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    """Four seconds with beats at 0.5 s steps, and a marker."""
    made = short_demo(tmp_path_factory.mktemp("demo"))
    dancers = (Dancer("Ana", made.motion), Dancer("Ben", swinging(120)))
    markers = (SceneMarker("Drop", 1.2),)
    return Performance("Night bus", dancers, None, made.analysis, 4.0, markers=markers)


def nothing(_: float) -> None:
    pass


def words(path: Path) -> str:
    return "\n".join(page.extract_text() for page in PdfReader(path).pages)


def written(performance, path, options=PLAIN, facts=()) -> str:
    write_cue_sheet(path, performance, options, nothing, facts)
    return words(path)


@pytest.mark.parametrize(("rate", "start", "handles"), [("24", 1001, 8), ("29.97", 0, 0), ("23.976", 1, 12)])
def test_every_count_stands_with_the_frame_that_the_film_shows_it_on(demo, tmp_path, rate, start, handles):
    options = replace(PLAIN, rate=rate, start_frame=start, handles=handles)

    text = written(demo, tmp_path / "a.pdf", options)

    for time_s in demo.music.beat_times_s:
        if time_s < 4.0:
            frame = start + handles + frame_at(float(time_s), RATES[rate].hz)
            assert re.search(rf"^ *{frame}$", text, re.MULTILINE), frame


def test_title_dancers_markers_sections_and_facts_are_on_the_paper(demo, tmp_path):
    text = written(demo, tmp_path / "a.pdf", facts=(("Shot", "NIGHT_010_0040"),))

    for said in ("Night bus", "Ana, Ben", "Drop", "NIGHT_010_0040", "Lead-in", demo.music.sections[0].role):
        assert said in text
    assert timecode(0, RATES["24"]) in text


def test_what_is_intended_stands_in_its_row_with_its_reason(demo, tmp_path):
    meant = SceneMarker("Intended: Knees lock", 2.1, "movement", "Ana: a quote", 0.5)

    text = written(replace(demo, markers=(*demo.markers, meant)), tmp_path / "a.pdf")

    assert "Intended: Knees lock" in text
    assert "Ana: a quote" in text


def test_rows_begin_on_the_one_and_hold_every_beat_once(demo):
    span = film_span(RATES["24"], (0.0, 4.0))

    sheet = sheet_of(demo.music, demo.markers, span, 0, 4.0)

    labels = [cell.label for row in sheet.rows for cell in row.cells]
    beats = [i for i in range(demo.music.n_beats) if demo.music.beat_times_s[i] < 4.0]
    assert labels == [str(demo.music.count_of_eight(i)) for i in beats]
    assert all(row.cells[0].label == "1" for row in sheet.rows[1:])
    assert [marker.name for row in sheet.rows for marker in row.markers] == ["Drop"]


def test_without_music_rows_are_of_seconds(demo, tmp_path):
    silent = replace(demo, music=None)
    sheet = sheet_of(None, (), film_span(RATES["25"], (0.0, 4.0)), 0, 4.0)

    assert [len(row.cells) for row in sheet.rows] == [8]
    assert [cell.place.frame for cell in sheet.rows[0].cells] == [round(12.5 * k + 1e-9) if k % 2 == 0 else
                                                                  int(12.5 * k + 0.5) for k in range(8)]  # fmt: skip
    assert "Lead-in" not in written(silent, tmp_path / "a.pdf")


def test_many_rows_take_many_numbered_pages(demo, tmp_path):
    long = replace(demo, music=None, duration_s=240.0)

    write_cue_sheet(tmp_path / "a.pdf", long, PLAIN, nothing)

    pages = PdfReader(tmp_path / "a.pdf").pages
    assert len(pages) > 4
    assert all(f"{n} / {len(pages)}" in page.extract_text() for n, page in enumerate(pages, 1))


@pytest.mark.gl
def test_pictures_lie_on_the_counts_that_were_asked_for(demo, tmp_path):
    for pictures, wanted in (("odd", {"1", "3", "5", "7"}), ("strong", {"1", "5"})):
        write_cue_sheet(tmp_path / "a.pdf", demo, CueSheetOptions(pictures=pictures), nothing)

        # Equal pictures are kept once: what counts is how often one is drawn.
        n = sum(page.get_contents().get_data().count(b" Do") for page in PdfReader(tmp_path / "a.pdf").pages)
        sheet = sheet_of(demo.music, (), film_span(RATES["24"], (0.0, 4.0)), 0, 4.0)
        assert n == sum(cell.label in wanted for row in sheet.rows for cell in row.cells)


def test_the_same_sheet_gives_the_same_bytes(demo, tmp_path):
    for name in ("one.pdf", "two.pdf"):
        write_cue_sheet(tmp_path / name, demo, PLAIN, nothing)

    assert (tmp_path / "one.pdf").read_bytes() == (tmp_path / "two.pdf").read_bytes()


def test_letters_that_the_typeface_lacks_are_question_marks_and_others_are_kept(demo, tmp_path):
    write_cue_sheet(tmp_path / "a.pdf", replace(demo, title="Танец über 舞"), PLAIN, nothing)

    page = PdfReader(tmp_path / "a.pdf").pages[0]
    fonts = [font.get_object() for font in page["/Resources"]["/Font"].values()]
    maps = [font["/ToUnicode"].get_data() for font in fonts if "/ToUnicode" in font]
    for letter, is_there in (("Т", True), ("ü", True), ("舞", False)):
        assert any(b"<%04X>" % ord(letter) in one for one in maps) == is_there
    assert printable("über 舞", resource_path("fonts/Inter-Bold.otf")) == "über ?"


@pytest.mark.parametrize(("paper", "size"), [("a4", (841.9, 595.3)), ("letter", (792.0, 612.0))])
def test_the_paper_lies_on_its_side(demo, tmp_path, paper, size):
    write_cue_sheet(tmp_path / "a.pdf", demo, replace(PLAIN, paper=paper), nothing)

    box = PdfReader(tmp_path / "a.pdf").pages[0].mediabox
    assert (float(box.width), float(box.height)) == pytest.approx(size, abs=0.1)


def test_each_dancer_may_have_a_sheet_of_her_own(demo, tmp_path):
    made = export("Cue sheet", demo, tmp_path / "a.pdf", replace(PLAIN, is_split=True), nothing)

    assert [path.name for path in made.paths] == ["a-Ana.pdf", "a-Ben.pdf"]
    assert "Ben" not in words(made.paths[0])


def test_a_cancelled_sheet_leaves_nothing(demo, tmp_path):
    def cancel(fraction: float) -> None:
        if fraction > 0.5:
            raise Cancelled("enough")

    with pytest.raises(Cancelled):
        export("Cue sheet", demo, tmp_path / "a.pdf", PLAIN, cancel)
    assert list(tmp_path.iterdir()) == []


def test_every_way_lies_on_the_floor_that_is_drawn(demo):
    motions = [dancer.motion for dancer in demo.dancers]
    floor = floor_of(motions)

    for motion in motions:
        inside = floor.within(way_of(motion, 0.0, 4.0).points_m)
        assert np.all((inside > 0.0) & (inside < 1.0))


def test_the_typeface_keeps_its_widths_when_its_outlines_change():
    from fontTools.ttLib import TTFont

    path = resource_path("fonts/Inter-Bold.otf")
    before, after = TTFont(path), TTFont(BytesIO(true_type(path, frozenset("Ag18"))))

    for letter in "Ag18":
        widths = [font["hmtx"][font.getBestCmap()[ord(letter)]][0] for font in (before, after)]
        assert widths[0] == widths[1]
    assert "glyf" in after
