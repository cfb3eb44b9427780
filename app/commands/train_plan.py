"""Several trainings side by side, one process each, as a plan lists them; their weights end up in one folder."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

from app.resources import resource_path
from engine.errors import ModelError

_FETCHED = ("weights.safetensors", "bridge.safetensors")


def is_plan(path: Path) -> bool:
    """Whether a TOML file lists runs."""
    try:
        return "run" in tomllib.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return False  # said by whoever reads it as a preset


def run_plan(path: Path, data: Path, out: Path, device: str, minutes: float | None) -> int:
    """Start every run of a plan, wait for all, and gather weights and what was said in OUT/fetch; how many failed.

    A plan is a TOML file of [[run]] tables: name, preset, minutes (of the schedule), set (lines that change the
    preset), threads, weights (a file to go on from). `minutes` is the least time after which a run of this call stops.
    """
    runs = tomllib.loads(path.read_text("utf-8"))["run"]
    out.mkdir(parents=True, exist_ok=True)
    started = []
    for row in runs:
        odd = sorted(set(row) - {"name", "preset", "minutes", "set", "threads", "weights"})
        if odd or not {"name", "preset"} <= set(row):
            what = f"not {', '.join(odd)}" if odd else "the first two always"
            raise ModelError(f"{path.name}: a run has name, preset, minutes, set, threads and weights, {what}.")
        started.append((row["name"], _start(row, data, out, device, minutes)))
    failed = 0
    gathered = out / "fetch"
    gathered.mkdir(exist_ok=True)
    for name, process in started:
        code = process.wait()
        failed += code != 0
        said = (out / name / "said.txt").read_text("utf-8", errors="replace")
        last = [line for line in said.replace("\r", "\n").splitlines() if line.strip()][-3:]
        print(f"{name} ({'done' if code == 0 else f'failed, {code}'}):", *last, sep="\n  ", flush=True)
        for file in _FETCHED:
            if (out / name / file).exists():
                shutil.copy(out / name / file, gathered / f"{name}.{file}")
        if (out / name / "log.csv").exists():
            _thinned(out / name / "log.csv", gathered / f"{name}.log.csv")
    return 1 if failed else 0


def _start(
    row: dict[str, object], data: Path, out: Path, device: str, minutes: float | None
) -> subprocess.Popen[bytes]:
    name, folder = str(row["name"]), out / str(row["name"])
    folder.mkdir(exist_ok=True)
    command = [
        sys.executable, "-m", "app", "train", str(row["preset"]), "--data", str(data), "--out", str(folder),
        "--device", device, "--weights-only", "--threads", str(row.get("threads", 2)),
    ]  # fmt: skip
    if "minutes" in row:
        command += ["--schedule-minutes", str(row["minutes"])]
    if minutes is not None:
        command += ["--minutes", str(minutes)]
    if "weights" in row:
        command += ["--weights", str(row["weights"])]
    for line in row.get("set", []):  # type: ignore[attr-defined] # a list of strings
        command += ["--set", line]
    root = str(resource_path("presets").parents[1])
    environment = os.environ | {"PYTHONPATH": root, "OMP_NUM_THREADS": str(row.get("threads", 2))}
    with (folder / "said.txt").open("wb") as said:
        print(f"{name}: {row['preset']}", flush=True)
        return subprocess.Popen(command, stdout=said, stderr=subprocess.STDOUT, env=environment)


def _thinned(log: Path, target: Path) -> None:
    """A log's validation rows, and every twentieth of the others."""
    kept = [
        line for i, line in enumerate(log.read_text("utf-8").splitlines()) if "_l2p" in line or "val_" in line
        or "tune_" in line or i % 20 == 0
    ]  # fmt: skip
    target.write_text("\n".join(kept) + "\n", "utf-8")
