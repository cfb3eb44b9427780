"""The shot as a CMX3600 edit decision list, the one list that every editing program reads.

One event of video for the dance and one of sound for the song, both without their handles, recorded from the
cut's record start. Source timecode is that of the frames' numbers for the dance, that of the place in the file
for the song. Markers that are cut in go with the dance as LOC comments; beats are left out unless asked for,
for programs that show each as a note. ASCII and 60 frames a second are all that the format knows.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path

from engine.formats.cue.markers_csv import write_whole
from engine.formats.cue.otio import COLOURS
from engine.formats.cue.sheet import CueError, Cut, frame_in_take, in_order
from engine.formats.cue.smpte import timecode
from engine.formats.scene import FilmScene
from engine.timebase import frame_at

_REEL_LETTERS = 8
_FASTEST_HZ = 60
_SONG_REEL = "AX"  # auxiliary: no tape
_SPELT = str.maketrans({"ß": "ss", "ø": "o", "Ø": "O", "æ": "ae", "Æ": "AE", "œ": "oe", "Œ": "OE", "ł": "l", "Ł": "L"})
_LOCATED = ("marker", "section", "movement")


def write(path: Path, scene: FilmScene, cut: Cut, *, with_beats: bool = False) -> None:
    """Write the list of a shot.

    Args:
        path: Where to, *.edl.
        scene: Its first take's length, start frame and markers count.
        cut: How the take is cut.
        with_beats: Locate beats and bars too.

    Raises:
        CueError: if the rate is above 60, the handles leave nothing of the take, or it cannot be written.
        TimecodeError: if the cut's record start is no timecode.
    """
    if scene.rate.timecode_hz > _FASTEST_HZ:
        raise CueError(f"{path.name} cannot count {scene.rate.name} frames a second; an EDL ends at {_FASTEST_HZ}.")
    write_whole(path, "\n".join(_lines(scene, cut, with_beats)) + "\n")


def reel_name(text: str) -> str:
    """A name of at most 8 capital letters and digits, as tapes have it."""
    return re.sub(r"[^A-Z0-9]", "", _ascii(text).upper())[:_REEL_LETTERS] or "DANCE"


def _lines(scene: FilmScene, cut: Cut, with_beats: bool) -> Iterator[str]:
    frames = cut.cut_frames(scene)
    record = cut.record_frame(scene)
    yield f"TITLE: {_ascii(cut.shot)}"
    yield f"FCM: {'DROP FRAME' if scene.rate.drops_frames else 'NON-DROP FRAME'}"
    yield ""
    yield _event(scene, 1, reel_name(cut.reel or cut.shot), "V", scene.start_frame + frames.start, record, len(frames))
    yield f"* FROM CLIP NAME: {_ascii(cut.shot)}"
    if cut.media:
        yield f"* SOURCE FILE: {_ascii(cut.media)}"
    for marker in in_order(scene):
        frame = frame_in_take(scene, marker)
        if frame in frames and (with_beats or marker.kind in _LOCATED):
            text = " ".join(filter(None, (_ascii(marker.name), _ascii(marker.comment))))
            at = timecode(record + frame - frames.start, scene.rate)
            yield f"* LOC: {at} {COLOURS.get(marker.kind, 'RED'):7} {text}".rstrip()
    if cut.song:
        first = frame_at(cut.song_start_s, scene.rate.hz) + frames.start
        yield ""
        yield _event(scene, 2, _SONG_REEL, "A", first, record, len(frames))
        yield f"* FROM CLIP NAME: {_ascii(cut.song)}"
        if cut.song_media:
            yield f"* SOURCE FILE: {_ascii(cut.song_media)}"


def _event(scene: FilmScene, number: int, reel: str, channel: str, source: int, record: int, n_frames: int) -> str:
    """A cut: which reel, from where to where in it, from where to where in the film. Ends are not included."""
    codes = " ".join(timecode(f, scene.rate) for f in (source, source + n_frames, record, record + n_frames))
    return f"{number:03d}  {reel:<8} {channel:<5} C        {codes}"


def _ascii(text: str) -> str:
    """The text on one line in ASCII, letters without their accents."""
    flat = unicodedata.normalize("NFKD", " ".join(text.split()).translate(_SPELT))
    return flat.encode("ascii", "ignore").decode().strip()
