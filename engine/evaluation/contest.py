"""The generator beside baselines and real takes: the same songs, styles, seeds and lengths for all."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

from engine.evaluation.beats import alignment
from engine.evaluation.dancer import Contestant, Song
from engine.evaluation.features import diversity, frechet_distance, geometric_features, kinetic_features
from engine.evaluation.intervals import Estimate, estimate, resampled_estimate
from engine.evaluation.novelty import Library, movement_vectors
from engine.evaluation.quality import Quality, quality
from engine.evaluation.structure import findings_per_min
from engine.evaluation.styles import Judge, StyleAccuracy, accuracies, named_right
from engine.evaluation.sync import cross_correlation
from engine.motion.house import FRAME_RATE_HZ
from engine.motion.motion import Motion
from engine.structure.book import RuleBook

PIECE_S = 5.0  # hand-made features are taken of pieces of this length, as EDGE does
_FID_RESAMPLES = 60


@dataclass(frozen=True, eq=False)
class Danced:
    """One dance of a contest, and what was measured on it.

    Attributes:
        style, song, seed: What was asked for.
        motion: The dance.
        quality: How it moves. lift, correlation_lift: Of its beats, over chance.
        findings_per_min: What breaks the rules of structure (engine.evaluation.structure).
        embeddings, shares: What the judge says of its windows, [W, D] and [W, S].
        novelty_m: Distance of each second from the nearest training movement, [V].
        hand_made: Feature vectors of 5 s pieces by name, [P, D] each.
    """

    style: str
    song: Song
    seed: int
    motion: Motion
    quality: Quality
    lift: float
    correlation_lift: float
    findings_per_min: float
    embeddings: np.ndarray
    shares: np.ndarray
    novelty_m: np.ndarray
    hand_made: dict[str, np.ndarray] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Row:
    """One contestant's figures: each by its name in COLUMNS, with its interval, and style by style."""

    name: str
    figures: dict[str, Estimate]
    styles: tuple[StyleAccuracy, ...]


# name -> heading, factor, digits, and which way is better: "+" more, "-" less, "=" as the real takes.
COLUMNS: dict[str, tuple[str, float, int, str]] = {
    "fid": ("FID (learned)", 1.0, 2, "-"),
    "style_accuracy": ("style accuracy %", 100.0, 1, "+"),
    "diversity": ("diversity / real", 1.0, 2, "="),
    "novelty_m": ("novelty cm", 100.0, 1, "+"),
    "beat_lift": ("beat lift", 1.0, 3, "+"),
    "correlation_lift": ("correlation lift", 1.0, 3, "+"),
    "skating": ("skating %", 100.0, 1, "-"),
    "freezing": ("frozen %", 100.0, 1, "="),
    "magnitude_m_s": ("speed m/s", 1.0, 3, "="),
    "jitter": ("jitter mm/f2", 1.0, 2, "="),
    "penetration_m": ("below floor mm", 1000.0, 1, "-"),
    "self_collision": ("through itself %", 100.0, 1, "-"),
    "pfc": ("PFC", 1.0, 2, "="),
    "findings_per_min": ("findings a minute", 1.0, 1, "-"),
    "fid_k": ("FID_k", 1.0, 1, "-"),
    "fid_g": ("FID_g", 1.0, 1, "-"),
    "fid_k_legacy": ("FID_k legacy", 1.0, 1, "-"),
    "fid_g_legacy": ("FID_g legacy", 1.0, 1, "-"),
}
_OF_QUALITY = ("skating", "freezing", "magnitude_m_s", "jitter", "penetration_m", "self_collision", "pfc")
_HAND_MADE = {
    "fid_k": (kinetic_features, False),
    "fid_g": (geometric_features, False),
    "fid_k_legacy": (kinetic_features, True),
    "fid_g_legacy": (geometric_features, True),
}


@dataclass(frozen=True)
class ContestExtent:
    """How much is danced: `n_seeds` dances of `dance_s` seconds to each song in each style."""

    n_seeds: int = 1
    dance_s: float = 20.0
    first_seed: int = 0

    @property
    def n_frames(self) -> int:
        """Of one dance."""
        return round(self.dance_s * FRAME_RATE_HZ)


def dances_of(
    contestant: Contestant,
    judge: Judge,
    library: Library,
    songs: Sequence[Song],
    styles: Sequence[str],
    extent: ContestExtent,
    reference_speed_m_s: float,
    rules: RuleBook,
    done: Callable[[], None] = lambda: None,
) -> list[Danced]:
    """Every dance of one contestant, measured; songs shorter than a dance are danced to their end.

    Args:
        contestant: Who dances.
        judge: Sees the dances.
        library: The training movement.
        songs: What is danced to.
        styles: What is asked for.
        extent: How much.
        reference_speed_m_s: Of real takes, for freezing.
        rules: Of structure.
        done: Called after each dance.
    """
    out = []
    for style in styles:
        for song in songs:
            n_frames = min(extent.n_frames, int(song.analysis.duration_s * FRAME_RATE_HZ))
            for seed in range(extent.first_seed, extent.first_seed + extent.n_seeds):
                motion = contestant.dance(song.analysis, n_frames, seed, style)
                out.append(_measured(motion, judge, library, style, song, seed, reference_speed_m_s, rules))
                done()
    return out


def _measured(
    motion: Motion, judge: Judge, library: Library, style: str, song: Song, seed: int, reference_speed_m_s: float,
    rules: RuleBook,
) -> Danced:  # fmt: skip
    windows = judge.windows(motion)
    piece = round(PIECE_S * motion.frame_rate_hz)
    pieces = [motion.slice(i, i + piece) for i in range(0, motion.n_frames - piece + 1, piece)]
    return Danced(
        style, song, seed, motion,
        quality=quality(motion, reference_speed_m_s),
        lift=alignment(motion, song).precision_lift,
        correlation_lift=cross_correlation(motion, song).lift,
        findings_per_min=findings_per_min(motion, rules, style),
        embeddings=judge.embeddings(windows),
        shares=judge.style_shares(windows),
        novelty_m=library.distances_m(movement_vectors(motion)),
        hand_made={
            name: np.array([make(p, legacy=legacy) for p in pieces]) for name, (make, legacy) in _HAND_MADE.items()
        },
    )  # fmt: skip


def row_of(name: str, dances: Sequence[Danced], reference: Sequence[Danced], judge: Judge) -> Row:
    """A contestant's figures from its dances; `reference` are real ones, of as many windows a style as there are.

    Intervals are over dances. Of the Fréchet distances the hand-made ones get none: with fewer pieces than dimensions
    they are for comparison with papers alone.
    """
    figures = {key: estimate([getattr(d.quality, key) for d in dances]) for key in _OF_QUALITY}
    figures["beat_lift"] = estimate([d.lift for d in dances if len(d.song.beats_s) > 1])
    figures["correlation_lift"] = estimate([d.correlation_lift for d in dances if len(d.song.beats_s) > 1])
    figures["findings_per_min"] = estimate([d.findings_per_min for d in dances])
    figures["novelty_m"] = estimate([float(d.novelty_m.mean()) for d in dances if len(d.novelty_m)])
    seen = [d for d in dances if len(d.shares)]
    right = [float(named_right(judge, d.shares, d.style).mean()) for d in seen]
    figures["style_accuracy"] = estimate(right)
    real = np.concatenate([d.embeddings for d in reference])
    spread = diversity(real, real)

    def embedded(index: np.ndarray) -> np.ndarray:
        return np.concatenate([seen[i].embeddings for i in index])

    figures["fid"] = resampled_estimate(
        len(seen), lambda index: frechet_distance(embedded(index), real), _FID_RESAMPLES
    )  # fmt: skip
    figures["diversity"] = resampled_estimate(
        len(seen), lambda index: diversity(embedded(index), real) / spread, _FID_RESAMPLES
    )
    for key in _HAND_MADE:
        value = frechet_distance(_hand_made(dances, key), _hand_made(reference, key))
        figures[key] = Estimate(value, value, value)
    styles = accuracies(judge, [(d.style, d.shares) for d in dances], [(d.style, d.shares) for d in reference])
    return Row(name, figures, tuple(styles))


def _hand_made(dances: Sequence[Danced], key: str) -> np.ndarray:
    return np.concatenate([d.hand_made[key] for d in dances if len(d.hand_made[key])])


def styles_to_ask_for(judge: Judge, styles: Sequence[str]) -> list[str]:
    """The styles, once each and in order, that the judge knows."""
    return [style for style in dict.fromkeys(sorted(styles)) if style in judge.styles]
