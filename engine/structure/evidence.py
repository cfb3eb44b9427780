"""What shows a finding on a figure: what was measured beside what is allowed, as points in the stage's space.

The viewport draws it and knows no rule. A rule without a row in EVIDENCE shows its joints alone.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from engine.motion import quaternion
from engine.motion.collision import PAIR_JOINTS
from engine.motion.floor import N_SOLE_POINTS, POINT_JOINTS
from engine.motion.house import HOUSE, JOINT, LEGS
from engine.motion.motion import Motion
from engine.motion.signals import smoothed
from engine.structure.body import ACROSS, AHEAD, G_M_S2, JOINT_TOUCH_M, SMOOTHING_S, TOUCH_M, UP, Body, bend_deg
from engine.structure.figures import leg_angle_deg
from engine.structure.finding import Finding
from engine.structure.ranges import RANGES

MEASURED, ALLOWED, EXCESS = "measured", "allowed", "excess"
# What is looked at around a frame: as much as smoothing needs. A longer span is shown by so much of it.
_AROUND_S, _MOST_S = 0.5, 10.0
_ARC_M, _RAY_M = 0.32, 0.42
_STEP_DEG = 4.0
_TRAIL_S = 0.25
_DOWN, _BACK = -UP, -AHEAD


@dataclass(frozen=True, eq=False)
class Mark:
    """One thing to be drawn.

    Attributes:
        points_m: In the stage's space, [N, 3]: a line along them, or the outline of an area; one point is a spot.
        role: MEASURED what is there, ALLOWED what the rule grants, EXCESS what is between.
        is_area: Whether the inside is filled; the points go round a convex area.
        label: Words at the last point, such as "-31\u00b0".
    """

    points_m: np.ndarray
    role: str
    is_area: bool = False
    label: str = ""


@dataclass(frozen=True, eq=False)
class _Sight:
    """A finding in a dance, seen at a frame: some frames around it or all of its span, counted from 0."""

    finding: Finding
    motion: Motion
    frame: int

    @cached_property
    def _span(self) -> tuple[int, int]:
        around = round(_AROUND_S * self.motion.frame_rate_hz)
        return max(self.frame - around, 0), min(self.frame + around + 1, self.motion.n_frames)

    @cached_property
    def body(self) -> Body:
        return Body(self.motion.slice(*self._span))

    @property
    def i(self) -> int:
        return self.frame - self._span[0]

    @cached_property
    def whole(self) -> Body:
        most = round(_MOST_S * self.motion.frame_rate_hz)
        start, end = self.finding.start_frame, min(self.finding.end_frame, self.motion.n_frames)
        middle = min(max(self.frame, start), max(end - 1, start))
        start, end = max(start, middle - most // 2), min(end, middle + most // 2)
        return Body(self.motion.slice(start, max(end, start + 1)))

    @property
    def joints(self) -> list[int]:
        return [JOINT[name] for name in self.finding.joints]

    def at(self, joint: str) -> np.ndarray:
        return self.body.place(joint)[self.i]

    def turned(self, joint: str, direction: np.ndarray) -> np.ndarray:
        return quaternion.rotate(self.body.rotations[self.i, JOINT[joint]], direction)


Sight = Callable[[_Sight], list[Mark]]


def evidence(finding: Finding, motion: Motion, frame: int) -> tuple[Mark, ...]:
    """What shows a finding at a frame of the dance; empty where there is nothing but the joints themselves.

    Args:
        finding: Of `motion`, or of the same dance on the house skeleton.
        motion: On the house skeleton's joints, of any proportions; at the rate that the finding counts in.
        frame: Within the motion.
    """
    show = EVIDENCE.get(finding.rule)
    if show is None or motion.n_frames == 0 or not set(finding.joints) <= JOINT.keys():
        return ()
    return tuple(show(_Sight(finding, motion, min(max(frame, 0), motion.n_frames - 1))))


# --- angles ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Hinge:
    """How an angle lies in the body: about `pivot`, in the frame of `base`, from `zero` towards `towards`."""

    pivot: str
    base: str
    zero: np.ndarray
    towards: np.ndarray


def _hinge(rule: str, joint: str) -> _Hinge:
    outward = ACROSS if joint.startswith("Left") else -ACROSS
    parent = HOUSE.names[HOUSE.parents[JOINT[joint]]]
    elbow = np.array([0.0, np.sin(np.radians(30.0)), np.cos(np.radians(30.0))])
    return {
        "knee_range": _Hinge(joint, parent, _DOWN, _BACK),
        "elbow_range": _Hinge(joint, parent, outward, elbow),
        "wrist_range": _Hinge(joint, parent, outward, UP),
        "ankle_range": _Hinge(joint, parent, AHEAD, UP),
        "hip_range": _Hinge(joint, parent, _DOWN, AHEAD),
        "hip_side_range": _Hinge(joint, parent, _DOWN, outward),
        "neck_turn": _Hinge("Head", "Spine2", AHEAD, ACROSS),
        "neck_nod": _Hinge("Neck", "Spine2", UP, AHEAD),
        "trunk_bend": _Hinge("Spine", "Hips", UP, AHEAD),
        "trunk_side": _Hinge("Spine", "Hips", UP, ACROSS),
        "trunk_turn": _Hinge("Spine2", "Hips", AHEAD, ACROSS),
    }[rule]


def _range(see: _Sight) -> list[Mark]:
    out: list[Mark] = []
    for row in RANGES:
        if row.rule == see.finding.rule and row.joint in see.finding.joints:
            hinge = _hinge(row.rule, row.joint)
            zero, towards = see.turned(hinge.base, hinge.zero), see.turned(hinge.base, hinge.towards)
            if row.rule == "wrist_range":  # a hand bends any way: the plane is the one it bends in
                bone = see.turned(row.joint, hinge.zero)
                across = bone - zero * float(bone @ zero)
                towards = across / max(float(np.linalg.norm(across)), 1e-9)
            angle = float(row.measure(see.body)[see.i])
            out += _angle(see.at(hinge.pivot), zero, towards, angle, see.finding.limit)
    return out


def _angle(
    pivot: np.ndarray, zero: np.ndarray, towards: np.ndarray, measured_deg: float, limit_deg: float,
    from_deg: float = 0.0,
) -> list[Mark]:  # fmt: skip
    """An arc as far as is allowed, with its inside filled, one on to what is measured, and both rays."""
    if not np.isfinite(measured_deg):
        return []

    def ray(angle_deg: float, length_m: float) -> np.ndarray:
        a = np.radians(angle_deg)
        return pivot + length_m * (np.cos(a) * zero + np.sin(a) * towards)

    def arc(start_deg: float, end_deg: float) -> np.ndarray:
        n = max(int(abs(end_deg - start_deg) / _STEP_DEG) + 2, 2)
        return np.stack([ray(angle, _ARC_M) for angle in np.linspace(start_deg, end_deg, n)])

    marks = [
        Mark(np.vstack([pivot, arc(from_deg, limit_deg)]), ALLOWED, is_area=True),
        Mark(arc(from_deg, limit_deg), ALLOWED),
        Mark(np.stack([pivot, ray(limit_deg, _RAY_M)]), ALLOWED, label=_degrees(limit_deg)),
        Mark(np.stack([pivot, ray(measured_deg, _RAY_M)]), MEASURED, label=_degrees(measured_deg)),
    ]
    is_beyond = (measured_deg - limit_deg) * (limit_deg - from_deg) > 0.0 or from_deg == limit_deg
    if is_beyond:
        marks.insert(1, Mark(np.vstack([pivot, arc(limit_deg, measured_deg)]), EXCESS, is_area=True))
        marks.insert(3, Mark(arc(limit_deg, measured_deg), EXCESS))
    return marks


def _bend(see: _Sight, side: str, limit_deg: float) -> list[Mark]:
    """A knee's bend: from the thigh's own line to the shin's."""
    leg = LEGS[0 if side == "Left" else 1]
    hip, knee, ankle = (see.body.positions[see.i, j] for j in leg[:3])
    thigh = (knee - hip) / max(float(np.linalg.norm(knee - hip)), 1e-9)
    shin = (ankle - knee) / max(float(np.linalg.norm(ankle - knee)), 1e-9)
    across = shin - thigh * float(shin @ thigh)
    if np.linalg.norm(across) < 1e-3:
        across = see.turned(f"{side}UpLeg", _BACK)
    across = across / max(float(np.linalg.norm(across)), 1e-9)
    return _angle(knee, thigh, across, float(bend_deg(see.body, 0 if side == "Left" else 1)[see.i]), limit_deg)


def _bends(see: _Sight) -> list[Mark]:
    sides = [side for side in ("Left", "Right") if any(name.startswith(side) for name in see.finding.joints)]
    return [mark for side in sides for mark in _bend(see, side, see.finding.limit)]


def _raised_leg(see: _Sight) -> list[Mark]:
    side = "Left" if see.finding.joints[0].startswith("Left") else "Right"
    leg = 0 if side == "Left" else 1
    hip, ankle = (see.body.positions[see.i, LEGS[leg][k]] for k in (0, 2))
    level = (ankle - hip) * np.array([1.0, 0.0, 1.0])
    level = level / max(float(np.linalg.norm(level)), 1e-9)
    return _angle(hip, _DOWN, level, float(leg_angle_deg(see.body, leg)[see.i]), see.finding.limit)


def _pointed(see: _Sight) -> list[Mark]:
    side = "Left" if see.finding.joints[0].startswith("Left") else "Right"
    foot = next(row for row in RANGES if row.rule == "ankle_range" and row.joint == f"{side}Foot")
    ahead, up = (see.turned(f"{side}Leg", way) for way in (AHEAD, UP))
    return _angle(see.at(f"{side}Foot"), ahead, up, float(foot.measure(see.body)[see.i]), see.finding.limit, -60.0)


def _axis(see: _Sight) -> list[Mark]:
    side = "Left" if any(name.startswith("Left") for name in see.finding.joints) else "Right"
    ball, head = see.at(f"{side}ToeBase"), see.at("Head")
    height = float(np.linalg.norm(head - ball))
    tilt = np.degrees(np.arccos(np.clip((head - ball)[1] / max(height, 1e-9), -1.0, 1.0)))
    return [
        Mark(np.stack([ball, ball + UP * height]), ALLOWED, label=f"{_degrees(see.finding.limit)} at most"),
        Mark(np.stack([ball, head]), MEASURED, label=_degrees(float(tilt))),
        Mark(np.stack([ball + UP * height, head]), EXCESS),
    ]


def _heading(see: _Sight) -> list[Mark]:
    """How the hips turned so far, on the floor."""
    place = see.at("Hips") * np.array([1.0, 0.0, 1.0])
    angles = see.whole.heading
    upto = min(max(see.frame - see.finding.start_frame, 0), len(angles) - 1)
    way = angles[: upto + 1]
    ring = place + 0.45 * np.stack([np.sin(way), np.zeros_like(way), np.cos(way)], axis=-1)
    turned = float(np.degrees(way[-1] - way[0]))
    return [Mark(ring, MEASURED, label=_degrees(turned)), Mark(np.stack([place, ring[-1]]), MEASURED)]


def _turnout(see: _Sight) -> list[Mark]:
    out: list[Mark] = []
    heading = float(see.body.heading[see.i])
    for side, sign in (("Left", 1.0), ("Right", -1.0)):
        foot = see.at(f"{side}Foot") * np.array([1.0, 0.0, 1.0])
        wanted = heading + sign * np.radians(0.5 * see.finding.limit)
        ahead = see.turned(f"{side}Foot", AHEAD) * np.array([1.0, 0.0, 1.0])
        ahead = ahead / max(float(np.linalg.norm(ahead)), 1e-9)
        out += [
            Mark(np.stack([foot, foot + 0.5 * np.array([np.sin(wanted), 0.0, np.cos(wanted)])]), ALLOWED),
            Mark(np.stack([foot, foot + 0.5 * ahead]), MEASURED),
        ]
    return out


def _wrung(see: _Sight) -> list[Mark]:
    """Where a standing foot points beside where the hips face, on the floor."""
    heading = float(see.body.heading[see.i])
    facing = np.array([np.sin(heading), 0.0, np.cos(heading)])
    out: list[Mark] = []
    for joint in see.finding.joints:
        sign = 1.0 if joint.startswith("Left") else -1.0
        aside = sign * np.array([np.cos(heading), 0.0, -np.sin(heading)])
        foot = see.turned(joint, AHEAD) * np.array([1.0, 0.0, 1.0])
        angle = np.degrees(np.arctan2(float(foot @ aside), float(foot @ facing)))
        place = see.at(joint) * np.array([1.0, 0.0, 1.0]) + UP * 0.004
        out += _angle(place, facing, aside, float(angle), see.finding.limit)
    return out


def _hip_line(see: _Sight) -> list[Mark]:
    """The line from hip to hip, and the level."""
    left, right = see.at("LeftUpLeg"), see.at("RightUpLeg")
    middle, line = 0.5 * (left + right), left - right
    level = line * np.array([1.0, 0.0, 1.0])
    level = level / max(float(np.linalg.norm(level)), 1e-9)
    along = line / max(float(np.linalg.norm(line)), 1e-9)
    tilt = np.degrees(np.arcsin(np.clip(along[1], -1.0, 1.0)))
    return [
        Mark(np.stack([middle - _RAY_M * level, middle + _RAY_M * level]), ALLOWED),
        Mark(np.stack([middle - _RAY_M * along, middle + _RAY_M * along]), MEASURED, label=_degrees(abs(float(tilt)))),
    ]


# --- places ----------------------------------------------------------------------------------


def _under_floor(see: _Sight) -> list[Mark]:
    out: list[Mark] = []
    points = see.body.points[see.i]
    for joint in see.joints:
        own = [points[k] for k, j in enumerate(POINT_JOINTS) if j == joint]
        lowest = min(own, key=lambda p: p[1])
        over = lowest * np.array([1.0, 0.0, 1.0])
        out.append(Mark(_ring(over, 0.12), ALLOWED))
        if lowest[1] < 0.0:
            out.append(Mark(np.stack([over, lowest]), EXCESS, label=_metres(-float(lowest[1]))))
    return out


def _foot_path(see: _Sight) -> list[Mark]:
    """The way of the foot over the floor, and the circle that it would have stayed in."""
    feet = [j for j in see.joints if HOUSE.names[j].endswith("ToeBase")] or see.joints[:1]
    out: list[Mark] = []
    for joint in feet:
        way = see.whole.positions[:, joint] * np.array([1.0, 0.0, 1.0]) + UP * 0.004
        out += [
            Mark(_ring(way[0], max(see.finding.limit, 0.05)), ALLOWED),
            Mark(way, MEASURED),
            Mark(way[:1], ALLOWED),
            Mark(way[-1:], EXCESS, label=_metres(see.finding.measured) if see.finding.unit == "m" else ""),
        ]
    return out


def _flight(see: _Sight) -> list[Mark]:
    """The way of the centre of mass, and the one that gravity gives a jump of this time."""
    way = see.whole.centre
    n, rate = len(way), see.whole.rate_hz
    t = np.arange(n) / rate
    end_s = max(t[-1], 1e-6)
    straight = way[0] + (way[-1] - way[0]) * (t / end_s)[:, np.newaxis]
    fall = straight + UP * (0.5 * G_M_S2 * t * (end_s - t))[:, np.newaxis]
    here = min(max(see.frame - see.finding.start_frame, 0), n - 1)
    return [
        Mark(fall, ALLOWED, label="as gravity has it"),
        Mark(way, MEASURED, label=f"{see.finding.measured:.2f} g"),
        Mark(np.stack([way[here], fall[here]]), EXCESS),
    ]


def _support(see: _Sight) -> list[Mark]:
    """The floor under what carries, the centre of mass, and the point under which the body would have to stand."""
    body, i = see.body, see.i
    touch = np.full(len(POINT_JOINTS), JOINT_TOUCH_M)
    touch[:N_SOLE_POINTS] = TOUCH_M
    carrying = body.points[i][body.points[i][:, 1] < touch]
    if not len(carrying):
        return []
    a, c = body.centre_acceleration[i], smoothed(body.centre, SMOOTHING_S * body.rate_hz)[i]
    weight = c - c[1] / max(G_M_S2 + a[1], 0.3 * G_M_S2) * a
    weight = np.array([weight[0], 0.004, weight[2]])
    hull = _hull(carrying[:, [0, 2]])
    outline = np.stack([hull[:, 0], np.full(len(hull), 0.004), hull[:, 1]], axis=-1)
    nearest = _nearest(outline, weight)
    away = float(np.linalg.norm(weight - nearest))
    return [
        Mark(outline, ALLOWED, is_area=True),
        Mark(np.vstack([outline, outline[:1]]), ALLOWED),
        Mark(np.stack([c, weight]), MEASURED),
        Mark(c[np.newaxis], MEASURED),
        Mark(np.stack([nearest, weight]), EXCESS, label=_metres(away)),
        Mark(weight[np.newaxis], EXCESS),
    ]


def _weight(see: _Sight) -> list[Mark]:
    """The weight over the floor, and the foot that steps although it bears it."""
    centre = see.body.centre[see.i]
    under = centre * np.array([1.0, 0.0, 1.0]) + UP * 0.004
    foot = see.at(see.finding.joints[0]) * np.array([1.0, 0.0, 1.0]) + UP * 0.004
    share = f"{100.0 * see.finding.measured:.0f} %"
    return [
        Mark(np.stack([centre, under]), MEASURED),
        Mark(centre[np.newaxis], MEASURED),
        Mark(_ring(foot, 0.12), EXCESS, label=share),
    ]


def _collision(see: _Sight) -> list[Mark]:
    """The bones that are in one another, and where they are nearest."""
    out: list[Mark] = []
    pairs = {pair for pair in PAIR_JOINTS if set(pair) <= set(see.joints)}
    for pair in sorted(pairs):
        ends = [(see.body.positions[see.i, j], see.body.positions[see.i, _child(j)]) for j in pair]
        along = np.linspace(0.0, 1.0, 21)[:, np.newaxis]
        one, other = (start + along * (end - start) for start, end in ends)
        gaps = np.linalg.norm(one[:, np.newaxis] - other[np.newaxis], axis=-1)
        p, q = np.unravel_index(int(np.argmin(gaps)), gaps.shape)
        out += [Mark(np.stack(bone), MEASURED) for bone in ends]
        out += [Mark(np.stack([one[p], other[q]]), EXCESS), Mark(one[p : p + 1], EXCESS, label="through each other")]
    return out


def _ways(see: _Sight) -> list[Mark]:
    """The ways of the joints around the frame, before and after it."""
    out: list[Mark] = []
    reach = max(round(_TRAIL_S * see.body.rate_hz), 3)
    first, last = max(see.i - reach, 0), min(see.i + reach + 1, see.body.n)
    for joint in see.joints[:4]:
        way = see.body.positions[first:last, joint]
        jump = see.body.jolts[first:last, joint]
        out.append(Mark(way, MEASURED))
        worst = int(np.argmax(jump))
        if see.finding.rule in ("pose_jump", "place_jump") and worst > 0:
            out.append(Mark(way[worst - 1 : worst + 1], EXCESS, label=_metres(see.finding.measured)))
    return out


def _stage_circle(see: _Sight) -> list[Mark]:
    """The way of the hips over the floor in the circle that is too small for a piece."""
    step = max(see.motion.n_frames // 400, 1)
    way = see.motion.root_positions_m[::step] * np.array([1.0, 0.0, 1.0])
    return [
        Mark(way, MEASURED),
        Mark(_ring(np.median(way, axis=0), see.finding.limit), ALLOWED, label=_metres(see.finding.limit)),
    ]


EVIDENCE: dict[str, Sight] = {
    **{rule: _range for rule in dict.fromkeys(row.rule for row in RANGES)},
    "floor_penetration": _under_floor,
    "foot_skating": _foot_path,
    "foot_creeps": _foot_path,
    "flight": _flight,
    "landing": _bends,
    "take_off": _bends,
    "balance": _support,
    "self_collision": _collision,
    "arabesque_height": _raised_leg,
    "supporting_knee": _bends,
    "pointed_foot": _pointed,
    "turnout": _turnout,
    "pirouette_axis": _axis,
    "pirouette_turns": _heading,
    "pirouette_travel": _foot_path,
    "pose_jump": _ways,
    "place_jump": _ways,
    "speed_jump": _ways,
    "shaking": _ways,
    "too_fast": _ways,
    "turned_too_fast": _heading,
    "foot_wrung": _wrung,
    "hips_square": _hip_line,
    "pirouette_spotting": _heading,
    "pirouette_landing": _ways,
    "restless": _ways,
    "weighted_step": _weight,
    "on_stage": _ways,
    "use_of_stage": _stage_circle,
}


def _child(joint: int) -> int:
    """The joint at the other end of the bone that begins at one; the joint itself at a tip."""
    children = [j for j, parent in enumerate(HOUSE.parents) if parent == joint]
    straight = [j for j in children if not HOUSE.names[j].endswith(("UpLeg", "Shoulder"))]
    return (straight or children or [joint])[0]


def _ring(middle: np.ndarray, radius_m: float) -> np.ndarray:
    angle = np.linspace(0.0, 2.0 * np.pi, 37)
    return middle + radius_m * np.stack([np.cos(angle), np.zeros_like(angle), np.sin(angle)], axis=-1)


def _hull(points: np.ndarray) -> np.ndarray:
    """The convex hull of points [N, 2], counter-clockwise, [M, 2] (Andrew 1979, the monotone chain)."""
    ordered = sorted({(float(x), float(y)) for x, y in points})
    if len(ordered) < 3:
        return np.array(ordered)

    def half(row: list[tuple[float, float]]) -> list[tuple[float, float]]:
        kept: list[tuple[float, float]] = []
        for p in row:
            while len(kept) > 1 and _turn(kept[-2], kept[-1], p) <= 0.0:
                kept.pop()
            kept.append(p)
        return kept[:-1]

    return np.array(half(ordered) + half(ordered[::-1]))


def _turn(a: tuple[float, float], b: tuple[float, float], c: tuple[float, float]) -> float:
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])


def _nearest(outline: np.ndarray, point: np.ndarray) -> np.ndarray:
    """The point of a closed outline [N, 3] that is nearest to another."""
    ends = np.roll(outline, -1, axis=0)
    line = ends - outline
    share = ((point - outline) * line).sum(-1) / np.maximum((line * line).sum(-1), 1e-12)
    on = outline + np.clip(share, 0.0, 1.0)[:, np.newaxis] * line
    nearest: np.ndarray = on[int(np.argmin(np.linalg.norm(on - point, axis=-1)))]
    return nearest


def _degrees(angle: float) -> str:
    return f"{angle:.0f}\u00b0"


def _metres(length: float) -> str:
    return f"{100.0 * length:.0f} cm" if abs(length) < 1.0 else f"{length:.2f} m"
