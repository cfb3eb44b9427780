"""What a piece says of the rules of dance structure: by which genre, with which limits, and what is meant so."""

from __future__ import annotations

from dataclasses import dataclass

OFF = "off"  # the severity of a rule that is not judged in this piece


@dataclass(frozen=True)
class RuleChange:
    """How one rule differs in this piece from the book.

    Attributes:
        rule: Its name.
        severity: "note", "warning", "error", OFF, or empty for the book's.
        limits: Numbers by name, in the order of the names.
    """

    rule: str
    severity: str = ""
    limits: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True)
class Waiver:
    """A finding that is intended. It is known again by rule, dancer, and the place in the take that is danced.

    So it goes along with a clip that is moved, trimmed, split, joined or baked, and is gone with another take.

    Attributes:
        rule: Name of the rule.
        track_id: The dancer's.
        start_frame, end_frame: Where, in frames of the take; of the piece where there is no take.
        take_id: The take; empty for what is found in more than one clip.
        joints: Names of the joints it shows at; empty for the whole body.
        frame_digest: Of the pose where it is worst, hexadecimal, by which a baked take is known again.
        note: Why, in her words.
    """

    rule: str
    track_id: str
    start_frame: float
    end_frame: float
    take_id: str = ""
    joints: frozenset[str] = frozenset()
    frame_digest: str = ""
    note: str = ""


@dataclass(frozen=True)
class PieceRules:
    """The rules as this piece has them.

    Attributes:
        genre: A genre or style of the rule book; empty for that of the piece's style settings.
        changes: By name of the rule.
        waivers: In the order in which they were given.
    """

    genre: str = ""
    changes: tuple[RuleChange, ...] = ()
    waivers: tuple[Waiver, ...] = ()


BY_THE_BOOK = PieceRules()
