"""What handing three minutes on costs, format by format with its receipt, and how fast a film is drawn."""

from __future__ import annotations

import tempfile
import time
from dataclasses import fields
from pathlib import Path

from app.exports import Dancer, Performance, VideoOptions, export
from app.film import scene_of
from engine.formats.exporters import FORMATS, MotionFormat, wanted_of, write_proven
from engine.formats.scene import FilmScene
from tests.dances import improvised

MINUTES, RATE, RIG = 3, "60", "humanik"
FILM_S, FILM_SIZE, FILM_RATE = 30.0, "1280x720", "24"


def run() -> None:
    """Print seconds for each format, writing and proving apart, and how many times real time a film is."""
    dance = improvised(MINUTES * 60 * 30, 0, 30.0)
    performance = Performance("Bench", (Dancer("Ana", dance),), duration_s=dance.duration_s)
    options = FORMATS["FBX"].options(rig=RIG, rate=RATE)
    began_s = time.perf_counter()
    scene = scene_of(performance, options, (0.0, dance.duration_s), lambda _: None)
    print(f"{MINUTES} minutes at {RATE} on {RIG}: {scene.n_frames} frames; the scene takes "
          f"{time.perf_counter() - began_s:.2f} s")  # fmt: skip
    print(f"  {'format':<12}{'write':>9}{'proof':>9}{'size':>11}{'largest error':>22}")
    with tempfile.TemporaryDirectory() as folder:
        for kind in FORMATS.values():
            _row(kind, scene, Path(folder))
        _film(Path(folder), performance)


def _row(kind: MotionFormat, scene: FilmScene, folder: Path) -> None:
    shared = {"rig": RIG, "rate": RATE}
    options = kind.options(**{f.name: shared[f.name] for f in fields(kind.options) if f.name in shared})
    path, marks = folder / f"a{kind.extension}", [time.perf_counter()]
    wanted_of(kind, scene)  # what is computed once is not the first format's

    def progress(_: float) -> None:
        if not path.exists() or len(marks) == 1:
            marks[1:] = [time.perf_counter()] if path.exists() else []

    marks[0] = time.perf_counter()
    receipt = write_proven(kind, path, scene, options, progress)
    ended_s = time.perf_counter()
    written_s = marks[1] if len(marks) > 1 else ended_s
    print(f"  {kind.name:<12}{written_s - marks[0]:>7.2f} s{ended_s - written_s:>7.2f} s"
          f"{path.stat().st_size / 1e6:>8.1f} MB{receipt.difference.position_mm:>16.6f} mm")  # fmt: skip


def _film(folder: Path, performance: Performance) -> None:
    part = Performance("Bench", performance.dancers, span_s=(10.0, 10.0 + FILM_S), duration_s=performance.duration_s)
    options = VideoOptions(span="selection", size=FILM_SIZE, rate=FILM_RATE, has_slate=True)
    began_s = time.perf_counter()
    export("Video", part, folder / "a.mp4", options, lambda _: None)
    took_s = time.perf_counter() - began_s
    print(f"film of {FILM_S:g} s, {FILM_SIZE} at {FILM_RATE} with slate: {took_s:.2f} s, "
          f"{FILM_S / took_s:.2f} times real time")  # fmt: skip
