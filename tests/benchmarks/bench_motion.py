"""What an editor does to a motion all day: three minutes of dance; and how high chance scores on beats."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from engine.evaluation.metrics import beat_alignment, foot_skating, jitter
from engine.motion.blend import inertialise
from engine.motion.contacts import detect_contacts
from engine.motion.foot_lock import lock_feet
from engine.motion.mirror import mirrored
from engine.motion.motion import concatenate
from engine.motion.movements import segment
from engine.motion.qualities import qualities
from engine.motion.resample import resampled
from tests.benchmarks.timing import best_s
from tests.dances import skating, walk

DANCE_S, TRIALS, SPREAD_S = 180.0, 60, 0.2


def run() -> None:
    """Print the best of several times for each, and the chance level of the beat scores."""
    motion = skating(concatenate([walk(60.0)[0]] * 3))
    contacts = detect_contacts(motion)
    work: list[tuple[str, Callable[[], object]]] = [
        ("foot contacts", lambda: detect_contacts(motion)),
        ("foot lock, contacts given", lambda: lock_feet(motion, contacts)),
        ("resampled to 60 fps", lambda: resampled(motion, 60.0)),
        ("resampled to 23.976 fps", lambda: resampled(motion, 23.976)),
        ("mirrored", lambda: mirrored(motion)),
        ("one seam inertialised", lambda: inertialise(motion, 900, 0.3)),
        ("cut into movements", lambda: segment(motion)),
        ("qualities of one movement", lambda: qualities(motion, 900, 930)),
        ("foot skating ratio", lambda: foot_skating(motion)),
        ("jitter", lambda: jitter(motion)),
    ]
    print(f"{motion.n_frames} frames x {motion.skeleton.n_joints} joints")
    for name, do in work:
        print(f"  {name:28s}{best_s(do, repeats=3) * 1e3:8.1f} ms")
    _print_chance()


def _print_chance() -> None:
    """Scores of random beat trains, 0.2 s apart at least, on 60 s of music at 120 BPM."""
    rng = np.random.default_rng(0)
    music_s = np.arange(0.25, 60.0, 0.5)
    print(f"chance level of the beat scores, mean of {TRIALS} random dances on 120 BPM")
    print("  beats/s   dance to music   music to dance   within 100 ms    lifts (all should be 0)")
    for per_second in (1.0, 1.5, 2.0, 2.5, 3.0):
        scores = [beat_alignment(_random_beats_s(rng, per_second, 60.0), music_s, 60.0) for _ in range(TRIALS)]
        names = ("dance_to_music", "music_to_dance", "precision")
        raw = [np.mean([getattr(s, name) for s in scores]) for name in names]
        lifts = [np.mean([getattr(s, name + "_lift") for s in scores]) for name in names]
        columns = [f"{x:17.3f}" for x in raw] + ["   "] + [f"{x:+8.3f}" for x in lifts]
        print(f"  {per_second:7.1f}" + "".join(columns))


def _random_beats_s(rng: np.random.Generator, per_second: float, duration_s: float) -> np.ndarray:
    waits_s = SPREAD_S + rng.exponential(1.0 / per_second - SPREAD_S, size=round(3 * per_second * duration_s))
    times_s = np.cumsum(waits_s)
    return times_s[times_s < duration_s]


if __name__ == "__main__":
    run()
