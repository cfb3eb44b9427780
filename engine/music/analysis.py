"""What is known about a song: beats, bars, sections, and its loudness and emotion over time."""

from __future__ import annotations

from dataclasses import MISSING, asdict, dataclass, fields
from typing import Any, Self

import numpy as np

CURVES = (
    "onset_strength",
    "loudness_db",
    "loudness",
    "arousal",
    "valence",
    "joy",
    "sorrow",
    "tension",
    "serenity",
)
# Curves that follow from those above; they are not kept.
DERIVED = ("intensity",)
OWN_TRACKER = "kinetograph"
EMOTIONS = ("joy", "sorrow", "tension", "serenity")
# A beat that lasts as many of its neighbours is a pause in the music, and the bar is not over there.
_PAUSE_BEATS = 1.75


def tracker_name(tracker: str) -> str:
    """What to call a tracker in a sentence: our own, or another by its name."""
    return "Kinetograph's own tracker" if tracker == OWN_TRACKER else tracker


@dataclass(frozen=True)
class Section:
    """A part of the music, [start_s, end_s).

    Attributes:
        start_s: Where it begins, seconds.
        end_s: Where it ends, seconds.
        label: "A", "B", ...: parts that sound alike share a letter; a varied repeat carries primes, "A'".
        role: "introduction", "development" or "conclusion" (a proposal).
    """

    start_s: float
    end_s: float
    label: str
    role: str


@dataclass(frozen=True, eq=False)
class MusicAnalysis:
    """A song as the choreographer counts it. Takes over its arrays and makes them read-only.

    Attributes:
        duration_s: Length of the sound.
        beat_times_s: When the beats are, ascending, [B]. Empty where there is no beat to be found.
        beat_in_bar: Place of each beat in its bar, 0 = downbeat, int [B].
        beats_per_bar: 2 (of 6/8), 3 or 4; 4 when there is no beat.
        tempo_bpm: Beats per minute over the whole song; 0.0 when there is no beat.
        beat_confidence: How clear the pulse is, 0..1; 0.0 when there is no beat.
        tempo_curve_bpm: Tempo at each beat, [B].
        sections: Parts of the music in order, without gaps, from 0 to duration_s; empty for no sound.
        curve_rate_hz: Rate of all curves: value h is at h / curve_rate_hz seconds.
        onset_strength: How strongly something begins, 0..1 of the song's own strong onsets, [H].
        loudness_db: K-weighted level re full scale, smoothed over 0.4 s, -70 at silence, [H].
        loudness: The same on a scale of 0 (-45 dB and below) to 1 (-5 dB), [H].
        arousal: Calm -1 to excited 1, [H].
        valence: Sad or uneasy -1 to glad 1, [H].
        joy, sorrow, tension, serenity: Share of each, 0..1, together 1 (0 in silence), [H].
        emotion_confidence: How far to trust the emotion curves, 0..1 (valence is the weak part).
        arousal_confidence, valence_confidence: The same for each of the two, 0..1.
        is_steady: True where one constant tempo fits the whole song and the beats lie on its grid.
        downbeat_confidence: How clear the bars are, 0..1.
        phrase_start_bar: 0 or 1: whether the first counts of eight begin in the first or the second whole bar.
        tracker: Which beat tracker found the beats: OWN_TRACKER, or "Beat This!" with the name of its weights.
        bar_one: Which bar, of those that begin with a downbeat, is number one; those before it lead up to it.
    """

    duration_s: float
    beat_times_s: np.ndarray
    beat_in_bar: np.ndarray
    beats_per_bar: int
    tempo_bpm: float
    beat_confidence: float
    tempo_curve_bpm: np.ndarray
    sections: tuple[Section, ...]
    curve_rate_hz: float
    onset_strength: np.ndarray
    loudness_db: np.ndarray
    loudness: np.ndarray
    arousal: np.ndarray
    valence: np.ndarray
    joy: np.ndarray
    sorrow: np.ndarray
    tension: np.ndarray
    serenity: np.ndarray
    emotion_confidence: float
    arousal_confidence: float = 0.0
    valence_confidence: float = 0.0
    is_steady: bool = False
    downbeat_confidence: float = 0.0
    phrase_start_bar: int = 0
    tracker: str = OWN_TRACKER
    division: int = 2
    swing: float = 0.5
    grid_error_s: float = 0.0
    bar_one: int = 0

    def __post_init__(self) -> None:
        n_beats, n_hops = len(self.beat_times_s), len(self.onset_strength)
        for names, length in ((("beat_times_s", "beat_in_bar", "tempo_curve_bpm"), n_beats), (CURVES, n_hops)):
            for name in names:
                array = getattr(self, name)
                if array.shape != (length,):
                    raise ValueError(f"expected {name} of shape ({length},), got {array.shape}")
                array.flags.writeable = False
        if not self.curve_rate_hz > 0.0:
            raise ValueError(f"curve_rate_hz must be positive, got {self.curve_rate_hz}")

    @property
    def n_beats(self) -> int:
        """How many beats there are."""
        return len(self.beat_times_s)

    @property
    def downbeat_times_s(self) -> np.ndarray:
        """When the bars begin, [D]."""
        return self.beat_times_s[self.beat_in_bar == 0]

    @property
    def meter(self) -> str:
        """The meter as it is written: "3/4", "4/4", or "6/8" for two beats of three parts."""
        if self.division == 3 and self.beats_per_bar == 2:
            return "6/8"
        return f"{self.beats_per_bar}/4"

    @property
    def beats_of_bars(self) -> np.ndarray:
        """How many beats each bar has, from the first whole bar on, int [D]; a bar that breaks off has fewer."""
        starts = np.flatnonzero(self.beat_in_bar == 0)
        return np.diff(np.append(starts, self.n_beats))

    @property
    def n_pickup_beats(self) -> int:
        """How many beats come before the first whole bar."""
        starts = np.flatnonzero(self.beat_in_bar == 0)
        return int(starts[0]) if len(starts) else self.n_beats

    @property
    def is_drifting(self) -> bool:
        """Whether there are beats that no constant tempo fits: clips must follow the beats, not the clock."""
        return self.n_beats > 0 and not self.is_steady

    @property
    def beat_strength(self) -> np.ndarray:
        """How strong the accent on each beat is, 0..1 of the song's own strong onsets, [B]."""
        if not self.n_beats:
            return np.zeros(0)
        # An onset may fall between two values of the curve: the higher of both is meant.
        at = self.beat_times_s * self.curve_rate_hz
        last = len(self.onset_strength) - 1
        low = np.clip(np.floor(at).astype(int), 0, last)
        return np.maximum(self.onset_strength[low], self.onset_strength[np.minimum(low + 1, last)])

    @property
    def is_strong_beat(self) -> np.ndarray:
        """Whether each beat is a strong one of its bar, bool [B]: the first, and the third of four."""
        return (self.beat_in_bar == 0) | ((self.beats_per_bar == 4) & (self.beat_in_bar == 2))

    @property
    def intensity(self) -> np.ndarray:
        """How much the music asks of a body, 0..1, [H]: the mean of loudness and arousal.

        Arousal is the energy of Thayer (1989); loudness is what moves it from moment to moment (Dean, Bailes and
        Schubert 2011).
        """
        return 0.5 * (self.loudness + (self.arousal + 1.0) / 2.0) * (self.loudness > 0.0)

    def bar_of_beat(self, beat_index: int) -> int:
        """The bar a beat is in; bar 0 begins at the downbeat of bar one, what leads up to it is in bar -1 and below."""
        return int(np.count_nonzero(self.beat_in_bar[: beat_index + 1] == 0)) - 1 - self.bar_one

    def bars_of_beats(self) -> np.ndarray:
        """`bar_of_beat` of every beat, int [B]."""
        return np.cumsum(self.beat_in_bar == 0) - 1 - self.bar_one

    def count_of_eight(self, beat_index: int) -> int:
        """The count a dancer gives to a beat: 1 to 8 over two bars of four (1 to 6 over two bars of three).

        A pick-up is counted as the end of the eight before: "5, 6, 7, 8".
        """
        return int(self.counts_of_eight()[beat_index])

    def counts_of_eight(self) -> np.ndarray:
        """`count_of_eight` of every beat, int [B]."""
        is_first = self.beat_in_bar == 0
        bar = np.cumsum(is_first) - 1
        is_second = (bar - self.bar_one - self.phrase_start_bar) % 2 == 1
        before = np.concatenate([[self.beats_per_bar], self._lengths_of_bars(np.flatnonzero(is_first))])
        return is_second * before[np.maximum(bar, 0)] + self.beat_in_bar + 1

    def _lengths_of_bars(self, begins: np.ndarray) -> np.ndarray:
        """How many counts every bar but the last has: fewer than usual where the meter is another there, [D - 1]."""
        if len(begins) < 2:
            return np.zeros(0, dtype=int)
        lasts_s = np.diff(self.beat_times_s)
        n_beats, usual_s = np.diff(begins), np.zeros(len(begins) - 1)
        for n in np.unique(n_beats):
            alike = n_beats == n
            usual_s[alike] = np.median(lasts_s[begins[:-1][alike, None] + np.arange(n)], axis=1)
        is_whole = lasts_s[begins[1:] - 1] < _PAUSE_BEATS * usual_s
        return np.where(is_whole, np.minimum(n_beats, self.beats_per_bar), self.beats_per_bar)

    def curve_at(self, name: str, times_s: np.ndarray) -> np.ndarray:
        """A curve, by its name in CURVES or DERIVED, at any times, interpolated; held before its start and after it."""
        if name not in (*CURVES, *DERIVED):
            raise ValueError(f"no curve {name!r}; there are {', '.join((*CURVES, *DERIVED))}")
        curve = getattr(self, name)
        return np.interp(times_s, np.arange(len(curve)) / self.curve_rate_hz, curve)

    def to_dict(self) -> dict[str, Any]:
        """The analysis as numbers, strings, lists and dicts, for JSON; `from_dict` gives it back exactly."""
        out: dict[str, Any] = {}
        for field in fields(self):
            value = getattr(self, field.name)
            if field.name == "sections":
                out[field.name] = [asdict(section) for section in value]
            else:
                out[field.name] = value.tolist() if isinstance(value, np.ndarray) else value
        return out

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Self:
        """The analysis that `to_dict` wrote; what an older one did not have keeps its default.

        Raises:
            ValueError: The dict is not one that `to_dict` wrote.
        """
        try:
            values = {f.name: data[f.name] for f in fields(cls) if f.name in data or f.default is MISSING}
            values["sections"] = tuple(Section(**section) for section in values["sections"])
            values["beat_in_bar"] = np.array(values["beat_in_bar"], dtype=np.int64)
            for name in ("beat_times_s", "tempo_curve_bpm", *CURVES):
                values[name] = np.array(values[name], dtype=np.float64)
        except (KeyError, TypeError) as error:
            raise ValueError(f"not a music analysis: {error}") from error
        return cls(**values)
