"""Maps of joints that a user made: kept as TOML, read back as they were, refused in a sentence, used first."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.resources import resource_path
from engine.errors import RigError
from engine.formats.rig_maps import read_rig_map, read_rig_maps, save_rig_map
from engine.motion.house import HOUSE
from engine.motion.rig import RigMap, best_known, read_rigs

KNOWN = read_rigs(resource_path("rigs"))
OWN = RigMap("suit", "Süit “A”", {name: (name,) for name in HOUSE.names}, {"Head": ("HeadTop",)}, "leg", is_own=True)


def test_a_map_comes_back_as_it_was_and_always_as_the_same_bytes(tmp_path):
    save_rig_map(tmp_path / "new" / "suit.toml", OWN)
    first = (tmp_path / "new" / "suit.toml").read_bytes()
    save_rig_map(tmp_path / "new" / "suit.toml", OWN)

    assert read_rig_map(tmp_path / "new" / "suit.toml") == OWN
    assert (tmp_path / "new" / "suit.toml").read_bytes() == first


@pytest.mark.parametrize("rig", KNOWN, ids=lambda rig: rig.name)
def test_the_maps_that_come_along_can_be_kept_as_ones_own(tmp_path, rig):
    save_rig_map(tmp_path / "a.toml", rig)

    assert read_rig_map(tmp_path / "a.toml") == replace(rig, is_own=True)


@pytest.mark.parametrize(
    "text", ["name = ", "[joints]\nHips = 'a'", "[joints]\nTail = 'a'", "joints = 3", "\x00", "feet = 'hand'"]
)
def test_what_is_no_map_is_refused_with_the_files_name(tmp_path, text):
    (tmp_path / "odd.toml").write_text(text, "utf-8")

    with pytest.raises(RigError, match=r"^odd\.toml: .*\.$"):
        read_rig_map(tmp_path / "odd.toml")


def test_a_damaged_map_does_not_hide_the_others(tmp_path):
    save_rig_map(tmp_path / "b.toml", OWN)
    save_rig_map(tmp_path / "c.toml", OWN)
    (tmp_path / "a.toml").write_text("[", "utf-8")

    maps, troubles = read_rig_maps(tmp_path)

    assert maps == (OWN,)
    assert [str(trouble).split(":")[0] for trouble in troubles] == ["a.toml", "c.toml"]


def test_ones_own_map_goes_first_where_all_its_joints_are_there():
    few = {name: names for name, names in OWN.joints.items() if "Finger" not in name}
    mine = replace(OWN, joints=few, places={})

    assert best_known(HOUSE, (*KNOWN, mine)) is mine
    assert best_known(HOUSE, KNOWN) in KNOWN


def test_ones_own_map_for_another_skeleton_leaves_the_others_alone():
    other = replace(OWN, joints={name: (f"x_{name}",) for name in OWN.joints}, places={})

    assert best_known(HOUSE, (other, *KNOWN)) in KNOWN
