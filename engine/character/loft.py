"""Surfaces lofted through rings, and capsules: the stuff that bodies are made of, in the rest pose."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np


@dataclass(frozen=True, eq=False)
class Mesh:
    """V vertices and F triangles in the rest pose, each vertex carried by one or two joints.

    Attributes:
        positions_m: Metres, [V, 3].
        normals: Outward, unit, [V, 3].
        colours: Linear, 0 to 1, [V, 3].
        joints: Two joints of each vertex, int [V, 2].
        shares: How much the second one has, 0 to 1, [V].
        triangles: Vertex numbers, counter-clockwise from outside, int [F, 3].
    """

    positions_m: np.ndarray
    normals: np.ndarray
    colours: np.ndarray
    joints: np.ndarray
    shares: np.ndarray
    triangles: np.ndarray


@dataclass(frozen=True)
class Tube:
    """A closed surface through elliptical rings that stand along an axis.

    Attributes:
        axis: 0, 1, 2: along x, y or z. The other two are "a" and "b", in the order x, y, z.
        rings: Rows of (place on the axis, half size in a, half size in b, centre in a, centre in b), metres.
        joints: (name, place where it takes over, half width of the blend); the first one's place is not used.
        colours: (place from which on, "#rrggbb"); the first one's place is not used, the others' are rings.
        patches: (colour, lower corner, upper corner) of boxes in which the surface is painted otherwise.
        squareness: 2 is an ellipse, more a rounded box.
        n_spokes: Points in a ring.
    """

    axis: int
    rings: tuple[tuple[float, float, float, float, float], ...]
    joints: tuple[tuple[str, float, float], ...]
    colours: tuple[tuple[float, str], ...]
    patches: tuple[tuple[str, tuple[float, float, float], tuple[float, float, float]], ...] = ()
    squareness: float = 2.0
    n_spokes: int = 24


def mirrored(tube: Tube, rename: dict[str, str]) -> Tube:
    """The tube on the other side of the body (x to -x), with names and colours exchanged as `rename` says."""
    at_x = tube.axis == 0
    rings = tuple(
        (-place, a, b, ca, cb) if at_x else (place, a, b, -ca, cb) for place, a, b, ca, cb in tube.rings
    )

    def flip(place: float) -> float:
        return -place if at_x else place

    def other(name: str) -> str:
        return rename.get(name, name.replace("Left", "Right"))

    return replace(
        tube,
        rings=rings,
        joints=tuple((other(name), flip(place), width) for name, place, width in tube.joints),
        colours=tuple((flip(place), other(colour)) for place, colour in tube.colours),
        patches=tuple(
            (other(colour), (-high[0], low[1], low[2]), (-low[0], high[1], high[2]))
            for colour, low, high in tube.patches
        ),
    )


def thinned(tube: Tube, spokes: float, *, n_least: int = 7) -> Tube:
    """The tube without every other ring, but with its ends and where its colour changes, and a part of its spokes."""
    places = {place for place, _ in tube.colours} | {p[tube.axis] for _, *box in tube.patches for p in box}
    last = len(tube.rings) - 1
    rings = tuple(
        ring for i, ring in enumerate(tube.rings) if i % 2 == 0 or i in (1, last - 1, last) or ring[0] in places
    )
    return replace(tube, rings=rings, n_spokes=max(round(tube.n_spokes * spokes), n_least))


def loft(
    tube: Tube, joint_numbers: dict[str, int], palette: dict[str, tuple[float, float, float]], refine: int = 2
) -> Mesh:
    """The tube's surface.

    Args:
        tube: What is to be covered.
        joint_numbers: Each joint's number by its name.
        palette: The linear colour of each "#rrggbb".
        refine: Rings for each row of the table, on a curve through them.
    """
    rows = _refined(np.array(tube.rings, dtype=float), refine)
    towards = 1.0 if rows[-1, 0] > rows[0, 0] else -1.0
    grid = _points(rows, tube)
    normals = _normals(grid, tube.axis, towards)
    n_rings, n_spokes = grid.shape[:2]
    ring, spoke = np.meshgrid(np.arange(n_rings - 1), np.arange(n_spokes), indexing="ij")
    a, b = ring * n_spokes + spoke, ring * n_spokes + (spoke + 1) % n_spokes
    c, d = a + n_spokes, b + n_spokes
    triangles = np.stack([np.stack([a, c, b], -1), np.stack([b, c, d], -1)], axis=-2).reshape(-1, 3)
    positions, normals = grid.reshape(-1, 3), normals.reshape(-1, 3)
    if _volume(positions, triangles) < 0.0:
        triangles = triangles[:, ::-1]
    joints, shares = _carried(positions[:, tube.axis] * towards, tube, joint_numbers, towards)
    middles = 0.25 * (positions[a] + positions[b] + positions[c] + positions[d]).reshape(-1, 3)
    names = np.repeat(_face_colours(middles, tube, towards), 2)
    return _painted(Mesh(positions, normals, np.zeros_like(positions), joints, shares, triangles), names, palette)


def capsule(
    start_m: np.ndarray, end_m: np.ndarray, radii_m: tuple[float, float], joint: int, colour: tuple[float, float, float]
) -> Mesh:
    """A round cone with spheres at its ends, carried by one joint."""
    n_cap, n_spokes = 6, 16
    along = end_m - start_m
    length = float(np.linalg.norm(along))
    y = along / length
    x = np.cross(y, np.eye(3)[int(np.argmin(np.abs(y)))])
    x /= np.linalg.norm(x)
    z = np.cross(x, y)
    lean = np.arcsin(np.clip((radii_m[0] - radii_m[1]) / length, -0.98, 0.98))
    low, high = np.linspace(-0.5 * np.pi, lean, n_cap), np.linspace(lean, 0.5 * np.pi, n_cap)
    latitude = np.concatenate([low, high])
    at_end = np.repeat([0, 1], n_cap)
    angle = np.linspace(0.0, 2.0 * np.pi, n_spokes, endpoint=False)
    around = np.cos(angle)[:, np.newaxis] * x + np.sin(angle)[:, np.newaxis] * z
    normals = np.cos(latitude)[:, None, None] * around + np.sin(latitude)[:, None, None] * y
    positions = np.stack([start_m, end_m])[at_end][:, None] + np.array(radii_m)[at_end][:, None, None] * normals
    ring, spoke = np.meshgrid(np.arange(2 * n_cap - 1), np.arange(n_spokes), indexing="ij")
    a, b = ring * n_spokes + spoke, ring * n_spokes + (spoke + 1) % n_spokes
    triangles = np.stack([a, a + n_spokes, b, b, a + n_spokes, b + n_spokes], axis=-1).reshape(-1, 3)
    n = positions.shape[0] * n_spokes
    mesh = Mesh(
        positions.reshape(-1, 3), normals.reshape(-1, 3), np.tile(colour, (n, 1)), np.full((n, 2), joint),
        np.zeros(n), triangles,
    )  # fmt: skip
    return mesh if _volume(mesh.positions_m, triangles) > 0.0 else replace(mesh, triangles=triangles[:, ::-1])


def joined(meshes: list[Mesh]) -> Mesh:
    """All meshes as one."""
    starts = np.cumsum([0, *(len(mesh.positions_m) for mesh in meshes)])
    return Mesh(
        positions_m=np.concatenate([mesh.positions_m for mesh in meshes]),
        normals=np.concatenate([mesh.normals for mesh in meshes]),
        colours=np.concatenate([mesh.colours for mesh in meshes]),
        joints=np.concatenate([mesh.joints for mesh in meshes]),
        shares=np.concatenate([mesh.shares for mesh in meshes]),
        triangles=np.concatenate([mesh.triangles + start for mesh, start in zip(meshes, starts, strict=False)]),
    )


def _refined(rows: np.ndarray, refine: int) -> np.ndarray:
    """Rows on a Catmull-Rom curve through the given ones, the given ones among them."""
    before = np.concatenate([rows[:1], rows[:-1]])
    after2 = np.concatenate([rows[2:], rows[-1:]])
    out = []
    for i in range(len(rows) - 1):
        p0, p1, p2, p3 = before[i], rows[i], rows[i + 1], after2[i]
        for step in range(refine):
            t = step / refine
            out.append(
                0.5 * (2 * p1 + (p2 - p0) * t + (2 * p0 - 5 * p1 + 4 * p2 - p3) * t**2
                       + (3 * p1 - p0 - 3 * p2 + p3) * t**3)
            )  # fmt: skip
    out.append(rows[-1])
    refined = np.array(out)
    refined[:, 1:3] = np.maximum(refined[:, 1:3], 0.0)
    return refined


def _points(rows: np.ndarray, tube: Tube) -> np.ndarray:
    """Points on the rings, [R, S, 3]."""
    # Half a step off, so that a flat side of a rounded box lies between two points.
    angles = (np.arange(tube.n_spokes) + 0.5) * (2.0 * np.pi / tube.n_spokes)
    across = [np.sign(f) * np.abs(f) ** (2.0 / tube.squareness) for f in (np.cos(angles), np.sin(angles))]
    a_axis, b_axis = (axis for axis in range(3) if axis != tube.axis)
    grid = np.empty((len(rows), tube.n_spokes, 3))
    grid[:, :, tube.axis] = rows[:, :1]
    grid[:, :, a_axis] = rows[:, 3:4] + rows[:, 1:2] * across[0]
    grid[:, :, b_axis] = rows[:, 4:5] + rows[:, 2:3] * across[1]
    return grid


def _normals(grid: np.ndarray, axis: int, towards: float) -> np.ndarray:
    """Outward unit normals [R, S, 3] of the surface through a grid of points; along the axis at its poles."""
    around = np.roll(grid, -1, axis=1) - np.roll(grid, 1, axis=1)
    along = np.gradient(grid, axis=0)
    normals = np.cross(along, around)
    outward = grid - grid.mean(axis=1, keepdims=True)
    normals *= np.where(np.sum(normals * outward) < 0.0, -1.0, 1.0)
    length = np.linalg.norm(normals, axis=-1)
    normals = normals / np.maximum(length, 1e-12)[..., np.newaxis]
    is_pole = length < 1e-9 * length.max()
    is_pole[[0, -1]] = True
    sign = np.where(np.arange(len(grid)) < len(grid) // 2, -towards, towards)
    normals[is_pole] = 0.0
    normals[..., axis] = np.where(is_pole, sign[:, np.newaxis], normals[..., axis])
    return normals


def _volume(positions: np.ndarray, triangles: np.ndarray) -> float:
    """Six times the enclosed volume: positive when triangles run counter-clockwise from outside."""
    a, b, c = (positions[triangles[:, k]] - positions.mean(axis=0) for k in range(3))
    return float(np.sum(a * np.cross(b, c)))


def _carried(
    along: np.ndarray, tube: Tube, numbers: dict[str, int], towards: float
) -> tuple[np.ndarray, np.ndarray]:
    """The two joints of each vertex, int [V, 2], and the second one's share, [V]."""
    joints = np.full((len(along), 2), numbers[tube.joints[0][0]])
    shares = np.zeros(len(along))
    for (before, _, _), (name, place, width) in zip(tube.joints, tube.joints[1:], strict=False):
        t = np.clip((along - (place * towards - width)) / (2.0 * width), 0.0, 1.0)
        inside = t > 0.0
        joints[inside] = (numbers[before], numbers[name])
        shares[inside] = (t * t * (3.0 - 2.0 * t))[inside]
    return joints, shares


def _face_colours(middles: np.ndarray, tube: Tube, towards: float) -> np.ndarray:
    """The colour name of each face by where its middle lies."""
    names = np.full(len(middles), tube.colours[0][1], dtype="U7")
    for place, colour in tube.colours[1:]:
        names[middles[:, tube.axis] * towards > place * towards] = colour
    for colour, low, high in tube.patches:
        names[np.all((middles > low) & (middles < high), axis=1)] = colour
    return names


def _painted(mesh: Mesh, names: np.ndarray, palette: dict[str, tuple[float, float, float]]) -> Mesh:
    """The mesh with one colour a face: vertices between two colours are doubled, so that edges stay sharp."""
    known, numbers = np.unique(names, return_inverse=True)
    corners = mesh.triangles * len(known) + numbers[:, np.newaxis]
    kept, triangles = np.unique(corners, return_inverse=True)
    vertex, colour = kept // len(known), kept % len(known)
    colours = np.array([palette[str(name)] for name in known])[colour]
    return Mesh(
        mesh.positions_m[vertex], mesh.normals[vertex], colours, mesh.joints[vertex], mesh.shares[vertex],
        triangles.reshape(-1, 3),
    )  # fmt: skip
