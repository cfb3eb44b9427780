"""Everything a dancer is measured by, in one go."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from engine.errors import Cancelled
from engine.evaluation.beats import BeatFigures, alignment, by_tempo_class
from engine.evaluation.dancer import Dancer, Song, Take
from engine.evaluation.inbetween import STRIDE_FRAMES, InbetweenFigures, gaps, inbetween_figures
from engine.evaluation.metrics import BeatAlignment
from engine.evaluation.quality import Quality, mean_quality, quality, quality_of_takes, reference_speed_m_s
from engine.evaluation.segments import SegmentFigures, segment_figures
from engine.evaluation.sliders import SETTINGS, SliderFigures, gesture, slider_figures
from engine.motion.motion import Motion


@dataclass(frozen=True)
class Extent:
    """How much is measured.

    Attributes:
        n_seeds: Dances a song.
        n_slider_seeds: Dances a slider setting.
        gap_stride_frames: From the beginning of one filled gap to the next.
        first_seed: Of every series of seeds.
    """

    n_seeds: int = 3
    n_slider_seeds: int = 10
    gap_stride_frames: int = STRIDE_FRAMES
    first_seed: int = 0


QUICK = Extent(n_seeds=1, n_slider_seeds=2, gap_stride_frames=600)


@dataclass(frozen=True, eq=False)
class SongFigures:
    """The dances to one song.

    Attributes:
        song: What was danced to.
        quality: Mean over the dances that were made.
        alignments: How each keeps the beat.
        duration_s: Of one dance.
        failures: What went wrong with the others, one sentence each.
    """

    song: Song
    quality: Quality
    alignments: tuple[BeatAlignment, ...]
    duration_s: float
    failures: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Findings:
    """All that was measured.

    Attributes:
        songs: One row a song.
        validation, training: Quality of the real takes of either split.
        beats: One row a tempo class, then all.
        sliders: One row a quantity, of dances to `slider_song`.
        inbetween: The truth, the model, the baselines; over `n_gaps` gaps.
        segments: On `segment_song`, with nothing locked and with the legs locked.
    """

    extent: Extent
    songs: tuple[SongFigures, ...]
    validation: Quality
    training: Quality
    beats: tuple[BeatFigures, ...]
    sliders: tuple[SliderFigures, ...]
    slider_song: str
    inbetween: tuple[InbetweenFigures, ...]
    n_gaps: int
    segments: tuple[SegmentFigures, ...]
    segment_song: str


class _Progress:
    """Counts what is done of `total`."""

    def __init__(self, total: int, tell: Callable[[float], None]) -> None:
        self._total, self._tell, self._done = max(total, 1), tell, 0

    def step(self) -> None:
        self._done += 1
        self._tell(min(self._done / self._total, 1.0))


def measure(
    dancer: Dancer,
    songs: Sequence[Song],
    slider_song: Song,
    validation: Sequence[Take],
    training: Sequence[Take],
    extent: Extent,
    progress: Callable[[float], None] = lambda fraction: None,
    on_dance: Callable[[Song, Motion], None] = lambda song, motion: None,
) -> Findings:
    """Let the dancer dance, and measure it.

    Args:
        dancer: Who is measured.
        songs: All are danced to, with several seeds; the segment's laws are tried on the first track, else the
            first song.
        slider_song: Danced to from full joy to full sorrow.
        validation: Real takes that the dancer has not learned from: what its figures stand beside.
        training: The takes that it has learned from: the second thing to stand beside, and the scale of L2P.
        extent: How much.
        progress: Called with 0 to 1; may raise to cancel.
        on_dance: Called with the first dance to each song, to draw it for example.
    """
    holes = gaps(validation, extent.gap_stride_frames)
    n_dances = len(songs) * extent.n_seeds + len(SETTINGS) * extent.n_slider_seeds
    count = _Progress(n_dances + len(holes) + 1, progress)
    speed = reference_speed_m_s(validation)
    rows = [_dance_to(dancer, song, speed, extent, count, on_dance) for song in songs]
    dances = [(row.song, row.duration_s, a) for row in rows for a in row.alignments]
    values = _slide(dancer, slider_song, extent, count)
    filled = inbetween_figures(
        dancer, holes, gaps(training, 2 * extent.gap_stride_frames), extent.first_seed, count.step
    )
    segment_song = next((song for song in songs if song.kind == "track"), slider_song)
    dance = dancer.dance(segment_song.analysis, extent.first_seed, {})
    laws = segment_figures(dancer, segment_song.analysis, dance, extent.first_seed + 1)
    count.step()
    return Findings(
        extent=extent,
        songs=tuple(rows),
        validation=quality_of_takes(validation, speed),
        training=quality_of_takes(training, speed),
        beats=tuple(by_tempo_class(dances)),
        sliders=tuple(slider_figures(values)),
        slider_song=slider_song.name,
        inbetween=tuple(filled),
        n_gaps=len(holes),
        segments=tuple(laws),
        segment_song=segment_song.name,
    )


def _dance_to(
    dancer: Dancer,
    song: Song,
    speed_m_s: float,
    extent: Extent,
    count: _Progress,
    on_dance: Callable[[Song, Motion], None],
) -> SongFigures:
    rows: list[Quality] = []
    alignments: list[BeatAlignment] = []
    failures: list[str] = []
    duration_s = 0.0
    for seed in range(extent.first_seed, extent.first_seed + extent.n_seeds):
        try:
            motion = dancer.dance(song.analysis, seed, {})
        except Cancelled:
            raise
        except Exception as error:  # noqa: BLE001 - whether anything goes wrong is itself a figure
            failures.append(f"seed {seed}: {type(error).__name__}: {error}")
            count.step()
            continue
        if not (np.isfinite(motion.root_positions_m).all() and np.isfinite(motion.local_rotations).all()):
            failures.append(f"seed {seed}: the dance holds values that are not numbers")
            count.step()
            continue
        if not rows:
            on_dance(song, motion)
        rows.append(quality(motion, speed_m_s))
        alignments.append(alignment(motion, song))
        duration_s = motion.n_frames / motion.frame_rate_hz
        count.step()
    return SongFigures(song, mean_quality(rows, [1.0] * len(rows)), tuple(alignments), duration_s, tuple(failures))


def _slide(dancer: Dancer, song: Song, extent: Extent, count: _Progress) -> dict[str, np.ndarray]:
    """Each quantity of each dance, [seeds, settings]."""
    rows = []
    for seed in range(extent.first_seed, extent.first_seed + extent.n_slider_seeds):
        row = []
        for _, emotion in SETTINGS:
            row.append(gesture(dancer.dance(song.analysis, seed, emotion)))
            count.step()
        rows.append(row)
    names = list(rows[0][0])
    return {name: np.array([[cell[name] for cell in row] for row in rows]) for name in names}


def mean_of_songs(rows: Sequence[SongFigures]) -> Quality:
    """Quality over all dances, each counting by its length."""
    made = [row for row in rows if row.alignments]
    return mean_quality([row.quality for row in made], [row.duration_s * len(row.alignments) for row in made])
