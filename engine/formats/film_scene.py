"""Dances as a film wants them: on its rig, at its rate, in whole frames from its first frame on, with handles."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from engine import timebase
from engine.formats.scene import (
    FilmCamera,
    FilmScene,
    FrameRate,
    NodeAbove,
    PathAbove,
    Performer,
    SceneMarker,
    SceneTake,
    SkinnedMesh,
)
from engine.motion import quaternion
from engine.motion.motion import Motion
from engine.motion.on_rig import on_rig, path_above, rig_skeleton, skin_on_rig
from engine.motion.planted import planted_at
from engine.motion.skeleton import Skeleton
from engine.motion.target_rig import TargetRig

_OVER_FLOOR = np.array([1.0, 0.0, 1.0])


@dataclass(frozen=True, eq=False)
class FilmDancer:
    """One dancer of the piece.

    Attributes:
        name: Shown.
        takes: Her motions in the stage's space on one skeleton with the house's names, any proportions, any rate;
            the first frame at the beginning of the piece.
        mesh: Her body on that skeleton in its T-pose; None for joints alone.
    """

    name: str
    takes: tuple[Motion, ...]
    mesh: SkinnedMesh | None = None


@dataclass(frozen=True)
class FilmSpan:
    """Which frames a file holds.

    Attributes:
        rate: Frames a second.
        start_s: The moment of the piece that the first frame of the dance, behind head handle and T-pose, shows.
        n_dance_frames: Whole frames from there to the end of what was asked for.
        n_handle_frames: More frames before and as many after.
        n_rest_frames: 1 with a T-pose before everything, else 0.
    """

    rate: FrameRate
    start_s: float
    n_dance_frames: int
    n_handle_frames: int = 0
    n_rest_frames: int = 0

    @property
    def n_frames(self) -> int:
        """All frames of the file."""
        return self.n_rest_frames + self.n_dance_frames + 2 * self.n_handle_frames

    @property
    def n_lead_frames(self) -> int:
        """Frames before the dance's first."""
        return self.n_rest_frames + self.n_handle_frames

    def times_s(self) -> np.ndarray:
        """The moments of the piece that the frames show, the rest pose left out, [N]; negative before its beginning."""
        frames = np.arange(-self.n_handle_frames, self.n_dance_frames + self.n_handle_frames)
        # Not a sum of steps: each time is rounded once.
        return self.start_s + frames * self.rate.exact_hz.denominator / self.rate.exact_hz.numerator

    def file_time_s(self, piece_time_s: float) -> float:
        """Seconds from the file's first frame at which it shows a moment of the piece."""
        return piece_time_s - self.start_s + float(self.n_lead_frames / self.rate.exact_hz)


def film_span(
    rate: FrameRate, span_s: tuple[float, float], handles_frames: int = 0, t_pose_first: bool = False
) -> FilmSpan:
    """The frames of a span of the piece, [start, end) in seconds; at least one."""
    start_s, end_s = span_s
    n_frames = max(timebase.n_frames_for(end_s - start_s, rate.hz), 1)
    return FilmSpan(rate, start_s, n_frames, handles_frames, int(t_pose_first))


def film_scene(
    dancers: Sequence[FilmDancer],
    *,
    rig: TargetRig,
    rate: FrameRate,
    span_s: tuple[float, float] | None = None,
    start_frame: int = 0,
    handles_frames: int = 0,
    t_pose_first: bool = False,
    take_names: Sequence[str] = ("Take 1",),
    cameras: Sequence[FilmCamera] = (),
    markers: Sequence[SceneMarker] = (),
    title: str = "",
    made_at: str = "",
) -> FilmScene:
    """What a file of these dances holds.

    Frame i of the dance shows the moment span_s[0] + i / rate, whatever the rate of the motions: what falls between
    their frames lies on smooth curves through them, with standing feet that stand. Where the piece has not begun or
    is over, its first or last pose is held. All takes of all dancers come out equally long.

    Args:
        dancers: At least one, each with as many takes as there are names.
        rig: The skeleton that they get.
        rate: Of the film.
        span_s: Part of the piece, [start, end); the whole of the longest motion where None.
        start_frame: Number of the file's first frame, handle and T-pose included.
        handles_frames: Frames before and after the span.
        t_pose_first: One frame of the rig's rest pose before all others, on the floor where the dancer begins.
        take_names: Of every dancer's takes in their order.
        cameras: Standing (one frame), or with a frame for each of the file, the T-pose's too.
        markers: Their `time_s` are moments of the piece; what lies outside the file is cut off.
        title, made_at: As `FilmScene` has them.

    Raises:
        ValueError: The numbers of takes, names or camera frames do not go together.
    """
    if not dancers or any(len(dancer.takes) != len(take_names) for dancer in dancers) or not take_names:
        raise ValueError(f"every dancer needs {len(take_names)} takes, as many as have names")
    if span_s is None:
        span_s = 0.0, max(motion.duration_s for dancer in dancers for motion in dancer.takes)
    span = film_span(rate, span_s, handles_frames, t_pose_first)
    performers = tuple(_performer(dancer, rig) for dancer in dancers)
    takes = tuple(
        _take(name, [dancer.takes[i] for dancer in dancers], performers, rig, span) for i, name in enumerate(take_names)
    )
    return FilmScene(
        title, rate, performers, takes, start_frame, tuple(_checked(camera, span) for camera in cameras),
        tuple(_markers(markers, span)), made_at,
    )  # fmt: skip


def at_film_rate(motion: Motion, span: FilmSpan) -> Motion:
    """A motion on the house's names at the frames of a span, the rest pose left out: same frames, same bits.

    Its quaternions are double precision and turn continuously: neighbours lie in one hemisphere.
    """
    moved = planted_at(_precise(motion), span.times_s(), span.rate.hz)
    return replace(moved, local_rotations=quaternion.unroll(moved.local_rotations))


def mesh_on_rig(mesh: SkinnedMesh, skeleton: Skeleton, rig: TargetRig) -> SkinnedMesh:
    """A body of a house-named skeleton as a body of `rig_skeleton(skeleton, rig)`, in the rig's rest pose."""
    positions, normals, joints, weights = skin_on_rig(
        mesh.positions_m, mesh.normals, mesh.joints, mesh.weights, skeleton, rig
    )
    return replace(mesh, positions_m=positions, normals=normals, joints=joints, weights=weights)


def _performer(dancer: FilmDancer, rig: TargetRig) -> Performer:
    skeleton = dancer.takes[0].skeleton
    return Performer(
        dancer.name, rig_skeleton(skeleton, rig), mesh_on_rig(dancer.mesh, skeleton, rig) if dancer.mesh else None,
        NodeAbove(rig.root.name, rig.root.is_joint) if rig.root else None,
    )  # fmt: skip


def _take(
    name: str, motions: Sequence[Motion], performers: Sequence[Performer], rig: TargetRig, span: FilmSpan
) -> SceneTake:
    on_rigs, above = [], []
    for motion, performer in zip(motions, performers, strict=True):
        filmed = at_film_rate(motion, span)
        path = path_above(filmed, rig)
        put = on_rig(filmed, rig, performer.skeleton)
        on_rigs.append(_with_rest_first(put) if span.n_rest_frames else put)
        above.append(_path_with_rest_first(path, filmed, span))
    return SceneTake(name, tuple(on_rigs), tuple(above) if rig.root else ())


def _with_rest_first(motion: Motion) -> Motion:
    """The motion with its skeleton's rest pose before it, on the floor under the first frame."""
    skeleton = motion.skeleton
    root = motion.root_positions_m[:1] * _OVER_FLOOR + skeleton.offsets_m[0] * [0.0, 1.0, 0.0]
    local = np.concatenate([skeleton.rest_rotations[np.newaxis], motion.local_rotations])
    return replace(
        motion, root_positions_m=np.concatenate([root, motion.root_positions_m]),
        local_rotations=quaternion.unroll(local),
    )  # fmt: skip


def _path_with_rest_first(
    path: tuple[np.ndarray, np.ndarray] | None, filmed: Motion, span: FilmSpan
) -> PathAbove | None:
    if path is None:
        return None
    positions, turned = path
    if span.n_rest_frames and len(positions) == filmed.n_frames:
        positions = np.concatenate([positions[:1], positions])
        turned = quaternion.unroll(np.concatenate([quaternion.IDENTITY[np.newaxis], turned]))
    return PathAbove(positions, turned)


def _precise(motion: Motion) -> Motion:
    """The motion in double precision; rotations that were kept in single precision at unit length again."""
    if motion.local_rotations.dtype == np.float64 and motion.root_positions_m.dtype == np.float64:
        return motion
    return replace(
        motion, root_positions_m=motion.root_positions_m.astype(np.float64),
        local_rotations=quaternion.normalize(motion.local_rotations.astype(np.float64)),
    )  # fmt: skip


def _checked(camera: FilmCamera, span: FilmSpan) -> FilmCamera:
    lengths = {len(camera.positions_m), len(camera.rotations), len(camera.focal_mm)}
    if not lengths <= {1, span.n_frames}:
        raise ValueError(f"the camera {camera.name} needs 1 or {span.n_frames} frames, got {sorted(lengths)}")
    return camera


def _markers(markers: Sequence[SceneMarker], span: FilmSpan) -> list[SceneMarker]:
    """The markers within the file, at their times in it; what began before it lasts from its first frame on."""
    length_s = float(span.n_frames / span.rate.exact_hz)
    out = []
    for marker in markers:
        start_s = span.file_time_s(marker.time_s)
        end_s = start_s + marker.duration_s
        if start_s < length_s and (end_s > 0.0 or start_s >= 0.0):
            inside_s = max(start_s, 0.0)
            lasting_s = min(end_s, length_s) - inside_s if marker.duration_s > 0.0 else 0.0
            out.append(replace(marker, time_s=inside_s, duration_s=lasting_s))
    return out
