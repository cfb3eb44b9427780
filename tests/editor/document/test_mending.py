"""Wrong grids put right, as a choreographer would: few actions, one step each, the dance going along."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from editor.document.assemble import dance
from editor.document.document import Document, Song, Take
from editor.document.edits import EditRefused
from editor.document.following import slot_of, stale_clips
from editor.document.grid_edits import (
    double_tempo,
    reset_grid,
    set_bar_one,
    set_beats,
    set_meter,
    set_one_here,
    set_tempo,
    shift_eights,
    shift_half_beat,
)
from editor.document.grid_warps import lock_beats, move_beat, toggle_anchor
from editor.document.take_edits import keep_take
from editor.document.tapping import fit_taps, tap_grid
from editor.session import Session
from tests.documents import an_analysis, dancer
from tests.poses import swinging
from tests.same_motion import same_bits

DURATION_S = 32.0
PERIOD_S = 0.5


def ritardando_s(n_steady: int = 40, n_slowing: int = 12, slowest: float = 0.6) -> np.ndarray:
    """Beats of half a second that slow down evenly in tempo, to a share of it."""
    tempo = np.concatenate([np.ones(n_steady), np.linspace(1.0, slowest, n_slowing)])
    return np.concatenate([[0.2], 0.2 + np.cumsum(PERIOD_S / tempo)])


def steady_s(first_s: float = 0.2) -> np.ndarray:
    return np.arange(first_s, DURATION_S - 0.1, PERIOD_S)


def heard(times_s: np.ndarray, in_bar: np.ndarray) -> Session:
    """A session whose song was heard with these beats, and two dancers in phrases."""
    music = an_analysis(duration_s=DURATION_S)
    music = replace(
        music, beat_times_s=times_s, beat_in_bar=in_bar.astype(np.int64),
        tempo_curve_bpm=np.full(len(times_s), 60.0 / float(np.median(np.diff(times_s)))),
        tempo_bpm=60.0 / float(np.median(np.diff(times_s))),
    )  # fmt: skip
    tracks = tuple(dancer(240, 240, 480, track_id=name) for name in ("ann", "bo"))
    tracks = tuple(replace(t, clips=tuple(replace(c, id=f"{t.id} {c.id}") for c in t.clips)) for t in tracks)
    return Session(Document("Night", Song("song.wav", "", DURATION_S), music, tracks=tracks))


def errors_ms(document: Document, true_s: np.ndarray) -> tuple[float, float]:
    """Median and greatest distance from each true beat to the nearest counted one, milliseconds."""
    found_s = document.music.beat_times_s
    off_s = np.abs(true_s[:, np.newaxis] - found_s[np.newaxis, :]).min(axis=1)
    return 1000.0 * float(np.median(off_s)), 1000.0 * float(off_s.max())


def counts_at(document: Document, times_s: np.ndarray) -> list[int]:
    music = document.music
    return [int(music.counts_of_eight()[np.argmin(np.abs(music.beat_times_s - t))]) for t in times_s]


def mend(session: Session, *actions: Callable[[Document], Document]) -> Document:
    """Each action as one undoable step; undo leads back to the very piece, redo forth."""
    before = session.document
    for action in actions:
        assert session.edit("correct", action)
    assert len(session.history.undo_labels) == len(actions) <= 6
    mended = session.document
    for _ in actions:
        session.history.undo()
    assert session.document is before
    for _ in actions:
        session.history.redo()
    assert session.document is mended
    return mended


def assert_right(document: Document, true_s: np.ndarray) -> None:
    median_ms, most_ms = errors_ms(document, true_s)
    assert median_ms <= 20.0
    assert most_ms <= 40.0


def test_half_the_tempo_is_put_right_by_one_action_and_the_dance_stays():
    true_s = steady_s()
    session = heard(true_s[::2], np.arange(len(true_s[::2])) % 4)
    before = session.document

    mended = mend(session, double_tempo)

    assert_right(mended, true_s[:-1])
    assert counts_at(mended, true_s[:9]) == [1, 2, 3, 4, 5, 6, 7, 8, 1]
    assert all(same_bits(dance(mended, t.id), dance(before, t.id)) for t in before.tracks)


def test_off_beats_are_put_right_by_one_action_and_the_dance_goes_along():
    true_s = steady_s()
    session = heard(true_s - 0.25 + PERIOD_S, np.arange(len(true_s)) % 4)
    before = session.document

    mended = mend(session, lambda d: shift_half_beat(d, -1))

    assert_right(mended, true_s[1:])
    starts = [clip.start_frame for clip in mended.tracks[0].clips]
    assert starts == [0, 232, 472]  # a quarter of a second earlier, on whole frames
    assert same_bits(dance(reset_grid(mended), "ann"), dance(before, "ann"))


def test_a_late_downbeat_is_put_right_by_one_action_and_the_dance_s_ones_go_along():
    true_s = steady_s()
    session = heard(true_s, (np.arange(len(true_s)) - 1) % 4)

    mended = mend(session, lambda d: set_one_here(d, float(true_s[8])))

    assert counts_at(mended, true_s[8:17]) == [1, 2, 3, 4, 5, 6, 7, 8, 1]
    assert [clip.start_frame for clip in mended.tracks[0].clips] == [0, 225, 465]


def test_a_ritardando_is_put_right_by_dragging_and_the_dance_is_warped_or_stale():
    true_s = ritardando_s()
    session = heard(steady_s(), np.arange(len(steady_s())) % 4)
    grid_s = session.document.music.beat_times_s

    def drag(number: int) -> Callable[[Document], Document]:
        return lambda d: move_beat(d, float(d.music.beat_times_s[number]), float(true_s[number]))

    mended = mend(
        session, lambda d: toggle_anchor(d, float(grid_s[40])), drag(43), drag(46), drag(49), drag(52),
    )  # fmt: skip

    assert_right(mended, true_s)
    late = [clip for clip in mended.tracks[0].clips if clip.is_stale]
    assert late  # the end goes at six tenths of the tempo
    assert all(clip.start_frame >= 30 * 20 for clip in late)


@pytest.mark.parametrize("seed", range(4))
def test_a_ritardando_is_put_right_by_tapping_along(seed):
    true_s, rng = ritardando_s(), np.random.default_rng(seed)
    session = heard(steady_s(), np.arange(len(steady_s())) % 4)
    taps_s = true_s[38:] + rng.normal(0.0, 0.015, len(true_s[38:]))
    taps_s[5] += 0.14  # one went astray

    fit = fit_taps(taps_s)
    mended = mend(session, lambda d: tap_grid(d, fit))

    assert fit.n_left_out >= 1
    assert_right(mended, true_s)
    assert counts_at(mended, true_s[::4])[:3] == [1, 5, 1]


def test_a_song_with_a_pick_up_at_half_tempo_that_slows_down_takes_four_actions():
    true_s = ritardando_s()
    in_half = true_s[1:42:2]  # the tracker counted every other beat, and went on evenly
    wrong = np.concatenate([in_half, np.arange(in_half[-1] + 1.0, DURATION_S, 1.0)])
    session = heard(wrong, np.arange(len(wrong)) % 4)
    rng = np.random.default_rng(1)
    fit = fit_taps(true_s[38:] + rng.normal(0.0, 0.012, len(true_s[38:])))

    mended = mend(
        session, double_tempo, lambda d: tap_grid(d, fit, "on"), lambda d: set_bar_one(d, float(true_s[4])),
    )  # fmt: skip

    assert_right(mended, true_s[1:])
    assert counts_at(mended, true_s[4:8]) == [1, 2, 3, 4]
    music = mended.music
    beat = int(np.argmin(np.abs(music.beat_times_s - true_s[4])))
    assert music.bar_of_beat(beat) == 0
    assert music.bar_of_beat(beat - 1) == -1


def test_taps_that_leave_a_beat_out_or_come_twice_still_tell_the_tempo():
    taps_s = np.delete(np.arange(12) * 0.6, 4)
    taps_s = np.sort(np.append(taps_s, 3.05))

    fit = fit_taps(taps_s)

    assert fit.bpm == pytest.approx(100.0, rel=0.01)
    assert len(fit.times_s) == 12


@pytest.mark.parametrize("taps_s", [[], [1.0, 1.5, 2.0], [1.0, 1.01, 1.02, 1.03], [1.0, 20.0, 40.0, 60.0]])
def test_too_few_or_impossible_taps_tell_nothing(taps_s):
    assert fit_taps(np.array(taps_s)) is None


def test_an_exact_tempo_keeps_the_beat_it_goes_through():
    session = heard(steady_s(), np.arange(len(steady_s())) % 4)
    at_s = float(steady_s()[20])

    mended = mend(session, lambda d: set_tempo(d, 123.0, at_s))

    assert np.allclose(np.diff(mended.music.beat_times_s), 60.0 / 123.0)
    assert np.abs(mended.music.beat_times_s - at_s).min() < 1e-9
    assert mended.music.tempo_bpm == 123.0
    assert not list(stale_clips(mended))


@pytest.mark.parametrize(
    ("n", "counts"), [(2, [1, 2, 3, 4, 1]), (3, [1, 2, 3, 4, 5, 6, 1]), (6, [1, 2, 3, 4, 5, 6, 7])]
)
def test_bars_may_have_other_meters(n, counts):
    document = heard(steady_s(), np.arange(len(steady_s())) % 4).document

    assert set_meter(document, n).music.counts_of_eight()[: len(counts)].tolist() == counts


def test_a_meter_from_here_leaves_what_was_before():
    document = heard(steady_s(), np.arange(len(steady_s())) % 4).document

    music = set_meter(document, 3, float(steady_s()[8])).music

    assert music.counts_of_eight()[:16].tolist() == [1, 2, 3, 4, 5, 6, 7, 8, 1, 2, 3, 4, 5, 6, 1, 2]


def test_eights_begin_a_bar_later():
    document = heard(steady_s(), np.arange(len(steady_s())) % 4).document

    assert shift_eights(document).music.counts_of_eight()[:6].tolist() == [5, 6, 7, 8, 1, 2]


def test_locked_beats_are_not_dragged():
    document = lock_beats(heard(steady_s(), np.arange(len(steady_s())) % 4).document, 4.0, 8.0)

    with pytest.raises(EditRefused):
        move_beat(document, 6.2, 6.3)
    moved = move_beat(document, 10.2, 10.3).music.beat_times_s
    assert np.abs(moved[:16] - steady_s()[:16]).max() < 1e-9


def test_beats_of_a_file_take_the_place_of_those_heard():
    document = heard(steady_s() + 0.05, np.arange(len(steady_s())) % 4).document

    mended = set_beats(document, steady_s(), np.arange(len(steady_s())) % 3)

    assert mended.music.beat_times_s.tolist() == steady_s().tolist()
    assert mended.music.beats_per_bar == 3
    assert same_bits(dance(reset_grid(mended), "ann"), dance(document, "ann"))


def test_clips_that_are_stale_stay_so_until_each_is_made_anew():
    session = heard(steady_s(), np.arange(len(steady_s())) % 4)
    blended = [
        replace(t, clips=tuple(replace(c, blend_frames=12 if i else 0) for i, c in enumerate(t.clips)))
        for t in session.document.tracks
    ]
    document = set_tempo(replace(session.document, tracks=tuple(blended)), 156.0, 0.2)
    left = len(list(stale_clips(document)))
    assert left > 2

    while left:
        track, clip = next(stale_clips(document))
        start, end = slot_of(document, clip)
        before = dance(document, track.id)
        take = Take(f"new {left}", "New", swinging(end - start))
        document = keep_take(document, track.id, start, end, take)
        left -= 1
        after = dance(document, track.id)
        assert len(list(stale_clips(document))) == left
        assert same_bits(before.slice(0, start), after.slice(0, start))
        assert same_bits(before.slice(end, before.n_frames), after.slice(end, after.n_frames))
