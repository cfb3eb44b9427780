"""`kinetograph import FILE... -o OUT.bvh|.kino`: motion of any kind on the house skeleton, with a report."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from engine.errors import EngineError, MotionFileError

if TYPE_CHECKING:
    from engine.formats.import_fit import ImportReport
    from engine.formats.importers import ImportOptions
    from engine.motion.motion import Motion
    from engine.motion.rig import RigMap

BVH, PIECE = ".bvh", ".kino"
UNITS = ("guess", "m", "dm", "cm", "mm", "inch", "foot", "cmu")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("files", nargs="*", type=Path, metavar="FILE", help="bvh, fbx, glb, npz, pkl, amc or csv")
    parser.add_argument("-o", "--out", type=Path, metavar="OUT", help="OUT.bvh: at the file's rate; OUT.kino: a piece "
                        "with a dancer for each file; only the report if left out")  # fmt: skip
    parser.add_argument("--rig", metavar="RIG", help="name of a known map of joints, or a map of your own (.toml)")
    parser.add_argument("--unit", choices=UNITS, default="guess", help="of lengths in the file (%(default)s)")
    parser.add_argument("--up", choices=("guess", "y", "z"), default="guess", help="what points up (%(default)s)")
    parser.add_argument("--rate", type=_rate, default=0.0, metavar="F", help="frames a second, where the file is wrong")
    parser.add_argument("--take", type=int, default=1, metavar="N", help="which of a file's motions (%(default)s)")
    parser.add_argument("--skeleton", default="", metavar="FILE", help="the .asf of an .amc, the .xml of a robot")
    parser.add_argument("--keep-t-pose", action="store_true", help="keep the frames of a T-pose at the start")
    parser.add_argument("--raw", action="store_true", help="leave the feet and the floor as they are")
    parser.add_argument("--keep-distances", action="store_true", help="paths on the floor as long as in the file")
    parser.add_argument("--json", action="store_true", help="print the reports as JSON, one object a line")
    parser.add_argument("--formats", action="store_true", help="say what can be imported, and end")


def run(args: argparse.Namespace) -> int:
    """Import the files; returns the exit code: 1 where one of them was refused."""
    from app.rigs import joint_map_troubles, joint_maps, tell

    if args.formats or not args.files:
        print(_formats())
        return 0 if args.formats else 2
    _check_out(args.out, len(args.files))
    rigs = joint_maps()
    tell(joint_map_troubles())
    rig = None if args.rig is None else _rig(args.rig, rigs)
    done: list[tuple[Motion, ImportReport]] = []
    for path in args.files:
        done.append(_imported(path, args, rigs, rig))
        report = done[-1][1]
        print(json.dumps(asdict(report)) if args.json else as_text(report))
    if args.out is not None:
        _write(args.out, done)
        if not args.json:
            print(f"Written to {args.out}.")
    return 0


def as_text(report: ImportReport) -> str:
    """A report as lines for a terminal."""
    return "\n".join(f"{word:<8}{sentence}" for word, sentence in report.lines()) + "\n"


def options_of(args: argparse.Namespace) -> ImportOptions:
    """What was said on the command line, as options of every importer."""
    from engine.formats.importers import AllOptions

    return AllOptions(
        unit=args.unit, rate_hz=args.rate, skip_rest=not args.keep_t_pose, clean=not args.raw,
        keep_distances=args.keep_distances, up_axis=args.up, skeleton=args.skeleton,
    )  # fmt: skip


def _imported(
    path: Path, args: argparse.Namespace, rigs: tuple[RigMap, ...], rig: RigMap | None
) -> tuple[Motion, ImportReport]:
    from engine.formats.import_fit import to_house
    from engine.formats.importers import read
    from engine.motion.house import FRAME_RATE_HZ

    options = options_of(args)
    imported = read(path, options)
    if not 1 <= args.take <= len(imported.motions):
        raise MotionFileError(path, f"it holds {len(imported.motions)} motions; there is no --take {args.take}.")
    is_piece = args.out is not None and args.out.suffix.lower() == PIECE
    rate_hz = FRAME_RATE_HZ if is_piece else None
    return to_house(imported, rigs, options, index=args.take - 1, rig=rig, frame_rate_hz=rate_hz)


def _write(out: Path, done: list[tuple[Motion, ImportReport]]) -> None:
    if out.suffix.lower() == BVH:
        from engine.formats import bvh

        bvh.write(out, done[0][0])
        return
    from editor.document.document import Document, Take
    from editor.document.edits import new_id
    from editor.document.project_file import save_project
    from editor.document.setting_edits import set_title
    from editor.document.take_edits import keep_take
    from editor.document.track_edits import add_track

    document = set_title(Document(), out.stem)
    for motion, report in done:
        document = add_track(document, report.motion)
        take = Take(new_id(), report.motion, motion, kind="imported")
        document = keep_take(document, document.tracks[-1].id, 0, motion.n_frames, take)
    save_project(out, document)


def _check_out(out: Path | None, n_files: int) -> None:
    if out is None:
        return
    if out.suffix.lower() not in (BVH, PIECE):
        raise EngineError(f"--out {out.name}: name a file that ends in {BVH} or {PIECE}.")
    if out.suffix.lower() == BVH and n_files > 1:
        raise EngineError(f"A {BVH} file holds one motion: import the files one by one, or into a {PIECE}.")


def _rig(name: str, rigs: tuple[RigMap, ...]) -> RigMap:
    from engine.formats.rig_maps import read_rig_map

    for rig in rigs:
        if rig.name == name:
            return rig
    path = Path(name)
    if path.suffix.lower() != ".toml":
        known = ", ".join(rig.name for rig in rigs)
        raise EngineError(f"--rig {name}: there is no such map; known are {known}, or name a .toml file.")
    return read_rig_map(path)


def _formats() -> str:
    from engine.formats.importers import IMPORTERS

    width = max(map(len, IMPORTERS))
    return "\n".join(f"{i.name:<{width}}  {' '.join(i.extensions):<11}  {i.says}." for i in IMPORTERS.values())


def _rate(text: str) -> float:
    rate_hz = float(text)
    if not 1.0 <= rate_hz <= 1000.0:
        raise argparse.ArgumentTypeError(f"{text} is no frame rate")
    return rate_hz
