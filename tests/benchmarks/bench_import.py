"""Importing: every file of the conformance folder by producer and version, and how long files take to come in."""

from __future__ import annotations

import re
import time
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from app.resources import resource_path
from engine.errors import EngineError
from engine.formats import importers
from engine.formats.import_fit import to_house
from engine.motion.rig import RigMap, read_rigs
from tests.conftest import ROOT

_FBX_NAME = re.compile(r"_(\d{4})_(ascii|binary)")
_VERSIONED = re.compile(r"([a-z]+?)_?(\d{3,4}x?)?_")
_OUTCOMES = ("motion", "no body", "refused", "crashed")


@dataclass(frozen=True)
class _Tried:
    """What came of a file: one of _OUTCOMES, the sentence where there was one, and the seconds it took."""

    path: Path
    outcome: str
    says: str
    took_s: float


def run() -> None:
    """Print a table: producer and version, files, those with a motion on the house skeleton, with no body in them,
    refused in a sentence, crashed; then the slowest files and why files were refused.
    """
    folder = ROOT.parent / "shared-data" / "conformance"
    if not folder.is_dir():
        print("There is no conformance data beside the checkout.")
        return
    rigs = read_rigs(resource_path("rigs"))
    paths = sorted(p for p in folder.rglob("*") if p.suffix.lower() in importers.endings())
    began_s = time.perf_counter()
    tried = [_try(path, rigs) for path in paths]
    print(f"{len(tried)} files in {time.perf_counter() - began_s:.0f} s")
    _table(tried)
    for one in sorted(tried, key=lambda one: -one.took_s)[:3]:
        print(f"slow: {one.took_s:6.2f} s  {one.path.name}")
    for kind in ("no body", "refused", "crashed"):
        reasons = Counter(_reason(one) for one in tried if one.outcome == kind)
        for reason, n in reasons.most_common(6):
            print(f"{kind} {n:>4} x  {reason}")


def _try(path: Path, rigs: Sequence[RigMap]) -> _Tried:
    began_s = time.perf_counter()
    outcome, says = _outcome(path, rigs)
    return _Tried(path, outcome, says, time.perf_counter() - began_s)


def _outcome(path: Path, rigs: Sequence[RigMap]) -> tuple[str, str]:
    try:
        imported = importers.read(path)
    except EngineError as error:
        return "refused", str(error)
    except Exception as error:  # noqa: BLE001  # what the table is there to find
        return "crashed", repr(error)
    try:
        to_house(imported, rigs)
    except EngineError as error:
        return "no body", str(error)
    except Exception as error:  # noqa: BLE001
        return "crashed", repr(error)
    return "motion", ""


def _table(tried: Sequence[_Tried]) -> None:
    rows: dict[str, list[_Tried]] = defaultdict(list)
    for one in tried:
        rows[_kind(one.path)].append(one)
    print(f"{'kind, producer, version':<34}{'files':>6}" + "".join(f"{name:>9}" for name in _OUTCOMES)
          + f"{'mean s':>8}{'most s':>8}")  # fmt: skip
    for kind, ones in [*sorted(rows.items()), ("all", list(tried))]:
        count, took_s = Counter(one.outcome for one in ones), [one.took_s for one in ones]
        print(f"{kind:<34}{len(ones):>6}" + "".join(f"{count[name]:>9}" for name in _OUTCOMES)
              + f"{sum(took_s) / len(ones):>8.2f}{max(took_s):>8.2f}")  # fmt: skip


def _kind(path: Path) -> str:
    """Format, producer, and of FBX the version of the format."""
    ending = path.suffix[1:].upper()
    if ending != "FBX":
        return f"{ending} {path.parent.name}"
    producer = _VERSIONED.match(path.name)
    version = _FBX_NAME.search(path.name)
    return f"FBX {producer[1] if producer else 'other':<14}{version[1] + ' ' + version[2] if version else ''}"


def _reason(one: _Tried) -> str:
    """The sentence without the file's own name and figures."""
    return re.sub(r"\d+", "N", one.says.replace(one.path.name, "").strip(": ").replace(one.path.stem, ""))[:110]
