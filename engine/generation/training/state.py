"""A training state on disk: written whole, read without running anything, refused in a sentence."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch

from engine.errors import ModelError


def write_state(state: dict[str, Any], target: Path) -> None:
    """Write the state beside the last one and move it into place; ModelError when there is no room."""
    fresh = target.with_name(target.name + ".new")
    try:
        torch.save(state, fresh)
        os.replace(fresh, target)
    except (OSError, RuntimeError) as error:
        fresh.unlink(missing_ok=True)
        raise ModelError(
            f"The training state could not be written to {target.parent} ({_in_a_line(error)}); the state before it is "
            "still there: make room on the disk and resume."
        ) from error


def read_state(
    path: Path, device: torch.device, fits: Callable[[dict[str, Any]], bool], take_up: Callable[[dict[str, Any]], None]
) -> bool:
    """Read a state, if there is one, and take it up; whether there was. ModelError for one that does not fit."""
    if not path.exists():
        return False
    try:
        state = torch.load(path, map_location=device, weights_only=True)
        right = fits(state)
        if right:
            take_up(state)
    except Exception as error:  # torch.load and what it calls raise nearly anything on a damaged file
        raise ModelError(f"{path} is damaged ({_in_a_line(error)}): train into a new folder.") from error
    if not right:
        raise ModelError(f"{path} was trained with other styles or sizes: train into a new folder.")
    return True


def _in_a_line(error: Exception) -> str:
    """What an error says first, without the advice that torch adds to it."""
    return next(iter(str(error).strip().splitlines()), type(error).__name__)[:160].rstrip(" .:")
