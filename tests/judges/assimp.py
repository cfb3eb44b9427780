"""assimp as a judge of files: its command converts them to JSON, printed with six digits, and that is put together."""

from __future__ import annotations

import json
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from engine.formats.comparison import matched
from engine.formats.scene import ReadBack
from engine.motion import quaternion, rotations
from tests.judges.account import Account, height_m, looked_at

READS = (".fbx", ".bvh", ".glb")
_UNIT_M = {".fbx": 0.01, ".bvh": 0.01, ".glb": 1.0}
_MS_HZ = 1000.0  # what it counts glTF in, which has seconds and no frames
_ON_FRAME = 0.02  # of a frame
_PATIENCE_S = 120.0


def name() -> str | None:
    """Which assimp there is; None where there is none."""
    assimp = shutil.which("assimp")
    if assimp is None:
        return None
    said = subprocess.run([assimp, "version"], capture_output=True, text=True, check=False, timeout=60).stdout
    return next((f"assimp {line.split()[1]}" for line in said.splitlines() if line.startswith("Version")), "assimp")


def account_of(path: Path, wanted: ReadBack) -> Account:
    """What assimp finds in a file; of its nodes those are joints that are called as a joint that was written."""
    found = _converted(path)
    if isinstance(found, str):
        return Account((), (), np.zeros((0, 0, 3)), None, None, 0, faults=(found,))
    nodes = _nodes(found["rootnode"])
    channels = {c["name"]: c for c in found["animations"][0]["channels"]}
    ticks_hz = found["animations"][0]["tickspersecond"]
    rate_hz = None if ticks_hz == _MS_HZ else ticks_hz
    a_frame = ticks_hz / wanted.frame_rate_hz
    times = np.unique(np.concatenate([[key[0] for key in c["rotationkeys"]] for c in channels.values()]))
    n_frames = round((times[-1] - times[0]) / a_frame) + 1
    moments = times[0] + looked_at(n_frames) * a_frame
    worlds, rest = [], []
    for node in nodes:
        posed = _posed(node, channels.get(node["name"]), moments, a_frame)
        resting = np.array(node["transformation"]).reshape(4, 4)
        worlds.append(posed if node["parent"] < 0 else worlds[node["parent"]] @ posed)
        rest.append(resting if node["parent"] < 0 else rest[node["parent"]] @ resting)
    names = [node["name"] for node in nodes]
    joints = [i for i, name in enumerate(names) if matched([name], [name]) and _is_wanted(name, wanted)]
    unit = _UNIT_M[path.suffix]
    return Account(
        tuple(names[i] for i in joints), _roots(nodes, joints),
        np.stack([worlds[i][:, :3, 3] for i in joints], axis=1) * unit,
        np.stack([rest[i][:3, 3] for i in joints]) * unit, rate_hz, n_frames,
        None if path.suffix == ".bvh" else _top_m(found, unit),  # of BVH it makes a body of its own
    )  # fmt: skip


def _converted(path: Path) -> dict[str, Any] | str:
    """The file as assimp's own JSON, or why there is none."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "out.assjson"
        command = ["assimp", "export", str(path), str(out), "-fassjson"]
        ran = subprocess.run(command, capture_output=True, text=True, check=False, timeout=_PATIENCE_S)
        if ran.returncode != 0 or not out.exists():
            return f"assimp: {(ran.stderr or ran.stdout).strip()[-200:]}"
        return dict(json.loads(out.read_text("utf-8")))


def _nodes(node: dict[str, Any], parent: int = -1, out: list[dict[str, Any]] | None = None) -> list[dict[str, Any]]:
    """All nodes, parents before children."""
    out = [] if out is None else out
    at = len(out)
    out.append({"name": node["name"], "transformation": node["transformation"], "parent": parent})
    for child in node.get("children", []):
        _nodes(child, at, out)
    return out


def _posed(node: dict[str, Any], channel: dict[str, Any] | None, moments: np.ndarray, a_frame: float) -> np.ndarray:
    """A node in its parent at each moment, [K, 4, 4]."""
    if channel is None:
        return np.broadcast_to(np.array(node["transformation"], dtype=float).reshape(4, 4), (len(moments), 4, 4))
    out = np.zeros((len(moments), 4, 4))
    turned = quaternion.normalize(_at(channel["rotationkeys"], moments, a_frame))
    out[:, :3, :3] = rotations.matrix_from_quaternion(turned) * _at(channel["scalingkeys"], moments, a_frame)[:, None]
    out[:, :3, 3] = _at(channel["positionkeys"], moments, a_frame)
    out[:, 3, 3] = 1.0
    return out


def _at(keys: list[Any], moments: np.ndarray, a_frame: float) -> np.ndarray:
    """The keys that lie at the moments; one alone holds always. Not a number where none lies there."""
    times, values = np.array([key[0] for key in keys]), np.array([key[1] for key in keys], dtype=float)
    if len(keys) == 1:
        return np.broadcast_to(values[0], (len(moments), values.shape[1]))
    nearest = np.abs(times[np.newaxis] - moments[:, np.newaxis]).argmin(axis=1)
    is_there = np.abs(times[nearest] - moments) < _ON_FRAME * a_frame
    return np.where(is_there[:, np.newaxis], values[nearest], np.nan)


def _is_wanted(name: str, wanted: ReadBack) -> bool:
    return any(matched([name], [joint]) for joint in wanted.performers[0].joints)


def _roots(nodes: list[dict[str, Any]], joints: list[int]) -> tuple[str, ...]:
    """The joints that hang on no joint."""
    out = []
    for joint in joints:
        above = nodes[joint]["parent"]
        while above >= 0 and above not in joints:
            above = nodes[above]["parent"]
        out += [nodes[joint]["name"]] if above < 0 else []
    return tuple(out)


def _top_m(found: dict[str, Any], unit: float) -> float | None:
    """The height of the bodies in the file."""
    bodies = [np.array(mesh["vertices"]).reshape(-1, 3) for mesh in found.get("meshes", []) if mesh.get("bones")]
    return height_m(np.concatenate(bodies)) * unit if bodies else None
