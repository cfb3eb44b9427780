"""What UsdSkel finds in a USD file: its own queries compute where the joints are, nothing of ours does."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from engine.errors import MotionFileError
from engine.formats.scene import ReadBack, ReadCurves, ReadPerformer
from engine.motion import rotations

_ASIDES = np.array([0.25, 0.5, 0.75])


def read_back(path: Path) -> ReadBack:
    """Every skeleton of a .usda or .usdc over the whole frames that its animation has keys for.

    Raises:
        MotionFileError: if it cannot be opened, or holds no animated skeleton.
    """
    from pxr import Sdf, Tf, Usd

    if not path.is_file():
        raise MotionFileError(path, "is not there.")
    try:
        # Without its name: a layer that somebody else still has open would be given as it was.
        stage = Usd.Stage.Open(Sdf.Layer.OpenAsAnonymous(str(path)))
    except Tf.ErrorException as error:
        raise MotionFileError(path, "is no file that USD can open.") from error
    return _found(path, stage, f"usd-core {'.'.join(map(str, Usd.GetVersion()[1:]))}")


def _found(path: Path, stage: Any, reader: str) -> ReadBack:
    from pxr import Usd, UsdGeom, UsdSkel

    unit_to_m = UsdGeom.GetStageMetersPerUnit(stage)
    cache = UsdSkel.Cache()
    performers, codes, takes = [], np.zeros(0), []
    for prim in stage.Traverse():
        if not prim.IsA(UsdSkel.Root):
            continue
        root = UsdSkel.Root(prim)
        cache.Populate(root, Usd.PrimDefaultPredicate)
        bones = next((child for child in Usd.PrimRange(prim) if child.IsA(UsdSkel.Skeleton)), None)
        query = cache.GetSkelQuery(UsdSkel.Skeleton(bones)) if bones else None
        if not query or not query.GetAnimQuery():
            raise MotionFileError(path, f"{prim.GetName()} has no skeleton with an animation.")
        all_codes = np.array(query.GetAnimQuery().GetJointTransformTimeSamples())
        codes = all_codes[all_codes == np.round(all_codes)]
        n_vertices = sum(
            len(UsdGeom.Mesh(target.GetPrim()).GetPointsAttr().Get() or ())
            for binding in cache.ComputeSkelBindings(root, Usd.PrimDefaultPredicate)
            for target in binding.GetSkinningTargets()
            if target.GetPrim().IsA(UsdGeom.Mesh)
        )
        performers.append(_performer(prim.GetName(), query, codes, all_codes, unit_to_m, n_vertices))
        takes.append(query.GetAnimQuery().GetPrim().GetName())
    if not performers or not len(codes):
        raise MotionFileError(path, "holds no skeleton with an animation.")
    data = stage.GetRootLayer().customLayerData.get("kinetograph", {})
    return ReadBack(
        reader, stage.GetTimeCodesPerSecond(), round(codes[0]), len(codes), tuple(performers),
        up_axis=UsdGeom.GetStageUpAxis(stage).lower(), unit_to_m=unit_to_m,
        takes=(data["take"],) if "take" in data else tuple(dict.fromkeys(takes)), notes=_notes(stage, codes),
    )  # fmt: skip


def _notes(stage: Any, codes: np.ndarray) -> tuple[str, ...]:
    """What is odd about the keys."""
    notes = []
    if not np.array_equal(codes, np.arange(len(codes)) + codes[0]):
        notes.append("The keys do not lie one to a frame.")
    if (stage.GetStartTimeCode(), stage.GetEndTimeCode()) != (codes[0], codes[-1]):
        notes.append("The stage begins or ends at another frame than the keys.")
    return tuple(notes)


def _performer(
    name: str, query: Any, codes: np.ndarray, all_codes: np.ndarray, unit_to_m: float, n_vertices: int
) -> ReadPerformer:
    from pxr import Usd, UsdGeom

    bones = query.GetSkeleton()
    names = bones.GetJointNamesAttr().Get() or [token.rpartition("/")[2] for token in query.GetJointOrder()]
    here = np.empty((len(codes), len(names), 4, 4))
    moving = query.GetAnimQuery()
    world = UsdGeom.XformCache()
    for frame, code in enumerate(codes):
        time = Usd.TimeCode(code)
        world.SetTime(time)
        carrier = np.array(world.GetLocalToWorldTransform(bones.GetPrim()))
        here[frame] = np.array(query.ComputeJointSkelTransforms(time)) @ carrier
    turns = np.array([moving.ComputeJointLocalTransformComponents(Usd.TimeCode(code))[1] for code in all_codes])
    turns = np.roll(turns, 1, axis=-1)
    curves = ReadCurves("quaternion", turns[np.searchsorted(all_codes, codes)], _drawn(turns, codes, all_codes))
    bind = np.array(query.GetJointWorldBindTransforms())
    parents = np.array([query.GetTopology().GetParent(joint) for joint in range(len(names))])
    return ReadPerformer(
        name, tuple(names), parents, here[:, :, 3, :3] * unit_to_m,
        rotations.quaternion_from_matrix(here[:, :, :3, :3].swapaxes(-1, -2)), bind[:, 3, :3] * unit_to_m,
        n_vertices, curves,
    )  # fmt: skip


def _drawn(turns: np.ndarray, codes: np.ndarray, all_codes: np.ndarray) -> np.ndarray | None:
    """What straight lines from sample to sample give at the quarters of frames, [T - 1, 3, J, 4]; None without need."""
    if len(all_codes) == len(codes):
        return None
    moments = (codes[:-1, np.newaxis] + _ASIDES).reshape(-1)
    after = np.clip(np.searchsorted(all_codes, moments, side="right"), 1, len(all_codes) - 1)
    fraction = ((moments - all_codes[after - 1]) / (all_codes[after] - all_codes[after - 1]))[:, np.newaxis, np.newaxis]
    drawn = (1.0 - fraction) * turns[after - 1] + fraction * turns[after]
    return (drawn / np.linalg.norm(drawn, axis=-1, keepdims=True)).reshape(len(codes) - 1, 3, -1, 4)
