"""Names of nodes as every program takes them: ASCII letters, digits and underscores, each once in the file."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from engine.formats.names import distinct_names
from engine.formats.scene import FilmScene


@dataclass(frozen=True)
class PerformerNames:
    """What a performer's nodes are called.

    Attributes:
        joints: In the order of the skeleton.
        above: Of what stands above the top joint; empty where nothing does.
        body: Of the mesh.
        group: Of the null that holds all of the performer; empty for one who is alone.
    """

    joints: tuple[str, ...]
    above: str
    body: str
    group: str


@dataclass(frozen=True)
class NodeNames:
    """What all nodes of a file are called."""

    performers: tuple[PerformerNames, ...]
    cameras: tuple[str, ...]
    markers: str


def node_names(scene: FilmScene, separator: str = "_") -> NodeNames:
    """The names that a scene's nodes are written with.

    Of several performers each name begins with the performer's, so that no two joints share one; a single
    performer's joints keep the names that her rig has. Colons stay in them, where Mixamo has its prefix.
    """
    wanted: list[str] = []
    many = len(scene.performers) > 1
    people = distinct_names([_plain(p.name).replace(":", "_") for p in scene.performers], [""] * len(scene.performers))
    for person, performer in zip(people, scene.performers, strict=True):
        own = [*performer.skeleton.names, performer.above.name if performer.above else "above"]
        body = "body" if many else f"{person}_body"
        wanted += [(person + separator if many else "") + name for name in (*map(_plain, own), body)] + [person]
    wanted += [_plain(camera.name).replace(":", "_") for camera in scene.cameras] + ["Markers"]
    names = iter(distinct_names(wanted, wanted))
    performers = []
    for performer in scene.performers:
        joints = tuple(next(names) for _ in performer.skeleton.names)
        above, body, group = (next(names) for _ in range(3))
        performers.append(PerformerNames(joints, above if performer.above else "", body, group if many else ""))
    return NodeNames(tuple(performers), tuple(next(names) for _ in scene.cameras), next(names))


def _plain(name: str) -> str:
    ascii_name = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().strip()
    plain = re.sub(r"[^A-Za-z0-9_:]+", "_", ascii_name) or "node"
    return f"_{plain}" if plain[0].isdigit() else plain
