"""Pixels, seconds and frames of the time axis: which stretch is shown, zooming, panning, ruler ticks. No Qt."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Self

import numpy as np

MARGIN_PX = 12.0  # room before the start and after the end, so that what begins at 0 can be taken hold of
MOST_PX_PER_FRAME = 60.0
# Steps of a time ruler from the finest on: below a second in frames, from there in seconds.
FRAME_STEPS = (1, 2, 5, 10, 15)
SECOND_STEPS = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1800, 3600)


@dataclass(frozen=True)
class TimeView:
    """The stretch of time that is shown.

    Attributes:
        start_s: The time at the left edge; a little below 0 where the piece begins.
        px_per_s: How wide a second is.
        width_px: Of the picture, above 0.
    """

    start_s: float = 0.0
    px_per_s: float = 100.0
    width_px: float = 800.0

    @property
    def span_s(self) -> float:
        """How many seconds are shown."""
        return self.width_px / self.px_per_s

    @property
    def end_s(self) -> float:
        """The time at the right edge."""
        return self.start_s + self.span_s

    def x_of(self, time_s: float) -> float:
        """Where a time is shown."""
        return (time_s - self.start_s) * self.px_per_s

    def xs_of(self, times_s: np.ndarray) -> np.ndarray:
        """Where many times are shown."""
        return (times_s - self.start_s) * self.px_per_s

    def time_at(self, x_px: float) -> float:
        """The time that is shown at a place."""
        return self.start_s + x_px / self.px_per_s

    def seconds(self, px: float) -> float:
        """How long a width is."""
        return px / self.px_per_s

    def shows(self, time_s: float) -> bool:
        """Whether a time lies in the picture."""
        return self.start_s <= time_s <= self.end_s

    def panned(self, dx_px: float) -> Self:
        """The picture moved to the right over the piece; negative to the left."""
        return replace(self, start_s=self.start_s + dx_px / self.px_per_s)

    def zoomed(self, factor: float, x_px: float) -> Self:
        """Times `factor` closer; what is under `x_px` stays there."""
        px_per_s = self.px_per_s * factor
        return replace(self, px_per_s=px_per_s, start_s=self.time_at(x_px) - x_px / px_per_s)

    def showing(self, start_s: float, end_s: float) -> Self:
        """All of a stretch, with a margin on both sides."""
        room_px = max(self.width_px - 2 * MARGIN_PX, 1.0)
        px_per_s = room_px / max(end_s - start_s, 1e-3)
        return replace(self, px_per_s=px_per_s, start_s=start_s - MARGIN_PX / px_per_s)

    def within(self, duration_s: float, frame_rate_hz: float) -> Self:
        """The nearest picture that shows no more than the piece, and frames no wider than 60 pixels."""
        least = max(self.width_px - 2 * MARGIN_PX, 1.0) / max(duration_s, 1.0)
        px_per_s = max(min(self.px_per_s, MOST_PX_PER_FRAME * frame_rate_hz), least)
        view = replace(self, px_per_s=px_per_s)
        if px_per_s != self.px_per_s:  # what was in the middle stays there
            view = replace(view, start_s=self.start_s + 0.5 * (self.span_s - view.span_s))
        margin_s = MARGIN_PX / px_per_s
        last_s = max(duration_s + margin_s - view.span_s, -margin_s)
        return replace(view, start_s=min(max(view.start_s, -margin_s), last_s))

    def on_pixels(self, dpr: float) -> Self:
        """The nearest picture that begins on a device pixel counted from time 0: moving it moves all by whole ones."""
        per_s = self.px_per_s * dpr
        return replace(self, start_s=round(self.start_s * per_s) / per_s)

    def n_columns(self, dpr: float) -> int:
        """How many device columns the picture has."""
        return max(math.ceil(self.width_px * dpr - 1e-6), 1)

    def column_edges_s(self, dpr: float) -> np.ndarray:
        """The times at the edges of the device columns, [n + 1].

        They lie on multiples of a column's duration, so that what is drawn by columns does not shimmer
        when the picture moves: half a column off at most.
        """
        per_s = self.px_per_s * dpr
        first = math.floor(self.start_s * per_s + 0.5)
        return (first + np.arange(self.n_columns(dpr) + 1)) / per_s


def tick_steps_s(px_per_s: float, frame_rate_hz: float, least_px: float) -> tuple[float, float]:
    """Of a time ruler: seconds between labels that are at least `least_px` apart, and between the small ticks."""
    steps = [n / frame_rate_hz for n in FRAME_STEPS if n < frame_rate_hz] + [float(s) for s in SECOND_STEPS]
    labels = next((i for i, step in enumerate(steps) if step * px_per_s >= least_px), len(steps) - 1)
    fitting = [s for s in steps[: labels + 1] if s * px_per_s >= 6.0 and _divides(s, steps[labels])]
    return steps[labels], min(fitting, default=steps[labels])


def _divides(step_s: float, of_s: float) -> bool:
    ratio = of_s / step_s
    return abs(ratio - round(ratio)) < 1e-6


def every_nth(spacing_px: float, least_px: float) -> int:
    """Of things that are evenly spaced: each how many-th fits, a power of two."""
    n = 1
    while n * spacing_px < least_px and n < 1 << 16:
        n *= 2
    return n


def time_code(time_s: float, frame_rate_hz: float) -> str:
    """Minutes, seconds and frames: 01:02:15."""
    rate = max(round(frame_rate_hz), 1)
    frame = int(max(time_s, 0.0) * frame_rate_hz + 1e-6)
    seconds, frames = divmod(frame, rate)
    return f"{seconds // 60:02d}:{seconds % 60:02d}:{frames:02d}"
