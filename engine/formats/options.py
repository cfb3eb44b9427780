"""Options as data: one dataclass makes the dialog, the command line and the preferences of a format."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, Field, asdict, field, fields
from typing import Any


def option(
    default: Any,
    label: str,
    says: str = "",
    *,
    choices: Mapping[Any, str] | None = None,
    bounds: tuple[float, float] | None = None,
    unit: str = "",
    flag: str = "",
) -> Any:
    """A field of an options dataclass, with what a form or a command line shows of it.

    Args:
        default: Its type is the option's.
        label: Short.
        says: One line of why.
        choices: Value -> what it is called.
        bounds: Least and greatest number.
        unit: Behind a number.
        flag: On the command line, such as "--fps"; empty for the field's name with dashes.
    """
    shown = {"label": label, "says": says, "choices": choices, "bounds": bounds, "unit": unit, "flag": flag}
    return field(default=default, metadata=shown)


def options_from(kind: type, kept: Mapping[str, Any] | None = None) -> Any:
    """Options as they were kept in the preferences; what makes no sense there is left at its default."""
    values = {f.name: kept[f.name] for f in fields(kind) if kept and f.name in kept and _fits(f, kept[f.name])}
    return kind(**values)


def options_as_json(options: Any) -> dict[str, Any]:
    """Options as the preferences keep them."""
    return asdict(options)


def _fits(f: Field[Any], value: Any) -> bool:
    choices, bounds = f.metadata["choices"], f.metadata["bounds"]
    assert f.default is not MISSING
    if isinstance(value, bool) != isinstance(f.default, bool) or not isinstance(value, type(f.default)):
        return False
    if bounds:  # where there are both, choices are what is offered, and bounds what is possible
        return bool(bounds[0] <= value <= bounds[1])
    return not choices or value in choices
