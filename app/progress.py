"""A line on the terminal that says how far long work has come."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable

_EVERY_S = 0.1


def progress_line(what: str) -> Callable[[float], None]:
    """A function to call with the fraction done, 0 to 1: it keeps one line of standard error up to date.

    Where standard error is no terminal it says nothing.
    """
    began_s = time.monotonic()
    shown_s = 0.0

    def show(fraction: float) -> None:
        nonlocal shown_s
        now_s = time.monotonic()
        if not sys.stderr.isatty() or (now_s - shown_s < _EVERY_S and fraction < 1.0):
            return
        shown_s = now_s
        left = f", {_spoken((now_s - began_s) * (1.0 - fraction) / fraction)} left" if 0.02 < fraction < 1.0 else ""
        sys.stderr.write(f"\r\x1b[K{what} {100 * fraction:3.0f} %{left}" + ("\n" if fraction >= 1.0 else ""))
        sys.stderr.flush()

    return show


def _spoken(duration_s: float) -> str:
    seconds = round(duration_s)
    return f"{seconds} s" if seconds < 90 else f"{seconds // 60} min {seconds % 60:02d} s"
