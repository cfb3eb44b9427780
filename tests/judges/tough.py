"""Motion that is hard to hand on: fast spins through the poles of Euler angles, cartwheels, half turns in no time."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from engine.formats.scene import FilmScene, FrameRate, Performer, SceneTake
from engine.motion import quaternion
from engine.motion.house import HOUSE
from engine.motion.motion import Motion

X, Y, Z = np.eye(3)
FLIP_S = 1.0 / 12.0  # a half turn; two frames at 24 a second


def spins(times_s: np.ndarray) -> Motion:
    """Three turns a second about the vertical, leaning further and further over, with arms that pass the poles."""
    local, root_m = _swaying(times_s)
    lean = quaternion.from_axis_angle(X, 0.5 * np.pi * np.sin(2.0 * np.pi * 0.35 * times_s))
    local[:, 0] = quaternion.multiply(lean, quaternion.from_axis_angle(Y, 2.0 * np.pi * 3.0 * times_s))
    for name, axis, turns_hz in (("LeftArm", Y, 1.3), ("RightArm", Z, 1.7), ("Head", Y, 0.6), ("LeftUpLeg", X, 0.9)):
        swing = quaternion.from_axis_angle(axis, 1.75 * np.sin(2.0 * np.pi * turns_hz * times_s))
        joint = HOUSE.names.index(name)
        local[:, joint] = quaternion.multiply(swing, local[:, joint])
    return _motion(local, root_m, times_s)


def cartwheels(times_s: np.ndarray) -> Motion:
    """Wheel after wheel to and fro, arms over the head."""
    local, root_m = _swaying(times_s)
    phase = 3.0 * np.sin(2.0 * np.pi * 0.1 * times_s)  # three wheels there, three back
    local[:, 0] = quaternion.multiply(
        quaternion.from_axis_angle(Y, 0.4 * times_s), quaternion.from_axis_angle(Z, -2.0 * np.pi * phase)
    )
    for name, sign in (("LeftArm", 1.0), ("RightArm", -1.0)):
        joint = HOUSE.names.index(name)
        up = quaternion.from_axis_angle(Z, np.full(len(times_s), sign * 0.5 * np.pi))
        local[:, joint] = quaternion.multiply(up, local[:, joint])
    root_m[:, 0] += 2.0 * phase
    return _motion(local, root_m, times_s)


def flips(times_s: np.ndarray) -> Motion:
    """Half turns within FLIP_S, twice a second: of the whole body about an axis that wanders, and of both forearms."""
    local, root_m = _swaying(times_s)
    n_flips = np.floor(2.0 * times_s) + np.clip((2.0 * times_s % 1.0) / (2.0 * FLIP_S), 0.0, 1.0)
    tilt = quaternion.from_rotation_vector(np.stack([0.3 * times_s, 0.7 * times_s, 0.1 * times_s], axis=-1))
    about_x = quaternion.from_axis_angle(X, np.pi * n_flips)
    local[:, 0] = quaternion.multiply(quaternion.multiply(tilt, about_x), quaternion.conjugate(tilt))
    for name, axis in (("LeftForeArm", X), ("RightForeArm", Y)):
        joint = HOUSE.names.index(name)
        local[:, joint] = quaternion.multiply(quaternion.from_axis_angle(axis, np.pi * n_flips), local[:, joint])
    return _motion(local, root_m, times_s)


def everything(times_s: np.ndarray) -> Motion:
    """The three by turns, four seconds each, one jumping to the next."""
    parts = [kind(times_s) for kind in (spins, cartwheels, flips)]
    which, frames = (times_s // 4.0).astype(int) % 3, np.arange(len(times_s))
    local = np.stack([part.local_rotations for part in parts])[which, frames]
    root_m = np.stack([part.root_positions_m for part in parts])[which, frames]
    return _motion(local, root_m, times_s)


DANCES: dict[str, Callable[[np.ndarray], Motion]] = {"spins": spins, "cartwheels": cartwheels, "flips": flips}


def scene(kind: Callable[[np.ndarray], Motion], rate: FrameRate, duration_s: float) -> FilmScene:
    """One of these dances as a film's scene."""
    motion = kind(np.arange(round(duration_s * rate.hz)) / rate.hz)
    return FilmScene("Tough", rate, (Performer("Ana", HOUSE),), (SceneTake("take", (motion,)),))


def _swaying(times_s: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Every joint on smooth curves of its own: rotations [T, J, 4] and places of the root [T, 3]."""
    rng = np.random.default_rng(0)
    t = times_s[:, np.newaxis, np.newaxis]
    rates, begins = rng.uniform(1.0, 5.0, (2, HOUSE.n_joints, 3))
    local = quaternion.from_rotation_vector(0.4 * np.sin(rates * t + begins))
    root_m = HOUSE.offsets_m[0] + 0.3 * np.sin(t[:, 0] * [1.1, 2.3, 0.7]) * [1.0, 0.2, 1.0]
    return local, root_m


def _motion(local: np.ndarray, root_m: np.ndarray, times_s: np.ndarray) -> Motion:
    rate_hz = (len(times_s) - 1) / (times_s[-1] - times_s[0])
    return Motion(HOUSE, rate_hz, root_m, quaternion.unroll(local))
