"""What is said of a finding: where in the music it is, how much, and the marks of a movement's findings. No Qt."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from editor.findings import WORST_FIRST, Entry, Findings
from editor.timeline.beat_grid import BeatGrid
from editor.timeline.model import Mark
from engine.structure.finding import Finding

if TYPE_CHECKING:
    from engine.structure.book import RuleText

FAMILY_WORDS = {
    "movement": "Technique of a movement", "coherence": "How movements follow", "integrity": "The whole piece",
}  # fmt: skip
_JOINTS = {
    "UpLeg": "hip", "Leg": "knee", "Foot": "foot", "ToeBase": "toes", "Shoulder": "shoulder", "Arm": "upper arm",
    "ForeArm": "elbow", "Hand": "hand", "FingerBase": "fingers", "Hips": "hips", "Spine": "waist", "Spine1": "back",
    "Spine2": "chest", "Neck": "neck", "Head": "head",
}  # fmt: skip
_MOST_JOINTS = 3
_MINUS = "\u2212"
_WHOLE_SHARE = 0.95


def amount(value: float, unit: str) -> str:
    """A measured value or limit as it is read: "\u221231\u00b0", "36 cm", "1.2 s", "38 %"."""
    if unit == "deg":
        words = f"{value:.0f}\u00b0"
    elif unit == "m":
        words = f"{100.0 * value:.{0 if abs(value) >= 0.095 else 1}f} cm" if abs(value) < 1.0 else f"{value:.2f} m"
    elif unit == "":
        words = f"{100.0 * value:.0f} %"
    elif unit == "deg/s":
        words = f"{value:.0f}\u00b0/s"
    else:
        words = f"{value:.2f} {unit}"
    return words.replace("-", _MINUS)


def place_words(finding: Finding, grid: BeatGrid | None, frame_rate_hz: float) -> str:
    """Where it is worst: "bar 14.3", or the time where there are no beats."""
    time_s = finding.peak_frame / frame_rate_hz
    moment = grid.at(time_s) if grid is not None else None
    return f"bar {moment.bar}.{moment.beat}" if moment is not None else clock(time_s)


def where_words(entry: Entry, name: str, grid: BeatGrid | None, frame_rate_hz: float, n_frames: int) -> str:
    """Who, when and at which joints, in a line."""
    finding = entry.finding
    parts = [name]
    if n_frames and finding.end_frame - finding.start_frame > _WHOLE_SHARE * n_frames:
        parts.append("the whole piece")
    else:
        time_s = finding.peak_frame / frame_rate_hz
        moment = grid.at(time_s) if grid is not None else None
        if moment is not None:
            parts += [f"bar {moment.bar}.{moment.beat}", f"count {moment.count}"]
        parts.append(clock(time_s))
    return " \u00b7 ".join([*parts, *joint_words(finding.joints)])


def joint_words(joints: Iterable[str]) -> list[str]:
    """Joints as a dancer says them, no more than a few."""
    words = list(dict.fromkeys(_joint(joint) for joint in joints))
    return words if len(words) <= _MOST_JOINTS else [*words[:_MOST_JOINTS], f"{len(words) - _MOST_JOINTS} more"]


def clock(time_s: float) -> str:
    """Minutes, seconds and tenths."""
    tenths = round(10.0 * time_s)
    return f"{tenths // 600}:{tenths // 10 % 60:02d}.{tenths % 10}"


def excess_words(finding: Finding) -> str:
    """By how much the limit is passed: "13\u00b0 past \u221218\u00b0"."""
    is_under = finding.measured < finding.limit
    side = "under" if is_under and finding.limit >= 0.0 else "past"
    return f"{amount(finding.excess, finding.unit)} {side} {amount(finding.limit, finding.unit)}"


def marks_of(findings: Findings, grid: BeatGrid | None, frame_rate_hz: float) -> list[Mark]:
    """One mark for every movement in which something is shown, with its worst severity."""
    texts = findings.texts if findings.shown else {}
    groups: dict[tuple[str, int], list[Entry]] = {}
    for entry in findings.shown:
        groups.setdefault((entry.track_id, entry.finding.movement), []).append(entry)
    marks = []
    for (track_id, _), group in groups.items():
        ordered = sorted(group, key=lambda e: (not e.is_open, WORST_FIRST.index(e.finding.severity), e.finding.rule))
        start, end = findings.movement_span(ordered[0])
        lines = [_line(entry, texts, grid, frame_rate_hz) for entry in ordered]
        is_hollow = not ordered[0].is_open
        severity = ordered[0].finding.severity
        marks.append(Mark(track_id, start, end, severity, "\n".join(lines), is_hollow, tuple(ordered)))
    return sorted(marks, key=lambda mark: mark.start_frame)


def _line(entry: Entry, texts: dict[str, RuleText], grid: BeatGrid | None, frame_rate_hz: float) -> str:
    finding = entry.finding
    title = texts[finding.rule].title if finding.rule in texts else finding.rule
    kind = finding.severity.capitalize() if entry.is_open else "Intended"
    why = f" ({entry.waiver.note})" if entry.waiver is not None and entry.waiver.note else ""
    where = place_words(finding, grid, frame_rate_hz)
    return f"{kind}: {title}, {where}{why}\n{finding.explanation}"


def _joint(joint: str) -> str:
    for side in ("Left", "Right"):
        if joint.startswith(side):
            return f"{side.lower()} {_JOINTS.get(joint.removeprefix(side), joint.removeprefix(side).lower())}"
    return _JOINTS.get(joint, joint.lower())
