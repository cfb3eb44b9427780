"""Many points to one painter path, fast; apart from the rest because pyqtgraph takes a third of a second to load."""

from __future__ import annotations

import numpy as np
from pyqtgraph.functions import arrayToQPath
from PySide6.QtGui import QPainterPath


def path_of(xs: np.ndarray, ys: np.ndarray) -> QPainterPath:
    """Straight lines from point to point, [n] each, in pixels."""
    return arrayToQPath(xs.astype(np.float64), ys.astype(np.float64), connect="all", finiteCheck=False)
