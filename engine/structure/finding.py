"""A finding: one rule of the dance's structure that one movement breaks, in a choreographer's words."""

from __future__ import annotations

from dataclasses import dataclass

# From the mildest: a note is shown on request, a warning by default, an error is what no body can do.
SEVERITIES = ("note", "warning", "error")
FAMILIES = ("movement", "coherence", "integrity")


@dataclass(frozen=True)
class Finding:
    """What is wrong, where, by how much, and what would mend it.

    Attributes:
        rule: Name of the rule, such as "knee_range".
        family: One of FAMILIES: a movement's own technique, how movements follow one another, the whole piece.
        start_frame, end_frame: Where, [start_frame, end_frame).
        peak_frame: Where it is worst.
        movement: Which movement of the dance holds the peak, from 0.
        joints: Names of the joints it shows at; empty where it is the whole body.
        measured, limit: The value and the limit that it passes, both in `unit`.
        unit: "deg", "m", "s", "m/s", "g", ... or "" for a share or a number.
        severity: One of SEVERITIES.
        explanation: A sentence.
        repair: Name of the repair in engine.structure.repairs that mends it, or None.
    """

    rule: str
    family: str
    start_frame: int
    end_frame: int
    peak_frame: int
    movement: int
    joints: tuple[str, ...]
    measured: float
    limit: float
    unit: str
    severity: str
    explanation: str
    repair: str | None = None

    @property
    def excess(self) -> float:
        """How far it is past its limit, in `unit`."""
        return abs(self.measured - self.limit)
