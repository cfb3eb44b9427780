"""The document: everything that a project file saves, and nothing else. All of it is immutable."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Self

import numpy as np

from editor.document.piece_rules import BY_THE_BOOK, PieceRules
from editor.document.warp import Warp
from engine.motion.house import FRAME_RATE_HZ, HEIGHT_M
from engine.motion.motion import Motion
from engine.music.analysis import EMOTIONS, MusicAnalysis
from engine.timebase import frame_at


@dataclass(frozen=True)
class Curve:
    """A value drawn over the piece: straight between its points, held before the first and after the last.

    Attributes:
        times_s: Ascending seconds of the piece, at least one.
        values: As many.
    """

    times_s: tuple[float, ...]
    values: tuple[float, ...]

    def __post_init__(self) -> None:
        if not self.times_s or len(self.times_s) != len(self.values):
            raise ValueError("a curve needs as many times as values, and at least one")
        if any(b < a for a, b in zip(self.times_s, self.times_s[1:], strict=False)):
            raise ValueError("a curve's times must ascend")

    def at(self, times_s: np.ndarray) -> np.ndarray:
        """The values at any times."""
        return np.interp(times_s, self.times_s, self.values)


Value = float | Curve  # constant, or drawn over the piece


def value_at(value: Value, times_s: np.ndarray) -> np.ndarray:
    """A constant or drawn value at times, as an array like `times_s`."""
    return value.at(times_s) if isinstance(value, Curve) else np.full(np.shape(times_s), float(value))


@dataclass(frozen=True)
class Settings:
    """How a segment is to be danced: what the generate panel shows.

    Attributes:
        style: Weights by style name, above zero; empty means the model's usual styles, alike.
        joy, sorrow, tension, serenity: 0 to 1, constant or drawn over the piece.
        follow_music: How much the music's own arousal drives the dance, 0 to 1.
        intensity: Size and drive of the movement: 1 as learned, 0 to 3.
        novelty: "How new", 0 to 1.
        seed: From 0 on.
        avoid: Kinds of movement, and rules not to be broken, that a new take does without (`request.avoidable`).
        locked_parts: Names of engine.motion.house.BODY_PARTS that a new take keeps.
        keep_path: Whether a new take keeps the path over the floor.
        path_m: A path drawn on the stage's floor, points (x, z) in metres in the order of walking; empty leaves it
            free.
    """

    style: tuple[tuple[str, Value], ...] = ()
    joy: Value = 0.0
    sorrow: Value = 0.0
    tension: Value = 0.0
    serenity: Value = 0.0
    follow_music: float = 1.0
    intensity: float = 1.0
    novelty: float = 0.3
    seed: int = 0
    avoid: frozenset[str] = frozenset()
    locked_parts: frozenset[str] = frozenset()
    keep_path: bool = False
    path_m: tuple[tuple[float, float], ...] = ()

    @property
    def emotion(self) -> dict[str, Value]:
        """The four emotions by name."""
        return {name: getattr(self, name) for name in EMOTIONS}


@dataclass(frozen=True)
class Recipe:
    """What a take was made from: enough to make it again, shown on its chip.

    Attributes:
        settings: As they were, seed included.
        start_s, end_s: The stretch of music it was made for.
        model: Digest of the model's weights, hexadecimal.
        request: Digest of the whole request, hexadecimal.
        engine_version: Of the program that made it.
        device: Such as "cpu" or "cuda:0".
        made_at: Local date and time, ISO 8601.
        song: The song's hash.
    """

    settings: Settings
    start_s: float
    end_s: float
    model: str = ""
    request: str = ""
    engine_version: str = ""
    device: str = ""
    made_at: str = ""
    song: str = ""


@dataclass(frozen=True, eq=False)
class Take:
    """One alternative for a clip: frames, and where they came from. Frames are stored, never made again.

    Attributes:
        id: Unique in the document; a take that lies on several clips is the same object on each.
        name: "Take 3", or the name of an imported file.
        motion: On the house skeleton at the project's rate, in the dancer's own place (before `Track.place`).
        recipe: None where the motion was imported.
        kind: "generated", "imported" or "baked".
    """

    id: str
    name: str
    motion: Motion
    recipe: Recipe | None = None
    kind: str = "generated"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Take):
            return NotImplemented
        same = (self.id, self.name, self.recipe, self.kind) == (other.id, other.name, other.recipe, other.kind)
        return same and same_frames(self.motion, other.motion)

    def __hash__(self) -> int:
        return hash(self.id)


def same_frames(one: Motion, other: Motion) -> bool:
    """Whether two motions hold the same numbers, bit for bit."""
    if one is other:
        return True
    return (
        one.frame_rate_hz == other.frame_rate_hz
        and one.skeleton.names == other.skeleton.names
        and np.array_equal(one.root_positions_m, other.root_positions_m)
        and np.array_equal(one.local_rotations, other.local_rotations)
    )


@dataclass(frozen=True)
class Place:
    """Where something stands on the stage: turned about y, then moved over the floor."""

    x_m: float = 0.0
    z_m: float = 0.0
    yaw_rad: float = 0.0


@dataclass(frozen=True)
class Clip:
    """One stretch of a track, with all its takes. A segment that was made anew is a clip of its own.

    Frame f of the clip (0 to n_frames) shows frame `offset_frame + f * speed` of its take, round and round
    where `is_looped`, held at the take's ends where not. Where beats were moved under it, `warp` says for each f
    which one that is.

    Attributes:
        id: Unique in the document.
        start_frame: Where on the track it begins, from 0 on.
        n_frames: Its length, at least 1.
        takes: At least one.
        active: Index of the take that is danced.
        offset_frame: The first frame of the take that is shown; may be fractional after stretching.
        speed: Take frames per clip frame; 1 as made, 2 twice as fast.
        is_looped: Whether the take starts over when it ends, each round going on from where the last one ended.
        is_mirrored: Left and right exchanged, across the plane x = 0 of the take.
        place: The take turned and moved on the stage (for clips that were moved to join on to others).
        blend_frames: Over how many frames the jump at its start is inertialised away; 0 where it joins exactly.
            A track's first clip has nothing to join on to, and begins as it is.
        is_locked: A locked clip is neither edited nor made anew.
        settings: Its own; None takes the piece's.
        name: Shown on the clip; may be empty.
        warp: How its time follows beats that were moved; None while they are where they were.
    """

    id: str
    start_frame: int
    n_frames: int
    takes: tuple[Take, ...]
    active: int = 0
    offset_frame: float = 0.0
    speed: float = 1.0
    is_looped: bool = False
    is_mirrored: bool = False
    place: Place = Place()
    blend_frames: int = 0
    is_locked: bool = False
    settings: Settings | None = None
    name: str = ""
    warp: Warp | None = None

    @property
    def is_stale(self) -> bool:
        """Whether the beats were moved too far from those that it was made to for it to follow them."""
        return self.warp is not None and self.warp.is_stale

    @property
    def end_frame(self) -> int:
        """The first frame after the clip."""
        return self.start_frame + self.n_frames

    @property
    def take(self) -> Take:
        """The take that is danced."""
        return self.takes[self.active]


@dataclass(frozen=True)
class Track:
    """One dancer.

    Attributes:
        id: Unique in the document.
        name: The dancer's.
        clips: By start, none over another; there may be gaps, in which the dancer holds the last pose.
        place: Where the dancer's own origin stands on the stage.
        body: A kind of engine.character.character.KINDS; empty for "neutral".
        height_m: The dancer's, 1.40 to 2.10.
        is_hidden, is_muted: Hidden from the picture; left out of export.
        is_reference: Somebody to look at, not one of the piece's dancers: shown faded, never exported, never made
            anew, and the piece is not longer for it.
    """

    id: str
    name: str
    clips: tuple[Clip, ...] = ()
    place: Place = Place()
    body: str = ""
    height_m: float = HEIGHT_M
    is_hidden: bool = False
    is_muted: bool = False
    is_reference: bool = False

    def clip(self, clip_id: str) -> Clip:
        """The clip of that id; KeyError where there is none."""
        for clip in self.clips:
            if clip.id == clip_id:
                return clip
        raise KeyError(clip_id)

    def clips_in(self, start_frame: int, end_frame: int) -> tuple[Clip, ...]:
        """The clips that share a frame with [start_frame, end_frame)."""
        return tuple(c for c in self.clips if c.start_frame < end_frame and start_frame < c.end_frame)

    @property
    def end_frame(self) -> int:
        """The first frame after the last clip; 0 for an empty track."""
        return self.clips[-1].end_frame if self.clips else 0


@dataclass(frozen=True)
class Marker:
    """A named moment, or a span where end_s lies after time_s."""

    id: str
    time_s: float
    text: str = ""
    end_s: float = 0.0


@dataclass(frozen=True)
class ShotCamera:
    """A camera that is kept with the piece.

    Attributes:
        id: Unique in the document.
        name: Shown to the user.
        target_m: What it looks at, (x, y, z).
        yaw_rad, pitch_rad, distance_m, field_of_view_rad: As viewer3d.camera.Camera has them.
        start_s, end_s: The shot it takes; equal where it takes none.
    """

    id: str
    name: str
    target_m: tuple[float, float, float]
    yaw_rad: float
    pitch_rad: float
    distance_m: float
    field_of_view_rad: float
    start_s: float = 0.0
    end_s: float = 0.0


@dataclass(frozen=True)
class Song:
    """The music, by its hash.

    Attributes:
        name: File name with its ending.
        sha256: Of the file's bytes, hexadecimal.
        duration_s: Its length.
        link: Where the file lay when it was last seen; empty when only embedded.
        data: The file's bytes when embedded in the project, else None.
    """

    name: str
    sha256: str
    duration_s: float
    link: str = ""
    data: bytes | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Pins:
    """What holds the grid of beats while others are moved.

    Attributes:
        anchors_s: Times of beats that were set by hand, ascending: warping goes from one to the next.
        locked_s: Spans, apart and ascending, in which no correction moves a beat.
        heard_s, danced_s: How far the dance has followed corrections: what was heard at the one is danced at the other,
            both ascending, as many; empty while nothing has moved.
    """

    anchors_s: tuple[float, ...] = ()
    locked_s: tuple[tuple[float, float], ...] = ()
    heard_s: tuple[float, ...] = ()
    danced_s: tuple[float, ...] = ()


@dataclass(frozen=True, eq=False)
class Document:
    """A piece.

    Attributes:
        title: Shown in the window's title.
        song: None before one is dropped in.
        analysis: As the engine heard it.
        corrected: The analysis with her corrections; None while there are none.
        pins: What holds the beats while she corrects others.
        tracks: The dancers.
        markers: By time.
        cameras: In the order in which they were made.
        settings: How the piece is to be danced where a clip says nothing else; curves drawn over it.
        notes: Free text.
        rules: How it is held against the rules of dance structure.
    """

    title: str = "Untitled"
    song: Song | None = None
    analysis: MusicAnalysis | None = None
    corrected: MusicAnalysis | None = None
    tracks: tuple[Track, ...] = ()
    markers: tuple[Marker, ...] = ()
    cameras: tuple[ShotCamera, ...] = ()
    settings: Settings = Settings()
    notes: str = ""
    pins: Pins = Pins()
    rules: PieceRules = BY_THE_BOOK

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Document):
            return NotImplemented
        mine, theirs = (
            (d.title, d.song, d.tracks, d.markers, d.cameras, d.settings, d.notes, d.pins, d.rules)
            for d in (self, other)
        )
        return (
            mine == theirs
            and _same_analysis(self.analysis, other.analysis)
            and _same_analysis(self.corrected, other.corrected)
        )

    __hash__ = object.__hash__

    @property
    def frame_rate_hz(self) -> float:
        """The project's one motion rate."""
        return FRAME_RATE_HZ

    @property
    def music(self) -> MusicAnalysis | None:
        """What is known of the song, corrections included."""
        return self.corrected or self.analysis

    @property
    def dancers(self) -> tuple[Track, ...]:
        """The tracks that are the piece's own: all but references."""
        return tuple(track for track in self.tracks if not track.is_reference)

    @property
    def n_frames(self) -> int:
        """The piece's length in motion frames: the song's, or where the last dancer's last clip ends.

        Where there is neither, a reference's, so that it can be looked at.
        """
        of_song = frame_at(self.song.duration_s, FRAME_RATE_HZ) if self.song else 0
        of_piece = max([of_song, *(track.end_frame for track in self.dancers)])
        return of_piece or max((track.end_frame for track in self.tracks), default=0)

    @property
    def duration_s(self) -> float:
        """The piece's length in seconds."""
        return max(self.n_frames / FRAME_RATE_HZ, self.song.duration_s if self.song else 0.0)

    def track(self, track_id: str) -> Track:
        """The track of that id; KeyError where there is none."""
        for track in self.tracks:
            if track.id == track_id:
                return track
        raise KeyError(track_id)

    def clip(self, clip_id: str) -> tuple[Track, Clip]:
        """A clip and the track it is on; KeyError where there is none."""
        for track in self.tracks:
            for clip in track.clips:
                if clip.id == clip_id:
                    return track, clip
        raise KeyError(clip_id)

    def with_track(self, changed: Track) -> Self:
        """This document with the track of the same id replaced, its place kept."""
        return replace(self, tracks=tuple(changed if t.id == changed.id else t for t in self.tracks))

    def settings_for(self, track_id: str, start_frame: int, end_frame: int) -> Settings:
        """What applies to a segment: the settings of the clip that it is or lies in, else the piece's."""
        for clip in self.track(track_id).clips_in(start_frame, end_frame):
            if clip.start_frame <= start_frame and end_frame <= clip.end_frame and clip.settings is not None:
                return clip.settings
        return self.settings


def _same_analysis(one: MusicAnalysis | None, other: MusicAnalysis | None) -> bool:
    if one is None or other is None or one is other:
        return one is other
    # Corrections share what they do not correct: an array that is the same object is not read.
    mine, theirs = vars(one), vars(other)
    return all(value is theirs[name] or _same_value(value, theirs[name]) for name, value in mine.items())


def _same_value(one: object, other: object) -> bool:
    if isinstance(one, np.ndarray) and isinstance(other, np.ndarray):
        return np.array_equal(one, other)
    return type(one) is type(other) and one == other
