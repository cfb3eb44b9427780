"""One motion per dancer: takes where they belong, gaps held, seams smooth, and nothing computed twice."""

from __future__ import annotations

import gc
import weakref
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as effort
from hypothesis import strategies as st

from editor.document.assemble import assemble, assemble_local, body, dance, pieces, replaced, stretch
from editor.document.clip_edits import set_blend
from editor.document.document import Clip, Document, Place, Song, Take, Track
from editor.document.kept_results import KeptResults
from editor.document.places import inverse, placed, within
from engine.motion import quaternion
from engine.motion.house import HOUSE, JOINT
from engine.motion.mirror import mirrored
from tests.documents import dancer, motion, places, take, tracks
from tests.same_motion import same_bits, step_m


def one_clip(**attributes: object) -> Track:
    clip = Clip("c", 0, 60, (Take("t", "Take 1", motion(60)),))
    return Track("ann", "Ann", (replace(clip, **attributes),))


def test_a_clip_shows_its_take_bit_for_bit():
    track = one_clip()

    assert same_bits(assemble(track, 60), track.clips[0].take.motion)


def test_a_clip_shows_the_frames_of_its_take_from_its_offset_on():
    track = one_clip(start_frame=5, offset_frame=20.0, n_frames=30)

    assert same_bits(assemble(track, 35).slice(5, 35), motion(60).slice(20, 50))


def test_before_its_first_clip_a_dancer_stands_with_arms_down():
    shown = assemble(one_clip(start_frame=10), 70)

    assert np.all(shown.root_positions_m[:10] == HOUSE.offsets_m[0])
    hands_m = shown.positions_m()[:10, [JOINT["LeftHand"], JOINT["RightHand"]]]
    assert np.all(hands_m[..., 1] < shown.positions_m()[:10, JOINT["Hips"], np.newaxis, 1])
    assert same_bits(shown.slice(10, 70), motion(60))


def test_gaps_and_the_end_hold_the_last_pose():
    track = dancer(20, 20, gap=10)
    shown = assemble(track, 70)

    assert np.all(shown.local_rotations[20:30] == shown.local_rotations[19])
    assert np.all(shown.root_positions_m[50:] == shown.root_positions_m[49])


def test_a_dancer_without_clips_stands_there():
    document = Document(tracks=(Track("ann", "Ann", place=Place(1.0, 2.0)),))

    shown = dance(document, "ann")

    assert shown.n_frames == 1
    assert shown.root_positions_m[0].tolist() == [1.0, HOUSE.offsets_m[0, 1], 2.0]


def test_a_dance_is_as_long_as_the_piece():
    document = Document(song=Song("s", "0", 10.0), tracks=(dancer(60),))

    assert dance(document, "ann").n_frames == 300


def test_a_mirrored_clip_is_the_mirror_image_of_its_take():
    assert same_bits(assemble(one_clip(is_mirrored=True), 60), mirrored(motion(60)))


def test_twice_the_speed_shows_every_second_frame():
    shown = assemble(one_clip(speed=2.0, n_frames=30), 30)

    assert same_bits(shown, replace_rows(slice(0, 60, 2)))


def replace_rows(rows: slice):
    whole = motion(60)
    return replace(whole, root_positions_m=whole.root_positions_m[rows], local_rotations=whole.local_rotations[rows])


def test_half_the_speed_passes_through_every_frame():
    shown = assemble(one_clip(speed=0.5, n_frames=119), 119)

    assert np.allclose(shown.local_rotations[::2], motion(60).local_rotations)


def test_beyond_its_ends_a_take_holds_its_poses():
    shown = assemble(one_clip(offset_frame=-5.0, n_frames=70), 70)

    assert np.all(shown.local_rotations[:5] == motion(60).local_rotations[0])
    assert np.all(shown.local_rotations[65:] == motion(60).local_rotations[-1])


def test_a_short_clip_of_a_long_take_shows_the_same_as_a_long_one():
    whole = assemble(one_clip(speed=0.7, n_frames=80), 80)
    part = assemble(one_clip(speed=0.7, n_frames=10, offset_frame=40 * 0.7), 10)

    assert np.allclose(whole.local_rotations[40:50], part.local_rotations, atol=1e-9)


def test_a_loop_goes_on_from_where_it_has_ended():
    shown = assemble(one_clip(is_looped=True, n_frames=150), 150)

    assert same_bits(shown.slice(0, 60), motion(60))
    assert step_m(shown)[[59, 119]].max() < step_m(motion(60)).max()
    turned = quaternion.angle_between(shown.local_rotations[80:110], motion(60).local_rotations[20:50])
    assert turned[:, 1:].max() < 1e-6  # but for where the dancer stands and faces, it is the same again


def test_a_single_pose_that_is_looped_is_held():
    pose = Take("p", "Pose", motion(1))

    shown = assemble(one_clip(takes=(pose,), is_looped=True), 60)

    assert np.all(shown.local_rotations == shown.local_rotations[0])


def test_a_blend_takes_the_jump_away_and_leaves_the_rest():
    cut = dancer(40, 40)
    track = replace(cut, clips=(cut.clips[0], replace(cut.clips[1], blend_frames=9)))

    shown, raw = assemble(track, 80), assemble(cut, 80)

    assert same_bits(shown.slice(0, 40), raw.slice(0, 40))
    assert same_bits(shown.slice(49, 80), raw.slice(49, 80))
    assert step_m(shown)[39] < 0.2 * step_m(raw)[39]


def test_the_first_clip_begins_as_it_is():
    assert same_bits(assemble(one_clip(blend_frames=9, start_frame=3), 63).slice(3, 63), motion(60))


def test_single_precision_takes_are_shown_number_for_number():
    whole = motion(60)
    single = replace(
        whole,
        root_positions_m=whole.root_positions_m.astype(np.float32),
        local_rotations=whole.local_rotations.astype(np.float32),
    )

    assert same_bits(assemble(one_clip(takes=(Take("t", "Take", single),)), 60), single)


@given(tracks(), st.integers(0, 60), st.integers(0, 40))
@effort(max_examples=25)
def test_a_stretch_is_cut_from_the_whole(track, start, n):
    assert same_bits(stretch(track, start, start + n), assemble_local(track, start + n).slice(start, start + n))


@given(tracks())
@effort(max_examples=15)
def test_pieces_have_the_lengths_of_their_clips(track):
    assert [sum(p.n_frames for p in piece.parts) for piece in pieces(track)] == [c.n_frames for c in track.clips]


@given(places, places)
@effort(max_examples=30)
def test_places_are_put_one_into_the_other(outer, inner):
    dances = motion(5)

    twice, once = placed(placed(dances, inner), outer), placed(dances, within(outer, inner))

    assert np.allclose(twice.positions_m(), once.positions_m(), atol=1e-6)
    back = placed(placed(dances, inner), inverse(inner))
    assert np.allclose(back.positions_m(), dances.positions_m(), atol=1e-9)


def test_a_dancer_is_placed_as_a_whole():
    place = Place(1.0, -2.0, 0.5)
    track = replace(dancer(30, 30), place=place)

    assert same_bits(assemble(track, 60), placed(assemble_local(track, 60), place))


def test_the_same_clips_give_the_same_motion():
    document = Document(tracks=(dancer(30, 30), replace(dancer(50), id="bob", place=Place(1.0))))
    shown = [dance(document, t.id) for t in document.tracks]

    renamed = replace(document, tracks=(replace(document.tracks[0], name="Anna"), document.tracks[1]))

    assert [dance(renamed, t.id) for t in document.tracks] == shown


def test_only_the_changed_clip_is_computed_again():
    document = Document(tracks=(dancer(30, 30, 30),))
    stretched = replace(document.tracks[0].clips[1], speed=0.5)
    track = replace(document.tracks[0], clips=(document.tracks[0].clips[0], stretched, document.tracks[0].clips[2]))
    before = [body(clip) for clip in track.clips]

    after = set_blend(document.with_track(track), stretched.id, 5).tracks[0]

    assert [body(clip) for clip in after.clips] == before


def test_an_audition_replaces_the_segment_alone():
    whole, segment = motion(60), motion(20, seed=1)

    shown = replaced(whole, 30, segment)

    assert same_bits(shown.slice(0, 30), whole.slice(0, 30))
    assert same_bits(shown.slice(30, 50), segment)
    assert same_bits(shown.slice(50, 60), whole.slice(50, 60))


@pytest.mark.parametrize("start", [50, 60, 75])
def test_an_audition_behind_the_end_makes_the_dance_longer(start):
    whole, segment = motion(60), motion(20, seed=1)

    shown = replaced(whole, start, segment)

    assert shown.n_frames == start + 20
    assert same_bits(shown.slice(start, start + 20), segment)
    assert np.all(shown.local_rotations[60:start] == whole.local_rotations[-1])


def test_results_are_kept_while_they_fit():
    kept: KeptResults[str] = KeptResults(most_bytes=10)
    for key in "abc":
        kept.keep(key, key.upper(), 4)

    assert [kept.get(key) for key in "abc"] == [None, "B", "C"]


def test_takes_that_are_not_danced_are_not_computed():
    clip = one_clip().clips[0]
    both = replace(clip, takes=(clip.take, take(60, seed=1)))

    assert body(both) is body(clip)


def test_what_nobody_holds_any_more_is_freed():
    gone = motion(60)
    clip = replace(one_clip(is_mirrored=True).clips[0], takes=(Take("t", "Take 1", gone),))
    body(clip)
    watched = weakref.ref(gone)

    del gone, clip
    gc.collect()

    assert watched() is None
