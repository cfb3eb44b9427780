"""A prepared folder in one small file, for training on another machine.

Rotations are kept as whole numbers of 1 / 32767 and, like the hips' path in steps of 0.05 mm, as differences from frame
to frame, which compress well. Nothing else is lost.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from engine.formats.whole_file import replacing
from engine.motion import quaternion

_TURN, _STEP_M = 32767.0, 5e-5


def pack(folder: Path, out: Path) -> int:
    """Write a prepared folder's clips and index into one file; how many there are. ModelError if it is damaged."""
    from engine.generation.training.dataset import load_motion, read_index

    index = read_index(folder)
    arrays: dict[str, np.ndarray] = {"index": np.frombuffer(json.dumps(index).encode(), dtype=np.uint8)}
    for row in index["clips"]:
        name = row["name"]
        motion, contacts, valid, observed = load_motion(folder, name)
        turns = np.round(quaternion.unroll(motion.local_rotations) * _TURN).astype(np.int16)
        place = np.round(motion.root_positions_m / _STEP_M).astype(np.int32)
        arrays[f"{name}/turns"] = _differences(turns)
        arrays[f"{name}/place"] = _differences(place)
        arrays[f"{name}/marks"] = np.packbits(np.concatenate([contacts, valid[:, np.newaxis]], axis=1), axis=0)
        arrays[f"{name}/observed"] = observed
    with replacing(out) as fresh:
        np.savez_compressed(fresh, **arrays)  # type: ignore[arg-type] # names are not those of its own arguments
    return len(index["clips"])


def packed_index(path: Path) -> str:
    """The index in a packed file, JSON; any of several errors when it is damaged."""
    with path.open("rb") as file, np.load(file, allow_pickle=False) as data:
        return bytes(data["index"]).decode()


def unpacked(data: Mapping[str, np.ndarray], name: str) -> dict[str, Any]:
    """A clip's arrays as a prepared folder holds them."""
    turns = np.cumsum(data[f"{name}/turns"], axis=0, dtype=np.int16)
    place = np.cumsum(data[f"{name}/place"], axis=0, dtype=np.int32)
    marks = np.unpackbits(data[f"{name}/marks"], axis=0, count=len(turns)).astype(bool)
    return {
        "root_positions_m": place * _STEP_M,
        "local_rotations": quaternion.normalize(turns / _TURN),
        "contacts": marks[:, :4], "valid": marks[:, 4], "observed": data[f"{name}/observed"],
    }  # fmt: skip


def _differences(rows: np.ndarray) -> np.ndarray:
    """The first row, then how each differs from the one before; whole numbers that run over come back the same way."""
    return np.diff(rows, axis=0, prepend=np.zeros_like(rows[:1]))
