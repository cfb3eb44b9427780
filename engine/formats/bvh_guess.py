"""What a BVH file does not say: its unit, its up axis and its exact frame rate."""

from __future__ import annotations

import re
from typing import Literal

import numpy as np

from engine.motion import quaternion
from engine.motion.house import HEIGHT_M, HOUSE

UpAxis = Literal["y", "z"]

# CMU's unit is an inch divided by 0.45, as its ASF files say.
UNITS_M = {
    "metres": 1.0,
    "decimetres": 0.1,
    "CMU units of 0.0564 m": 0.0254 / 0.45,
    "inches": 0.0254,
    "centimetres": 0.01,
    "millimetres": 0.001,
}
CENTIMETRE_M = 0.01
ASSUMED_RATE_HZ = 30.0
_FEWEST_NODES_OF_A_BODY = 12
_PLAUSIBLE_HEIGHT_M = (1.2, 2.2)
_FILM_RATES_HZ = tuple(n * 1000 / 1001 for n in (24, 30, 48, 60, 120))
# Turns z up to y up: what faced -y, as figures from z-up programs do, then faces +z.
Y_UP_FROM_Z_UP = quaternion.from_axis_angle(np.array([1.0, 0.0, 0.0]), -0.5 * np.pi)
Y_UP_FROM_Z_UP.flags.writeable = False


def guess_unit(parents: np.ndarray, offsets: np.ndarray) -> tuple[float, str, bool]:
    """The unit in metres in which a body of these bones is nearest to 1.70 m tall.

    Args:
        parents: Parents of joints and end sites, [N].
        offsets: Their places in their parents, in the unknown unit, [N, 3].

    Returns:
        The unit in metres, the reason in a sentence, and whether it is to be trusted.
    """
    height = _height(parents, np.linalg.norm(offsets, axis=1))
    if len(parents) < _FEWEST_NODES_OF_A_BODY or not height > 0.0:
        return CENTIMETRE_M, "centimetres were assumed: there are too few bones to measure a body by.", False
    name, unit_m = min(UNITS_M.items(), key=lambda unit: abs(np.log(height * unit[1] / HEIGHT_M)))
    height_m = height * unit_m
    measured = f"the longest way through the bones is that of a person {height:.4g} units tall"
    is_sure = _PLAUSIBLE_HEIGHT_M[0] <= height_m <= _PLAUSIBLE_HEIGHT_M[1]
    return unit_m, f"{measured}: {height_m:.2f} m in {name}.", is_sure


def _height(parents: np.ndarray, lengths: np.ndarray) -> float:
    """How tall a person with such bones would be, however the rest pose stands.

    The longest way from one end of the tree to another, on a body from a toe to a fingertip of the
    other side, in the house skeleton's proportion to its height.
    """
    return _longest_way(parents, lengths) * HEIGHT_M / _HOUSE_WAY_M


def _longest_way(parents: np.ndarray, lengths: np.ndarray) -> float:
    below = [0.0] * len(parents)  # the longest way from each joint to an end below it
    longest = 0.0
    for joint in range(len(parents) - 1, 0, -1):
        parent, way = int(parents[joint]), below[joint] + float(lengths[joint])
        longest = max(longest, below[parent] + way)
        below[parent] = max(below[parent], way)
    return longest


def _house_way_m() -> float:
    ends = np.flatnonzero(np.any(HOUSE.tips_m != 0.0, axis=1))
    offsets_m = np.concatenate([HOUSE.offsets_m, HOUSE.tips_m[ends]])
    return _longest_way(np.concatenate([HOUSE.parents, ends]), np.linalg.norm(offsets_m, axis=1))


_HOUSE_WAY_M = _house_way_m()


def guess_rest_up(positions: np.ndarray) -> UpAxis:
    """Along which axis the rest pose [J, 3] stands: z only if it is far taller along z than along y.

    A T-pose is at least four times as tall as deep; a four-legged animal is not twice as long as tall.
    """
    _, y, z = np.ptp(positions, axis=0)
    return "z" if z > 2.5 * y else "y"


def guess_world_up(positions: np.ndarray, rest_up: UpAxis) -> UpAxis:
    """Which axis points up in the world of a motion, from some frames of joint positions, [T, J, 3].

    It is the one of the rest pose, unless the motion says clearly that the root turns the body up to the
    other. From z to y: the posed body is twice as tall along y. From y to z: it is far taller along z,
    stands on z = 0 and has its root at the height of hips, which somebody lying down does not.
    """
    if len(positions) == 0:
        return rest_up
    _, y, z = np.ptp(positions, axis=1).mean(axis=0)
    if rest_up == "z":
        return "y" if y > 2.0 * z else "z"
    floor = np.median(positions[:, :, 2].min(axis=1))
    hips = np.median(positions[:, 0, 2]) - floor
    stands = abs(floor) < 0.15 * z and 0.35 * z < hips < 0.75 * z
    return "z" if z > 1.4 * y and stands else "y"


def frame_rate_hz(frame_time: str | None) -> tuple[float, str | None]:
    """The frame rate meant by a frame time in the file's own digits, and a warning or None.

    A rate that is whole, or one of film's (24000/1001 and so on), is taken where the digits written
    round or cut to it: 0.0333333 is 30, 0.041667 is 24 and 0.0417084 is 23.976.
    """
    if frame_time is None:
        return ASSUMED_RATE_HZ, f"The frame time is missing: {ASSUMED_RATE_HZ:g} frames a second were assumed."
    seconds = float(frame_time)
    if not 1e-5 < seconds < 100.0:
        return (
            ASSUMED_RATE_HZ,
            f"A frame time of {frame_time} s cannot be: {ASSUMED_RATE_HZ:g} frames a second were assumed.",
        )
    mantissa, _, exponent = frame_time.lower().partition("e")
    fraction = mantissa.partition(".")[2]
    digits = re.sub(r"^[-+0.]+", "", mantissa).replace(".", "")
    last_place_s = max(10.0 ** (int(exponent or 0) - len(fraction)), 1e-12 * seconds)
    for rate_hz in (float(round(1.0 / seconds)), *_FILM_RATES_HZ):
        if len(digits) >= 2 and rate_hz > 0.0 and abs(1.0 / rate_hz - seconds) < last_place_s:
            return rate_hz, None
    return 1.0 / seconds, None
