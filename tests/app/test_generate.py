import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile

from app.__main__ import main
from engine.formats import bvh
from engine.generation.checkpoint import CARD, WEIGHTS, save_model
from tests.songs import click_track
from tests.tiny import prepared_folder, tiny_model

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def model_folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tiny")
    save_model(tiny_model(prepared_folder(folder / "prepared")), folder / "model")
    return folder / "model"


@pytest.fixture(scope="module")
def song(tmp_path_factory):
    """Five seconds of clicks at 120 to the minute."""
    clicks = click_track(120.0, 5.0).audio
    path = tmp_path_factory.mktemp("songs") / "clicks.wav"
    soundfile.write(path, clicks.samples[0], clicks.sample_rate_hz)
    return path


@pytest.fixture(scope="module", autouse=True)
def cache_of_its_own(tmp_path_factory):
    """Analyses are kept in a folder of these tests, not in the user's."""
    with pytest.MonkeyPatch.context() as patch:
        for variable in ("XDG_CACHE_HOME", "LOCALAPPDATA", "HOME"):
            patch.setenv(variable, str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture
def call(model_folder, song, tmp_path, capsys):
    """Runs `kinetograph generate`: the exit code, what was printed, and what was complained."""

    def run(*options, song=song, out="dance.bvh", model=model_folder):
        arguments = ["generate", str(song), "-o", str(tmp_path / out), "--model", str(model), *options]
        try:
            code = main(arguments)
        except SystemExit as ended:
            code = ended.code
        said = capsys.readouterr()
        return code, said.out, said.err

    return run


def is_one_sentence(complaint):
    return complaint.startswith("kinetograph: ") and complaint.endswith("\n") and complaint.count("\n") == 1


# --- dances --------------------------------------------------------------------------------------


def test_a_song_becomes_a_dance_of_its_length(call, tmp_path):
    code, said, complaint = call()

    assert (code, complaint) == (0, "")
    assert said == f"{tmp_path / 'dance.bvh'}: 150 frames at 30 frames per second.\n"
    dance = bvh.read(tmp_path / "dance.bvh")
    assert dance.n_frames == 150
    assert dance.frame_rate_hz == pytest.approx(30.0, rel=1e-4)
    assert os.listdir(tmp_path) == ["dance.bvh"]


def test_takes_are_numbered_and_differ(call, tmp_path):
    code, said, _ = call("--takes", "2", "--json")

    made = json.loads(said)
    assert code == 0
    assert sorted(os.listdir(tmp_path)) == ["dance-1.bvh", "dance-2.bvh"]
    assert [take["file"] for take in made] == [str(tmp_path / f"dance-{i}.bvh") for i in (1, 2)]
    assert [take["recipe"]["seed"] for take in made] == [0, 1]
    one, other = (bvh.read(tmp_path / f"dance-{i}.bvh") for i in (1, 2))
    assert np.abs(one.positions_m() - other.positions_m()).max() > 0.01


def test_json_tells_what_makes_the_same_dance_again(call, tmp_path):
    options = ("--style", "ballet=0.7,salsa=0.3", "--joy", "0.5", "--seed", "7", "--intensity", "1.2", "--json")
    _, first, _ = call(*options)
    written = (tmp_path / "dance.bvh").read_bytes()
    _, again, _ = call(*options)

    told, repeated = json.loads(first), json.loads(again)
    recipe = told["recipe"]
    assert recipe["style"] == {"ballet": 0.7, "salsa": 0.3}
    assert recipe["emotion"] == {"joy": 0.5}
    assert (recipe["seed"], recipe["intensity"], recipe["song"]) == (7, 1.2, "clicks.wav")
    assert len(recipe["model"]) == len(recipe["request"]) == 64
    assert told["tempo_bpm"] == pytest.approx(120.0, abs=1.0)
    assert set(told["seconds"]) == {"analysis", "loading", "generation"}
    assert repeated["recipe"] == recipe
    assert (tmp_path / "dance.bvh").read_bytes() == written


def test_the_recipe_tells_another_emotion_from_none(call):
    recipes = [json.loads(call("--json", *options)[1])["recipe"] for options in ((), ("--sorrow", "1"))]

    assert recipes[0]["request"] != recipes[1]["request"]


def test_silence_and_a_moment_of_sound_are_danced_to(call, tmp_path):
    for name, seconds, expected in (("silence.wav", 2.0, 60), ("moment.wav", 0.2, 6)):
        soundfile.write(tmp_path / name, np.zeros(round(seconds * 8000)), 8000)
        code, _, complaint = call(song=tmp_path / name, out=name + ".bvh")

        assert (code, complaint) == (0, "")
        assert bvh.read(tmp_path / (name + ".bvh")).n_frames == expected


# --- refusals ------------------------------------------------------------------------------------


def test_a_missing_song_is_refused(call, tmp_path):
    code, said, complaint = call(song=tmp_path / "nowhere.mp3")

    assert (code, said) == (1, "")
    assert is_one_sentence(complaint)
    assert "nowhere.mp3" in complaint


def test_a_file_that_is_no_sound_is_refused(call, tmp_path):
    (tmp_path / "letter.wav").write_text("Dear choreographer,\n" * 100)
    code, said, complaint = call(song=tmp_path / "letter.wav")

    assert (code, said) == (1, "")
    assert is_one_sentence(complaint)
    assert "letter.wav" in complaint
    assert not (tmp_path / "dance.bvh").exists()


@pytest.mark.parametrize(
    ("options", "word"),
    [
        (("--style", "tango"), "tango"),
        (("--style", "ballet=0"), "weight"),
        (("--style", "walk"), "walk"),
        (("--takes", "0"), "takes"),
        (("--takes", "101"), "takes"),
        (("--seed", "-1"), "seed"),
        (("--intensity", "nan"), "Intensity"),
        (("--intensity", "-2"), "Intensity"),
        (("--device", "abacus"), "abacus"),
        (("--device", "cuda:99"), "cuda:99"),
    ],
)
def test_what_cannot_be_asked_for_is_refused_in_a_sentence(call, tmp_path, options, word):
    code, said, complaint = call(*options)

    assert (code, said) == (1, "")
    assert is_one_sentence(complaint)
    assert word in complaint
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("out", ["dance.fbx", "dance", "nowhere/dance.bvh"])
def test_a_dance_is_written_only_where_and_as_it_can_be(call, tmp_path, out):
    code, _, complaint = call(out=out)

    assert code == 1
    assert is_one_sentence(complaint)
    assert out.split("/")[0] in complaint


def test_a_folder_in_the_place_of_the_dance_is_refused(call, tmp_path):
    (tmp_path / "dance.bvh").mkdir()
    code, _, complaint = call()

    assert code == 1
    assert is_one_sentence(complaint)
    assert "dance.bvh" in complaint


@pytest.mark.parametrize("lost", [WEIGHTS, CARD])
def test_a_model_that_lacks_a_file_is_refused(call, model_folder, tmp_path, lost):
    shutil.copytree(model_folder, tmp_path / "broken")
    (tmp_path / "broken" / lost).unlink()
    code, _, complaint = call(model=tmp_path / "broken")

    assert code == 1
    assert is_one_sentence(complaint)
    assert lost in complaint


@pytest.mark.parametrize(
    "options",
    [
        ("--joy", "2"), ("--joy", "much"), ("--sorrow", "nan"), ("--style", "ballet=lots"), ("--style", ""),
        ("--style", "ballet=-1"), ("--style", "=1"), ("--takes", "two"), ("--seed", "1.5"), ("--envy", "1"),
        ("--novelty", "7"),
    ],
)  # fmt: skip
def test_a_mistake_in_the_call_has_exit_code_2_and_names_the_option(call, tmp_path, options):
    code, said, complaint = call(*options)

    assert (code, said) == (2, "")
    assert options[0] in complaint
    assert "Traceback" not in complaint
    assert os.listdir(tmp_path) == []


def test_without_a_song_or_a_place_for_the_dance_the_call_is_a_mistake(capsys):
    for arguments in (["generate"], ["generate", "song.wav"]):
        with pytest.raises(SystemExit) as ended:
            main(arguments)
        assert ended.value.code == 2
        assert "required" in capsys.readouterr().err


@pytest.mark.slow
def test_the_command_tells_the_shell_how_it_went(model_folder, song, tmp_path):
    def shell(*arguments):
        return subprocess.run(
            [sys.executable, "-m", "app", "generate", *arguments], capture_output=True, text=True, cwd=ROOT, check=False
        )

    made = shell(str(song), "-o", str(tmp_path / "a.bvh"), "--model", str(model_folder), "--device", "cpu")
    refused = shell(str(tmp_path / "no.wav"), "-o", str(tmp_path / "b.bvh"), "--model", str(model_folder))
    mistaken = shell("--joy", "2")

    assert (made.returncode, made.stderr) == (0, "")
    assert (refused.returncode, refused.stdout) == (1, "")
    assert is_one_sentence(refused.stderr)
    assert (mistaken.returncode, mistaken.stdout) == (2, "")
