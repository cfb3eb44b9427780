"""`kinetograph check MOTION`: what in a dance breaks the rules of its structure, for a person, as JSON or as a page."""

from __future__ import annotations

import argparse
import json
from collections import Counter
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING

from app.counting import clock
from app.progress import Bar
from app.resources import resource_path
from engine.errors import EngineError, MotionFileError

if TYPE_CHECKING:
    from engine.motion.motion import Motion
    from engine.structure.book import RuleBook
    from engine.structure.finding import Finding

CLEAN, FOUND = 0, 3
MARKS = {"error": "!!", "warning": "! ", "note": "  "}

EPILOG = """\
Exit code: 0 clean, 3 where something was found, 1 where the file was refused.
--json prints one object: file, style, frame_rate_hz, n_frames, findings. Each finding has rule, family, severity,
start_frame, end_frame, peak_frame, movement, joints, measured, limit, unit, explanation, repair.
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.epilog = EPILOG
    parser.add_argument("motion", type=Path, metavar="MOTION", help="a motion file of any kind that can be imported")
    parser.add_argument("--music", type=Path, metavar="SONG", help="the song, from the first frame of the dance on")
    parser.add_argument("--style", metavar="STYLE", help="judge by the rules of this style or genre too")
    parser.add_argument(
        "--slide", type=_span, action="append", default=[], metavar="FROM-TO", help="feet slide on purpose: 12.0-14.5"
    )
    parser.add_argument("--notes", action="store_true", help="tell hints too, not warnings and errors alone")
    parser.add_argument("--json", action="store_true", help="print everything as JSON")
    parser.add_argument("--html", type=Path, metavar="FILE", help="write a page of findings, with pictures")


def run(args: argparse.Namespace) -> int:
    """Print the findings; returns the exit code."""
    from engine.music.cache import analyse_file
    from engine.structure.book import read_rules
    from engine.structure.checker import check, is_meant, moved

    book = read_rules(resource_path("rules"))
    if args.style is not None and args.style not in {*book.genres, *book.genre_of_style}:
        known = ", ".join(sorted({*book.genres, *book.genre_of_style}))
        raise EngineError(f"There are no rules for the style {args.style!r}; there are {known}.")
    motion, n_skipped = load(args.motion)
    music = None if args.music is None else analyse_file(args.music, Bar("listening to the music"))
    found = check(motion.slice(n_skipped, motion.n_frames), music, args.style, rules=book)
    rate = motion.frame_rate_hz
    meant = [(round(start_s * rate), round(end_s * rate)) for start_s, end_s in args.slide]
    found = [finding for finding in (moved(f, n_skipped) for f in found) if not is_meant(finding, meant)]
    shown = [finding for finding in found if args.notes or finding.severity != "note"]
    if args.html is not None:
        from app.check_page import page, pictures_of
        from engine.formats.whole_file import replacing

        text = page(args.motion.name, motion, shown, book.of(args.style), pictures_of(motion, shown))
        with replacing(args.html) as file:
            file.write(text.encode("utf-8"))
    if args.json:
        about = {"file": str(args.motion), "style": args.style, "frame_rate_hz": motion.frame_rate_hz,
                 "n_frames": motion.n_frames}  # fmt: skip
        print(json.dumps({**about, "findings": [asdict(finding) for finding in shown]}))
    else:
        print("\n".join(as_text(args.motion.name, motion, shown, book, args.style)))
    return FOUND if shown else CLEAN


def _span(text: str) -> tuple[float, float]:
    start, _, end = text.partition("-")
    try:
        span = float(start), float(end)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no span in seconds such as 12.0-14.5") from None
    if not 0.0 <= span[0] < span[1]:
        raise argparse.ArgumentTypeError(f"{text!r} does not go from a moment to a later one")
    return span


def load(path: Path) -> tuple[Motion, int]:
    """The first motion of a file on the house skeleton, and how many frames of a T-pose it begins with.

    Feet are as they are in the file; a foreign skeleton stands on its own floor.

    Raises:
        EngineError: It cannot be read, or holds no body.
    """
    import numpy as np

    from app.rigs import joint_maps
    from engine.formats import importers
    from engine.formats.import_fit import find_rig, rest_frames, to_house
    from engine.motion.house import HOUSE

    options = importers.AllOptions(skip_rest=False, clean=False)
    imported = importers.read(path, options)
    first = imported.motions[0]
    if first.n_frames == 0:
        raise MotionFileError(path, "holds no frames; there is nothing to check")
    if first.skeleton.names == HOUSE.names:
        return first, 0
    rigs = joint_maps()
    n_skipped = rest_frames(first, find_rig(first.skeleton, rigs)[0])
    motion, report = to_house(imported, rigs, options=options)
    floor = np.array([0.0, report.floor_before_m, 0.0])
    return replace(motion, root_positions_m=motion.root_positions_m - floor), min(n_skipped, motion.n_frames - 1)


def as_text(name: str, motion: Motion, found: list[Finding], book: RuleBook, style: str | None) -> list[str]:
    """The findings in lines for a person."""
    if not found:
        return [f"{name}: clean, {clock(motion.duration_s)} by the rules of {style or 'every dance'}."]
    titles = book.of(style)
    lines = [f"{name}: {len(found)} found in {clock(motion.duration_s)}", ""]
    for f in found:
        where = f"{clock(f.start_frame / motion.frame_rate_hz)} - {clock(f.end_frame / motion.frame_rate_hz)}"
        lines.append(f"{MARKS[f.severity]} {where:<17} {titles[f.rule].title}: {f.explanation}")
    counts = Counter(titles[f.rule].title for f in found)
    return [*lines, "", *(f"{n:>5}  {title}" for title, n in counts.most_common())]
