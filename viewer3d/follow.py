"""A camera that goes with the dance: smooth, never late, and never cutting off a hand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from engine.motion.motion import Motion
from viewer3d.body import body_for
from viewer3d.camera import Camera, distances_to_hold, framed

MARGIN = 0.06  # of the picture, free on each side
_HALF_LIFE_S = 0.45
_HOLD_S = 1.2  # the camera begins to back off this long before it has to
_SPRING = 1.67834699  # the root of (1 + x) exp(-x) = 1/2: a spring of frequency x / half-life is half way then
_ON_FLOOR = np.array([1.0, 0.0, 1.0])


@dataclass(frozen=True, eq=False)
class CameraPath:
    """A camera for every motion frame.

    Attributes:
        frame_rate_hz: Frames per second.
        targets_m: What is looked at, metres, [T, 3].
        distances_m: From the eye to it, [T].
        view: Gives direction and angle of view.
    """

    frame_rate_hz: float
    targets_m: np.ndarray
    distances_m: np.ndarray
    view: Camera

    def at(self, time_s: float) -> Camera:
        """The camera at a time, interpolated; held before the first and after the last frame."""
        exact = min(max(time_s * self.frame_rate_hz, 0.0), len(self.distances_m) - 1.0)
        first = int(exact)
        second, fraction = min(first + 1, len(self.distances_m) - 1), exact - first
        target = (1.0 - fraction) * self.targets_m[first] + fraction * self.targets_m[second]
        distance = (1.0 - fraction) * self.distances_m[first] + fraction * self.distances_m[second]
        return replace(self.view, target_m=target, distance_m=float(distance))


def follow(
    motions: Sequence[Motion], offsets_m: Sequence[np.ndarray], aspect: float, view: Camera, margin: float = MARGIN
) -> CameraPath:
    """A path that keeps all dancers in the picture at every frame, at the first motion's frame rate.

    The target goes along the floor with the middle of the dancers' hips, smoothed both ways in time by
    a critically damped spring, so that it neither lags nor bounces; its height stays. The distance is
    the least that holds every part of every body, raised to its maximum over the seconds around and
    then smoothed over fewer seconds, so that it never falls below what is needed.

    Args:
        motions: Dances of one frame rate; shorter ones hold their last frame.
        offsets_m: Where each dancer's origin stands on the stage, [3] each.
        aspect: Width / height of the picture.
        view: Gives direction and angle of view.
        margin: Part of the picture left free on each side.
    """
    rate = motions[0].frame_rate_hz
    n_frames = max(motion.n_frames for motion in motions)
    bodies = [body_for(m.skeleton).extent(m, offset) for m, offset in zip(motions, offsets_m, strict=True)]
    centres = np.concatenate([_held(points, n_frames) for points, _ in bodies], axis=1)
    radii = np.concatenate([radius for _, radius in bodies])
    hips = [_held(m.root_positions_m, n_frames) + o for m, o in zip(motions, offsets_m, strict=True)]
    stands = _smoothed(np.mean(hips, axis=0), _HALF_LIFE_S, rate) * _ON_FLOOR
    targets = stands + _around(centres, radii, stands, aspect, view, margin).target_m
    needed = distances_to_hold(centres - targets[:, np.newaxis], radii, aspect, view, margin)
    # Coming close whenever the dancer crouches would be restless.
    needed = np.maximum(needed, np.median(needed))
    return CameraPath(rate, targets, _raised_and_smoothed(needed, round(_HOLD_S * rate)), view)


def still(
    centres_m: np.ndarray, radii_m: np.ndarray, hips_m: np.ndarray, aspect: float, view: Camera, margin: float = MARGIN
) -> list[Camera]:
    """One camera a moment, all from one distance: sizes can be compared from picture to picture.

    Args:
        centres_m: Spheres that hold the body at each moment, [T, N, 3].
        radii_m: Their radii, [N].
        hips_m: Where the hips are at each moment, [T, 3].
        aspect, view, margin: As in `follow`.
    """
    stands = hips_m * _ON_FLOOR
    around = _around(centres_m, radii_m, stands, aspect, view, margin)
    return [replace(around, target_m=around.target_m + stand) for stand in stands]


def _around(
    centres_m: np.ndarray, radii_m: np.ndarray, stands_m: np.ndarray, aspect: float, view: Camera, margin: float
) -> Camera:
    """The camera that, carried along with `stands_m` [T, 3], just holds the body at every moment."""
    carried = (centres_m - stands_m[:, np.newaxis]).reshape(-1, 3)
    return framed(carried, np.tile(radii_m, len(centres_m)), aspect, view, margin)


def _held(values: np.ndarray, n_frames: int) -> np.ndarray:
    """`values` with the last one repeated up to `n_frames`."""
    return values[np.minimum(np.arange(n_frames), len(values) - 1)]


def _smoothed(values: np.ndarray, half_life_s: float, rate_hz: float) -> np.ndarray:
    """`values` [T, D] through a critically damped spring forwards and backwards in time: smooth, without lag.

    Such a spring answers a stroke with w^2 t exp(-w t); there and back that makes
    w/4 (1 + w|t|) exp(-w|t|), which is convolved with here. Both ends are continued by their mirror
    image through the end point, so that a dancer who enters walking is not followed from a standstill.
    """
    w = _SPRING / half_life_s
    reach = round(6.0 * half_life_s * rate_hz)
    t = np.abs(np.arange(-reach, reach + 1)) / rate_hz
    kernel = (1.0 + w * t) * np.exp(-w * t)
    kernel /= kernel.sum()
    n = min(len(values) - 1, reach)
    before, after = 2 * values[0] - values[n:0:-1], 2 * values[-1] - values[-2 : -n - 2 : -1]
    longer = np.pad(np.concatenate([before, values, after]), ((reach - n, reach - n), (0, 0)), mode="edge")
    return np.stack([np.convolve(column, kernel, mode="valid") for column in longer.T], axis=1)


def _raised_and_smoothed(values: np.ndarray, reach: int) -> np.ndarray:
    """A smooth curve nowhere below `values` [T]: maximum over +-reach frames, then two means within that reach."""
    reach = max(reach, 2)
    windows = np.lib.stride_tricks.sliding_window_view(np.pad(values, reach, mode="edge"), 2 * reach + 1)
    raised = np.max(windows, axis=1)
    half = reach // 2
    for _ in range(2):
        padded = np.pad(raised, half, mode="edge")
        raised = np.mean(np.lib.stride_tricks.sliding_window_view(padded, 2 * half + 1), axis=1)
    return raised
