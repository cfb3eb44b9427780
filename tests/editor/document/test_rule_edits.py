"""What a piece says of the rules: known again after edits, saved with it, and undone like everything else."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from editor.document import clip_edits
from editor.document.assemble import assemble_local, dance
from editor.document.document import Document, Place, Settings, same_frames
from editor.document.edits import EditRefused
from editor.document.mend_edits import mend
from editor.document.piece_rules import OFF, PieceRules, RuleChange, Waiver
from editor.document.project_file import load_project, save_project
from editor.document.project_json import encode, to_bytes
from editor.document.project_read import decode, from_bytes
from editor.document.rule_edits import change_rule, reset_rule, set_genre, take_back, waive
from editor.document.take_edits import keep_take
from editor.document.track_edits import place_track
from editor.document.waivers import genre_of, waived_spans, waiver_of
from engine.structure.finding import Finding
from tests.documents import dancer, motion, take

GENRES = {"salsa": "latin", "ballet": "ballet", "classical": "ballet"}


def found(start: int, end: int, peak: int | None = None, rule: str = "knee_range", joint: str = "LeftLeg") -> Finding:
    peak = (start + end) // 2 if peak is None else peak
    return Finding(rule, "movement", start, end, peak, 0, (joint,), 180.0, 168.0, "deg", "error", "Bent.", "clamp")


def moved(finding: Finding, by: int) -> Finding:
    frames = {name: getattr(finding, name) + by for name in ("start_frame", "end_frame", "peak_frame")}
    return replace(finding, **frames)


def duet() -> Document:
    ben = dancer(120, track_id="ben")
    return Document(tracks=(dancer(60, 60), replace(ben, clips=(replace(ben.clips[0], id="ben's"),))))


def test_a_finding_that_is_intended_is_known_again_with_its_note():
    document = waive(duet(), "ann", found(20, 26), "  it hurts on purpose ")

    assert waiver_of(document, "ann", found(20, 26)).note == "it hurts on purpose"
    assert waiver_of(document, "ann", found(21, 27)) is not None


@pytest.mark.parametrize(
    "other",
    [found(20, 26, rule="elbow_range"), found(20, 26, joint="RightLeg"), found(80, 86), found(40, 46)],
    ids=["another rule", "another joint", "another clip", "elsewhere in the clip"],
)
def test_another_finding_is_not_intended_by_that(other):
    document = waive(duet(), "ann", found(20, 26))

    assert waiver_of(document, "ann", other) is None


def test_what_one_dancer_means_the_other_may_not():
    document = waive(duet(), "ann", found(20, 26))

    assert waiver_of(document, "ben", found(20, 26)) is None


def test_it_goes_along_with_a_clip_that_is_moved():
    document = waive(Document(tracks=(dancer(60),)), "ann", found(20, 26))

    document = clip_edits.move_clip(document, "clip 0", 45)

    assert waiver_of(document, "ann", moved(found(20, 26), 45)) is not None
    assert waiver_of(document, "ann", found(20, 26)) is None
    assert waived_spans(document) == [(document.rules.waivers[0], 65, 71)]


def test_it_goes_along_with_a_clip_to_another_dancer():
    document = Document(tracks=(dancer(60, 60), replace(dancer(30), id="ben", clips=())))
    document = waive(waive(document, "ann", found(20, 26), "on purpose"), "ann", found(80, 86))

    document = clip_edits.move_clip(document, "clip 0", 200, "ben")

    assert waiver_of(document, "ben", moved(found(20, 26), 200)).note == "on purpose"
    assert waiver_of(document, "ann", found(20, 26)) is None
    assert waiver_of(document, "ann", found(80, 86)) is not None
    assert [(w.track_id, start) for w, start, _ in waived_spans(document)] == [("ann", 80), ("ben", 220)]


def test_it_stays_with_both_dancers_where_both_dance_the_same_frames():
    document = waive(duet(), "ann", found(20, 26))
    halves = clip_edits.split_clip(document, "clip 0", 23)

    document = clip_edits.move_clip(halves, halves.track("ann").clips[1].id, 200, "ben")

    assert waiver_of(document, "ann", found(20, 23)) is not None
    assert waiver_of(document, "ben", moved(found(0, 3), 200)) is not None


def test_it_stays_when_the_clip_is_split_and_joined_again():
    document = waive(duet(), "ann", found(20, 26))

    split = clip_edits.split_clip(document, "clip 0", 40)
    joined = clip_edits.join_clips(split, "ann", 0, 120)

    for later in (split, joined):
        assert waiver_of(later, "ann", found(20, 26)) is not None
        assert [row[1:] for row in waived_spans(later)] == [(20, 26)]


def test_it_stays_when_something_else_is_mended_and_when_other_bars_get_another_take():
    document = waive(duet(), "ann", found(20, 26))

    mended = mend(document, "ann", 40, motion(8, seed=5))
    renewed = keep_take(document, "ann", 40, 60, take(20, seed=6))

    assert waiver_of(mended, "ann", found(20, 26)) is not None
    assert waiver_of(renewed, "ann", found(20, 26)) is not None


def test_it_is_gone_with_another_take_of_the_same_bars():
    document = waive(duet(), "ann", found(20, 26))

    renewed = keep_take(document, "ann", 0, 60, take(60, seed=7))

    assert waiver_of(renewed, "ann", found(20, 26)) is None
    assert waived_spans(renewed) == []


def test_what_is_found_over_several_clips_is_intended_where_it_is():
    whole = replace(found(0, 120, peak=0, joint="Hips"), joints=())
    document = waive(duet(), "ann", whole)

    assert waiver_of(document, "ann", replace(whole, end_frame=110)) is not None
    assert waived_spans(document) == [(document.rules.waivers[0], 0, 120)]


def test_it_counts_again_when_it_is_taken_back_and_only_once():
    document = waive(duet(), "ann", found(20, 26))
    waiver = document.rules.waivers[0]

    again = take_back(document, waiver)

    assert again.rules == PieceRules()
    with pytest.raises(EditRefused):
        take_back(again, waiver)


def test_a_second_note_takes_the_place_of_the_first():
    document = waive(waive(duet(), "ann", found(20, 26), "one"), "ann", found(21, 26), "two")

    assert [waiver.note for waiver in document.rules.waivers] == ["two"]


def test_a_rule_is_changed_for_the_piece_and_goes_back_to_the_book():
    document = change_rule(duet(), "knee_range", limits={"high_deg": 175.0})
    document = change_rule(document, "knee_range", severity="note", limits={"low_deg": -5.0})

    assert document.rules.changes == (RuleChange("knee_range", "note", (("high_deg", 175.0), ("low_deg", -5.0))),)
    assert reset_rule(document, "knee_range") == duet_as(document)
    assert change_rule(document, "levels", severity=OFF).rules.changes[1].severity == OFF
    with pytest.raises(EditRefused):
        change_rule(document, "knee_range", severity="shame")


def duet_as(document: Document) -> Document:
    return replace(document, rules=PieceRules())


@pytest.mark.parametrize(
    ("style", "genre"),
    [
        ((), None),
        ((("salsa", 0.6), ("ballet", 0.4)), "latin"),
        ((("salsa", 0.4), ("ballet", 0.3), ("classical", 0.3)), "ballet"),
        ((("salsa", 0.4), ("freestyle", 0.6)), None),
        ((("freestyle", 1.0),), None),
    ],
)
def test_a_piece_is_judged_by_the_genre_that_it_is_danced_in_for_the_most_part(style, genre):
    document = replace(duet(), settings=Settings(style=style))

    assert genre_of(document, GENRES) == genre
    assert genre_of(set_genre(document, "indian"), GENRES) == "indian"


def test_rules_and_notes_are_saved_with_the_piece(tmp_path):
    document = waive(set_genre(duet(), "ballet"), "ann", found(20, 26), "„so“")
    document = change_rule(document, "knee_range", limits={"high_deg": 175.0})

    save_project(tmp_path / "a.kino", document)

    assert load_project(tmp_path / "a.kino").rules == document.rules


def test_a_file_from_before_there_were_rules_opens_by_the_book():
    encoded = encode(duet())
    data = {name: value for name, value in encoded.json.items() if name != "rules"}
    entries = {name: b"".join(bytes(c) for c in stored.chunks) for name, stored in encoded.entries.items()}

    assert decode(data, entries.__getitem__).rules == PieceRules()


def test_what_makes_no_sense_is_left_out_where_a_damaged_file_is_read():
    document = change_rule(waive(duet(), "ann", found(20, 26)), "levels", severity=OFF)
    encoded = encode(document)
    data = json.loads(to_bytes(encoded.json))
    data["rules"]["changes"][0]["severity"] = "shame"
    data["rules"]["waivers"][0]["start_frame"] = 1e300
    entries = {name: b"".join(bytes(c) for c in stored.chunks) for name, stored in encoded.entries.items()}
    lost: list[str] = []

    assert decode(from_bytes(to_bytes(data)), entries.__getitem__, lost).rules == PieceRules()
    assert len(lost) == 2


# --- mending --------------------------------------------------------------------------------------


@settings(max_examples=40, deadline=None)
@given(start=st.integers(0, 110), length=st.integers(1, 60), blend=st.sampled_from([0, 6]), seed=st.integers(3, 6))
def test_mending_changes_its_own_frames_and_no_others_bit_for_bit(start, length, blend, seed):
    track = dancer(60, 60, gap=7)
    track = replace(track, clips=(track.clips[0], replace(track.clips[1], blend_frames=blend)))
    document, end = Document(tracks=(track, dancer(40, track_id="ben"))), start + length
    before = assemble_local(track, 200)
    part = motion(length, seed)

    mended = mend(document, "ann", start, part)

    after = assemble_local(mended.track("ann"), 200)
    assert same_frames(after.slice(start, end), part)
    assert same_frames(after.slice(0, start), before.slice(0, start))
    held = 60 if 60 <= end < 67 else 127 if end >= 127 else 0  # where a gap holds the last pose that was mended
    behind = {60: 67, 127: 200, 0: end}[held]
    assert same_frames(after.slice(behind, 200), before.slice(behind, 200))
    assert mended.track("ben") is document.track("ben")


def test_a_mended_clip_keeps_its_edges_and_what_it_danced():
    document = duet()

    once = mend(document, "ann", 20, motion(8, seed=5))
    twice = mend(once, "ann", 40, motion(8, seed=6))

    for later in (once, twice):
        clip = later.track("ann").clips[0]
        assert (clip.id, clip.start_frame, clip.end_frame) == ("clip 0", 0, 60)
        assert [t.name for t in clip.takes] == ["Take 1", "Take 1, mended"]
        assert clip.takes[0] is document.track("ann").clips[0].take
        assert later.track("ann").clips[1] is document.track("ann").clips[1]
    assert same_frames(dance(twice, "ann").slice(20, 28), motion(8, seed=5))


def test_a_locked_clip_is_not_mended():
    document = clip_edits.set_clip_locked(duet(), "clip 0", True)

    with pytest.raises(EditRefused):
        mend(document, "ann", 20, motion(8))


def test_a_dancer_who_stands_elsewhere_keeps_what_is_intended():
    document = waive(duet(), "ann", found(20, 26))

    document = place_track(document, "ann", Place(1.0, 2.0, 0.5))

    assert waiver_of(document, "ann", found(20, 26)) is not None


def test_a_waiver_without_a_place_in_the_takes_is_no_trouble():
    document = replace(duet(), rules=PieceRules(waivers=(Waiver("knee_range", "nobody", 0.0, 5.0, "gone"),)))

    assert waived_spans(document) == []
    assert np.all([waiver_of(document, "ann", found(a, a + 5)) is None for a in (0, 50)])
