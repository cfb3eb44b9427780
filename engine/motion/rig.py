"""Which joint of a foreign skeleton plays which joint of the house skeleton."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from engine.errors import RetargetError
from engine.motion.house import HOUSE
from engine.motion.skeleton import Skeleton

SPINE = ("Hips", "Spine", "Spine1", "Spine2")
# Without these there is no telling where the limbs are.
CORE = (
    "Hips",
    *(side + bone for side in ("Left", "Right") for bone in ("UpLeg", "Leg", "Foot", "Arm", "ForeArm", "Hand")),
)


@dataclass(frozen=True)
class RigMap:
    """Names of a family of skeletons.

    Attributes:
        name: Short name, such as "cmu_asf".
        title: For people, such as "CMU motion capture (ASF/AMC)".
        joints: House joint -> the names its joint may have in the file, likeliest first. The first found counts.
            Joints that are left out do not exist in this family.
        places: House joint -> the joint that stands where this one should, if that is another one.
        feet: What the sole is at right angles to in the rest pose: "floor", or "leg" where splayed legs
            take the feet with them.
        is_own: Made by the user for one skeleton: where that has all joints of the map, it goes before all others.
    """

    name: str
    title: str
    joints: Mapping[str, tuple[str, ...]]
    places: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    feet: str = "floor"
    is_own: bool = False

    @staticmethod
    def from_dict(entries: Mapping[str, object]) -> RigMap:
        """A map from a parsed TOML file; ValueError names what is wrong in it."""
        joints, places = (_names(entries.get(key, {})) for key in ("joints", "places"))
        feet = str(entries.get("feet", "floor"))
        for joint in (*joints, *places):
            if joint not in HOUSE.names:
                raise ValueError(f"the house skeleton has no joint {joint!r}")
        if missing := [joint for joint in CORE if joint not in joints]:
            raise ValueError(f"the map lacks {', '.join(missing)}")
        if feet not in ("floor", "leg"):
            raise ValueError(f'feet must be "floor" or "leg", not {feet!r}')
        name = str(entries.get("name", ""))
        return RigMap(name, str(entries.get("title", name)), joints, places, feet)

    @staticmethod
    def read(path: Path) -> RigMap:
        """The map in a TOML file."""
        return RigMap.from_dict(tomllib.loads(path.read_text(encoding="utf-8")))

    def bind(self, skeleton: Skeleton) -> Binding:
        """The skeleton's joints by number; RetargetError where a limb is missing."""
        exact = {name: i for i, name in enumerate(skeleton.names)}
        plain: dict[str, int] = {}
        for i, name in enumerate(skeleton.names):
            plain.setdefault(plain_name(name), i)
        turned = _found(self.joints, exact, plain)
        if missing := [joint for joint in CORE if joint not in turned]:
            raise RetargetError(f"The rig map {self.name!r} finds no {', '.join(missing)} in this skeleton.")
        return Binding(turned, {**turned, **_found(self.places, exact, plain)})


@dataclass(frozen=True)
class Binding:
    """Joint numbers of one skeleton: whose rotation, and whose place, each house joint takes."""

    turned: Mapping[str, int]
    placed: Mapping[str, int]

    def observed(self) -> np.ndarray:
        """True for the house joints that the skeleton has, bool [24]."""
        return np.array([name in self.turned for name in HOUSE.names])


def read_rigs(folder: Path) -> tuple[RigMap, ...]:
    """All rig maps (*.toml) of a folder, by file name."""
    return tuple(RigMap.read(path) for path in sorted(folder.glob("*.toml")))


def plain_name(name: str) -> str:
    """A joint name without namespace, case and punctuation: "mixamorig:Left_Arm " and "LeftArm" are one."""
    return re.sub(r"[^a-z0-9]", "", name.rsplit(":", 1)[-1].rsplit("|", 1)[-1].lower())


def best_known(skeleton: Skeleton, rigs: Sequence[RigMap]) -> RigMap | None:
    """The map that knows most of its joints in this skeleton, if one knows the limbs.

    One of the user's own goes first where the skeleton has all its joints by their very names. Of others that know
    equally large shares, the one that names more joints exactly, then more joints.
    """
    best, best_score = None, (False, 0.0, 0, 0)
    exact, plain = set(skeleton.names), {plain_name(name) for name in skeleton.names}
    for rig in rigs:
        found = [j for j, names in rig.joints.items() if any(plain_name(n) in plain for n in names)]
        if not set(CORE) <= set(found):
            continue
        n_exact = sum(any(n in exact for n in rig.joints[j]) for j in found)
        is_made_for_it = rig.is_own and n_exact == len(rig.joints)
        score = (is_made_for_it, round(len(found) / len(rig.joints), 2), n_exact, len(found))
        if score > best_score:
            best, best_score = rig, score
    return best


def _names(entries: object) -> dict[str, tuple[str, ...]]:
    if not isinstance(entries, Mapping):
        raise ValueError("joints and places must be tables")
    return {str(j): (n,) if isinstance(n, str) else tuple(map(str, n)) for j, n in entries.items()}


def _found(
    joints: Mapping[str, tuple[str, ...]], exact: Mapping[str, int], plain: Mapping[str, int]
) -> dict[str, int]:
    found = {}
    for joint, names in joints.items():
        hits = [exact[n] for n in names if n in exact] or [plain[p] for n in names if (p := plain_name(n)) in plain]
        if hits:
            found[joint] = hits[0]
    return found
