"""Calls from other threads to the window's, and work that must not hold the window up."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from PySide6.QtCore import QObject, Qt, Signal

log = logging.getLogger(__name__)


class GuiThread(QObject):
    """Made in the window's thread; `post` may be called from any, and the call is made in the window's."""

    _posted = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self._is_open = True
        self._posted.connect(self._call, Qt.ConnectionType.QueuedConnection)

    def post(self, call: Callable[[], None]) -> None:
        """Make `call` in the window's thread, soon; calls keep their order."""
        if self._is_open:
            self._posted.emit(call)

    def close(self) -> None:
        """From now on nothing is called any more."""
        self._is_open = False

    def _call(self, call: Callable[[], None]) -> None:
        if self._is_open:
            call()


class Background:
    """Short work in a thread, in the order given: reading sound, peaks, saving. Results come by `post`."""

    def __init__(self, post: Callable[[Callable[[], None]], None]) -> None:
        self._post = post
        self._pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="background")

    def run_later(
        self,
        work: Callable[[], Any],
        done: Callable[[Any], None],
        failed: Callable[[Exception], None] | None = None,
    ) -> None:
        """Do `work` soon, then call `done` with what it returned, or `failed` with what it raised."""

        def do() -> None:
            try:
                result = work()
            except Exception as error:  # handed to the one who asked, or logged
                log.info("background work failed", exc_info=True)
                if failed is not None:
                    self._post(lambda error=error: failed(error))  # type: ignore[misc]
            else:
                self._post(lambda: done(result))

        self._pool.submit(do)

    def wait(self) -> None:
        """Until everything that was asked for is done."""
        done = threading.Event()
        self._pool.submit(done.set)
        done.wait()

    def close(self) -> None:
        """Finish what runs, and end the thread."""
        self._pool.shutdown(wait=True, cancel_futures=False)
