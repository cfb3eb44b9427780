"""What was computed from immutable things is kept while it is in use, within a budget."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable
from threading import Lock
from typing import Generic, TypeVar

Result = TypeVar("Result")


class KeptResults(Generic[Result]):
    """The results used last, within a budget. Safe to be used by several threads: at worst two compute the same.

    A key may hold ids of objects: `named` keeps these alive as long as the result is kept.
    """

    def __init__(self, most_bytes: int) -> None:
        self._most_bytes, self._bytes = most_bytes, 0
        self._kept: OrderedDict[Hashable, tuple[Result, object, int]] = OrderedDict()
        self._lock = Lock()

    def get(self, key: Hashable) -> Result | None:
        """The result of that key; None where there is none any more."""
        with self._lock:
            if key not in self._kept:
                return None
            self._kept.move_to_end(key)
            return self._kept[key][0]

    def keep(self, key: Hashable, result: Result, n_bytes: int, named: object = None) -> Result:
        """Keep a result of `n_bytes`; the result comes back. The last one is kept however large it is."""
        with self._lock:
            if key not in self._kept:
                self._kept[key] = (result, named, n_bytes)
                self._bytes += n_bytes
            while self._bytes > self._most_bytes and len(self._kept) > 1:
                _, (_, _, gone_bytes) = self._kept.popitem(last=False)
                self._bytes -= gone_bytes
        return result
