"""A short demo whose beats, counts and movement are known."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import soundfile

from app.commands.demo import Demo
from engine.music.analysis import CURVES, MusicAnalysis, Section
from tests.poses import swinging

RATE_HZ, DURATION_S, BEAT_S = 22050, 4.0, 0.25


def short_demo(folder: Path, motion=None) -> Demo:
    """Four seconds at 240 bpm: a click on each beat, and a dancer swinging twice a second."""
    beats = np.arange(16) * BEAT_S
    samples = np.zeros(round(DURATION_S * RATE_HZ), np.float32)
    for beat in beats:
        samples[round(beat * RATE_HZ) :][:200] = 0.5
    soundfile.write(folder / "song.wav", samples, RATE_HZ)
    analysis = MusicAnalysis(
        duration_s=DURATION_S, beat_times_s=beats, beat_in_bar=np.arange(16) % 4, beats_per_bar=4, tempo_bpm=240.0,
        beat_confidence=1.0, tempo_curve_bpm=np.full(16, 240.0),
        sections=(Section(0.0, 2.0, "A", "introduction"), Section(2.0, 4.0, "B", "conclusion")),
        curve_rate_hz=10.0, emotion_confidence=0.0, **{name: np.full(40, 0.5) for name in CURVES},
    )  # fmt: skip
    return Demo("Short demo", motion or swinging(120), analysis, folder / "song.wav")
