"""A stretch of a dance mended: its frames become part of the clips they lie in, as a take that is kept."""

from __future__ import annotations

from dataclasses import replace

from editor.document.assemble import replaced, stretch
from editor.document.baking import as_it_is, baked, with_motion_of
from editor.document.clip_motion import is_whole
from editor.document.document import Clip, Document, Take, Track
from editor.document.edits import EditRefused, new_id, refuse_locked, track_in, with_clips
from editor.document.take_edits import keep_take
from engine.motion.motion import Motion

MENDED = ", mended"


def mend(document: Document, track_id: str, start_frame: int, motion: Motion) -> Document:
    """Dance other frames from `start_frame` on; every frame outside of them is danced as it was, bit for bit.

    The clips that they lie in keep their edges and get a mended take; what they danced stays on their shelves. A
    take that was mended before is mended further. Frames that lie between clips become a clip of their own. A gap
    right behind them holds their last pose.

    Args:
        document: Before.
        track_id: The dancer.
        start_frame: Of the first frame.
        motion: In the dancer's own place, at the project's rate.
    """
    track, end_frame = track_in(document, track_id), start_frame + motion.n_frames
    if motion.n_frames < 1:
        raise EditRefused("There is nothing to be mended here: select another finding.")
    inside = track.clips_in(start_frame, end_frame)
    refuse_locked(inside)
    covered = sum(min(c.end_frame, end_frame) - max(c.start_frame, start_frame) for c in inside)
    if covered < motion.n_frames:
        return keep_take(document, track_id, start_frame, end_frame, Take(new_id(), "Mended", motion, kind="baked"))
    mended = {clip.id: _mended(track, clip, start_frame, motion) for clip in inside}
    clips = [mended.get(clip.id, clip) for clip in track.clips]
    return document.with_track(with_motion_of(with_clips(track, clips), track, beside=list(mended)))


def _mended(track: Track, clip: Clip, start_frame: int, motion: Motion) -> Clip:
    whole = stretch(track, clip.start_frame, clip.end_frame)
    first, last = max(start_frame, clip.start_frame), min(start_frame + motion.n_frames, clip.end_frame)
    part = motion.slice(first - start_frame, last - start_frame)
    frames = replaced(whole, first - clip.start_frame, part)
    if clip.blend_frames or not all(is_whole(clip, i) for i in range(len(clip.takes))):
        clip = baked(clip, whole)
    old = clip.take
    again = old.name.endswith(MENDED)
    take = Take(new_id(), old.name if again else old.name + MENDED, frames, old.recipe, "baked")
    if again:
        takes = tuple(take if i == clip.active else t for i, t in enumerate(clip.takes))
        return as_it_is(replace(clip, takes=takes))
    return as_it_is(replace(clip, takes=(*clip.takes, take), active=len(clip.takes)))
