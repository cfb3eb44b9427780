"""What editing costs in a piece of ten minutes and six dancers."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from editor.document.assemble import assemble, dance, replaced
from editor.document.clip_edits import (
    mirror_clip,
    move_clip,
    remove_clip,
    set_blend,
    set_looped,
    set_speed,
    split_clip,
    trim_clip,
)
from editor.document.document import Clip, Document, Place, Settings, Take, Track
from editor.document.grid_edits import nudge_grid
from editor.document.history import History
from editor.document.marker_edits import add_marker
from editor.document.requests import request_for
from editor.document.take_edits import keep_take
from editor.document.track_edits import place_track
from tests.benchmarks.timing import best_s
from tests.dances import improvised
from tests.documents import an_analysis

DANCERS, MINUTES, CLIP_S, RATE_HZ = 6, 10, 8, 30
STEPS = 2_000


def run() -> None:
    """Print the median time of each edit, made on eleven clips, and the best of several times of the rest."""
    document = _long_piece()
    frames = document.n_frames
    ids = [track.id for track in document.tracks]
    for track_id in ids:
        dance(document, track_id)
    n_clips = sum(len(track.clips) for track in document.tracks)
    print(f"{frames} frames, {DANCERS} dancers, {n_clips} clips; an edit is timed with all dances that follow from it")
    middle = document.tracks[2].clips[40]
    for name in _edits(middle, middle.take):
        print(f"  {name:44s}{_edited_ms(document, name, ids):9.2f} ms")
    _print_parts(document, ids[2], middle)
    _print_history(document)


def _long_piece() -> Document:
    n, per_dancer = CLIP_S * RATE_HZ, MINUTES * 60 // CLIP_S
    motions = [improvised(n, seed=i) for i in range(8)]
    tracks = []
    for k in range(DANCERS):
        clips = []
        for i in range(per_dancer):
            motion = motions[(i + k) % 8]
            # Arrays of its own for every take, as generated ones have.
            motion = replace(
                motion,
                root_positions_m=motion.root_positions_m.copy(),
                local_rotations=motion.local_rotations.copy(),
            )
            take = Take(f"take {k} {i}", "Take 1", motion)
            clips.append(Clip(f"{k} {i}", i * n, n, (take,), blend_frames=9 if i % 4 else 0))
        tracks.append(Track(f"dancer {k}", f"Dancer {k}", tuple(clips)))
    analysis = an_analysis(MINUTES * 60.0)
    return Document(analysis=analysis, tracks=tuple(tracks))


def _edits(clip: Clip, take: Take) -> dict[str, Callable[[Document], Document]]:
    track_id, start, end = "dancer 2", clip.start_frame + 60, clip.start_frame + 180
    place = Place(1.0, 0.1 * clip.start_frame, 0.3)
    return {
        "another blend": lambda d: set_blend(d, clip.id, 20),
        "clip split": lambda d: split_clip(d, clip.id, start),
        "clip mirrored": lambda d: mirror_clip(d, clip.id),
        "clip looped": lambda d: set_looped(d, clip.id, True),
        "clip danced 1.1 times as fast": lambda d: set_speed(d, clip.id, 1.1),
        "clip trimmed": lambda d: trim_clip(d, clip.id, start, clip.end_frame),
        "clip removed, the rest moved up": lambda d: remove_clip(d, clip.id, ripple=True),
        "clip moved to the end": lambda d: move_clip(d, clip.id, d.tracks[2].end_frame),
        "take of 4 s kept": lambda d: keep_take(d, track_id, start, end, take),
        "dancer placed": lambda d: place_track(d, track_id, place),
        "marker added": lambda d: add_marker(d, 10.0),
    }


def _edited_ms(document: Document, name: str, ids: list[str]) -> float:
    """The median over several clips: the same edit of the same clip would find its results kept."""
    times_s = []
    for clip in document.tracks[2].clips[30:41]:
        edit = _edits(clip, Take("new", "Take 2", improvised(120, seed=9)))[name]
        begin_s = time.perf_counter()
        changed = edit(document)
        for track_id in ids:
            dance(changed, track_id)
        times_s.append(time.perf_counter() - begin_s)
    return sorted(times_s)[len(times_s) // 2] * 1e3


def _print_parts(document: Document, track_id: str, clip: Clip) -> None:
    motion, segment = dance(document, track_id), improvised(240, seed=3)
    track = document.track(track_id)
    times_s = np.random.default_rng(0).uniform(0.0, document.duration_s, 100)
    work: dict[str, tuple[Callable[[], object], int]] = {
        "a dance that is kept": (lambda: dance(document, track_id), 1),
        "the same from its clips": (lambda: assemble(replace(track, clips=tuple([*track.clips])), motion.n_frames), 1),
        "a segment put in for an audition": (lambda: replaced(motion, 9000, segment), 1),
        "a request for 8 s": (lambda: request_for(document, track_id, clip.start_frame, clip.end_frame, Settings()), 1),
        "a pose anywhere": (lambda: [motion.pose_at(t) for t in times_s], len(times_s)),
    }
    for name, (do, times) in work.items():
        print(f"  {name:44s}{best_s(do) * 1e3 / times:9.3f} ms")


def _print_history(document: Document) -> None:
    corrected = nudge_grid(document, 0.01)
    history = History(document)
    print(f"  {'commit of an edited clip':44s}{_commit_ms(history, document):9.3f} ms")
    again = nudge_grid(document, 0.01)
    print(f"  {'two equal corrections compared':44s}{best_s(lambda: corrected == again) * 1e3:9.3f} ms")
    clip = document.tracks[2].clips[40]
    states = [document]
    for i in range(STEPS):
        states.append(set_blend(states[-1], clip.id, i % 20))

    def commits() -> None:
        fresh = History(document, budget_bytes=1)
        for i, state in enumerate(states[1:]):
            fresh.commit(str(i), state)

    print(f"  {f'a commit after {STEPS} steps, budget spent':44s}{best_s(commits, 1) * 1e3 / STEPS:9.3f} ms")


def _commit_ms(history: History, document: Document) -> float:
    clip = document.tracks[2].clips[40]
    changed = set_blend(document, clip.id, 20)

    def work() -> None:
        history.commit("blend", changed)
        history.undo()

    return best_s(work) * 1e3


if __name__ == "__main__":
    run()
