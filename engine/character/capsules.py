"""The capsules that stand for the neutral dancer of 1.70 m in light, framing and picking, in the T-pose."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from engine.character.mesh import SkinnedMesh

# What shades and what must stay in the picture, roughly: round capsules of (joint, start, end, radii), left side only.
_LIMB_CAPSULES = (
    ("LeftShoulder", (0.090, 1.408, -0.004), (0.160, 1.408, -0.002), 0.052, 0.056),
    ("LeftArm", (0.175, 1.408, 0.000), (0.440, 1.410, 0.000), 0.054, 0.036),
    ("LeftForeArm", (0.455, 1.410, 0.000), (0.685, 1.410, 0.000), 0.040, 0.026),
    ("LeftHand", (0.705, 1.409, 0.004), (0.785, 1.405, 0.020), 0.026, 0.042),
    ("LeftFingerBase", (0.790, 1.408, 0.002), (0.848, 1.406, 0.000), 0.034, 0.022),
    ("LeftUpLeg", (0.091, 0.870, -0.010), (0.090, 0.500, 0.002), 0.094, 0.056),
    ("LeftLeg", (0.090, 0.480, 0.000), (0.090, 0.110, -0.006), 0.056, 0.034),
    ("LeftFoot", (0.090, 0.036, -0.030), (0.091, 0.028, 0.110), 0.036, 0.034),
    ("LeftToeBase", (0.092, 0.019, 0.125), (0.090, 0.014, 0.174), 0.030, 0.022),
)
_TRUNK_CAPSULES = (
    ("Hips", (-0.040, 0.900, -0.008), (0.040, 0.900, -0.008), 0.112, 0.112),
    ("Spine", (-0.022, 1.080, 0.002), (0.022, 1.080, 0.002), 0.097, 0.097),
    ("Spine2", (-0.036, 1.310, 0.002), (0.036, 1.310, 0.002), 0.118, 0.118),
    ("Neck", (0.000, 1.450, -0.006), (0.000, 1.530, 0.004), 0.056, 0.050),
    ("Head", (0.000, 1.556, 0.030), (0.000, 1.622, 0.008), 0.078, 0.083),
)
Capsule = tuple[str, tuple[float, float, float], tuple[float, float, float], float, float]
CAPSULES: tuple[Capsule, ...] = (
    *_TRUNK_CAPSULES,
    *_LIMB_CAPSULES,
    *(
        (name.replace("Left", "Right"), (-start[0], start[1], start[2]), (-end[0], end[1], end[2]), one, other)
        for name, start, end, one, other in _LIMB_CAPSULES
    ),
)


def capsule(
    start_m: np.ndarray, end_m: np.ndarray, radii_m: tuple[float, float], joint: int, colour: tuple[float, float, float]
) -> SkinnedMesh:
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
    if _volume(positions.reshape(-1, 3), triangles) < 0.0:
        triangles = triangles[:, ::-1].copy()
    joints, weights = np.zeros((n, 4), dtype=int), np.zeros((n, 4))
    joints[:, 0], weights[:, 0] = joint, 1.0
    return SkinnedMesh(
        positions.reshape(-1, 3), normals.reshape(-1, 3), triangles, np.tile(colour, (n, 1)), joints, weights
    )


def joined(meshes: Sequence[SkinnedMesh]) -> SkinnedMesh:
    """All meshes as one."""
    starts = np.cumsum([0, *(len(mesh.positions_m) for mesh in meshes)])
    return SkinnedMesh(
        positions_m=np.concatenate([mesh.positions_m for mesh in meshes]),
        normals=np.concatenate([mesh.normals for mesh in meshes]),
        triangles=np.concatenate([mesh.triangles + start for mesh, start in zip(meshes, starts, strict=False)]),
        colours=np.concatenate([mesh.colours for mesh in meshes]),
        joints=np.concatenate([mesh.joints for mesh in meshes]),
        weights=np.concatenate([mesh.weights for mesh in meshes]),
    )


def _volume(positions: np.ndarray, triangles: np.ndarray) -> float:
    """Six times the enclosed volume: positive when triangles run counter-clockwise from outside."""
    a, b, c = (positions[triangles[:, k]] - positions.mean(axis=0) for k in range(3))
    return float(np.sum(a * np.cross(b, c)))
