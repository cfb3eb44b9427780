"""The stage's frame on the floor: centre line, quarter lines, number line, and where the audience sits."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from engine.character.palette import linear_colour
from viewer3d import ribbons
from viewer3d.scene import Ribbons

# Twelve metres wide and eight deep; the audience sits beyond its near edge, at +z.
HALF_WIDTH_M, BACK_M, FRONT_M = 6.0, -4.0, 4.0
_QUARTERS_M = (-3.0, 3.0)
_NUMBERS = ("0", "1", "2", "3", "4", "5", "6")
_AUDIENCE = "AUDIENCE"
_LETTER_PX = 96
_NUMBER_M, _WORD_M = 0.26, 0.34  # height of the words' boxes on the floor
_LINE_M, _FINE_M = 0.016, 0.010  # half widths
_ALPHA, _FINE_ALPHA, _WORD_ALPHA = 0.85, 0.55, 1.0


@lru_cache(maxsize=4)
def stage_marks(colour: str, *, is_mirrored: bool = False) -> tuple[Ribbons, Ribbons]:
    """Lines and words of the stage's frame in a colour #rrggbb; in a mirrored picture the letters run the other way."""
    paint = linear_colour(colour)
    strong, fine = np.array([*paint, _ALPHA]), np.array([*paint, _FINE_ALPHA])
    lines = [_frame(strong), _ticks(strong), _dashed(0.0, strong, 0.5, 0.12)]
    lines += [_dashed(x, fine, 0.25, 0.25) for x in _QUARTERS_M]
    lines.append(_arrows(strong))
    words = _words(np.array([*paint, _WORD_ALPHA]))
    return ribbons.joined(lines), _turned(words) if is_mirrored else words


@lru_cache(maxsize=1)
def letter_sheet() -> np.ndarray:
    """All words one under the other, uint8 [h, w], white on black."""
    boxes = _sheet_boxes_px()
    width, height = int(boxes[:, 2].max()) + 2, int(boxes[:, 3].max()) + 2
    image = Image.new("L", (width, height), 0)
    draw = ImageDraw.Draw(image)
    for word, (left, top, _, bottom) in zip((*_NUMBERS, _AUDIENCE), boxes, strict=True):
        draw.text((left + 4, 0.5 * (top + bottom)), word, font=_font(), fill=255, anchor="lm", stroke_width=2)
    return np.asarray(image)


def _frame(colour: np.ndarray) -> Ribbons:
    w, b, f = HALF_WIDTH_M, BACK_M, FRONT_M
    corners = np.array([[-w, 0.0, b], [w, 0.0, b], [w, 0.0, f], [-w, 0.0, f]])
    return ribbons.strokes(corners, np.roll(corners, -1, axis=0), _LINE_M, colour)


def _ticks(colour: np.ndarray) -> Ribbons:
    """The number line along the near edge: a tick each metre, the middle's the longest."""
    x = np.arange(-HALF_WIDTH_M, HALF_WIDTH_M + 0.5)
    starts = np.stack([x, np.zeros_like(x), np.full_like(x, FRONT_M)], axis=1)
    lengths = np.where(x == 0.0, 0.24, 0.12)
    return ribbons.strokes(starts, starts + lengths[:, np.newaxis] * (0.0, 0.0, 1.0), _LINE_M, colour)


def _dashed(x_m: float, colour: np.ndarray, dash_m: float, gap_m: float) -> Ribbons:
    z = np.arange(BACK_M, FRONT_M, dash_m + gap_m)
    starts = np.stack([np.full_like(z, x_m), np.zeros_like(z), z], axis=1)
    ends = starts.copy()
    ends[:, 2] = np.minimum(z + dash_m, FRONT_M)
    return ribbons.strokes(starts, ends, _FINE_M, colour)


def _arrows(colour: np.ndarray) -> Ribbons:
    """Two arrows towards the audience, beside its word."""
    starts, ends = [], []
    for x in (-1.55, 1.55):
        tip = np.array([x, 0.0, FRONT_M + 1.12])
        for tail in ((0.0, 0.0, -0.40), (-0.13, 0.0, -0.15), (0.13, 0.0, -0.15)):
            starts.append(tip + tail)
            ends.append(tip)
    return ribbons.strokes(np.array(starts), np.array(ends), _LINE_M, colour)


def _words(colour: np.ndarray) -> Ribbons:
    boxes_px = _sheet_boxes_px()
    h, w = letter_sheet().shape
    places, sheets = [], []
    for x in range(-int(HALF_WIDTH_M), int(HALF_WIDTH_M) + 1):
        places.append(_box(float(x), FRONT_M + 0.42, _NUMBER_M, boxes_px[abs(x)]))
        sheets.append(boxes_px[abs(x)])
    places.append(_box(0.0, FRONT_M + 0.92, _WORD_M, boxes_px[-1]))
    sheets.append(boxes_px[-1])
    return ribbons.words(np.array(places), np.array(sheets) / (w, h, w, h), colour)


def _turned(words: Ribbons) -> Ribbons:
    """Words whose letters run the other way."""
    vertices = words.vertices.reshape(-1, 4, 12).copy()
    vertices[:, :, 3] = vertices[:, [1, 0, 3, 2], 3]
    return Ribbons(vertices.reshape(-1, 12), words.triangles)


def _box(x_m: float, z_m: float, height_m: float, box_px: np.ndarray) -> tuple[float, float, float, float]:
    """Where a word of the sheet lies when its middle is at (x, z)."""
    half = 0.5 * height_m * (box_px[2] - box_px[0]) / (box_px[3] - box_px[1])
    return x_m - half, z_m - 0.5 * height_m, x_m + half, z_m + 0.5 * height_m


@lru_cache(maxsize=1)
def _font() -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(_LETTER_PX)


@lru_cache(maxsize=1)
def _sheet_boxes_px() -> np.ndarray:
    """Left, upper, right, lower edge of each word in the sheet, pixels, [N, 4]."""
    row = round(1.15 * _LETTER_PX)
    widths = [_font().getlength(word) + 8.0 for word in (*_NUMBERS, _AUDIENCE)]
    return np.array([(0.0, k * row, width, (k + 1.0) * row) for k, width in enumerate(widths)])
