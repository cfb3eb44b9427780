"""Handing the dance on: one table of what can be written, with its options. No Qt; the engine is loaded late."""

from __future__ import annotations

import contextlib
import math
import os
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine.errors import EngineError
from engine.formats.options import option

if TYPE_CHECKING:
    from editor.document.document import Document, Song
    from editor.jobs.worker import Report
    from engine.motion.motion import Motion
    from engine.music.analysis import MusicAnalysis
    from viewer3d.camera import Camera

Progress = Callable[[float], None]
VIEWS = {"three-quarter": "Three-quarter", "front": "Front", "side": "Side", "window": "As in the window"}
SIZES = {
    "1280x720": "1280 \u00d7 720", "1920x1080": "1920 \u00d7 1080", "3840x2160": "3840 \u00d7 2160",
    "1080x1920": "1080 \u00d7 1920, upright",
}  # fmt: skip
SPANS = {"piece": "The whole piece", "selection": "The selection"}
RATES = {24.0: "24", 25.0: "25", 30.0: "30", 50.0: "50", 60.0: "60"}


class ExportRefused(EngineError):
    """There is nothing to export, or not to there."""


@dataclass(frozen=True, eq=False)
class Dancer:
    """One dancer as she is handed on.

    Attributes:
        name: Shown, and part of file names.
        motion: In the stage's space.
    """

    name: str
    motion: Motion


@dataclass(frozen=True, eq=False)
class Performance:
    """What an export takes: the piece at one moment, so that edits may go on while it is written.

    Attributes:
        title: The piece's.
        dancers: Those that are not muted.
        song: None without music.
        music: What is known of it.
        duration_s: The piece's length.
        moment_s: The playhead.
        span_s: The selection; None without one.
        camera: As the window shows it; None where that is not known.
    """

    title: str
    dancers: tuple[Dancer, ...]
    song: Song | None = None
    music: MusicAnalysis | None = None
    duration_s: float = 0.0
    moment_s: float = 0.0
    span_s: tuple[float, float] | None = None
    camera: Camera | None = None


def performance_of(
    document: Document,
    moment_s: float = 0.0,
    span_s: tuple[float, float] | None = None,
    camera: Camera | None = None,
) -> Performance:
    """What the document would hand on now."""
    from editor.document.assemble import dance

    dancers = tuple(Dancer(t.name, dance(document, t.id)) for t in document.tracks if not t.is_muted and t.clips)
    return Performance(
        document.title, dancers, document.song, document.music, document.duration_s, moment_s, span_s, camera
    )


@dataclass(frozen=True)
class BvhOptions:
    """Of a BVH file."""

    span: str = option("piece", "What", "The rest is left out", choices=SPANS)
    t_pose: bool = option(False, "Begin with a T-pose", "One frame before the dance, for tools that want one")


@dataclass(frozen=True)
class VideoOptions:
    """Of a film."""

    span: str = option("piece", "What", "The rest is left out", choices=SPANS)
    size: str = option("1920x1080", "Size", "Width and height in pixels", choices=SIZES)
    rate_hz: float = option(30.0, "Frames a second", "As your edit has them", choices=RATES)
    view: str = option("three-quarter", "Seen from", "The camera follows the dancers", choices=VIEWS)
    has_sound: bool = option(True, "With the song", "The sound lies under the picture")
    has_counts: bool = option(True, "With counts", "Count, bar, tempo and time are burnt into the picture")


@dataclass(frozen=True)
class PictureOptions:
    """Of one picture."""

    size: str = option("1920x1080", "Size", "Width and height in pixels", choices=SIZES)
    view: str = option("three-quarter", "Seen from", "The dancers fill the picture", choices=VIEWS)
    has_counts: bool = option(False, "With counts", "Count, bar, tempo and time are burnt into the picture")


@dataclass(frozen=True)
class SequenceOptions:
    """Of a row of pictures."""

    span: str = option("selection", "What", "The rest is left out", choices=SPANS)
    size: str = option("1920x1080", "Size", "Width and height in pixels", choices=SIZES)
    rate_hz: float = option(24.0, "Pictures a second", "As your edit has them", choices=RATES)
    view: str = option("three-quarter", "Seen from", "The camera follows the dancers", choices=VIEWS)
    has_counts: bool = option(False, "With counts", "Count, bar, tempo and time are burnt into the picture")
    first_number: int = option(1, "First number", "Of the files: name_0001.png", bounds=(0, 100_000))


Write = Callable[[Performance, Path, Any, Progress], tuple[Path, ...]]


@dataclass(frozen=True)
class Exporter:
    """One row of the table.

    Attributes:
        name: Shown; also what preferences call it.
        extension: Of the path that is chosen, with its dot.
        says: One line on what it is for.
        options: A dataclass made of `option` fields.
        write: Writes to the path; returns the files that now are there. Raises Cancelled through `progress`.
    """

    name: str
    extension: str
    says: str
    options: type
    write: Write


@dataclass(frozen=True, eq=False)
class Order:
    """An export that was asked for; it can be carried out in another process, and again later.

    Attributes:
        exporter: A name in EXPORTERS.
        performance: What is handed on.
        path: Where to.
        options: The exporter's.
    """

    exporter: str
    performance: Performance
    path: Path
    options: Any

    @property
    def label(self) -> str:
        """What the status bar calls the work."""
        return f"exporting {self.path.name}"


CARRY_OUT = "app.exports:carry_out"  # as editor.jobs.worker names a task


def carry_out(report: Report, order: Order) -> tuple[Path, ...]:
    """Do what `export` does, as a job's task."""
    return export(order.exporter, order.performance, order.path, order.options, report.progress)


def export(name: str, performance: Performance, path: Path, options: Any, progress: Progress) -> tuple[Path, ...]:
    """Write by a row of the table; nothing is left behind where that fails or is cancelled.

    Raises:
        ExportRefused: There is nobody to export, or the folder is not there.
        Cancelled: `progress` raised it.
    """
    if not performance.dancers:
        raise ExportRefused("There is no dance to export; unmute a dancer, or make a dance first.")
    if not path.parent.is_dir():
        raise ExportRefused(f"The folder {path.parent} is not there; choose another one.")
    progress(0.0)
    return EXPORTERS[name].write(performance, path, options, progress)


def file_stem(words: str) -> str:
    """A name that every file system takes."""
    plain = re.sub(r'[\x00-\x1f<>:"/\\|?*]+', " ", words)
    return re.sub(r"\s+", " ", plain).strip(" .")[:80] or "dance"


def bvh_paths(performance: Performance, path: Path) -> tuple[Path, ...]:
    """The files that a BVH export writes: the path itself for one dancer, else one with each dancer's name."""
    if len(performance.dancers) == 1:
        return (path,)
    stems: list[str] = []
    for dancer in performance.dancers:
        stem = f"{path.stem}-{file_stem(dancer.name)}"
        n_before = sum(s == stem or s.startswith(f"{stem} ") for s in stems)
        stems.append(f"{stem} {n_before + 1}" if n_before else stem)
    return tuple(path.with_name(f"{stem}{path.suffix}") for stem in stems)


def _write_bvh(performance: Performance, path: Path, options: BvhOptions, progress: Progress) -> tuple[Path, ...]:
    from engine.formats import bvh

    start_s, end_s = _span(performance, options.span)
    targets = bvh_paths(performance, path)
    with _beside(path.parent) as folder:
        for i, (dancer, target) in enumerate(zip(performance.dancers, targets, strict=True)):
            part = _part(dancer.motion, start_s, end_s)
            bvh.write(folder / target.name, part, first_frame_t_pose=options.t_pose)
            progress((i + 1) / len(targets))
        _move(folder, path.parent)
    return targets


def _write_video(performance: Performance, path: Path, options: VideoOptions, progress: Progress) -> tuple[Path, ...]:
    from engine.formats.video import write_video

    start_s, end_s = _span(performance, options.span)
    times_s = _times(start_s, end_s, options.rate_hz)
    pictures = _pictures(performance, times_s, options.size, options.view, options.has_counts)
    with contextlib.closing(pictures), _song_file(performance, options.has_sound) as song:
        write_video(path, pictures, options.rate_hz, song, start_s, progress, len(times_s))
    return (path,)


def _write_picture(
    performance: Performance, path: Path, options: PictureOptions, progress: Progress
) -> tuple[Path, ...]:
    from engine.formats.video import write_png

    pictures = _pictures(performance, [performance.moment_s], options.size, options.view, options.has_counts)
    with contextlib.closing(pictures):
        picture = next(pictures)
    progress(0.9)
    write_png(path, picture)
    progress(1.0)
    return (path,)


def _write_sequence(
    performance: Performance, path: Path, options: SequenceOptions, progress: Progress
) -> tuple[Path, ...]:
    from engine.formats.video import write_png

    times_s = _times(*_span(performance, options.span), options.rate_hz)
    digits = max(len(str(options.first_number + len(times_s) - 1)), 4)
    names = [f"{path.stem}_{options.first_number + i:0{digits}d}.png" for i in range(len(times_s))]
    pictures = _pictures(performance, times_s, options.size, options.view, options.has_counts)
    with contextlib.closing(pictures), _beside(path.parent) as folder:
        for i, (picture, name) in enumerate(zip(pictures, names, strict=True)):
            write_png(folder / name, picture)
            progress((i + 1) / len(names))
        _move(folder, path.parent)
    return tuple(path.with_name(name) for name in names)


def _pictures(performance: Performance, times_s: list[float], size: str, view: str, has_counts: bool) -> Iterator[Any]:
    from app.export_pictures import stage_pictures

    width, height = (int(side) for side in size.split("x"))
    camera = performance.camera if view == "window" else None
    motions = [dancer.motion for dancer in performance.dancers]
    music = performance.music if has_counts else None
    direction = view if view in VIEWS and view != "window" else "three-quarter"
    return stage_pictures(motions, times_s, (width, height), direction, camera, music, has_counts)


def _span(performance: Performance, span: str) -> tuple[float, float]:
    """What part of the piece is meant, seconds; the whole piece where nothing is selected."""
    if span == "selection" and performance.span_s is not None:
        return performance.span_s
    return 0.0, max(performance.duration_s, max(d.motion.duration_s for d in performance.dancers))


def _part(motion: Motion, start_s: float, end_s: float) -> Motion:
    """The frames of a span, at least one."""
    start, end = (round(time_s * motion.frame_rate_hz) for time_s in (start_s, end_s))
    start = min(start, motion.n_frames - 1)
    return motion.slice(start, max(end, start + 1))


def _times(start_s: float, end_s: float, rate_hz: float) -> list[float]:
    return [start_s + i / rate_hz for i in range(max(math.ceil((end_s - start_s) * rate_hz - 1e-6), 1))]


@contextmanager
def _song_file(performance: Performance, is_wanted: bool) -> Iterator[Path | None]:
    """The song as a file: its bytes in a temporary one where the project holds them, else where it lies."""
    song = performance.song
    if song is None or not is_wanted:
        yield None
    elif song.data is not None:
        with tempfile.TemporaryDirectory(prefix="kinetograph-") as folder:
            path = Path(folder) / f"song{Path(song.name).suffix}"
            path.write_bytes(song.data)
            yield path
    elif song.link and Path(song.link).is_file():
        yield Path(song.link)
    else:
        raise ExportRefused(f"The song {song.name} is not where it was; choose it again, or export without the song.")


@contextmanager
def _beside(folder: Path) -> Iterator[Path]:
    """A folder for files that come one by one and appear together, on the same disk; it is gone afterwards."""
    made = Path(tempfile.mkdtemp(prefix=".kinetograph-", dir=folder))
    try:
        yield made
    finally:
        shutil.rmtree(made, ignore_errors=True)


def _move(source: Path, target: Path) -> None:
    for path in sorted(source.iterdir()):
        os.replace(path, target / path.name)


EXPORTERS: dict[str, Exporter] = {
    row.name: row
    for row in (
        Exporter(
            "BVH", ".bvh", "The motion for Blender, Maya, MotionBuilder, Unreal; one file for each dancer.",
            BvhOptions, _write_bvh,
        ),
        Exporter("Video", ".mp4", "A film of the stage with the song under it (H.264).", VideoOptions, _write_video),
        Exporter("Picture", ".png", "The moment at the playhead.", PictureOptions, _write_picture),
        Exporter(
            "Picture sequence", ".png", "A numbered PNG for every frame, for compositing.",
            SequenceOptions, _write_sequence,
        ),
    )
}  # fmt: skip
