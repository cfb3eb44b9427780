"""The one table of importers: what can be read, under which options, and what comes of it before it is put on our body.

A reader gives motions on the file's own skeleton; `import_fit.to_house` puts one of them on the house skeleton.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

import numpy as np

from engine.errors import MotionFileError, RetargetError
from engine.formats import asf_amc, bvh, keypoints, smpl, soma, unitree_g1
from engine.formats.array_archive import number, numbers, read_named
from engine.formats.names import distinct_names
from engine.formats.options import option
from engine.motion.motion import Motion

# Unit -> its length in metres; 0 where it is the reader's to say.
UNITS_M = {
    "guess": 0.0, "m": 1.0, "dm": 0.1, "cm": 0.01, "mm": 0.001, "inch": 0.0254, "foot": 0.3048, "cmu": 0.0254 / 0.45,
}  # fmt: skip
_UNIT_NAMES = {
    "guess": "the file's own", "m": "metres", "dm": "decimetres", "cm": "centimetres",
    "mm": "millimetres", "inch": "inches", "foot": "feet", "cmu": "CMU units (0.0564 m)",
}  # fmt: skip
_UP_NAMES = {"guess": "found by itself", "y": "y points up", "z": "z points up"}
MAX_JOINT_FRAMES = 20_000_000  # 640 MB of rotations
_ROBOT_ARRAYS = {"root_pos": 3, "root_rot": 4, "dof_pos": -1}
_CMU_RATE_HZ = 120.0
# Subjects of the CMU database that were captured at 60 frames a second; all others were at 120.
_CMU_60_HZ = {"33", "34", "42", "60", "61", "62", "74", "75", "77", "79", "80", "87", "88", "89", "136"}


@dataclass(frozen=True)
class ImportOptions:
    """What can be said of every file."""

    unit: str = option(
        "guess", "Unit", "The dance is put on our body in any case; it tells for distances on the floor",
        choices=_UNIT_NAMES,
    )  # fmt: skip
    rate_hz: float = option(
        0.0, "Frame rate", "0 takes the file's own; some files say a wrong one", bounds=(0.0, 1000.0), unit="frames/s"
    )
    skip_rest: bool = option(True, "Leave out a T-pose at the start", "Many files begin with their rest pose")
    clean: bool = option(True, "Put the feet on the floor", "The floor is found, and feet that stand do not slide")
    keep_distances: bool = option(
        False, "Keep distances on the floor", "For dancers who were captured together; else paths fit our legs"
    )


@dataclass(frozen=True)
class StandingOptions(ImportOptions):
    """Of files that do not say what points up."""

    up_axis: str = option("guess", "Up", "Which axis of the file points up", choices=_UP_NAMES)


@dataclass(frozen=True)
class BesideOptions(ImportOptions):
    """Of files whose skeleton lies in another file."""

    skeleton: str = option("", "Skeleton file", "Empty: it is looked for beside the motion")


@dataclass(frozen=True)
class AllOptions(StandingOptions, BesideOptions):
    """Everything that can be said of some file; an importer takes what it knows."""


@dataclass(frozen=True, eq=False)
class Imported:
    """A file as its reader understood it.

    Attributes:
        path: The file.
        reader: Which importer read it.
        motions: On the file's own skeletons, metres, y up; at least one.
        names: What each is called.
        rate_from: Where the frame rate came from, to follow "60 frames a second, ".
        unit_to_m: Metres in a unit of the file.
        unit_from: Where the unit came from, a sentence.
        up_axis: What points up in the file.
        warnings: What was repaired, assumed or left out, a sentence each.
    """

    path: Path
    reader: str
    motions: tuple[Motion, ...]
    names: tuple[str, ...]
    rate_from: str
    unit_to_m: float
    unit_from: str
    up_axis: str = "y"
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True)
class Importer:
    """A row of the table.

    Attributes:
        name: Of the format, for people.
        extensions: Endings of its files, with the dot.
        says: One line about it.
        options: Dataclass of `ImportOptions` and perhaps more.
        read: Path and options to `Imported`. Raises EngineError with one sentence for whatever is wrong.
        knows: Whether some named arrays are its; None where the ending tells.
    """

    name: str
    extensions: tuple[str, ...]
    says: str
    options: type[ImportOptions]
    read: Callable[[Path, Any], Imported]
    knows: Callable[[Mapping[str, Any]], bool] | None = None


def importer_for(path: Path) -> Importer:
    """The importer of a file, by its ending and, for archives of arrays, by what is in it.

    Raises:
        MotionFileError: where none reads such a file, or the archive cannot be read.
    """
    fitting = [i for i in IMPORTERS.values() if path.suffix.lower() in i.extensions]
    if not fitting:
        raise MotionFileError(path, f"no importer reads such files; those that are read end in {', '.join(endings())}.")
    if fitting[0].knows is None:
        return fitting[0]
    named = read_named(path)
    for importer in fitting:
        if importer.knows is not None and importer.knows(named):
            return importer
    held = ", ".join(list(named)[:6]) or "nothing"
    raise MotionFileError(path, f"it holds {held}: that is no motion of {' or '.join(i.name for i in fitting)}.")


def options_for(path: Path) -> type[ImportOptions]:
    """What can be said of a file, judged by its ending alone: nothing is read.

    Raises:
        MotionFileError: where no importer reads such files.
    """
    fitting = [i for i in IMPORTERS.values() if path.suffix.lower() in i.extensions]
    if not fitting:
        raise MotionFileError(path, f"no importer reads such files; those that are read end in {', '.join(endings())}.")
    return fitting[0].options if len(fitting) == 1 else AllOptions


def read(path: Path, options: ImportOptions | None = None) -> Imported:
    """What a file holds, on its own skeletons.

    Args:
        path: The file.
        options: Of the importer's class; of another one, what both know counts. None takes the defaults.

    Raises:
        EngineError: one sentence that says what is wrong with the file.
    """
    importer = importer_for(path)
    known = {f.name: getattr(options, f.name) for f in fields(importer.options) if hasattr(options, f.name)}
    imported = importer.read(path, importer.options(**known))
    return _checked(imported)


def endings() -> tuple[str, ...]:
    """All endings that are read, in the table's order."""
    return tuple(dict.fromkeys(e for importer in IMPORTERS.values() for e in importer.extensions))


def unit_name(unit_to_m: float) -> str:
    """What a unit is called."""
    for key, length in UNITS_M.items():
        if length and abs(length / unit_to_m - 1.0) < 1e-6:
            return _UNIT_NAMES[key]
    return f"units of {unit_to_m:.4g} m"


def _checked(imported: Imported) -> Imported:
    """With frames, finite, and not too large to work with."""
    kept = [(m, n) for m, n in zip(imported.motions, imported.names, strict=True) if m.n_frames]
    if not kept:
        raise MotionFileError(imported.path, "there is no motion in it, only a skeleton or nothing at all.")
    for motion, _ in kept:
        if motion.n_frames * motion.skeleton.n_joints > MAX_JOINT_FRAMES:
            raise MotionFileError(imported.path, "it is too long; cut it into parts of a few minutes.")
        if not (np.isfinite(motion.root_positions_m).all() and np.isfinite(motion.local_rotations).all()):
            raise RetargetError(f"{imported.path.name}: it holds places or turns that are not finite.")
    return replace(imported, motions=tuple(m for m, _ in kept), names=tuple(n for _, n in kept))


# --- readers -------------------------------------------------------------------------------------


def _read_bvh(path: Path, options: StandingOptions) -> Imported:
    up = options.up_axis if options.up_axis in ("y", "z") else None
    found = bvh.read_report(path, unit_to_m=UNITS_M[options.unit] or None, up_axis=up)  # type: ignore[arg-type]
    return Imported(path, "BVH", (found.motion,), (path.stem,), "as the file says", found.unit_to_m,
                    found.unit_reason, found.up_axis, found.warnings)  # fmt: skip


def _read_fbx(path: Path, options: ImportOptions) -> Imported:
    from engine.formats import fbx  # ufbx, in a process apart, is for those who have such files

    takes = fbx.read_takes(path)
    names = _take_names(path, [(take.name, take.body) for take in takes])
    return Imported(path, "FBX", tuple(t.motion for t in takes), names, "as the file says", 0.01,
                    "as the file says; FBX counts in centimetres.")  # fmt: skip


def _read_gltf(path: Path, options: ImportOptions) -> Imported:
    from engine.formats import gltf

    takes = gltf.read_takes(path)
    names = _take_names(path, [(take.name, take.performer) for take in takes])
    notes = tuple(dict.fromkeys(note for take in takes for note in take.notes))
    return Imported(path, "glTF", tuple(t.motion for t in takes), names, "on whose frames its keys lie", 1.0,
                    "glTF counts in metres.", "y", notes)  # fmt: skip


def _take_names(path: Path, pairs: list[tuple[str, str]]) -> tuple[str, ...]:
    """What takes are called: by the take, and by the body too where there are several; each once."""
    has_bodies = len({body for _, body in pairs}) > 1
    wanted = [", ".join(word for word in ((take, body) if has_bodies else (take,)) if word) for take, body in pairs]
    return tuple(distinct_names([name or path.stem for name in wanted], wanted))


def _read_acclaim(path: Path, options: BesideOptions) -> Imported:
    stem = path.stem.lower()
    body = _beside(path, options.skeleton, "*.asf", lambda p: stem.startswith(p.stem.lower()), "skeleton (.asf)")
    subject = re.fullmatch(r"0*(\d+)_\d+", path.stem)
    is_slow = subject is not None and subject[1] in _CMU_60_HZ
    rate_hz = 60.0 if is_slow else _CMU_RATE_HZ
    why = f"as the CMU database says of {'this subject' if is_slow else 'most subjects'}; AMC files give none"
    motion = asf_amc.read(body, path, rate_hz)
    return Imported(path, "Acclaim ASF/AMC", (motion,), (path.stem,), why, UNITS_M["cmu"], f"as {body.name} says.")


def _read_smpl(path: Path, options: StandingOptions) -> Imported:
    up = options.up_axis if options.up_axis in ("y", "z") else None
    found = smpl.motion_from(path, read_named(path), up)
    return Imported(path, found.family, (found.motion,), (path.stem,), found.rate_from, 1.0,
                    "such motions are in metres.", found.up_axis, found.warnings)  # fmt: skip


def _read_keypoints(path: Path, options: ImportOptions) -> Imported:
    unit = UNITS_M[options.unit] or 0.01
    found = keypoints.motion_from(path, read_named(path), unit)
    mean, far = found.far_mm
    about = f"Joints are {mean:.0f} mm from their points on average, and 99 of 100 are nearer than {far:.0f} mm."
    return Imported(path, "Keypoints", (found.motion,), (path.stem,), found.rate_from, unit,
                    "such points are in centimetres.", "y", (about, *found.warnings))  # fmt: skip


def _read_soma(path: Path, options: ImportOptions) -> Imported:
    motion, rate_from, up = soma.motion_from(path, read_named(path))
    return Imported(path, "SOMA", (motion,), (path.stem,), rate_from, 1.0, "such motions are in metres.", up)


def _read_robot(path: Path, options: BesideOptions) -> Imported:
    body = _robot_body(path, options)
    motion = unitree_g1.read(path, body, unitree_g1.RATE_HZ)
    why = "which is the rate of such recordings; the file gives none"
    return Imported(path, "Unitree G1", (motion,), (path.stem,), why, 1.0, "such motions are in metres.", "z")


def _read_robot_arrays(path: Path, options: BesideOptions) -> Imported:
    named = read_named(path)
    parts = [numbers(path, named, name, (-1, width)) for name, width in _ROBOT_ARRAYS.items()]
    if len({len(part) for part in parts}) > 1:
        raise MotionFileError(path, "it holds more places than turns, or fewer.")
    rows = np.concatenate(parts, axis=1)
    rate_hz = number(path, named, "fps")
    motion = unitree_g1.from_rows(path, rows, _robot_body(path, options), rate_hz or unitree_g1.RATE_HZ)
    why = "as the file says" if rate_hz else "which is the rate of such recordings; the file gives none"
    return Imported(path, "Unitree G1", (motion,), (path.stem,), why, 1.0, "such motions are in metres.", "z")


def _robot_body(path: Path, options: BesideOptions) -> Path:
    what = "body of the robot (g1_29dof.xml)"
    return _beside(path, options.skeleton, "*.xml", lambda p: "g1" in p.stem.lower(), what)


def _beside(path: Path, named: str, pattern: str, fits: Callable[[Path], bool], what: str) -> Path:
    """The other file that a motion needs: the one that is named, or the best one in its folder or the one above."""
    if named:
        chosen = Path(named).expanduser()
        if not chosen.is_file():
            raise MotionFileError(path, f"its {what} is not at {chosen}.")
        return chosen
    for folder in (path.parent, path.parent.parent):
        there = sorted(folder.glob(pattern)) if folder.is_dir() else []
        found = [p for p in there if fits(p)]
        if found:
            return max(found, key=lambda p: len(p.stem))
        if len(there) == 1 and folder == path.parent:
            return there[0]
    raise MotionFileError(path, f"no {what} for it lies beside it; put it there, or name it.")


IMPORTERS: dict[str, Importer] = {
    importer.name: importer
    for importer in (
        Importer("BVH", (".bvh",), "Motion capture, from almost any program", StandingOptions, _read_bvh),
        Importer("FBX", (".fbx",), "Of any version: MotionBuilder, Maya, Mixamo and others", ImportOptions, _read_fbx),
        Importer("glTF", (".glb", ".gltf"), "Animated characters", ImportOptions, _read_gltf),
        Importer("SMPL, AMASS", (".npz", ".pkl"), "Poses of SMPL, SMPL-H or SMPL-X, AIST++ motions too",
                 StandingOptions, _read_smpl, smpl.is_smpl),
        Importer("AIST++ keypoints", (".pkl", ".npz"), "Places of 17 points of the body", ImportOptions,
                 _read_keypoints, keypoints.is_keypoints),
        Importer("Acclaim ASF/AMC", (".amc",), "The CMU database's own format", BesideOptions, _read_acclaim),
        Importer("SOMA", (".npz",), "NVIDIA's skeleton of 78 joints", ImportOptions, _read_soma, soma.is_soma),
        Importer("Unitree G1", (".csv",), "The robot's joint angles", BesideOptions, _read_robot),
        Importer("Unitree G1 arrays", (".pkl", ".npz"), "The robot's joint angles as arrays", BesideOptions,
                 _read_robot_arrays, lambda named: _ROBOT_ARRAYS.keys() <= named.keys()),
    )
}  # fmt: skip
