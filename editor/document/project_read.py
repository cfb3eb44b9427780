"""The one reader of a document's JSON: it checks every type, number and reference before anything is used."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from dataclasses import is_dataclass, replace
from typing import Any, TypeVar, get_args, get_origin

import numpy as np

from editor.document.document import Clip, Document, Take, Track
from editor.document.edits import new_id
from editor.document.errors import Unfit
from editor.document.project_checks import called, problem_of, shared_ids
from editor.document.project_json import HOUSE_NAME, choices_of, fields_of
from editor.document.stored import array_in
from engine.motion.house import HOUSE
from engine.motion.motion import Motion
from engine.motion.skeleton import Skeleton

T = TypeVar("T")

# What a part that is otherwise sound gets where its name or id cannot be read.
_STAND_INS: dict[str, Callable[[], str]] = {"id": new_id, "name": lambda: "Unnamed"}


def from_bytes(data: bytes) -> dict[str, Any]:
    """The JSON object in some bytes.

    Raises:
        Unfit: There is none.
    """
    try:
        found = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise Unfit("is damaged: its description cannot be understood") from error
    if not isinstance(found, dict):
        raise Unfit("is damaged: its description is none")
    return found


def decode(data: Any, read: Callable[[str], bytes], lost: list[str] | None = None) -> Document:
    """The document that `project_json.encode` made JSON of.

    Args:
        data: The JSON.
        read: Gives an entry's bytes by its name; raises Unfit where it is missing or damaged.
        lost: What makes no sense is an error where this is None; otherwise it is left out, with a sentence here.

    Raises:
        Unfit: Something makes no sense; with `lost`, only where nothing can be read.
    """
    reader = _Reader(read, lost)
    document: Document = reader.part(Document, data)
    return document


class _Reader:
    def __init__(self, read: Callable[[str], bytes], lost: list[str] | None) -> None:
        self._read, self._lost = read, lost
        self._arrays: dict[str, np.ndarray] = {}
        self._shared: dict[tuple[type, str], Any] = {}  # takes that several clips have, and what takes share
        self._path: list[str] = []
        self._dropped: list[int] = []  # places of the items that the last list lost

    def value(self, kind: Any, data: Any) -> Any:
        plain = _PLAIN.get(kind)
        if plain is not None:
            return plain(data)
        if kind is np.ndarray:
            return self._array(data)
        if isinstance(kind, type) and is_dataclass(kind):
            return self.part(kind, data)
        if choices_of(kind):
            return self._choice(choices_of(kind), data)
        if not isinstance(data, list):
            raise Unfit("has something else where a list belongs")
        arguments = get_args(kind)
        if get_origin(kind) is frozenset:
            return frozenset(self.value(arguments[0], item) for item in data)
        if arguments[1:] == (...,):
            return tuple(self._items(arguments[0], data))
        if len(arguments) != len(data):
            raise Unfit("has a list of the wrong length")
        return tuple(self.value(k, item) for k, item in zip(arguments, data, strict=True))

    def part(self, kind: type, data: Any) -> Any:
        if kind in (Take, Motion, Skeleton):
            return self._once(kind, data)
        return self._new_part(kind, data)

    def _once(self, kind: type, data: Any) -> Any:
        if kind is Skeleton and data == HOUSE_NAME:
            return HOUSE
        key = (kind, json.dumps(data, sort_keys=True))
        if key not in self._shared:
            self._shared[key] = self._new_part(kind, data)
        return self._shared[key]

    def _new_part(self, kind: type, data: Any) -> Any:
        if not isinstance(data, dict):
            raise Unfit("is missing", self._where(called(kind)))
        self._path.append(_called(kind, data))
        try:
            values = self._fields(kind, data)
            part: Any = _made(kind, values)
            problem = problem_of(part)
            if problem and self._lost is not None:
                part = self._mended(part, problem)
                problem = problem_of(part)
            if problem:
                raise Unfit(problem)
        except Unfit as unfit:
            raise unfit if unfit.where else Unfit(unfit.problem, self._where()) from unfit
        finally:
            self._path.pop()
        return part

    def _fields(self, kind: type, data: dict[str, Any]) -> dict[str, Any]:
        values: dict[str, Any] = {}
        for f in fields_of(kind):
            self._dropped = []
            if f.name not in data and f.has_default:
                continue
            try:
                if f.name not in data:
                    raise Unfit(f"has no {_words(f.name)}")
                values[f.name] = self._field(kind, f.name, f.kind, data[f.name])
            except Unfit as unfit:
                if self._lost is None or not (f.has_default or f.name in _STAND_INS):
                    raise
                self._lose(unfit, f"its {_words(f.name)}")
                if not f.has_default:
                    values[f.name] = _STAND_INS[f.name]()
            if kind is Clip and f.name == "takes" and self._dropped:
                data = data | {"active": _active_after(data.get("active"), self._dropped)}
        return values

    def _field(self, kind: type, name: str, of: Any, data: Any) -> Any:
        if bytes in choices_of(of):
            return None if data is None else self._read(_name(data))
        return self.value(of, data)

    def _items(self, kind: Any, data: list[Any]) -> list[Any]:
        if self._lost is None or not is_dataclass(kind):
            return [self.value(kind, item) for item in data]
        items, dropped = [], []
        for i, item in enumerate(data):
            try:
                items.append(self.value(kind, item))
            except Unfit as unfit:
                dropped.append(i)
                self._lose(unfit, _called(kind, item))
        self._dropped = dropped
        return items

    def _choice(self, kinds: tuple[Any, ...], data: Any) -> Any:
        if data is None and type(None) in kinds:
            return None
        wants_part = isinstance(data, dict)
        for kind in kinds:
            if kind is not type(None) and is_dataclass(kind) == wants_part:
                return self.value(kind, data)
        raise Unfit("has something of the wrong kind")

    def _array(self, data: Any) -> np.ndarray:
        name = _name(data)
        if name not in self._arrays:
            array = array_in(self._read(name))
            if array.dtype.kind == "f" and not np.isfinite(array).all():
                raise Unfit("holds numbers that are not finite")
            self._arrays[name] = array
        return self._arrays[name]

    def _where(self, *inner: str) -> str:
        path = [*self._path, *inner]
        return " of ".join(reversed(path[1:] or path))

    def _lose(self, unfit: Unfit, what: str) -> None:
        where = unfit.where or self._where()
        sentence = f"{where} {unfit.problem}, so {what} was left out."
        assert self._lost is not None
        self._lost.append(sentence[0].upper() + sentence[1:])

    def _mended(self, part: Any, problem: str) -> Any:
        """A part without those of its parts that do not go together; as it is where that does not help."""
        assert self._lost is not None
        if isinstance(part, Track):
            kept: list[Clip] = []
            for clip in sorted(part.clips, key=lambda c: c.start_frame):
                if not kept or kept[-1].end_frame <= clip.start_frame:
                    kept.append(clip)
            self._lose(Unfit(problem), f"{len(part.clips) - len(kept)} of them")
            return replace(part, clips=tuple(kept))
        if isinstance(part, Clip) and part.takes and not 0 <= part.active < len(part.takes):
            self._lose(Unfit(problem), "its choice of take")
            return replace(part, active=0)
        if isinstance(part, Document) and shared_ids(part):
            return _with_ids_of_their_own(part)
        return part


def _with_ids_of_their_own(document: Document) -> Document:
    shared = shared_ids(document)
    seen: dict[str, Take] = {}

    def own_takes(clip: Clip) -> Clip:
        takes = tuple(t if seen.setdefault(t.id, t) == t else replace(t, id=new_id()) for t in clip.takes)
        return replace(clip, takes=takes)

    def own(parts: tuple[Any, ...]) -> tuple[Any, ...]:
        return tuple(replace(part, id=new_id()) if part.id in shared else part for part in parts)

    tracks = tuple(replace(track, clips=own(tuple(map(own_takes, track.clips)))) for track in own(document.tracks))
    return replace(document, tracks=tracks, markers=own(document.markers), cameras=own(document.cameras))


def _active_after(active: Any, dropped: list[int]) -> Any:
    """The index of the active take once some were dropped; 0 where it was among them."""
    if not isinstance(active, int) or active in dropped:
        return 0
    return active - sum(i < active for i in dropped)


def _made(kind: type[T], values: dict[str, Any]) -> T:
    try:
        return kind(**values)
    except (ValueError, TypeError, IndexError) as error:
        raise Unfit("does not fit together") from error


def _called(kind: Any, data: Any) -> str:
    names = data if isinstance(data, dict) else {}
    return called(kind, names.get("name"), names.get("start_frame"))


def _words(name: str) -> str:
    return name.replace("_", " ")


def _name(data: Any) -> str:
    if not isinstance(data, str):
        raise Unfit("names no entry")
    return data


def _number(data: Any) -> float:
    if isinstance(data, bool) or not isinstance(data, int | float):
        raise Unfit("has something else where a number belongs")
    try:
        number = float(data)
    except OverflowError:
        number = math.inf
    if not math.isfinite(number):
        raise Unfit("holds a number that is not finite")
    return number


def _whole(data: Any) -> int:
    if isinstance(data, bool) or not isinstance(data, int) or not -(2**63) <= data < 2**64:
        raise Unfit("has something else where a whole number belongs")
    return data


def _flag(data: Any) -> bool:
    if not isinstance(data, bool):
        raise Unfit("has something else where yes or no belongs")
    return data


def _text(data: Any) -> str:
    if not isinstance(data, str):
        raise Unfit("has something else where a text belongs")
    return data


_PLAIN: dict[Any, Callable[[Any], Any]] = {float: _number, int: _whole, bool: _flag, str: _text}
