"""How often a dance breaks the rules of its structure, a minute."""

from __future__ import annotations

from engine.motion.motion import Motion
from engine.music.analysis import MusicAnalysis
from engine.structure.book import RuleBook
from engine.structure.checker import check
from engine.structure.finding import Finding


def findings_per_min(motion: Motion, rules: RuleBook, style: str | None = None) -> float:
    """Warnings and errors a minute of what one movement breaks, or how it follows the last; 0 for no frames.

    The rules are those of every dance and of the style's genre, as `kinetograph check` has them. What they say of
    whole pieces (how it begins, builds and ends) is left out, since a stretch of a dance is no piece, and what they
    say of music, since real takes were danced to music that is not known.
    """
    return _a_minute(motion, [f for f in told(motion, rules, style) if f.family != "integrity"])


def piece_findings_per_min(motion: Motion, rules: RuleBook, music: MusicAnalysis) -> float:
    """The same of a whole piece to its music, by all rules of every dance."""
    return _a_minute(motion, told(motion, rules, music=music))


def told(
    motion: Motion, rules: RuleBook, style: str | None = None, music: MusicAnalysis | None = None
) -> list[Finding]:
    """What is found in a dance, notes left out."""
    return [f for f in check(motion, music, style, rules=rules) if f.severity != "note"]


def _a_minute(motion: Motion, found: list[Finding]) -> float:
    return 60.0 * len(found) / motion.duration_s if motion.n_frames else 0.0
