"""Kinds of movement that a choreographer asks for or forbids: jumps, floor work, turns, high kicks ...

They are no faults: they are told apart so that a piece can do without one, or live from one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from engine.motion.house import JOINT, LEGS
from engine.motion.signals import runs, smoothed
from engine.structure.body import Body

_AIR_M, _AIR_S = 0.06, 0.15
_FLOOR_HIPS_M = 0.55
_TURN_DEG, _TURN_DEG_S = 300.0, 120.0
_KICK_SHARE = 0.95  # of the height of the hips to which the foot comes up
_TRAVEL_M_S = 1.2


@dataclass(frozen=True)
class Kind:
    """One kind of movement: its name in lists and files, a word for people, and where it is, bool [T]."""

    name: str
    title: str
    is_there: Callable[[Body], np.ndarray]


def _jumps(body: Body) -> np.ndarray:
    """Nothing within 6 cm of the floor for 0.15 s."""
    return _long_enough(body.lowest > _AIR_M, body.frames(_AIR_S))


def _floor(body: Body) -> np.ndarray:
    """The hips lower than 55 cm: seated, kneeling, lying, on the hands."""
    return body.positions[:, JOINT["Hips"], 1] < _FLOOR_HIPS_M


def _turns(body: Body) -> np.ndarray:
    """The hips turn about the vertical one way by 300 degrees or more, at 120 degrees a second."""
    heading = np.degrees(smoothed(body.heading, 0.1 * body.rate_hz))
    rate = np.gradient(heading) * body.rate_hz if body.n > 1 else np.zeros(body.n)
    out = np.zeros(body.n, dtype=bool)
    for way in (1.0, -1.0):
        for start, end in runs(way * rate > _TURN_DEG_S):
            out[start:end] |= abs(heading[end - 1] - heading[start]) >= _TURN_DEG
    return out


def _kicks(body: Body) -> np.ndarray:
    """A foot as high as the hips of a body that is up."""
    hips = body.positions[:, JOINT["Hips"], 1]
    feet = np.max([body.positions[:, leg[2], 1] for leg in LEGS], axis=0)
    high: np.ndarray = (feet > _KICK_SHARE * hips) & (hips > _FLOOR_HIPS_M)
    return high


def _travel(body: Body) -> np.ndarray:
    """The body runs: faster than 1.2 m/s over half a second."""
    speed = np.linalg.norm(body.centre_velocity[:, [0, 2]], axis=-1)
    fast: np.ndarray = smoothed(speed, 0.25 * body.rate_hz) > _TRAVEL_M_S
    return fast


def _overhead(body: Body) -> np.ndarray:
    """A hand higher than the crown of the head."""
    crown = body.positions[:, JOINT["Head"], 1] + 0.15
    hands = np.max([body.positions[:, JOINT[f"{side}Hand"], 1] for side in ("Left", "Right")], axis=0)
    above: np.ndarray = hands > crown
    return above


def _long_enough(mask: np.ndarray, least: int) -> np.ndarray:
    out = np.zeros(len(mask), dtype=bool)
    for start, end in runs(mask):
        out[start:end] = end - start >= least
    return out


VOCABULARY: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind("jumps", "Jumps", _jumps),
        Kind("floor", "Floor work", _floor),
        Kind("turns", "Turns", _turns),
        Kind("kicks", "High kicks", _kicks),
        Kind("travel", "Running and travelling", _travel),
        Kind("overhead", "Arms overhead", _overhead),
    )
}


def marked(body: Body) -> np.ndarray:
    """Which kinds are danced at every frame, bool [T, K] in the order of VOCABULARY."""
    return np.stack([kind.is_there(body) for kind in VOCABULARY.values()], axis=-1)
