"""Documents that Hypothesis draws: small pieces, and edits upon them, whatever comes of it; and what holds of all."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache

import numpy as np
from hypothesis import strategies as st

from editor.document import (
    camera_edits,
    clip_edits,
    grid_edits,
    grid_warps,
    marker_edits,
    mend_edits,
    rule_edits,
    setting_edits,
    take_edits,
    track_edits,
)
from editor.document.document import (
    Clip,
    Curve,
    Document,
    Marker,
    Place,
    Recipe,
    Settings,
    ShotCamera,
    Song,
    Take,
    Track,
)
from editor.document.edits import EditRefused, new_id
from engine.motion.motion import Motion
from engine.music.analysis import CURVES, EMOTIONS, MusicAnalysis, Section
from engine.structure.finding import Finding
from tests.dances import improvised

Edit = Callable[[Document], Document]

# Motions are drawn by their seed: Hypothesis shrinks a number, not a thousand quaternions.
_SEEDS = st.integers(0, 7)
_share = st.floats(0.0, 1.0)
_metres = st.floats(-3.0, 3.0)
_words = st.text("abc é„“,\n😀", max_size=4)
places = st.one_of(st.just(Place()), st.builds(Place, _metres, _metres, st.floats(-3.0, 3.0)))


def motion(n_frames: int, seed: int = 0) -> Motion:
    """A dancer who improvises, 300 frames at most; the same seed dances the same, in arrays of its own."""
    whole = _improvised(seed)
    root, local = whole.root_positions_m[:n_frames].copy(), whole.local_rotations[:n_frames].copy()
    return Motion(whole.skeleton, whole.frame_rate_hz, root, local)


@cache
def _improvised(seed: int) -> Motion:
    return improvised(300, seed=seed, size=0.3)


def take(n_frames: int, seed: int = 0, name: str = "Take 1") -> Take:
    """A take that improvises."""
    return Take(new_id(), name, motion(n_frames, seed))


def dancer(*lengths: int, track_id: str = "ann", gap: int = 0) -> Track:
    """A dancer with a clip of each length, one after the other, each with a take of its own."""
    clips, at = [], 0
    for i, n in enumerate(lengths):
        clips.append(Clip(f"clip {i}", at, n, (take(n, i, f"Take {i + 1}"),)))
        at += n + gap
    return Track(track_id, "Ann", tuple(clips))


def an_analysis(duration_s: float = 8.0, bpm: float = 120.0, beats_per_bar: int = 4, first: int = 0) -> MusicAnalysis:
    """A steady song; its first beat is beat `first` of its bar."""
    beats_s = np.arange(0.0, duration_s, 60.0 / bpm)
    n_hops = round(duration_s * 10.0) + 1
    return MusicAnalysis(
        duration_s=duration_s,
        beat_times_s=beats_s,
        beat_in_bar=(np.arange(len(beats_s)) + first) % beats_per_bar,
        beats_per_bar=beats_per_bar,
        tempo_bpm=bpm,
        beat_confidence=1.0,
        tempo_curve_bpm=np.full(len(beats_s), bpm),
        sections=(Section(0.0, duration_s, "A", "development"),),
        curve_rate_hz=10.0,
        emotion_confidence=0.5,
        **{name: np.linspace(0.0, 1.0, n_hops) for name in CURVES},
    )


@st.composite
def curves(draw: st.DrawFn) -> Curve:
    """One to four points."""
    times_s = sorted(draw(st.lists(st.floats(0.0, 10.0), min_size=1, max_size=4)))
    return Curve(tuple(times_s), tuple(draw(_share) for _ in times_s))


_values = st.one_of(_share, curves())


@st.composite
def settings(draw: st.DrawFn) -> Settings:
    """Any settings that a panel could make."""
    style = draw(st.lists(st.tuples(st.sampled_from(["ballet", "salsa", "hip-hop"]), _values), max_size=3))
    return Settings(
        style=tuple(dict(style).items()),
        **{name: draw(_values) for name in EMOTIONS},
        follow_music=draw(_share),
        intensity=draw(st.floats(0.0, 3.0)),
        novelty=draw(_share),
        seed=draw(st.integers(0, 2**31)),
        avoid=frozenset(draw(st.sets(st.sampled_from(["jumps", "floor", "overhead"])))),
        locked_parts=frozenset(draw(st.sets(st.sampled_from(["hips", "left_leg", "right_arm"])))),
        keep_path=draw(st.booleans()),
        path_m=tuple(draw(st.lists(st.tuples(_metres, _metres), max_size=4))),
    )


recipes = st.builds(Recipe, settings(), st.floats(0.0, 5.0), st.floats(5.0, 9.0), st.just("ab12"), made_at=_words)


@st.composite
def takes(draw: st.DrawFn, n_frames: int | None = None) -> Take:
    """A take of its own motion, generated with a recipe or imported without."""
    n = draw(st.integers(1, 30)) if n_frames is None else n_frames
    recipe = draw(st.none() | recipes)
    made = motion(n, draw(_SEEDS))
    return Take(new_id(), draw(_words), made, recipe, "imported" if recipe is None else "generated")


@st.composite
def clips(draw: st.DrawFn, start_frame: int) -> Clip:
    """A clip that uses all that clips can do."""
    shelf = tuple(draw(st.lists(takes(), min_size=1, max_size=3)))
    is_plain = draw(st.booleans())
    return Clip(
        id=new_id(),
        start_frame=start_frame,
        n_frames=shelf[0].motion.n_frames if is_plain else draw(st.integers(1, 40)),
        takes=shelf,
        active=0 if is_plain else draw(st.integers(0, len(shelf) - 1)),
        offset_frame=0.0 if is_plain else draw(st.sampled_from([0.0, 3.0, -2.0, 1.25])),
        speed=1.0 if is_plain else draw(st.sampled_from([1.0, 0.5, 1.37])),
        is_looped=not is_plain and draw(st.booleans()),
        is_mirrored=not is_plain and draw(st.booleans()),
        place=Place() if is_plain else draw(places),
        blend_frames=draw(st.sampled_from([0, 0, 4, 9])),
        is_locked=draw(st.integers(0, 9)) == 0,
        settings=draw(st.none() | settings()),
        name=draw(_words),
    )


@st.composite
def tracks(draw: st.DrawFn, max_clips: int = 4) -> Track:
    """A dancer whose clips touch or leave gaps."""
    made: list[Clip] = []
    at = 0
    for _ in range(draw(st.integers(0, max_clips))):
        at += draw(st.sampled_from([0, 0, 1, 7]))
        made.append(draw(clips(at)))
        at = made[-1].end_frame
    return Track(
        new_id(), draw(_words), tuple(made), draw(places), draw(st.sampled_from(["", "woman", "man"])),
        is_hidden=draw(st.booleans()), is_muted=draw(st.booleans()), is_reference=draw(st.booleans()),
    )  # fmt: skip


songs = st.builds(
    Song, st.just("song.wav"), st.just("0" * 64), st.just(8.0), st.just("/music/song.wav"), st.none() | st.binary()
)
markers = st.builds(Marker, st.builds(new_id), st.floats(0.0, 8.0), _words, st.sampled_from([0.0, 9.0]))
cameras = st.builds(
    ShotCamera, st.builds(new_id), _words, st.tuples(_metres, _metres, _metres), _metres, _share,
    st.floats(1.0, 9.0), _share, st.floats(0.0, 3.0), st.floats(3.0, 5.0),
)  # fmt: skip


@st.composite
def documents(draw: st.DrawFn, max_tracks: int = 2) -> Document:
    """A piece of a few seconds, with music or without, with everything that a document can hold."""
    has_music = draw(st.booleans())
    analysis = an_analysis(first=draw(st.integers(0, 3))) if has_music else None
    document = Document(
        title=draw(_words),
        song=draw(songs) if has_music else None,
        analysis=analysis,
        tracks=tuple(draw(st.lists(tracks(), max_size=max_tracks))),
        markers=tuple(sorted(draw(st.lists(markers, max_size=2)), key=lambda m: (m.time_s, m.end_s))),
        cameras=tuple(draw(st.lists(cameras, max_size=2))),
        settings=draw(settings()),
        notes=draw(_words),
    )
    if has_music and draw(st.booleans()):
        return grid_edits.shift_downbeat(document, 1, follows=False)
    return document


def assert_sound(document: Document) -> None:
    """What holds of every document: ids are unique, clips lie in order and apart, and show a take that is there."""
    ids = [t.id for t in document.tracks] + [c.id for t in document.tracks for c in t.clips]
    ids += [m.id for m in document.markers] + [c.id for c in document.cameras]
    assert len(set(ids)) == len(ids)
    seen: dict[str, Take] = {}
    for track in document.tracks:
        end = 0
        for clip in track.clips:
            assert clip.start_frame >= end
            assert clip.n_frames >= 1
            assert 0 <= clip.active < len(clip.takes)
            assert clip.blend_frames >= 0
            end = clip.end_frame
            for one in clip.takes:
                assert seen.setdefault(one.id, one) is one
                assert one.motion.n_frames >= 1
    times_s = [m.time_s for m in document.markers]
    assert times_s == sorted(times_s)


# --- edits ----------------------------------------------------------------------------------


@st.composite
def edits(draw: st.DrawFn, document: Document) -> tuple[str, Edit]:
    """An edit with its label. What it points to is there; what it asks for may make no sense."""
    makers = [_piece_edits]
    if document.tracks:
        makers += [_track_edits, _span_edits]
    if any(track.clips for track in document.tracks):
        makers += [_clip_edits] * 3
    if document.markers:
        makers.append(_marker_edits)
    made = draw(st.sampled_from(makers))(draw, document)
    label = draw(st.sampled_from(sorted(made)))
    return label, made[label]


def after(document: Document, edit: Edit) -> Document:
    """The document after an edit; the same where it was refused."""
    try:
        return edit(document)
    except EditRefused:
        return document


def _piece_edits(draw: st.DrawFn, _document: Document) -> dict[str, Edit]:
    wanted, time_s, camera = draw(settings()), draw(st.floats(0.0, 8.0)), draw(cameras)
    shift = draw(st.integers(-3, 3))
    return {
        "add dancer": lambda d: track_edits.add_track(d, ""),
        "change settings": lambda d: setting_edits.set_settings(d, wanted),
        "add marker": lambda d: marker_edits.add_marker(d, time_s, "here"),
        "add camera": lambda d: camera_edits.add_camera(d, camera),
        "title": lambda d: setting_edits.set_title(d, f"Piece {shift}"),
        "shift downbeat": lambda d: grid_edits.shift_downbeat(d, shift),
        "half tempo": grid_edits.halve_tempo,
        "double tempo": grid_edits.double_tempo,
        "one here": lambda d: grid_edits.set_one_here(d, time_s),
        "nudge grid": lambda d: grid_edits.nudge_grid(d, shift / 50.0),
        "exact tempo": lambda d: grid_edits.set_tempo(d, 118.0 + shift, time_s),
        "half a beat later": lambda d: grid_edits.shift_half_beat(d, 1),
        "move beat": lambda d: grid_warps.move_beat(d, time_s, time_s + shift / 20.0),
        "beats from here": lambda d: grid_warps.warp_from_here(d, time_s, time_s + shift / 20.0),
        "lock beats": lambda d: grid_warps.lock_beats(d, time_s, time_s + 1.0),
        "reset grid": grid_edits.reset_grid,
        "change a rule": lambda d: rule_edits.change_rule(d, "knee_range", ("off", "note")[shift > 0], {"a_m": time_s}),
        "rule by the book": lambda d: rule_edits.reset_rule(d, "knee_range"),
        "genre": lambda d: rule_edits.set_genre(d, ("ballet", "")[shift > 0]),
    }


def _marker_edits(draw: st.DrawFn, document: Document) -> dict[str, Edit]:
    marker, time_s = draw(st.sampled_from(document.markers)), draw(st.floats(-1.0, 8.0))
    return {
        "move marker": lambda d: marker_edits.move_marker(d, marker.id, time_s),
        "rename marker": lambda d: marker_edits.rename_marker(d, marker.id, "there"),
        "remove marker": lambda d: marker_edits.remove_marker(d, marker.id),
    }


def _track_edits(draw: st.DrawFn, document: Document) -> dict[str, Edit]:
    track, place, number = draw(st.sampled_from(document.tracks)), draw(places), draw(st.integers(-2, 20))
    return {
        "remove dancer": lambda d: track_edits.remove_track(d, track.id),
        "rename dancer": lambda d: track_edits.rename_track(d, track.id, f"Dancer {number}"),
        "place dancer": lambda d: track_edits.place_track(d, track.id, place),
        "hide dancer": lambda d: track_edits.set_track_flags(d, track.id, is_hidden=True, body="man"),
        "duplicate dancer": lambda d: track_edits.duplicate_track(d, track.id, place, number),
        "reorder dancers": lambda d: track_edits.reorder_track(d, track.id, number),
    }


def _span_edits(draw: st.DrawFn, document: Document) -> dict[str, Edit]:
    track = draw(st.sampled_from(document.tracks))
    start, n = draw(st.integers(0, track.end_frame + 10)), draw(st.integers(1, 40))
    new, other, wanted = draw(takes(n)), draw(takes(n)), draw(st.none() | settings())
    found = Finding("knee_range", "movement", start, start + n, start, 0, (), 1.0, 0.0, "deg", "error", "Bent.")
    return {
        "mend": lambda d: mend_edits.mend(d, track.id, start, new.motion),
        "intend": lambda d: rule_edits.waive(d, track.id, found, new.name),
        "make segment": lambda d: take_edits.make_segment(d, track.id, start, start + n)[0],
        "keep take": lambda d: take_edits.keep_take(d, track.id, start, start + n, new, (other,), wanted),
        "join clips": lambda d: clip_edits.join_clips(d, track.id, start, start + n),
    }


def _clip_edits(draw: st.DrawFn, document: Document) -> dict[str, Edit]:
    clip = draw(st.sampled_from([c for t in document.tracks for c in t.clips]))
    target = draw(st.sampled_from(document.tracks)).id
    frame, n, ripple = draw(st.integers(-1, clip.end_frame + 40)), draw(st.integers(0, 60)), draw(st.booleans())
    inside = clip.start_frame + draw(st.integers(0, clip.n_frames))
    index, wanted = draw(st.integers(0, 3)), draw(st.none() | settings())
    return {
        "split clip": lambda d: clip_edits.split_clip(d, clip.id, inside),
        "trim start": lambda d: clip_edits.trim_clip(d, clip.id, inside, clip.end_frame, ripple),
        "trim end": lambda d: clip_edits.trim_clip(d, clip.id, clip.start_frame, inside, ripple),
        "move clip": lambda d: clip_edits.move_clip(d, clip.id, frame, None, ripple),
        "move to dancer": lambda d: clip_edits.move_clip(d, clip.id, frame, target, ripple),
        "duplicate clip": lambda d: clip_edits.duplicate_clip(d, clip.id, frame),
        "paste clip": lambda d: clip_edits.paste_clip(d, target, clip, frame, ripple),
        "remove clip": lambda d: clip_edits.remove_clip(d, clip.id, ripple),
        "mirror clip": lambda d: clip_edits.mirror_clip(d, clip.id),
        "loop clip": lambda d: clip_edits.set_looped(d, clip.id, not clip.is_looped),
        "stretch clip": lambda d: clip_edits.stretch_clip(d, clip.id, n, ripple),
        "change speed": lambda d: clip_edits.set_speed(d, clip.id, 0.2 + n / 20.0, ripple),
        "change blend": lambda d: clip_edits.set_blend(d, clip.id, n),
        "join on": lambda d: clip_edits.match_to_previous(d, clip.id),
        "lock clip": lambda d: clip_edits.set_clip_locked(d, clip.id, not clip.is_locked),
        "rename clip": lambda d: clip_edits.rename_clip(d, clip.id, "verse"),
        "use take": lambda d: take_edits.use_take(d, clip.id, index),
        "remove take": lambda d: take_edits.remove_take(d, clip.id, index),
        "rename take": lambda d: take_edits.rename_take(d, clip.id, index, "best"),
        "clip settings": lambda d: setting_edits.set_settings(d, wanted, clip.id),
    }


def edited(draw: st.DrawFn, document: Document, most: int = 6) -> list[Document]:
    """The document, and what a few edits made of it one after the other; refused ones repeat it."""
    out = [document]
    for _ in range(draw(st.integers(0, most))):
        _, edit = draw(edits(out[-1]))
        out.append(after(out[-1], edit))
    return out


class Documents(list[Document]):
    """Documents that are written in a line: whole, with all their beats, they are too long to be read."""

    def __repr__(self) -> str:
        return f"<{len(self)} documents>"


@st.composite
def histories(draw: st.DrawFn, most: int = 6) -> list[Document]:
    """A piece and what a few edits make of it, one after the other."""
    return Documents(edited(draw, draw(documents()), most))


def without_locks(track: Track) -> Track:
    """The same dancer with every clip unlocked."""
    return replace(track, clips=tuple(replace(c, is_locked=False) for c in track.clips))
