"""A skinned body: its surface, its colours, and which joint carries how much of what."""

from __future__ import annotations

import numpy as np

from engine.formats.fbx.models import M_TO_CM, PerformerNodes, add_model, matrix_values, rest_matrices
from engine.formats.fbx.properties import MOVING_COLOUR, NUMBER
from engine.formats.fbx.records import Record, Value
from engine.formats.fbx.rows import Rows
from engine.formats.scene import Performer, SkinnedMesh

_MOST_MATERIALS = 16
_GEOMETRY_VERSION = 124


def add_body(rows: Rows, performer: Performer, mesh: SkinnedMesh, nodes: PerformerNodes, name: str) -> int:
    """Add a performer's body in its rest pose at the origin, bound to her joints; the id of its node.

    Every distinct colour is a material, up to sixteen, because Unity and Unreal show no colours of vertices by
    themselves; these are written too, for there may be more of them.
    """
    palette, of_triangle = _palette(mesh)
    model = add_model(rows, name, "Mesh")
    geometry = rows.add("Geometry", name, "Mesh", more=_surface(mesh, of_triangle))
    rows.connect(model, nodes.group)
    rows.connect(geometry, model)
    for i, colour in enumerate(palette):
        rows.connect(_add_material(rows, f"{name}_{i + 1}", colour), model)
    skin = rows.add("Deformer", name, "Skin", more=(_single("Version", 101), _single("Link_DeformAcuracy", 50.0)))
    rows.connect(skin, geometry)
    _add_clusters(rows, performer, mesh, nodes, skin)
    return model


def _add_clusters(rows: Rows, performer: Performer, mesh: SkinnedMesh, nodes: PerformerNodes, skin: int) -> None:
    for joint, matrix in enumerate(rest_matrices(performer)):
        vertices, places = np.nonzero((mesh.joints == joint) & (mesh.weights > 0.0))
        if len(vertices) == 0:
            continue
        # A vertex that names a joint twice is carried by the sum.
        carried, at = np.unique(vertices, return_inverse=True)
        weights = np.bincount(at, mesh.weights[vertices, places]).astype(np.float64)
        cluster = rows.add(
            "Deformer", performer.skeleton.names[joint], "Cluster", name_class="SubDeformer",
            more=(
                _single("Version", 100),
                Record("UserData", ("", "")),
                _single("Indexes", carried.astype(np.int32)),
                _single("Weights", weights),
                _single("Transform", matrix_values(np.linalg.inv(matrix))),  # the body as the joint sees it
                _single("TransformLink", matrix_values(matrix)),
            ),
        )  # fmt: skip
        rows.connect(cluster, skin)
        rows.connect(nodes.joints[joint], cluster)


def _surface(mesh: SkinnedMesh, of_triangle: np.ndarray) -> tuple[Record, ...]:
    corners = mesh.triangles.reshape(-1)
    polygons = np.array(mesh.triangles, dtype=np.int32)
    polygons[:, 2] = ~polygons[:, 2]  # the last corner of a polygon is written so
    colours = np.concatenate([_seen(mesh.colours), np.ones((len(mesh.colours), 1))], axis=1)
    layers = ("LayerElementNormal", "LayerElementColor", "LayerElementMaterial")
    return (
        _single("GeometryVersion", _GEOMETRY_VERSION),
        _single("Vertices", _flat(mesh.positions_m * M_TO_CM)),
        _single("PolygonVertexIndex", polygons.reshape(-1)),
        _layer("Normal", 102, "ByPolygonVertex", "Direct", Normals=_flat(mesh.normals[corners])),
        _layer(
            "Color", 101, "ByPolygonVertex", "IndexToDirect", Colors=_flat(colours), ColorIndex=corners.astype(np.int32)
        ),
        _layer("Material", 101, "ByPolygon", "IndexToDirect", Materials=of_triangle.astype(np.int32)),
        Record("Layer", (0,), (_single("Version", 100), *(_element(name) for name in layers))),
    )


def _layer(kind: str, version: int, mapping: str, reference: str, **arrays: np.ndarray) -> Record:
    return Record(
        f"LayerElement{kind}", (0,),
        (
            _single("Version", version),
            _single("Name", ""),
            _single("MappingInformationType", mapping),
            _single("ReferenceInformationType", reference),
            *(_single(name, array) for name, array in arrays.items()),
        ),
    )  # fmt: skip


def _element(name: str) -> Record:
    return Record("LayerElement", (), (_single("Type", name), _single("TypedIndex", 0)))


def _single(name: str, value: Value) -> Record:
    return Record(name, (value,))


def _flat(values: np.ndarray) -> np.ndarray:
    return np.ascontiguousarray(values, dtype=np.float64).reshape(-1)


def _seen(linear: np.ndarray) -> np.ndarray:
    """Colours as screens take them (sRGB, IEC 61966-2-1), which is what programs expect in a file."""
    linear = np.clip(linear, 0.0, 1.0)
    return np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1.0 / 2.4) - 0.055)


def _palette(mesh: SkinnedMesh) -> tuple[np.ndarray, np.ndarray]:
    """Colours [M, 3], linear, and which of them each triangle has, [F]; one, the middle, where there are too many."""
    of_triangles = np.median(mesh.colours[mesh.triangles], axis=1)
    palette, of_triangle = np.unique(np.round(of_triangles, 3), axis=0, return_inverse=True)
    if len(palette) > _MOST_MATERIALS:
        return of_triangles.mean(axis=0, keepdims=True), np.zeros(len(of_triangles), dtype=int)
    return palette, of_triangle.reshape(-1)


def _add_material(rows: Rows, name: str, linear: np.ndarray) -> int:
    colour = _seen(linear).tolist()
    return rows.add(
        "Material", name, version=102, more=(_single("ShadingModel", "lambert"), _single("MultiLayer", 0)),
        rows=[(MOVING_COLOUR, "DiffuseColor", *colour), (NUMBER, "DiffuseFactor", 1.0)],
    )  # fmt: skip
