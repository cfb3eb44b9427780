"""Music analysis: how long it takes, and how right its beats are, beside librosa's beat tracker."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from engine.audio import Audio
from engine.music import analyse, analyse_file
from tests.songs import Song, band_song, click_track, f_measure, with_noise

#  what        groove, tempi, how played
KINDS = {
    "band": (("rock", "pop", "house", "funk", "halftime"), (86, 98, 112, 125), {}),
    "swing": (("rock", "house"), (92, 108, 124), {"swing": 1 / 6}),
    "drums alone": (("rock", "pop", "house", "funk"), (96, 118), {"with_chords": False}),
    "no drums": (("pop", "ballad", "waltz"), (80, 96), {"with_drums": False}),
    "in three": (("waltz", "jazzwaltz", "slow3"), (92, 108, 140), {}),
}
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


def run() -> None:
    """Print both tables."""
    _print_times()
    _print_accuracy()


def _print_times() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for minutes in (3, 20):
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


def _print_accuracy() -> None:
    print(f"\n{'':14}{'songs':>6}  {'beat F':>17}  {'right tempo':>15}  {'median error':>15}  {'downbeat F':>10}")
    print(f"{'':22}{'ours':>8} {'librosa':>8}  {'ours':>6} {'librosa':>8}  {'ours':>6} {'librosa':>8}  {'ours':>10}")
    for kind, songs in _songs().items():
        ours = [_ours(song.audio) for song in songs]
        theirs = [_librosa(song.audio) for song in songs]
        downbeat_f = [f_measure(o[1], s.downbeat_times_s) for o, s in zip(ours, songs, strict=True)]
        downbeats = f"{np.mean(downbeat_f):.3f}" if kind != "clicks" else "-"  # clicks have no bars
        cells = [_scores([t[0] for t in found], songs) for found in (ours, theirs)]
        (f_a, tempo_a, off_a), (f_b, tempo_b, off_b) = cells
        print(
            f"{kind:14}{len(songs):6}{f_a:10.3f} {f_b:8.3f}  {tempo_a:6.0%} {tempo_b:8.0%}"
            f"  {1000 * off_a:4.0f}ms {1000 * off_b:6.0f}ms  {downbeats:>10}"
        )


def _songs() -> dict[str, list[Song]]:
    kinds = {"clicks": [click_track(bpm, 20.0) for bpm in range(60, 181, 10)]}
    for kind, (grooves, tempi, how) in KINDS.items():
        kinds[kind] = [band_song(bpm, groove, 12, seed=bpm, **how) for groove in grooves for bpm in tempi]
    kinds["under noise"] = [with_noise(song, -20) for song in kinds["band"][::2]]
    return kinds


def _ours(audio: Audio) -> tuple[np.ndarray, np.ndarray]:
    analysis = analyse(audio)
    return analysis.beat_times_s, analysis.downbeat_times_s


def _librosa(audio: Audio) -> tuple[np.ndarray, np.ndarray]:
    return _librosa_beats()(audio), np.zeros(0)


def _librosa_beats() -> Callable[[Audio], np.ndarray]:
    """librosa as its tutorial uses it."""
    import librosa

    def beats(audio: Audio) -> np.ndarray:
        _, found = librosa.beat.beat_track(y=audio.samples[0], sr=audio.sample_rate_hz, units="time")
        return np.asarray(found)

    return beats


def _scores(found: list[np.ndarray], songs: list[Song]) -> tuple[float, float, float]:
    """Mean F-measure, share of songs whose tempo is within 4 %, median distance to the true beats where it is."""
    f, right, off = [], [], []
    for beats_s, song in zip(found, songs, strict=True):
        f.append(f_measure(beats_s, song.beat_times_s))
        true_s = float(np.median(np.diff(song.beat_times_s)))
        is_right = len(beats_s) > 2 and abs(float(np.median(np.diff(beats_s))) / true_s - 1.0) < 0.04
        right.append(is_right)
        if is_right:
            off += [np.abs(beats_s - t).min() for t in song.beat_times_s]
    return float(np.mean(f)), float(np.mean(right)), float(np.median(off)) if off else float("nan")
