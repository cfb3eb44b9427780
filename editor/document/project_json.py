"""A document as JSON: every part by its fields, what is large by the name of an entry that stands beside the JSON."""

from __future__ import annotations

import json
import math
import types
import typing
import weakref
from dataclasses import MISSING, dataclass, field, fields, is_dataclass
from functools import cache
from typing import Any, get_args, get_origin, get_type_hints

import numpy as np

from editor.document.document import Document, Song, Take
from editor.document.errors import Unfit
from editor.document.project_checks import called, problem_of
from editor.document.stored import Stored, stored_array, stored_song
from engine.motion.house import HOUSE
from engine.motion.motion import Motion
from engine.motion.skeleton import Skeleton
from engine.music.analysis import MusicAnalysis

HOUSE_NAME = "house"
_NONE = type(None)


@dataclass(frozen=True)
class Field:
    """One field of a part: its name, its type, and whether a file may leave it out."""

    name: str
    kind: Any
    has_default: bool


@cache
def fields_of(kind: Any) -> tuple[Field, ...]:
    """The fields of a dataclass with their types resolved."""
    hints = get_type_hints(kind)
    return tuple(
        Field(f.name, hints[f.name], f.default is not MISSING or f.default_factory is not MISSING) for f in fields(kind)
    )


@cache
def choices_of(kind: Any) -> tuple[Any, ...]:
    """The types that a union joins; empty for what is none."""
    return get_args(kind) if get_origin(kind) in (types.UnionType, typing.Union) else ()


def is_house(skeleton: Skeleton) -> bool:
    """Whether a skeleton is the house skeleton, number by number."""
    same = ("parents", "offsets_m", "tips_m", "rest_rotations")
    return skeleton is HOUSE or (
        skeleton.names == HOUSE.names
        and all(np.array_equal(getattr(skeleton, name), getattr(HOUSE, name)) for name in same)
    )


@dataclass
class Encoded:
    """Something as JSON, and the entries that the JSON names, in the order in which they were met."""

    json: Any = None
    entries: dict[str, Stored] = field(default_factory=dict)


class _Remembered:
    """What large parts were encoded as, as long as they live: arrays are hashed once, not at every save."""

    kinds = (Take, Motion, MusicAnalysis, Song)

    def __init__(self) -> None:
        self._by_id: dict[int, tuple[weakref.ref[Any], Encoded]] = {}

    def get(self, part: object) -> Encoded | None:
        found = self._by_id.get(id(part))
        return found[1] if found is not None and found[0]() is part else None

    def keep(self, part: object, encoded: Encoded) -> None:
        key = id(part)
        self._by_id[key] = (weakref.ref(part, lambda _: self._by_id.pop(key, None)), encoded)


_remembered = _Remembered()


def encode(document: Document) -> Encoded:
    """A document as JSON and entries. The same document always gives the same.

    Raises:
        Unfit: A part makes no sense, and would not be read back.
    """
    encoded = Encoded()
    encoded.json = _encode(Document, document, encoded.entries)
    return encoded


def to_bytes(data: Any) -> bytes:
    """JSON as bytes; any text comes back as it was, file names that are no Unicode too."""
    return json.dumps(data, ensure_ascii=True, allow_nan=False, separators=(",", ":")).encode("ascii")


def _encode(kind: Any, value: Any, entries: dict[str, Stored]) -> Any:
    plain = _PLAIN.get(kind)
    if plain is not None:
        return plain(value)
    if isinstance(kind, type) and is_dataclass(kind):
        return _encode_remembered(value, entries) if kind in _Remembered.kinds else _encode_part(value, entries)
    if choices_of(kind):
        return _encode_choice(kind, value, entries)
    origin, arguments = get_origin(kind), get_args(kind)
    if origin is frozenset:
        return sorted(_encode(arguments[0], item, entries) for item in value)
    if origin is tuple:
        kinds = [arguments[0]] * len(value) if arguments[1:] == (...,) else arguments
        return [_encode(k, item, entries) for k, item in zip(kinds, value, strict=True)]
    if kind is np.ndarray:
        return _listed(_finite_array(value), entries)
    raise TypeError(f"a document holds {kind}, which no project file has a form for")


def _encode_choice(kind: Any, value: Any, entries: dict[str, Stored]) -> Any:
    if value is None:
        return None
    chosen = [k for k in choices_of(kind) if k is not _NONE]
    fitting = [k for k in chosen if k is type(value)] or [k for k in chosen if k in _PLAIN]
    return _encode((fitting or chosen)[0], value, entries)


def _encode_remembered(part: Any, entries: dict[str, Stored]) -> Any:
    encoded = _remembered.get(part)
    if encoded is None:
        encoded = Encoded()
        encoded.json = _encode_part(part, encoded.entries)
        _remembered.keep(part, encoded)
    entries |= encoded.entries
    return encoded.json


def _encode_part(part: Any, entries: dict[str, Stored]) -> Any:
    if isinstance(part, Skeleton) and is_house(part):
        return HOUSE_NAME
    me = called(part.__class__, getattr(part, "name", None), getattr(part, "start_frame", None))
    try:
        out = {}
        for f in fields_of(part.__class__):
            value = getattr(part, f.name)
            if f.name == "data" and isinstance(part, Song):
                out[f.name] = None if value is None else _listed(stored_song(part.name, value), entries)
            else:
                out[f.name] = _encode(f.kind, value, entries)
    except Unfit as unfit:
        raise Unfit(unfit.problem, f"{unfit.where} of {me}" if unfit.where else me) from unfit
    problem = problem_of(part)
    if problem:
        raise Unfit(problem, me)
    return out


def _listed(stored: Stored, entries: dict[str, Stored]) -> str:
    entries[stored.name] = stored
    return stored.name


def _finite_array(array: np.ndarray) -> Stored:
    if array.dtype.kind == "f" and not np.isfinite(array).all():
        raise Unfit("holds numbers that are not finite")
    return stored_array(array)


def _finite(value: Any) -> float:
    number = float(value)
    if not math.isfinite(number):
        raise Unfit("holds a number that is not finite")
    return number


_PLAIN: dict[Any, Any] = {float: _finite, int: int, bool: bool, str: str}
