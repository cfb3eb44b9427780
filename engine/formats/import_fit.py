"""An imported motion on the house skeleton, and what was found, assumed and changed on the way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from engine.errors import RetargetError
from engine.evaluation.metrics import foot_skating, slide_speed_m_s
from engine.formats.importers import UNITS_M, Imported, ImportOptions, unit_name
from engine.motion import house, quaternion, retarget
from engine.motion.contacts import floor_height_m
from engine.motion.foot_lock import lock_feet
from engine.motion.motion import Motion
from engine.motion.resample import resampled
from engine.motion.rig import Binding, RigMap, best_known
from engine.motion.rig_guess import guess_by_name, guess_by_shape
from engine.motion.signals import runs
from engine.motion.skeleton import Skeleton

# How tall people are: outside, the unit is not believed.
PLAUSIBLE_HEIGHT_M = (0.9, 2.4)
# A standing foot that goes faster than this for a quarter of a second is meant to slide.
MEANT_SLIDE_M_S = 0.35
# A T-pose at the start: limbs nearer to it than this, and left within this time by a leap or a swift blend.
REST_RAD, REST_S, LEAP = np.radians(14.0), 0.3, 3.0
_BLEND_END_FRAMES = 2  # a blend slows down at its end
_LIMBS = tuple(
    (side + first, side + middle, side + last)
    for side in ("Left", "Right")
    for first, middle, last in (("Arm", "ForeArm", "Hand"), ("UpLeg", "Leg", "Foot"))
)
_SIDEWAYS = np.array([1.0, 0.0, 0.0])


@dataclass(frozen=True)
class ImportReport:
    """What came of an import. Lengths are on the house body unless their name says otherwise.

    Attributes:
        file, reader, motion: Names of the file, its format, and the motion in it.
        n_joints: Of the file's skeleton.
        rate_hz, rate_from: Frames a second of the source, and where that came from.
        n_frames, duration_s: Of the source, skipped frames left out.
        unit, unit_from: What a unit of the file is, and where that came from.
        height_m: How tall a person with the source's legs is.
        up_axis: What points up in the file.
        rig, rig_how: The map of joints, and "chosen", "known", "by name" or "by shape".
        joint_map: House joint and the file's joint that plays it; "" where there is none.
        invented: House joints that the file does not have.
        unused: The file's joints that play none.
        n_skipped: Frames of a T-pose that were left out at the start.
        is_clean: Whether the feet were put on the floor.
        floor_before_m, floor_after_m: Height of the floor that the dancer stands on.
        skating_before, skating_after: Share of frames with a foot on the floor in which it slides.
        slide_before_m_s, slide_after_m_s: How fast feet on the floor slide, on average.
        worst_mm, worst_joint, worst_at_s: Where an elbow, hand, knee or foot is farthest from where the source's own
            proportions put it.
        mean_mm: The mean of that distance.
        warnings: What else should be known, a sentence each.
    """

    file: str
    reader: str
    motion: str
    n_joints: int
    rate_hz: float
    rate_from: str
    n_frames: int
    duration_s: float
    unit: str
    unit_from: str
    height_m: float
    up_axis: str
    rig: str
    rig_how: str
    joint_map: tuple[tuple[str, str], ...]
    invented: tuple[str, ...]
    unused: tuple[str, ...]
    n_skipped: int
    is_clean: bool
    floor_before_m: float
    floor_after_m: float
    skating_before: float
    skating_after: float
    slide_before_m_s: float
    slide_after_m_s: float
    worst_mm: float
    worst_joint: str
    worst_at_s: float
    mean_mm: float
    warnings: tuple[str, ...]

    def lines(self) -> tuple[tuple[str, str], ...]:
        """The report for a person: a word and a sentence each; warnings have the word "Note"."""
        feet = f"Feet on the floor slid {100 * self.slide_before_m_s:.1f} cm/s on average"
        feet += f"; now {100 * self.slide_after_m_s:.1f} cm/s." if self.is_clean else "."
        floor = f"The floor was at {_centimetres(self.floor_before_m)} cm"
        floor += f"; now at {_centimetres(self.floor_after_m)} cm." if self.is_clean else "."
        skipped = f"{_counted(self.n_skipped, 'frame')} of a T-pose at the start left out." if self.n_skipped else ""
        rows = (
            ("File", f"{self.file}, read as {self.reader}, {self.n_joints} joints."),
            ("Rate", f"{self.rate_hz:.6g} frames a second, {self.rate_from}."),
            ("Length", f"{self.n_frames} frames, {self.duration_s:.2f} s."),
            ("Unit", f"{self.unit}: {self.unit_from}"),
            ("Body", f"The legs are those of a person {self.height_m:.2f} m tall; {self.up_axis} points up."),
            ("Rig", f"{self.rig}, {_HOW[self.rig_how]}."),
            ("Joints", self._about_joints()),
            ("Start", skipped),
            ("Floor", floor),
            ("Feet", feet),
            ("Fit", f"Elbows, hands, knees and feet are {self.mean_mm:.0f} mm on average, {self.worst_mm:.0f} mm at "
                    f"most ({self.worst_joint}, {self.worst_at_s:.2f} s), from where the source's own proportions put "
                    "them."),
            *(("Note", warning) for warning in self.warnings),
        )  # fmt: skip
        return tuple((word, sentence) for word, sentence in rows if sentence)

    def _about_joints(self) -> str:
        found = sum(1 for _, theirs in self.joint_map if theirs)
        said = f"{found} of our {len(self.joint_map)} were found"
        if self.invented:
            is_one = len(self.invented) == 1
            said += f"; {', '.join(self.invented)} {'follows its' if is_one else 'follow their'} neighbours"
        return f"{said}; {len(self.unused)} of the file's play none." if self.unused else f"{said}."


def _centimetres(height_m: float) -> str:
    """Such as "+3.2"; no sign before a zero."""
    rounded = round(100.0 * height_m, 1)
    return f"{rounded:+.1f}" if rounded else "0.0"


def _counted(n: int, what: str) -> str:
    return f"{n} {what}" if n == 1 else f"{n} {what}s"


_HOW = {
    "chosen": "as chosen", "known": "which is known by its names", "by name": "from the words in its joint names",
    "by shape": "from its shape alone: look whether left and right are right",
}  # fmt: skip


def to_house(
    imported: Imported,
    rigs: Sequence[RigMap] = (),
    options: ImportOptions | None = None,
    *,
    index: int = 0,
    rig: RigMap | None = None,
    frame_rate_hz: float | None = None,
) -> tuple[Motion, ImportReport]:
    """One motion of a file on the house skeleton, at its own rate, and the report.

    Args:
        imported: What `importers.read` gave.
        rigs: The maps that are known.
        options: Unit, rate, T-pose, clean-up; the defaults when None.
        index: Which of its motions.
        rig: The map to use; found when None.
        frame_rate_hz: Rate of the result; the source's own when None.

    Raises:
        RetargetError: where the skeleton is no body with two legs and two arms.
    """
    options = options or ImportOptions()
    source = imported.motions[index]
    warnings = list(imported.warnings)
    rate_from = imported.rate_from
    if options.rate_hz > 0.0:
        source, rate_from = replace(source, frame_rate_hz=options.rate_hz), "as chosen"
    try:
        used, how = (rig, "chosen") if rig is not None else find_rig(source.skeleton, rigs)
        binding = used.bind(source.skeleton)
    except RetargetError as error:
        raise RetargetError(f"{imported.path.name}: {error}") from error
    source, unit, unit_from, height_m = _sized(imported, source, used, options, warnings)
    n_skipped = rest_frames(source, used) if options.skip_rest else 0
    source = source.slice(n_skipped, source.n_frames)
    body = _retargeted(imported, source, used, options)
    mean_mm, worst_mm, worst_joint, worst_at_s = _misfit(source, used, body)
    body = body if frame_rate_hz is None else resampled(body, frame_rate_hz)
    clean = on_floor(body) if options.clean else body
    report = ImportReport(
        file=imported.path.name, reader=imported.reader, motion=imported.names[index],
        n_joints=source.skeleton.n_joints, rate_hz=source.frame_rate_hz, rate_from=rate_from,
        n_frames=source.n_frames, duration_s=source.duration_s, unit=unit, unit_from=unit_from, height_m=height_m,
        up_axis=imported.up_axis, rig=used.title, rig_how=how, joint_map=joint_map(source.skeleton, binding),
        invented=tuple(n for n in house.HOUSE.names if n not in binding.turned),
        unused=_unused(source.skeleton, binding), n_skipped=n_skipped, is_clean=options.clean,
        floor_before_m=floor_height_m(body), floor_after_m=floor_height_m(clean),
        skating_before=foot_skating(body), skating_after=foot_skating(clean),
        slide_before_m_s=slide_speed_m_s(body), slide_after_m_s=slide_speed_m_s(clean),
        worst_mm=worst_mm, worst_joint=worst_joint, worst_at_s=worst_at_s, mean_mm=mean_mm, warnings=tuple(warnings),
    )  # fmt: skip
    return clean, report


def find_rig(skeleton: Skeleton, rigs: Sequence[RigMap]) -> tuple[RigMap, str]:
    """The map for a skeleton, and how it was found: "known", "by name" or "by shape". Raises RetargetError."""
    known = best_known(skeleton, rigs)
    if known is not None:
        return known, "known"
    by_name = guess_by_name(skeleton)
    return (by_name, "by name") if by_name is not None else (guess_by_shape(skeleton), "by shape")


def joint_map(skeleton: Skeleton, binding: Binding) -> tuple[tuple[str, str], ...]:
    """House joint and the skeleton's joint that plays it, "" where there is none."""
    return tuple(
        (name, skeleton.names[binding.turned[name]] if name in binding.turned else "") for name in house.HOUSE.names
    )


def on_floor(motion: Motion) -> Motion:
    """The house motion with its floor at y = 0 and feet that stand where they stand; slides that are meant stay."""
    shift = np.array([0.0, -floor_height_m(motion), 0.0])
    raised = replace(motion, root_positions_m=motion.root_positions_m + shift)
    return lock_feet(raised, slide_speed_m_s=MEANT_SLIDE_M_S)


def rest_frames(motion: Motion, rig: RigMap) -> int:
    """How many frames at the start show a T-pose that is no part of the dance; 0 where there are none.

    The first frame stands like a T, and within `REST_S` the body leaves it by steps that are `LEAP` times as swift as
    any of the next second: captures begin with a frame of the rest pose, or blend out of it.
    """
    rate_hz, n = motion.frame_rate_hz, motion.n_frames
    if n < 3 or not _is_t_pose(motion.slice(0, 1), rig):
        return 0
    near = motion.slice(0, min(n, round((REST_S + 1.0) * rate_hz) + 2))
    positions = near.positions_m()
    steps = np.linalg.norm(np.diff(positions - positions[:, :1], axis=0), axis=-1).max(axis=1)
    reach = max(1, min(round(REST_S * rate_hz), len(steps) // 2))
    calm = float(np.percentile(steps[reach:], 95)) if len(steps) > reach else 0.0
    swift = runs(steps[:reach] > max(LEAP * calm, 0.2 / rate_hz))
    if not swift or swift[0][0] > 1:
        return 0
    left = swift[0][1]
    return left if left == 1 else left + _BLEND_END_FRAMES


def _is_t_pose(frame: Motion, rig: RigMap) -> bool:
    """Whether arms are stretched aside and legs down, as seen from the trunk."""
    placed = rig.bind(frame.skeleton).placed
    places = frame.positions_m()[0]
    across = _unit(places[placed["LeftUpLeg"]] - places[placed["RightUpLeg"]])
    middle = 0.5 * (places[placed["LeftArm"]] + places[placed["RightArm"]])
    up = _unit(middle - 0.5 * (places[placed["LeftUpLeg"]] + places[placed["RightUpLeg"]]))
    for first, _, last in _LIMBS:
        way = _unit(places[placed[last]] - places[placed[first]])
        sign = 1.0 if first.startswith("Left") else -1.0
        wanted = sign * across if "Arm" in first else -up
        allowed = REST_RAD if "Arm" in first else 2.0 * REST_RAD  # legs are splayed in some rest poses
        if np.arccos(np.clip(np.dot(way, wanted), -1.0, 1.0)) > allowed:
            return False
    return True


def _sized(
    imported: Imported, source: Motion, rig: RigMap, options: ImportOptions, warnings: list[str]
) -> tuple[Motion, str, str, float]:
    """The motion in the unit that is meant; that unit, where it came from, and how tall the body is in it."""
    unit_to_m, unit_from = imported.unit_to_m, imported.unit_from
    if options.unit != "guess":
        factor = UNITS_M[options.unit] / unit_to_m
        unit_to_m, unit_from = UNITS_M[options.unit], "as chosen."
    else:
        factor = 1.0
    height_m = _height_m(imported, source.skeleton, rig) * factor
    if options.unit == "guess" and not PLAUSIBLE_HEIGHT_M[0] <= height_m <= PLAUSIBLE_HEIGHT_M[1]:
        ratios = [length_m / unit_to_m for length_m in UNITS_M.values() if length_m]
        ratio = min(ratios, key=lambda r: abs(np.log(r * height_m / house.HEIGHT_M)))
        warnings.append(
            f"In {unit_name(unit_to_m)} the body would be {height_m:.3g} m tall, so {unit_name(unit_to_m * ratio)} "
            "were taken; choose the unit if that is wrong."
        )
        factor, unit_to_m, unit_from = ratio, unit_to_m * ratio, "judged by the body's height."
        height_m *= ratio
    if factor == 1.0:
        return source, unit_name(unit_to_m), unit_from, height_m
    scaled = replace(
        source, skeleton=source.skeleton.scaled(factor), root_positions_m=source.root_positions_m * factor
    )
    return scaled, unit_name(unit_to_m), unit_from, height_m


def _height_m(imported: Imported, skeleton: Skeleton, rig: RigMap) -> float:
    with np.errstate(all="ignore"):
        height_m = house.HEIGHT_M / float(retarget.leg_scale(skeleton, rig))
    if not (np.isfinite(height_m) and height_m > 1e-6):
        raise RetargetError(f"{imported.path.name}: the legs of its skeleton have no length.")
    return height_m


def _retargeted(imported: Imported, source: Motion, rig: RigMap, options: ImportOptions) -> Motion:
    with np.errstate(all="ignore"):
        body = retarget.to_house(source, rig, ground_scale=1.0 if options.keep_distances else None)
    if not (np.isfinite(body.root_positions_m).all() and np.isfinite(body.local_rotations).all()):
        raise RetargetError(f"{imported.path.name}: its skeleton could not be put on our body; bones have no length.")
    return body


def _misfit(source: Motion, rig: RigMap, body: Motion) -> tuple[float, float, str, float]:
    """Mean and largest distance in mm of limbs from where the source's proportions put them; which joint, and when.

    A limb's joint is seen from the limb's first one, in lengths of the limb. Turned to how the source's rest pose
    stands (the world of the house is the source's, stood upright).
    """
    binding, theirs, ours = rig.bind(source.skeleton), source.positions_m(), body.positions_m()
    upright = retarget.upright(source.skeleton, rig)
    distances, labels = [], []
    for limb in _LIMBS:
        a, b, c = (binding.placed[name] for name in limb)
        x, y, z = (house.JOINT[name] for name in limb)
        length = sum(np.linalg.norm(theirs[:, end] - theirs[:, start], axis=-1) for start, end in ((a, b), (b, c)))
        our_length = sum(np.linalg.norm(house.HOUSE.offsets_m[[y, z]], axis=1))
        scale = (our_length / np.maximum(length, 1e-9))[:, np.newaxis]
        for name, there, here in ((limb[1], b, y), (limb[2], c, z)):
            way = quaternion.rotate(upright, theirs[:, there] - theirs[:, a])
            distances.append(np.linalg.norm(way * scale - (ours[:, here] - ours[:, x]), axis=-1))
            labels.append(name)
    far = 1e3 * np.stack(distances, axis=1)
    frame, column = np.unravel_index(int(np.argmax(far)), far.shape)
    return float(far.mean()), float(far.max()), labels[column], float(frame / source.frame_rate_hz)


def _unused(skeleton: Skeleton, binding: Binding) -> tuple[str, ...]:
    used = {*binding.turned.values(), *binding.placed.values()}
    return tuple(name for i, name in enumerate(skeleton.names) if i not in used)


def _unit(v: np.ndarray) -> np.ndarray:
    return v / max(float(np.linalg.norm(v)), 1e-9)
