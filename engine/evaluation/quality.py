"""How dances move, as one row of figures, beside how real takes move."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np

from engine.evaluation import metrics
from engine.evaluation.dancer import Take
from engine.motion.collision import self_collision
from engine.motion.motion import Motion


@dataclass(frozen=True)
class Quality:
    """What engine.evaluation.metrics says of a motion; each is defined there.

    Attributes:
        skating: Foot skating ratio, 0 to 1.
        slide_speed_m_s: Of the toe while the foot is down.
        freezing: Share of frames that stand like a statue.
        jitter: mm a frame squared.
        magnitude_m_s: Mean joint speed.
        penetration_m: Below the floor.
        pfc: Physical foot contact, no unit; nothing without the magnitude.
        self_collision: Share of frames in which the body goes through itself (engine.motion.collision).
    """

    skating: float
    slide_speed_m_s: float
    freezing: float
    jitter: float
    magnitude_m_s: float
    penetration_m: float
    pfc: float
    self_collision: float


def quality(motion: Motion, reference_speed_m_s: float) -> Quality:
    """The figures of one motion; `reference_speed_m_s` is the real takes' median, for freezing."""
    return Quality(
        skating=metrics.foot_skating(motion),
        slide_speed_m_s=metrics.slide_speed_m_s(motion),
        freezing=metrics.freezing(motion, reference_speed_m_s),
        jitter=metrics.jitter(motion),
        magnitude_m_s=metrics.motion_magnitude(motion),
        penetration_m=metrics.penetration(motion),
        pfc=metrics.physical_foot_contact(motion),
        self_collision=self_collision(motion),
    )


def mean_quality(rows: Sequence[Quality], weights: Sequence[float]) -> Quality:
    """The weighted mean of each figure; zeros of no rows."""
    values = np.array([[getattr(row, f.name) for f in fields(Quality)] for row in rows])
    if len(values) == 0:
        return Quality(*[0.0] * len(fields(Quality)))
    return Quality(*(float(x) for x in np.average(values, axis=0, weights=weights)))


def ratio(made: Quality, real: Quality) -> dict[str, float | None]:
    """Each figure over the real one; None where the real one is zero."""
    pairs = {f.name: (getattr(made, f.name), getattr(real, f.name)) for f in fields(Quality)}
    return {name: a / b if b > 0.0 else None for name, (a, b) in pairs.items()}


def reference_speed_m_s(takes: Sequence[Take]) -> float:
    """Median speed of the takes, m/s: the mean of each take's, by its length."""
    if not takes:
        return 0.0
    speeds = [metrics.median_speed_m_s(take.motion) for take in takes]
    return float(np.average(speeds, weights=[take.motion.n_frames for take in takes]))


def quality_of_takes(takes: Sequence[Take], reference_speed: float) -> Quality:
    """The figures of real takes, each counting by its length."""
    rows = [quality(take.motion, reference_speed) for take in takes]
    return mean_quality(rows, [take.motion.n_frames for take in takes])
