"""A performance as the scene of a film: bodies on a rig, at the shot's rate, from its first frame."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from app.resources import resource_path
from app.settings import config_folder
from engine.character.character import character
from engine.formats.exporters import RIGS
from engine.formats.film_scene import FilmDancer, film_scene
from engine.formats.scene import RATES, FilmCamera, FilmScene, SceneMarker
from engine.formats.target_rigs import read_target_rigs
from engine.motion.rotations import quaternion_from_matrix
from engine.motion.target_rig import TargetRig
from viewer3d.camera import Camera

if TYPE_CHECKING:
    from app.exports import Dancer, Performance, Progress
    from editor.document.document import ShotCamera

_FILM_HEIGHT_MM = 20.25  # 36 mm wide at 16:9
OWN_RIGS = "rigs"  # the folder, beside the preferences, of rigs that the user made


def target_rigs() -> dict[str, TargetRig]:
    """The rigs that come with the program and the user's own, which RIGS then offers too."""
    rigs, _ = read_target_rigs(resource_path("rigs/targets"))
    own, _ = read_target_rigs(config_folder() / OWN_RIGS)
    rigs |= {name: rig for name, rig in own.items() if name not in rigs}
    RIGS.update({name: rig.title for name, rig in rigs.items()})
    return rigs


def scene_of(performance: Performance, options: Any, span_s: tuple[float, float], progress: Progress) -> FilmScene:
    """The scene that an export writes.

    Args:
        performance: What is handed on.
        options: An engine.formats.exporters.MotionOptions.
        span_s: What part of the piece, without handles.
        progress: Called with the fraction done; may raise Cancelled.
    """
    dancers = []
    for i, dancer in enumerate(performance.dancers):
        progress(0.5 * i / len(performance.dancers))
        dancers.append(_film_dancer(dancer, getattr(options, "has_mesh", False)))
    progress(0.5)
    scene = film_scene(
        dancers, rig=target_rigs()[options.rig], rate=RATES[options.rate], span_s=span_s,
        start_frame=getattr(options, "start_frame", 0), handles_frames=options.handles,
        t_pose_first=options.has_t_pose, take_names=(performance.take or performance.title,),
        cameras=cameras_of(performance) if getattr(options, "has_cameras", False) else (),
        markers=markers_of(performance), title=performance.title,
    )  # fmt: skip
    progress(1.0)
    return scene


def markers_of(performance: Performance) -> tuple[SceneMarker, ...]:
    """Markers, sections, bars and beats in the order of time, `time_s` in the piece."""
    out = list(performance.markers)
    music = performance.music
    if music is not None:
        for part in music.sections:
            out.append(SceneMarker(f"{part.label} {part.role}", part.start_s, "section", "", part.end_s - part.start_s))
        for i, time_s in enumerate(music.beat_times_s):
            is_bar = music.beat_in_bar[i] == 0
            bar = music.bar_of_beat(i) + 1
            name = f"bar {bar}" if is_bar else f"{bar}.{int(music.beat_in_bar[i]) + 1}"
            out.append(
                SceneMarker(name, float(time_s), "bar" if is_bar else "beat", f"count {music.count_of_eight(i)}")
            )
    return tuple(sorted(out, key=lambda marker: marker.time_s))


def cameras_of(performance: Performance) -> tuple[FilmCamera, ...]:
    """The piece's cameras, each standing where it stands; the window's where the piece has none."""
    if performance.cameras:
        return tuple(_film_camera(name, camera) for name, camera in performance.cameras)
    return (_film_camera("camera", performance.camera),) if performance.camera is not None else ()


def camera_of(shot: ShotCamera) -> Camera:
    """A camera that is kept with the piece, as pictures are taken with it."""
    return Camera(np.array(shot.target_m), shot.distance_m, shot.yaw_rad, shot.pitch_rad, shot.field_of_view_rad)


def _film_dancer(dancer: Dancer, has_mesh: bool) -> FilmDancer:
    mesh = character(dancer.body, dancer.height_m).mesh if has_mesh else None
    return FilmDancer(dancer.name, (dancer.motion,), mesh)


def _film_camera(name: str, camera: Camera) -> FilmCamera:
    focal_mm = 0.5 * _FILM_HEIGHT_MM / math.tan(0.5 * camera.field_of_view_rad)
    turned = quaternion_from_matrix(camera.axes().T)
    return FilmCamera(
        name, np.asarray(camera.eye_m(), dtype=float)[np.newaxis], turned[np.newaxis], np.array([focal_mm]),
        (36.0, _FILM_HEIGHT_MM),
    )  # fmt: skip
