"""How each kind of FBX property is spelt in a `P` record: name, type, label, flags, then the values.

The spellings are those in files of Maya 2022 and MotionBuilder 2023.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from engine.formats.fbx.records import Record, Value


@dataclass(frozen=True)
class PropertyKind:
    """One kind.

    Attributes:
        type_name: The first word of the type.
        label: The second.
        flags: "A" may be animated, "U" was made by a user, "+" has a curve.
        codes: One code for each value: I int32, L int64, D float64, S text.
    """

    type_name: str
    label: str
    flags: str
    codes: str


#                           type                      label      flags   values
BOOL = PropertyKind("bool", "", "", "I")  # FBX has a bool type, and does not use it here
INT = PropertyKind("int", "Integer", "", "I")
ENUM = PropertyKind("enum", "", "", "I")
LONG = PropertyKind("ULongLong", "", "", "L")
DOUBLE = PropertyKind("double", "Number", "", "D")
NUMBER = PropertyKind("Number", "", "A", "D")
TEXT = PropertyKind("KString", "", "", "S")
URL = PropertyKind("KString", "Url", "", "S")
MOMENT = PropertyKind("DateTime", "", "", "S")
TIME = PropertyKind("KTime", "Time", "", "L")  # 46 186 158 000 units a second
VECTOR = PropertyKind("Vector3D", "Vector", "", "DDD")
MOVING_VECTOR = PropertyKind("Vector", "", "A", "DDD")
COLOUR = PropertyKind("ColorRGB", "Color", "", "DDD")
MOVING_COLOUR = PropertyKind("Color", "", "A", "DDD")
OBJECT = PropertyKind("object", "", "", "")
COMPOUND = PropertyKind("Compound", "", "", "")
TRANSLATION = PropertyKind("Lcl Translation", "", "A", "DDD")
ROTATION = PropertyKind("Lcl Rotation", "", "A", "DDD")
SCALING = PropertyKind("Lcl Scaling", "", "A", "DDD")
VISIBILITY = PropertyKind("Visibility", "", "A", "D")
INHERITED_VISIBILITY = PropertyKind("Visibility Inheritance", "", "", "I")
# Those that a user adds: Maya shows them in the channel box, MotionBuilder among the custom properties.
USER_NUMBER = PropertyKind("Number", "", "A+U", "D")
USER_TEXT = PropertyKind("KString", "", "U", "S")
USER_INT = PropertyKind("Integer", "", "A+U", "I")
USER_ENUM = PropertyKind("Enum", "", "A+U", "IS")  # the second value lists the names, with ~ between them
# One channel of theirs.
INT_CHANNEL = PropertyKind("Integer", "", "A", "I")
ENUM_CHANNEL = PropertyKind("Enum", "", "A", "I")

Row = tuple[PropertyKind, str, *tuple[float | str, ...]]

_TYPES = {"I": int, "L": np.int64, "D": float, "S": str}


def property_record(kind: PropertyKind, name: str, *values: float | str) -> Record:
    """The `P` record of one property.

    Raises:
        ValueError: if the kind takes another number of values.
    """
    if len(values) != len(kind.codes):
        raise ValueError(f"{name!r} takes {len(kind.codes)} values, got {len(values)}")
    typed: list[Value] = [_TYPES[code](value) for code, value in zip(kind.codes, values, strict=True)]
    return Record("P", (name, kind.type_name, kind.label, kind.flags, *typed))


def properties(rows: Sequence[Row]) -> Record:
    """The `Properties70` record of some rows: kind, name, values."""
    return Record("Properties70", (), tuple(property_record(*row) for row in rows))


def animated(kind: PropertyKind) -> PropertyKind:
    """The same kind with a curve on it."""
    return kind if "+" in kind.flags else replace(kind, flags=kind.flags.replace("A", "A+"))
