"""What decides how clips look, found once for a version of the piece. No Qt."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from editor.document.document import Clip, Curve, Document, Settings, Track, Value, value_at

_PARTS = {
    "hips": "hips",
    "spine": "spine",
    "left_arm": "L arm",
    "right_arm": "R arm",
    "left_leg": "L leg",
    "right_leg": "R leg",
}
_PAIRS = {("left_arm", "right_arm"): "arms", ("left_leg", "right_leg"): "legs"}


def title_of(clip: Clip) -> str:
    """What a clip is called."""
    return clip.name or clip.take.name


def style_of(clip: Clip, document: Document) -> str:
    """The heaviest style that the clip's take was made with; empty where none is known."""
    recipe = clip.take.recipe
    settings: Settings = recipe.settings if recipe is not None else clip.settings or document.settings
    at_s = clip.start_frame / document.frame_rate_hz
    weights = {name: _now(value, at_s) for name, value in settings.style}
    return max(weights, key=lambda name: weights[name], default="") if any(weights.values()) else ""


def _now(value: Value, time_s: float) -> float:
    return float(value_at(value, np.array(time_s))) if isinstance(value, Curve) else value


def locked_parts_of(clip: Clip) -> str:
    """The locked parts of the body in few words; empty for none."""
    if clip.settings is None or not clip.settings.locked_parts:
        return ""
    parts = set(clip.settings.locked_parts)
    words = []
    for pair, word in _PAIRS.items():
        if parts >= set(pair):
            words.append(word)
            parts -= set(pair)
    return ", ".join([*words, *(_PARTS.get(part, part) for part in _PARTS if part in parts)])


@dataclass(frozen=True)
class ClipLook:
    """Of one clip.

    Attributes:
        tint: Number of its style's tint; None where no style is known.
        signs: Names of the glyphs that it bears, in order.
        is_dimmed: Whether it is not in the picture, not exported, or only a reference.
        blend_s: How long it blends in.
        title, details: What is written on it, as far as there is room.
    """

    clip_id: str
    tint: int | None
    signs: tuple[str, ...]
    is_dimmed: bool
    is_stale: bool
    is_locked: bool
    has_locked_parts: bool
    blend_s: float
    title: str
    details: tuple[str, ...]

    @cached_property
    def shape(self) -> tuple[object, ...]:
        """Of two clips of one width that are alike in this, nothing differs but what is written."""
        return self.tint, self.signs, self.is_dimmed, self.is_stale, self.has_locked_parts


@dataclass(frozen=True, eq=False)
class ClipLooks:
    """Of a track.

    Attributes:
        starts, ends: Frames, [N].
        clips: N of them.
    """

    starts: np.ndarray
    ends: np.ndarray
    clips: tuple[ClipLook, ...]


def looks_of(track: Track, document: Document, style_index: Callable[[str], int]) -> ClipLooks:
    """How the clips of a track look.

    Args:
        style_index: The number of a style's tint.
    """
    is_dimmed = track.is_hidden or track.is_muted or track.is_reference
    starts = np.array([clip.start_frame for clip in track.clips], dtype=np.int64)
    ends = np.array([clip.end_frame for clip in track.clips], dtype=np.int64)
    return ClipLooks(starts, ends, tuple(_look(clip, document, style_index, is_dimmed) for clip in track.clips))


def _look(clip: Clip, document: Document, style_index: Callable[[str], int], is_dimmed: bool) -> ClipLook:
    style = style_of(clip, document)
    signs = (("lock", clip.is_locked), ("loop", clip.is_looped), ("mirror", clip.is_mirrored))
    return ClipLook(
        clip_id=clip.id,
        tint=style_index(style) if style else None,
        signs=tuple(sign for sign, is_shown in signs if is_shown),
        is_dimmed=is_dimmed,
        is_stale=clip.is_stale,
        is_locked=clip.is_locked,
        has_locked_parts=bool(locked_parts_of(clip)),
        blend_s=max(clip.blend_frames, 0) / document.frame_rate_hz,
        title=title_of(clip),
        details=_details(clip, style),
    )


def _details(clip: Clip, style: str) -> tuple[str, ...]:
    details = []
    if len(clip.takes) > 1:
        details.append(f"{len(clip.takes)} takes")
    if style:
        details.append(style.replace("_", " "))
    if abs(clip.speed - 1.0) > 1e-3:
        details.append(f"{100 * clip.speed:.0f} %")
    if locked := locked_parts_of(clip):
        details.append(f"{locked} locked")
    return tuple(details)
