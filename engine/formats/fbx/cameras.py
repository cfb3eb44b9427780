"""Cameras: focal length in millimetres, film back in inches."""

from __future__ import annotations

import numpy as np

from engine.formats.fbx.curves import TakeCurves, euler_deg
from engine.formats.fbx.models import M_TO_CM, add_model
from engine.formats.fbx.properties import DOUBLE, ENUM, MOVING_VECTOR, NUMBER, animated
from engine.formats.fbx.records import Record
from engine.formats.fbx.rows import ROOT, Rows
from engine.formats.scene import FilmCamera
from engine.motion import quaternion

_MM_AN_INCH = 25.4
_PIXELS_HIGH = 1080.0
_NEAR_CM, _FAR_CM = 5.0, 100_000.0
_BY_FOCAL_LENGTH = 3
_ROLL_TILT_PAN = 1  # about x, then z, then y
_TO_LOOK_ALONG_X = quaternion.from_axis_angle(np.array([0.0, 1.0, 0.0]), 0.5 * np.pi)
_FILL_GATE = 2  # film back and picture have one shape, so that nothing is cut or padded


def add_camera(rows: Rows, camera: FilmCamera, name: str) -> tuple[int, int]:
    """Add a camera as it stands in its first frame; the ids of its node and of its lens.

    A camera of FBX looks along its +x, ours along -z. The quarter turn between the two is in the curves: Maya's
    files have it as PostRotation, which Blender 3.4 applies the wrong way round. So the order of turning is roll,
    tilt, pan, whose pole is straight up; FBX's usual order would have it right where a camera mostly looks.
    """
    model = add_model(
        rows, name, "Camera", places=camera.positions_m[0] * M_TO_CM, turns=_turns_deg(camera)[0], moves=True,
        turned=True, orientation=[(ENUM, "RotationOrder", _ROLL_TILT_PAN)],
    )  # fmt: skip
    width, height = (size / _MM_AN_INCH for size in camera.film_back_mm)
    lens = rows.add(
        "NodeAttribute", name, "Camera",
        rows=[
            (MOVING_VECTOR, "InterestPosition", 0.0, 0.0, -100.0),
            (DOUBLE, "AspectWidth", round(_PIXELS_HIGH * width / height)),
            (DOUBLE, "AspectHeight", _PIXELS_HIGH),
            (NUMBER, "FilmWidth", width),
            (NUMBER, "FilmHeight", height),
            (DOUBLE, "FilmAspectRatio", width / height),
            (ENUM, "ApertureMode", _BY_FOCAL_LENGTH),
            (ENUM, "GateFit", _FILL_GATE),
            (animated(NUMBER), "FocalLength", float(camera.focal_mm[0])),
            (DOUBLE, "NearPlane", _NEAR_CM),
            (DOUBLE, "FarPlane", _FAR_CM),
            (NUMBER, "FocusDistance", 100.0),
        ],
        more=(
            Record("TypeFlags", ("Camera",)),
            Record("GeometryVersion", (124,)),
            Record("Position", (0.0, 0.0, 0.0)),
            Record("Up", (0.0, 1.0, 0.0)),
            Record("LookAt", (0.0, 0.0, -100.0)),
            Record("ShowInfoOnMoving", (1,)),
            Record("ShowAudio", (0,)),
            Record("AudioColor", (0.0, 1.0, 0.0)),
            Record("CameraOrthoZoom", (1.0,)),
        ),
    )  # fmt: skip
    rows.connect(model, ROOT)
    rows.connect(lens, model)
    return model, lens


def add_camera_motion(curves: TakeCurves, camera: FilmCamera, model: int, lens: int) -> None:
    """Animate a camera; one that is shorter than the take stands still at its end."""
    curves.add(model, "Lcl Translation", curves.each_frame(camera.positions_m) * M_TO_CM)
    curves.add(model, "Lcl Rotation", curves.each_frame(_turns_deg(camera)))
    if np.ptp(camera.focal_mm) > 0.0:
        curves.add(lens, "FocalLength", curves.each_frame(camera.focal_mm[:, np.newaxis]), ("FocalLength",))


def _turns_deg(camera: FilmCamera) -> np.ndarray:
    return euler_deg(quaternion.multiply(camera.rotations, _TO_LOOK_ALONG_X), "YZX")
