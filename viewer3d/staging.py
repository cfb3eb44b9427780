"""A stage view turned into a scene: what the program asks for, as arrays that the renderer draws."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from engine.character.palette import linear_colour
from engine.motion.house import BODY_PARTS, HOUSE
from engine.motion.skeleton import Skeleton
from viewer3d import ribbons
from viewer3d.body import body_for, capsules_for
from viewer3d.measures import measured
from viewer3d.scene import PATTERNS, Figure, Ribbons, Scene, posed
from viewer3d.stage_marks import stage_marks
from viewer3d.stage_view import FigureView, GhostView, Picked, StageView, TrailView

# The grey parts of each dancer are multiplied by these, linear: told apart, and still grey beside the limbs.
_TINTS = (
    (1.00, 1.00, 1.00), (1.00, 0.72, 0.66), (0.70, 0.98, 0.78), (0.84, 0.78, 1.16), (1.06, 0.96, 0.62),
    (0.66, 0.96, 1.04),
)  # fmt: skip
_ON_LIGHT = 0.62  # grey bodies are darkened so far before a light floor
_RING_M, _RING_HALF_WIDTH_M = 0.45, 0.018
_WAY_HALF_WIDTH_M, _WAY_ALPHA = 0.022, np.array([1.0, 1.0, 1.0, 0.8])
_TRAIL_STEPS = 3  # pieces of a curve between two points
_LIMB_HALF_PX, _MIDDLE_HALF_PX = 1.7, 1.0
_DASH_M, _GAP_M = 0.09, 0.06
_OLD_ALPHA = 0.12
_FAST_M_S = 4.0  # a hand that is flung
# Viridis (Smith & van der Walt 2015) without its ends that drown in the floor: faster is further from its grey.
_RAMP = np.array([linear_colour(c) for c in ("#3b6fb6", "#26a5a0", "#5ec962", "#b5de2b", "#fde725")])
_RAMP_ON_LIGHT = np.array([linear_colour(c) for c in ("#35b779", "#21918c", "#31688e", "#443983", "#440154")])
_PICKED_GLOW, _HOVERED_GLOW = 1.0, 0.45


def staged(
    view: StageView, hovered: Picked | None = None, stroke_m: Sequence[tuple[float, float]] = ()
) -> Scene:
    """The scene of a view.

    Args:
        view: What is on the stage.
        hovered: What the mouse is over.
        stroke_m: A way over the floor that is being drawn, (x, z).
    """
    everyone: list[FigureView | GhostView] = [*view.figures, *view.ghosts]
    drawn = capsules_for if view.shows_capsules else body_for
    bodies = posed([(drawn(one.skeleton), one.pose, one.offset_m) for one in everyone])
    n = len(view.figures)
    figures = [
        _figure(figure, made, i, view, hovered)
        for i, (figure, made) in enumerate(zip(view.figures, bodies[:n], strict=True))
    ]
    ghosts = [_ghost(ghost, made) for ghost, made in zip(view.ghosts, bodies[n:], strict=True)]
    frame = stage_marks(view.colours.marks, is_mirrored=view.is_mirrored) if view.has_marks else None
    return Scene(
        tuple(figures), tuple(ghosts), _trails(view), frame, _marks(view, stroke_m), view.colours, view.is_mirrored,
        measured(view.measures, view.colours),
    )  # fmt: skip


def _marks(view: StageView, stroke_m: Sequence[tuple[float, float]]) -> Ribbons | None:
    """Rings around who is selected, and ways over the floor."""
    accent = np.array([*linear_colour(view.colours.accent), 1.0])
    own: list[Ribbons | None] = []
    for figure in view.figures:
        if figure.is_selected:
            place = figure.pose.positions_m[0] + (0.0 if figure.offset_m is None else figure.offset_m)
            own.append(ribbons.ring(place, _RING_M, _RING_HALF_WIDTH_M, accent))
    if view.path_m is not None:
        own.append(ribbons.floor_way(np.asarray(view.path_m, dtype=float), _WAY_HALF_WIDTH_M, accent * _WAY_ALPHA))
    if len(stroke_m) > 1:
        own.append(ribbons.floor_way(np.array(stroke_m), _WAY_HALF_WIDTH_M, accent))
    lines = [part for part in own if part is not None]
    return ribbons.joined(lines) if lines else None


def _trails(view: StageView) -> Ribbons | None:
    ramp = _RAMP if view.colours.is_dark else _RAMP_ON_LIGHT
    made = [_trail(trail, ramp) for trail in view.trails if len(trail.points_m) > 1]
    return ribbons.joined(made) if made else None


def _trail(trail: TrailView, ramp: np.ndarray) -> Ribbons:
    """A joint's way: coloured by speed, fading towards its older end, dashed on the body's right."""
    n = len(trail.points_m)
    fine = np.linspace(0.0, n - 1.0, (n - 1) * _TRAIL_STEPS + 1)
    points = _through(np.asarray(trail.points_m, dtype=float), fine)
    speed = np.interp(fine, np.arange(n), trail.speeds_m_s) / _FAST_M_S
    stops = np.linspace(0.0, 1.0, len(ramp))
    colours = np.stack(
        [*(np.interp(speed, stops, ramp[:, k]) for k in range(3)), np.linspace(_OLD_ALPHA, 1.0, len(fine))], axis=1
    )
    shown = None
    if "Right" in trail.name:
        way = np.cumsum(np.linalg.norm(np.diff(points, axis=0), axis=1))
        shown = way % (_DASH_M + _GAP_M) < _DASH_M
    is_middle = "Left" not in trail.name and "Right" not in trail.name
    return ribbons.ribbon(points, _MIDDLE_HALF_PX if is_middle else _LIMB_HALF_PX, colours, shown)


def _through(points: np.ndarray, at: np.ndarray) -> np.ndarray:
    """A Catmull-Rom curve through points [N, 3] at places between 0 and N - 1, [M, 3]."""
    n = len(points)
    first = np.minimum(at.astype(int), n - 2)
    t = (at - first)[:, np.newaxis]
    p0, p1 = points[np.maximum(first - 1, 0)], points[first]
    p2, p3 = points[first + 1], points[np.minimum(first + 2, n - 1)]
    return p1 + 0.5 * t * (p2 - p0 + t * (2 * p0 - 5 * p1 + 4 * p2 - p3 + t * (3 * (p1 - p2) + p3 - p0)))


def _figure(figure: FigureView, made: Figure, number: int, view: StageView, hovered: Picked | None) -> Figure:
    unit = 1.0 if view.colours.is_dark else _ON_LIGHT
    r, g, b = _TINTS[number % len(_TINTS)]
    return replace(made, tint=(unit * r, unit * g, unit * b), glow=_glow(figure, view, hovered))


def _ghost(ghost: GhostView, made: Figure) -> Figure:
    return replace(made, pattern=PATTERNS[ghost.kind], alpha=min(max(ghost.alpha, 0.0), 1.0))


def _glow(figure: FigureView, view: StageView, hovered: Picked | None) -> np.ndarray | None:
    """How much each joint's skin is lit up, float32 [J]."""
    glow: np.ndarray | None = None
    lit = [(what.figure_id, _joints_of(what, figure.skeleton), amount)
           for what, amount in ((hovered, _HOVERED_GLOW), (view.picked, _PICKED_GLOW)) if what is not None]  # fmt: skip
    if view.marked is not None:
        names = [name for name in view.marked.joint_names if name in figure.skeleton.names]
        lit.append((view.marked.figure_id, [figure.skeleton.index(name) for name in names], _PICKED_GLOW))
    for figure_id, joints, amount in lit:
        if figure_id == figure.id and joints:
            glow = np.zeros(figure.skeleton.n_joints, dtype=np.float32) if glow is None else glow
            glow[joints] = amount
    return glow


def _joints_of(what: Picked, skeleton: Skeleton) -> list[int]:
    if what.joint_name in skeleton.names:
        return [skeleton.index(what.joint_name)]
    return list(BODY_PARTS.get(what.part_name, ())) if skeleton.names == HOUSE.names else []
