"""What the phrases of a bank are marked with: kinds of movement, and the rules that they break.

The bank holds codes, not motion. So every learned take is danced once, when a model is made, and looked at by the rules
of structure; planning then weighs phrases by what they would break before anything is decoded.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load, save

from engine.errors import ModelError
from engine.generation.bank import ENTRY_STRIDE, CodeBank
from engine.structure.rules import RULES

MARKS = "marks.safetensors"
# What a broken rule counts, by its severity: hints are for people.
SEVERITY_COST = {"error": 1.0, "warning": 0.6, "note": 0.0}


@dataclass(frozen=True, eq=False)
class Marks:
    """Of N bank entries.

    Attributes:
        names: What each column is about: a kind of movement, or a rule.
        has: bool [N, len(names)].
        severity: What a broken rule counts, by column, 0 for kinds of movement, [len(names)].
        digest: Of the weights of the model that danced.
    """

    names: tuple[str, ...]
    has: np.ndarray
    severity: np.ndarray
    digest: str

    def faults(self, families: frozenset[str]) -> np.ndarray:
        """What the rules of some families that are broken at each entry count together, [N]."""
        minded = np.array([name in RULES and RULES[name].family in families for name in self.names])
        counted: np.ndarray = self.has @ (self.severity * minded)
        return counted

    def any_of(self, names: frozenset[str]) -> np.ndarray:
        """Whether an entry is marked with any of some names, bool [N]."""
        columns = [i for i, name in enumerate(self.names) if name in names]
        marked: np.ndarray = np.any(self.has[:, columns], axis=1)
        return marked


def write_marks(marks: Marks, folder: Path) -> None:
    """Write the marks beside the model in `folder`."""
    header = {"names": json.dumps(marks.names), "digest": marks.digest, "n": str(len(marks.has))}
    arrays = {"has": np.packbits(marks.has, axis=0), "severity": marks.severity.astype(np.float32)}
    fresh = folder / (MARKS + ".new")
    try:
        fresh.write_bytes(save(arrays, metadata=header))
        fresh.replace(folder / MARKS)
    except OSError as error:
        fresh.unlink(missing_ok=True)
        raise ModelError(f"The marks could not be written to {folder} ({error}).") from error


def read_marks(folder: Path, digest: str, n_entries: int) -> Marks | None:
    """The marks of a model; None where there are none, or those of other weights."""
    try:
        content = (folder / MARKS).read_bytes()
    except OSError:
        return None
    try:
        header = json.loads(content[8 : 8 + int.from_bytes(content[:8], "little")])["__metadata__"]
        arrays = load(content)
        has = np.unpackbits(arrays["has"], axis=0, count=int(header["n"])).astype(bool)
        names = tuple(str(name) for name in json.loads(header["names"]))
    except (SafetensorError, KeyError, TypeError, ValueError) as error:
        why = " ".join(str(error).split())
        raise ModelError(f"The marks in {folder} are damaged ({why}): install the model anew.") from error
    if header.get("digest") != digest or has.shape != (n_entries, len(names)) or len(arrays["severity"]) != len(names):
        return None
    return Marks(names, has, arrays["severity"].astype(float), digest)


def entries_of(rows: np.ndarray, bank: CodeBank, clip: int) -> np.ndarray:
    """Frames' marks, bool [T, K], as those of the clip's entries: each has what any of its four frames has."""
    n = int(bank.clip_start[clip + 1] - bank.clip_start[clip])
    padded = np.zeros((n * ENTRY_STRIDE, rows.shape[1]), dtype=bool)
    padded[: len(rows)] = rows[: len(padded)]
    joined: np.ndarray = np.any(padded.reshape(n, ENTRY_STRIDE, -1), axis=1)
    return joined
