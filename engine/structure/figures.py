"""Figures of classical technique, recognised where they are attempted, and what each of them asks for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from engine.motion import quaternion
from engine.motion.house import JOINT, LEGS
from engine.motion.signals import runs, smoothed
from engine.structure.body import AHEAD, UP, Body, bend_deg, flexion_deg
from engine.structure.hits import Hit, above, below

Limits = Mapping[str, float]
# A leg is held up from this angle of the line hip-ankle with the vertical on, while its foot is slower than this.
HELD_LEG_DEG, HELD_M_S = 45.0, 0.8
SIDES = ("Left", "Right")


def held_legs(body: Body, held_s: float, ways: str) -> Iterator[tuple[int, int, int]]:
    """Spans in which one leg is held in the air and the other stands: start, end, which leg (0 left).

    `ways` says where the leg may point, seen from the hips: "back" (arabesque, attitude) or "any".
    """
    for leg in (0, 1):
        angle, behind = leg_angle_deg(body, leg), _behind(body, leg)
        slow = smoothed(body.joint_speeds[:, LEGS[leg][2]], 0.05 * body.rate_hz) < HELD_M_S
        held = (angle > HELD_LEG_DEG) & slow & body.stands[:, 1 - leg] & ~body.stands[:, leg]
        if ways == "back":
            held &= behind > np.sin(np.radians(20.0))
        for start, end in runs(held):
            if end - start >= body.frames(held_s):
                yield start, end, leg


def leg_angle_deg(body: Body, leg: int) -> np.ndarray:
    """Angle of the line from hip to ankle with the downward vertical, degrees, [T]."""
    line = body.positions[:, LEGS[leg][2]] - body.positions[:, LEGS[leg][0]]
    angle: np.ndarray = np.degrees(np.arccos(np.clip(-line[:, 1] / np.linalg.norm(line, axis=-1), -1.0, 1.0)))
    return angle


def _behind(body: Body, leg: int) -> np.ndarray:
    """How far behind the hip the ankle is, as a share of the leg, [T]."""
    line = body.positions[:, LEGS[leg][2]] - body.positions[:, LEGS[leg][0]]
    ahead = np.stack([np.sin(body.heading), 0.0 * body.heading, np.cos(body.heading)], axis=-1)
    share: np.ndarray = -(line * ahead).sum(-1) / np.linalg.norm(line, axis=-1)
    return share


def arabesque_height(body: Body, limits: Limits) -> list[Hit]:
    """A leg held behind that never comes up to `leg_deg` from the vertical."""
    hits = []
    for start, end, leg in held_legs(body, limits["held_s"], "back"):
        angle = leg_angle_deg(body, leg)[start:end]
        if angle.max() < limits["leg_deg"]:
            peak = start + int(np.argmax(angle))
            hits.append(Hit(start, end, peak, (LEGS[leg][0],), float(angle.max()), limits["leg_deg"]))
    return hits


def supporting_knee(body: Body, limits: Limits) -> list[Hit]:
    """The knee of the leg stood on, bent by more than `bend_deg` throughout while the other is held up."""
    hits = []
    for start, end, leg in held_legs(body, limits["held_s"], "any"):
        bend = bend_deg(body, 1 - leg)[start:end]
        if bend.min() > limits["bend_deg"]:
            peak = start + int(np.argmin(bend))
            hits.append(Hit(start, end, peak, (LEGS[1 - leg][1],), float(bend.min()), limits["bend_deg"]))
    return hits


def hips_square(body: Body, limits: Limits) -> list[Hit]:
    """Hips that open in an arabesque: the line from hip to hip out of the level by more than `open_deg` throughout."""
    line = body.place("LeftUpLeg") - body.place("RightUpLeg")
    opened = np.degrees(np.arcsin(np.clip(line[:, 1] / np.linalg.norm(line, axis=-1), -1.0, 1.0)))
    hits = []
    for start, end, leg in held_legs(body, limits["held_s"], "back"):
        own = opened[start:end] * (1.0 if leg == 0 else -1.0)
        if own.min() > limits["open_deg"]:
            peak = start + int(np.argmin(own))
            joints = (LEGS[leg][0], LEGS[1 - leg][0])
            hits.append(Hit(start, end, peak, joints, float(own.min()), limits["open_deg"]))
    return hits


def pointed_foot(body: Body, limits: Limits) -> list[Hit]:
    """The foot of a leg held up that stays bent up by more than `flex_deg` against a right angle with the shin."""
    hits = []
    for start, end, leg in held_legs(body, limits["held_s"], "any"):
        flex = flexion_deg(body.local(f"{SIDES[leg]}Foot"), AHEAD, UP)[start:end]
        if flex.min() > limits["flex_deg"]:
            peak = start + int(np.argmin(flex))
            hits.append(Hit(start, end, peak, LEGS[leg][2:], float(flex.min()), limits["flex_deg"]))
    return hits


def releve_height(body: Body, limits: Limits) -> list[Hit]:
    """A stand on the ball of one foot whose heel is lifted, but by less than `heel_deg` throughout.

    The angle is that of the sole with the floor; it is a rise from `begin_deg` on, held for `held_s` on one leg.
    """
    hits = []
    for leg, (_, _, ankle, ball) in enumerate(LEGS):
        line = body.positions[:, ball] - body.positions[:, ankle]
        flat = float(np.degrees(np.arctan2(0.06, 0.13)))
        rise = np.degrees(np.arcsin(np.clip(-line[:, 1] / np.linalg.norm(line, axis=-1), -1.0, 1.0))) - flat
        alone = body.contacts[:, 2 * leg + 1] & ~body.stands[:, 1 - leg] & (rise > limits["begin_deg"])
        still = body.joint_speeds[:, ankle] < 0.2
        for start, end in runs(alone & still):
            top = float(rise[start:end].max())
            if end - start >= body.frames(limits["held_s"]) and top < limits["heel_deg"]:
                hits.append(Hit(start, end, start + int(np.argmax(rise[start:end])), (ankle,), top, limits["heel_deg"]))
    return hits


def turnout(body: Body, limits: Limits) -> list[Hit]:
    """Feet turned in while the body stands on both: together less than `sum_deg` outwards from where the hips face."""
    together = np.zeros(body.n)
    for sign, (_, _, ankle, _) in zip((1.0, -1.0), LEGS, strict=True):
        ahead = quaternion.rotate(body.rotations[:, ankle], AHEAD)
        yaw = np.arctan2(ahead[:, 0], ahead[:, 2]) - body.heading
        together += sign * np.degrees((yaw + np.pi) % (2.0 * np.pi) - np.pi)
    stands = body.contacts.all(axis=1) & (body.joint_speeds[:, 0] < 0.15)
    return below(
        np.where(stands, together, np.inf), limits["sum_deg"], (LEGS[0][2], LEGS[1][2]), body.frames(limits["held_s"])
    )


# --- pirouettes ------------------------------------------------------------------------------


def pirouettes(body: Body, least_turn_deg: float) -> Iterator[tuple[int, int, int, float]]:
    """Turns on one leg: start, end, the leg stood on, how far it turned in degrees; from `least_turn_deg` on.

    The turn is what the hips' heading does while one foot alone is down, without its slow beginning and end.
    """
    for leg in (0, 1):
        alone = body.down_on_ball[:, leg] & ~body.down_on_ball[:, 1 - leg]
        rate = np.degrees(np.gradient(body.heading)) * body.rate_hz if body.n > 1 else np.zeros(body.n)
        for start, end in runs(alone & (np.abs(rate) > 60.0)):
            turn = float(np.degrees(body.heading[end - 1] - body.heading[start]))
            if abs(turn) >= least_turn_deg:
                yield start, end, leg, turn


def pirouette_axis(body: Body, limits: Limits) -> list[Hit]:
    """A turn whose axis, from the ball stood on to the head, leans by more than `tilt_deg` on the mean."""
    hits = []
    for start, end, leg, _ in pirouettes(body, limits["least_turn_deg"]):
        line = body.place("Head")[start:end] - body.positions[start:end, LEGS[leg][3]]
        mean = line.mean(axis=0)
        tilt = float(np.degrees(np.arccos(np.clip(mean[1] / np.linalg.norm(mean), -1.0, 1.0))))
        if tilt > limits["tilt_deg"]:
            hits.append(Hit(start, end, (start + end) // 2, (JOINT["Hips"], LEGS[leg][2]), tilt, limits["tilt_deg"]))
    return hits


def pirouette_turns(body: Body, limits: Limits) -> list[Hit]:
    """A turn that ends further than `off_deg` from a half or whole turn."""
    hits = []
    for start, end, _, turn in pirouettes(body, limits["least_turn_deg"]):
        off = abs(turn - 180.0 * round(turn / 180.0))
        if off > limits["off_deg"]:
            hits.append(Hit(start, end, end - 1, (JOINT["Hips"],), off, limits["off_deg"]))
    return hits


def pirouette_travel(body: Body, limits: Limits) -> list[Hit]:
    """A turn on the spot whose ball of the foot travels further than `travel_m`."""
    hits = []
    for start, end, leg, _ in pirouettes(body, limits["least_turn_deg"]):
        ball = body.positions[start:end, LEGS[leg][3]][:, [0, 2]]
        away = np.linalg.norm(ball - ball[0], axis=-1)
        hits += [
            Hit(start, end, start + h.peak_frame, LEGS[leg][2:], h.measured, h.limit)
            for h in above(away, limits["travel_m"])[:1]
        ]
    return hits


def pirouette_spotting(body: Body, limits: Limits) -> list[Hit]:
    """A turn in which the head goes round with the body: it never differs from the hips by `lead_deg`.

    A dancer who spots leaves the face to the front and whips it round ahead of the body; so the difference swings.
    """
    ahead = quaternion.rotate(body.rotations[:, JOINT["Head"]], AHEAD)
    head = np.arctan2(ahead[:, 0], ahead[:, 2])
    apart = np.degrees((head - body.heading + np.pi) % (2.0 * np.pi) - np.pi)
    hits = []
    for start, end, _, _ in pirouettes(body, limits["least_turn_deg"]):
        swing = float(np.ptp(apart[start:end]))
        if swing < limits["lead_deg"]:
            hits.append(Hit(start, end, (start + end) // 2, (JOINT["Head"],), swing, limits["lead_deg"]))
    return hits


def pirouette_landing(body: Body, limits: Limits) -> list[Hit]:
    """A turn that is not closed but fallen out of: `after_s` behind it the weight moves on faster than `speed_m_s`."""
    speed = np.linalg.norm(body.centre_velocity[:, [0, 2]], axis=-1)
    hits = []
    for _, end, leg, _ in pirouettes(body, limits["least_turn_deg"]):
        after = slice(end, end + body.frames(limits["after_s"]))
        if after.stop > body.n:
            continue
        least = float(speed[after].min())
        if least > limits["speed_m_s"]:
            peak = end + int(np.argmin(speed[after]))
            hits.append(Hit(end, after.stop, peak, (JOINT["Hips"], LEGS[leg][2]), least, limits["speed_m_s"]))
    return hits
