"""Flat pictures laid over the scene, such as words and the view cube."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, eq=False)
class Picture:
    """A picture and where it lies.

    Attributes:
        x, y: Its upper left corner in device pixels from the upper left corner.
        pixels: Red, green, blue, alpha, premultiplied, uint8 [h, w, 4]. Never changed: a new picture is a new array.
    """

    x: int
    y: int
    pixels: np.ndarray
