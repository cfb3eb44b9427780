"""The editing commands: each is one named step, or a sentence; nothing else of the piece is touched."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np
import pytest

from app.window.editing import DANCERS, LEGS, Editing, free_place
from app.window.playing import bar_around
from editor.document.assemble import dance
from editor.document.document import Document, Place, same_frames
from editor.document.setting_edits import set_settings
from editor.document.track_edits import add_track, place_track
from editor.session import Session
from tests.app.window.studio import a_dance

MAKING = {"add_dancer", "lock_parts", "marker"}  # what can be made in an empty piece


@dataclass
class Hands:
    """Gives commands, and hears what is said."""

    session: Session
    number: int | None = 5
    said: list[str] = field(default_factory=list)
    asked: list[tuple[object, ...]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.editing = Editing(self.session, self.shape, self.ask)
        self.session.said.connect(lambda sentence, _: self.said.append(sentence))

    def shape(self, label: str, **settings: object) -> bool:
        return self.session.edit(label, lambda d: set_settings(d, replace(self.session.settings, **settings)))

    def ask(self, *question: object) -> int | None:
        self.asked.append(question)
        return self.number

    def do(self, command: str, at_frame: int | None = None) -> Document:
        if at_frame is not None:
            self.session.move_playhead(at_frame / 30.0)
        self.editing.commands[command]()
        return self.session.document

    @property
    def undo(self) -> tuple[str, ...]:
        return self.session.history.undo_labels

    @property
    def spans(self) -> list[tuple[int, int]]:
        return [(c.start_frame, c.end_frame) for c in self.session.active_track.clips]


@pytest.fixture
def hands() -> Hands:
    """Ann with clips of 60, 60 and 120 frames, and Bo; eight seconds of beats, two a second."""
    return Hands(Session(a_dance()))


# Selection


@pytest.mark.parametrize(
    ("command", "at_frame", "span"),
    [
        ("select_all", 0, (0, 240)), ("select_bar", 70, (60, 120)), ("select_bar", 60, (60, 120)),
        ("select_bar", 239, (180, 240)), ("select_eight", 70, (0, 120)), ("select_eight", 130, (120, 240)),
        ("mark_in", 90, (90, 240)), ("mark_out", 90, (0, 90)),
    ],
)  # fmt: skip
def test_a_span_is_selected(hands, command, at_frame, span):
    hands.do(command, at_frame)

    chosen = hands.session.selection
    assert (chosen.start_frame, chosen.end_frame) == span
    assert hands.undo == ()


def test_in_and_out_make_a_span_in_either_order_and_can_be_gone_to(hands):
    sought: list[float] = []
    hands.session.seek_wanted.connect(sought.append)
    hands.do("mark_out", 90)
    hands.do("mark_in", 30)
    assert (hands.session.selection.start_frame, hands.session.selection.end_frame) == (30, 90)

    hands.do("go_in")
    hands.do("go_out")
    assert sought == [1.0, 3.0]
    hands.do("mark_in", 120)
    assert (hands.session.selection.start_frame, hands.session.selection.end_frame) == (120, 240)
    hands.do("clear_in_out")
    assert hands.session.selection is None


def test_a_piece_without_beats_has_no_bar(hands):
    assert bar_around(Document(), 1.0, False) is None
    hands.session.history.replace(replace(hands.session.document, analysis=None))

    hands.do("select_bar", 70)

    assert hands.session.selection is None


# Clips


def test_splitting_leaves_the_dance_as_it_is(hands):
    before = dance(hands.session.document, "ann")

    after = hands.do("split", 30)

    assert hands.spans == [(0, 30), (30, 60), (60, 120), (120, 240)]
    assert hands.undo == ("split clip",)
    assert same_frames(dance(after, "ann"), before)
    hands.do("undo")
    hands.do("redo")
    assert len(hands.spans) == 4


def test_splitting_on_an_edge_says_that_there_is_nothing_to_split(hands):
    before = hands.session.document

    assert hands.do("split", 60) is before

    assert hands.said == ["There is nothing to split here: put the playhead inside the clip."]


def test_removing_a_span_takes_just_that_and_leaves_a_hole(hands):
    hands.session.select("ann", 30, 90)

    hands.do("remove_clip")

    assert hands.spans == [(0, 30), (90, 120), (120, 240)]
    assert hands.undo == ("remove clip",)


def test_removing_with_ripple_closes_the_hole(hands):
    hands.session.view.is_ripple = True
    hands.session.select("ann", 60, 120)

    hands.do("remove_clip")

    assert hands.spans == [(0, 60), (60, 180)]


def test_joining_makes_one_clip_that_dances_the_same(hands):
    before = dance(hands.session.document, "ann")
    hands.session.select("ann", 0, 120)

    after = hands.do("join_clips")

    assert hands.spans == [(0, 120), (120, 240)]
    assert same_frames(dance(after, "ann"), before)


@pytest.mark.parametrize(
    ("command", "label", "is_so"),
    [
        ("mirror_clip", "mirror clip", lambda c: c.is_mirrored),
        ("loop_clip", "loop clip", lambda c: c.is_looped),
        ("lock_clip", "lock clip", lambda c: c.is_locked),
        ("lock_segment", "lock clip", lambda c: c.is_locked),
        ("blend_clip", "blend length", lambda c: c.blend_frames == 5),
    ],
)
def test_the_clip_under_the_playhead_is_changed_in_one_step(hands, command, label, is_so):
    after = hands.do(command, 70)

    changed = [is_so(c) for c in after.track("ann").clips]
    assert changed == [False, True, False]
    assert hands.undo == (label,)
    assert after.track("bo") is a_piece_s_bo(hands)


def a_piece_s_bo(hands: Hands) -> object:
    return hands.session.history._undo[0].document.track("bo")


def test_a_locked_clip_is_unlocked_again_and_nothing_else_is_done_to_it(hands):
    hands.do("lock_clip", 70)
    before = hands.session.document

    assert hands.do("mirror_clip") is before
    assert len(hands.said) == 1
    hands.do("lock_clip")

    assert hands.undo == ("unlock clip", "lock clip")


def test_matching_the_first_clip_is_refused_and_the_second_joins_on(hands):
    assert hands.do("match_clip", 0).track("ann").clips[0].place == Place()
    assert hands.said == ["There is nothing before this clip to join on to: move it behind another clip."]

    after = hands.do("match_clip", 70)

    seam = dance(after, "ann").root_positions_m[59:61]
    assert np.linalg.norm((seam[1] - seam[0])[[0, 2]]) < 0.05


def test_half_speed_is_twice_as_long_and_double_speed_half(hands):
    hands.session.select("ann", 120, 240)
    hands.do("stretch_double")
    assert hands.spans[-1] == (120, 180)

    hands.do("stretch_half", 130)
    assert hands.spans[-1] == (120, 240)
    assert hands.undo == ("half speed", "double speed")


def test_a_blend_that_nobody_answers_for_is_not_changed(hands):
    hands.number = None
    before = hands.session.document

    assert hands.do("blend_clip", 70) is before

    [(_, _, value, least, most)] = hands.asked
    assert least <= value <= most == 59


@pytest.mark.parametrize(
    "command", ["mirror_clip", "loop_clip", "match_clip", "stretch_half", "blend_clip", "lock_clip", "duplicate_clip",
                "split", "remove_clip", "join_clips"]
)  # fmt: skip
def test_without_a_clip_a_command_says_what_to_do(command):
    hands = Hands(Session(add_track(Document(), "Ann", "ann")))

    hands.do(command)

    assert len(hands.said) == 1
    assert hands.undo == ()


@pytest.mark.parametrize("command", sorted(set(Hands(Session()).editing.commands) - MAKING))
def test_an_empty_piece_survives_every_command(command):
    hands = Hands(Session())

    hands.do(command)

    assert hands.undo == ()


# Dancers


def test_dancers_come_beside_the_others_each_with_a_name_of_its_own():
    hands = Hands(Session())
    for _ in range(4):
        hands.do("add_dancer")

    tracks = hands.session.document.tracks
    assert [t.name for t in tracks] == list(DANCERS[:4])
    assert len({t.place for t in tracks}) == 4
    assert hands.session.active_track is tracks[-1]
    assert hands.undo[0] == f"add {DANCERS[3]}"


def test_a_free_place_is_where_nobody_stands():
    document = Document()
    for number in range(6):
        place = free_place(document)
        assert all(abs(place.x_m - t.place.x_m) > 1.0 for t in document.tracks)
        document = add_track(document, "x", str(number))
        document = place_track(document, str(number), place)


def test_a_duplicate_dances_the_same_beside_the_first(hands):
    after = hands.do("duplicate_dancer")

    new = next(t for t in after.tracks if t.id not in ("ann", "bo"))
    one, other = dance(after, "ann"), dance(after, new.id)
    assert np.allclose(one.local_rotations[:, 1:], other.local_rotations[:, 1:])
    assert new.place.x_m != after.track("ann").place.x_m
    assert hands.undo == ("duplicate dancer",)


def test_a_canon_is_the_same_dance_two_beats_later(hands):
    after = hands.do("canon_dancer")

    new = next(t for t in after.tracks if t.id not in ("ann", "bo"))
    one, other = dance(after, "ann"), dance(after, new.id)
    assert np.allclose(one.local_rotations[100, 1:], other.local_rotations[130, 1:])
    assert hands.undo == ("duplicate in canon",)


def test_a_dancer_goes_and_comes_back_with_undo(hands):
    before = hands.session.document

    after = hands.do("remove_dancer")
    assert [t.id for t in after.tracks] == ["bo"]
    assert hands.do("undo") is before


# Marks, counts, locks


def test_a_marker_is_set_at_the_moment_that_is_shown(hands):
    after = hands.do("marker", 45)

    assert [(m.time_s, m.text) for m in after.markers] == [(1.5, "Marker 1")]
    assert hands.undo == ("add marker",)


def test_keeping_the_legs_is_switched_on_and_off_and_leaves_other_parts_alone(hands):
    hands.shape("arms", locked_parts=frozenset({"left_arm"}))

    hands.do("lock_parts")
    assert hands.session.settings.locked_parts == LEGS | {"left_arm"}
    hands.do("lock_parts")

    assert hands.session.settings.locked_parts == {"left_arm"}
    assert hands.undo == ("free legs", "kept legs", "arms")
    assert {"left_leg", "right_leg", "hips"} <= LEGS


def test_undo_and_redo_without_a_step_do_nothing(hands):
    before = hands.session.document
    calls: list[Callable[[], object]] = [hands.editing.commands["undo"], hands.editing.commands["redo"]]

    assert [call() for call in calls] == [False, False]
    assert hands.session.document is before


# Copies


def test_copying_changes_nothing_and_pasting_dances_the_same_steps_for_another_dancer(hands):
    before = hands.session.document
    copied = dance(before, before.tracks[0].id).slice(30, 90).local_rotations
    hands.session.select(before.tracks[0].id, 30, 90)
    assert hands.do("copy_clip") is before

    hands.session.activate("bo")
    after = hands.do("paste_clip", 120)

    assert hands.undo[0] == "paste clip"
    assert (120, 180) in hands.spans
    pasted = dance(after, "bo").slice(120, 180).local_rotations
    np.testing.assert_allclose(pasted[20:, 1:], copied[20:, 1:], atol=1e-9)  # placed and blended like a moved clip
    assert after.tracks[0] is before.tracks[0]


def test_what_is_cut_is_gone_and_comes_back_where_it_is_pasted(hands):
    hands.do("cut_clip", 70)
    assert hands.spans == [(0, 60), (120, 240)]

    hands.do("paste_clip", 60)

    assert hands.spans == [(0, 60), (60, 120), (120, 240)]
    assert hands.undo == ("paste clip", "cut")


def test_without_a_copy_pasting_says_what_to_do(hands):
    hands.do("paste_clip", 10)

    assert hands.said == ["Nothing was copied yet: select a clip or some bars, and copy them."]
    assert hands.undo == ()
