"""Whether each emotion slider moves the quality that it should, step by step, whatever the seed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from engine.evaluation.dancer import Dancer, Song
from engine.evaluation.sliders import spearman
from engine.motion import quaternion
from engine.motion.motion import Motion
from engine.motion.signals import velocity

N_SETTINGS, N_SEEDS = 7, 20
_SLOW_M_S = 0.1  # keeps a dancer who stands from being endlessly sudden
# Slider -> the quality that it is judged by, and which way it must go. Joy is energy and sorrow its lack; tension is
# sudden, serenity sustained (Wallbott 1998; Camurri et al. 2003).
MEASURED: dict[str, tuple[str, float]] = {
    "joy": ("energy", +1.0),
    "sorrow": ("energy", -1.0),
    "tension": ("suddenness", +1.0),
    "serenity": ("suddenness", -1.0),
}


@dataclass(frozen=True)
class EmotionFigures:
    """How one slider acts.

    Attributes:
        name, quality: The slider, and what it is judged by.
        medians: Of the quality over seeds, one a setting from 0 to 1.
        spearman: Rank correlation of setting and quality in the wanted direction, mean over seeds; 1 is monotone.
        worst: The least of any seed's.
        all_together: The same over all dances at once, in which seeds differ too.
    """

    name: str
    quality: str
    medians: tuple[float, ...]
    spearman: float
    worst: float
    all_together: float


def measured(motion: Motion) -> dict[str, float]:
    """The qualities in MEASURED of one dance, as the generator's efforts define them.

    energy: mean joint speed, m/s. suddenness: mean joint acceleration over speed + 0.1 m/s, mean over frames, 1/s.
    """
    velocities = velocity(motion.positions_m(), motion.frame_rate_hz)
    speeds = quaternion.length(velocities).mean(axis=-1)
    accelerations = quaternion.length(velocity(velocities, motion.frame_rate_hz)).mean(axis=-1)
    return {"energy": float(speeds.mean()), "suddenness": float((accelerations / (speeds + _SLOW_M_S)).mean())}


def emotion_figures(
    dancer: Dancer,
    song: Song,
    seeds: Sequence[int],
    n_settings: int = N_SETTINGS,
    done: Callable[[], None] = lambda: None,
) -> list[EmotionFigures]:
    """A row a slider, from dances to `song` at equal settings from 0 to 1; `done` is called after each dance."""
    settings = np.linspace(0.0, 1.0, n_settings)
    out = []
    for name, (quality, way) in MEASURED.items():
        table = np.zeros((len(seeds), n_settings))
        for i, seed in enumerate(seeds):
            for k, setting in enumerate(settings):
                table[i, k] = measured(dancer.dance(song.analysis, seed, {name: float(setting)}))[quality]
                done()
        each = [way * spearman(settings, row) for row in table]
        together = way * spearman(np.tile(settings, len(seeds)), table.ravel())
        medians = tuple(float(x) for x in np.median(table, axis=0))
        out.append(EmotionFigures(name, quality, medians, float(np.mean(each)), float(np.min(each)), together))
    return out
