"""What is marked as intended goes along with the dance: as markers, and in the receipt."""

from __future__ import annotations

from dataclasses import replace

from app.exports import EXPORTERS, export, performance_of
from app.intended import intended_notes
from editor.document.document import Document
from editor.document.rule_edits import waive
from engine.formats.cue import markers_csv
from engine.structure.finding import Finding
from tests.documents import dancer

BENT = Finding(
    "knee_range", "movement", 30, 45, 36, 0, ("LeftLeg",), 180.0, 168.0, "deg", "error", "Bent.", "clamp"
)  # fmt: skip


def piece() -> Document:
    return waive(Document(tracks=(dancer(90),)), "ann", BENT, "a broken doll")


def test_it_is_a_marker_over_the_movement_with_who_and_why():
    markers = performance_of(piece()).markers

    assert [(m.name, m.kind, m.comment) for m in markers] == [
        ("Intended: Knee bends the wrong way or too far", "movement", "Ann: a broken doll")
    ]
    assert (markers[0].time_s, markers[0].duration_s) == (1.0, 0.5)


def test_it_is_told_where_the_stretch_that_is_written_holds_it():
    markers = performance_of(piece()).markers

    assert intended_notes(markers, (0.0, 3.0)) == (
        "Intended: Knee bends the wrong way or too far, at 0:01.00 (Ann: a broken doll).",
    )
    assert intended_notes(markers, (2.0, 3.0)) == ()


def test_it_is_in_the_table_of_markers_and_in_the_receipt(tmp_path):
    performance = performance_of(piece())

    for kind, name in (("Markers", "dance.csv"), ("BVH", "dance.bvh")):
        options = EXPORTERS[kind].options()
        options = replace(options, has_receipt=True) if hasattr(options, "has_receipt") else options
        export(kind, performance, tmp_path / name, options, lambda _: None)

    marker = next(m for m in markers_csv.read(tmp_path / "dance.csv") if m.kind == "movement")
    assert marker.comment == "Ann: a broken doll"
    receipt = (tmp_path / "dance.bvh.receipt.txt").read_text("utf-8")
    assert "Intended: Knee bends the wrong way or too far, at 0:01.00" in receipt
