"""The cube in the corner that shows from where one looks, and is clicked to look from elsewhere: its geometry."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from viewer3d.camera import Camera

# Name of the view, its word, the outward normal, and which ways its word runs: right and up on the face.
_FACES: tuple[tuple[str, str, tuple[int, int, int], tuple[int, int, int], tuple[int, int, int]], ...] = (
    ("front", "FRONT", (0, 0, 1), (1, 0, 0), (0, 1, 0)),
    ("back", "BACK", (0, 0, -1), (-1, 0, 0), (0, 1, 0)),
    ("left", "LEFT", (1, 0, 0), (0, 0, -1), (0, 1, 0)),
    ("right", "RIGHT", (-1, 0, 0), (0, 0, 1), (0, 1, 0)),
    ("top", "TOP", (0, 1, 0), (1, 0, 0), (0, 0, -1)),
)
_EYE = 5.5  # from the middle, in half edges: a little perspective, so that near and far edges differ
_REACH = 1.75  # half the width of the square that it turns in, in half edges


@dataclass(frozen=True, eq=False)
class Face:
    """A face that is seen.

    Attributes:
        view: Of camera.VIEWS.
        word: Written on it.
        corners: Where it is in the picture, from -1 to 1 and y up: upper left, upper right, lower right, lower left
            as its word is read, [4, 2].
        facing: How squarely it faces the eye, 0 to 1.
    """

    view: str
    word: str
    corners: np.ndarray
    facing: float


def faces(camera: Camera, *, is_mirrored: bool = False) -> list[Face]:
    """The faces that are seen, those that face the eye least first. A mirrored cube's words stay readable."""
    axes = camera.axes()
    seen = []
    for view, word, normal, right, up in _FACES:
        n, r, u = (axes @ np.array(v, dtype=float) for v in (normal, right, up))
        towards_eye = np.array([0.0, 0.0, _EYE]) - n
        facing = float(n @ towards_eye / np.linalg.norm(towards_eye))
        if facing <= 0.02:
            continue
        corners = np.stack([n - r + u, n + r + u, n + r - u, n - r - u])
        flat = corners[:, :2] * (_EYE / (_EYE - corners[:, 2:])) / _REACH
        if is_mirrored:
            flat = (flat * np.array([-1.0, 1.0]))[[1, 0, 3, 2]]
        seen.append(Face(view, word, flat, facing))
    return sorted(seen, key=lambda face: face.facing)


def view_at(camera: Camera, x: float, y: float, *, is_mirrored: bool = False) -> str | None:
    """The view of the face at a point (-1 to 1, y up); None beside the cube."""
    for face in reversed(faces(camera, is_mirrored=is_mirrored)):
        edges = np.roll(face.corners, -1, axis=0) - face.corners
        to = np.array([x, y]) - face.corners
        sides = edges[:, 0] * to[:, 1] - edges[:, 1] * to[:, 0]
        if np.all(sides <= 0.0) or np.all(sides >= 0.0):
            return face.view
    return None
