"""Edits of what a piece says of the rules: limits, severities, and findings that are intended."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from editor.document.document import Document
from editor.document.edits import EditRefused, track_in
from editor.document.piece_rules import OFF, RuleChange, Waiver
from editor.document.waivers import waiver_for, waiver_of
from engine.structure.finding import SEVERITIES, Finding

LONGEST_NOTE = 400


def waive(document: Document, track_id: str, finding: Finding, note: str = "") -> Document:
    """Say that a finding is intended, with a note; one that is intended already gets the note."""
    track_in(document, track_id)
    wanted = replace(waiver_for(document, track_id, finding), note=note.strip()[:LONGEST_NOTE])
    known = waiver_of(document, track_id, finding)
    kept = tuple(w for w in document.rules.waivers if w is not known)
    return replace(document, rules=replace(document.rules, waivers=(*kept, wanted)))


def take_back(document: Document, waiver: Waiver) -> Document:
    """Let a finding that was intended count again."""
    kept = tuple(w for w in document.rules.waivers if w != waiver)
    if len(kept) == len(document.rules.waivers):
        raise EditRefused("That is no longer marked as intended: nothing is to be taken back.")
    return replace(document, rules=replace(document.rules, waivers=kept))


def change_rule(
    document: Document, rule: str, severity: str | None = None, limits: Mapping[str, float] | None = None
) -> Document:
    """Change a rule's severity (OFF switches it off) or some of its limits, for this piece."""
    if severity is not None and severity not in ("", OFF, *SEVERITIES):
        raise EditRefused(f"A rule is {', '.join(SEVERITIES)} or {OFF}: choose one of these.")
    old = change_of(document, rule)
    merged = {**dict(old.limits), **(limits or {})}
    new = RuleChange(rule, old.severity if severity is None else severity, tuple(sorted(merged.items())))
    return _with_change(document, rule, new)


def reset_rule(document: Document, rule: str) -> Document:
    """Judge by a rule as the book has it."""
    return _with_change(document, rule, RuleChange(rule))


def set_genre(document: Document, genre: str) -> Document:
    """Judge by a genre's rules; empty for that of the piece's style."""
    return replace(document, rules=replace(document.rules, genre=genre))


def change_of(document: Document, rule: str) -> RuleChange:
    """How a rule differs in this piece; an empty change where it does not."""
    return next((change for change in document.rules.changes if change.rule == rule), RuleChange(rule))


def _with_change(document: Document, rule: str, new: RuleChange) -> Document:
    rest = [change for change in document.rules.changes if change.rule != rule]
    if new != RuleChange(rule):
        rest.append(new)
    changes = tuple(sorted(rest, key=lambda change: change.rule))
    return replace(document, rules=replace(document.rules, changes=changes))
