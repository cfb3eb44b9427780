"""Reading motions of the Unitree G1 robot: joint angles in a CSV file, the body in a MuJoCo XML file.

A row holds the pelvis position (x, y, z) in metres, its quaternion (x, y, z, w) and one angle in
radians for each hinge in the order of the XML file. The robot's world is x forward, y left, z up.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn
from xml.etree import ElementTree

import numpy as np

from engine.errors import MotionFileError
from engine.motion import quaternion
from engine.motion.motion import Motion
from engine.motion.skeleton import Skeleton

# Our x is the robot's y, our y its z, our z its x: a turn, not a reflection.
_AXES = [1, 2, 0]
RATE_HZ = 60.0


@dataclass(frozen=True)
class _Robot:
    skeleton: Skeleton
    hinges: list[int]  # the joint that each angle turns
    axes: np.ndarray  # and about which unit vector, [n, 3]


def read(csv_path: Path, xml_path: Path, frame_rate_hz: float = RATE_HZ) -> Motion:
    """The robot's motion in metres, y up, facing +z. Joints are named after the bodies of the XML file.

    Raises:
        MotionFileError: with the line of what could not be understood.
    """
    robot = _read_robot(xml_path)
    return _motion(csv_path, _read_rows(csv_path, 7 + len(robot.hinges)), robot, frame_rate_hz)


def from_rows(path: Path, rows: np.ndarray, xml_path: Path, frame_rate_hz: float) -> Motion:
    """The same from rows of numbers, [T, 36], that stood in another kind of file; `path` is for messages."""
    robot = _read_robot(xml_path)
    if rows.shape[1] != 7 + len(robot.hinges):
        _fail(path, f"{rows.shape[1]} numbers a frame where this robot needs {7 + len(robot.hinges)}.")
    if not np.isfinite(rows).all():
        _fail(path, "a number is not finite.")
    return _motion(path, rows, robot, frame_rate_hz)


def _motion(path: Path, rows: np.ndarray, robot: _Robot, frame_rate_hz: float) -> Motion:
    lengths = np.linalg.norm(rows[:, 3:7], axis=1)
    if np.any(np.abs(lengths - 1.0) > 0.05):
        bad = int(np.argmax(np.abs(lengths - 1.0)))
        _fail(path, "the pelvis rotation is no unit quaternion.", bad + 1)
    local = np.tile(robot.skeleton.rest_rotations, (len(rows), 1, 1))
    local[:, 0] = quaternion.normalize(rows[:, [6, 4, 5, 3]])  # w, then x, y, z in our axes
    turns = quaternion.from_axis_angle(robot.axes, rows[:, 7:])
    local[:, robot.hinges] = quaternion.multiply(local[:, robot.hinges], turns)
    return Motion(robot.skeleton, frame_rate_hz, rows[:, :3][:, _AXES], local)


def _read_robot(path: Path) -> _Robot:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise MotionFileError(path, f"the file cannot be read: {error.strerror}.") from error
    if b"<!DOCTYPE" in data:
        _fail(path, "document type declarations are not accepted.")
    try:
        tree = ElementTree.fromstring(data)
    except ElementTree.ParseError as error:
        raise MotionFileError(path, f"this is no XML file: {error}.") from error
    pelvis = tree.find("worldbody/body")
    if pelvis is None:
        _fail(path, "no body stands in its world.")
    names: list[str] = []
    parents: list[int] = []
    offsets, tips, rest, axes = [], [], [], []
    hinges: list[int] = []
    waiting = [(pelvis, -1)]
    while waiting:
        body, parent = waiting.pop(0)
        joint = len(names)
        names.append(body.get("name", f"body{joint}"))
        parents.append(parent)
        offsets.append(_vector(path, body, "pos", "0 0 0")[_AXES])
        rest.append(_turned(_vector(path, body, "quat", "1 0 0 0")))
        tips.append(_front_of_sole(path, body))
        waiting = [(child, joint) for child in body.findall("body")] + waiting
        for hinge in body.findall("joint"):
            if hinge.get("type", "hinge") == "hinge":
                hinges.append(joint)
                axes.append(_vector(path, hinge, "axis", "0 0 1")[_AXES])
    skeleton = Skeleton(tuple(names), np.array(parents), np.array(offsets), np.array(tips), np.array(rest))
    unit = np.array(axes) / np.linalg.norm(axes, axis=1, keepdims=True)
    return _Robot(skeleton, hinges, unit)


def _front_of_sole(path: Path, body: ElementTree.Element) -> np.ndarray:
    """Between the foremost contact spheres of a foot; zero for other bodies."""
    spheres = [g for g in body.findall("geom") if g.get("type", "sphere") == "sphere" and g.get("pos")]
    points = np.array([_vector(path, g, "pos", "0 0 0") for g in spheres])
    if len(points) < 2:
        return np.zeros(3)
    return points[points[:, 0] >= points[:, 0].max() - 1e-6].mean(axis=0)[_AXES]


def _turned(q: np.ndarray) -> np.ndarray:
    return quaternion.normalize(np.concatenate([q[:1], q[1:][_AXES]]))


def _vector(path: Path, element: ElementTree.Element, key: str, default: str) -> np.ndarray:
    text = element.get(key, default)
    try:
        vector = np.array([float(word) for word in text.split()])
    except ValueError:
        _fail(path, f"expected numbers in {key}=, found {text[:40]!r}.")
    if len(vector) != len(default.split()):
        _fail(path, f"{key}= holds {len(vector)} numbers.")
    return vector


def _read_rows(path: Path, n_columns: int) -> np.ndarray:
    try:
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError as error:
        raise MotionFileError(path, f"the file cannot be read: {error.strerror}.") from error
    rows = []
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            row = [float(word) for word in line.split(",")]
        except ValueError:
            _fail(path, f"expected numbers, found {line[:40]!r}.", number)
        if len(row) != n_columns:
            _fail(path, f"{len(row)} columns where this robot needs {n_columns}.", number)
        rows.append(row)
    if not rows:
        _fail(path, "the file is empty.")
    numbers = np.array(rows)
    if not np.all(np.isfinite(numbers)):
        _fail(path, "a number is not finite.", int(np.argmin(np.isfinite(numbers).all(axis=1))) + 1)
    return numbers


def _fail(path: Path, problem: str, line: int | None = None) -> NoReturn:
    raise MotionFileError(path, problem, line)
