"""Music analysis: how long it takes, and how right it is on songs it was never tuned on, beside librosa's tracker."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
import warnings
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np

from engine.audio import Audio
from engine.music import MusicAnalysis, analyse, analyse_file
from tests.songs import band_song
from tests.songs.kinds import HELD_OUT, KINDS, MOVING, STEADY, form_song
from tests.songs.measures import Score, boundary_f, same_letters, score
from tests.songs.moods import MOODS, ordered

COLD = """
import time, resource
began = time.perf_counter()
from engine.music import analyse_file
from pathlib import Path
imported = time.perf_counter()
analysis = analyse_file(Path({path!r}), cache_dir=Path({cache!r}))
done = time.perf_counter()
used = resource.getrusage(resource.RUSAGE_SELF)
print(
    f"{{imported - began:5.2f}} s to import, {{done - imported:6.2f}} s to read and analyse, "
    f"{{used.ru_utime + used.ru_stime:6.2f}} s of processor, {{used.ru_maxrss / 1024:5.0f}} MB"
)
"""
N_FORMS = 10


def run() -> None:
    """Print all tables."""
    _print_times()
    _print_live()
    _print_beats()
    _print_sections()
    _print_moods()


def _print_times() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for minutes in (3, 30):
            path = _song_file(folder, minutes)
            code = COLD.format(path=str(path), cache=str(folder / "cache"))
            out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
            print(f"{minutes:2} min, 44.1 kHz stereo flac, new process: {out.strip()}")
        began_s = time.perf_counter()
        analyse_file(folder / "3.flac", cache_dir=folder / "cache")
        print(f" 3 min, from the cache: {1000 * (time.perf_counter() - began_s):.0f} ms")


def _song_file(folder: Path, minutes: int) -> Path:
    """A song of that length, written in blocks."""
    import soundfile

    bars = band_song(112, "pop", 16).audio.resampled(44100).samples[0]
    path = folder / f"{minutes}.flac"
    with soundfile.SoundFile(path, "w", 44100, 2) as file:
        written = 0
        while written < minutes * 60 * 44100:
            file.write(np.stack([bars, bars], axis=1))
            written += len(bars)
    return path


def _print_live() -> None:
    """What a growing stream costs for each second of sound, in chunks of 0.1 s."""
    from engine.music.live import LiveAnalysis

    sound = np.tile(band_song(112, "pop", 16).audio.resampled(44100).samples, (2, 4))
    live, costs = LiveAnalysis(44100), []
    for first in range(0, sound.shape[1] - 44100, 44100):
        began_s = time.perf_counter()
        for start in range(first, first + 44100, 4410):
            live.feed(Audio(sound[:, start : start + 4410].copy(), 44100))
        costs.append(1000.0 * (time.perf_counter() - began_s))
    print(
        f"live, {len(costs)} s of stereo in chunks of 0.1 s: {np.mean(costs):.0f} ms for a second of sound, "
        f"worst second {max(costs):.0f} ms; tempo {live.now().tempo_bpm:.1f} BPM (112)\n"
    )


def _print_beats() -> None:
    """One row a kind: ours, then librosa's as its tutorial uses it."""
    jobs = [(kind, seed) for kind in KINDS for seed in HELD_OUT]
    with ProcessPoolExecutor(2) as pool:
        found = list(pool.map(_both, jobs, chunksize=6))
    print(f"songs of seeds {HELD_OUT.start} to {HELD_OUT.stop - 1}, never tuned on")
    titles = "".join(f"  {title:>15}" for title in ("beat F", "CMLt", "AMLt", "octave errors"))
    print(f"{'':24}{titles}  {'downbeat F':>10} {'meter':>6}")
    heads = "".join(f"  {'ours':>6} {'librosa':>8}" for _ in range(4))
    print(f"{'':18}{'songs':>6}{heads}  {'ours':>10} {'right':>6}")
    by_kind = {kind: [f for (k, _), f in zip(jobs, found, strict=True) if k == kind] for kind in KINDS}
    for name, kinds in {**{k: (k,) for k in KINDS}, "all steady": STEADY, "ramps, swing": MOVING}.items():
        _print_row(name, [f for kind in kinds for f in by_kind[kind]])


def _print_row(name: str, pairs: list[tuple[Score, Score]]) -> None:
    ours, theirs = ([pair[i] for pair in pairs] for i in (0, 1))
    cells = "".join(
        f"  {_mean(ours, m):6.3f} {_mean(theirs, m):8.3f}" for m in ("beat_f", "cml_t", "aml_t", "is_octave_error")
    )
    print(f"{name:18}{len(pairs):6}{cells}  {_mean(ours, 'downbeat_f'):10.3f} {_mean(ours, 'has_meter'):6.0%}")


def _mean(scores: list[Score], measure: str) -> float:
    return float(np.mean([getattr(s, measure) for s in scores]))


def _both(job: tuple[str, int]) -> tuple[Score, Score]:
    """How right we are on a song, and how right librosa is."""
    kind, seed = job
    song = KINDS[kind](seed)
    ours = analyse(song.audio)
    truth = song.beat_times_s, song.beat_in_bar
    theirs = _librosa_beats(song.audio)
    return (
        score(ours.beat_times_s, ours.downbeat_times_s, ours.beats_per_bar, *truth),
        score(theirs, theirs[::4], 4, *truth),
    )


def _librosa_beats(audio: Audio) -> np.ndarray:
    import librosa

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        mono = audio.mono().resampled(22050)
        _, found = librosa.beat.beat_track(y=mono.samples[0], sr=22050, units="time")
    return np.asarray(found)


def _print_sections() -> None:
    with ProcessPoolExecutor(2) as pool:
        rows = np.array(list(pool.map(_form, [HELD_OUT.start + i for i in range(N_FORMS)])))
    near, exact, letters, roles = rows.mean(axis=0)
    print(
        f"\n{N_FORMS} whole songs in parts: boundaries within 3 s F {near:.3f}, within 0.5 s F {exact:.3f}; "
        f"same letters F {letters:.3f}; introduction and conclusion right {roles:.0%}"
    )


def _form(seed: int) -> tuple[float, float, float, float]:
    """Boundary F at 3 s and at 0.5 s, pairwise F of letters, share of right roles."""
    song = form_song(seed)
    found = analyse(song.audio)
    starts = np.array([s.start_s for s in found.sections[1:]])
    true = song.part_starts_s[1:]
    at_s = np.arange(0.5, found.duration_s - 1.0, 0.5)
    letters = np.array([sum(map(ord, _at(found, t).label)) for t in at_s])
    ends = song.part_starts_s[1] / 2.0, (song.part_starts_s[-1] + song.beat_times_s[-1]) / 2.0
    roles = np.mean([_at(found, ends[0]).role == "introduction", _at(found, ends[1]).role == "conclusion"])
    near, exact = (boundary_f(starts, true, tolerance_s) for tolerance_s in (3.0, 0.5))
    return near, exact, same_letters(letters, song.letters_at(at_s)), float(roles)


def _at(found: MusicAnalysis, time_s: float):
    return next(s for s in reversed(found.sections) if s.start_s <= time_s)


def _print_moods() -> None:
    print("\nof two songs alike but for one thing, which has more of a feeling: share in the expected order")
    for name in MOODS:
        print(f"  {name:44}{np.mean([ordered(name, seed) for seed in HELD_OUT]):6.0%}")
