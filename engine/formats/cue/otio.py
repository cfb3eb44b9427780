"""The shot on a timeline for editors: OpenTimelineIO's own file, .otio.

One video track with the dance, one audio track with the song, both cut to the shot without its handles, which
stay within reach: the clips' media have them. The dance carries the markers. Rates are exact fractions.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine.formats.cue.markers_csv import write_whole
from engine.formats.cue.sheet import Cut, frame_in_take, in_order
from engine.formats.scene import FilmScene, SceneMarker

if TYPE_CHECKING:
    import opentimelineio as otio

# The colour of each kind, by the names that OpenTimelineIO and Avid share.
COLOURS = {"marker": "RED", "beat": "WHITE", "bar": "CYAN", "section": "GREEN", "movement": "YELLOW"}
_DATA_KEY = "kinetograph"


def write(path: Path, scene: FilmScene, cut: Cut) -> None:
    """Write the timeline of a shot.

    Raises:
        CueError: if the handles leave nothing of the take, or it cannot be written.
        TimecodeError: if the cut's record start is no timecode.
    """
    write_whole(path, timeline(scene, cut).to_json_string(indent=2) + "\n")


def timeline(scene: FilmScene, cut: Cut) -> otio.schema.Timeline:
    """The shot as OpenTimelineIO has it."""
    import opentimelineio as otio

    frames = cut.cut_frames(scene)
    out = otio.schema.Timeline(cut.shot, global_start_time=_time(scene, cut.record_frame(scene)))
    out.metadata[_DATA_KEY] = {
        "title": scene.title,
        "take": scene.takes[0].name,
        "frame_rate": f"{scene.rate.exact_hz.numerator}/{scene.rate.exact_hz.denominator}",
        "start_frame": scene.start_frame,
        "handle_frames": cut.handle_frames,
    }
    dance = _clip(scene, cut.shot, cut.media, scene.start_frame, scene.n_frames, frames)
    dance.markers.extend(_marker(scene, marker) for marker in in_order(scene))
    out.tracks.append(_track("V1", otio.schema.TrackKind.Video, dance))
    if cut.song:
        first = cut.song_start_s * scene.rate.hz  # a song begins between frames, and stays there
        song = _clip(scene, cut.song, cut.song_media, first, scene.n_frames, frames)
        out.tracks.append(_track("A1", otio.schema.TrackKind.Audio, song))
    return out


def _time(scene: FilmScene, frame: float) -> otio.opentime.RationalTime:
    import opentimelineio as otio

    return otio.opentime.RationalTime(frame, scene.rate.hz)


def _span(scene: FilmScene, first: float, n_frames: float) -> otio.opentime.TimeRange:
    import opentimelineio as otio

    return otio.opentime.TimeRange(_time(scene, first), _time(scene, n_frames))


def _clip(scene: FilmScene, name: str, media: str, first: float, n_frames: int, frames: range) -> otio.schema.Clip:
    """A clip whose media begin at `first` and of which `frames`, counted from there, are shown."""
    import opentimelineio as otio

    available = _span(scene, first, n_frames)
    reference: Any = otio.schema.MissingReference(name, available)
    if media:
        reference = otio.schema.ExternalReference(media, available)
        reference.name = Path(media).name
    return otio.schema.Clip(name, reference, _span(scene, first + frames.start, len(frames)))


def _track(name: str, kind: str, clip: otio.schema.Clip) -> otio.schema.Track:
    import opentimelineio as otio

    track = otio.schema.Track(name, kind=kind)
    track.append(clip)
    return track


def _marker(scene: FilmScene, marker: SceneMarker) -> otio.schema.Marker:
    """A marker at the nearest frame of the dance's media; the exact time is kept beside it."""
    import opentimelineio as otio

    first = scene.start_frame + frame_in_take(scene, marker)
    span = _span(scene, first, round(marker.duration_s * scene.rate.hz))
    data = {_DATA_KEY: {"kind": marker.kind, "time_s": marker.time_s, "count": marker.count}}
    out = otio.schema.Marker(marker.name, span, COLOURS.get(marker.kind, "RED"), data)
    out.comment = marker.comment
    return out
