"""Those who learn nothing: real takes, and interpolation between real poses."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from engine.baselines.joining import chained, plain
from engine.evaluation.dancer import Take
from engine.motion import quaternion
from engine.motion.blend import moved
from engine.motion.house import FRAME_RATE_HZ
from engine.motion.motion import Motion
from engine.motion.signals import runs, smoothstep
from engine.music.analysis import MusicAnalysis

_SHORTEST_FRAMES = 45  # of a real stretch
_POSE_EVERY_S = 1.0  # about: where there are beats, every second of them


class RealTakes:
    """Real dance of the style, which knows nothing of the music: what all others stand beside."""

    name = "real"

    def __init__(self, takes: Sequence[Take]) -> None:
        self._stretches = [
            (take.style, plain(take.motion.slice(start, end)))
            for take in takes
            for start, end in runs(take.valid)
            if end - start >= _SHORTEST_FRAMES
        ]

    def dance(self, music: MusicAnalysis, n_frames: int, seed: int, style: str) -> Motion:
        """A stretch of a take of the style; where none is long enough, several joined."""
        return self._drawn(n_frames, seed, style)

    def fill(self, before: Motion, n_frames: int, after: Motion, style: str, seed: int) -> Motion:
        """What was danced in the gap is not known here: another stretch of the same style, where it was danced."""
        return self._drawn(n_frames, seed, style)

    def _drawn(self, n_frames: int, seed: int, style: str) -> Motion:
        rng = np.random.default_rng([seed, 71])
        own = [m for s, m in self._stretches if s == style] or [m for _, m in self._stretches]
        parts: list[Motion] = []
        while sum(part.n_frames for part in parts) < n_frames:
            weights = np.array([m.n_frames for m in own], dtype=float)
            motion = own[int(rng.choice(len(own), p=weights / weights.sum()))]
            start = int(rng.integers(0, max(motion.n_frames - n_frames, 0) + 1))
            parts.append(motion.slice(start, start + n_frames))
        if len(parts) == 1:
            return moved(parts[0], 0, np.zeros(3), 0.0)
        return chained(parts, n_frames)


class Interpolation:
    """Pose to pose: real poses on the beats, eased from one to the next. Gaps: the straight way across."""

    name = "interpolation"

    def __init__(self, takes: Sequence[Take]) -> None:
        """`takes` are where poses come from: training takes."""
        self._takes = [take for take in takes if take.valid.any()]

    def dance(self, music: MusicAnalysis, n_frames: int, seed: int, style: str) -> Motion:
        """A real pose of the style on every second beat, each drawn anew, on the spot."""
        rng = np.random.default_rng([seed, 73])
        own = [take for take in self._takes if take.style == style] or self._takes
        keys = _key_frames(music, n_frames)
        roots, poses = [], []
        for _ in keys:
            take = own[int(rng.integers(len(own)))]
            frame = int(rng.choice(np.flatnonzero(take.valid)))
            pose = moved(take.motion.slice(frame, frame + 1), 0, np.zeros(3), 0.0)
            roots.append(pose.root_positions_m[0])
            poses.append(pose.local_rotations[0])
        after = np.clip(np.searchsorted(keys, np.arange(n_frames), side="right"), 1, len(keys) - 1)
        low, high = keys[after - 1], keys[after]
        share = smoothstep(np.clip((np.arange(n_frames) - low) / (high - low), 0.0, 1.0))
        root, local = np.array(roots), np.array(poses)
        return replace(
            plain(own[0].motion),
            root_positions_m=root[after - 1] + share[:, np.newaxis] * (root[after] - root[after - 1]),
            local_rotations=quaternion.slerp(local[after - 1], local[after], share[:, np.newaxis]),
        )

    def fill(self, before: Motion, n_frames: int, after: Motion, style: str, seed: int) -> Motion:
        """The root on a straight line, joints on great arcs."""
        return straight(before, n_frames, after)


def straight(before: Motion, n_frames: int, after: Motion) -> Motion:
    """From the last pose before to the first after: the root on a straight line, joints on great arcs."""
    share = np.arange(1, n_frames + 1) / (n_frames + 1)
    first_root, last_root = before.root_positions_m[-1], after.root_positions_m[0]
    first, last = (np.tile(pose, (n_frames, 1, 1)) for pose in (before.local_rotations[-1], after.local_rotations[0]))
    return replace(
        plain(before),
        root_positions_m=first_root + share[:, np.newaxis] * (last_root - first_root),
        local_rotations=quaternion.slerp(first, last, share[:, np.newaxis]),
    )


def _key_frames(music: MusicAnalysis, n_frames: int) -> np.ndarray:
    beats = np.round(np.asarray(music.beat_times_s, dtype=float)[::2] * FRAME_RATE_HZ).astype(int)
    if len(beats) < 2:
        beats = np.arange(0, n_frames + 30, round(_POSE_EVERY_S * FRAME_RATE_HZ))
    inside = beats[(beats > 0) & (beats < n_frames)]
    return np.unique(np.concatenate([[0], inside, [max(n_frames, 1)]]))
