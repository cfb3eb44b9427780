"""What the engine's process can do: the tasks by which the window reaches the engine.

Torch and librosa are imported where they are needed: this module is loaded by the other process only, and a
song can be analysed before torch has come.
"""

from __future__ import annotations

import os
import sys
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from editor.jobs.motion_wire import Frames, frames_of, unpacked
from editor.jobs.worker import Report
from engine.errors import EngineError
from engine.motion.motion import Motion

if TYPE_CHECKING:
    from engine.generation.checkpoint import TrainedModel

LOAD, TAKES, ANALYSE, MEMORY = (
    f"editor.jobs.engine_tasks:{name}" for name in ("load_model", "make_takes", "analyse_song", "memory_held")
)

_models: dict[str, TrainedModel] = {}


class NoModel(EngineError):
    """Takes were asked for before a model was loaded."""


def load_model(report: Report, folder: str, device: str, rules: str) -> dict[str, Any]:
    """Load the model in `folder` to "auto", "cpu" or "cuda", warm it up, and say what it is.

    `rules` is the folder of the rules by which the best of several dances is chosen.

    Returns:
        device; digest; styles: (name, minutes seen) of those that the card claims; card; memory_bytes; can_avoid:
        whether its phrases are marked with the movements that they hold and the rules that they break.
    """
    from engine.generation.checkpoint import load_model as load
    from engine.generation.device import choose_device
    from engine.generation.takes import warm_up
    from engine.structure.book import read_rules

    model = load(Path(folder), choose_device(device))
    model.rules = read_rules(Path(rules))
    report.progress(0.5)
    warm_up(model)
    _models["model"] = model
    minutes = model.card.get("styles", {})
    styles = [(name, float(minutes.get(name, 0.0))) for name in model.card.get("claimed_styles", ())]
    return {
        "device": str(model.device),
        "digest": model.digest,
        "styles": styles,
        "card": dict(model.card),
        "memory_bytes": memory_bytes(),
        "can_avoid": model.marks is not None,
    }


def make_takes(report: Report, packed_requests: list[dict[str, Any]]) -> list[Frames]:
    """The dances for some requests; each is handed over as (index, frames, digest) when it is there."""
    from engine.generation.takes import generate_takes

    if "model" not in _models:
        raise NoModel("The generator is not loaded yet: wait a moment and try again.")
    requests = [unpacked(values) for values in packed_requests]

    def on_take(index: int, motion: Motion) -> None:
        report.part((index, frames_of(motion), requests[index].digest()))

    motions = generate_takes(requests, _models["model"], report.progress, on_take)
    return [(motion.root_positions_m, motion.local_rotations) for motion in motions]


def analyse_song(report: Report, path: str, beat_weights: str = "") -> dict[str, Any]:
    """What is heard in a song file: the attributes of a MusicAnalysis, whose arrays travel as they are.

    Args:
        report: Takes the progress.
        path: The song's.
        beat_weights: Path of a checkpoint of Beat This!, which then finds the beats; empty for our own tracker.
    """
    from engine.music.cache import analyse_file

    weights = Path(beat_weights) if beat_weights else None
    analysis = analyse_file(Path(path), report.progress, beat_weights=weights)
    return {field.name: getattr(analysis, field.name) for field in fields(analysis)}


def memory_held(_report: Report) -> int:
    """How much memory the engine's process holds, bytes; 0 where the system does not tell."""
    return memory_bytes()


def memory_bytes() -> int:
    """How much memory this process holds; 0 where the system does not tell."""
    if not sys.platform.startswith("linux"):
        return 0
    pages = Path("/proc/self/statm").read_text("ascii").split()[1]
    return int(pages) * os.sysconf("SC_PAGE_SIZE")
