"""Animation: a stack for each take, a layer in it, and dense curves with a key on every frame.

Dense linear keys leave no program anything to interpret: what was seen is what is there.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from engine.formats.fbx import clock
from engine.formats.fbx.properties import NUMBER, TIME, PropertyKind, Row
from engine.formats.fbx.records import Record
from engine.formats.fbx.rows import Rows
from engine.formats.scene import FilmScene, SceneTake
from engine.motion import quaternion, rotations

LINEAR, STEPPED = 4, 2
XYZ = ("X", "Y", "Z")

_KEY_VERSION = 4009
# Of one key: the slopes on both sides, the weights of the tangents (both 1/3, as 16 bit numbers, in one), and speeds.
_KEY_DATA = np.array([0, 0, 218434821, 0], dtype=np.int32).view(np.float32)

# What is animated by three curves: the short name that every program looks for.
_SHORT_NAMES = {"Lcl Translation": "T", "Lcl Rotation": "R", "Lcl Scaling": "S"}


class TakeCurves:
    """The stack and the layer of one take, to which curves are added."""

    def __init__(self, rows: Rows, scene: FilmScene, take: SceneTake, name: str) -> None:
        self._rows, self._scene = rows, scene
        self.times = clock.at_frames(scene.start_frame, take.n_frames, scene.rate)
        self.span = int(self.times[0]), int(self.times[-1])
        begin, end = self.span
        self._layer = rows.add("AnimationLayer", "BaseLayer")
        moments = (("LocalStart", begin), ("LocalStop", end), ("ReferenceStart", begin), ("ReferenceStop", end))
        stack = rows.add("AnimationStack", name, rows=[(TIME, key, time) for key, time in moments])
        rows.connect(self._layer, stack)

    def moments(self, parts: np.ndarray, n_parts: int) -> np.ndarray:
        """The moments of so many parts of a frame, of which it has `n_parts`, from the first on, int64 [K]."""
        first = self._scene.start_frame * n_parts
        return np.array([clock.at_frame(first + int(part), self._scene.rate, n_parts) for part in parts])

    def each_frame(self, values: np.ndarray) -> np.ndarray:
        """Values [N, channels] for every frame, [T, channels]: cut, or its last one held."""
        return values[np.minimum(np.arange(len(self.times)), len(values) - 1)]

    def add(
        self, target: int, to_property: str, values: np.ndarray, channels: Sequence[str] = XYZ, *, shape: int = LINEAR,
        at: np.ndarray | None = None, kind: PropertyKind = NUMBER,
    ) -> None:  # fmt: skip
        """Animate a property of an object.

        Args:
            target: The object.
            to_property: "Lcl Rotation", "FocalLength", ...
            values: At each key, in the property's unit, [K, channels].
            channels: "X", "Y" and "Z", or the property's own name where it is one number.
            shape: LINEAR or STEPPED.
            at: Moments of the keys, int64 [K]; of every frame where none are given.
            kind: Of one channel.
        """
        rows, times = self._rows, self.times if at is None else at
        starts: list[Row] = [(kind, f"d|{name}", value) for name, value in zip(channels, values[0], strict=True)]
        node = rows.add("AnimationCurveNode", _SHORT_NAMES.get(to_property, to_property), rows=starts)
        rows.connect(node, self._layer)
        rows.connect(node, target, to_property)
        for channel, column in zip(channels, np.asarray(values, dtype=np.float32).T, strict=True):
            curve = rows.add("AnimationCurve", more=_keys(times, np.ascontiguousarray(column), shape))
            rows.connect(curve, node, f"d|{channel}")


def _keys(times: np.ndarray, values: np.ndarray, shape: int) -> tuple[Record, ...]:
    return (
        Record("Default", (float(values[0]),)),
        Record("KeyVer", (_KEY_VERSION,)),
        Record("KeyTime", (times,)),
        Record("KeyValueFloat", (values,)),
        # One attribute, which all keys share.
        Record("KeyAttrFlags", (np.array([shape], dtype=np.int32),)),
        Record("KeyAttrDataFloat", (_KEY_DATA,)),
        Record("KeyAttrRefCount", (np.array([len(values)], dtype=np.int32),)),
    )


def euler_deg(q: np.ndarray, order: str = "ZYX") -> np.ndarray:
    """Angles about x, y and z in degrees, [T, ..., 3], of rotations [T, ..., 4], as `Lcl Rotation` has them.

    They turn continuously, and the first frame has of its two spellings the one nearer to none: what faces
    backwards is turned about y alone.

    Args:
        q: Over time.
        order: "ZYX" is R = Rz Ry Rx, FBX's own order, which turns about x first.
    """
    angles = rotations.unrolled_euler(quaternion.unroll(q), order)
    other = angles * [1.0, -1.0, 1.0] + np.pi  # changing the spelling of a whole series keeps it continuous
    other -= 2.0 * np.pi * np.round(other[:1] / (2.0 * np.pi))
    is_nearer = np.abs(other[:1]).sum(-1) + 1e-9 < np.abs(angles[:1]).sum(-1)
    nearer = np.where(is_nearer[..., np.newaxis], other, angles)
    return np.degrees(nearer[..., [order.index(axis) for axis in XYZ]])
