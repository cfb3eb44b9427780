"""The command line as a shell sees it: what is printed where, and the exit code."""

from __future__ import annotations

import importlib
import os
import subprocess
import sys
from pathlib import Path

import pytest

from app.__main__ import COMMANDS, main
from app.resources import resource_path

ROOT = Path(__file__).resolve().parents[2]
ELSEWHERE = "or name another place"

PLANTED = '''
import errno
from engine.errors import AudioFileError, Cancelled
from pathlib import Path

TROUBLE = {
    "refused": AudioFileError(Path("/songs/a.txt"), "this is not a sound."),
    "cancelled": Cancelled(),
    "stopped": Cancelled("Stopped at step 7."),
    "ctrl-c": KeyboardInterrupt(),
    "full": OSError(errno.ENOSPC, "No space left on device", "/out/dance.bvh"),
    "unnamed": OSError(errno.ENOSPC, "No space left on device"),
    "folder": IsADirectoryError(errno.EISDIR, "Is a directory", "/out"),
    "forbidden": PermissionError(errno.EACCES, "Permission denied", "/no.bvh"),
    "bug": ZeroDivisionError("division by zero"),
    "odd": OSError(errno.ELOOP, "Too many levels of symbolic links", "/loop"),
}


def add_arguments(parser):
    parser.add_argument("how", nargs="?", default="well")


def run(args):
    if args.how in TROUBLE:
        raise TROUBLE[args.how]
    print(args.how)
    return 0
'''


@pytest.fixture
def planted(tmp_path, monkeypatch):
    """A command `try HOW` that fares as it is told."""
    (tmp_path / "planted_command.py").write_text(PLANTED)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setitem(COMMANDS, "try", ("planted_command", "fare as told"))
    yield
    sys.modules.pop("planted_command", None)


@pytest.mark.usefixtures("planted")
def test_a_command_gets_its_arguments_and_gives_the_exit_code(capsys):
    assert main(["try"]) == 0
    assert capsys.readouterr() == ("well\n", "")


@pytest.mark.parametrize(
    ("how", "told"),
    [
        ("refused", "kinetograph: a.txt: this is not a sound."),
        ("cancelled", "Cancelled; nothing was written."),
        ("stopped", "Stopped at step 7."),
        ("ctrl-c", "Cancelled; nothing was written."),
        ("full", f"kinetograph: the disk is full: /out/dance.bvh could not be written. Free some space, {ELSEWHERE}."),
        ("unnamed", f"kinetograph: the disk is full: the file could not be written. Free some space, {ELSEWHERE}."),
        ("folder", "kinetograph: /out is a folder. Name a file."),
        ("forbidden", f"kinetograph: /no.bvh may not be read or written by you. Change its permissions, {ELSEWHERE}."),
    ],
)
@pytest.mark.usefixtures("planted")
def test_what_goes_wrong_is_told_in_one_line_with_exit_code_1(how, told, capsys):
    assert main(["try", how]) == 1
    assert capsys.readouterr() == ("", f"{told}\n")


@pytest.mark.parametrize(("how", "error"), [("bug", ZeroDivisionError), ("odd", OSError)])
@pytest.mark.usefixtures("planted")
def test_a_bug_is_not_dressed_up_as_an_answer(how, error):
    with pytest.raises(error):
        main(["try", how])


@pytest.mark.parametrize("arguments", [["dnace"], ["--dance"], ["try", "well", "too"]])
@pytest.mark.usefixtures("planted")
def test_a_mistake_in_the_call_has_exit_code_2(arguments, capsys):
    with pytest.raises(SystemExit) as ended:
        main(arguments)

    assert ended.value.code == 2
    assert arguments[-1] in capsys.readouterr().err


def test_help_lists_every_command(capsys):
    with pytest.raises(SystemExit) as ended:
        main(["--help"])

    assert ended.value.code == 0
    said = capsys.readouterr().out
    assert all(f"  {name} " in said and line in said for name, (_, line) in COMMANDS.items())


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_explains_itself(name, capsys):
    with pytest.raises(SystemExit) as ended:
        main([name, "--help"])

    assert ended.value.code == 0
    assert f"usage: kinetograph {name}" in capsys.readouterr().out


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_what_the_table_expects(name):
    module = importlib.import_module(COMMANDS[name][0])

    assert callable(module.add_arguments)
    assert callable(module.run)


@pytest.mark.usefixtures("planted")
def test_without_a_command_the_editor_is_opened(monkeypatch, capsys):
    monkeypatch.setitem(COMMANDS, "edit", COMMANDS["try"])

    assert main([]) == 0
    assert capsys.readouterr().out == "well\n"


def test_a_reader_that_leaves_early_sees_no_complaint(tmp_path):
    (tmp_path / "planted_command.py").write_text(
        "def add_arguments(parser): pass\ndef run(args):\n    for _ in range(100000): print('beat')\n    return 0\n"
    )
    program = (
        "import sys; from app.__main__ import COMMANDS, main\n"
        "COMMANDS['try'] = ('planted_command', 'try')\nsys.exit(main(['try']))"
    )
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(ROOT), str(tmp_path)])}
    with subprocess.Popen(
        [sys.executable, "-c", program], env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout.readline() == b"beat\n"
        process.stdout.close()

        assert process.stderr.read() == b""


def test_resources_lie_beside_the_packages():
    assert resource_path() == ROOT / "resources"
    assert resource_path("models/kinetograph") == ROOT / "resources" / "models" / "kinetograph"
