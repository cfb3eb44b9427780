"""How a movement is danced: energy, size, posture, and Laban's four efforts as numbers.

The formulas are those of Larboulette & Gibet 2015, "A review of computable expressive descriptors of
human motion" (MOCO '15), with the body's segments weighted by their masses. Posture and expansion follow
the body features of Aristidou et al. 2015, "Folk dance evaluation using Laban movement analysis".
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.motion import house
from engine.motion.motion import Motion
from engine.motion.signals import smoothed, velocity

# Smoothing before speeds are differentiated again and again: capture noise grows with every derivative.
SMOOTHING_S = 0.04
# Frames around a span that are looked at, so that a short span still has derivatives.
MARGIN_S = 0.2

#   from          to               along  share of the body's mass
# Masses and centres of Winter, Biomechanics and Motor Control of Human Movement, 4th ed., table 4.1;
# the trunk's three parts are taken at the middles of their bones, head and neck at the ear.
_TRUNK: list[tuple[str, str, float, float]] = [
    ("Hips", "Spine", 0.0, 0.142),
    ("Spine", "Spine1", 0.5, 0.139),
    ("Spine1", "Neck", 0.5, 0.216),
    ("Neck", "Head", 1.5, 0.081),
]
_LIMBS: list[tuple[str, str, float, float]] = [
    ("Arm", "ForeArm", 0.436, 0.028),
    ("ForeArm", "Hand", 0.430, 0.016),
    ("Hand", "FingerBase", 0.506, 0.006),
    ("UpLeg", "Leg", 0.433, 0.100),
    ("Leg", "Foot", 0.433, 0.0465),
    ("Foot", "ToeBase", 0.5, 0.0145),
]
_SEGMENTS = _TRUNK + [(side + a, side + b, f, m) for side in ("Left", "Right") for a, b, f, m in _LIMBS]
_MASSES = np.array([mass for *_, mass in _SEGMENTS])
_ENDS = [house.JOINT[name] for name in ("LeftHand", "RightHand", "LeftFoot", "RightFoot", "Head")]


def _centre_weights() -> np.ndarray:
    """Matrix [S, J] that takes joint positions to the centres of the S segments."""
    weights = np.zeros((len(_SEGMENTS), house.HOUSE.n_joints))
    for row, (start, end, along, _) in enumerate(_SEGMENTS):
        weights[row, house.JOINT[start]] += 1.0 - along
        weights[row, house.JOINT[end]] += along
    return weights


_CENTRES = _centre_weights()


@dataclass(frozen=True)
class Qualities:
    """Means over a span of frames, of the body with its mass as 1. v, a, j: velocity, acceleration, jerk.

    Attributes:
        energy: Kinetic energy per kilogram, half the mean of v^2 weighted by mass; J/kg. 0.1 a calm
            salsa, 0.7 a leaping ballet phrase.
        jerk: Mean length of j over all joints alike; m/s^3. 25 to 120 in captured
            dance, smoothed as here.
        expansion: Mean distance of hands, feet and head from the centre of mass; metres, 0.4 curled up
            to 0.8 stretched.
        height: Height of the centre of mass above y = 0; metres, about 0.95 standing.
        verticality: Cosine of the angle between the line from hips to neck and the vertical; 1 upright,
            0 lying, -1 head down.
        weight: Laban's weight, light to strong: the largest kinetic energy in the span; J/kg.
            0.5 to 2.5.
        time: Laban's time, sustained to sudden: mean length of a, weighted by mass; m/s^2.
            1.5 to 6.
        space: Laban's space, indirect to direct: net displacement over length of path, weighted by
            mass; 0 comes back to where it began, 1 straight. The inverse of the paper's ratio, which
            has no upper bound. 1 where nothing moves.
        flow: Laban's flow, free to bound: mean length of j, weighted by mass; m/s^3.
            15 to 70.
    """

    energy: float
    jerk: float
    expansion: float
    height: float
    verticality: float
    weight: float
    time: float
    space: float
    flow: float


def qualities(motion: Motion, start_frame: int = 0, end_frame: int | None = None) -> Qualities:
    """Qualities of the frames [start_frame, end_frame), to the end when None; house skeleton.

    Speeds are measured with the frames around the span in view, so short spans are judged like long
    ones. ValueError for an empty span.
    """
    end_frame = motion.n_frames if end_frame is None else end_frame
    if not 0 <= start_frame < end_frame <= motion.n_frames:
        raise ValueError(f"no frames in [{start_frame}, {end_frame}) of {motion.n_frames}")
    margin = round(MARGIN_S * motion.frame_rate_hz)
    first = max(start_frame - margin, 0)
    around = motion.slice(first, min(end_frame + margin, motion.n_frames))
    span = slice(start_frame - first, end_frame - first)
    rate = motion.frame_rate_hz
    joints = smoothed(_positions_m(around), SMOOTHING_S * rate)
    speed = velocity(joints, rate)
    acceleration = velocity(speed, rate)
    jerk = velocity(acceleration, rate)[span]
    energy = _energy(speed)[span]
    return Qualities(
        energy=float(energy.mean()),
        jerk=float(np.linalg.norm(jerk, axis=-1).mean()),
        expansion=float(_expansion_m(joints[span]).mean()),
        height=float(centre_of_joints_m(joints[span])[:, 1].mean()),
        verticality=float(_verticality(joints[span]).mean()),
        weight=float(energy.max()),
        time=float((_lengths(acceleration[span]) @ _MASSES).mean()),
        space=_directness(joints[span]),
        flow=float((_lengths(jerk) @ _MASSES).mean()),
    )


def kinetic_energy_j_kg(motion: Motion) -> np.ndarray:
    """Kinetic energy of the body per kilogram at each frame, J/kg, [T]; house skeleton."""
    joints = smoothed(_positions_m(motion), SMOOTHING_S * motion.frame_rate_hz)
    return _energy(velocity(joints, motion.frame_rate_hz))


def centre_of_mass_m(motion: Motion) -> np.ndarray:
    """Centre of mass of the body at each frame, metres, [T, 3]; house skeleton."""
    return centre_of_joints_m(_positions_m(motion))


def _positions_m(motion: Motion) -> np.ndarray:
    if motion.skeleton.names != house.HOUSE.names:
        raise ValueError("qualities are defined on the house skeleton only: retarget the motion first")
    return motion.positions_m()


def centre_of_joints_m(joints_m: np.ndarray) -> np.ndarray:
    """Centre of mass of the house body with its joints at [T, J, 3], metres, [T, 3]."""
    return np.einsum("s,sj,tjx->tx", _MASSES, _CENTRES, joints_m, optimize=True)


def _lengths(joint_vectors: np.ndarray) -> np.ndarray:
    """Length of each segment's vector, [T, S], from joint vectors [T, J, 3]."""
    return np.linalg.norm(_CENTRES @ joint_vectors, axis=-1)


def _energy(joint_velocities: np.ndarray) -> np.ndarray:
    return 0.5 * np.square(_lengths(joint_velocities)) @ _MASSES


def _expansion_m(joints_m: np.ndarray) -> np.ndarray:
    away = joints_m[:, _ENDS] - centre_of_joints_m(joints_m)[:, np.newaxis]
    return np.linalg.norm(away, axis=-1).mean(axis=-1)


def _verticality(joints_m: np.ndarray) -> np.ndarray:
    trunk = joints_m[:, house.JOINT["Neck"]] - joints_m[:, house.JOINT["Hips"]]
    return trunk[:, 1] / np.linalg.norm(trunk, axis=-1)


def _directness(joints_m: np.ndarray) -> float:
    centres = _CENTRES @ joints_m
    path = np.linalg.norm(np.diff(centres, axis=0), axis=-1).sum(axis=0) @ _MASSES
    net = np.linalg.norm(centres[-1] - centres[0], axis=-1) @ _MASSES
    return float(min(net / path, 1.0)) if path > 1e-6 else 1.0
