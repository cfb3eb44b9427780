"""One motion per dancer out of clips: seams inertialised, gaps held. What has not changed is not computed again."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from weakref import WeakKeyDictionary

import numpy as np

from editor.document.clip_motion import body_of
from editor.document.document import Clip, Document, Track
from editor.document.kept_results import KeptResults
from editor.document.places import HERE, placed, put
from editor.document.standing import STANDING
from engine.motion.blend import inertialise
from engine.motion.house import FRAME_RATE_HZ, HOUSE
from engine.motion.motion import Motion, concatenate

__all__ = [
    "Piece", "assemble", "assemble_local", "body", "dance", "past_of", "pieces", "placed", "replaced", "stretch",
]  # fmt: skip


@dataclass(frozen=True, eq=False)
class Piece:
    """A clip, and its frames as they are danced: parts end to end, `clip.n_frames` together, in the dancer's place."""

    clip: Clip
    parts: tuple[Motion, ...]

    def tail(self) -> Motion:
        """Its last frames, two where it has as many."""
        last = self.parts[-1]
        if last.n_frames > 1 or len(self.parts) == 1:
            return last.slice(max(last.n_frames - 2, 0), last.n_frames)
        first = self.parts[-2]
        return concatenate([first.slice(first.n_frames - 1, first.n_frames), last])


# Whole dances: six dancers of ten minutes weigh 90 MB, and undo often asks for the one before. A short dance
# counts for more than it weighs, since the takes that it was made of stay alive with it.
_DANCES: KeptResults[Motion] = KeptResults(256 << 20)
_LEAST_DANCE_BYTES = 4 << 20
_PIECES: KeptResults[tuple[Piece, ...]] = KeptResults(64)  # tracks
# What clips show goes with the take that they show, and their heads with what they show.
_BODIES: WeakKeyDictionary[Motion, KeptResults[Motion]] = WeakKeyDictionary()
_HEADS: WeakKeyDictionary[Motion, KeptResults[Motion]] = WeakKeyDictionary()
_BODIES_PER_TAKE, _HEADS_PER_BODY = 3, 8
_BYTES_OF_A_SLICE = 1_000


def dance(document: Document, track_id: str) -> Motion:
    """A dancer's whole motion in the stage's space, as long as the piece; at least one frame, standing."""
    return assemble(document.track(track_id), max(document.n_frames, 1), document.frame_rate_hz)


def assemble(track: Track, n_frames: int, frame_rate_hz: float = FRAME_RATE_HZ) -> Motion:
    """A dancer's motion in the stage's space, `n_frames` long.

    Each clip shows its take; the jump at its start dies away within its first `blend_frames`. Gaps hold the
    pose before them; before its first clip the dancer stands upright at the dancer's origin. The same
    clips give the same object while it is kept.
    """
    if track.place == HERE:
        return assemble_local(track, n_frames, frame_rate_hz)
    key = (id(track.clips), n_frames, frame_rate_hz, track.place)
    kept = _DANCES.get(key)
    if kept is not None:
        return kept
    root, local = _filled(track, 0, n_frames)
    put(root, local, track.place)
    return _kept_dance(key, Motion(HOUSE, frame_rate_hz, root, local), track)


def assemble_local(track: Track, n_frames: int, frame_rate_hz: float = FRAME_RATE_HZ) -> Motion:
    """The same before `track.place`: in the dancer's own place, in which takes are stored."""
    key = (id(track.clips), n_frames, frame_rate_hz)
    kept = _DANCES.get(key)
    if kept is not None:
        return kept
    return _kept_dance(key, Motion(HOUSE, frame_rate_hz, *_filled(track, 0, n_frames)), track)


def stretch(track: Track, start_frame: int, end_frame: int) -> Motion:
    """The frames [start_frame, end_frame) of `assemble_local`, from 0 on, at the cost of these frames alone."""
    return Motion(HOUSE, FRAME_RATE_HZ, *_filled(track, start_frame, end_frame))


def replaced(motion: Motion, start_frame: int, segment: Motion) -> Motion:
    """The motion with the frames from `start_frame` on replaced by a segment; both in one space.

    It grows where the segment ends later, its last pose held up to the segment.
    """
    end = start_frame + segment.n_frames
    n_frames = max(motion.n_frames, end)
    arrays = []
    for old, new in (
        (motion.root_positions_m, segment.root_positions_m),
        (motion.local_rotations, segment.local_rotations),
    ):
        out = np.empty((n_frames, *old.shape[1:]))
        out[: len(old)] = old
        if n_frames > len(old):
            out[len(old) :] = old[-1] if len(old) else new[0]
        out[start_frame:end] = new
        arrays.append(out)
    return Motion(motion.skeleton, motion.frame_rate_hz, *arrays)


def pieces(track: Track) -> tuple[Piece, ...]:
    """Every clip of a track with its frames as they are danced."""
    kept = _PIECES.get(id(track.clips))
    if kept is not None:
        return kept
    out: list[Piece] = []
    for clip in track.clips:
        out.append(_piece(clip, out[-1] if out else None))
    return _PIECES.keep(id(track.clips), tuple(out), 1, named=track.clips)


def body(clip: Clip) -> Motion:
    """What `clip_motion.body_of` answers, kept."""
    source = clip.take.motion
    bodies = _BODIES.setdefault(source, KeptResults(_BODIES_PER_TAKE * _n_bytes(source) + 1000 * _BYTES_OF_A_SLICE))
    key = (clip.n_frames, clip.offset_frame, clip.speed, clip.is_looped, clip.is_mirrored, clip.place, clip.warp)
    kept = bodies.get(key)
    if kept is not None:
        return kept
    motion = body_of(clip)
    is_slice = np.may_share_memory(motion.local_rotations, source.local_rotations)
    return bodies.keep(key, motion, _BYTES_OF_A_SLICE if is_slice else _n_bytes(motion))


def past_of(clip: Clip, before: Piece | None) -> Motion | None:
    """The last two frames that are danced before a clip, a pose that is held counting as often as it is shown.

    None where no clip lies before it.
    """
    if before is None:
        return None
    tail = before.tail()
    if clip.start_frame == before.clip.end_frame:
        return tail
    held = tail.slice(tail.n_frames - 1, tail.n_frames)
    return concatenate([held, held])


def _kept_dance(key: Hashable, motion: Motion, track: Track) -> Motion:
    return _DANCES.keep(key, motion, max(_n_bytes(motion), _LEAST_DANCE_BYTES), named=track.clips)


def _piece(clip: Clip, before: Piece | None) -> Piece:
    """A clip whose head goes on from the clip before. The first clip of a track begins as it is."""
    motion, past = body(clip), past_of(clip, before)
    if past is None or clip.blend_frames < 1:
        return Piece(clip, (motion,))
    head = _head(motion, clip.blend_frames, past)
    if head.n_frames == motion.n_frames:
        return Piece(clip, (head,))
    return Piece(clip, (head, motion.slice(head.n_frames, motion.n_frames)))


def _head(motion: Motion, blend_frames: int, past: Motion) -> Motion:
    """A clip's first `blend_frames` frames, or all it has, going on from the frames before."""
    # The past by its numbers, not by its identity: where an earlier edit leaves them alone, the head stays.
    heads = _HEADS.setdefault(motion, KeptResults(_HEADS_PER_BODY))
    key = (blend_frames, past.root_positions_m.tobytes(), past.local_rotations.tobytes())
    kept = heads.get(key)
    if kept is not None:
        return kept
    near = motion.slice(0, min(motion.n_frames, blend_frames + 1))
    joined = concatenate([_as_floats(past), _as_floats(near)])
    joined = inertialise(joined, past.n_frames, blend_frames / motion.frame_rate_hz)
    head = joined.slice(past.n_frames, past.n_frames + min(blend_frames, motion.n_frames))
    return heads.keep(key, head, 1)


def _filled(track: Track, start_frame: int, end_frame: int) -> tuple[np.ndarray, np.ndarray]:
    """Root positions and rotations of the frames [start_frame, end_frame), in the dancer's own place."""
    n = max(end_frame - start_frame, 0)
    root, local = np.empty((n, 3)), np.empty((n, HOUSE.n_joints, 4))
    held = (STANDING.root_positions_m[0], STANDING.local_rotations[0])
    done = 0
    for piece in pieces(track):
        first = piece.clip.start_frame - start_frame
        if first >= n:
            break
        if first > done:
            root[done:first], local[done:first] = held
        for part in piece.parts:
            low, high = max(first, 0), min(first + part.n_frames, n)
            if low < high:
                root[low:high] = part.root_positions_m[low - first : high - first]
                local[low:high] = part.local_rotations[low - first : high - first]
            first += part.n_frames
        last = piece.parts[-1]
        held = (last.root_positions_m[-1], last.local_rotations[-1])
        done = max(done, min(first, n))
    root[done:], local[done:] = held
    return root, local


def _as_floats(motion: Motion) -> Motion:
    """The same numbers in double precision."""
    if motion.local_rotations.dtype == np.float64:
        return motion
    root, local = motion.root_positions_m.astype(float), motion.local_rotations.astype(float)
    return Motion(motion.skeleton, motion.frame_rate_hz, root, local)


def _n_bytes(motion: Motion) -> int:
    return motion.root_positions_m.nbytes + motion.local_rotations.nbytes
