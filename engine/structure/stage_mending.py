"""Ways to bring a dance that leaves the stage back onto it: smaller steps, a bent path, a path that is turned.

All take the dance, the span, the finding and the limits of its rule, and leave what is outside the span as it is.
Where a way would ask for more than it is for, it gives the dance back as it was.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from engine.motion.motion import Motion
from engine.motion.restepping import SLIDES_M_S, restepped
from engine.motion.signals import smoothed, smoothstep, velocity
from engine.structure.body import Body
from engine.structure.finding import Finding
from engine.structure.mending import locked, window

Limits = Mapping[str, float]
# The hips are brought this far inside; what softening the bend leads out again is taken in once more.
_INSIDE_M = 0.1
_SOFT_S = 0.3
# A dance that begins or ends outside, or this short before, has that end free: it need not come back to it.
_FREE_S = 0.5
# The way that is taken off or added, as a share of the way that is danced at that moment: steps that much smaller, or
# led that much aside; the second is a dancer who goes nowhere.
_GENTLE, _ON_THE_SPOT = 0.6, 1.1
# Who stands is moved a little too, as a body sways; whoever is slower than this stands.
_STANDS_M_S = 0.12
# Of what a body goes while both feet stand, this much counts: it sways.
_SWAY = 0.3
_MOST_TURN_RAD_S = np.radians(60.0)
_TURNS_RAD = np.radians([s * deg for deg in range(15, 181, 15) for s in (1, -1)])
_FLOOR = [0, 2]


def stepped_in(motion: Motion, start: int, end: int, finding: Finding, limits: Limits) -> Motion:
    """The path bent inwards by smaller steps: it is moved only while the dancer travels, and feet stand as they did."""
    return _stepped_in(motion, start, end, finding, limits, _GENTLE)


def kept_on_the_spot(motion: Motion, start: int, end: int, finding: Finding, limits: Limits) -> Motion:
    """As `stepped_in`, where the steps may become steps on the spot."""
    return _stepped_in(motion, start, end, finding, limits, _ON_THE_SPOT)


def shifted_in(motion: Motion, start: int, end: int, finding: Finding, limits: Limits) -> Motion:
    """As `kept_on_the_spot`, for who is carried rather than steps: moved as a whole, feet locked where they rest."""
    way = _Way.of(motion, start, end, finding)
    by = way.inward(way.path, finding, limits)
    if way.asked(by) > _ON_THE_SPOT:
        return motion
    root = motion.root_positions_m.copy()
    root[start:end, _FLOOR] += by
    return locked(replace(motion, root_positions_m=root), start, end, Body(motion).contacts)


def turned_in(motion: Motion, start: int, end: int, finding: Finding, limits: Limits) -> Motion:
    """The way turned, the dancer with it, by as little as will do, so that it leads along the stage and not off it.

    It is turned while it nears the border and turned back after it; what the end of it then lacks is spread over it.
    """
    way = _Way.of(motion, start, end, finding)
    best: tuple[float, np.ndarray, np.ndarray] | None = None
    for angle_rad in _TURNS_RAD:
        turn = angle_rad * way.turned_share(finding)
        if np.abs(np.diff(turn)).max(initial=0.0) * way.rate_hz > _MOST_TURN_RAD_S:
            continue
        path = way.turned(turn)
        by = path - way.path + way.inward(path, finding, limits)
        asked = way.asked(way.path + by - path)
        if best is None or asked < best[0]:
            best = (asked, turn, by)
        if asked <= 0.5 * _GENTLE:
            break
    return motion if best is None or best[0] > _GENTLE else way.led(motion, best[2], best[1])


# The gentlest first.
WAYS = (stepped_in, turned_in, kept_on_the_spot, shifted_in)


def _stepped_in(
    motion: Motion, start: int, end: int, finding: Finding, limits: Limits, most: float
) -> Motion:
    way = _Way.of(motion, start, end, finding)
    by = way.inward(way.path, finding, limits)
    return way.led(motion, by) if way.asked(by) <= most else motion


@dataclass(frozen=True, eq=False)
class _Way:
    """The way over the floor within a span [start, end).

    Attributes:
        path: Of the hips, [N, 2], metres.
        speed: How fast they go there, but for standing, m/s, [N].
        is_free: Whether the dance need not come back to where it was at the beginning, and at the end, of the span.
    """

    start: int
    end: int
    rate_hz: float
    path: np.ndarray
    speed: np.ndarray
    is_free: tuple[bool, bool]

    @classmethod
    def of(cls, motion: Motion, start: int, end: int, finding: Finding) -> _Way:
        rate, n, path = motion.frame_rate_hz, motion.n_frames, motion.root_positions_m[:, _FLOOR]
        speed = np.linalg.norm(velocity(smoothed(path, 0.1 * rate), rate), axis=-1)
        body = Body(motion)
        stands = body.down & (body.foot_moves * rate < SLIDES_M_S)
        speed = speed * np.where(stands.all(axis=1), _SWAY, 1.0)
        free = round(_FREE_S * rate)
        is_free = (start == 0 and finding.start_frame <= free, end == n and finding.end_frame >= n - free)
        return cls(start, end, rate, path[start:end], smoothed(speed, _SOFT_S * rate)[start:end] + _STANDS_M_S, is_free)

    @property
    def gone(self) -> np.ndarray:
        """How far the dancer has gone since the beginning of the span, metres, [N], rising."""
        return np.cumsum(self.speed) / self.rate_hz

    def inward(self, path: np.ndarray, finding: Finding, limits: Limits) -> np.ndarray:
        """What must be added to a path [N, 2] so that it stays on the stage, [N, 2]: a taut string round its corners.

        The string is drawn over the way that is gone, not over time: it does not move who stands.
        """
        half = 0.5 * np.array([limits["width_m"], limits["depth_m"]]) - _INSIDE_M
        outside = np.zeros((len(path), 1), dtype=bool)
        outside[max(finding.start_frame - self.start, 0) : finding.end_frame - self.start] = True
        by, need = np.zeros(path.shape), np.zeros(path.shape)
        for _ in range(3):
            need -= outside * np.sign(path) * np.maximum(np.abs(path + by) - half, 0.0)
            for axis in (0, 1):
                by[:, axis] = self._taut(np.maximum(need[:, axis], 0.0)) - self._taut(np.maximum(-need[:, axis], 0.0))
        return by

    def _taut(self, need: np.ndarray) -> np.ndarray:
        """The lowest smooth curve over `need` [N] that begins and ends at 0, but where an end is free."""
        if not need.any():
            return need
        if all(self.is_free):
            return np.full(len(need), need.max())
        n, soft = len(need), _SOFT_S * self.rate_hz
        mirrored, gone = need, self.gone
        if self.is_free[0]:
            mirrored, gone = np.append(mirrored[::-1], mirrored), np.append(2 * gone[0] - gone[::-1], gone)
        if self.is_free[1]:
            mirrored, gone = np.append(mirrored, mirrored[::-1]), np.append(gone, 2 * gone[-1] - gone[::-1])
        # It leaves 0 so far inside that softening it reaches no further than the span.
        reach = min(round(2.5 * soft), (len(gone) - 1) // 4)
        pinned = np.r_[0 : reach + 1, len(gone) - reach - 1 : len(gone)]
        mirrored = mirrored.copy()
        mirrored[pinned] = np.minimum(mirrored[pinned], 0.0)
        curve = smoothed(_upper_hull(gone, mirrored, reach), soft)
        first = n if self.is_free[0] else 0
        out = curve[first : first + n]
        begins, ends = (0 if free else 1 for free in self.is_free)
        # The window has no ramp at the ends of what it is told is the whole.
        return out * window(n + begins + ends, begins, n + begins, 3)[begins : n + begins]

    def turned_share(self, finding: Finding) -> np.ndarray:
        """How far a turn of the path is made, 0 to 1, [N]: before the border is reached, and undone behind it."""
        gone = self.gone
        a = max(finding.start_frame - self.start, 1)
        b = min(finding.end_frame - self.start, len(gone) - 1)
        into = smoothstep((gone - gone[0]) / max(gone[a] - gone[0], 1e-6))
        out = smoothstep((gone[-1] - gone) / max(gone[-1] - gone[b], 1e-6))
        ones = np.ones(len(gone))
        return np.minimum(ones if self.is_free[0] else into, ones if self.is_free[1] else out)

    def turned(self, turn: np.ndarray) -> np.ndarray:
        """The path with every step of it turned by radians [N]; what its ends lack is spread over the way gone."""
        middle = 0.5 * (turn[1:] + turn[:-1])
        steps, cosine, sine = np.diff(self.path, axis=0), np.cos(middle), np.sin(middle)
        # About y, from z to x: a path [x, z].
        across, along = steps.T
        turned = np.stack([cosine * across + sine * along, cosine * along - sine * across], axis=-1)
        path = np.vstack([self.path[:1], self.path[0] + np.cumsum(turned, axis=0)])
        lacking = self.path[-1] - path[-1]
        if self.is_free == (True, False):
            return path + lacking
        if self.is_free[1]:
            return path
        gone = self.gone
        return path + smoothstep((gone - gone[0]) / (gone[-1] - gone[0]))[:, np.newaxis] * lacking

    def asked(self, by: np.ndarray) -> float:
        """How much of the way that is danced a displacement [N, 2] takes off, or adds, at its most."""
        return float((np.linalg.norm(velocity(by, self.rate_hz), axis=-1) / self.speed).max())

    def led(self, motion: Motion, by: np.ndarray, yaw: np.ndarray | None = None) -> Motion:
        """The dance displaced by metres [N, 2] and turned by radians [N] in the span, each step of it as a whole."""
        root, turn = motion.root_positions_m.copy(), np.zeros(motion.n_frames)
        keep = np.ones(motion.n_frames, dtype=bool)
        root[self.start : self.end, _FLOOR] += by
        keep[self.start : self.end] = False
        if yaw is not None:
            turn[self.start : self.end] = yaw
        return restepped(motion, root, turn, keep)


def _upper_hull(x: np.ndarray, y: np.ndarray, reach: int) -> np.ndarray:
    """The least concave curve over points, [N], between the ones `reach` from either end; 0 outside of these.

    The obstacle problem of a string in one dimension: of all curves over the points it is the one that changes least.
    """
    corners: list[int] = []
    for i in range(reach, len(x) - reach):
        while len(corners) > 1:
            a, b = corners[-2:]
            if (y[b] - y[a]) * (x[i] - x[a]) > (y[i] - y[a]) * (x[b] - x[a]):
                break
            corners.pop()
        corners.append(i)
    out = np.interp(x, x[corners], y[corners])
    out[:reach], out[len(x) - reach :] = 0.0, 0.0
    return out
