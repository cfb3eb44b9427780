"""The start script's decisions, without a network and without installing anything."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import run

PYPROJECT = (run.ROOT / "pyproject.toml").read_text("utf-8")
LISTING = """torch (2.15.0)
Available versions: 2.15.0, 2.14.1, 2.13.0+cpu, 2.13.0, 2.9.1, 2.5.1
  INSTALLED: 2.13.0+cpu
"""


@pytest.mark.parametrize("name", ["debian-runtime.txt", "debian-test.txt"])
def test_every_listed_package_says_what_shows_that_it_is_there(name):
    needs = run.read_needs((run.ROOT / "packaging" / name).read_text("utf-8"))

    assert needs
    assert all(package == package.lower() and sign for package, sign in needs.items())


def test_a_list_may_hold_comments_and_empty_lines():
    assert run.read_needs("# title\n\nlibegl1  libEGL.so.1  # for drawing\n") == {"libegl1": "libEGL.so.1"}


def test_a_list_whose_line_lacks_its_sign_is_refused():
    with pytest.raises(ValueError, match="length 1"):
        run.read_needs("libegl1\n")


def test_missing_packages_keep_the_order_of_the_list():
    needs = {"c": "libc.so", "a": "liba.so", "b": "libb.so"}

    assert run.missing(needs, {"liba.so"}.__contains__) == ["c", "b"]


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the names of Linux libraries")
def test_signs_are_looked_for_as_what_they_are(tmp_path):
    (tmp_path / "font.ttf").touch()

    there = ["libc.so.6", "python:venv", "sh", f"{tmp_path}/*.ttf"]
    not_there = ["libnosuch.so.9", "python:nosuch", "no-such-command", f"{tmp_path}/*.otf"]

    assert [run.is_there(sign) for sign in there] == [True] * 4
    assert [run.is_there(sign) for sign in not_there] == [False] * 4


def test_debian_users_are_told_the_command():
    told = run.advice(["libegl1", "libgl1"], {"libegl1": "libEGL.so.1", "libgl1": "libGL.so.1"}, on_debian=True)

    assert told.endswith("    sudo apt-get install libegl1 libgl1")


def test_users_of_other_systems_are_told_the_libraries():
    told = run.advice(["libegl1"], {"libegl1": "libEGL.so.1"}, on_debian=False)

    assert "libEGL.so.1" in told
    assert "apt" not in told


def test_the_newest_version_within_the_range_is_found():
    assert run.newest_fitting("torch>=2.6,<2.14", LISTING) == "2.13.0+cpu"
    assert run.newest_fitting("torch>=2.6,<2.13", LISTING) == "2.9.1"
    assert run.newest_fitting("torch>=2.6,<2.7", LISTING) == ""
    assert run.newest_fitting("torch>=2.6,<2.14", "ERROR: No matching distribution found for torch") == ""


def test_the_project_says_which_torch_it_takes():
    assert run.torch_requirement(PYPROJECT).startswith("torch>=")
    assert run.torch_requirement('[project]\ndependencies = ["torchvision>=0.2", "torch>=2,<3"]') == "torch>=2,<3"


CPU, CUDA = run.PYTORCH_INDEX + "cpu", run.PYTORCH_INDEX + "cu128"


@pytest.mark.parametrize(
    ("system", "has_card", "offers", "index"),
    [
        ("linux", False, {None: "2.13.0", CPU: "2.13.0+cpu"}, CPU),
        ("linux", False, {None: "2.13.0+cpu"}, None),  # a build for the processor is at hand already
        ("linux", False, {None: "2.13.0", CPU: ""}, None),  # no answer
        ("linux", True, {None: "2.13.0", CPU: "2.13.0+cpu"}, None),
        ("win32", True, {None: "2.13.0", CUDA: "2.13.0+cu128"}, CUDA),
        ("win32", True, {None: "2.13.0", CUDA: "2.13.0+cpu"}, None),  # an answer from elsewhere
        ("win32", False, {None: "2.13.0"}, None),
        ("darwin", False, {None: "2.13.0"}, None),
    ],
)
def test_torch_comes_from_where_the_build_for_this_machine_lies(system, has_card, offers, index):
    assert run.choose_torch_index(system, has_card, offers.__getitem__) == index


def test_an_index_that_does_not_answer_is_named(capsys):
    run.choose_torch_index("linux", False, {None: "2.13.0", CPU: ""}.__getitem__)

    assert CPU in capsys.readouterr().err


def test_only_what_pip_acts_on_changes_the_fingerprint():
    fingerprint = run.fingerprint_of(PYPROJECT)

    assert run.fingerprint_of(PYPROJECT.replace("line-length = 120", "line-length = 100")) == fingerprint
    assert run.fingerprint_of(PYPROJECT.replace('"numpy>=', '"numpy>')) != fingerprint
    assert run.fingerprint_of(PYPROJECT.replace('"app.commands",', "")) != fingerprint


@pytest.fixture
def environment(tmp_path, monkeypatch) -> Path:
    """An environment with one package in it, in place of the project's own."""
    for name in ("PYTHON", "LOG", "STAMP"):
        monkeypatch.setattr(run, name, tmp_path / getattr(run, name).relative_to(run.VENV))
    monkeypatch.setattr(run, "VENV", tmp_path)
    packages = "Lib/site-packages" if sys.platform == "win32" else "lib/python3.11/site-packages"
    (tmp_path / packages / "numpy-2.4.6.dist-info").mkdir(parents=True)
    run.PYTHON.parent.mkdir(parents=True)
    run.PYTHON.touch()
    stamp = {"fingerprint": "f", "root": str(run.ROOT), "extras": ["dev"], "installed": ["numpy-2.4.6.dist-info"]}
    run.write_stamp(stamp | {"lacking": {"debian-runtime.txt": [], "debian-test.txt": ["xvfb"]}})
    return tmp_path


def is_ready(fingerprint="f", extras=(), lists=("debian-runtime.txt",)) -> bool:
    return run.is_ready(run.read_stamp(), fingerprint, set(extras), lists)


@pytest.mark.usefixtures("environment")
def test_a_finished_environment_needs_nothing():
    assert is_ready()
    assert is_ready(extras=["dev"])


@pytest.mark.usefixtures("environment")
def test_a_change_needs_a_new_installation(monkeypatch):
    assert not is_ready(fingerprint="g")
    assert not is_ready(extras=["bench"])
    assert not is_ready(lists=("debian-runtime.txt", "debian-test.txt"))
    monkeypatch.setattr(run, "ROOT", run.ROOT / "moved")
    assert not is_ready()


def test_a_damaged_environment_needs_a_new_installation(environment):
    next(environment.rglob("numpy*.dist-info")).rmdir()

    assert not is_ready()


def test_a_package_whose_installation_was_cut_off_is_found(environment):
    folder = next(environment.rglob("numpy*.dist-info"))

    assert run.torn_packages() == [folder]
    (folder / "INSTALLER").write_text("pip\n")
    assert run.torn_packages() == []


@pytest.mark.parametrize("content", ["", "{", "[]", "null", '"x"', "{}"])
@pytest.mark.usefixtures("environment")
def test_a_stamp_that_makes_no_sense_counts_as_none(content):
    run.STAMP.write_text(content)

    assert not is_ready()


@pytest.mark.usefixtures("environment")
def test_an_interpreter_that_does_not_start_does_not_work():
    assert not run.works(run.PYTHON.parent / "nosuch")
    assert run.works(Path(sys.executable))


def test_the_log_line_that_names_the_error_is_shown():
    assert run.last_error("Collecting x\nERROR: No matching distribution\n\nnotice: pip 99\n").startswith("ERROR: No")
    assert run.last_error("E: Unable to locate package\n") == "E: Unable to locate package"
    assert run.last_error("  error: no folder x\nerror: subprocess-exited-with-error\n") == "error: no folder x"
    assert run.last_error("Killed\n") == "Killed"
    assert run.last_error("")


@pytest.mark.usefixtures("environment")
def test_a_failing_step_says_what_failed_and_where_its_log_is(capsys):
    program = "print('ERROR: the disk is full'); raise SystemExit(3)"

    with pytest.raises(run.SetupFailed, match=r"^PyTorch failed: ERROR: the disk is full \(All of it: .*setup.log\)$"):
        run.step("PyTorch", [sys.executable, "-c", program])

    assert capsys.readouterr().err == "Setting up Kinetograph: PyTorch ...\n"


def test_tests_end_with_pytest():
    commands = run.test_commands(["-k", "bvh"], lends_screen=False)

    assert list(commands) == ["ruff", "mypy", "pytest"]
    assert commands["pytest"][-4:] == ["-n", "2", "-k", "bvh"]


def test_fast_leaves_the_slow_tests_out():
    command = run.test_commands(["--fast", "tests/test_run.py"], lends_screen=True)["pytest"]

    assert command[: len(run.SCREEN)] == list(run.SCREEN)
    assert command[-3:] == ["-m", "not slow", "tests/test_run.py"]


def test_the_tour_gets_the_arguments_and_a_screen_where_there_is_none():
    command = run.tour_command(["pictures", "--only", "dark-1280"], lends_screen=True)

    assert command[: len(run.SCREEN)] == list(run.SCREEN)
    assert command[-4:] == ["tests.tour.pictures", "pictures", "--only", "dark-1280"]
    assert run.tour_command([], lends_screen=False)[0] == str(run.PYTHON)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux can be lent a screen")
@pytest.mark.parametrize("name", ["DISPLAY", "WAYLAND_DISPLAY"])
def test_no_screen_is_lent_where_there_is_one(monkeypatch, name):
    monkeypatch.setenv(name, ":0")

    assert not run.lends_screen()


def test_an_unknown_benchmark_is_refused_with_the_known_ones(capsys):
    assert run.run_benchmarks(["weather"]) == 2
    assert "'weather'" in capsys.readouterr().err


def test_an_old_python_is_told_so(monkeypatch, capsys):
    monkeypatch.setattr(sys, "version_info", (3, 9, 2))

    assert run.main([]) == 1
    assert "needs Python 3.11 or newer; this is 3.9" in capsys.readouterr().err


def test_the_script_loads_the_standard_library_only():
    program = "import sys; before = set(sys.modules); import run; print(*(set(sys.modules) - before))"
    ran = subprocess.run([sys.executable, "-c", program], cwd=run.ROOT, capture_output=True, text=True, check=True)

    assert {name.split(".")[0] for name in ran.stdout.split()} <= set(sys.stdlib_module_names) | {"run"}
