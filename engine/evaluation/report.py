"""Findings as tables for a terminal and for Markdown, and as plain numbers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from engine.evaluation.experiments import Findings, SongFigures, mean_of_songs
from engine.evaluation.inbetween import CONTEXT_FRAMES, GAP_FRAMES, MODEL, REAL
from engine.evaluation.metrics import BEAT_TOLERANCE_S, N_SHIFTS
from engine.evaluation.quality import Quality, ratio
from engine.evaluation.sliders import QUANTITIES, SETTINGS

# Quality's figures: heading, factor, digits.
QUALITY_COLUMNS = {
    "skating": ("skating %", 100.0, 1),
    "slide_speed_m_s": ("slide cm/s", 100.0, 1),
    "freezing": ("frozen %", 100.0, 1),
    "jitter": ("jitter mm/f2", 1.0, 2),
    "magnitude_m_s": ("speed m/s", 1.0, 3),
    "penetration_m": ("below floor mm", 1000.0, 1),
    "pfc": ("PFC", 1.0, 2),
    "self_collision": ("through itself %", 100.0, 1),
}


@dataclass(frozen=True)
class Table:
    """A table of words: a heading, a sentence on what it shows, column names, rows; its first `n_words` columns hold
    words, the others numbers."""

    title: str
    note: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    n_words: int = 1

    def as_text(self) -> str:
        """For a terminal: columns aligned, numbers to the right."""
        lines = [self.columns, *self.rows]
        widths = [max(len(line[i]) for line in lines) for i in range(len(self.columns))]

        def aligned(line: Sequence[str]) -> str:
            cells = enumerate(zip(line, widths, strict=True))
            return "  ".join(cell.ljust(w) if i < self.n_words else cell.rjust(w) for i, (cell, w) in cells)

        body = "\n".join(aligned(line) for line in lines)
        return f"{self.title}\n{self.note}\n{body}"

    def as_markdown(self) -> str:
        """The same for Markdown."""
        rule = ("---:" if i >= self.n_words else "---" for i in range(len(self.columns)))
        body = "\n".join("| " + " | ".join(line) + " |" for line in (self.columns, tuple(rule), *self.rows))
        note = f"{self.note}\n\n" if self.note else ""
        return f"## {self.title}\n\n{note}{body}"


def tables(found: Findings, card: Mapping[str, Any]) -> list[Table]:
    """Every table of a report; `card` is the model's."""
    makers: list[Callable[[Findings], Table | None]] = [_runs, _quality, _beats, _sliders, _ends, _gaps, _segments]
    made = [table for make in makers if (table := make(found)) is not None]
    return [*made, _card(card)]


def as_text(found: Findings, card: Mapping[str, Any]) -> str:
    """The whole report for a terminal."""
    return "\n\n".join(table.as_text() for table in tables(found, card))


def as_markdown(found: Findings, card: Mapping[str, Any], title: str) -> str:
    """The whole report in Markdown."""
    return "\n\n".join([f"# {title}", *(table.as_markdown() for table in tables(found, card))]) + "\n"


def as_numbers(found: Findings, card: Mapping[str, Any]) -> dict[str, Any]:
    """The whole report as JSON types, in the units that the figures' names say."""
    made = mean_of_songs(found.songs)
    return {
        "extent": asdict(found.extent),
        "songs": [_song_numbers(row) for row in found.songs],
        "quality": {
            "generated": asdict(made),
            "validation_takes": asdict(found.validation),
            "training_takes": asdict(found.training),
            "generated_over_validation": ratio(made, found.validation),
        },
        "beats": [asdict(row) for row in found.beats],
        "sliders": {
            "song": found.slider_song,
            "settings": [name for name, _ in SETTINGS],
            "quantities": [asdict(row) for row in found.sliders],
        },
        "inbetween": {"n_gaps": found.n_gaps, "rows": [asdict(row) for row in found.inbetween]},
        "segments": {"song": found.segment_song, "rows": [asdict(row) for row in found.segments]},
        "card_validation": dict(card.get("validation", {})),
    }


def _song_numbers(row: SongFigures) -> dict[str, Any]:
    return {
        "name": row.song.name,
        "kind": row.song.kind,
        "tempo_bpm": row.song.analysis.tempo_bpm,
        "duration_s": row.duration_s,
        "quality": asdict(row.quality),
        "alignments": [asdict(a) for a in row.alignments],
        "failures": list(row.failures),
    }


# --- the tables ------------------------------------------------------------------------------


def _runs(found: Findings) -> Table:
    n_made = sum(len(row.alignments) for row in found.songs)
    failures = [(row.song.name, failure) for row in found.songs for failure in row.failures]
    rows = [("dances asked for", str(n_made + len(failures))), ("dances made", str(n_made))]
    return Table("No crash", "Every dance that failed is named.", ("what", "figure"), (*rows, *failures))


def _quality(found: Findings) -> Table:
    made = mean_of_songs(found.songs)
    times = ratio(made, found.validation)
    rows = [(row.song.name, _tempo(row), *_quality_cells(row.quality)) for row in found.songs if row.alignments]
    rows += [
        ("ALL DANCES", "", *_quality_cells(made)),
        ("VALIDATION TAKES (real)", "", *_quality_cells(found.validation)),
        ("training takes (real)", "", *_quality_cells(found.training)),
        ("all dances / validation takes", "", *(_times(times[name]) for name in QUALITY_COLUMNS)),
    ]
    note = (
        f"Mean of {found.extent.n_seeds} seeds a song; all dances and takes by length. Frozen: mean joint speed under "
        "5 % of the validation takes' median."
    )
    heads = tuple(head for head, _, _ in QUALITY_COLUMNS.values())
    return Table("How the dances move", note, ("dance to", "BPM", *heads), tuple(rows))


def _quality_cells(row: Quality) -> tuple[str, ...]:
    return tuple(f"{getattr(row, name) * k:.{digits}f}" for name, (_, k, digits) in QUALITY_COLUMNS.items())


def _tempo(row: SongFigures) -> str:
    return f"{row.song.analysis.tempo_bpm:.0f}" if row.song.analysis.tempo_bpm > 0 else "-"


def _times(value: float | None) -> str:
    return "-" if value is None else f"{value:.2f}x"


def _beats(found: Findings) -> Table:
    rows = [
        (
            row.name, str(row.n_dances), str(row.n_kinematic_beats), f"{row.kinematic_beats_per_s:.2f}",
            f"{row.within:.3f}", f"{row.chance:.3f}", f"{row.lift:+.3f}", f"{row.recall:.3f}",
            f"{row.dance_to_music_lift:+.3f}", f"{row.music_to_dance_lift:+.3f}",
        )
        for row in found.beats
    ]  # fmt: skip
    note = (
        f"Share of kinematic beats within +-{1000 * BEAT_TOLERANCE_S:.0f} ms of a beat of the music; chance is the "
        f"same with the music circularly shifted against the dance (mean of {N_SHIFTS} shifts), lift the difference. "
        "The last two: lift of the Gaussian scores (sigma 50 ms), dance to music and music to dance."
    )
    heads = ("music", "dances", "kin. beats", "a second", "within", "chance", "lift", "recall", "BAS lift", "BAS' lift")
    return Table("Beats of the dance on beats of the music", note, heads, tuple(rows))


def _sliders(found: Findings) -> Table:
    rows = [
        (
            f"{row.name} ({QUANTITIES[row.name].split(',')[0]})", *(f"{m:.3f}" for m in row.medians),
            f"{row.spearman:+.2f}", f"{row.median_spearman:+.2f}", "yes" if row.is_monotone else "NO",
        )
        for row in found.sliders
    ]  # fmt: skip
    note = (
        f"Medians of {found.extent.n_slider_seeds} seeds on {found.slider_song}; Spearman's rho of setting and value "
        "over all dances and of the medians; monotone: every step towards sorrow lowers the median. "
        + "; ".join(f"{name}: {what}" for name, what in QUANTITIES.items()) + "."
    )  # fmt: skip
    heads = ("quantity", *(name for name, _ in SETTINGS), "rho", "rho of medians", "monotone")
    return Table("Sliders from joy to sorrow", note, heads, tuple(rows))


def _ends(found: Findings) -> Table:
    rows = []
    for row in found.sliders:
        first, last = row.medians[0], row.medians[-1]
        change = f"{100.0 * (last - first) / first:+.1f} %" if first else "-"
        rows.append((row.name, f"{first:.3f}", f"{last:.3f}", change, f"{100.0 * row.seeds_lowered:.0f} %"))
    heads = ("quantity", SETTINGS[0][0], SETTINGS[-1][0], "change", "seeds lowered")
    return Table("Joy against sorrow", "Medians at full strength, and seeds whose dance has less.", heads, tuple(rows))


def _gaps(found: Findings) -> Table | None:
    if not found.inbetween:
        return None
    rows = [
        (
            row.name, f"{row.l2p:.3f}", f"{row.l2q:.3f}", f"{row.npss:.4f}", f"{100 * row.joint_error_m:.1f}",
            f"{100 * row.seam_step_m:.1f}", f"{row.seam_velocity_step_m_s:.2f}", f"{100 * row.seam_velocity_share:.0f}",
            f"{100 * row.seam_jump_m:.2f}", f"{100 * row.skating:.1f}",
        )
        for row in found.inbetween
    ]  # fmt: skip
    note = (
        f"{found.n_gaps} gaps of {GAP_FRAMES} frames in validation takes between {CONTEXT_FRAMES} frames on either "
        f"side, no music given, style told. L2P normalised by the training takes. '{REAL}' is the truth, '{MODEL}' "
        "knows nothing of it. Seams: the longest way of a joint over a seam, and the change of velocity "
        "there, in m/s and over the speed around; jump: how far joints pop, against the speeds on either side."
    )
    heads = ("filled by", "L2P", "L2Q", "NPSS", "joint error cm", "seam step cm", "seam velocity m/s",
             "velocity step %", "jump cm", "skating %")  # fmt: skip
    return Table("Gaps filled", note, heads, tuple(rows))


def _segments(found: Findings) -> Table | None:
    if not found.segments:
        return None
    rows = [
        (
            row.name, f"{row.start_s:.1f}-{row.end_s:.1f}", "yes" if row.is_outside_identical else "NO",
            f"{1000 * row.locked_error_m:.4f}", f"{100 * row.free_change_m:.1f}",
            f"{100 * row.seam_step_m:.1f} ({100 * row.usual_step_m:.1f})",
            f"{row.seam_velocity_step_m_s:.2f} ({row.usual_velocity_step_m_s:.2f})",
        )
        for row in found.segments
    ]  # fmt: skip
    note = f"Made anew in the dance to {found.segment_song}. In brackets: 95th percentile of the first dance's frames."
    heads = ("locked", "segment s", "outside same bits", "locked joints mm", "free joints cm", "seam step cm",
             "seam velocity m/s")  # fmt: skip
    return Table("The middle made anew", note, heads, tuple(rows))


def _card(card: Mapping[str, Any]) -> Table:
    rows = tuple((name, f"{value:g}") for name, value in card.get("validation", {}).items())
    steps = f"{card['steps']} steps; " if "steps" in card else ""
    note = f"{steps}{card.get('validation_units', 'as its card says')}."
    return Table("The model's own validation figures", note, ("figure", "value"), rows)
