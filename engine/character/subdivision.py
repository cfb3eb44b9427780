"""Smooth surfaces from few faces: one step of Catmull and Clark, with every point pushed to where further steps lead.

Catmull & Clark 1978, "Recursively generated B-spline surfaces on arbitrary topological meshes"; the limit of a
vertex is that of Halstead, Kass & DeRose 1993, "Efficient, fair interpolation using Catmull-Clark surfaces".
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

Faces = list[tuple[int, ...]]
_FITS = 12  # rounds; each takes a tenth of the last one's error away or more


@dataclass(frozen=True, eq=False)
class Refined:
    """A closed mesh of N vertices, and what one step makes of it: M vertices, the N first among them.

    Attributes:
        quads: Vertices of the finer faces, int [Q, 4].
        parents: The face that each of them lies in, int [Q].
        middles: The one in the middle of each face, int [F].
        weights: Of the N vertices in each of the M on the smooth surface; rows add up to 1, [M, N].
    """

    quads: np.ndarray
    parents: np.ndarray
    middles: np.ndarray
    weights: np.ndarray

    def fitted(self, points: np.ndarray) -> np.ndarray:
        """Points [N, 3] of which the smooth surface goes through the given ones."""
        out, to_limit = points.copy(), self.weights[: len(points)]
        for _ in range(_FITS):
            out += points - to_limit @ out
        return out


def refined(faces: Faces, n_vertices: int) -> Refined:
    """One step on a closed surface of any polygons."""
    edges: dict[tuple[int, int], int] = {}
    touching: list[list[int]] = []
    for number, face in enumerate(faces):
        for a, b in _sides(face):
            edge = edges.setdefault((min(a, b), max(a, b)), len(edges))
            if edge == len(touching):
                touching.append([])
            touching[edge].append(number)
    if any(len(both) != 2 for both in touching):
        raise ValueError("every edge must lie between two faces")
    n_faces, n_edges = len(faces), len(edges)
    step = np.zeros((n_vertices + n_edges + n_faces, n_vertices))
    of_face = step[n_vertices + n_edges :]
    for number, face in enumerate(faces):
        of_face[number, list(face)] = 1.0 / len(face)
    for (a, b), edge in edges.items():
        row = step[n_vertices + edge]
        row[:] = 0.25 * of_face[touching[edge]].sum(axis=0)
        row[[a, b]] += 0.25
    _vertex_rows(step, faces, edges, n_vertices, of_face)
    quads, parents = [], []
    for number, face in enumerate(faces):
        for before, at, after in zip((face[-1], *face), face, (*face[1:], face[0]), strict=False):
            mids = [n_vertices + edges[min(at, other), max(at, other)] for other in (after, before)]
            quads.append((at, mids[0], n_vertices + n_edges + number, mids[1]))
            parents.append(number)
    finer = np.array(quads)
    middles = n_vertices + n_edges + np.arange(n_faces)
    return Refined(finer, np.array(parents), middles, _limits(finer, len(step)) @ step)


def _sides(face: tuple[int, ...]) -> list[tuple[int, int]]:
    return list(zip(face, (*face[1:], face[0]), strict=True))


def _vertex_rows(
    step: np.ndarray, faces: Faces, edges: dict[tuple[int, int], int], n_vertices: int, of_face: np.ndarray
) -> None:
    """Fill the rows of the old vertices: (faces + 2 edges + (n - 3) itself) / n."""
    around = np.zeros((n_vertices, n_vertices))
    n_around = np.zeros(n_vertices)
    for number, face in enumerate(faces):
        around[list(face)] += of_face[number]
        n_around[list(face)] += 1.0
    along = np.zeros((n_vertices, n_vertices))
    for a, b in edges:
        for one in (a, b):
            along[one, [a, b]] += 0.5
    n = n_around[:, np.newaxis]
    step[:n_vertices] = around / n**2 + 2.0 * along / n**2 + (n - 3.0) / n * np.eye(n_vertices)


def _limits(quads: np.ndarray, n_vertices: int) -> np.ndarray:
    """Weights [M, M] that push the vertices of quads to the limit: n^2 itself, 4 each neighbour, 1 each opposite."""
    out, n = np.zeros((n_vertices, n_vertices)), np.bincount(quads.ravel(), minlength=n_vertices).astype(float)
    for k in range(4):
        at, after, across, before = (quads[:, (k + i) % 4] for i in range(4))
        for other, weight in ((after, 2.0), (before, 2.0), (across, 1.0)):
            np.add.at(out, (at, other), weight)
    out[np.arange(n_vertices), np.arange(n_vertices)] += n**2
    return out / (n * (n + 5.0))[:, np.newaxis]
