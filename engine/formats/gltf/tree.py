"""Which nodes of a glTF make a skeleton, and how it stands at rest."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.formats.gltf.parse import Gltf, decomposed
from engine.motion import quaternion

_STILL_M = 0.001  # a joint that moves less in its parent is not what carries the dance
_MOST_OF_IT = 0.6  # share of the joints that must hang on a joint for it to become the root
_FEWEST_JOINTS = 3  # what has fewer is a prop


@dataclass(frozen=True, eq=False)
class Tree:
    """The joints of one skeleton.

    Attributes:
        nodes: Of each joint, parents before children; the first is the root.
        parents: Index of each joint's parent among them, -1 for the root.
        above: The nodes that the root hangs on, from the top of the scene down.
        binds: Matrix from each joint that has one to the body's space, [4, 4].
        body_turn: Rotation [4] of the body's space where that is known to be turned; else the identity.
        left_out: Names of joints that were cut off with the old root.
    """

    nodes: tuple[int, ...]
    parents: tuple[int, ...]
    above: tuple[int, ...]
    binds: dict[int, np.ndarray]
    body_turn: np.ndarray
    left_out: tuple[str, ...]


def trees(gltf: Gltf) -> list[Tree]:
    """The skeletons of a file: of its skins, or, where it has none, of the nodes that its animations turn."""
    groups = [(set(skin.joints), [index]) for index, skin in enumerate(gltf.skins) if skin.joints]
    if not groups:
        moved = {node for animation in gltf.animations for node, what in animation.tracks if what == "rotation"}
        groups = [({node for node in moved if _top(gltf, node) == top}, []) for top in {_top(gltf, n) for n in moved}]
    found = [_tree(gltf, joints, skins) for joints, skins in _merged(gltf, groups)]
    found.sort(key=lambda tree: tree.nodes[0])
    return [tree for tree in found if len(tree.nodes) >= _FEWEST_JOINTS] or found


def ancestors(gltf: Gltf, node: int) -> list[int]:
    """The nodes above a node, the nearest first."""
    out = []
    while (node := gltf.nodes[node].parent) >= 0:
        out.append(node)
    return out


def _top(gltf: Gltf, node: int) -> int:
    return [node, *ancestors(gltf, node)][-1]


def _merged(gltf: Gltf, groups: list[tuple[set[int], list[int]]]) -> list[tuple[set[int], list[int]]]:
    """Joints with all nodes between them; groups that share some are one body: its skin, its clothes, its eyes.

    Joints at the top of the scene that have nothing above them in common are skeletons of their own.
    """
    merged: list[tuple[set[int], list[int]]] = []
    for joints, skins in groups:
        for top in sorted({_top(gltf, node) for node in joints}):
            own = _closed(gltf, {node for node in joints if _top(gltf, node) == top})
            numbers = list(skins)
            for other in [other for other in merged if other[0] & own]:
                merged.remove(other)
                own, numbers = own | other[0], other[1] + numbers
            merged.append((own, numbers))
    return merged


def _closed(gltf: Gltf, joints: set[int]) -> set[int]:
    """The joints, and all nodes on the ways between them."""
    ways = {joint: [joint, *ancestors(gltf, joint)][::-1] for joint in joints}
    shared = min(map(len, ways.values()))
    first = next(iter(ways.values()))
    while any(way[shared - 1] != first[shared - 1] for way in ways.values()):
        shared -= 1
    return {node for way in ways.values() for node in way[shared - 1 :]}


def _tree(gltf: Gltf, joints: set[int], skins: list[int]) -> Tree:
    children: dict[int, list[int]] = {node: [] for node in joints}
    root = -1
    for node in sorted(joints):
        if gltf.nodes[node].parent in joints:
            children[gltf.nodes[node].parent].append(node)
        else:
            root = node
    dancing = _dancing_root(gltf, root, children)
    nodes = _below(dancing, children)
    kept = set(nodes)
    place = {node: index for index, node in enumerate(nodes)}
    parents = tuple(-1 if node == dancing else place[gltf.nodes[node].parent] for node in nodes)
    way = set(ancestors(gltf, dancing))
    left_out = tuple(gltf.nodes[node].name for node in _below(root, children) if node not in kept and node not in way)
    binds = _binds(gltf, skins)
    turn = _body_turn(gltf, skins, dancing, binds)
    return Tree(tuple(nodes), parents, tuple(ancestors(gltf, dancing)[::-1]), binds, turn, left_out)


def _below(root: int, children: dict[int, list[int]]) -> list[int]:
    """A node and all below it, parents before children, branch by branch."""
    out, waiting = [], [root]
    while waiting:
        node = waiting.pop()
        out.append(node)
        waiting += reversed(children[node])
    return out


def _dancing_root(gltf: Gltf, root: int, children: dict[int, list[int]]) -> int:
    """The root, or the joint further down that carries most of the body and moves about in its parent.

    Motions have one moving root; rigs for games put a still one on the floor below the moving hips.
    """
    n_below = {node: len(_below(node, children)) for node in children} if len(children) < 5000 else {}
    while n_below:
        heavy = [child for child in children[root] if n_below[child] >= _MOST_OF_IT * len(children)]
        if not heavy or not _moves(gltf, heavy[0]):
            break
        root = heavy[0]
    return root


def _moves(gltf: Gltf, node: int) -> bool:
    tracks = [animation.tracks.get((node, "translation")) for animation in gltf.animations]
    size = max((float(np.abs(gltf.nodes[above].scale).max()) for above in ancestors(gltf, node)), default=1.0)
    places = [track.values if track.values.ndim == 2 else track.values[:, 1] for track in tracks if track is not None]
    return any(float(np.ptp(place, axis=0).max()) * size > _STILL_M for place in places)


def _binds(gltf: Gltf, skins: list[int]) -> dict[int, np.ndarray]:
    """Where each joint is in the space of the body that it carries, [4, 4]."""
    out: dict[int, np.ndarray] = {}
    for skin in (gltf.skins[index] for index in skins):
        if skin.inverse_binds is None:
            continue
        for node, matrix in zip(skin.joints, skin.inverse_binds, strict=True):
            if node not in out and abs(float(np.linalg.det(matrix[:3, :3]))) > 1e-12:
                out[node] = np.linalg.inv(matrix)
    return out


def _body_turn(gltf: Gltf, skins: list[int], root: int, binds: dict[int, np.ndarray]) -> np.ndarray:
    """How the body's space is turned in the world.

    The specification lets it be anything. Exporters have it be the world's, that of the node above the
    joints, or that of the node that wears the body: whichever agrees best with how the root stands.
    """
    if root not in binds:
        return quaternion.IDENTITY
    _, bound, _ = decomposed(binds[root])
    standing = world_rotation(gltf, root)
    candidates = [quaternion.IDENTITY]
    candidates += [world_rotation(gltf, node) for node in ancestors(gltf, root)]
    candidates += [world_rotation(gltf, gltf.skinned_nodes[skin]) for skin in skins if skin in gltf.skinned_nodes]
    off = [float(quaternion.angle_between(quaternion.multiply(turn, bound), standing)) for turn in candidates]
    # The world's own, unless another is better by more than rounding.
    return candidates[int(np.argmin(np.round(off, 3)))]


def world_rotation(gltf: Gltf, node: int) -> np.ndarray:
    """Of a node in the world while all nodes stand as the file has them, [4]."""
    turn = gltf.nodes[node].rotation
    for above in ancestors(gltf, node):
        turn = quaternion.multiply(gltf.nodes[above].rotation, turn)
    return turn
