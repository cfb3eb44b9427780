"""A scene of film as USD: UsdSkel characters and cameras, as text (.usda) or packed (.usdc).

Centimetres, +y up; time codes are frame numbers, counted from the start frame. USD draws turns along the shortest way
from sample to sample; programs that take the samples for keys of their own may draw straight lines, and get more
samples where a joint turns so far in a frame that these stray. Each performer is a SkelRoot
with a Skeleton, a SkelAnimation and a skinned body, or shapes on her bones. What readers are known to need
and the schema only recommends is all written: rest transforms; scales; the binding API on the SkelRoot, the
Skeleton and the body; the animation bound on SkelRoot and Skeleton. USD has one animation a character, so
the first take is written. Joint names as the rig has them are in `jointNames`; in paths, what USD does not
admit becomes an underscore. Markers are in the custom data of the layer. The same scene gives the same bytes.

The library is loaded when a file is written: it takes a third of a second and a good deal of memory.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from engine.errors import MotionFileError
from engine.formats.between import PARTS, refined, strays
from engine.formats.finite import check_finite
from engine.formats.names import distinct_names
from engine.formats.options import option
from engine.formats.rooted import JointPaths, joint_paths, rooted_mesh, rooted_skeleton
from engine.formats.scene import FilmCamera, FilmScene, Performer
from engine.formats.whole_file import replacing
from engine.motion import quaternion, rotations
from engine.motion.kinematics import rest_transforms
from engine.motion.skeleton import Skeleton

if TYPE_CHECKING:
    from pxr import Usd

EXTENSIONS = (".usda", ".usdc")
_M_TO_CM = 100.0
_CLIP_CM = (1.0, 100_000.0)
_TOLD_EVERY_FRAMES = 256
_DATA_KEY = "kinetograph"


@dataclass(frozen=True)
class UsdOptions:
    """How a USD file is written."""

    bone_shapes: bool = option(
        True, "Shapes on bones", "Where no body goes along: a skeleton alone is not seen in most programs."
    )
    has_between_keys: bool = option(
        True,
        "Keys between frames",
        "Only where a joint turns so fast that programs would draw it unevenly, which motion blur shows",
        flag="--between-keys",
    )


def write(
    path: Path,
    scene: FilmScene,
    options: UsdOptions = UsdOptions(),
    progress: Callable[[float], None] | None = None,
) -> None:
    """Write the first take; a file that is already there is replaced only by a whole new one.

    Args:
        path: Where to; its extension says whether as text (.usda) or packed (.usdc).
        scene: What.
        options: How.
        progress: Told how much is done, 0 to 1; it may raise to cancel.

    Raises:
        MotionFileError: if it cannot be written, the extension is another, or a motion holds what is not a number.
    """
    if path.suffix.lower() not in EXTENSIONS:
        raise MotionFileError(path, "must end in .usda (text) or .usdc (packed).")
    check_finite(path, scene)
    told = progress or (lambda fraction: None)
    stage = _stage(scene, options, told)
    try:
        with replacing(path) as file:
            file.write(_exported(stage, path.suffix.lower()))
            told(1.0)
    except OSError as error:
        raise MotionFileError(path, f"cannot be written ({error.strerror or error}).") from error


def _exported(stage: Usd.Stage, extension: str) -> bytes:
    """The file's bytes. USD itself only writes to a path, and chooses the kind by its extension."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"stage{extension}"
        stage.GetRootLayer().Export(str(path))
        return path.read_bytes()


def _stage(scene: FilmScene, options: UsdOptions, told: Callable[[float], None]) -> Usd.Stage:
    from pxr import Kind, Tf, Usd, UsdGeom

    stage = Usd.Stage.CreateInMemory()
    _set_metadata(stage, scene)
    top = UsdGeom.Xform.Define(stage, "/" + Tf.MakeValidIdentifier(scene.title or "Dance"))
    stage.SetDefaultPrim(top.GetPrim())
    Usd.ModelAPI(top).SetKind(Kind.Tokens.component)
    held = [*(performer.name for performer in scene.performers), *(camera.name for camera in scene.cameras)]
    paths = [f"{top.GetPath()}/{name}" for name in usd_names(held)]
    n = len(scene.performers)
    for index, performer in enumerate(scene.performers):

        def part(fraction: float, done: int = index) -> None:
            told(0.9 * (done + fraction) / n)

        ways = joint_paths(performer, scene.takes[0], index)
        _add_performer(stage, paths[index], performer, ways, scene, options.has_between_keys, part)
        if performer.mesh is not None or options.bone_shapes:
            _add_body(stage, paths[index], performer)
    for path, camera in zip(paths[n:], scene.cameras, strict=True):
        _add_camera(stage, path, camera, scene)
    return stage


def usd_names(names: Sequence[str]) -> list[str]:
    """The names as paths of USD have them: letters, digits and underscores, no digit first, each once."""
    from pxr import Tf

    return distinct_names([Tf.MakeValidIdentifier(name) for name in names], names)


def _set_metadata(stage: Usd.Stage, scene: FilmScene) -> None:
    from pxr import UsdGeom, Vt

    UsdGeom.SetStageUpAxis(stage, UsdGeom.Tokens.y)
    UsdGeom.SetStageMetersPerUnit(stage, 1.0 / _M_TO_CM)
    stage.SetTimeCodesPerSecond(scene.rate.hz)
    stage.SetFramesPerSecond(scene.rate.hz)
    stage.SetStartTimeCode(scene.start_frame)
    stage.SetEndTimeCode(scene.start_frame + scene.n_frames - 1)
    markers = scene.markers
    data: dict[str, Any] = {
        "title": scene.title,
        "take": scene.takes[0].name,
        "frameRate": f"{scene.rate.exact_hz.numerator}/{scene.rate.exact_hz.denominator}",
        "startFrame": scene.start_frame,
        "markerNames": Vt.StringArray([marker.name for marker in markers]),
        "markerKinds": Vt.StringArray([marker.kind for marker in markers]),
        "markerComments": Vt.StringArray([marker.comment for marker in markers]),
        "markerTimes": Vt.DoubleArray([marker.time_s for marker in markers]),
        "markerDurations": Vt.DoubleArray([marker.duration_s for marker in markers]),
        "markerFrames": Vt.DoubleArray([scene.start_frame + marker.time_s * scene.rate.hz for marker in markers]),
    }
    if scene.made_at:
        data["madeAt"] = scene.made_at
    stage.GetRootLayer().customLayerData = {_DATA_KEY: data}


def _add_performer(
    stage: Usd.Stage, path: str, performer: Performer, paths: JointPaths, scene: FilmScene, is_smooth: bool,
    told: Callable[[float], None],
) -> None:  # fmt: skip
    from pxr import UsdSkel, Vt

    skeleton = rooted_skeleton(performer)
    joints = Vt.TokenArray(joint_tokens(skeleton))
    root = UsdSkel.Root.Define(stage, path)
    bones = UsdSkel.Skeleton.Define(stage, f"{path}/Skeleton")
    dance = UsdSkel.Animation.Define(stage, f"{path}/Dance")
    bones.CreateJointsAttr(joints)
    bones.CreateJointNamesAttr(Vt.TokenArray(list(skeleton.names)))
    places, turned = rest_transforms(skeleton)
    bones.CreateBindTransformsAttr(_matrices(places, turned))
    bones.CreateRestTransformsAttr(_matrices(skeleton.offsets_m, skeleton.rest_rotations))
    for prim in (root.GetPrim(), bones.GetPrim()):
        UsdSkel.BindingAPI.Apply(prim).CreateAnimationSourceRel().SetTargets([dance.GetPath()])
    UsdSkel.BindingAPI(root.GetPrim()).CreateSkeletonRel().SetTargets([bones.GetPath()])
    dance.CreateJointsAttr(joints)
    dance.CreateScalesAttr(Vt.Vec3hArray.FromNumpy(np.ones((skeleton.n_joints, 3), dtype=np.float16)))
    _add_keys(dance, skeleton, paths, scene.start_frame, told)
    if is_smooth:
        _add_keys_between(dance, paths.rotations, scene.start_frame)


def joint_tokens(skeleton: Skeleton) -> list[str]:
    """The path of each joint from the top one down, such as "Hips/Spine"."""
    tokens: list[str] = []
    for name, parent in zip(usd_names(skeleton.names), skeleton.parents, strict=True):
        tokens.append(name if parent < 0 else f"{tokens[parent]}/{name}")
    return tokens


def _add_keys(
    dance: Any, skeleton: Skeleton, paths: JointPaths, start_frame: int, told: Callable[[float], None]
) -> None:
    """Where each joint is in its parent and how it is turned, at every frame."""
    from pxr import Vt

    n_frames = len(paths.rotations)
    xyzw = np.ascontiguousarray(np.roll(paths.rotations, -1, axis=-1), dtype=np.float32)
    # Rest pose first, then only what moves: the array attribute holds all joints at every frame.
    here = np.array(skeleton.offsets_m * _M_TO_CM, dtype=np.float32)
    moved = {joint: np.asarray(way * _M_TO_CM, dtype=np.float32) for joint, way in paths.positions_m.items()}
    places, turns = dance.CreateTranslationsAttr(), dance.CreateRotationsAttr()
    for frame in range(n_frames):
        if frame % _TOLD_EVERY_FRAMES == 0:
            told(frame / n_frames)
        for joint, way in moved.items():
            here[joint] = way[frame]
        places.Set(Vt.Vec3fArray.FromNumpy(here), start_frame + frame)
        turns.Set(Vt.QuatfArray.FromNumpy(xyzw[frame]), start_frame + frame)


def _add_keys_between(dance: Any, turned: np.ndarray, start_frame: int) -> None:
    """How all joints are turned at those moments between frames at which one of them needs a key, of [T, J, 4]."""
    from pxr import Vt

    joints = np.unique(np.nonzero(strays(turned))[1])
    parts = sorted({int(part) for joint in joints for part in refined(turned[:, joint])[0] if part % PARTS})
    turns = dance.GetRotationsAttr()
    for part in parts:
        frame, rest = divmod(part, PARTS)
        q = quaternion.slerp(turned[frame], turned[frame + 1], rest / PARTS)
        q = np.where(quaternion.dot(q, turned[frame])[:, np.newaxis] < 0.0, -q, q)
        xyzw = np.ascontiguousarray(np.roll(q, -1, axis=-1), dtype=np.float32)
        turns.Set(Vt.QuatfArray.FromNumpy(xyzw), start_frame + part / PARTS)


def _matrices(places_m: np.ndarray, turned: np.ndarray) -> Any:
    """Transforms [J] in centimetres as USD has them: row vectors, the place in the last row."""
    from pxr import Vt

    out = np.zeros((len(places_m), 4, 4))
    out[:, :3, :3] = rotations.matrix_from_quaternion(quaternion.normalize(turned)).swapaxes(-1, -2)
    out[:, 3, :3] = places_m * _M_TO_CM
    out[:, 3, 3] = 1.0
    return Vt.Matrix4dArray.FromNumpy(out)


def _add_body(stage: Usd.Stage, path: str, performer: Performer) -> None:
    from pxr import Gf, UsdGeom, UsdSkel, Vt

    mesh = rooted_mesh(performer)
    body = UsdGeom.Mesh.Define(stage, f"{path}/Body")
    points = np.ascontiguousarray(mesh.positions_m * _M_TO_CM, dtype=np.float32)
    body.CreatePointsAttr(Vt.Vec3fArray.FromNumpy(points))
    body.CreateExtentAttr(Vt.Vec3fArray.FromNumpy(np.stack([points.min(axis=0), points.max(axis=0)])))
    body.CreateFaceVertexCountsAttr(Vt.IntArray.FromNumpy(np.full(len(mesh.triangles), 3, dtype=np.int32)))
    body.CreateFaceVertexIndicesAttr(Vt.IntArray.FromNumpy(mesh.triangles.reshape(-1).astype(np.int32)))
    body.CreateNormalsAttr(Vt.Vec3fArray.FromNumpy(mesh.normals.astype(np.float32)))
    body.SetNormalsInterpolation(UsdGeom.Tokens.vertex)
    body.CreateSubdivisionSchemeAttr(UsdGeom.Tokens.none)
    colours = body.CreateDisplayColorPrimvar(UsdGeom.Tokens.vertex)
    colours.Set(Vt.Vec3fArray.FromNumpy(mesh.colours.astype(np.float32)))
    binding = UsdSkel.BindingAPI.Apply(body.GetPrim())
    binding.CreateSkeletonRel().SetTargets([f"{path}/Skeleton"])
    binding.CreateGeomBindTransformAttr(Gf.Matrix4d(1.0))
    joints = np.where(mesh.weights > 0.0, mesh.joints, 0).astype(np.int32).reshape(-1)
    binding.CreateJointIndicesPrimvar(False, 4).Set(Vt.IntArray.FromNumpy(joints))
    weights = (mesh.weights / mesh.weights.sum(axis=1, keepdims=True)).astype(np.float32).reshape(-1)
    binding.CreateJointWeightsPrimvar(False, 4).Set(Vt.FloatArray.FromNumpy(weights))


def _add_camera(stage: Usd.Stage, path: str, camera: FilmCamera, scene: FilmScene) -> None:
    from pxr import Gf, UsdGeom

    lens = UsdGeom.Camera.Define(stage, path)
    # Lenses and film backs are in tenths of the stage's unit, a centimetre: in millimetres.
    lens.CreateHorizontalApertureAttr(camera.film_back_mm[0])
    lens.CreateVerticalApertureAttr(camera.film_back_mm[1])
    lens.CreateClippingRangeAttr(Gf.Vec2f(*_CLIP_CM))
    place, turn, focal = lens.AddTranslateOp(), lens.AddOrientOp(), lens.CreateFocalLengthAttr()
    where = camera.positions_m * _M_TO_CM
    turns = quaternion.normalize(quaternion.unroll(camera.rotations))
    n = scene.n_frames
    for frame in range(1 if len(where) == 1 else n):
        at = min(frame, len(where) - 1)
        code = (scene.start_frame + frame,) if len(where) > 1 else ()
        place.Set(Gf.Vec3d(*map(float, where[at])), *code)
        turn.Set(Gf.Quatf(*map(float, turns[at])), *code)
    zooms = len(set(camera.focal_mm.tolist())) > 1
    for frame in range(n if zooms else 1):
        code = (scene.start_frame + frame,) if zooms else ()
        focal.Set(float(camera.focal_mm[min(frame, len(camera.focal_mm) - 1)]), *code)
