"""Clips split, trimmed, moved, mirrored, looped, stretched and joined: what changes, and what must not."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import settings as effort
from hypothesis import strategies as st

from editor.document import clip_edits
from editor.document.assemble import assemble, assemble_local, body, dance
from editor.document.clip_edits import (
    duplicate_clip,
    join_clips,
    match_to_previous,
    mirror_clip,
    move_clip,
    remove_clip,
    rename_clip,
    set_blend,
    set_clip_locked,
    set_looped,
    set_speed,
    split_clip,
    stretch_clip,
    trim_clip,
)
from editor.document.document import Clip, Document, Place, Take, Track
from editor.document.edits import EditRefused
from engine.motion.blend import yaw_rad
from tests.documents import assert_sound, dancer, motion, tracks, without_locks
from tests.same_motion import same_bits, step_m


def piece(*lengths: int, gap: int = 0) -> Document:
    return Document(tracks=(dancer(*lengths, gap=gap), Track("bob", "Bob")))


def one_take(n_frames: int = 120) -> Document:
    """A dancer whose one clip shows one take."""
    return Document(tracks=(Track("ann", "Ann", (Clip("c", 0, n_frames, (Take("t", "Take 1", motion(n_frames)),)),)),))


def spans(document: Document, track: int = 0) -> list[tuple[int, int]]:
    return [(clip.start_frame, clip.end_frame) for clip in document.tracks[track].clips]


def hips_step_m(document: Document, frame: int) -> float:
    """How far the hips travel over the floor into a frame."""
    root = dance(document, "ann").root_positions_m
    return float(np.linalg.norm((root[frame] - root[frame - 1])[[0, 2]]))


# --- split ----------------------------------------------------------------------------------


@given(st.data(), tracks())
@effort(max_examples=40)
def test_splitting_changes_no_bit_of_the_dance(data, track):
    track = without_locks(track)
    assume(any(clip.n_frames > 1 for clip in track.clips))
    clip = data.draw(st.sampled_from([c for c in track.clips if c.n_frames > 1]))
    frame = data.draw(st.integers(clip.start_frame + 1, clip.end_frame - 1))

    document = split_clip(Document(tracks=(track,)), clip.id, frame)

    assert same_bits(assemble(document.tracks[0], 200), assemble(track, 200))
    assert_sound(document)
    halves = document.tracks[0].clips_in(clip.start_frame, clip.end_frame)
    assert [(c.start_frame, c.end_frame) for c in halves] == [(clip.start_frame, frame), (frame, clip.end_frame)]
    assert halves[0].id == clip.id
    assert halves[1].blend_frames == 0


def test_a_plain_clip_is_split_without_copying_a_frame():
    document = split_clip(one_take(), "c", 50)

    first, second = document.tracks[0].clips
    assert first.take is second.take
    assert (second.offset_frame, second.n_frames) == (50.0, 70)


@pytest.mark.parametrize("frame", [0, 120, 500, -3])
def test_splitting_at_an_edge_or_outside_is_refused(frame):
    with pytest.raises(EditRefused, match="playhead inside the clip"):
        split_clip(one_take(), "c", frame)


# --- trim -----------------------------------------------------------------------------------


def test_trimmed_frames_stay_where_they_are_in_time():
    document = trim_clip(one_take(), "c", 30, 100)

    assert spans(document) == [(30, 100)]
    assert same_bits(dance(document, "ann").slice(30, 100), motion(120).slice(30, 100))


def test_an_edge_pulled_out_again_brings_the_frames_back():
    document = trim_clip(trim_clip(one_take(), "c", 30, 100), "c", 0, 120)

    assert same_bits(dance(document, "ann"), motion(120))


def test_with_ripple_what_comes_behind_follows_the_end():
    document = trim_clip(piece(40, 40, 40), "clip 1", 40, 60, ripple=True)

    assert spans(document) == [(0, 40), (40, 60), (60, 100)]


def test_with_ripple_a_clip_cut_at_its_start_stays_where_it_began():
    document = trim_clip(piece(40, 40, 40), "clip 1", 50, 80, ripple=True)

    assert spans(document) == [(0, 40), (40, 70), (70, 110)]
    assert document.tracks[0].clips[1].offset_frame == 10.0


def test_an_edge_pulled_over_a_neighbour_is_refused():
    with pytest.raises(EditRefused, match="Another clip is already there"):
        trim_clip(piece(40, 40), "clip 0", 0, 41)


def test_a_clip_trimmed_to_nothing_is_refused():
    with pytest.raises(EditRefused, match="at least one frame"):
        trim_clip(one_take(), "c", 50, 50)


# --- move -----------------------------------------------------------------------------------


def test_a_clip_moved_within_reach_keeps_its_place_and_blends_over():
    halves = split_clip(one_take(), "c", 10)
    near = halves.tracks[0].clips[1]

    document = move_clip(halves, near.id, 12)

    moved = document.clip(near.id)[1]
    assert (moved.start_frame, moved.blend_frames, moved.place) == (12, 9, Place())
    assert same_bits(dance(document, "ann").slice(21, 122), motion(120).slice(19, 120))


def test_a_clip_moved_far_off_begins_where_and_facing_as_the_dancer_stands():
    document = move_clip(piece(60, 60, gap=20), "clip 1", 60)
    shown = dance(document, "ann")

    assert hips_step_m(document, 60) < 0.06
    body_start = body(document.clip("clip 1")[1])
    assert abs(yaw_rad(body_start.local_rotations[0, 0]) - yaw_rad(shown.local_rotations[59, 0])) < 1e-6


def test_a_clip_that_is_moved_back_is_what_it_was():
    halves = split_clip(one_take(), "c", 60)
    later = halves.tracks[0].clips[1].id

    document = move_clip(move_clip(halves, later, 300), later, 60)

    assert same_bits(dance(document, "ann"), motion(120))
    assert document.tracks[0].clips[1].blend_frames == 0


@given(st.integers(0, 60), st.integers(0, 40))
@effort(max_examples=20)
def test_no_moved_clip_flings_the_body(seed, gap):
    clips = (
        Clip("a", 0, 60, (Take("t1", "Take 1", motion(60, seed)),)),
        Clip("b", 200, 60, (Take("t2", "Take 2", motion(60, seed + 1)),)),
    )
    document = move_clip(Document(tracks=(Track("ann", "Ann", clips),)), "b", 60 + gap)

    root = dance(document, "ann").root_positions_m[:, [0, 2]]
    own = max(np.linalg.norm(np.diff(motion(60, s).root_positions_m[:, [0, 2]], axis=0), axis=-1).max() for s in
              (seed, seed + 1))  # fmt: skip
    steps = np.linalg.norm(np.diff(root[50 : 60 + gap + 60], axis=0), axis=-1)
    assert steps.max() < 2.0 * own + 0.05


def test_what_was_behind_a_clip_that_goes_blends_over_from_the_held_pose():
    halves = split_clip(split_clip(one_take(), "c", 50), "c", 45)
    middle, last = halves.tracks[0].clips[1:]

    document = remove_clip(halves, middle.id)

    assert document.clip(last.id)[1].blend_frames >= 9
    assert document.clip(last.id)[1].place == Place()
    assert step_m(dance(document, "ann"))[49] < 0.05


def test_a_clip_goes_to_another_dancer():
    document = move_clip(piece(40, 40), "clip 1", 10, "bob")

    assert (spans(document, 0), spans(document, 1)) == ([(0, 40)], [(10, 50)])


def test_with_ripple_what_comes_behind_moves_along():
    document = move_clip(piece(40, 40, 40), "clip 1", 55, ripple=True)

    assert spans(document) == [(0, 40), (55, 95), (95, 135)]


def test_with_ripple_a_gap_closes_here_and_room_is_made_there():
    document = move_clip(piece(40, 40, 40), "clip 0", 0, "bob", ripple=True)
    document = move_clip(document, "clip 1", 0, "bob", ripple=True)

    assert (spans(document, 0), spans(document, 1)) == ([(0, 40)], [(0, 40), (40, 80)])


def test_clips_that_ripple_together_stay_together():
    parts = split_clip(split_clip(piece(60, 60), "clip 1", 80), "clip 1", 70)
    before = dance(parts, "ann").slice(70, 120)

    document = remove_clip(parts, "clip 1", ripple=True)

    shown = dance(document, "ann")
    assert spans(document) == [(0, 60), (60, 70), (70, 110)]
    assert np.allclose(shown.local_rotations[69:110, 1:], before.local_rotations[9:50, 1:], atol=1e-9)
    joined_steps = np.linalg.norm(np.diff(shown.root_positions_m[69:110], axis=0), axis=-1)
    own_steps = np.linalg.norm(np.diff(before.root_positions_m[9:50], axis=0), axis=-1)
    assert np.allclose(joined_steps, own_steps, atol=1e-7)


@pytest.mark.parametrize("start", [-1, -50])
def test_no_clip_begins_before_the_piece(start):
    with pytest.raises(EditRefused, match="before the piece"):
        move_clip(one_take(), "c", start)


def test_a_clip_on_top_of_another_is_refused():
    with pytest.raises(EditRefused, match="drop the clip on a free place"):
        move_clip(piece(40, 40), "clip 0", 20)


def test_a_duplicate_is_another_clip_with_the_same_takes():
    document = duplicate_clip(piece(40), "clip 0", 100)

    first, second = document.tracks[0].clips
    assert first.id != second.id
    assert first.take is second.take
    assert spans(document) == [(0, 40), (100, 140)]


def test_a_duplicate_with_ripple_makes_room_for_itself():
    document = duplicate_clip(piece(40, 60), "clip 0", 40, ripple=True)

    assert spans(document) == [(0, 40), (40, 80), (80, 140)]


def test_a_duplicate_joins_on_to_the_dance():
    document = duplicate_clip(piece(60), "clip 0", 60)

    assert hips_step_m(document, 60) < 0.06


# --- mirror, loop, speed, blend -------------------------------------------------------------


def test_a_mirrored_clip_begins_where_and_facing_as_before():
    document = mirror_clip(piece(60, 60), "clip 1")

    before, after = body(dancer(60, 60).clips[1]), body(document.clip("clip 1")[1])
    assert np.allclose(before.root_positions_m[0], after.root_positions_m[0])
    assert yaw_rad(after.local_rotations[0, 0]) == pytest.approx(yaw_rad(before.local_rotations[0, 0]))
    assert not np.allclose(before.local_rotations, after.local_rotations)


def test_mirroring_twice_gives_the_clip_back():
    halves = split_clip(one_take(), "c", 60)
    later = halves.tracks[0].clips[1].id

    document = mirror_clip(mirror_clip(halves, later), later)

    assert same_bits(dance(document, "ann"), motion(120))


def test_a_looped_clip_may_be_longer_than_its_take():
    document = trim_clip(set_looped(one_take(60), "c", True), "c", 0, 150)

    shown = dance(document, "ann")
    assert not np.allclose(shown.local_rotations[100], shown.local_rotations[60])
    assert set_looped(document, "c", False).tracks[0].clips[0].is_looped is False


def test_a_single_pose_cannot_be_looped():
    with pytest.raises(EditRefused, match="longer take"):
        set_looped(one_take(1), "c", True)


def test_stretching_dances_the_same_in_another_time():
    document = stretch_clip(one_take(60), "c", 120)

    clip = document.tracks[0].clips[0]
    assert (clip.n_frames, clip.speed) == (120, 0.5)
    assert np.allclose(dance(document, "ann").local_rotations[::2], motion(60).local_rotations)


def test_speed_changes_the_length():
    document = set_speed(one_take(60), "c", 2.0)

    assert document.tracks[0].clips[0].n_frames == 30
    assert same_bits(dance(set_speed(document, "c", 1.0), "ann"), motion(60))


def test_a_slower_clip_makes_room_for_itself_with_ripple_only():
    with pytest.raises(EditRefused, match="Another clip"):
        stretch_clip(piece(40, 40), "clip 0", 80)

    assert spans(stretch_clip(piece(40, 40), "clip 0", 80, ripple=True)) == [(0, 80), (80, 120)]
    assert spans(set_speed(piece(40, 40), "clip 0", 2.0, ripple=True)) == [(0, 20), (20, 60)]


@pytest.mark.parametrize("speed", [0.0, 0.1, 5.0, -1.0, float("nan")])
def test_a_speed_that_nobody_dances_is_refused(speed):
    with pytest.raises(EditRefused, match="quarter"):
        set_speed(one_take(60), "c", speed)


def test_a_blend_lasts_no_longer_than_its_clip():
    document = set_blend(piece(40, 20), "clip 1", 99)

    assert document.clip("clip 1")[1].blend_frames == 20
    assert set_blend(document, "clip 1", -3).clip("clip 1")[1].blend_frames == 0


def test_a_clip_is_matched_to_the_one_before():
    document = match_to_previous(piece(60, 60), "clip 1")

    assert hips_step_m(document, 60) < 0.06
    assert document.clip("clip 1")[1].blend_frames == 9


def test_there_is_nothing_to_match_the_first_clip_to():
    with pytest.raises(EditRefused, match="nothing before"):
        match_to_previous(piece(60, 60), "clip 0")


# --- join, lock, name -----------------------------------------------------------------------


@given(st.data(), tracks())
@effort(max_examples=20)
def test_joining_changes_no_bit_of_the_dance(data, track):
    track = without_locks(track)
    assume(len(track.clips) > 1)
    first = data.draw(st.integers(0, len(track.clips) - 2))
    last = data.draw(st.integers(first + 1, len(track.clips) - 1))
    start, end = track.clips[first].start_frame, track.clips[last].end_frame

    document = join_clips(Document(tracks=(track,)), track.id, start, end)

    assert same_bits(assemble(document.tracks[0], 200), assemble(track, 200))
    assert len(document.tracks[0].clips) == len(track.clips) - (last - first)
    assert_sound(document)


def test_a_joined_clip_keeps_a_take_for_every_other_take():
    document = piece(30, 40)
    first = replace(document.tracks[0].clips[0], takes=(*dancer(30).clips[0].takes, Take("u", "Softer", motion(30, 5))))
    document = document.with_track(replace(document.tracks[0], clips=(first, document.tracks[0].clips[1])))

    clip = join_clips(document, "ann", 0, 70).tracks[0].clips[0]

    assert [t.name for t in clip.takes] == ["Joined", "Softer"]
    assert same_bits(clip.takes[1].motion.slice(0, 30), motion(30, 5))
    assert same_bits(clip.takes[1].motion.slice(30, 70), motion(40, 1))


def test_one_clip_alone_is_not_joined():
    with pytest.raises(EditRefused, match="select two clips"):
        join_clips(piece(40, 40), "ann", 0, 40)


LOCKED_OUT = {
    "split": lambda d: split_clip(d, "clip 1", 60),
    "trim": lambda d: trim_clip(d, "clip 1", 50, 80),
    "move": lambda d: move_clip(d, "clip 1", 300),
    "mirror": lambda d: mirror_clip(d, "clip 1"),
    "loop": lambda d: set_looped(d, "clip 1", True),
    "stretch": lambda d: stretch_clip(d, "clip 1", 50),
    "blend": lambda d: set_blend(d, "clip 1", 5),
    "remove": lambda d: remove_clip(d, "clip 1"),
    "rename": lambda d: rename_clip(d, "clip 1", "verse"),
    "match": lambda d: match_to_previous(d, "clip 1"),
    "join": lambda d: join_clips(d, "ann", 0, 80),
    "push it away": lambda d: remove_clip(d, "clip 0", ripple=True),
    "pull it along": lambda d: trim_clip(d, "clip 0", 0, 20, ripple=True),
}


@pytest.mark.parametrize("what", LOCKED_OUT)
def test_a_locked_clip_is_not_edited(what):
    document = set_clip_locked(piece(40, 40, 40), "clip 1", True)

    with pytest.raises(EditRefused, match="unlock it first"):
        LOCKED_OUT[what](document)


def test_a_locked_clip_shows_the_same_whatever_happens_before_it():
    blended = set_blend(piece(40, 40), "clip 1", 9)
    document = set_clip_locked(blended, "clip 1", True)
    before = assemble_local(document.tracks[0], 80).slice(40, 80)

    for edit in (mirror_clip, remove_clip):
        after = edit(document, "clip 0")
        assert same_bits(assemble_local(after.tracks[0], 80).slice(40, 80), before)
        assert after.tracks[0].clips[-1].is_locked


def test_an_unlocked_clip_is_edited_again():
    document = set_clip_locked(set_clip_locked(piece(40), "clip 0", True), "clip 0", False)

    assert rename_clip(document, "clip 0", " verse ").tracks[0].clips[0].name == "verse"


@pytest.mark.parametrize("name", ["split_clip", "mirror_clip", "set_clip_locked"])
def test_a_clip_that_is_gone_is_refused(name):
    arguments = {"split_clip": (5,), "set_clip_locked": (True,)}.get(name, ())

    with pytest.raises(EditRefused, match="no longer in the piece"):
        getattr(clip_edits, name)(piece(40), "gone", *arguments)
