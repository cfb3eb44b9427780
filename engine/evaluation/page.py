"""The report as one HTML page that needs nothing beside it: tables, charts, pictures and films within."""

from __future__ import annotations

import base64
import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from engine.evaluation.charts import bars, lines
from engine.evaluation.comparison import Comparison
from engine.evaluation.contest import COLUMNS
from engine.evaluation.inbetween import REAL
from engine.evaluation.intervals import Estimate
from engine.evaluation.report import Table

_STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; color: #1b1c1f; background: #fff; max-width: 1180px; margin: 2rem auto;
  padding: 0 1rem; }
h1 { font-size: 1.7rem } h2 { font-size: 1.2rem; margin-top: 2.4rem } .note { color: #55575c; max-width: 62rem }
table { border-collapse: collapse; font-size: 13px; margin: .6rem 0 } .wide { overflow-x: auto }
th, td { padding: .25rem .6rem; border-bottom: 1px solid #e3e4e7; text-align: right; white-space: nowrap }
.word { text-align: left } td.word { white-space: normal; max-width: 34rem } th { border-bottom: 2px solid #1b1c1f }
svg { font: 12px system-ui, sans-serif; margin: .4rem 1.2rem .4rem 0 } svg .title { font-weight: 700; font-size: 13px }
img, video { max-width: 100%; border-radius: 4px; margin: .4rem 0 } figure { margin: 1rem 0 }
"""


@dataclass(frozen=True)
class Shown:
    """A picture or a film for the page: what it shows, its kind ("image/png" or "video/mp4"), its bytes; a picture that
    is to lie beside a published report has a name."""

    caption: str
    kind: str
    content: bytes
    name: str = ""


def as_page(title: str, about: str, tables: Sequence[Table], charts: Sequence[str], shown: Sequence[Shown]) -> str:
    """The whole page."""
    parts = [f'<h1>{escape(title)}</h1><p class="note">{escape(about)}</p>']
    if shown:
        parts.append("<h2>Side by side</h2>")
        parts += [_figure(one) for one in shown]
    if charts:
        parts += ["<h2>Charts</h2>", "".join(charts)]
    parts += [_table(table) for table in tables]
    body = "\n".join(parts)
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        f"<title>{escape(title)}</title><style>{_STYLE}</style></head>\n<body>\n{body}\n</body></html>\n"
    )


def comparison_charts(found: Comparison) -> list[str]:
    """The comparison's charts: the figures that decide, gaps by length, sliders by setting."""
    out = []
    for key in ("fid", "style_accuracy", "novelty_m", "beat_lift", "skating", "jitter"):
        heading, factor, digits, _ = COLUMNS[key]
        rows = [
            (row.name, Estimate(e.value * factor, e.low * factor, e.high * factor))
            for row in found.rows
            if (e := row.figures.get(key)) is not None and math.isfinite(e.value)
        ]
        if rows:
            out.append(bars(heading, rows, digits, marked=found.model))
    lengths = sorted(found.transitions)
    if len(lengths) > 1:
        names = [row.name for row in found.transitions[lengths[0]] if row.name != REAL]
        by = {n: {row.name: row.l2p for row in found.transitions[n]} for n in lengths}
        curves = {name: [by[n][name] for n in lengths] for name in names}
        out.append(lines("L2P of filled gaps by length", [float(n) for n in lengths], curves, "frames"))
    if found.emotions:
        n = len(found.emotions[0].medians)
        steps = [round(i / (n - 1), 2) for i in range(n)]
        curves = {f"{row.name}: {row.quality}": _over_first(row.medians) for row in found.emotions}
        out.append(lines("Emotion sliders: quality over that at 0", steps, curves, "setting"))
    return out


def _over_first(values: Sequence[float]) -> list[float]:
    return [value / values[0] if values[0] else 0.0 for value in values]


def _table(table: Table) -> str:
    def line(cells: Sequence[str], tag: str) -> str:
        words = [f'<{tag} class="word">{escape(cell)}</{tag}>' for cell in cells[: table.n_words]]
        return "".join(words + [f"<{tag}>{escape(cell)}</{tag}>" for cell in cells[table.n_words :]])

    head = line(table.columns, "th")
    rows = "".join(f"<tr>{line(row, 'td')}</tr>" for row in table.rows)
    return (
        f'<h2>{escape(table.title)}</h2><p class="note">{escape(table.note)}</p>'
        f'<div class="wide"><table><tr>{head}</tr>{rows}</table></div>'
    )


def _figure(one: Shown) -> str:
    source = f"data:{one.kind};base64,{base64.b64encode(one.content).decode('ascii')}"
    caption = escape(one.caption)
    inner = (
        f'<video controls loop muted src="{source}"></video>'
        if one.kind.startswith("video/")
        else f'<img alt="{caption}" src="{source}">'
    )
    return f"<figure>{inner}<figcaption>{caption}</figcaption></figure>"
