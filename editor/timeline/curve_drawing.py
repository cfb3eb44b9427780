"""Changing a drawn value: points added, moved, taken away, and drawn freehand. No Qt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from editor.document.document import Curve, Settings, Value
from engine.music.analysis import EMOTIONS

# A freehand line is thinned until it leaves the hand's by no more than this share of the lane.
FREEHAND_TOLERANCE = 0.02
_NEAR_S = 1e-6


def value_of(settings: Settings, name: str) -> Value:
    """The value that is drawn under a name: an emotion's, or the weight of a style; 0.0 for an absent style."""
    if name in EMOTIONS:
        return settings.emotion[name]
    return dict(settings.style).get(name, 0.0)


def with_value(settings: Settings, name: str, value: Value) -> Settings:
    """The settings with one drawn value replaced; a style whose weight is nowhere above zero leaves the mix."""
    if name == "joy":
        return replace(settings, joy=value)
    if name == "sorrow":
        return replace(settings, sorrow=value)
    if name == "tension":
        return replace(settings, tension=value)
    if name == "serenity":
        return replace(settings, serenity=value)
    style = dict(settings.style)
    style[name] = value
    return replace(settings, style=tuple((n, v) for n, v in style.items() if _is_above_zero(v)))


def points_of(value: Value) -> tuple[tuple[float, float], ...]:
    """The points of a drawn value, (seconds, value); none for a constant."""
    return tuple(zip(value.times_s, value.values, strict=True)) if isinstance(value, Curve) else ()


def with_point(value: Value, time_s: float, level: float, duration_s: float) -> tuple[Curve, int]:
    """The value with a point more, and that point's index.

    A constant first gets points at the piece's start and end, so that it stays there what it was. A point
    at that very time is moved instead.
    """
    points = list(points_of(value))
    if isinstance(value, float | int):
        points = [(0.0, float(value)), (max(duration_s, 1e-3), float(value))]
    points = [p for p in points if abs(p[0] - time_s) > _NEAR_S]
    point = (time_s, _clipped(level))
    points = sorted([*points, point])
    return _curve(points), points.index(point)


def with_point_moved(curve: Curve, index: int, time_s: float, level: float) -> Curve:
    """One point elsewhere, kept between its neighbours."""
    points = list(points_of(curve))
    low = points[index - 1][0] if index > 0 else 0.0
    high = points[index + 1][0] if index + 1 < len(points) else max(time_s, 0.0)
    points[index] = (min(max(time_s, low), high), _clipped(level))
    return _curve(points)


def without_point(curve: Curve, index: int) -> Value:
    """One point less; when two are left and alike, or one is left, the value is constant again."""
    points = [point for i, point in enumerate(points_of(curve)) if i != index]
    if not points:
        return curve.values[index]
    if len({level for _, level in points}) == 1:
        return points[0][1]
    return _curve(points)


def with_stroke(value: Value, stroke: Sequence[tuple[float, float]], duration_s: float) -> Curve:
    """The value with the stretch that the hand went over replaced by the hand's line, thinned.

    Args:
        stroke: At least one (seconds, value), in the order of drawing; where the hand goes back over a
            time, the later value counts.
    """
    drawn = _thinned(_one_valued(stroke))
    low, high = drawn[0][0], drawn[-1][0]
    points = list(points_of(value)) or [(0.0, float(value)), (max(duration_s, 1e-3), float(value))]  # type: ignore[arg-type]
    before = [p for p in points if p[0] < low - _NEAR_S]
    after = [p for p in points if p[0] > high + _NEAR_S]
    return _curve([*before, *drawn, *after])


def _one_valued(stroke: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """The stroke as a function of time: each part of it rubs out what it passes over."""
    points: list[tuple[float, float]] = []
    last: float | None = None
    for time_s, level in stroke:
        low, high = sorted((time_s, time_s if last is None else last))
        points = [p for p in points if p[0] < low or p[0] > high or p[0] == last]
        points = [p for p in points if p[0] != time_s]
        points.append((time_s, _clipped(level)))
        last = time_s
    return sorted(points)


def _thinned(points: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """Without the points that a straight line between their neighbours passes closely (Douglas and Peucker 1973)."""
    times, levels = np.array(points).T
    kept = {0, len(points) - 1}
    spans = [(0, len(points) - 1)]
    while spans:
        first, last = spans.pop()
        if last - first < 2:
            continue
        inside = slice(first + 1, last)
        straight = np.interp(times[inside], times[[first, last]], levels[[first, last]])
        errors = np.abs(levels[inside] - straight)
        worst = int(np.argmax(errors))
        if errors[worst] > FREEHAND_TOLERANCE:
            middle = first + 1 + worst
            kept.add(middle)
            spans += [(first, middle), (middle, last)]
    return [points[i] for i in sorted(kept)]


def _curve(points: Sequence[tuple[float, float]]) -> Curve:
    return Curve(tuple(float(t) for t, _ in points), tuple(float(v) for _, v in points))


def _clipped(level: float) -> float:
    return min(max(float(level), 0.0), 1.0)


def _is_above_zero(value: Value) -> bool:
    return max(value.values) > 0.0 if isinstance(value, Curve) else value > 0.0
