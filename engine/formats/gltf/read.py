"""Motions of any skinned glTF 2.0: game characters, motion libraries, what Blender and others export.

How files are understood:

- A skeleton is the joints of a skin with all nodes between them; skins that share joints are one body. A file
  without skins has the nodes that its animations turn.
- The root is the top joint, or the joint further down that carries most of the body and moves about in its
  parent (hips on a still root): what is above it is worked into its own motion.
- Bones are rigid here: a joint gets the mean of its place in its parent over the take; how far it strays is
  told beyond 1 mm. The scale of nodes is worked into the bones.
- The rest pose is the pose in which the body was bound where the file says so, else that of the nodes.
- Keys are sampled at the rate on whose frames they lie, from the first key of the take.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from engine.errors import MotionFileError
from engine.formats.gltf.parse import Animation, Gltf, decomposed, parse
from engine.formats.gltf.sample import guessed_rate_hz, sampled
from engine.formats.gltf.tree import Tree, trees, world_rotation
from engine.formats.names import distinct_names
from engine.motion import quaternion
from engine.motion.motion import Motion
from engine.motion.skeleton import Skeleton

_RIGID_M = 0.001
_SAME_M = 1e-5
_FARTHEST_M = 1e7
_FEWEST_VALUES = 4_000_000  # joints times frames that any file may unfold to
_VALUES_PER_BYTE = 4  # and more, the larger it is


@dataclass(frozen=True, eq=False)
class GltfTake:
    """One animation of one skeleton.

    Attributes:
        name: The animation's.
        performer: Of the topmost node that holds the skeleton, else of its root.
        motion: In metres.
        notes: What was assumed or left out, a sentence each.
    """

    name: str
    performer: str
    motion: Motion
    notes: tuple[str, ...] = ()


def read(path: Path) -> tuple[Motion, ...]:
    """The motions of `read_takes` alone."""
    return tuple(take.motion for take in read_takes(path))


def read_takes(path: Path) -> tuple[GltfTake, ...]:
    """Every animation of every skeleton of a .glb or .gltf, animations in the file's order.

    Raises:
        MotionFileError: if it cannot be read, is damaged, or holds no animated skeleton.
    """
    gltf = parse(path)
    found = trees(gltf)
    if not gltf.animations or not found:
        raise MotionFileError(path, "holds no animation of a skeleton; export it with its animations.")
    budget = _FEWEST_VALUES + _VALUES_PER_BYTE * gltf.n_bytes
    takes: list[GltfTake] = []
    for animation in gltf.animations:
        for tree in found:
            take, n_values = _take(path, gltf, animation, tree, budget, takes)
            budget -= n_values
            takes += [take] if take else []
    if not takes:
        raise MotionFileError(path, "holds animations, but none of them moves its skeleton.")
    return tuple(takes)


def _take(
    path: Path, gltf: Gltf, animation: Animation, tree: Tree, budget: int, earlier: list[GltfTake]
) -> tuple[GltfTake | None, int]:
    """A take, None where the animation does not touch the skeleton, and how many rotations it holds."""
    ours = {*tree.nodes, *tree.above}
    times = [track.times_s for (node, _), track in animation.tracks.items() if node in ours]
    if not times:
        return None, 0
    begin_s, end_s = min(float(t[0]) for t in times), max(float(t[-1]) for t in times)
    rate_hz, is_even = guessed_rate_hz([t - begin_s for t in times], gltf.said_rate_hz)
    n_frames = int((end_s - begin_s) * rate_hz + 0.1) + 1
    n_values = n_frames * len(tree.nodes)
    if n_values > budget:
        problem = f"animation {animation.name} lasts {end_s:.0f} s, too long for what the file holds."
        raise MotionFileError(path, problem)
    at_s = begin_s + np.arange(n_frames) / rate_hz
    with np.errstate(over="ignore", invalid="ignore"):
        motion, notes = _motion(gltf, animation, tree, at_s, rate_hz, earlier)
    if not all(np.all(np.abs(m) < _FARTHEST_M) for m in (motion.root_positions_m, motion.skeleton.offsets_m)):
        raise MotionFileError(path, f"animation {animation.name} leads {_FARTHEST_M / 1000:.0f} km away or further.")
    if not is_even:
        notes = [f"Its keys lie at no even rate and were sampled at {rate_hz:g} frames a second.", *notes]
    holder = tree.above[0] if tree.above else tree.nodes[0]
    return GltfTake(animation.name, gltf.nodes[holder].name, motion, tuple(notes)), n_values


def _motion(
    gltf: Gltf, animation: Animation, tree: Tree, at_s: np.ndarray, rate_hz: float, earlier: list[GltfTake]
) -> tuple[Motion, list[str]]:
    place, turn, size = _carrier(gltf, animation, tree.above, at_s)
    root_t, root_r, root_s = _local(gltf, animation, tree.nodes[0], at_s)
    root_m = place + quaternion.rotate(turn, size * root_t)
    local, offsets = [quaternion.multiply(turn, root_r)], [np.zeros(3)]
    sizes, strayed = [size * root_s], [0.0]
    for node, parent in zip(tree.nodes[1:], tree.parents[1:], strict=True):
        t, r, s = _local(gltf, animation, node, at_s)
        bone = sizes[parent] * t
        offsets.append(bone.mean(axis=0))
        strayed.append(float(np.linalg.norm(bone - offsets[-1], axis=-1).max()))
        sizes.append(sizes[parent] * s)
        local.append(r)
    skeleton = _skeleton(gltf, tree, np.array(offsets), earlier)
    worst = int(np.argmax(strayed))
    notes = []
    if strayed[worst] > _RIGID_M:
        name = skeleton.names[worst]
        notes.append(f"Bones keep their length here; {name} strays by up to {100 * strayed[worst]:.1f} cm in the file.")
    if tree.left_out:
        notes.append(f"Left out, as they hang beside the hips: {', '.join(tree.left_out)}.")
    return Motion(skeleton, rate_hz, root_m, np.stack(local, axis=1)), notes


def _local(gltf: Gltf, animation: Animation, node: int, at_s: np.ndarray) -> tuple[np.ndarray, ...]:
    """Translation [T, 3], rotation [T, 4] and scale [T, 3] of a node in its parent."""
    out = []
    for what, still in (
        ("translation", gltf.nodes[node].translation),
        ("rotation", gltf.nodes[node].rotation),
        ("scale", gltf.nodes[node].scale),
    ):
        track = animation.tracks.get((node, what))
        moved = None if track is None else sampled(track, at_s, what == "rotation")
        out.append(np.broadcast_to(still, (len(at_s), len(still))) if moved is None else moved)
    return tuple(out)


def _carrier(
    gltf: Gltf, animation: Animation, above: tuple[int, ...], at_s: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """World translation [T, 3], rotation [T, 4] and scale [T, 3] of what the root hangs on."""
    n = len(at_s)
    place, turn, size = np.zeros((n, 3)), np.tile(quaternion.IDENTITY, (n, 1)), np.ones((n, 3))
    for node in above:
        t, r, s = _local(gltf, animation, node, at_s)
        place = place + quaternion.rotate(turn, size * t)
        turn, size = quaternion.multiply(turn, r), size * s
    return place, turn, size


def _skeleton(gltf: Gltf, tree: Tree, offsets_m: np.ndarray, earlier: list[GltfTake]) -> Skeleton:
    """The tree with these bones; that of an earlier take where it is the same one."""
    wanted = [gltf.nodes[node].name.strip() or f"joint_{node}" for node in tree.nodes]
    names = tuple(distinct_names(wanted, wanted))
    turns, root_m = _rest(gltf, tree)
    offsets_m[0] = root_m
    for take in earlier:
        one = take.motion.skeleton
        same = one.names == names and np.abs(one.offsets_m - offsets_m).max() < _SAME_M
        if same and np.array_equal(one.parents, tree.parents):
            return one
    return Skeleton(names, np.array(tree.parents), offsets_m, rest_rotations=turns)


def _rest(gltf: Gltf, tree: Tree) -> tuple[np.ndarray, np.ndarray]:
    """Local rotations of the rest pose [J, 4] and where its root stands, metres, [3]."""
    turns = []
    for node, parent in zip(tree.nodes, tree.parents, strict=True):
        bound = _bound_rotation(tree, node)
        if bound is None:
            turns.append(gltf.nodes[node].rotation if parent >= 0 else world_rotation(gltf, node))
            continue
        above = _bound_rotation(tree, tree.nodes[parent]) if parent >= 0 else quaternion.conjugate(tree.body_turn)
        back = None if above is None else quaternion.conjugate(above)
        turns.append(gltf.nodes[node].rotation if back is None else quaternion.multiply(back, bound))
    still = Animation("")
    place, turn, size = _carrier(gltf, still, tree.above, np.zeros(1))
    root_m = (place + quaternion.rotate(turn, size * gltf.nodes[tree.nodes[0]].translation))[0]
    return quaternion.normalize(np.array(turns)), root_m


def _bound_rotation(tree: Tree, node: int) -> np.ndarray | None:
    return decomposed(tree.binds[node])[1] if node in tree.binds else None
