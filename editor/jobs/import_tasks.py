"""Importing motion in a process beside the window: reading and fitting for the preview, keeping as style material."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from editor.jobs.motion_wire import Frames, frames_of
from editor.jobs.worker import Report
from engine.errors import EngineError
from engine.formats import importers
from engine.formats.import_fit import ImportReport, find_rig, to_house
from engine.formats.importers import Imported, ImportOptions
from engine.motion.house import FRAME_RATE_HZ
from engine.motion.rig import RigMap

READ, KEEP = (f"editor.jobs.import_tasks:{name}" for name in ("read_motion", "keep_style_material"))


@dataclass(frozen=True)
class ImportWish:
    """What is to be read, and how.

    Attributes:
        path: The file.
        options: Of its importer.
        rigs: The known maps.
        rig: The one to use; None to find it.
        index: Which of the file's motions.
    """

    path: Path
    options: ImportOptions
    rigs: tuple[RigMap, ...]
    rig: RigMap | None = None
    index: int = 0


@dataclass(frozen=True, eq=False)
class Fitted:
    """What came of it.

    Attributes:
        wish: What was asked for.
        names: Of all motions in the file.
        frames: Of the one asked for, on the house skeleton at the project's rate.
        report: What was found, assumed and changed.
        joints: Names of the file's joints.
        rig: The map that was used.
    """

    wish: ImportWish
    names: tuple[str, ...]
    frames: Frames
    report: ImportReport
    joints: tuple[str, ...]
    rig: RigMap


@dataclass(frozen=True)
class StyleNote:
    """What is kept beside style material.

    Attributes:
        style: Of which style it is.
        consent: Who danced it and agreed, in her own words.
        made_at: ISO 8601 date and time.
    """

    style: str
    consent: str
    made_at: str


# The file that was read last: while options change in the dialog it is not read again.
_last: dict[tuple[Any, ...], Imported] = {}


def read_motion(report: Report, wish: ImportWish) -> Fitted:
    """The motion of a file on the house skeleton at 30 frames a second, its report, and what else the file holds."""
    imported = _read(report, wish)
    index = min(wish.index, len(imported.motions) - 1)
    motion, told = to_house(imported, wish.rigs, wish.options, index=index, rig=wish.rig,
                            frame_rate_hz=FRAME_RATE_HZ)  # fmt: skip
    report.progress(1.0)
    frames = frames_of(motion)
    assert frames is not None
    skeleton = imported.motions[index].skeleton
    return Fitted(wish, imported.names, frames, told, skeleton.names, wish.rig or find_rig(skeleton, wish.rigs)[0])


def keep_style_material(report: Report, wish: ImportWish, folder: Path, note: StyleNote) -> str:
    """Clean a motion as the training data was cleaned and put it into the user's style library; its name there."""
    from engine.generation.training.corpus.library import add

    imported = _read(report, wish)
    return add(folder, imported, min(wish.index, len(imported.motions) - 1), wish.rigs, wish.options,
               rig=wish.rig, style=note.style, consent=note.consent, made_at=note.made_at,
               progress=report.progress)  # fmt: skip


def _read(report: Report, wish: ImportWish) -> Imported:
    report.progress(0.05)
    try:
        stat = wish.path.stat()
    except OSError as error:
        raise EngineError(f"{wish.path.name} cannot be read ({error.strerror}); look whether it is there.") from error
    key = (wish.path, stat.st_mtime_ns, stat.st_size, wish.options)
    if key not in _last:
        imported = importers.read(wish.path, wish.options)
        _last.clear()
        _last[key] = imported
    report.progress(0.6)
    return _last[key]
