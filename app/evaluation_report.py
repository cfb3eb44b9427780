"""What `kinetograph evaluate` writes: the page, its films and pictures, the document, the figures in the card."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.progress import Bar

if TYPE_CHECKING:
    from engine.evaluation.comparison import Comparison
    from engine.evaluation.contest import Danced
    from engine.evaluation.dancer import Song, Take
    from engine.evaluation.page import Shown
    from engine.evaluation.report import Table
    from engine.motion.motion import Motion

LOOP_S = 30.0  # to which loops are repeated
BY_HAND = "# Seen by eye"  # where the part of docs/evaluation.md begins that no command writes
FILM_SIZE, FILM_RATE_HZ = (1280, 640), 15.0


@dataclass(frozen=True, eq=False)
class Report:
    """What is written: a title, what was measured on what, all tables, all numbers, what the page shows beside them."""

    title: str
    about: str
    tables: tuple[Table, ...]
    numbers: dict[str, Any]
    comparison: Comparison | None = None
    shown: tuple[Shown, ...] = ()


def write(folder: Path, report: Report) -> None:
    """report.json, report.md and report.html."""
    from engine.evaluation.page import as_page, comparison_charts

    charts = comparison_charts(report.comparison) if report.comparison is not None else []
    texts = {
        "report.json": json.dumps(report.numbers, indent=2) + "\n",
        "report.md": as_markdown(report),
        "report.html": as_page(report.title, report.about, report.tables, charts, report.shown),
    }
    for file_name, text in texts.items():
        _write(folder / file_name, text)


def as_markdown(report: Report) -> str:
    """The tables in Markdown."""
    return "\n\n".join([f"# {report.title}", report.about, *(table.as_markdown() for table in report.tables)]) + "\n"


def about_data(songs: list[Song], validation: list[Take], training: list[Take]) -> str:
    """A sentence each on the command, the takes and the music."""
    counts = {kind: sum(song.kind == kind for song in songs) for kind in ("track", "loop", "click")}
    music = f"{counts['track']} songs, {counts['loop']} loops repeated to {LOOP_S:.0f} s, {counts['click']} click songs"
    minutes = sum(take.motion.duration_s for take in validation) / 60.0
    return (
        "Written by `kinetograph evaluate --data prepared/ --music FOLDER --publish FILE`; baselines by `kinetograph "
        f"baseline all`. Held out: {len(validation)} takes, {minutes:.1f} minutes, which neither the model nor any "
        f"baseline nor the judge was trained on. Trained on: {len(training)} takes of dance. Music: {music}."
    )


def publish(page: Path, model_folder: Path, report: Report) -> None:
    """The Markdown at `page`, and the figures that a card holds in the model's card.json.

    What was written into the page by hand, from the heading BY_HAND on, is kept. Pictures that have a name lie beside
    the page, as PAGE-NAME.png.
    """
    from engine.evaluation.comparison import card_figures

    page.parent.mkdir(parents=True, exist_ok=True)
    _, heading, by_hand = (page.read_text("utf-8") if page.is_file() else "").partition(f"\n{BY_HAND}\n")
    _write(page, as_markdown(report) + heading + by_hand)
    for picture in report.shown:
        if picture.name:
            _write(page.with_name(f"{page.stem}-{picture.name}.png"), picture.content)
    if report.comparison is not None:
        path = model_folder / "card.json"
        card = json.loads(path.read_text("utf-8"))
        card["evaluation"] = card_figures(report.comparison)
        _write(path, json.dumps(card, indent=2) + "\n")


def _write(path: Path, content: str | bytes) -> None:
    from engine.formats.whole_file import replacing

    with replacing(path) as file:
        file.write(content.encode("utf-8") if isinstance(content, str) else content)


def films(kept: Mapping[str, list[Danced]], n: int, folder: Path) -> list[Shown]:
    """For the page: `n` films of all contestants' dances to one song in one style, and a contact sheet of the first."""
    from engine.evaluation.page import Shown
    from engine.formats.video import write_video
    from viewer3d.film import film

    dances = {name: rows for name, rows in kept.items() if rows}
    if n == 0 or not dances:
        return []
    total = min(len(rows) for rows in dances.values())
    out = []
    for i in sorted({round(k * (total - 1) / max(n - 1, 1)) for k in range(n)}):
        motions = [rows[i].motion for rows in dances.values()]
        first = next(iter(dances.values()))[i]
        times_s = [t / FILM_RATE_HZ for t in range(round(min(m.duration_s for m in motions) * FILM_RATE_HZ))]
        path = folder / "films" / f"{first.style}_{i}.mp4"
        path.parent.mkdir(exist_ok=True)
        pictures = film(motions, times_s, FILM_SIZE, names=list(dances))
        write_video(path, pictures, FILM_RATE_HZ, progress=Bar("drawing"), n_frames=len(times_s))
        out.append(Shown(f"{first.style}, {first.song.name}", "video/mp4", path.read_bytes()))
    return out


def drawer(folder: Path) -> Callable[[Song, Motion], None]:
    """Draws contact sheets into `folder`/sheets."""
    from app.commands.render import CAMERAS, N_CELLS, write_sheet
    from app.counting import Counting

    def draw(song: Song, motion: Motion) -> None:
        file_name = re.sub(r"[^\w.-]+", "_", song.name) + ".png"
        path = folder / "sheets" / file_name
        path.parent.mkdir(exist_ok=True)
        write_sheet(
            path, [motion], [song.name], Counting(song.analysis), 0.0, motion.duration_s, N_CELLS, CAMERAS[0]
        )

    return draw
