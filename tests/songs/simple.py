"""Simple songs, quickly made: clicks, and a small band at any beats."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from engine.audio import Audio

RATE_HZ = 22050
LEAD_S = 0.4

#                   sixteenths of a bar of four: kick, snare, hat; x loud, o soft
GROOVES_4 = {
    "rock":     ("x.......x.......", "....x.......x...", "x.o.x.o.x.o.x.o."),
    "pop":      ("x.....x.x.......", "....x.......x...", "x.x.x.x.x.x.x.x."),
    "house":    ("x...x...x...x...", "....x.......x...", "..x...x...x...x."),
    "funk":     ("x..x......x..o..", "....x..o.o..x..o", "xoxoxoxoxoxoxoxo"),
    "halftime": ("x.........o.....", "........x.......", "x.o.x.o.x.o.x.o."),
    "reggaeton":("x...x...x...x...", "...x..x....x..x.", "x.o.x.o.x.o.x.o."),
    "ballad":   ("x.........x.....", "....o.......o...", "................"),
}  # fmt: skip
GROOVES_3 = {
    "waltz":    ("x...........", "....o...o...", "x...o...o..."),
    "jazzwaltz":("x.....o.....", "....o.......", "x...x.o.x..."),
    "slow3":    ("x.......x...", "....x.......", "x.o.x.o.x.o."),
}  # fmt: skip
PROGRESSIONS = {
    "major": ((0, 4, 7), (7, 11, 14), (9, 12, 16), (5, 9, 12)),
    "minor": ((9, 12, 16), (5, 9, 12), (2, 5, 9), (4, 8, 11)),
}


@dataclass(frozen=True)
class Song:
    """A sound and what is true of it.

    Attributes:
        audio: One channel at RATE_HZ.
        beat_times_s: [B].
        beat_in_bar: [B], 0 = downbeat.
        section_starts_s: Without the first.
    """

    audio: Audio
    beat_times_s: np.ndarray
    beat_in_bar: np.ndarray
    section_starts_s: tuple[float, ...] = ()

    @property
    def downbeat_times_s(self) -> np.ndarray:
        """[D]."""
        return self.beat_times_s[self.beat_in_bar == 0]


def click_track(bpm: float, duration_s: float = 20.0, lead_s: float = LEAD_S, rate_hz: int = RATE_HZ) -> Song:
    """Equal clicks at a steady tempo."""
    times = np.arange(lead_s, duration_s - 0.1, 60.0 / bpm)
    return clicks_at(times, duration_s, rate_hz)


def clicks_at(times_s: np.ndarray, duration_s: float, rate_hz: int = RATE_HZ) -> Song:
    """A click at each of the times."""
    sound = np.zeros(round(duration_s * rate_hz))
    t = np.arange(round(0.03 * rate_hz)) / rate_hz
    click = 0.5 * np.sin(2 * np.pi * 1500.0 * t + 0.5) * np.exp(-t / 0.006)
    for time_s in times_s:
        _add(sound, click, time_s, rate_hz)
    return Song(_audio(sound, rate_hz), times_s, np.arange(len(times_s)) % 4)


def band_song(
    bpm: float,
    groove: str = "rock",
    n_bars: int = 16,
    mode: str = "major",
    swing: float = 0.0,
    seed: int = 0,
    with_chords: bool = True,
    with_drums: bool = True,
    lead_s: float = LEAD_S,
) -> Song:
    """Drums, bass, chords and a melody at a steady tempo.

    Args:
        swing: How late the even sixteenth-pairs (off-beat eighths) are, as a share of a beat: 1/6 = triplets.
    """
    return band_song_on(steady_beats(bpm, groove, n_bars, lead_s), groove, mode, swing, seed, with_chords, with_drums)


def steady_beats(bpm: float, groove: str, n_bars: int, lead_s: float = LEAD_S) -> np.ndarray:
    """Beat times of whole bars, and the one at which the song ends, [B + 1]."""
    return lead_s + np.arange(n_bars * beats_per_bar(groove) + 1) * 60.0 / bpm


def beats_per_bar(groove: str) -> int:
    """3 or 4."""
    return 3 if groove in GROOVES_3 else 4


def band_song_on(
    beats_s: np.ndarray,
    groove: str = "rock",
    mode: str = "major",
    swing: float = 0.0,
    seed: int = 0,
    with_chords: bool = True,
    with_drums: bool = True,
) -> Song:
    """The same on beats that may lie anywhere, [B + 1]; the last is where the song ends."""
    rng = np.random.default_rng(seed)
    meter = beats_per_bar(groove)
    sound = np.zeros(round((beats_s[-1] + 0.5) * RATE_HZ))
    n_bars = (len(beats_s) - 1) // meter
    for bar in range(n_bars):
        at = _sixteenths(beats_s[bar * meter : (bar + 1) * meter + 1], swing)
        if with_drums:
            _drum_bar(sound, at, groove, rng)
        if with_chords:
            _chord_bar(sound, at, meter, PROGRESSIONS[mode][bar % 4], rng)
    sound *= 0.5 / max(float(np.abs(sound).max()), 1e-9)
    beats = beats_s[: n_bars * meter]
    return Song(_audio(sound, RATE_HZ), beats, np.arange(len(beats)) % meter)


def two_part_song(bpm: float = 120.0, bars: tuple[int, ...] = (8, 8, 8), seed: int = 0) -> Song:
    """Quiet chords, then the full band in another key, then the quiet chords again."""
    parts = [
        band_song(bpm, "ballad", bars[0], "minor", seed=seed, with_drums=False, lead_s=0.0),
        band_song(bpm, "house", bars[1], "major", seed=seed, lead_s=0.0),
        band_song(bpm, "ballad", bars[2], "minor", seed=seed, with_drums=False, lead_s=0.0),
    ]
    bar_s = 4 * 60.0 / bpm
    sound = np.zeros(round((sum(bars) * bar_s + 0.5) * RATE_HZ))
    starts = np.cumsum([0, *bars[:2]]) * bar_s
    for part, start_s, gain in zip(parts, starts, (0.4, 1.0, 0.4), strict=True):
        _add(sound, gain * part.audio.samples[0].astype(np.float64), float(start_s), RATE_HZ)
    beats = np.arange(sum(bars) * 4) * 60.0 / bpm
    return Song(_audio(sound, RATE_HZ), beats, np.arange(len(beats)) % 4, tuple(float(s) for s in starts[1:]))


def with_noise(song: Song, level_db: float, seed: int = 0) -> Song:
    """The song under white noise of a level re full scale."""
    noise = np.random.default_rng(seed).standard_normal(song.audio.samples.shape) * 10 ** (level_db / 20)
    return replace(song, audio=Audio((song.audio.samples + noise).astype(np.float32), song.audio.sample_rate_hz))


def _audio(sound: np.ndarray, rate_hz: int) -> Audio:
    return Audio(sound.astype(np.float32)[np.newaxis], rate_hz)


def _add(sound: np.ndarray, what: np.ndarray, time_s: float, rate_hz: int) -> None:
    start = round(time_s * rate_hz)
    end = min(start + len(what), len(sound))
    if 0 <= start < end:
        sound[start:end] += what[: end - start]


def _sixteenths(beats_s: np.ndarray, swing: float) -> np.ndarray:
    """Times of the sixteenths of a bar with the given beats [meter + 1], off-beat eighths swung, [4 meter + 1]."""
    place = np.arange(4 * (len(beats_s) - 1) + 1) / 4.0
    place[2:-1:4] += swing
    return np.interp(place, np.arange(len(beats_s)), beats_s)


def _drum_bar(sound: np.ndarray, at: np.ndarray, groove: str, rng: np.random.Generator) -> None:
    lines = {**GROOVES_4, **GROOVES_3}[groove]
    for line, hit, level in zip(lines, (_kick, _snare, _hat), (1.0, 0.7, 0.25), strict=True):
        for i, mark in enumerate(line):
            if mark != ".":
                _add(sound, (1.0 if mark == "x" else 0.5) * level * rng.uniform(0.9, 1.1) * hit(rng), at[i], RATE_HZ)


def _chord_bar(
    sound: np.ndarray, at: np.ndarray, meter: int, chord: tuple[int, ...], rng: np.random.Generator
) -> None:
    for note in chord:
        _add(sound, 0.12 * _note(60 + note, at[-1] - at[0], 1.0), at[0], RATE_HZ)
    for beat in range(0, meter, 2):
        start_s, end_s = at[4 * beat], at[4 * beat + 4]
        _add(sound, 0.5 * _note(36 + chord[0] % 12, 0.9 * (end_s - start_s), 0.4), start_s, RATE_HZ)
    for eighth in range(0, 4 * meter, 2):
        if rng.uniform() < 0.5:
            note = 72 + int(rng.choice(chord)) % 12
            _add(sound, 0.2 * _note(note, at[eighth + 2] - at[eighth], 0.3), at[eighth], RATE_HZ)


def _time(duration_s: float) -> np.ndarray:
    return np.arange(round(duration_s * RATE_HZ)) / RATE_HZ


def _kick(rng: np.random.Generator) -> np.ndarray:
    t = _time(0.25)
    return np.sin(2 * np.pi * (48.0 * t + 4.0 * (1.0 - np.exp(-t / 0.03)))) * np.exp(-t / 0.08)


def _snare(rng: np.random.Generator) -> np.ndarray:
    t = _time(0.18)
    rattle, head = rng.standard_normal(len(t)) * np.exp(-t / 0.05), np.sin(2 * np.pi * 190.0 * t) * np.exp(-t / 0.04)
    return 0.6 * (rattle + head)


def _hat(rng: np.random.Generator) -> np.ndarray:
    t = _time(0.06)
    return np.diff(rng.standard_normal(len(t) + 1)) * np.exp(-t / 0.015)


def _note(midi: int, duration_s: float, decay_s: float) -> np.ndarray:
    t = _time(max(duration_s, 0.02))
    hz = 440.0 * 2.0 ** ((midi - 69) / 12.0)
    wave = sum(np.sin(2 * np.pi * k * hz * t) / k**1.5 for k in range(1, 7))
    fade = np.minimum(1.0, np.minimum(t / 0.008, (t[-1] - t) / 0.02 + 1e-3))
    return wave * np.exp(-t / decay_s) * fade
