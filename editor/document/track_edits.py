"""Edits of dancers: one more, one less, where they stand, in which order."""

from __future__ import annotations

from dataclasses import replace

from editor.document.document import Clip, Document, Place, Track
from editor.document.edits import EditRefused, new_id, track_in
from editor.document.places import within
from engine.character.proportions import NoSuchBody, scales_of
from engine.motion.house import HEIGHT_M


def add_track(document: Document, name: str, track_id: str | None = None) -> Document:
    """One more dancer, below the others; without a name it becomes "Dancer 2" and so on."""
    if track_id is not None and any(track.id == track_id for track in document.tracks):
        raise EditRefused("That dancer is in the piece already.")
    name = name.strip() or _free_name(document)
    return replace(document, tracks=(*document.tracks, Track(track_id or new_id(), name)))


def remove_track(document: Document, track_id: str) -> Document:
    """Take a dancer out of the piece; EditRefused while a clip of the dancer is locked."""
    track = track_in(document, track_id)
    if any(clip.is_locked for clip in track.clips):
        raise EditRefused(f"{track.name} has a locked clip: unlock it first.")
    return replace(document, tracks=tuple(t for t in document.tracks if t.id != track_id))


def rename_track(document: Document, track_id: str, name: str) -> Document:
    """Name a dancer."""
    track = track_in(document, track_id)
    if not name.strip():
        raise EditRefused("A dancer needs a name: type one.")
    return document.with_track(replace(track, name=name.strip()))


def place_track(document: Document, track_id: str, place: Place) -> Document:
    """Turn and move all that a dancer dances on the stage."""
    return document.with_track(replace(track_in(document, track_id), place=place))


def set_track_flags(
    document: Document,
    track_id: str,
    is_hidden: bool | None = None,
    is_muted: bool | None = None,
    body: str | None = None,
    height_m: float | None = None,
    is_reference: bool | None = None,
) -> Document:
    """Hide a dancer, leave one out of export, choose body and height, only look at one; what is None stays.

    EditRefused for a body or a height that there is not.
    """
    track = track_in(document, track_id)
    try:
        scales_of(body or "neutral", HEIGHT_M if height_m is None else height_m)
    except NoSuchBody as error:
        raise EditRefused(str(error)) from error
    wanted = {
        "is_hidden": is_hidden, "is_muted": is_muted, "body": body, "height_m": height_m, "is_reference": is_reference,
    }  # fmt: skip
    return document.with_track(replace(track, **{k: v for k, v in wanted.items() if v is not None}))  # type: ignore[arg-type]


def duplicate_track(document: Document, track_id: str, offset: Place, delay_frames: int = 0) -> Document:
    """Another dancer right below, who dances the same `delay_frames` later and `offset` away on the stage.

    A delay makes a canon; a negative one is refused where a clip would begin before the piece.
    """
    track = track_in(document, track_id)
    if track.clips and track.clips[0].start_frame + delay_frames < 0:
        raise EditRefused("A clip cannot begin before the piece: choose a smaller delay.")
    clips = tuple(_copied(clip, delay_frames) for clip in track.clips)
    away = within(offset, Place(track.place.x_m, track.place.z_m))
    place = replace(away, yaw_rad=within(offset, track.place).yaw_rad)
    copy = replace(track, id=new_id(), name=_free_name(document), clips=clips, place=place)
    index = document.tracks.index(track) + 1
    return replace(document, tracks=(*document.tracks[:index], copy, *document.tracks[index:]))


def reorder_track(document: Document, track_id: str, index: int) -> Document:
    """Put a dancer at a place in the list, counted from 0 without that dancer."""
    track = track_in(document, track_id)
    rest = [t for t in document.tracks if t.id != track_id]
    rest.insert(min(max(index, 0), len(rest)), track)
    return replace(document, tracks=tuple(rest))


def _copied(clip: Clip, delay_frames: int) -> Clip:
    """The same clip, takes shared, as another one."""
    return replace(clip, id=new_id(), start_frame=clip.start_frame + delay_frames, is_locked=False)


def _free_name(document: Document) -> str:
    names = {track.name for track in document.tracks}
    return next(name for i in range(1, len(names) + 2) if (name := f"Dancer {i}") not in names)
