"""Reading ASF/AMC: known poses by hand, another format's file of the same motion, sentences for broken files."""

from __future__ import annotations

import numpy as np
import pytest

from engine.errors import MotionFileError
from engine.formats import asf_amc, bvh
from engine.motion import quaternion

ASF = """# a leg and an arm
:version 1.10
:name TEST
:units
  mass 1.0
  length 0.45
  angle deg
:root
   order TX TY TZ RX RY RZ
   axis XYZ
   position 0 0 0
   orientation 0 0 0
:bonedata
  begin
     id 1
     name thigh
     direction 0 -1 0
     length 9
     axis 0 0 0 XYZ
    dof rx ry rz
    limits (-160.0 20.0)
           (-70.0 70.0)
           (-60.0 70.0)
  end
  begin
     id 2
     name shin
     direction 0 -1 0
     length 8
     axis 0 90 0 XYZ
    dof rx
    limits (-10.0 170.0)
  end
  begin
     id 3
     name rib
     direction 0 1 0
     length 5
     axis 0 0 0 XYZ
  end
:hierarchy
  begin
    root thigh rib
    thigh shin
  end
"""
AMC = """#!OML:ASF
:FULLY-SPECIFIED
:DEGREES
1
root 1 2 3 0 0 0
thigh 0 0 0
shin 0
2
root 1 2 3 0 90 0
thigh -90 0 0
shin 90
"""
UNIT_M = 0.0254 / 0.45


@pytest.fixture
def files(tmp_path):
    def write(asf=ASF, amc=AMC):
        (tmp_path / "a.asf").write_text(asf)
        (tmp_path / "a_01.amc").write_text(amc)
        return tmp_path / "a.asf", tmp_path / "a_01.amc"

    return write


def ends(motion, name):
    """Where a bone starts and ends, in file units, [T, 3] each."""
    positions, rotations = motion.global_transforms()
    joint = motion.skeleton.index(name)
    tip = positions[:, joint] + quaternion.rotate(rotations[:, joint], motion.skeleton.tips_m[joint])
    return positions[:, joint] / UNIT_M, tip / UNIT_M


def test_bones_hang_as_their_directions_say(files):
    motion = asf_amc.read(*files(), frame_rate_hz=120.0)

    knee, ankle = ends(motion, "shin")

    assert motion.frame_rate_hz == 120.0
    assert motion.n_frames == 2
    np.testing.assert_allclose(knee[0], [1, 2 - 9, 3], atol=1e-9)
    np.testing.assert_allclose(ankle[0], [1, 2 - 9 - 8, 3], atol=1e-9)


def test_a_bone_turns_about_the_axes_of_its_axis_line(files):
    motion = asf_amc.read(*files(), frame_rate_hz=120.0)

    knee, ankle = ends(motion, "shin")

    # The body has turned a quarter about y: its forward, +z, is the world's +x. The thigh, at -90 about x, points
    # forward. The shin's hinge is the thigh's -z (its axis line turns x there): +90 about it swings the shin from
    # the thigh's -y to its -x, the body's right, which is the world's +z now.
    np.testing.assert_allclose(knee[1], [1 + 9, 2, 3], atol=1e-9)
    np.testing.assert_allclose(ankle[1], [1 + 9, 2, 3 + 8], atol=1e-9)


def test_a_bone_without_freedom_follows_its_parent(files):
    motion = asf_amc.read(*files(), frame_rate_hz=60.0)

    _, top = ends(motion, "rib")

    np.testing.assert_allclose(top[1], [1, 2 + 5, 3], atol=1e-9)


@pytest.mark.parametrize(
    ("change", "to", "says"),
    [
        (("shin 90", "shin ninety"), "amc", "a_01.amc, line 11: expected numbers"),
        (("shin 90", "shin 90 90"), "amc", "line 11: expected 1 finite numbers, found 2"),
        (("shin 90", "shin nan"), "amc", "line 11: expected 1 finite"),
        (("thigh -90 0 0\n", ""), "amc", "line 10: unexpected 'shin'"),
        (("shin 90\n", ""), "amc", "ends inside a frame"),
        ((AMC, ":DEGREES\n"), "amc", "no frame of motion"),
        (("thigh shin", "thigh foot"), "asf", "a.asf, line 44: the hierarchy names the bone 'foot'"),
        (("root thigh rib", "root thigh"), "asf", "the bone 'rib' hangs on nothing"),
        (("thigh shin", "thigh shin rib"), "asf", "the bone 'rib' has two parents"),
        (("length 0.45", "length 0"), "asf", "the length unit must be positive"),
        (("     length 8\n", ""), "asf", "a bone without length"),
        (("dof rx\n", "dof rw\n"), "asf", "unknown degree of freedom 'rw'"),
        ((":hierarchy", ":other"), "asf", "this is no ASF skeleton"),
    ],
)
def test_a_broken_file_is_refused_with_its_line(files, change, to, says):
    asf, amc = (ASF.replace(*change), AMC) if to == "asf" else (ASF, AMC.replace(*change))
    assert (asf, amc) != (ASF, AMC)

    with pytest.raises(MotionFileError) as refused:
        asf_amc.read(*files(asf, amc), frame_rate_hz=120.0)

    assert says in str(refused.value)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(MotionFileError, match=r"none\.asf: the file cannot be read"):
        asf_amc.read(tmp_path / "none.asf", tmp_path / "none.amc", 60.0)


@pytest.mark.shared_data
def test_the_same_capture_as_bvh_has_every_joint_in_the_same_place(shared_data):
    folder = shared_data / "conformance" / "bvh" / "fairmotion"
    ours = asf_amc.read(folder / "01.asf", folder / "01_01.amc", 120.0)
    other = bvh.read(shared_data / "mocap" / "cmu_bvh" / "01_01.bvh", unit_to_m=UNIT_M)
    other = other.slice(1, other.n_frames)  # its first frame is a T-pose
    same = {"root": "Hips", "ltibia": "LeftLeg", "lfoot": "LeftFoot", "rtoes": "RightToeBase", "thorax": "Spine1"}

    a, b = ours.positions_m(), other.positions_m()

    for name, bvh_name in same.items():
        there = b[:, other.skeleton.index(bvh_name)]
        np.testing.assert_allclose(a[:, ours.skeleton.index(name)], there, atol=2e-5)
    # The BVH has lost the length of the thorax: above it, bones are parallel, not in the same place.
    upper_arm = a[:, ours.skeleton.index("lradius")] - a[:, ours.skeleton.index("lhumerus")]
    there = b[:, other.skeleton.index("LeftForeArm")] - b[:, other.skeleton.index("LeftArm")]
    np.testing.assert_allclose(upper_arm, there, atol=2e-5)
