"""`kinetograph demo`: the demo dance in a window, or written to a folder where there is no screen."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from app.progress import Bar
from app.resources import resource_path

if TYPE_CHECKING:
    from app.demo_window import Demo

SONG = "demo/song.ogg"
FOLDER = Path("demo-output")
N_CELLS = 32


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("-o", "--out", type=Path, metavar="FOLDER", help="write the dance there instead of showing it")


def run(args: argparse.Namespace) -> int:
    """Show or write the demo; returns the exit code."""
    return run_demo(args.out)


def run_demo(out_dir: Path | None) -> int:
    """The demo dance in a window; written to `out_dir`, or to demo-output without a screen. Returns the exit code."""
    if out_dir is None and has_screen():
        from app.demo_window import show_demo  # Qt is loaded only where there is a screen.

        return show_demo(make_demo)
    return write_demo(out_dir or FOLDER)


def has_screen() -> bool:
    """Whether a window can be opened here."""
    if os.environ.get("QT_QPA_PLATFORM") in ("offscreen", "minimal"):
        return False
    return not sys.platform.startswith("linux") or bool(
        os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    )


def make_demo(progress: Callable[[float], None]) -> Demo:
    """The demo song with a dance made for it; `progress` takes the fraction done and may raise Cancelled."""
    progress(0.0)
    from app.dance import dance_for_song
    from app.demo_window import Demo
    from engine.audio.read import read_audio

    song = resource_path(SONG)
    dance = dance_for_song(song, progress=progress)
    return Demo("Demo dance", dance.motion, dance.analysis, read_audio(song))


def write_demo(folder: Path) -> int:
    """Write dance.bvh, dance.mp4 and contact-sheet.png into a folder, and say where; returns the exit code."""
    from app.commands.render import write_film, write_sheet
    from app.counting import Counting
    from app.dance import dance_for_song
    from engine.formats import bvh

    song = resource_path(SONG)
    folder.mkdir(parents=True, exist_ok=True)
    dance = dance_for_song(song, progress=Bar("making the dance"))
    motion, counting = dance.motion, Counting(dance.analysis)
    bvh.write(folder / "dance.bvh", motion)
    print(f"Dance:          {folder / 'dance.bvh'}", flush=True)
    sheet = folder / "contact-sheet.png"
    write_sheet(sheet, [motion], ["Demo dance"], counting, 0.0, motion.duration_s, N_CELLS, "three-quarter")
    print(f"Contact sheet:  {sheet}", flush=True)
    write_film(folder / "dance.mp4", [motion], [], counting, song, 0.0, motion.duration_s)
    print(f"Video:          {folder / 'dance.mp4'}", flush=True)
    return 0
