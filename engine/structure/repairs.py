"""What mends a finding: tried within a short span around it, and taken only if nothing else gets worse."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from engine.motion import quaternion
from engine.motion.blend import seal
from engine.motion.motion import Motion
from engine.music.analysis import MusicAnalysis
from engine.structure import figure_mending, mending, retiming, stage_mending, turn_mending
from engine.structure.body import Body
from engine.structure.book import RuleBook
from engine.structure.checker import Checker, moved
from engine.structure.finding import Finding
from engine.structure.integrity import PIECE_RULES

Mend = Callable[[Motion, int, int, Finding], Motion]


@dataclass(frozen=True)
class ToMusic:
    """A way to mend that needs to know the music."""

    mend: Callable[[Motion, int, int, Finding, MusicAnalysis], Motion]


@dataclass(frozen=True)
class ToLimits:
    """A way to mend that needs to know the limits of the rule."""

    mend: Callable[[Motion, int, int, Finding, Mapping[str, float]], Motion]


# How far around a finding a repair may reach, seconds, from little to much.
REACHES_S = (0.15, 0.4, 0.7, 1.1, 1.6)
# A path is bent the more gently the longer the bend is: each of the ways is tried in all of these before the next one.
_LONG_REACHES_S = {"bring_in": (1.6, 2.5, 4.0, 6.0), "close": (2.4, 3.2, 1.6)}
# A finding's counterpart in another version lies within this many frames of it.
NEAR_FRAMES = 8
# A repair leaves no seam: at its ends no joint is jolted more than this, or than it was.
MOST_JOLT_M = 0.03
SEAL_S = 0.25
# Where none of these spans will do, it begins and ends at the calmest frames that are no further than this from theirs.
CALMER_S = 0.35
_BESIDE_S = CALMER_S + 3.5
HINT = "note"
# One fault of two degrees: the milder is no new finding where the worse one was.
_WORSE = {"foot_creeps": "foot_skating"}

_BODY: tuple[Mend, ...] = (
    mending.bridged_body, mending.bridged_and_planted, mending.bridged_and_set_down, mending.eased_across,
)  # fmt: skip
# name -> what it does, and the ways in which it is tried, the gentlest first
REPAIRS: dict[str, tuple[str, tuple[Mend | ToMusic | ToLimits, ...]]] = {
    "clamp": (
        "bring the joint back within its range",
        (mending.clamped, mending.clamped_and_planted, mending.bridged_limb, *_BODY),
    ),
    "lift": ("lift what is under the floor", (mending.legs_above, mending.lifted, *_BODY)),
    "replant": ("hold the foot where it stands", (mending.replanted, *_BODY)),
    "fit_jump": (
        "give the jump the height of its time, or the time of its height",
        (mending.jump_fitted, retiming.jump_timed, mending.set_down, *_BODY),
    ),
    "soften": ("bend the knees as the jump lands", (mending.softened,)),
    "crouch": ("bend the knees before the jump", (mending.crouched,)),
    "round": ("round the turn to a half or whole one", (figure_mending.rounded, figure_mending.rounded_and_planted)),
    "centre": ("turn on the spot", (figure_mending.centred_and_planted, figure_mending.centred)),
    "right": ("bring the axis of the turn upright", (figure_mending.righted,)),
    "spot": (
        "let the face stay on its front and whip round ahead of the body",
        (turn_mending.spotted, turn_mending.spotted_by_the_head),
    ),
    "close": ("close the turn: bring the weight to a stand as it lands", turn_mending.CLOSINGS),
    "point": ("point the foot", (figure_mending.pointed,)),
    "raise": ("raise the leg", (figure_mending.leg_raised,)),
    "square": ("bring the hips level", (figure_mending.squared,)),
    "straighten": ("straighten the standing knee", (figure_mending.straightened,)),
    "land": ("land the accents on the beats", (ToMusic(retiming.landed),)),
    "upright": ("bring the weight over the feet", _BODY),
    "part": ("bring the limb out of the body", (mending.bridged_limb, *_BODY)),
    "join": (
        "let the jump die away",
        (mending.bridged_limb, mending.inertialised, mending.inertialised_and_planted, *_BODY),
    ),
    "smooth": ("take the trembling out", (mending.calmed, mending.bridged_limb, *_BODY)),
    "slow": ("go the shorter way", (mending.bridged_limb, *_BODY)),
    "move_on": ("go on through the gap, or breathe", (*_BODY[:2], mending.breathed, _BODY[2])),
    "bring_in": (
        "lead the way back onto the stage",
        tuple(map(ToLimits, stage_mending.WAYS)),
    ),
    "hold": ("come to rest in the last pose", (mending.held,)),
}


@dataclass(frozen=True)
class Repaired:
    """A dance without a finding: frames outside [start_frame, end_frame) are those of before, bit for bit."""

    motion: Motion
    start_frame: int
    end_frame: int


def repair(
    motion: Motion, finding: Finding, *, rules: RuleBook, music: MusicAnalysis | None = None, style: str | None = None
) -> Repaired | None:
    """The dance with one finding mended, or None where nothing helps that makes nothing else worse.

    Where every way leaves a new hint behind (severity "note"), a warning or an error is mended all the same.

    Args:
        motion: On the house skeleton at the house's rate; what `check` found the finding in.
        finding: What to mend.
        rules, music, style: As for `check`.
    """
    if finding.repair is None:
        return None
    if finding.rule in PIECE_RULES:
        return _tried(motion, finding, Checker(rules, music, style), music)
    # What is further away than a repair reaches, and sees, is as it was: a part of the dance tells the same.
    around = round((max(_reaches_s(finding)) + _BESIDE_S) * motion.frame_rate_hz)
    first, last = max(finding.start_frame - around, 0), min(finding.end_frame + around, motion.n_frames)
    mended = _tried(motion.slice(first, last), moved(finding, -first), Checker(rules, None, style), music)
    if mended is None:
        return None
    start, end = mended.start_frame + first, mended.end_frame + first
    whole = _within(motion, _laid_in(motion, mended.motion, first), start, end)
    checker = Checker(rules, music, style)
    if not _is_better(checker.of_piece(motion), _but_hints(checker.of_piece(whole)), finding):
        return None
    return Repaired(whole, start, end)


def _tried(motion: Motion, finding: Finding, checker: Checker, music: MusicAnalysis | None) -> Repaired | None:
    """The first of the ways, in the shortest span, after which the finding is gone and nothing else is worse."""
    before = checker.check(motion)
    with_hints: Repaired | None = None
    for start, end, mend in _attempts(motion, finding, checker, music):
        mended = _within(motion, mend(motion, start, end, finding), start, end)
        if not _is_seamless(motion, mended, start, end):
            mended = _within(motion, seal(mended, start, end, SEAL_S), start, end)
        if checker.breaks(mended, finding) or not _is_seamless(motion, mended, start, end):
            continue
        after = checker.check(mended)
        if _is_better(before, after, finding):
            return Repaired(mended, start, end)
        if with_hints is None and finding.severity != HINT and _is_better(before, _but_hints(after), finding):
            with_hints = Repaired(mended, start, end)
    return with_hints


def _attempts(
    motion: Motion, finding: Finding, checker: Checker, music: MusicAnalysis | None
) -> Iterator[tuple[int, int, Mend]]:
    """The spans [start, end) and the ways in which a repair is tried, in turn."""
    name = finding.repair or ""
    ways = _ways(name, music, checker.texts[finding.rule].limits)
    if name in _LONG_REACHES_S:
        spans = list(_spans(motion, finding))
        yield from ((start, end, mend) for mend in ways for start, end in spans)
    else:
        yield from ((start, end, mend) for start, end in _spans(motion, finding) for mend in ways)


def _reaches_s(finding: Finding) -> tuple[float, ...]:
    return _LONG_REACHES_S.get(finding.repair or "", REACHES_S)


def _spans(motion: Motion, finding: Finding) -> Iterator[tuple[int, int]]:
    """The spans [start, end) in which a repair is tried: by its reaches, and then those that end where it is calm.

    A bridge that leaves a calm frame for a calm one neither jolts there nor swings out between them.
    """
    reaches = [round(reach_s * motion.frame_rate_hz) for reach_s in _reaches_s(finding)]
    for reach in reaches:
        yield max(finding.start_frame - reach, 0), min(finding.end_frame + reach, motion.n_frames)
    unrest, aside = _unrest(motion), round(CALMER_S * motion.frame_rate_hz)
    for reach in reaches:
        yield (
            _calmest(unrest, finding.start_frame - reach, aside, 0, finding.start_frame),
            _calmest(unrest, finding.end_frame + reach, aside, finding.end_frame, motion.n_frames),
        )


def _unrest(motion: Motion) -> np.ndarray:
    """How little a frame is one to begin or end at, [T + 1]: the jolts around it, and how fast the body moves."""
    body = Body(motion)
    jolts = np.pad(body.jolts.max(axis=1) / MOST_JOLT_M, (3, 3), mode="edge")
    around = np.lib.stride_tricks.sliding_window_view(jolts, 6).max(axis=-1)
    return around + np.append(body.mean_speed, body.mean_speed[-1:])


def _calmest(unrest: np.ndarray, frame: int, aside: int, least: int, most: int) -> int:
    """The calmest frame within `aside` of one, from `least` to `most`."""
    first = int(np.clip(frame - aside, least, most))
    last = int(np.clip(frame + aside, least, most))
    return first + int(np.argmin(unrest[first : last + 1]))


def _laid_in(motion: Motion, part: Motion, first: int) -> Motion:
    """The dance with a part of it in its place, from frame `first` on."""
    root, local = motion.root_positions_m.copy(), motion.local_rotations.copy()
    span = slice(first, first + part.n_frames)
    root[span], local[span] = part.root_positions_m, part.local_rotations
    return replace(motion, root_positions_m=root, local_rotations=local)


def _ways(name: str, music: MusicAnalysis | None, limits: Mapping[str, float]) -> list[Mend]:
    """The ways of a repair; those that need music only where there is some."""
    out: list[Mend] = []
    for way in REPAIRS[name][1]:
        if isinstance(way, ToLimits):
            out.append(partial(_to_limits, way, limits))
        elif not isinstance(way, ToMusic):
            out.append(way)
        elif music is not None:
            out.append(partial(_to_music, way, music))
    return out


def _to_music(way: ToMusic, music: MusicAnalysis, motion: Motion, start: int, end: int, finding: Finding) -> Motion:
    return way.mend(motion, start, end, finding, music)


def _to_limits(
    way: ToLimits, limits: Mapping[str, float], motion: Motion, start: int, end: int, finding: Finding
) -> Motion:
    return way.mend(motion, start, end, finding, limits)


def _but_hints(found: list[Finding]) -> list[Finding]:
    return [finding for finding in found if finding.severity != HINT]


def _within(before: Motion, after: Motion, start: int, end: int) -> Motion:
    """`after` within the span and `before` outside of it, unit rotations throughout."""
    root, local = before.root_positions_m.copy(), before.local_rotations.copy()
    root[start:end] = after.root_positions_m[start:end]
    local[start:end] = quaternion.normalize(after.local_rotations[start:end])
    return replace(before, root_positions_m=root, local_rotations=local)


def _is_seamless(before: Motion, after: Motion, start: int, end: int) -> bool:
    """Whether no joint is jolted at the span's ends by more than it was, or than is seen."""
    return all(
        (
            mending.jolts_near(after, frame)
            <= np.maximum(mending.jolts_near(before, frame), MOST_JOLT_M) + 1e-9
        ).all()
        for frame in (start, end)
    )  # fmt: skip


def _is_better(before: list[Finding], after: list[Finding], mended: Finding) -> bool:
    """Whether the finding is gone, no other is new, and none is worse."""
    for new in after:
        old = [f for f in before if _is_same(f, new)]
        if _is_same(mended, new) and (not mended.joints or set(mended.joints) & set(new.joints)):
            return False
        if not old and any(_is_near(f, new) and f.rule == _WORSE.get(new.rule) for f in before):
            continue
        if not old or new.excess > 1.02 * max(f.excess for f in old) + 1e-6:
            return False
    return True


def _is_same(a: Finding, b: Finding) -> bool:
    return a.rule == b.rule and _is_near(a, b)


def _is_near(a: Finding, b: Finding) -> bool:
    return a.start_frame - NEAR_FRAMES < b.end_frame and b.start_frame < a.end_frame + NEAR_FRAMES
