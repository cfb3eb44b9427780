"""From a segment and its settings to what the generator is asked for."""

from __future__ import annotations

import numpy as np

from editor.document.assemble import stretch
from editor.document.document import Curve, Document, Settings, Track, Value, value_at
from editor.document.places import floor_points, inverse
from engine.errors import RequestRefused
from engine.generation.request import GenerationRequest, request_for_music
from engine.motion.house import FRAME_RATE_HZ
from engine.motion.motion import Motion
from engine.timebase import time_of

# The motion around a segment that it joins on to: more than any generator looks at.
CONTEXT_FRAMES = 60
# How loud it is where there is no music.
_NO_MUSIC_LOUDNESS = 0.5
# How fast a dancer goes to a drawn path, and from its end to where the dance goes on.
_SWIFT_M_PER_S = 1.5


def request_for(
    document: Document,
    track_id: str,
    start_frame: int,
    end_frame: int,
    settings: Settings,
    seed: int | None = None,
    best_of: int = 1,
) -> GenerationRequest:
    """What the generator is asked for to make [start_frame, end_frame) of a track anew, in the dancer's own place.

    The segment goes on from what is danced before it, a held pose included, and into the clip that touches its
    end; where there is no clip before, or none at its end, that edge is free. Its present motion is given where
    clips cover it whole. Styles drawn over the piece count with their mean. Without music there are no beats.

    Args:
        document: The piece.
        track_id: The dancer.
        start_frame, end_frame: The segment.
        settings: How it is to be danced.
        seed: Instead of that of the settings.
        best_of: So many dances are made, and the one that breaks the fewest rules is given.

    Raises:
        RequestRefused: It is empty, or of a reference, or parts of a dance are to be kept where there is none.
    """
    if end_frame <= start_frame:
        raise RequestRefused("The segment is empty: select at least one frame.")
    track = document.track(track_id)
    if track.is_reference:
        raise RequestRefused(f"{track.name} is a reference, which is only looked at: choose one of the dancers.")
    times_s = np.arange(start_frame, end_frame) / document.frame_rate_hz
    current = stretch(track, start_frame, end_frame) if _is_covered(track, start_frame, end_frame) else None
    before, after = _before(track, start_frame), _after(track, end_frame)
    asked = {
        "style": {n: w for n, v in settings.style if (w := float(np.mean(value_at(v, times_s)))) > 0.0},
        "emotion": {name: _emotion(value, times_s) for name, value in settings.emotion.items()},
        "follow_music": settings.follow_music,
        "intensity": settings.intensity,
        "novelty": settings.novelty,
        "seed": settings.seed if seed is None else seed,
        "before": before,
        "after": after,
        "avoid": settings.avoid,
        "locked": settings.locked_parts,
        "current": current,
        "path_m": _path(settings, track, end_frame - start_frame, before, after),
        "keep_path": settings.keep_path,
        "best_of": best_of,
    }
    if document.music is None:
        return _without_music(end_frame - start_frame, asked)
    start_s, end_s = (time_of(frame, document.frame_rate_hz) for frame in (start_frame, end_frame))
    return request_for_music(document.music, start_s, end_s, **asked)


def _without_music(n_frames: int, asked: dict[str, object]) -> GenerationRequest:
    return GenerationRequest(
        n_frames=n_frames,
        beats_frame=np.zeros(0),
        strengths=np.zeros(0),
        loudness=np.full(n_frames, _NO_MUSIC_LOUDNESS),
        music_emotion=np.zeros(n_frames),
        **asked,  # type: ignore[arg-type] # the table in request_for holds its attributes
    )


def _emotion(value: Value, times_s: np.ndarray) -> float | np.ndarray:
    if isinstance(value, Curve):
        return np.clip(value.at(times_s), 0.0, 1.0)
    return min(max(float(value), 0.0), 1.0)


def _before(track: Track, start_frame: int) -> Motion | None:
    """What is danced right before a frame; None where no clip lies before it."""
    if not track.clips or track.clips[0].start_frame >= start_frame:
        return None
    return stretch(track, max(start_frame - CONTEXT_FRAMES, track.clips[0].start_frame), start_frame)


def _after(track: Track, end_frame: int) -> Motion | None:
    """What is danced from a frame on, up to the next gap; None where there is a gap at once."""
    end = end_frame
    for clip in track.clips:
        if clip.start_frame <= end < clip.end_frame:
            end = clip.end_frame
    end = min(end, end_frame + CONTEXT_FRAMES)
    return stretch(track, end_frame, end) if end > end_frame else None


def _is_covered(track: Track, start_frame: int, end_frame: int) -> bool:
    """Whether clips lie under every frame of [start_frame, end_frame)."""
    inside = track.clips_in(start_frame, end_frame)
    covered = sum(min(c.end_frame, end_frame) - max(c.start_frame, start_frame) for c in inside)
    return covered == end_frame - start_frame


def _path(
    settings: Settings, track: Track, n_frames: int, before: Motion | None, after: Motion | None
) -> np.ndarray | None:
    """The path that is drawn on the stage, walked at one speed, in the dancer's own place, [n_frames, 2]; or None.

    The way to it from where the dancer comes from, and from it to where the dance goes on, is walked too, swiftly:
    else both ends would pull the dancer off the path.
    """
    if not settings.path_m:
        return None
    drawn = floor_points(np.array(settings.path_m, dtype=float), inverse(track.place))
    come_from, go_on_to = drawn[0], drawn[-1]
    if before is not None:
        come_from = before.root_positions_m[-1, [0, 2]]
    if after is not None:
        go_on_to = after.root_positions_m[0, [0, 2]]
    n_coming, n_going = (_walk_frames(a, b, n_frames) for a, b in ((come_from, drawn[0]), (drawn[-1], go_on_to)))
    coming = np.linspace(come_from, drawn[0], n_coming, endpoint=False)
    going = np.linspace(go_on_to, drawn[-1], n_going, endpoint=False)[::-1]
    return np.concatenate([coming, _walked(drawn, n_frames - n_coming - n_going), going])


def _walk_frames(start_m: np.ndarray, end_m: np.ndarray, n_frames: int) -> int:
    """How long the way to or from a path takes: no more than a quarter of the segment."""
    distance_m = float(np.linalg.norm(end_m - start_m))
    return min(round(distance_m / _SWIFT_M_PER_S * FRAME_RATE_HZ), n_frames // 4)


def _walked(points: np.ndarray, n_frames: int) -> np.ndarray:
    """Where somebody is who walks along points at one speed, [n_frames, 2]."""
    lengths = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(points, axis=0), axis=-1))])
    along = np.linspace(0.0, lengths[-1], n_frames)
    return np.stack([np.interp(along, lengths, points[:, k]) for k in range(2)], axis=-1)
