"""Ways to mend what belongs to a turn on one leg: the head that spots, and the stand in which it ends.

All take the dance, the span and the finding, as engine.structure.repairs.Mend, and leave what is outside as it is.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np

from engine.motion import quaternion
from engine.motion.house import JOINT
from engine.motion.motion import Motion
from engine.motion.planted import planted_at
from engine.motion.restepping import restepped
from engine.motion.signals import smoothed, smoothstep
from engine.structure.body import AHEAD, UP, Body
from engine.structure.finding import Finding
from engine.structure.mending import bridged_and_planted, locked, window
from engine.structure.retiming import MOST_WARP

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
_OVER_FLOOR = np.array([1.0, 0.0, 1.0])
# From the end of a turn on, seconds: the weight is stopped between the first two, and let go between the second two;
# so much of its way is taken off.
_STOPS_S, _STANDS_S, _STILL = (-0.15, 0.15), (0.25, 0.55), 0.8
# What was not gone is made up within no less than the first of these; a dance that ends within the second need not.
_MADE_UP_S, _FREE_S = 0.6, 1.2
# A foot with more than this share of the weight on it carries the body.
_LOADED = 0.5


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


def closed(motion: Motion, start: int, end: int, finding: Finding) -> Motion:
    """The turn is closed: as it ends the weight is brought to a stand, and what is danced on goes on from there.

    The steps stay; the way that is not gone in the landing is made up by longer ones until the span ends. Where the
    dance comes back to where it fell from, it stays there.
    """
    rate, n, rests = motion.frame_rate_hz, motion.n_frames, _landing(motion, finding)
    resumes = min(finding.start_frame + round(_STANDS_S[1] * rate), end)
    is_free = end == n and end - resumes < _FREE_S * rate
    back = min(end, n - 1)
    if not is_free and back - resumes < _MADE_UP_S * rate:
        return motion
    inside = (np.arange(n) >= start) & (np.arange(n) < end)
    root = motion.root_positions_m
    by = -np.cumsum(rests[:, np.newaxis] * Body(motion).centre_velocity * _OVER_FLOOR, axis=0) / rate
    by[~inside] = 0.0
    if not is_free:
        made_up = by * (1.0 - smoothstep((np.arange(n) - resumes) / (back - resumes)))[:, np.newaxis]
        straight = by.copy()
        straight[back:] = 0.0
        straight[resumes:back] = (_straight_on(root + by, root, resumes, back) - root[resumes:back]) * _OVER_FLOOR
        by = min((made_up, straight), key=lambda way: _most_step_m((root + way)[resumes : back + 1]))
    return restepped(motion, root + by, np.zeros(n), ~inside)


def _straight_on(held: np.ndarray, root: np.ndarray, first: int, end: int) -> np.ndarray:
    """Places [end - first, 3] from where a root was held to where the dance has it at `end`, and as fast there."""
    f = (np.arange(1, end - first + 1) / (end - first + 1.0))[:, np.newaxis]
    a, b = held[first - 1], root[end]
    leaves = (held[first - 1] - held[first - 2]) * len(f)
    comes = (root[end] - root[end - 1]) * len(f)
    return a + f * f * (3.0 - 2.0 * f) * (b - a) + f * (1.0 - f) ** 2 * leaves - f * f * (1.0 - f) * comes


def _most_step_m(path: np.ndarray) -> float:
    """The longest step from one frame to the next, over the floor, of places [N, 3]."""
    return float(np.linalg.norm(np.diff(path * _OVER_FLOOR, axis=0), axis=-1).max(initial=0.0))


def closed_and_planted(motion: Motion, start: int, end: int, finding: Finding) -> Motion:
    """As `closed`, with feet locked where they rest, and where they crept or slid under the weight from the turn on."""
    after = closed(motion, start, end, finding)
    if after is motion:
        return motion
    body = Body(after)
    loaded = body.down & (body.load > _LOADED)
    loaded[: finding.start_frame] = False
    return locked(after, start, end, body.contacts | np.repeat(loaded, 2, axis=1))


def closed_and_bridged(motion: Motion, start: int, end: int, finding: Finding) -> Motion:
    """As `closed`, and from its stand straight to what is danced at the end of the span: the fall is left out."""
    after = closed(motion, start, end, finding)
    resumes = finding.start_frame + round(sum(_STANDS_S) / 2.0 * motion.frame_rate_hz)
    return motion if after is motion else bridged_and_planted(after, resumes, end, finding)


def closed_in_time(motion: Motion, start: int, end: int, finding: Finding) -> Motion:
    """The turn is closed in time: the landing is held for a moment, and what is danced on catches up by the span's end.

    It runs at most 12 % faster; where the span is too short for that, nothing is changed.
    """
    rate, rests = motion.frame_rate_hz, _landing(motion, finding)
    resumes = finding.start_frame + round(_STANDS_S[1] * rate)
    frames = np.arange(motion.n_frames)
    makes_up = smoothstep(np.minimum(frames - resumes, end - 1 - frames) / (0.25 * rate))
    inside = (frames >= start) & (frames < end)
    faster = makes_up * (rests * inside).sum() / max(makes_up.sum(), 1e-9)
    if faster.max(initial=0.0) > MOST_WARP or not makes_up.any():
        return motion
    late = np.cumsum((faster - rests) * inside)
    return planted_at(motion, (frames + np.where(inside, late, 0.0)) / rate, rate)


# The gentlest first.
CLOSINGS = (closed, closed_and_planted, closed_in_time, closed_and_bridged)


def _landing(motion: Motion, finding: Finding) -> np.ndarray:
    """How far the body stands rather than goes on, 0 to 1, [T]: from the end of the turn on for a moment."""
    seconds = (np.arange(motion.n_frames) - finding.start_frame) / motion.frame_rate_hz
    (begins, stands), (ends, goes) = _STOPS_S, _STANDS_S
    return _STILL * smoothstep((seconds - begins) / (stands - begins)) * smoothstep((goes - seconds) / (goes - ends))


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
