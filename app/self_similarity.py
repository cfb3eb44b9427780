"""A picture of how a piece comes back: every two bars of the music and of the dance, dark where they are alike."""

from __future__ import annotations

import io

import numpy as np

_CELL, _EDGE, _HEAD = 4, 12, 22
_INK, _PAPER = (27, 28, 31), (255, 255, 255)


def picture(music_apart: np.ndarray, dance_apart: np.ndarray) -> bytes:
    """PNG of two squares side by side, the music's left and the dance's right; distances [N, N] each."""
    from PIL import Image, ImageDraw, ImageFont

    size = _CELL * len(music_apart)
    page = Image.new("RGB", (2 * size + 3 * _EDGE, size + _HEAD + 2 * _EDGE), _PAPER)
    pen = ImageDraw.Draw(page)
    for i, (name, apart) in enumerate((("bars of the music", music_apart), ("bars of the dance", dance_apart))):
        at = (_EDGE + i * (size + _EDGE), _EDGE + _HEAD)
        pen.text((at[0], _EDGE), name, fill=_INK, font=ImageFont.load_default(14))
        page.paste(Image.fromarray(shades(apart)).resize((size, size), Image.Resampling.NEAREST), at)
    out = io.BytesIO()
    page.save(out, "PNG", optimize=True)
    return out.getvalue()


def shades(apart: np.ndarray) -> np.ndarray:
    """Grey from 0 (alike) to 255 (the 90th percentile of distances and beyond), uint8 [N, N]."""
    pairs = apart[np.triu_indices(len(apart), k=1)]
    most = float(np.quantile(pairs, 0.9)) if len(pairs) else 1.0
    out: np.ndarray = np.round(255.0 * np.clip(apart / max(most, 1e-9), 0.0, 1.0)).astype(np.uint8)
    return out
