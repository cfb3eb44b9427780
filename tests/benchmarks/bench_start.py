"""How long it takes to start: the interpreter alone, then the program with and without run.py before it."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
REPEATS = 7
STARTS = {
    "python, nothing": [sys.executable, "-c", ""],
    "kinetograph --version": [sys.executable, "-m", "app", "--version"],
    "run.py --version": [sys.executable, "run.py", "--version"],
    "import engine.motion.motion": [sys.executable, "-c", "import engine.motion.motion"],
    "import engine.generation.request": [sys.executable, "-c", "import engine.generation.request"],
}


def run() -> None:
    """Print the best and the median of a few starts, in milliseconds."""
    print(f"{'':34}{'best':>8}{'median':>8}   ms")
    for name, command in STARTS.items():
        times_s = sorted(_time_s(command) for _ in range(REPEATS))
        print(f"{name:34}{1000 * times_s[0]:8.0f}{1000 * times_s[REPEATS // 2]:8.0f}")


def _time_s(command: list[str]) -> float:
    begun_s = time.perf_counter()
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    return time.perf_counter() - begun_s
