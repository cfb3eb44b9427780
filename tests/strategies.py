"""What Hypothesis draws from: directions, rotations, skeletons and motions, their corners included."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from engine.motion import quaternion
from engine.motion.motion import Motion
from engine.motion.skeleton import Skeleton

_unit = st.floats(-1.0, 1.0)


def _normalized(v: np.ndarray) -> np.ndarray:
    return v / np.linalg.norm(v)


vectors = arrays(float, 3, elements=st.floats(-10.0, 10.0))
directions = arrays(float, 3, elements=_unit).filter(lambda v: np.linalg.norm(v) > 1e-3).map(_normalized)
rotations = arrays(float, 4, elements=_unit).filter(lambda q: np.linalg.norm(q) > 1e-3).map(_normalized)
angles_rad = st.floats(-3.0 * np.pi, 3.0 * np.pi)


@st.composite
def skeletons(draw: st.DrawFn, max_joints: int = 8, rest_rotations: bool = False) -> Skeleton:
    """Trees of any shape, chains to stars, whose joints may lie on their parents; a root at the origin."""
    n = draw(st.integers(1, max_joints))
    parents = np.array([-1, *(draw(st.integers(0, i - 1)) for i in range(1, n))])
    offsets_m = draw(arrays(float, (n, 3), elements=st.floats(-0.6, 0.6)))
    offsets_m[0] = 0.0
    tips_m = draw(arrays(float, (n, 3), elements=st.floats(-0.3, 0.3)))
    tips_m[parents[1:]] = 0.0
    rest = np.tile(quaternion.IDENTITY, (n, 1))
    if rest_rotations:
        rest = np.stack([draw(rotations) for _ in range(n)])
    return Skeleton(tuple(f"joint {i}" for i in range(n)), parents, offsets_m, tips_m, rest)


@st.composite
def motions(draw: st.DrawFn, max_frames: int = 6, **of_the_skeleton: int | bool) -> Motion:
    """Motions on any skeleton, from one still frame to a new rotation of every joint in every frame."""
    skeleton = draw(skeletons(**of_the_skeleton))
    n = draw(st.integers(1, max_frames))
    local = draw(arrays(float, (n, skeleton.n_joints, 4), elements=_unit))
    root_m = draw(arrays(float, (n, 3), elements=st.floats(-20.0, 20.0)))
    rate_hz = draw(st.sampled_from([24.0, 25.0, 30.0, 60.0, 120.0, 24000 / 1001, 30000 / 1001, 27.3]))
    return Motion(skeleton, rate_hz, root_m, quaternion.normalize(local))
