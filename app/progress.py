"""A line on the terminal that says how far long work has come."""

from __future__ import annotations

import sys
import time

_EVERY_S = 0.1


class Bar:
    """One line of standard error, kept up to date; silent where standard error is no terminal.

    Call it with the fraction done, 0 to 1, or `show` it with words of your own. `close` ends the line.

    Args:
        what: What is being done, such as "drawing".
    """

    def __init__(self, what: str) -> None:
        self._what = what
        self._began_s = time.monotonic()
        self._shown_s = float("-inf")
        self._is_open = False

    def __call__(self, fraction: float) -> None:
        """Show the fraction done and the time left; at 1 the line ends."""
        self.show(fraction, self._time_left(fraction))
        if fraction >= 1.0:
            self.close()

    def show(self, fraction: float, words: str = "") -> None:
        """Show the fraction done and words behind it, ten times a second at most."""
        now_s = time.monotonic()
        if not sys.stderr.isatty() or (now_s - self._shown_s < _EVERY_S and fraction < 1.0):
            return
        self._shown_s, self._is_open = now_s, True
        sys.stderr.write(f"\r\x1b[K{self._what} {100 * fraction:3.0f} %{'  ' if words else ''}{words}")
        sys.stderr.flush()

    def close(self) -> None:
        """End the line, if one was begun. May be called twice."""
        if self._is_open:
            self._is_open = False
            sys.stderr.write("\n")

    def _time_left(self, fraction: float) -> str:
        if not 0.02 < fraction < 1.0:
            return ""
        seconds = round((time.monotonic() - self._began_s) * (1.0 - fraction) / fraction)
        return f"{seconds} s left" if seconds < 90 else f"{seconds // 60} min {seconds % 60:02d} s left"
