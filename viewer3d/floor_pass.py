"""Draws the floor with what darkens it, the lines and words on it, and the backdrop."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from engine.character.palette import linear_colour
from viewer3d import floor_shaders
from viewer3d.frame_values import FrameValues, floor_rows
from viewer3d.gl import GL
from viewer3d.gl_objects import (
    Program,
    RibbonBuffers,
    alpha_texture,
    colour_texture,
    delete,
    framebuffer,
    parts_texture,
)
from viewer3d.scene import Ribbons, Scene
from viewer3d.stage_marks import letter_sheet
from viewer3d.stage_view import StageColours

_LIGHT_SIZE = 256  # of the texture that holds what reaches the floor
_SKY_REACH = 9.0
_DARK_SHADES, _LIGHT_SHADES = (0.652, 1.467), (0.80, 0.60)  # dark tiles and lines, as parts of the light tiles' paint
_DARK_UNLIT, _LIGHT_UNLIT = (0.22, 0.45), (0.82, 0.90)  # of the lamp's and the sky's light, far from the middle
_HORIZON, _ZENITH = 3.1, 0.83  # as parts of a dark background
_MARK_GLOW = 0.12
_KEEPS_ALPHA = (GL.GL_ZERO, GL.GL_ONE)  # of what is drawn over: source and destination
_NO_PAINT = (0.0, 0.0, 0.0)
_NO_PATCH = (1e6, 1e6, 1.0, 1.0)  # where nothing is darkened


@dataclass(frozen=True)
class Casters:
    """Figures of as many capsules each, which stand in a row in their texture."""

    first_capsule: int
    n_capsules: int
    n_figures: int


class _Kept:
    """A picture of the stage without figures, and what it is made of."""

    def __init__(self, size: tuple[int, int]) -> None:
        self.size = size
        self._texture, self.parts = colour_texture(*size), parts_texture(*size)
        self.target = framebuffer(self._texture, GL.GL_COLOR_ATTACHMENT0)
        self.parts_target = framebuffer(self.parts, GL.GL_COLOR_ATTACHMENT0)

    def close(self) -> None:
        """Give them back."""
        delete(GL.glDeleteFramebuffers, [self.target, self.parts_target])
        delete(GL.glDeleteTextures, [self._texture, self.parts])


class FloorPass:
    """The programs and buffers of the floor, in the context that is current.

    Args:
        keeps_stage: Whether what does not move is taken from the picture before; within one step of 256 the same.
    """

    def __init__(self, *, keeps_stage: bool) -> None:
        self._keeps_stage = keeps_stage
        self._light = Program(floor_shaders.FLOOR_LIGHT_VERTEX, floor_shaders.FLOOR_LIGHT_FRAGMENT)
        self._stage = Program(floor_shaders.STAGE_VERTEX, floor_shaders.STAGE_FRAGMENT)
        self._backdrop = Program(floor_shaders.STAGE_VERTEX, floor_shaders.BACKDROP_FRAGMENT)
        self._parts = Program(floor_shaders.STAGE_VERTEX, floor_shaders.STAGE_PARTS_FRAGMENT)
        self._darkened = Program(floor_shaders.PATCH_VERTEX, floor_shaders.DARKENED_FRAGMENT)
        self._patch = Program(floor_shaders.PATCH_VERTEX, floor_shaders.PATCH_FRAGMENT)
        self._mark = Program(floor_shaders.MARK_VERTEX, floor_shaders.MARK_FRAGMENT)
        self._array = int(GL.glGenVertexArrays(1))
        self._texture = colour_texture(_LIGHT_SIZE, _LIGHT_SIZE)
        self._target = framebuffer(self._texture, GL.GL_COLOR_ATTACHMENT0)
        self._frame, self._marks, self._words = RibbonBuffers(), RibbonBuffers(), RibbonBuffers()
        self._key: object = None  # of the picture before
        self._kept, self._has_kept = _Kept((1, 1)), False
        self._letters: int | None = None
        self._casters: Sequence[Casters] = ()

    def draw_light(self, values: FrameValues, casters: Sequence[Casters]) -> None:
        """What figures let through to the floor, into its texture; their capsules are in texture unit 0."""
        GL.glBindFramebuffer(GL.GL_FRAMEBUFFER, self._target)
        GL.glViewport(0, 0, _LIGHT_SIZE, _LIGHT_SIZE)
        GL.glClearColor(1.0, 1.0, 1.0, 1.0)
        GL.glClear(GL.GL_COLOR_BUFFER_BIT)
        self._casters = casters
        if not casters:
            return
        GL.glEnable(GL.GL_BLEND)
        GL.glBlendEquationSeparate(GL.GL_MIN, GL.GL_FUNC_ADD)
        GL.glBlendFuncSeparate(GL.GL_ONE, GL.GL_ONE, GL.GL_ZERO, GL.GL_SRC_ALPHA)
        self._light.use(
            key_direction=values.key, floor_patch=values.floor_patch, occluders=0, sky_reach=_SKY_REACH
        )
        GL.glBindVertexArray(self._array)
        GL.glDrawArraysInstanced(GL.GL_TRIANGLE_STRIP, 0, 4, sum(one.n_capsules * one.n_figures for one in casters))
        GL.glBlendEquation(GL.GL_FUNC_ADD)
        GL.glDisable(GL.GL_BLEND)

    def draw(self, scene: Scene, values: FrameValues, into: int) -> None:
        """Backdrop, floor and marks over the whole framebuffer `into`.

        Where the stage is kept and seen from where it was seen before, only what figures darken is drawn: in
        software the floor costs more than a dancer.
        """
        lit = _lit(scene, values)
        key = (values.width, values.height, values.view_projection.tobytes(), scene.colours, id(scene.frame))
        if self._keeps_stage and key == self._key:
            self._copy_kept(scene, values, into)
            self._draw_patch(scene, values, lit)
        else:
            self._key, self._has_kept = key, False
            GL.glBindFramebuffer(GL.GL_FRAMEBUFFER, into)
            self._draw_stage(scene, values, lit)
            paint = _paint(scene.colours)
            self._draw_darkened(
                self._darkened, values, lit, tile=paint["tile"], shades=paint["shades"], horizon=paint["horizon"]
            )
            self._draw_frame(scene, values, lit)
        self._draw_marks(scene.marks, self._marks, values, lit)

    def close(self) -> None:
        """Give buffers, textures and programs back."""
        for program in (
            self._light, self._stage, self._backdrop, self._parts, self._darkened, self._patch, self._mark
        ):
            GL.glDeleteProgram(program.name)
        delete(GL.glDeleteFramebuffers, [self._target])
        delete(GL.glDeleteTextures, [self._texture] + ([self._letters] if self._letters is not None else []))
        delete(GL.glDeleteVertexArrays, [self._array])
        for buffers in (self._frame, self._marks, self._words, self._kept):
            buffers.close()

    def _copy_kept(self, scene: Scene, values: FrameValues, into: int) -> None:
        """The stage as it is without figures; drawn when it is first wanted."""
        size = (values.width, values.height)
        if not self._has_kept:
            if self._kept.size != size:
                self._kept.close()
                self._kept = _Kept(size)
            lit = _lit(scene, values) | {"floor_patch": _NO_PATCH}
            GL.glBindFramebuffer(GL.GL_FRAMEBUFFER, self._kept.target)
            self._draw_stage(scene, values, lit)
            self._draw_frame(scene, values, lit)
            GL.glBindFramebuffer(GL.GL_FRAMEBUFFER, self._kept.parts_target)
            self._draw_parts(scene, values, lit)
            GL.glColorMask(GL.GL_FALSE, GL.GL_FALSE, GL.GL_FALSE, GL.GL_TRUE)
            self._draw_frame(scene, values, lit, alpha=(GL.GL_ONE, GL.GL_ONE_MINUS_SRC_ALPHA))
            GL.glColorMask(GL.GL_TRUE, GL.GL_TRUE, GL.GL_TRUE, GL.GL_TRUE)
            self._has_kept = True
        GL.glBindFramebuffer(GL.GL_READ_FRAMEBUFFER, self._kept.target)
        GL.glBindFramebuffer(GL.GL_DRAW_FRAMEBUFFER, into)
        GL.glBlitFramebuffer(0, 0, *size, 0, 0, *size, GL.GL_COLOR_BUFFER_BIT, GL.GL_NEAREST)
        GL.glBindFramebuffer(GL.GL_FRAMEBUFFER, into)

    def _draw_stage(self, scene: Scene, values: FrameValues, lit: dict[str, object]) -> None:
        """Backdrop and bare floor."""
        paint = _paint(scene.colours)
        GL.glBindVertexArray(self._array)
        # In software the floor is dear and the backdrop cheap, and a third of most pictures is backdrop alone.
        n_rows = floor_rows(values)
        GL.glEnable(GL.GL_SCISSOR_TEST)
        if n_rows:
            GL.glScissor(0, 0, values.width, n_rows)
            self._stage.use(**lit, clip_to_world=values.clip_to_world, **paint)
            GL.glDrawArrays(GL.GL_TRIANGLE_STRIP, 0, 4)
        if n_rows < values.height:
            GL.glScissor(0, n_rows, values.width, values.height - n_rows)
            self._backdrop.use(
                eye_m=values.eye_m, clip_to_world=values.clip_to_world, horizon=paint["horizon"], zenith=paint["zenith"]
            )
            GL.glDrawArrays(GL.GL_TRIANGLE_STRIP, 0, 4)
        GL.glDisable(GL.GL_SCISSOR_TEST)

    def _draw_parts(self, scene: Scene, values: FrameValues, lit: dict[str, object]) -> None:
        """What the bare stage is made of, into the framebuffer that is bound."""
        self._parts.use(**lit, clip_to_world=values.clip_to_world, **_paint(scene.colours))
        GL.glBindVertexArray(self._array)
        GL.glDrawArrays(GL.GL_TRIANGLE_STRIP, 0, 4)

    def _draw_patch(self, scene: Scene, values: FrameValues, lit: dict[str, object]) -> None:
        """What figures darken of the kept stage."""
        GL.glActiveTexture(GL.GL_TEXTURE6)
        GL.glBindTexture(GL.GL_TEXTURE_2D, self._kept.parts)
        paint = _paint(scene.colours)
        self._draw_darkened(
            self._patch, values, lit, parts=6, tile=paint["tile"], horizon=paint["horizon"], glow=_MARK_GLOW,
            frame_paint=_NO_PAINT if scene.frame is None else scene.frame[0].vertices[0, 8:11],
        )  # fmt: skip

    def _draw_darkened(self, program: Program, values: FrameValues, lit: dict[str, object], **own: object) -> None:
        """A rectangle of floor for each figure, around all that it darkens."""
        GL.glActiveTexture(GL.GL_TEXTURE2)
        GL.glBindTexture(GL.GL_TEXTURE_2D, self._texture)
        if values.eye_m[1] <= 0.0:
            return
        GL.glBindVertexArray(self._array)
        for casters in self._casters:
            program.use(
                **lit, **own, view_projection=values.view_projection, occluders=0, sky_reach=_SKY_REACH,
                own_occluders=(casters.first_capsule, casters.n_capsules),
                light_texel_m=max(values.floor_patch[2:]) / _LIGHT_SIZE,
            )  # fmt: skip
            GL.glDrawArraysInstanced(GL.GL_TRIANGLE_STRIP, 0, 4, casters.n_figures)

    def _draw_frame(
        self, scene: Scene, values: FrameValues, lit: dict[str, object], alpha: tuple[int, int] = _KEEPS_ALPHA
    ) -> None:
        """The stage's frame: lines and words that stay where they are."""
        if scene.frame is not None:
            self._draw_marks(scene.frame[0], self._frame, values, lit, alpha=alpha)
            self._draw_marks(scene.frame[1], self._words, values, lit, alpha=alpha, has_words=True)

    def _draw_marks(
        self, ribbons: Ribbons | None, buffers: RibbonBuffers, values: FrameValues, lit: dict[str, object], *,
        alpha: tuple[int, int] = _KEEPS_ALPHA, has_words: bool = False,
    ) -> None:  # fmt: skip
        if ribbons is None or not len(ribbons.triangles) or values.eye_m[1] <= 0.0:
            return
        if has_words and self._letters is None:
            self._letters = alpha_texture(letter_sheet())
        GL.glActiveTexture(GL.GL_TEXTURE3)
        GL.glBindTexture(GL.GL_TEXTURE_2D, self._letters if has_words and self._letters is not None else 0)
        GL.glEnable(GL.GL_BLEND)
        GL.glBlendFuncSeparate(GL.GL_ONE, GL.GL_ONE_MINUS_SRC_ALPHA, *alpha)
        self._mark.use(
            **lit, view_projection=values.view_projection, m_per_px=values.m_per_px,
            has_words=int(has_words), letters=3, glow=_MARK_GLOW,
        )  # fmt: skip
        buffers.draw(ribbons)
        GL.glDisable(GL.GL_BLEND)


def _lit(scene: Scene, values: FrameValues) -> dict[str, object]:
    return {
        "eye_m": values.eye_m, "key_direction": values.key, "stage_m": values.stage_m, "floor_light": 2,
        "stage_radius_m": values.stage_radius_m, "floor_patch": values.floor_patch,
        "unlit": _DARK_UNLIT if scene.colours.is_dark else _LIGHT_UNLIT,
    }  # fmt: skip


def _paint(colours: StageColours) -> dict[str, object]:
    """The floor's and the backdrop's colours, linear."""
    background = np.array([_untoned(c) for c in linear_colour(colours.background)])
    horizon, zenith = (_HORIZON, _ZENITH) if colours.is_dark else (1.0, 0.94)
    return {
        "tile": linear_colour(colours.floor),
        "shades": _DARK_SHADES if colours.is_dark else _LIGHT_SHADES,
        "horizon": horizon * background,
        "zenith": zenith * background,
    }


def _untoned(screen: float) -> float:
    """The light that the shaders' shoulder takes to a linear value on the screen: x (1 + x/12) / (1 + 0.62 x)."""
    b = 1.0 - 0.62 * screen
    return float(6.0 * (-b + np.sqrt(b * b + screen / 3.0)))
