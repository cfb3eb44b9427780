"""What the lanes draw: the piece or a preview of it, the stretch shown, and what was made of song and dances. No Qt."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from typing import TypeVar, cast
from zlib import crc32

import numpy as np

from editor.document.document import Document
from editor.session import Session
from editor.timeline.beat_grid import BeatGrid
from editor.timeline.footwork import Footwork, between
from editor.timeline.geometry import TimeView, every_nth
from editor.timeline.wave import WavePyramid
from engine.music.analysis import EMOTIONS, MusicAnalysis

T = TypeVar("T")

SEVERITIES = ("error", "warning", "note")
MUSIC_CURVES = (*EMOTIONS, "arousal")
# Lines closer than this would become a grey wall.
LEAST_LINE_PX = 11.0
_KEPT = 32


@dataclass(frozen=True)
class Mark:
    """What was found in one movement, frames [start_frame, end_frame), as the timeline shows it.

    Attributes:
        severity: The worst there.
        text: What the tooltip says.
        is_hollow: Whether all of it is intended.
        keys: What stands behind it, the worst first: whatever picks it hands these on.
    """

    track_id: str
    start_frame: int
    end_frame: int
    severity: str
    text: str
    is_hollow: bool = False
    keys: tuple[object, ...] = ()


class MusicCurves:
    """The music's emotion, quick to average over columns of any width."""

    def __init__(self, music: MusicAnalysis) -> None:
        self._rate_hz = music.curve_rate_hz
        rows = {name: getattr(music, name) for name in MUSIC_CURVES}
        rows["arousal"] = 0.5 * (rows["arousal"] + 1.0)
        self._sums = np.stack([np.concatenate([[0.0], np.cumsum(row)]) for row in rows.values()])

    def means(self, edges_s: np.ndarray) -> dict[str, np.ndarray]:
        """The mean of each of MUSIC_CURVES in each column between two edges [n + 1], 0..1, [n].

        Before its start and after its end the curve is held.
        """
        n_values = self._sums.shape[1] - 1
        if n_values < 1:
            return dict.fromkeys(MUSIC_CURVES, np.zeros(len(edges_s) - 1))
        edges = edges_s * self._rate_hz
        starts = np.clip(edges[:-1], 0.0, n_values - 1.0)
        ends = np.clip(edges[1:], starts + 0.02, n_values)
        means = (between(self._sums, ends) - between(self._sums, starts)) / (ends - starts)
        return dict(zip(MUSIC_CURVES, means, strict=True))


class TimelineModel:
    """The state that lanes and gestures share.

    Attributes:
        session: The open piece.
        preview: What the piece would be if the hand let go now; None while nothing is dragged.
        view: The stretch shown.
        grid, wave, curves: Of the song; None until they are there.
        footwork: Of the dancers, by track id, as far as computed.
        marks: Findings by track id.
        aged: Tracks whose marks are those of an earlier version of the dance.
        chosen_key: What is selected among the keys of marks; None for nothing.
        drawn: Name of the value that the curve lane edits.
        styles: Names of the styles that may be drawn.
        point: Index of the curve's point that is taken hold of; -1 for none.
        hover_s: The time under the cursor; None outside.
    """

    def __init__(self, session: Session) -> None:
        self.session = session
        self.preview: Document | None = None
        self.view = TimeView()
        self.grid: BeatGrid | None = None
        self.wave: WavePyramid | None = None
        self.curves: MusicCurves | None = None
        self.footwork: dict[str, Footwork] = {}
        self.marks: dict[str, tuple[Mark, ...]] = {}
        self.aged: frozenset[str] = frozenset()
        self.chosen_key: object = None
        self.drawn = "joy"
        self.styles: tuple[str, ...] = ()
        self.point = -1
        self.hover_s: float | None = None
        self._kept: dict[Hashable, object] = {}

    @property
    def document(self) -> Document:
        """What is shown: the preview while something is dragged, else the piece."""
        return self.preview or self.session.document

    @property
    def frame_rate_hz(self) -> float:
        """The project's."""
        return self.session.document.frame_rate_hz

    @property
    def duration_s(self) -> float:
        """The piece's; a few seconds for an empty one."""
        return max(self.session.document.duration_s, 4.0)

    def read_music(self) -> None:
        """Take beats from the analysis of the piece, or of its preview."""
        music = self.document.music
        self._kept.clear()
        self.grid = BeatGrid(music) if music is not None and music.n_beats else None
        self.curves = MusicCurves(music) if music is not None else None

    def set_marks(self, marks: Iterable[Mark], aged: Iterable[str] = (), chosen_key: object = None) -> set[str]:
        """Show other findings; the tracks that look different then."""
        found: dict[str, list[Mark]] = {}
        for mark in marks:
            if mark.severity not in SEVERITIES:
                raise ValueError(f"a finding's severity is one of {', '.join(SEVERITIES)}, not {mark.severity!r}")
            found.setdefault(mark.track_id, []).append(mark)
        old, was_aged, was_chosen = self.marks, self.aged, self.chosen_key
        self.marks = {track_id: tuple(own) for track_id, own in found.items()}
        self.aged, self.chosen_key = frozenset(aged), chosen_key
        keys = {was_chosen, chosen_key} if was_chosen != chosen_key else set()
        differ = was_aged ^ self.aged
        differ |= {t for t in {*old, *self.marks} if old.get(t) != self.marks.get(t)}
        return set(differ | {t for t, own in self.marks.items() if any(keys & set(mark.keys) for mark in own)})

    def style_index(self, name: str) -> int:
        """A number for a style's tint, the same wherever it appears."""
        return self.styles.index(name) if name in self.styles else crc32(name.encode())

    def kept(self, key: Hashable, make: Callable[[], T]) -> T:
        """What `make` gives, made once for a key while the song's beats stay."""
        if key not in self._kept:
            if len(self._kept) >= _KEPT:
                self._kept.clear()
            self._kept[key] = make()
        return cast(T, self._kept[key])

    def grid_lines(self, view: TimeView) -> tuple[np.ndarray, np.ndarray]:
        """The lines of beats, bars and counts of eight in a stretch that are far enough apart.

        Returns:
            Where they are, [n], and what: 0 a beat, 1 a downbeat, 2 the start of a count of eight, [n].
        """
        return self.kept(("lines", view), lambda: self._find_lines(view))

    def _find_lines(self, view: TimeView) -> tuple[np.ndarray, np.ndarray]:
        grid = self.grid
        if grid is None or grid.median_beat_s <= 0.0:
            return np.zeros(0), np.zeros(0, dtype=int)
        shown = grid.between(view.start_s, view.end_s)
        beat_px = grid.median_beat_s * view.px_per_s
        rank = (grid.beat[shown] == 1).astype(int) + (grid.count[shown] == 1)
        least = 0
        if beat_px < LEAST_LINE_PX:
            least = 1 if 0.5 * grid.n_counts * beat_px >= LEAST_LINE_PX else 2
        nth = every_nth(grid.n_counts * beat_px, LEAST_LINE_PX)
        kept = (rank >= least) & ((rank < 2) | ((grid.phrase[shown] - 1) % nth == 0))
        return view.xs_of(grid.times_s[shown])[kept], rank[kept]
