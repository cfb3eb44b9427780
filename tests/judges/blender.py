"""Blender as a judge of files: one process for many of them."""

from __future__ import annotations

import functools
import json
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from engine.formats.scene import FrameRate
from tests.judges.account import Account, height_m, looked_at, roots_of

READS = (".fbx", ".bvh", ".glb")
_SCRIPT = Path(__file__).with_name("in_blender.py")
_AXES = np.array([[1.0, 0.0, 0.0], [0.0, 0.0, 1.0], [0.0, -1.0, 0.0]])  # its z up to y up


@dataclass(frozen=True)
class Job:
    """A file to be looked at.

    Attributes:
        path, rate, n_frames: Of the file.
        at: Moments in frames from the first key, whole and between.
        options: Of Blender's importer, beside its own defaults.
    """

    path: Path
    rate: FrameRate
    n_frames: int
    at: np.ndarray
    options: Mapping[str, object] = field(default_factory=dict)


@functools.cache
def name() -> str | None:
    """Which Blender there is; None where there is none, or one whose Python lacks NumPy, which its importers need."""
    blender = shutil.which("blender")
    if blender is None:
        return None
    command = [blender, "-b", "--factory-startup", "--python-exit-code", "1", "--python-expr", "import numpy"]
    ran = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    return None if ran.returncode != 0 else ran.stdout.partition("\n")[0].strip() or "Blender"


def looks(jobs: Sequence[Job], patience_s: float = 1800.0) -> Iterator[dict[str, np.ndarray]]:
    """What `in_blender.py` writes down of each file, in their order; {"fault": ...} of one it stumbles over."""
    blender = shutil.which("blender")
    assert blender is not None
    with tempfile.TemporaryDirectory() as folder:
        listed = Path(folder) / "jobs.json"
        listed.write_text(json.dumps([_as_json(job) for job in jobs]), "utf-8")
        command = [blender, "-b", "--factory-startup", "--python-exit-code", "1", "-P", str(_SCRIPT), "--"]
        ran = subprocess.run(
            [*command, str(listed), folder], capture_output=True, text=True, check=False, timeout=patience_s
        )
        for i, _ in enumerate(jobs):
            path = Path(folder) / f"{i}.npz"
            if not path.exists():
                raise RuntimeError(f"Blender stopped: {(ran.stdout + ran.stderr)[-2000:]}")
            with np.load(path) as file:
                yield dict(file)


def job_of(path: Path, rate: FrameRate, n_frames: int) -> Job:
    """A look at every tenth frame."""
    return Job(path, rate, n_frames, looked_at(n_frames).astype(float))


def account_of(job: Job, seen: dict[str, np.ndarray]) -> Account:
    """What Blender's bones say, in our terms."""
    if "fault" in seen:
        return Account((), (), np.zeros((0, 0, 3)), None, None, 0, faults=(str(seen["fault"]),))
    names, (hz, base) = tuple(seen["bones"].tolist()), seen["rate"]
    places = (seen["worlds"][:, np.newaxis] @ seen["posed"])[..., :3, 3] @ _AXES.T
    first, last = seen["span"]
    # Keys lie by whole frames a second, whatever the base, except where the importer lays out frames by number.
    step = 1.0 if job.path.suffix == ".bvh" else float(job.rate.timecode_hz / job.rate.exact_hz)
    return Account(
        names, roots_of(names, seen["parents"].tolist()), places, seen["rest_m"], float(hz / base),
        round((last - first) / step) + 1, height_m(seen["body_m"]) if len(seen["body_m"]) else None,
        _off_frames((last - first) / step),
    )  # fmt: skip


def _off_frames(length: float) -> tuple[str, ...]:
    return () if abs(length - round(length)) < 1e-2 else (f"length: {length:.4f} frames",)


def _as_json(job: Job) -> dict[str, object]:
    base = float(job.rate.timecode_hz / job.rate.exact_hz)
    return {
        "path": str(job.path), "hz": job.rate.timecode_hz, "base": base, "n_frames": job.n_frames,
        "at": job.at.tolist(), "options": dict(job.options),
    }  # fmt: skip
