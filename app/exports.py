"""Handing the dance on: one table of what can be written, with its options. No Qt; the engine is loaded late."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.cue_sheet.export import CueSheetOptions
from engine.errors import EngineError
from engine.formats.exporters import (
    CUES,
    FORMATS,
    HANDLES,
    RATE_NAMES,
    SPANS,
    START_FRAMES,
    CueFormat,
    CueOptions,
    MotionFormat,
    MotionOptions,
)
from engine.formats.film_scene import film_span
from engine.formats.options import option
from engine.formats.receipt import Origin, Receipt, as_json, as_text
from engine.formats.scene import RATES, FrameRate, SceneMarker

if TYPE_CHECKING:
    from app.export_pictures import Captions
    from editor.document.document import Document, Song
    from editor.jobs.worker import Report
    from engine.motion.motion import Motion
    from engine.music.analysis import MusicAnalysis
    from viewer3d.camera import Camera

Progress = Callable[[float], None]
_SCENE = 0.3  # of the work of a motion file goes into its scene
VIEWS = {"three-quarter": "Three-quarter", "front": "Front", "side": "Side", "window": "As in the window"}
SIZES = {
    "1280x720": "1280 \u00d7 720", "1920x1080": "1920 \u00d7 1080", "3840x2160": "3840 \u00d7 2160",
    "1080x1920": "1080 \u00d7 1920, upright",
}  # fmt: skip


class ExportRefused(EngineError):
    """There is nothing to export, or not to there."""


@dataclass(frozen=True, eq=False)
class Dancer:
    """One dancer as she is handed on.

    Attributes:
        name: Shown, and part of file names.
        motion: In the stage's space, on the body's own lengths.
        body, height_m: What `engine.character.character.character` makes the body of.
    """

    name: str
    motion: Motion
    body: str = "neutral"
    height_m: float = 1.70


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
        origin: Where the dance comes from, for receipts.
        markers: Those that she set, at moments of the piece, and over what she marked as intended.
        cameras: Those kept with the piece, by name.
        take: What files that hold takes call this one; empty for the title.
        document: The piece, whose shelves hold the other takes; None where only what is danced is known.
    """

    title: str
    dancers: tuple[Dancer, ...]
    song: Song | None = None
    music: MusicAnalysis | None = None
    duration_s: float = 0.0
    moment_s: float = 0.0
    span_s: tuple[float, float] | None = None
    camera: Camera | None = None
    origin: Origin | None = None
    markers: tuple[SceneMarker, ...] = ()
    cameras: tuple[tuple[str, Camera], ...] = ()
    take: str = ""
    document: Document | None = None


def performance_of(
    document: Document,
    moment_s: float = 0.0,
    span_s: tuple[float, float] | None = None,
    camera: Camera | None = None,
) -> Performance:
    """What the document would hand on now."""
    from app.film import camera_of
    from app.intended import intended_markers
    from app.origin import origin_of
    from editor.document.bodies import character_of, dressed_dance

    bodies = {t.id: character_of(t) for t in document.tracks}
    dancers = tuple(
        Dancer(t.name, dressed_dance(document, t.id), bodies[t.id].kind, bodies[t.id].height_m)
        for t in document.dancers if not t.is_muted and t.clips
    )  # fmt: skip
    markers = tuple(
        SceneMarker(m.text or "marker", m.time_s, "marker", "", max(m.end_s - m.time_s, 0.0)) for m in document.markers
    )
    return Performance(
        document.title, dancers, document.song, document.music, document.duration_s, moment_s, span_s, camera,
        origin_of(document), (*markers, *intended_markers(document)),
        tuple((shot.name, camera_of(shot)) for shot in document.cameras),
        document=document,
    )  # fmt: skip


@dataclass(frozen=True)
class VideoOptions:
    """Of a film."""

    span: str = option("piece", "What", "The rest is left out", choices=SPANS)
    size: str = option("1920x1080", "Size", "Width and height in pixels", choices=SIZES)
    rate: str = option("24", "Frames a second", "As your edit has them", choices=RATE_NAMES, flag="--fps")
    start_frame: int = option(
        0, "First frame", "Its number, handles included", choices=START_FRAMES, bounds=(0, 999_999), flag="--start"
    )
    handles: int = option(0, "Handles", "Frames before and after, for the cut", choices=HANDLES, bounds=(0, 480))
    view: str = option("three-quarter", "Seen from", "The camera follows the dancers", choices=VIEWS)
    has_sound: bool = option(True, "With the song", "The sound lies under the picture")
    has_counts: bool = option(True, "With counts", "Count, bar, tempo and time are burnt into the picture")
    has_slate: bool = option(False, "With a slate", "Piece, take, frame, timecode and camera are burnt in")
    has_safe_frame: bool = option(False, "Safe frame", "Where action and titles are safe, burnt in")


@dataclass(frozen=True)
class PictureOptions:
    """Of one picture."""

    size: str = option("1920x1080", "Size", "Width and height in pixels", choices=SIZES)
    view: str = option("three-quarter", "Seen from", "The dancers fill the picture", choices=VIEWS)
    has_counts: bool = option(False, "With counts", "Count, bar, tempo and time are burnt into the picture")


@dataclass(frozen=True)
class SequenceOptions:
    """Of a row of pictures, numbered as the shot's frames are."""

    span: str = option("selection", "What", "The rest is left out", choices=SPANS)
    size: str = option("1920x1080", "Size", "Width and height in pixels", choices=SIZES)
    rate: str = option("24", "Pictures a second", "As your edit has them", choices=RATE_NAMES, flag="--fps")
    start_frame: int = option(
        1, "First frame", "Its number, handles included", choices=START_FRAMES, bounds=(0, 999_999), flag="--start"
    )
    handles: int = option(0, "Handles", "Frames before and after, for the cut", choices=HANDLES, bounds=(0, 480))
    view: str = option("three-quarter", "Seen from", "The camera follows the dancers", choices=VIEWS)
    has_counts: bool = option(False, "With counts", "Count, bar, tempo and time are burnt into the picture")
    has_slate: bool = option(False, "With a slate", "Piece, take, frame, timecode and camera are burnt in")
    has_safe_frame: bool = option(False, "Safe frame", "Where action and titles are safe, burnt in")


@dataclass(frozen=True)
class Exported:
    """What an export made.

    Attributes:
        paths: The files that now are there, without the receipt's own.
        receipts: What is proven of them; empty where they hold pictures.
        receipt_path: The receipt to read; None where none was written.
    """

    paths: tuple[Path, ...]
    receipts: tuple[Receipt, ...] = ()
    receipt_path: Path | None = None


Write = Callable[[Performance, Path, Any, Progress], Exported]


@dataclass(frozen=True)
class Exporter:
    """One row of the table.

    Attributes:
        name: Shown; also what preferences call it.
        extension: Of the path that is chosen, with its dot.
        says: One line on what it is for.
        options: A dataclass made of `option` fields.
        write: Writes to the path. Raises Cancelled through `progress`.
        is_one_each: Whether several dancers make several files.
    """

    name: str
    extension: str
    says: str
    options: type
    write: Write
    is_one_each: bool = False


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


def carry_out(report: Report, order: Order) -> Exported:
    """Do what `export` does, as a job's task."""
    return export(order.exporter, order.performance, order.path, order.options, report.progress)


def export(name: str, performance: Performance, path: Path, options: Any, progress: Progress) -> Exported:
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


def paths_for(name: str, performance: Performance, path: Path, options: Any = None) -> tuple[Path, ...]:
    """The files that an export writes: the path itself, or one with each dancer's name where a file holds one."""
    is_one_each = EXPORTERS[name].is_one_each or getattr(options, "is_split", False)
    if not is_one_each or len(performance.dancers) == 1:
        return (path,)
    stems: list[str] = []
    for dancer in performance.dancers:
        stem = f"{path.stem}-{file_stem(dancer.name)}"
        n_before = sum(s == stem or s.startswith(f"{stem} ") for s in stems)
        stems.append(f"{stem} {n_before + 1}" if n_before else stem)
    return tuple(path.with_name(f"{stem}{path.suffix}") for stem in stems)


def motion_writer(kind: MotionFormat) -> Write:
    """What the table's row does for a whole performance."""

    def write(performance: Performance, path: Path, options: MotionOptions, progress: Progress) -> Exported:
        from app.film import foot_notes, scene_of
        from app.intended import intended_notes
        from engine.formats.exporters import alone, write_proven

        span_s = span_of(performance, options.span)
        scene = scene_of(performance, options, span_s, lambda x: progress(_SCENE * x))
        notes = (
            *foot_notes(performance, options, scene, span_s), *intended_notes(performance.markers, span_s),
        )  # fmt: skip
        targets = paths_for(kind.name, performance, path, options)
        scenes = list(alone(scene)) if len(targets) > 1 else [scene]
        receipts = []
        with _beside(path.parent) as folder:
            for i, (part, target) in enumerate(zip(scenes, targets, strict=True)):

                def part_done(fraction: float, i: int = i) -> None:
                    progress(_SCENE + (1.0 - _SCENE) * (i + fraction) / len(targets))

                receipts.append(
                    write_proven(kind, folder / target.name, part, options, part_done, performance.origin, notes)
                )
            receipt_path = path.with_name(f"{path.name}.receipt.txt") if options.has_receipt else None
            if receipt_path is not None:
                (folder / receipt_path.name).write_text(as_text(tuple(receipts)), "utf-8")
                (folder / receipt_path.with_suffix(".json").name).write_text(as_json(tuple(receipts)), "utf-8")
            _move(folder, path.parent)
        return Exported(targets, tuple(receipts), receipt_path)

    return write


def _cue_writer(kind: CueFormat) -> Write:
    """What the table's row of a list does for a whole performance."""

    def write(performance: Performance, path: Path, options: CueOptions, progress: Progress) -> Exported:
        from app.film import cut_of, scene_of

        scene = scene_of(performance, options, span_of(performance, options.span), lambda x: progress(0.9 * x))
        progress(0.95)
        kind.write(path, scene, cut_of(performance, scene, options.handles))  # what is there is not cancelled any more
        return Exported((path,))

    return write


def _write_video(performance: Performance, path: Path, options: VideoOptions, progress: Progress) -> Exported:
    span = film_span(RATES[options.rate], span_of(performance, options.span), options.handles)
    times_s = [float(time_s) for time_s in span.times_s()]
    write_film(
        path, performance, times_s, span.rate, options.size, options.view, _captions(performance, options),
        options.has_sound, progress,
    )  # fmt: skip
    return Exported((path,))


def write_film(
    path: Path, performance: Performance, times_s: list[float], rate: FrameRate, size: str, view: str,
    captions: Captions | None, has_sound: bool, progress: Progress,
) -> int:  # fmt: skip
    """Write a film of the stage and return how many pictures it has.

    Args:
        path: Where to, *.mp4.
        performance: Who dances, to what.
        times_s: Moments of the piece, one a picture.
        rate: Pictures a second.
        size, view: Of SIZES and VIEWS.
        captions: What is burnt in.
        has_sound: Whether the song lies under it.
        progress: Called with the fraction done; may raise Cancelled.
    """
    from engine.formats.video import write_video

    pictures = _pictures(performance, times_s, size, view, captions)
    with contextlib.closing(pictures), song_file(performance, has_sound) as song:
        return write_video(path, pictures, rate.hz, song, times_s[0], progress, len(times_s))


def _write_picture(performance: Performance, path: Path, options: PictureOptions, progress: Progress) -> Exported:
    from engine.formats.video import write_png

    pictures = _pictures(
        performance, [performance.moment_s], options.size, options.view, _captions(performance, options)
    )
    with contextlib.closing(pictures):
        picture = next(pictures)
    progress(0.9)
    write_png(path, picture)
    return Exported((path,))


def _write_sequence(performance: Performance, path: Path, options: SequenceOptions, progress: Progress) -> Exported:
    span = film_span(RATES[options.rate], span_of(performance, options.span), options.handles)
    times_s = [float(time_s) for time_s in span.times_s()]
    with _beside(path.parent) as folder:
        names = write_frames(
            folder, path.stem, options.start_frame, performance, times_s, options.size, options.view,
            _captions(performance, options), progress,
        )  # fmt: skip
        _move(folder, path.parent)
    return Exported(tuple(path.with_name(name) for name in names))


def write_frames(
    folder: Path, stem: str, start_frame: int, performance: Performance, times_s: list[float], size: str, view: str,
    captions: Captions | None, progress: Progress,
) -> list[str]:  # fmt: skip
    """Write a numbered PNG for each moment into a folder and return their names.

    Args:
        folder: Where to; nobody else looks into it meanwhile.
        stem: What names begin with.
        start_frame: Number of the first one.
        performance: Who dances, to what.
        times_s: Moments of the piece, one a picture.
        size, view: Of SIZES and VIEWS.
        captions: What is burnt in.
        progress: Called with the fraction done; may raise Cancelled.
    """
    from engine.formats.video import write_png

    digits = max(len(str(start_frame + len(times_s) - 1)), 4)
    names = [f"{stem}_{start_frame + i:0{digits}d}.png" for i in range(len(times_s))]
    pictures = _pictures(performance, times_s, size, view, captions)
    with contextlib.closing(pictures):
        for i, (picture, name) in enumerate(zip(pictures, names, strict=True)):
            write_png(folder / name, picture)
            progress((i + 1) / len(names))
    return names


def _write_cue_sheet(performance: Performance, path: Path, options: Any, progress: Progress) -> Exported:
    from app.cue_sheet.export import write_cue_sheet

    targets = paths_for("Cue sheet", performance, path, options)
    dancers = performance.dancers if len(targets) > 1 else (None,)
    with _beside(path.parent) as folder:
        for i, (dancer, target) in enumerate(zip(dancers, targets, strict=True)):

            def part_done(fraction: float, i: int = i) -> None:
                progress((i + fraction) / len(targets))

            one = performance if dancer is None else replace(performance, dancers=(dancer,))
            write_cue_sheet(folder / target.name, one, options, part_done)
        _move(folder, path.parent)
    return Exported(targets)


def _captions(performance: Performance, options: Any) -> Captions | None:
    """What the options want burnt in."""
    from app.burn_in import Slate, captions

    slate = None
    if getattr(options, "has_slate", False):
        slate = Slate(
            performance.title, performance.take or "as danced", "", VIEWS[options.view], RATES[options.rate],
            options.start_frame,
        )  # fmt: skip
    is_safe = getattr(options, "has_safe_frame", False)
    if not (options.has_counts or slate or is_safe):
        return None
    return captions(performance.music if options.has_counts else None, slate, is_safe, options.has_counts)


def _pictures(
    performance: Performance, times_s: list[float], size: str, view: str, captions: Captions | None
) -> Iterator[Any]:
    from app.export_pictures import stage_pictures

    width, height = (int(side) for side in size.split("x"))
    camera = performance.camera if view == "window" else None
    motions = [dancer.motion for dancer in performance.dancers]
    direction = view if view in VIEWS and view != "window" else "three-quarter"
    return stage_pictures(motions, times_s, (width, height), direction, camera, captions)


def span_of(performance: Performance, span: str) -> tuple[float, float]:
    """What part of the piece is meant, seconds; the whole piece where nothing is selected."""
    if span == "selection" and performance.span_s is not None:
        return performance.span_s
    return 0.0, max(performance.duration_s, max(d.motion.duration_s for d in performance.dancers))


@contextmanager
def song_file(performance: Performance, is_wanted: bool) -> Iterator[Path | None]:
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
        *(
            Exporter(kind.name, kind.extension, kind.says, kind.options, motion_writer(kind), kind.holds_one)
            for kind in FORMATS.values()
        ),
        Exporter("Video", ".mp4", "A film of the stage with the song under it (H.264).", VideoOptions, _write_video),
        Exporter("Picture", ".png", "The moment at the playhead.", PictureOptions, _write_picture),
        Exporter(
            "Picture sequence", ".png", "A numbered PNG for every frame, for compositing.",
            SequenceOptions, _write_sequence,
        ),
        Exporter(
            "Cue sheet", ".pdf", "Paper for rehearsal and set: an eight a row, with pictures, frames and the floor.",
            CueSheetOptions, _write_cue_sheet,
        ),
        *(
            Exporter(cue.name, cue.extension, cue.says, CueOptions, _cue_writer(cue)) for cue in CUES.values()
        ),
    )
}  # fmt: skip
