"""A rig map for an unknown skeleton: from the words in its joint names, or from its shape alone."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import combinations, takewhile

import numpy as np

from engine.errors import RetargetError
from engine.motion.kinematics import rest_transforms
from engine.motion.rig import CORE, RigMap
from engine.motion.skeleton import Skeleton

_SIDES = {word: "Left" for word in ("left", "l", "lft", "lf")} | {word: "Right" for word in ("right", "r", "rgt", "rt")}
# Bone -> what it is called, likeliest first. A bone takes the first of its names that the skeleton has and
# that no bone above it in this table has taken: a "shoulder" is the upper arm where nothing else is.
_WORDS: dict[str, tuple[str, ...]] = {
    "UpLeg": ("upleg", "thigh", "femur", "upperleg", "hip", "hipjoint"),
    "Leg": ("leg", "shin", "calf", "tibia", "lowerleg", "lowleg", "loleg", "knee"),
    "Foot": ("foot", "ankle"),
    "ToeBase": ("toebase", "toe", "toes", "ball", "foot"),
    "Arm": ("arm", "upperarm", "uparm", "humerus", "shldr", "shoulder"),
    "Shoulder": ("clavicle", "collar", "collarbone", "shoulder"),
    "ForeArm": ("forearm", "lowerarm", "lowarm", "loarm", "radius", "elbow"),
    "Hand": ("hand", "wrist"),
    "FingerBase": ("fingerbase", "handmiddle1", "middle1", "mid1", "middle01", "handindex1", "index1", "index01"),
}
_HIPS = ("hips", "pelvis", "hip", "root")
_NECK, _HEAD = ("neck", "neck1", "neck01", "lowerneck"), ("head",)
_PREFIX = re.compile(r"^(mixamorig\d*|bip\d*|biped\d*|character\d*|def|b|jnt|joint)[ _.\-]+", re.IGNORECASE)
_NO_LIMBS = "This skeleton has no two legs and two arms of at least three joints each."


def guess_by_name(skeleton: Skeleton) -> RigMap | None:
    """A map from the words in the joint names, or None where they do not name all limbs."""
    sided: dict[str, dict[str, str]] = {"Left": {}, "Right": {}}
    middle: dict[str, str] = {}
    # Names that begin with an underscore are spacers; an "upperarm01" counts where no "upperarm" is.
    for name in sorted(skeleton.names, key=lambda name: name.startswith("_")):
        side, word = side_and_word(name)
        words = sided[side] if side else middle
        words.setdefault(word, name)
    for words in (*sided.values(), middle):
        for word in [w for w in words if w.endswith("1")]:
            words.setdefault(word.rstrip("01"), words[word])
    joints: dict[str, str] = {}
    for side, words in sided.items():
        for bone, spellings in _WORDS.items():
            free = [words[w] for w in spellings if w in words and words[w] not in joints.values()]
            if free:
                joints[side + bone] = free[0]
    hips = [middle[w] for w in _HIPS if w in middle]
    if not hips or set(CORE) - {"Hips"} - joints.keys():
        return None
    joints["Hips"] = hips[0]
    named = {"Neck": _NECK, "Head": _HEAD}
    found = {j: [middle[w] for w in words if w in middle] for j, words in named.items()}
    joints |= {joint: names[0] for joint, names in found.items() if names}
    return _rig("names", joints | _spine(skeleton, joints))


def side_and_word(name: str) -> tuple[str, str]:
    """("Left", "upleg") for LeftUpLeg, lUpLeg, UpLeg_L, left_up_leg, Bip01 L UpLeg and their like."""
    words = re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+", _PREFIX.sub("", name.rsplit(":", 1)[-1]))
    words = [w.lower() for w in words]
    sides = [_SIDES[w] for w in words if w in _SIDES]
    joined = "".join(w for w in words if w not in _SIDES)
    if sides:
        return sides[0], joined
    # All lower case and run together: "lfemur", "rightthigh".
    known = {w for spellings in _WORDS.values() for w in spellings}
    for start in ("left", "right", "l", "r"):
        if joined.startswith(start) and joined[len(start) :] in known:
            return _SIDES[start], joined[len(start) :]
    return "", joined


def guess_by_shape(skeleton: Skeleton) -> RigMap:
    """A map from the joint tree at rest: two legs lead down, two arms aside, the left ones at the dancer's left.

    The body may stand along y, or along z.

    Raises:
        RetargetError: where no such limbs are found.
    """
    places, _ = rest_transforms(skeleton)
    for up in (np.array([0.0, 1.0, 0.0]), np.array([0.0, 0.0, 1.0])):
        joints = _limbs(skeleton, places, up)
        if joints is not None:
            return _rig("shape", joints | _spine(skeleton, joints) | _neck(skeleton, joints, places @ up))
    raise RetargetError(_NO_LIMBS)


# --- from the shape ----------------------------------------------------------------------------


def _limbs(skeleton: Skeleton, places: np.ndarray, up: np.ndarray) -> dict[str, str] | None:
    """Hips, legs and arms of a body that stands along `up`, or None."""
    paths = [_path_to(skeleton, j) for j in range(skeleton.n_joints) if not skeleton.children(j)]
    heights, aside = places @ up, places - np.outer(places @ up, up)
    legs = _pair(paths, lambda a, b: -max(heights[a], heights[b]))
    if legs is None:
        return None
    hips = _fork(*legs)
    feet = {path[path.index(hips) + 1] for path in legs}
    arms = _pair([p for p in paths if not feet & set(p)], lambda a, b: float(np.linalg.norm(aside[a] - aside[b])))
    feet_way = places[[path[-1] for path in legs]].mean(axis=0) - places[hips]
    if arms is None or -feet_way @ up < 0.7 * np.linalg.norm(feet_way):
        return None  # the legs do not lead down: the body does not stand along `up`
    # From the first of the two long bones on.
    thighs, uppers = ([p[_long_bones(p, _fork(*pair), places) :] for p in pair] for pair in (legs, arms))
    left = np.cross(up, _ahead(skeleton, aside, thighs, up))
    joints = {"Hips": skeleton.names[hips]}
    leg_bones, arm_bones = ("UpLeg", "Leg", "Foot", "ToeBase"), ("Arm", "ForeArm", "Hand", "FingerBase")
    for bones, pair in ((leg_bones, thighs), (arm_bones, uppers)):
        pair.sort(key=lambda path: float(places[path[-1]] @ left), reverse=True)
        for side, path in zip(("Left", "Right"), pair, strict=True):
            joints |= {side + bone: skeleton.names[joint] for bone, joint in zip(bones, path, strict=False)}
    for side, path in zip(("Left", "Right"), uppers, strict=True):
        collar = int(skeleton.parents[path[0]])
        if collar != _fork(*arms):
            joints[side + "Shoulder"] = skeleton.names[collar]
    return joints


def _ahead(skeleton: Skeleton, aside: np.ndarray, legs: list[list[int]], up: np.ndarray) -> np.ndarray:
    """Where the toes point along the floor, [3]; where the house skeleton looks if there are none."""
    ahead = np.zeros(3)
    for path in legs:
        tip = skeleton.tips_m[path[-1]]
        ahead += aside[path[-1]] + tip - np.dot(tip, up) * up - aside[path[2]]
    if np.linalg.norm(ahead) > 0.02:
        return ahead
    return np.array([0.0, 0.0, 1.0]) if up[1] else np.array([0.0, -1.0, 0.0])


def _pair(paths: list[list[int]], merit: Callable[[int, int], float]) -> tuple[list[int], list[int]] | None:
    """The two paths with the most merit (of their last joints) that part before their last three joints."""
    best, most = None, -np.inf
    for a, b in combinations(paths, 2):
        beyond = min(len(a), len(b)) - len(_shared(a, b))
        if beyond >= 3 and merit(a[-1], b[-1]) > most:
            best, most = (a, b), merit(a[-1], b[-1])
    return best


def _long_bones(path: list[int], fork: int, places: np.ndarray) -> int:
    """Where in the path the two longest bones in a row begin: the thigh, or the upper arm."""
    lengths = np.linalg.norm(np.diff(places[path], axis=0), axis=1)
    starts = range(path.index(fork) + 1, len(path) - 2)
    shorter = {i: min(lengths[i], lengths[i + 1]) for i in starts}
    # A collar bone may be as long as a forearm: of nearly equal pairs the last one counts.
    return max(i for i in starts if shorter[i] >= 0.75 * max(shorter.values()))


def _neck(skeleton: Skeleton, joints: dict[str, str], heights: np.ndarray) -> dict[str, str]:
    """The way from where the arms part to the highest joint that belongs to neither arm."""
    arms = [_path_to(skeleton, skeleton.index(joints[side + "Arm"])) for side in ("Left", "Right")]
    chest = _fork(*arms)
    branches = {path[path.index(chest) + 1] for path in arms}
    above = [p for j in range(skeleton.n_joints) if chest in (p := _path_to(skeleton, j)) and p[-1] != chest]
    above = [path for path in above if not branches & set(path)]
    if not above:
        return {}
    way = max(above, key=lambda path: heights[path[-1]])
    neck, *rest = way[way.index(chest) + 1 :]
    if not rest:
        return {"Neck": skeleton.names[neck]}
    head = next((j for j in rest if len(skeleton.children(j)) > 1), rest[-1])
    return {"Neck": skeleton.names[neck], "Head": skeleton.names[head]}


# --- shared ------------------------------------------------------------------------------------


def _spine(skeleton: Skeleton, joints: dict[str, str]) -> dict[str, str]:
    """The joints between the hips and where the arms part: lowest, middle and highest."""
    chest = _fork(*(_path_to(skeleton, skeleton.index(joints[side + "Arm"])) for side in ("Left", "Right")))
    hips = _path_to(skeleton, skeleton.index(joints["Hips"]))
    chain = [joint for joint in _path_to(skeleton, chest) if joint not in hips]
    if not chain:
        return {}
    out = {"Spine2": chain[-1]}
    if len(chain) > 1:
        out["Spine"] = chain[0]
    if len(chain) > 2:
        out["Spine1"] = chain[len(chain) // 2]
    return {house_joint: skeleton.names[joint] for house_joint, joint in out.items()}


def _rig(how: str, joints: dict[str, str]) -> RigMap:
    return RigMap(f"guessed by {how}", f"Guessed by {how}", {joint: (name,) for joint, name in joints.items()})


def _path_to(skeleton: Skeleton, joint: int) -> list[int]:
    """The joints from the root to this one."""
    path = [joint]
    while skeleton.parents[path[-1]] >= 0:
        path.append(int(skeleton.parents[path[-1]]))
    return path[::-1]


def _shared(a: list[int], b: list[int]) -> list[tuple[int, int]]:
    return list(takewhile(lambda pair: pair[0] == pair[1], zip(a, b, strict=False)))


def _fork(a: list[int], b: list[int]) -> int:
    """The last joint that two paths share."""
    return _shared(a, b)[-1][0]
