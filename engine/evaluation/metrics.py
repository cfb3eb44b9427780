"""Numbers that say how a dance moves: feet, floor, freezing, jitter, and whether it keeps the beat.

Published figures depend on the frame rate, so each metric resamples to the rate it is defined at. Feet are
judged on the house skeleton, whose flat foot has its ankle at 8 cm and its toe joint at 2 cm.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine import timebase
from engine.motion.contacts import contact_positions_m, floor_height_m
from engine.motion.floor import body_points_m, feet_down
from engine.motion.motion import Motion
from engine.motion.movements import kinematic_beats
from engine.motion.resample import resampled

FOOT_RATE_HZ = 30.0
SLIDE_M_PER_FRAME = 0.01
FROZEN_SHARE = 0.05
BEAT_SIGMA_S = 0.05
BEAT_TOLERANCE_S = 0.1
N_SHIFTS = 20
_GOLDEN = (5.0**0.5 - 1.0) / 2.0


# --- feet and floor --------------------------------------------------------------------------


def foot_skating(motion: Motion) -> float:
    """Foot skating ratio: share of frames with a foot on the floor in which it slides, 0 to 1.

    Lodge (Li et al. 2024) at 30 fps: a foot is on the floor while its ankle is less than 2 cm and its
    toe less than 5 cm above their heights in a flat foot; it slides when ankle or toe moves more than
    1 cm a frame (0.3 m/s) horizontally; the mean of both feet, of those that touch the floor at all.
    Their code averages signed x and z steps, which cancel on diagonals; this takes the length. The
    floor is the clip's own (`floor_height_m`). 0 when no foot is ever down.
    """
    feet, down = _feet_on_floor(motion)
    if len(feet) < 2:
        return 0.0
    steps = np.linalg.norm(np.diff(feet[..., [0, 2]], axis=0), axis=-1)
    slides = (steps > SLIDE_M_PER_FRAME).any(axis=-1)
    down = down[:-1]
    ratios = [float(slides[down[:, foot], foot].mean()) for foot in (0, 1) if down[:, foot].any()]
    return float(np.mean(ratios)) if ratios else 0.0


def slide_speed_m_s(motion: Motion) -> float:
    """Mean horizontal speed of the toe joint while its foot is on the floor as in `foot_skating`, m/s."""
    feet, down = _feet_on_floor(motion)
    if len(feet) < 2 or not down[:-1].any():
        return 0.0
    steps = np.linalg.norm(np.diff(feet[:, :, 1][..., [0, 2]], axis=0), axis=-1)
    return float(steps[down[:-1]].mean() * FOOT_RATE_HZ)


def _feet_on_floor(motion: Motion) -> tuple[np.ndarray, np.ndarray]:
    """Ankle and toe of each foot at 30 fps, metres, [T, 2, 2, 3], and whether it is down, [T, 2]."""
    motion = resampled(motion, FOOT_RATE_HZ)
    feet = contact_positions_m(motion).reshape(-1, 2, 2, 3)
    return feet, feet_down(feet, floor_height_m(motion))


def penetration(motion: Motion) -> float:
    """How deep the body is under the floor y = 0, metres: its deepest point, mean over all frames.

    Soles count (heel, ball and tip of the foot), and every other joint as a point.
    """
    lowest = body_points_m(*motion.global_transforms())[..., 1].min(axis=1)
    return float(np.maximum(-lowest, 0.0).mean()) if len(lowest) else 0.0


def physical_foot_contact(motion: Motion) -> float:
    """PFC of EDGE (Tseng et al. 2023, Eq. 10), at 30 fps; no unit, lower is better.

    10^4 times the mean over frames of: the root's acceleration (downward part left out), over its maximum
    in the clip, times for each foot the smaller horizontal displacement of ankle and toe, metres a
    frame. It is 0 for a frozen figure: read it beside `motion_magnitude`. The root stands in for the
    centre of mass, as in their code.
    """
    motion = resampled(motion, FOOT_RATE_HZ)
    if motion.n_frames < 3:
        return 0.0
    acceleration = np.diff(motion.root_positions_m, n=2, axis=0) * FOOT_RATE_HZ**2
    acceleration[:, 1] = np.maximum(acceleration[:, 1], 0.0)
    size = np.linalg.norm(acceleration, axis=-1)
    feet = contact_positions_m(motion).reshape(-1, 2, 2, 3)[..., [0, 2]]
    steps = np.linalg.norm(np.diff(feet, axis=0), axis=-1).min(axis=-1)[1:]
    largest = float(size.max())
    return 1e4 * float((steps[:, 0] * steps[:, 1] * size).mean()) / largest if largest > 0.0 else 0.0


# --- how much it moves -----------------------------------------------------------------------


def motion_magnitude(motion: Motion) -> float:
    """Mean speed of all joints, m/s, at 30 fps. Compare with the real clips': both less and more are wrong."""
    speeds = _mean_joint_speeds_m_s(motion)
    return float(speeds.mean()) if len(speeds) else 0.0


def median_speed_m_s(motion: Motion) -> float:
    """Median over frames of the mean joint speed, m/s, at 30 fps: the reference that `freezing` asks for."""
    speeds = _mean_joint_speeds_m_s(motion)
    return float(np.median(speeds)) if len(speeds) else 0.0


def freezing(motion: Motion, reference_speed: float) -> float:
    """Share of frames, 0 to 1, in which the dancer stands like a statue.

    Mean joint speed under 5 % of `reference_speed`, m/s, the `median_speed_m_s` of the real clip (LRCM's
    percentage of frozen frames). Real dance has a few percent.
    """
    frozen = is_frozen(motion, reference_speed)
    return float(frozen.mean()) if len(frozen) else 0.0


def is_frozen(motion: Motion, reference_speed: float) -> np.ndarray:
    """Whether the dancer stands like a statue between each two frames at 30 fps, as in `freezing`, bool [T - 1]."""
    out: np.ndarray = _mean_joint_speeds_m_s(motion) < FROZEN_SHARE * reference_speed
    return out


def _mean_joint_speeds_m_s(motion: Motion) -> np.ndarray:
    positions = resampled(motion, FOOT_RATE_HZ).positions_m()
    return np.linalg.norm(np.diff(positions, axis=0), axis=-1).mean(axis=-1) * FOOT_RATE_HZ


def jitter(motion: Motion) -> float:
    """Mean length of the joints' second difference at 30 fps, millimetres a frame squared.

    In the world plus relative to the root (Motius). Real clips have 6 to 13; too little is stiff, too much
    shakes. Times 0.9 and over two it is roughly a mean acceleration in m/s^2.
    """
    positions = resampled(motion, FOOT_RATE_HZ).positions_m()
    if len(positions) < 3:
        return 0.0
    relative = positions - positions[:, :1]
    both = [np.linalg.norm(np.diff(p, n=2, axis=0), axis=-1).mean() for p in (positions, relative)]
    return 1000.0 * float(sum(both))


def mean_jerk_m_s3(motion: Motion) -> float:
    """Mean length of the joints' third difference at 30 fps as a jerk, m/s^3: where shaking shows first."""
    positions = resampled(motion, FOOT_RATE_HZ).positions_m()
    if len(positions) < 4:
        return 0.0
    return float(np.linalg.norm(np.diff(positions, n=3, axis=0), axis=-1).mean() * FOOT_RATE_HZ**3)


# --- beats -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class BeatAlignment:
    """How well a dance's kinematic beats fall on the music's. Scores and shares 0 to 1.

    A raw score means nothing: a random dance with two beats a second scores 0.25 on music at 120 BPM. Each
    lift is the score less its mean over 20 circular shifts of the music against the dance.

    Attributes:
        dance_to_music: Mean over kinematic beats of exp(-d^2 / 2 sigma^2), d to the nearest music
            beat, sigma 50 ms (FACT, Li et al. 2021).
        music_to_dance: The same over music beats, d to the nearest kinematic beat (Bailando).
        dance_to_music_lift, music_to_dance_lift: Those less chance, -1 to 1.
        precision: Share of kinematic beats within 100 ms of a music beat.
        precision_lift: That less chance.
        recall: Share of music beats within 100 ms of a kinematic beat.
        f1: Harmonic mean of precision and recall.
        n_kinematic_beats, n_music_beats: How many of each there were.
    """

    dance_to_music: float
    music_to_dance: float
    dance_to_music_lift: float
    music_to_dance_lift: float
    precision: float
    precision_lift: float
    recall: float
    f1: float
    n_kinematic_beats: int
    n_music_beats: int


def beat_alignment(
    kinematic_beats_s: np.ndarray, music_beats_s: np.ndarray, duration_s: float
) -> BeatAlignment:
    """Alignment of two ascending lists of beat times in seconds within [0, duration_s).

    The shifts follow the golden ratio, so that they hit all phases of a steady beat alike; the result
    is the same each time. Without beats on either side everything is 0.
    """
    dance, music = np.asarray(kinematic_beats_s, dtype=float), np.asarray(music_beats_s, dtype=float)
    if len(dance) == 0 or len(music) == 0 or duration_s <= 0.0:
        return BeatAlignment(0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, len(dance), len(music))
    here = _scores(dance, music)
    shifts = duration_s * ((_GOLDEN * np.arange(1, N_SHIFTS + 1)) % 1.0)
    chance = np.mean([_scores(dance, np.sort((music + shift) % duration_s)) for shift in shifts], axis=0)
    forward, backward, precision, recall = (float(x) for x in here)
    lift = here - chance
    f1 = 2.0 * precision * recall / (precision + recall) if precision + recall > 0.0 else 0.0
    return BeatAlignment(
        dance_to_music=forward,
        music_to_dance=backward,
        dance_to_music_lift=float(lift[0]),
        music_to_dance_lift=float(lift[1]),
        precision=precision,
        precision_lift=float(lift[2]),
        recall=recall,
        f1=f1,
        n_kinematic_beats=len(dance),
        n_music_beats=len(music),
    )


def kinematic_beat_times_s(motion: Motion) -> np.ndarray:
    """The motion's kinematic beats in seconds, [B]."""
    return np.array([timebase.time_of(int(frame), motion.frame_rate_hz) for frame in kinematic_beats(motion)])


def _scores(dance: np.ndarray, music: np.ndarray) -> np.ndarray:
    """Score dance to music and music to dance, precision, recall, [4]."""
    forward, backward = _to_nearest(dance, music), _to_nearest(music, dance)
    return np.array(
        [
            np.exp(-0.5 * (forward / BEAT_SIGMA_S) ** 2).mean(),
            np.exp(-0.5 * (backward / BEAT_SIGMA_S) ** 2).mean(),
            (forward <= BEAT_TOLERANCE_S).mean(),
            (backward <= BEAT_TOLERANCE_S).mean(),
        ]
    )


def _to_nearest(times_s: np.ndarray, others_s: np.ndarray) -> np.ndarray:
    """Distance in seconds from each time to the nearest of `others_s`, ascending and not empty."""
    after = np.searchsorted(others_s, times_s)
    right = others_s[np.minimum(after, len(others_s) - 1)]
    left = others_s[np.maximum(after - 1, 0)]
    return np.minimum(np.abs(times_s - left), np.abs(times_s - right))
