"""Words on pictures: labels of contact-sheet cells and the line burnt into a video, by Pillow."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, lru_cache

import numpy as np
from PIL import Image, ImageDraw, ImageFont

TEXT = (230, 231, 234)
MUTED = (154, 157, 166)
ACCENT = (74, 163, 255)
LABEL_HEIGHT = 26
_STRIP = (35, 36, 40)


@cache
def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    # Pillow carries a typeface of its own (Aileron, CC0), so that pictures look alike on every machine.
    return ImageFont.load_default(size)


def elided(words: str, room: float, length: Callable[[str], float]) -> str:
    """`words` with an ellipsis for their middle, so that their `length` is at most `room`; empty if nothing fits."""
    if length(words) <= room:
        return words
    for kept in range(len(words) - 1, 0, -1):
        shorter = words[: (kept + 1) // 2] + "\u2026" + words[len(words) - kept // 2 :]
        if length(shorter) <= room:
            return shorter
    return ""


@lru_cache(512)
def _mask(words: str, size: int, anchor: str, room: int) -> tuple[Image.Image | None, int, int]:
    """Words as a mask, and its corner's place from the anchor; None where nothing fits. Most words of a film stay."""
    font = _font(size)
    words = elided(words, room, lambda text: font.getlength(text))
    left, top, right, bottom = (round(side) for side in font.getbbox(words, anchor=anchor)) if words else (0, 0, 0, 0)
    if right <= left or bottom <= top:
        return None, 0, 0
    mask = Image.new("L", (right - left + 2, bottom - top + 2))
    ImageDraw.Draw(mask).text((1 - left, 1 - top), words, font=font, fill=255, anchor=anchor)
    return mask, left - 1, top - 1


class Canvas:
    """A picture to paste others on and to write on.

    Args:
        width, height: Size in pixels.
        paper: Colour of what stays empty.
    """

    def __init__(self, width: int, height: int, paper: tuple[int, int, int]) -> None:
        self._image = Image.new("RGB", (width, height), paper)
        self._draw = ImageDraw.Draw(self._image, "RGBA")

    @classmethod
    def on(cls, picture: np.ndarray) -> Canvas:
        """A canvas that is a picture, uint8 [h, w, 3], already."""
        made = cls.__new__(cls)
        made._image = Image.fromarray(picture)
        made._draw = ImageDraw.Draw(made._image, "RGBA")
        return made

    def paste(self, picture: np.ndarray, x: int, y: int) -> None:
        """Put a picture, uint8 [h, w, 3], with its upper left corner at (x, y)."""
        self._image.paste(Image.fromarray(picture), (x, y))

    def text(
        self,
        x: int,
        y: int,
        words: str,
        *,
        size: int = 15,
        colour: tuple[int, int, int] = TEXT,
        anchor: str = "la",
        room: int | None = None,
    ) -> None:
        """Write at (x, y); `anchor` as Pillow has it. What is wider than `room` pixels loses its middle."""
        font = _font(size)
        if room is not None:
            words = elided(words, room, lambda text: font.getlength(text))
        self._draw.text((x, y), words, font=font, fill=colour, anchor=anchor)

    def burn_in(self, left: str, right: str, count: int | None, n_counts: int) -> None:
        """Words in the lower corners and, if there is a count, a row of numbers with it lit in the middle."""
        height, width = self._image.height, self._image.width
        size = max(round(height / 38), 11)
        base, edge = height - round(1.5 * size), round(1.3 * size)
        row = 0 if count is None else round(1.9 * size * n_counts)
        room = (width - row) // 2 - 2 * edge if row else width // 2 - edge
        self._shadowed(edge, base, left, size, TEXT, "lm", room)
        self._shadowed(width - edge, base, right, size, TEXT, "rm", room)
        if count is None:
            return
        for number in range(1, n_counts + 1):
            x = width // 2 + round(1.9 * size * (number - 0.5 * (n_counts + 1)))
            if number == count:
                r = round(0.85 * size)
                self._draw.ellipse((x - r, base - r, x + r, base + r), fill=ACCENT)
                self.text(x, base, str(number), size=size, colour=(12, 18, 26), anchor="mm")
            else:
                self._shadowed(x, base, str(number), size, MUTED, "mm", room)

    def safe_frame(self) -> None:
        """The borders within which action and titles are safe on every screen: 93 and 90 per cent (SMPTE ST 2046-1)."""
        width, height = self._image.size
        weight = max(round(height / 720), 1)
        for share, colour in ((0.93, (230, 231, 234, 150)), (0.90, (230, 231, 234, 90))):
            x, y = round(0.5 * (1.0 - share) * width), round(0.5 * (1.0 - share) * height)
            self._draw.rectangle((x, y, width - 1 - x, height - 1 - y), outline=colour, width=weight)

    def slate(self, left: str, right: str) -> None:
        """Words in the upper corners."""
        size = max(round(self._image.height / 38), 11)
        top, edge = round(1.5 * size), round(1.3 * size)
        room = self._image.width // 2 - edge - size
        self._shadowed(edge, top, left, size, TEXT, "lm", room)
        self._shadowed(self._image.width - edge, top, right, size, TEXT, "rm", room)

    def _shadowed(
        self, x: int, y: int, words: str, size: int, colour: tuple[int, int, int], anchor: str, room: int
    ) -> None:
        mask, left, top = _mask(words, size, anchor, room)
        if mask is not None:
            self._image.paste((10, 10, 12), (x + left + 1, y + top + 1), mask)
            self._image.paste(colour, (x + left, y + top), mask)

    def cell_label(self, x: int, y: int, width: int, left: str, right: str) -> None:
        """A strip under a cell with words at both ends; the right ones give way."""
        middle, room = y + LABEL_HEIGHT // 2, width - 20
        self._draw.rectangle((x, y, x + width - 1, y + LABEL_HEIGHT - 1), fill=_STRIP)
        self.text(x + 10, middle, left, size=14, anchor="lm", room=room)
        taken = int(_font(14).getlength(left)) + 12 if left else 0
        self.text(x + width - 10, middle, right, size=14, colour=MUTED, anchor="rm", room=max(room - taken, 0))

    def pixels(self) -> np.ndarray:
        """The picture, uint8 [height, width, 3]."""
        return np.asarray(self._image)
