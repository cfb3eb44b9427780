"""What can be chosen about an FBX file."""

from __future__ import annotations

from dataclasses import dataclass

from engine.formats.options import option

SEPARATORS = {"_": "Name_Hips", ":": "Name:Hips, a namespace in Maya and MotionBuilder"}


@dataclass(frozen=True)
class FbxOptions:
    """Choices of one file. Bodies, cameras and markers are written where the scene has them."""

    has_all_takes: bool = option(
        True, "All takes", "One animation each: MotionBuilder lists them, Maya takes one", flag="--all-takes"
    )
    has_between_keys: bool = option(
        True,
        "Keys between frames",
        "Only where a joint's angles would twitch on the way, which motion blur shows",
        flag="--between-keys",
    )
    has_timecode: bool = option(
        False, "Timecode", "Hour, minute, second and frame, keyed on the top joint", flag="--timecode"
    )
    separator: str = option(
        "_", "Names of several dancers", "Each joint's name begins with the dancer's", choices=SEPARATORS
    )
