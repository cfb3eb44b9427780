"""How benchmarks take the time."""

from __future__ import annotations

import time
from collections.abc import Callable


def best_s(work: Callable[[], object], repeats: int = 7) -> float:
    """The shortest time in seconds that `work` took: what disturbs a measurement only lengthens it."""
    times_s = []
    for _ in range(repeats):
        begin_s = time.perf_counter()
        work()
        times_s.append(time.perf_counter() - begin_s)
    return min(times_s)
