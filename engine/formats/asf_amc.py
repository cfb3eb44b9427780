"""Reading Acclaim ASF (the skeleton) with AMC (its motion), as the CMU motion capture database writes them.

Format: Acclaim's ASF/AMC as described by J. Lander, "Working with Motion Capture File Formats",
Game Developer, January 1998. A bone's rotation is C (Rz Ry Rx) C^-1 with C from its `axis` line; in
the rest pose no bone is rotated and each lies along its `direction`.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

import numpy as np

from engine.errors import MotionFileError
from engine.motion import quaternion, rotations
from engine.motion.motion import Motion
from engine.motion.skeleton import Skeleton

INCH_M = 0.0254  # lengths are inches divided by the file's `length` unit
_TURNS = {"rx": "X", "ry": "Y", "rz": "Z"}
_SHIFTS = {"tx": 0, "ty": 1, "tz": 2}


@dataclass(frozen=True)
class _Bone:
    name: str
    offset_m: np.ndarray  # from the bone's start to its end
    axis: np.ndarray  # [4]: C
    dof: tuple[str, ...]


@dataclass(frozen=True)
class _Body:
    bones: dict[str, _Bone]
    parents: dict[str, str]
    metres_per_unit: float
    angle_rad: float  # one file angle in radians


def read(asf_path: Path, amc_path: Path, frame_rate_hz: float) -> Motion:
    """The motion of an AMC file on the skeleton of its ASF file, in metres.

    A joint is named after the bone that it turns and stands where that bone starts; the rest pose has
    no rotations. AMC files carry no frame rate, hence the argument.

    Raises:
        MotionFileError: with the line of what could not be understood.
    """
    body = _read_body(asf_path)
    names, skeleton = _skeleton(asf_path, body)
    columns, numbers = _read_frames(amc_path, body)
    root_positions = np.zeros((len(numbers), 3))
    local = np.tile(quaternion.IDENTITY, (len(numbers), len(names), 1))
    for joint, name in enumerate(names):
        if name not in columns:
            continue
        bone, values = body.bones[name], numbers[:, columns[name]]
        turns = [(i, _TURNS[d]) for i, d in enumerate(bone.dof) if d in _TURNS]
        if turns:
            # Listed order is the order of turning, so the last one listed is the outermost.
            order = "".join(letter for _, letter in reversed(turns))
            angles = values[:, [i for i, _ in reversed(turns)]] * body.angle_rad
            turned = rotations.quaternion_from_euler(angles, order)
            back = quaternion.conjugate(bone.axis)
            local[:, joint] = quaternion.multiply(quaternion.multiply(bone.axis, turned), back)
        if joint == 0:
            for i, d in enumerate(bone.dof):
                if d in _SHIFTS:
                    root_positions[:, _SHIFTS[d]] += values[:, i] * body.metres_per_unit
    root_positions += skeleton.offsets_m[0]
    return Motion(skeleton, frame_rate_hz, root_positions, local)


# --- the skeleton ------------------------------------------------------------------------------


def _read_body(path: Path) -> _Body:
    sections = _sections(path)
    if not {"units", "root", "bonedata", "hierarchy"} <= sections.keys():
        _fail(path, "this is no ASF skeleton: the units, root, bonedata or hierarchy section is missing.")
    scale, angle_rad = _units(path, sections["units"])
    bones = {"root": _root(path, sections["root"], scale, angle_rad)}
    for block in _blocks(path, sections["bonedata"]):
        bone = _bone(path, block, scale, angle_rad)
        bones[bone.name] = bone
    return _Body(bones, _parents(path, sections["hierarchy"], bones), scale, angle_rad)


def _units(path: Path, lines: list[tuple[int, list[str]]]) -> tuple[float, float]:
    """Metres for one unit of length, radians for one of angle."""
    length, angle_rad = 1.0, np.pi / 180.0
    for number, words in lines:
        if words[0] == "length":
            length = _numbers(path, number, words[1:], 1)[0]
            if not length > 0.0:
                _fail(path, "the length unit must be positive.", number)
        elif words[0] == "angle" and words[1:] == ["rad"]:
            angle_rad = 1.0
    return INCH_M / length, angle_rad


def _parents(path: Path, lines: list[tuple[int, list[str]]], bones: dict[str, _Bone]) -> dict[str, str]:
    parents: dict[str, str] = {}
    for number, words in lines:
        if words[0] in ("begin", "end"):
            continue
        for name in words:
            if name not in bones:
                _fail(path, f"the hierarchy names the bone {name!r}, which is not defined.", number)
        for child in words[1:]:
            if child in parents or child == "root":
                _fail(path, f"the bone {child!r} has two parents.", number)
            parents[child] = words[0]
    return parents


def _sections(path: Path) -> dict[str, list[tuple[int, list[str]]]]:
    """The numbered, split lines of each ':section'; comments and blank lines left out."""
    sections: dict[str, list[tuple[int, list[str]]]] = {}
    current: list[tuple[int, list[str]]] = []
    for number, line in enumerate(_text(path).splitlines(), start=1):
        words = line.split("#")[0].split()
        if not words:
            continue
        if words[0].startswith(":"):
            current = sections.setdefault(words[0][1:].lower(), [])
            words = words[1:]
        if words:
            current.append((number, words))
    return sections


def _blocks(path: Path, lines: list[tuple[int, list[str]]]) -> list[list[tuple[int, list[str]]]]:
    blocks: list[list[tuple[int, list[str]]]] = []
    is_open = False
    for number, words in lines:
        if words[0] == "begin":
            blocks.append([])
            is_open = True
        elif words[0] == "end":
            is_open = False
        elif is_open:
            blocks[-1].append((number, words))
    if is_open:
        _fail(path, "the file ends inside a bone; is it complete?")
    return blocks


def _bone(path: Path, block: list[tuple[int, list[str]]], scale: float, angle_rad: float) -> _Bone:
    entries = {words[0].lower(): (number, words[1:]) for number, words in block}
    where = block[0][0] if block else None
    for needed in ("name", "direction", "length"):
        if needed not in entries:
            _fail(path, f"a bone without {needed}.", where)
    direction = np.array(_numbers(path, *entries["direction"], 3))
    length = _numbers(path, *entries["length"], 1)[0]
    size = float(np.linalg.norm(direction))
    offset = direction / size * length * scale if size > 0.0 else np.zeros(3)
    number, words = entries.get("axis", (where or 1, ["0", "0", "0", "XYZ"]))
    axis = _axis(path, number, words, angle_rad)
    number, dof = entries.get("dof", (where or 1, []))
    _check_dof(path, number, dof)
    name = entries["name"][1]
    if len(name) != 1:
        _fail(path, "a bone's name must be one word.", entries["name"][0])
    return _Bone(name[0], offset, axis, tuple(d.lower() for d in dof))


def _root(path: Path, lines: list[tuple[int, list[str]]], scale: float, angle_rad: float) -> _Bone:
    entries = {words[0].lower(): (number, words[1:]) for number, words in lines}
    number, dof = entries.get("order", (1, ["TX", "TY", "TZ", "RX", "RY", "RZ"]))
    _check_dof(path, number, dof)
    letters = entries.get("axis", (1, ["XYZ"]))[1][0]
    number, orientation = entries.get("orientation", (1, ["0", "0", "0"]))
    axis = _axis(path, number, [*orientation, letters], angle_rad)
    position = _numbers(path, *entries.get("position", (1, ["0", "0", "0"])), 3)
    return _Bone("root", np.array(position) * scale, axis, tuple(d.lower() for d in dof))


def _axis(path: Path, number: int, words: list[str], angle_rad: float) -> np.ndarray:
    letters = words[3].upper() if len(words) > 3 else "XYZ"
    if sorted(letters) != ["X", "Y", "Z"]:
        _fail(path, f"the axis order {letters!r} is not X, Y and Z once each.", number)
    angles = np.array(_numbers(path, number, words[:3], 3))[::-1] * angle_rad
    return rotations.quaternion_from_euler(angles, letters[::-1])


def _check_dof(path: Path, number: int, dof: list[str]) -> None:
    for d in dof:
        if d.lower() not in _TURNS and d.lower() not in _SHIFTS and d.lower() != "l":
            _fail(path, f"unknown degree of freedom {d!r}.", number)


def _skeleton(path: Path, body: _Body) -> tuple[list[str], Skeleton]:
    names = ["root"]
    for name in names:
        names += [child for child, parent in body.parents.items() if parent == name]
    if len(names) != len(body.bones):
        lost = next(name for name in body.bones if name not in names)
        _fail(path, f"the bone {lost!r} hangs on nothing.")
    index = {name: i for i, name in enumerate(names)}
    parents = np.array([-1 if name == "root" else index[body.parents[name]] for name in names])
    offsets, tips = np.zeros((len(names), 3)), np.zeros((len(names), 3))
    offsets[0] = body.bones["root"].offset_m
    for i in range(1, len(names)):
        # A bone starts where its parent ends; bones of the root start at the root.
        offsets[i] = body.bones[names[parents[i]]].offset_m if parents[i] > 0 else 0.0
        if i not in parents:
            tips[i] = body.bones[names[i]].offset_m
    return names, Skeleton(tuple(names), parents, offsets, tips)


# --- the motion --------------------------------------------------------------------------------


def _read_frames(path: Path, body: _Body) -> tuple[dict[str, slice], np.ndarray]:
    """Where each bone's values stand in a row, and the rows, [T, n]."""
    body_lines = [line for line in _text(path).splitlines() if line[:1] not in ("#", ":")]
    tokens = " ".join(body_lines).split()
    names: list[str] = []
    at = 1  # token 0 is the first frame's number
    while at < len(tokens) and tokens[at] in body.bones:
        names.append(tokens[at])
        at += 1 + len(body.bones[tokens[at]].dof)
    if not names:
        _fail(path, "no frame of motion for this skeleton was found.")
    stride, at, n = at, 1, 0
    columns: dict[str, slice] = {}
    pieces: list[list[str]] = []
    is_whole = len(tokens) % stride == 0
    for name in names:
        width = len(body.bones[name].dof)
        is_whole = is_whole and all(word == name for word in tokens[at::stride])
        pieces += [tokens[at + 1 + i :: stride] for i in range(width)] if is_whole else []
        columns[name] = slice(n, n + width)
        at, n = at + 1 + width, n + width
    numbers = _as_numbers(pieces) if is_whole else None
    if numbers is None:
        _explain(path, body, names)
    return columns, numbers


def _as_numbers(columns: list[list[str]]) -> np.ndarray | None:
    """The columns side by side, [T, n], or None where one holds something else than finite numbers."""
    try:
        numbers = np.array(columns, dtype=float).T
    except ValueError:
        return None
    return numbers if np.all(np.isfinite(numbers)) else None


def _explain(path: Path, body: _Body, names: list[str]) -> NoReturn:
    """Reads line by line to say where the first frame differs from what the first one promised."""
    expected = 0
    for number, line in enumerate(_text(path).splitlines(), start=1):
        words = line.split()
        if not words or line[:1] in ("#", ":"):
            continue
        if len(words) == 1 and words[0].isdigit():
            if expected not in (0, len(names)):
                _fail(path, f"the frame before lacks the bone {names[expected]!r}.", number)
            expected = 0
            continue
        if expected >= len(names) or words[0] != names[expected]:
            _fail(path, f"unexpected {words[0]!r}; each frame must list the same bones.", number)
        _numbers(path, number, words[1:], len(body.bones[words[0]].dof))
        expected += 1
    _fail(path, "the file ends inside a frame; is it complete?")


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        raise MotionFileError(path, f"the file cannot be read: {error.strerror}.") from error


def _numbers(path: Path, number: int, words: list[str], count: int) -> list[float]:
    try:
        values = [float(word) for word in words]
    except ValueError:
        _fail(path, f"expected numbers, found {' '.join(words)[:40]!r}.", number)
    if len(values) != count or not np.all(np.isfinite(values)):
        _fail(path, f"expected {count} finite numbers, found {len(values)}.", number)
    return values


def _fail(path: Path, problem: str, line: int | None = None) -> NoReturn:
    raise MotionFileError(path, problem, line)
