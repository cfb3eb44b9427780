"""`kinetograph edit`: the editor, with a piece, a song or the demo piece; without a screen the demo dance as files."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from app.screen import has_screen


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("file", nargs="?", type=Path, help="a piece (.kino), a song, or a BVH file to begin with")
    parser.add_argument("--demo", action="store_true", help="open the demo piece, whatever was open last")


def run(args: argparse.Namespace) -> int:
    """Open the editor; returns the exit code when its window is closed."""
    if has_screen():
        from app.window.start import run_editor  # Qt is loaded only where there is a screen.

        return run_editor(args.file, opens_demo=args.demo)
    if args.file is not None:
        print("There is no screen here to edit on; `kinetograph generate` makes a dance without one.", file=sys.stderr)
        return 1
    from app.commands.demo import FOLDER, run_demo

    return run_demo(FOLDER)
