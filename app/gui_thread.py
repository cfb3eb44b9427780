"""Calls from other threads to the window's, and work that must not hold the window up."""

from __future__ import annotations

import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from PySide6.QtCore import QEventLoop, QObject, Qt, QTimer, Signal

_LOOK_EVERY_MS = 5

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

    def live_until(self, is_so: Callable[[], bool]) -> None:
        """Paint and take posted calls until something is so, while keys and mouse have to wait."""
        if is_so():
            return
        loop, looking = QEventLoop(), QTimer(interval=_LOOK_EVERY_MS)
        looking.timeout.connect(lambda: loop.quit() if is_so() or not self._is_open else None)
        looking.start()
        loop.exec(QEventLoop.ProcessEventsFlag.ExcludeUserInputEvents)
        looking.stop()

    def close(self) -> None:
        """From now on nothing is called any more."""
        self._is_open = False

    def _call(self, call: Callable[[], None]) -> None:
        if self._is_open:
            call()


class Background:
    """Short work in a thread, in the order given: reading sound, peaks, saving. Results come by `post`.

    Args:
        post: Hands a call to the window's thread.
        live_until: Lets the window live until something is so; called in its thread.
    """

    def __init__(
        self, post: Callable[[Callable[[], None]], None], live_until: Callable[[Callable[[], bool]], None]
    ) -> None:
        self.post, self.live_until = post, live_until
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
                    self.post(lambda error=error: failed(error))  # type: ignore[misc]
            else:
                self.post(lambda: done(result))

        self._pool.submit(do)

    def result_of(self, work: Callable[[], Any]) -> Any:
        """Do `work` in the thread while the window lives on; what it returned, or raises what it raised."""
        future = self._pool.submit(work)
        self.live_until(future.done)
        return future.result()

    def close(self) -> None:
        """Finish what runs, and end the thread."""
        self._pool.shutdown(wait=True, cancel_futures=False)
