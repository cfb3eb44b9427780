"""Where a clip meets the clip before it: whether it goes on by itself, and how it is made to."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

import numpy as np

from editor.document.assemble import body, past_of, pieces
from editor.document.baking import with_motion_of
from editor.document.document import Clip, Place, Track
from editor.document.edits import with_clip
from editor.document.places import bringing, inverse, within
from engine.motion import quaternion
from engine.motion.blend import yaw_rad
from engine.motion.motion import Motion

# Over how long the jump at the start of a clip that was moved dies away.
BLEND_FRAMES = 9
# A seam below both is no jump: the body goes further than that between two frames of a quick dance.
SAME_M, SAME_RAD = 0.02, 0.1
# Hips that would travel further than this within the blend are not blended there: the clip is moved to them.
NEAR_M = 0.15
# A clip that must stay where it is takes longer for a longer way, and beyond the far end is cut to.
FRAMES_PER_M, FAR_M = 60.0, 0.75


@dataclass(frozen=True)
class Seam:
    """How far the frames before a clip are from going on into it.

    Attributes:
        hips_m: Over the floor and in height, metres.
        turn_rad: Of the joint that turns furthest.
    """

    hips_m: float
    turn_rad: float

    @property
    def is_smooth(self) -> bool:
        """Whether there is no jump to be seen."""
        return self.hips_m < SAME_M and self.turn_rad < SAME_RAD


def seam_between(past: Motion, motion: Motion) -> Seam:
    """The seam between the last two frames of `past`, going on as they do, and the first of `motion`."""
    expected_m = 2.0 * past.root_positions_m[-1] - past.root_positions_m[0]
    if past.n_frames == 1:
        expected_m = past.root_positions_m[-1]
    last = past.local_rotations[-1]
    step = quaternion.multiply(last, quaternion.conjugate(past.local_rotations[0]))
    turn = quaternion.angle_between(quaternion.multiply(step, last), motion.local_rotations[0])
    return Seam(float(np.linalg.norm(motion.root_positions_m[0] - expected_m)), float(turn.max()))


def place_after(past: Motion, clip: Clip) -> Place:
    """The place at which a clip's hips and heading go on from the frames before it."""
    motion = body(clip)
    step = past.root_positions_m[-1] - past.root_positions_m[0]
    turn = yaw_rad(past.local_rotations[-1, 0]) - yaw_rad(motion.local_rotations[0, 0])
    bring = bringing(motion.root_positions_m[0], past.root_positions_m[-1] + step, float(turn))
    return within(bring, clip.place)


def keeping_start(clip: Clip, was: Motion) -> Clip:
    """The clip placed so that hips and heading of its first frame are those of the first frame of `was`."""
    motion = body(clip)
    turn = yaw_rad(was.local_rotations[0, 0]) - yaw_rad(motion.local_rotations[0, 0])
    bring = bringing(motion.root_positions_m[0], was.root_positions_m[0], float(turn))
    return replace(clip, place=within(bring, clip.place))


def settled(track: Track, before: Track, moved: Collection[str] = (), anew: Collection[str] = ()) -> Track:
    """The track after an edit with its new seams smoothed; a clip whose neighbour stayed keeps its own.

    A clip that was moved goes over from what is danced before it within 9 frames. Where its hips would have
    to travel more than 0.15 m in them, it is first placed where, and facing as, the dancer stands; clips that
    moved behind it, in the same order as before, are carried along. A clip that was not moved stays where it
    is: it blends over longer for a longer way, and from 0.75 m on it is cut to. A locked clip keeps every bit.

    Args:
        track: After the edit.
        before: Before it.
        moved: Ids of the clips that were moved.
        anew: Ids of clips that begin otherwise than before, but stay in their place.
    """
    neighbour = {c.id: p for p, c in zip((None, *before.clips), before.clips, strict=False)}
    carried: Place | None = None
    for i, clip in enumerate(track.clips):
        previous, old = track.clips[i - 1] if i else None, neighbour.get(clip.id)
        is_moved = clip.id in moved
        if is_moved and previous is not None and old is not None and _follows(previous, clip, old, before):
            if carried is not None:
                track = with_clip(track, replace(clip, place=within(carried, clip.place)))
            continue
        carried = None
        if previous is None or clip.is_locked or not (is_moved or clip.id in anew or not _is_same(previous, old)):
            continue
        changed = smoothed(track, i, is_moved)
        if changed.place != clip.place:
            carried = _between(clip.place, changed.place)
        track = with_clip(track, changed)
    return locks_kept(track, before)


def locks_kept(track: Track, before: Track) -> Track:
    """The track after an edit with its locked clips showing, bit for bit, what they showed."""
    free = {clip.id for clip in track.clips if not clip.is_locked}
    return with_motion_of(track, before, beside=free)


def smoothed(track: Track, i: int, may_move: bool) -> Clip:
    """A clip of a track, not its first, with the place and blend that its seam needs."""
    clip = track.clips[i]
    if may_move and _is_next_of_take(track.clips[i - 1], clip):
        return replace(clip, place=track.clips[i - 1].place, blend_frames=0)
    past = past_of(clip, pieces(track)[i - 1])
    assert past is not None  # there is a clip before it
    seam = seam_between(past, body(clip))
    place, blend_frames = clip.place, clip.blend_frames or BLEND_FRAMES
    if seam.is_smooth:
        blend_frames = 0
    elif may_move and seam.hips_m > NEAR_M:
        place = place_after(past, clip)
    elif not clip.blend_frames:
        blend_frames = 0 if seam.hips_m > FAR_M else max(BLEND_FRAMES, round(FRAMES_PER_M * seam.hips_m))
    return replace(clip, place=place, blend_frames=min(blend_frames, clip.n_frames))


def _is_next_of_take(previous: Clip, clip: Clip) -> bool:
    """Whether a clip shows the frames of a take that come right after those that the clip before it shows."""
    if clip.take.id != previous.take.id or clip.start_frame != previous.end_frame or clip.warp or previous.warp:
        return False
    if (clip.speed, clip.is_mirrored, True) != (previous.speed, previous.is_mirrored, not clip.is_looped):
        return False
    next_frame = previous.offset_frame + previous.n_frames * previous.speed
    return not previous.is_looped and abs(next_frame - clip.offset_frame) < 1e-6


def _follows(previous: Clip, clip: Clip, old: Clip, before: Track) -> bool:
    """Whether a clip still comes right after the clip that it came after, as far behind as then."""
    was = before.clip(clip.id)
    return old.id == previous.id and was.start_frame - old.end_frame == clip.start_frame - previous.end_frame


def _is_same(previous: Clip, old: Clip | None) -> bool:
    """Whether two clips end alike."""
    if old is None:
        return False
    return previous is old or replace(previous, settings=None, name="", is_locked=False) == replace(
        old, settings=None, name="", is_locked=False
    )


def _between(old: Place, new: Place) -> Place:
    """The place that takes one place to another."""
    return within(new, inverse(old))
