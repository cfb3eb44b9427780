"""Which nodes of a file are joints of one body, and how they hang together."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from engine.formats.fbx.samples import Samples
from engine.formats.names import distinct_names


@dataclass(frozen=True, eq=False)
class FoundSkeleton:
    """The joints of one body.

    Attributes:
        nodes: Of the file, parents before children.
        names: Of the joints, each once.
        parents: Among the joints, int [J]; -1 for the top one.
    """

    nodes: list[int]
    names: tuple[str, ...]
    parents: np.ndarray

    def below(self, joint: int) -> list[int]:
        """The joint and all that hang on it."""
        found = {joint}
        for other in range(joint + 1, len(self.nodes)):
            if int(self.parents[other]) in found:
                found.add(other)
        return sorted(found)

    def branch(self, joint: int) -> FoundSkeleton:
        """The body of a joint and all that hang on it."""
        kept = self.below(joint)
        at = {old: new for new, old in enumerate(kept)}
        parents = np.array([-1] + [at[int(self.parents[old])] for old in kept[1:]])
        return FoundSkeleton([self.nodes[i] for i in kept], tuple(self.names[i] for i in kept), parents)


def skeletons(samples: Samples, also: Iterable[int] = ()) -> list[FoundSkeleton]:
    """One skeleton for each top joint: the bones, what joins them, and other nodes that shall count as joints."""
    meta = samples.meta["nodes"]
    wanted = {i for i, node in enumerate(meta) if node["is_bone"]} | set(also)
    wanted -= {i for i, node in enumerate(meta) if node["is_helper"]} | {0}
    joints = _with_between(wanted, samples.parents, meta)
    above: dict[int, int] = {}  # the nearest joint over each joint
    for joint in sorted(joints):
        parent = samples.parents[joint]
        while parent >= 0 and parent not in joints:
            parent = samples.parents[parent]
        above[joint] = parent
    bodies: dict[int, list[int]] = {}
    top_of: dict[int, int] = {}
    for joint in sorted(joints):
        top_of[joint] = joint if above[joint] < 0 else top_of[above[joint]]
        bodies.setdefault(top_of[joint], []).append(joint)
    return [_skeleton(samples, nodes, above) for nodes in bodies.values()]


def _with_between(wanted: set[int], parents: list[int], meta: list[dict[str, object]]) -> set[int]:
    """The joints and the nodes between two of them, helpers apart."""
    joints = set(wanted)
    for joint in wanted:
        way, node = [], parents[joint]
        while node >= 0 and node not in wanted:
            way.append(node)
            node = parents[node]
        if node >= 0:
            joints |= {n for n in way if not meta[n]["is_helper"]}
    return joints


def _skeleton(samples: Samples, nodes: list[int], above: dict[int, int]) -> FoundSkeleton:
    names = [samples.meta["nodes"][node]["name"] or f"joint_{i}" for i, node in enumerate(nodes)]
    at = {node: i for i, node in enumerate(nodes)}
    parents = np.array([at.get(above[node], -1) for node in nodes])
    return FoundSkeleton(nodes, tuple(distinct_names(names, names)), parents)
