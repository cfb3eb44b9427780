"""The kinds of songs that an analysis is measured on: each gives a song from a seed."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np

from engine.audio import Audio, read_audio
from tests.songs.band import KnownSong, Part, Recipe, make, without_start
from tests.songs.grooves import FORMS, FOUR, SIX, SWUNG, THREE, Groove

LENGTH_S = 28.0
# What constants may be fitted and looked at on, and what only the printed tables use.
TUNED_ON, HELD_OUT = range(45), range(500, 512)
# Of the kinds in LEARNED_FROM, none of which is in the tables.
ALSO_TUNED_ON = range(2000, 2032)
ALL = ("drums", "bass", "chords", "melody")


def steady(seed: int, grooves: dict[str, Groove] | None = None, **how: object) -> KnownSong:
    """Two parts of one groove at one tempo: first without, then with a tune."""
    recipe = recipe_of(seed, FOUR if grooves is None else grooves)
    return make(replace(recipe, **how))


def recipe_of(seed: int, grooves: dict[str, Groove], length_s: float = LENGTH_S) -> Recipe:
    """A recipe by chance: groove, tempo within what the groove is played at, mode, and who plays what."""
    rng = np.random.default_rng(900_000 + seed)
    groove = list(grooves.values())[seed % len(grooves)]
    bpm = float(np.exp(rng.uniform(*np.log(groove.bpm))))
    n_bars = max(8, 4 * round(length_s * bpm / 60.0 / groove.beats / 4.0))
    first = 4 * (n_bars // 8)
    parts = (Part("A", first, ALL[:3]), Part("B", n_bars - first))
    return Recipe(bpm, groove, parts, mode=("major", "minor")[int(rng.integers(2))], seed=seed)


def _swing(seed: int) -> KnownSong:
    share = np.random.default_rng(seed).uniform(0.57, 0.68)
    return steady(seed, SWUNG, swing=float(share))


def _ramp(seed: int) -> KnownSong:
    rng = np.random.default_rng(seed)
    change = float(np.exp(rng.choice([-1.0, 1.0]) * rng.uniform(0.1, 0.35)))
    return steady(seed, _middling(), tempo="ramp", change=change)


def _ritardando(seed: int) -> KnownSong:
    return steady(seed, _middling(), tempo="ritardando", change=float(np.random.default_rng(seed).uniform(0.2, 0.4)))


def _steps(seed: int) -> KnownSong:
    change = float(np.random.default_rng(seed).choice([-0.15, 0.12, 0.2]))
    return steady(seed, _middling(), tempo="steps", change=change)


def _rubato(seed: int) -> KnownSong:
    recipe = recipe_of(seed, {"ballad": FOUR["ballad"], "three": THREE["slow three"]})
    parts = tuple(replace(part, layers=("bass", "chords", "melody")) for part in recipe.parts)
    return make(replace(recipe, parts=parts, tempo="rubato", change=0.1))


def _pickup(seed: int) -> KnownSong:
    grooves = _middling() | {"waltz": THREE["waltz"]}
    recipe = recipe_of(seed, grooves)
    n = 1 + seed % (recipe.groove.beats - 1)
    return make(replace(recipe, pickup=n)) if seed % 2 else without_start(make(recipe), n)


def _breaks(seed: int) -> KnownSong:
    recipe = recipe_of(seed, _middling())
    n_bars = sum(part.n_bars for part in recipe.parts) // 2
    quiet = ((), ("chords",), ("bass", "melody"))[seed % 3]
    parts = (Part("A", n_bars), Part("i", 1 if not quiet else 2, quiet), Part("A", n_bars))
    return make(replace(recipe, parts=parts))


def _half_time(seed: int) -> KnownSong:
    recipe = recipe_of(seed, {name: FOUR[name] for name in ("pop", "rock", "funk")})
    n_bars = max(4, sum(part.n_bars for part in recipe.parts) // 3)
    return make(replace(recipe, parts=(Part("A", n_bars), Part("B", n_bars, is_half_time=True), Part("A", n_bars))))


def _no_drums(seed: int, grooves: dict[str, Groove] | None = None) -> KnownSong:
    usual = {name: FOUR[name] for name in ("ballad", "pop", "rock")} | {"waltz": THREE["waltz"]}
    recipe = recipe_of(seed, usual if grooves is None else grooves)
    return make(replace(recipe, parts=tuple(replace(part, layers=ALL[1:]) for part in recipe.parts)))


def _drums_alone(seed: int) -> KnownSong:
    recipe = recipe_of(seed, FOUR)
    return make(replace(recipe, parts=tuple(replace(part, layers=("drums",)) for part in recipe.parts)))


def _coded(seed: int) -> KnownSong:
    return mp3_coded(steady(seed))


def _middling() -> dict[str, Groove]:
    """Grooves whose tempo can go up and down without being counted otherwise."""
    return {name: FOUR[name] for name in ("hip-hop", "funk", "pop", "disco", "house")}


def mp3_coded(song: KnownSong) -> KnownSong:
    """The song as it comes back from a small mp3, with the delay of the coder taken into the truth."""
    import soundfile

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "song.mp3"
        with soundfile.SoundFile(path, "w", song.audio.sample_rate_hz, 2, format="MP3") as file:
            for block in np.array_split(song.audio.samples.T, 64):
                file.write(block)
        back = read_audio(path)
    delay_s = _delay_s(back, song.audio)
    return replace(
        song, audio=back, beat_times_s=song.beat_times_s + delay_s, part_starts_s=song.part_starts_s + delay_s
    )


def _delay_s(back: Audio, sent: Audio) -> float:
    """By how much a sound came back later, from the peak of the cross-correlation of its first ten seconds."""
    n = 10 * sent.sample_rate_hz
    a, b = (np.fft.rfft(sound.mono().samples[0, :n], 2 * n) for sound in (back, sent))
    peak = int(np.fft.irfft(a * np.conj(b), 2 * n).argmax())
    return (peak if peak < n else peak - 2 * n) / sent.sample_rate_hz


# name -> from a seed to a song
KINDS: dict[str, Callable[[int], KnownSong]] = {
    "4/4": steady,
    "3/4": lambda seed: steady(seed, THREE),
    "6/8": lambda seed: steady(seed, SIX),
    "swing": _swing,
    "loose players": lambda seed: steady(seed, _middling(), loose_s=0.012),
    "ramp": _ramp,
    "steps": _steps,
    "ritardando": _ritardando,
    "rubato, no drums": _rubato,
    "pick-up": _pickup,
    "break": _breaks,
    "half time": _half_time,
    "no drums": _no_drums,
    "drums alone": _drums_alone,
    "noise": lambda seed: steady(seed, noise_db=-3.0),
    "mp3": _coded,
}
# What is hard to count without drums, in more variety than above: constants are fitted on these too.
LEARNED_FROM: dict[str, Callable[[int], KnownSong]] = {
    "no drums, 4/4": lambda seed: _no_drums(seed, FOUR),
    "no drums, 3/4": lambda seed: _no_drums(seed, THREE),
    "no drums, waltz": lambda seed: _no_drums(seed, {"waltz": THREE["waltz"]}),
    "no drums, 6/8": lambda seed: _no_drums(seed, SIX),
}
STEADY = (
    "4/4", "3/4", "6/8", "loose players", "pick-up", "break", "half time", "no drums", "drums alone", "noise", "mp3",
)  # fmt: skip
MOVING = ("swing", "ramp", "steps", "ritardando")


def form_song(seed: int) -> KnownSong:
    """A whole song in parts: introduction, verses, choruses, a bridge, an end."""
    recipe = recipe_of(seed, {name: FOUR[name] for name in ("pop", "rock", "house", "hip-hop")})
    voices = {
        "i": (("bass", "chords"), 0.5), "A": (("drums", "bass", "chords"), 0.7), "B": (ALL, 1.0),
        "C": (("chords", "melody"), 0.6), "o": (("chords",), 0.45),
    }  # fmt: skip
    form = FORMS[seed % len(FORMS)]
    parts = tuple(Part(c, 4 if c.islower() else 8, *voices[c]) for c in form)
    return make(replace(recipe, parts=parts))
