"""Work beside the GUI thread: one thread, which ends when there is nothing to do."""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject, Qt, Signal

log = logging.getLogger(__name__)

Work = Callable[[], Any]
Done = Callable[[Any], None]
RunLater = Callable[[Work, Done], None]


class Background(QObject):
    """Runs work in order, and tells the result in the thread that this object lives in."""

    _finished = Signal(object, object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._lock = threading.Lock()
        self._waiting: deque[tuple[Work, Done]] = deque()
        self._is_running = False
        self._finished.connect(self._deliver, Qt.ConnectionType.QueuedConnection)

    def run_later(self, work: Work, done: Done) -> None:
        """Call `work` in the thread, then `done` with what it returned."""
        with self._lock:
            self._waiting.append((work, done))
            if self._is_running:
                return
            self._is_running = True
        threading.Thread(target=self._run, name="timeline", daemon=True).start()

    def _run(self) -> None:
        while True:
            with self._lock:
                if not self._waiting:
                    self._is_running = False
                    return
                work, done = self._waiting.popleft()
            try:
                result = work()
            except Exception:  # the border of a thread: a bug must not end it unseen
                log.exception("the timeline's background work failed")
                continue
            try:
                self._finished.emit(done, result)
            except RuntimeError:  # the widget is gone
                return

    def _deliver(self, done: Done, result: Any) -> None:
        done(result)
