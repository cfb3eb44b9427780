"""Maps of joints as files: those that a user made for the skeletons that come to her again and again."""

from __future__ import annotations

import json
import tomllib
from dataclasses import replace
from pathlib import Path

from engine.errors import RigError
from engine.formats.whole_file import replacing
from engine.motion.rig import RigMap

MOST_BYTES = 1 << 16


def read_rig_map(path: Path) -> RigMap:
    """The map in a TOML file, as one of the user's own.

    Raises:
        RigError: it cannot be read, or says what cannot be.
    """
    try:
        if path.stat().st_size > MOST_BYTES:
            raise RigError(f"{path.name}: this is no map of joints, it is too large; choose another file.")
        found = RigMap.from_dict(tomllib.loads(path.read_text("utf-8")))
    except OSError as error:
        raise RigError(f"{path.name}: cannot be read ({error.strerror or error}).") from error
    except ValueError as error:  # TOML's and Unicode's errors are such
        raise RigError(f"{path.name}: {error}; mend the map, or delete it.") from error
    name = found.name or path.stem
    return replace(found, name=name, title=found.title or name, is_own=True)


def read_rig_maps(folder: Path) -> tuple[tuple[RigMap, ...], tuple[RigError, ...]]:
    """The maps (*.toml) of a folder by file name, each name once, and what was wrong with the others."""
    maps: dict[str, RigMap] = {}
    troubles = []
    for path in sorted(folder.glob("*.toml")):
        try:
            found = read_rig_map(path)
            if found.name in maps:
                raise RigError(f"{path.name}: there is a map {found.name!r} already; give this one another name.")
            maps[found.name] = found
        except RigError as error:
            troubles.append(error)
    return tuple(maps.values()), tuple(troubles)


def save_rig_map(path: Path, rig: RigMap) -> None:
    """Write a map as TOML, the same bytes for the same map; what was there before is replaced as a whole.

    Raises:
        RigError: it cannot be written there.
    """
    lines = [f"name = {json.dumps(rig.name)}", f"title = {json.dumps(rig.title, ensure_ascii=False)}"]
    lines += [f"feet = {json.dumps(rig.feet)}"] if rig.feet != "floor" else []
    for table, entries in (("joints", rig.joints), ("places", rig.places)):
        if entries:
            lines += ["", f"[{table}]"]
            # JSON and TOML spell strings and lists of them alike.
            lines += [f"{joint} = {json.dumps(list(names), ensure_ascii=False)}" for joint, names in entries.items()]
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with replacing(path) as file:
            file.write(("\n".join(lines) + "\n").encode("utf-8"))
    except OSError as error:
        raise RigError(f"{path.name}: cannot be written ({error.strerror or error}).") from error
