"""A span of a track made a clip of its own, without a change in what is danced."""

from __future__ import annotations

from dataclasses import replace

from editor.document.assemble import body, replaced, stretch
from editor.document.baking import with_motion_of
from editor.document.document import Clip, Take, Track
from editor.document.edits import EditRefused, new_id, refuse_locked, with_clips


def segment(track: Track, start_frame: int, end_frame: int) -> tuple[Track, str]:
    """The track with one clip that is exactly [start_frame, end_frame), and its id; the motion stays bit for bit."""
    if start_frame < 0 or end_frame <= start_frame:
        raise EditRefused("Nothing is selected: select at least one frame of the dance.")
    inside = track.clips_in(start_frame, end_frame)
    refuse_locked(inside)
    if len(inside) == 1 and (inside[0].start_frame, inside[0].end_frame) == (start_frame, end_frame):
        return track, inside[0].id
    for frame in (start_frame, end_frame):
        track = cut(track, frame)
    return joined(track, start_frame, end_frame)


def cut(track: Track, frame: int) -> Track:
    """The track with the clip that lies over the edge before `frame` cut in two there, if one does."""
    clip = next((c for c in track.clips if c.start_frame < frame < c.end_frame), None)
    if clip is None:
        return track
    n = frame - clip.start_frame
    first, second = replace(clip, n_frames=n), replace(clip, id=new_id(), blend_frames=0)
    second = replace(second, start_frame=frame, n_frames=clip.n_frames - n)
    if clip.warp is None:
        second = replace(second, offset_frame=clip.offset_frame + n * clip.speed)
    else:
        first = replace(first, warp=clip.warp.trimmed(0, n, clip.n_frames))
        second = replace(second, warp=replace(clip.warp.trimmed(n, clip.n_frames, clip.n_frames), blend_frames=None))
    halves = (half for c in track.clips for half in ((first, second) if c.id == clip.id else (c,)))
    return with_motion_of(with_clips(track, halves), track)


def joined(track: Track, start_frame: int, end_frame: int) -> tuple[Track, str]:
    """The track with the clips inside [start_frame, end_frame), none over its edges, made one that fills it.

    Nothing is lost: for every take that lay on their shelves there is one that shows it among the others.
    """
    inside = track.clips_in(start_frame, end_frame)
    if len(inside) == 1 and (inside[0].start_frame, inside[0].end_frame) == (start_frame, end_frame):
        return track, inside[0].id
    whole = stretch(track, start_frame, end_frame)
    name = inside[0].take.name if len(inside) == 1 else "Joined"
    takes = [Take(new_id(), name, whole, inside[0].take.recipe if len(inside) == 1 else None, "baked")]
    for clip in inside:
        for i, take in enumerate(clip.takes):
            if i != clip.active:
                motion = replaced(whole, clip.start_frame - start_frame, body(replace(clip, active=i)))
                takes.append(Take(new_id(), take.name, motion, take.recipe, "baked"))
    settings = {clip.settings for clip in inside}
    clip = Clip(
        id=new_id(), start_frame=start_frame, n_frames=end_frame - start_frame, takes=tuple(takes),
        settings=settings.pop() if len(settings) == 1 else None,
    )  # fmt: skip
    gone = {c.id for c in inside}
    rest = (c for c in track.clips if c.id not in gone)
    return with_motion_of(with_clips(track, (*rest, clip)), track), clip.id
