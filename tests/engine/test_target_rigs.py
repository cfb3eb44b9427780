"""House motions on target rigs: nothing moves for it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.resources import resource_path
from engine.formats.target_rigs import read_target_rigs
from engine.motion.house import HOUSE
from engine.motion.on_rig import on_rig
from engine.motion.retarget import guess_rig, to_house
from engine.motion.rig import read_rigs
from tests.dances import improvised
from tests.rigged import bent_dance

TARGETS, _ = read_target_rigs(resource_path("rigs/targets"))
MAPS = read_rigs(resource_path("rigs"))


def on(name):
    return TARGETS[name]


@pytest.mark.parametrize("name", TARGETS)
@given(seed=st.integers(0, 1000), size=st.floats(0.0, 3.0))
def test_every_shared_joint_stays_where_it_is(name, seed, size):
    rig, dance = TARGETS[name], improvised(7, seed, size=size)

    put = on_rig(dance, rig)

    shared = [put.skeleton.index(rig.name_of(joint)) for joint in HOUSE.names]
    np.testing.assert_allclose(put.positions_m()[:, shared], dance.positions_m(), atol=1e-9, rtol=0)


@pytest.mark.parametrize("name", TARGETS)
def test_what_went_to_a_rig_comes_back(name):
    dance = bent_dance(40)
    put = on_rig(dance, TARGETS[name])

    back = to_house(put, guess_rig(put.skeleton, MAPS))

    np.testing.assert_allclose(back.positions_m(), dance.positions_m(), atol=1e-6)
