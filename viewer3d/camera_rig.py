"""The viewport's camera: given or free, with what the user did on top, and smooth changes between."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from viewer3d.camera import DIRECTIONS, VIEWS, Camera, between

TRANSITION_S = 0.12
_MOST_PITCH_DOWN_RAD = math.radians(-4.0)  # the floor is not looked at from below
_MOST_PITCH_UP_RAD = math.radians(88.0)
_FOLLOW_S = 0.30  # how far the camera lags behind the dancer it follows
_JUMP_M = 1.2  # further than anyone moves between two pictures: the playhead jumped, and the camera jumps too
_NEAR_M = 0.003  # nobody sees that the camera is not there yet
_ON_FLOOR = np.array([1.0, 0.0, 1.0])
_FIRST = Camera(np.array([0.0, 0.9, 0.0]), 5.4, *DIRECTIONS["three-quarter"])


class CameraRig:
    """Where the picture is taken from.

    A given camera (a shot's, or one that goes with the dance) is used while `is_free` is false; what the user
    turned, moved and zoomed comes on top and stays while it moves. Times are seconds of any steady clock.
    """

    def __init__(self) -> None:
        self.given: Camera | None = None
        self.is_free = True
        self._free = _FIRST
        self._from: tuple[Camera, float] | None = None  # where a transition began, and when
        self._anchor: np.ndarray | None = None  # where the followed dancer was when following began
        self._followed: tuple[np.ndarray, float] | None = None  # smoothed place, and when
        self._followed_at: np.ndarray | None = None  # where the dancer is
        self._yaw_rad = self._pitch_rad = 0.0
        self._zoom = 1.0
        self._pan_m = np.zeros(3)

    def give(self, camera: Camera) -> None:
        """Use a camera from outside from now on, with the user's offsets on top."""
        self.given, self.is_free = camera, False

    def set(self, camera: Camera, now_s: float | None = None) -> None:
        """Use a free camera; smoothly from where it is now if `now_s` is given."""
        if now_s is not None:
            self._from = (self.camera(now_s), now_s)
        self._free, self.is_free = camera, True
        self._reset_offsets()
        if self._followed is not None:
            self._anchor = self._followed[0]

    def to_given(self, now_s: float | None = None) -> None:
        """Back to the given camera, without offsets."""
        if self.given is None:
            return
        if now_s is not None:
            self._from = (self.camera(now_s), now_s)
        self.is_free = False
        self._reset_offsets()

    def looked_from(self, name: str) -> Camera:
        """The present camera turned to one of camera.VIEWS."""
        yaw, pitch = VIEWS[name]
        return replace(self.camera(math.inf), yaw_rad=yaw, pitch_rad=pitch)

    def camera(self, now_s: float) -> Camera:
        """The camera at a moment of the clock; `inf` for where a transition will end."""
        there = self._settled()
        if self._from is None:
            return there
        start, began_s = self._from
        share = (now_s - began_s) / TRANSITION_S
        if share >= 1.0:
            if math.isfinite(now_s):
                self._from = None
            return there
        share = max(share, 0.0)
        return between(start, there, share * share * (3.0 - 2.0 * share))

    def is_moving(self, now_s: float) -> bool:
        """Whether a transition is under way."""
        return self._from is not None and now_s - self._from[1] < TRANSITION_S

    def follow(self, place_m: np.ndarray | None, now_s: float) -> None:
        """Go with a dancer at a place; None ends it where the camera is then."""
        if place_m is None:
            if self._anchor is not None:
                self._pan_m = self._pan_m + self._carried()
            self._anchor = self._followed = self._followed_at = None
            return
        self._followed_at = place = place_m * _ON_FLOOR
        if self._anchor is None or self._followed is None:
            self._anchor, self._followed = place, (place, now_s)
            return
        before, then_s = self._followed
        is_jump = float(np.linalg.norm(place - before)) > _JUMP_M
        share = 1.0 if is_jump else 1.0 - math.exp(-max(now_s - then_s, 0.0) / _FOLLOW_S)
        self._followed = (before + share * (place - before), now_s)

    def catch_up(self, now_s: float) -> bool:
        """Come nearer to a followed dancer who stands still by now; False where the camera is there already."""
        if self._followed is None or self._followed_at is None:
            return False
        if float(np.linalg.norm(self._followed_at - self._followed[0])) < _NEAR_M:
            return False
        self.follow(self._followed_at, now_s)
        return True

    def hold(self, now_s: float) -> None:
        """Stay where it is, whatever the followed dancer does meanwhile."""
        if self._followed is not None:
            self._followed = (self._followed[0], now_s)

    def reset(self) -> None:
        """Take back what the user did on top."""
        self._reset_offsets()

    def orbit(self, yaw_rad: float, pitch_rad: float) -> None:
        """Turn about the target."""
        base = self._base().pitch_rad
        pitch = min(max(base + self._pitch_rad + pitch_rad, _MOST_PITCH_DOWN_RAD), _MOST_PITCH_UP_RAD)
        self._yaw_rad, self._pitch_rad = self._yaw_rad + yaw_rad, pitch - base

    def pan(self, right: float, up: float) -> None:
        """Move sideways and up, in parts of the picture's height."""
        seen = self._settled()
        self._pan_m = self._pan_m + seen.panned(right, up).target_m - seen.target_m

    def zoom(self, factor: float) -> None:
        """`factor` times as far away, from a tenth to ten times the distance of the camera underneath."""
        self._zoom = min(max(self._zoom * factor, 0.1), 10.0)

    def _base(self) -> Camera:
        return self._free if self.is_free or self.given is None else self.given

    def _settled(self) -> Camera:
        turned = self._base().orbited(self._yaw_rad, self._pitch_rad)
        return replace(turned, target_m=turned.target_m + self._pan_m + self._carried()).dollied(self._zoom)

    def _carried(self) -> np.ndarray:
        # A given camera moves with the dance by itself.
        if self._anchor is None or self._followed is None or not self.is_free:
            return np.zeros(3)
        return self._followed[0] - self._anchor

    def _reset_offsets(self) -> None:
        self._yaw_rad = self._pitch_rad = 0.0
        self._zoom = 1.0
        self._pan_m = np.zeros(3)
