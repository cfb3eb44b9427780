"""Pictures of a dance to a whole piece: how it comes back with the music, and moments from start to end."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from PIL.Image import Image as Picture

    from engine.motion.motion import Motion

_CELL, _EDGE, _HEAD = 4, 12, 22
_INK, _PAPER = (27, 28, 31), (255, 255, 255)
_MOMENTS, _COLUMNS, _MOMENT_SIZE = 24, 8, (150, 176)


def similarity(music_apart: np.ndarray, dance_apart: np.ndarray) -> bytes:
    """PNG of two squares side by side, the music's left and the dance's right: every two bars, dark where they are
    alike; distances [N, N] each."""
    from PIL import Image, ImageDraw, ImageFont

    size = _CELL * len(music_apart)
    page = Image.new("RGB", (2 * size + 3 * _EDGE, size + _HEAD + 2 * _EDGE), _PAPER)
    pen = ImageDraw.Draw(page)
    for i, (name, apart) in enumerate((("bars of the music", music_apart), ("bars of the dance", dance_apart))):
        at = (_EDGE + i * (size + _EDGE), _EDGE + _HEAD)
        pen.text((at[0], _EDGE), name, fill=_INK, font=ImageFont.load_default(14))
        page.paste(Image.fromarray(shades(apart)).resize((size, size), Image.Resampling.NEAREST), at)
    return _png(page)


def moments(motion: Motion) -> bytes:
    """PNG of 24 moments of a dance, at equal steps from start to end."""
    from PIL import Image

    from app.counting import clock
    from viewer3d.sheet import contact_sheet

    times_s = motion.duration_s * (np.arange(_MOMENTS) + 0.5) / _MOMENTS
    labels = [(clock(time_s), "") for time_s in times_s]
    sheet = contact_sheet(motion, times_s.tolist(), labels, columns=_COLUMNS, cell_size=_MOMENT_SIZE)
    return _png(Image.fromarray(sheet).quantize(128))


def _png(page: Picture) -> bytes:
    out = io.BytesIO()
    page.save(out, "PNG", optimize=True)
    return out.getvalue()


def shades(apart: np.ndarray) -> np.ndarray:
    """Grey from 0 (alike) to 255 (the 90th percentile of distances and beyond), uint8 [N, N]."""
    pairs = apart[np.triu_indices(len(apart), k=1)]
    most = float(np.quantile(pairs, 0.9)) if len(pairs) else 1.0
    out: np.ndarray = np.round(255.0 * np.clip(apart / max(most, 1e-9), 0.0, 1.0)).astype(np.uint8)
    return out
