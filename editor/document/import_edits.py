"""Edits with imported motion: as a dancer, as somebody to look at, as a take of a segment."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

import numpy as np

from editor.document.assemble import past_of, pieces
from editor.document.document import Clip, Document, Place, Take, Track
from editor.document.edits import EditRefused, new_id, track_in
from editor.document.places import HERE, placed
from editor.document.seams import BLEND_FRAMES, place_after
from editor.document.take_edits import keep_take
from editor.document.track_edits import add_track, set_track_flags
from engine.motion.blend import inertialise
from engine.motion.house import HOUSE
from engine.motion.motion import Motion, concatenate
from engine.motion.resample import time_warped

Fit = Literal["trim", "stretch"]
# As clips may be stretched: a quarter to four times as fast.
_SLOWEST, _FASTEST = 0.25, 4.0


def imported_take(name: str, motion: Motion) -> Take:
    """A take of an imported house motion at the project's rate."""
    return Take(new_id(), name, motion, kind="imported")


def add_imported_dancer(
    document: Document, name: str, motion: Motion, start_frame: int, place: Place = HERE, is_reference: bool = False
) -> Document:
    """One more dancer who dances an imported motion from a frame on; or a reference, which is only looked at."""
    document = add_track(document, name)
    track = document.tracks[-1]
    document = document.with_track(replace(track, place=place))
    document = set_track_flags(document, track.id, is_reference=is_reference)
    return keep_take(document, track.id, start_frame, start_frame + motion.n_frames, imported_take(name, motion))


def keep_imported_take(
    document: Document, track_id: str, start_frame: int, end_frame: int, name: str, motion: Motion, fit: Fit
) -> Document:
    """Dance an imported motion in a segment, fitted to its length, going on from what is danced before it.

    The take is turned and moved over the floor so that hips and heading go on, and the jump that is left dies away
    within its first frames. What was danced there stays on the clip's shelf, unmoved.

    Raises:
        EditRefused: of a reference, or where the motion would have to be danced too slowly or too fast.
    """
    track = track_in(document, track_id)
    if track.is_reference:
        raise EditRefused(f"{track.name} is a reference, which is only looked at: choose one of the dancers.")
    fitted = fitted_to(motion, end_frame - start_frame, fit)
    joined = going_on(track, start_frame, fitted)
    return keep_take(document, track_id, start_frame, end_frame, imported_take(name, joined))


def fitted_to(motion: Motion, n_frames: int, fit: Fit) -> Motion:
    """The motion in `n_frames` frames: "trim" cuts its end off, or holds its last pose; "stretch" changes its speed."""
    if n_frames < 1:
        raise EditRefused("The selection is empty: select the time that the motion is to be danced in.")
    n = motion.n_frames
    if fit == "trim":
        kept = motion.slice(0, min(n, n_frames))
        return kept if n >= n_frames else concatenate([kept, *[kept.slice(n - 1, n)] * (n_frames - n)])
    speed = n / n_frames
    if not _SLOWEST <= speed <= _FASTEST:
        raise EditRefused(
            f"{n} frames would be danced {speed:.2g} times as fast in {n_frames}: trim them, or select "
            f"{'more' if speed > 1.0 else 'less'} time."
        )
    times_s = np.arange(n_frames) * speed / motion.frame_rate_hz
    return time_warped(motion, times_s, motion.frame_rate_hz)


def going_on(track: Track, start_frame: int, motion: Motion) -> Motion:
    """The motion where and how the dancer is before a frame; as it is where nothing is danced before."""
    earlier = [piece for piece in pieces(track) if piece.clip.start_frame < start_frame]
    if not earlier:
        return motion
    last = earlier[-1]
    clip = Clip(new_id(), start_frame, motion.n_frames, (imported_take("", motion),))
    inside = start_frame - last.clip.start_frame
    if inside < last.clip.n_frames:
        shown = concatenate(list(last.parts))
        past: Motion | None = shown.slice(max(inside - 2, 0), inside)
    else:
        past = past_of(clip, last)
    assert past is not None
    moved = placed(motion, place_after(past, clip))
    whole = concatenate([_on_house(past), _on_house(moved)])
    n_blended = min(BLEND_FRAMES, motion.n_frames)
    joined = inertialise(whole, past.n_frames, n_blended / motion.frame_rate_hz)
    return joined.slice(past.n_frames, joined.n_frames)


def from_the_middle(motion: Motion) -> Motion:
    """The motion moved over the floor so that it begins at the origin."""
    if motion.n_frames == 0:
        return motion
    return replace(motion, root_positions_m=motion.root_positions_m - motion.root_positions_m[0] * [1.0, 0.0, 1.0])


def _on_house(motion: Motion) -> Motion:
    """The same numbers in double precision, on the one skeleton object."""
    root, local = (np.asarray(a, dtype=float) for a in (motion.root_positions_m, motion.local_rotations))
    return Motion(HOUSE, motion.frame_rate_hz, root, local)
