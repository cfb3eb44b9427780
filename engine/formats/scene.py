"""What a file of film holds: performers on their rigs, cameras, markers, takes, at one rate from one first frame.

Every writer takes a `FilmScene`, every reader that proves a file gives a `ReadBack`; nothing in here knows a format.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction

import numpy as np

from engine.character.mesh import SkinnedMesh
from engine.motion import quaternion
from engine.motion.motion import Motion
from engine.motion.skeleton import Skeleton

__all__ = [
    "RATES", "FilmCamera", "FilmScene", "FrameRate", "NodeAbove", "PathAbove", "Performer", "ReadBack", "ReadCurves",
    "ReadPerformer", "SceneMarker", "SceneTake", "SkinnedMesh",
]  # fmt: skip


@dataclass(frozen=True)
class FrameRate:
    """A rate that film and television know.

    Attributes:
        exact_hz: Frames a second, as a fraction.
        name: What people call it, such as "23.976".
        timecode_hz: Frames that a second of timecode counts.
        drops_frames: Whether its timecode is drop-frame by custom (29.97 and 59.94).
    """

    exact_hz: Fraction
    name: str
    timecode_hz: int
    drops_frames: bool = False

    @property
    def hz(self) -> float:
        """Frames a second."""
        return float(self.exact_hz)


RATES: dict[str, FrameRate] = {
    rate.name: rate
    for rate in (
        FrameRate(Fraction(24000, 1001), "23.976", 24),
        FrameRate(Fraction(24), "24", 24),
        FrameRate(Fraction(25), "25", 25),
        FrameRate(Fraction(30000, 1001), "29.97", 30, True),
        FrameRate(Fraction(30), "30", 30),
        FrameRate(Fraction(48), "48", 48),
        FrameRate(Fraction(50), "50", 50),
        FrameRate(Fraction(60000, 1001), "59.94", 60, True),
        FrameRate(Fraction(60), "60", 60),
        FrameRate(Fraction(72), "72", 72),
        FrameRate(Fraction(96), "96", 96),
        FrameRate(Fraction(100), "100", 100),
        FrameRate(Fraction(120), "120", 120),
    )
}  # fmt: skip


@dataclass(frozen=True)
class NodeAbove:
    """What stands above a performer's top joint and carries it; in the rest pose at the origin, unturned.

    A format that has no place for it leaves it out: the top joint's motion is the world's either way.

    Attributes:
        name: As the rig calls it, "root" or "Reference".
        is_joint: A bone, which belongs to the skeleton and the bind pose; else a null.
    """

    name: str
    is_joint: bool


@dataclass(frozen=True, eq=False)
class PathAbove:
    """The way of a `NodeAbove` through a take. Takes over its arrays and makes them read-only.

    Attributes:
        positions_m: In the world, metres, [T, 3]; T of 1 where it stands still.
        rotations: In the world, unit (w, x, y, z), [T, 4].
    """

    positions_m: np.ndarray
    rotations: np.ndarray

    def __post_init__(self) -> None:
        self.positions_m.flags.writeable = self.rotations.flags.writeable = False

    def below(self, motion: Motion) -> tuple[np.ndarray, np.ndarray]:
        """The top joint as a child of this node: positions in metres, [T, 3], and rotations, [T, 4]."""
        back = quaternion.conjugate(self.rotations)
        places = quaternion.rotate(back, motion.root_positions_m - self.positions_m)
        return places, quaternion.unroll(quaternion.multiply(back, motion.local_rotations[:, 0]))


@dataclass(frozen=True, eq=False)
class Performer:
    """One dancer as a file holds her.

    Attributes:
        name: Shown; writers make names of files and nodes from it.
        skeleton: The target rig's, its rest pose included.
        mesh: A body to carry along, on that skeleton.
        above: What the rig has above the skeleton's top joint; None where that is the top of all.
    """

    name: str
    skeleton: Skeleton
    mesh: SkinnedMesh | None = None
    above: NodeAbove | None = None


@dataclass(frozen=True, eq=False)
class SceneTake:
    """One version of the dance.

    Attributes:
        name: Of the take, the stack, the clip.
        motions: One for each performer in their order, on their skeletons, at the scene's rate, equally long.
        above: Ways of the performers' `above`, None for one who has none; empty where nobody has one.
    """

    name: str
    motions: tuple[Motion, ...]
    above: tuple[PathAbove | None, ...] = ()

    @property
    def n_frames(self) -> int:
        """How many frames, and so keys, each motion has."""
        return self.motions[0].n_frames


@dataclass(frozen=True, eq=False)
class FilmCamera:
    """A camera, sampled at the scene's rate.

    Attributes:
        name: Shown.
        positions_m: Of the eye, metres, [T, 3]; T of 1 where it stands still.
        rotations: It looks along -z, +y is up; unit (w, x, y, z), [T, 4].
        focal_mm: Focal length, [T].
        film_back_mm: Width and height of the picture on film.
    """

    name: str
    positions_m: np.ndarray
    rotations: np.ndarray
    focal_mm: np.ndarray
    film_back_mm: tuple[float, float] = (36.0, 20.25)


@dataclass(frozen=True)
class SceneMarker:
    """A moment with a name.

    Attributes:
        name: Shown.
        time_s: From the take's first frame.
        kind: "marker", "beat", "bar", "section" or "movement".
        comment: More words.
        duration_s: 0 for a moment.
        count: That a dancer gives to a beat, 1 to 8; 0 elsewhere.
    """

    name: str
    time_s: float
    kind: str = "marker"
    comment: str = ""
    duration_s: float = 0.0
    count: int = 0


@dataclass(frozen=True, eq=False)
class FilmScene:
    """What one file holds.

    Attributes:
        title: The piece's.
        rate: Of every motion in it.
        performers: At least one.
        takes: At least one; every writer writes the first, and the others where the format has takes.
        start_frame: Number of the first frame, handles included: 0, 1, 1001, ...
        cameras: Those to be written.
        markers: Within the takes.
        made_at: ISO 8601 date and time to be written into files that want one; "" leaves it out.
    """

    title: str
    rate: FrameRate
    performers: tuple[Performer, ...]
    takes: tuple[SceneTake, ...]
    start_frame: int = 0
    cameras: tuple[FilmCamera, ...] = ()
    markers: tuple[SceneMarker, ...] = ()
    made_at: str = ""

    @property
    def n_frames(self) -> int:
        """Of the first take."""
        return self.takes[0].n_frames


@dataclass(frozen=True, eq=False)
class ReadCurves:
    """Rotation curves as a file holds them: what a program follows that draws between the keys.

    Attributes:
        kind: "quaternion", or the order of Euler angles such as "ZXY", R = Rz Rx Ry.
        values: Of each joint relative to its parent at each key: (w, x, y, z) with the file's own signs, [T, J, 4],
            or degrees in the order of the letters, not brought back within a turn, [T, J, 3].
        drawn: Of a file with more keys than frames: what it is at a quarter, half and three quarters of the way to
            the next frame, in straight lines from key to key, [T - 1, 3, J, 3 or 4]; None where all keys are in
            `values`.
    """

    kind: str
    values: np.ndarray
    drawn: np.ndarray | None = None


@dataclass(frozen=True, eq=False)
class ReadPerformer:
    """A skeleton as an independent reader found it.

    Attributes:
        name: Of its top joint or of what holds it.
        joints: Names, parents before children.
        parents: int [J]; -1 for the top joint.
        positions_m: Global, metres, y up, [T, J, 3].
        rotations: Global, unit (w, x, y, z), [T, J, 4]; None where the reader knows places only.
        rest_positions_m: Global in the rest (bind) pose, [J, 3]; None where the file has none.
        n_vertices: Of the body on it; 0 without one.
        curves: Its rotation curves; None where the reader does not give them.
    """

    name: str
    joints: tuple[str, ...]
    parents: np.ndarray
    positions_m: np.ndarray
    rotations: np.ndarray | None = None
    rest_positions_m: np.ndarray | None = None
    n_vertices: int = 0
    curves: ReadCurves | None = None


@dataclass(frozen=True, eq=False)
class ReadBack:
    """What an independent reader found in a file that was written.

    Attributes:
        reader: Its name and version, such as "ufbx 0.0.5".
        frame_rate_hz: Frames a second, as the file says.
        start_frame: Number of the first frame; None where the format has none.
        n_frames: Of the take.
        performers: One for each top joint: their number is the root count.
        up_axis: "y" or "z", as the file says.
        unit_to_m: Length of the file's unit.
        takes: Names of all takes in it.
        notes: What else should be known, each a sentence.
        others: What was found of each further take, in the file's order; these have no `others` of their own.
    """

    reader: str
    frame_rate_hz: float
    start_frame: int | None
    n_frames: int
    performers: tuple[ReadPerformer, ...]
    up_axis: str = "y"
    unit_to_m: float = 0.01
    takes: tuple[str, ...] = ()
    notes: tuple[str, ...] = field(default=())
    others: tuple[ReadBack, ...] = ()
