"""A signal for code that knows no Qt: listeners are called at once, in the order in which they came."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


class Signal:
    """Something that others may want to hear of. `emit` calls every listener in the thread that emits."""

    def __init__(self) -> None:
        self._listeners: list[Callable[..., Any]] = []

    def connect(self, listener: Callable[..., Any]) -> Callable[[], None]:
        """Call `listener` at every `emit` from now on; the function that comes back ends that."""
        self._listeners.append(listener)

        def disconnect() -> None:
            if listener in self._listeners:
                self._listeners.remove(listener)

        return disconnect

    def emit(self, *values: object) -> None:
        """Tell all listeners. A listener that comes or goes meanwhile counts from the next time on."""
        for listener in tuple(self._listeners):
            listener(*values)
