"""What the preparation changed in every clip: report.md, report.json and pictures of the worst clips."""

from __future__ import annotations

import json
from collections import defaultdict
from pathlib import Path

from engine.generation.training.corpus import pictures
from engine.generation.training.corpus.prepare import Clip, Prepared, index_entry

N_WORST = 8
ROWS_PER_SHEET = 8
_COLUMNS = (
    ("frames", "n_frames", "{:d}"),
    ("seconds", "seconds", "{:.1f}"),
    ("cut, s", "cut_s", "{:.1f}"),
    ("gaps", "gap_frames", "{:d}"),
    ("flips", "flip_frames", "{:d}"),
    ("spikes", "spike_frames", "{:d}"),
    ("head up, deg", "head_up_deg", "{:.0f}"),
    ("noise, mm", "noise_moved_mm", "{:.1f}"),
    ("floor, cm", "floor_shift_cm", "{:+.1f}"),
    ("skating before", "skating_before", "{:.3f}"),
    ("after", "skating_after", "{:.3f}"),
    ("slide before, m/s", "slide_before_m_s", "{:.3f}"),
    ("after", "slide_after_m_s", "{:.3f}"),
    ("unusable, %", "invalid_percent", "{:.1f}"),
)


def write(prepared: Prepared, folder: Path, *, all_sheets: bool = False) -> None:
    """Write report.md, report.json and pictures/ into a folder."""
    entries = [index_entry(clip) for clip in prepared.clips]
    report = {"clips": entries, "left_out": [list(pair) for pair in prepared.left_out], "minutes": minutes(prepared)}
    (folder / "report.json").write_text(json.dumps(report, indent=1), encoding="utf-8")
    (folder / "report.md").write_text(as_markdown(prepared), encoding="utf-8")
    (folder / "pictures").mkdir(exist_ok=True)
    for clip in worst(prepared):
        rows: list[pictures.Row] = [
            (f"{clip.source.name}, as captured", clip.raw, None),
            (f"{clip.source.name}, cleaned", clip.motion, clip.contacts),
        ]
        picture = pictures.beside(pictures.sheet(rows), pictures.foot_curves(clip.raw, clip.motion, clip.valid))
        pictures.save_png(picture, folder / "pictures" / f"worst_{clip.source.name}.png")
    if all_sheets:
        for i in range(0, len(prepared.clips), ROWS_PER_SHEET):
            rows = [(_title(clip), clip.motion, clip.contacts) for clip in prepared.clips[i : i + ROWS_PER_SHEET]]
            pictures.save_png(pictures.sheet(rows), folder / "pictures" / f"sheet_{i // ROWS_PER_SHEET:02d}.png")


def minutes(prepared: Prepared) -> dict[str, dict[str, float]]:
    """Usable minutes by style and split."""
    out: dict[str, dict[str, float]] = defaultdict(lambda: {"train": 0.0, "validation": 0.0})
    for clip in prepared.clips:
        out[clip.source.style][clip.source.split] += float(clip.valid.sum()) / clip.motion.frame_rate_hz / 60.0
    return {style: {k: round(v, 2) for k, v in split.items()} for style, split in sorted(out.items())}


def summary(prepared: Prepared) -> str:
    """A small table for the terminal."""
    lines = [f"{'style':14} {'train':>8} {'validation':>11}   minutes"]
    for style, split in minutes(prepared).items():
        lines.append(f"{style:14} {split['train']:8.2f} {split['validation']:11.2f}")
    lines.append(f"{len(prepared.clips)} clips; {len(prepared.left_out)} left out:")
    lines += [f"  {path}: {why}" for path, why in prepared.left_out]
    return "\n".join(lines)


def worst(prepared: Prepared) -> list[Clip]:
    """The clips in which most was amiss: unusable and mended frames first, then floor and skating."""

    def badness(clip: Clip) -> float:
        c = clip.changes
        mended = (c["spike_frames"] + c["flip_frames"] + c["gap_frames"]) / clip.raw.n_frames
        return 3 * c["invalid_share"] + mended + abs(c["floor_shift_m"]) + c["skating_before"]

    return sorted(prepared.clips, key=badness, reverse=True)[:N_WORST]


def as_markdown(prepared: Prepared) -> str:
    """The report for people."""
    lines = ["# What was changed in each clip", "", "| style | train, min | validation, min |", "|---|---|---|"]
    lines += [f"| {style} | {m['train']} | {m['validation']} |" for style, m in minutes(prepared).items()]
    head = ["clip", "style", "split", *(title for title, _, _ in _COLUMNS)]
    lines += ["", "| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    for clip in prepared.clips:
        values = _values(clip)
        cells = [clip.source.name, clip.source.style + (", static" if clip.is_static else ""), clip.source.split]
        cells += [pattern.format(values[key]) for _, key, pattern in _COLUMNS]
        lines.append("| " + " | ".join(cells) + " |")
    if prepared.left_out:
        lines += ["", "Left out:", ""] + [f"- {path}: {why}" for path, why in prepared.left_out]
    return "\n".join(lines) + "\n"


def _values(clip: Clip) -> dict[str, float]:
    return {
        **clip.changes,
        "n_frames": clip.motion.n_frames,
        "seconds": clip.motion.duration_s,
        "cut_s": clip.changes["cut_start_s"] + clip.changes["cut_end_s"],
        "floor_shift_cm": 100 * clip.changes["floor_shift_m"],
        "invalid_percent": 100 * clip.changes["invalid_share"],
    }


def _title(clip: Clip) -> str:
    flags = ", static" if clip.is_static else ""
    return f"{clip.source.name}: {clip.source.style}, {clip.source.split}{flags}, {clip.motion.duration_s:.1f} s"
