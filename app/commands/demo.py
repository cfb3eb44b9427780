"""`kinetograph demo`: the demo piece in the editor, or a dance written to a folder where there is no screen."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from app.progress import Bar
from app.resources import resource_path
from app.screen import has_screen

if TYPE_CHECKING:
    from engine.motion.motion import Motion
    from engine.music.analysis import MusicAnalysis

SONG = "demo/song.ogg"
SEED = 9  # of the first sixteen duets two break no rule; of these it is the more varied to the eye
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
    """The demo piece in the editor; a dance in `out_dir`, or in demo-output without a screen. Returns the exit code."""
    if out_dir is None and has_screen():
        from app.window.start import run_editor  # Qt is loaded only where there is a screen.

        return run_editor(None, opens_demo=True)
    folder = out_dir or FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    write_demo(folder, make_demo(Bar("making the dance")))
    return 0


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
