"""`kinetograph render MOTION.bvh -o OUT.mp4|OUT.png`: a dance as a video with sound, or as a contact sheet."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from app.counting import clock
from app.progress import Bar
from engine.errors import MotionFileError, RetargetError

if TYPE_CHECKING:
    import numpy as np

    from app.counting import Counting
    from engine.motion.motion import Motion
    from viewer3d.film import Caption

CAMERAS = ("three-quarter", "front", "side")
SIZE, FRAME_RATE_HZ, N_CELLS = (1280, 720), 30.0, 32
_MAX_SIDE, _MIN_SIDE = 8192, 16


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("motions", nargs="+", type=Path, metavar="MOTION.bvh", help="several stand side by side")
    parser.add_argument("-o", "--out", type=_picture_path, required=True, help="OUT.mp4: a video; OUT.png: a sheet")
    parser.add_argument("--music", type=Path, help="the song: heard in a video, and the beats of a contact sheet")
    parser.add_argument("--size", type=_size, default=SIZE, help="of a video in pixels (1280x720)", metavar="WxH")
    parser.add_argument("--fps", type=_positive, default=FRAME_RATE_HZ, help="frames a second of a video (30)")
    parser.add_argument("--frames", type=_count, default=N_CELLS, help="cells of a contact sheet (%(default)s)")
    parser.add_argument("--start", type=_not_negative, default=0.0, help="where to begin, in seconds")
    parser.add_argument("--duration", type=_positive, help="how much to show, in seconds (all)")
    parser.add_argument("--camera", choices=CAMERAS, default=CAMERAS[0], help="where it is seen from (%(default)s)")
    parser.add_argument("--raw", action="store_true", help="draw the file's own skeleton, not the dancer")
    parser.add_argument("--clean", action="store_true", help="no words on a video")


def run(args: argparse.Namespace) -> int:
    """Write the picture; returns the exit code."""
    motions = [load(path, is_raw=args.raw) for path in args.motions]
    end_s = max(motion.duration_s for motion in motions)
    if args.start >= end_s:
        raise MotionFileError(args.motions[0], f"ends at {end_s:.2f} s, before --start {args.start:g}; begin earlier")
    if args.duration is not None:
        end_s = min(end_s, args.start + args.duration)
    names = [path.stem for path in args.motions]
    counting = None if args.music is None else count(args.music)
    if args.out.suffix.lower() == ".png":
        write_sheet(args.out, motions, names, counting, args.start, end_s, args.frames, args.camera)
    else:
        write_film(
            args.out, motions, names if len(names) > 1 else [], counting, args.music, args.start, end_s,
            size=args.size, frame_rate_hz=args.fps, camera=args.camera, is_clean=args.clean,
        )  # fmt: skip
    print(f"Written to {args.out}.")
    return 0


def load(path: Path, *, is_raw: bool = False) -> Motion:
    """The motion of a BVH file on the house skeleton, or on its own where it is raw or no human body."""
    from app.rigs import joint_maps
    from engine.formats import bvh
    from engine.motion.house import HOUSE
    from engine.motion.retarget import guess_rig, to_house

    motion = bvh.read(path)
    if is_raw or motion.skeleton.names == HOUSE.names:
        return motion
    try:
        return to_house(motion, guess_rig(motion.skeleton, joint_maps()))
    except RetargetError as error:
        print(f"{path.name}: {error} It is drawn as it is.", file=sys.stderr)
        return motion


def count(music: Path) -> Counting:
    """The counts of a song, analysed with a progress line."""
    from app.counting import Counting
    from engine.music.cache import analyse_file

    return Counting(analyse_file(music, Bar("listening to the music")))


def write_sheet(
    path: Path,
    motions: list[Motion],
    names: list[str],
    counting: Counting | None,
    start_s: float,
    end_s: float,
    n_cells: int,
    camera: str,
) -> None:
    """Write a contact sheet: cells on beats where there is music with a beat, else at equal steps."""
    import numpy as np

    from engine.formats.video import write_png
    from viewer3d.sheet import contact_sheet

    counts = counting.moments(n_cells, start_s, end_s) if counting else []
    if counts:
        times_s = [c.time_s for c in counts]
        labels = [(f"{c.number}", f"{c.bar_name}   {clock(c.time_s)}") for c in counts]
    else:
        times_s = list(start_s + (end_s - start_s) * (np.arange(n_cells) + 0.5) / n_cells)
        labels = [(clock(time), "") for time in times_s]
    columns = counting.n_counts if counting and len(counts) >= counting.n_counts else None
    progress = Bar("drawing")
    sheets: list[np.ndarray] = []
    for motion, name in zip(motions, names, strict=True):
        done = len(sheets)

        def part(fraction: float, done: int = done) -> None:
            progress((done + fraction) / len(motions))

        sheets.append(
            contact_sheet(motion, times_s, labels, title=name, direction=camera, columns=columns, progress=part)
        )
    write_png(path, np.concatenate(sheets))


def write_film(
    path: Path,
    motions: list[Motion],
    names: list[str],
    counting: Counting | None,
    music: Path | None,
    start_s: float,
    end_s: float,
    *,
    size: tuple[int, int] = SIZE,
    frame_rate_hz: float = FRAME_RATE_HZ,
    camera: str = CAMERAS[0],
    is_clean: bool = False,
) -> None:
    """Write a video with the music under it."""
    from engine.formats.video import write_video
    from engine.timebase import n_frames_for
    from viewer3d.film import film

    n_frames = max(n_frames_for(end_s - start_s, frame_rate_hz), 1)
    times_s = [start_s + i / frame_rate_hz for i in range(n_frames)]
    caption = None if is_clean else caption_for(counting)
    pictures = film(motions, times_s, size, direction=camera, names=names, caption=caption)
    write_video(path, pictures, frame_rate_hz, music, start_s, Bar("drawing and encoding"), n_frames)


def caption_for(counting: Counting | None) -> Callable[[float], Caption]:
    """What is burnt into the picture at a time: the time, and where there is music the count, bar and tempo."""
    from viewer3d.film import Caption

    def caption(time_s: float) -> Caption:
        now = counting.at(time_s) if counting else None
        if counting is None or now is None:
            return Caption(clock(time_s))
        return Caption(clock(time_s), f"{now.bar_name}   {now.tempo_bpm:.0f} bpm", now.number, counting.n_counts)

    return caption


def _picture_path(text: str) -> Path:
    path = Path(text)
    if path.suffix.lower() not in (".mp4", ".png"):
        raise argparse.ArgumentTypeError(f"{text!r} ends neither in .mp4 (a video) nor in .png (a contact sheet)")
    return path


def _size(text: str) -> tuple[int, int]:
    found = re.fullmatch(r"(\d+)[x×](\d+)", text)
    if found:
        width, height = int(found[1]), int(found[2])
        if all(_MIN_SIDE <= side <= _MAX_SIDE for side in (width, height)):
            return width, height
    raise argparse.ArgumentTypeError(
        f"{text!r} is no size in pixels such as 1280x720, each side from {_MIN_SIDE} to {_MAX_SIDE}"
    )


def _positive(text: str) -> float:
    value = _number(text)
    if value <= 0.0:
        raise argparse.ArgumentTypeError(f"{text!r} is not above zero")
    return value


def _not_negative(text: str) -> float:
    value = _number(text)
    if value < 0.0:
        raise argparse.ArgumentTypeError(f"{text!r} is below zero")
    return value


def _count(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 400:
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number from 1 to 400")
    return int(text)


def _number(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = float("nan")
    if not abs(value) < float("inf"):
        raise argparse.ArgumentTypeError(f"{text!r} is no number")
    return value
