"""The document's types: drawn values, equality by content, lengths, whose settings apply."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as effort

from editor.document.document import Clip, Curve, Document, Settings, Song, Take, Track, value_at
from tests.documents import an_analysis, assert_sound, dancer, documents, histories, motion


def test_a_curve_is_straight_between_its_points_and_held_beyond():
    curve = Curve((1.0, 3.0), (0.0, 1.0))

    assert curve.at(np.array([0.0, 1.0, 2.0, 3.0, 9.0])).tolist() == [0.0, 0.0, 0.5, 1.0, 1.0]


def test_a_constant_has_its_value_at_all_times():
    assert value_at(0.25, np.zeros(3)).tolist() == [0.25, 0.25, 0.25]


@pytest.mark.parametrize(("times_s", "values"), [((), ()), ((0.0,), (0.0, 1.0)), ((1.0, 0.0), (0.0, 1.0))])
def test_a_curve_without_points_or_order_is_refused(times_s, values):
    with pytest.raises(ValueError):
        Curve(times_s, values)


def test_takes_are_equal_when_every_number_is():
    one, other = Take("t", "Take 1", motion(20)), Take("t", "Take 1", motion(20))

    assert one == other
    assert one != Take("t", "Take 1", motion(20, seed=1))
    assert one != Take("t", "Take 2", motion(20))


def test_documents_are_equal_when_their_parts_are():
    one = Document(tracks=(dancer(20, 30),), analysis=an_analysis())
    other = replace(one, analysis=an_analysis())

    assert one == other
    assert one != replace(one, analysis=an_analysis(bpm=90.0))
    assert one != replace(one, analysis=None)
    assert one != replace(one, notes="slower")


def test_a_piece_is_as_long_as_its_song_or_its_last_clip():
    song = Song("song.wav", "0" * 64, 4.0)

    assert Document().n_frames == 0
    assert Document(song=song).n_frames == 120
    assert Document(song=song, tracks=(dancer(100, 50),)).n_frames == 150
    assert Document(song=song, tracks=(dancer(60),)).duration_s == 4.0


def test_a_clip_with_settings_of_its_own_is_danced_by_them():
    own, of_piece = Settings(joy=1.0), Settings(sorrow=1.0)
    track = dancer(60, 60)
    clips = (replace(track.clips[0], settings=own), track.clips[1])
    document = Document(tracks=(replace(track, clips=clips),), settings=of_piece)

    assert document.settings_for("ann", 10, 60) == own
    assert document.settings_for("ann", 10, 61) == of_piece
    assert document.settings_for("ann", 60, 120) == of_piece


def test_clips_that_share_a_frame_with_a_span_are_found():
    track = dancer(10, 10, 10, gap=5)

    assert [c.id for c in track.clips_in(9, 16)] == ["clip 0", "clip 1"]
    assert track.clips_in(10, 15) == ()
    with pytest.raises(KeyError):
        track.clip("nobody")


@given(documents())
@effort(max_examples=12)
def test_every_drawn_document_is_sound(document):
    assert_sound(document)


@given(histories())
@effort(max_examples=30)
def test_documents_stay_sound_whatever_is_edited(states):
    for document in states:
        assert_sound(document)


@given(histories(most=3))
@effort(max_examples=12)
def test_an_edit_leaves_what_it_does_not_touch_the_same_object(states):
    """Everything that follows from the document is kept by the identity of its parts."""
    for old, new in pairwise(states):
        before = {clip.id: clip for track in old.tracks for clip in track.clips}
        same = [c for t in new.tracks for c in t.clips if c.id in before and c == before[c.id]]
        assert [clip.id for clip in same if clip is not before[clip.id]] == []


def test_an_empty_track_ends_at_once():
    assert Track("bob", "Bob").end_frame == 0
    assert Clip("c", 5, 10, ()).end_frame == 15
