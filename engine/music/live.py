"""The analysis of a stream that is still coming in: beats and emotion so far, a little behind the sound."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from engine.audio.audio import Audio
from engine.music.beats import Beats, find_beats
from engine.music.curves import CURVE_RATE_HZ, find_curves
from engine.music.harmony import harmony
from engine.music.onsets import onsets
from engine.music.spectral import MAX_AMPLITUDE, RATE_HZ, spectra

# In less than FIRST_S even the level of the beat is a guess, and what is told stays.
WINDOW_S, UPDATE_S, FIRST_S = 10.0, 2.0, 5.0
# Beats this near to the end of what was heard may still move, and are not told yet.
LAG_S = 0.5
MOODS = ("arousal", "valence", "joy", "sorrow", "tension", "serenity")


@dataclass(frozen=True, eq=False)
class Live:
    """What is known of a stream so far. Beats that were told once stay.

    Attributes:
        heard_s: How much has been heard.
        beat_times_s: The beats so far, from the begin of the stream, ascending, [B].
        next_beat_s: When the next beat is expected; infinite if there is no pulse.
        tempo_bpm: The tempo now, 0.0 if there is no pulse.
        beat_confidence: How clear the pulse is now, 0..1.
        loudness: At the last update, 0..1.
        arousal, valence: At the last update, -1..1.
        joy, sorrow, tension, serenity: At the last update, together 1, or all 0 in silence.
    """

    heard_s: float = 0.0
    beat_times_s: np.ndarray = field(default_factory=lambda: np.zeros(0))
    next_beat_s: float = np.inf
    tempo_bpm: float = 0.0
    beat_confidence: float = 0.0
    loudness: float = 0.0
    arousal: float = -1.0
    valence: float = 0.0
    joy: float = 0.0
    sorrow: float = 0.0
    tension: float = 0.0
    serenity: float = 0.0


class LiveAnalysis:
    """Fed with chunks of any length, it looks at the last WINDOW_S whenever UPDATE_S have come in.

    The work and the memory for a second of sound are the same however long the stream is, the list of beats aside.
    """

    def __init__(self, sample_rate_hz: int) -> None:
        """For sound of a sample rate."""
        if not sample_rate_hz > 0:
            raise ValueError(f"sample_rate_hz must be positive, got {sample_rate_hz}")
        import soxr  # only needed where sound is read

        self._rate_hz = sample_rate_hz
        self._stream = soxr.ResampleStream(sample_rate_hz, RATE_HZ, 1, dtype="float32")
        self._window = np.zeros(0, np.float32)
        self._n_heard, self._n_looked = 0, 0
        self._told: list[float] = []
        self._now = Live()

    def feed(self, chunk: Audio) -> None:
        """Take in the next samples; any number of channels, at the sample rate of the stream.

        Raises:
            ValueError: The chunk has another sample rate.
        """
        if chunk.sample_rate_hz != self._rate_hz:
            raise ValueError(f"the stream has {self._rate_hz} Hz, the chunk {chunk.sample_rate_hz} Hz")
        mono = np.nan_to_num(chunk.mono().samples[0], nan=0.0, posinf=0.0, neginf=0.0)
        new = self._stream.resample_chunk(np.clip(mono, -MAX_AMPLITUDE, MAX_AMPLITUDE))
        self._n_heard += len(new)
        self._window = np.concatenate([self._window, new])[-round(WINDOW_S * RATE_HZ) :]
        if self._n_heard >= FIRST_S * RATE_HZ and self._n_heard - self._n_looked >= UPDATE_S * RATE_HZ:
            self._n_looked = self._n_heard
            self._look()

    def now(self) -> Live:
        """What is known so far."""
        return replace(self._now, heard_s=self._n_heard / RATE_HZ, beat_times_s=np.array(self._told))

    def _look(self) -> None:
        """Analyse the window, and tell the beats that are new in it."""
        audio = Audio(self._window[np.newaxis].copy(), RATE_HZ)
        heard = spectra(audio, _ignore)
        rise, tones = onsets(heard.bands, heard.band_hz), harmony(heard)
        found = find_beats(rise, tones, heard.power, known_bpm=self._now.tempo_bpm)
        start_s = (self._n_heard - len(self._window)) / RATE_HZ
        self._tell(found, start_s, start_s + audio.duration_s)
        curves = find_curves(audio.duration_s, heard, rise, tones, found.times_s, found.tempo_curve_bpm)
        # The last second is still cut off by the end of the window: the value before it is meant.
        at = max(0, round((audio.duration_s - 1.0) * CURVE_RATE_HZ))
        values: dict[str, Any] = {name: float(getattr(curves, name)[at]) for name in (*MOODS, "loudness")}
        self._now = replace(self._now, **values)

    def _tell(self, found: Beats, start_s: float, end_s: float) -> None:
        if not len(found.times_s):
            self._now = Live()
            return
        times_s = found.times_s + start_s
        period_s = float(np.median(np.diff(times_s)))
        last_s = self._told[-1] if self._told else -np.inf
        self._told += [float(t) for t in times_s if last_s + 0.6 * period_s < t <= end_s - LAG_S]
        coming_s = times_s[-1] + period_s * np.arange(1, 1 + int(2.0 + (end_s - times_s[-1]) / period_s))
        self._now = Live(
            next_beat_s=float(coming_s[coming_s > end_s][0]),
            tempo_bpm=60.0 / period_s,
            beat_confidence=found.confidence,
        )


def _ignore(fraction: float) -> None:
    """Nobody wants to know how far it is."""
