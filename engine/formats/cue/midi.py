"""A tempo map as a standard MIDI file: every beat of the song where it is, for music programs to count by.

A quarter note is a beat. Before the first beat goes a lead-in of whole quarters that begins at the take's first
frame; bars begin where they begin in the song, and where a bar is longer or shorter the time signature says so.
Tempi are whole microseconds a quarter, chosen so that no beat is off by more than half of one.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from engine.formats.cue.sheet import BEATS, CueError, beats, in_order
from engine.formats.scene import FilmScene, SceneMarker
from engine.formats.whole_file import replacing

TICKS_PER_BEAT = 960
_LEAST_LEAD_S = 0.0005
_SLOWEST_US = 0xFFFFFF  # what three bytes hold: 16.8 s a beat
_LONGEST_BAR = 255
_MOST_BYTES = 16 * 2**20
_MOST_BEATS = 100_000
_LONGEST_S = 24 * 3600.0


@dataclass(frozen=True, eq=False)
class TempoMap:
    """What a MIDI file says about time.

    Attributes:
        beat_times_s: Of each beat, a quarter note or what the time signature counts, from the file's start, [B].
        beat_in_bar: Its place in its bar, 0 = downbeat, int [B].
        markers: Its markers, with their times.
    """

    beat_times_s: np.ndarray
    beat_in_bar: np.ndarray
    markers: tuple[SceneMarker, ...] = ()


def write(path: Path, scene: FilmScene) -> None:
    """Write the tempo map of the scene's beats, and its other markers.

    Raises:
        CueError: if the scene has fewer than two beats, a beat lasts longer than MIDI can say, or it cannot be written.
    """
    import mido

    found = [beat for beat in beats(scene) if beat.time_s >= 0.0]
    if len(found) < 2:
        raise CueError(f"{path.name} needs at least two beats; analyse the song, or tap them.")
    times_us, lead = _beat_times_us(found)
    if int(np.diff(times_us).max()) > _SLOWEST_US:
        raise CueError(f"{path.name} cannot hold a beat of {np.diff(times_us).max() / 1e6:.0f} s.")
    events: list[tuple[int, int, Any]] = [(0, 0, mido.MetaMessage("track_name", name=scene.title))]
    events += _tempi(mido, times_us) + _bars(mido, found, lead) + _markers(mido, scene, times_us)
    # The last beat is in the file, so the file ends behind it.
    length_s = scene.n_frames / scene.rate.hz if scene.takes else 0.0
    ends = (_tick(length_s, times_us), (len(times_us) - 1) * TICKS_PER_BEAT + 1)
    end = max(*ends, *(tick for tick, _, _ in events))
    track, now = mido.MidiTrack(), 0
    for tick, _, message in sorted(events, key=lambda event: event[:2]):
        track.append(message.copy(time=tick - now))
        now = tick
    track.append(mido.MetaMessage("end_of_track", time=end - now))
    file = mido.MidiFile(type=1, ticks_per_beat=TICKS_PER_BEAT, charset="utf-8", tracks=[track])
    try:
        with replacing(path) as out:
            file.save(file=out)
    except OSError as error:
        raise CueError(f"{path.name} cannot be written ({error.strerror or error}).") from error


def _beat_times_us(found: list[SceneMarker]) -> tuple[np.ndarray, int]:
    """When every quarter begins, those of the lead-in first, microseconds, int; and how many lead in."""
    times_s = np.array([beat.time_s for beat in found])
    lead = 0
    if times_s[0] > _LEAST_LEAD_S:
        lead = max(1, round(float(times_s[0] / np.median(np.diff(times_s)))))
    led = np.linspace(0.0, times_s[0], lead, endpoint=False)
    times_us = np.floor(np.concatenate([led, times_s]) * 1e6 + 0.5).astype(np.int64)
    return times_us, lead


def _tempi(mido: Any, times_us: np.ndarray) -> list[tuple[int, int, Any]]:
    """A tempo wherever it changes; the last one goes on."""
    out, last = [], -1
    for beat, lasts in enumerate(np.maximum(np.diff(times_us), 1).tolist()):
        if lasts != last:
            out.append((beat * TICKS_PER_BEAT, 1, mido.MetaMessage("set_tempo", tempo=lasts)))
            last = lasts
    return out


def _bars(mido: Any, found: list[SceneMarker], lead: int) -> list[tuple[int, int, Any]]:
    """A time signature wherever bars change their length; what comes before the first downbeat is a bar of its own."""
    downbeats = [lead + i for i, beat in enumerate(found) if beat.kind == "bar"]
    if not downbeats:
        return []
    starts = [*([0] if downbeats[0] > 0 else []), *downbeats]
    lengths = [b - a for a, b in pairwise(starts)]
    lengths.append(lengths[-1] if len(downbeats) > 1 else 4)  # the last bar is as long as the one before
    out, last = [], -1
    for start, length in zip(starts, lengths, strict=True):
        if length != last:
            beats_in_it = min(length, _LONGEST_BAR)
            message = mido.MetaMessage("time_signature", numerator=beats_in_it, denominator=4)
            out.append((start * TICKS_PER_BEAT, 0, message))
            last = length
    return out


def _markers(mido: Any, scene: FilmScene, times_us: np.ndarray) -> list[tuple[int, int, Any]]:
    others = [marker for marker in in_order(scene) if marker.kind not in BEATS and marker.time_s >= 0.0]
    return [(_tick(marker.time_s, times_us), 2, mido.MetaMessage("marker", text=marker.name)) for marker in others]


def _tick(time_s: float, times_us: np.ndarray) -> int:
    """The tick nearest to a time; after the last beat its tempo goes on."""
    beat = int(np.clip(np.searchsorted(times_us, time_s * 1e6, side="right") - 1, 0, len(times_us) - 2))
    lasts = max(int(times_us[beat + 1] - times_us[beat]), 1)
    return round((beat + (time_s * 1e6 - float(times_us[beat])) / lasts) * TICKS_PER_BEAT)


def read(path: Path) -> TempoMap:
    """The beats and markers of a standard MIDI file, in seconds; a tempo of 120 and bars of four where it says nothing.

    Raises:
        CueError: if it cannot be read, counts in film frames, or is longer than any song.
    """
    import mido

    try:
        if path.stat().st_size > _MOST_BYTES:
            raise CueError(f"{path.name} is larger than any tempo map.")
        file = mido.MidiFile(str(path), charset="utf-8", clip=True)
    except CueError:
        raise
    except OSError as error:
        raise CueError(f"{path.name} cannot be read ({error.strerror or error}).") from error
    except Exception as error:  # mido raises whatever its parts raise
        raise CueError(f"{path.name} is no MIDI file that can be read.") from error
    if not 0 < file.ticks_per_beat < 0x8000:
        raise CueError(f"{path.name} counts in film frames and so holds no beats.")
    return _tempo_map(path, file)


def _tempo_map(path: Path, file: Any) -> TempoMap:
    events = sorted(_events(file), key=lambda event: event[0])
    end = max((tick for tick, _ in events), default=0)
    tempi = _points(events, "set_tempo", lambda message: message.tempo, 500_000)
    at_tick = np.array([tick for tick, _ in tempi], dtype=float)
    per_tick_s = np.array([tempo for _, tempo in tempi]) / 1e6 / file.ticks_per_beat
    at_s = np.concatenate([[0.0], np.cumsum(np.diff(at_tick) * per_tick_s[:-1])])

    def seconds(ticks: np.ndarray) -> np.ndarray:
        last = np.searchsorted(at_tick, ticks, side="right") - 1
        return at_s[last] + (ticks - at_tick[last]) * per_tick_s[last]

    signatures = _points(events, "time_signature", lambda message: (message.numerator, message.denominator), (4, 4))
    ticks: list[np.ndarray] = []
    places: list[np.ndarray] = []
    n_beats = 0
    ends = [*(tick for tick, _ in signatures[1:]), end]
    for (start, (numerator, denominator)), until in zip(signatures, ends, strict=True):
        step = 4.0 * file.ticks_per_beat / denominator
        n = int(np.ceil((until - start) / step - 1e-9))
        n_beats += n
        if n_beats > _MOST_BEATS:
            raise CueError(f"{path.name} has more beats than any song.")
        ticks.append(start + step * np.arange(n))
        places.append(np.arange(n) % max(numerator, 1))
    markers = tuple(
        SceneMarker(message.text, float(seconds(np.array([float(tick)]))[0]))
        for tick, message in events
        if message.type in ("marker", "cue_marker")
    )
    times_s = seconds(np.concatenate(ticks))
    if not np.all(np.isfinite(times_s)) or (len(times_s) and times_s[-1] > _LONGEST_S):
        raise CueError(f"{path.name} lasts longer than any song.")
    return TempoMap(times_s, np.concatenate(places), markers)


def _events(file: Any) -> list[tuple[int, Any]]:
    """Every message of all tracks with its tick."""
    out = []
    for track in file.tracks:
        now = 0
        for message in track:
            now += message.time
            out.append((now, message))
    return out


def _points(events: list[tuple[int, Any]], kind: str, value: Any, default: Any) -> list[tuple[int, Any]]:
    """What is in force from which tick on, from tick 0, the last of several at one tick."""
    points = {0: default}
    for tick, message in events:
        if message.type == kind:
            points[tick] = value(message)
    return sorted(points.items())
