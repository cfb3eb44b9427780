"""Options of exporters as options of a command line: both are made from the same fields."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable, Mapping
from dataclasses import Field, fields
from typing import Any

from engine.errors import EngineError
from engine.formats.options import options_from


class NoSuchOption(EngineError):
    """A flag was given that the format does not know."""


def flag_of(f: Field[Any]) -> str:
    """What a field is called on the command line."""
    return str(f.metadata["flag"]) or f"--{f.name.removeprefix('has_').replace('_', '-')}"


def add_option_flags(parser: argparse._ActionsContainer, kinds: Iterable[type]) -> None:
    """Declare a flag for every field of some options dataclasses; fields that share a name share a flag."""
    declared: set[str] = set()
    for f in (f for kind in kinds for f in fields(kind)):
        if f.name in declared:
            continue
        declared.add(f.name)
        says = f"{f.metadata['label'].lower()}: {f.metadata['says'][:1].lower()}{f.metadata['says'][1:]}"
        if isinstance(f.default, bool):
            parser.add_argument(
                flag_of(f), dest=f.name, action=argparse.BooleanOptionalAction, default=None, help=_escaped(says)
            )
            continue
        known = [str(choice) for choice in f.metadata["choices"] or ()]
        shown = f" [{', '.join(known)}]" if known else ""
        parser.add_argument(
            flag_of(f), dest=f.name, type=_reader(f), default=None, metavar=flag_of(f).lstrip("-").upper(),
            help=_escaped(f"{says}{shown} ({f.default})"),
        )  # fmt: skip


def options_of(args: argparse.Namespace, kind: type, kept: Mapping[str, Any] | None = None) -> Any:
    """The options of one format as the flags say them; what they do not say comes from `kept`, or is the default.

    Raises:
        NoSuchOption: A flag was given that this format does not know.
    """
    known = {f.name: f for f in fields(kind)}
    others = {
        f.name: f for row in _all_kinds() for f in fields(row) if f.name not in known
    }  # fmt: skip
    for name, f in others.items():
        if getattr(args, name, None) is not None:
            raise NoSuchOption(f"{flag_of(f)} means nothing for this format; leave it out.")
    given = {name: getattr(args, name) for name in known if getattr(args, name, None) is not None}
    return kind(**{**{f: getattr(options_from(kind, kept), f) for f in known}, **given})


def _all_kinds() -> list[type]:
    from app.exports import EXPORTERS

    return [row.options for row in EXPORTERS.values()]


def _reader(f: Field[Any]) -> Callable[[str], Any]:
    """Reads and checks a word of the command line."""
    choices, bounds, kind = f.metadata["choices"], f.metadata["bounds"], type(f.default)

    def read(text: str) -> Any:
        try:
            value = kind(text)
        except ValueError:
            raise argparse.ArgumentTypeError(f"{text!r} is no number") from None
        if bounds and not bounds[0] <= value <= bounds[1]:
            raise argparse.ArgumentTypeError(f"{text} is not from {bounds[0]:g} to {bounds[1]:g}")
        if choices and not bounds and value not in choices:
            raise argparse.ArgumentTypeError(f"{text!r} is none of {', '.join(str(c) for c in choices)}")
        return value

    return read


def _escaped(text: str) -> str:
    return text.replace("%", "%%")
