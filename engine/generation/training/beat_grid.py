"""Beats found in motion itself: there is no paired music, so the dance's own accents stand in for it."""

from __future__ import annotations

import numpy as np

from engine.generation.conditioning import joint_speed_m_s
from engine.motion.house import FRAME_RATE_HZ
from engine.motion.signals import smoothed

# Periods of 12 to 26 frames: 69 to 150 beats a minute. Dancers step at these rates; slower pulses are
# found as their doubles, which the generator cannot tell from the music's own.
_PERIODS_FRAMES = np.arange(12.0, 26.5, 0.5)
_SNAP_FRAMES = 3.0


def accent_strengths(positions_m: np.ndarray, beats_frame: np.ndarray) -> np.ndarray:
    """How marked each kinematic beat is, 0 to 1, [N]: the depth of the dip in joint speed."""
    speed = smoothed(joint_speed_m_s(positions_m), 1.5)
    reach = 8
    out = np.zeros(len(beats_frame))
    for i, beat in enumerate(beats_frame):
        around = speed[max(0, beat - reach) : beat + reach + 1]
        out[i] = 1.0 - speed[beat] / max(float(around.max()), 1e-6)
    return np.clip(1.2 * out, 0.0, 1.0)


def fit_grid(n_frames: int, beats_frame: np.ndarray, strengths: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """A pulse through kinematic beats: its beats in frames and their strengths, both [M].

    Dynamic programming over the accents (Ellis 2007, "Beat tracking by dynamic programming") for each
    candidate period; the period whose pulse gathers most accent a beat wins, with a mild preference for
    110 beats a minute. Pulse beats within 3 frames of an accent move onto it; the others keep their
    place with strength zero.
    """
    if len(beats_frame) < 3:
        return beats_frame.astype(float), strengths
    t = np.arange(n_frames, dtype=float)
    near = np.exp(-0.5 * ((t[:, None] - beats_frame[None]) / 1.5) ** 2) * strengths[None]
    novelty = near.max(axis=1)
    best: tuple[float, np.ndarray] = (-np.inf, beats_frame.astype(float))
    for period in _PERIODS_FRAMES:
        path = _track(novelty, float(period))
        share = float(novelty[path].mean()) / max(float(novelty.mean()), 1e-6)
        covered = float(novelty[path].sum()) / max(float(strengths.sum()), 1e-6)
        preferred = np.exp(-0.5 * (np.log2(60.0 * FRAME_RATE_HZ / period / 110.0) / 0.7) ** 2)
        score = share * np.sqrt(min(covered, 1.0)) * preferred
        if score > best[0]:
            best = (score, path)
    return _snap(best[1], beats_frame, strengths)


def _track(novelty: np.ndarray, period: float) -> np.ndarray:
    """The best chain of beats about `period` frames apart, int [M]."""
    low, high = max(1, round(0.75 * period)), round(1.33 * period)
    lags = np.arange(low, high + 1)
    penalty = -6.0 * np.log(lags / period) ** 2
    score, back = novelty.copy(), np.full(len(novelty), -1)
    for frame in range(low, len(novelty)):
        usable = lags <= frame
        options = score[frame - lags[usable]] + penalty[usable]
        pick = int(np.argmax(options))
        if options[pick] > 0.0:
            score[frame] += options[pick]
            back[frame] = frame - lags[usable][pick]
    frame = len(novelty) - high + int(np.argmax(score[-high:])) if len(novelty) > high else int(np.argmax(score))
    path = []
    while frame >= 0:
        path.append(frame)
        frame = int(back[frame])
    return np.array(path[::-1])


def _snap(path: np.ndarray, beats_frame: np.ndarray, strengths: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    distance = np.abs(path[:, None] - beats_frame[None])
    nearest = distance.argmin(axis=1)
    close = distance[np.arange(len(path)), nearest] <= _SNAP_FRAMES
    beats = np.where(close, beats_frame[nearest], path).astype(float)
    out = np.where(close, np.maximum(strengths[nearest], 0.3), 0.0)
    beats, first = np.unique(beats, return_index=True)
    return beats, out[first]
