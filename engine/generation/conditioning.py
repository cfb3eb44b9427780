"""What the generator is told besides motion: the music's beats and loudness, the wanted effort.

One convention for training, where both are measured on the motion itself, and for generation,
where they come from the song and the sliders.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from engine.motion import quaternion
from engine.motion.house import FRAME_RATE_HZ, JOINT
from engine.motion.motion import Motion
from engine.motion.signals import smoothed, velocity

# Music channels, one row a frame.
MUSIC_CHANNELS = ("accent", "beat_sin", "beat_cos", "beat_rate", "has_beat", "loudness")
# Effort channels, one row a frame; physical units, normalised by the checkpoint's statistics.
EFFORTS = ("energy", "suddenness", "expansion", "height", "uprightness", "bounce")
ACCENT_SIGMA_FRAMES = 1.5
_EFFORT_SIGMA_S = 0.75


def music_channels(
    n_frames: int, beat_frames: np.ndarray, strengths: np.ndarray, loudness: np.ndarray
) -> np.ndarray:
    """Music rows for the generator, float32 [T, 6], in the order of MUSIC_CHANNELS.

    Args:
        n_frames: T.
        beat_frames: Where accents fall, in frames, ascending, may be fractional and lie outside, [N].
        strengths: How strong each is, 0 to 1, [N].
        loudness: 0 (silent) to 1 (the loudest of the piece), [T].

    Beats further apart than 2 s count as no beat: the phase is then unknown and `has_beat` zero.
    """
    rows = np.zeros((n_frames, len(MUSIC_CHANNELS)), dtype=np.float32)
    rows[:, 5] = loudness
    if len(beat_frames) == 0:
        return rows
    t = np.arange(n_frames, dtype=float)
    rows[:, 0] = _accents(t, beat_frames, strengths)
    if len(beat_frames) < 2:
        return rows
    following = np.clip(np.searchsorted(beat_frames, t, side="right"), 1, len(beat_frames) - 1)
    before, after = beat_frames[following - 1], beat_frames[following]
    period = np.maximum(after - before, 1.0)
    phase = 2.0 * np.pi * (t - before) / period
    known = (t >= before) & (t <= after) & (period <= 2.0 * FRAME_RATE_HZ)
    rows[:, 1], rows[:, 2] = np.sin(phase) * known, np.cos(phase) * known
    rows[:, 3] = known * (FRAME_RATE_HZ / period) / 2.0
    rows[:, 4] = known
    return rows


def _accents(t: np.ndarray, beat_frames: np.ndarray, strengths: np.ndarray) -> np.ndarray:
    """A bell of each beat's strength around it, the higher where two meet, at frames [T]."""
    out = np.zeros(len(t))
    reach = 8.0 * ACCENT_SIGMA_FRAMES  # beyond, the bell is below what float32 tells from zero beside one
    first = np.searchsorted(t, beat_frames - reach)
    end = np.searchsorted(t, beat_frames + reach)
    # Beat by beat: a table of all frames by all beats would take gigabytes for a song of twenty minutes.
    for beat, strength, a, b in zip(beat_frames, strengths, first, end, strict=True):
        bell = strength * np.exp(-0.5 * ((t[a:b] - beat) / ACCENT_SIGMA_FRAMES) ** 2)
        out[a:b] = np.maximum(out[a:b], bell)
    return out


def joint_speed_m_s(positions_m: np.ndarray) -> np.ndarray:
    """Mean speed of all joints in metres per second, [T], of positions [T, J, 3]."""
    if len(positions_m) < 2:
        return np.zeros(len(positions_m))
    speed = quaternion.length(np.diff(positions_m, axis=0)).mean(axis=-1) * FRAME_RATE_HZ
    return np.concatenate([speed, speed[-1:]])


def effort_curves(motion: Motion, smooth: bool = True, positions_m: np.ndarray | None = None) -> np.ndarray:
    """What the movement's effort is at every frame, [T, 6] in the order of EFFORTS.

    energy: mean joint speed, m/s. suddenness: mean joint acceleration over speed, 1/s (Laban's
    time). expansion: mean distance of hands, feet and head from the hips, m (Laban's space; the
    "extension" of Aristidou et al. 2015). height: of the hips, m. uprightness: cosine between trunk
    and vertical. bounce: size of the hips' vertical swing within a second, m. Smoothed over about
    1.5 s unless `smooth` is false. `positions_m` are the motion's global positions [T, J, 3] where they are known.
    """
    p = motion.positions_m() if positions_m is None else positions_m
    speed = joint_speed_m_s(p)
    sudden = quaternion.length(velocity(velocity(p, FRAME_RATE_HZ), FRAME_RATE_HZ)).mean(axis=-1) / (speed + 0.1)
    ends = p[:, [JOINT[n] for n in ("LeftHand", "RightHand", "LeftFoot", "RightFoot", "Head")]]
    expansion = quaternion.length(ends - p[:, :1]).mean(axis=-1)
    trunk = p[:, JOINT["Neck"]] - p[:, 0]
    upright = trunk[:, 1] / np.maximum(quaternion.length(trunk), 1e-6)
    slow = smoothed(p[:, 0, 1], 0.5 * FRAME_RATE_HZ)
    bounce = np.sqrt(np.maximum(smoothed((p[:, 0, 1] - slow) ** 2, 0.5 * FRAME_RATE_HZ), 0.0))
    rows = np.stack([speed, sudden, expansion, p[:, 0, 1], upright, bounce], axis=-1)
    return smoothed(rows, _EFFORT_SIGMA_S * FRAME_RATE_HZ) if smooth else rows


# How far each emotion at full strength moves each effort, in standard deviations of the training
# data. Signs and order after Wallbott 1998 (Eur. J. Soc. Psychol. 28: 879-896: joy and anger are
# large, fast and raised, sadness collapsed and slow), Camurri et al. 2003 (IJHCS 59: 213-225:
# joy fluid and expanded, grief slow and contracted, fear sudden and contracted) and Montepare et
# al. 1999 (J. Nonverbal Behav. 23: 133-152); the sizes are ours.
EMOTION_EFFORTS: dict[str, tuple[float, ...]] = {
    #            energy sudden expand height upright bounce
    "joy":      (+1.2, +0.2, +0.8, +0.5, +0.4, +0.8),
    "sorrow":   (-1.2, -0.8, -0.9, -0.8, -0.8, -0.7),
    "tension":  (+0.4, +1.2, -0.4, -0.4, -0.2, -0.2),
    "serenity": (-0.8, -1.0, +0.4, +0.2, +0.4, -0.5),
}  # fmt: skip


def emotion_effort(emotion: Mapping[str, float | np.ndarray], n_frames: int) -> np.ndarray:
    """Wanted effort, in standard deviations from the usual, [T, 6], of emotions 0 to 1 over time.

    Emotions add up; each value may be a number or an array [T].
    """
    rows = np.zeros((n_frames, len(EFFORTS)))
    for name, values in emotion.items():
        level = np.broadcast_to(np.asarray(values, dtype=float), (n_frames,))
        rows += level[:, None] * np.array(EMOTION_EFFORTS[name])
    return rows


