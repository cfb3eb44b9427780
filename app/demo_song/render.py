"""The score played by the band: `render()` gives the whole demo song, or another form, as samples."""

from __future__ import annotations

import numpy as np

from app.demo_song import instruments as band
from app.demo_song import mix
from app.demo_song.instruments import RATE_HZ
from app.demo_song.score import CHORDS, FORM, GROOVES, TEMPO_BPM, Chord, Note, Part, duration_s, time_s

BEAT_S = 60.0 / TEMPO_BPM
SEED = 5323304
LOUD_DB = -14.8

#  name     stroke          gain  pan    swing of time in s
DRUMS = {
    "kick":   (band.kick,     0.62,  0.0,  0.0),
    "clap":   (band.clap,     0.62,  0.05, 0.002),
    "snare":  (band.snare,    0.42, -0.05, 0.003),
    "hat":    (band.hat,      0.42,  0.25, 0.004),
    "open":   (band.open_hat, 0.36,  0.25, 0.003),
    "shaker": (band.shaker,   0.32, -0.35, 0.005),
    "tom":    (band.tom,      0.45, -0.2,  0.003),
}  # fmt: skip
#  bus:    how much goes into the room, into the echo, and how far it steps back for the kick
SENDS = {
    "drums":   (0.06, 0.0, 0.0),
    "bass":    (0.0, 0.0, 0.45),
    "pad":     (0.30, 0.0, 0.55),
    "keys":    (0.22, 0.0, 0.35),
    "pluck":   (0.30, 0.35, 0.25),
    "lead":    (0.20, 0.28, 0.12),
    "strings": (0.35, 0.0, 0.0),
    "flute":   (0.40, 0.30, 0.0),
}  # fmt: skip
ARPEGGIO = (0, 2, 1, 3, 2, 1, 3, 2)


class Desk:
    """One bus per group of instruments, and where the kicks are."""

    def __init__(self, form: tuple[Part, ...]) -> None:
        n = round(duration_s(form) * RATE_HZ)
        self.buses = {name: np.zeros((2, n)) for name in SENDS}
        self.kick_times_s: list[float] = []
        self.rng = np.random.default_rng(SEED)

    def hardness(self) -> float:
        """How hard a human hits what should be hit with 1."""
        return float(np.clip(self.rng.normal(1.0, 0.06), 0.85, 1.15))


def render(form: tuple[Part, ...] = FORM) -> np.ndarray:
    """A form, that of the demo song, as it is played: float32 [2, N] at RATE_HZ, the same samples each time."""
    desk = Desk(form)
    bar = 0
    for part in form:
        for i in range(part.n_bars):
            level_db = part.level_db + part.crescendo_db * i / max(part.n_bars - 1, 1)
            play_bar(desk, part, i, bar + i, 10.0 ** (level_db / 20.0))
        mark_start(desk, part, bar)
        bar += part.n_bars
    return master(desk).astype(np.float32)


def play_bar(desk: Desk, part: Part, index: int, bar: int, gain: float) -> None:
    """Everything that begins in one bar."""
    play_drums(desk, part.groove[index], bar, gain)
    names = part.chords[index]
    beats = 4.0 / len(names)
    is_last = part.name == "farewell" and index >= 2
    if is_last and index > 2:
        return  # the chord of the bar before is held
    for k, name in enumerate(names):
        held = 2.0 * beats - 0.5 if is_last else beats
        for layer in part.layers:
            if layer in CHORD_LAYERS:
                CHORD_LAYERS[layer](desk, CHORDS[name], bar, k * beats, held, gain)
    for note in part.melody[index]:
        for layer in part.layers:
            if layer in MELODY_LAYERS:
                MELODY_LAYERS[layer](desk, note, bar, gain)


def play_drums(desk: Desk, groove: str, bar: int, gain: float) -> None:
    """One bar of a groove."""
    for name, marks in GROOVES[groove].items():
        stroke, level, pan, spread_s = DRUMS[name]
        for i, mark in enumerate(marks):
            if mark == ".":
                continue
            at_s = time_s(bar, i / 4.0) + float(np.clip(desk.rng.normal(0.0, spread_s), -2 * spread_s, 2 * spread_s))
            hard = int(mark) / 9.0 * desk.hardness()
            mix.add(desk.buses["drums"], stroke(desk.rng), at_s, gain * level * hard, pan)
            if name == "kick" and hard > 0.5:
                desk.kick_times_s.append(at_s)


def mark_start(desk: Desk, part: Part, bar: int) -> None:
    """A cymbal where a driving part begins, and noise that swells into it."""
    if part.groove[0] == "drive":
        mix.add(desk.buses["drums"], band.crash(desk.rng), time_s(bar), 0.36, 0.15)
        swell_s = 4.0 * BEAT_S
        mix.add(desk.buses["pad"], band.riser(desk.rng, swell_s), time_s(bar) - swell_s, 0.18)
    if part.name == "farewell":
        mix.add(desk.buses["drums"], band.crash(desk.rng), time_s(bar + 2), 0.26, -0.1)


def play_pad(desk: Desk, chord: Chord, bar: int, beat: float, beats: float, gain: float) -> None:
    """The chord, held."""
    for note in chord.notes:
        sound = band.pad(note, beats * BEAT_S, 0.55 if bar >= 4 else 0.2 + 0.1 * bar)
        mix.add(desk.buses["pad"], sound, time_s(bar, beat), 0.095 * gain)


def play_keys(desk: Desk, chord: Chord, bar: int, beat: float, beats: float, gain: float) -> None:
    """The chord, struck on the one and on two off-beats; a half bar has only the first two strokes."""
    strokes = ((0.0, 1.4, 1.0), (1.5, 0.9, 0.75), (2.5, 1.4, 0.85)) if beats < 5.0 else ((0.0, beats, 1.0),)
    for start, length, level in strokes:
        if start >= beats:
            continue
        length = min(length, beats - start) if beats < 5.0 else length
        for i, note in enumerate(chord.notes):
            late_s = 0.006 * i + abs(float(desk.rng.normal(0.0, 0.002)))
            hard = level * desk.hardness()
            sound = band.keys(note, length * BEAT_S, 0.7 * hard)
            at_s, pan = time_s(bar, beat + start) + late_s, 0.15 * (i - 1.5)
            mix.add(desk.buses["keys"], sound, at_s, 0.125 * gain * hard, pan)


def play_pluck(desk: Desk, chord: Chord, bar: int, beat: float, beats: float, gain: float) -> None:
    """The chord, broken into eighths an octave higher."""
    for i in range(int(2 * beats)):
        note = chord.notes[ARPEGGIO[i % 8] % len(chord.notes)] + 12
        hard = (1.0 if i % 2 == 0 else 0.8) * desk.hardness()
        pan = 0.35 if i % 2 else -0.35
        mix.add(desk.buses["pluck"], band.pluck(note), time_s(bar, beat + i / 2.0), 0.12 * gain * hard, pan)


def play_bass(desk: Desk, chord: Chord, bar: int, beat: float, beats: float, gain: float) -> None:
    """Root on the beat, octave between: the bounce of disco."""
    if beats > 5.0:
        mix.add(desk.buses["bass"], band.bass(chord.bass, beats * BEAT_S, 1.2), time_s(bar, beat), 0.34 * gain)
        return
    for i in range(int(2 * beats)):
        pitch = chord.bass + (12 if i % 2 else 0)
        hard = (0.8 if i % 2 else 1.0) * desk.hardness()
        mix.add(desk.buses["bass"], band.bass(pitch, 0.42 * BEAT_S), time_s(bar, beat + i / 2.0), 0.29 * gain * hard)


def play_soft_bass(desk: Desk, chord: Chord, bar: int, beat: float, beats: float, gain: float) -> None:
    """Root, held, and once more before the next bar."""
    mix.add(desk.buses["bass"], band.bass(chord.bass, 0.6 * beats * BEAT_S), time_s(bar, beat), 0.40 * gain)
    if beats >= 4.0:
        mix.add(desk.buses["bass"], band.bass(chord.bass, 0.9 * BEAT_S), time_s(bar, beat + 3.0), 0.3 * gain)


def play_strings(desk: Desk, chord: Chord, bar: int, beat: float, beats: float, gain: float) -> None:
    """The chord, bowed."""
    for i, note in enumerate(chord.notes):
        sound = band.strings(note, beats * BEAT_S - 0.1)
        mix.add(desk.buses["strings"], sound, max(time_s(bar, beat) - 0.06, 0.0), 0.15 * gain, 0.2 * (i - 1.5))


def play_pulse(desk: Desk, chord: Chord, bar: int, beat: float, beats: float, gain: float) -> None:
    """Root and fifth in short, urgent eighths."""
    for i in range(int(2 * beats)):
        pitch = chord.bass + (12, 19, 12, 24)[i % 4]
        hard = (1.0 if i % 2 == 0 else 0.7) * desk.hardness()
        pan = 0.25 if i % 2 else -0.25
        mix.add(desk.buses["keys"], band.bass(pitch, 0.3 * BEAT_S), time_s(bar, beat + i / 2.0), 0.2 * gain * hard, pan)


def play_lead(desk: Desk, note: Note, bar: int, gain: float) -> None:
    """The melody."""
    hard = (1.0 if note.beat % 1.0 == 0.0 else 0.85) * desk.hardness()
    at_s = time_s(bar, note.beat) + float(np.clip(desk.rng.normal(0.0, 0.003), -0.006, 0.006))
    sound = band.lead(note.pitch, 0.92 * note.beats * BEAT_S, 0.7 * hard)
    mix.add(desk.buses["lead"], sound, at_s, 0.22 * gain * hard)


def play_third(desk: Desk, note: Note, bar: int, gain: float) -> None:
    """A second voice below the melody, at the third of the scale, softly to the side."""
    scale = (1, 2, 4, 6, 7, 9, 11)  # pitch classes of D major
    below = [p for p in range(note.pitch - 1, note.pitch - 6, -1) if p % 12 in scale][1]
    sound = band.lead(below, 0.9 * note.beats * BEAT_S, 0.4)
    mix.add(desk.buses["lead"], sound, time_s(bar, note.beat) + 0.008, 0.075 * gain, 0.4)


def play_flute(desk: Desk, note: Note, bar: int, gain: float) -> None:
    """The lament."""
    sound = band.flute(note.pitch, 0.97 * note.beats * BEAT_S, desk.rng)
    mix.add(desk.buses["flute"], sound, max(time_s(bar, note.beat) - 0.02, 0.0), 0.30 * gain)


CHORD_LAYERS = {
    "pad": play_pad,
    "keys": play_keys,
    "pluck": play_pluck,
    "bass": play_bass,
    "soft_bass": play_soft_bass,
    "strings": play_strings,
    "pulse": play_pulse,
}
MELODY_LAYERS = {"lead": play_lead, "third": play_third, "flute": play_flute}


def master(desk: Desk) -> np.ndarray:
    """All buses with room, echo and ducking, mastered, faded out at the end, [2, N]."""
    n = next(iter(desk.buses.values())).shape[1]
    dry, to_room, to_echo = np.zeros((2, n)), np.zeros((2, n)), np.zeros((2, n))
    for name, (room, echo, depth) in SENDS.items():
        sound = mix.ducked(desk.buses[name], desk.kick_times_s, depth) if depth else desk.buses[name]
        if name not in ("drums", "bass"):
            sound = mix.high_passed(sound, 110.0)
        dry += sound
        to_room += room * sound
        to_echo += echo * sound
    echoes = mix.echo(to_echo, 0.75 * BEAT_S, 0.45)
    hall = mix.convolved(to_room + 0.4 * echoes, mix.room(desk.rng))
    out = mix.mastered(mix.brightened(mix.high_passed(dry + echoes + 0.9 * hall, 28.0)), LOUD_DB)
    fade = round(2.0 * RATE_HZ)
    out[:, -fade:] *= 0.5 + 0.5 * np.cos(np.pi * np.arange(fade) / fade)
    return out
