"""What is played in the demo song, as data: form, chords, melodies, drums. D major, with a bridge in B minor.

Times are in beats from the start of a bar, pitches are MIDI note numbers (60 = middle C, 69 = 440 Hz).
"""

from __future__ import annotations

from dataclasses import dataclass

TEMPO_BPM = 112.0
BEATS_PER_BAR = 4
START_S = 0.2  # the first beat: loudspeakers swallow what begins at once
RING_S = 2.6  # after the last bar, while the held chord fades


@dataclass(frozen=True)
class Chord:
    """A harmony: its bass note, and a voicing close to those of its neighbours."""

    bass: int
    notes: tuple[int, ...]


@dataclass(frozen=True)
class Note:
    """A note of a melody."""

    beat: float
    beats: float
    pitch: int


@dataclass(frozen=True)
class Part:
    """A section of the form.

    Attributes:
        name: What it is.
        role: introduction, development or conclusion.
        chords: Per bar, one or two chords that share it.
        melody: Per bar; empty bars rest.
        groove: Per bar, a name in GROOVES.
        layers: Who plays besides drums: names of `render.LAYERS`.
        level_db: Of the whole band, against the loudest part.
        crescendo_db: How much louder its last bar is than its first.
    """

    name: str
    role: str
    chords: tuple[tuple[str, ...], ...]
    melody: tuple[tuple[Note, ...], ...]
    groove: tuple[str, ...]
    layers: tuple[str, ...]
    level_db: float = 0.0
    crescendo_db: float = 0.0

    @property
    def n_bars(self) -> int:
        """How many bars it lasts."""
        return len(self.chords)


CHORDS = {
    "D":     Chord(38, (57, 62, 64, 66)),
    "A/C#":  Chord(37, (57, 61, 64, 69)),
    "Bm7":   Chord(35, (57, 62, 66, 71)),
    "G":     Chord(31, (59, 62, 67, 69)),
    "A":     Chord(33, (57, 61, 64, 69)),
    "Bm":    Chord(35, (59, 62, 66, 71)),
    "Bm/A":  Chord(33, (59, 62, 66, 69)),
    "Gmaj7": Chord(31, (59, 62, 66, 67)),
    "F#/A#": Chord(34, (58, 61, 66, 70)),
    "G#m7b5": Chord(32, (59, 62, 66, 68)),
    "F#7":   Chord(42, (58, 61, 64, 70)),
    "Em":    Chord(40, (59, 64, 67, 71)),
    "Asus":  Chord(33, (57, 62, 64, 69)),
    "Dend":  Chord(38, (57, 62, 66, 69, 74)),
}  # fmt: skip


def _line(*notes: tuple[float, float, int]) -> tuple[Note, ...]:
    return tuple(Note(*note) for note in notes)


HOOK = (
    _line((0, 0.75, 78), (0.75, 0.25, 76), (1, 0.75, 74), (2, 0.5, 69), (2.5, 0.5, 74), (3, 0.5, 76), (3.5, 0.5, 78)),
    _line((0, 1.5, 76), (1.5, 0.5, 73), (2, 1.0, 69), (3, 0.5, 73), (3.5, 0.5, 76)),
    _line((0, 0.75, 74), (0.75, 0.25, 73), (1, 0.75, 71), (2, 0.5, 66), (2.5, 0.5, 71), (3, 0.5, 74), (3.5, 0.5, 76)),
    _line((0, 1.0, 74), (1, 0.5, 71), (1.5, 0.5, 74), (2, 1.0, 79), (3, 0.5, 78), (3.5, 0.5, 76)),
)
ANSWER = (
    _line((0, 0.75, 78), (0.75, 0.25, 76), (1, 0.75, 74), (2, 0.5, 69), (2.5, 0.5, 74), (3, 0.5, 78), (3.5, 0.5, 81)),
    _line((0, 1.0, 81), (1, 0.5, 76), (1.5, 0.5, 73), (2, 1.0, 76), (3, 0.5, 69), (3.5, 0.5, 73)),
    _line((0, 0.5, 74), (0.5, 0.5, 78), (1, 1.0, 83), (2, 0.5, 81), (2.5, 0.5, 78), (3, 0.5, 76), (3.5, 0.5, 74)),
    _line((0, 1.0, 74), (1, 0.5, 71), (1.5, 0.5, 74), (2, 1.0, 76), (3, 0.5, 73), (3.5, 0.5, 69)),
)
LAMENT = (
    _line((0, 1.5, 71), (1.5, 0.5, 73), (2, 2.0, 74)),
    _line((0, 3.0, 78), (3, 1.0, 76)),
    _line((0, 2.0, 74), (2, 1.0, 71), (3, 1.0, 74)),
    _line((0, 2.0, 71), (2, 1.0, 74), (3, 1.0, 71)),
    _line((0, 1.0, 71), (1, 1.0, 74), (2, 2.0, 78)),
    _line((0, 2.0, 79), (2, 1.0, 78), (3, 1.0, 76)),
    _line((0, 1.5, 78), (1.5, 0.5, 76), (2, 1.0, 73), (3, 1.0, 70)),
    _line((0, 1.0, 74), (1, 1.0, 76), (2, 1.0, 73), (3, 1.0, 76)),
)
FAREWELL = (
    _line((0, 1.0, 74), (1, 0.5, 71), (1.5, 0.5, 74), (2, 1.0, 79), (3, 1.0, 78)),
    _line((0, 1.5, 76), (1.5, 0.5, 73), (2, 1.0, 69), (3, 1.0, 73)),
    _line((0, 6.0, 74)),
    (),
)
REST: tuple[tuple[Note, ...], ...] = ((), (), (), ())
VERSE = (("D",), ("A/C#",), ("Bm7",), ("G",))
TURN = (("D",), ("A/C#",), ("Bm7",), ("G", "A"))
# The bass of the bridge falls by semitones from B, the figure of lament since the Baroque.
BRIDGE = (("Bm",), ("F#/A#",), ("Bm/A",), ("G#m7b5",), ("Gmaj7",), ("Em",), ("F#7",), ("Asus", "A"))

#            sixteenths of a bar, 1-9 how hard: kick, clap, snare, hat, open hat, shaker, tom
GROOVES: dict[str, dict[str, str]] = {
    "none":   {},
    "breath": {"shaker": "2.1.3.1.2.1.3.12"},
    "lift":   {"kick": "5.......5.......", "hat": "3.2.3.2.3.2.3.2.", "shaker": "2121212121212121"},
    "fill":   {"kick": "5.......5.......", "hat": "3.2.3.2.3.......", "shaker": "21212121........",
               "snare": "........3.4.5678"},
    "drive":  {"kick": "9...9...9...9...", "clap": "....8.......8...", "hat": "4.3.4.3.4.3.4.3.",
               "open": "..6...6...6...6.", "shaker": "3121312131213121"},
    "drive2": {"kick": "9...9...9...9..5", "clap": "....8.......8..3", "hat": "4.3.4.3.4.3.4.3.",
               "open": "..6...6...6...6.", "shaker": "3121312131213121"},
    "turn":   {"kick": "9...9...9.......", "clap": "....8.......8...", "hat": "4.3.4.3.4.......",
               "open": "..6...6...6.....", "snare": "............4567", "tom": "..........6.5.4."},
    "half":   {"kick": "7.........4.....", "snare": "........5.......", "shaker": "2.1.2.1.2.1.2.1."},
    "tense":  {"kick": "7.....4...5.....", "snare": "........6.......", "hat": "2.2.2.2.2.2.2.2.",
               "tom": "..............3."},
    "roll":   {"kick": "7...7...7.7.7.7.", "snare": "2.2.3.3.44556789", "hat": "3.3.3.3........."},
    "end":    {"kick": "9..............."},
}  # fmt: skip
EIGHT_BARS_OF_DRIVE = ("drive", "drive2", "drive", "drive2", "drive", "drive2", "drive", "turn")

FORM = (
    Part("opening", "introduction", VERSE, REST, ("breath", "breath", "lift", "fill"),
         ("pad", "keys", "pluck"), -3.0, crescendo_db=2.5),
    Part("theme", "development", VERSE + TURN, HOOK + ANSWER,
         EIGHT_BARS_OF_DRIVE, ("pad", "keys", "bass", "lead"), -1.0),
    Part("variation", "development", VERSE, ANSWER, ("drive", "drive2", "drive", "turn"),
         ("pad", "keys", "bass", "pluck", "lead", "third"), 0.0),
    Part("lament", "development", BRIDGE[:4], LAMENT[:4], ("half", "half", "half", "half"),
         ("strings", "soft_bass", "flute"), -6.0),
    Part("climb", "development", BRIDGE[4:], LAMENT[4:], ("tense", "tense", "tense", "roll"),
         ("strings", "soft_bass", "flute", "pulse"), -5.0, crescendo_db=4.0),
    Part("return", "development", VERSE + TURN, HOOK + ANSWER,
         EIGHT_BARS_OF_DRIVE, ("pad", "keys", "bass", "pluck", "lead", "third"), 0.0),
    Part("farewell", "conclusion", (("G",), ("A",), ("Dend",), ("Dend",)), FAREWELL, ("lift", "fill", "end", "none"),
         ("pad", "keys", "bass", "lead"), -2.5),
)  # fmt: skip


def n_bars(form: tuple[Part, ...] = FORM) -> int:
    """Bars of a whole form."""
    return sum(part.n_bars for part in form)


def time_s(bar: float, beat: float = 0.0) -> float:
    """When a beat of a bar is, bar 0 being the first."""
    return START_S + (bar * BEATS_PER_BAR + beat) * 60.0 / TEMPO_BPM


def duration_s(form: tuple[Part, ...] = FORM) -> float:
    """Length of the song with the ringing of its last chord."""
    return time_s(n_bars(form)) + RING_S


def beat_times_s(form: tuple[Part, ...] = FORM) -> list[float]:
    """Every beat of a form."""
    return [time_s(0, beat) for beat in range(n_bars(form) * BEATS_PER_BAR)]


def section_starts_s(form: tuple[Part, ...] = FORM) -> list[float]:
    """Where each part of a form begins."""
    starts, bar = [], 0
    for part in form:
        starts.append(time_s(bar))
        bar += part.n_bars
    return starts
