"""The user's own style material: clips cleaned as the training data was, each with where it came from and who agreed.

A folder as `prepare.write` makes it, so that what reads prepared data reads this too; `index.json` says more of every
clip here: its file, its reader, when it came, the consent line.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from engine.errors import ModelError
from engine.formats.import_fit import find_rig, rest_frames
from engine.formats.importers import Imported, ImportOptions
from engine.formats.whole_file import replacing
from engine.generation.training.corpus import cleaning
from engine.generation.training.corpus.prepare import SHORTEST_CLIP_S, clean
from engine.generation.training.dataset import read_index
from engine.motion import house
from engine.motion.motion import Motion
from engine.motion.retarget import observed_joints
from engine.motion.rig import RigMap

INDEX = "index.json"


def add(
    folder: Path,
    imported: Imported,
    index: int,
    rigs: Sequence[RigMap],
    options: ImportOptions,
    *,
    rig: RigMap | None,
    style: str,
    consent: str,
    made_at: str,
    progress: Callable[[float], None] = lambda fraction: None,
) -> str:
    """Clean one motion of a file and put it into the library; returns its name there.

    Args:
        folder: The library; made where there is none.
        imported: The file.
        index: Which of its motions.
        rigs: The maps that are known.
        options: Frame rate and T-pose of the import.
        rig: The map to use; found when None.
        style: Of which style it is.
        consent: Who danced it and agreed to its use.
        made_at: ISO 8601 date and time, kept beside it.
        progress: Called with the fraction done; may raise Cancelled.

    Raises:
        ModelError: where style or consent is missing, or the clip is too short.
        RetargetError: where the skeleton is no body.
    """
    style, consent = style.strip(), consent.strip()
    if not style or not consent:
        raise ModelError("Style material needs the name of its style and a line of consent: write both.")
    source = imported.motions[index]
    if options.rate_hz > 0.0:
        source = replace(source, frame_rate_hz=options.rate_hz)
    used = rig or find_rig(source.skeleton, rigs)[0]
    source = source.slice(rest_frames(source, used) if options.skip_rest else 0, source.n_frames)
    if source.duration_s < SHORTEST_CLIP_S:
        raise ModelError(f"{imported.path.name} lasts only {source.duration_s:.1f} s; a second is the least.")
    progress(0.7)
    motion, _, contacts, valid, changes = clean(source, used)
    start, end = cleaning.dance_span(motion)
    kept = (motion.slice(start, end), contacts[start:end], valid[start:end])
    progress(0.9)
    entries = clips(folder)
    name = _free_name(imported.names[index], {str(entry["name"]) for entry in entries})
    row = _row(name, imported, kept[0], style, consent, made_at, changes)
    _write(folder, name, kept, observed_joints(source.skeleton, used), [*entries, row])
    progress(1.0)
    return name


def clips(folder: Path) -> list[dict[str, Any]]:
    """What the library holds, in the order in which it came; nothing where there is no library yet.

    Raises:
        ModelError: where its index is damaged.
    """
    return list(read_index(folder)["clips"]) if (folder / INDEX).is_file() else []


def remove(folder: Path, name: str) -> None:
    """Take a clip out of the library for good.

    Raises:
        ModelError: where there is no such clip.
    """
    entries = clips(folder)
    rest = [entry for entry in entries if entry["name"] != name]
    if len(rest) == len(entries):
        raise ModelError(f"There is no clip {name!r} in the library: `kinetograph data library` lists them.")
    if rest:
        _write_index(folder, rest)
    else:
        (folder / INDEX).unlink()  # an index without clips counts as damaged
    (folder / "clips" / f"{name}.npz").unlink(missing_ok=True)


def _row(
    name: str, imported: Imported, motion: Motion, style: str, consent: str, made_at: str, changes: dict[str, float]
) -> dict[str, Any]:
    return {
        "name": name,
        "source": imported.path.name,
        "skeleton": imported.reader,
        "style": style,
        "source_style": style,
        "use": "dance",
        "split": "train",
        "weight": 1.0,
        "static": False,
        "n_frames": motion.n_frames,
        "minutes": round(motion.duration_s / 60.0, 4),
        "licence": consent,
        "consent": consent,
        "made_at": made_at,
        "sha256": hashlib.sha256(imported.path.read_bytes()).hexdigest(),
        "changes": changes,
    }


def _write(
    folder: Path, name: str, kept: tuple[Motion, np.ndarray, np.ndarray], observed: np.ndarray, entries: list[Any]
) -> None:
    motion, contacts, valid = kept
    (folder / "clips").mkdir(parents=True, exist_ok=True)
    with replacing(folder / "clips" / f"{name}.npz") as file:
        np.savez(
            file,
            root_positions_m=motion.root_positions_m.astype(np.float32),
            local_rotations=motion.local_rotations.astype(np.float32),
            contacts=contacts, observed=observed, valid=valid,
        )  # fmt: skip
    _write_index(folder, entries)


def _write_index(folder: Path, entries: list[Any]) -> None:
    index = {"frame_rate_hz": house.FRAME_RATE_HZ, "clips": entries, "left_out": []}
    with replacing(folder / INDEX) as file:
        file.write(json.dumps(index, indent=1).encode("utf-8"))


def _free_name(wanted: str, taken: set[str]) -> str:
    """A name that is fit for a file and not taken."""
    plain = re.sub(r"[^\w-]+", "_", wanted, flags=re.ASCII).strip("_")[:60] or "clip"
    return next(name for i in range(1, len(taken) + 2) if (name := plain if i == 1 else f"{plain}_{i}") not in taken)
