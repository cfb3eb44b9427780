"""What is asked of the process that knows the rules of dance structure: to look at a dance, and to mend it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from editor.jobs.judging import Checked, Judging
from editor.jobs.motion_wire import Frames, motion_of
from editor.jobs.worker import Report
from engine.motion.movements import segment
from engine.music.analysis import MusicAnalysis
from engine.structure.book import RuleBook, read_rules
from engine.structure.checker import Checker
from engine.structure.finding import Finding
from engine.structure.repairs import REPAIRS, repair

_books: dict[Path, RuleBook] = {}
# By dancer: the next version is compared with the last, where it is as long and judged by the same.
_checkers: dict[str, tuple[tuple[Judging, int], Checker]] = {}


def check_dance(
    report: Report, track_id: str, frames: Frames, judging: Judging, music: dict[str, Any] | None
) -> Checked:
    """Hold a dancer's whole motion against the rules; of a dance that was seen before, only what differs."""
    report.progress(0.0)
    motion = motion_of(frames)
    assert motion is not None
    key, known = (judging, motion.n_frames), _checkers.get(track_id)
    if known is None or known[0] != key:
        known = (key, Checker(_rules(judging), _music(music), judging.genre))
        _checkers[track_id] = known
    found = tuple(f for f in known[1].check(motion) if f.rule not in judging.off)
    named = {finding.repair for finding in found}
    words = {name: does for name, (does, *_) in REPAIRS.items() if name in named}
    return Checked(found, tuple(movement.start_frame for movement in segment(motion)), words)


def repair_dance(
    report: Report, frames: Frames, finding: Finding, judging: Judging, music: dict[str, Any] | None
) -> tuple[int, Frames] | None:
    """The frames that mend a finding, and where they begin; None where nothing helps that makes nothing else worse."""
    report.progress(0.0)
    motion = motion_of(frames)
    assert motion is not None
    mended = repair(motion, finding, rules=_rules(judging), music=_music(music), style=judging.genre)
    report.progress(1.0)
    if mended is None:
        return None
    span = slice(mended.start_frame, mended.end_frame)
    return mended.start_frame, (mended.motion.root_positions_m[span], mended.motion.local_rotations[span])


def _rules(judging: Judging) -> RuleBook:
    """The book with the piece's changes."""
    if judging.folder not in _books:
        _books[judging.folder] = read_rules(judging.folder)
    return _books[judging.folder].changed({rule: dict(changes) for rule, changes in judging.changes})


def _music(values: dict[str, Any] | None) -> MusicAnalysis | None:
    return None if values is None else MusicAnalysis(**values)
