"""Cameras that are kept with the piece."""

from __future__ import annotations

from dataclasses import replace

import pytest

from editor.document.camera_edits import add_camera, change_camera, remove_camera
from editor.document.document import Document, ShotCamera
from editor.document.edits import EditRefused

FRONT = ShotCamera("", "", (0.0, 1.0, 0.0), 0.0, 0.1, 5.0, 0.7)


def test_cameras_get_ids_and_names():
    document = add_camera(add_camera(Document(), FRONT), replace(FRONT, id="side", name="Side"))
    document = add_camera(document, FRONT)

    assert [c.name for c in document.cameras] == ["Camera 1", "Side", "Camera 2"]
    assert len({c.id for c in document.cameras}) == 3


def test_a_camera_is_changed_in_its_place():
    document = add_camera(add_camera(Document(), FRONT), FRONT)
    first = document.cameras[0]

    changed = change_camera(document, replace(first, distance_m=3.0, name=" ", start_s=1.0, end_s=4.0))

    assert changed.cameras == (replace(first, distance_m=3.0, start_s=1.0, end_s=4.0), document.cameras[1])


def test_a_camera_goes():
    document = add_camera(Document(), FRONT)

    assert remove_camera(document, document.cameras[0].id).cameras == ()


def test_what_cannot_be_is_refused():
    document = add_camera(Document(), replace(FRONT, id="a"))

    for edit in (change_camera, lambda d, c: remove_camera(d, c.id)):
        with pytest.raises(EditRefused, match="no longer in the piece"):
            edit(document, replace(FRONT, id="b"))
    with pytest.raises(EditRefused, match="already"):
        add_camera(document, replace(FRONT, id="a"))
    with pytest.raises(EditRefused, match="end after it begins"):
        change_camera(document, replace(FRONT, id="a", start_s=2.0, end_s=1.0))
