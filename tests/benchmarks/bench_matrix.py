"""Every format on every rig at every rate, judged by other programs: where they have each joint, rate, length, height.

An error is the largest distance of a joint from where it is to be, in every tenth frame. assimp prints six digits,
which is up to 0.02 mm; Blender counts in 32 bits.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

from app.commands.export import performance_from
from app.resources import resource_path
from tests.judges.account import MOST_MM, Verdict
from tests.judges.cases import JUDGES, KINDS, LACKS, RATES, RIGS, Case, written

SPAN_S = (4.0, 14.0)  # of the demo
READERS = {"BVH": "own 2nd reader", "FBX": "ufbx", "glTF": "pygltflib", "USD": "usd-core"}


def run() -> None:
    """Print the worst error over all rates by format, rig and judge, and every fault; ends with 1 if there is one."""
    performance = performance_from(resource_path("demo/demo.kino"))
    with tempfile.TemporaryDirectory() as folder:
        began_s = time.perf_counter()
        cases = list(written(Path(folder), performance, SPAN_S))
        print(f"{len(cases)} files of {SPAN_S[1] - SPAN_S[0]:g} s: {', '.join(KINDS)} on {', '.join(RIGS)} at "
              f"{', '.join(RATES)}; written in {time.perf_counter() - began_s:.0f} s")  # fmt: skip
        verdicts: dict[str, dict[str, Verdict]] = {}
        for judge, look in JUDGES.items():
            began_s = time.perf_counter()
            found = look(cases)
            if found is None:
                print(f"  skipped: {LACKS[judge]}")
                continue
            verdicts[judge] = found
            print(f"  {judge} looked at {len(found)} files in {time.perf_counter() - began_s:.0f} s", flush=True)
    _table(cases, verdicts)
    sys.exit(0 if _summed_up(cases, verdicts) else 1)


def _table(cases: list[Case], verdicts: dict[str, dict[str, Verdict]]) -> None:
    looking = [judge for judge in ("readers", "Blender", "assimp") if judge in verdicts]
    print(f"\n{'worst error, mm':<16}{'rig':<10}{'files':>6}" + "".join(f"{judge:>12}" for judge in looking)
          + "   reader")  # fmt: skip
    for kind in KINDS:
        for rig in RIGS:
            own = [case for case in cases if (case.kind.name, case.rig) == (kind, rig)]
            cells = []
            for judge in looking:
                errors = [verdicts[judge][case.name].position_mm for case in own if case.name in verdicts[judge]]
                known = [error for error in errors if error is not None]
                cells.append(f"{max(known):.5f}" if known else ("fault" if errors else "-"))
            print(f"{kind:<16}{rig:<10}{len(own):>6}" + "".join(f"{cell:>12}" for cell in cells)
                  + f"   {READERS[kind]}")  # fmt: skip


def _summed_up(cases: list[Case], verdicts: dict[str, dict[str, Verdict]]) -> bool:
    """Print what is wrong, and how many files are right; returns whether all are."""
    wrong = set()
    for judge, found in verdicts.items():
        for name, verdict in found.items():
            if not verdict.agrees:
                wrong.add(name)
                far = () if verdict.position_mm is None else (f"{verdict.position_mm:.4f} mm",)
                print(f"  {judge} on {name}: {'; '.join((*far, *dict.fromkeys(verdict.faults)))}")
    judged = sum(len(found) for found in verdicts.values())
    print(f"{len(cases) - len(wrong)} of {len(cases)} files agree in {judged} verdicts of {len(verdicts)} judges; "
          f"{MOST_MM:g} mm is allowed.")  # fmt: skip
    return not wrong
