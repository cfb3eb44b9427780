"""Names that occur once each, as most motion formats need them."""

from __future__ import annotations

from collections.abc import Sequence


def distinct_names(wanted: Sequence[str], own: Sequence[str]) -> list[str]:
    """`wanted` with _2, _3 and so on after a name that is taken.

    Args:
        wanted: A name for each of N things.
        own: Their present names, N. A thing that wants its own name has it before all others.
    """
    reserved = set(own)
    taken: dict[str, None] = {}
    next_number: dict[str, int] = {}
    for name, present in zip(wanted, own, strict=True):
        candidate = name
        while candidate in taken or (candidate != present and candidate in reserved):
            number = next_number.get(name, 2)
            next_number[name] = number + 1
            candidate = f"{name}_{number}"
        taken[candidate] = None
    return list(taken)
