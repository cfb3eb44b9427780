"""Deliver shot: everything that film wants of a dance, in one folder that is never written over."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.cue_sheet.export import PAPER_NAMES, PICTURES
from app.exports import SIZES, VIEWS, Exported, ExportRefused, Performance, Progress, song_file, span_of
from app.shot_names import TEMPLATE, entries, name_from, next_version
from engine.formats.exporters import CUES, FORMATS, HANDLES, RATE_NAMES, RIGS, SPANS, START_FRAMES, has_beats
from engine.formats.film_scene import FilmSpan, film_span
from engine.formats.options import option, options_as_json
from engine.formats.receipt import Listed, Receipt, as_json, as_text
from engine.formats.scene import RATES, FilmScene, SceneTake

if TYPE_CHECKING:
    from app.export_pictures import Captions
    from editor.jobs.worker import Report

DELIVER = "app.deliver:carry_out"  # as editor.jobs.worker names a task
_SCENE = 0.1  # of the work
_FRAMES = "_frames"  # the folder of numbered pictures


@dataclass(frozen=True)
class DeliverOptions:
    """What goes into a delivery, and what it is called."""

    show: str = option("SHOW", "Show", "Letters, digits and hyphens")
    seq: str = option("010", "Sequence", "As the shot list has it")
    shot: str = option("0010", "Shot", "As the shot list has it")
    take: int = option(1, "Take", "As the shot list counts it", bounds=(1, 99))
    template: str = option(TEMPLATE, "File names", "What files are called; the version counts up by itself")
    span: str = option("piece", "What", "The rest is left out", choices=SPANS)
    rig: str = option("plain", "Skeleton", "Names, joints and rest pose as your program wants them", choices=RIGS)
    rate: str = option("24", "Frames a second", "As your shot has them", choices=RATE_NAMES, flag="--fps")
    start_frame: int = option(
        1001, "First frame", "Its number, handles included", choices=START_FRAMES, bounds=(0, 999_999), flag="--start"
    )
    handles: int = option(8, "Handles", "Frames before and after, for the cut", choices=HANDLES, bounds=(0, 480))
    has_fbx: bool = option(True, "FBX", "For Maya, MotionBuilder, Blender, Unreal, Unity")
    has_bvh: bool = option(True, "BVH", "The motion alone, which every program reads")
    has_usd: bool = option(True, "USD", "For layouts that are put together in USD")
    has_glb: bool = option(False, "glTF", "For the web and for game engines")
    has_video: bool = option(True, "Film", "With slate, counts and sound (H.264)")
    has_frames: bool = option(False, "Picture sequence", "The film as numbered PNG too, for mixes and compositing")
    has_lists: bool = option(True, "Lists", "Markers (CSV), tempo map (MIDI), timeline (OTIO), cut list (EDL)")
    has_cue_sheet: bool = option(True, "Cue sheet", "Paper for rehearsal and set, an eight a row (PDF)")
    has_song: bool = option(True, "Sound", "The song cut to the shot, 48 kHz WAV")
    has_t_pose: bool = option(False, "Begin with a T-pose", "One frame before the dance", flag="--t-pose")
    has_mesh: bool = option(True, "With a body", "A mannequin on the skeleton, where the format can", flag="--mesh")
    is_split: bool = option(False, "One file for each dancer", "Unreal takes one skeleton from a file", flag="--split")
    size: str = option("1280x720", "Film's size", "Width and height in pixels", choices=SIZES)
    view: str = option("three-quarter", "Film seen from", "The camera follows the dancers", choices=VIEWS)
    has_safe_frame: bool = option(False, "Safe frame", "Where action and titles are safe, burnt into the film")
    paper: str = option("a4", "Cue sheet's paper", "Lying on its side", choices=PAPER_NAMES)
    pictures: str = option("odd", "Cue sheet's pictures", "Of the dancers, under their counts", choices=PICTURES)

    @property
    def values(self) -> dict[str, str]:
        """What the fields of the template stand for."""
        return {"show": self.show, "seq": self.seq, "shot": self.shot, "take": f"{self.take:02d}"}


@dataclass(frozen=True, eq=False)
class DeliverOrder:
    """A delivery that was asked for; it can be carried out in another process, and again later.

    Attributes:
        performance: What is delivered.
        folder: Where the shot's folder is to appear.
        options: How.
        made_at: Date and time, ISO 8601, for slate, receipt and sidecar; empty leaves it out.
    """

    performance: Performance
    folder: Path
    options: DeliverOptions
    made_at: str = ""

    @property
    def label(self) -> str:
        """What the status bar calls the work."""
        return f"delivering {self.options.shot}"


@dataclass(frozen=True)
class Delivered(Exported):
    """What a delivery made.

    Attributes:
        folder: The shot's.
        version: Its version.
    """

    folder: Path = Path()
    version: int = 1


def carry_out(report: Report, order: DeliverOrder) -> Delivered:
    """Do what `deliver` does, as a job's task."""
    return deliver(order, report.progress)


def deliver(order: DeliverOrder, progress: Progress) -> Delivered:
    """Make a shot's folder: it appears whole, under a version that was not there, or not at all.

    Raises:
        ExportRefused: There is nobody to deliver, or the folder is not there.
        BadTemplate: Names cannot be made from the template.
        ReceiptFailed: A file does not hold what is on the stage.
        Cancelled: `progress` raised it.
    """
    performance, options = order.performance, order.options
    if not performance.dancers:
        raise ExportRefused("There is no dance to deliver; unmute a dancer, or make a dance first.")
    if not order.folder.is_dir():
        raise ExportRefused(f"The folder {order.folder} is not there; choose another one.")
    parts = [part for part in PARTS if part.is_wanted(options)]
    if not parts:
        raise ExportRefused("Nothing is chosen to be delivered; choose a format.")
    progress(0.0)
    with _reserved(order.folder, options) as (making, version):
        whole = _whole(order, making, version, lambda fraction: progress(_SCENE * fraction))
        _make(parts, whole, lambda fraction: progress(_SCENE + (0.98 - _SCENE) * fraction))
        _write_sidecar(whole)
        _write_receipt(whole)
        progress(0.99)
        final = making.with_name(bundle_name(options, version))
        names = sorted(path.name for path in making.iterdir())
        making.rename(final)
    return Delivered(tuple(final / name for name in names), tuple(whole.receipts), final / RECEIPT_NAME, final, version)


def bundle_name(options: DeliverOptions, version: int) -> str:
    """What the shot's folder is called, and what begins the names of files that concern all dancers."""
    return name_from(options.template, options.values, version)


def version_for(folder: Path, options: DeliverOptions) -> int:
    """The version that a delivery into a folder would get now."""
    return next_version(entries(folder), options.template, options.values)


def files_of(options: DeliverOptions, performance: Performance, version: int) -> list[str]:
    """The names of the files that a delivery would make."""
    return [name for part in PARTS if part.is_wanted(options) for name in part.names(options, performance, version)] + [
        f"{bundle_name(options, version)}.json", RECEIPT_NAME
    ]  # fmt: skip


@dataclass(eq=False)
class Whole:
    """A delivery while it is made.

    Attributes:
        order: What was asked for.
        folder: The hidden folder that it is made in.
        version: Its version.
        scene: What files of motion hold.
        span: Which frames, without a T-pose.
        performance: The order's, its take named.
        notes: What receipts should say besides.
        receipts, listed: What is proven, or known, of the files so far.
    """

    order: DeliverOrder
    folder: Path
    version: int
    scene: FilmScene
    span: FilmSpan
    performance: Performance
    notes: tuple[str, ...]
    receipts: list[Receipt]
    listed: list[Listed]

    @property
    def options(self) -> DeliverOptions:
        """The order's."""
        return self.order.options

    def path(self, ending: str) -> Path:
        """A file that concerns all dancers."""
        return self.folder / f"{bundle_name(self.options, self.version)}{ending}"

    def list_file(self, path: Path, says: str) -> None:
        """Put a file that needs no comparison on the receipt."""
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        self.listed.append(Listed(path.name, digest, path.stat().st_size, says))


@dataclass(frozen=True)
class Part:
    """One row of what a delivery can hold.

    Attributes:
        field: The option that wants it.
        weight: How long it takes beside the others.
        names: Of the files that it makes.
        make: Makes them.
    """

    field: str
    weight: float
    names: Callable[[DeliverOptions, Performance, int], list[str]]
    make: Callable[[Whole, Progress], None]

    def is_wanted(self, options: DeliverOptions) -> bool:
        """Whether the options ask for it."""
        return bool(getattr(options, self.field))


RECEIPT_NAME = "RECEIPT.txt"


def _make(parts: list[Part], whole: Whole, progress: Progress) -> None:
    total, done = sum(part.weight for part in parts), 0.0
    for part in parts:

        def part_done(fraction: float, part: Part = part, done: float = done) -> None:
            progress((done + part.weight * fraction) / total)

        part_done(0.0)
        part.make(whole, part_done)
        done += part.weight


def _whole(order: DeliverOrder, making: Path, version: int, progress: Progress) -> Whole:
    from app.film import foot_notes, scene_of
    from app.intended import intended_notes

    options, span_s = order.options, span_of(order.performance, order.options.span)
    name = bundle_name(options, version)
    performance = replace(order.performance, take=name)
    if performance.origin is not None:
        performance = replace(performance, origin=replace(performance.origin, made_at=order.made_at))
    scene = scene_of(performance, _Scene(options), span_s, progress)
    span = film_span(RATES[options.rate], span_s, options.handles)
    told = intended_notes(performance.markers, span_s)
    notes = (*foot_notes(performance, _Scene(options), scene, span_s), *told)
    return Whole(order, making, version, scene, span, performance, notes, [], [])


class _Scene:
    """The options of a scene that all formats of a delivery share."""

    def __init__(self, options: DeliverOptions) -> None:
        self.rig, self.rate, self.handles = options.rig, options.rate, options.handles
        self.has_t_pose, self.has_mesh, self.has_cameras = options.has_t_pose, options.has_mesh, True
        # The T-pose stands before the first frame, so that all files of the shot number the dance alike.
        self.start_frame = options.start_frame - int(options.has_t_pose)


@contextmanager
def _reserved(folder: Path, options: DeliverOptions) -> Iterator[tuple[Path, int]]:
    """A hidden folder for a version that nobody else has or is making; gone afterwards where it was not renamed."""
    while True:
        version = version_for(folder, options)
        making = folder / f".{bundle_name(options, version)}.part"
        try:
            making.mkdir()
            break
        except FileExistsError:
            continue  # another delivery took it in this moment
    try:
        yield making, version
    finally:
        shutil.rmtree(making, ignore_errors=True)


def _motion_names(kind: str, options: DeliverOptions, performance: Performance, version: int) -> list[str]:
    row = FORMATS[kind]
    people = [dancer.name for dancer in performance.dancers]
    if len(people) > 1 and not row.holds_one and not options.is_split:
        people = ["all"]
    out: list[str] = []
    for number, person in enumerate(people, 1):
        name = name_from(options.template, options.values, version, person or f"dancer{number}")
        if name + row.extension in out or (len(people) > 1 and "{dancer}" not in options.template):
            name = f"{name}_{number}"
        out.append(name + row.extension)
    return out


def _motion_part(kind: str, field: str, weight: float) -> Part:
    def names(options: DeliverOptions, performance: Performance, version: int) -> list[str]:
        return _motion_names(kind, options, performance, version)

    def make(whole: Whole, progress: Progress) -> None:
        from engine.formats.exporters import alone, write_proven

        row, targets = FORMATS[kind], names(whole.options, whole.performance, whole.version)
        shared = {f.name: getattr(whole.options, f.name) for f in fields(row.options) if hasattr(whole.options, f.name)}
        scenes = list(alone(whole.scene)) if len(targets) > 1 else [whole.scene]
        for i, (scene, target) in enumerate(zip(scenes, targets, strict=True)):

            def one_done(fraction: float, i: int = i) -> None:
                progress((i + fraction) / len(targets))

            whole.receipts.append(
                write_proven(
                    row,
                    whole.folder / target,
                    scene,
                    row.options(**shared),
                    one_done,
                    whole.performance.origin,
                    whole.notes,
                )
            )

    return Part(field, weight, names, make)


def _one_file(ending: str) -> Callable[[DeliverOptions, Performance, int], list[str]]:
    return lambda options, performance, version: [f"{bundle_name(options, version)}{ending}"]


def _burnt_in(whole: Whole) -> Captions:
    from app.burn_in import Slate, captions

    options = whole.options
    slate = Slate(
        "_".join(part for part in (options.show, options.seq, options.shot) if part), f"tk{options.take:02d}",
        f"v{whole.version:03d}", VIEWS[options.view], whole.span.rate, options.start_frame, whole.order.made_at[:10],
    )  # fmt: skip
    return captions(whole.performance.music, slate, options.has_safe_frame)


def _make_video(whole: Whole, progress: Progress) -> None:
    from app.exports import write_film

    options, span = whole.options, whole.span
    path = whole.path(".mp4")
    n_frames = write_film(
        path, whole.performance, [float(time_s) for time_s in span.times_s()], span.rate, options.size, options.view,
        _burnt_in(whole), options.has_song, progress,
    )  # fmt: skip
    whole.list_file(path, f"{n_frames} pictures at {span.rate.name} from frame {options.start_frame}, with slate")


def _make_frames(whole: Whole, progress: Progress) -> None:
    from app.exports import write_frames

    options, span, folder = whole.options, whole.span, whole.path(_FRAMES)
    folder.mkdir()
    times_s = [float(time_s) for time_s in span.times_s()]
    names = write_frames(
        folder, bundle_name(options, whole.version), options.start_frame, whole.performance, times_s, options.size,
        options.view, _burnt_in(whole), progress,
    )  # fmt: skip
    digest = hashlib.sha256(b"".join((folder / name).read_bytes() for name in names)).hexdigest()
    n_bytes = sum((folder / name).stat().st_size for name in names)
    whole.listed.append(
        Listed(folder.name, digest, n_bytes, f"{len(names)} pictures from {names[0]} to {names[-1]}, one digest of all")
    )


def _make_sound(whole: Whole, progress: Progress) -> None:
    from engine.audio.read import read_audio
    from engine.formats.wav import RATE_HZ, write_wav

    path, span = whole.path(".wav"), whole.span
    with song_file(whole.performance, True) as song:
        if song is None:
            return
        n_samples = round(span.n_frames / span.rate.exact_hz * RATE_HZ)
        write_wav(path, read_audio(song), float(span.times_s()[0]), n_samples)
    whole.list_file(path, f"{n_samples} samples at 48 kHz, 24 bits, from the file's first frame to its last")
    progress(1.0)


def _make_cue_sheet(whole: Whole, progress: Progress) -> None:
    from app.cue_sheet.export import CueSheetOptions, write_cue_sheet

    options, path = whole.options, whole.path(".pdf")
    asked = CueSheetOptions(
        options.span, options.rate, options.start_frame, options.handles, options.paper, options.pictures
    )
    facts = {
        "Shot": "_".join(part for part in (options.show, options.seq, options.shot) if part),
        "Take": f"{options.take:02d}, version {whole.version:03d}", "Date": whole.order.made_at[:10],
    }  # fmt: skip
    n_rows = write_cue_sheet(path, whole.performance, asked, progress, [(k, v) for k, v in facts.items() if v])
    whole.list_file(path, f"Cue sheet: {n_rows} rows, frames and timecode at {options.rate} from {options.start_frame}")


def _sound_names(options: DeliverOptions, performance: Performance, version: int) -> list[str]:
    return [f"{bundle_name(options, version)}.wav"] if performance.song is not None else []


def _list_names(options: DeliverOptions, performance: Performance, version: int) -> list[str]:
    name = bundle_name(options, version)
    n_beats = performance.music.n_beats if performance.music else 0
    return [f"{name}{cue.extension}" for cue in CUES.values() if n_beats >= 2 or not cue.needs_beats]


def _make_lists(whole: Whole, progress: Progress) -> None:
    from app.film import cut_of

    options = whole.options
    scene = _without_rest(whole.scene) if options.has_t_pose else whole.scene
    cut = cut_of(
        whole.performance, scene, options.handles, whole.path(".mp4").name if options.has_video else "",
        whole.path(".wav").name if options.has_song and whole.performance.song else "",
    )  # fmt: skip
    for i, cue in enumerate(CUES.values()):
        if cue.needs_beats and not has_beats(scene):
            continue
        path = whole.path(cue.extension)
        cue.write(path, scene, cut)
        whole.list_file(path, f"{cue.name}: {len(scene.markers)} markers and beats from frame {scene.start_frame}")
        progress((i + 1) / len(CUES))


def _without_rest(scene: FilmScene) -> FilmScene:
    """The scene without the T-pose that stands before it."""
    step_s = float(1 / scene.rate.exact_hz)
    takes = tuple(
        SceneTake(take.name, tuple(motion.slice(1, motion.n_frames) for motion in take.motions)) for take in scene.takes
    )
    markers = tuple(replace(m, time_s=m.time_s - step_s) for m in scene.markers if m.time_s >= step_s)
    return replace(scene, takes=takes, markers=markers, start_frame=scene.start_frame + 1)


def _write_sidecar(whole: Whole) -> None:
    """The .json beside the files: what a pipeline asks for."""
    options, span, scene = whole.options, whole.span, whole.scene
    made = [*whole.receipts, *whole.listed]
    data = {
        "kind": "kinetograph shot", "version": whole.version, "made_at": whole.order.made_at,
        "name": bundle_name(options, whole.version), **options.values,
        "frame_rate": {"name": span.rate.name, "exact": str(span.rate.exact_hz), "hz": span.rate.hz},
        "frames": {
            "first": options.start_frame, "last": options.start_frame + span.n_frames - 1, "count": span.n_frames,
            "handles": options.handles, "t_pose": options.start_frame - 1 if options.has_t_pose else None,
            "dance_first": options.start_frame + span.n_lead_frames,
            "dance_last": options.start_frame + span.n_lead_frames + span.n_dance_frames - 1,
        },
        "piece_s": [span.start_s, span.start_s + float(span.n_dance_frames / span.rate.exact_hz)],
        "space": {"up": "y", "facing": "+z", "handedness": "right", "fbx_bvh_unit_m": 0.01, "gltf_unit_m": 1.0},
        "skeleton": {"rig": options.rig, "joints": _joint_map(options.rig)},
        "dancers": [performer.name for performer in scene.performers],
        "cameras": [
            {"name": c.name, "focal_mm": [round(float(f), 4) for f in c.focal_mm], "film_back_mm": list(c.film_back_mm)}
            for c in scene.cameras
        ],
        "markers": [{"name": m.name, "time_s": m.time_s, "kind": m.kind} for m in scene.markers if m.kind != "beat"],
        "files": [{"file": one.file, "sha256": one.sha256} for one in made],
        "options": options_as_json(options),
        "origin": _origin(whole.performance),
    }  # fmt: skip
    whole.path(".json").write_text(json.dumps(data, indent=1, ensure_ascii=False) + "\n", "utf-8")


def _joint_map(rig: str) -> Mapping[str, str]:
    from app.rigs import target_rigs

    found = target_rigs()[rig]
    return {joint: found.name_of(joint) for joint in found.joints}


def _origin(performance: Performance) -> Mapping[str, Any]:
    from dataclasses import asdict

    song = performance.song
    return {
        "song": None if song is None else {"name": song.name, "sha256": song.sha256},
        **({} if performance.origin is None else asdict(performance.origin)),
    }


def _write_receipt(whole: Whole) -> None:
    receipts, listed = tuple(whole.receipts), tuple(whole.listed)
    (whole.folder / RECEIPT_NAME).write_text(as_text(receipts, listed), "utf-8")
    whole.path(".receipt.json").write_text(as_json(receipts, listed), "utf-8")


PARTS: tuple[Part, ...] = (
    _motion_part("FBX", "has_fbx", 4.0),
    _motion_part("BVH", "has_bvh", 1.0),
    _motion_part("USD as text", "has_usd", 1.0),
    _motion_part("glTF", "has_glb", 1.0),
    Part("has_lists", 0.5, _list_names, _make_lists),
    Part("has_cue_sheet", 3.0, _one_file(".pdf"), _make_cue_sheet),
    Part("has_song", 0.5, _sound_names, _make_sound),
    Part("has_video", 20.0, _one_file(".mp4"), _make_video),
    Part("has_frames", 20.0, _one_file(_FRAMES), _make_frames),
)
