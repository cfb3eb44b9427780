import contextlib
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from app.__main__ import main
from app.commands import train
from engine.generation.checkpoint import load_model
from tests.patience import PATIENCE_S
from tests.tiny import dancing, preset_file, write_prepared

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def lesson(tmp_path_factory):
    """A prepared folder with one take to learn from and one held out, and a preset beside it."""
    folder = tmp_path_factory.mktemp("lesson")
    preset_file(folder / "tiny.toml")
    return write_prepared(folder / "prepared", [
        ("ballet_1", "ballet", "dance", "train", dancing(90, 1)),
        ("ballet_9", "ballet", "dance", "validation", dancing(80, 9)),
    ])  # fmt: skip


@pytest.fixture
def call(lesson, tmp_path, capsys):
    """Runs `kinetograph train`: the exit code, what was printed, and what was complained."""

    def run(*options, preset=lesson.parent / "tiny.toml", data=lesson):
        arguments = ["train", str(preset), "--data", str(data), "--out", str(tmp_path / "run"), "--device", "cpu"]
        try:
            code = main([*arguments, *options])
        except SystemExit as ended:
            code = ended.code
        said = capsys.readouterr()
        return code, said.out, said.err

    return run


def is_one_sentence(complaint):
    return complaint.startswith("kinetograph: ") and complaint.endswith(".\n") and complaint.count("\n") == 1


def test_a_run_ends_in_a_model_with_its_card(call, tmp_path):
    code, said, complaint = call()

    assert (code, complaint) == (0, "")
    figures, where = said.splitlines()
    assert figures.startswith("Step 6, ")
    assert where == f"The model at step 6 is in {tmp_path / 'run' / 'model'}."
    model = load_model(tmp_path / "run" / "model")
    assert model.styles == ("ballet",)
    card = json.loads((tmp_path / "run" / "model" / "card.json").read_text("utf-8"))
    assert (card["preset"], card["steps"]) == ("tiny", 6)
    left = {p.name for p in (tmp_path / "run").iterdir()}
    assert left == {"log.csv", "losses.png", "model", "state.pt", "weights.safetensors"}


def test_a_run_goes_on_where_it_stopped(call, tmp_path):
    call("--steps", "2")
    code, said, _ = call()

    assert code == 0
    assert said.startswith(f"Going on from step 2 of {tmp_path / 'run'}.\n")
    assert "The model at step 6 " in said


def test_a_fresh_run_begins_at_the_beginning(call):
    call("--steps", "2")
    code, said, _ = call("--fresh", "--steps", "1")

    assert code == 0
    assert "The model at step 1 " in said


def test_a_run_can_be_finished_as_it_is(call, tmp_path):
    call("--steps", "2")
    code, said, _ = call("--finish")

    assert code == 0
    assert "The model at step 2 " in said


def test_a_finished_model_is_trained_further(call, tmp_path):
    call("--steps", "1")
    (tmp_path / "run").rename(tmp_path / "first")
    no_game = ["--set", "weights.adversarial = 0", "--set", "weights.feature_matching = 0"]
    code, _, complaint = call("--from", str(tmp_path / "first" / "model"), "--steps", "2", *no_game)

    assert (code, complaint) == (0, "")
    first, second = (load_model(tmp_path / name / "model") for name in ("first", "run"))
    assert second.card["trained_further"]["from"] == first.digest
    assert second.bank.codes.tobytes() == first.bank.codes.tobytes()
    assert second.marks is not None


def test_what_was_never_begun_cannot_be_finished(call, tmp_path):
    code, said, complaint = call("--finish")

    assert (code, said) == (1, "")
    assert is_one_sentence(complaint)
    assert not (tmp_path / "run" / "model").exists()


def test_the_handler_of_sigterm_is_given_back(call):
    before = signal.getsignal(signal.SIGTERM)

    call("--steps", "1")

    assert signal.getsignal(signal.SIGTERM) is before


def test_data_that_was_not_prepared_is_refused(call, tmp_path):
    code, said, complaint = call(data=tmp_path / "nothing")

    assert (code, said) == (1, "")
    assert is_one_sentence(complaint)
    assert "data prepare" in complaint


@pytest.mark.parametrize("preset", ["tango", "nowhere/tango.toml"])
def test_an_unknown_preset_is_refused(call, preset):
    code, _, complaint = call(preset=preset)

    assert code == 1
    assert is_one_sentence(complaint)
    assert "'tango'" in complaint


@pytest.mark.parametrize(
    "options", [("--steps", "0"), ("--steps", "many"), ("--threads", "0"), ("--threads", "-2"), ("--speed", "9")]
)
def test_a_mistake_in_the_call_has_exit_code_2(call, options):
    code, said, complaint = call(*options)

    assert (code, said) == (2, "")
    assert options[0] in complaint


@pytest.mark.parametrize(("seconds", "clock"), [(0.4, "00:00:00"), (3725.0, "01:02:05"), (200_000.0, "55:33:20")])
def test_time_left_is_told_beyond_a_day(seconds, clock):
    assert train._clock(seconds) == clock


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="a process is ended there without being asked")
def test_a_run_that_is_told_to_end_keeps_what_it_reached(lesson, call, tmp_path):
    preset = preset_file(tmp_path / "long.toml", total_steps=100_000)
    call("--steps", "1", preset=preset)
    run = [sys.executable, "-m", "app", "train", str(preset), "--data", str(lesson), "--out", str(tmp_path / "run")]
    terminal, end = os.openpty()  # on a terminal it says how far it is
    with subprocess.Popen(
        [*run, "--device", "cpu", "--threads", "1"], cwd=ROOT, text=True, stdout=subprocess.PIPE,
        stderr=end, env=os.environ | {"OMP_NUM_THREADS": "1", "PYTHONUNBUFFERED": "1"},
    ) as process:  # fmt: skip
        os.close(end)
        began = process.stdout.readline()
        shown = os.read(terminal, 1000).decode()  # into the steps
        process.send_signal(signal.SIGTERM)
        said, _ = process.communicate(timeout=PATIENCE_S)
    with open(terminal, "rb", buffering=0) as rest, contextlib.suppress(OSError):  # Linux ends a terminal with one
        while part := rest.read(1000):
            shown += part.decode()

    assert began.startswith("Going on from step 1 ")
    assert (process.returncode, said) == (1, "")
    complaint = shown.splitlines()[-1]
    stopped_at = int(complaint.removeprefix("Stopped at step ").removesuffix("."))
    assert stopped_at > 1
    code, said, _ = call("--finish", preset=preset)
    assert code == 0
    assert f"The model at step {stopped_at} " in said
