"""The matrix of files that other programs judge: formats x rigs x rates of a dance, and its verdicts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING

from app.film import scene_of
from engine.formats.exporters import FORMATS, MotionFormat, wanted_of
from engine.formats.scene import FilmScene, ReadBack
from tests.judges import assimp, blender, validators
from tests.judges.account import Verdict, height_m, of_read_back, verdict_on

if TYPE_CHECKING:
    from app.exports import Performance

KINDS = ("BVH", "FBX", "glTF", "USD")
RIGS = ("plain", "humanik", "mixamo", "ue5")
RATES = ("23.976", "24", "25", "29.97", "30", "60", "120")
START_FRAME = 1001


@dataclass(frozen=True, eq=False)
class Case:
    """A file of the matrix.

    Attributes:
        kind: Its format.
        rig, rate: Names.
        path: Where it lies.
        scene: What was written.
        wanted: What a perfect reader finds in it.
    """

    kind: MotionFormat
    rig: str
    rate: str
    path: Path
    scene: FilmScene
    wanted: ReadBack

    @property
    def name(self) -> str:
        """As people call it."""
        return f"{self.kind.name} {self.rig} {self.rate}"

    @property
    def top_m(self) -> float | None:
        """The height of the body in the file."""
        mesh = self.scene.performers[0].mesh
        return None if mesh is None or self.kind.name == "BVH" else height_m(mesh.positions_m)


def written(
    folder: Path, performance: Performance, span_s: tuple[float, float],
    kinds: Sequence[str] = KINDS, rigs: Sequence[str] = RIGS, rates: Sequence[str] = RATES,
) -> Iterator[Case]:  # fmt: skip
    """Write the files of the first dancer with her body, one after another."""
    alone = replace(performance, dancers=performance.dancers[:1])
    for rig in rigs:
        for rate in rates:
            choices = {"rig": rig, "rate": rate, "start_frame": START_FRAME, "has_mesh": True}
            scene = scene_of(alone, FORMATS["FBX"].options(**choices), span_s, lambda _: None)
            for name in kinds:
                kind = FORMATS[name]
                known = {f.name: choices[f.name] for f in fields(kind.options) if f.name in choices}
                path = folder / f"{name}_{rig}_{rate}{kind.extension}"
                kind.write(path, scene, kind.options(**known), lambda _: None)
                yield Case(kind, rig, rate, path, scene, wanted_of(kind, scene))


def in_blender(cases: Sequence[Case]) -> dict[str, Verdict] | None:
    """Blender's verdicts by the names of the cases; None where it is not installed."""
    if blender.name() is None:
        return None
    read = [case for case in cases if case.path.suffix in blender.READS]
    jobs = [blender.job_of(case.path, case.scene.rate, case.scene.n_frames) for case in read]
    seen = blender.looks(jobs)
    return {
        case.name: verdict_on(blender.account_of(job, found), case.wanted, case.top_m)
        for case, job, found in zip(read, jobs, seen, strict=True)
    }


def in_assimp(cases: Sequence[Case]) -> dict[str, Verdict] | None:
    """assimp's; None where it is not installed."""
    if assimp.name() is None:
        return None
    read = [case for case in cases if case.path.suffix in assimp.READS]
    return {case.name: verdict_on(assimp.account_of(case.path, case.wanted), case.wanted, case.top_m) for case in read}


def in_readers(cases: Sequence[Case]) -> dict[str, Verdict]:
    """Those of ufbx, pygltflib, usd-core's UsdSkel and our second BVH reader."""
    return {case.name: verdict_on(of_read_back(case.kind.read_back(case.path)), case.wanted) for case in cases}


def in_validators(cases: Sequence[Case]) -> dict[str, Verdict] | None:
    """Those of the Khronos validator; None where it is not installed."""
    glbs = [case for case in cases if case.path.suffix == ".glb"]
    said = validators.khronos([case.path for case in glbs])
    return None if said is None else {case.name: Verdict(None, words) for case, words in zip(glbs, said, strict=True)}


def in_usd_validation(cases: Sequence[Case]) -> dict[str, Verdict]:
    """Those of the validators of usd-core."""
    return {case.name: Verdict(None, validators.usd(case.path)) for case in cases if case.path.suffix == ".usdc"}


JUDGES = {
    "readers": in_readers, "Blender": in_blender, "assimp": in_assimp, "Khronos": in_validators,
    "USD validation": in_usd_validation,
}  # fmt: skip
LACKS = {
    "Blender": "Blender is not installed, or python3-numpy for it.", "assimp": "assimp is not installed.",
    "Khronos": "The Khronos validator is not installed: npm install gltf-validator.",
}  # fmt: skip
