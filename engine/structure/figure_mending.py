"""Ways to mend figures of technique: turns that are no whole ones, that travel or lean; feet, and legs held too low.

All take the dance, the span and the finding, as engine.structure.repairs.Mend, and leave what is outside as it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from engine.motion import ik, quaternion
from engine.motion.house import JOINT, LEGS
from engine.motion.motion import Motion
from engine.motion.signals import smoothstep
from engine.structure.body import UP, Body
from engine.structure.finding import Finding
from engine.structure.mending import locked, window

_POINTED_DEG = 35.0
_BEYOND_DEG = 4.0
_ACROSS = np.array([1.0, 0.0, 0.0])


def rounded_and_planted(motion: Motion, start: int, end: int, finding: Finding) -> Motion:
    """As `rounded`, with the other foot locked where it rests."""
    return locked(rounded(motion, start, end, finding), start, end, None)


def rounded(motion: Motion, start: int, end: int, finding: Finding) -> Motion:
    """The turn as wide as the half or whole turn nearest to it.

    What is lacking is spread over the turn; half of it is taken from the way in and half from the way out, so that the
    body faces as before where the span begins and ends. It turns about the ball of the foot that it stands on.
    """
    body, a, b = Body(motion), finding.start_frame, finding.end_frame
    turn = float(body.heading[b - 1] - body.heading[a])
    lacking = np.pi * round(turn / np.pi) - turn
    frames = np.arange(motion.n_frames)
    into, through, out = (
        smoothstep((frames - first) / max(last - first, 1))
        for first, last in ((start, a), (a, b - 1), (b - 1, end - 1))
    )
    yaw = lacking * (through - 0.5 * into - 0.5 * out)
    foot = _ball(body, _standing_leg(body, a, b))
    return _turned(motion, quaternion.from_axis_angle(UP, yaw), foot)


def centred(motion: Motion, start: int, end: int, finding: Finding) -> Motion:
    """The turn on one spot, half way along its travel: half of that is made up on the way in, half on the way out."""
    a, b = finding.start_frame, finding.end_frame
    ball = _ball(Body(motion), _leg_of(finding))
    spot = 0.5 * (ball[a] + ball[b - 1])
    frames = np.arange(motion.n_frames)
    into, out = smoothstep((frames - start) / max(a - start, 1)), smoothstep((end - 1 - frames) / max(end - b, 1))
    back = spot - ball[np.clip(frames, a, b - 1)]
    back[:, 1] = 0.0
    root = motion.root_positions_m + back * np.minimum(into, out)[:, np.newaxis]
    return replace(motion, root_positions_m=root)


def centred_and_planted(motion: Motion, start: int, end: int, finding: Finding) -> Motion:
    """As `centred`, with feet locked where they rest."""
    return locked(centred(motion, start, end, finding), start, end, None)


def righted(motion: Motion, start: int, end: int, finding: Finding) -> Motion:
    """The axis of the turn upright: the body tipped back about the ball of the foot it stands on."""
    body, a, b = Body(motion), finding.start_frame, finding.end_frame
    ball = _ball(body, _leg_of(finding))
    line = (body.place("Head")[a:b] - ball[a:b]).mean(axis=0)
    axis = np.cross(line / np.linalg.norm(line), UP)
    sine = float(np.linalg.norm(axis))
    if sine < 1e-6:
        return motion
    angle = np.arcsin(sine) * window(motion.n_frames, start, end, max(min(a - start, end - b), 2))
    return locked(_turned(motion, quaternion.from_axis_angle(axis / sine, angle), ball), start, end, None)


def pointed(motion: Motion, start: int, end: int, finding: Finding) -> Motion:
    """The foot of the held leg stretched to a point."""
    weight = window(motion.n_frames, start, end, max(2, round(0.1 * motion.frame_rate_hz)))
    local = motion.local_rotations.copy()
    stretched = quaternion.from_axis_angle(_ACROSS, np.radians(_POINTED_DEG))
    for joint in (JOINT[name] for name in finding.joints if name.endswith("Foot")):
        local[:, joint] = quaternion.slerp(local[:, joint], np.broadcast_to(stretched, (len(local), 4)), weight)
    return replace(motion, local_rotations=local)


def leg_raised(motion: Motion, start: int, end: int, finding: Finding) -> Motion:
    """The leg held behind raised by what it lacks, by the pelvis, as an arabesque is: it tips over the standing hip.

    The standing leg and the back stay as they are in the room.
    """
    body, leg = Body(motion), _leg_of(finding)
    lacking = np.radians(finding.limit + _BEYOND_DEG - finding.measured)
    by = lacking * window(motion.n_frames, start, end, max(2, round(0.3 * motion.frame_rate_hz)))
    line = body.positions[:, LEGS[leg][2]] - body.positions[:, LEGS[leg][0]]
    axis = np.cross(line, UP)
    axis /= np.maximum(np.linalg.norm(axis, axis=-1, keepdims=True), 1e-6)
    kept = (LEGS[1 - leg][0], JOINT["Spine"])
    return _tipped(motion, body, quaternion.from_axis_angle(axis, by), LEGS[1 - leg][0], kept)


def squared(motion: Motion, start: int, end: int, finding: Finding) -> Motion:
    """The hip that opened lowered to what is allowed, its leg with it; standing leg and back stay as they are."""
    body, leg = Body(motion), 0 if finding.joints[0].startswith("Left") else 1
    own, standing = LEGS[leg][0], LEGS[1 - leg][0]
    beyond = np.radians(finding.measured - finding.limit + _BEYOND_DEG)
    by = beyond * window(motion.n_frames, start, end, max(2, round(0.3 * motion.frame_rate_hz)))
    axis = np.cross(UP, body.positions[:, own] - body.positions[:, standing])
    axis /= np.maximum(np.linalg.norm(axis, axis=-1, keepdims=True), 1e-6)
    return _tipped(motion, body, quaternion.from_axis_angle(axis, by), standing, (standing, JOINT["Spine"]))


def straightened(motion: Motion, start: int, end: int, finding: Finding) -> Motion:
    """The standing knee straightened as far as it must be: the hips rise over a foot that stays where it is."""
    body, leg = Body(motion), LEGS[_leg_of(finding)]
    hip, knee, ankle = (body.positions[:, joint] for joint in leg[:3])
    thigh, shin = (np.linalg.norm(b - a, axis=-1) for a, b in ((hip, knee), (knee, ankle)))
    bend = np.radians(finding.limit - _BEYOND_DEG)
    length = np.sqrt(thigh**2 + shin**2 + 2.0 * thigh * shin * np.cos(bend))
    over = np.sqrt(np.maximum(length**2 - ((hip - ankle)[:, [0, 2]] ** 2).sum(-1), 0.0))
    rise = np.maximum(over - (hip - ankle)[:, 1], 0.0)
    rise *= window(motion.n_frames, start, end, max(2, round(0.3 * motion.frame_rate_hz)))
    risen = body.positions + rise[:, np.newaxis, np.newaxis] * UP
    hints = quaternion.rotate(body.rotations[:, [leg[0]]], np.array([0.0, 0.0, 1.0]))
    local = ik.reach_all(
        motion.skeleton, risen, body.rotations, motion.local_rotations, [leg[:3]], ankle[:, np.newaxis],
        body.rotations[:, [leg[2]]], hints,
    )  # fmt: skip
    local[rise == 0.0] = motion.local_rotations[rise == 0.0]
    root = motion.root_positions_m + rise[:, np.newaxis] * UP
    return replace(motion, root_positions_m=root, local_rotations=local)


def _tipped(motion: Motion, body: Body, tip: np.ndarray, pivot: int, kept: Sequence[int]) -> Motion:
    """The pelvis tipped about a joint, frame by frame, by rotations [T, 4]; joints `kept` keep their directions."""
    local, hips = motion.local_rotations.copy(), quaternion.multiply(tip, body.rotations[:, 0])
    local[:, 0] = hips
    for joint in kept:
        local[:, joint] = quaternion.multiply(quaternion.conjugate(hips), body.rotations[:, joint])
    about = body.positions[:, pivot]
    root = about + quaternion.rotate(tip, motion.root_positions_m - about)
    return replace(motion, root_positions_m=root, local_rotations=local)


def _leg_of(finding: Finding) -> int:
    return 0 if any(name.startswith("Left") for name in finding.joints) else 1


def _standing_leg(body: Body, start: int, end: int) -> int:
    return int(np.argmax(body.down_on_ball[start:end].sum(axis=0)))


def _ball(body: Body, leg: int) -> np.ndarray:
    """The ball of a foot, [T, 3]."""
    return body.positions[:, LEGS[leg][3]]


def _turned(motion: Motion, turn: np.ndarray, about: np.ndarray) -> Motion:
    """The whole body turned, frame by frame, about points [T, 3]."""
    local = motion.local_rotations.copy()
    local[:, 0] = quaternion.multiply(turn, local[:, 0])
    root = quaternion.rotate(turn, motion.root_positions_m - about) + about
    return replace(motion, root_positions_m=root, local_rotations=local)
