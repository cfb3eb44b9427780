"""`kinetograph demo`: the demo dance in a window, or written to a folder where there is no screen."""

from __future__ import annotations

import argparse
import os
import re
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from app.progress import Bar
from app.resources import resource_path

if TYPE_CHECKING:
    from engine.motion.motion import Motion
    from engine.music.analysis import MusicAnalysis

SONG = "demo/song.ogg"
SEED = 6  # of the first eight the one that faces the audience most
FOLDER = Path("demo-output")
N_CELLS = 32


@dataclass(frozen=True, eq=False)
class Demo:
    """A dance and the song it was made for."""

    title: str
    motion: Motion
    analysis: MusicAnalysis
    song: Path


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
    folder = out_dir or FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    write_demo(folder, make_demo(Bar("making the dance")))
    return 0


def has_screen() -> bool:
    """Whether a window can be opened here."""
    if os.environ.get("QT_QPA_PLATFORM") in ("offscreen", "minimal"):
        return False
    if not sys.platform.startswith("linux") or os.environ.get("WAYLAND_DISPLAY"):
        return True
    display = os.environ.get("DISPLAY", "")
    local = re.fullmatch(r"(?:unix)?:(\d+)(?:\.\d+)?", display)
    # Qt ends the whole program when nobody answers there, such as in a container that inherited the variable.
    return Path(f"/tmp/.X11-unix/X{local[1]}").exists() if local else bool(display)


def make_demo(progress: Callable[[float], None]) -> Demo:
    """The demo song with a dance made for it; `progress` takes the fraction done and may raise Cancelled."""
    progress(0.0)
    from app.dance import dance_for_song

    song = resource_path(SONG)
    dance = dance_for_song(song, seed=SEED, progress=progress)
    return Demo("Demo dance", dance.motion, dance.analysis, song)


def write_demo(folder: Path, demo: Demo, size: tuple[int, int] = (1280, 720)) -> None:
    """Write dance.bvh, contact-sheet.png and dance.mp4 into a folder, each with a line that says where."""
    from app.commands.render import write_film, write_sheet
    from app.counting import Counting
    from engine.formats import bvh

    motion, counting, end_s = demo.motion, Counting(demo.analysis), demo.motion.duration_s
    dance, sheet, video = (folder / name for name in ("dance.bvh", "contact-sheet.png", "dance.mp4"))
    bvh.write(dance, motion)
    print(f"Dance:          {dance}", flush=True)
    write_sheet(sheet, [motion], [demo.title], counting, 0.0, end_s, N_CELLS, "three-quarter")
    print(f"Contact sheet:  {sheet}", flush=True)
    write_film(video, [motion], [], counting, demo.song, 0.0, end_s, size=size)
    print(f"Video:          {video}", flush=True)
