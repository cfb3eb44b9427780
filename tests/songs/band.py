"""Songs that sound like records, from a seed: the band of the demo song at any tempo, in any meter, and what is true of
them. The same recipe gives the same samples."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from app.demo_song import instruments
from app.demo_song.instruments import RATE_HZ
from app.demo_song.mix import convolved, room
from engine.audio import Audio
from tests.songs.grooves import HALF_TIME, MAJOR, MINOR, Groove

TAIL_S = 1.2
STROKES = {"kick": 0.8, "snare": 0.5, "clap": 0.5, "hat": 0.4, "open": 0.35, "shaker": 0.35, "tom": 0.5}
CHORD_VOICES = ("keys", "pad", "strings")


@dataclass(frozen=True)
class Part:
    """A stretch of bars played alike.

    Attributes:
        letter: Parts of the same letter are the same music.
        n_bars: How many bars.
        layers: Who plays: "drums", "bass", "chords", "melody".
        gain: How loud.
        is_half_time: Whether the backbeat comes half as often; the beat stays.
    """

    letter: str
    n_bars: int
    layers: tuple[str, ...] = ("drums", "bass", "chords", "melody")
    gain: float = 1.0
    is_half_time: bool = False


@dataclass(frozen=True)
class Recipe:
    """All that a song is made of.

    Attributes:
        bpm: Tempo, in the middle where it changes.
        groove: What the drums play.
        parts: One after another.
        tempo: "steady", "ramp", "ritardando", "rubato" or "steps".
        change: By how much the tempo changes: last over first for a ramp, share of the tempo for the rest.
        swing: Where the off-beat eighth lies in the beat: 0.5 straight, 2/3 triplets.
        pickup: Beats of melody and bass before the first bar.
        mode: "major" or "minor".
        seed: Of all that is left to chance.
        noise_db: Level of white noise against the music; none if -inf.
        loose_s: Deviation of the players from the beat.
    """

    bpm: float
    groove: Groove
    parts: tuple[Part, ...]
    tempo: str = "steady"
    change: float = 0.0
    swing: float = 0.5
    pickup: int = 0
    mode: str = "major"
    seed: int = 0
    noise_db: float = -np.inf
    loose_s: float = 0.003


@dataclass(frozen=True)
class KnownSong:
    """A sound and what is true of it.

    Attributes:
        recipe: What it was made of.
        audio: Two channels at RATE_HZ.
        beat_times_s: [B].
        beat_in_bar: [B], 0 = downbeat.
        part_starts_s: Where the parts begin, [P].
    """

    recipe: Recipe
    audio: Audio
    beat_times_s: np.ndarray
    beat_in_bar: np.ndarray
    part_starts_s: np.ndarray

    @property
    def downbeat_times_s(self) -> np.ndarray:
        """[D]."""
        return self.beat_times_s[self.beat_in_bar == 0]

    def letters_at(self, times_s: np.ndarray) -> np.ndarray:
        """The letter of the part at each time, as code points, [N]."""
        codes = np.array([ord(part.letter) for part in self.recipe.parts])
        return codes[np.clip(np.searchsorted(self.part_starts_s, times_s, "right") - 1, 0, len(codes) - 1)]


def beat_times(recipe: Recipe, rng: np.random.Generator, lead_s: float) -> np.ndarray:
    """When the beats are, and the end of the last, [B + 1]."""
    n_beats = recipe.pickup + sum(part.n_bars for part in recipe.parts) * recipe.groove.beats
    place = np.arange(n_beats) / n_beats
    factor = np.ones(n_beats)
    if recipe.tempo == "ramp":
        factor = recipe.change ** (place - 0.5)
    elif recipe.tempo == "ritardando":
        left = np.arange(n_beats, 0, -1)
        factor = np.where(left <= 12, 1.0 - recipe.change * (1.0 - left / 12.0), 1.0)
    elif recipe.tempo == "rubato":
        turns = rng.uniform(0.0, 1.0, 2)
        wave = np.sin(2 * np.pi * (np.arange(n_beats) / 16.0 + turns[0]))
        factor = 1.0 + recipe.change * (0.7 * wave + 0.3 * np.sin(2 * np.pi * (np.arange(n_beats) / 7.0 + turns[1])))
    elif recipe.tempo == "steps":
        factor = np.where(place < 0.5, 1.0, 1.0 + recipe.change)
    elif recipe.tempo != "steady":
        raise ValueError(f"no such tempo: {recipe.tempo!r}")
    return lead_s + np.concatenate([[0.0], np.cumsum(60.0 / (recipe.bpm * factor))])


def make(recipe: Recipe) -> KnownSong:
    """The song of a recipe."""
    rng = np.random.default_rng(recipe.seed)
    lead_s = float(rng.uniform(0.05, 1.5))
    beats_s = beat_times(recipe, rng, lead_s)
    player = _Player(recipe, beats_s, rng)
    starts, bar = [], 0
    player.play_pickup()
    for part in recipe.parts:
        starts.append(beats_s[recipe.pickup + bar * recipe.groove.beats])
        for i in range(part.n_bars):
            player.play_bar(part, i, bar + i)
        bar += part.n_bars
    in_bar = (np.arange(len(beats_s) - 1) - recipe.pickup) % recipe.groove.beats
    return KnownSong(recipe, player.mixed(), beats_s[:-1], in_bar, np.array(starts))


class _Player:
    """Plays bars into a sound."""

    def __init__(self, recipe: Recipe, beats_s: np.ndarray, rng: np.random.Generator) -> None:
        self._recipe, self._beats_s, self._rng = recipe, beats_s, rng
        self._sound = np.zeros((2, round((beats_s[-1] + TAIL_S) * RATE_HZ)))
        self._kit = int(rng.integers(3))
        self._key = int(rng.integers(-5, 7))
        self._voice = CHORD_VOICES[int(rng.integers(len(CHORD_VOICES)))]
        self._chords: dict[str, tuple[tuple[int, ...], ...]] = {}
        self._tunes: dict[tuple[str, int], list[tuple[float, int]]] = {}
        self._levels = {name: float(rng.uniform(0.7, 1.3)) for name in ("drums", "bass", "chords", "melody")}

    def play_pickup(self) -> None:
        """A tune that leads into the first bar."""
        for beat in range(self._recipe.pickup):
            for half in (0.0, 0.5):
                pitch = self._key + 67 + int(2 * beat + 2 * half)
                self._add(instruments.keys(pitch, 0.3, 0.8), self._at(beat + half), 0.35)

    def play_bar(self, part: Part, index: int, bar: int) -> None:
        """One bar; `index` counts in the part, `bar` from the first whole bar of the song."""
        groove = HALF_TIME if part.is_half_time else self._recipe.groove
        first = self._recipe.pickup + bar * groove.beats
        chord = self._chords_of(part.letter)[index % 4]
        if "drums" in part.layers:
            self._drums(groove, first, part.gain * self._levels["drums"])
        if "bass" in part.layers:
            self._bass(groove, first, chord, part.gain * self._levels["bass"])
        if "chords" in part.layers:
            self._chord(groove, first, chord, part.gain * self._levels["chords"])
        if "melody" in part.layers:
            self._melody(part.letter, groove, first, chord, index, part.gain * self._levels["melody"])

    def mixed(self) -> Audio:
        """The sound in a small room, at an ordinary level, with its noise."""
        dry = self._sound
        wet = convolved(dry, _room())
        sound = dry + float(self._rng.uniform(0.03, 0.15)) * wet
        sound *= float(self._rng.uniform(0.4, 0.9)) / max(float(np.abs(sound).max()), 1e-9)
        if np.isfinite(self._recipe.noise_db):
            level = float(np.sqrt((sound**2).mean())) * 10.0 ** (self._recipe.noise_db / 20.0)
            sound = sound + level * self._rng.standard_normal(sound.shape)
        return Audio(sound.astype(np.float32), RATE_HZ)

    def _at(self, beat: float) -> float:
        """Time of a place in beats, off-beats swung, the players not quite exact."""
        whole, share, swing = int(np.floor(beat)), beat % 1.0, self._recipe.swing
        if self._recipe.groove.steps == 4:
            share = 2.0 * share * swing if share <= 0.5 else swing + (2.0 * share - 1.0) * (1.0 - swing)
        time_s = float(np.interp(whole + share, np.arange(len(self._beats_s)), self._beats_s))
        loose = float(np.clip(self._rng.normal(0.0, self._recipe.loose_s), -0.02, 0.02))
        return max(time_s + loose, 0.0)

    def _drums(self, groove: Groove, first: int, gain: float) -> None:
        for name, marks in groove.drums.items():
            for step, mark in enumerate(marks):
                if mark == ".":
                    continue
                hard = (1.0 if mark == "x" else 0.45) * float(self._rng.uniform(0.88, 1.12))
                stroke = _stroke(name, self._kit, int(self._rng.integers(3)))
                self._add(stroke, self._at(first + step / groove.steps), gain * hard * STROKES[name])

    def _bass(self, groove: Groove, first: int, chord: tuple[int, ...], gain: float) -> None:
        steps = [i for i, mark in enumerate(groove.bass) if mark != "."]
        for i, step in enumerate(steps):
            end = steps[i + 1] if i + 1 < len(steps) else len(groove.bass)
            start_s, end_s = self._at(first + step / groove.steps), self._at(first + end / groove.steps)
            other = i > 0 and self._rng.uniform() < 0.25
            pitch = 28 + (self._key + chord[2 if other else 0] + 8) % 12
            self._add(instruments.bass(pitch, _rough(0.85 * (end_s - start_s))), start_s, 0.4 * gain)

    def _chord(self, groove: Groove, first: int, chord: tuple[int, ...], gain: float) -> None:
        start_s, end_s = self._at(first), self._at(first + groove.beats)
        again = self._voice == "keys" and groove.beats > 2
        places = ((0.0, 1.5), (1.5, groove.beats - 1.5)) if again else ((0.0, float(groove.beats)),)
        for place, length in places:
            at_s = self._at(first + place)
            held_s = _rough((end_s - start_s) * length / groove.beats * 0.95)
            for note in chord:
                self._add(_voiced(self._voice, 54 + (self._key + note + 6) % 12, held_s), at_s, 0.13 * gain)

    def _melody(
        self, letter: str, groove: Groove, first: int, chord: tuple[int, ...], index: int, gain: float
    ) -> None:
        for place, note in self._tune(letter, index % 4, groove):
            pitch = 66 + (self._key + chord[note % 3] + 6) % 12
            self._add(instruments.pluck(pitch), self._at(first + place), 0.3 * gain)

    def _chords_of(self, letter: str) -> tuple[tuple[int, ...], ...]:
        if letter not in self._chords:
            progressions = MAJOR if self._recipe.mode == "major" else MINOR
            self._chords[letter] = progressions[int(self._rng.integers(len(progressions)))]
        return self._chords[letter]

    def _tune(self, letter: str, index: int, groove: Groove) -> list[tuple[float, int]]:
        """Places in a bar and degrees of the chord: a tune returns with its part."""
        if (letter, index) not in self._tunes:
            per_beat = 2 if groove.steps == 4 else 3
            places = np.arange(groove.beats * per_beat) / per_beat
            chosen = places[self._rng.uniform(size=len(places)) < np.where(places % 1.0 == 0.0, 0.55, 0.35)]
            self._tunes[letter, index] = [(float(p), int(self._rng.integers(3))) for p in chosen]
        return self._tunes[letter, index]

    def _add(self, note: np.ndarray, time_s: float, gain: float) -> None:
        start = round(time_s * RATE_HZ)
        end = min(start + note.shape[-1], self._sound.shape[1])
        if end > start:
            self._sound[:, start:end] += gain * note[..., : end - start]


def without_start(song: KnownSong, n_beats: int) -> KnownSong:
    """The song cut off shortly before its n-th beat, so that it begins in the middle of a bar."""
    cut_s = float(song.beat_times_s[n_beats]) - 0.08
    kept = song.beat_times_s > cut_s
    return replace(
        song,
        audio=song.audio.slice(round(cut_s * RATE_HZ), song.audio.n_samples),
        beat_times_s=song.beat_times_s[kept] - cut_s,
        beat_in_bar=song.beat_in_bar[kept],
        part_starts_s=np.maximum(song.part_starts_s - cut_s, 0.0),
    )


def _rough(duration_s: float) -> float:
    """A length of which there are few, so that notes can be kept and handed out again."""
    return max(0.05, round(duration_s * 10.0) / 10.0)


@lru_cache(maxsize=64)
def _stroke(name: str, kit: int, take: int) -> np.ndarray:
    """A drum of one of three kits, tuned apart by a few semitones."""
    stroke = getattr(instruments, "open_hat" if name == "open" else name)(np.random.default_rng(1000 * kit + take))
    ratio = (0.85, 1.0, 1.18)[kit]
    return np.interp(np.arange(0.0, len(stroke) - 1.0, ratio), np.arange(len(stroke)), stroke)


@lru_cache(maxsize=256)
def _voiced(voice: str, pitch: int, duration_s: float) -> np.ndarray:
    if voice == "pad":
        return instruments.pad(pitch, duration_s, 0.5)
    if voice == "strings":
        return instruments.strings(pitch, duration_s)
    return instruments.keys(pitch, duration_s, 0.9)


@lru_cache(maxsize=1)
def _room() -> np.ndarray:
    return room(np.random.default_rng(7), 0.9)
