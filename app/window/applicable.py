"""What can be done now, as far as that is known without trying: menus show the rest in grey. Keys still say why not."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from editor.document.following import stale_clips

if TYPE_CHECKING:
    from app.window.main_window import EditorWindow

Check = Callable[["EditorWindow"], bool]

# What must be there -> the commands that need it. A command may need several things. Undo and redo are not here: the
# history says of each change which of the two can be done.
NEEDS: dict[str, tuple[str, ...]] = {
    "dancer": (
        "select_all", "duplicate_dancer", "canon_dancer", "remove_dancer", "mark_in", "mark_out", "paste_clip",
        "regenerate", "four_takes", "repeat_recipe", "draw_path", "select_bar", "select_eight",
    ),
    "engine": ("regenerate", "four_takes", "repeat_recipe"),
    "length": ("regenerate", "four_takes", "repeat_recipe", "loop"),
    "selection": ("select_none", "clear_in_out", "go_in", "go_out"),
    "span": ("remove_clip", "join_clips", "loop_selection", "zoom_selection"),
    "clip": (
        "duplicate_clip", "mirror_clip", "loop_clip", "match_clip", "stretch_half", "stretch_double", "blend_clip",
        "lock_clip",
    ),
    "clip here": ("split",),
    "dance to copy": ("cut_clip", "copy_clip"),
    "copied clip": ("paste_clip",),
    "dance": ("export", "export_again", "deliver"),
    "receipt": ("receipt",),
    "song": ("listen_again", "grid_tempo", "tap_along"),
    "beats": (
        "grid_half", "grid_double", "grid_earlier", "grid_later", "grid_one", "grid_one_earlier", "grid_one_later",
        "grid_bar_one", "grid_eights", "meter_2", "meter_3", "meter_4", "meter_6", "meter_here", "beat_here",
        "warp_here", "pin_beat", "lock_beats", "tap", "export_grid", "select_bar", "select_eight",
    ),
    "taps": ("tap_use", "tap_use_on", "tap_use_all"),
    "parts": ("section_rename", "section_split"),
    "several parts": ("section_here", "section_merge"),
    "corrections": ("reset_grid",),
    "corrected music": ("reset_heard",),
    "stale clip": ("renew_stale",),
    "job": ("cancel",),
    "take on show": ("keep_take",),
    "offer": ("return_take",),
    "other take": ("flip_take",),
    "take 1": ("audition_1",),
    "take 2": ("audition_2",),
    "take 3": ("audition_3",),
    "take 4": ("audition_4",),
    "recipe": ("repeat_recipe",),
    "findings": ("next_finding", "finding_before"),
    "selected finding": ("repair_finding", "intend_finding", "why_finding", "renew_movement"),
}  # fmt: skip


def _has_clip(window: EditorWindow) -> bool:
    return window.desk.session.selected_clip is not None or window.wiring.editing.clip_here is not None


def _has_span(window: EditorWindow) -> bool:
    chosen = window.desk.session.selection
    return chosen is not None and chosen.n_frames > 0


def _can_copy(window: EditorWindow) -> bool:
    session = window.desk.session
    chosen = session.selection
    if chosen is None or not chosen.n_frames:
        return _has_clip(window)
    return bool(session.document.track(chosen.track_id).clips_in(chosen.start_frame, chosen.end_frame))


def _n_parts(window: EditorWindow) -> int:
    music = window.desk.session.document.music
    return len(music.sections) if music is not None else 0


def _has_beats(window: EditorWindow) -> bool:
    music = window.desk.session.document.music
    return music is not None and music.n_beats > 0


def _has_pins(window: EditorWindow) -> bool:
    document = window.desk.session.document
    return document.corrected is not None or document.pins != type(document.pins)()


def _has_other_take(window: EditorWindow) -> bool:
    clip = window.desk.session.meant_clip
    return window.desk.audition.segment is not None or (clip is not None and len(clip.takes) > 1)


def _is_on_show(window: EditorWindow) -> bool:
    return window.desk.audition.auditioned is not None or window.desk.findings.offer is not None


def _is_offered(window: EditorWindow) -> bool:
    return window.desk.audition.segment is not None or window.desk.findings.offer is not None


def _take(number: int) -> Check:
    return lambda window: window.desk.audition.has(number - 1)


_CHECKS: dict[str, Check] = {
    "dancer": lambda window: window.desk.session.active_track is not None,
    "engine": lambda window: window.desk.engine.is_ready,
    "length": lambda window: window.desk.session.document.n_frames > 0,
    "selection": lambda window: window.desk.session.selection is not None,
    "span": _has_span,
    "clip": _has_clip,
    "clip here": lambda window: window.wiring.editing.clip_here is not None,
    "dance to copy": _can_copy,
    "copied clip": lambda window: window.wiring.editing.copied is not None,
    "dance": lambda window: any(track.clips for track in window.desk.session.document.dancers),
    "receipt": lambda window: window.wiring.files.has_receipt,
    "song": lambda window: window.desk.session.document.song is not None,
    "beats": _has_beats,
    "taps": lambda window: window.taps.fit is not None,
    "parts": lambda window: _n_parts(window) > 0,
    "several parts": lambda window: _n_parts(window) > 1,
    "corrections": _has_pins,
    "corrected music": lambda window: window.desk.session.document.corrected is not None,
    "stale clip": lambda window: any(True for _ in stale_clips(window.desk.session.document)),
    "job": lambda window: window.desk.audition.is_running,
    "take on show": _is_on_show,
    "offer": _is_offered,
    "other take": _has_other_take,
    **{f"take {number}": _take(number) for number in range(1, 5)},
    "recipe": lambda window: window.desk.audition.last_recipe is not None,
    "findings": lambda window: bool(window.desk.findings.shown),
    "selected finding": lambda window: window.desk.findings.selected is not None,
}


def inapplicable(window: EditorWindow) -> frozenset[str]:
    """The commands that could only say why they do nothing."""
    return frozenset(name for need, names in NEEDS.items() if not _CHECKS[need](window) for name in names)


def is_applicable(window: EditorWindow, command: str) -> bool:
    """Whether a command can be done, as far as that is known."""
    return all(_CHECKS[need](window) for need, names in NEEDS.items() if command in names)
