"""A dance on another path: each stance is moved as a whole, and what moves on between stances is spread over the swing.

Root and feet that are all moved frame by frame slide; feet that are held where the path finds them drag at the body.
Here a foot's stance gets the one place and turn that the new path has in the middle of it, so it stands, rolls and
even slides exactly as it did, and only its steps become other ones.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from engine.motion import house, ik, quaternion
from engine.motion.floor import feet_down
from engine.motion.foot_lock import smooth_drop_m
from engine.motion.foot_plan import BLEND_S, SUPPORT_REACH, distance_fade
from engine.motion.motion import Motion
from engine.motion.signals import runs, smoothstep, velocity

_UP = np.array([0.0, 1.0, 0.0])
_HIPS, _KNEES, _ANKLES, _BALLS = (list(joints) for joints in zip(*house.LOWER_LEGS, strict=True))
_STRAIGHT = 1.0 - 1e-12
MOST_SINK_M = 0.12
# A foot on the floor that goes faster than this slides and does not stand; it goes with the body.
SLIDES_M_S = 0.6
# A foot that is long in the air goes there for less than this before it is down, and minds no longer where it was.
MOST_FADE_S = 0.5


def restepped(motion: Motion, root_m: np.ndarray, yaw_rad: np.ndarray, keep: np.ndarray) -> Motion:
    """The house motion with its root at `root_m`, [T, 3], and turned about the vertical by `yaw_rad`, [T].

    Feet that are down and do not slide stay together with the floor as they did: a stance is moved as a whole,
    by what the path is moved in its middle, or not at all where it reaches into frames that are kept. The hips sink,
    smoothly and by no more than 12 cm, where a leg that stands grows too short.

    Args:
        motion: Standing on y = 0.
        root_m: May differ from the motion's over the floor alone.
        yaw_rad: Unrolled: it is interpolated.
        keep: Bool [T], frames that come back bit for bit; root and turn must be those of before there.
    """
    places, _ = motion.branch(house.LOWER_BODY).global_transforms()
    feet = np.stack([places[:, _ANKLES], places[:, _BALLS]], axis=2)
    stands = feet_down(feet) & (_slides_m_s(feet, motion.frame_rate_hz) < SLIDES_M_S)
    path = _Path(motion.root_positions_m, root_m, yaw_rad)
    most_fade = round(MOST_FADE_S * motion.frame_rate_hz)
    goals, feet_yaw = np.empty(feet[:, :, 0].shape), np.empty(stands.shape)
    for foot in range(2):
        goals[:, foot], feet_yaw[:, foot] = _carried(path, feet[:, foot, 0], stands[:, foot], keep, most_fade)
    local = motion.local_rotations.copy()
    turned = quaternion.multiply(quaternion.from_axis_angle(_UP, yaw_rad[~keep]), local[~keep, 0])
    local[~keep, 0] = turned
    after = replace(motion, root_positions_m=root_m, local_rotations=local)
    return _on_feet(motion, after, goals, feet_yaw, stands, keep)


@dataclass(frozen=True, eq=False)
class _Path:
    """What a new path does with a point that goes with the body: roots before and after [T, 3], turns [T]."""

    before_m: np.ndarray
    after_m: np.ndarray
    yaw_rad: np.ndarray

    def taken(self, points_m: np.ndarray, key: int | np.ndarray) -> np.ndarray:
        """Points [N, 3] moved as the path is at frame `key`, or at frames [N]; unmoved where that is -1."""
        turn = quaternion.from_axis_angle(_UP, np.atleast_1d(self.yaw_rad[key]))
        there = quaternion.rotate(turn, points_m - self.before_m[key]) + self.after_m[key]
        return np.where(np.asarray(key)[..., np.newaxis] >= 0, there, points_m)


def _slides_m_s(feet_m: np.ndarray, frame_rate_hz: float) -> np.ndarray:
    """How fast each foot goes over the floor, m/s, [T, 2]: the less of ankle and toe, so that a turn on it is none."""
    speeds = np.linalg.norm(velocity(feet_m, frame_rate_hz)[..., [0, 2]], axis=-1)
    least: np.ndarray = speeds.min(axis=-1)
    return least


def _carried(
    path: _Path, ankle_m: np.ndarray, stands: np.ndarray, keep: np.ndarray, most_fade: int
) -> tuple[np.ndarray, np.ndarray]:
    """Where one foot's ankle comes to be, [T, 3], and how far the foot is turned, radians [T].

    While it stands it is moved as the path is in the middle of its stance. In a swing it goes with the path; what its
    stances are off the path at either end of it dies away across it, within `most_fade` frames.
    """
    n = len(ankle_m)
    place, yaw = path.taken(ankle_m, np.arange(n)), path.yaw_rad.copy()
    spans = _stances(stands, keep)
    off_place, off_yaw = np.zeros((n + 2, 3)), np.zeros(n + 2)
    for a, b, key in spans:
        off_place[a + 1 : b + 1] = path.taken(ankle_m[a:b], key) - place[a:b]
        off_yaw[a + 1 : b + 1] = (path.yaw_rad[key] if key >= 0 else 0.0) - yaw[a:b]
    edges = [0, *(edge for a, b, _ in spans for edge in (a, b)), n]
    for a, b in zip(edges[::2], edges[1::2], strict=True):
        leaves, comes = _fades(b - a, most_fade)
        for off in (off_place, off_yaw):
            ends = off[a], off[b + 1]
            off[a + 1 : b + 1] = np.multiply.outer(leaves, ends[0]) + np.multiply.outer(comes, ends[1])
    return place + off_place[1:-1], yaw + off_yaw[1:-1]


def _stances(stands: np.ndarray, keep: np.ndarray) -> list[tuple[int, int, int]]:
    """Spans in which one foot is moved as a whole: [start, end), and by what its path is at which frame.

    That frame is -1 where it is not moved: in kept frames, and in a stance that reaches into them.
    """
    fixed = keep.copy()
    free = []
    for a, b in runs(stands):
        if keep[a:b].any():
            fixed[a:b] = True
        else:
            free.append((a, b, (a + b) // 2))
    return sorted([*free, *((a, b, -1) for a, b in runs(fixed))])


def _fades(n: int, most: int) -> tuple[np.ndarray, np.ndarray]:
    """How what a foot is off its path at either end of a swing of `n` frames dies away, and comes, [n] both."""
    at_once = min(n, most)
    passed = np.arange(1, n + 1) / (at_once + 1.0)
    left = passed[::-1]
    return 1.0 - smoothstep(passed), 1.0 - smoothstep(left)


def _on_feet(
    before: Motion, after: Motion, ankles_m: np.ndarray, feet_yaw_rad: np.ndarray, down: np.ndarray, keep: np.ndarray
) -> Motion:
    """`after` on feet whose ankles are at [T, 2, 3], turned by [T, 2] from those of `before`; the legs are solved."""
    lower = after.branch(house.LOWER_BODY)
    places, turns = lower.global_transforms()
    old, old_turns = before.branch(house.LOWER_BODY).global_transforms()
    facing = quaternion.multiply(quaternion.from_axis_angle(_UP, feet_yaw_rad), old_turns[:, _ANKLES])
    lengths = quaternion.length(lower.skeleton.offsets_m[_KNEES]) + quaternion.length(lower.skeleton.offsets_m[_ANKLES])
    # A leg may be as straight as it was.
    most = np.clip(quaternion.length(old[:, _ANKLES] - old[:, _HIPS]) / lengths, SUPPORT_REACH, _STRAIGHT)
    line = places[:, _HIPS] - ankles_m
    height = np.sqrt(np.maximum((most * lengths) ** 2 - line[..., 0] ** 2 - line[..., 2] ** 2, 0.0))
    need = np.where(down, np.maximum(line[..., 1] - height, 0.0), 0.0).max(axis=1)
    sink = smooth_drop_m(need, MOST_SINK_M, after.frame_rate_hz) * distance_fade(keep, BLEND_S * after.frame_rate_hz)
    places[..., 1] -= sink[:, np.newaxis]
    hints = quaternion.rotate(turns[:, _HIPS], np.array([0.0, 0.0, 1.0]))
    legs = ik.reach_all(
        lower.skeleton, places, turns, lower.local_rotations, [leg[:3] for leg in house.LOWER_LEGS], ankles_m, facing,
        hints, exact_reach=most[..., np.newaxis],
    )  # fmt: skip
    changed = quaternion.length(ankles_m - lower.global_transforms()[0][:, _ANKLES]) > 1e-9
    changed |= (sink > 0.0)[:, np.newaxis]
    local, root = after.local_rotations.copy(), after.root_positions_m.copy()
    for side, leg in enumerate(house.LEGS):
        rows = np.flatnonzero(changed[:, side] & ~keep)
        local[rows[:, np.newaxis], leg[:3]] = legs[rows][:, house.LOWER_LEGS[side][:3]]
    root[:, 1] -= sink
    return replace(after, root_positions_m=root, local_rotations=local)
