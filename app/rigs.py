"""The rigs that the program knows, and those that the user made: skeletons to write, and maps of joints to read."""

from __future__ import annotations

import re
import sys
import unicodedata
from collections.abc import Iterable
from pathlib import Path

from app.resources import resource_path
from app.settings import config_folder
from engine.errors import RigError
from engine.formats.exporters import RIGS
from engine.formats.rig_maps import read_rig_maps
from engine.formats.target_rigs import read_target_rigs
from engine.motion.rig import RigMap, read_rigs
from engine.motion.target_rig import TargetRig

_OWN_TARGETS, _OWN_MAPS = "rigs", "joint-maps"  # folders beside the preferences
_BUILT_IN = frozenset(RIGS)


def own_targets_folder() -> Path:
    """Where the skeletons lie that the user made."""
    return config_folder() / _OWN_TARGETS


def own_maps_folder() -> Path:
    """Where the maps of joints lie that the user made."""
    return config_folder() / _OWN_MAPS


def target_rigs() -> dict[str, TargetRig]:
    """The rigs that come with the program and the user's own, which RIGS then offers too."""
    rigs, _ = _targets()
    for name in set(RIGS) - set(rigs):
        del RIGS[name]
    RIGS.update({name: rig.title for name, rig in rigs.items()})
    return rigs


def target_rig_troubles() -> tuple[RigError, ...]:
    """What is wrong with files of the user's own skeletons, a sentence each."""
    return _targets()[1]


def is_built_in(name: str) -> bool:
    """Whether a target rig came with the program."""
    return name in _BUILT_IN


def joint_maps() -> tuple[RigMap, ...]:
    """The maps of joints that the user made, then those that come with the program."""
    own, _ = read_rig_maps(own_maps_folder())
    return (*own, *read_rigs(resource_path("rigs")))


def joint_map_troubles() -> tuple[RigError, ...]:
    """What is wrong with files of the user's own maps, a sentence each."""
    return read_rig_maps(own_maps_folder())[1]


def tell(troubles: Iterable[RigError]) -> None:
    """Say on a command line which of the user's files are left out, and why."""
    for trouble in troubles:
        print(f"kinetograph: {trouble}", file=sys.stderr)  # noqa: T201, this is said beside what the command prints


def file_word(title: str, taken: Iterable[str] = ()) -> str:
    """A short name made of a title, for a file and for the command line; none of those that are taken."""
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    word = re.sub(r"[^a-z0-9]+", "_", plain).strip("_")[:40] or "own"
    known, number, made = set(taken), 2, word
    while made in known:
        made, number = f"{word}_{number}", number + 1
    return made


def _targets() -> tuple[dict[str, TargetRig], tuple[RigError, ...]]:
    rigs, _ = read_target_rigs(resource_path("rigs/targets"))
    own, troubles = read_target_rigs(own_targets_folder())
    clashing = [
        RigError(f"{name} is the name of a skeleton that comes with the program; give yours another one in its file.")
        for name in own if name in rigs
    ]  # fmt: skip
    return rigs | {name: rig for name, rig in own.items() if name not in rigs}, (*troubles, *clashing)
