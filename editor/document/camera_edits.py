"""Edits of the cameras that are kept with the piece."""

from __future__ import annotations

from dataclasses import replace

from editor.document.document import Document, ShotCamera
from editor.document.edits import EditRefused, new_id


def add_camera(document: Document, camera: ShotCamera) -> Document:
    """One more camera, last. Without an id it gets one, without a name "Camera 2" and so on."""
    if any(c.id == camera.id for c in document.cameras):
        raise EditRefused("That camera is in the piece already.")
    names = {c.name for c in document.cameras}
    free = next(name for i in range(1, len(names) + 2) if (name := f"Camera {i}") not in names)
    camera = replace(_checked(camera), id=camera.id or new_id(), name=camera.name.strip() or free)
    return replace(document, cameras=(*document.cameras, camera))


def change_camera(document: Document, camera: ShotCamera) -> Document:
    """The camera of the same id as this one: where it looks from, its name, its shot."""
    old = _camera(document, camera.id)
    camera = replace(_checked(camera), name=camera.name.strip() or old.name)
    return replace(document, cameras=tuple(camera if c.id == camera.id else c for c in document.cameras))


def remove_camera(document: Document, camera_id: str) -> Document:
    """Take a camera away."""
    gone = _camera(document, camera_id)
    return replace(document, cameras=tuple(c for c in document.cameras if c.id != gone.id))


def _camera(document: Document, camera_id: str) -> ShotCamera:
    for camera in document.cameras:
        if camera.id == camera_id:
            return camera
    raise EditRefused("That camera is no longer in the piece: choose another one.")


def _checked(camera: ShotCamera) -> ShotCamera:
    if camera.end_s < camera.start_s or camera.start_s < 0.0:
        raise EditRefused("A shot must end after it begins: set its end further to the right.")
    return camera
