"""A comparison of contestants, whole: as tables, and as plain numbers."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from engine.evaluation.beats import BeatFigures
from engine.evaluation.contest import COLUMNS, ContestExtent, Row
from engine.evaluation.emotions import EmotionFigures
from engine.evaluation.inbetween import SLERP, InbetweenFigures
from engine.evaluation.intervals import Estimate
from engine.evaluation.long_piece import ROLES, PieceFigures
from engine.evaluation.metrics import BEAT_TOLERANCE_S
from engine.evaluation.report import Table
from engine.evaluation.styles import MixFigures

# What the paper prints for the same classes, percent (Lin & Feng 2025); its tolerance and its chance it does not say.
PAPER_SYNC = {
    "fast (> 120 BPM)": 96, "medium (90-120 BPM)": 97, "slow (< 90 BPM)": 95,
    "intense": 95, "melancholic": 92, "serene": 94,
}  # fmt: skip
_SURE_COLUMNS = ("fid", "style_accuracy", "diversity", "novelty_m", "beat_lift", "correlation_lift")
_PAPER_COLUMNS = ("fid_k", "fid_g", "fid_k_legacy", "fid_g_legacy")
_BODY_COLUMNS = tuple(key for key in COLUMNS if key not in (*_SURE_COLUMNS, *_PAPER_COLUMNS))


@dataclass(frozen=True, eq=False)
class PictureFigures:
    """PSNR (dB) and SSIM of one contestant's filled gaps, drawn, against the truth, drawn."""

    name: str
    psnr_db: float
    ssim: float


@dataclass(frozen=True)
class Budget:
    """What one contestant was given to learn with: minutes, of what device, in how many steps."""

    name: str
    minutes: float
    device: str
    steps: int


@dataclass(frozen=True, eq=False)
class Comparison:
    """All that was compared.

    Attributes:
        model, real, floor: Names of the rows that are the model, the held-out takes, and the takes it was trained on.
        twin: Name of the row, if it is there, that is the model trained anew as long as the baselines.
        extent: How much each danced. n_songs: to how many songs.
        judge: The judge's own figures on held-out takes.
        rows: One a contestant. ladder: names of the rows of the paper's ablation, the plain GAN first.
        transitions: For each length of gap in frames, a row a contestant. n_gaps: how many of each length.
        emotions: One a slider; n_emotion_seeds: over so many dances a setting.
        mixes: Between pairs of styles that the judge knows, and n_mix_seeds: over so many dances a step.
        sync: By tempo and by emotion class. pictures: one a contestant.
        budgets: One for each that was trained, the judge too.
        pieces: One a long song, of the model's dances to the whole of it.
        claimed_styles: Those that the model's card says it has learned.
    """

    model: str
    real: str
    floor: str
    extent: ContestExtent
    n_songs: int
    judge: Mapping[str, float]
    rows: tuple[Row, ...]
    ladder: tuple[str, ...] = ()
    transitions: Mapping[int, Sequence[InbetweenFigures]] = field(default_factory=dict)
    n_gaps: Mapping[int, int] = field(default_factory=dict)
    emotions: tuple[EmotionFigures, ...] = ()
    n_emotion_seeds: int = 0
    mixes: tuple[MixFigures, ...] = ()
    n_mix_seeds: int = 0
    sync: tuple[BeatFigures, ...] = ()
    pictures: tuple[PictureFigures, ...] = ()
    budgets: tuple[Budget, ...] = ()
    pieces: tuple[PieceFigures, ...] = ()
    claimed_styles: tuple[str, ...] = ()
    twin: str = ""

    def row(self, name: str) -> Row | None:
        """The row of that name."""
        return next((row for row in self.rows if row.name == name), None)


def as_numbers(found: Comparison) -> dict[str, Any]:
    """The comparison as JSON types; what is no number is left out."""
    return {
        "extent": {**asdict(found.extent), "songs": found.n_songs},
        "judge": dict(found.judge),
        "contestants": {
            row.name: {
                "figures": {k: asdict(v) for k, v in row.figures.items() if math.isfinite(v.value)},
                "styles": {s.style: {"accuracy": s.accuracy, "windows": s.n_windows} for s in row.styles},
            }
            for row in found.rows
        },
        "transitions": {str(n): [asdict(row) for row in rows] for n, rows in found.transitions.items()},
        "emotions": [asdict(row) for row in found.emotions],
        "mixes": [asdict(row) for row in found.mixes],
        "sync": [asdict(row) for row in found.sync],
        "pictures": [asdict(row) for row in found.pictures],
        "budgets": [asdict(row) for row in found.budgets],
        "pieces": [_finite(asdict(row)) for row in found.pieces],
    }


def _finite(row: dict[str, Any]) -> dict[str, Any]:
    """Without what is no number, since JSON has no word for it."""
    plain = {k: _finite(v) if isinstance(v, dict) else v for k, v in row.items()}
    return {k: v for k, v in plain.items() if not isinstance(v, float) or math.isfinite(v)}


def card_figures(found: Comparison) -> dict[str, Any]:
    """The few figures that a model's card holds: the model's own beside the held-out takes', rounded."""
    out: dict[str, Any] = {}
    for key in COLUMNS:
        pair = {}
        for word, name in (("model", found.model), ("real", found.real)):
            row = found.row(name)
            if row is not None and key in row.figures and math.isfinite(row.figures[key].value):
                pair[word] = round(row.figures[key].value, 4)
        out[key] = pair
    for n, rows in found.transitions.items():
        own = next((row for row in rows if row.name == found.model), None)
        if own is not None:
            out[f"l2p_{n}"] = {"model": round(own.l2p, 3), SLERP: round(_named(rows, SLERP).l2p, 3)}
    out["emotion_spearman"] = {row.name: round(row.spearman, 3) for row in found.emotions}
    return out


# --- tables ----------------------------------------------------------------------------------


def comparison_tables(found: Comparison) -> list[Table]:
    """Every table that there is something for."""
    made = [_budgets(found), _sure(found), _body(found), _ladder(found), _styles(found), _sync(found)]
    made += [_transitions(found, n) for n in found.transitions]
    made += [_emotions(found), _mixes(found), *_pieces(found), _pictures(found), _hand_made(found)]
    return [table for table in made if table is not None and table.rows]


def _cells(row: Row, keys: Sequence[str], *, interval: bool = True) -> list[str]:
    return [_estimate(row.figures.get(key), key, interval=interval) for key in keys]


def _estimate(figure: Estimate | None, key: str, *, interval: bool) -> str:
    _, factor, digits, _ = COLUMNS[key]
    if figure is None or not math.isfinite(figure.value):
        return "-"
    value = f"{figure.value * factor:.{digits}f}"
    if not interval or figure.low == figure.high:
        return value
    return f"{value} [{figure.low * factor:.{digits}f}, {figure.high * factor:.{digits}f}]"


def _heads(keys: Sequence[str]) -> tuple[str, ...]:
    return tuple(f"{COLUMNS[key][0]} {COLUMNS[key][3]}" for key in keys)


def _asked(found: Comparison) -> str:
    e = found.extent
    return (
        f"{found.n_songs} songs, each style, {e.n_seeds} seed(s), {e.dance_s:.0f} s a dance; 95 % intervals over dances"
    )


def _budgets(found: Comparison) -> Table | None:
    rows = tuple((b.name, f"{b.minutes:.1f}", b.device, f"{b.steps:,}") for b in found.budgets)
    devices = {b.device for b in found.budgets}
    unequal = (
        " The budgets are NOT equal, since not all had the same device: a GPU does many times as much in a minute as "
        "a processor's core. Where a baseline loses, it may be for this alone."
        if len(devices) > 1
        else ""
    )
    if unequal and any(b.name == found.twin for b in found.budgets):
        unequal += f" '{found.twin}' is there for this: the same generator and the same rest, trained as long as they."
    note = f"Minutes of training, and of what.{unequal}"
    return Table("What each had to learn with", note, ("who", "minutes", "on", "steps"), rows)


def _sure(found: Comparison) -> Table:
    note = (
        f"{_asked(found)}. Better: + more, - less, = as the real takes. FID in the judge's embedding "
        f"against '{found.real}' (drawn anew, so it is not 0 for itself); '{found.floor}' is what real dance by the "
        "same dancers has. Novelty: from the nearest second of training dance. Lifts are over shuffled music."
    )
    rows = tuple((row.name, *_cells(row, _SURE_COLUMNS)) for row in found.rows)
    return Table("Beside baselines", note, ("who dances", *_heads(_SURE_COLUMNS)), rows)


def _body(found: Comparison) -> Table:
    note = "All baselines share the product's seams and foot lock; interpolation and real takes are as they are."
    rows = tuple((row.name, *_cells(row, _BODY_COLUMNS)) for row in found.rows)
    return Table("How they move", note, ("who dances", *_heads(_BODY_COLUMNS)), rows)


def _hand_made(found: Comparison) -> Table:
    note = (
        "For comparison with papers, and for nothing else: pieces of 5 s at 60 fps; legacy repeats the published "
        "code's slips (engine.evaluation.features). With fewer pieces than dimensions all are biased upwards."
    )
    rows = tuple((row.name, *_cells(row, _PAPER_COLUMNS)) for row in found.rows)
    return Table("Fréchet distances of hand-made features", note, ("who dances", *_heads(_PAPER_COLUMNS)), rows)


def _ladder(found: Comparison) -> Table | None:
    names = [*found.ladder, found.twin, found.model]
    chosen = [row for name in names if (row := found.row(name)) is not None]
    if len(chosen) < 2:
        return None
    keys = ("fid", "style_accuracy", "beat_lift", "correlation_lift", "diversity", "magnitude_m_s", "jitter", "skating")
    rows = [(row.name, *_cells(row, keys, interval=False)) for row in chosen]
    note = (
        "The paper's ablation: each row has one part more, down to the product's model. The paper scores the plain "
        "GAN 6.0 for looks and 6.5 for fluidity out of 10, the complete one 8.5 and 9.0; ours are measured."
    )
    return Table("Ablation", note, ("parts", *_heads(keys)), tuple(rows))


def _styles(found: Comparison) -> Table | None:
    real = found.row(found.real)
    if real is None:
        return None
    names = [s.style for s in real.styles]
    rows = []
    for row in found.rows:
        by = {s.style: s for s in row.styles}
        rows.append((row.name, *(_relative(by[n].accuracy, by[n].real) if n in by else "-" for n in names)))
    note = (
        "Share of windows of 3.2 s that the judge names by the style that was asked for, percent; in brackets over "
        "real takes of the style (where the judge knows fewer than a fifth of these, it cannot tell)."
    )
    return Table("Styles", note, ("who dances", *names), tuple(rows))


def _relative(accuracy: float, real: float) -> str:
    text = f"{100.0 * accuracy:.0f}"
    return f"{text} ({accuracy / real:.2f})" if real >= 0.2 else f"{text} (-)"


def _sync(found: Comparison) -> Table | None:
    return sync_table(found.sync) if found.sync else None


def sync_table(found: Sequence[BeatFigures]) -> Table:
    """Sync by classes of music beside the paper's figures."""
    rows = [
        (
            row.name, str(row.n_dances), f"{100 * row.within:.1f}", f"{100 * row.chance:.1f}", f"{100 * row.lift:+.1f}",
            f"{100 * row.recall:.1f}", str(PAPER_SYNC.get(row.name, "-")),
        )
        for row in found
    ]  # fmt: skip
    note = (
        f"Share of the dance's kinematic beats within {1000 * BEAT_TOLERANCE_S:.0f} ms of a beat of the music, "
        "percent, and the same on shuffled music. The paper says neither its tolerance nor its chance level."
    )
    heads = ("music", "dances", "in sync %", "chance %", "lift %", "music's beats hit %", "paper %")
    return Table("Sync by tempo and by emotion", note, heads, tuple(rows))


def _transitions(found: Comparison, n: int) -> Table:
    slerp = _named(found.transitions[n], SLERP).l2p
    rows = [
        (
            row.name, _between(row.l2p, row.l2p_low, row.l2p_high),
            f"{100 * (1 - row.l2p / slerp):+.0f}" if slerp > 0.0 else "-", f"{row.l2q:.3f}",
            f"{row.npss:.4f}", f"{100 * row.joint_error_m:.1f}", f"{100 * row.seam_velocity_share:.0f}",
            f"{100 * row.seam_jump_m:.2f}", f"{100 * row.skating:.1f}",
        )
        for row in found.transitions[n]
    ]  # fmt: skip
    note = (
        f"{found.n_gaps.get(n, 0)} gaps in held-out takes, 48 frames known on either side, no music. L2P with its 95 % "
        "interval over gaps. Seams: change of velocity over the speed around, and how far joints pop."
    )
    heads = ("filled by", "L2P", "below slerp %", "L2Q", "NPSS", "joint error cm", "velocity step %", "jump cm",
             "skating %")  # fmt: skip
    return Table(f"Gaps of {n} frames", note, heads, tuple(rows))


def _between(value: float, low: float, high: float) -> str:
    return f"{value:.2f}" if low == high else f"{value:.2f} [{low:.2f}, {high:.2f}]"


def _named(rows: Sequence[InbetweenFigures], name: str) -> InbetweenFigures:
    return next(row for row in rows if row.name == name)


def _emotions(found: Comparison) -> Table | None:
    if not found.emotions:
        return None
    n = len(found.emotions[0].medians)
    rows = tuple(
        (
            f"{row.name} ({row.quality})", f"{row.spearman:+.3f}", f"{row.worst:+.2f}", f"{row.all_together:+.3f}",
            *(f"{x:.3f}" for x in row.medians),
        )
        for row in found.emotions
    )  # fmt: skip
    note = (
        f"{n} settings, {found.n_emotion_seeds} seeds. Rank correlation of setting and quality in the wanted "
        "direction: mean of the seeds, worst seed, all dances together; then the median at each setting. Energy: "
        "mean joint speed, m/s; suddenness: acceleration over speed, 1/s."
    )
    heads = ("slider", "Spearman", "worst seed", "together", *(f"{i / (n - 1):.2f}" for i in range(n)))
    return Table("Emotion sliders", note, heads, rows)


def _mixes(found: Comparison) -> Table | None:
    if not found.mixes:
        return None
    rows = tuple(
        (f"{row.first} to {row.second}", f"{row.spearman:+.2f}", f"{row.largest_step:.2f}",
         *(f"{share:.2f}" for share in row.shares))
        for row in found.mixes
    )  # fmt: skip
    n = len(found.mixes[0].shares)
    note = (
        f"Styles that the judge knows, {found.n_mix_seeds} dances a step. Rank correlation of the second style's "
        "weight and of what the judge gives it, of both; the largest step; then that share at each weight."
    )
    heads = ("mix", "Spearman", "largest step", *(f"{i / (n - 1):.2f}" for i in range(n)))
    return Table("Style mix", note, heads, rows)


def _pieces(found: Comparison) -> list[Table]:
    if not found.pieces:
        return []
    of_music = [
        (
            row.name, f"{row.duration_s:.0f}", str(row.n_bars), str(row.n_returns),
            "-" if math.isnan(row.returns) else f"{row.returns:.2f}", f"{row.similarity:+.3f}", f"{row.chance:+.3f}",
            f"{100 * row.new_bar_m:.1f}", f"{row.follows_loudness:+.2f}",
            *("-" if math.isnan(x := row.role_speed_m_s[role]) else f"{x:.2f}" for role in ROLES),
        )
        for row in found.pieces
    ]  # fmt: skip
    of_stage = [
        (
            row.name, f"{row.farthest_m:.2f}", f"{row.drift_m:.2f}", f"{100 * row.freezing:.1f}",
            f"{row.longest_still_s:.1f}", f"{row.late_speed:.2f}x", f"{row.late_jitter:.2f}x",
            f"{row.late_skating:.2f}x", f"{row.findings_per_min:.1f}",
        )
        for row in found.pieces
    ]  # fmt: skip
    music_note = (
        f"Whole songs, mean of {found.extent.n_seeds} dance(s) each. Returns: probability that two bars at one place "
        "of two parts with one letter are more alike in the dance than two others; 0.5 is chance. Similarity: rank "
        "correlation, over all pairs of bars, of how alike they are in the dance and in the music; chance: with the "
        "music's bars shifted. "
        "New: distance of a bar from the most alike other bar, median. Loudness: rank correlation of speed and "
        "loudness, bar by bar. Then the speed, m/s, by the part that the music's analysis proposes."
    )
    stage_note = (
        "Farthest: of the hips from where they began; drift: of the last quarter's middle from the first's. Late over "
        "early: the last third over the first, 1 where nothing wears out. Findings: of all rules, whole pieces' too."
    )
    return [
        Table("Long pieces and their music", music_note,
              ("song", "s", "bars", "returning pairs", "returns", "similarity", "chance", "new cm", "loudness", *ROLES),
              tuple(of_music)),
        Table("Long pieces from start to end", stage_note,
              ("song", "farthest m", "drift m", "frozen %", "longest still s", "speed late/early", "jitter late/early",
               "skating late/early", "findings a minute"), tuple(of_stage)),
    ]  # fmt: skip


def _pictures(found: Comparison) -> Table | None:
    rows = tuple((row.name, f"{row.psnr_db:.1f}", f"{row.ssim:.3f}") for row in found.pictures)
    note = (
        "Gaps of 30 frames, drawn by one camera each and held beside the truth. To mirror the paper (28.5 dB and 0.83; "
        "traditional 24.3 and 0.79, on other data and other pictures): they decide nothing."
    )
    return Table("Pictures", note, ("filled by", "PSNR dB", "SSIM"), rows)
