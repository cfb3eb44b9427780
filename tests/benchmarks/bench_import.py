"""Importing: every file of the conformance folder by producer, and how long a motion takes to come in."""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from pathlib import Path

from app.resources import resource_path
from engine.errors import EngineError
from engine.formats import importers
from engine.formats.import_fit import to_house
from engine.motion.rig import read_rigs
from tests.conftest import ROOT

_FOLDERS = {"BVH": "bvh", "FBX": "fbx_ufbx"}
_EVERY = 8  # of the FBX files, so that the run takes a minute


def run() -> None:
    """Print a table: producer, files, motions on the house skeleton, no body in it, refused in a sentence, crashed."""
    folder = ROOT.parent / "shared-data" / "conformance"
    if not folder.is_dir():
        print("There is no conformance data beside the checkout.")
        return
    rigs = read_rigs(resource_path("rigs"))
    rows: dict[str, Counter[str]] = defaultdict(Counter)
    spent: dict[str, float] = defaultdict(float)
    for kind, name in _FOLDERS.items():
        paths = sorted(p for p in (folder / name).rglob("*") if p.suffix.lower() in importers.endings())
        for path in paths[:: _EVERY if kind == "FBX" else 1]:
            producer = f"{kind} {path.parent.name if kind == 'BVH' else path.name.split('_')[0]}"
            began_s = time.perf_counter()
            rows[producer][_outcome(path, rigs)] += 1
            spent[producer] += time.perf_counter() - began_s
    print(f"{'producer':<24}{'files':>7}{'motion':>8}{'no body':>9}{'refused':>9}{'ms a file':>11}")
    for producer, count in rows.items():
        n = sum(count.values())
        print(f"{producer:<24}{n:>7}{count['motion']:>8}{count['no body']:>9}{count['refused']:>9}"
              f"{1000 * spent[producer] / n:>11.0f}")  # fmt: skip


def _outcome(path: Path, rigs: tuple) -> str:  # type: ignore[type-arg]
    try:
        imported = importers.read(path)
    except EngineError:
        return "refused"
    try:
        to_house(imported, rigs)
    except EngineError:
        return "no body"
    return "motion"
