"""Ways to mend what belongs to a turn on one leg: the head that spots.

All take the dance, the span and the finding, as engine.structure.repairs.Mend, and leave what is outside as it is.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np

from engine.motion import quaternion
from engine.motion.house import JOINT
from engine.motion.motion import Motion
from engine.motion.signals import smoothed, smoothstep
from engine.structure.body import AHEAD, UP, Body
from engine.structure.finding import Finding
from engine.structure.mending import window

# The face stays on its front for the first and the last part of a turn, this share of it, and whips round between:
# with the body at an even pace it is then up to 67 degrees behind, and as far ahead.
_STAYS = 0.14
# A last turn that is no wider than this beyond a whole one is no turn with a whip of its own.
_SPARE_TURN = 0.125
# A neck follows freely up to the first of these against the chest, and comes no further than the second.
_FREE_RAD, _NECK_RAD = np.radians([60.0, 82.0])
# A body that turns slower than this is not turning yet, or no longer.
_TURNING_RAD_S = np.radians(6.0)
_NECK_SHARE = 0.5


def spotted(motion: Motion, start: int, end: int, finding: Finding) -> Motion:
    """The head spots: the face stays on a front while the body turns, and whips round to it ahead of the body.

    Once a turn; after the last one it is where the turn ends. Neck and head share the way, and neither passes the
    neck's range; nod and tilt of the head stay as they are.
    """
    return _spotted(motion, start, end, finding, _NECK_SHARE)


def spotted_by_the_head(motion: Motion, start: int, end: int, finding: Finding) -> Motion:
    """As `spotted`, with the head alone: no joint changes its place, so what is out of balance gets no worse."""
    return _spotted(motion, start, end, finding, 0.0)


def _spotted(motion: Motion, start: int, end: int, finding: Finding, neck_share: float) -> Motion:
    body = Body(motion)
    a, b = _whole_turn(body, start, end, finding)
    turned = body.heading[a:b] - body.heading[a]
    face, chest = (_facing(body, joint) for joint in ("Head", "Spine2"))
    # What the face was off the hips at either end of the turn it is off the front.
    off = np.interp(np.arange(b - a), [0.0, b - a - 1.0], (face - body.heading)[[a, b - 1]])
    wanted = _spotting(turned) + body.heading[a] + off
    against = wanted - chest[a:b]
    by = np.zeros(motion.n_frames)
    by[a:b] = _held_in(against) - _held_in(face[a:b] - chest[a:b])
    by = smoothed(by, 0.03 * body.rate_hz) * window(motion.n_frames, start, end, 3)
    return _faced(motion, body, by, neck_share)


def _whole_turn(body: Body, start: int, end: int, finding: Finding) -> tuple[int, int]:
    """The frames [a, b) of the span in which the body turns as it does in the finding."""
    a, b = finding.start_frame, min(finding.end_frame, body.n)
    rate = np.gradient(body.heading) * body.rate_hz * np.sign(body.heading[b - 1] - body.heading[a])
    while a > start and rate[a - 1] > _TURNING_RAD_S:
        a -= 1
    while b < end and rate[b] > _TURNING_RAD_S:
        b += 1
    return a, b


def _spotting(turned: np.ndarray) -> np.ndarray:
    """Where the face is, radians [T], in a body that has turned so far, [T]; both begin at 0 and end at one angle."""
    whole, way = 2.0 * np.pi, np.sign(turned[-1])
    so_far, last = way * turned, abs(turned[-1])
    n = max(1, int(np.ceil(last / whole - _SPARE_TURN)))
    fronts = np.append(whole * np.arange(n), last)
    out = np.zeros(len(turned))
    for front, to in pairwise(fronts):
        share = (so_far - front) / (to - front)
        out += (to - front) * smoothstep((share - _STAYS) / (1.0 - 2.0 * _STAYS))
    return way * out


def _held_in(angle: np.ndarray) -> np.ndarray:
    """Angles of the face against the chest as far as a neck turns, radians [T]: bent smoothly towards its limit."""
    room = _NECK_RAD - _FREE_RAD
    beyond = np.maximum(np.abs(angle) - _FREE_RAD, 0.0)
    return np.sign(angle) * (np.minimum(np.abs(angle), _FREE_RAD) + room * np.tanh(beyond / room))


def _facing(body: Body, joint: str) -> np.ndarray:
    """Where a joint faces about the vertical, radians [T], within half a turn of where the hips face."""
    ahead = quaternion.rotate(body.rotations[:, JOINT[joint]], AHEAD)
    apart = np.arctan2(ahead[:, 0], ahead[:, 2]) - body.heading
    return body.heading + (apart + np.pi) % (2.0 * np.pi) - np.pi


def _faced(motion: Motion, body: Body, by: np.ndarray, neck_share: float) -> Motion:
    """The head turned about the vertical by `by` radians [T], its neck by a share of that."""
    local = motion.local_rotations.copy()
    rows = np.flatnonzero(np.abs(by) > 1e-9)
    chest, neck, head = (JOINT[name] for name in ("Spine2", "Neck", "Head"))
    new_neck, new_head = (
        quaternion.multiply(quaternion.from_axis_angle(UP, share * by[rows]), body.rotations[rows, joint])
        for share, joint in ((neck_share, neck), (1.0, head))
    )
    local[rows, neck] = quaternion.multiply(quaternion.conjugate(body.rotations[rows, chest]), new_neck)
    local[rows, head] = quaternion.multiply(quaternion.conjugate(new_neck), new_head)
    return replace(motion, local_rotations=local)
