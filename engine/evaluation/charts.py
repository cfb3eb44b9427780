"""Small charts as SVG: bars with intervals, and lines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

from engine.evaluation.intervals import Estimate

# Okabe & Ito's colours, which the colour-blind tell apart.
COLOURS = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#D55E00", "#56B4E9", "#F0E442", "#444444")
_BAR, _LABEL, _WIDTH, _VALUE = 22, 190, 560, 130


def bars(title: str, rows: Sequence[tuple[str, Estimate]], digits: int = 2, marked: str = "") -> str:
    """A bar a row with its 95 % interval; the row called `marked` stands out by colour and by a bold name."""
    top = max([max(e.value, e.high) for _, e in rows] + [1e-9])
    bottom = min([min(e.value, e.low) for _, e in rows] + [0.0])
    height = 30 + _BAR * len(rows) + 8

    def x(value: float) -> float:
        return _LABEL + (value - bottom) / (top - bottom) * (_WIDTH - _LABEL - _VALUE)

    parts = [f'<text x="0" y="16" class="title">{escape(title)}</text>']
    for i, (name, e) in enumerate(rows):
        y = 30 + i * _BAR
        own = name == marked
        weight = ' font-weight="700"' if own else ""
        left, right = sorted((x(0.0), x(e.value)))
        fill = COLOURS[4] if own else COLOURS[0]
        parts += [
            f'<text x="{_LABEL - 8}" y="{y + 14}" text-anchor="end"{weight}>{escape(name)}</text>',
            f'<rect x="{left:.1f}" y="{y + 3}" width="{right - left:.1f}" height="{_BAR - 8}" fill="{fill}"/>',
            f'<path d="M{x(e.low):.1f} {y + 10}H{x(e.high):.1f}" stroke="#222" stroke-width="2"/>',
            f'<text x="{max(x(e.high), right) + 6:.1f}" y="{y + 14}"{weight}>{e.value:.{digits}f}</text>',
        ]
    return _svg(_WIDTH, height, parts)


def lines(title: str, xs: Sequence[float], curves: Mapping[str, Sequence[float]], unit: str = "") -> str:
    """A line a curve over the same places, with its name at its end."""
    values = [v for curve in curves.values() for v in curve]
    low, high = min([*values, 0.0]), max([*values, 1e-9])
    width, height, left, right = _WIDTH, 260, 50, 170
    dashes = ("", "6 3", "2 3", "8 3 2 3")

    def at(x: float, y: float) -> tuple[float, float]:
        across = (x - xs[0]) / max(xs[-1] - xs[0], 1e-9)
        return left + across * (width - left - right), height - 34 - (y - low) / (high - low) * (height - 74)

    parts = [f'<text x="0" y="16" class="title">{escape(title)}</text>']
    for value in (low, high):
        parts.append(f'<text x="{left - 6}" y="{at(xs[0], value)[1] + 4:.1f}" text-anchor="end">{value:.3g}</text>')
    for x in xs:
        parts.append(f'<text x="{at(x, low)[0]:.1f}" y="{height - 14}" text-anchor="middle">{x:g}</text>')
    parts.append(f'<text x="{left}" y="{height - 1}">{escape(unit)}</text>')
    ends = _apart([at(xs[-1], curve[-1])[1] for curve in curves.values()])
    for i, ((name, curve), end) in enumerate(zip(curves.items(), ends, strict=True)):
        points = [at(x, y) for x, y in zip(xs, curve, strict=True)]
        colour = COLOURS[i % len(COLOURS)]
        path = " ".join(f"{px:.1f},{py:.1f}" for px, py in points)
        dash = dashes[i // len(COLOURS) % len(dashes)]
        parts += [
            f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2" stroke-dasharray="{dash}"/>',
            f'<text x="{points[-1][0] + 8:.1f}" y="{end + 4:.1f}" fill="{colour}">{escape(name)}</text>',
        ]
    return _svg(width, height, parts)


def _apart(places: Sequence[float], least: float = 13.0) -> list[float]:
    """Places pushed downwards so that no two names lie over each other."""
    out = list(places)
    last = -1e9
    for i in sorted(range(len(out)), key=lambda k: out[k]):
        out[i] = max(out[i], last + least)
        last = out[i]
    return out


def _svg(width: int, height: int, parts: Sequence[str]) -> str:
    return (
        f'<svg viewBox="0 0 {width} {height}" width="{width}" height="{height}" role="img" '
        f'xmlns="http://www.w3.org/2000/svg">{"".join(parts)}</svg>'
    )
