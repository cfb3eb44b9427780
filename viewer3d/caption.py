"""Words on pictures: labels of contact-sheet cells and the line burnt into a video, by Pillow."""

from __future__ import annotations

from functools import cache

import numpy as np
from PIL import Image, ImageDraw, ImageFont

TEXT = (230, 231, 234)
MUTED = (154, 157, 166)
_SHADE = (18, 19, 21, 190)
_STRIP_HEIGHT = 26


@cache
def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    # Pillow carries a typeface of its own (Aileron, CC0), so that pictures look alike on every machine.
    return ImageFont.load_default(size)


class Canvas:
    """A picture to paste others on and to write on.

    Args:
        width, height: Size in pixels.
        paper: Colour of what stays empty.
    """

    def __init__(self, width: int, height: int, paper: tuple[int, int, int]) -> None:
        self._image = Image.new("RGB", (width, height), paper)
        self._draw = ImageDraw.Draw(self._image, "RGBA")

    def paste(self, picture: np.ndarray, x: int, y: int) -> None:
        """Put a picture, uint8 [h, w, 3], with its upper left corner at (x, y)."""
        self._image.paste(Image.fromarray(picture), (x, y))

    def text(
        self, x: int, y: int, words: str, *, size: int = 15, colour: tuple[int, int, int] = TEXT, anchor: str = "la"
    ) -> None:
        """Write at (x, y); `anchor` as Pillow has it."""
        self._draw.text((x, y), words, font=_font(size), fill=colour, anchor=anchor)

    def cell_label(self, x: int, y: int, width: int, height: int, left: str, right: str) -> None:
        """A strip at the foot of a cell with words at both ends."""
        top, base = y + height - _STRIP_HEIGHT, y + height - _STRIP_HEIGHT // 2
        self._draw.rectangle((x, top, x + width - 1, y + height - 1), fill=_SHADE)
        self.text(x + 10, base, left, colour=TEXT, anchor="lm")
        self.text(x + width - 10, base, right, colour=MUTED, anchor="rm")

    def pixels(self) -> np.ndarray:
        """The picture, uint8 [height, width, 3]."""
        return np.asarray(self._image)
