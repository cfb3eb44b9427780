"""Reading the G1 robot: a robot of three hinges by hand, published positions of the real one."""

from __future__ import annotations

import numpy as np
import pytest

from engine.errors import MotionFileError
from engine.formats import unitree_g1

XML = """<mujoco><worldbody>
 <body name="pelvis" pos="0 0 0.8">
  <joint name="floating" type="free"/>
  <body name="hip" pos="0 0.1 -0.1">
   <joint name="hip_pitch" axis="0 1 0"/>
   <body name="foot" pos="0 0 -0.5" quat="0.70710678 0 0 0.70710678">
    <joint name="foot_roll" axis="1 0 0"/>
    <geom size="0.005" pos="-0.05 0 -0.03"/>
    <geom size="0.005" pos="0.12 0.02 -0.03"/>
    <geom size="0.005" pos="0.12 -0.02 -0.03"/>
   </body>
  </body>
  <body name="torso" pos="0 0 0.2"><joint name="waist" axis="0 0 1"/></body>
 </body>
</worldbody></mujoco>"""
STANDING = "1,2,0.8,0,0,0,1,0,0,0"
TURNED = f"1,2,0.8,0,0,{np.sqrt(0.5)},{np.sqrt(0.5)},{-np.pi / 2},0,0"


@pytest.fixture
def files(tmp_path):
    def write(rows=(STANDING,), xml=XML):
        (tmp_path / "dance.csv").write_text("\n".join(rows) + "\n")
        (tmp_path / "robot.xml").write_text(xml)
        return tmp_path / "dance.csv", tmp_path / "robot.xml"

    return write


def test_the_robots_forward_is_our_forward_and_its_left_our_left(files):
    motion = unitree_g1.read(*files())

    hip = motion.positions_m()[0, motion.skeleton.index("hip")]

    assert motion.frame_rate_hz == 60.0
    np.testing.assert_allclose(motion.root_positions_m[0], [2, 0.8, 1])
    np.testing.assert_allclose(hip, [2 + 0.1, 0.7, 1])


def test_a_hinge_turns_what_hangs_on_it_and_the_pelvis_turns_all(files):
    motion = unitree_g1.read(*files([TURNED]))

    places = motion.positions_m()[0]

    # Turned left by a quarter, the robot faces our +x; the thigh, pitched by -90 degrees, points ahead.
    np.testing.assert_allclose(places[motion.skeleton.index("hip")], [2, 0.7, 1 - 0.1], atol=1e-9)
    np.testing.assert_allclose(places[motion.skeleton.index("foot")], [2.5, 0.7, 0.9], atol=1e-9)


def test_a_foot_ends_at_its_foremost_contact_points(files):
    skeleton = unitree_g1.read(*files()).skeleton

    np.testing.assert_allclose(skeleton.tips_m[skeleton.index("foot")], [0, -0.03, 0.12])
    np.testing.assert_allclose(skeleton.tips_m[skeleton.index("torso")], 0)


@pytest.mark.parametrize(
    ("rows", "xml", "says"),
    [
        (["1,2,3"], XML, "dance.csv, line 1: 3 columns where this robot needs 10"),
        ([STANDING, STANDING.replace("0.8", "x")], XML, "line 2: expected numbers"),
        ([STANDING, STANDING.replace("0.8", "nan")], XML, "line 2: a number is not finite"),
        ([STANDING.replace("0,0,0,1", "0,0,0,2")], XML, "line 1: the pelvis rotation is no unit quaternion"),
        ([""], XML, "the file is empty"),
        ([STANDING], "<mujoco>", "robot.xml: this is no XML file"),
        ([STANDING], "<mujoco/>", "no body stands in its world"),
        ([STANDING], '<!DOCTYPE x [<!ENTITY a "b">]>' + XML, "declarations are not accepted"),
        ([STANDING], XML.replace('pos="0 0 0.2"', 'pos="0 0"'), "pos= holds 2 numbers"),
    ],
)
def test_a_broken_file_is_refused_in_a_sentence(files, rows, xml, says):
    with pytest.raises(MotionFileError) as refused:
        unitree_g1.read(*files(rows, xml))

    assert says in str(refused.value)


@pytest.mark.shared_data
def test_the_real_robots_bodies_are_where_its_maker_says(shared_data, tmp_path):
    folder = shared_data / "mocap"
    truth = np.load(folder / "soma" / "wave_R_001__A428.npz")
    rows = np.concatenate([truth["robot_root_pos"], truth["robot_root_quat"], truth["robot_joint_pos"]], axis=1)
    np.savetxt(tmp_path / "wave.csv", rows, delimiter=",", fmt="%.8f")

    motion = unitree_g1.read(tmp_path / "wave.csv", folder / "g1_moves" / "g1_29dof.xml", 50.0)

    joints = [motion.skeleton.index(str(name)) for name in truth["robot_body_names"]]
    errors = np.linalg.norm(motion.positions_m()[:, joints] - truth["robot_body_pos"][..., [1, 2, 0]], axis=-1)
    assert np.median(errors) < 0.002
    assert errors.max() < 0.015
