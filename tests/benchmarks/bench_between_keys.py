"""What is drawn between the frames of tough motion, as motion blur and slow motion show it: in Blender, in the file.

The error is the angle of a joint in its parent from the shortest turn between two frames, four times a frame. "File" is
what the file's own curves say, as its format draws them; "Blender" what Blender makes of the file, which turns FBX
and glTF into quaternions that it draws along straight lines, and gives BVH angles of its own about its bones' axes.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from engine.formats.comparison import compared
from engine.formats.exporters import FORMATS, MotionFormat, wanted_of
from engine.formats.scene import RATES, FilmScene
from tests.judges import blender, tough
from tests.judges.between import Drawn, in_blender

SHORT_S, LONG_S = 12.0, 600.0
ALLOWED_DEG = 1.0
# Name, its format's before the comma -> options it is written with, options Blender reads it with.
_KINDS: dict[str, tuple[dict[str, object], dict[str, object]]] = {
    "FBX": ({}, {}),
    "FBX, keys on frames alone": ({"has_between_keys": False}, {}),
    "BVH": ({}, {}),
    "BVH, read as quaternions": ({}, {"rotate_mode": "QUATERNION"}),
    "glTF": ({}, {}),
}


def run() -> None:
    """Print the largest errors by dance, rate and format."""
    scenes = {
        f"{name}, {SHORT_S:g} s at {rate}": tough.scene(dance, RATES[rate], SHORT_S)
        for name, dance in tough.DANCES.items() for rate in ("24", "120")
    }  # fmt: skip
    scenes[f"all of it, {LONG_S / 60:g} min at 24"] = tough.scene(tough.everything, RATES["24"], LONG_S)
    has_blender = blender.name() is not None
    print(blender.name() or "Blender is not installed: what it draws is left out.")
    print(f"{'dance':<26}{'format':<27}{'keys mm':>9}{'file deg':>10}{'Blender deg':>13}   worst in Blender")
    worst: dict[str, float] = dict.fromkeys(_KINDS, 0.0)
    for title, scene in scenes.items():
        with tempfile.TemporaryDirectory() as folder:
            paths = [_written(Path(folder), i, name, scene) for i, name in enumerate(_KINDS)]
            held = [_in_file(_format(name), path, scene) for name, path in zip(_KINDS, paths, strict=True)]
            files = [(path, reading) for path, (_, reading) in zip(paths, _KINDS.values(), strict=True)]
            drawn = list(in_blender(scene, files)) if has_blender else [None] * len(paths)
        for name, file_deg, seen in zip(_KINDS, held, drawn, strict=True):
            _row(title, name, file_deg, seen)
            worst[name] = max(worst[name], seen.between_deg if seen else file_deg)
    for name, degrees in worst.items():
        print(f"{name}: at most {degrees:.3f} degrees; {'under' if degrees < ALLOWED_DEG else 'NOT under'} "
              f"{ALLOWED_DEG:g} degree")  # fmt: skip


def _format(name: str) -> MotionFormat:
    return FORMATS[name.partition(",")[0]]


def _written(folder: Path, number: int, name: str, scene: FilmScene) -> Path:
    kind = _format(name)
    path = folder / f"{number}{kind.extension}"
    kind.write(path, scene, kind.options(**_KINDS[name][0]), lambda _: None)
    return path


def _in_file(kind: MotionFormat, path: Path, scene: FilmScene) -> float:
    return compared(kind.read_back(path), wanted_of(kind, scene)).between_deg or 0.0


def _row(title: str, name: str, file_deg: float, seen: Drawn | None) -> None:
    shown = "" if seen is None else (
        f"{seen.between_deg:>13.3f}   {seen.where[0]}, frame {seen.where[1]} ({seen.took_s:.0f} s)"
    )  # fmt: skip
    keys = "" if seen is None else f"{seen.key_mm:.5f}"
    print(f"{title:<26}{name:<27}{keys:>9}{file_deg:>10.3f}{shown}", flush=True)
