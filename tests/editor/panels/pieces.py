"""A small piece to try the panels on: sixteen bars of four at 120 bpm, one dancer with one clip, one without."""

from __future__ import annotations

import numpy as np

from editor.document.document import Clip, Document, Recipe, Settings, Song, Take, Track
from editor.session import Session
from engine.music.analysis import CURVES, MusicAnalysis
from tests.dances import improvised

USUAL = Settings()
BAR_FRAMES = 60
N_BARS = 16


def music(n_bars: int = N_BARS) -> MusicAnalysis:
    """Beats every half second from 0 on."""
    n_beats, hops = 4 * n_bars, 20 * n_bars
    curves = {name: np.full(hops, 0.5) for name in CURVES}
    return MusicAnalysis(
        duration_s=2.0 * n_bars, beat_times_s=0.5 * np.arange(n_beats), beat_in_bar=np.arange(n_beats) % 4,
        beats_per_bar=4, tempo_bpm=120.0, beat_confidence=0.9, tempo_curve_bpm=np.full(n_beats, 120.0), sections=(),
        curve_rate_hz=10.0, emotion_confidence=0.5, is_steady=True, **curves,
    )  # fmt: skip


def take(number: int, n_frames: int, settings: Settings = USUAL, model: str = "ab12cd34") -> Take:
    """A take of random movement."""
    recipe = Recipe(settings, 0.0, n_frames / 30.0, model, "0f", "1.0", "cpu", "2025-06-01T14:02:11+02:00", "00")
    return Take(f"take{number}", f"Take {number}", improvised(n_frames, seed=number), recipe)


def piece(settings: Settings = USUAL) -> Document:
    """The piece."""
    n_frames = N_BARS * BAR_FRAMES
    clip = Clip("clip", 0, n_frames, (take(1, n_frames, Settings(joy=0.6, seed=12)),))
    song = Song("song.ogg", "00", 2.0 * N_BARS, link="song.ogg")
    tracks = (Track("ana", "Ana", (clip,)), Track("ben", "Ben"))
    return Document("Piece", song, music(), tracks=tracks, settings=settings)


def session(settings: Settings = USUAL) -> Session:
    """A session on the piece."""
    return Session(piece(settings))


def select_bars(one: Session, first: int, last: int) -> None:
    """Select whole bars of Ana's, counted from 1."""
    one.select("ana", (first - 1) * BAR_FRAMES, last * BAR_FRAMES)


def heard(signal) -> list[tuple]:
    """A list that whatever a session's signal says is put into."""
    out: list[tuple] = []
    signal.connect(lambda *values: out.append(values))
    return out
