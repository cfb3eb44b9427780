"""The rules as a choreographer writes them: words and limits per genre, read from TOML."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from engine.errors import EngineError
from engine.structure.finding import SEVERITIES

GENERAL = "general"
_WORDS = ("title", "says", "explain", "source", "unit", "severity")


class RuleError(EngineError):
    """A rule file that cannot be used."""


@dataclass(frozen=True)
class RuleText:
    """What a genre says of one rule.

    Attributes:
        title: A few words.
        says: The rule in a sentence.
        explain: The sentence of a finding, with {joint}, {measured}, {limit} and {excess} to be filled in.
        source: Where the limits come from.
        unit: Of measured value and limit.
        severity: "note", "warning" or "error".
        limits: The numbers, by name.
    """

    title: str
    says: str
    explain: str
    source: str
    unit: str
    severity: str
    limits: Mapping[str, float] = field(default_factory=dict)

    def changed(self, changes: Mapping[str, Any], where: str) -> RuleText:
        """The same with other words or numbers; RuleError where one is of the wrong kind."""
        words = {key: value for key, value in changes.items() if key in _WORDS}
        numbers = {key: value for key, value in changes.items() if key not in _WORDS}
        if any(not isinstance(value, str) for value in words.values()):
            raise RuleError(f"{where}: title, says, explain, source, unit and severity must be text.")
        if any(isinstance(v, bool) or not isinstance(v, int | float) for v in numbers.values()):
            raise RuleError(f"{where}: limits must be numbers.")
        if words.get("severity", self.severity) not in SEVERITIES:
            raise RuleError(f"{where}: severity must be one of {', '.join(SEVERITIES)}.")
        try:
            words.get("explain", self.explain).format(joint="", measured=0.0, limit=0.0, excess=0.0)
        except (KeyError, IndexError, ValueError) as error:
            raise RuleError(f"{where}: explain may hold {{joint}}, {{measured}}, {{limit}} and {{excess}}.") from error
        limits = {**self.limits, **{key: float(value) for key, value in numbers.items()}}
        return replace(self, limits=limits, **words)


@dataclass(frozen=True)
class RuleBook:
    """The rules of every genre.

    Attributes:
        genres: Genre to its rules, by name; "general" holds what every dance is judged by.
        genre_of_style: The genre a style belongs to.
    """

    genres: Mapping[str, Mapping[str, Mapping[str, Any]]]
    genre_of_style: Mapping[str, str] = field(default_factory=dict)
    changes: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    def of(self, style: str | None) -> dict[str, RuleText]:
        """The rules for a style or genre, by name: the general ones, with the genre's own and its changes."""
        genre = self.genre_of_style.get(style or "", style or GENERAL)
        out: dict[str, RuleText] = {}
        sources = [(GENERAL, self.genres.get(GENERAL, {}))]
        if genre != GENERAL:
            sources.append((genre, self.genres.get(genre, {})))
        for name, rules in [*sources, ("this piece", self.changes)]:
            for rule, row in rules.items():
                if rule not in out and name == "this piece":
                    continue  # a change of a rule that this genre does not have
                out[rule] = out.get(rule, _BLANK).changed(row, f"{name}, rule {rule}")
        return out

    def changed(self, changes: Mapping[str, Mapping[str, Any]]) -> RuleBook:
        """The same with other limits or words for one piece, such as {"knee_range": {"high_deg": 170}}."""
        return replace(self, changes={**self.changes, **changes})


_BLANK = RuleText("", "", "", "", "", "warning")


def read_rules(folder: Path) -> RuleBook:
    """The rules in a folder of TOML files, one a genre.

    Raises:
        RuleError: A file is no TOML, or a rule in it cannot be used.
    """
    genres, styles = {}, {}
    for path in sorted(folder.glob("*.toml")):
        try:
            data = tomllib.loads(path.read_text("utf-8"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise RuleError(f"{path.name} cannot be read as TOML: {error}.") from error
        styles.update({str(style): path.stem for style in data.pop("styles", [])})
        genres[path.stem] = data
    if GENERAL not in genres:
        raise RuleError(f"{folder.name} holds no {GENERAL}.toml; the rules of every dance belong there.")
    book = RuleBook(genres, styles)
    for genre in genres:
        book.of(genre)
    return book
