"""A blind test: anonymous clips of real dance, the model's and the baselines', an answer key apart, and the score."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from app.contestants import FLOOR, MODEL, REAL
from engine.errors import RequestRefused

if TYPE_CHECKING:
    from engine.evaluation.dancer import Contestant, Song
    from engine.motion.motion import Motion

BALLOT, KEY = "ballot.csv", "key.json"
COLUMNS = ("clip", "real or made", "naturalness 1-10", "in style 1-10", "remarks")
# Of the clips a quarter is real and a quarter the model's; the rest is shared by the others.
_SHARE = 4
# Who is in no panel: takes that the model was trained on, and rungs of the ablation.
_LEFT_OUT = (FLOOR, "+ attention", "+ multimodal", "+ sync")


@dataclass(frozen=True, eq=False)
class PanelClip:
    """One clip: its number from 1, who dances, in which style, to which song, with which seed, and the dance."""

    number: int
    who: str
    style: str
    song: str
    seed: int
    motion: Motion


def panel_clips(
    contestants: Sequence[Contestant],
    songs: Sequence[Song],
    styles: Sequence[str],
    n_clips: int,
    seconds: float,
    seed: int,
    done: Callable[[], None] = lambda: None,
) -> list[PanelClip]:
    """`n_clips` clips in an order that tells nothing; `done` is called after each. The same seed, the same panel.

    Every contestant dances styles and songs in a turn of its own, so that a style does not tell who dances: those with
    few clips would else all dance the first styles. Clips begin at one place, facing one way.
    """
    from engine.motion.blend import moved, yaw_rad
    from engine.motion.house import FRAME_RATE_HZ

    named = {c.name: c for c in contestants if c.name not in _LEFT_OUT}
    rng = np.random.default_rng([seed, 77])
    out = []
    turn = {name: int(rng.integers(len(styles) * len(songs))) for name in named}
    for number, who in enumerate(rng.permutation(_shared(list(named), n_clips)), start=1):
        k = turn[who]
        turn[who] = k + 1
        style, song = styles[k % len(styles)], songs[k % len(songs)]
        n_frames = round(min(seconds, song.analysis.duration_s) * FRAME_RATE_HZ)
        own_seed = seed + k
        motion = named[who].dance(song.analysis, n_frames, own_seed, style)
        motion = moved(motion, 0, np.zeros(3), -float(yaw_rad(motion.local_rotations[0, 0])))
        out.append(PanelClip(number, str(who), style, song.name, own_seed, motion))
        done()
    return out


def _shared(names: Sequence[str], n: int) -> list[str]:
    """`n` names: a quarter each of the real takes and the model, the rest of the others in turn."""
    others = [name for name in names if name not in (REAL, MODEL)]
    quarter = n // _SHARE if others else n // 2
    out = [REAL] * quarter + [MODEL] * quarter
    pool = others or [REAL, MODEL]
    return out + [pool[i % len(pool)] for i in range(n - len(out))]


def write_key(folder: Path, clips: Sequence[PanelClip]) -> None:
    """The answers."""
    from engine.formats.whole_file import replacing

    rows = {clip_name(c.number): {"who": c.who, "style": c.style, "song": c.song, "seed": c.seed} for c in clips}
    folder.mkdir(parents=True, exist_ok=True)
    with replacing(folder / KEY) as file:
        file.write((json.dumps(rows, indent=2) + "\n").encode("utf-8"))


def write_ballot(folder: Path, clips: Sequence[PanelClip]) -> None:
    """An empty ballot, one line a clip. It tells the style, since that is asked about, and not who dances."""
    with (folder / BALLOT).open("w", newline="", encoding="utf-8") as file:
        table = csv.writer(file)
        table.writerow((*COLUMNS, "style asked for"))
        table.writerows((clip_name(c.number), "", "", "", "", c.style) for c in clips)


def clip_name(number: int) -> str:
    """What a clip's files are called."""
    return f"clip_{number:02d}"


def score(ballot: Path, key: Path) -> dict[str, Mapping[str, float]]:
    """What a filled-in ballot says of each contestant: share taken for real, mean naturalness, mean style, clips.

    Lines without a judgement are passed over; RequestRefused for a ballot and a key that do not belong together.
    """
    answers = json.loads(key.read_text("utf-8"))
    with ballot.open(newline="", encoding="utf-8") as file:
        lines = [line for line in csv.DictReader(file) if (line.get(COLUMNS[1]) or "").strip()]
    unknown = sorted({line[COLUMNS[0]] for line in lines} - set(answers))
    if unknown or not lines:
        what = f"{unknown[0]} is not in {key.name}" if unknown else "no line is filled in"
        raise RequestRefused(f"{ballot.name} cannot be scored: {what}.")
    by: dict[str, list[dict[str, str]]] = {}
    for line in lines:
        by.setdefault(answers[line[COLUMNS[0]]]["who"], []).append(line)
    return {
        who: {
            "taken for real": float(np.mean([line[COLUMNS[1]].strip().lower().startswith("r") for line in rows])),
            "naturalness": _mean(line[COLUMNS[2]] for line in rows),
            "style": _mean(line[COLUMNS[3]] for line in rows),
            "clips": float(len(rows)),
        }
        for who, rows in by.items()
    }


def _mean(cells: Iterable[str | None]) -> float:
    numbers = [float(cell) for cell in cells if cell and cell.strip()]
    return float(np.mean(numbers)) if numbers else float("nan")
