"""`kinetograph export IN -o OUT`: a piece or a motion file for film, proven by a receipt."""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from app.progress import Bar
from engine.errors import EngineError

if TYPE_CHECKING:
    from app.exports import Performance

PIECE = ".kino"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options: those of every format, made from the same fields as the dialog's."""
    from app.exports import EXPORTERS
    from app.option_flags import add_option_flags
    from app.rigs import target_rig_troubles, target_rigs, tell

    target_rigs()  # the user's own can be chosen too
    tell(target_rig_troubles())
    endings = ", ".join(dict.fromkeys(row.extension for row in EXPORTERS.values()))
    parser.add_argument("source", type=Path, metavar="IN", help=f"a piece ({PIECE}), or a motion file of any kind")
    parser.add_argument("-o", "--out", type=Path, required=True, metavar="OUT", help=f"its ending says what: {endings}")
    parser.add_argument("--as", dest="kind", choices=list(EXPORTERS), help="what, where the ending leaves a choice")
    parser.add_argument("--json", action="store_true", help="print the receipt as JSON")
    add_option_flags(parser, (row.options for row in EXPORTERS.values()))


def run(args: argparse.Namespace) -> int:
    """Write the files and say what is proven of them; returns the exit code."""
    from app.exports import EXPORTERS, export
    from app.option_flags import options_of
    from engine.formats.receipt import as_json, as_text

    name = args.kind or kind_for(args.out)
    options = options_of(args, EXPORTERS[name].options)
    performance = performance_from(args.source)
    bar = Bar(f"writing {args.out.name}")
    try:
        made = export(name, performance, args.out, options, bar)
    finally:
        bar.close()
    if args.json:
        print(as_json(made.receipts), end="")
    elif made.receipts:
        print(as_text(made.receipts), end="")
    if not args.json:
        print("".join(f"Written to {path}.\n" for path in made.paths[:20]), end="")
    return 0


def kind_for(path: Path) -> str:
    """The first exporter of a file's ending.

    Raises:
        EngineError: There is none.
    """
    from app.exports import EXPORTERS

    for name, row in EXPORTERS.items():
        if row.extension == path.suffix.lower():
            return name
    endings = ", ".join(dict.fromkeys(row.extension for row in EXPORTERS.values()))
    raise EngineError(f"{path.name}: nothing is written with this ending; choose one of {endings}.")


def performance_from(path: Path) -> Performance:
    """What a piece or a motion file hands on.

    Raises:
        EngineError: It cannot be read, or is not the motion of a human body.
    """
    from app.exports import Dancer, Performance, performance_of
    from app.origin import origin_of_file
    from app.rigs import joint_map_troubles, joint_maps, tell
    from editor.document.project_file import load_project
    from editor.document.song_file import song_path
    from engine.formats.import_fit import to_house
    from engine.formats.importers import ImportOptions, read

    if path.suffix.lower() == PIECE:
        document = load_project(path)
        if document.song is not None and (song := song_path(document.song, path)) is not None:
            document = replace(document, song=replace(document.song, link=str(song)))
        return performance_of(document)
    imported, rigs = read(path), joint_maps()
    tell(joint_map_troubles())
    plain = ImportOptions(skip_rest=False, clean=False)
    motions = [to_house(imported, rigs, plain, index=i)[0] for i in range(len(imported.motions))]
    names = [name or path.stem for name in imported.names] if len(motions) > 1 else [path.stem]
    dancers = tuple(Dancer(name, motion) for name, motion in zip(names, motions, strict=True))
    return Performance(
        path.stem, dancers, duration_s=max(motion.duration_s for motion in motions), origin=origin_of_file(path)
    )
