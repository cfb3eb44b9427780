"""The command line: `kinetograph COMMAND ...`, and the editor when no command is named."""

from __future__ import annotations

import argparse
import errno
import importlib
import logging
import os
import sys
from collections.abc import Sequence
from types import ModuleType
from typing import NoReturn

from app import __version__
from engine.errors import Cancelled, EngineError

# name -> where it lives, and its line in --help. A module is imported when its command is called, and not before:
# it defines `add_arguments(parser)` and `run(args) -> exit code`.
COMMANDS = {
    "edit": ("app.commands.edit", "open the editor"),
    "generate": ("app.commands.generate", "make a dance for a song"),
    "analyse": ("app.commands.analyse", "tell a song's beats, bars, sections and emotion"),
    "export": ("app.commands.export", "hand a piece or a motion file on to film, proven by a receipt"),
    "deliver": ("app.commands.deliver", "put everything that film wants of a dance into one folder"),
    "verify": ("app.commands.verify", "say whether a file holds what another file, a piece or a receipt says"),
    "check": ("app.commands.check", "say what in a dance breaks the rules of its structure, and why"),
    "render": ("app.commands.render", "draw a motion file as a video or as a contact sheet"),
    "import": ("app.commands.import_motion", "read motion of any kind, and say what came of it"),
    "data": ("app.commands.data", "prepare motion capture for training"),
    "train": ("app.commands.train", "train a model on prepared data"),
    "baseline": ("app.commands.baseline", "train what a model is compared with"),
    "evaluate": ("app.commands.evaluate", "measure a model: movement, beats, sliders, gaps"),
    "panel-sample": ("app.commands.panel_sample", "draw anonymous clips for a blind test, and score it"),
    "demo": ("app.commands.demo", "open the demo piece, or write its dance to files"),
}
DEFAULT_COMMAND = "edit"

# What the machine refuses, in words. {path} is the file, or "the file" where the system does not say which.
SYSTEM_TROUBLE = {
    errno.ENOSPC: "the disk is full: {path} could not be written. Free some space, or name another place",
    errno.EDQUOT: "your disk quota is used up: {path} could not be written",
    errno.EFBIG: "{path} would be larger than this disk allows",
    errno.EROFS: "{path} lies on a disk that is read-only. Name another place",
    errno.EACCES: "{path} may not be read or written by you. Change its permissions, or name another place",
    errno.EPERM: "{path} may not be read or written by you. Change its permissions, or name another place",
    errno.EISDIR: "{path} is a folder. Name a file",
    errno.ENOTDIR: "a part of the path {path} is a file, not a folder",
    errno.ENOENT: "{path} does not exist",
    errno.ENAMETOOLONG: "the name {path} is too long",
    errno.EIO: "the disk failed while {path} was read or written",
}


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code: 0 done, 1 refused or failed in a sentence, 2 a mistake in the call."""
    for stream in (sys.stdout, sys.stderr):
        # A path may hold characters that the terminal's encoding does not; show them escaped rather than fail.
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    logging.basicConfig(format="kinetograph: %(message)s", level=logging.WARNING)
    # Before NumPy is loaded: threads for its small products gain nothing, and look out for work in the way of torch's.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    try:
        code = _run(list(sys.argv[1:] if argv is None else argv))
        sys.stdout.flush()
        return code
    except (KeyboardInterrupt, Cancelled) as error:
        # A command that has written something by then, such as training, says so itself.
        return _refuse(str(error) or "Cancelled; nothing was written.")
    except EngineError as error:
        return _refuse(f"kinetograph: {error}")
    except BrokenPipeError:
        # The reader, such as `head`, has left; Python would complain once more when it flushes at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except OSError as error:
        if error.errno not in SYSTEM_TROUBLE:
            raise
        path = error.filename if error.filename is not None else "the file"
        return _refuse(f"kinetograph: {SYSTEM_TROUBLE[error.errno].format(path=path)}.")


def _run(arguments: list[str]) -> int:
    name = arguments[0] if arguments else DEFAULT_COMMAND
    if name not in COMMANDS:
        _explain(arguments)
    command = _load(name)
    parser = argparse.ArgumentParser(prog=f"kinetograph {name}", description=_sentence(COMMANDS[name][1]))
    command.add_arguments(parser)
    return int(command.run(parser.parse_args(arguments[1:])))


def _load(name: str) -> ModuleType:
    return importlib.import_module(COMMANDS[name][0])


def _explain(arguments: list[str]) -> NoReturn:
    """Answer --help and --version, or say that there is no such command; all of them exit."""
    width = max(map(len, COMMANDS))
    listing = "\n".join(f"  {name:<{width}}  {line}" for name, (_, line) in COMMANDS.items())
    parser = argparse.ArgumentParser(
        prog="kinetograph",
        usage="kinetograph [COMMAND ...]",
        description="Write dance to music. With no command: the editor.",
        epilog=f"commands:\n{listing}\n\n`kinetograph COMMAND --help` tells more.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"kinetograph {__version__}")
    if arguments[0].startswith("-"):
        parser.parse_args(arguments)
    parser.error(f"there is no command {arguments[0]!r}; there are {', '.join(COMMANDS)}")


def _sentence(line: str) -> str:
    return f"{line[0].upper()}{line[1:]}."


def _refuse(sentence: str) -> int:
    print(sentence, file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
