"""What happens to a mistake of ours: it is told in the window with its details, logged, and never ends the program.

An exception that leaves an event handler which Qt called from within another one ends the whole process in
PySide 6.11 on Python 3.11; so none leaves.
"""

from __future__ import annotations

import functools
import inspect
import logging
import sys
import threading
import traceback
from collections.abc import Callable, Iterator
from types import TracebackType
from typing import Any

from PySide6.QtCore import QObject

log = logging.getLogger(__name__)

SENTENCE = "Something went wrong inside Kinetograph; your piece is as it was. If it happens again, send us the details."
_ROOMS = ("app", "editor", "viewer3d")
_NAMES = ("event", "eventFilter", "paintGL", "initializeGL", "resizeGL", "sizeHint", "minimumSizeHint")
_MOST_REPORTS = 20

Tell = Callable[[str, str, str], None]  # sentence, severity, details


class CrashReports:
    """Takes every exception that nobody caught and tells it once.

    Args:
        tell: Shows a sentence, its severity and details; called in the window's thread.
        post: Hands calls to the window's thread.
    """

    def __init__(self, tell: Tell, post: Callable[[Callable[[], None]], None]) -> None:
        self._tell, self._post = tell, post
        self._told: set[str] = set()
        self._guards: list[tuple[type, str, Callable[..., Any]]] = []
        self._guarded_kinds: set[type] = set()
        self._hooks_before: tuple[Any, Any] | None = None

    def install(self) -> None:
        """From now on catch what threads, timers, signals and the event handlers of our widgets let through."""
        self._hooks_before = sys.excepthook, threading.excepthook
        sys.excepthook = self.take
        threading.excepthook = lambda args: self.take(args.exc_type, args.exc_value, args.exc_traceback)
        self.guard()

    def guard(self) -> None:
        """Guard the widgets that were loaded since the last time: dialogs come when they are opened."""
        for kind in set(_our_classes()) - self._guarded_kinds:
            self._guarded_kinds.add(kind)
            for name, method in list(vars(kind).items()):
                if inspect.isfunction(method) and (name in _NAMES or name.endswith("Event")):
                    self._guards.append((kind, name, method))
                    setattr(kind, name, self._guarded(method))

    def remove(self) -> None:
        """Put everything back as it was before `install`."""
        if self._hooks_before is not None:
            sys.excepthook, threading.excepthook = self._hooks_before
        for kind, name, method in self._guards:
            setattr(kind, name, method)
        self._guards, self._guarded_kinds, self._hooks_before = [], set(), None

    def take(
        self, kind: type[BaseException], error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Log an exception, and tell it unless the same was told before."""
        if issubclass(kind, KeyboardInterrupt):
            return
        details = "".join(traceback.format_exception(kind, error, trace))
        log.error("%s", details)
        place = str(traceback.extract_tb(trace)[-1:]) + str(kind)
        if place not in self._told and len(self._told) < _MOST_REPORTS:
            self._told.add(place)
            self._post(lambda: self._tell(SENTENCE, "error", details))

    def _guarded(self, method: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(method)
        def call(*args: Any, **named: Any) -> Any:
            try:
                return method(*args, **named)
            except Exception as error:  # noqa: BLE001 # the border to Qt: handed to `take`, which logs and tells it
                self.take(type(error), error, error.__traceback__)
                return False if method.__name__ in ("event", "eventFilter") else None

        return call


def _our_classes() -> Iterator[type]:
    """All classes of ours that Qt calls, as far as they are loaded."""
    waiting: list[type] = [QObject]
    seen: set[type] = set()
    while waiting:
        for kind in waiting.pop().__subclasses__():
            if kind not in seen:
                seen.add(kind)
                waiting.append(kind)
                if kind.__module__.split(".")[0] in _ROOMS:
                    yield kind
