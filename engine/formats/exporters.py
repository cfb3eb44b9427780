"""The one table of motion formats: what can be written, with which options, by whom, and who reads it back."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from importlib import import_module
from pathlib import Path
from typing import Any

from engine.formats.comparison import expected
from engine.formats.cue.sheet import BEATS, Cut
from engine.formats.fbx.options import FbxOptions
from engine.formats.gltf.write import GltfOptions
from engine.formats.options import option, options_as_json
from engine.formats.receipt import Origin, Receipt, ReceiptFailed, make_receipt
from engine.formats.scene import RATES, FilmScene, ReadBack, SceneTake
from engine.formats.usd.write import UsdOptions
from engine.motion.motion import Motion

Progress = Callable[[float], None]
SPANS = {"piece": "The whole piece", "selection": "The selection"}
# By the names of their files; who knows of the user's own rigs adds them.
RIGS = {
    "plain": "Plain", "humanik": "HumanIK / MotionBuilder", "mixamo": "Mixamo", "mixamo_prefix": "Mixamo with prefix",
    "ue5": "Unreal Engine 5 mannequin",
}  # fmt: skip
RATE_NAMES = {name: name for name in RATES}
START_FRAMES = {0: "0", 1: "1", 1001: "1001, as film shots do"}
HANDLES = {0: "None", 8: "8 frames", 12: "12 frames", 24: "24 frames"}
_WRITTEN_AT = 0.6  # of the work; the rest is reading back


@dataclass(frozen=True)
class MotionOptions:
    """What every file of motion lets one choose."""

    span: str = option("piece", "What", "The rest is left out", choices=SPANS, flag="--span")
    rig: str = option("plain", "Skeleton", "Names, joints and rest pose as your program wants them", choices=RIGS)
    rate: str = option("24", "Frames a second", "As your shot has them", choices=RATE_NAMES, flag="--fps")
    handles: int = option(0, "Handles", "Frames before and after, for the cut", choices=HANDLES, bounds=(0, 480))
    has_t_pose: bool = option(
        False, "Begin with a T-pose", "One frame before the dance, for tools that want one", flag="--t-pose"
    )
    has_receipt: bool = option(
        True, "Keep the receipt", "What was read back from the file, beside it as text and JSON", flag="--receipt"
    )


@dataclass(frozen=True)
class NumberedOptions(MotionOptions):
    """What a format lets one choose that counts its frames from a number."""

    start_frame: int = option(
        0, "First frame", "Its number, handles included", choices=START_FRAMES, bounds=(0, 999_999), flag="--start"
    )


@dataclass(frozen=True)
class BodyOptions(NumberedOptions):
    """What a format lets one choose that can carry a body."""

    has_mesh: bool = option(False, "With a body", "A mannequin on the skeleton", flag="--mesh")
    is_split: bool = option(False, "One file for each dancer", "Unreal takes one skeleton from a file", flag="--split")
    has_cameras: bool = option(True, "With cameras", "Those kept with the piece, or the window's", flag="--cameras")


@dataclass(frozen=True)
class FbxFileOptions(FbxOptions, BodyOptions):
    """Of an FBX file."""


@dataclass(frozen=True)
class GlbOptions(GltfOptions, BodyOptions):
    """Of a .glb."""


@dataclass(frozen=True)
class UsdFileOptions(UsdOptions, BodyOptions):
    """Of a USD file."""


@dataclass(frozen=True)
class CueOptions:
    """Of a list that goes beside a dance."""

    span: str = option("piece", "What", "The rest is left out", choices=SPANS)
    rate: str = option("24", "Frames a second", "As your shot has them", choices=RATE_NAMES, flag="--fps")
    start_frame: int = option(
        0, "First frame", "Its number, handles included", choices=START_FRAMES, bounds=(0, 999_999), flag="--start"
    )
    handles: int = option(0, "Handles", "Frames before and after, for the cut", choices=HANDLES, bounds=(0, 480))


@dataclass(frozen=True)
class CueFormat:
    """One row of the table of lists: markers, beats, cuts.

    Attributes:
        name, extension, says: As a MotionFormat's.
        write: (path, scene, cut): writes the list.
        needs_beats: Whether it is nothing without at least two beats.
    """

    name: str
    extension: str
    says: str
    write: Callable[[Path, FilmScene, Cut], None]
    needs_beats: bool = False


@dataclass(frozen=True)
class MotionFormat:
    """One row of the table.

    Attributes:
        name: Shown; also what preferences call it.
        extension: Of the file, with its dot.
        says: One line on what it is for.
        options: A dataclass made of `option` fields, a MotionOptions.
        write: (path, scene, options, progress): writes the file.
        read_back: Reads it back independently of `write`.
        holds_one: Whether a file holds one dancer, so that several make several files.
        holds_root: Whether it can hold a bone above the hips that moves too.
        holds_takes: Whether a file holds all takes of a scene; else it holds the first.
        held: The motion as the format holds it, where it gives joints other axes.
        named: The names of joints as the format writes them.
    """

    name: str
    extension: str
    says: str
    options: type[MotionOptions]
    write: Callable[[Path, FilmScene, Any, Progress], None]
    read_back: Callable[[Path], ReadBack]
    holds_one: bool = False
    holds_root: bool = True
    holds_takes: bool = False
    held: Callable[[Motion], Motion] = lambda motion: motion
    named: Callable[[tuple[str, ...]], Sequence[str]] = list


def write_proven(
    kind: MotionFormat, path: Path, scene: FilmScene, options: Any, progress: Progress, origin: Origin | None = None,
    notes: tuple[str, ...] = (),
) -> Receipt:  # fmt: skip
    """Write a file, read it back by another reader, and return the receipt.

    The file is there afterwards whether or not it passed; who calls decides where it goes.

    Args:
        kind: The format.
        path: Where to, in a folder that nobody else looks into.
        scene: What to write; one performer where the format holds one.
        options: The format's.
        progress: Called with the fraction done; may raise Cancelled.
        origin: Where the dance comes from, for the receipt.
        notes: What else the receipt should say, a sentence each.

    Raises:
        MotionFileError: It cannot be written or read back.
        ReceiptFailed: It does not hold the scene.
    """
    progress(0.0)
    kind.write(path, scene, options, lambda fraction: progress(_WRITTEN_AT * fraction))
    progress(_WRITTEN_AT)
    found = kind.read_back(path)
    progress(0.8)
    wanted = wanted_of(kind, scene, options)
    receipt = make_receipt(path, scene, found, wanted, kind.name, options_as_json(options), origin)
    receipt = replace(receipt, notes=(*receipt.notes, *notes))
    if not receipt.is_passed:
        raise ReceiptFailed(receipt)
    progress(1.0)
    return receipt


def wanted_of(kind: MotionFormat, scene: FilmScene, options: Any = None) -> ReadBack:
    """What a perfect reader would find in a file of this format, written with these options."""
    has_all = kind.holds_takes and getattr(options, "has_all_takes", True)
    return expected(scene, kind.held, kind.named, kind.holds_root, None if has_all else 1)


def alone(scene: FilmScene) -> Iterator[FilmScene]:
    """The scene of each performer by herself."""
    for i, performer in enumerate(scene.performers):
        takes = tuple(SceneTake(t.name, (t.motions[i],), t.above[i : i + 1]) for t in scene.takes)
        yield replace(scene, performers=(performer,), takes=takes)


def has_beats(scene: FilmScene) -> bool:
    """Whether there are at least two beats in a scene's markers."""
    return sum(marker.kind in BEATS for marker in scene.markers) >= 2


def _write_bvh(path: Path, scene: FilmScene, options: MotionOptions, progress: Progress) -> None:
    _in("bvh_write").write(path, scene.takes[0].motions[0])
    progress(1.0)


def _in(module: str) -> Any:
    """A module of a format, loaded when it is first needed: some bring large libraries."""
    return import_module(f"engine.formats.{module}")


FORMATS: dict[str, MotionFormat] = {
    row.name: row
    for row in (
        MotionFormat(
            "FBX", ".fbx", "For Maya, MotionBuilder, Blender, Unreal, Unity: all dancers in one file.",
            FbxFileOptions, lambda *to: _in("fbx").write(*to), lambda path: _in("fbx").read_back(path),
            holds_takes=True,
        ),
        MotionFormat(
            "BVH", ".bvh", "The motion alone, which every program reads; one file for each dancer.",
            MotionOptions, _write_bvh, lambda path: _in("bvh_second").read_back(path), holds_one=True,
            holds_root=False, held=lambda motion: _in("bvh_write").with_zero_rest_pose(motion),
            named=lambda names: _in("bvh_write").file_names(names),
        ),
        MotionFormat(
            "glTF", ".glb", "For the web, Unreal, Unity, Blender: all dancers in one file, with bodies.",
            GlbOptions, lambda *to: _in("gltf").write(*to), lambda path: _in("gltf").read_back(path),
            holds_takes=True,
        ),
        *(
            MotionFormat(
                name, ending, says, UsdFileOptions, lambda *to: _in("usd").write(*to),
                lambda path: _in("usd").read_back(path),
            )
            for name, ending, says in (
                ("USD", ".usdc", "For layouts that are put together in USD: all dancers in one file."),
                ("USD as text", ".usda", "The same, to be read and changed by hand; larger and slower."),
            )
        ),
    )
}  # fmt: skip

CUES: dict[str, CueFormat] = {
    row.name: row
    for row in (
        CueFormat(
            "Markers", ".csv", "Markers, sections, bars and beats as a table: seconds, frames, timecode.",
            lambda path, scene, cut: _in("cue.markers_csv").write(path, scene),
        ),
        CueFormat(
            "Tempo map", ".mid", "Bars and beats for music programs: standard MIDI.",
            lambda path, scene, cut: _in("cue.midi").write(path, scene), needs_beats=True,
        ),
        CueFormat(
            "Timeline", ".otio", "The shot with sound, handles and markers, for OpenTimelineIO.",
            lambda path, scene, cut: _in("cue.otio").write(path, scene, cut),
        ),
        CueFormat(
            "Cut list", ".edl", "The same as CMX 3600, which every editing program reads.",
            lambda path, scene, cut: _in("cue.edl").write(path, scene, cut),
        ),
    )
}  # fmt: skip
