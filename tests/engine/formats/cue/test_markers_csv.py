"""Tables of markers, read by Python's csv and by our own reader."""

from __future__ import annotations

import csv
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.formats.cue import CueError, markers_csv
from engine.formats.scene import SceneMarker
from tests.engine.formats.cue.shots import shot
from tests.film_scenes import film_scene

texts = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=12)
markers = st.builds(
    SceneMarker, texts, st.floats(0.0, 600.0), st.sampled_from(["marker", "beat", "bar", "section", "movement"]),
    texts, st.floats(0.0, 60.0), st.integers(0, 8),
)  # fmt: skip


def test_a_row_says_where_a_marker_is_in_every_way(tmp_path):
    path = tmp_path / "a.csv"
    markers_csv.write(path, shot("29.97"))

    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))

    drop = next(row for row in rows if row["name"].startswith("Dröp"))
    assert drop == {
        "name": "Dröp, “all”", "kind": "marker", "time_s": "4.200000", "frame": "1127", "timecode": "00:00:37;17",
        "count": "", "duration_s": "", "comment": "everybody down",
    }  # fmt: skip
    assert [row["count"] for row in rows if row["kind"] in ("beat", "bar")][:9] == list("123456781")
    assert [float(row["time_s"]) for row in rows] == sorted(float(row["time_s"]) for row in rows)


@given(st.lists(markers, max_size=6))
def test_what_is_written_is_read(tmp_path_factory, some):
    path = tmp_path_factory.getbasetemp() / "law.csv"
    scene = replace(film_scene(), markers=tuple(some))
    markers_csv.write(path, scene)

    found = markers_csv.read(path)

    def rounded(m: SceneMarker) -> SceneMarker:
        return replace(m, time_s=float(f"{m.time_s:.6f}"), duration_s=float(f"{m.duration_s:.6f}"))

    assert sorted(map(repr, found)) == sorted(repr(rounded(m)) for m in some)


def test_sonic_visualiser_gets_seconds_and_a_label(tmp_path):
    path = tmp_path / "beats.csv"
    markers_csv.write_beats(path, shot())

    lines = path.read_text("utf-8").splitlines()

    assert lines[:3] == ["0.300000000,1.3", "0.768750000,1.4", "1.237500000,2.1"]
    assert len(lines) == 20


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "is no table of markers"),
        ("a,b\n1,2\n", "must name the columns name and time_s"),
        ("name,time_s\nx,soon\n", r"line 2: time_s, duration_s and count must be numbers"),
        ("name,time_s\nx,nan\n", r"line 2: nan s is no time in a piece"),
        ("name,time_s\nx\n", "line 2: time_s"),
        ('name,time_s\n"x\n', "line 2"),
    ],
)
def test_what_is_wrong_is_said_in_a_sentence(tmp_path, text, problem):
    path = tmp_path / "a.csv"
    path.write_text(text)

    with pytest.raises(CueError, match=problem):
        markers_csv.read(path)
