"""Draws bodies, their shadow map, ghosts, trails, and what is measured on them."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from engine.character.palette import linear_colour
from viewer3d import shaders
from viewer3d.body import Body
from viewer3d.floor_pass import Casters
from viewer3d.frame_values import FrameValues
from viewer3d.gl import GL
from viewer3d.gl_objects import (
    MeshBuffers,
    Program,
    RibbonBuffers,
    delete,
    framebuffer,
    load_rows,
    shadow_texture,
    texture,
)
from viewer3d.scene import PATTERNS, Figure, Ribbons, Scene

SHADOW_SIZE = 768
_MAX_ROWS = 16384  # the least height of a texture that OpenGL 3.3 drivers have in practice
# A figure whose metre is at least so many pixels high gets this level of its body's skins.
_LEVELS_PX_PER_M = (200.0, 0.0)
_GHOST_LEVELS_PX_PER_M = (420.0, 0.0)
_COARSEST = 1
_PATTERN_PX = 7.0
_PALE = 0.65  # white in the highlight on a dark stage
_EDGE_LIGHT, _EDGE_LIGHT_ON_LIGHT = 0.8, 0.25


@dataclass(frozen=True)
class _Batch:
    """Figures of one body, level and pattern that stand in a row in the textures, and are drawn at once."""

    body: Body
    level: int
    pattern: int
    first_joint: int
    n_joints: int
    first_occluder: int
    n_occluders: int
    n_figures: int


class FigurePass:
    """The programs and buffers of bodies, in the context that is current.

    Args:
        shadow_size: Width and height of the shadow map in texels.
    """

    def __init__(self, shadow_size: int = SHADOW_SIZE) -> None:
        self._shadow_size = shadow_size
        self._body = Program(shaders.BODY_VERTEX, shaders.BODY_FRAGMENT)
        self._small = Program(shaders.SMALL_VERTEX, shaders.SMALL_FRAGMENT)
        self._ghost = Program(shaders.GHOST_VERTEX, shaders.GHOST_FRAGMENT)
        self._shadow = Program(shaders.SHADOW_VERTEX, shaders.SHADOW_FRAGMENT)
        self._trail = Program(shaders.TRAIL_VERTEX, shaders.TRAIL_FRAGMENT)
        self._skins: dict[tuple[Body, int], MeshBuffers] = {}
        self._shadow_map = shadow_texture(shadow_size)
        self._shadow_target = framebuffer(self._shadow_map, GL.GL_DEPTH_ATTACHMENT)
        self._occluders, self._joints = texture(GL.GL_NEAREST), texture(GL.GL_NEAREST)
        self._trails, self._measures = RibbonBuffers(), RibbonBuffers()
        self._batches: list[_Batch] = []

    def load(self, scene: Scene, values: FrameValues) -> list[Casters]:
        """Joints, looks and capsules of all figures to the device; which capsules cast shadows."""
        figures = _ordered(scene, values)
        self._batches = _batches(figures)
        self._load_rows([figure for figure, _ in figures], scene)
        return [Casters(b.first_occluder, b.n_occluders, b.n_figures) for b in self._batches if not b.pattern]

    def draw_shadow_map(self, values: FrameValues) -> None:
        """How far the key light reaches, seen from the lamp."""
        GL.glBindFramebuffer(GL.GL_FRAMEBUFFER, self._shadow_target)
        GL.glViewport(0, 0, self._shadow_size, self._shadow_size)
        GL.glEnable(GL.GL_DEPTH_TEST)
        GL.glDepthMask(GL.GL_TRUE)
        GL.glClear(GL.GL_DEPTH_BUFFER_BIT)
        GL.glEnable(GL.GL_CULL_FACE)  # skins are closed: what looks at the lamp is nearest to it
        for batch in self._batches:
            if not batch.pattern:
                rows = (batch.first_joint, batch.n_joints)
                self._shadow.use(shadow_matrix=values.shadow_matrix, joints=4, joint_rows=rows)
                self._skin(batch.body, _COARSEST).draw(batch.n_figures)
        for switch in (GL.GL_CULL_FACE, GL.GL_DEPTH_TEST):
            GL.glDisable(switch)

    def draw(self, scene: Scene, values: FrameValues) -> None:
        """Bodies, ghosts, trails, then what is measured, into the framebuffer that is bound, whose depth is cleared."""
        GL.glActiveTexture(GL.GL_TEXTURE1)
        GL.glBindTexture(GL.GL_TEXTURE_2D, self._shadow_map)
        GL.glEnable(GL.GL_DEPTH_TEST)
        GL.glDepthMask(GL.GL_TRUE)
        self._cull(scene)
        GL.glEnable(GL.GL_CLIP_DISTANCE0)
        self._draw_bodies(scene, values)
        GL.glEnable(GL.GL_BLEND)
        GL.glBlendFuncSeparate(GL.GL_ONE, GL.GL_ONE_MINUS_SRC_ALPHA, GL.GL_ONE, GL.GL_ONE_MINUS_SRC_ALPHA)
        self._draw_ghosts(scene, values)
        for switch in (GL.GL_CLIP_DISTANCE0, GL.GL_CULL_FACE):
            GL.glDisable(switch)
        self._draw_lines(scene.trails, self._trails, values)
        GL.glDisable(GL.GL_DEPTH_TEST)  # what is measured is seen through everything
        self._draw_lines(scene.measures, self._measures, values)
        GL.glDepthMask(GL.GL_TRUE)
        GL.glFrontFace(GL.GL_CCW)
        GL.glDisable(GL.GL_BLEND)

    def close(self) -> None:
        """Give buffers, textures and programs back."""
        for program in (self._body, self._small, self._ghost, self._shadow, self._trail):
            GL.glDeleteProgram(program.name)
        delete(GL.glDeleteFramebuffers, [self._shadow_target])
        delete(GL.glDeleteTextures, [self._shadow_map, self._occluders, self._joints])
        self._trails.close()
        self._measures.close()
        for skin in self._skins.values():
            skin.close()

    def _draw_bodies(self, scene: Scene, values: FrameValues) -> None:
        for batch in self._batches:
            if batch.pattern:
                continue
            program = self._small if batch.level == _COARSEST else self._body
            program.use(
                view_projection=values.view_projection, eye_m=values.eye_m, key_direction=values.key,
                shadow_matrix=values.shadow_matrix, shadow_map_per_m=values.shadow_map_per_m,
                shadow_texel_m=1.0 / (self._shadow_size * values.shadow_map_per_m),
                own_occluders=(batch.first_occluder, batch.n_occluders), occluders=0, shadow_map=1, joints=4,
                joint_rows=(batch.first_joint, batch.n_joints), floor_side=float(values.eye_m[1] > 0.0),
                highlight=_highlight(scene), pattern_px=_PATTERN_PX * values.px,
                edge_light=_EDGE_LIGHT if scene.colours.is_dark else _EDGE_LIGHT_ON_LIGHT,
            )  # fmt: skip
            self._skin(batch.body, batch.level).draw(batch.n_figures)

    def _draw_ghosts(self, scene: Scene, values: FrameValues) -> None:
        """First all depths, then the nearest surface alone: a ghost is not seen through itself."""
        if not scene.ghosts:
            return
        GL.glColorMask(GL.GL_FALSE, GL.GL_FALSE, GL.GL_FALSE, GL.GL_FALSE)
        for depth_alone in (True, False):
            for batch in self._batches:
                if batch.pattern:
                    self._ghost.use(
                        view_projection=values.view_projection, eye_m=values.eye_m, key_direction=values.key,
                        joints=4, joint_rows=(batch.first_joint, batch.n_joints), pattern=batch.pattern,
                        floor_side=float(values.eye_m[1] > 0.0), pattern_px=_PATTERN_PX * values.px,
                    )  # fmt: skip
                    _set_behind(batch.pattern == PATTERNS["repaired"])
                    self._skin(batch.body, batch.level).draw(batch.n_figures)
            if depth_alone:
                GL.glColorMask(GL.GL_TRUE, GL.GL_TRUE, GL.GL_TRUE, GL.GL_TRUE)
                GL.glDepthFunc(GL.GL_LEQUAL)
                GL.glDepthMask(GL.GL_FALSE)
        GL.glDepthFunc(GL.GL_LESS)
        _set_behind(False)

    def _draw_lines(self, lines: Ribbons | None, buffers: RibbonBuffers, values: FrameValues) -> None:
        if lines is None:
            return
        GL.glDepthMask(GL.GL_FALSE)
        self._trail.use(
            view_projection=values.view_projection, size_px=(float(values.width), float(values.height)), px=values.px,
            eye_m=values.eye_m, key_direction=values.key,
        )  # fmt: skip
        buffers.draw(lines)

    def _cull(self, scene: Scene) -> None:
        GL.glEnable(GL.GL_CULL_FACE)
        GL.glFrontFace(GL.GL_CW if scene.is_mirrored else GL.GL_CCW)

    def _load_rows(self, figures: list[Figure], scene: Scene) -> None:
        n_joints, n_capsules = sum(len(f.joints) for f in figures), sum(len(f.occluders) for f in scene.figures)
        if max(n_joints, n_capsules) > _MAX_ROWS:
            raise ValueError(f"at most {_MAX_ROWS} joints or capsules, got {n_joints} and {n_capsules}")
        joints = np.empty((n_joints, 3, 4), dtype=np.float32)
        row = 0
        for figure in figures:
            rows = joints[row : row + len(figure.joints)]
            rows[:, :2] = figure.joints
            rows[:, 2] = _look(figure, scene)
            if figure.glow is not None:
                rows[:, 2, 3] = figure.glow
            row += len(figure.joints)
        capsules = [figure.occluders for figure in figures if not figure.pattern]
        GL.glActiveTexture(GL.GL_TEXTURE0)
        load_rows(self._occluders, np.concatenate(capsules) if capsules else np.zeros((0, 2, 4)))
        GL.glActiveTexture(GL.GL_TEXTURE4)
        load_rows(self._joints, joints)

    def _skin(self, body: Body, level: int) -> MeshBuffers:
        level = min(level, len(body.meshes) - 1)
        found = self._skins.get((body, level))
        if found is None:
            found = self._skins[body, level] = MeshBuffers(body.meshes[level])
        return found


def _set_behind(is_behind: bool) -> None:
    """A repair is the same as its dancer but for a limb: where both are in one place, the dancer is seen."""
    if is_behind:
        GL.glEnable(GL.GL_POLYGON_OFFSET_FILL)
        GL.glPolygonOffset(3.0, 16.0)
    else:
        GL.glDisable(GL.GL_POLYGON_OFFSET_FILL)


def _highlight(scene: Scene) -> tuple[float, float, float]:
    """What selected parts glow in: the accent, paler on a dark stage, where it is too near to the body's blue."""
    r, g, b = linear_colour(scene.colours.accent)
    share = _PALE if scene.colours.is_dark else 0.0
    return r + share * (1.0 - r), g + share * (1.0 - g), b + share * (1.0 - b)


def _look(figure: Figure, scene: Scene) -> tuple[float, float, float, float]:
    """A body's tint without glow; a ghost's colour and alpha."""
    if not figure.pattern:
        return (*figure.tint, 0.0)
    kind = next(name for name, number in PATTERNS.items() if number == figure.pattern)
    own = scene.colours
    colours = {"past": own.past, "future": own.future, "preview": own.accent, "repaired": own.allowed}
    return (*linear_colour(colours[kind]), figure.alpha)


def _ordered(scene: Scene, values: FrameValues) -> list[tuple[Figure, int]]:
    """All figures with the level of detail they need, those that are drawn at once side by side."""
    chosen = []
    for figure in (*scene.figures, *scene.ghosts):
        depth = max(float(np.dot(values.eye_m - figure.occluders[0, 0, :3], values.backward)), 1e-3)
        px_per_m = values.height / (2.0 * math.tan(0.5 * values.field_of_view_rad) * depth)
        levels = _GHOST_LEVELS_PX_PER_M if figure.pattern else _LEVELS_PX_PER_M
        level = next(k for k, least in enumerate(levels) if px_per_m >= least)
        # The coarsest are lit at their vertices, where the stripes of what is selected do not show.
        chosen.append((figure, level if figure.glow is None else min(level, _COARSEST - 1)))
    # Sorting is stable, and bodies are told apart by identity: the order is the same each time.
    numbers = {body: i for i, body in enumerate({figure.body: None for figure, _ in chosen})}
    return sorted(chosen, key=lambda one: (one[0].pattern, numbers[one[0].body], one[1]))


def _batches(figures: list[tuple[Figure, int]]) -> list[_Batch]:
    batches: list[_Batch] = []
    joint = occluder = 0
    for figure, level in figures:
        j, c = len(figure.joints), len(figure.occluders)
        last = batches[-1] if batches else None
        if last and (last.body, last.level, last.pattern) == (figure.body, level, figure.pattern):
            batches[-1] = _Batch(
                last.body, level, last.pattern, last.first_joint, j, last.first_occluder, c, last.n_figures + 1
            )
        else:
            batches.append(_Batch(figure.body, level, figure.pattern, joint, j, occluder, c, 1))
        joint += j
        occluder += 0 if figure.pattern else c
    return batches
