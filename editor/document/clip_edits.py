"""Edits of clips: split, trim, move, mirror, loop, stretch, blend, join. Frames are those of the track."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from editor.document.assemble import body, past_of, pieces
from editor.document.document import Clip, Document, Take, Track, same_frames
from editor.document.edits import (
    EditRefused,
    clip_in,
    editable,
    new_id,
    refuse_locked,
    track_in,
    with_clip,
    with_clips,
)
from editor.document.seams import BLEND_FRAMES, keeping_start, place_after, settled
from editor.document.segments import cut, joined
from editor.document.waivers import taken_along

SLOWEST, FASTEST = 0.25, 4.0


def split_clip(document: Document, clip_id: str, frame: int) -> Document:
    """Cut a clip in two before a frame; what is danced stays bit for bit. The later half gets a new id."""
    track, clip = editable(document, clip_id)
    if not clip.start_frame < frame < clip.end_frame:
        raise EditRefused("There is nothing to split here: put the playhead inside the clip.")
    return document.with_track(cut(track, frame))


def trim_clip(document: Document, clip_id: str, start_frame: int, end_frame: int, ripple: bool = False) -> Document:
    """Move a clip's edges; its frames stay where they are in time. Beyond the ends of the take its poses are held.

    With `ripple`, a clip that is cut at its start stays where it began, and all that comes behind moves with
    its end. Seams are smoothed as `seams.settled` says.
    """
    track, clip = editable(document, clip_id)
    if end_frame <= start_frame:
        raise EditRefused("A clip needs at least one frame: leave some of it.")
    changed = replace(clip, start_frame=start_frame, n_frames=end_frame - start_frame)
    cut = start_frame - clip.start_frame
    if clip.warp is None:
        changed = replace(changed, offset_frame=clip.offset_frame + cut * clip.speed)
    else:
        changed = replace(changed, warp=clip.warp.trimmed(cut, cut + changed.n_frames, clip.n_frames))
    anew = {clip_id} if start_frame != clip.start_frame else set()
    if ripple:
        return document.with_track(_resized(track, replace(changed, start_frame=clip.start_frame), True, anew))
    return document.with_track(_resized(track, changed, False, anew))


def move_clip(
    document: Document, clip_id: str, start_frame: int, track_id: str | None = None, ripple: bool = False
) -> Document:
    """Move a clip in time, or to another dancer, with what is intended in it. It keeps its place as seen from the
    dancer's own.

    Where the dancer would stand more than 0.15 m away, the clip is placed as `match_to_previous` does. With
    `ripple`, what comes behind moves by as much; on another track room is made there, and the gap closes here.
    """
    track, clip = editable(document, clip_id)
    target = track if track_id is None else track_in(document, track_id)
    changed = replace(clip, start_frame=start_frame)
    if target.id == track.id:
        moved = {c.id for c in track.clips if ripple and c.start_frame >= clip.end_frame} | {clip_id}
        refuse_locked(c for c in track.clips if c.id in moved)
        clips = _shifted(track.clips, moved, start_frame - clip.start_frame)
        return document.with_track(settled(with_clips(track, clips), track, moved))
    document = remove_clip(document, clip_id, ripple)
    document = document.with_track(_inserted(target, changed, ripple))
    return taken_along(document, clip, document.track(track.id), document.track(target.id))


def remove_clip(document: Document, clip_id: str, ripple: bool = False) -> Document:
    """Take a clip away; with `ripple` what comes behind closes the gap."""
    track, clip = editable(document, clip_id)
    rest = tuple(c for c in track.clips if c.id != clip_id)
    moved = {c.id for c in rest if ripple and c.start_frame >= clip.end_frame}
    refuse_locked(c for c in rest if c.id in moved)
    return document.with_track(settled(with_clips(track, _shifted(rest, moved, -clip.n_frames)), track, moved))


def duplicate_clip(document: Document, clip_id: str, at_frame: int, ripple: bool = False) -> Document:
    """The same clip once more, at another time on the same track; placed and blended like a clip that is moved.

    With `ripple` what is there and behind makes room.
    """
    track, clip = clip_in(document, clip_id)
    copy = replace(clip, id=new_id(), start_frame=at_frame, is_locked=False)
    return document.with_track(_inserted(track, copy, ripple))


def paste_clip(document: Document, track_id: str, clip: Clip, at_frame: int, ripple: bool = False) -> Document:
    """A copied clip, of whatever dancer, at another time on a track, over what is there; placed and blended like a
    clip that is moved.

    With `ripple` it makes room where it begins instead. A locked clip is not cut. Takes that the piece has are called
    as they are there, though they were called otherwise when the clip was copied.
    """
    track = track_in(document, track_id)
    end_frame = at_frame if ripple else at_frame + clip.n_frames
    refuse_locked(track.clips_in(at_frame, end_frame))
    there = {take.id: take for other in document.tracks for c in other.clips for take in c.takes}
    takes = tuple(_as_there(take, there.get(take.id, take)) for take in clip.takes)
    copy = replace(clip, id=new_id(), start_frame=at_frame, is_locked=False, takes=takes)
    made = cut(cut(track, at_frame), end_frame)
    if ripple:
        return document.with_track(_inserted(made, copy, True))
    gone = {c.id for c in made.clips_in(at_frame, end_frame)}
    clips = (*(c for c in made.clips if c.id not in gone), copy)
    return document.with_track(settled(with_clips(made, clips), made, {copy.id}))


def mirror_clip(document: Document, clip_id: str) -> Document:
    """Exchange left and right. The dancer begins where, and facing as, before; the dance goes to the other side."""
    track, clip = editable(document, clip_id)
    changed = keeping_start(replace(clip, is_mirrored=not clip.is_mirrored), body(clip))
    return document.with_track(settled(with_clip(track, changed), track, anew={clip_id}))


def set_looped(document: Document, clip_id: str, is_looped: bool) -> Document:
    """Let a clip start over when its take ends, each round going on from where the last one ended; or not."""
    track, clip = editable(document, clip_id)
    if is_looped and clip.take.motion.n_frames < 2:
        raise EditRefused("A single pose cannot go round and round: choose a longer take.")
    return _changed(document, track, replace(clip, is_looped=is_looped))


def stretch_clip(document: Document, clip_id: str, n_frames: int, ripple: bool = False) -> Document:
    """Dance the same stretch of the take in `n_frames` frames instead: slower or faster.

    With `ripple` what comes behind moves with the clip's end.
    """
    track, clip = editable(document, clip_id)
    if n_frames < 1:
        raise EditRefused("A clip needs at least one frame: leave some of it.")
    speed = _danceable(clip.speed * clip.n_frames / n_frames)
    return document.with_track(_resized(track, _at_speed(clip, n_frames, speed), ripple))


def set_speed(document: Document, clip_id: str, speed: float, ripple: bool = False) -> Document:
    """Dance the same stretch of the take at another speed: 2 is twice as fast. The clip's length follows."""
    track, clip = editable(document, clip_id)
    n_frames = max(1, round(clip.n_frames * clip.speed / _danceable(speed)))
    return document.with_track(_resized(track, _at_speed(clip, n_frames, speed), ripple))


def set_blend(document: Document, clip_id: str, n_frames: int) -> Document:
    """Set over how many frames the jump at a clip's start dies away: from 0 to as long as the clip."""
    track, clip = editable(document, clip_id)
    return _changed(document, track, replace(clip, blend_frames=min(max(n_frames, 0), clip.n_frames)))


def match_to_previous(document: Document, clip_id: str) -> Document:
    """Place a clip so that hips and heading go on from what is danced before it."""
    track, clip = editable(document, clip_id)
    i = track.clips.index(clip)
    past = past_of(clip, pieces(track)[i - 1] if i else None)
    if past is None:
        raise EditRefused("There is nothing before this clip to join on to: move it behind another clip.")
    blend_frames = clip.blend_frames or min(BLEND_FRAMES, clip.n_frames)
    return _changed(document, track, replace(clip, place=place_after(past, clip), blend_frames=blend_frames))


def set_clip_locked(document: Document, clip_id: str, is_locked: bool) -> Document:
    """Lock a clip against edits and new takes, or unlock it."""
    track, clip = clip_in(document, clip_id)
    return document.with_track(with_clip(track, replace(clip, is_locked=is_locked)))


def rename_clip(document: Document, clip_id: str, name: str) -> Document:
    """Name a clip; an empty name shows the take's."""
    track, clip = editable(document, clip_id)
    return document.with_track(with_clip(track, replace(clip, name=name.strip())))


def join_clips(document: Document, track_id: str, start_frame: int, end_frame: int) -> Document:
    """Make one clip of all that share a frame with [start_frame, end_frame), gaps between them included.

    What is danced stays bit for bit. For every other take of the clips the new one holds a take that shows it.
    """
    track = track_in(document, track_id)
    inside = track.clips_in(start_frame, end_frame)
    if len(inside) < 2:
        raise EditRefused("There is nothing to join: select two clips or more.")
    refuse_locked(inside)
    return document.with_track(joined(track, inside[0].start_frame, inside[-1].end_frame)[0])


def _changed(document: Document, track: Track, changed: Clip) -> Document:
    """The document with a clip of a track changed, and the seam behind it smoothed."""
    return document.with_track(settled(with_clip(track, changed), track))


def _resized(track: Track, changed: Clip, ripple: bool, anew: Collection[str] = ()) -> Track:
    """The track with a clip of another length, and with `ripple` what comes behind moved with its end."""
    old = track.clip(changed.id)
    behind = {c.id for c in track.clips if ripple and c.start_frame >= old.end_frame}
    refuse_locked(c for c in track.clips if c.id in behind)
    clips = _shifted(track.clips, behind, changed.end_frame - old.end_frame)
    clips = tuple(changed if c.id == changed.id else c for c in clips)
    return settled(with_clips(track, clips), track, behind, anew)


def _inserted(track: Track, clip: Clip, makes_room: bool) -> Track:
    """The track with one more clip, which may push those behind its start away."""
    moved = {c.id for c in track.clips if makes_room and c.start_frame >= clip.start_frame}
    refuse_locked(c for c in track.clips if c.id in moved)
    clips = (*_shifted(track.clips, moved, clip.n_frames), clip)
    return settled(with_clips(track, clips), track, moved | {clip.id})


def _as_there(take: Take, there: Take) -> Take:
    """A take as the piece has it; one of its own where only their ids are the same, as in another copy of a piece."""
    if same_frames(take.motion, there.motion):
        return there
    return replace(take, id=new_id())


def _shifted(clips: tuple[Clip, ...], moved: set[str], by: int) -> tuple[Clip, ...]:
    return tuple(replace(c, start_frame=c.start_frame + by) if c.id in moved and by else c for c in clips)


def _at_speed(clip: Clip, n_frames: int, speed: float) -> Clip:
    """The clip at another speed; a warp stretches along."""
    warp = clip.warp and clip.warp.scaled(clip.speed / speed)
    return replace(clip, n_frames=n_frames, speed=speed, warp=warp)


def _danceable(speed: float) -> float:
    if not SLOWEST - 1e-9 <= speed <= FASTEST + 1e-9:
        raise EditRefused("A clip can be danced from a quarter to four times its speed: stretch it less.")
    return speed
