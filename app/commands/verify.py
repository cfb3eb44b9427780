"""`kinetograph verify FILE AGAINST`: whether a file holds what another file, a piece or its receipt says."""

from __future__ import annotations

import argparse
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine.errors import EngineError, MotionFileError

if TYPE_CHECKING:
    from engine.formats.exporters import MotionFormat
    from engine.formats.scene import ReadBack

EQUAL, DIFFERS = 0, 3
PIECE, RECEIPT = ".kino", ".json"
_RATE_TOLERANCE = 1e-5
_MOST_RECEIPT_BYTES = 16 << 20


@dataclass(frozen=True)
class Verdict:
    """What came of it.

    Attributes:
        is_equal: Whether the file holds what it was held against.
        says: Sentences, the most important first.
        figures: For machines.
    """

    is_equal: bool
    says: tuple[str, ...]
    figures: Mapping[str, Any]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    from app.option_flags import add_option_flags
    from app.rigs import target_rigs
    from engine.formats.exporters import FORMATS
    from engine.formats.receipt import MOST_POSITION_MM, MOST_ROTATION_DEG

    target_rigs()
    parser.description = f"{parser.description} Ends with {EQUAL} where it does, {DIFFERS} where it differs."
    parser.add_argument("file", type=Path, metavar="FILE", help="the file in question")
    parser.add_argument(
        "against", type=Path, metavar="AGAINST",
        help=f"its receipt ({RECEIPT}), another motion file, or a piece ({PIECE})",
    )  # fmt: skip
    parser.add_argument("--mm", type=float, default=MOST_POSITION_MM, help="most that a joint may be off (%(default)s)")
    parser.add_argument(
        "--deg", type=float, default=MOST_ROTATION_DEG, help="most that a joint may be turned (%(default)s)"
    )
    parser.add_argument("--json", action="store_true", help="print the verdict as JSON")
    group = parser.add_argument_group(
        f"against a piece ({PIECE})", "How the file was written; its receipt beside it says it too."
    )
    add_option_flags(group, (kind.options for kind in FORMATS.values()))


def run(args: argparse.Namespace) -> int:
    """Compare and say it; returns 0 where the file holds it, 3 where it differs."""
    for path in (args.file, args.against):
        if not path.is_file():
            raise EngineError(f"There is no file {path}; name one that is there.")
    ending = args.against.suffix.lower()
    if ending == RECEIPT:
        verdict = against_receipt(args.file, args.against)
    elif ending == PIECE:
        verdict = against_piece(args)
    else:
        found, wanted = account_of(args.file), account_of(args.against)
        own_axes = args.file.suffix.lower() != ending
        verdict = compare(found, wanted, args.mm, args.deg, has_own_axes=own_axes)
    if args.json:
        print(json.dumps({"is_equal": verdict.is_equal, "says": verdict.says, **verdict.figures}, indent=1))
    else:
        print("EQUAL" if verdict.is_equal else "DIFFERS", *verdict.says, sep="\n")
    return EQUAL if verdict.is_equal else DIFFERS


def against_receipt(path: Path, receipt: Path) -> Verdict:
    """Whether the file is, byte for byte, the one that the receipt was made for, and passed.

    Raises:
        EngineError: The receipt is none, or says nothing of this file.
    """
    entry = receipt_entry(receipt, path.name)
    if entry is None:
        raise EngineError(f"{receipt.name} says nothing of {path.name}; name its own receipt.")
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    says = [] if entry["is_passed"] else ["The receipt itself did not pass."]
    if digest == entry["sha256"]:
        says.append(f"{path.name} is byte for byte the file that was proven: SHA-256 {digest}.")
    else:
        says.append(f"{path.name} was changed after it was proven: its SHA-256 is {digest}, not {entry['sha256']}.")
    return Verdict(bool(entry["is_passed"]) and digest == entry["sha256"], tuple(says), {"sha256": digest})


def receipt_entry(receipt: Path, name: str) -> Mapping[str, Any] | None:
    """What a receipt says of a file; None where it says nothing.

    Raises:
        EngineError: It is no receipt.
    """
    try:
        if receipt.stat().st_size > _MOST_RECEIPT_BYTES:
            raise ValueError("too large")
        entries = json.loads(receipt.read_text("utf-8"))["files"]
        found = [entry for entry in entries if entry["file"] == name]
        return {"sha256": "", "is_passed": False, "options": {}, **found[0]} if found else None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise EngineError(f"{receipt.name} is no receipt of Kinetograph's; name the .json that it wrote.") from error


def against_piece(args: argparse.Namespace) -> Verdict:
    """Whether the file holds the piece as it would be written now."""
    from app.commands.export import performance_from
    from app.exports import span_of
    from app.film import scene_of
    from app.option_flags import options_of
    from engine.formats.exporters import alone, wanted_of

    kind = format_of(args.file)
    if kind is None:
        raise MotionFileError(args.file, "is of no format that a piece is written in; name the file that was exported.")
    beside = (receipt_entry(path, args.file.name) for path in sorted(args.file.parent.glob("*.receipt.json")))
    entry = next((found for found in beside if found is not None), None)
    options = options_of(args, kind.options, entry["options"] if entry else None)
    performance = performance_from(args.against)
    scene = scene_of(performance, options, span_of(performance, options.span), lambda _: None)
    found = kind.read_back(args.file)
    verdicts = [
        compare(found, wanted_of(kind, part), args.mm, args.deg)
        for part in (alone(scene) if kind.holds_one else [scene])
    ]  # of several dancers a file that holds one is one
    return next((verdict for verdict in verdicts if verdict.is_equal), verdicts[0])


def account_of(path: Path) -> ReadBack:
    """What a motion file holds, by the reader that proves files, or by the importer where it is another's.

    Raises:
        MotionFileError: It cannot be read.
    """
    from engine.formats.comparison import as_account
    from engine.formats.importers import read

    kind = format_of(path)
    if kind is not None:
        try:
            return kind.read_back(path)
        except MotionFileError:
            pass  # a dialect that is not ours; the importer knows more of them, and says what is wrong
    imported = read(path)
    return as_account(imported.reader, imported.motions, imported.names)


def format_of(path: Path) -> MotionFormat | None:
    """The format of a file's ending; None where it is none of ours."""
    from engine.formats.exporters import FORMATS

    return next((kind for kind in FORMATS.values() if kind.extension == path.suffix.lower()), None)


def compare(
    found: ReadBack, wanted: ReadBack, most_mm: float, most_deg: float, *, has_own_axes: bool = False
) -> Verdict:
    """The verdict on two accounts of a dance."""
    from engine.formats.comparison import compared

    says, notes = [], []
    if abs(found.frame_rate_hz / wanted.frame_rate_hz - 1.0) > _RATE_TOLERANCE:
        says.append(f"The one has {found.frame_rate_hz:.6g} frames a second, the other {wanted.frame_rate_hz:.6g}.")
    if None not in (found.start_frame, wanted.start_frame) and found.start_frame != wanted.start_frame:
        says.append(f"The one begins at frame {found.start_frame}, the other at {wanted.start_frame}.")
    if len(found.others) != len(wanted.others):  # a format that holds one take, beside one that holds several
        found, wanted = replace(found, others=()), replace(wanted, others=())
        notes.append("The one has more takes than the other: the first of each was compared.")
    apart = compared(found, wanted, has_own_axes=has_own_axes)
    says += apart.trouble
    figures: dict[str, Any] = {"frames": found.n_frames, "rate_hz": found.frame_rate_hz}
    if not apart.trouble:
        figures |= {"position_mm": apart.position_mm, "rotation_deg": apart.rotation_deg}
        joint, frame = apart.where
        text = f"A joint is up to {apart.position_mm:.4f} mm off ({joint}, frame {frame})"
        text += "" if apart.rotation_deg is None else f" and turned by up to {apart.rotation_deg:.4f}\u00b0"
        is_near = apart.position_mm <= most_mm and (apart.rotation_deg or 0.0) <= most_deg
        if not is_near or says:
            says.append(f"{text}; {most_mm:g} mm and {most_deg:g}\u00b0 are allowed.")
        else:
            text += f", over {found.n_frames} frames and {sum(len(p.joints) for p in wanted.performers)} joints."
            return Verdict(True, (text, *notes), figures)
    return Verdict(False, (*says, *notes), figures)
