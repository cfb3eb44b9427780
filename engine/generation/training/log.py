"""The training log: one CSV row a step, and pictures of the curves."""

from __future__ import annotations

import contextlib
import csv
from pathlib import Path

import numpy as np

_SIZE = (960, 260)
_INK, _PAPER, _LINE = (60, 60, 60), (255, 255, 255), (0, 114, 178)


class TrainingLog:
    """Appends to `log.csv` (step, term, value) and redraws `losses.png` when flushed."""

    def __init__(self, folder: Path) -> None:
        self.path, self.picture = folder / "log.csv", folder / "losses.png"
        self._rows: list[tuple[int, str, float]] = []

    def add(self, step: int, terms: dict[str, float]) -> None:
        """Keep one step's values; every tenth step and every validation is written."""
        if step % 10 == 0 or any(name.startswith("val_") for name in terms):
            self._rows += [(step, name, value) for name, value in terms.items()]

    def flush(self) -> None:
        """Write what is kept and draw the curves."""
        with self.path.open("a", newline="") as file:
            csv.writer(file).writerows((step, name, f"{value:.6g}") for step, name, value in self._rows)
        self._rows.clear()
        with contextlib.suppress(ImportError):  # a machine that only trains may have no Pillow
            draw_curves(read_log(self.path), self.picture)


def read_log(path: Path) -> dict[str, np.ndarray]:
    """Each term's [N, 2] steps and values."""
    out: dict[str, list[tuple[float, float]]] = {}
    with path.open(newline="") as file:
        for row in csv.reader(file):
            with contextlib.suppress(ValueError):  # a line cut short by a full disk is skipped
                step, name, value = row
                out.setdefault(name, []).append((float(step), float(value)))
    return {name: np.array(values) for name, values in out.items()}


def draw_curves(curves: dict[str, np.ndarray], path: Path) -> None:
    """One small plot a term, below each other, smoothed over a hundredth of its length."""
    from PIL import Image, ImageDraw

    width, height = _SIZE
    picture = Image.new("RGB", (width, max(1, len(curves)) * height), _PAPER)
    draw = ImageDraw.Draw(picture)
    for i, (name, rows) in enumerate(sorted(curves.items())):
        window = max(1, len(rows) // 100)
        values = np.convolve(rows[:, 1], np.ones(window) / window, mode="valid")
        steps = rows[window - 1 :, 0]
        low, high = float(values.min()), float(values.max())
        x = 70 + (steps - steps[0]) / max(float(np.ptp(steps)), 1.0) * (width - 90)
        y = (i + 1) * height - 30 - (values - low) / max(high - low, 1e-9) * (height - 70)
        draw.text((70, i * height + 10), f"{name}   last {values[-1]:.4g}", fill=_INK)
        draw.text((5, i * height + 35), f"{high:.4g}", fill=_INK)
        draw.text((5, (i + 1) * height - 40), f"{low:.4g}", fill=_INK)
        draw.text((width - 90, (i + 1) * height - 22), f"step {int(steps[-1])}", fill=_INK)
        if len(x) > 1:
            draw.line(list(zip(x.tolist(), y.tolist(), strict=True)), fill=_LINE, width=2)
    picture.save(path)
