"""From a segment and its settings to what the generator is asked for."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as effort
from hypothesis import strategies as st

from editor.document.assemble import assemble_local, stretch
from editor.document.clip_edits import set_blend
from editor.document.document import Curve, Document, Place, Settings, Track
from editor.document.requests import CONTEXT_FRAMES, request_for
from editor.document.track_edits import set_track_flags
from engine.errors import RequestRefused
from tests.documents import an_analysis, dancer, documents, settings
from tests.same_motion import same_bits

PLAIN = Settings()


def piece(*lengths: int, gap: int = 0) -> Document:
    return Document(tracks=(dancer(*lengths, gap=gap),), analysis=an_analysis(20.0))


def test_the_motion_around_a_segment_is_what_is_danced_there():
    document = set_blend(piece(100, 100), "clip 1", 9)
    whole = assemble_local(document.tracks[0], 200)

    request = request_for(document, "ann", 90, 120, PLAIN)

    assert request.n_frames == 30
    assert same_bits(request.before, whole.slice(90 - CONTEXT_FRAMES, 90))
    assert same_bits(request.after, whole.slice(120, 120 + CONTEXT_FRAMES))
    assert same_bits(request.current, whole.slice(90, 120))


def test_a_dancer_placed_on_the_stage_is_asked_for_in_the_dancers_own_place():
    document = piece(100)
    placed = document.with_track(replace(document.tracks[0], place=Place(3.0, 1.0, 0.5)))

    here, there = (request_for(d, "ann", 40, 60, PLAIN) for d in (document, placed))

    assert here.digest() == there.digest()


def test_the_free_edges_of_a_piece_have_nothing_to_join_on_to():
    whole, first = request_for(piece(100), "ann", 0, 100, PLAIN), request_for(piece(100), "ann", 0, 30, PLAIN)

    assert (whole.before, whole.after) == (None, None)
    assert (first.before, first.after.n_frames) == (None, CONTEXT_FRAMES)


def test_a_gap_before_the_segment_holds_a_pose_that_it_goes_on_from():
    document = piece(50, 50, gap=30)

    request = request_for(document, "ann", 60, 80, PLAIN)

    assert same_bits(request.before, stretch(document.tracks[0], 0, 60))
    assert np.all(request.before.local_rotations[50:] == request.before.local_rotations[49])
    assert request.after.n_frames == 50
    assert request.current is None


def test_what_comes_after_a_gap_is_not_joined_on_to():
    assert request_for(piece(50, 50, gap=30), "ann", 40, 70, PLAIN).after is None


def test_an_empty_dancer_is_asked_for_without_surroundings():
    request = request_for(Document(tracks=(Track("ann", "Ann"),)), "ann", 10, 70, PLAIN)

    assert (request.before, request.after, request.current, request.n_frames) == (None, None, None, 60)


def test_styles_drawn_over_the_piece_count_with_their_mean():
    rising = Curve((0.0, 4.0), (0.0, 1.0))
    wanted = Settings(style=(("salsa", rising), ("ballet", 0.25), ("waltz", 0.0)))

    request = request_for(piece(120), "ann", 0, 120, wanted)

    assert set(request.style) == {"salsa", "ballet"}
    assert request.style["salsa"] == pytest.approx(0.5, abs=0.01)
    assert request.style["ballet"] == 0.25


def test_drawn_emotions_are_read_frame_by_frame():
    wanted = Settings(joy=Curve((0.0, 4.0), (0.0, 1.0)), tension=0.5)

    request = request_for(piece(120), "ann", 60, 120, wanted)

    assert np.allclose(request.emotion["joy"], (60 + np.arange(60)) / 120.0)
    assert request.emotion["tension"] == 0.5


def test_settings_are_passed_on():
    wanted = Settings(
        follow_music=0.3, intensity=1.5, novelty=0.9, seed=7, locked_parts=frozenset({"left_leg"}), keep_path=True,
        avoid=frozenset({"jumps"}),
    )  # fmt: skip

    request = request_for(piece(120), "ann", 30, 60, wanted)
    other = request_for(piece(120), "ann", 30, 60, wanted, seed=8)

    assert (request.follow_music, request.intensity, request.novelty, request.seed) == (0.3, 1.5, 0.9, 7)
    assert (request.locked, request.keep_path, request.avoid) == (frozenset({"left_leg"}), True, frozenset({"jumps"}))
    assert other.seed == 8


def test_a_drawn_path_is_walked_at_one_speed():
    wanted = Settings(path_m=((0.0, 0.0), (1.0, 0.0), (1.0, 3.0)))

    path = request_for(piece(81), "ann", 0, 81, wanted).path_m

    assert np.allclose(np.linalg.norm(np.diff(path, axis=0), axis=-1), 4.0 / 80)
    assert np.allclose(path[[0, 20, 80]], [[0.0, 0.0], [1.0, 0.0], [1.0, 3.0]])


def test_a_drawn_path_lies_on_the_stage_wherever_the_dancer_stands():
    document = piece(2)
    document = document.with_track(replace(document.tracks[0], place=Place(1.0, 2.0, np.pi / 2)))

    path = request_for(document, "ann", 0, 2, Settings(path_m=((1.0, 2.0), (2.0, 2.0)))).path_m

    # The dancer was turned a quarter to the left: the stage's +x is straight ahead.
    assert np.allclose(path, [[0.0, 0.0], [0.0, 1.0]])


@pytest.mark.parametrize("points", [((1.0, 2.0),), ((1.0, 2.0), (1.0, 2.0))])
def test_a_path_of_one_point_is_a_place_to_stay(points):
    path = request_for(piece(30), "ann", 0, 30, Settings(path_m=points)).path_m

    assert np.all(path == [1.0, 2.0])


def test_a_path_is_gone_to_from_where_the_dancer_comes_from_and_left_for_where_the_dance_goes_on():
    document = piece(100, 300, 100)

    request = request_for(document, "ann", 100, 400, Settings(path_m=((1.0, 2.0), (2.0, 2.0))))
    path, hips = request.path_m, [m.root_positions_m[i, [0, 2]] for m, i in ((request.before, -1), (request.after, 0))]

    assert np.allclose(path[0], hips[0])
    assert np.linalg.norm(path[-1] - hips[1]) < 0.06  # the step that is still to be made
    drawn = path[np.isclose(path[:, 1], 2.0)]
    assert len(drawn) >= 150
    assert np.ptp(drawn[:, 0]) > 0.99
    assert np.linalg.norm(np.diff(path, axis=0), axis=-1).max() < 0.06


def test_beats_are_those_of_the_corrected_music():
    document = piece(120)
    corrected = replace(document.analysis, beat_times_s=document.analysis.beat_times_s + 0.1)

    request = request_for(replace(document, corrected=corrected), "ann", 30, 60, PLAIN)

    assert np.allclose(request.beats_frame, (corrected.beat_times_s - 1.0) * 30.0)


def test_without_music_there_are_no_beats():
    request = request_for(replace(piece(120), analysis=None), "ann", 30, 60, Settings(joy=0.5))

    assert len(request.beats_frame) == 0
    assert request.loudness.shape == (30,)
    assert request.emotion["joy"] == 0.5


def test_an_empty_segment_is_refused():
    with pytest.raises(RequestRefused, match="empty"):
        request_for(piece(120), "ann", 30, 30, PLAIN)


def test_nothing_can_be_kept_where_nothing_is_danced():
    with pytest.raises(RequestRefused, match="generate it first"):
        request_for(piece(50), "ann", 30, 60, Settings(keep_path=True))


@given(st.data(), documents(max_tracks=1), settings())
@effort(max_examples=25)
def test_every_segment_of_every_piece_can_be_asked_for(data, document, wanted):
    if not document.tracks:
        document = replace(document, tracks=(dancer(20, 20, gap=5),))
    track = set_track_flags(document, document.tracks[0].id, is_reference=False).tracks[0]
    document = document.with_track(track)
    start, n = data.draw(st.integers(0, track.end_frame + 10)), data.draw(st.integers(1, 50))

    request = request_for(
        document, track.id, start, start + n, replace(wanted, locked_parts=frozenset(), keep_path=False)
    )

    assert request.n_frames == n
    assert all(weight > 0.0 for weight in request.style.values())
