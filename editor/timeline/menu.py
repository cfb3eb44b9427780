"""The menu of a right click on a clip or selection. What it does is the window's; only blends are set here."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QMenu, QWidget

from editor.document.clip_edits import set_blend
from editor.document.document import Clip, Marker
from editor.document.marker_edits import remove_marker
from editor.session import Session

# command, words; None is a line. "blend" is a menu of its own.
ENTRIES: tuple[tuple[str, str] | None, ...] = (
    ("regenerate", "Regenerate"),
    ("four_takes", "Four takes"),
    ("renew_stale", "Make anew for the beats"),
    None,
    ("split", "Split at playhead"),
    ("mirror_clip", "Mirror"),
    ("loop_clip", "Loop"),
    None,
    ("cut_clip", "Cut"),
    ("copy_clip", "Copy"),
    ("paste_clip", "Paste at playhead"),
    ("duplicate_clip", "Duplicate"),
    None,
    ("match_clip", "Match to previous"),
    ("blend", "Blend length"),
    ("lock_clip", "Lock"),
    None,
    ("zoom_selection", "Zoom to selection"),
    None,
    ("remove_clip", "Remove"),
)
NEEDS_SELECTION = {"regenerate", "four_takes", "zoom_selection", "cut_clip", "copy_clip", "remove_clip"}
NEEDS_NOTHING = {"paste_clip"}
BLENDS_FRAMES = (0, 3, 6, 9, 12, 18, 24, 30)
_TICKED: dict[str, Callable[[Clip], bool]] = {
    "mirror_clip": lambda clip: clip.is_mirrored,
    "loop_clip": lambda clip: clip.is_looped,
    "lock_clip": lambda clip: clip.is_locked,
}


def clip_menu(
    session: Session, run: Callable[[str], None], key_of: Callable[[str], str], can_run: Callable[[str], bool],
    parent: QWidget,
) -> QMenu:  # fmt: skip
    """The menu for what is selected.

    Args:
        run: Called with the name of the command that was chosen.
        key_of: The key of a command; empty for none.
        can_run: Whether a command can be done now, as far as the window knows.
    """
    menu, clip = QMenu(parent), session.selected_clip
    has_span = session.selection is not None and session.selection.n_frames > 0
    for entry in ENTRIES:
        if entry is None:
            menu.addSeparator()
            continue
        command, words = entry
        if command == "blend":
            blends = _blend_menu(session, clip, menu)
            menu.addMenu(blends)
            continue
        key = QKeySequence(key_of(command)).toString(QKeySequence.SequenceFormat.NativeText)
        action = menu.addAction(f"{words}\t{key}" if key else words)  # only shown: the window's own action has it
        action.setObjectName(command)
        is_meant = command in NEEDS_NOTHING or (has_span if command in NEEDS_SELECTION else clip is not None)
        action.setEnabled(is_meant and can_run(command))
        if command == "renew_stale":
            action.setVisible(clip is not None and clip.is_stale)
        if command in _TICKED:
            action.setCheckable(True)
            action.setChecked(clip is not None and _TICKED[command](clip))
        action.triggered.connect(_calling(run, command))
    return menu


def marker_menu(session: Session, marker: Marker, rename: Callable[[str], None], parent: QWidget) -> QMenu:
    """The menu for a marker.

    Args:
        rename: Called with the marker's id, to let its name be typed.
    """
    menu = QMenu(parent)
    menu.addAction("Rename", lambda: rename(marker.id))
    menu.addAction("Playhead here", lambda: session.seek(marker.time_s))
    menu.addSeparator()
    menu.addAction("Remove", lambda: session.edit("remove marker", lambda d: remove_marker(d, marker.id)))
    return menu


def _blend_menu(session: Session, clip: Clip | None, parent: QMenu) -> QMenu:
    menu = QMenu("Blend length", parent)
    menu.setEnabled(clip is not None and not clip.is_locked)
    for n_frames in BLENDS_FRAMES:
        words = "None" if not n_frames else f"{n_frames} frames ({n_frames / session.document.frame_rate_hz:.1f} s)"
        action = menu.addAction(words)
        action.setCheckable(True)
        action.setChecked(clip is not None and clip.blend_frames == n_frames)
        if clip is not None:
            action.triggered.connect(_blending(session, clip.id, n_frames))
    return menu


def _calling(run: Callable[[str], None], command: str) -> Callable[[], None]:
    return lambda: run(command)


def _blending(session: Session, clip_id: str, n_frames: int) -> Callable[[], None]:
    def blend() -> None:
        session.edit("set blend length", lambda d: set_blend(d, clip_id, n_frames))

    return blend
