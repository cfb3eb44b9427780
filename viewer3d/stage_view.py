"""What the viewport is asked to show at one moment, as plain values: the program makes one for every picture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from engine.motion.house import HOUSE
from engine.motion.kinematics import forward_kinematics
from engine.motion.motion import Motion, Pose
from engine.motion.quaternion import slerp
from engine.motion.skeleton import Skeleton


@dataclass(frozen=True)
class StageColours:
    """The stage's colours as #rrggbb on the screen; `stage_colours` makes them from a theme's.

    Attributes:
        background: Behind the floor.
        floor: Paint of the light tiles; that of the dark ones and of the lines between them follows from it.
        marks: Lines and words on the floor.
        accent: What is selected.
        past, future: Ghosts, striped and dotted.
        is_dark: Whether marks are lighter than the floor.
        measured, allowed, excess: What is measured on a figure: as it is, as it may be, and what is between.
    """

    background: str = "#1b1c1f"
    floor: str = "#535559"
    marks: str = "#9a9da6"
    accent: str = "#4aa3ff"
    past: str = "#56b4e9"
    future: str = "#cc79a7"
    is_dark: bool = True
    measured: str = "#e6e7ea"
    allowed: str = "#1fb589"
    excess: str = "#e8743b"


DARK_STAGE = StageColours()


@dataclass(frozen=True, eq=False)
class FigureView:
    """One dancer.

    Attributes:
        id: By which picking names it.
        pose: On `skeleton`, in the stage's space.
        skeleton: Decides the body.
        offset_m: Where the pose's origin stands on the stage, [3]; None for the stage's own.
        is_selected: A ring on the floor marks it.
        name: Shown over the head when several dancers are on the stage; empty for none.
    """

    id: str
    pose: Pose
    skeleton: Skeleton = HOUSE
    offset_m: np.ndarray | None = None
    is_selected: bool = False
    name: str = ""


@dataclass(frozen=True, eq=False)
class GhostView:
    """A translucent figure of another moment, or of a motion that is not kept yet.

    Attributes:
        pose: On `skeleton`, in the stage's space.
        kind: "past" (striped), "future" (dotted), "preview" (plain, in the accent colour) or "repaired" (plain, in
            the colour of what is allowed).
        alpha: 0 to 1.
        label: A word or number over its head, such as the count.
    """

    pose: Pose
    kind: str = "past"
    alpha: float = 0.6
    label: str = ""
    skeleton: Skeleton = HOUSE
    offset_m: np.ndarray | None = None


@dataclass(frozen=True, eq=False)
class TrailView:
    """The way of a joint through the air.

    Attributes:
        points_m: In the stage's space, oldest first, [N, 3].
        speeds_m_s: Speed at each point, [N].
        name: The joint's; trails whose names say right are dashed, those of the middle thin.
    """

    points_m: np.ndarray
    speeds_m_s: np.ndarray
    name: str = ""


@dataclass(frozen=True, eq=False)
class MeasureView:
    """Something measured on a figure, drawn over it.

    Attributes:
        points_m: In the stage's space, [N, 3]: a line along them, the outline of a convex area, or one spot.
        role: "measured" (a line), "allowed" (dashed) or "excess" (thick).
        is_area: Whether the inside is tinted.
        label: Words at the last point.
    """

    points_m: np.ndarray
    role: str = "measured"
    is_area: bool = False
    label: str = ""


@dataclass(frozen=True)
class Marked:
    """Joints of a figure that something is said of."""

    figure_id: str
    joint_names: tuple[str, ...] = ()


@dataclass(frozen=True)
class Picked:
    """A joint of a figure and the part it belongs to; an empty joint name means the whole part."""

    figure_id: str
    joint_name: str = ""
    part_name: str = ""


@dataclass(frozen=True, eq=False)
class StageView:
    """Everything in the picture.

    Attributes:
        figures: The dancers.
        ghosts: Other moments, on counts.
        trails: Ways of joints.
        path_m: A dancer's way over the floor, (x, z) in metres, [N, 2]; None for none.
        has_marks: Whether quarter lines, numbers and the side of the audience are drawn.
        is_mirrored: As in a dance studio's mirror; words stay readable.
        shows_capsules: Whether dancers are drawn as plain round limbs instead of skin.
        picked: What is selected on a figure.
        colours: The stage's.
        measures: What is drawn over the figures.
        marked: The joints that these are about; lit up.
    """

    figures: tuple[FigureView, ...] = ()
    ghosts: tuple[GhostView, ...] = ()
    trails: tuple[TrailView, ...] = ()
    path_m: np.ndarray | None = None
    has_marks: bool = True
    is_mirrored: bool = False
    shows_capsules: bool = False
    picked: Picked | None = None
    colours: StageColours = DARK_STAGE
    measures: tuple[MeasureView, ...] = ()
    marked: Marked | None = None


@dataclass(frozen=True)
class HudLines:
    """The words over the picture.

    Attributes:
        count: Large, lower right: the count of eight.
        detail: Beside it: bar and tempo, such as "bar 12 · 98 bpm".
        title: Upper left, such as the name of the take that is auditioned.
        notice: Large in the middle, such as the 7 of a count-in.
        is_large: Huge, for a room to read.
    """

    count: str = ""
    detail: str = ""
    title: str = ""
    notice: str = ""
    is_large: bool = False


def stage_colours(
    background: str, is_dark: bool, marks: str, accent: str, past: str, future: str,
    measured: str = DARK_STAGE.measured, allowed: str = DARK_STAGE.allowed, excess: str = DARK_STAGE.excess,
) -> StageColours:  # fmt: skip
    """The stage's colours that go with a theme's: the floor is the background, lit."""
    floor = _mixed(background, "#ffffff", 0.25 if is_dark else 0.0)
    return StageColours(background, floor, marks, accent, past, future, is_dark, measured, allowed, excess)


def _mixed(one: str, other: str, share: float) -> str:
    pairs = ((int(one[i : i + 2], 16), int(other[i : i + 2], 16)) for i in (1, 3, 5))
    return "#" + "".join(f"{round((1.0 - share) * a + share * b):02x}" for a, b in pairs)


def placed(figure: FigureView | GhostView) -> np.ndarray:
    """Joint positions on the stage, metres, [J, 3]."""
    positions = figure.pose.positions_m
    return positions if figure.offset_m is None else positions + figure.offset_m


def poses_at(motions: Sequence[Motion], times_s: Sequence[float]) -> list[Pose]:
    """The pose of each motion at its time, as `Motion.pose_at` gives it, for all motions of a skeleton at once."""
    poses: list[Pose | None] = [None] * len(motions)
    groups: dict[Skeleton, list[int]] = {}
    for i, motion in enumerate(motions):
        groups.setdefault(motion.skeleton, []).append(i)
    for skeleton, members in groups.items():
        roots, local = zip(*(_ends_at(motions[i], times_s[i]) for i in members), strict=True)
        shares = np.array([_share(motions[i], times_s[i]) for i in members])
        root, turn = np.stack(roots), np.stack(local)
        root = root[:, 0] + shares[:, np.newaxis] * (root[:, 1] - root[:, 0])
        turned = slerp(turn[:, 0], turn[:, 1], shares[:, np.newaxis])
        positions, rotations = forward_kinematics(skeleton, root, turned)
        for k, i in enumerate(members):
            poses[i] = Pose(positions[k], rotations[k])
    return [pose for pose in poses if pose is not None]


def _exact(motion: Motion, time_s: float) -> float:
    if motion.n_frames == 0:
        raise ValueError("a motion without frames has no pose")
    return min(max(time_s * motion.frame_rate_hz, 0.0), motion.n_frames - 1.0)


def _share(motion: Motion, time_s: float) -> float:
    exact = _exact(motion, time_s)
    return exact - int(exact)


def _ends_at(motion: Motion, time_s: float) -> tuple[np.ndarray, np.ndarray]:
    """Root [2, 3] and local rotations [2, J, 4] of the frames on both sides of a time."""
    first = int(_exact(motion, time_s))
    pair = [first, min(first + 1, motion.n_frames - 1)]
    return motion.root_positions_m[pair], motion.local_rotations[pair]
