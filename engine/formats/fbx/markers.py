"""Markers and timecode, as properties that Maya shows in the channel box and MotionBuilder among an object's own.

FBX has no markers that both read. A null called Markers has one list of names for each kind of marker, keyed
in steps, so that each program shows what the moment is, and every marker but the beats again as a line of text.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from engine.formats.fbx import clock
from engine.formats.fbx.curves import STEPPED, TakeCurves
from engine.formats.fbx.models import add_attribute, add_model
from engine.formats.fbx.properties import (
    ENUM_CHANNEL,
    INT_CHANNEL,
    USER_ENUM,
    USER_INT,
    USER_NUMBER,
    USER_TEXT,
    Row,
)
from engine.formats.fbx.rows import ROOT, Rows
from engine.formats.scene import FilmScene, SceneMarker, SceneTake

_NOTHING = "-"
_SIZE_CM = 20.0
_NOT_LISTED = ("beat", "bar")  # hundreds of them
_TEXT_WIDTH = 200

# The names of Unreal's import settings; others show them under the same.
_TIMECODE = ("TCHour", "TCMinute", "TCSecond", "TCFrame")


def add_markers(rows: Rows, scene: FilmScene, name: str) -> int:
    """Add the null that shows the markers; its id."""
    more: list[Row] = [(USER_ENUM, kind, 0, "~".join([_NOTHING, *names])) for kind, names in _kinds(scene).items()]
    listed = [marker for marker in scene.markers if marker.kind not in _NOT_LISTED]
    more += [(USER_TEXT, f"marker_{i:03d}", _line(marker, scene)) for i, marker in enumerate(listed, start=1)]
    null = add_model(rows, name, "Null", more=more)
    add_attribute(rows, null, "Null", _SIZE_CM)
    rows.connect(null, ROOT)
    return null


def add_marker_motion(curves: TakeCurves, scene: FilmScene, take: SceneTake, null: int) -> None:
    """Key the names at their frames: a marker for as long as it lasts, at least a frame; others until the next."""
    for kind, names in _kinds(scene).items():
        keys = {0: 0}
        for marker in sorted((m for m in scene.markers if m.kind == kind), key=lambda m: m.time_s):
            first = _frame(marker.time_s, scene)
            if not 0 <= first < take.n_frames:
                continue
            keys = {frame: value for frame, value in keys.items() if frame < first}
            keys[first] = 1 + names.index(_word(marker.name))
            if kind == "marker" or marker.duration_s > 0.0:
                keys[max(_frame(marker.time_s + marker.duration_s, scene), first + 1)] = 0
        frames = [frame for frame in sorted(keys) if frame < take.n_frames]
        values = [keys[frame] for frame in frames]
        if frames[-1] < take.n_frames - 1:  # the curve is as long as the take
            frames, values = [*frames, take.n_frames - 1], [*values, values[-1]]
        at = np.array([clock.at_frame(scene.start_frame + frame, scene.rate) for frame in frames])
        curves.add(null, kind, np.array(values)[:, np.newaxis], (kind,), shape=STEPPED, at=at, kind=ENUM_CHANNEL)


def timecode_rows(scene: FilmScene) -> Sequence[Row]:
    """The properties that timecode is keyed on, as they are in the first frame."""
    first = clock.timecode(scene.start_frame, 1, scene.rate)[0]
    return [
        *((USER_INT, name, int(value)) for name, value in zip(_TIMECODE, first, strict=True)),
        (USER_NUMBER, "TCRate", scene.rate.hz),
        (USER_TEXT, "TCSlate", scene.title),
    ]


def add_timecode(curves: TakeCurves, scene: FilmScene, take: SceneTake, node: int) -> None:
    """Key hour, minute, second and frame on every frame."""
    numbers = clock.timecode(scene.start_frame, take.n_frames, scene.rate)
    for i, name in enumerate(_TIMECODE):
        curves.add(node, name, numbers[:, i : i + 1], (name,), shape=STEPPED, kind=INT_CHANNEL)


def _kinds(scene: FilmScene) -> dict[str, list[str]]:
    """The kinds of marker that there are, and the distinct names of each in their order."""
    kinds: dict[str, dict[str, None]] = {}
    for marker in sorted(scene.markers, key=lambda marker: marker.time_s):
        kinds.setdefault(marker.kind, {})[_word(marker.name)] = None
    return {kind: list(names) for kind, names in kinds.items()}


def _word(name: str) -> str:
    """A name without what parts the names of a list, in FBX or in Maya."""
    return name.translate(str.maketrans("~:=\n", "--- ")).strip() or _NOTHING


def _frame(time_s: float, scene: FilmScene) -> int:
    return round(time_s * scene.rate.hz)


def _line(marker: SceneMarker, scene: FilmScene) -> str:
    words = f"frame {scene.start_frame + _frame(marker.time_s, scene)}, {marker.time_s:.3f} s, {marker.kind}"
    lasting = f", lasts {marker.duration_s:.3f} s" if marker.duration_s > 0.0 else ""
    comment = f" ({marker.comment})" if marker.comment else ""
    return f"{words}{lasting}: {marker.name}{comment}"[:_TEXT_WIDTH]
