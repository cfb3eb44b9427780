"""Playback: what is shown beside what is heard, drift, drop-outs, scrubbing, and what stretched sound costs.

Two minutes of playing on end; with KINETOGRAPH_LONG set in the environment ten.
"""

from __future__ import annotations

import os

import numpy as np

from tests.editor.playback.null_sink import MISSING, RATE_HZ, fill_times_s, is_there, measured

BLOCK = 512
RATES = (1.0, 0.75, 0.5, 0.25, 2.0, 4.0, -1.0)


def run() -> None:
    """Print both tables."""
    _print_costs()
    if not is_there():
        print(f"\n{MISSING}")
        return
    _print_offsets(600.0 if os.environ.get("KINETOGRAPH_LONG") else 120.0)


def _print_costs() -> None:
    print(f"{'rate':>6}{'a block of 512, ms':>22}{'95 %':>8}{'worst':>8}{'of real time':>15}")
    for rate in RATES:
        times_s = fill_times_s(rate)
        mean, high, worst = 1000 * np.array([times_s.mean(), np.percentile(times_s, 95), times_s.max()])
        share = times_s.mean() * RATE_HZ / BLOCK
        print(f"{rate:6g}{mean:22.3f}{high:8.3f}{worst:8.2f}{share:14.2%}")


def _print_offsets(play_s: float) -> None:
    n_moves = 50
    result = measured(n_moves, play_s, n_scrubs=20)
    off_ms, at_s = np.array(result["off_ms"]), np.array(result["at_s"])
    print(f"\nPulseAudio null sink, its monitor captured; {result['device']!r}, {result['trouble'] or 'no trouble'}")
    print(f"set_song returned after {1000 * result['called_s']:.1f} ms, device ready after {result['opened_s']:.2f} s")
    print(f"{'picture less sound, ms':36}{'clicks':>8}{'mean':>8}{'|95 %|':>8}{'|max|':>8}")
    for name, which in (
        (f"in {n_moves} cycles of seek, play, pause", at_s < 0.0),
        (f"in {play_s:.0f} s on end", at_s >= 0.0),
    ):
        off = off_ms[which]
        print(f"{name:36}{len(off):8}{off.mean():8.2f}{np.percentile(np.abs(off), 95):8.2f}{np.abs(off).max():8.2f}")
    slope, _ = np.polyfit(at_s[at_s >= 0.0], off_ms[at_s >= 0.0], 1)
    print(f"drift over those {play_s:.0f} s: {slope * play_s:+.2f} ms; drop-outs: {result['dropouts']}")
    scrub_ms = np.array(result["scrub_ms"])
    print(
        f"scrub, from the call to the first sound: median {np.median(scrub_ms):.0f} ms, worst {scrub_ms.max():.0f} ms"
    )
