"""What properties of each kind of object are where the object does not mention them, as Autodesk's programs write."""

from __future__ import annotations

from engine.formats.fbx.properties import (
    BOOL,
    COLOUR,
    COMPOUND,
    DOUBLE,
    ENUM,
    INHERITED_VISIBILITY,
    INT,
    LONG,
    MOVING_COLOUR,
    NUMBER,
    OBJECT,
    ROTATION,
    SCALING,
    TEXT,
    TIME,
    TRANSLATION,
    VECTOR,
    VISIBILITY,
    Row,
)  # fmt: skip

_ZERO, _ONE, _GREY = (0.0, 0.0, 0.0), (1.0, 1.0, 1.0), (0.8, 0.8, 0.8)


def _limits(name: str, at_rest: tuple[float, float, float]) -> list[Row]:
    """The limits of a motion, none of which is in force."""
    return [
        (VECTOR, f"{name}Min", *_ZERO),
        (VECTOR, f"{name}Max", *at_rest),
        *((BOOL, f"{name}{end}{axis}", 0) for end in ("Min", "Max") for axis in "XYZ"),
    ]


_NODE: list[Row] = [
    (ENUM, "QuaternionInterpolate", 0),
    *((VECTOR, name, *_ZERO) for name in ("RotationOffset", "RotationPivot", "ScalingOffset", "ScalingPivot")),
    (BOOL, "TranslationActive", 0),
    *_limits("Translation", _ZERO),
    (ENUM, "RotationOrder", 0),  # x first, then y, then z
    (BOOL, "RotationSpaceForLimitOnly", 0),
    *((DOUBLE, f"RotationStiffness{axis}", 0.0) for axis in "XYZ"),
    (DOUBLE, "AxisLen", 10.0),
    (VECTOR, "PreRotation", *_ZERO),
    (VECTOR, "PostRotation", *_ZERO),
    (BOOL, "RotationActive", 0),
    *_limits("Rotation", _ZERO),
    (ENUM, "InheritType", 0),
    (BOOL, "ScalingActive", 0),
    *_limits("Scaling", _ONE),
    (VECTOR, "GeometricTranslation", *_ZERO),
    (VECTOR, "GeometricRotation", *_ZERO),
    (VECTOR, "GeometricScaling", *_ONE),
    (OBJECT, "LookAtProperty"),
    (OBJECT, "UpVectorProperty"),
    (BOOL, "Show", 1),
    (BOOL, "NegativePercentShapeSupport", 1),
    (INT, "DefaultAttributeIndex", -1),
    (BOOL, "Freeze", 0),
    (BOOL, "LODBox", 0),
    (TRANSLATION, "Lcl Translation", *_ZERO),
    (ROTATION, "Lcl Rotation", *_ZERO),
    (SCALING, "Lcl Scaling", *_ONE),
    (VISIBILITY, "Visibility", 1.0),
    (INHERITED_VISIBILITY, "Visibility Inheritance", 1),
]

_STACK: list[Row] = [
    (TEXT, "Description", ""),
    *((TIME, name, 0) for name in ("LocalStart", "LocalStop", "ReferenceStart", "ReferenceStop")),
]

_LAYER: list[Row] = [
    (NUMBER, "Weight", 100.0),
    *((BOOL, name, 0) for name in ("Mute", "Solo", "Lock")),
    (COLOUR, "Color", *_GREY),
    *((ENUM, name, 0) for name in ("BlendMode", "RotationAccumulationMode", "ScaleAccumulationMode")),
    (LONG, "BlendModeBypass", 0),
]

_MESH: list[Row] = [
    (COLOUR, "Color", *_GREY),
    (VECTOR, "BBoxMin", *_ZERO),
    (VECTOR, "BBoxMax", *_ZERO),
    *((BOOL, name, 1) for name in ("Primary Visibility", "Casts Shadows", "Receive Shadows")),
]

_LAMBERT: list[Row] = [
    (TEXT, "ShadingModel", "Lambert"),
    (BOOL, "MultiLayer", 0),
    (MOVING_COLOUR, "EmissiveColor", *_ZERO),
    (NUMBER, "EmissiveFactor", 1.0),
    (MOVING_COLOUR, "AmbientColor", 0.2, 0.2, 0.2),
    (NUMBER, "AmbientFactor", 1.0),
    (MOVING_COLOUR, "DiffuseColor", *_GREY),
    (NUMBER, "DiffuseFactor", 1.0),
    (MOVING_COLOUR, "TransparentColor", *_ZERO),
    (NUMBER, "TransparencyFactor", 0.0),
]

#                kind of object -> class of Autodesk's, properties
TEMPLATES: dict[str, tuple[str, list[Row]]] = {
    "Model": ("FbxNode", _NODE),
    "NodeAttribute": ("FbxSkeleton", [(COLOUR, "Color", *_GREY), (DOUBLE, "Size", 100.0), (DOUBLE, "LimbLength", 1.0)]),
    "AnimationStack": ("FbxAnimStack", _STACK),
    "AnimationLayer": ("FbxAnimLayer", _LAYER),
    "AnimationCurveNode": ("FbxAnimCurveNode", [(COMPOUND, "d")]),
    "Geometry": ("FbxMesh", _MESH),
    "Material": ("FbxSurfaceLambert", _LAMBERT),
}
