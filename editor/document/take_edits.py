"""Edits of segments and their takes: what is made anew, what is kept, what is danced."""

from __future__ import annotations

from dataclasses import replace

from editor.document.assemble import stretch
from editor.document.baking import as_it_is, baked, with_motion_of
from editor.document.clip_motion import is_whole
from editor.document.document import Clip, Document, Settings, Take, Track
from editor.document.edits import EditRefused, editable, new_id, refuse_locked, track_in, with_clip, with_clips
from editor.document.seams import locks_kept
from editor.document.segments import segment


def make_segment(document: Document, track_id: str, start_frame: int, end_frame: int) -> tuple[Document, str]:
    """Make [start_frame, end_frame) of a track a clip of its own; the document and the clip's id.

    Clips are split at the edges, those inside are joined; what is danced stays bit for bit.
    """
    track = track_in(document, track_id)
    changed, clip_id = segment(track, start_frame, end_frame)
    return (document if changed is track else document.with_track(changed)), clip_id


def keep_take(
    document: Document,
    track_id: str,
    start_frame: int,
    end_frame: int,
    take: Take,
    others: tuple[Take, ...] = (),
    settings: Settings | None = None,
    n_before: int = 0,
) -> Document:
    """Make [start_frame, end_frame) one clip that dances `take`, in one step.

    What was danced there, its other takes and `others` stay on the clip's shelf. Every clip outside shows bit
    for bit what it showed; one that blends over from the segment is baked. A gap right behind the segment holds
    the segment's new last pose.

    Args:
        document: Before.
        track_id: The dancer.
        start_frame, end_frame: The segment.
        take: As long as the segment, in the dancer's own place.
        others: As long, such as those of the same auditions.
        settings: What the segment was made with; None leaves those of the clip that it was.
        n_before: How many of `others` lie on the shelf before `take`: they stay in the order that they were made in.
    """
    track = track_in(document, track_id)
    n_frames = end_frame - start_frame
    if n_frames < 1 or any(t.motion.n_frames != n_frames for t in (take, *others)):
        raise EditRefused("The take is not as long as the segment: make it anew for this selection.")
    inside = track.clips_in(start_frame, end_frame)
    refuse_locked(inside)
    if inside:
        made, clip_id = segment(track, start_frame, end_frame)
        clip = _plain(made, made.clip(clip_id))
    else:
        made, clip = track, Clip(new_id(), start_frame, n_frames, ())
    takes = (*clip.takes, *others[:n_before], take, *others[n_before:])
    active = len(clip.takes) + len(others[:n_before])
    clip = as_it_is(replace(clip, takes=takes, active=active, settings=settings or clip.settings))
    rest = [c for c in made.clips if c.id != clip.id]
    return document.with_track(with_motion_of(with_clips(made, [*rest, clip]), track, beside=[clip.id]))


def use_take(document: Document, clip_id: str, index: int) -> Document:
    """Dance another take of a clip. A clip behind it that blends over does so from this take."""
    track, clip = editable(document, clip_id)
    if not 0 <= index < len(clip.takes):
        raise EditRefused("That take is no longer there: choose one of those on the shelf.")
    return document.with_track(locks_kept(with_clip(track, replace(clip, active=index)), track))


def add_take(document: Document, clip_id: str, take: Take) -> Document:
    """Put a take on a clip's shelf, without dancing it."""
    track, clip = editable(document, clip_id)
    return document.with_track(with_clip(track, replace(clip, takes=(*clip.takes, take))))


def remove_take(document: Document, clip_id: str, index: int) -> Document:
    """Take a take off the shelf; the one that is danced stays."""
    track, clip = editable(document, clip_id)
    if not 0 <= index < len(clip.takes):
        raise EditRefused("That take is no longer there: choose one of those on the shelf.")
    if index == clip.active:
        raise EditRefused("This take is danced: choose another one first, or remove the clip.")
    takes = (*clip.takes[:index], *clip.takes[index + 1 :])
    active = clip.active - (index < clip.active)
    return document.with_track(with_clip(track, replace(clip, takes=takes, active=active)))


def rename_take(document: Document, clip_id: str, index: int, name: str) -> Document:
    """Name a take, wherever in the piece the same take lies."""
    _, clip = editable(document, clip_id)
    if not 0 <= index < len(clip.takes):
        raise EditRefused("That take is no longer there: choose one of those on the shelf.")
    if not name.strip():
        raise EditRefused("A take needs a name: type one.")
    old = clip.takes[index]
    new = replace(old, name=name.strip())
    return replace(document, tracks=tuple(_with_take(track, old.id, new) for track in document.tracks))


def _with_take(track: Track, take_id: str, new: Take) -> Track:
    if not any(take.id == take_id for clip in track.clips for take in clip.takes):
        return track
    clips = (
        replace(c, takes=tuple(new if t.id == take_id else t for t in c.takes))
        if any(t.id == take_id for t in c.takes)
        else c
        for c in track.clips
    )
    return replace(track, clips=tuple(clips))


def _plain(track: Track, clip: Clip) -> Clip:
    """The clip with takes that show as they are what it shows now, its head included."""
    if not clip.blend_frames and all(is_whole(clip, i) for i in range(len(clip.takes))):
        return clip
    return baked(clip, stretch(track, clip.start_frame, clip.end_frame))
