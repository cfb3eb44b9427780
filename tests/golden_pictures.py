"""Pictures that drawings are compared with. `KINETOGRAPH_REMAKE=1 python3 run.py test tests/viewer3d` remakes them."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
from PIL import Image

ROOT = Path(__file__).resolve().parent.parent
GOLDEN = ROOT / "tests" / "golden"
WRONG = ROOT / "build" / "golden"
# Drivers round differently: single pixels on edges may differ much, the picture as a whole hardly.
MEAN_ERROR, FAR_OFF, FAR_OFF_SHARE = 0.006, 0.10, 0.01


def assert_like_golden(name: str, picture: np.ndarray) -> None:
    """Fail if a picture, uint8 [H, W, 3], differs from tests/golden/<name>.png, or if there is none.

    The wrong picture and the difference are then kept in build/golden.
    """
    path = GOLDEN / f"{name}.png"
    if os.environ.get("KINETOGRAPH_REMAKE"):
        Image.fromarray(picture).save(path, optimize=True)
        return
    if not path.exists():
        _keep(name, picture)
        raise AssertionError(f"there is no {path.relative_to(ROOT)}; look at build/golden/{name}-wrong.png")
    with Image.open(path) as opened:
        golden = np.asarray(opened.convert("RGB"))
    if golden.shape != picture.shape:
        _keep(name, picture)
        raise AssertionError(f"{name} has shape {picture.shape}, the golden one {golden.shape}")
    apart = np.abs(picture.astype(float) - golden) / 255.0
    mean, share = float(apart.mean()), float((apart.max(axis=-1) > FAR_OFF).mean())
    if mean > MEAN_ERROR or share > FAR_OFF_SHARE:
        _keep(name, picture, apart)
        raise AssertionError(
            f"{name} differs by {mean:.4f} on average, and far in {100 * share:.1f} % of its pixels; see build/golden"
        )


def _keep(name: str, picture: np.ndarray, apart: np.ndarray | None = None) -> None:
    WRONG.mkdir(parents=True, exist_ok=True)
    Image.fromarray(picture).save(WRONG / f"{name}-wrong.png")
    if apart is not None:
        Image.fromarray((255 * np.clip(4.0 * apart, 0.0, 1.0)).astype(np.uint8)).save(WRONG / f"{name}-difference.png")
