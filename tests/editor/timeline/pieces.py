"""Small pieces whose every edge is known: 120 beats a minute, bars of four, clips on round frames."""

from __future__ import annotations

import numpy as np

from editor.document.document import Clip, Document, Marker, Song, Take, Track
from engine.audio.audio import Audio
from engine.motion import quaternion
from engine.motion.house import FRAME_RATE_HZ, HOUSE
from engine.motion.motion import Motion
from engine.music.analysis import CURVES, MusicAnalysis, Section

DURATION_S = 16.0


def music(bpm: float = 120.0, duration_s: float = DURATION_S, beats_per_bar: int = 4) -> MusicAnalysis:
    """Beats from 0 on; joy rises from 0 to 1, the other curves stand at 0.5."""
    beats = np.arange(0.0, duration_s, 60.0 / bpm)
    n_hops = round(duration_s * 30.0)
    curves = {name: np.full(n_hops, 0.5) for name in CURVES} | {"joy": np.linspace(0.0, 1.0, n_hops)}
    half_s = 0.5 * duration_s
    return MusicAnalysis(
        duration_s=duration_s, beat_times_s=beats, beat_in_bar=np.arange(len(beats)) % beats_per_bar,
        beats_per_bar=beats_per_bar, tempo_bpm=bpm, beat_confidence=1.0, tempo_curve_bpm=np.full(len(beats), bpm),
        sections=(Section(0.0, half_s, "A", "introduction"), Section(half_s, duration_s, "B", "conclusion")),
        curve_rate_hz=30.0, emotion_confidence=1.0, **curves,
    )  # fmt: skip


def standing(n_frames: int) -> Motion:
    """The rest pose, held."""
    local = np.tile(quaternion.IDENTITY, (n_frames, HOUSE.n_joints, 1))
    return Motion(HOUSE, FRAME_RATE_HZ, np.tile(HOUSE.offsets_m[0], (n_frames, 1)), local)


def clip(name: str, start: int, end: int) -> Clip:
    """A clip of a single take."""
    return Clip(name, start, end - start, (Take(f"{name} take", "Take 1", standing(end - start)),), name=name)


def piece() -> Document:
    """Ana dances [0, 120) and [150, 240), Ben [60, 300); one marker at 5 s."""
    ana = Track("ana", "Ana", (clip("first", 0, 120), clip("second", 150, 240)))
    ben = Track("ben", "Ben", (clip("third", 60, 300),))
    song = Song("song.wav", "0" * 64, DURATION_S)
    return Document("Piece", song, music(), None, (ana, ben), (Marker("cue", 5.0, "Cue"),))


def tone(duration_s: float = DURATION_S, rate_hz: int = 8000) -> Audio:
    """A tone that swells."""
    t = np.arange(round(duration_s * rate_hz)) / rate_hz
    return Audio((0.8 * t / duration_s * np.sin(880 * np.pi * t)).astype(np.float32)[np.newaxis], rate_hz)
