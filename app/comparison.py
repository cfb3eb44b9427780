"""The comparison of `kinetograph evaluate`: who dances, what is measured, what is drawn."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

from app.contestants import FLOOR, LADDER, MODEL, REAL, TWIN, ModelContestant

if TYPE_CHECKING:
    from engine.baselines.recogniser import FrozenRecogniser
    from engine.evaluation.beats import BeatFigures
    from engine.evaluation.comparison import Budget, Comparison, PictureFigures
    from engine.evaluation.contest import ContestExtent, Danced, Row
    from engine.evaluation.dancer import Contestant, Dancer, Song, Take
    from engine.evaluation.experiments import SongFigures
    from engine.evaluation.inbetween import Gap
    from engine.evaluation.long_piece import PieceFigures
    from engine.evaluation.styles import MixFigures
    from engine.motion.motion import Motion
    from engine.structure.book import RuleBook

    # A song's name, how far apart its bars are and those of the first dance to it, [N, N] each, and that dance.
    ShowPiece = Callable[[str, np.ndarray, np.ndarray, Motion], None]

MIX_STEPS, MIX_SEEDS = 7, 10
_REFERENCE_SEED = 1000  # real dances that all are measured against are drawn with seeds of their own
_PICTURE_GAPS, _PICTURES_A_GAP, _PICTURE_SIZE = 16, 3, (160, 200)


@dataclass(frozen=True)
class Scope:
    """How much is compared.

    Attributes:
        n_songs: Of those there are; n_seeds: dances a song and style; dance_s: their length.
        gap_lengths: In frames; gap_stride_frames: from one gap to the next.
        n_emotion_seeds: Dances a setting of each slider; 0 leaves the sliders out. emotion_settings: How many.
        n_pictures: Gaps drawn for PSNR and SSIM; 0 leaves them out.
        shortest_piece_s: Songs of at least this length are danced to as whole pieces.
    """

    n_songs: int = 4
    n_seeds: int = 1
    dance_s: float = 20.0
    gap_lengths: tuple[int, ...] = (5, 15, 30, 45)
    gap_stride_frames: int = 60
    n_emotion_seeds: int = 20
    emotion_settings: int = 7
    emotion_s: float = 20.0
    n_pictures: int = _PICTURE_GAPS
    shortest_piece_s: float = 100.0


SMALL = Scope(1, 1, 8.0, (30,), 600, 1, 3, 4.0, 1)


def compare(
    contestants: Sequence[Contestant],
    judge: FrozenRecogniser,
    dancer: Dancer,
    songs: Sequence[Song],
    slider_song: Song,
    validation: Sequence[Take],
    training: Sequence[Take],
    scope: Scope,
    rules: RuleBook,
    budgets: Sequence[Budget] = (),
    claimed_styles: Sequence[str] = (),
    progress: Callable[[float], None] = lambda fraction: None,
    keep: Callable[[str, list[Danced]], None] = lambda name, dances: None,
    show_piece: ShowPiece = lambda name, music, dance, motion: None,
    composed: Sequence[Song] = (),
) -> Comparison:
    """Everything that is compared; `keep` is called with each contestant's dances, to draw some for example, and
    `show_piece` with how far apart the bars of each long song and of the first dance to it are, and with that dance.
    `composed` are songs made here, which are danced to as whole pieces alone."""
    from engine.evaluation.comparison import Comparison
    from engine.evaluation.contest import ContestExtent, dances_of, row_of, styles_to_ask_for
    from engine.evaluation.emotions import MEASURED, emotion_figures
    from engine.evaluation.inbetween import gaps
    from engine.evaluation.novelty import Library
    from engine.evaluation.quality import reference_speed_m_s
    from engine.evaluation.transitions import transitions

    chosen = chosen_songs(songs, scope.n_songs)
    styles = styles_to_ask_for(judge, [take.style for take in validation])
    extent = ContestExtent(scope.n_seeds, scope.dance_s)
    library = Library([take.motion for take in training])
    fillers = [c for c in contestants if c.name not in (REAL, FLOOR, "interpolation")]
    n_gaps = {n: len(gaps(validation, scope.gap_stride_frames, n)) for n in scope.gap_lengths}
    n_dances = (len(contestants) + 1) * len(styles) * len(chosen) * scope.n_seeds
    n_slides = len(MEASURED) * scope.n_emotion_seeds * scope.emotion_settings
    count = _Count(n_dances + sum(n_gaps.values()) * len(fillers) + n_slides, progress)
    speed = reference_speed_m_s(validation)

    def danced(contestant: Contestant, own: ContestExtent) -> list[Danced]:
        return dances_of(contestant, judge, library, chosen, styles, own, speed, rules, count.step)

    real = next(c for c in contestants if c.name == REAL)
    reference = danced(real, ContestExtent(scope.n_seeds, scope.dance_s, _REFERENCE_SEED))
    rows: list[Row] = []
    for contestant in contestants:
        own = danced(contestant, extent)
        keep(contestant.name, own)
        rows.append(row_of(contestant.name, own, reference, judge))
    filled = transitions(
        fillers, validation, training, scope.gap_lengths, scope.gap_stride_frames, done=count.step
    )  # fmt: skip
    seeds = range(scope.n_emotion_seeds)
    sliders = (
        emotion_figures(dancer, shortened(slider_song, scope.emotion_s), seeds, scope.emotion_settings, count.step)
        if scope.n_emotion_seeds
        else []
    )
    return Comparison(
        model=MODEL, real=REAL, floor=FLOOR, twin=TWIN, extent=extent, n_songs=len(chosen), judge=judge.figures,
        rows=tuple(rows), ladder=LADDER, transitions=filled, n_gaps=n_gaps, emotions=tuple(sliders),
        n_emotion_seeds=len(seeds),
        mixes=tuple(mixes(contestants, judge, chosen, scope.dance_s)), n_mix_seeds=MIX_SEEDS,
        pictures=tuple(picture_figures(fillers, gaps(validation, scope.gap_stride_frames), scope.n_pictures)),
        pieces=tuple(pieces(dancer, [*songs, *composed], scope, speed, rules, show_piece)), budgets=tuple(budgets),
        claimed_styles=tuple(claimed_styles),
    )  # fmt: skip


class _Count:
    """Counts what is done of `total`."""

    def __init__(self, total: int, tell: Callable[[float], None]) -> None:
        self._total, self._tell, self._done = max(total, 1), tell, 0

    def step(self) -> None:
        self._done += 1
        self._tell(min(self._done / self._total, 1.0))


def chosen_songs(songs: Sequence[Song], n: int) -> list[Song]:
    """`n` songs spread over the tempos: tracks and loops with a beat before click songs."""
    rank = {"track": 0, "loop": 0, "click": 1}
    usable = sorted((s for s in songs if len(s.beats_s) > 1), key=lambda s: rank[s.kind])
    pool = [s for s in usable if rank[s.kind] == 0] or usable
    pool = sorted(pool, key=lambda s: (s.analysis.tempo_bpm, s.name))
    if len(pool) <= n:
        return pool
    return [pool[i] for i in np.unique(np.round(np.linspace(0, len(pool) - 1, n)).astype(int))]


def shortened(song: Song, seconds: float) -> Song:
    """A song's beginning: sliders need many dances, and long ones tell no more."""
    from dataclasses import replace

    from engine.music.analysis import CURVES

    analysis = song.analysis
    if analysis.duration_s <= seconds:
        return song
    beats = analysis.beat_times_s < seconds
    hops = int(seconds * analysis.curve_rate_hz)
    sections = tuple(
        replace(s, end_s=min(s.end_s, seconds)) for s in analysis.sections if s.start_s < seconds
    )  # fmt: skip
    cut = replace(
        analysis, duration_s=seconds, sections=sections, beat_times_s=analysis.beat_times_s[beats],
        beat_in_bar=analysis.beat_in_bar[beats], tempo_curve_bpm=analysis.tempo_curve_bpm[beats],
        **{name: getattr(analysis, name)[:hops] for name in CURVES},
    )  # fmt: skip
    known = None if song.true_beats_s is None else song.true_beats_s[song.true_beats_s < seconds]
    return replace(song, analysis=cut, true_beats_s=known)


def sync_rows(danced: Sequence[SongFigures]) -> tuple[BeatFigures, ...]:
    """Sync of the model's dances to all songs, by tempo and by emotion class."""
    from engine.evaluation.beats import by_tempo_class
    from engine.evaluation.sync import by_emotion_class

    rows = [(row.song, row.duration_s, a) for row in danced for a in row.alignments]
    return (*by_tempo_class(rows), *by_emotion_class(rows)) if rows else ()


def pieces(
    dancer: Dancer, songs: Sequence[Song], scope: Scope, reference_speed_m_s: float, rules: RuleBook,
    show: ShowPiece,
) -> list[PieceFigures]:  # fmt: skip
    """The dances to all whole songs that are long enough, the longest first, mean of some seeds each.

    They are danced by what the analysis hears; where a song's parts are known for certain, by these they are measured.
    """
    from dataclasses import replace

    from engine.audio import read_audio
    from engine.evaluation.long_piece import bar_distances_m, bars_heard, distances, mean_piece, piece_figures

    out = []
    for song in sorted(songs, key=lambda song: -song.analysis.duration_s):
        audio = song.audio if song.audio is not None or song.path is None else read_audio(song.path)
        if audio is not None and audio.duration_s >= scope.shortest_piece_s:
            true = replace(song.analysis, sections=song.sections or song.analysis.sections)
            heard, edges_s = bars_heard(audio, song.analysis)
            dances = [dancer.dance(song.analysis, seed, {}) for seed in range(scope.n_seeds)]
            show(song.name, distances(heard), bar_distances_m(dances[0], edges_s), dances[0])
            out.append(mean_piece([
                piece_figures(song.name, motion, true, heard, edges_s, reference_speed_m_s, rules)
                for motion in dances
            ]))  # fmt: skip
    return out


def mixes(
    contestants: Sequence[Contestant], judge: FrozenRecogniser, songs: Sequence[Song], dance_s: float
) -> list[MixFigures]:
    """How the judge follows mixes between styles that it and the model know well."""
    from engine.evaluation.styles import mix_figures
    from engine.motion.house import FRAME_RATE_HZ

    model = next((c for c in contestants if isinstance(c, ModelContestant)), None)
    known = [s for s in judge.styles if judge.figures.get(f"accuracy_{s}", 0.0) > 0.5]
    if model is None or not songs:
        return []
    out = []
    song = songs[len(songs) // 2].analysis
    n_frames = round(min(dance_s, song.duration_s) * FRAME_RATE_HZ)
    for a, b in combinations(known, 2):
        columns = [judge.styles.index(a), judge.styles.index(b)]
        shares = []
        for weight in np.linspace(0.0, 1.0, MIX_STEPS):
            mix = {name: float(w) for name, w in ((a, 1.0 - weight), (b, weight)) if w > 0.0}
            seen = [judge.windows(model.in_mix(song, n_frames, seed, mix)) for seed in range(MIX_SEEDS)]
            said = judge.style_shares(np.concatenate(seen)).mean(axis=0)[columns]
            shares.append(float(said[1] / said.sum()) if said.sum() > 0.0 else 0.0)
        out.append(mix_figures(a, b, shares))
    return out


def picture_figures(fillers: Sequence[Contestant], holes: Sequence[Gap], n: int) -> list[PictureFigures]:
    """PSNR and SSIM of drawn gaps against the truth, of the straight way across and of every contestant."""
    from engine.evaluation.comparison import PictureFigures
    from engine.evaluation.inbetween import SLERP, interpolated
    from engine.evaluation.pictures import psnr_db, ssim
    from viewer3d.compared import from_one_camera

    if n == 0 or not holes:
        return []
    chosen = [holes[i] for i in np.unique(np.linspace(0, len(holes) - 1, min(n, len(holes))).astype(int))]
    names = [SLERP, *(filler.name for filler in fillers)]
    scores: dict[str, list[tuple[float, float]]] = {name: [] for name in names}
    for seed, hole in enumerate(chosen):
        n_frames = hole.truth.n_frames
        filled = [f.fill(hole.before, n_frames, hole.after, hole.style, seed) for f in fillers]
        frames = np.linspace(0, n_frames - 1, _PICTURES_A_GAP + 2).astype(int)[1:-1]
        drawn = from_one_camera([hole.truth, interpolated(hole), *filled], frames.tolist(), _PICTURE_SIZE)
        for name, pictures in zip(names, drawn[1:], strict=True):
            scores[name].append((psnr_db(pictures, drawn[0]), ssim(pictures, drawn[0])))
    return [PictureFigures(name, *(float(x) for x in np.mean(rows, axis=0))) for name, rows in scores.items()]
