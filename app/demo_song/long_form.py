"""The demo song's band plays for three minutes: a piece with introduction, development, climax and conclusion whose
form is known for certain. It is made when it is wanted, and kept nowhere."""

from __future__ import annotations

from itertools import pairwise

from app.demo_song import score
from app.demo_song.instruments import RATE_HZ
from app.demo_song.render import render
from app.demo_song.score import ANSWER, BRIDGE, EIGHT_BARS_OF_DRIVE, FAREWELL, HOOK, LAMENT, REST, TURN, VERSE, Part
from engine.audio import Audio
from engine.music.analysis import Section

_BAND = ("pad", "keys", "bass", "lead")
_FULL_BAND = ("pad", "keys", "bass", "pluck", "lead", "third")
_BOWED = ("strings", "soft_bass", "flute")
_OPENING = ("breath", "breath", "breath", "breath", "lift", "lift", "lift", "fill")
_LAST_CHORDS = (("G",), ("A",), ("Dend",), ("Dend",))
_PARTING = ("lift", "breath", "lift", "breath", "breath", "breath", "breath", "none")


def _theme(level_db: float, layers: tuple[str, ...] = _BAND) -> Part:
    return Part("theme", "development", VERSE + TURN, HOOK + ANSWER, EIGHT_BARS_OF_DRIVE, layers, level_db)


def _variation(level_db: float) -> Part:
    return Part("variation", "development", VERSE + TURN, ANSWER + ANSWER, EIGHT_BARS_OF_DRIVE, _FULL_BAND, level_db)


# Parts of one name are the same music, louder or softer, with more players or fewer.
LONG_FORM = (
    Part("opening", "introduction", VERSE + VERSE, REST + REST, _OPENING, ("pad", "keys", "pluck"), -8.0, 4.0),
    _theme(-3.0),
    Part("lament", "development", BRIDGE, LAMENT, ("half",) * 8, _BOWED, -7.0),
    _theme(-2.0),
    _variation(-1.0),
    Part("lament", "development", BRIDGE[:4], LAMENT[:4], ("half",) * 4, _BOWED, -7.0),
    Part("climb", "development", BRIDGE[4:], LAMENT[4:], ("tense", "tense", "tense", "roll"), (*_BOWED, "pulse"),
         -5.0, 5.0),
    _theme(0.0, _FULL_BAND),
    _variation(0.5),
    _theme(0.5, _FULL_BAND),
    Part("opening", "conclusion", VERSE + VERSE, REST + REST, _PARTING, ("pad", "keys", "pluck"), -6.0, -4.0),
    Part("farewell", "conclusion", _LAST_CHORDS, FAREWELL, ("breath", "breath", "end", "none"),
         ("pad", "keys", "lead"), -9.0),
)  # fmt: skip


def sound() -> Audio:
    """How it sounds."""
    return Audio(render(LONG_FORM), RATE_HZ)


def sections() -> tuple[Section, ...]:
    """Its parts, each name with a letter, without gaps from 0 to the end."""
    letters = {name: chr(ord("A") + i) for i, name in enumerate(dict.fromkeys(part.name for part in LONG_FORM))}
    starts = [0.0, *score.section_starts_s(LONG_FORM)[1:], score.duration_s(LONG_FORM)]
    return tuple(
        Section(start, end, letters[part.name], part.role)
        for part, (start, end) in zip(LONG_FORM, pairwise(starts), strict=True)
    )
