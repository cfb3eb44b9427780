"""Whether the emotion sliders act: dances to one song from full joy to full sorrow."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from engine.evaluation.metrics import kinematic_beat_times_s, motion_magnitude
from engine.motion.house import JOINT
from engine.motion.motion import Motion

# The way from joy to sorrow: a name and the sliders.
SETTINGS: tuple[tuple[str, dict[str, float]], ...] = (
    ("joy 1", {"joy": 1.0}),
    ("joy 0.5", {"joy": 0.5}),
    ("neither", {}),
    ("sorrow 0.5", {"sorrow": 0.5}),
    ("sorrow 1", {"sorrow": 1.0}),
)
# What sorrow should lower; name -> unit and meaning.
QUANTITIES = {
    "energy": "m/s, mean joint speed",
    "gestures": "1/s, kinematic beats a second",
    "quickness": "1/s, mean joint speed over expansion (mean distance of hands, feet and head from the hips)",
    "hips": "m, mean height of the hips",
    "hands": "m, mean height of both hands",
}
_ENDS = [JOINT[name] for name in ("LeftHand", "RightHand", "LeftFoot", "RightFoot", "Head")]
_HANDS = [JOINT["LeftHand"], JOINT["RightHand"]]


@dataclass(frozen=True, eq=False)
class SliderFigures:
    """How one quantity goes with the setting, 0 (full joy) to 4 (full sorrow).

    Attributes:
        name: In QUANTITIES.
        medians: Over seeds, one a setting, [5].
        spearman: Rank correlation of setting and value over all dances, -1 to 1; -1 is "sorrow lowers it".
        median_spearman: The same of the medians: -1 when each step lowers them.
        is_monotone: Whether every step towards sorrow lowers the median.
        seeds_lowered: Share of seeds whose dance has less of it at full sorrow than at full joy.
    """

    name: str
    medians: tuple[float, ...]
    spearman: float
    median_spearman: float
    is_monotone: bool
    seeds_lowered: float


def gesture(motion: Motion) -> dict[str, float]:
    """The QUANTITIES of one dance."""
    positions = motion.positions_m()
    expansion = float(np.linalg.norm(positions[:, _ENDS] - positions[:, :1], axis=-1).mean())
    speed = motion_magnitude(motion)
    return {
        "energy": speed,
        "gestures": len(kinematic_beat_times_s(motion)) * motion.frame_rate_hz / motion.n_frames,
        "quickness": speed / max(expansion, 1e-6),
        "hips": float(positions[:, 0, 1].mean()),
        "hands": float(positions[:, _HANDS, 1].mean()),
    }


def slider_figures(values: dict[str, np.ndarray]) -> list[SliderFigures]:
    """Figures of each quantity, whose values are [seeds, settings]."""
    out = []
    for name, table in values.items():
        settings = np.tile(np.arange(table.shape[1]), (len(table), 1))
        medians = np.median(table, axis=0)
        out.append(
            SliderFigures(
                name=name,
                medians=tuple(float(x) for x in medians),
                spearman=spearman(settings.ravel(), table.ravel()),
                median_spearman=spearman(np.arange(len(medians)), medians),
                is_monotone=bool(np.all(np.diff(medians) < 0.0)),
                seeds_lowered=float((table[:, -1] < table[:, 0]).mean()),
            )
        )
    return out


def spearman(x: Sequence[float] | np.ndarray, y: Sequence[float] | np.ndarray) -> float:
    """Spearman's rank correlation, ties at their mean rank; 0 where either never varies."""
    from scipy.stats import rankdata  # slow to load, and wanted here alone

    a, b = (rankdata(v) - (len(v) + 1) / 2.0 for v in (np.asarray(x), np.asarray(y)))
    size = float(np.sqrt((a @ a) * (b @ b)))
    return float(a @ b) / size if size > 0.0 else 0.0
