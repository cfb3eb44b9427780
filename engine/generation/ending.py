"""The end of a piece: the dance comes to rest on its last phrase, and the pose is held to the end of the music."""

from __future__ import annotations

import numpy as np

from engine.generation.request import GenerationRequest
from engine.motion.house import FRAME_RATE_HZ
from engine.motion.signals import smoothstep

HELD_S = (0.7, 2.4)  # how long before the end a rest may lie on which the dance ends
_USUAL_S = 1.2  # where it ends without one
_EASE_S = 0.4  # in which it comes to rest
_BREATH = 0.05  # how fast it goes on in the pose: who holds one is no statue
_SHORTEST_S = 20.0  # of a piece that has an end worth holding
_AT_END_FRAMES = 10


def ends_piece(request: GenerationRequest) -> bool:
    """Whether a segment goes up to the end of a piece, and nothing is danced behind it.

    Whatever the last part's role: music of one part, a loop for instance, has no conclusion, and its dance ends too.
    """
    if request.after is not None or not request.sections:
        return False
    last = max(request.sections, key=lambda section: section.end_frame)
    piece_frames = last.end_frame - min(section.start_frame for section in request.sections)
    is_long = max(piece_frames, request.n_frames) >= _SHORTEST_S * FRAME_RATE_HZ
    return is_long and abs(last.end_frame - request.n_frames) <= _AT_END_FRAMES


def held_times_s(times_s: np.ndarray, rests_s: np.ndarray, stands: np.ndarray) -> np.ndarray:
    """For each of some moments the time [T] that is danced then, where every moment danced itself before.

    Args:
        times_s: Ascending, [T].
        rests_s: When the body is slowest, [B].
        stands: Whether it stands on both feet at each of these, bool [B]: the last such rest is ended on, else the
            last of all.
    """
    end_s = float(times_s[-1])
    left = end_s - rests_s
    near = (left >= HELD_S[0]) & (left <= HELD_S[1])
    best = rests_s[near & stands] if (near & stands).any() else rests_s[near]
    at = float(best[-1]) if len(best) else end_s - _USUAL_S
    if at - 0.5 * _EASE_S <= times_s[0]:
        return times_s
    # Time runs at 1 up to here, then along a smoothstep down to a breath; half of the ease brings it to the rest.
    speed = 1.0 - (1.0 - _BREATH) * smoothstep((times_s - (at - 0.5 * _EASE_S)) / _EASE_S)
    steps = 0.5 * (speed[1:] + speed[:-1]) * np.diff(times_s)
    out: np.ndarray = times_s[0] + np.concatenate([[0.0], np.cumsum(steps)])
    return out
