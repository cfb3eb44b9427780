"""Whether a dance of minutes holds: it comes back where the music does, stays on the stage, goes on, and is one piece.

Bars are compared with bars: of the music by how they sound, of the dance by how the body moves in them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from itertools import pairwise
from typing import Any

import numpy as np

from engine.audio.audio import Audio
from engine.evaluation import metrics
from engine.evaluation.novelty import movement_between
from engine.evaluation.sliders import spearman
from engine.evaluation.structure import piece_findings_per_min
from engine.motion.mirror import mirrored
from engine.motion.motion import Motion
from engine.motion.movements import mean_joint_speed_m_s
from engine.motion.signals import runs
from engine.music.analysis import MusicAnalysis
from engine.music.harmony import harmony
from engine.music.onsets import onsets
from engine.music.sections import block_edges_s, describe_blocks
from engine.music.spectral import spectra
from engine.structure.book import RuleBook

ROLES = ("introduction", "development", "conclusion")
_FEWEST_BARS = 8


@dataclass(frozen=True)
class PieceFigures:
    """How a whole piece holds.

    Attributes:
        name, duration_s, n_bars: Of the song. n_returns: pairs of bars that stand at the same place of two parts with
            one letter (engine.music.analysis.Section), primes not counted.
        returns: Probability that such a pair is more alike in the dance than another pair of bars; 0.5 is chance,
            1 is that every bar of the dance comes back with the music's. NaN where no part comes back.
        similarity: Rank correlation over all pairs of bars of how alike they are in the dance and in the music,
            -1 to 1.
        chance: The same with the music's bars circularly shifted against the dance's, mean of all shifts.
        beaten: Share of these shifts that lie below `similarity`; 1 where none reaches it.
        new_bar_m: Median over bars of the distance from the most alike other bar, metres: 0 would be a loop.
        follows_loudness: Rank correlation of speed and loudness, bar by bar, -1 to 1.
        farthest_m: How far the hips get from where they began, on the floor.
        drift_m: How far the middle of the last quarter lies from the middle of the first.
        freezing: Share of frames that stand like a statue. longest_still_s: The longest stretch of these.
        late_speed, late_jitter, late_skating: Of the last third over the first; 1 where nothing wears out.
        findings_per_min: Of all structure rules, those of whole pieces included.
        role_speed_m_s: Mean speed in each of ROLES; NaN for one that the music has not.
    """

    name: str
    duration_s: float
    n_bars: int
    n_returns: int
    returns: float
    similarity: float
    chance: float
    beaten: float
    new_bar_m: float
    follows_loudness: float
    farthest_m: float
    drift_m: float
    freezing: float
    longest_still_s: float
    late_speed: float
    late_jitter: float
    late_skating: float
    findings_per_min: float
    role_speed_m_s: Mapping[str, float]


def piece_figures(
    name: str, motion: Motion, music: MusicAnalysis, heard: np.ndarray, edges_s: np.ndarray, reference_speed_m_s: float,
    rules: RuleBook,
) -> PieceFigures:  # fmt: skip
    """Figures of a dance to a whole song.

    Args:
        name: The song's.
        motion: The dance, on the house skeleton.
        music: The song's analysis.
        heard: How its bars sound, [N, D], and
        edges_s: where they begin and the last ends, [N + 1]: from `bars_heard`.
        reference_speed_m_s: Of real takes, for freezing.
        rules: Of structure.
    """
    n = min(int(np.searchsorted(edges_s, motion.duration_s + 1e-6, side="right")) - 1, len(heard))
    edges_s, heard = edges_s[: n + 1], heard[:n]
    apart_m = bar_distances_m(motion, edges_s)
    similarity, chance, beaten = likeness(-apart_m, -distances(heard))
    back = returning_pairs(music, edges_s)
    speed = mean_joint_speed_m_s(motion)
    places = motion.root_positions_m[:, [0, 2]]
    quarter = max(motion.n_frames // 4, 1)
    third = max(motion.n_frames // 3, 1)
    early, late = motion.slice(0, third), motion.slice(motion.n_frames - third, motion.n_frames)
    return PieceFigures(
        name=name, duration_s=motion.duration_s, n_bars=n,
        n_returns=int(back.sum()) // 2, returns=above_others(-apart_m, back),
        similarity=similarity, chance=chance, beaten=beaten,
        new_bar_m=float(np.median(_nearest(apart_m))) if n > 1 else 0.0,
        follows_loudness=spearman(_bar_means(speed, motion.frame_rate_hz, edges_s),
                                  _bar_means(music.loudness, music.curve_rate_hz, edges_s)),
        farthest_m=float(np.linalg.norm(places - places[0], axis=-1).max()),
        drift_m=float(np.linalg.norm(places[-quarter:].mean(axis=0) - places[:quarter].mean(axis=0))),
        freezing=metrics.freezing(motion, reference_speed_m_s),
        longest_still_s=longest_still_s(motion, reference_speed_m_s),
        late_speed=_over(metrics.motion_magnitude(late), metrics.motion_magnitude(early)),
        late_jitter=_over(metrics.jitter(late), metrics.jitter(early)),
        late_skating=_over(metrics.foot_skating(late), metrics.foot_skating(early)),
        findings_per_min=piece_findings_per_min(motion, rules, music),
        role_speed_m_s={role: _speed_in(role, speed, motion.frame_rate_hz, music) for role in ROLES},
    )  # fmt: skip


def bars_heard(audio: Audio, music: MusicAnalysis) -> tuple[np.ndarray, np.ndarray]:
    """How the bars of a song sound, [N, D] (bands, level, harmony, onsets), and their edges in seconds, [N + 1]."""
    sound = spectra(audio, lambda fraction: None)
    edges_s = block_edges_s(audio.duration_s, music.beat_times_s[music.beat_in_bar == 0])
    return describe_blocks(edges_s, sound, onsets(sound.bands, sound.band_hz), harmony(sound)), edges_s


def bar_distances_m(motion: Motion, edges_s: np.ndarray) -> np.ndarray:
    """How differently the body moves in each two bars, [N, N]: root mean square over nine joints at eight moments,
    metres, seen from where the hips are as the bar begins; a bar and its mirror image are alike."""
    own, other = movement_between(motion, edges_s), movement_between(mirrored(motion), edges_s)
    straight, turned = distances(own), np.sqrt(np.maximum(_squares(own, other), 0.0))
    n_places = own.shape[1] / 3 if own.size else 1.0
    both: np.ndarray = np.minimum(straight, np.minimum(turned, turned.T)) / np.sqrt(n_places)
    np.fill_diagonal(both, 0.0)
    return both


def likeness(dance: np.ndarray, music: np.ndarray) -> tuple[float, float, float]:
    """Rank correlation of two likenesses of bars [N, N] over all pairs, its chance, and the share of shifts beaten.

    Chance is the mean over all circular shifts of the music's bars. Zeros for fewer than eight bars.
    """
    n = len(dance)
    if n < _FEWEST_BARS:
        return 0.0, 0.0, 0.0
    pairs = np.triu_indices(n, k=1)
    own = dance[pairs]
    here = spearman(own, music[pairs])
    shifted = [spearman(own, np.roll(music, (k, k), axis=(0, 1))[pairs]) for k in range(1, n)]
    return here, float(np.mean(shifted)), float(np.mean(np.array(shifted) < here))


def returning_pairs(music: MusicAnalysis, edges_s: np.ndarray) -> np.ndarray:
    """Whether two bars stand at the same place of two parts of the music with one letter, bool [N, N]."""
    middles = 0.5 * (edges_s[:-1] + edges_s[1:])
    starts = np.array([s.start_s for s in music.sections])
    if len(starts) == 0 or len(middles) == 0:
        return np.zeros((len(middles), len(middles)), dtype=bool)
    part = np.maximum(np.searchsorted(starts, middles, side="right") - 1, 0)
    place = np.round((edges_s[:-1] - starts[part]) / np.median(np.diff(edges_s)))
    letter = np.array([music.sections[i].label.rstrip("'") for i in part])

    def same(x: np.ndarray) -> np.ndarray:
        return x[:, np.newaxis] == x

    out: np.ndarray = same(letter) & same(place) & ~same(part)
    return out


def above_others(alike: np.ndarray, chosen: np.ndarray) -> float:
    """Probability that a chosen pair [N, N] is more alike than one that is not (area under the ROC curve); NaN where
    all or none are chosen."""
    from scipy.stats import rankdata  # slow to load, and wanted here alone

    pairs = np.triu_indices(len(alike), k=1)
    ranks, is_chosen = rankdata(alike[pairs]), chosen[pairs]
    n, others = int(is_chosen.sum()), int((~is_chosen).sum())
    if n == 0 or others == 0:
        return float("nan")
    return float((ranks[is_chosen].sum() - n * (n + 1) / 2.0) / (n * others))


def mean_piece(rows: Sequence[PieceFigures]) -> PieceFigures:
    """Of several dances to one song, at least one: the mean of each figure, the median of each ratio; of the farthest
    way and of the longest stillness the most."""
    first = rows[0]
    values: dict[str, Any] = {}
    for field in fields(PieceFigures):
        own = [getattr(row, field.name) for row in rows]
        if field.name == "role_speed_m_s":
            values[field.name] = {role: float(np.mean([speeds[role] for speeds in own])) for role in own[0]}
        elif field.name in ("farthest_m", "longest_still_s"):
            values[field.name] = max(own)
        elif field.name.startswith("late_"):
            values[field.name] = float(np.median(own))
        elif isinstance(getattr(first, field.name), float):
            values[field.name] = float(np.mean(own))
        else:
            values[field.name] = own[0]
    return PieceFigures(**values)


def longest_still_s(motion: Motion, reference_speed_m_s: float) -> float:
    """The longest stretch, seconds, in which the dancer stands like a statue (metrics.freezing)."""
    spans = runs(metrics.is_frozen(motion, reference_speed_m_s))
    return max((end - start for start, end in spans), default=0) / metrics.FOOT_RATE_HZ


def distances(rows: np.ndarray) -> np.ndarray:
    """Euclidean distances of rows [N, D] from one another, [N, N]."""
    out: np.ndarray = np.sqrt(np.maximum(_squares(rows, rows), 0.0))
    return out


def _squares(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    a, b = a.astype(float), b.astype(float)
    out: np.ndarray = np.square(a).sum(axis=1)[:, np.newaxis] + np.square(b).sum(axis=1) - 2.0 * a @ b.T
    return out


def _nearest(apart_m: np.ndarray) -> np.ndarray:
    out: np.ndarray = (apart_m + np.diag(np.full(len(apart_m), np.inf))).min(axis=1)
    return out


def _bar_means(values: np.ndarray, rate_hz: float, edges_s: np.ndarray) -> np.ndarray:
    cuts = np.clip(np.round(edges_s * rate_hz).astype(int), 0, len(values))
    return np.array([values[a : max(b, a + 1)].mean() if a < len(values) else 0.0 for a, b in pairwise(cuts)])


def _speed_in(role: str, speed: np.ndarray, rate_hz: float, music: MusicAnalysis) -> float:
    at = [speed[round(s.start_s * rate_hz) : round(s.end_s * rate_hz)] for s in music.sections if s.role == role]
    found = np.concatenate(at) if at else np.zeros(0)
    return float(found.mean()) if len(found) else float("nan")


def _over(late: float, early: float) -> float:
    return late / early if early > 0.0 else 1.0
