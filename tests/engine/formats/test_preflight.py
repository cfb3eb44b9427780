"""Preflight: what would go wrong is said before anything is written, and each fix mends what it stands beside."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from app.deliver import DeliverOptions
from app.rigs import target_rigs
from engine.formats.exporters import FORMATS, MotionOptions
from engine.formats.preflight import Subject, preflight, standing_slip_m_s
from engine.motion.house import HOUSE
from engine.motion.motion import Motion

FBX = FORMATS["FBX"].options
FINE = Subject(
    "Night bus", ("Ana",), (1.7,), span_s=(2.0, 6.0), duration_s=20.0, has_song=True, rig=target_rigs()["plain"]
)
DUET = replace(FINE, dancers=("Ana", "Ben"), heights_m=(1.7, 1.8))
UE5 = target_rigs()["ue5"]


def found(subject: Subject, options) -> dict[str, str]:
    return {finding.name: finding.severity for finding in preflight(subject, options) if finding.severity != "passed"}


def test_nothing_is_said_of_what_is_fine():
    assert found(FINE, FBX()) == {}
    assert found(DUET, DeliverOptions()) == {}


@pytest.mark.parametrize(
    ("subject", "options", "name", "severity"),
    [
        (replace(FINE, dancers=()), FBX(), "dancers", "error"),
        (replace(FINE, idle=("Cleo",)), FBX(), "dancers", "note"),
        (replace(FINE, lost_song="song.wav"), DeliverOptions(), "song", "error"),
        (replace(DUET, dancers=("Ana", "Ana")), FBX(), "names", "note"),
        (replace(FINE, dancers=("Zoë",)), FBX(), "names", "note"),
        (replace(FINE, span_s=(0.0, 60.0), duration_s=60.0), FBX(rate="24"), "rate", "note"),
        (replace(FINE, span_s=(0.1, 6.0)), FBX(handles=8), "handles", "note"),
        (replace(FINE, rig=UE5, rootless="BVH"), MotionOptions(rig="ue5"), "root", "warning"),
        (replace(DUET, rig=UE5, rootless="BVH"), DeliverOptions(rig="ue5", is_split=True), "root", "warning"),
        (replace(DUET, rig=UE5), FBX(rig="ue5", has_mesh=True), "skeletons", "warning"),
        (replace(FINE, rig=UE5), FBX(rig="ue5"), "body", "note"),
        (replace(FINE, rig=UE5), FBX(rig="ue5", has_mesh=True, has_t_pose=True), "rest pose", "note"),
        (replace(FINE, heights_m=(17.0,)), FBX(), "height", "warning"),
    ],
)
def test_what_can_go_wrong_is_found_and_its_fix_mends_it(subject, options, name, severity):
    assert found(subject, options) == {name: severity}

    finding = preflight(subject, options)[0]
    assert finding.says.endswith(".")
    assert bool(finding.fix) == bool(finding.fix_text)
    if finding.fix is not None:
        mended = finding.fix(options)
        if name == "rate":
            assert mended.rate == "23.976"
        elif name == "root":
            assert getattr(mended, "has_bvh", False) is False
            assert mended.rig == "plain" or isinstance(mended, DeliverOptions)
        else:
            assert name not in found(subject, mended)


def test_the_gravest_comes_first():
    findings = preflight(replace(FINE, dancers=(), heights_m=(), idle=("Cleo",), rig=UE5), FBX(rig="ue5"))

    assert [finding.severity for finding in findings][:2] == ["error", "note"]


def test_feet_that_slide_only_in_the_file_are_measured():
    still = Motion(HOUSE, 30.0, np.tile(HOUSE.offsets_m[0], (60, 1)), np.tile(HOUSE.rest_rotations, (60, 1, 1)))
    sliding = still.root_positions_m + np.arange(60)[:, np.newaxis] * np.array([0.3, 0.0, 0.4]) / 30.0

    assert standing_slip_m_s(still, still, target_rigs()["plain"]) == 0.0
    filmed = replace(still, root_positions_m=sliding)
    assert standing_slip_m_s(still, filmed, target_rigs()["plain"]) == pytest.approx(0.5)
