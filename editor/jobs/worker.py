"""A process beside the window that does the slow work, so that the window never waits for it.

Work is named by a module and a function in it, "package.module:function", and called as
`function(report, *arguments)` in the other process. What it returns comes back; what it hands to
`report.part` comes back at once. `report.progress` is also where a cancelled job stops.
"""

from __future__ import annotations

import importlib
import itertools
import logging
import multiprocessing
import os
import queue
import signal
import threading
import time
import traceback
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import Any

from editor.observable import Signal
from engine.errors import Cancelled, EngineError

log = logging.getLogger(__name__)

STOPPED = "The engine stopped unexpectedly and was started again; nothing is lost: try once more."
GIVEN_UP = "The engine stops again and again: save the piece and start Kinetograph anew."
_PROGRESS_EVERY_S = 0.08  # more often would only keep the window busy
_NICENESS = 10
_MOST_THREADS = 8  # segments are short: more threads wait for each other longer than they work
_RESTARTS = 5  # a worker that dies more often than this while idle is left dead

Post = Callable[[Callable[[], None]], None]
_Orders = queue.SimpleQueue[tuple[Any, ...] | None]


class JobFailed(Exception):
    """A job ended with an error. `str(error)` is one sentence for the user.

    Attributes:
        details: What a developer wants to see; empty for errors that the user can act on.
    """

    def __init__(self, sentence: str, details: str = "") -> None:
        super().__init__(sentence)
        self.details = details


class Report:
    """What a task may tell while it works. Lives in the other process."""

    def __init__(self, send: Callable[[tuple[Any, ...]], None], number: int, is_cancelled: Callable[[], bool]) -> None:
        self._send, self._number, self._is_cancelled = send, number, is_cancelled
        self._told_at_s = 0.0

    def progress(self, fraction: float) -> None:
        """How far the work is, 0 to 1; raises Cancelled when nobody waits for it any more."""
        if self._is_cancelled():
            raise Cancelled("the job")
        now_s = time.monotonic()
        if now_s - self._told_at_s >= _PROGRESS_EVERY_S or fraction >= 1.0:
            self._told_at_s = now_s
            self._send(("progress", self._number, fraction))

    def part(self, value: object) -> None:
        """Hand over a piece of the result before the rest is there."""
        self._send(("part", self._number, value))


class Job:
    """A handle on submitted work."""

    def __init__(self, number: int, worker: Worker, calls: dict[str, Callable[..., None]]) -> None:
        self.number = number
        self.is_running = True
        self._worker, self._calls = worker, calls

    def cancel(self) -> None:
        """Stop the work soon. None of the job's callbacks is called any more."""
        if self.is_running:
            self.is_running = False
            self._worker.forget(self.number)


class Worker:
    """Does jobs one after the other in a process of its own, started with the first. Use it from one thread.

    Args:
        post: Hands a callable to the thread that the callbacks shall run in.
        name: Of the process.
        gives_way: Whether the window's own work comes first, for jobs that nobody waits for at the screen.

    Signals:
        restarted(): The process died, and another took its place, which remembers nothing.
    """

    def __init__(self, post: Post, name: str = "engine", gives_way: bool = False) -> None:
        self.restarted = Signal()
        self._post, self._name, self._gives_way = post, name, gives_way
        self._context = multiprocessing.get_context("spawn")
        self._numbers = itertools.count(1)
        self._jobs: dict[int, Job] = {}
        self._restarts = 0
        self._is_closed = False
        self._lock = threading.Lock()
        self._process: multiprocessing.process.BaseProcess | None = None

    def submit(
        self,
        task: str,
        *arguments: object,
        done: Callable[[Any], None] = lambda _: None,
        failed: Callable[[JobFailed], None] = lambda _: None,
        progressed: Callable[[float], None] = lambda _: None,
        part: Callable[[Any], None] = lambda _: None,
    ) -> Job:
        """Do `task` after what was submitted before; returns at once.

        Arguments and results must be picklable, and arguments stay as they are until the job is over.
        """
        calls = {"done": done, "failed": failed, "progress": progressed, "part": part}
        job = Job(next(self._numbers), self, calls)
        with self._lock:
            self._jobs[job.number] = job
        if self._process is None:
            self._start()
        if self._restarts > _RESTARTS:
            self._deliver(("failed", job.number, (GIVEN_UP, "")))
        else:
            self._orders.put(("run", job.number, task, arguments))
        return job

    @property
    def n_waiting(self) -> int:
        """How many jobs are neither done nor cancelled."""
        return len(self._jobs)

    def forget(self, number: int) -> None:
        """Cancel a job by its number; jobs that are over are left alone."""
        with self._lock:
            self._jobs.pop(number, None)
        self._orders.put(("cancel", number, None, ()))

    def close(self) -> None:
        """Stop the process. May be called twice."""
        if self._is_closed:
            return
        self._is_closed = True
        with self._lock:
            self._jobs.clear()
        if self._process is None:
            return
        self._orders.put(("close", 0, None, ()))
        self._orders.put(None)
        self._process.join(timeout=0.5)
        if self._process.is_alive():
            self._process.terminate()
            self._process.join(timeout=2.0)
        self._sender.join(timeout=2.0)
        self._pipe.close()
        self._reader.join(timeout=2.0)

    def _start(self) -> None:
        self._pipe, far = self._context.Pipe()
        self._orders: _Orders = queue.SimpleQueue()
        self._process = self._context.Process(
            target=run_worker, args=(far, self._gives_way), name=f"kinetograph-{self._name}", daemon=True
        )
        self._process.start()
        far.close()
        self._reader = threading.Thread(
            target=self._listen, args=(self._pipe,), name=f"{self._name}-answers", daemon=True
        )
        self._reader.start()
        self._sender = threading.Thread(
            target=self._send, args=(self._pipe, self._orders), name=f"{self._name}-orders", daemon=True
        )
        self._sender.start()

    def _send(self, pipe: Connection, orders: _Orders) -> None:
        """Hand orders over; a long one takes time to be packed, and a process that is just starting does not read."""
        while (order := orders.get()) is not None:
            kind, number = order[:2]
            if kind == "run" and number not in self._jobs:
                continue  # cancelled meanwhile
            try:
                pipe.send(order)
            except OSError:
                return  # `_listen` notices it too
            except Exception as error:  # noqa: BLE001 # what cannot be packed is told to the one who asked
                sentence = f"Something went wrong in asking for work: {error or type(error).__name__}."
                self._deliver(("failed", number, (sentence, traceback.format_exc())))

    def _listen(self, pipe: Connection) -> None:
        while True:
            try:
                message = pipe.recv()
            except (EOFError, OSError):
                break
            self._deliver(message)
        if not self._is_closed:
            self._post(self._mend)

    def _mend(self) -> None:
        """The process is gone: say so to those who wait, and start another."""
        if self._is_closed:
            return
        log.warning("the %s process ended", self._name)
        self._orders.put(None)
        self._sender.join(timeout=2.0)
        self._pipe.close()
        with self._lock:
            waiting = list(self._jobs)
        self._restarts += 1
        is_given_up = self._restarts > _RESTARTS
        if not is_given_up:
            self._start()
        for number in waiting:
            self._deliver(("failed", number, (GIVEN_UP if is_given_up else STOPPED, "")))
        if not is_given_up:
            self.restarted.emit()

    def _deliver(self, message: tuple[Any, ...]) -> None:
        kind, number, value = message
        with self._lock:
            job = self._jobs.get(number)
            if job is not None and kind in ("done", "failed"):
                del self._jobs[number]
        if job is None:
            return

        def call() -> None:
            if not job.is_running:
                return
            if kind in ("done", "failed"):
                job.is_running = False
            job._calls[kind](JobFailed(*value) if kind == "failed" else value)

        self._post(call)


def run_worker(pipe: Connection, gives_way: bool = False) -> None:
    """The other process: take jobs from the pipe and do them, until told to close or left alone."""
    share_the_processor()
    if gives_way and hasattr(os, "nice"):
        os.nice(_NICENESS)
    # Ctrl+C in the terminal goes to both processes; the window decides what it means.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    jobs: queue.Queue[tuple[int, str, tuple[Any, ...]] | None] = queue.Queue()
    cancelled: set[int] = set()
    sending = threading.Lock()

    def send(message: tuple[Any, ...]) -> None:
        with sending:
            pipe.send(message)

    def receive() -> None:
        while True:
            try:
                kind, number, task, arguments = pipe.recv()
            except (EOFError, OSError):
                # The window is gone, perhaps in the middle of a job that nobody needs.
                os._exit(0)
            if kind == "cancel":
                cancelled.add(number)
            elif kind == "close":
                os._exit(0)
            else:
                jobs.put((number, task, arguments))

    threading.Thread(target=receive, name="orders", daemon=True).start()
    while (order := jobs.get()) is not None:
        number, task, arguments = order
        if number not in cancelled:
            _do(number, task, arguments, send, cancelled)
        cancelled.discard(number)


def share_the_processor() -> None:
    """Leave a core to the window, which plays sound: torch on all cores makes both wait for each other.

    Measured on two cores: four takes with two threads took three times as long as with one while a song played.
    NumPy's small products gain nothing from threads of their own, which look out for work in the way of torch's.
    Must come before NumPy and torch are imported; what the user has set stays.
    """
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    n_threads = max(1, (os.cpu_count() or 2) - 1)
    for pool in ("OMP_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ.setdefault(pool, str(min(n_threads, _MOST_THREADS)))


def _do(
    number: int, task: str, arguments: tuple[Any, ...], send: Callable[[tuple[Any, ...]], None], cancelled: set[int]
) -> None:
    report = Report(send, number, lambda: number in cancelled)
    try:
        module, _, function = task.partition(":")
        result = getattr(importlib.import_module(module), function)(report, *arguments)
        send(("done", number, result))
    except Cancelled:
        log.info("%s: cancelled", task)
    except EngineError as error:
        send(("failed", number, (str(error), "")))
    except Exception as error:  # noqa: BLE001 # the last line of defence: what went wrong is told, never lost
        what = task.partition(":")[2].replace("_", " ")
        sentence = f"Something went wrong in {what}: {error or type(error).__name__}."
        send(("failed", number, (sentence, traceback.format_exc())))
