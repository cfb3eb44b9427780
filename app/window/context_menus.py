"""What a right click offers where there is no clip: rulers, lanes, a dancer's head, the stage. Rows of the commands."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QMenu, QWidget

from app.window.actions import Actions

# Place -> names of commands; None is a line.
PLACES: dict[str, tuple[str | None, ...]] = {
    "loop": ("loop", "loop_selection", "play_loop"),
    "ruler": (
        "marker", "marker_note", None, "select_bar", "select_eight", None, "loop_selection", "loop", None,
        "grid_one", "grid_bar_one", "beat_here", None, "zoom_fit", "zoom_selection", "grid_mode",
    ),
    "sections": ("section_rename", "section_here", "section_split", "section_merge", None, "zoom_fit"),
    "curve": ("select_bar", "select_eight", None, "marker", None, "reset_heard", None, "zoom_fit", "zoom_selection"),
    "markers": ("marker", "marker_note"),
    "lane": (
        "paste_clip", None, "select_bar", "select_eight", "select_all", None, "regenerate", "four_takes", None,
        "marker", "zoom_fit", "snapping",
    ),
    "dancer": ("duplicate_dancer", "canon_dancer", "remove_dancer", None, "add_dancer"),
    "stage": (
        "frame_selection", "follow_dancer", None, "view_front", "view_side", "view_top", "view_camera", None,
        "ghosts", "trails", "capsules", "mirror_view", None, "draw_path", None, "screenshot", "hide_ui", "full_screen",
    ),
}  # fmt: skip


def pop_up(
    place: str, at: QPoint, actions: Actions, inapplicable: Callable[[], frozenset[str]], parent: QWidget
) -> QMenu:
    """Open the menu of a place; it goes when it is closed.

    Args:
        place: A key of `PLACES`.
        at: On the screen.
        inapplicable: The commands that cannot be done now.
    """
    menu = QMenu(parent)
    for name in PLACES[place]:
        if name is None:
            menu.addSeparator()
        else:
            menu.addAction(actions.by_name[name])
    actions.grey_out(menu, inapplicable)
    menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    menu.popup(at)
    return menu
