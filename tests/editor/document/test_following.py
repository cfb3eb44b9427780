"""The dance follows the beats: where clips go, how far they stretch, and that the motion comes back bit for bit."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as effort
from hypothesis import strategies as st

from editor.document.assemble import dance
from editor.document.clip_edits import move_clip, set_clip_locked, split_clip
from editor.document.document import Document, Song
from editor.document.edits import EditRefused
from editor.document.following import MOST_STRETCH, slot_of, stale_clips
from editor.document.grid_edits import (
    double_tempo,
    halve_tempo,
    nudge_grid,
    reset_grid,
    set_one_here,
    set_tempo,
    shift_downbeat,
    shift_half_beat,
)
from editor.document.grid_warps import lock_beats, move_beat, toggle_anchor, warp_from_here
from editor.document.project_file import load_project, save_project
from editor.document.take_edits import keep_take
from engine.motion.house import FRAME_RATE_HZ
from tests.documents import an_analysis, assert_sound, dancer, take
from tests.same_motion import same_bits

Edit = Callable[[Document], Document]


def piece(*lengths: int, duration_s: float = 16.0) -> Document:
    """A dancer to two beats a second."""
    tracks = (dancer(*lengths),) if lengths else (dancer(120, 60, 300), dancer(480, track_id="bo"))
    tracks = tuple(replace(t, clips=tuple(replace(c, id=f"{t.id} {c.id}") for c in t.clips)) for t in tracks)
    return Document("Night", Song("beats.wav", "", duration_s), an_analysis(duration_s=duration_s), tracks=tracks)


def clips(document: Document, track: int = 0) -> list[tuple[int, int, bool]]:
    return [(c.start_frame, c.end_frame, c.is_stale) for c in document.tracks[track].clips]


def assert_dances_alike(one: Document, other: Document) -> None:
    for track in one.tracks:
        assert same_bits(dance(one, track.id), dance(other, track.id))


def frames_shown(document: Document, times_s: np.ndarray, track: int = 0) -> np.ndarray:
    """Which frame of a one-clip dancer's take is shown at each time; frames of `dancer` are all different."""
    out = []
    for time_s in times_s:
        frame = time_s * FRAME_RATE_HZ
        clip = next(c for c in document.tracks[track].clips if c.start_frame <= frame + 1e-6 < c.end_frame)
        home = frame - clip.start_frame
        shown = home if clip.warp is None else float(clip.warp.home_at(np.array([home]))[0])
        out.append(clip.offset_frame + clip.speed * shown)
    return np.array(out)


@st.composite
def corrections(draw: st.DrawFn) -> Edit:
    """A correction of a piece of sixteen seconds."""
    at_s, by_s = draw(st.floats(0.5, 15.0)), draw(st.floats(-0.3, 0.3))
    n, bpm = draw(st.integers(-3, 3)), draw(st.floats(90.0, 150.0))
    made: list[Edit] = [
        halve_tempo,
        double_tempo,
        lambda d: shift_downbeat(d, n),
        lambda d: shift_half_beat(d, 1 if n > 0 else -1),
        lambda d: set_one_here(d, at_s),
        lambda d: nudge_grid(d, by_s),
        lambda d: set_tempo(d, bpm, at_s),
        lambda d: toggle_anchor(d, at_s),
        lambda d: move_beat(d, at_s, at_s + by_s),
        lambda d: warp_from_here(d, at_s, at_s + by_s),
        lambda d: lock_beats(d, at_s, at_s + 2.0),
    ]
    return draw(st.sampled_from(made))


def after(document: Document, edit: Edit) -> Document:
    try:
        return edit(document)
    except EditRefused:
        return document


@given(st.lists(corrections(), min_size=1, max_size=5))
@effort(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.too_slow])
def test_back_to_what_was_heard_brings_back_the_motion_bit_for_bit(edits):
    before = piece()
    corrected = before
    for edit in edits:
        corrected = after(corrected, edit)
        assert_sound(corrected)

    assert_dances_alike(reset_grid(corrected), before)


@given(corrections())
@effort(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.too_slow])
def test_no_clip_stretches_beyond_the_limit_but_those_that_keep_their_own_time(edit):
    corrected = after(piece(), edit)

    for track in corrected.dancers:
        for clip in track.clips:
            if clip.warp is not None:
                steps = np.diff(clip.warp.home_at(np.arange(clip.n_frames)))
                if clip.is_stale:
                    assert np.allclose(steps, 1.0)
                else:
                    held = 7  # frames: an interval as short as that is judged with its neighbours
                    lasts = clip.n_frames / max(float(np.sum(steps)), 1e-9) if clip.n_frames > held else 1.0
                    assert 1.0 / lasts < 1.0 + MOST_STRETCH + 0.08
                    assert lasts < 1.0 + MOST_STRETCH + 0.08


@given(corrections())
@effort(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.too_slow])
def test_locked_beats_stay_whatever_is_corrected(edit):
    held = lock_beats(piece(), 6.0, 9.0)
    was = held.music.beat_times_s[(held.music.beat_times_s >= 6.0) & (held.music.beat_times_s <= 9.0)]

    corrected = after(held, edit)

    now = corrected.music.beat_times_s
    assert set(np.round(was, 9)) <= set(np.round(now, 9))
    assert np.all(np.diff(now) > 0.0)


def test_beats_that_are_moved_take_every_frame_of_the_dance_along():
    before = piece(480)
    old_s = before.music.beat_times_s

    corrected = move_beat(toggle_anchor(before, 4.0), 12.0, 12.4)  # sixteen beats half a second, now 0.525 s

    new_s = corrected.music.beat_times_s
    inside = (new_s >= 1.0) & (new_s < 15.0)
    shown = frames_shown(corrected, new_s[inside])
    assert np.abs(shown - old_s[: len(new_s)][inside] * FRAME_RATE_HZ).max() < 1e-6
    assert not list(stale_clips(corrected))


def test_an_off_beat_grid_moves_the_dance_by_half_a_beat():
    corrected = shift_half_beat(piece(120, 60, 300), 1)

    assert clips(corrected)[1][:2] == (128, 188)  # 120 + 7.5, on whole frames
    assert corrected.music.beat_times_s[0] == pytest.approx(0.25)


def test_the_dance_s_ones_go_to_the_new_ones():
    before = piece(120, 60, 300)

    corrected = set_one_here(before, 0.5)

    assert corrected.music.counts_of_eight()[:4].tolist() == [8, 1, 2, 3]
    assert [start for start, _, _ in clips(corrected)] == [0, 135, 195]


def test_the_dance_stays_where_it_shall_not_follow():
    before = piece()

    for edit in (
        lambda d: set_one_here(d, 0.5, follows=False),
        lambda d: nudge_grid(d, 0.1, follows=False),
        lambda d: move_beat(d, 4.0, 4.2, follows=False),
        halve_tempo,
        double_tempo,
    ):
        assert edit(before).tracks is before.tracks


def test_a_stretch_that_is_too_far_becomes_a_stale_clip_of_its_own_that_keeps_its_time():
    before = piece(480)

    corrected = warp_from_here(toggle_anchor(before, 7.5), 8.0, 8.2)  # one beat of 0.7 s among those of 0.5 s

    assert clips(corrected) == [(0, 225, False), (225, 285, True), (291, 480, False)]
    stale = next(stale_clips(corrected))[1]
    assert slot_of(corrected, stale) == (225, 291)
    assert np.array_equal(
        dance(corrected, "ann").local_rotations[225:285], dance(before, "ann").local_rotations[225:285]
    )


def test_a_new_take_for_the_slot_of_a_stale_clip_is_not_stale():
    corrected = warp_from_here(toggle_anchor(piece(480), 7.5), 8.0, 8.2)
    start, end = slot_of(corrected, next(stale_clips(corrected))[1])

    made = keep_take(corrected, "ann", start, end, take(end - start, 0, "new"))

    assert not list(stale_clips(made))
    assert clips(made) == [(0, 225, False), (225, 291, False), (291, 480, False)]


def test_a_locked_clip_keeps_its_frames_and_its_neighbours_give_way():
    held = set_clip_locked(piece(120, 60, 300), piece(120, 60, 300).tracks[0].clips[1].id, True)
    held = set_clip_locked(piece(120, 60, 300), held.tracks[0].clips[1].id, True)

    corrected = shift_half_beat(held, 1)

    assert corrected.tracks[0].clips[1] == held.tracks[0].clips[1]
    assert_sound(corrected)


def test_a_reference_stays_where_it_is():
    before = piece()
    before = before.with_track(replace(before.tracks[1], is_reference=True))

    assert nudge_grid(before, 0.4).tracks[1] is before.tracks[1]


def test_a_clip_that_follows_can_be_cut_and_moved_and_shows_what_it_showed():
    warped = move_beat(toggle_anchor(piece(480), 4.0), 12.0, 12.4)
    clip = warped.tracks[0].clips[0]

    halved = split_clip(warped, clip.id, 300)

    assert_dances_alike(halved, warped)
    assert all(c.warp is not None for c in halved.tracks[0].clips)
    assert_dances_alike(reset_grid(halved), piece(480))
    later = move_clip(halved, halved.tracks[0].clips[1].id, 320)
    shown, was = dance(later, "ann"), dance(warped, "ann")
    assert np.array_equal(shown.local_rotations[340:480], was.local_rotations[320:460])


def test_a_piece_that_follows_is_saved_and_opens_as_it_was(tmp_path):
    corrected = lock_beats(warp_from_here(toggle_anchor(piece(), 7.5), 8.0, 8.2), 1.0, 3.0)

    save_project(tmp_path / "piece.kino", corrected)
    opened = load_project(tmp_path / "piece.kino")

    assert opened == corrected
    assert_dances_alike(reset_grid(opened), piece())
