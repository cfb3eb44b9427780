"""What the rigs of film and games are like beside the house skeleton: names, joints in between, top and rest pose."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from engine.motion.house import HOUSE, JOINT
from engine.motion.rig import CORE

_NAME = re.compile(r"[A-Za-z0-9_.\-]+")
MOST_ANGLE_DEG = 80.0


@dataclass(frozen=True)
class RootNode:
    """What a rig has above its hips.

    Attributes:
        name: Its name.
        is_joint: A bone; else a null.
        moves: It goes along on the floor under the hips and turns where they are heading; else it stands at the origin.
    """

    name: str
    is_joint: bool = True
    moves: bool = False


@dataclass(frozen=True)
class TargetRig:
    """A rig that motions can be put on.

    Attributes:
        name: Short name, such as "ue5".
        title: For people.
        joints: House joint -> its name on the rig. Left out may be what has nothing below it that is kept.
        says: One line on what it is for.
        between: House joint -> names of the joints between its parent and it, from the parent on, evenly spaced.
        root: What stands above the hips; None for nothing.
        arms_down_deg: How far the arms hang from the T-pose in the rest pose; 0 is a T-pose, 40 to 60 an A-pose.
        legs_apart_deg: How far each leg is splayed in the rest pose; the soles stay on the floor.
        prefix: Before every name of a joint, such as "mixamorig:": the only place for a colon.
    """

    name: str
    title: str
    joints: Mapping[str, str]
    says: str = ""
    between: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    root: RootNode | None = None
    arms_down_deg: float = 0.0
    legs_apart_deg: float = 0.0
    prefix: str = ""

    def __post_init__(self) -> None:
        if problem := _problem(self):
            raise ValueError(problem)

    @property
    def is_t_pose(self) -> bool:
        """Whether the rest pose is the house's T-pose."""
        return self.arms_down_deg == 0.0 and self.legs_apart_deg == 0.0

    def name_of(self, joint: str) -> str:
        """What a house joint is called on the rig; KeyError where it is left out."""
        return self.prefix + self.joints[joint]

    def root_moving(self, moves: bool) -> TargetRig:
        """The rig with its root going along with the dancer, or standing at the origin; the same without a root."""
        return self if self.root is None else replace(self, root=replace(self.root, moves=moves))

    def renamed(self, name: str, title: str, names: Mapping[str, str]) -> TargetRig:
        """A rig of one's own: this one with other names.

        Args:
            name, title: Of the new rig.
            names: Present name, without prefix, of a joint or of the root -> the new one. "" leaves a joint out.

        Raises:
            ValueError: a sentence on what does not go.
        """
        known = {*self.joints.values(), *(n for row in self.between.values() for n in row)}
        known |= {self.root.name} if self.root else set()
        if strangers := [n for n in names if n not in known]:
            raise ValueError(f"{self.title} has no joint {strangers[0]!r} to rename.")
        joints = {j: names.get(n, n) for j, n in self.joints.items()}
        between = {j: tuple(new for n in row if (new := names.get(n, n))) for j, row in self.between.items()}
        kept = {j: n for j, n in joints.items() if n}
        root = self.root and replace(self.root, name=names.get(self.root.name, self.root.name))
        return replace(
            self, name=name, title=title, joints=kept, between={j: r for j, r in between.items() if j in kept and r},
            root=root if root and root.name else None,
        )  # fmt: skip

    @staticmethod
    def from_dict(entries: Mapping[str, object]) -> TargetRig:
        """A rig from a parsed TOML file; ValueError names what is wrong in it."""
        unknown = set(entries) - {"name", "title", "says", "joints", "between", "root", "rest", "prefix"}
        if unknown:
            raise ValueError(f"{sorted(unknown)[0]!r} means nothing in a rig.")
        rest, root = _table(entries, "rest"), _table(entries, "root")
        joints = {j: str(n) for j, n in _table(entries, "joints").items()}
        between = {j: _row(n) for j, n in _table(entries, "between").items()}
        if unknown := (set(rest) - {"arms_down_deg", "legs_apart_deg"}) | (set(root) - {"name", "is_joint", "moves"}):
            raise ValueError(f"{sorted(unknown)[0]!r} means nothing there.")
        name = str(entries.get("name", ""))
        return TargetRig(
            name, str(entries.get("title", name)), joints, str(entries.get("says", "")), between,
            RootNode(str(root.get("name", "")), bool(root.get("is_joint", True)), bool(root.get("moves", False)))
            if root else None,
            _angle(rest, "arms_down_deg"), _angle(rest, "legs_apart_deg"), str(entries.get("prefix", "")),
        )  # fmt: skip

    @staticmethod
    def read(path: Path) -> TargetRig:
        """The rig in a TOML file; ValueError, of which TOML's own errors are some, names what is wrong in it."""
        return TargetRig.from_dict(tomllib.loads(path.read_text(encoding="utf-8")))


# --- what may be written in a file of a rig --------------------------------------------------


def _problem(rig: TargetRig) -> str:
    """What is wrong with a rig, a sentence; empty where nothing is."""
    if not rig.name or not rig.title:
        return "A rig needs a name and a title."
    if not (0.0 <= rig.arms_down_deg <= MOST_ANGLE_DEG and 0.0 <= rig.legs_apart_deg <= 0.5 * MOST_ANGLE_DEG):
        return f"Arms hang by 0 to {MOST_ANGLE_DEG:.0f} degrees and legs are splayed by 0 to {MOST_ANGLE_DEG / 2:.0f}."
    return _wrong_joints(rig) or _wrong_names(rig)


def _wrong_joints(rig: TargetRig) -> str:
    for joint in (*rig.joints, *rig.between):
        if joint not in JOINT:
            return f"The house skeleton has no joint {joint!r}."
    if missing := [joint for joint in CORE if joint not in rig.joints]:
        return f"The rig lacks {', '.join(missing)}: without these there is no body."
    for joint in rig.joints:
        above = HOUSE.names[HOUSE.parents[JOINT[joint]]] if joint != "Hips" else joint
        if above not in rig.joints:
            return f"The rig lacks {above}, which {joint} hangs on: give it a name."
    if stray := [joint for joint in rig.between if joint not in rig.joints or joint == "Hips"]:
        return f"There can be no joints above {stray[0]}: the rig lacks it, or it is the top."
    return ""


def _wrong_names(rig: TargetRig) -> str:
    names = [*rig.joints.values(), *(n for row in rig.between.values() for n in row)]
    names += [rig.root.name] if rig.root else []
    for name in names:
        if not _NAME.fullmatch(name):
            return f"{name!r} is no name for a joint: use letters, digits, underscore, hyphen and dot."
    if twice := next((n for i, n in enumerate(names) if n in names[:i]), None):
        return f"Two joints are called {twice!r}: give one of them another name."
    if rig.prefix and not _NAME.fullmatch(rig.prefix.removesuffix(":")):
        return f"{rig.prefix!r} is no prefix: use letters, digits and underscore, with a colon at the end if you like."
    return ""


def _table(entries: Mapping[str, object], key: str) -> Mapping[str, object]:
    table = entries.get(key, {})
    if not isinstance(table, Mapping):
        raise ValueError(f"{key} must be a table.")
    return table


def _row(names: object) -> tuple[str, ...]:
    return (names,) if isinstance(names, str) else tuple(map(str, names)) if isinstance(names, list) else ()


def _angle(table: Mapping[str, object], key: str) -> float:
    angle = table.get(key, 0.0)
    if isinstance(angle, bool) or not isinstance(angle, (int, float)):
        raise ValueError(f"{key} must be a number of degrees.")
    return float(angle)
