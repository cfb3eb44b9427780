"""Songs whose beats, bars and sections are known, because they are made here: `simple` quickly, `band` like records."""

from __future__ import annotations

from tests.songs.measures import f_measure
from tests.songs.simple import (
    GROOVES_3,
    GROOVES_4,
    RATE_HZ,
    Song,
    band_song,
    band_song_on,
    beats_per_bar,
    click_track,
    clicks_at,
    steady_beats,
    two_part_song,
    with_noise,
)

__all__ = [
    "GROOVES_3",
    "GROOVES_4",
    "RATE_HZ",
    "Song",
    "band_song",
    "band_song_on",
    "beats_per_bar",
    "click_track",
    "clicks_at",
    "f_measure",
    "steady_beats",
    "two_part_song",
    "with_noise",
]
