"""A performance as the scene of a film: bodies on a rig, at the shot's rate, from its first frame."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from app.rigs import target_rigs
from engine.character.character import character
from engine.formats.cue.sheet import Cut
from engine.formats.film_scene import FilmDancer, film_scene, film_span
from engine.formats.preflight import MOST_SLIP_M_S, standing_slip_m_s
from engine.formats.scene import RATES, FilmCamera, FilmScene, SceneMarker
from engine.motion.rotations import quaternion_from_matrix
from viewer3d.camera import Camera

if TYPE_CHECKING:
    from app.exports import Performance, Progress
    from editor.document.document import ShotCamera
    from engine.motion.motion import Motion

_FILM_HEIGHT_MM = 20.25  # 36 mm wide at 16:9
MOST_OTHER_TAKES = 15


def scene_of(performance: Performance, options: Any, span_s: tuple[float, float], progress: Progress) -> FilmScene:
    """The scene that an export writes.

    Args:
        performance: What is handed on.
        options: The exporter's; what it lacks of an engine.formats.exporters.MotionOptions is at its default.
        span_s: What part of the piece, without handles.
        progress: Called with the fraction done; may raise Cancelled.
    """
    others = other_takes(performance) if getattr(options, "has_all_takes", False) else ()
    progress(0.3)
    dancers = [
        FilmDancer(
            dancer.name, (dancer.motion, *(take[i] for take in others)),
            character(dancer.body, dancer.height_m).mesh if getattr(options, "has_mesh", False) else None,
        )
        for i, dancer in enumerate(performance.dancers)
    ]  # fmt: skip
    progress(0.5)
    name = performance.take or performance.title
    scene = film_scene(
        dancers, rig=target_rigs()[getattr(options, "rig", "plain")], rate=RATES[options.rate], span_s=span_s,
        start_frame=getattr(options, "start_frame", 0), handles_frames=options.handles,
        t_pose_first=getattr(options, "has_t_pose", False),
        take_names=(name, *(f"{name} other {i + 1}" for i in range(len(others)))),
        cameras=cameras_of(performance) if getattr(options, "has_cameras", False) else (),
        markers=markers_of(performance), title=performance.title,
    )  # fmt: skip
    progress(1.0)
    return scene


def foot_notes(
    performance: Performance, options: Any, scene: FilmScene, span_s: tuple[float, float]
) -> tuple[str, ...]:
    """A sentence for each dancer whose standing feet slide in the file and not on the stage."""
    span = film_span(scene.rate, span_s, options.handles, getattr(options, "has_t_pose", False))
    rig, notes = target_rigs()[getattr(options, "rig", "plain")], []
    for dancer, motion in zip(performance.dancers, scene.takes[0].motions, strict=True):
        start, end = (round(time_s * dancer.motion.frame_rate_hz) for time_s in span_s)
        filmed = motion.slice(span.n_lead_frames, span.n_lead_frames + span.n_dance_frames)
        slip_m_s = standing_slip_m_s(dancer.motion.slice(start, max(end, start + 1)), filmed, rig)
        if slip_m_s > MOST_SLIP_M_S:
            notes.append(
                f"Standing feet of {dancer.name} slide {100 * slip_m_s:.0f} cm a second more than on the stage; "
                "at 30 frames a second, as dances are made, they do not."
            )
    return tuple(notes)


def other_takes(performance: Performance) -> tuple[tuple[Motion, ...], ...]:
    """The dances with other takes from the shelves, a motion for each dancer each: in the first every clip dances
    the take that follows the one it dances, in the second the one after that; where there are no more, its own.
    """
    from editor.document.bodies import dressed_dance

    document = performance.document
    if document is None:
        return ()
    danced = [track for track in document.dancers if not track.is_muted and track.clips]
    n_others = max((len(clip.takes) for track in danced for clip in track.clips), default=1) - 1
    out = []
    for step in range(1, min(n_others, MOST_OTHER_TAKES) + 1):
        changed = document
        for track in danced:
            clips = tuple(
                replace(clip, active=(clip.active + step) % len(clip.takes)) if step < len(clip.takes) else clip
                for clip in track.clips
            )
            changed = changed.with_track(replace(track, clips=clips))
        out.append(tuple(dressed_dance(changed, track.id) for track in danced))
    return tuple(out)


def cut_of(performance: Performance, scene: FilmScene, handles: int, media: str = "", sound: str = "") -> Cut:
    """How a shot lies in the film.

    Args:
        performance: Its song and its name.
        scene: The shot with its handles, without a T-pose.
        handles: Frames at each end.
        media, sound: Names of the files that show it and sound under it; the sound begins with the shot's first frame.
    """
    song = performance.song
    return Cut(
        performance.take or performance.title, media, song.name if song else "", sound, 0.0, handles,
    )  # fmt: skip


def markers_of(performance: Performance) -> tuple[SceneMarker, ...]:
    """Markers, sections, bars and beats in the order of time, `time_s` in the piece."""
    out = list(performance.markers)
    music = performance.music
    if music is not None:
        for part in music.sections:
            out.append(SceneMarker(f"{part.label} {part.role}", part.start_s, "section", "", part.end_s - part.start_s))
        counts, bars = music.counts_of_eight(), music.bars_of_beats() + 1
        for i, time_s in enumerate(music.beat_times_s):
            is_bar, bar = music.beat_in_bar[i] == 0, int(bars[i])
            name = f"bar {bar}" if is_bar else f"{bar}.{int(music.beat_in_bar[i]) + 1}"
            kind, count = "bar" if is_bar else "beat", int(counts[i])
            out.append(SceneMarker(name, float(time_s), kind, f"count {count}", count=count))
    return tuple(sorted(out, key=lambda marker: marker.time_s))


def cameras_of(performance: Performance) -> tuple[FilmCamera, ...]:
    """The piece's cameras, each standing where it stands; the window's where the piece has none."""
    if performance.cameras:
        return tuple(_film_camera(name, camera) for name, camera in performance.cameras)
    return (_film_camera("camera", performance.camera),) if performance.camera is not None else ()


def camera_of(shot: ShotCamera) -> Camera:
    """A camera that is kept with the piece, as pictures are taken with it."""
    return Camera(np.array(shot.target_m), shot.distance_m, shot.yaw_rad, shot.pitch_rad, shot.field_of_view_rad)


def _film_camera(name: str, camera: Camera) -> FilmCamera:
    focal_mm = 0.5 * _FILM_HEIGHT_MM / math.tan(0.5 * camera.field_of_view_rad)
    turned = quaternion_from_matrix(camera.axes().T)
    return FilmCamera(
        name, np.asarray(camera.eye_m(), dtype=float)[np.newaxis], turned[np.newaxis], np.array([focal_mm]),
        (36.0, _FILM_HEIGHT_MM),
    )  # fmt: skip
