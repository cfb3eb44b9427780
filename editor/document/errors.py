"""What goes wrong with project files, as sentences for the user."""

from __future__ import annotations

from pathlib import Path

from engine.errors import EngineError


class ProjectFileError(EngineError):
    """A project file could not be read or written. `problem` is the sentence without the file's name."""

    def __init__(self, path: Path, problem: str) -> None:
        super().__init__(f"{path.name}: {problem}")
        self.path, self.problem = path, problem


class Unfit(Exception):
    """Something in a document makes no sense; `str(unfit)` says what, and where.

    It never leaves this package: readers and writers make a ProjectFileError of it.
    """

    def __init__(self, problem: str, where: str = "") -> None:
        super().__init__(f"{where} {problem}" if where else problem)
        self.problem, self.where = problem, where


class FromNewerVersion(Unfit):
    """A newer version of the program wrote this."""
