"""`kinetograph render` as a user calls it: real motion files in, real pictures out."""

from __future__ import annotations

import av
import numpy as np
import pytest
import soundfile
from PIL import Image

from app.__main__ import main
from app.commands.render import load, write_sheet
from app.counting import Counting
from engine.formats import bvh
from engine.motion.house import HOUSE
from engine.motion.motion import Motion
from engine.motion.skeleton import Skeleton
from tests.app.demos import short_demo
from tests.poses import swinging
from viewer3d.caption import LABEL_HEIGHT

pytestmark = pytest.mark.gl


@pytest.fixture
def dance(tmp_path):
    bvh.write(tmp_path / "dance.bvh", swinging(24))
    return tmp_path / "dance.bvh"


def renamed(motion: Motion) -> Motion:
    """The same movement on a skeleton that another program might have written."""
    other = {"Hips": "pelvis", "LeftUpLeg": "thigh_l", "RightUpLeg": "thigh_r", "Head": "skull"}
    names = tuple(other.get(name, name) for name in HOUSE.names)
    skeleton = Skeleton(names, HOUSE.parents.copy(), HOUSE.offsets_m.copy(), HOUSE.tips_m.copy())
    return Motion(skeleton, motion.frame_rate_hz, motion.root_positions_m.copy(), motion.local_rotations.copy())


def frames_of(path) -> list[np.ndarray]:
    with av.open(path) as container:
        return [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]


def test_a_video_of_the_whole_dance(dance, tmp_path, capsys):
    assert main(["render", str(dance), "-o", str(tmp_path / "out.mp4"), "--size", "160x90"]) == 0

    frames = frames_of(tmp_path / "out.mp4")
    assert len(frames) == 24
    assert frames[0].shape == (90, 160, 3)
    assert np.abs(frames[0].astype(int) - frames[4]).mean() > 0.5
    assert str(tmp_path / "out.mp4") in capsys.readouterr().out


def test_a_part_of_it_at_another_rate(dance, tmp_path):
    out = tmp_path / "out.mp4"
    part = ["--start", "0.5", "--duration", "0.25", "--fps", "24", "--size", "64x64", "--clean"]

    assert main(["render", str(dance), "-o", str(out), *part]) == 0
    assert len(frames_of(out)) == 6


def test_the_music_is_heard_from_where_the_video_starts(dance, tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    sound = np.zeros(22050 * 4, np.float32)
    sound[15435:15735] = 0.9  # a click at 0.7 s
    soundfile.write(tmp_path / "song.wav", sound, 22050)
    out = tmp_path / "out.mp4"

    song = str(tmp_path / "song.wav")

    assert main(["render", str(dance), "--music", song, "-o", str(out), "--size", "64x64", "--start", "0.5"]) == 0

    with av.open(out) as container:
        frames = list(container.decode(audio=0))
        heard = np.concatenate([frame.to_ndarray()[0] for frame in frames])
        start_s = float(frames[0].pts * frames[0].time_base)
    assert np.flatnonzero(np.abs(heard) > 0.3)[0] / 48000 + start_s == pytest.approx(0.2, abs=0.01)
    assert len(heard) / 48000 == pytest.approx(0.3, abs=0.05)


def test_two_dances_stand_side_by_side(dance, tmp_path):
    out = tmp_path / "out.mp4"
    options = ["--size", "162x90", "--duration", "0.1", "--clean"]

    assert main(["render", str(dance), str(dance), "-o", str(out), *options]) == 0

    frame = frames_of(out)[0].astype(int)
    assert np.abs(frame[20:80, :80] - frame[20:80, 82:162]).mean() < 4.0


def test_a_contact_sheet_has_the_cells_it_was_asked_for(dance, tmp_path):
    out = tmp_path / "sheet.png"

    assert main(["render", str(dance), "-o", str(out), "--frames", "4", "--camera", "side"]) == 0

    with Image.open(out) as sheet:
        assert sheet.size == (2 * 16 + 4 * 232 + 3 * 6, 2 * 16 + 42 + 300 + LABEL_HEIGHT)


def test_sheets_of_two_dances_stand_one_above_the_other(dance, tmp_path):
    one, two = tmp_path / "one.png", tmp_path / "two.png"

    main(["render", str(dance), "-o", str(one), "--frames", "2"])
    main(["render", str(dance), str(dance), "-o", str(two), "--frames", "2"])

    with Image.open(one) as single, Image.open(two) as double:
        assert double.size == (single.size[0], 2 * single.size[1])


def test_a_sheet_to_music_stands_on_its_beats(tmp_path):
    demo = short_demo(tmp_path, swinging(160, 40.0))
    counting = Counting(demo.analysis)

    write_sheet(tmp_path / "sheet.png", [demo.motion], ["x"], counting, 0.0, 4.0, 16, "front")

    with Image.open(tmp_path / "sheet.png") as opened:
        sheet = np.asarray(opened).astype(int)
    cells = [sheet[58:358, 16 + 238 * i : 248 + 238 * i] for i in range(8)]
    # The dancer swings twice a second and the beats come four times: she is in the middle on every beat.
    assert max(np.abs(cell - cells[0]).mean() for cell in cells) < 0.2
    assert sheet.shape[1] == 2 * 16 + 8 * 232 + 7 * 6


def test_another_programs_skeleton_is_drawn_as_the_dancer_or_as_it_is(tmp_path):
    bvh.write(tmp_path / "other.bvh", renamed(swinging(6)))

    assert load(tmp_path / "other.bvh").skeleton is HOUSE
    assert load(tmp_path / "other.bvh", is_raw=True).skeleton.names[0] == "pelvis"


def test_what_is_no_body_is_drawn_as_it_is_and_said_so(tmp_path, capsys):
    rope = Skeleton(("a", "b", "c"), np.array([-1, 0, 1]), np.array([[0, 0, 0], [0, 1.0, 0], [0, 1.0, 0]]))
    still = Motion(rope, 30.0, np.zeros((2, 3)), np.tile([1.0, 0, 0, 0], (2, 3, 1)))
    bvh.write(tmp_path / "rope.bvh", still)

    assert load(tmp_path / "rope.bvh").skeleton.names == ("a", "b", "c")
    assert "It is drawn as it is." in capsys.readouterr().err


@pytest.mark.parametrize(
    ("options", "code", "sentence"),
    [
        (["-o", "out.avi"], 2, "ends neither in .mp4 (a video) nor in .png (a contact sheet)"),
        (["-o", "out.mp4", "--size", "big"], 2, "no size in pixels such as 1280x720"),
        (["-o", "out.mp4", "--size", "0x720"], 2, "each side from 16"),
        (["-o", "out.mp4", "--fps", "0"], 2, "is not above zero"),
        (["-o", "out.mp4", "--duration", "nan"], 2, "is no number"),
        (["-o", "out.mp4", "--start", "-1"], 2, "is below zero"),
        (["-o", "out.png", "--frames", "0"], 2, "no whole number from 1"),
        (["-o", "out.mp4", "--start", "9"], 1, "ends at 0.80 s, before --start 9"),
        (["-o", "out.mp4", "--music", "none.ogg"], 1, "none.ogg: there is no such file"),
    ],
)
def test_mistakes_are_answered_in_a_sentence(dance, tmp_path, monkeypatch, capsys, options, code, sentence):
    monkeypatch.chdir(tmp_path)

    if code == 2:
        with pytest.raises(SystemExit, match="2"):
            main(["render", str(dance), *options])
    else:
        assert main(["render", str(dance), *options]) == code

    said = " ".join(capsys.readouterr().err.split())
    assert sentence in said
    assert not list(tmp_path.glob("out.*"))


def test_a_missing_motion_is_answered_in_a_sentence(tmp_path, capsys):
    assert main(["render", str(tmp_path / "none.bvh"), "-o", str(tmp_path / "out.png")]) == 1
    assert "none.bvh" in capsys.readouterr().err
