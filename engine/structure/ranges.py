"""How far joints turn: one row for each range of motion, measured as a goniometer would."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from engine.motion import quaternion
from engine.motion.house import JOINT
from engine.structure.body import AHEAD, UP, Body, angle_deg, flexion_deg, twist_deg
from engine.structure.hits import Hit, above, below

_DOWN, _BACK = -UP, -AHEAD
# The house skeleton's forearm bends ahead and, as its upper arm hangs in motion capture, 30 degrees up.
_ELBOW_WAY = np.array([0.0, np.sin(np.radians(30.0)), np.cos(np.radians(30.0))])
SIDES = ("Left", "Right")


def _elbow(body: Body, side: str) -> np.ndarray:
    outward = np.array([1.0 if side == "Left" else -1.0, 0.0, 0.0])
    return _folded_deg(flexion_deg(body.local(f"{side}ForeArm"), outward, _ELBOW_WAY))


def _knee(body: Body, side: str) -> np.ndarray:
    return _folded_deg(flexion_deg(body.local(f"{side}Leg"), _DOWN, _BACK))


def _folded_deg(angle: np.ndarray) -> np.ndarray:
    """Angles of a hinge from -90 to 270 degrees: one that is folded further than flat has gone on, not turned back."""
    return np.where(angle < -90.0, angle + 360.0, angle)


def _wrist(body: Body, side: str) -> np.ndarray:
    return angle_deg(body.local(f"{side}Hand"), np.array([1.0 if side == "Left" else -1.0, 0.0, 0.0]))


def _hip_outward(body: Body, side: str) -> np.ndarray:
    thigh = quaternion.rotate(body.local(f"{side}UpLeg"), _DOWN)
    return np.degrees(np.arcsin(np.clip(thigh[:, 0] * (1.0 if side == "Left" else -1.0), -1.0, 1.0)))


def _hip_forward(body: Body, side: str) -> np.ndarray:
    """Of a thigh that is no further out than forward: a split to the side is neither."""
    thigh = quaternion.rotate(body.local(f"{side}UpLeg"), _DOWN)
    angle = np.degrees(np.arctan2(thigh[:, 2], -thigh[:, 1]))
    return np.where(np.abs(thigh[:, 0]) < 0.7, angle, np.nan)


def _trunk(body: Body) -> np.ndarray:
    lower = quaternion.multiply(body.local("Spine"), body.local("Spine1"))
    return quaternion.multiply(lower, body.local("Spine2"))


def _neck(body: Body) -> np.ndarray:
    return quaternion.multiply(body.local("Neck"), body.local("Head"))


def _aside(local: np.ndarray) -> np.ndarray:
    return np.degrees(np.arcsin(np.clip(quaternion.rotate(local, UP)[:, 0], -1.0, 1.0)))


@dataclass(frozen=True)
class Range:
    """One measured angle: of which rule, at which joint, and how, degrees [T]."""

    rule: str
    joint: str
    measure: Callable[[Body], np.ndarray]


def _sided(rule: str, bone: str, measure: Callable[[Body, str], np.ndarray]) -> list[Range]:
    return [Range(rule, side + bone, lambda body, side=side: measure(body, side)) for side in SIDES]  # type: ignore[misc]


RANGES = (
    *_sided("knee_range", "Leg", _knee),
    *_sided("elbow_range", "ForeArm", _elbow),
    *_sided("wrist_range", "Hand", _wrist),
    *_sided("ankle_range", "Foot", lambda body, side: flexion_deg(body.local(f"{side}Foot"), AHEAD, UP)),
    *_sided("hip_range", "UpLeg", _hip_forward),
    *_sided("hip_side_range", "UpLeg", _hip_outward),
    Range("neck_turn", "Head", lambda body: twist_deg(_neck(body), 1)),
    Range("neck_nod", "Head", lambda body: flexion_deg(_neck(body), UP, AHEAD)),
    Range("trunk_bend", "Spine1", lambda body: flexion_deg(_trunk(body), UP, AHEAD)),
    Range("trunk_side", "Spine1", lambda body: _aside(_trunk(body))),
    Range("trunk_turn", "Spine1", lambda body: twist_deg(_trunk(body), 1)),
)
RANGE_RULES = tuple(dict.fromkeys(row.rule for row in RANGES))


def range_rule(name: str) -> Callable[[Body, Mapping[str, float]], list[Hit]]:
    """The rule that holds the angles of this name between `low_deg` and `high_deg`."""
    rows = [row for row in RANGES if row.rule == name]

    def rule(body: Body, limits: Mapping[str, float]) -> list[Hit]:
        shortest = body.frames(limits["shortest_s"])
        hits: list[Hit] = []
        for row in rows:
            angle, joint = row.measure(body), (JOINT[row.joint],)
            hits += above(angle, limits["high_deg"], joint, shortest) + below(angle, limits["low_deg"], joint, shortest)
        return hits

    return rule
