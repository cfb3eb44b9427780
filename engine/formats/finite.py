"""Refusing a scene that holds what is not a number, before anything is written of it."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from engine.errors import MotionFileError
from engine.formats.scene import FilmScene


def check_finite(path: Path, scene: FilmScene) -> None:
    """Refuse a scene in which some motion or camera holds what is not a number.

    Raises:
        MotionFileError: that says which take, performer and frame, or which camera.
    """
    for take in scene.takes:
        for performer, motion in zip(scene.performers, take.motions, strict=True):
            for array in (motion.root_positions_m, motion.local_rotations):
                bad = ~np.isfinite(array).all(axis=tuple(range(1, array.ndim)))
                if bad.any():
                    where = f"frame {int(np.argmax(bad))} of {performer.name}'s motion in take {take.name}"
                    raise MotionFileError(path, f"{where} holds a value that is not a number.")
    for camera in scene.cameras:
        for array in (camera.positions_m, camera.rotations, camera.focal_mm):
            if not np.all(np.isfinite(array)):
                raise MotionFileError(path, f"camera {camera.name} holds a value that is not a number.")
