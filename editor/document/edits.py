"""What every edit shares: how it is refused, how it finds things, and how new things get their ids."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from itertools import pairwise
from uuid import uuid4

from editor.document.document import Clip, Document, Track


class EditRefused(Exception):
    """The edit makes no sense here; `str(error)` is one sentence for the user, and nothing has changed."""


def new_id() -> str:
    """An id that nothing else has."""
    return uuid4().hex


def track_in(document: Document, track_id: str) -> Track:
    """The track of that id; EditRefused where it is gone."""
    try:
        return document.track(track_id)
    except KeyError:
        raise EditRefused("That dancer is no longer in the piece: choose another one.") from None


def clip_in(document: Document, clip_id: str) -> tuple[Track, Clip]:
    """A clip and its track; EditRefused where it is gone."""
    try:
        return document.clip(clip_id)
    except KeyError:
        raise EditRefused("That clip is no longer in the piece: select another one.") from None


def editable(document: Document, clip_id: str) -> tuple[Track, Clip]:
    """A clip that may be edited, and its track; EditRefused where it is locked or gone."""
    track, clip = clip_in(document, clip_id)
    refuse_locked([clip])
    return track, clip


def refuse_locked(clips: Iterable[Clip]) -> None:
    """EditRefused where one of the clips is locked."""
    locked = [clip for clip in clips if clip.is_locked]
    if locked:
        which = f"The clip “{locked[0].name}”" if locked[0].name else "A clip here"
        raise EditRefused(f"{which} is locked: unlock it first.")


def with_clips(track: Track, clips: Iterable[Clip]) -> Track:
    """The track with these clips, in order of time; EditRefused where they would lie over one another.

    A clip that is equal to the one that it replaces stays the same object.
    """
    old = {clip.id: clip for clip in track.clips}
    kept = (old[clip.id] if old.get(clip.id) == clip else clip for clip in clips)
    ordered = tuple(sorted(kept, key=lambda clip: clip.start_frame))
    if any(clip.start_frame < 0 for clip in ordered):
        raise EditRefused("A clip cannot begin before the piece: drop it further to the right.")
    if any(clip.n_frames < 1 for clip in ordered):
        raise EditRefused("A clip needs at least one frame: leave some of it.")
    for one, other in pairwise(ordered):
        if other.start_frame < one.end_frame:
            raise EditRefused("Another clip is already there: move it away or drop the clip on a free place.")
    return replace(track, clips=ordered)


def with_clip(track: Track, changed: Clip) -> Track:
    """The track with the clip of the same id replaced."""
    return with_clips(track, (changed if clip.id == changed.id else clip for clip in track.clips))
