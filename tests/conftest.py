"""What every test may ask for, and what no test may leave behind."""

from __future__ import annotations

import atexit
import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from pytestqt.qtbot import QtBot

from tests.patience import PATIENCE_S

# Before NumPy and torch load: a test works on small arrays, and several test processes share the processor.
for _pool in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"):
    os.environ.setdefault(_pool, "1")


def _screen_of_its_own() -> None:
    """Give a test process that runs beside others an X server for itself, where there is one to be had.

    Without a window manager the last window that opens has the focus: processes on one screen take it from one another.
    """
    if not (os.environ.get("PYTEST_XDIST_WORKER") and sys.platform.startswith("linux") and shutil.which("Xvfb")):
        return
    # A number of its own: a server that ends takes away the socket of another that has just got the same number.
    number = 1000 + os.getpid() % 50_000
    command = ["Xvfb", f":{number}", "-screen", "0", "1920x1080x24", "-nolisten", "tcp"]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    socket = Path(f"/tmp/.X11-unix/X{number}")
    deadline_s = time.monotonic() + PATIENCE_S
    while not socket.exists() and server.poll() is None and time.monotonic() < deadline_s:
        time.sleep(0.01)
    if server.poll() is not None or not socket.exists():
        server.kill()
        return
    os.environ["DISPLAY"] = f":{number}"
    for name in ("WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):  # the second may be what the first process fell back on
        os.environ.pop(name, None)
    atexit.register(server.terminate)


_screen_of_its_own()
if sys.platform.startswith("linux") and not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")  # without a screen Qt would end the process

ROOT = Path(__file__).resolve().parent.parent
PATIENCE_MS = round(1000 * PATIENCE_S)

# The examples of a run in CI are the same each time; by hand they differ, and so find more.
settings.register_profile(
    "kinetograph", deadline=None, derandomize=bool(os.environ.get("CI")), suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("kinetograph")


def _folder(variable: str, default: Path, what: str) -> Path:
    folder = Path(os.environ.get(variable) or default)
    if not folder.is_dir():
        pytest.skip(f"no {what} at {default.name}/ beside the checkout, and {variable} names none")
    return folder


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The unpacked motion data, with its folders mocap/ and conformance/; the test is skipped where there is none."""
    return _folder("KINETOGRAPH_DATA", ROOT.parent / "shared-data", "motion data")


@pytest.fixture(scope="session")
def shared_music() -> Path:
    """The folder of songs; the test is skipped where there is none."""
    return _folder("KINETOGRAPH_MUSIC", ROOT.parent / "shared" / "data" / "music", "music")


class PatientBot(QtBot):
    """Waits longer than pytest-qt does of itself."""

    def waitSignal(self, signal: Any, *, timeout: int = PATIENCE_MS, **options: Any) -> Any:
        return super().waitSignal(signal, timeout=timeout, **options)

    def waitSignals(self, signals: list[Any], *, timeout: int = PATIENCE_MS, **options: Any) -> Any:
        return super().waitSignals(signals, timeout=timeout, **options)

    def waitUntil(self, callback: Callable[[], bool | None], *, timeout: int = PATIENCE_MS) -> None:
        super().waitUntil(callback, timeout=timeout)

    def waitExposed(self, widget: Any, *, timeout: int = PATIENCE_MS) -> Any:
        return super().waitExposed(widget, timeout=timeout)

    def waitActive(self, widget: Any, *, timeout: int = PATIENCE_MS) -> Any:
        return super().waitActive(widget, timeout=timeout)


@pytest.fixture
def qtbot(qapp: Any, request: pytest.FixtureRequest) -> QtBot:
    """The hand on a widget, as pytest-qt gives it, and patient."""
    return PatientBot(request)


@pytest.fixture(autouse=True)
def no_thread_is_left_behind() -> Iterator[None]:
    """Fail a test that leaves a thread running which would keep the program from ending."""
    before = set(threading.enumerate())
    yield
    deadline_s = time.monotonic() + PATIENCE_S
    for thread in set(threading.enumerate()) - before:
        if not thread.daemon:
            thread.join(max(0.0, deadline_s - time.monotonic()))
            assert not thread.is_alive(), f"the test left the thread {thread.name!r} running"
