"""A robot edits, and is killed at a random moment, a hundred times: what opens, what comes back, what is lost."""

from __future__ import annotations

import random
import statistics
import tempfile
from pathlib import Path

from tests.editing_robot import Outcome, killed

KILLS = 100
SOONEST_S, LATEST_S = 0.2, 2.0


def run() -> None:
    """Print one table over KILLS kills; every third piece was never saved before the robot began."""
    rng = random.Random(1)
    outcomes: list[Outcome] = []
    with tempfile.TemporaryDirectory() as folder:
        for i in range(KILLS):
            after_s = rng.uniform(SOONEST_S, LATEST_S)
            outcomes.append(killed(Path(folder) / f"{i}", i, after_s, is_untitled=i % 3 == 0))
    lost_s = [outcome.seconds_lost for outcome in outcomes]
    lost = [outcome.edits_lost for outcome in outcomes]
    rows = {
        "kills": f"{len(outcomes)}",
        "edits made, saves among them": f"{sum(o.edits for o in outcomes)}, {sum(o.saves for o in outcomes)}",
        "projects that open, and are what was saved": f"{sum(o.opens for o in outcomes)}",
        "starts that offer edits to restore": f"{sum(o.is_restored for o in outcomes)}",
        "pieces that come back exact in every frame": f"{sum(o.is_exact for o in outcomes)}",
        "edits lost, median and most": f"{statistics.median(lost):.0f}, {max(lost)}",
        "seconds lost, median and most": f"{statistics.median(lost_s):.2f}, {max(lost_s):.2f}",
    }
    for name, value in rows.items():
        print(f"  {name:46s}{value:>14s}")


if __name__ == "__main__":
    run()
