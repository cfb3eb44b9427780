"""A stage view turned into a scene: what the program asks for, as arrays that the renderer draws."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from engine.motion.house import BODY_PARTS, HOUSE
from engine.motion.skeleton import Skeleton
from viewer3d.body import body_for
from viewer3d.scene import PATTERNS, Figure, Scene, posed
from viewer3d.stage_view import FigureView, GhostView, Picked, StageView

# The grey parts of each dancer are multiplied by these, linear: told apart, and still grey beside the limbs.
_TINTS = (
    (1.00, 1.00, 1.00), (1.00, 0.72, 0.66), (0.70, 0.98, 0.78), (0.84, 0.78, 1.16), (1.06, 0.96, 0.62),
    (0.66, 0.96, 1.04),
)  # fmt: skip
_ON_LIGHT = 0.62  # grey bodies are darkened so far before a light floor
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
    bodies = posed([(body_for(one.skeleton), one.pose, one.offset_m) for one in everyone])
    n = len(view.figures)
    figures = [
        _figure(figure, made, i, view, hovered)
        for i, (figure, made) in enumerate(zip(view.figures, bodies[:n], strict=True))
    ]
    ghosts = [_ghost(ghost, made) for ghost, made in zip(view.ghosts, bodies[n:], strict=True)]
    return Scene(tuple(figures), tuple(ghosts), colours=view.colours, is_mirrored=view.is_mirrored)


def _figure(figure: FigureView, made: Figure, number: int, view: StageView, hovered: Picked | None) -> Figure:
    unit = 1.0 if view.colours.is_dark else _ON_LIGHT
    r, g, b = _TINTS[number % len(_TINTS)]
    return replace(made, tint=(unit * r, unit * g, unit * b), glow=_glow(figure, view.picked, hovered))


def _ghost(ghost: GhostView, made: Figure) -> Figure:
    return replace(made, pattern=PATTERNS[ghost.kind], alpha=min(max(ghost.alpha, 0.0), 1.0))


def _glow(figure: FigureView, picked: Picked | None, hovered: Picked | None) -> np.ndarray | None:
    """How much each joint's skin is lit up, float32 [J]."""
    glow: np.ndarray | None = None
    for what, amount in ((hovered, _HOVERED_GLOW), (picked, _PICKED_GLOW)):
        if what is not None and what.figure_id == figure.id:
            glow = np.zeros(figure.skeleton.n_joints, dtype=np.float32) if glow is None else glow
            glow[_joints_of(what, figure.skeleton)] = amount
    return glow


def _joints_of(what: Picked, skeleton: Skeleton) -> list[int]:
    if what.joint_name in skeleton.names:
        return [skeleton.index(what.joint_name)]
    return list(BODY_PARTS.get(what.part_name, ())) if skeleton.names == HOUSE.names else []
