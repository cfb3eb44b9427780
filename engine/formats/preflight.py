"""What can go wrong with a delivery, looked for before anything is written: sentences, and fixes where there are."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field, fields, replace
from typing import Any

import numpy as np

from engine.formats.scene import RATES
from engine.motion import quaternion
from engine.motion.contacts import contact_positions_m, contacts_of
from engine.motion.house import HOUSE
from engine.motion.motion import Motion
from engine.motion.target_rig import TargetRig

HEIGHTS_M = (1.4, 2.1)
LONGEST_NAME = 60
MOST_SLIP_M_S = 0.02  # a foot that stands may be so much faster in the file than on the stage
_FRAME_SHARE = 0.01  # of a frame, that a length may be beside a whole number of frames
_CINEMA = {"24": "23.976", "23.976": "24"}


@dataclass(frozen=True)
class Finding:
    """The answer to one check.

    Attributes:
        name: Of the check.
        severity: "error" where nothing should be written so, "warning", "note", or "passed".
        says: A sentence: what, and what to do.
        fix_text: What the fix's button says; empty without one.
        fix: The options that mend it, made from those that were checked.
    """

    name: str
    severity: str
    says: str
    fix_text: str = ""
    fix: Callable[[Any], Any] | None = None


@dataclass(frozen=True)
class Subject:
    """What is to be delivered, as far as the checks need it.

    Attributes:
        title: The piece's, or the take's: what the file calls it.
        dancers: Names of those that are written.
        heights_m: Of their bodies.
        idle: Names of those that have no dance and are left out.
        span_s: What part of the piece, without handles.
        duration_s: The piece's length.
        has_song: Whether there is a song.
        lost_song: The song's name, where its file is not where it was; else empty.
        rig: The skeleton that the options name; None for pictures.
        rootless: The format that cannot hold a bone above the hips; empty where none is asked for.
        is_in_one_file: Whether all dancers lie in one file.
    """

    title: str
    dancers: tuple[str, ...]
    heights_m: tuple[float, ...] = ()
    idle: tuple[str, ...] = ()
    span_s: tuple[float, float] = (0.0, 0.0)
    duration_s: float = 0.0
    has_song: bool = False
    lost_song: str = ""
    rig: TargetRig | None = None
    rootless: str = ""
    is_in_one_file: bool = field(default=True)


Check = Callable[[Subject, Any], Finding]


def preflight(subject: Subject, options: Any) -> tuple[Finding, ...]:
    """Every check's answer, the gravest first.

    Args:
        subject: What is to be delivered.
        options: The exporter's: fields that a check asks about and that are not there count as at their defaults.
    """
    rank = ("error", "warning", "note", "passed")
    return tuple(sorted((check(subject, options) for check in CHECKS), key=lambda found: rank.index(found.severity)))


def standing_slip_m_s(stage: Motion, filmed: Motion, rig: TargetRig) -> float:
    """How much faster the feet that stand are in a file than on the stage, metres a second; below 0 where slower.

    Args:
        stage: On the house's names, as it is danced.
        filmed: The same span on the rig, without handles and T-pose, at any rate.
        rig: Gives the names of its feet.
    """
    if stage.skeleton.names != HOUSE.names:
        return 0.0
    feet = contact_positions_m(stage)
    stands = contacts_of(feet, stage.frame_rate_hz)
    joints = [filmed.skeleton.index(rig.name_of(name)) for name in _FEET if name in rig.joints]
    if len(joints) < len(_FEET) or not stands.any() or filmed.n_frames < 2:
        return 0.0
    frames = np.minimum(
        np.round(np.arange(filmed.n_frames) * stage.frame_rate_hz / filmed.frame_rate_hz).astype(int), len(stands) - 1
    )
    before = _standing_speed_m_s(feet, stands, stage.frame_rate_hz)
    return _standing_speed_m_s(filmed.positions_m()[:, joints], stands[frames], filmed.frame_rate_hz) - before


_FEET = ("LeftFoot", "LeftToeBase", "RightFoot", "RightToeBase")


def _standing_speed_m_s(feet_m: np.ndarray, stands: np.ndarray, rate_hz: float) -> float:
    both = stands[1:] & stands[:-1]
    speeds = quaternion.length(np.diff(feet_m, axis=0)) * rate_hz
    return float(speeds[both].mean()) if both.any() else 0.0


def _dancers(subject: Subject, options: Any) -> Finding:
    if not subject.dancers:
        return Finding("dancers", "error", "There is no dance: unmute a dancer, or make a dance first.")
    if subject.idle:
        names = _and(subject.idle)
        return Finding("dancers", "note", f"{names} {_has(subject.idle)} no dance and will not be in the file.")
    return _passed("dancers", "Every dancer has a dance.")


def _song(subject: Subject, options: Any) -> Finding:
    wants = next((name for name in ("has_sound", "has_song") if getattr(options, name, False)), "")
    if not wants:
        return _passed("song", "No song is wanted.")
    if subject.lost_song:
        return Finding(
            "song", "error", f"The song {subject.lost_song} is not where it was: choose it again, or go without.",
            "Without the song", lambda chosen: replace(chosen, **{wants: False}),
        )  # fmt: skip
    if not subject.has_song:
        return Finding("song", "note", "The piece has no song: the film will be silent.")
    return _passed("song", "The song is there.")


def _names(subject: Subject, options: Any) -> Finding:
    twins = sorted({name for name in subject.dancers if subject.dancers.count(name) > 1})
    if twins:
        return Finding("names", "note", f"Several dancers are called {_and(tuple(twins))}: the file numbers them.")
    odd = [name for name in (*subject.dancers, subject.title) if _ascii(name) != name or len(name) > LONGEST_NAME]
    if odd:
        return Finding(
            "names",
            "note",
            f"Some programs cannot show {odd[0]}: in files it is {_ascii(odd[0])[:LONGEST_NAME]}.",
        )
    return _passed("names", "Names are distinct, and every program can show them.")


def _length(subject: Subject, options: Any) -> Finding:
    rate = RATES.get(getattr(options, "rate", ""))
    if rate is None:
        return _passed("length", "One picture has no length.")
    length = (subject.span_s[1] - subject.span_s[0]) * rate.hz
    beside = abs(length - round(length))
    whole = int(np.ceil(length - 1e-6))
    if beside > _FRAME_SHARE:
        return Finding("length", "passed", f"It is rounded up to {whole} whole frames at {rate.name}.")
    return _passed("length", f"It is {whole} whole frames at {rate.name}.")


def _cinema(subject: Subject, options: Any) -> Finding:
    rate = getattr(options, "rate", "")
    length_s = subject.span_s[1] - subject.span_s[0]
    n_apart = length_s * 24.0 / 1001.0
    if rate in _CINEMA and n_apart >= 1.0:
        other = _CINEMA[rate]
        return Finding(
            "rate", "note", f"{rate} and {other} are {n_apart:.1f} frames apart at the end; be sure which it is.",
            f"Use {other}", lambda chosen: replace(chosen, rate=other),
        )  # fmt: skip
    return _passed("rate", f"{rate or 'One picture'}{' frames a second' if rate else ''}.")


def _handles(subject: Subject, options: Any) -> Finding:
    rate, n_frames = RATES.get(getattr(options, "rate", "")), getattr(options, "handles", 0)
    if rate is None or not n_frames:
        return _passed("handles", "No handles.")
    lacks = [
        where for where, room_s in (("before", subject.span_s[0]), ("after", subject.duration_s - subject.span_s[1]))
        if room_s * rate.hz < n_frames - _FRAME_SHARE
    ]  # fmt: skip
    if lacks:
        return Finding(
            "handles", "note", f"The piece has not {n_frames} frames {_and(tuple(lacks))} it: a pose is held there.",
            "No handles", lambda chosen: replace(chosen, handles=0),
        )  # fmt: skip
    return _passed("handles", f"There is dance for {n_frames} frames before and after.")


def _start(subject: Subject, options: Any) -> Finding:
    start, handles = getattr(options, "start_frame", 0), getattr(options, "handles", 0)
    lead = handles + int(getattr(options, "has_t_pose", False))
    if lead:
        return Finding("first frame", "passed", f"The file begins at {start}, the dance at {start + lead}.")
    return _passed("first frame", f"The dance begins at {start}.")


def _root(subject: Subject, options: Any) -> Finding:
    rig = subject.rig
    if rig is None or rig.root is None or not rig.root.is_joint or not subject.rootless:
        return _passed("root", "Each dancer has one top joint.")
    says = f"{subject.rootless} cannot hold {rig.title}'s bone {rig.root.name}: its hips will be on top."
    if _has_field(options, "has_bvh"):
        return Finding("root", "warning", says, "Without BVH", lambda chosen: replace(chosen, has_bvh=False))
    return Finding("root", "warning", says, "Use Plain", lambda chosen: replace(chosen, rig="plain"))


def _one_each(subject: Subject, options: Any) -> Finding:
    n_dancers = len(subject.dancers)
    is_split = not subject.is_in_one_file or getattr(options, "is_split", False)
    if subject.rig is None or subject.rig.name != "ue5" or n_dancers < 2 or is_split:
        return _passed("skeletons", "Each file has as many skeletons as its program takes.")
    return Finding(
        "skeletons", "warning", f"Unreal takes one skeleton from a file, and there are {n_dancers} dancers.",
        "One file each", lambda chosen: replace(chosen, is_split=True),
    )  # fmt: skip


def _body(subject: Subject, options: Any) -> Finding:
    if subject.rig is not None and subject.rig.name == "ue5" and getattr(options, "has_mesh", None) is False:
        return Finding(
            "body", "note", "Unreal makes its skeleton from a body: the first file that you import needs one.",
            "With a body", lambda chosen: replace(chosen, has_mesh=True),
        )  # fmt: skip
    return _passed("body", "The file has what its program needs.")


def _rest(subject: Subject, options: Any) -> Finding:
    if subject.rig is not None and getattr(options, "has_t_pose", False) and not subject.rig.is_t_pose:
        return Finding(
            "rest pose", "note", f"{subject.rig.title} rests in an A-pose: the first frame will be that, not a T-pose."
        )
    return _passed("rest pose", "The rest pose is that of the skeleton.")


def _height(subject: Subject, options: Any) -> Finding:
    low, high = HEIGHTS_M
    odd = [
        f"{name} ({height_m:.2f} m)"
        for name, height_m in zip(subject.dancers, subject.heights_m, strict=False) if not low <= height_m <= high
    ]  # fmt: skip
    if odd:
        return Finding("height", "warning", f"{_and(tuple(odd))}: people are {low} to {high} m tall; check the unit.")
    return _passed("height", "Everybody is as tall as people are.")


CHECKS: tuple[Check, ...] = (
    _dancers, _song, _names, _length, _cinema, _handles, _start, _root, _one_each, _body, _rest, _height,
)  # fmt: skip


def _passed(name: str, says: str) -> Finding:
    return Finding(name, "passed", says)


def _has_field(options: Any, name: str) -> bool:
    return any(f.name == name for f in fields(options))


def _ascii(name: str) -> str:
    return unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()


def _has(names: tuple[str, ...]) -> str:
    return "has" if len(names) == 1 else "have"


def _and(names: tuple[str, ...]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
