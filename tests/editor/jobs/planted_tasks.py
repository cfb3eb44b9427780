"""Tasks for the worker's tests, done in the other process."""

from __future__ import annotations

import os
import time

from editor.jobs.worker import Report
from engine.errors import EngineError


def double(report: Report, value: int) -> int:
    report.progress(0.5)
    return 2 * value


def size_of(report: Report, values: object) -> int:
    return len(values)


def count_to(report: Report, n: int) -> int:
    for i in range(n):
        report.part(i)
    return n


def refuse(report: Report) -> None:
    raise EngineError("The song is silent: choose another.")


def break_down(report: Report) -> None:
    raise RuntimeError("no such thing")


def die(report: Report) -> None:
    os._exit(7)


def work_until_cancelled(report: Report) -> None:
    while True:
        report.progress(0.1)
        time.sleep(0.001)
