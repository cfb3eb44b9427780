"""Objects and the connections between them: the two lists that an FBX scene is, written by one loop each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np

from engine.formats.fbx.properties import Row, properties
from engine.formats.fbx.records import Record, Value

ROOT = 0  # the scene itself, which is no object
_FIRST_ID = 1_000_001

# What stands behind an object's name.
_NAME_CLASSES = {
    "AnimationStack": "AnimStack", "AnimationLayer": "AnimLayer", "AnimationCurveNode": "AnimCurveNode",
    "AnimationCurve": "AnimCurve",
}  # fmt: skip


class Rows:
    """The objects and connections of one file. Ids are counted, so that equal scenes give equal bytes."""

    def __init__(self) -> None:
        self._objects: list[Record] = []
        self._connections: list[Record] = []

    def add(
        self, kind: str, name: str = "", subtype: str = "", *, version: int | None = None, rows: Sequence[Row] = (),
        more: Sequence[Record] = (), name_class: str = "",
    ) -> int:  # fmt: skip
        """Add an object and return its id.

        Args:
            kind: "Model", "Geometry", "AnimationCurve", ...
            name: As users see it.
            subtype: "LimbNode", "Mesh", ...
            version: Of its layout; None for kinds that have none.
            rows: Its properties.
            more: Records behind them.
            name_class: The class that stands behind the name, where it is not the kind's.
        """
        number = _FIRST_ID + len(self._objects)
        full_name = f"{name}\x00\x01{name_class or _NAME_CLASSES.get(kind, kind)}"
        head = () if version is None else (Record("Version", (version,)),)
        values: tuple[Value, ...] = (np.int64(number), full_name, subtype)
        of_properties = (properties(rows),) if rows else ()
        self._objects.append(Record(kind, values, (*head, *of_properties, *more)))
        return number

    def connect(self, child: int, parent: int, to_property: str = "") -> None:
        """Hang an object on another, or on one of its properties."""
        ends = (np.int64(child), np.int64(parent))
        self._connections.append(Record("C", ("OP", *ends, to_property) if to_property else ("OO", *ends)))

    def counts(self) -> dict[str, int]:
        """How many objects of each kind there are, in the order in which the kinds first came."""
        return dict(Counter(record.name for record in self._objects))

    def records(self) -> tuple[Record, Record]:
        """The Objects and the Connections section."""
        return Record("Objects", (), tuple(self._objects)), Record("Connections", (), tuple(self._connections))
