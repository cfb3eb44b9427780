"""Recoloured icons as files: Qt's style sheets and its SVG icon engine take pictures from nowhere else."""

from __future__ import annotations

import functools
from pathlib import Path

from PySide6.QtCore import QDir, QTemporaryDir

from app.resources import resource_path

PREFIX = "look"  # in style sheets: url(look:NAME.svg)
_STROKE = 1.75  # of 24; Lucide's own 2 is heavy beside Inter Regular


@functools.cache
def svg(name: str) -> str:
    """The drawing of an icon in resources/icons, in the colour `currentColor`; KeyError where there is none."""
    path = resource_path("icons") / f"{name}.svg"
    if not path.is_file():
        raise KeyError(f"there is no icon {name!r} in resources/icons")
    return path.read_text("utf-8")


def recoloured(name: str, colour: str) -> str:
    """The drawing in that colour, #rrggbb."""
    return svg(name).replace("currentColor", colour).replace('stroke-width="2"', f'stroke-width="{_STROKE}"')


@functools.cache
def picture_file(name: str, colour: str) -> Path:
    """A file with the drawing in that colour; it goes when the program ends."""
    path = Path(_folder().path()) / f"{name}-{colour[1:]}.svg"
    path.write_text(recoloured(name, colour), "utf-8")
    return path


def picture_url(name: str, colour: str) -> str:
    """What a style sheet calls the drawing in that colour."""
    return f"url({PREFIX}:{picture_file(name, colour).name})"


@functools.cache
def _folder() -> QTemporaryDir:
    made = QTemporaryDir()
    QDir.setSearchPaths(PREFIX, [made.path()])
    return made
