"""What the lists of a shot have in common: where its media lie, its handles, and which markers are in it."""

from __future__ import annotations

from dataclasses import dataclass

from engine.errors import EngineError
from engine.formats.cue.smpte import frame_of
from engine.formats.scene import FilmScene, SceneMarker
from engine.timebase import frame_at

BEATS = ("bar", "beat")  # a bar is marked on its first beat


class CueError(EngineError):
    """A list cannot be written, or read, as it is."""


@dataclass(frozen=True)
class Cut:
    """How a take lies in the film and over its song.

    Attributes:
        shot: Name of the shot.
        media: File that shows the take, as it is to be found from the list; "" for none.
        song: Name of the song; "" for a dance without one.
        song_media: File of the song, as it is to be found from the list.
        song_start_s: Where in that file the take's first frame is, handles included.
        handle_frames: Frames at each end that are there for the cut, and are not cut in.
        record_start: Timecode at which the edit begins; drop-frame at a rate whose custom that is, colon or not.
        reel: Of the dance in an EDL; "" makes one of the shot's name.
    """

    shot: str
    media: str = ""
    song: str = ""
    song_media: str = ""
    song_start_s: float = 0.0
    handle_frames: int = 0
    record_start: str = "01:00:00:00"
    reel: str = ""

    def record_frame(self, scene: FilmScene) -> int:
        """The frame at which the edit begins, counted from 00:00:00:00.

        Raises:
            TimecodeError: if `record_start` is no timecode at the scene's rate.
        """
        hours_to_seconds, _, frames = self.record_start.strip().replace(";", ":").rpartition(":")
        return frame_of(f"{hours_to_seconds}{';' if scene.rate.drops_frames else ':'}{frames}", scene.rate)

    def cut_frames(self, scene: FilmScene) -> range:
        """The frames of the take that are cut in, counted from its first.

        Raises:
            CueError: if the handles leave nothing.
        """
        frames = range(self.handle_frames, scene.n_frames - self.handle_frames)
        if self.handle_frames < 0 or not frames:
            handles = f"handles of {self.handle_frames}"
            raise CueError(f"Shot {self.shot} is {scene.n_frames} frames long, which leaves nothing between {handles}.")
        return frames


def in_order(scene: FilmScene) -> list[SceneMarker]:
    """The scene's markers by time; at the same time the greater span first, and beats last."""
    return sorted(scene.markers, key=lambda m: (m.time_s, m.kind in BEATS, -m.duration_s, m.kind, m.name))


def beats(scene: FilmScene) -> list[SceneMarker]:
    """The beats among the scene's markers, those that begin a bar too, by time, each time once."""
    found = {marker.time_s: marker for marker in in_order(scene) if marker.kind in BEATS}
    return list(found.values())


def frame_in_take(scene: FilmScene, marker: SceneMarker) -> int:
    """The frame nearest to a marker, counted from the take's first."""
    return frame_at(marker.time_s, scene.rate.hz)
