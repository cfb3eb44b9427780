"""Reading pickles that hold nothing but arrays, numbers and text, without ever running what a pickle may say.

A pickle is a program that calls what it names. This is an interpreter of its own for the opcodes that NumPy's arrays
and plain containers need, protocols 2 to 5; it has no way to import or to call anything but the six makers of
`_GLOBALS`, which make arrays here. Arrays are views of the file's bytes, so a file can ask for no more memory than a
small multiple of its size.

Opcodes: Python's `Lib/pickletools.py`. What NumPy writes: `ndarray.__reduce__`, `dtype.__reduce__`,
`numpy.core.multiarray.scalar` and, from protocol 5 on, `numpy.core.numeric._frombuffer`; `numpy._core` from NumPy 2 on.
"""

from __future__ import annotations

import math
import re
import struct
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from engine.errors import MotionFileError

MAX_BYTES = 1 << 30
_DTYPE = re.compile(r"[<>|=]?(b1|[iu][1248]|f[248])")
_ORDERS = {"<": "<", ">": ">", "|": "", "=": ""}
_MOST_AXES = 8
_TOO_LONG_DIGITS = 8  # bytes of a whole number: more do not fit what arrays hold


class NotArrays(Exception):
    """The pickle holds something else; the text says what, to follow "it "."""


@dataclass
class _DType:
    name: str
    order: str = "="  # a key of _ORDERS


@dataclass(frozen=True)
class _Global:
    name: str


@dataclass
class _Empty:
    """An array before its state has come."""

    array: np.ndarray | None = None


class _Mark:
    pass


def read_array_pickle(path: Path) -> Any:
    """What a pickle holds: dicts with text keys, lists, text, numbers, None and read-only NumPy arrays.

    Raises:
        MotionFileError: where the file cannot be read, is no such pickle, or holds anything else.
    """
    try:
        if path.stat().st_size > MAX_BYTES:
            raise MotionFileError(path, "the file is larger than a gigabyte; save the motion alone.")
        data = path.read_bytes()
    except OSError as error:
        raise MotionFileError(path, f"the file cannot be read: {error.strerror}.") from error
    try:
        return load(data)
    except NotArrays as error:
        raise MotionFileError(path, f"it {error}; save arrays and numbers only.") from error


def load(data: bytes) -> Any:
    """The same for bytes. Raises NotArrays."""
    return _finished(_Machine(data).run())


class _Machine:
    """A stack, a memo, and a place in the bytes."""

    def __init__(self, data: bytes) -> None:
        self.data, self.at = data, 0
        self.stack: list[Any] = []
        self.memo: dict[int, Any] = {}
        self.to_copy = 4 * len(data) + 64  # bytes that may still be copied

    def run(self) -> Any:
        if self.take(1) != b"\x80" or not 2 <= self.number("B") <= 5:
            raise NotArrays("is not a pickle of protocol 2 to 5")
        while True:
            code = self.take(1)
            if code == b".":
                return self.pop()
            step = _STEPS.get(code)
            if step is None:
                raise NotArrays(f"holds what arrays do not need (opcode {code!r})")
            step(self)

    def take(self, count: int) -> bytes:
        if count < 0 or self.at + count > len(self.data):
            raise NotArrays("ends too early; is it complete")
        self.at += count
        return self.data[self.at - count : self.at]

    def number(self, form: str) -> int:
        (value,) = struct.unpack("<" + form, self.take(struct.calcsize("<" + form)))
        return int(value)

    def view(self, count: int) -> memoryview:
        """Bytes of the file, without a copy."""
        start = self.at
        if count < 0 or start + count > len(self.data):
            raise NotArrays("ends too early; is it complete")
        self.at += count
        return memoryview(self.data)[start : self.at]

    def pop(self) -> Any:
        if not self.stack or isinstance(self.stack[-1], _Mark):
            raise NotArrays("is damaged: something is missing in it")
        return self.stack.pop()

    def top(self) -> Any:
        if not self.stack or isinstance(self.stack[-1], _Mark):
            raise NotArrays("is damaged: something is missing in it")
        return self.stack[-1]

    def pop_to_mark(self) -> list[Any]:
        items: list[Any] = []
        while self.stack:
            item = self.stack.pop()
            if isinstance(item, _Mark):
                return items[::-1]
            items.append(item)
        raise NotArrays("is damaged: something is missing in it")

    def copied(self, count: int) -> None:
        self.to_copy -= count
        if self.to_copy < 0:
            raise NotArrays("asks for more memory than it can need")


# --- steps ---------------------------------------------------------------------------------------


def _push(read: Callable[[_Machine], Any]) -> Callable[[_Machine], None]:
    return lambda m: m.stack.append(read(m))


def _text(form: str) -> Callable[[_Machine], str]:
    def read(m: _Machine) -> str:
        try:
            return m.take(m.number(form)).decode("utf-8", "surrogatepass")
        except UnicodeDecodeError as error:
            raise NotArrays("is damaged: a text in it is none") from error

    return read


def _sized(form: str) -> Callable[[_Machine], memoryview]:
    return lambda m: m.view(m.number(form))


def _tuple(count: int) -> Callable[[_Machine], tuple[Any, ...]]:
    return lambda m: tuple([m.pop() for _ in range(count)][::-1])


def _whole(form: str) -> Callable[[_Machine], int]:
    def read(m: _Machine) -> int:
        count = m.number(form)
        if not 0 <= count <= _TOO_LONG_DIGITS:
            raise NotArrays("holds a whole number that no array can hold")
        return int.from_bytes(m.take(count), "little", signed=True)

    return read


def _float(m: _Machine) -> float:
    (value,) = struct.unpack(">d", m.take(8))
    return float(value)


def _remember(number: Callable[[_Machine], int]) -> Callable[[_Machine], None]:
    def step(m: _Machine) -> None:
        m.memo[number(m)] = m.top()

    return step


def _recall(m: _Machine, number: int) -> Any:
    if number not in m.memo:
        raise NotArrays("is damaged: it names what it does not hold")
    return m.memo[number]


def _frame(m: _Machine) -> None:
    if not 0 <= m.number("q") <= len(m.data) - m.at:
        raise NotArrays("ends too early; is it complete")


def _append(m: _Machine) -> None:
    item = m.pop()
    _list(m).append(item)


def _appends(m: _Machine) -> None:
    items = m.pop_to_mark()
    _list(m).extend(items)


def _set_item(m: _Machine) -> None:
    value, key = m.pop(), m.pop()
    _dict(m)[_key(key)] = value


def _set_items(m: _Machine) -> None:
    items = m.pop_to_mark()
    target = _dict(m)
    for key, value in zip(items[::2], items[1::2], strict=False):
        target[_key(key)] = value


def _list(m: _Machine) -> list[Any]:
    found = m.top()
    if not isinstance(found, list):
        raise NotArrays("is damaged: a list in it is none")
    return found


def _dict(m: _Machine) -> dict[str, Any]:
    found = m.top()
    if not isinstance(found, dict):
        raise NotArrays("is damaged: a table in it is none")
    return found


def _key(key: Any) -> str:
    if isinstance(key, memoryview):  # text as Python 2 wrote it
        return str(key, "latin-1")
    if isinstance(key, str):
        return key
    raise NotArrays("has a key that is no text")


def _global(m: _Machine) -> _Global:
    end = [m.data.find(b"\n", m.at)]
    end.append(m.data.find(b"\n", end[0] + 1))
    if min(end) < 0 or end[1] - m.at > 200:
        raise NotArrays("ends too early; is it complete")
    module, name = m.data[m.at : end[0]], m.data[end[0] + 1 : end[1]]
    m.at = end[1] + 1
    return _known(module.decode("latin-1"), name.decode("latin-1"))


def _stack_global(m: _Machine) -> _Global:
    name, module = m.pop(), m.pop()
    return _known(str(module)[:200], str(name)[:200])


def _known(module: str, name: str) -> _Global:
    full = f"{module}.{name}".replace("numpy._core.", "numpy.core.")
    if full not in _GLOBALS and full != "numpy.ndarray":
        raise NotArrays(f"wants to call {module}.{name}, which arrays do not need")
    return _Global(full)


def _reduce(m: _Machine) -> Any:
    arguments, called = m.pop(), m.pop()
    if not isinstance(called, _Global) or called.name not in _GLOBALS or not isinstance(arguments, tuple):
        raise NotArrays("calls what arrays do not need")
    return _GLOBALS[called.name](m, arguments)


def _build(m: _Machine) -> None:
    state, target = m.pop(), m.top()
    if not isinstance(state, tuple):
        raise NotArrays("is damaged: the state of an array is none")
    if isinstance(target, _DType) and len(state) >= 2 and _as_text(state[1]) in _ORDERS:
        target.order = _as_text(state[1])
    elif isinstance(target, _Empty) and len(state) == 5:
        _, shape, dtype, is_fortran, data = state
        target.array = _array(data, dtype, shape, "F" if is_fortran else "C")
    else:
        raise NotArrays("is damaged: the state of an array is none")


# --- what may be called --------------------------------------------------------------------------


def _make_dtype(_: _Machine, arguments: tuple[Any, ...]) -> _DType:
    return _DType(_as_text(arguments[0]) if arguments else "")


def _make_empty(_: _Machine, arguments: tuple[Any, ...]) -> _Empty:
    return _Empty()


def _make_scalar(_: _Machine, arguments: tuple[Any, ...]) -> Any:
    if len(arguments) != 2:
        raise NotArrays("is damaged: a number in it is none")
    return _array(arguments[1], arguments[0], (), "C")[()]


def _make_from_buffer(_: _Machine, arguments: tuple[Any, ...]) -> np.ndarray:
    if len(arguments) != 4:
        raise NotArrays("is damaged: an array in it is none")
    data, dtype, shape, order = arguments
    return _array(data, dtype, shape, "F" if _as_text(order) == "F" else "C")


def _make_bytes(m: _Machine, arguments: tuple[Any, ...]) -> memoryview:
    """How protocol 2 writes bytes: as the text whose letters are those of latin-1."""
    if len(arguments) != 2 or not isinstance(arguments[0], str) or _as_text(arguments[1]) not in ("latin1", "latin-1"):
        raise NotArrays("calls what arrays do not need")
    m.copied(len(arguments[0]))
    try:
        return memoryview(arguments[0].encode("latin-1"))
    except UnicodeEncodeError as error:
        raise NotArrays("is damaged: bytes in it are none") from error


def _no_bytes(_: _Machine, arguments: tuple[Any, ...]) -> memoryview:
    """How protocol 2 writes no bytes at all."""
    if arguments:
        raise NotArrays("calls what arrays do not need")
    return memoryview(b"")


def _array(data: Any, dtype: Any, shape: Any, order: str) -> np.ndarray:
    """The array as a view of its bytes, read-only."""
    if not isinstance(dtype, _DType) or not _DTYPE.fullmatch(dtype.name):
        raise NotArrays("holds an array of something else than numbers")
    if not isinstance(shape, tuple) or len(shape) > _MOST_AXES or not all(type(n) is int and n >= 0 for n in shape):
        raise NotArrays("is damaged: an array has no shape")
    kind = np.dtype(_ORDERS[dtype.order] + dtype.name.lstrip("<>|="))
    if isinstance(data, str):
        raise NotArrays("is damaged: an array has no bytes")
    if not isinstance(data, memoryview) or math.prod(shape) * kind.itemsize != len(data):
        raise NotArrays("is damaged: an array is not as large as it says")
    made = np.frombuffer(data, kind).reshape(shape, order="F" if order == "F" else "C")
    made.flags.writeable = False
    return made


def _as_text(value: Any) -> str:
    if isinstance(value, memoryview):
        return str(value[:64], "latin-1")
    return value if isinstance(value, str) else ""


def _finished(value: Any) -> Any:
    """The value with plain arrays and text in place of what the interpreter works with, level by level."""
    root = [value]
    seen: dict[int, tuple[Any, Any]] = {}  # tuples, kept alive, and the lists made of them
    done: set[int] = set()

    def finished(item: Any) -> Any:
        if isinstance(item, tuple):
            # The same tuple in many places becomes the same list, else a small file could grow without end.
            _, item = seen.setdefault(id(item), (item, list(item)))
        item = _plain(item)
        if isinstance(item, list | dict) and id(item) not in done:
            done.add(id(item))
            waiting.append(item)
        return item

    waiting: list[list[Any] | dict[str, Any]] = [root]
    while waiting:
        holder = waiting.pop()
        if isinstance(holder, dict):
            for key, item in holder.items():
                holder[key] = finished(item)
        else:
            holder[:] = map(finished, holder)
    return root[0]


def _plain(item: Any) -> Any:
    if isinstance(item, _Empty):
        if item.array is None:
            raise NotArrays("is damaged: an array in it is empty")
        return item.array
    if isinstance(item, memoryview):
        return bytes(item[:256]).decode("latin-1") if len(item) <= 256 else np.frombuffer(item, np.uint8)
    if isinstance(item, _DType | _Global):
        raise NotArrays("holds something else than arrays")
    return item


_GLOBALS: dict[str, Callable[[_Machine, tuple[Any, ...]], Any]] = {
    "numpy.dtype": _make_dtype,
    "numpy.core.multiarray._reconstruct": _make_empty,
    "numpy.core.multiarray.scalar": _make_scalar,
    "numpy.core.numeric._frombuffer": _make_from_buffer,
    "_codecs.encode": _make_bytes,
    "builtins.bytes": _no_bytes,
    "__builtin__.bytes": _no_bytes,
}
_STEPS: dict[bytes, Callable[[_Machine], None]] = {
    b"\x95": _frame,
    b"(": _push(lambda m: _Mark()),
    b"N": _push(lambda m: None),
    b"\x88": _push(lambda m: True),
    b"\x89": _push(lambda m: False),
    b"K": _push(lambda m: m.number("B")),
    b"M": _push(lambda m: m.number("H")),
    b"J": _push(lambda m: m.number("i")),
    b"\x8a": _push(_whole("B")),
    b"\x8b": _push(_whole("i")),
    b"G": _push(_float),
    b"X": _push(_text("I")),
    b"\x8c": _push(_text("B")),
    b"\x8d": _push(_text("Q")),
    b"U": _push(_sized("B")),
    b"T": _push(_sized("i")),
    b"C": _push(_sized("B")),
    b"B": _push(_sized("I")),
    b"\x8e": _push(_sized("Q")),
    b"\x96": _push(_sized("Q")),
    b"}": _push(lambda m: {}),
    b"]": _push(lambda m: []),
    b")": _push(lambda m: ()),
    b"\x85": _push(_tuple(1)),
    b"\x86": _push(_tuple(2)),
    b"\x87": _push(_tuple(3)),
    b"t": _push(lambda m: tuple(m.pop_to_mark())),
    b"l": _push(lambda m: m.pop_to_mark()),
    b"a": _append,
    b"e": _appends,
    b"s": _set_item,
    b"u": _set_items,
    b"q": _remember(lambda m: m.number("B")),
    b"r": _remember(lambda m: m.number("I")),
    b"\x94": _remember(lambda m: len(m.memo)),
    b"h": _push(lambda m: _recall(m, m.number("B"))),
    b"j": _push(lambda m: _recall(m, m.number("I"))),
    b"c": _push(_global),
    b"\x93": _push(_stack_global),
    b"R": _push(_reduce),
    b"b": _build,
}
