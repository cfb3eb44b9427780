"""The window with the demo piece: how soon it is there, how soon it plays, how soon takes come, and whether it waits.

Needs a screen; on a machine without one: `xvfb-run -a python3 run.py bench window`.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from app.screen import has_screen
from engine.timebase import frame_at

if TYPE_CHECKING:
    from app.window.main_window import EditorWindow

ROOT = Path(__file__).resolve().parents[2]
STARTS = 5
STAGES = (
    "splash screen painted", "window painted", "stage can be drawn", "demo piece shown",
    "demo can be played with sound", "takes can be made",
)  # fmt: skip
ROUNDS = 8
BARS = (5, 8)
_WATCH_MS = 2


def run() -> None:
    """Print the start of several windows, then what one of them does."""
    if not has_screen():
        print("There is no screen: xvfb-run -a python3 run.py bench window")
        return
    starts = [_child("start") for _ in range(STARTS)]
    print(f"{'since the command was given, median of ' + str(STARTS) + ', ms':56}{'median':>8}{'worst':>8}")
    for i, name in enumerate(STAGES):
        times = sorted(float(start[i]) for start in starts)
        print(f"{name:56}{statistics.median(times):8.0f}{times[-1]:8.0f}")
    for line in _child("work"):
        print(line)


def _child(what: str) -> list[str]:
    """What a window in a process of its own prints, line by line."""
    program = f"from tests.benchmarks import bench_window; bench_window.{what}({time.time()!r})"
    with tempfile.TemporaryDirectory() as home:
        environment = os.environ | {"PYTHONPATH": str(ROOT), "KINETOGRAPH_HOME": home}
        ran = subprocess.run(
            [sys.executable, "-P", "-c", program],
            cwd=ROOT, env=environment, check=True, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
    return ran.stdout.splitlines()


def start(began_s: float) -> None:
    """Open a window as the program does; print the milliseconds to each stage of it."""
    shown: dict[str, float] = {}

    def note(name: str) -> None:
        shown.setdefault(name, 1000 * (time.time() - began_s))

    window = _window(lambda: note("splash"))
    window.viewport.frameSwapped.connect(lambda: note("painted"))
    window.viewport.ready.connect(lambda: note("stage"))
    window.desk.piece.opened.connect(lambda: note("demo"))
    window.desk.piece.audio_changed.connect(lambda audio: note("sound") if audio is not None else None)
    window.desk.engine.changed.connect(lambda: note("takes") if window.desk.engine.is_ready else None)
    _until(lambda: "painted" in shown)
    window.begin(None, opens_demo=True)
    _until(lambda: {"stage", "demo", "sound", "takes"} <= set(shown))
    for name in ("splash", "painted", "stage", "demo", "sound", "takes"):
        print(shown[name])
    window.end()


def work(_began_s: float) -> None:
    """Make four takes of four bars again and again, with and without kept legs; cancel; scrub; print what it took."""
    window = _window()
    window.begin(None, opens_demo=True)
    desk = window.desk
    _until(lambda: desk.engine.is_ready and desk.piece.audio is not None)
    session = desk.session
    bars_s = session.document.music.downbeat_times_s
    rate_hz = session.document.frame_rate_hz
    span = (frame_at(bars_s[bar], rate_hz) for bar in (BARS[0] - 1, BARS[1]))
    session.select(session.document.tracks[0].id, *span)
    print(f"{'four takes of bars 5 to 8, from the key, ms':56}{'first':>8}{'fourth':>8}{'gap':>8}   (medians; longest")
    for name, parts in (("all danced anew", frozenset()), ("legs kept", frozenset({"left_leg", "right_leg", "hips"}))):
        window.generate.commit("parts", locked_parts=parts)
        rows = [_takes(window) for _ in range(ROUNDS)][1:]
        first, fourth, gap = (statistics.median(column) for column in zip(*rows, strict=True))
        print(f"  {name:54}{first:8.0f}{fourth:8.0f}{gap:8.0f}   stillness of the window)")
    print(f"{'cancelled after 30 ms: the engine is free again, ms':56}{_cancelled(window):8.0f}")
    for line in _scrubbed(window):
        print(line)
    window.end()


def _takes(window: EditorWindow) -> tuple[float, float, float]:
    audition = window.desk.audition
    gaps = _Gaps()
    began_s = time.perf_counter()
    window.actions_.by_name["four_takes"].trigger()
    _until(lambda: audition.auditioned == 0)
    first_s = time.perf_counter() - began_s
    _until(lambda: not audition.is_running)
    fourth_s = time.perf_counter() - began_s
    longest_s = gaps.stop()
    audition.return_()
    audition.return_()
    return 1000 * first_s, 1000 * fourth_s, 1000 * longest_s


def _cancelled(window: EditorWindow) -> float:
    """Median milliseconds from the cancel to the end of the next, empty job: until then the engine was busy."""
    from editor.jobs.engine_tasks import MEMORY

    times = []
    for _ in range(ROUNDS):
        window.desk.audition.four_takes()
        _for_s(0.03)
        began_s = time.perf_counter()
        window.desk.audition.cancel()
        done: list[object] = []
        window.desk.worker.submit(MEMORY, done=done.append)
        _until(lambda done=done: bool(done))
        times.append(1000 * (time.perf_counter() - began_s))
    return statistics.median(times)


def _scrubbed(window: EditorWindow) -> list[str]:
    """Milliseconds from a scrub to the picture of that moment, over the whole demo piece."""
    swapped: list[float] = []
    window.viewport.frameSwapped.connect(lambda: swapped.append(time.perf_counter()))
    session, times = window.desk.session, []
    for i in range(120):
        _for_s(0.012)
        n = len(swapped)
        began_s = time.perf_counter()
        session.scrub_wanted.emit((i * 37 % 79) + 0.5, True)
        _until(lambda n=n: len(swapped) > n)
        times.append(1000 * (swapped[n] - began_s))
    session.scrub_wanted.emit(1.0, False)
    times.sort()
    cells = "".join(f"{times[round(q * (len(times) - 1))]:8.1f}" for q in (0.5, 0.95, 1.0))
    size = f"{window.viewport.width()} x {window.viewport.height()}"
    return [f"{'scrub event to swapped picture, demo duet, ' + size + ', ms':56}{cells}   (p50, p95, worst)"]


class _Gaps:
    """How long the window's thread was away at most."""

    def __init__(self) -> None:
        from PySide6.QtCore import Qt, QTimer

        self._last_s, self._longest_s = time.perf_counter(), 0.0
        self._timer = QTimer(interval=_WATCH_MS, timerType=Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._tick)
        self._timer.start()

    def _tick(self) -> None:
        now_s = time.perf_counter()
        self._longest_s, self._last_s = max(self._longest_s, now_s - self._last_s), now_s

    def stop(self) -> float:
        self._timer.stop()
        return self._longest_s


def _window(splashed: Callable[[], None] = lambda: None) -> EditorWindow:
    from app.window.start import open_window

    application, window = open_window(splashed)
    window._application = application  # type: ignore[attr-defined] # it must outlive this function
    window.resize(1440, 900)
    return window


def _until(is_so: Callable[[], bool]) -> None:
    from PySide6.QtCore import QEventLoop, QTimer

    loop, timer = QEventLoop(), QTimer(interval=1)
    timer.timeout.connect(lambda: loop.quit() if is_so() else None)
    timer.start()
    if not is_so():
        loop.exec()
    timer.stop()


def _for_s(seconds: float) -> None:
    end_s = time.perf_counter() + seconds
    _until(lambda: time.perf_counter() >= end_s)
