"""Whether dances keep the beat, pooled over many by how fast the music is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from engine.evaluation.dancer import Song
from engine.evaluation.metrics import BeatAlignment, beat_alignment, kinematic_beat_times_s
from engine.motion.motion import Motion

# name, slowest and fastest tempo in whole beats per minute: an analysis finds 119.98 where 120 is meant
TEMPO_CLASSES = (
    ("slow (< 90 BPM)", 1, 89),
    ("medium (90-120 BPM)", 90, 120),
    ("fast (> 120 BPM)", 121, 10_000),
)
OVERALL, CLICKS = "all music with a beat", "of these, click songs"


@dataclass(frozen=True)
class BeatFigures:
    """Alignment of several dances with their music.

    Attributes:
        name: The tempo class.
        n_dances, n_kinematic_beats: What they rest on.
        kinematic_beats_per_s: How often a dance pauses or turns.
        within: Share of kinematic beats within 100 ms of a beat of the music.
        chance: The same with the music circularly shifted against the dance, mean of 20 shifts.
        lift: within less chance.
        recall: Share of the music's beats within 100 ms of a kinematic beat.
        dance_to_music_lift, music_to_dance_lift: Of the Gaussian scores (see BeatAlignment).
    """

    name: str
    n_dances: int
    n_kinematic_beats: int
    kinematic_beats_per_s: float
    within: float
    chance: float
    lift: float
    recall: float
    dance_to_music_lift: float
    music_to_dance_lift: float


def alignment(motion: Motion, song: Song) -> BeatAlignment:
    """How the beats of a dance, which may be a little shorter or longer than its song, fall on the song's."""
    duration_s = motion.n_frames / motion.frame_rate_hz
    beats_s = song.beats_s[(song.beats_s >= 0.0) & (song.beats_s < duration_s)]
    return beat_alignment(kinematic_beat_times_s(motion), beats_s, duration_s)


def tempo_class(tempo_bpm: float) -> str:
    """The name in TEMPO_CLASSES of a tempo, to the nearest beat a minute; "no beat" for 0."""
    for name, slowest, fastest in TEMPO_CLASSES:
        if slowest <= round(tempo_bpm) <= fastest:
            return name
    return "no beat"


def pooled(name: str, rows: Sequence[tuple[float, BeatAlignment]]) -> BeatFigures:
    """Figures over (duration in seconds, alignment) of dances; every kinematic beat counts alike."""
    found = [a for _, a in rows]
    n = np.array([a.n_kinematic_beats for a in found], dtype=float)
    music = np.array([a.n_music_beats for a in found], dtype=float)
    within = _mean([a.precision for a in found], n)
    lift = _mean([a.precision_lift for a in found], n)
    return BeatFigures(
        name=name,
        n_dances=len(found),
        n_kinematic_beats=int(n.sum()),
        kinematic_beats_per_s=float(n.sum()) / max(sum(s for s, _ in rows), 1e-9),
        within=within,
        chance=within - lift,
        lift=lift,
        recall=_mean([a.recall for a in found], music),
        dance_to_music_lift=_mean([a.dance_to_music_lift for a in found], n),
        music_to_dance_lift=_mean([a.music_to_dance_lift for a in found], music),
    )


def by_tempo_class(dances: Sequence[tuple[Song, float, BeatAlignment]]) -> list[BeatFigures]:
    """A row a tempo class that has dances, then all together, then the click songs alone; songs without a beat
    are left out."""
    with_beat = [d for d in dances if len(d[0].beats_s) > 1]
    out = []
    for name, _, _ in TEMPO_CLASSES:
        rows = [(s, a) for song, s, a in with_beat if tempo_class(song.analysis.tempo_bpm) == name]
        if rows:
            out.append(pooled(name, rows))
    out.append(pooled(OVERALL, [(s, a) for _, s, a in with_beat]))
    clicks = [(s, a) for song, s, a in with_beat if song.kind == "click"]
    return [*out, pooled(CLICKS, clicks)] if clicks else out


def _mean(values: Sequence[float], weights: np.ndarray) -> float:
    return float(np.average(values, weights=weights)) if weights.sum() > 0 else 0.0
