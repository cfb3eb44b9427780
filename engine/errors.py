"""Errors the engine raises on purpose. Every other exception is a bug."""

from __future__ import annotations

from pathlib import Path


class EngineError(Exception):
    """Something the user can act on. `str(error)` is one sentence for a person."""


class MotionFileError(EngineError):
    """A motion file could not be read or written."""

    def __init__(self, path: Path, problem: str, line: int | None = None) -> None:
        where = path.name if line is None else f"{path.name}, line {line}"
        super().__init__(f"{where}: {problem}")
        self.path, self.line, self.problem = path, line, problem


class AudioFileError(EngineError):
    """A sound file could not be read."""

    def __init__(self, path: Path, problem: str) -> None:
        super().__init__(f"{path.name}: {problem}")
        self.path, self.problem = path, problem


class ModelError(EngineError):
    """A checkpoint, its card or the training data does not fit."""


class RequestRefused(EngineError):
    """A generation request asks for something that the model cannot give."""


class DeviceError(EngineError):
    """The computing device is missing or out of memory."""


class RetargetError(EngineError):
    """A skeleton could not be understood as a human body."""


class RigError(EngineError):
    """A target rig that cannot be used, or not be kept."""


class Cancelled(EngineError):
    """The user cancelled the work. Not a failure: show nothing, keep everything."""
