"""Segments and takes: nothing outside changes, nothing inside is lost."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import settings as effort
from hypothesis import strategies as st

from editor.document.assemble import assemble_local, dance
from editor.document.clip_edits import set_blend, set_clip_locked, split_clip
from editor.document.document import Document, Place, Settings, Take, Track
from editor.document.edits import EditRefused
from editor.document.take_edits import add_take, keep_take, make_segment, remove_take, rename_take, use_take
from engine.motion.blend import seal
from engine.motion.motion import Motion
from tests.dances import walk
from tests.documents import assert_sound, dancer, motion, take, takes, tracks, without_locks
from tests.same_motion import same_bits

N = 250


def piece(*lengths: int, gap: int = 0) -> Document:
    return Document(tracks=(dancer(*lengths, gap=gap),))


@given(st.data(), tracks())
@effort(max_examples=25)
def test_making_a_segment_changes_no_bit_of_the_dance(data, track):
    track = without_locks(track)
    start, n = data.draw(st.integers(0, track.end_frame + 5)), data.draw(st.integers(1, 60))

    document, clip_id = make_segment(Document(tracks=(track,)), track.id, start, start + n)

    clip = document.clip(clip_id)[1]
    assert (clip.start_frame, clip.end_frame) == (start, start + n)
    assert same_bits(assemble_local(document.tracks[0], N), assemble_local(track, N))
    assert_sound(document)


def test_a_clip_that_is_the_segment_stays_as_it_is():
    document = piece(40, 40)

    assert make_segment(document, "ann", 40, 80) == (document, "clip 1")
    assert make_segment(document, "ann", 40, 80)[0] is document


@given(st.data(), tracks())
@effort(max_examples=50)
def test_keeping_a_take_changes_no_bit_outside_the_segment(data, track):
    track = without_locks(track)
    start, n = data.draw(st.integers(0, track.end_frame + 5)), data.draw(st.integers(1, 60))
    new, other = data.draw(takes(n)), data.draw(takes(n))

    document = keep_take(Document(tracks=(track,)), track.id, start, start + n, new, (other,))

    before, after = assemble_local(track, N), assemble_local(document.tracks[0], N)
    assert same_bits(after.slice(start, start + n), new.motion)
    # A gap right behind the segment holds the segment's last pose, as gaps do.
    resumes = min([c.start_frame for c in document.tracks[0].clips if c.start_frame >= start + n], default=N)
    assert same_bits(after.slice(0, start), before.slice(0, start))
    assert same_bits(after.slice(resumes, N), before.slice(resumes, N))
    assert_sound(document)


@given(st.data(), tracks())
@effort(max_examples=25)
def test_the_take_that_was_danced_before_can_be_danced_again(data, track):
    track = without_locks(track)
    assume(track.clips)
    start = data.draw(st.integers(0, track.end_frame - 1))
    n = data.draw(st.integers(1, 60))
    segment, clip_id = make_segment(Document(tracks=(track,)), track.id, start, start + n)
    was = segment.clip(clip_id)[1].active

    document = use_take(keep_take(segment, track.id, start, start + n, data.draw(takes(n))), clip_id, was)

    assert same_bits(assemble_local(document.tracks[0], N), assemble_local(track, N))


def generated(before: Motion, start: int, end: int, seed: int) -> Take:
    """A take as the generator makes them: another dance, its ends sealed to what lies around."""
    n = end - start
    root, local = np.array(before.root_positions_m), np.array(before.local_rotations)
    other = motion(n, seed)
    root[start:end] = other.root_positions_m - other.root_positions_m[0] + root[start]
    local[start:end] = other.local_rotations
    sealed = seal(replace(before, root_positions_m=root, local_rotations=local), start, end, 0.3)
    return Take(f"made {seed}", "Take 2", sealed.slice(start, end))


def test_four_takes_of_a_walk_come_and_go_and_the_rest_walks_on():
    before = walk(8.0)[0]
    document = Document(tracks=(replace(dancer(240), place=Place(1.0, 0.0, 0.5)),))
    clip = replace(document.tracks[0].clips[0], takes=(Take("t", "Walk", before),))
    document = document.with_track(replace(document.tracks[0], clips=(clip,)))
    shown = dance(document, "ann")

    made = [generated(before, 90, 150, seed) for seed in range(4)]
    kept = keep_take(document, "ann", 90, 150, made[2], (made[0], made[1], made[3]), Settings(joy=0.7), 2)

    after = dance(kept, "ann")
    segment = kept.tracks[0].clips[1]
    assert same_bits(after.slice(0, 90), shown.slice(0, 90))
    assert same_bits(after.slice(150, 240), shown.slice(150, 240))
    assert [t.id for t in segment.takes[1:]] == ["made 0", "made 1", "made 2", "made 3"]
    assert (segment.active, segment.settings) == (3, Settings(joy=0.7))
    assert np.linalg.norm(np.diff(after.root_positions_m, axis=0), axis=-1).max() < 0.2
    for index in range(5):
        other = dance(use_take(kept, segment.id, index), "ann")
        assert same_bits(other.slice(0, 90), shown.slice(0, 90))
        assert same_bits(other.slice(150, 240), shown.slice(150, 240))


def test_a_clip_that_blends_over_from_the_segment_is_baked():
    document = set_blend(piece(40, 40), "clip 1", 9)

    kept = keep_take(document, "ann", 0, 40, take(40, seed=5))

    later = kept.tracks[0].clips[1]
    assert (later.id, later.blend_frames, later.take.kind) == ("clip 1", 0, "baked")


def test_a_take_in_an_empty_place_makes_a_clip():
    document = keep_take(Document(tracks=(Track("ann", "Ann"),)), "ann", 30, 70, take(40, seed=3))

    clip = document.tracks[0].clips[0]
    assert (clip.start_frame, clip.end_frame, len(clip.takes)) == (30, 70, 1)


def test_a_segment_over_several_clips_loses_none_of_their_takes():
    document = piece(40, 40)
    document = keep_take(document, "ann", 40, 80, take(40, seed=3, name="Second"))

    kept = keep_take(document, "ann", 20, 60, take(40, seed=4, name="Third"))

    segment = next(c for c in kept.tracks[0].clips if c.start_frame == 20)
    assert [t.name for t in segment.takes] == ["Joined", "Take 2", "Third"]
    assert same_bits(segment.takes[1].motion.slice(20, 40), motion(40, 1).slice(0, 20))


def test_takes_of_a_stretched_clip_stay_on_the_shelf_as_they_were_shown():
    clip = replace(dancer(60).clips[0], speed=2.0, n_frames=30, takes=(take(60, 1), take(60, 2)))
    document = Document(tracks=(Track("ann", "Ann", (clip,)),))

    kept = keep_take(document, "ann", 0, 30, take(30, 3)).tracks[0].clips[0]

    assert [t.motion.n_frames for t in kept.takes] == [30, 30, 30]
    assert np.array_equal(kept.takes[1].motion.local_rotations, motion(60, 2).local_rotations[::2])


@pytest.mark.parametrize(("start", "end"), [(0, 0), (10, 5)])
def test_an_empty_segment_is_refused(start, end):
    with pytest.raises(EditRefused, match="select"):
        make_segment(piece(40), "ann", start, end)
    with pytest.raises(EditRefused):
        keep_take(piece(40), "ann", start, end, take(1))


def test_a_take_of_another_length_is_refused():
    with pytest.raises(EditRefused, match="as long as the segment"):
        keep_take(piece(40), "ann", 0, 40, take(39))


def test_a_locked_clip_is_not_made_anew():
    document = set_clip_locked(piece(40, 40), "clip 1", True)

    for start, end in ((30, 50), (40, 80), (50, 60)):
        with pytest.raises(EditRefused, match="unlock it first"):
            keep_take(document, "ann", start, end, take(end - start))
        with pytest.raises(EditRefused, match="unlock it first"):
            make_segment(document, "ann", start, end)


# --- the shelf ------------------------------------------------------------------------------


def with_three_takes() -> Document:
    document = piece(40)
    for seed in (1, 2):
        document = add_take(document, "clip 0", take(40, seed, f"Take {seed + 1}"))
    return document


def test_a_take_on_the_shelf_is_not_danced():
    document = with_three_takes()

    assert same_bits(dance(document, "ann"), motion(40))
    assert same_bits(dance(use_take(document, "clip 0", 2), "ann"), motion(40, 2))


def test_a_take_is_taken_off_the_shelf():
    document = remove_take(use_take(with_three_takes(), "clip 0", 2), "clip 0", 0)

    clip = document.tracks[0].clips[0]
    assert [t.name for t in clip.takes] == ["Take 2", "Take 3"]
    assert clip.take.name == "Take 3"


def test_the_take_that_is_danced_is_not_removed():
    with pytest.raises(EditRefused, match="choose another one first"):
        remove_take(with_three_takes(), "clip 0", 0)


@pytest.mark.parametrize("edit", [use_take, remove_take, lambda d, c, i: rename_take(d, c, i, "x")])
@pytest.mark.parametrize("index", [3, -1])
def test_a_take_that_is_not_there_is_refused(edit, index):
    with pytest.raises(EditRefused, match="no longer there"):
        edit(with_three_takes(), "clip 0", index)


def test_a_take_is_renamed_wherever_it_lies():
    document = rename_take(split_clip(with_three_takes(), "clip 0", 20), "clip 0", 1, " Softer ")

    first, second = document.tracks[0].clips
    assert first.takes[1] is second.takes[1]
    assert first.takes[1].name == "Softer"


def test_a_take_needs_a_name():
    with pytest.raises(EditRefused, match="needs a name"):
        rename_take(piece(40), "clip 0", 0, "  ")
