"""`kinetograph data`: motion capture made ready for training, packed to travel; the user's own style library."""

from __future__ import annotations

import argparse
from pathlib import Path

from app.progress import Bar
from app.resources import resource_path


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    prepare = actions.add_parser("prepare", help="read, retarget and clean a folder of motion capture")
    prepare.add_argument("folder", type=Path, help="folder with manifest.csv and the files that it lists")
    prepare.add_argument("-o", "--out", type=Path, required=True, help="folder to write; replaced when all is done")
    prepare.add_argument("--corpus", type=Path, help="table of styles and splits, TOML (the project's own if left out)")
    prepare.add_argument("--pictures", action="store_true", help="also draw a contact sheet of every clip")
    pack = actions.add_parser("pack", help="put a prepared folder into one small file to train from elsewhere")
    pack.add_argument("folder", type=Path, help="a folder made by `data prepare`")
    pack.add_argument("-o", "--out", type=Path, required=True, help="the file to write, .npz")
    library = actions.add_parser("library", help="list the style material that was imported in the editor")
    library.add_argument("--remove", metavar="NAME", help="take a clip out of it for good")


def run(args: argparse.Namespace) -> int:
    """Prepare or pack a folder, or list the library; returns the exit code."""
    if args.action == "pack":
        return _packed(args.folder, args.out)
    return _library(args.remove) if args.action == "library" else _prepared(args)


def _prepared(args: argparse.Namespace) -> int:
    from engine.generation.training.corpus import prepare, report
    from engine.generation.training.corpus.catalogue import Corpus
    from engine.motion.rig import read_rigs

    corpus = Corpus.read(args.corpus or resource_path("training/corpus.toml"))
    rigs = read_rigs(resource_path("rigs"))
    prepared = prepare.prepare(args.folder, corpus, rigs, Bar("preparing"))
    prepare.write(prepared, args.out, extras=lambda folder: report.write(prepared, folder, all_sheets=args.pictures))
    print(report.summary(prepared))
    print(f"Written to {args.out}; what was changed in each clip stands in report.md there.")
    return 0


def _packed(folder: Path, out: Path) -> int:
    from engine.generation.training.bundle import pack

    n = pack(folder, out)
    print(f"{n} clips in {out}, {out.stat().st_size / 1e6:.1f} MB.")
    return 0


def _library(unwanted: str | None) -> int:
    from app.settings import library_folder
    from engine.generation.training.corpus.library import clips, remove

    folder = library_folder()
    if unwanted:
        remove(folder, unwanted)
        print(f"{unwanted} is no longer in the library.")
    entries = clips(folder)
    for entry in entries:
        print(f"{entry['name']:<28} {60 * entry['minutes']:7.1f} s  {entry['style']}: {entry.get('consent', '')}")
    if entries:
        print(f"{len(entries)} clips in {folder}; `kinetograph train` takes this folder as prepared data.")
    else:
        print("The style library is empty: import motion in the editor, as style material.")
    return 0
