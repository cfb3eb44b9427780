"""What an evaluation works on: whoever makes dances, the songs danced to, the real takes to hold beside them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np

from engine.audio.audio import Audio
from engine.motion.motion import Motion
from engine.music.analysis import MusicAnalysis, Section


class Dancer(Protocol):
    """Makes dances: the trained generator, or a baseline to hold beside it. The same arguments give the same dance."""

    def dance(self, music: MusicAnalysis, seed: int, emotion: Mapping[str, float]) -> Motion:
        """A dance as long as the music, on the house skeleton at its rate."""
        ...

    def fill(self, before: Motion, n_frames: int, after: Motion, style: str, seed: int) -> Motion:
        """`n_frames` frames that lead from `before` to `after`, without music; a style it does not know is no style."""
        ...

    def again(
        self, music: MusicAnalysis, dance: Motion, start_frame: int, end_frame: int, locked: frozenset[str], seed: int
    ) -> Motion:
        """Frames [start_frame, end_frame) of a dance made anew between the rest of it, these body parts kept."""
        ...


class Contestant(Protocol):
    """One of those who are compared: the generator, a baseline, or real takes. The same arguments, the same dance."""

    @property
    def name(self) -> str:
        """For tables."""
        ...

    def dance(self, music: MusicAnalysis, n_frames: int, seed: int, style: str) -> Motion:
        """`n_frames` frames of dance to the beginning of the music, house motion; "" and what it does not know is any
        style."""
        ...

    def fill(self, before: Motion, n_frames: int, after: Motion, style: str, seed: int) -> Motion:
        """As `Dancer.fill`."""
        ...


@dataclass(frozen=True, eq=False)
class Song:
    """A song to dance to.

    Attributes:
        name: For tables.
        kind: "track", "loop" or "click".
        analysis: What is known of it, with its tempo.
        true_beats_s: Its beats where they are known for certain, else None: the analysis's are taken.
        path: Where its sound lies; None for one that was made here, and for a part of one.
        audio: Its sound, where it was made here.
        sections: Its parts where they are known for certain; where none are, the analysis's are taken.
    """

    name: str
    kind: str
    analysis: MusicAnalysis
    true_beats_s: np.ndarray | None = None
    path: Path | None = None
    audio: Audio | None = None
    sections: tuple[Section, ...] = ()

    @property
    def beats_s(self) -> np.ndarray:
        """The beats that a dance is judged by, [B]."""
        return self.analysis.beat_times_s if self.true_beats_s is None else self.true_beats_s


@dataclass(frozen=True, eq=False)
class Take:
    """A real take on the house skeleton at its rate.

    Attributes:
        name, style: As in the prepared data.
        motion: The whole take.
        valid: Frames that are sound, bool [T].
    """

    name: str
    style: str
    motion: Motion
    valid: np.ndarray
