"""Where a dance takes breath: a pose is held for a moment where a part of the music ends or goes quiet."""

from __future__ import annotations

import numpy as np

from engine.generation.pulse import bar_frames
from engine.generation.request import LOUDNESS, GenerationRequest
from engine.motion.house import FRAME_RATE_HZ
from engine.motion.signals import smoothstep

HELD_S = 0.7  # how long a pose is held
REACH_S = 1.8  # on either side of it the dance runs faster for it: no beat beyond is moved
APART_S = 15.0  # from one breath to the next at least
_GOES_ON = 0.2  # how fast it goes on in the pose: who holds one is no statue
_NEAR_S = 0.8  # of the moment meant a rest of the body may lie
_EASE_S = 0.35
_QUIET = -0.7  # deviations below the song's usual loudness at which a bar is quiet


def breath_frames(request: GenerationRequest) -> np.ndarray:
    """Frames at which the music lets a dancer breathe, ascending: where its parts begin, and where quiet bars do."""
    if request.heard is None:
        return np.zeros(0)
    bars = bar_frames(request)
    bars = bars[(bars >= 0) & (bars < request.n_frames - 1)]
    at = np.round(bars).astype(int)
    length = int(np.median(np.diff(at))) if len(at) > 1 else 1
    loudness = np.array([request.heard[a : a + max(length, 1), LOUDNESS].mean() for a in at])
    parts = [float(section.start_frame) for section in request.sections]
    wanted = [*((0, frame) for frame in parts), *((1, frame) for frame in bars[loudness < _QUIET].tolist())]
    chosen: list[float] = []
    for _, frame in sorted(wanted):  # parts first
        inside = REACH_S * FRAME_RATE_HZ <= frame <= request.n_frames - REACH_S * FRAME_RATE_HZ
        if inside and all(abs(frame - other) >= APART_S * FRAME_RATE_HZ for other in chosen):
            chosen.append(frame)
    return np.array(sorted(chosen))


def breathing_times_s(times_s: np.ndarray, rests_s: np.ndarray, stands: np.ndarray, wanted_s: np.ndarray) -> np.ndarray:
    """For each of some moments the time [T] that is danced then: at rests near the wanted moments it hardly goes on.

    Args:
        times_s: Ascending at one rate, [T].
        rests_s: When the body is slowest, [B]. stands: Whether it stands on both feet then, bool [B]: else no breath.
        wanted_s: When the music lets it breathe, further apart than twice REACH_S, [W].
    """
    away = np.zeros(len(times_s))
    for wanted in wanted_s.tolist():
        near = rests_s[stands & (np.abs(rests_s - wanted) <= _NEAR_S)]
        near = near[(near - times_s[0] > REACH_S) & (times_s[-1] - near > REACH_S)]
        if len(near):
            away += _held(times_s - float(near[np.abs(near - wanted).argmin()]))
    return times_s + away


def _held(from_rest_s: np.ndarray) -> np.ndarray:
    """How far the time that is danced is ahead of the clock, so long after a rest in which a pose is held."""
    half = 0.5 * HELD_S
    slow = 1.0 - smoothstep((np.abs(from_rest_s) - half + 0.5 * _EASE_S) / _EASE_S)
    fast = 1.0 - smoothstep((np.abs(from_rest_s) - REACH_S + _EASE_S) / _EASE_S)
    # As much time is made up for on either side as is lost.
    more = (1.0 - _GOES_ON) * slow.sum() / max(float((fast - slow).sum()), 1.0)
    rate = more * fast - (more + 1.0 - _GOES_ON) * slow
    ahead = np.cumsum(rate) * float(from_rest_s[1] - from_rest_s[0])
    out: np.ndarray = ahead * (np.abs(from_rest_s) < REACH_S)
    return out
