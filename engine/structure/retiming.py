"""Ways to mend the time of a dance: accents that come beside the beat, jumps whose time does not fit their height.

The dance is shown at other moments of itself; what is outside the span is shown when it was.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from engine.motion.motion import Motion
from engine.motion.movements import segment
from engine.motion.planted import planted_at
from engine.motion.signals import smoothed
from engine.music.analysis import MusicAnalysis
from engine.structure.finding import Finding
from engine.structure.integrity import accent_beats

# Faster or slower than this a movement looks wrong (the paper's synchronisation adjustment; as generation does).
MOST_WARP = 0.12
_MOST_JUMP_WARP = 0.6


def landed(motion: Motion, start: int, end: int, finding: Finding, music: MusicAnalysis) -> Motion:
    """The accents of the finding's bars on their beats: all shown earlier or later by what they are off on the mean.

    Time runs at most 12 % faster or slower where the shift begins and ends.
    """
    rate = motion.frame_rate_hz
    at = accent_beats(segment(motion), music, rate)
    first, last = (np.interp(f / rate, music.beat_times_s, np.arange(music.n_beats)) for f in (start, end))
    own = at[(at >= first) & (at < last)]
    if len(own) == 0:
        return motion
    off_beats = float(np.angle(np.exp(2j * np.pi * own).mean()) / (2.0 * np.pi))
    frames = np.arange(motion.n_frames)
    beat_frames = rate * float(np.median(np.diff(music.beat_times_s)))
    room = MOST_WARP * np.clip(np.minimum(frames - start, end - 1 - frames), 0, None)
    shift = np.clip(off_beats * beat_frames, -room, room)
    return planted_at(motion, (frames + shift) / rate, rate)


def jump_timed(motion: Motion, start: int, end: int, finding: Finding) -> Motion:
    """The time of the jump spread or pressed to that of its height; what is before and behind it gives or takes."""
    a, b, rate = finding.start_frame, finding.end_frame, motion.frame_rate_hz
    middle = 0.5 * (a + b)
    length = (b - a) * float(np.clip(np.sqrt(max(finding.measured, 0.0)), 1.0 - _MOST_JUMP_WARP, 1.0 + _MOST_JUMP_WARP))
    marks = [0.0, start + 4.0, middle - 0.5 * length, middle + 0.5 * length, end - 5.0, motion.n_frames - 1.0]
    shown = [0.0, start + 4.0, float(a), float(b), end - 5.0, motion.n_frames - 1.0]
    if not all(early < late for early, late in pairwise(marks)):
        return motion
    frames = np.arange(motion.n_frames, dtype=float)
    times = frames + smoothed(np.interp(frames, marks, shown) - frames, 1.0)
    times = np.where((frames < start) | (frames >= end), frames, times)
    return planted_at(motion, np.maximum.accumulate(np.clip(times, 0.0, frames[-1])) / rate, rate)
