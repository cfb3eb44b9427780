"""Copied clips that are pasted: where they come to lie, and whose takes they show."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import assume, given
from hypothesis import settings as effort
from hypothesis import strategies as st

from editor.document.assemble import assemble
from editor.document.clip_edits import paste_clip, set_clip_locked
from editor.document.document import Document, Track, same_frames
from editor.document.edits import EditRefused
from editor.document.take_edits import rename_take
from tests.documents import assert_sound, dancer, tracks
from tests.same_motion import same_bits


def piece(*lengths: int) -> Document:
    return Document(tracks=(dancer(*lengths), Track("bob", "Bob")))


@pytest.mark.parametrize(("at", "ripple", "spans"), [
    (100, False, [(0, 40), (40, 100), (100, 140)]),
    (50, False, [(0, 40), (40, 50), (50, 90), (90, 100)]),
    (20, True, [(0, 20), (20, 60), (60, 80), (80, 140)]),
])  # fmt: skip
def test_a_pasted_clip_lies_over_what_is_there_and_with_ripple_makes_room(at, ripple, spans):
    before = piece(40, 60)
    clip = before.tracks[0].clips[0]

    document = paste_clip(before, before.tracks[0].id, clip, at, ripple)

    clips = document.tracks[0].clips
    pasted = next(c for c in clips if c.start_frame == at)
    assert [(c.start_frame, c.end_frame) for c in clips] == spans
    assert pasted.id != clip.id
    assert pasted.takes == clip.takes


def test_no_room_is_made_within_a_locked_clip():
    before = set_clip_locked(piece(40, 60), "clip 0", True)

    with pytest.raises(EditRefused, match="locked"):
        paste_clip(before, before.tracks[0].id, before.tracks[0].clips[1], 20, ripple=True)


def test_a_locked_clip_is_not_pasted_over():
    before = set_clip_locked(piece(40, 60), "clip 1", True)

    with pytest.raises(EditRefused, match="locked"):
        paste_clip(before, before.tracks[0].id, before.tracks[0].clips[0], 20)


def test_a_take_that_was_renamed_after_it_was_copied_is_pasted_as_it_is_called_now():
    before = piece(40, 60)
    copied = before.tracks[0].clips[0]
    renamed = rename_take(before, copied.id, 0, "best")

    document = paste_clip(renamed, "ann", copied, 100)

    assert_sound(document)
    assert document.tracks[0].clips[-1].take.name == "best"


def test_of_another_piece_a_take_with_the_id_of_one_that_is_here_is_pasted_as_another():
    here, there = piece(40), piece(60)
    copied = there.tracks[0].clips[0]
    copied = replace(copied, takes=(replace(copied.take, id=here.tracks[0].clips[0].take.id),))

    document = paste_clip(here, "ann", copied, 40)

    assert_sound(document)
    assert same_frames(document.tracks[0].clips[1].take.motion, copied.take.motion)


@given(st.data(), tracks(), tracks())
@effort(max_examples=40)
def test_pasting_leaves_locked_clips_and_other_dancers_as_they_were_and_lies_where_it_was_asked_to(data, track, other):
    assume(other.clips)
    other = replace(other, id=track.id + "2", clips=tuple(replace(c, id=c.id + "2") for c in other.clips))
    document = Document(tracks=(track, other))
    clip, at = data.draw(st.sampled_from(other.clips)), data.draw(st.integers(0, 200))
    ripple = data.draw(st.booleans())
    try:
        after = paste_clip(document, track.id, clip, at, ripple)
    except EditRefused:
        assert any(c.is_locked and c.end_frame > at for c in track.clips)
        return

    assert_sound(after)
    assert after.tracks[1] is other
    known = {c.id for c in track.clips}
    pasted = next(c for c in after.tracks[0].clips if c.id not in known and c.start_frame == at)
    assert pasted.n_frames == clip.n_frames
    assert not pasted.is_locked
    for locked in (c for c in track.clips if c.is_locked):
        assert same_bits(
            assemble(after.tracks[0], 600).slice(locked.start_frame, locked.end_frame),
            assemble(track, 600).slice(locked.start_frame, locked.end_frame),
        )
