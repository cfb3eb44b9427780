"""What goes to the process that knows the rules, and what comes back; light enough for the window to load at once."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from engine.structure.finding import Finding

CHECK = "editor.jobs.rule_tasks:check_dance"
REPAIR = "editor.jobs.rule_tasks:repair_dance"


@dataclass(frozen=True)
class Judging:
    """By what a dance is judged.

    Attributes:
        folder: Where the rules lie.
        genre: A genre or style; None for the rules of every dance.
        changes: Rule, and what the piece changes of it: limits by name, and the severity.
        off: Rules that the piece does not judge by.
        music_number: Another number, other music.
    """

    folder: Path
    genre: str | None
    changes: tuple[tuple[str, tuple[tuple[str, float | str], ...]], ...]
    off: frozenset[str]
    music_number: int


@dataclass(frozen=True)
class Checked:
    """What was found in a dance.

    Attributes:
        findings: By frame.
        movements: The first frame of every movement.
        repairs: What each repair does that a finding names, in words.
    """

    findings: tuple[Finding, ...]
    movements: tuple[int, ...]
    repairs: dict[str, str]
