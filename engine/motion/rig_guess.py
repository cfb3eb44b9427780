"""A rig map for an unknown skeleton: from the words in its joint names, or from its shape alone."""

from __future__ import annotations

import re

import numpy as np

from engine.errors import RetargetError
from engine.motion.kinematics import rest_transforms
from engine.motion.rig import CORE, RigMap
from engine.motion.skeleton import Skeleton

_SIDES = {"left": "Left", "l": "Left", "lft": "Left", "lf": "Left", "right": "Right", "r": "Right", "rgt": "Right", "rt": "Right"}
# Bone -> what it is called, likeliest first. A word that several bones claim goes to the first bone
# that has no likelier name in the same skeleton.
_WORDS: dict[str, tuple[str, ...]] = {
    "UpLeg": ("upleg", "thigh", "femur", "upperleg", "hip", "hipjoint"),
    "Leg": ("leg", "shin", "calf", "tibia", "lowerleg", "lowleg", "knee"),
    "Foot": ("foot", "ankle"),
    "ToeBase": ("toebase", "toe", "toes", "ball"),
    "Arm": ("arm", "upperarm", "uparm", "humerus", "shldr", "shoulder"),
    "Shoulder": ("clavicle", "collar", "collarbone", "shoulder"),
    "ForeArm": ("forearm", "lowerarm", "lowarm", "radius", "elbow"),
    "Hand": ("hand", "wrist"),
    "FingerBase": ("fingerbase", "handmiddle1", "middle1", "mid1", "middle01", "handindex1", "index1", "index01"),
}
_HIPS = ("hips", "pelvis", "hip", "root")
_HEAD = ("head",)
_NECK = ("neck", "neck1", "neck01", "lowerneck")


def guess_by_name(skeleton: Skeleton) -> RigMap | None:
    """A map from the words in the joint names, or None where they do not name all limbs."""
    sided: dict[str, dict[str, str]] = {"Left": {}, "Right": {}}
    middle: dict[str, str] = {}
    for name in skeleton.names:
        side, word = _side_and_word(name)
        (sided[side] if side else middle).setdefault(word, name)
    joints: dict[str, str] = {}
    for side, words in sided.items():
        for bone, spellings in _WORDS.items():
            free = (words[w] for w in spellings if w in words and words[w] not in joints.values())
            if name := next(free, None):
                joints[side + bone] = name
    hips = next((middle[w] for w in _HIPS if w in middle), None)
    if hips is None or set(CORE) - {"Hips"} - joints.keys():
        return None
    joints["Hips"] = hips
    joints |= _trunk(skeleton, joints, middle)
    return _rig("names", joints)


def guess_by_shape(skeleton: Skeleton) -> RigMap:
    """A map from the joint tree at rest: two legs go down, two arms to the sides, the left ones at the dancer's left.

    Raises:
        RetargetError: where that is not so.
    """
    places, rotations = rest_transforms(skeleton)
    del rotations
    paths = _paths(skeleton, places)
    up = 1
    legs = _pair(paths, places, key=lambda path: places[path[-1], up])
    fork = _fork(skeleton, *legs)
    others = [p for p in paths if not {*legs[0], *legs[1]} & set(p[_depth_of(p, fork) + 1 :])]
    arms = _pair(others, places, key=lambda path: -float(np.ptp(places[path][:, [0, 2]], axis=0).max()))
    ahead = _ahead(skeleton, places, legs, fork)
    left = np.cross([0.0, 1.0, 0.0], ahead)
    joints = {"Hips": skeleton.names[fork]}
    for bones, pair in ((("UpLeg", "Leg", "Foot", "ToeBase"), legs), (("Arm", "ForeArm", "Hand", "FingerBase"), arms)):
        pair = sorted(pair, key=lambda path: -float(places[path[-1]] @ left))
        for side, path in zip(("Left", "Right"), pair, strict=True):
            start = _long_bones(path, places, fork)
            for bone, joint in zip(bones, path[start:], strict=False):
                joints[side + bone] = skeleton.names[joint]
            if bones[0] == "Arm" and start > 0 and path[start - 1] not in pair[0 if side == "Right" else 1]:
                joints[side + "Shoulder"] = skeleton.names[path[start - 1]]
    if set(CORE) - joints.keys():
        raise RetargetError("This skeleton has no two legs and two arms of at least three joints each.")
    joints |= _trunk(skeleton, joints, {})
    return _rig("shape", joints)


def _rig(how: str, joints: dict[str, str]) -> RigMap:
    return RigMap(f"guessed by {how}", f"Guessed by {how}", {joint: (name,) for joint, name in joints.items()})


def _side_and_word(name: str) -> tuple[str, str]:
    """("Left", "upleg") for LeftUpLeg, lUpLeg, UpLeg_L, left_up_leg, Bip01 L UpLeg and their like."""
    plain = re.sub(r"^(mixamorig\d*|bip\d*|biped\d*|character\d*|def|b|jnt|joint)[ _\-.]+", "", name.rsplit(":", 1)[-1], flags=re.I)
    words = re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+", plain)
    words = [w.lower() for w in words]
    side = next((_SIDES[w] for w in words if w in _SIDES), "")
    rest = [w for w in words if w not in _SIDES]
    joined = "".join(rest)
    if not side:
        # All lower case and run together: "lfemur", "rightthigh".
        known = {w for spellings in _WORDS.values() for w in spellings}
        for start, full in (("left", "Left"), ("right", "Right"), ("l", "Left"), ("r", "Right")):
            if joined.startswith(start) and joined[len(start) :] in known:
                return full, joined[len(start) :]
    return side, joined


def _trunk(skeleton: Skeleton, joints: dict[str, str], middle: dict[str, str]) -> dict[str, str]:
    """Spine, neck and head: the chain from the hips to where the arms part, and on."""
    index = {house: skeleton.index(name) for house, name in joints.items()}
    chest = _fork(skeleton, _path_to(skeleton, index["LeftArm"]), _path_to(skeleton, index["RightArm"]))
    chain = _path_to(skeleton, chest)
    chain = chain[chain.index(index["Hips"]) + 1 :] if index["Hips"] in chain else []
    out = {}
    if chain:
        out["Spine2"] = chain[-1]
        if len(chain) > 1:
            out["Spine"] = chain[0]
        if len(chain) > 2:
            out["Spine1"] = chain[len(chain) // 2]
    head = next((skeleton.index(middle[w]) for w in _HEAD if w in middle), None)
    neck = next((skeleton.index(middle[w]) for w in _NECK if w in middle), None)
    if head is None:
        taken = {*_below(skeleton, index["LeftArm"]), *_below(skeleton, index["RightArm"])}
        taken |= {index[s + "Shoulder"] for s in ("Left", "Right") if s + "Shoulder" in index}
        above = [j for j in _below(skeleton, chest) if j not in taken and j != chest]
        if above:
            places, _ = rest_transforms(skeleton)
            top = max(above, key=lambda j: float(places[j, 1]))
            way = [j for j in _path_to(skeleton, top) if j in above]
            neck, head = way[0], way[1] if len(way) > 1 else None
    out |= {k: j for k, j in (("Neck", neck), ("Head", head)) if j is not None}
    return {house: skeleton.names[joint] for house, joint in out.items()}


def _path_to(skeleton: Skeleton, joint: int) -> list[int]:
    path = [joint]
    while skeleton.parents[path[0]] >= 0:
        path.insert(0, int(skeleton.parents[path[0]]))
    return path


def _below(skeleton: Skeleton, joint: int) -> list[int]:
    return [j for j in range(skeleton.n_joints) if joint in _path_to(skeleton, j)]


def _paths(skeleton: Skeleton, places: np.ndarray) -> list[list[int]]:
    """The way from the root to each end of the tree."""
    return [_path_to(skeleton, j) for j in range(skeleton.n_joints) if not skeleton.children(j)]


def _fork(skeleton: Skeleton, a: list[int], b: list[int]) -> int:
    """The last joint that two paths share."""
    return [x for x, y in zip(a, b, strict=False) if x == y][-1]


def _depth_of(path: list[int], joint: int) -> int:
    return path.index(joint) if joint in path else 0


def _pair(paths: list[list[int]], places: np.ndarray, key) -> tuple[list[int], list[int]]:  # type: ignore[no-untyped-def]
    """The two limbs that stand first by `key` and part before their last three joints."""
    ordered = sorted((p for p in paths if len(p) > 3), key=key)
    for i, first in enumerate(ordered):
        for second in ordered[:i]:
            shared = sum(x == y for x, y in zip(first, second, strict=False))
            if len(first) - shared >= 3 and len(second) - shared >= 3:
                return second, first
    raise RetargetError("This skeleton has no two legs and two arms of at least three joints each.")


def _long_bones(path: list[int], places: np.ndarray, fork: int) -> int:
    """Where in the path the two longest bones in a row begin: thigh and shin, upper arm and forearm."""
    lengths = np.linalg.norm(np.diff(places[path], axis=0), axis=1)
    start = _depth_of(path, fork) + 1
    best = max(range(start, len(path) - 2), key=lambda i: min(lengths[i], lengths[i + 1]), default=start)
    return best


def _ahead(skeleton: Skeleton, places: np.ndarray, legs: tuple[list[int], list[int]], fork: int) -> np.ndarray:
    """Where the toes point, horizontally; +z where there are none."""
    ahead = np.zeros(3)
    for path in legs:
        ankle = _long_bones(path, places, fork) + 2
        ends = places[path[-1]] + skeleton.tips_m[path[-1]]
        ahead = ahead + (ends - places[path[ankle]]) * [1.0, 0.0, 1.0]
    return ahead if np.linalg.norm(ahead) > 0.02 else np.array([0.0, 0.0, 1.0])
