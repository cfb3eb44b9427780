"""Feet that leave the floor before they travel over it: the heel peels off over the ball, then the whole foot clears.

Dancers roll off a foot and on to it: in walking the heel is up before the toes push off, and the sole clears the
floor by one to two centimetres in mid-swing (Winter 1992, "Foot trajectory in human gait", Physical Therapy 72).
Made feet leave flat, and for a frame or two travel with the sole on the floor.
"""

from __future__ import annotations

import numpy as np

from engine.motion import house, quaternion
from engine.motion.foot_plan import RIGHT_TO_LEFT, UP, Feet, headings_rad
from engine.motion.signals import smoothed, smoothstep

# A foot travels when ankle or ball goes this fast over the floor; below the first of the pair it does not.
TRAVELS_M_S = (0.15, 0.27)
# Heights above those in a flat foot that the ankle, and in mid-swing the ball, have while the foot travels.
HEEL_CLEARANCE_M, BALL_CLEARANCE_M = 0.028, 0.012
# A foot that goes faster than the first clears the floor by so much more for every m/s: nine in ten captured dance
# steps do, `bench feet` prints their heights. Up to so much more speed.
_FAST_M_S, _HIGHER_M_PER_M_S, _MOST_FASTER_M_S = 1.25, 0.009, 2.5
# The heel takes about so long to peel off and to come down, the ball to rise: widths of the bells that they follow.
_HEEL_SIGMA_S, _BALL_SIGMA_S = 0.05, 0.03
_MOST_RISE_RAD = 0.45
_BALL_LOW_M = (0.04, 0.07)
_NOTHING = 1e-5
_TO_BALL_M = house.HOUSE.offsets_m[house.LEGS[0][3]]
_REST_M = house.CONTACT_REST_HEIGHTS_M[:2]
_FOOT_M = float(np.hypot(_TO_BALL_M[1], _TO_BALL_M[2]))


def cleared(plan: Feet, contacts: np.ndarray, presence: np.ndarray, frame_rate_hz: float) -> Feet:
    """The planned feet with heels, and swinging soles, up while they travel.

    A foot whose ball is pinned keeps the ball's place and the toes' turn to the last bit.

    Args:
        plan: F feet, [T, F, ...].
        contacts: Which of ankle and toe are pinned, bool [T, F, 2].
        presence: How much of it is done at each frame, 0 to 1, [T].
        frame_rate_hz: Of the frames.
    """
    ball_m_s = _fastest_m_s(plan.ball_m, frame_rate_hz)
    travels = np.maximum(_travels(_fastest_m_s(plan.ankle_m, frame_rate_hz)), _travels(ball_m_s))
    # Heights are of the ankle over the ball's circle: what lifting the ball gives, the heel need not.
    free = ~(contacts[..., 0] | contacts[..., 1])
    clear_m = BALL_CLEARANCE_M + _HIGHER_M_PER_M_S * np.clip(ball_m_s - _FAST_M_S, 0.0, _MOST_FASTER_M_S)
    lift = _bell(travels * free * (_REST_M[1] + clear_m - plan.ball_m[..., 1]), _BALL_SIGMA_S * frame_rate_hz)
    lift *= np.minimum(_since(free), 2.0) / 2.0 * presence[:, np.newaxis]
    # Where the ball is up a foot lands, or is flung, heel first: it is clear as it is.
    low = 1.0 - smoothstep((plan.ball_m[..., 1] - _REST_M[1] - _BALL_LOW_M[0]) / (_BALL_LOW_M[1] - _BALL_LOW_M[0]))
    lacking = low * travels * (_REST_M[0] + HEEL_CLEARANCE_M - plan.ankle_m[..., 1] - lift)
    height = np.clip((plan.ankle_m - plan.ball_m)[..., 1] / _FOOT_M, -1.0, 1.0)
    raised = np.clip(height + np.maximum(lacking, 0.0) / _FOOT_M, -1.0, 0.98)
    rise = np.minimum(np.arcsin(raised) - np.arcsin(np.minimum(height, raised)), _MOST_RISE_RAD)
    rise = _bell(np.where(contacts[..., 0] & ~contacts[..., 1], 0.0, rise), _HEEL_SIGMA_S * frame_rate_hz)
    rise *= presence[:, np.newaxis]
    if not (rise.any() or lift.any()):
        return plan
    heading = quaternion.from_axis_angle(UP, headings_rad(plan.rotation))
    axis = quaternion.rotate(heading, RIGHT_TO_LEFT)
    turn = quaternion.from_rotation_vector(rise[..., np.newaxis] * axis)
    rotation = np.where(rise[..., np.newaxis] > 0.0, quaternion.multiply(turn, plan.rotation), plan.rotation)
    ball = plan.ball_m + lift[..., np.newaxis] * UP
    moved = ((rise > 0.0) | (lift > 0.0))[..., np.newaxis]
    ankle = np.where(moved, ball - quaternion.rotate(rotation, _TO_BALL_M), plan.ankle_m)
    return Feet(ankle, ball, rotation, plan.toe_rotation)


def _fastest_m_s(points_m: np.ndarray, frame_rate_hz: float) -> np.ndarray:
    """How fast points [T, F, 3] go over the floor to the next frame or from the last, whichever is more, [T, F]."""
    if len(points_m) < 2:
        return np.zeros(points_m.shape[:2])
    steps = np.linalg.norm(np.diff(points_m[..., [0, 2]], axis=0), axis=-1) * frame_rate_hz
    none = np.zeros_like(steps[:1])
    fastest: np.ndarray = np.maximum(np.concatenate([steps, none]), np.concatenate([none, steps]))
    return fastest


def _travels(speeds_m_s: np.ndarray) -> np.ndarray:
    """How much feet travel, 0 to 1, that go so fast."""
    return smoothstep((speeds_m_s - TRAVELS_M_S[0]) / (TRAVELS_M_S[1] - TRAVELS_M_S[0]))


def _bell(need: np.ndarray, sigma_frames: float) -> np.ndarray:
    """A smooth curve over time that is nowhere below a need [T, F] above zero, and zero away from it."""
    need = np.maximum(need, 0.0)
    if not need.any():
        return need
    reach = max(1, round(1.5 * sigma_frames))
    padded = np.pad(need, ((reach, reach), (0, 0)), mode="edge")
    widest = np.lib.stride_tricks.sliding_window_view(padded, 2 * reach + 1, axis=0).max(axis=-1)
    bell = smoothed(widest, sigma_frames)
    return np.where(bell > _NOTHING, bell, 0.0)


def _since(free: np.ndarray) -> np.ndarray:
    """How many frames away the nearest frame is at which a foot is not free, [T, F]; many where there is none."""
    frames = np.arange(len(free))[:, np.newaxis]
    before = np.maximum.accumulate(np.where(free, -len(free), frames), axis=0)
    after = np.minimum.accumulate(np.where(free, 2 * len(free), frames)[::-1], axis=0)[::-1]
    return np.minimum(frames - before, after - frames).astype(float)
