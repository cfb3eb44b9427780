"""A scene of film as binary FBX 7.4, which Blender, Maya, MotionBuilder, 3ds Max, Unreal and Unity read.

Centimetres with factor 1, y up, facing +z; a joint for every joint, its rest rotation in PreRotation; Euler
angles XYZ that turn continuously, a key on every frame; a stack for each take. The same scene gives the same bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from engine.errors import MotionFileError
from engine.formats.fbx import header
from engine.formats.fbx.body import add_body
from engine.formats.fbx.cameras import add_camera, add_camera_motion
from engine.formats.fbx.curves import TakeCurves
from engine.formats.fbx.markers import add_marker_motion, add_markers, add_timecode, timecode_rows
from engine.formats.fbx.models import PerformerNodes, add_bind_pose, add_motion, add_performer, kept_apart
from engine.formats.fbx.names import PerformerNames, node_names
from engine.formats.fbx.options import FbxOptions
from engine.formats.fbx.properties import Row
from engine.formats.fbx.records import Record, document
from engine.formats.fbx.rows import Rows
from engine.formats.names import distinct_names
from engine.formats.scene import FilmScene, Performer
from engine.formats.whole_file import replacing


def write(
    path: Path,
    scene: FilmScene,
    options: FbxOptions = FbxOptions(),  # noqa: B008  frozen, so shared safely
    progress: Callable[[float], None] | None = None,
) -> None:
    """Write a scene; a file that is already there is replaced only by a whole new one.

    Args:
        path: Where to, *.fbx.
        scene: What.
        options: How.
        progress: Told how much is done, 0 to 1; it may raise to cancel.

    Raises:
        MotionFileError: if it cannot be written, is larger than 4 GiB, or a motion holds what is not a number.
    """
    _check_finite(path, scene)
    try:
        content = document(scene_records(scene, options), progress)
    except OverflowError as error:
        raise MotionFileError(path, "would be larger than 4 GiB: write fewer takes.") from error
    try:
        with replacing(path) as file:
            file.write(content)
    except OSError as error:
        raise MotionFileError(path, f"cannot be written ({error.strerror or error}).") from error


def scene_records(scene: FilmScene, options: FbxOptions) -> list[Record]:
    """All records of a file."""
    rows, names = Rows(), node_names(scene, options.separator)
    performers = [
        _add_performer(rows, performer, called, timecode_rows(scene) if options.has_timecode and i == 0 else ())
        for i, (performer, called) in enumerate(zip(scene.performers, names.performers, strict=True))
    ]
    cameras = [add_camera(rows, *named) for named in zip(scene.cameras, names.cameras, strict=True)]
    markers = add_markers(rows, scene, names.markers) if scene.markers else None
    takes = scene.takes if options.has_all_takes else scene.takes[:1]
    spans = []
    for take, name in zip(takes, distinct_names(*[[take.name or "Take" for take in takes]] * 2), strict=True):
        curves = TakeCurves(rows, scene, take, name)
        spans.append((name, *curves.span))
        for i, (performer, nodes) in enumerate(zip(scene.performers, performers, strict=True)):
            add_motion(curves, performer, nodes, take, i, options.has_between_keys)
        for camera, (model, lens) in zip(scene.cameras, cameras, strict=True):
            add_camera_motion(curves, camera, model, lens)
        if markers is not None:
            add_marker_motion(curves, scene, take, markers)
        if options.has_timecode:
            add_timecode(curves, scene, take, performers[0].top)
    return [*header.before_objects(scene, rows, spans), *rows.records(), header.takes(spans)]


def _add_performer(rows: Rows, performer: Performer, names: PerformerNames, of_top: Sequence[Row]) -> PerformerNodes:
    """Add a performer's joints, body and bind pose."""
    performer = kept_apart(performer)
    nodes = add_performer(rows, performer, names, of_top)
    body = add_body(rows, performer, performer.mesh, nodes, names.body) if performer.mesh else None
    add_bind_pose(rows, performer, nodes, f"{names.body}_bind_pose", body)
    return nodes


def _check_finite(path: Path, scene: FilmScene) -> None:
    for take in scene.takes:
        for performer, motion in zip(scene.performers, take.motions, strict=True):
            for array in (motion.root_positions_m, motion.local_rotations):
                is_finite = np.isfinite(array).all(axis=tuple(range(1, array.ndim)))
                if not is_finite.all():
                    where = f"frame {int(np.argmin(is_finite))} of {performer.name} in the take {take.name}"
                    raise MotionFileError(path, f"{where} holds a value that is not a number.")
