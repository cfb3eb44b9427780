"""A small BVH file to write in many dialects, and a reader of the plain dialect that shares no code with ours."""

from __future__ import annotations

import re

import numpy as np

HEAD = """HIERARCHY
ROOT Hips
{
  OFFSET 0.0 0.0 0.0
  CHANNELS 6 Xposition Yposition Zposition Zrotation Xrotation Yrotation
  JOINT Chest
  {
    OFFSET 0.0 20.5 -1.25
    CHANNELS 3 Zrotation Xrotation Yrotation
    JOINT Head
    {
      OFFSET 0.0 30.0 0.0
      CHANNELS 3 Zrotation Xrotation Yrotation
      End Site
      {
        OFFSET 0.0 12.0 3.0
      }
    }
  }
  JOINT Leg
  {
    OFFSET 9.0 -4.0 0.0
    CHANNELS 3 Zrotation Xrotation Yrotation
    End Site
    {
      OFFSET 0.0 -44.0 0.0
    }
  }
}
"""
ROWS = """1.5 95.25 -3.0 10.0 20.0 -30.0 5.0 0.5 0.25 -12.5 45.0 80.0 1.0 2.0 3.0
1.75 95.5 -2.0 11.0 21.0 -31.0 6.0 1.5 0.75 -13.5 46.0 81.0 4.0 5.0 6.0
2.0 95.75 -1.0 12.0 22.0 -32.0 7.0 2.5 1.25 -14.5 47.0 82.0 7.0 8.0 9.0
"""
SAMPLE = f"{HEAD}MOTION\nFrames: 3\nFrame Time: 0.0333333\n{ROWS}"


def turn(axis: str, degrees: float) -> np.ndarray:
    """The matrix of a turn about one axis, written out."""
    c, s = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    rows = {
        "X": [[1, 0, 0], [0, c, -s], [0, s, c]],
        "Y": [[c, 0, s], [0, 1, 0], [-s, 0, c]],
        "Z": [[c, -s, 0], [s, c, 0], [0, 0, 1]],
    }
    return np.array(rows[axis], dtype=float)


def read_plainly(text: str, frames: list[int], adds_offsets: bool = False) -> dict[str, np.ndarray]:
    """Global joint positions by name, [len(frames), 3], in the file's unit: matrices, one joint at a time.

    Args:
        text: A file whose joints have names of one word, each once.
        frames: The frames wanted.
        adds_offsets: Position channels of joints below the root are added to their OFFSET.
    """
    words = text.split()
    header, numbers = words[: words.index("MOTION")], words[words.index("Time:") + 2 :]
    n_channels = sum(int(header[i + 1]) for i, word in enumerate(header) if word == "CHANNELS")
    positions: dict[str, list[np.ndarray]] = {}
    for frame in frames:
        values = iter(map(float, numbers[frame * n_channels : (frame + 1) * n_channels]))
        at = 1
        while at < len(header):
            at = _joint(header, at, values, np.eye(4), positions, adds_offsets)
    return {name: np.array(places) for name, places in positions.items()}


def _joint(words, at, values, above, positions, adds_offsets):
    kind, name, at = words[at], words[at + 1], at + 3
    local = np.eye(4)
    if kind != "End":
        positions.setdefault(name, [])
    while words[at] != "}":
        if words[at] == "OFFSET":
            local[:3, 3] = [float(word) for word in words[at + 1 : at + 4]]
            at += 4
        elif words[at] == "CHANNELS":
            n = int(words[at + 1])
            for channel in words[at + 2 : at + 2 + n]:
                axis, value = channel[0], next(values)
                if channel.endswith("position"):
                    keep = local["XYZ".index(axis), 3] if adds_offsets and kind == "JOINT" else 0.0
                    local["XYZ".index(axis), 3] = keep + value
                else:
                    local[:3, :3] = local[:3, :3] @ turn(axis, value)
            at += 2 + n
        else:
            at = _joint(words, at, values, above @ local, positions, adds_offsets)
    if kind != "End":
        positions[name].append((above @ local)[:3, 3])
    return at + 1


def words_to_exponents(text: str) -> str:
    """The same numbers in scientific notation."""
    return re.sub(r"-?\d+\.\d+", lambda found: f"{float(found.group()):+.5E}", text)
