"""Kinds of movement are told where they are danced, and nowhere else."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from engine.motion import quaternion
from engine.motion.house import JOINT
from engine.motion.motion import Motion
from engine.motion.signals import smoothstep
from engine.structure.body import Body
from engine.structure.vocabulary import VOCABULARY, marked
from tests.dances import standing, walk
from tests.engine.structure.figures import pirouette

X, Y, Z = np.eye(3)
N = 120


def moved(by_m: np.ndarray) -> Motion:
    still = standing(N)
    return replace(still, root_positions_m=still.root_positions_m + by_m)


def turned(joint: str, axis: np.ndarray, deg: np.ndarray) -> Motion:
    still = standing(N)
    local = still.local_rotations.copy()
    local[:, JOINT[joint]] = quaternion.from_axis_angle(axis, np.radians(deg))
    return replace(still, local_rotations=local)


def bump(start: int = 40, end: int = 80) -> np.ndarray:
    frames = np.arange(N)
    return smoothstep((frames - start) / 10.0) * smoothstep((end - frames) / 10.0)


DANCED = {
    "jumps": moved(0.3 * bump()[:, np.newaxis] * Y),
    "floor": moved(-0.5 * bump()[:, np.newaxis] * Y),
    "turns": pirouette(2.0),
    "kicks": turned("LeftUpLeg", X, -120.0 * bump()),
    "travel": moved(3.0 * smoothstep((np.arange(N) - 40) / 40.0)[:, np.newaxis] * Z),
    "overhead": turned("LeftArm", Z, 80.0 * bump()),
}


@pytest.mark.parametrize("name", VOCABULARY)
def test_each_kind_is_told_where_it_is_danced_and_alone(name):
    columns = marked(Body(DANCED[name])).any(axis=0)

    assert {kind for kind, is_there in zip(VOCABULARY, columns, strict=True) if is_there} == {name}


def test_a_walk_and_a_stand_are_none_of_them():
    assert not marked(Body(walk(6.0)[0])).any()
    assert not marked(Body(standing(N))).any()


def test_a_kind_is_told_at_its_own_frames():
    frames = np.flatnonzero(marked(Body(DANCED["floor"]))[:, list(VOCABULARY).index("floor")])

    assert 40 <= frames[0] < frames[-1] <= 80
