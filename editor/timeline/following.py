"""How the picture follows the playhead. No Qt."""

from __future__ import annotations

from dataclasses import replace

from editor.timeline.geometry import TimeView

# A longer way than playing makes in one picture is a jump: it is shown wherever it leads.
JUMP_S = 0.4
_PAGE_LEAD = 0.06


def followed(view: TimeView, mode: str, before_s: float, after_s: float) -> TimeView:
    """The stretch to be shown when the playhead has moved.

    Args:
        mode: "page" turns the page when the playhead leaves the picture, "continuous" keeps the playhead in
            the middle, "fixed" never moves the picture. Where she has looked away from the playhead, the
            picture stays until the playhead comes into it, or jumps.
    """
    has_jumped = abs(after_s - before_s) > JUMP_S
    if mode == "fixed" or not (has_jumped or view.shows(before_s)):
        return view
    if mode == "continuous" and not has_jumped:
        return replace(view, start_s=after_s - 0.5 * view.span_s)
    if view.shows(after_s):
        return view
    return replace(view, start_s=after_s - _PAGE_LEAD * view.span_s)
