"""The receipt of a file: what an independent reader found in it, held against what was to be written."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from engine.errors import EngineError
from engine.formats.comparison import SMOOTH_DEG, Difference, compared, dancers
from engine.formats.scene import FilmScene, Performer, ReadBack
from engine.motion import quaternion
from engine.motion.kinematics import rest_transforms

MOST_POSITION_MM, MOST_ROTATION_DEG = 0.1, 0.05
_RATE_TOLERANCE = 1e-6  # of the rate: 0.2 ms in three minutes
_VERSION = 1


class ReceiptFailed(EngineError):
    """A file does not hold what was to be written, and was not put in its place.

    Attributes:
        receipt: What was found.
    """

    def __init__(self, receipt: Receipt) -> None:
        first = next(check.says for check in receipt.checks if not check.is_met)
        super().__init__(
            f"{receipt.file} was not written, because reading it back did not give what is on the stage: {first} "
            "Choose another rate or format, and send us the details."
        )
        self.receipt = receipt


@dataclass(frozen=True)
class Check:
    """One thing that was held against what it should be.

    Attributes:
        name: Short.
        says: A sentence with the figures.
        is_met: Whether it is as it should be.
    """

    name: str
    says: str
    is_met: bool


@dataclass(frozen=True)
class Origin:
    """Where the dance comes from.

    Attributes:
        piece: Its title.
        recipes: Of each take in the span: dancer, take, kind, and where the engine made it seed, model and settings.
        model: Of the model's card: name, digest, styles, data with their licences; empty where none was used.
        made_by: The program and its version.
        made_at: Date and time, ISO 8601; empty to leave it out.
    """

    piece: str = ""
    recipes: tuple[Mapping[str, Any], ...] = ()
    model: Mapping[str, Any] = field(default_factory=dict)
    made_by: str = ""
    made_at: str = ""


@dataclass(frozen=True)
class Listed:
    """A file that goes with others and holds no motion.

    Attributes:
        file: Its name.
        sha256, n_bytes: Of its content.
        says: What it is.
    """

    file: str
    sha256: str
    n_bytes: int
    says: str


@dataclass(frozen=True)
class Receipt:
    """What is proven of one file.

    Attributes:
        file: Its name.
        format: Its format's name.
        sha256, n_bytes: Of its content.
        reader: Who read it back.
        rate: The rate's name, such as "23.976".
        frame_rate_hz: As the file says.
        n_frames, first_frame, last_frame: As the file says; frame numbers are the scene's where the format has none.
        duration_s: From the first frame to the last.
        dancers: Names, in the file's order.
        n_joints: Of each.
        n_vertices: Of the body on each; 0 without one.
        heights_m: Of each body in the rest pose, from sole to crown.
        up_axis: "y" or "z".
        unit_to_m: Length of the file's unit.
        takes: Names of all in it.
        difference: From what was to be written.
        checks: Each thing that was held against what it should be.
        notes: What else the reader said.
        options: Those that it was written with.
        origin: Where the dance comes from.
    """

    file: str
    format: str
    sha256: str
    n_bytes: int
    reader: str
    rate: str
    frame_rate_hz: float
    n_frames: int
    first_frame: int
    last_frame: int
    duration_s: float
    dancers: tuple[str, ...]
    n_joints: tuple[int, ...]
    n_vertices: tuple[int, ...]
    heights_m: tuple[float, ...]
    up_axis: str
    unit_to_m: float
    takes: tuple[str, ...]
    difference: Difference
    checks: tuple[Check, ...]
    notes: tuple[str, ...]
    options: Mapping[str, Any]
    origin: Origin

    @property
    def is_passed(self) -> bool:
        """Whether every check is met."""
        return all(check.is_met for check in self.checks)

    @property
    def summary(self) -> str:
        """One line for a person."""
        if not self.is_passed:
            return next(check.says for check in self.checks if not check.is_met)
        return (
            f"{self.n_frames} frames at {self.rate}, largest error {_mm(self.difference.position_mm)}, "
            f"read back by {self.reader}."
        )

    def as_dict(self) -> dict[str, Any]:
        """What the JSON file holds."""
        return {"receipt": _VERSION, "is_passed": self.is_passed, **asdict(self)}


def make_receipt(
    path: Path, scene: FilmScene, found: ReadBack, wanted: ReadBack, kind: str, options: Mapping[str, Any],
    origin: Origin | None = None,
) -> Receipt:  # fmt: skip
    """Hold what was read back from a file against the scene it was to hold.

    Args:
        path: The file; its content is hashed.
        scene: What was to be written.
        found: What an independent reader found in the file.
        wanted: What a perfect one would have found.
        kind: The format's name.
        options: Those that it was written with.
        origin: Where the dance comes from.
    """
    difference = compared(found, wanted)
    first = scene.start_frame if found.start_frame is None else found.start_frame
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return Receipt(
        path.name, kind, digest, path.stat().st_size, found.reader, scene.rate.name, found.frame_rate_hz,
        found.n_frames, first, first + found.n_frames - 1, (found.n_frames - 1) / found.frame_rate_hz,
        tuple(p.name for p in scene.performers), tuple(len(p.joints) for p in found.performers),
        tuple(p.n_vertices for p in found.performers), _heights_m(found, wanted, scene), found.up_axis,
        found.unit_to_m, found.takes, difference, _checks(found, wanted, difference), found.notes,
        options, origin or Origin(scene.title),
    )  # fmt: skip


def as_json(receipts: tuple[Receipt, ...], listed: tuple[Listed, ...] = ()) -> str:
    """The receipts of all files of one export, for machines; `listed` are those without motion."""
    whole = {"is_passed": all(r.is_passed for r in receipts), "files": [r.as_dict() for r in receipts]}
    whole |= {"others": [asdict(one) for one in listed]} if listed else {}
    return json.dumps(whole, indent=1, ensure_ascii=False) + "\n"


def as_text(receipts: tuple[Receipt, ...], listed: tuple[Listed, ...] = ()) -> str:
    """The receipts of all files of one export, to read; `listed` are those without motion."""
    mark = "PASSED" if all(r.is_passed for r in receipts) else "FAILED"
    files = "1 file" if len(receipts) == 1 else f"{len(receipts)} files"
    head = ["RECEIPT", f"{mark}: {files} of motion read back and compared on every frame and joint.", ""]
    origins: list[str] = []
    for receipt in receipts:
        head += [*_file_text(receipt), ""]
        origins += [line for line in _origin_text(receipt.origin) if line not in origins]
    for one in listed:
        head += [f"[....] {one.file}", f"  {one.says}", f"  {one.n_bytes:,} bytes, SHA-256 {one.sha256}", ""]
    return "\n".join([*head, *origins]).rstrip() + "\n"


def _checks(found: ReadBack, wanted: ReadBack, apart: Difference) -> tuple[Check, ...]:
    n_found, n_wanted = len(found.performers), len(wanted.performers)
    rate_error = abs(found.frame_rate_hz / wanted.frame_rate_hz - 1.0)
    if found.start_frame is None:
        start = Check(
            "first frame", f"The format has no frame numbers; its first stands for {wanted.start_frame}.", True
        )
    else:
        start = Check(
            "first frame", f"The first frame is {found.start_frame}; {wanted.start_frame} was wanted.",
            found.start_frame == wanted.start_frame,
        )  # fmt: skip
    checks = [
        Check(
            "rate", f"{found.frame_rate_hz:.7g} frames a second; {wanted.frame_rate_hz:.7g} were wanted.",
            rate_error <= _RATE_TOLERANCE,
        ),
        Check("length", f"{found.n_frames} frames; {wanted.n_frames} were wanted.", found.n_frames == wanted.n_frames),
        start,
        Check("roots", f"{n_found} top {_joints(n_found)} for {dancers(n_wanted)}.", n_found == n_wanted),
        Check("up", f"{found.up_axis} points up; {wanted.up_axis} was wanted.", found.up_axis == wanted.up_axis),
    ]  # fmt: skip
    if wanted.others:
        n_takes = 1 + len(found.others)
        says = f"{n_takes} takes, each compared on every frame and joint; {1 + len(wanted.others)} were wanted."
        starts = {one.start_frame for one in (found, *found.others)}
        checks.append(Check("takes", says, n_takes == 1 + len(wanted.others) and len(starts) == 1))
    if apart.trouble:
        return (*checks, *(Check("comparison", says, False) for says in apart.trouble))
    first = wanted.start_frame or 0
    joint, frame = apart.where
    where = f"{joint}, frame {first + frame}{f', take {apart.take}' if apart.take else ''}"
    says = f"The largest error of a joint's place is {_mm(apart.position_mm)} ({where})"
    checks.append(
        Check("positions", f"{says}; {MOST_POSITION_MM:g} mm is allowed.", apart.position_mm <= MOST_POSITION_MM)
    )
    checks += _measured("rotations", "of a joint's turn", apart.rotation_deg, MOST_ROTATION_DEG, "\u00b0")
    checks += _measured("rest pose", "of the rest pose", apart.rest_mm, MOST_POSITION_MM, " mm")
    return (*checks, *_between(apart, first))


def _between(apart: Difference, start_frame: int) -> list[Check]:
    """What programs show that draw between the frames: the shortest turn, or as near to it as the format can."""
    if apart.between_deg is None:
        return []
    joint, frame = apart.between_where
    says = f"Between two frames a joint is up to {apart.between_deg:.3f}\u00b0 off the shortest turn"
    if apart.between_deg <= SMOOTH_DEG:
        return [Check("between frames", f"{says}; {SMOOTH_DEG:g}\u00b0 is allowed.", True)]
    is_smoothest = apart.between_deg <= apart.least_between_deg + MOST_ROTATION_DEG
    why = "it goes the long way round"
    if is_smoothest and apart.curves == "quaternion":
        why = "programs that draw quaternions in straight lines come no nearer without keys between the frames"
    elif is_smoothest:
        why = "no curves of three angles come nearer through these frames"
    return [Check("between frames", f"{says} ({joint}, frame {frame + start_frame}); {why}.", is_smoothest)]


def _joints(n: int) -> str:
    return "joint" if n == 1 else "joints"


def _measured(name: str, what: str, value: float | None, most: float, unit: str) -> list[Check]:
    if value is None:
        return []
    says = f"The largest error {what} is {value:.4f}{unit}; {most:g}{unit} is allowed."
    return [Check(name, says, bool(value <= most))]


def _heights_m(found: ReadBack, wanted: ReadBack, scene: FilmScene) -> tuple[float, ...]:
    """From sole to crown: the scene's body, as many times as large as the file's joints are apart."""
    out = []
    for performer, read, right in zip(scene.performers, found.performers, wanted.performers, strict=False):
        if read.rest_positions_m is not None and right.rest_positions_m is not None:
            factor = np.ptp(read.rest_positions_m[:, 1]) / max(np.ptp(right.rest_positions_m[:, 1]), 1e-9)
            out.append(round(body_height_m(performer) * float(factor), 3))
    return tuple(out)


def body_height_m(performer: Performer) -> float:
    """From the floor to the top of a performer in the rest pose, in which she stands on y = 0."""
    if performer.mesh is not None:
        return float(performer.mesh.positions_m[:, 1].max())
    places, turned = rest_transforms(performer.skeleton)
    ends = places + quaternion.rotate(turned, performer.skeleton.tips_m)
    return float(max(places[:, 1].max(), ends[:, 1].max()))


def _file_text(receipt: Receipt) -> list[str]:
    rows = [
        ("format", f"{receipt.format}, {receipt.n_bytes:,} bytes"),
        ("rate", f"{receipt.rate} frames a second"),
        ("frames", f"{receipt.n_frames}, from {receipt.first_frame} to {receipt.last_frame} "
         f"({receipt.duration_s:.3f} s from the first to the last)"),
        ("dancers", ", ".join(_dancer_texts(receipt))),
        ("takes", ", ".join(receipt.takes)),
        ("axes", f"{receipt.up_axis} up, 1 unit is {receipt.unit_to_m:g} m"),
        ("read back by", receipt.reader),
        ("SHA-256", receipt.sha256),
    ]  # fmt: skip
    lines = [f"{'[PASS]' if receipt.is_passed else '[FAIL]'} {receipt.file}"]
    lines += [f"  {name:<14} {value}" for name, value in rows if value]
    lines += [f"  {'ok ' if check.is_met else 'BAD'} {check.name:<14} {check.says}" for check in receipt.checks]
    return lines + [f"  note           {note}" for note in receipt.notes]


def _dancer_texts(receipt: Receipt) -> list[str]:
    heights = (*receipt.heights_m, *(0.0 for _ in receipt.dancers))
    vertices = (*receipt.n_vertices, *(0 for _ in receipt.dancers))
    texts = []
    for name, n_joints, height_m, n_vertices in zip(receipt.dancers, receipt.n_joints, heights, vertices, strict=False):
        body = f", body of {n_vertices} points" if n_vertices else ""
        texts.append(f"{name} ({n_joints} joints{f', {height_m:.2f} m tall' if height_m else ''}{body})")
    return texts


def _origin_text(origin: Origin) -> list[str]:
    lines = [f"Piece: {origin.piece}"] if origin.piece else []
    lines += [f"Made by {origin.made_by}{f' on {origin.made_at}' if origin.made_at else ''}"] if origin.made_by else []
    for recipe in origin.recipes:
        words = ", ".join(f"{key} {_plain(value)}" for key, value in recipe.items() if value not in ("", {}, [], ()))
        lines.append(f"Take: {words}")
    for key, value in origin.model.items():
        lines.append(f"Model {key}: {_plain(value)}")
    return lines


def _plain(value: Any) -> str:
    if isinstance(value, Mapping):
        return " ".join(f"{key}={_plain(v)}" for key, v in value.items())
    if isinstance(value, list | tuple):
        return ", ".join(_plain(v) for v in value)
    return f"{value:g}" if isinstance(value, float) else str(value)


def _mm(value: float) -> str:
    if value < 1e-4:
        return "under 0.0001 mm"
    return f"{value:.4f} mm" if value < 10.0 else f"{value:.1f} mm"
