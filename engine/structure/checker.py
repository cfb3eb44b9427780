"""A dance held against the rules of its genre, movement by movement, again and again as it is edited."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from typing import TypeVar

import numpy as np

from engine.motion.house import FRAME_RATE_HZ, HOUSE
from engine.motion.kinematics import forward_kinematics
from engine.motion.motion import Motion
from engine.motion.movements import Movement, segment
from engine.motion.resample import resampled
from engine.music.analysis import MusicAnalysis
from engine.structure.body import Body
from engine.structure.book import RuleBook, RuleText
from engine.structure.finding import Finding
from engine.structure.hits import Hit
from engine.structure.integrity import PIECE_RULES
from engine.structure.piece import Piece
from engine.structure.rules import RULES

# What is found at a frame depends on no more than this around it, but for stances and flights that last longer.
REACH_S = 1.0
MARGIN_S = 2.0
# What a slide that is meant would be told by.
SLIDE_RULES = ("foot_skating", "foot_creeps")

Transforms = tuple[np.ndarray, np.ndarray]


def check(
    motion: Motion, music: MusicAnalysis | None = None, style: str | None = None, *, rules: RuleBook
) -> list[Finding]:
    """What in a dance breaks the rules, by frame.

    Args:
        motion: On the house skeleton, standing on y = 0; of any frame rate. It is judged at the house's rate, and
            the frames of the findings are those of the motion given.
        music: What it is danced to; without it no rule about music is judged.
        style: A style or genre that the rules know; None for the general rules alone.
        rules: Words and limits.

    Raises:
        ValueError: It is not on the house skeleton.
    """
    return Checker(rules, music, style).check(motion)


class Checker:
    """Checks versions of one dance; of a version that differs little from the last one, only what differs."""

    def __init__(self, rules: RuleBook, music: MusicAnalysis | None = None, style: str | None = None) -> None:
        self.music, self.style = music, style
        self.texts = {name: text for name, text in rules.of(style).items() if name in RULES or name in PIECE_RULES}
        self._motion: Motion | None = None
        self._transforms: Transforms = (np.zeros((0, 0, 3)), np.zeros((0, 0, 4)))
        self._hits: dict[str, list[Hit]] = {}

    def check(self, motion: Motion) -> list[Finding]:
        """As `check`, of the next version of the dance."""
        if motion.skeleton.names != HOUSE.names:
            raise ValueError("the rules are defined on the house skeleton only: retarget the motion first")
        if motion.n_frames == 0:
            return []
        house_rate = motion if motion.frame_rate_hz == FRAME_RATE_HZ else resampled(motion, FRAME_RATE_HZ)
        self._look_at(house_rate)
        movements = segment(house_rate, self._transforms[0])
        hits = self._hits | self._hits_of(Piece(Body(house_rate, self._transforms), movements, self.music))
        return _findings(hits, movements, self.texts, motion.frame_rate_hz / FRAME_RATE_HZ)

    def of_piece(self, motion: Motion) -> list[Finding]:
        """The findings of the rules about the whole alone, of a house motion at the house's rate."""
        body = Body(motion)
        movements = segment(motion, body.positions)
        return _findings(self._hits_of(Piece(body, movements, self.music)), movements, self.texts, 1.0)

    def _hits_of(self, piece: Piece) -> dict[str, list[Hit]]:
        rules = {name: rule for name, rule in PIECE_RULES.items() if name in self.texts}
        return {name: rule.find(piece, self.texts[name].limits) for name, rule in rules.items()}

    def breaks(self, motion: Motion, finding: Finding) -> bool:
        """Whether a version breaks the rule of a finding where that was: a quick look, at this rule there alone."""
        rule = RULES.get(finding.rule)
        if rule is None or motion.frame_rate_hz != FRAME_RATE_HZ:
            return False
        around = round((REACH_S + MARGIN_S) * motion.frame_rate_hz)
        first, last = max(finding.start_frame - around, 0), min(finding.end_frame + around, motion.n_frames)
        found = rule.find(Body(motion.slice(first, last)), self.texts[finding.rule].limits)
        return any(
            finding.start_frame - first < hit.end_frame
            and hit.start_frame < finding.end_frame - first
            and (not finding.joints or {HOUSE.names[joint] for joint in hit.joints} & set(finding.joints))
            for hit in found
        )

    def _look_at(self, motion: Motion) -> None:
        """Bring the hits up to date with the frames in which this motion differs from the last one."""
        start, end = _differing(self._motion, motion)
        if start >= end:
            return
        self._transforms = _spliced(self._transforms, self._motion, motion, start, end)
        if self._motion is not None and self._motion.n_frames != motion.n_frames:
            self._hits = {}  # of a dance that was longer some lie behind its end
        self._motion = motion
        reach, margin = round(REACH_S * motion.frame_rate_hz), round(MARGIN_S * motion.frame_rate_hz)
        start, end = max(start - reach, 0), min(end + reach, motion.n_frames)
        first, last = max(start - margin, 0), min(end + margin, motion.n_frames)
        positions, rotations = self._transforms
        body = Body(motion.slice(first, last), (positions[first:last], rotations[first:last]))
        for name, rule in RULES.items():
            if name not in self.texts:
                continue
            kept = [h for h in self._hits.get(name, []) if not start <= h.peak_frame < end]
            found = [moved(h, first) for h in rule.find(body, self.texts[name].limits)]
            self._hits[name] = kept + [h for h in found if start <= h.peak_frame < end]


def _differing(before: Motion | None, after: Motion) -> tuple[int, int]:
    """The frames [start, end) of `after` that are not those of `before`; all of them where the lengths differ."""
    if before is None or before.n_frames != after.n_frames:
        return 0, after.n_frames
    if before is after:
        return 0, 0
    differ = (before.root_positions_m != after.root_positions_m).any(axis=1)
    differ |= (before.local_rotations != after.local_rotations).any(axis=(1, 2))
    frames = np.flatnonzero(differ)
    return (int(frames[0]), int(frames[-1]) + 1) if len(frames) else (0, 0)


def _spliced(known: Transforms, before: Motion | None, motion: Motion, start: int, end: int) -> Transforms:
    if before is None or before.n_frames != motion.n_frames:
        return motion.global_transforms()
    fresh = forward_kinematics(HOUSE, motion.root_positions_m[start:end], motion.local_rotations[start:end])
    positions, rotations = known[0].copy(), known[1].copy()
    positions[start:end], rotations[start:end] = fresh
    return positions, rotations


def is_meant(finding: Finding, slides: Sequence[tuple[int, int]]) -> bool:
    """Whether a finding is a slide of a foot within one of the spans [start, end) in which slides are meant."""
    return finding.rule in SLIDE_RULES and any(start <= finding.peak_frame < end for start, end in slides)


Placed = TypeVar("Placed", Hit, Finding)


def moved(placed: Placed, by: int) -> Placed:
    """A hit or a finding so many frames later."""
    frames = {name: getattr(placed, name) + by for name in ("start_frame", "end_frame", "peak_frame")}
    return replace(placed, **frames)


def _findings(
    hits: dict[str, list[Hit]], movements: tuple[Movement, ...], texts: dict[str, RuleText], rate: float
) -> list[Finding]:
    """One finding a rule and movement, of the worst hit there, by frame and name."""
    starts = [movement.start_frame for movement in movements]
    groups: dict[tuple[str, int], list[Hit]] = defaultdict(list)
    for name, own in hits.items():
        for hit in own:
            groups[name, bisect_right(starts, hit.peak_frame) - 1].append(hit)
    found = [_finding(name, movement, group, texts[name], rate) for (name, movement), group in groups.items()]
    return sorted(found, key=lambda f: (f.start_frame, f.rule))


def _finding(name: str, movement: int, hits: list[Hit], text: RuleText, rate: float) -> Finding:
    hits = sorted(hits, key=lambda h: (-abs(h.measured - h.limit), h.start_frame, h.joints))
    worst = hits[0]
    joints = tuple(dict.fromkeys(HOUSE.names[j] for hit in hits for j in hit.joints))
    sentence = text.explain.format(
        joint=in_words(joints), measured=worst.measured, limit=worst.limit, excess=abs(worst.measured - worst.limit)
    )
    rule = RULES.get(name) or PIECE_RULES[name]
    return Finding(
        name, rule.family, round(min(h.start_frame for h in hits) * rate), round(max(h.end_frame for h in hits) * rate),
        round(worst.peak_frame * rate), movement, joints, worst.measured, worst.limit, text.unit, text.severity,
        sentence[:1].upper() + sentence[1:], rule.repair,
    )  # fmt: skip


_WORDS = {
    "UpLeg": "hip", "Leg": "knee", "Foot": "foot", "ToeBase": "toes", "Shoulder": "shoulder", "Arm": "upper arm",
    "ForeArm": "elbow", "Hand": "hand", "FingerBase": "fingers", "Hips": "hips", "Spine": "waist", "Spine1": "back",
    "Spine2": "chest", "Neck": "neck", "Head": "head",
}  # fmt: skip


def in_words(joints: tuple[str, ...]) -> str:
    """Joints as a dancer says them: "left knee and right knee", "body" where there is none, no more than three."""
    words = list(dict.fromkeys(_word(joint) for joint in joints))
    if not words:
        return "body"
    if len(words) > 3:
        return f"{words[0]}, {words[1]} and {len(words) - 2} more joints"
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


def _word(joint: str) -> str:
    for side in ("Left", "Right"):
        if joint.startswith(side):
            return f"{side.lower()} {_WORDS[joint.removeprefix(side)]}"
    return _WORDS[joint]
