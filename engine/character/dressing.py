"""A dance put on a body of other proportions: the same turns, the same way over the floor, the same footprints."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from engine.character.character import Character
from engine.motion import house, ik, quaternion
from engine.motion.contacts import contacts_of
from engine.motion.foot_plan import BLEND_S, FORWARD, HEEL_M, distance_fade
from engine.motion.kinematics import branch
from engine.motion.motion import Motion
from engine.motion.signals import smoothed, smoothstep
from engine.motion.skeleton import Skeleton

_HIPS, _KNEES, _ANKLES, _BALLS = (list(joints) for joints in zip(*house.LOWER_LEGS, strict=True))
_FEET = [house.LOWER_BODY.index(joint) for joint in house.CONTACT_JOINTS]
_HEIGHT = np.array([0.0, 1.0, 0.0])
# A standing leg is at least so straight, as a share of its length, before the hips sink for it.
_SUPPORT_REACH = 0.985
# The hips sink by no more than this share of their height: what a foot then lacks, it slides.
_MOST_DROP = 0.25
# What lies on the floor, and comes no nearer to it by being on another body: all but the feet, below this height.
_RESTING_M, _RESTING_BLEND_M = 0.08, 0.05
_RESTING_JOINTS = [j for j in range(house.HOUSE.n_joints) if j not in house.CONTACT_JOINTS]


def dressed(motion: Motion, body: Character) -> Motion:
    """The motion on a body's own lengths; the very same object for the neutral body of 1.70 m.

    Every joint keeps its global turn, and the hips keep their way over the floor and rise and fall in
    proportion to the legs. A foot that rests on the floor does so at the source's place, its ball on the
    source's ball, by bending the leg; in the air it goes where the body's own lengths bring it, and it passes
    from one to the other within 0.2 s. The hips sink, smoothly, where a leg is too short for a step, and rise
    where a hand or a knee that rests on the floor would go through it.

    Args:
        motion: On the house skeleton, standing on y = 0.
        body: Whose lengths.
    """
    if motion.skeleton.names != house.HOUSE.names:
        raise ValueError("only motions on the house skeleton can be put on a body")
    if body.skeleton is house.HOUSE or motion.n_frames == 0:
        return motion
    lengths = body.skeleton
    size = lengths.offsets_m[0, 1] / house.HOUSE.offsets_m[0, 1]
    root = motion.root_positions_m * (1.0 + (size - 1.0) * _HEIGHT)
    scaled = Motion(lengths, motion.frame_rate_hz, root, np.array(motion.local_rotations, dtype=float))
    scaled = _raised(scaled, _kept_off_floor_m(motion, scaled, size))
    return _on_footprints(motion, scaled)


def _raised(motion: Motion, by_m: np.ndarray) -> Motion:
    if not by_m.any():
        return motion
    return replace(motion, root_positions_m=motion.root_positions_m + by_m[:, np.newaxis] * _HEIGHT)


def _kept_off_floor_m(source: Motion, scaled: Motion, size: float) -> np.ndarray:
    """How far the body must rise for what rests on the floor not to go through it, metres, [T]."""
    before, after = (m.positions_m()[:, _RESTING_JOINTS, 1] for m in (source, scaled))
    is_near = smoothstep((_RESTING_M + _RESTING_BLEND_M - before) / _RESTING_BLEND_M)
    need = np.max(is_near * np.maximum(size * before - after, 0.0), axis=1)
    return _smooth_reach_m(need, source.frame_rate_hz)


def _smooth_reach_m(need_m: np.ndarray, frame_rate_hz: float) -> np.ndarray:
    """A smooth way that lies nowhere below `need_m`, but for a millimetre, [T]."""
    if not (need_m > 1e-4).any():
        return np.zeros(len(need_m))
    sigma = 0.5 * BLEND_S * frame_rate_hz
    reach = round(1.5 * sigma)
    padded = np.pad(need_m, reach, mode="edge")
    widest = np.lib.stride_tricks.sliding_window_view(padded, 2 * reach + 1).max(axis=-1)
    return np.maximum(smoothed(widest, sigma), 0.0)


def _on_footprints(source: Motion, scaled: Motion) -> Motion:
    """The motion on other lengths with its resting feet where the source's rest."""
    theirs, ours = source.branch(house.LOWER_BODY), scaled.branch(house.LOWER_BODY)
    before, turns = theirs.global_transforms()
    after = ours.positions_m()
    contacts = contacts_of(before[:, _FEET], source.frame_rate_hz, floor_m=0.0).reshape(-1, 2, 2)
    is_resting: np.ndarray = contacts[..., 0] | contacts[..., 1]
    blend = BLEND_S * source.frame_rate_hz
    held = np.stack([1.0 - distance_fade(is_resting[:, foot], blend) for foot in range(2)], axis=-1)
    held *= is_resting.any(axis=0)
    ankles = _wanted_ankles_m(before, after, turns, held, ours.skeleton)
    drop = _drop_m(before, after, ankles, held, ours.skeleton, source.frame_rate_hz)
    moved = np.linalg.norm(ankles - after[:, _ANKLES], axis=-1) > 1e-6
    rows = np.flatnonzero(moved.any(axis=1) | (drop > 1e-6))
    if len(rows) == 0:
        return scaled
    root, local = scaled.root_positions_m.copy(), scaled.local_rotations.copy()
    root[:, 1] -= drop
    places = after[rows] - drop[rows, np.newaxis, np.newaxis] * _HEIGHT
    legs = ik.reach_all(
        ours.skeleton, places, turns[rows], ours.local_rotations[rows], [leg[:3] for leg in house.LOWER_LEGS],
        ankles[rows], turns[rows][:, _ANKLES], quaternion.rotate(turns[rows][:, _HIPS], FORWARD),
    )  # fmt: skip
    for leg, joints in zip(house.LEGS, house.LOWER_LEGS, strict=True):
        local[rows[:, np.newaxis], leg[:3]] = legs[:, joints[:3]]
    return replace(scaled, root_positions_m=root, local_rotations=local)


def _wanted_ankles_m(
    before: np.ndarray, after: np.ndarray, turns: np.ndarray, held: np.ndarray, lengths: Skeleton
) -> np.ndarray:
    """Where the ankles should be, metres, [T, 2, 3]; `held` [T, 2] says how much a foot is kept on its footprint."""
    to_ball = quaternion.rotate(turns[:, _ANKLES], lengths.offsets_m[_BALLS])
    foot = _foot_scale(lengths)
    # The foot is shrunk or grown about its footprint: every point of the sole is as high as it was, in proportion.
    print_m = before[:, _BALLS] * (1.0 + (foot - 1.0) * _HEIGHT)
    balls = after[:, _BALLS] + held[..., np.newaxis] * (print_m - after[:, _BALLS])
    lowest = balls[..., 1] + _lowest_of_foot_m(turns, lengths)
    source = before[:, _BALLS, 1] + _lowest_of_foot_m(turns, branch(house.HOUSE, house.LOWER_BODY))
    balls[..., 1] += np.maximum(np.minimum(foot * source, 0.0) - lowest, 0.0)
    return balls - to_ball


def _foot_scale(lengths: Skeleton) -> float:
    ball = house.LEGS[0][3]
    return float(np.linalg.norm(lengths.offsets_m[_BALLS[0]]) / np.linalg.norm(house.HOUSE.offsets_m[ball]))


def _lowest_of_foot_m(turns: np.ndarray, lengths: Skeleton) -> np.ndarray:
    """How far below the ball the lowest of heel, ball and tip of the toes lies, metres (0 or less), [T, 2]."""
    thickness = float(house.CONTACT_REST_HEIGHTS_M[1]) * _foot_scale(lengths)
    heel = quaternion.rotate(turns[:, _ANKLES], HEEL_M * _foot_scale(lengths) - lengths.offsets_m[_BALLS])[..., 1]
    tip = quaternion.rotate(turns[:, _BALLS], lengths.tips_m[_BALLS])[..., 1] - thickness
    return np.minimum(np.minimum(heel, tip), -thickness)


def _drop_m(
    before: np.ndarray, after: np.ndarray, ankles_m: np.ndarray, held: np.ndarray, lengths: Skeleton,
    frame_rate_hz: float,
) -> np.ndarray:  # fmt: skip
    """How far the hips must sink for the resting feet to be reached, metres, [T]."""
    bones = [np.linalg.norm(s.offsets_m[[_KNEES[0], _ANKLES[0]]], axis=1).sum() for s in (
        branch(house.HOUSE, house.LOWER_BODY), lengths)]  # fmt: skip
    straight = np.linalg.norm(before[:, _ANKLES] - before[:, _HIPS], axis=-1) / bones[0]
    reach = bones[1] * np.clip(straight, _SUPPORT_REACH, ik.EXACT_REACH)
    line = after[:, _HIPS] - ankles_m
    aside = line[..., 0] ** 2 + line[..., 2] ** 2
    lacking = np.maximum(line[..., 1] - np.sqrt(np.maximum(reach**2 - aside, 0.0)), 0.0)
    need = np.minimum((held * lacking).max(axis=1), _MOST_DROP * after[:, 0, 1].clip(0.0))
    return _smooth_reach_m(need, frame_rate_hz)
