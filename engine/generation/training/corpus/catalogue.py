"""What clips a motion capture folder holds, and what is to be made of each."""

from __future__ import annotations

import csv
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from engine.errors import MotionFileError


@dataclass(frozen=True)
class Source:
    """One clip as the folder's manifest.csv describes it, and how the corpus table uses it.

    Attributes:
        path: Within the folder, forward slashes.
        name: Unique, fit for a file name.
        style: One of the corpus table's styles; `source_style` is the manifest's own word.
        use: "dance" or "prior".
        split: "train" or "validation".
        frame_rate_hz: The true rate, whatever the file says.
        skip_first: Frames to drop at the start.
        unit_to_m: Metres per file unit; 1.0 where the reader knows the unit.
        left_out: Why the clip is not used; empty if it is.
    """

    path: str
    name: str
    style: str
    source_style: str
    use: str
    split: str
    weight: float
    skeleton: str
    frame_rate_hz: float
    skip_first: int
    unit_to_m: float
    licence: str
    left_out: str = ""

    @property
    def key(self) -> str:
        """The path without its ending, as the corpus table names clips."""
        return self.path.rsplit(".", 1)[0]


@dataclass(frozen=True)
class Corpus:
    """The corpus table: styles, what is left out, splits, couples, weights."""

    styles: Mapping[str, str]
    left_out: Mapping[str, str]
    validation: Mapping[str, tuple[str, ...]]
    couples: tuple[tuple[str, str], ...]
    weights: Mapping[str, float]

    @staticmethod
    def read(path: Path) -> Corpus:
        """The table in a TOML file."""
        table = tomllib.loads(path.read_text(encoding="utf-8"))
        return Corpus(
            table["styles"],
            table.get("left_out", {}),
            {style: tuple(keys) for style, keys in table.get("validation", {}).items()},
            tuple((pair["a"], pair["b"]) for pair in table.get("couples", [])),
            table.get("weights", {}),
        )

    def partner_of(self, key: str) -> str | None:
        """The clip that the other dancer of a couple dances in, or None."""
        for a, b in self.couples:
            for mine, other in ((a, b), (b, a)):
                if key.startswith(mine + "_"):
                    return other + key[len(mine) :]
        return None


def read_manifest(folder: Path, corpus: Corpus) -> list[Source]:
    """The clips of `manifest.csv`, in its order.

    Raises:
        MotionFileError: where it is missing or a row is not understood.
    """
    path = folder / "manifest.csv"
    try:
        with path.open(encoding="utf-8", newline="") as lines:
            rows = list(csv.DictReader(lines))
    except OSError as error:
        raise MotionFileError(path, f"the folder's list of clips cannot be read: {error.strerror}.") from error
    sources = []
    for number, row in enumerate(rows, start=2):
        try:
            sources.append(_source(row, corpus))
        except (KeyError, TypeError, ValueError) as error:
            raise MotionFileError(path, f"the row is not understood ({error}).", number) from error
    return sources


def _source(row: dict[str, str], corpus: Corpus) -> Source:
    path, style = row["path"], row["style"]
    key = path.rsplit(".", 1)[0]
    house_style = corpus.styles.get(style, "")
    held_out = {k for keys in corpus.validation.values() for k in keys}
    why = corpus.left_out.get(key, "" if house_style else f"the corpus table knows no style {style!r}")
    unit = row["unit_to_m"]
    return Source(
        path=path,
        name=key.replace("/", "_").replace(" ", "_"),
        style=house_style,
        source_style=style,
        use=row["use"],
        split="validation" if key in held_out else "train",
        weight=float(corpus.weights.get(house_style, 1.0)),
        skeleton=row["skeleton"],
        frame_rate_hz=float(row["true_fps"]),
        skip_first=int(row["skip_first"] or 0),
        unit_to_m=float(unit) if unit.replace(".", "", 1).isdigit() else 1.0,
        licence=row["licence"],
        left_out=why,
    )
