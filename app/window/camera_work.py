"""Views, following, framing, and the cameras that are kept with the piece."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from app.window.stage import Stage
from editor.document.camera_edits import add_camera
from editor.document.document import ShotCamera
from editor.document.edits import new_id
from editor.session import Session
from viewer3d.camera import DIRECTIONS, Camera
from viewer3d.stage_view import Picked
from viewer3d.viewport import Viewport

_AIR = 0.18  # of the picture, on each side: room to dance in
_VIEWS = {"view_front": "front", "view_side": "side", "view_top": "top"}


class CameraWork:
    """Moves the viewport's camera."""

    def __init__(self, session: Session, stage: Stage, viewport: Viewport) -> None:
        self._session, self._stage, self._viewport = session, stage, viewport
        self._is_close = False  # on one dancer, whom the camera follows then and not everybody
        self.commands: dict[str, Callable[[], object]] = {
            **{command: lambda name=name: viewport.view(name) for command, name in _VIEWS.items()},
            "view_camera": self.home,
            "frame_selection": self.frame,
        }
        viewport.figure_picked.connect(self._pick_figure)
        viewport.figure_framed.connect(lambda _: self._come_close())
        viewport.joint_picked.connect(lambda figure, joint, part: self._pick(Picked(figure, joint, part)))
        viewport.part_picked.connect(lambda figure, part: self._pick(Picked(figure, "", part)))
        session.view_changed.connect(self._follow)
        session.selection_changed.connect(self._follow)

    def home(self) -> None:
        """The view that a piece opens with: everybody in the picture, a little from the side."""
        self._stage.picked = None
        self._viewport.follow(None)
        self._viewport.show_view(self._stage.view_at(self._session.playhead_s))
        yaw_rad, pitch_rad = DIRECTIONS["three-quarter"]
        self._viewport.set_camera(replace(self._viewport.camera(), yaw_rad=yaw_rad, pitch_rad=pitch_rad))
        self._viewport.frame_figures(margin=_AIR)
        self._is_close = False
        self._follow()

    def frame(self) -> None:
        """The active dancer fills the picture, and is followed."""
        self._come_close()
        self._viewport.frame_figures([self._session.active_track_id] if self._session.active_track_id else [])

    def store(self) -> None:
        """Keep the present view with the piece."""
        seen = self._viewport.camera()
        x, y, z = (round(float(v), 4) for v in seen.target_m)
        number = len(self._session.document.cameras) + 1
        camera = ShotCamera(
            new_id(), f"Camera {number}", (x, y, z), seen.yaw_rad, seen.pitch_rad, seen.distance_m,
            seen.field_of_view_rad,
        )  # fmt: skip
        self._session.edit("store camera", lambda d: add_camera(d, camera))

    def recall(self, camera_id: str) -> None:
        """Look as a kept camera does."""
        for kept in self._session.document.cameras:
            if kept.id == camera_id:
                self._viewport.follow(None)
                self._viewport.set_camera(
                    Camera(
                        np.array(kept.target_m), kept.distance_m, kept.yaw_rad, kept.pitch_rad, kept.field_of_view_rad
                    ),
                    is_smooth=True,
                )

    def _come_close(self) -> None:
        """From now on one dancer is followed."""
        self._is_close = True
        self._viewport.follow(None)  # from where that dancer is, not from the middle of all
        self._follow()

    def _follow(self) -> None:
        follows = self._session.view.follows_dancer and self._session.active_track_id
        self._viewport.follow(self._session.active_track_id if follows else None, everybody=not self._is_close)

    def _pick_figure(self, figure_id: str) -> None:
        if figure_id:
            self._session.activate(figure_id)
        else:
            self._pick(None)

    def _pick(self, picked: Picked | None) -> None:
        self._stage.picked = picked
        if picked is not None and picked.figure_id != self._session.active_track_id:
            self._session.activate(picked.figure_id)
        self._session.view_changed.emit()
