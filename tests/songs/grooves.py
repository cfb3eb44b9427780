"""What bands play: grooves with the tempi at which they are danced to, chords, and forms."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Groove:
    """One bar of drums and how it is counted.

    Attributes:
        beats: Beats in the bar.
        steps: Steps in each beat: 4 sixteenths, or 6 where the beat is a dotted quarter.
        bpm: Slowest and fastest tempo at which this groove is counted like this.
        drums: Stroke -> one mark a step: x loud, o soft, a dot for none.
        bass: The same for the bass.
    """

    beats: int
    steps: int
    bpm: tuple[float, float]
    drums: dict[str, str]
    bass: str


FOUR = {
    "ballad": Groove(4, 4, (60, 84), {
        "kick": "x.........x.o...", "snare": "....x.......x...", "hat": "x.o.x.o.x.o.x.o."}, "x.......x...x..."),
    "slow soul": Groove(4, 4, (60, 80), {
        "kick": "x......ox.....o.", "snare": "....x.......x...", "hat": "xoxoxoxoxoxoxoxo"}, "x.....x.x......."),
    "hip-hop": Groove(4, 4, (70, 104), {
        "kick": "x..x......x.....", "snare": "....x.......x..o", "hat": "x.x.x.x.x.x.x.x."}, "x..x......x....."),
    "reggaeton": Groove(4, 4, (84, 104), {
        "kick": "x...x...x...x...", "snare": "...x..x....x..x.", "hat": "x.o.x.o.x.o.x.o."}, "x.....x.x.....x."),
    "funk": Groove(4, 4, (88, 118), {
        "kick": "x..x......x..o..", "snare": "....x..o.o..x..o", "hat": "xoxoxoxoxoxoxoxo"}, "x..x..x...x..x.."),
    "pop": Groove(4, 4, (84, 132), {
        "kick": "x.....x.x.......", "snare": "....x.......x...", "hat": "x.x.x.x.x.x.x.x."}, "x.x.x.x.x.x.x.x."),
    "rock": Groove(4, 4, (84, 160), {
        "kick": "x.......x.......", "snare": "....x.......x...", "hat": "x.o.x.o.x.o.x.o."}, "x.x.x.x.x.x.x.x."),
    "disco": Groove(4, 4, (104, 132), {
        "kick": "x...x...x...x...", "clap": "....x.......x...", "open": "..x...x...x...x."}, "x.x.x.x.x.x.x.x."),
    "house": Groove(4, 4, (112, 136), {
        "kick": "x...x...x...x...", "clap": "....x.......x...", "hat": "x.x.x.x.x.x.x.x."}, "..x...x...x...x."),
    "tresillo": Groove(4, 4, (96, 128), {
        "kick": "x..x..x.x..x..x.", "snare": "....x.......x...", "hat": "x.x.x.x.x.x.x.x."}, "x..x..x.x..x..x."),
    "synth": Groove(4, 4, (100, 132), {
        "kick": "x...x...x...x...", "clap": "....x.......x...", "open": "..x...x...x...x."}, "x..x..x.x..x..x."),
    "two-step": Groove(4, 4, (160, 178), {
        "kick": "x.........x.....", "snare": "....x.......x...", "hat": "x.x.x.x.x.x.x.x."}, "x.........x....."),
    "punk": Groove(4, 4, (150, 200), {
        "kick": "x.......x.x.....", "snare": "....x.......x...", "hat": "x...x...x...x..."}, "x.x.x.x.x.x.x.x."),
}  # fmt: skip
SWUNG = {
    "shuffle": Groove(4, 4, (84, 140), {
        "kick": "x.......x.......", "snare": "....x.......x...", "hat": "x.x.x.x.x.x.x.x."}, "x.x.x.x.x.x.x.x."),
    "swing": Groove(4, 4, (112, 190), {
        "kick": "o...o...o...o...", "hat": "x...x.o.x...x.o.", "clap": "....o.......o..."}, "x...x...x...x..."),
    "boom bap": Groove(4, 4, (84, 100), {
        "kick": "x.x.......xo....", "snare": "....x.......x...", "hat": "x.x.x.x.x.x.x.x."}, "x.....x...x....."),
}  # fmt: skip
THREE = {
    "waltz": Groove(3, 4, (84, 170), {
        "kick": "x...........", "snare": "....o...o...", "hat": "x...o...o..."}, "x..........."),
    "jazz waltz": Groove(3, 4, (100, 160), {
        "kick": "x.....o.....", "snare": "....o.......", "hat": "x...x.o.x..."}, "x.......x..."),
    "slow three": Groove(3, 4, (70, 108), {
        "kick": "x.......x...", "snare": "....x.......", "hat": "x.o.x.o.x.o."}, "x.......x.x."),
    "country": Groove(3, 4, (84, 130), {
        "kick": "x...........", "snare": "....x...x...", "shaker": "x.o.x.o.x.o."}, "x.......x..."),
}  # fmt: skip
SIX = {
    "slow six": Groove(2, 6, (46, 76), {
        "kick": "x.........o.", "snare": "......x.....", "hat": "x.o.o.x.o.o."}, "x.........x."),
    "afro": Groove(2, 6, (60, 96), {
        "kick": "x.....x.....", "clap": "......x.....", "shaker": "x.o.o.x.o.o."}, "x...x.x....."),
    "lilt": Groove(2, 6, (60, 90), {
        "kick": "x.....o.....", "tom": "......x.....", "shaker": "x...o.x...o."}, "x.....x....."),
}  # fmt: skip
HALF_TIME = Groove(4, 4, (84, 160), {
    "kick": "x.........o.....", "snare": "........x.......", "hat": "x.o.x.o.x.o.x.o."}, "x.........x....."
)  # fmt: skip

MAJOR = (
    ((0, 4, 7), (7, 11, 14), (9, 12, 16), (5, 9, 12)),
    ((0, 4, 7), (5, 9, 12), (7, 11, 14), (0, 4, 7)),
    ((5, 9, 12), (7, 11, 14), (4, 7, 11), (9, 12, 16)),
    ((0, 4, 7), (9, 12, 16), (2, 5, 9), (7, 11, 14)),
)
MINOR = (
    ((9, 12, 16), (5, 9, 12), (0, 4, 7), (7, 11, 14)),
    ((9, 12, 16), (2, 5, 9), (4, 8, 11), (9, 12, 16)),
    ((9, 12, 16), (7, 11, 14), (5, 9, 12), (4, 8, 11)),
)
# Letters of a song's parts, each of eight bars; a lower-case letter is one of four.
FORMS = ("iABABCBo", "iAABAo", "ABACA", "iABiABBo", "AABBA")
