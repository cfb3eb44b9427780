"""How high feet travel, and how fast bodies go where phrases meet: in made dances, and the first in captured ones."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from app.commands.evaluate import takes
from app.resources import resource_path
from engine.audio import read_audio
from engine.generation.checkpoint import load_model
from engine.generation.generate import Preparation
from engine.generation.generate import dances as dances_of
from engine.generation.plan import Phrase, Planner
from engine.generation.request import request_for_music
from engine.motion.contacts import contact_positions_m
from engine.motion.house import CONTACT_REST_HEIGHTS_M, FRAME_RATE_HZ
from engine.motion.motion import Motion
from engine.music import analyse
from tests.benchmarks.bench_structure import prepared

SPEEDS_M_S = (0.3, 1.0, 1.5, 2.0, 2.5, 3.0, 4.0, 9.0)
DANCE_S, SEEDS = 30.0, (101, 102)
BORDER_FRAMES = 10
_BALLS = [1, 3]


def run() -> None:
    """Print both for dances to the demo song in each claimed style; captured dance where it is there."""
    folder = prepared()
    if folder is None:
        print("no prepared motion capture: only made dances are measured")
    for split in ("train", "validation") if folder else ():
        # What a robot danced has no feet of its own.
        some = [take.motion for take in takes(folder, split) if take.style != "freestyle"]
        _print_heights(f"captured, {split}", some)
    dances, peaks = _made()
    _print_heights("made", [dance for some in dances.values() for dance in some])
    print("where phrases meet, the fastest in a third of a second either side, mean of all joints, m/s: median, 90 %")
    for style, found in peaks.items():
        print(f"  {style:12s}{np.median(found):6.2f}{np.percentile(found, 90):6.2f}")


def _made() -> tuple[dict[str, list[Motion]], dict[str, list[float]]]:
    """Dances by style, and the peak speed at each border of two of their phrases."""
    model = load_model(resource_path("models/kinetograph"))
    song = analyse(read_audio(resource_path("demo/song.ogg")))
    dances: dict[str, list[Motion]] = {}
    peaks: dict[str, list[float]] = {}
    for style in model.card["claimed_styles"]:
        for seed in SEEDS:
            asked = request_for_music(song, 0.0, DANCE_S, seed=seed, style={style: 1.0})
            preparation = Preparation(asked, model)
            phrases = Planner(preparation.costs, seed, asked.novelty).run(None, None, lambda _: None)
            (dance,) = dances_of([(preparation, seed)], model, lambda _: None)
            dances.setdefault(style, []).append(dance)
            peaks.setdefault(style, []).extend(_peaks_m_s(dance, phrases))
    return dances, peaks


def _peaks_m_s(dance: Motion, phrases: list[Phrase]) -> list[float]:
    speeds = np.linalg.norm(np.diff(dance.positions_m(), axis=0), axis=-1).mean(axis=1) * FRAME_RATE_HZ
    steady = np.convolve(speeds, np.ones(5) / 5.0, mode="same")
    borders = [phrase.start_frame for phrase in phrases[1:]]
    return [float(steady[max(at - BORDER_FRAMES, 0) : at + BORDER_FRAMES].max()) for at in borders]


def _print_heights(name: str, motions: list[Motion]) -> None:
    speeds, heights_m = [], []
    for motion in motions:
        balls = contact_positions_m(motion)[:, _BALLS]
        way = np.linalg.norm((balls[2:] - balls[:-2])[..., [0, 2]], axis=-1)
        speeds.append((way * FRAME_RATE_HZ / 2.0).ravel())
        heights_m.append((balls[1:-1, :, 1] - CONTACT_REST_HEIGHTS_M[_BALLS]).ravel())
    fast, high = np.concatenate(speeds), np.concatenate(heights_m)
    print(f"{name}: height of the ball by its speed over the floor, cm: 10 %, 25 %, median")
    for low, up in pairwise(SPEEDS_M_S):
        some = 100.0 * high[(fast >= low) & (fast < up)]
        if len(some) > 20:
            told = "".join(f"{value:6.1f}" for value in np.percentile(some, [10, 25, 50]))
            print(f"  {low:.1f} to {up:.1f} m/s{told}")
