"""Target rigs as files: those that come with the program, and those that a user has made by renaming."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from engine.errors import RigError
from engine.formats.whole_file import replacing
from engine.motion.target_rig import TargetRig

MOST_BYTES = 1 << 16


def read_target_rig(path: Path) -> TargetRig:
    """The rig in a TOML file.

    Raises:
        RigError: it cannot be read, or says what cannot be.
    """
    try:
        if path.stat().st_size > MOST_BYTES:
            raise RigError(f"{path.name}: this is no rig, it is too large; choose another file.")
        return TargetRig.read(path)
    except OSError as error:
        raise RigError(f"{path.name}: cannot be read ({error.strerror or error}).") from error
    except ValueError as error:  # TOML's and Unicode's errors are such
        raise RigError(f"{path.name}: {error}") from error


def read_target_rigs(folder: Path) -> tuple[dict[str, TargetRig], tuple[RigError, ...]]:
    """The rigs (*.toml) of a folder under their names, by file name, and what was wrong with the others."""
    rigs: dict[str, TargetRig] = {}
    troubles = []
    for path in sorted(folder.glob("*.toml")):
        try:
            rig = read_target_rig(path)
            if rig.name in rigs:
                raise RigError(f"{path.name}: there is a rig called {rig.name!r} already; give this one another name.")
            rigs[rig.name] = rig
        except RigError as error:
            troubles.append(error)
    return rigs, tuple(troubles)


def save_target_rig(path: Path, rig: TargetRig) -> None:
    """Write a rig as TOML, the same bytes for the same rig; what was there before is replaced as a whole.

    Raises:
        RigError: it cannot be written there.
    """
    try:
        with replacing(path) as file:
            file.write("\n".join(_lines(rig)).encode("utf-8") + b"\n")
    except OSError as error:
        raise RigError(f"{path.name}: cannot be written ({error.strerror or error}).") from error


def _lines(rig: TargetRig) -> Iterator[str]:
    yield from _entries({"name": rig.name, "title": rig.title, "says": rig.says, "prefix": rig.prefix})
    if rig.root:
        yield from ("", "[root]")
        yield from _entries({"name": rig.root.name, "is_joint": rig.root.is_joint, "moves": rig.root.moves})
    if not rig.is_t_pose:
        yield from ("", "[rest]")
        yield from _entries({"arms_down_deg": rig.arms_down_deg, "legs_apart_deg": rig.legs_apart_deg})
    yield from ("", "[joints]")
    yield from _entries(dict(rig.joints))
    if rig.between:
        yield from ("", "[between]")
        yield from _entries({joint: list(names) for joint, names in rig.between.items()})


def _entries(table: dict[str, object]) -> Iterator[str]:
    # JSON and TOML spell strings, numbers, lists of strings, true and false alike.
    yield from (f"{key} = {json.dumps(value)}" for key, value in table.items() if value != "")
