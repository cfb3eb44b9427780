"""A whole dance as the rules about wholes look at it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np

from engine.motion.movements import Movement
from engine.music.analysis import MusicAnalysis
from engine.structure.body import Body
from engine.structure.hits import Hit


@dataclass(frozen=True, eq=False)
class Piece:
    """A whole dance, its movements, and what it is danced to from its first frame on."""

    body: Body
    movements: tuple[Movement, ...]
    music: MusicAnalysis | None

    @cached_property
    def eights(self) -> list[tuple[int, int]]:
        """The counts of eight (of six, in three) that lie wholly within the dance, as frames [start, end)."""
        if self.music is None or self.music.n_beats < 2:
            return []
        begins = self.music.beat_times_s[self.music.counts_of_eight() == 1]
        at = np.round(begins * self.body.rate_hz).astype(int)
        return [(int(a), int(b)) for a, b in pairwise(at) if 0 <= a < b <= self.body.n]

    def is_long(self, least_s: float) -> bool:
        """Whether there is music, and so much dance to it that it can be judged as a piece."""
        return self.music is not None and self.body.n >= least_s * self.body.rate_hz


@dataclass(frozen=True)
class PieceRule:
    """A rule about the whole: as engine.structure.rules.Rule, of a Piece."""

    name: str
    find: Callable[[Piece, Mapping[str, float]], list[Hit]]
    repair: str | None = None
    family: str = "integrity"
